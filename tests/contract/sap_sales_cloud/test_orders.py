"""Orders with their items, buyers and products; money; what people there did to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.connectors.lists import totals
from app.connectors.sap_sales_cloud.names import PLACEHOLDER
from app.domain import Charge, ChargeKind, Discount, Refund, Shipment
from app.domain.order import Stage
from tests.contract.salesforce.records import changed, customer, guest, line, order
from tests.contract.sap_sales_cloud.tenant import Tenant

D = Decimal
WRITE = "POST $batch"
AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def total(tenant: Tenant) -> Decimal:
    return D(totals(tenant.sap.sales())["totals"].get("GBP", 0))


def test_an_order_of_a_guest(tenant: Tenant) -> None:
    [outcome] = tenant.write(order())
    assert outcome.error is None and outcome.flags == ()
    assert tenant.calls() == [WRITE] * 3  # look up, the buyer and the product, the order
    there, person = tenant.row("CustomerOrder"), tenant.row("IndividualCustomer")
    assert (there["BuyerID"], there["Name"], there["BuyerPartyID"]) == ("s1-1001", "#1001", person["CustomerID"])
    assert (there["GrossAmount"], there["TaxAmount"]) == ("29.990000", "0.000000")
    assert there["EmployeeResponsiblePartyName"]
    items = tenant.items()
    assert {key: item["NetAmount"] for key, item in items.items()} == {
        "100100": "20.000000",
        "shipping": "4.990000",
        "tax": "5.000000",
    }
    assert items["100100"]["ProductID"] == "SKU-77" and items["100100"]["Quantity"] == "2.00000000000000"
    assert items["shipping"]["ProductID"] == "STORELINE-SHIPPING"
    assert totals(tenant.sap.sales()) == {"orders": 1, "totals": {"GBP": D("29.99")}}


def test_a_known_buyer_and_known_goods_cost_a_look_and_a_write(tenant: Tenant) -> None:
    tenant.write(order(1))
    tenant.calls()
    [outcome] = tenant.write(order(2))
    assert outcome.error is None and tenant.calls() == [WRITE] * 2
    assert len(tenant.rows("IndividualCustomer")) == 1 and len(tenant.rows("CustomerOrder")) == 2


def test_unknown_goods_are_made_in_the_call_of_the_order(tenant: Tenant) -> None:
    tenant.write(order(1))
    tenant.calls()
    [outcome] = tenant.write(order(2, line(5, variant=78)))
    assert outcome.error is None and tenant.calls() == [WRITE, WRITE]
    assert tenant.items(2)["5"]["ProductID"] == "SKU-78"


def test_many_share_a_look_up_and_two_writes(tenant: Tenant) -> None:
    everyone = [order(n, line(n, variant=n % 7), buyer=guest(f"g{n}@example.com")) for n in range(25)]
    outcomes = tenant.write(*everyone)
    assert {outcome.error for outcome in outcomes} == {None}
    assert tenant.calls() == [WRITE] * 3
    assert len(tenant.rows("CustomerOrder")) == len(tenant.rows("IndividualCustomer")) == 25
    again = [order(100 + n, line(n, variant=n % 7), buyer=guest(f"g{n % 25}@example.com")) for n in range(90)]
    assert {outcome.error for outcome in tenant.write(*again)} == {None}
    assert tenant.calls() == [WRITE] * 2
    assert totals(tenant.sap.sales()) == {"orders": 115, "totals": {"GBP": D("29.99") * 115}}


def test_repeated_and_retried_it_stays_one(tenant: Tenant) -> None:
    tenant.write(order())
    tenant.calls()
    tenant.write(order())
    assert tenant.calls() == [WRITE]  # read, nothing to change
    tenant.links.clear()
    [outcome] = tenant.write(order(), attempt=2)
    assert outcome.error is None
    assert (
        len(tenant.rows("CustomerOrder")) == len(tenant.rows("IndividualCustomer")) == len(tenant.rows("Product")) == 1
    )
    assert len(tenant.items()) == 3


def test_an_edit_touches_what_changed(tenant: Tenant) -> None:
    first = order(1001, line(1), line(2, variant=78))
    tenant.write(first)
    before = tenant.items()
    edited = changed(first, lines=(line(1, "30.00", 3), line(3, variant=79)))
    tenant.calls()
    [outcome] = tenant.write(edited)
    assert outcome.error is None and tenant.calls() == [WRITE, WRITE]
    after = tenant.items()
    assert set(after) == {"1", "3", "shipping", "tax"}
    assert after["1"]["ObjectID"] == before["1"]["ObjectID"] and after["1"]["NetAmount"] == "30.000000"
    assert total(tenant) == edited.total
    assert [sent["method"] for sent in outcome.sent if "Item" in sent["path"]] == ["DELETE", "PATCH", "POST"]


def test_every_amount_agrees_to_the_cent(tenant: Tenant) -> None:
    odd = order(
        1,
        line(1, "9.9999", 3),
        line(2, "0.07", 7, variant=78),
        charges=(Charge(ChargeKind.TAX, D("1.23")), Charge(ChargeKind.HANDLING, D("0.01"))),
        discounts=(Discount(D("3.33"), "SAVE"),),
        total=D("7.98"),
    )
    yen = order(2, line(3, "1000", 3), currency="JPY", charges=(), total=D("999"))
    outcomes = tenant.write(odd, yen)
    assert {outcome.error for outcome in outcomes} == {None}
    assert totals(tenant.sap.sales())["totals"] == {"GBP": D("7.98"), "JPY": D("999")}


def test_refunds_are_items_of_their_own(tenant: Tenant) -> None:
    first = order()
    tenant.write(first)
    refunded = replace(first, refunds=(Refund("7", D("5.00"), AT, "broken"),))
    [outcome] = tenant.write(refunded)
    assert outcome.error is None
    item = tenant.items()["refund-7"]
    assert item["NetAmount"] == "-5.000000" and item["Description"] == "Refund 7 of 2026-03-02 broken"
    assert tenant.row("CustomerOrder")["GrossAmount"] == "24.990000"
    assert total(tenant) == refunded.net
    assert sum(D(i["NetAmount"]) for key, i in tenant.items().items() if not key.startswith("refund")) == first.total
    tenant.write(replace(refunded, refunds=(*refunded.refunds, Refund("8", D("24.99"), AT))))
    assert total(tenant) == 0


def test_cancelled_and_deleted_orders_come_to_nothing(tenant: Tenant) -> None:
    first = order(1)
    tenant.write(first, order(2), order(3))
    tenant.write(replace(first, stage=Stage.CANCELLED, status="Cancelled"))
    assert tenant.row("CustomerOrder", BuyerID="s1-1")["CancellationReasonCode"]
    assert tenant.gone("order", "2").error is None
    assert tenant.row("CustomerOrder", BuyerID="s1-2")["Name"] == "#2 (deleted in the store)"
    assert totals(tenant.sap.sales()) == {"orders": 2, "totals": {"GBP": D("29.99")}}
    tenant.write(first)  # taken up again
    assert not tenant.row("CustomerOrder", BuyerID="s1-1")["CancellationReasonCode"]
    assert totals(tenant.sap.sales()) == {"orders": 2, "totals": {"GBP": D("29.99") * 2}}
    [outcome] = tenant.write(replace(order(3), is_deleted=True))
    assert outcome.error is None and totals(tenant.sap.sales())["orders"] == 1


def test_what_people_cancelled_there_stays_cancelled(tenant: Tenant) -> None:
    tenant.write(order(1))
    there = tenant.row("CustomerOrder")["ObjectID"]
    tenant.edit("CustomerOrder", there, CancellationReasonCode=tenant.facts["cancellation"])
    dearer = changed(order(1), lines=(line(100, "40.00"),))
    for _ in range(2):
        [outcome] = tenant.write(dearer)
        assert outcome.error is None and [flag.code for flag in outcome.flags] == ["CANCELLED_THERE"]
    assert tenant.row("CustomerOrder")["CancellationReasonCode"] and totals(tenant.sap.sales())["totals"] == {
        "GBP": D(0)
    }
    for stage in (Stage.CANCELLED, Stage.SALE):  # the store does the same and takes it back: not ours to clear
        [outcome] = tenant.write(replace(dearer, stage=stage))
    assert tenant.row("CustomerOrder")["CancellationReasonCode"] and outcome.flags[0].code == "CANCELLED_THERE"


@pytest.mark.parametrize("stage", [Stage.SALE, Stage.CANCELLED])
def test_what_we_cancelled_ourselves_is_taken_up_again(tenant: Tenant, stage: Stage) -> None:
    tenant.write(order(1, stage=stage))
    tenant.write(order(1, stage=Stage.CANCELLED, status="Cancelled"))
    tenant.write(order(1, stage=Stage.CANCELLED, status="Cancelled", status_id=5), attempt=2)
    assert tenant.row("CustomerOrder")["CancellationReasonCode"]
    [outcome] = tenant.write(order(1))
    assert not tenant.row("CustomerOrder")["CancellationReasonCode"] and outcome.flags == ()
    assert tenant.gone("order", "1").error is None
    assert tenant.row("CustomerOrder")["CancellationReasonCode"]


def test_an_order_that_is_gone_and_comes_back(tenant: Tenant) -> None:
    tenant.write(order(1), order(2))
    tenant.edit("CustomerOrder", tenant.row("CustomerOrder", BuyerID="s1-2")["ObjectID"], CancellationReasonCode="02")
    tenant.write(replace(order(1), is_deleted=True), replace(order(2), is_deleted=True))
    tenant.write(order(1), order(2))
    rows = {row["BuyerID"]: (row["Name"], row["CancellationReasonCode"]) for row in tenant.rows("CustomerOrder")}
    assert rows == {"s1-1": ("#1", ""), "s1-2": ("#2", "02")}


def test_a_bad_product_does_not_lose_the_order(tenant: Tenant) -> None:
    long = replace(line(1), sku="x" * 60)
    odd = replace(line(2, variant=78), sku="A*B'C")
    [outcome] = tenant.write(order(1, long, odd))
    assert outcome.error is None and outcome.flags == ()
    assert {row["ProductID"] for row in tenant.rows("Product")} == {"s1-77", "s1-78"}
    there = tenant.make("Product", ProductID="SKU-90", Description="Obsolete", Language="EN", BaseUOM="EA", Status="4")
    [outcome] = tenant.write(order(2, line(1), line(2, variant=90)))
    assert outcome.error is None and there["ProductID"] == "SKU-90"
    if outcome.flags:
        assert [flag.code for flag in outcome.flags] == ["PLACEHOLDER_LINE"]
        assert tenant.items(2)["2"]["ProductID"] == PLACEHOLDER
    assert total(tenant) == order(1, long, odd).total + order(2, line(1), line(2, variant=90)).total


def test_custom_lines_and_long_names(tenant: Tenant) -> None:
    custom = replace(
        line(1), variant_id="", product_id="", name="An item with a name that is far longer than SAP's forty"
    )
    [outcome] = tenant.write(order(1, custom))
    assert outcome.error is None and outcome.flags == ()
    item = tenant.items(1)["1"]
    assert item["ProductID"] == PLACEHOLDER and len(item["Description"]) <= 40


def test_an_order_deleted_there_is_not_made_again(tenant: Tenant) -> None:
    tenant.write(order())
    tenant.api("DELETE", f"CustomerOrderCollection('{tenant.row('CustomerOrder')['ObjectID']}')")
    [outcome] = tenant.write(order(status="Shipped"))
    assert outcome.error is None and outcome.gone == {("order", "1001")}
    assert [flag.code for flag in outcome.flags] == ["DELETED_THERE"] and tenant.rows("CustomerOrder") == []
    [outcome] = tenant.write(order(status="Shipped"), gone=frozenset(outcome.gone))
    assert outcome.error is None and tenant.rows("CustomerOrder") == []


def test_items_that_people_added_stay(tenant: Tenant) -> None:
    tenant.write(order())
    there = tenant.row("CustomerOrder")["ObjectID"]
    tenant.make("CustomerOrderItem", ParentObjectID=there, Description="Gift", Quantity="1", ProductID="SKU-77")
    tenant.write(changed(order(), lines=(line(100100, "40.00", 2),)))
    assert "" in tenant.items() and tenant.items()["100100"]["NetAmount"] == "40.000000"


def test_fields_of_key_users_are_filled(bare: Tenant) -> None:
    for name in ("BCStatus", "BCTrackingNumber", "BCCarrier", "BCNet", "BCRefunded"):
        bare.control("fields", entity="CustomerOrder", name=name)
    preparation = bare.connect()
    assert not any("BCStatus" in words for words in preparation.advice)
    shipped = order(shipments=(Shipment("1", AT, "1Z9", carrier="UPS"),), refunds=(Refund("7", D("5.00"), AT),))
    [outcome] = bare.write(shipped)
    assert outcome.error is None
    there = bare.row("CustomerOrder")
    assert (there["BCStatus_KUT"], there["BCTrackingNumber_KUT"], there["BCCarrier_KUT"]) == (
        "Awaiting Fulfillment", "1Z9", "UPS",
    )  # fmt: skip
    assert (there["BCNet_KUT"], there["BCRefunded_KUT"]) == ("24.99", "5.00")


def test_a_tenant_that_prices_itself_keeps_the_net_in_a_field(bare: Tenant) -> None:
    bare.control("fields", entity="CustomerOrder", name="BCNet")
    bare.control("settings", order_pricing="tenant")
    bare.connect()
    [outcome] = bare.write(order())
    assert outcome.error is None and [flag.code for flag in outcome.flags] == ["TENANT_PRICES"]
    assert total(bare) == D("29.99")


def test_a_registered_buyer_is_created_but_not_overwritten(tenant: Tenant) -> None:
    tenant.write(customer(first_name="Janet"))
    tenant.write(order(buyer=replace(customer(first_name="J."), complete=False)))
    assert tenant.row("IndividualCustomer")["FirstName"] == "Janet"


def test_a_tenant_without_negative_items_shows_the_net_in_the_lines(tenant: Tenant) -> None:
    tenant.control("settings", negative_prices=False)
    refunded = order(refunds=(Refund("7", D("5.00"), AT),))
    [outcome] = tenant.write(refunded)
    assert outcome.error is None and total(tenant) == D("24.99")
    assert tenant.row("CustomerOrder")["Name"] == "#1001 (29.99 GBP before refunds of 5.00)"
    tenant.write(replace(refunded, refunds=()))
    assert total(tenant) == D("29.99") and tenant.row("CustomerOrder")["Name"] == "#1001"


def test_a_tenant_without_reasons_says_cancelled_in_the_name(tenant: Tenant) -> None:
    tenant.facts["cancellation"] = ""
    tenant.open()
    tenant.write(order())
    tenant.write(order(stage=Stage.CANCELLED))
    assert tenant.row("CustomerOrder")["Name"] == "#1001 (cancelled)"
    assert totals(tenant.sap.sales()) == {"orders": 1, "totals": {"GBP": D(0)}}
    tenant.write(order())
    assert tenant.row("CustomerOrder")["Name"] == "#1001" and total(tenant) == D("29.99")


def test_a_sales_area_is_set_where_the_tenant_wants_one(bare: Tenant) -> None:
    bare.area = "US1100/01/01"
    bare.control("settings", sales_area_check=True)
    assert bare.connect().missing == ()
    [outcome] = bare.write(order())
    assert outcome.error is None and outcome.flags == ()
    there = bare.row("CustomerOrder")
    assert (there["SalesOrganisationID"], there["DistributionChannelCode"]) == ("US1100", "01")
    assert {row["ProductID"] for row in bare.items().values()} == {"SKU-77", "STORELINE-SHIPPING", "STORELINE-TAX"}


def test_what_has_no_property_is_in_the_note(tenant: Tenant) -> None:
    tenant.write(order(customer_message="Ring twice", payment_method="Card", discounts=(Discount(D(1), "SAVE"),)))
    assert tenant.row("CustomerOrderTextCollection")["Text"].splitlines() == [
        "Ship to: Jane, Doe, 1 High Street, London, Greater London, N1 1AA, United Kingdom",
        "Payment: Card",
        "Coupons: SAVE",
        "Message: Ring twice",
    ]
