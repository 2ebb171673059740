"""Orders: opportunities whose amount is the net, in both modes; quotes, activities, messages."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from app.connectors.lists import totals
from app.domain import Charge, ChargeKind
from app.domain.order import Stage
from tests.contract.sugarcrm.conftest import MakeInstance
from tests.contract.sugarcrm.instance import Instance
from tests.contract.sugarcrm.records import (
    buyer,
    cancelled,
    changed,
    line,
    message,
    order,
    product,
    refund,
    shipment,
)

D = Decimal


def net(sugar: Instance) -> dict[str, Decimal]:
    sums = totals(sugar.crm.sales())["totals"]
    assert isinstance(sums, dict)
    return sums


def test_an_order_with_its_lines(sugar: Instance) -> None:
    sugar.good(order(1, line(5, "20.00"), line(6, "0.10", 3, 78)))
    deal = sugar.row("Opportunities")
    assert (deal["name"], D(deal["amount"]), deal["sales_stage"]) == ("Order 1", D("30.09"), "Closed Won")
    assert (deal["date_closed"], deal["currency_id"], deal["sync_key"]) == ("2026-03-01", "currency_gbp", "s1-1")
    rows = {row["sync_key"]: row for row in sugar.rows("RevenueLineItems")}
    assert sum(D(row["likely_case"]) for row in rows.values()) == D("30.09")
    assert (rows["s1-1-5"]["quantity"], D(rows["s1-1-5"]["discount_price"])) == ("2.000000", D("10"))
    assert rows["s1-1-5"]["description"] == "SKU-77" and rows["s1-1-5"]["sales_stage"] == "Closed Won"
    [contact] = sugar.api("GET", f"/Opportunities/{deal['id']}/link/contacts")["records"]
    assert contact["id"] == sugar.row("Contacts")["id"]
    assert totals(sugar.crm.sales()) == {"orders": 1, "totals": {"GBP": D("30.09")}}


def test_an_edit_changes_adds_and_removes_lines_by_key(sugar: Instance) -> None:
    first = order(1, line(5), line(6, variant=78))
    sugar.good(first)
    kept = sugar.row("RevenueLineItems", sync_key="s1-1-5")["id"]
    sugar.good(changed(first, lines=(line(5, "40.00", 4), line(7, "1.00", 1, 79))))
    rows = {row["sync_key"]: row for row in sugar.rows("RevenueLineItems")}
    assert set(rows) == {"s1-1-5", "s1-1-7", "s1-1-shipping", "s1-1-tax"}
    assert rows["s1-1-5"]["id"] == kept and D(rows["s1-1-5"]["likely_case"]) == D("40")
    assert net(sugar) == {"GBP": D("50.99")}
    # a line that goes and comes again
    sugar.good(first)
    assert net(sugar) == {"GBP": first.total} and len(sugar.rows("RevenueLineItems")) == 4


def test_only_what_changed_is_written(sugar: Instance) -> None:
    sugar.good(order(1, line(5), line(6, variant=78)))
    before = {row["id"]: row["date_modified"] for row in sugar.rows("RevenueLineItems")}
    sugar.control("clock", advance_seconds=60)
    sugar.calls()
    sugar.good(order(1, line(5), line(6, "30.00", variant=78)))
    assert sugar.calls() == ["POST bulk"]
    touched = [row["sync_key"] for row in sugar.rows("RevenueLineItems") if row["date_modified"] != before[row["id"]]]
    assert touched == ["s1-1-6"]


def test_an_opportunity_that_people_moved_stays_where_it_is(sugar: Instance) -> None:
    sugar.good(order(1))
    deal, other = sugar.row("Opportunities")["id"], sugar.make("Accounts", name="Head Office")
    sugar.api("PUT", f"/Opportunities/{deal}", {"account_id": other})
    sugar.good(order(1, status="Shipped"))
    assert sugar.row("Opportunities")["account_id"] == other


def test_refunds_are_negative_lines_and_gross_stays_visible(special: MakeInstance) -> None:
    sugar = special(fields=True)
    sugar.good(order(1, refunds=(refund(1, "5.00"),)))
    sugar.good(order(1, refunds=(refund(1, "5.00"), refund(2, "2.50"))))
    deal = sugar.row("Opportunities")
    assert (D(deal["amount"]), D(deal["bc_gross_c"]), D(deal["bc_refunded_c"])) == (D("22.49"), D("29.99"), D("7.50"))
    refunds = [row for row in sugar.rows("RevenueLineItems") if row["name"].startswith("Refund")]
    assert sorted(D(row["likely_case"]) for row in refunds) == [D("-5"), D("-2.5")]
    assert net(sugar) == {"GBP": D("22.49")}


def test_without_fields_gross_and_refunded_are_in_the_description(sugar: Instance) -> None:
    sugar.good(order(1, refunds=(refund(1, "5.00"),)))
    words = sugar.row("Opportunities")["description"]
    assert "Order total 29.99 GBP, refunded 5.00 GBP, net 24.99 GBP." in words


def test_fields_that_exist_are_used(special: MakeInstance) -> None:
    sugar = special(fields=True)
    sugar.good(order(1, shipments=(shipment(),), channel="Main", payment_method="Card", store_currency="USD"))
    deal = sugar.row("Opportunities")
    found = {name: deal[name] for name in deal if name.startswith("bc_")}
    assert found["bc_status_c"] == "Awaiting Fulfillment" and found["bc_tracking_c"] == "TRACK1"
    assert (found["bc_carrier_c"], found["bc_channel_c"], found["bc_payment_c"]) == ("Royal Mail", "Main", "Card")
    assert found["bc_placed_at_c"].startswith("2026-03-01T23:30:00") and found["bc_order_id_c"] == "1"
    # what people write into the description stays theirs
    sugar.api("PUT", f"/Opportunities/{deal['id']}", {"description": "Called her."})
    sugar.good(order(1, status="Shipped"))
    assert sugar.row("Opportunities")["description"] == "Called her."


def test_stages_follow_the_order(sugar: Instance) -> None:
    first = order(1, stage=Stage.PENDING, status="Pending")
    sugar.good(first)
    assert sugar.row("Opportunities")["sales_status"] == "In Progress" and net(sugar) == {"GBP": D("29.99")}
    sugar.good(replace(first, stage=Stage.SALE, status="Shipped"))
    assert sugar.row("Opportunities")["sales_status"] == "Closed Won"
    sugar.good(cancelled(first))
    assert sugar.row("Opportunities")["sales_status"] == "Closed Lost" and net(sugar) == {"GBP": D("0")}
    sugar.good(first)
    assert net(sugar) == {"GBP": D("29.99")}


def test_an_order_that_is_gone_is_lost(special: MakeInstance) -> None:
    sugar = special(fields=True, options=("quotes",))
    sugar.good(order(1), order(2))
    assert sugar.archive("order", "1").error is None
    sugar.good(replace(order(2), is_deleted=True))
    assert {row["sales_status"] for row in sugar.rows("Opportunities")} == {"Closed Lost"}
    assert {row["bc_status_c"] for row in sugar.rows("Opportunities")} == {"Archived"}
    assert {row["quote_stage"] for row in sugar.rows("Quotes")} == {"Closed Lost"}
    assert net(sugar) == {"GBP": D("0")}


def test_opportunities_without_line_items(special: MakeInstance) -> None:
    sugar = special(opps_view_by="Opportunities")
    first = order(1, line(5, "20.00"), refunds=(refund(1, "5.00"),))
    sugar.good(first)
    deal = sugar.row("Opportunities")
    assert (D(deal["amount"]), deal["sales_stage"], deal["date_closed"]) == (D("24.99"), "Closed Won", "2026-03-01")
    assert "2 x Thing 77: 20.00" in deal["description"]
    sugar.good(cancelled(first), order(2, stage=Stage.PENDING))
    assert {row["name"]: row["sales_stage"] for row in sugar.rows("Opportunities")} == {
        "Order 1": "Closed Lost", "Order 2": "Proposal/Price Quote",
    }  # fmt: skip
    assert net(sugar) == {"GBP": D("29.99")}
    sugar.archive("order", "2")
    assert net(sugar) == {"GBP": D("0")}


def test_currencies_by_their_iso_code(sugar: Instance) -> None:
    sugar.good(order(1, currency="USD"), order(2, currency="EUR"), order(3))
    assert net(sugar) == {"USD": D("29.99"), "EUR": D("29.99"), "GBP": D("29.99")}
    [bad, good] = sugar.write(order(4, currency="JPY"), order(5))
    assert bad.error is not None and bad.error.code == "CURRENCY_MISSING" and "JPY" in bad.error.message
    assert good.error is None


def test_hard_amounts_agree_to_the_cent(sugar: Instance) -> None:
    hard = [
        order(1, line(5, "10.00", 3), charges=(Charge(ChargeKind.TAX, D("0.01")),)),
        order(2, line(5, "99.99", 7, discount=D("33.33")), total=D("61.66"), charges=()),
        order(3, line(5, "0.00", 1), charges=(), total=D("0.00")),
        order(4, *(line(n, f"{n}.37", n, n) for n in range(1, 21))),
        order(5, line(5, "100.00", 1), total=D("110.00"), charges=()),
    ]
    sugar.good(*hard)
    there = {row["name"]: D(row["amount"]) for row in sugar.rows("Opportunities")}
    assert there == {f"Order {one.id}": one.total for one in hard}


def test_lines_refer_to_the_products_that_are_there(sugar: Instance) -> None:
    sugar.good(product(7, 77))
    template = sugar.row("ProductTemplates")["id"]
    sugar.good(order(1, line(5), line(6, variant=78)))
    rows = {row["sync_key"]: row["product_template_id"] for row in sugar.rows("RevenueLineItems")}
    assert (rows["s1-1-5"], rows["s1-1-6"]) == (template, "")
    assert net(sugar) == {"GBP": D("49.99")}


def test_a_quote_beside_the_opportunity(special: MakeInstance) -> None:
    sugar = special(options=("quotes",))
    first = order(1, line(5), refunds=(refund(),))
    sugar.good(first)
    quote = sugar.row("Quotes")
    assert (quote["name"], D(quote["total"]), quote["quote_stage"]) == ("Order 1", D("24.99"), "Closed Accepted")
    assert quote["opportunity_id"] == sugar.row("Opportunities")["id"]
    assert quote["billing_account_id"] == sugar.row("Accounts")["id"]
    sugar.good(changed(first, lines=(line(5, "30.00"),)))
    assert D(sugar.row("Quotes")["total"]) == D("34.99") and len(sugar.rows("ProductBundles")) == 1
    sugar.links.clear()
    sugar.good(changed(first, lines=(line(5, "31.00"),)), attempt=2)
    assert D(sugar.row("Quotes")["total"]) == D("35.99") and len(sugar.rows("ProductBundles")) == 1


def test_activities_once_each(special: MakeInstance) -> None:
    sugar = special(options=("activities",))
    sugar.good(order(1))
    assert sorted(row["name"] for row in sugar.rows("Tasks")) == ["Order 1 placed", "Order 1: Awaiting Fulfillment"]
    shipped = order(1, status="Shipped", status_id=2, refunds=(refund(),), shipments=(shipment(),))
    sugar.calls()
    sugar.good(shipped)
    assert sugar.calls() == ["POST bulk"]
    sugar.good(shipped)
    sugar.links.clear()
    sugar.good(shipped, attempt=2)
    tasks = sugar.rows("Tasks")
    assert len(tasks) == 5 and {row["status"] for row in tasks} == {"Completed"}
    assert {row["parent_id"] for row in tasks} == {sugar.row("Opportunities")["id"]}
    assert {row["contact_id"] for row in tasks} == {sugar.row("Contacts")["id"]}


def test_messages_once_each(sugar: Instance) -> None:
    sugar.good(order(1001, buyer=buyer()))
    sugar.good(message(1), message(2))
    sugar.good(message(1))
    sugar.links = {key: place for key, place in sugar.links.items() if key[0] != "message"}
    sugar.good(message(1), attempt=2)
    notes = sugar.rows("Notes")
    assert len(notes) == 2 and {row["name"] for row in notes} == {"Where is it?"}
    assert {(row["parent_type"], row["parent_id"]) for row in notes} == {
        ("Opportunities", sugar.row("Opportunities")["id"])
    }
