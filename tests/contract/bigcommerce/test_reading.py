"""Orders, customers and products read from the stand-in, and what that costs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.config import Settings
from app.connectors.access import Account
from app.connectors.bigcommerce.connector import BigCommerce
from app.domain import ChargeKind, Customer, Order, Product
from app.domain.order import Stage
from app.errors import Reauthorize, Retryable, Unsupported
from tests.contract.bigcommerce.conftest import ADDRESS, STORE, Shop, order_of

ZERO = Decimal(0)


def adjustment(order: Order) -> Decimal:
    assert sum((line.amount for line in order.settled()), ZERO) == order.total
    return sum((line.amount for line in order.settled() if line.charge == ChargeKind.ADJUSTMENT), ZERO)


def test_a_lone_order_costs_two_reads(shop: Shop, source: BigCommerce) -> None:
    number = shop.place(
        products=[
            {"product_id": 1, "quantity": 2},
            {"name": "Engraving", "quantity": 1, "price_ex_tax": "5.00", "price_inc_tax": "6.00"},
        ],
        customer_id=1, status_id=11, base_shipping_cost="4.95", base_handling_cost="1.00", discount_amount="2.00",
        fees=[{"display_name_customer": "Insurance", "cost_ex_tax": "1.50", "cost_inc_tax": "1.80"}],
        date_created="Wed, 01 Dec 2010 08:26:00 +0000", default_currency_code="USD", customer_message="Ring twice",
    )  # fmt: skip
    row = shop.call("GET", f"/v2/orders/{number}")
    order = order_of(source, number)
    assert source.calls == 2
    assert order.total == Decimal(row["total_inc_tax"])
    assert (order.placed_at, order.currency) == (datetime(2010, 12, 1, 8, 26, tzinfo=UTC), "USD")
    assert (order.buyer.id, order.stage, order.customer_message) == ("1", Stage.SALE, "Ring twice")
    assert [line.quantity for line in order.lines] == [2, 1]
    assert [bool(line.product_id) for line in order.lines] == [True, False]
    assert order.charged(ChargeKind.SHIPPING) == Decimal("4.95")
    assert order.charged(ChargeKind.FEE) == Decimal("1.50")
    assert order.discount == Decimal("2.00")
    assert abs(adjustment(order)) < Decimal("0.03")


LINES = [
    {"name": "A", "quantity": 1, "price_ex_tax": "20.00", "price_inc_tax": "24.00"},
    {"name": "B", "quantity": 1, "price_ex_tax": "30.00", "price_inc_tax": "36.00"},
]
COUPONS: dict[str, list[dict[str, Any]]] = {
    "none": [],
    "one": [{"code": "SPRING", "type": 2, "amount": 5, "discount": 5}],
    "shipping": [{"code": "FREESHIP", "type": 4, "amount": 4.5, "discount": 4.5}],
    "two": [
        {"code": "SPRING", "type": 2, "amount": 5, "discount": 5},
        {"code": "VIP", "type": 1, "amount": 10, "discount": 4.5},
    ],
}


@pytest.mark.parametrize("coupons", COUPONS.values(), ids=COUPONS.keys())
@pytest.mark.parametrize("manual", ["0", "3.00"])
@pytest.mark.parametrize("costs", [{}, {"base_shipping_cost": "4.50", "base_wrapping_cost": "2.00"}])
def test_every_mix_of_discounts_agrees_with_the_store(
    shop: Shop, source: BigCommerce, coupons: list[dict[str, Any]], manual: str, costs: dict[str, str]
) -> None:
    number = shop.check_out(products=LINES, coupons=coupons, discount_amount=manual, **costs)
    row = shop.call("GET", f"/v2/orders/{number}")
    order = order_of(source, number)
    assert order.total == Decimal(row["total_inc_tax"])
    assert order.discount == Decimal(row["coupon_discount"]) + Decimal(row["discount_amount"])
    assert adjustment(order) == ZERO
    assert set(order.coupon_codes) == {coupon["code"] for coupon in coupons} - {"FREESHIP"}


def test_refunds_are_read_and_the_net_agrees(shop: Shop, source: BigCommerce) -> None:
    number = shop.place(products=LINES)
    line = shop.call("GET", f"/v2/orders/{number}/products")[0]["id"]
    body: dict[str, Any] = {"items": [{"item_type": "PRODUCT", "item_id": line, "quantity": 1, "reason": "broken"}]}
    quote = shop.call("POST", f"/v3/orders/{number}/payment_actions/refund_quotes", body)["data"]
    made = shop.call(
        "POST",
        f"/v3/orders/{number}/payment_actions/refunds",
        body | {"payments": quote["refund_methods"][0]},
    )["data"]
    order = order_of(source, number)
    assert [refund.amount for refund in order.refunds] == [Decimal(str(made["total_amount"]))]
    assert order.refunds[0].reason == "broken"
    assert order.net == order.total - Decimal(str(made["total_amount"]))
    assert order.lines[0].quantity_refunded == 1


def test_a_guest_is_known_by_email(shop: Shop, source: BigCommerce) -> None:
    buyer = order_of(source, shop.place()).buyer
    assert (buyer.id, buyer.billing.city) == ("guest:jane@example.com", "Leeds")


def test_neighbouring_orders_come_in_one_list(shop: Shop, source: BigCommerce) -> None:
    ids = [str(shop.place()) for _ in range(25)]
    found = source.fetch_many("order", ids)
    assert list(found) == ids
    assert all(isinstance(order, Order) and order.lines for order in found.values())
    assert source.calls <= 5
    assert source.calls == 2


def test_scattered_orders_are_found_among_what_changed_last(shop: Shop, source: BigCommerce) -> None:
    began = datetime.now(UTC)
    ids = []
    for _ in range(25):
        ids.append(str(shop.place()))
        shop.skip_ids(300)
    found = source.fetch_many("order", ids, changed_since=began)
    assert all(found.values())
    assert source.calls <= 0.2 * len(ids)


def test_scattered_orders_without_a_time_still_all_come(shop: Shop, source: BigCommerce) -> None:
    ids = []
    for gap in (0, 10, 300, 0, 600):
        shop.skip_ids(gap)
        ids.append(str(shop.place()))
    found = source.fetch_many("order", ids)
    assert all(found.values())
    assert source.calls == 4  # a window, a window, a single one, the refunds


def test_orders_that_changed_before_the_given_time_still_all_come(shop: Shop, source: BigCommerce) -> None:
    ids = []
    for _ in range(3):
        ids.append(str(shop.place()))
        shop.skip_ids(300)
    found = source.fetch_many("order", ids, changed_since=datetime.now(UTC) + timedelta(hours=1))
    assert all(found.values())


def test_archived_orders_are_marked_and_missing_ones_are_gone(shop: Shop, source: BigCommerce) -> None:
    ids = [shop.place() for _ in range(3)]
    shop.call("DELETE", f"/v2/orders/{ids[1]}")
    found = source.fetch_many("order", [*map(str, ids), "999999"])
    first, archived = found[str(ids[0])], found[str(ids[1])]
    assert isinstance(first, Order)
    assert isinstance(archived, Order)
    assert (first.is_deleted, archived.is_deleted) == (False, True)
    assert found["999999"] is None


def test_many_orders_ask_for_refunds_in_addresses_of_bearable_length(shop: Shop, source: BigCommerce) -> None:
    ids = [str(shop.place()) for _ in range(260)]
    found = source.fetch_many("order", ids)
    assert all(found.values())
    assert source.calls == 4  # 250 + 10 orders, 250 + 10 refunds
    longest = max(len(call["query"]) for call in shop.sandbox("GET", "/calls")["calls"])
    assert longest < 2_000


def test_customers_with_their_addresses(shop: Shop, source: BigCommerce) -> None:
    rows = shop.call("GET", "/v3/customers?include=addresses&limit=250")["data"]
    found = source.fetch_many("customer", [str(row["id"]) for row in rows] + ["999999"])
    assert source.calls == 1
    assert found.pop("999999") is None
    for row in rows:
        customer = found[str(row["id"])]
        assert isinstance(customer, Customer)
        assert (customer.email, customer.complete) == (row["email"], True)
        assert customer.billing.street_1 == (row["addresses"][0]["address1"] if row["addresses"] else "")
        assert customer.created_at is not None


def test_products_with_their_variants(shop: Shop, source: BigCommerce) -> None:
    made = shop.call(
        "POST",
        "/v3/catalog/products",
        {
            "name": "Mug", "type": "physical", "weight": 1, "price": 9.5, "sku": "MUG",
            "description": "<p>Tea &amp; more</p>",
            "variants": [
                {"sku": "MUG-R", "option_values": [{"option_display_name": "Colour", "label": "Red"}]},
                {"sku": "MUG-B", "price": 11, "option_values": [{"option_display_name": "Colour", "label": "Blue"}]},
            ],
        },
    )["data"]  # fmt: skip
    found = source.fetch_many("product", ["1", str(made["id"]), "999999"])
    assert source.calls == 2  # the categories are read once
    assert found["999999"] is None
    simple, mug = found["1"], found[str(made["id"])]
    assert isinstance(simple, Product)
    assert isinstance(mug, Product)
    assert [variant.name for variant in simple.variants] == [simple.name]
    assert [(v.name, v.sku, v.price, v.currency) for v in mug.variants] == [
        ("Mug - Red", "MUG-R", Decimal("9.5"), "GBP"),
        ("Mug - Blue", "MUG-B", Decimal("11"), "GBP"),
    ]
    assert mug.variants[0].description == "Tea & more"
    assert mug.variants[0].url.startswith("https://shop.example/")


def test_what_the_store_says_of_itself(shop: Shop, source: BigCommerce) -> None:
    row = shop.call("GET", "/v2/store")
    info = source.store_info()
    assert (info.name, info.currency) == (row["name"], row["currency"])
    assert (info.timezone, info.control_panel_url) == (row["timezone"]["name"], row["control_panel_base_url"])
    assert source.quota is not None
    assert source.quota.left > 0


def test_other_kinds_are_not_asked_for(source: BigCommerce) -> None:
    with pytest.raises(Unsupported):
        source.fetch_many("coupon", ["1"])
    assert source.fetch_many("order", []) == {}
    assert source.calls == 0


def test_a_token_that_died(shop: Shop, settings: Settings) -> None:
    dead = BigCommerce(settings, Account("no-such-token", STORE, store=STORE))
    with pytest.raises(Reauthorize):
        dead.fetch_many("order", ["1"])


def test_being_throttled_says_when_to_come_back(shop: Shop, source: BigCommerce) -> None:
    number = shop.place()
    shop.sandbox("POST", "/fail", {"status": 429, "match": "/orders", "headers": {"X-Retry-After": "7"}})
    before = datetime.now(UTC)
    with pytest.raises(Retryable) as throttled:
        source.fetch_many("order", [str(number)])
    assert throttled.value.retry_after is not None
    assert timedelta(seconds=6) < throttled.value.retry_after - before < timedelta(seconds=9)
    assert order_of(source, number).id == str(number)


def test_an_order_of_many_lines(shop: Shop, source: BigCommerce) -> None:
    lines = [{"name": f"Thing {n}", "quantity": 2, "price_ex_tax": "1.00", "price_inc_tax": "1.20"} for n in range(300)]
    order = order_of(source, shop.place(products=lines, billing_address=ADDRESS))
    assert len(order.lines) == 300
    assert order.total == Decimal("720.00")
    assert source.calls == 2


def test_parcels_of_orders_before_a_date_are_not_asked_for(shop: Shop, source: BigCommerce) -> None:
    days = ("Wed, 01 Dec 2010 08:26:00 +0000", "Sat, 01 Dec 2012 08:26:00 +0000")
    old, young = (shop.place(status_id=2, date_created=day) for day in days)
    since = datetime(2011, 1, 1, tzinfo=UTC)
    found = source.fetch_many("order", [str(old), str(young)], parcels_since=since)
    orders = [found[str(number)] for number in (old, young)]
    assert [order.parcels_known for order in orders if isinstance(order, Order)] == [False, True]
    assert source.calls == 3  # a list, the refunds, the younger one's parcels
    assert order_of(source, old).parcels_known
