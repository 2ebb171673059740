"""Names, prices and stock changed in the store, and what that costs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.connectors.base import Edit
from app.connectors.bigcommerce.connector import BigCommerce
from app.domain import Product
from app.errors import Misconfigured, NotFound, Rejected
from tests.contract.bigcommerce.conftest import Shop

PRODUCTS, VARIANTS = "/v3/catalog/products", "/v3/catalog/variants"
STOCK = "/v3/inventory/adjustments/absolute"


@pytest.fixture(autouse=True)
def prompt(shop: Shop) -> None:
    """Stock adjustments take effect at once."""
    shop.sandbox("POST", "/settings", {"stock_delay_s": 0})


def product(source: BigCommerce, number: int) -> Product:
    found = source.fetch_many("product", [str(number)])[str(number)]
    assert isinstance(found, Product)
    return found


def edit(record: Product, *values: dict[str, str]) -> Edit:
    """An edit of the first variants of a product."""
    keys = (("variant", variant.id) for variant in record.variants)
    return Edit("product", record.id, dict(zip(keys, values, strict=False)), record)


def mug(shop: Shop, **more: Any) -> int:
    """A product of three colours, one of them at a price of its own."""
    colours: list[dict[str, Any]] = [
        {
            "sku": f"MUG-{label}",
            "inventory_level": 5,
            "option_values": [{"option_display_name": "Colour", "label": label}],
        }
        for label in ("Red", "Blue", "Green")
    ]
    colours[1]["price"] = 11
    body = {"name": "Mug", "type": "physical", "weight": 1, "price": 9.5, "inventory_tracking": "variant"}
    return int(shop.call("POST", PRODUCTS, {**body, "variants": colours, **more})["data"]["id"])


def test_a_simple_product_costs_a_read_and_a_write(shop: Shop, source: BigCommerce) -> None:
    record = product(source, 1)
    shop.forget_calls()
    before = source.calls
    [answer] = source.update_many([edit(record, {"name": "Tea Caddy", "price": "9.99", "stock": "100"})])
    assert (answer.error, source.calls - before) == (None, 2)
    assert shop.writes() == [("PUT", PRODUCTS)]
    after = product(source, 1)
    assert (after.name, after.variants[0].name, after.variants[0].price) == ("Tea Caddy", "Tea Caddy", Decimal("9.99"))
    row = shop.call("GET", f"{PRODUCTS}/1?include=variants")["data"]
    assert (row["price"], row["variants"][0]["price"]) == (9.99, None)  # it goes on having its product's


def test_what_is_equal_is_not_written(shop: Shop, source: BigCommerce) -> None:
    record = product(source, 1)
    shop.forget_calls()
    own = record.variants[0]
    [answer] = source.update_many([edit(record, {"name": own.name, "price": f"{own.price}0", "stock": "100"})])
    assert (answer.error, answer.sent, shop.writes()) == (None, None, [])


def test_variants_keep_their_own_prices_and_share_the_name(shop: Shop, source: BigCommerce) -> None:
    record = product(source, mug(shop))
    shop.forget_calls()
    values = ({"name": "Cup - Red", "price": "8.00"}, {"price": "9.50"}, {"name": "Mug - Green"})
    [answer] = source.update_many([edit(record, *values)])
    assert answer.error is None
    assert shop.writes() == [("PUT", PRODUCTS), ("PUT", VARIANTS)]
    after = product(source, int(record.id))
    assert [(variant.name, variant.price) for variant in after.variants] == [
        ("Cup - Red", Decimal("8.0")), ("Cup - Blue", Decimal("9.5")), ("Cup - Green", Decimal("9.5")),
    ]  # fmt: skip
    rows = shop.call("GET", f"{PRODUCTS}/{record.id}/variants")["data"]
    assert [row["price"] for row in rows] == [8.0, None, None]  # the second has the product's price again


def test_names_that_do_not_fit_together_change_nothing(shop: Shop, source: BigCommerce) -> None:
    record = product(source, mug(shop))
    shop.forget_calls()
    for values in (({"name": "Cup - Red"}, {"name": "Pot - Blue"}), ({"name": "Red Cup", "price": "1"},)):
        [answer] = source.update_many([edit(record, *values)])
        assert isinstance(answer.error, Rejected)
        assert answer.error.code == "BC_NAME"
    assert shop.writes() == []


def test_stock_is_set_by_what_it_is_counted_by_all_in_one_call(shop: Shop, source: BigCommerce) -> None:
    simple, cups = product(source, 1), product(source, mug(shop))
    shop.forget_calls()
    before = source.calls
    answers = source.update_many([edit(simple, {"stock": "42"}), edit(cups, {"stock": "7.0"}, {"stock": "0"})])
    assert [answer.error for answer in answers] == [None, None]
    assert shop.writes() == [("PUT", STOCK)]
    assert source.calls - before == 4  # products, what lies where, the default location, the adjustment
    assert [variant.stock for variant in product(source, 1).variants] == [42]
    assert [variant.stock for variant in product(source, int(cups.id)).variants] == [7, 0, 5]
    source.update_many([edit(product(source, 1), {"stock": "41"})])
    assert [variant.stock for variant in product(source, 1).variants] == [41]


@pytest.mark.parametrize("text", ["many", "1.5", "NaN", "-3"])
def test_a_stock_that_is_none_is_refused(shop: Shop, source: BigCommerce, text: str) -> None:
    other = product(source, 2)
    bad, good = source.update_many([edit(product(source, 1), {"stock": text}), edit(other, {"stock": "3"})])
    assert isinstance(bad.error, Rejected)
    assert good.error is None
    assert [product(source, number).variants[0].stock for number in (1, 2)] == [100, 3]


def test_without_the_scope_for_stock_names_and_prices_still_go(shop: Shop, source: BigCommerce) -> None:
    edits = [edit(product(source, 1), {"price": "1.11", "stock": "5"}), edit(product(source, 2), {"price": "2.22"})]
    body = {"status": 403, "title": "You don't have a required scope to access the endpoint"}
    shop.sandbox("POST", "/fail", {"status": 403, "match": "/inventory", "times": 9, "body": body})
    first, second = source.update_many(edits)
    assert isinstance(first.error, Misconfigured)
    assert second.error is None
    assert [product(source, number).variants[0].price for number in (1, 2)] == [Decimal("1.11"), Decimal("2.22")]


def test_a_stock_that_is_not_tracked_is_refused_in_words(shop: Shop, source: BigCommerce) -> None:
    body = {"name": "Voucher", "type": "digital", "weight": 0, "price": 10}
    record = product(source, shop.call("POST", PRODUCTS, body)["data"]["id"])
    [answer] = source.update_many([edit(record, {"stock": "3"})])
    assert isinstance(answer.error, Rejected)
    assert "does not track" in answer.error.message


def test_a_name_that_is_taken_spoils_no_other(shop: Shop, source: BigCommerce) -> None:
    records = [product(source, number) for number in range(1, 12)]
    values = [{"price": "1.11"} for _ in records]
    values[4] = {"name": records[0].name}
    before = source.calls
    answers = source.update_many([edit(record, value) for record, value in zip(records, values, strict=True)])
    assert [place for place, answer in enumerate(answers) if answer.error] == [4]
    assert source.calls - before == 1 + 2 + 8  # one read, ten and one, ten halved until one is left
    prices = [product(source, number).variants[0].price for number in range(1, 12)]
    assert prices.count(Decimal("1.11")) == 10


def test_25_and_100_products_go_in_batches(shop: Shop, source: BigCommerce) -> None:
    ids = [
        shop.call("POST", PRODUCTS, {"name": f"P{n}", "type": "physical", "weight": 1, "price": 5})["data"]["id"]
        for n in range(100)
    ]
    for most, calls in ((25, 1 + 3), (100, 1 + 10)):
        found = source.fetch_many("product", [str(number) for number in ids[:most]])
        records = [record for record in found.values() if isinstance(record, Product)]
        before = source.calls
        answers = source.update_many([edit(record, {"price": f"{most}"}) for record in records])
        assert not any(answer.error for answer in answers)
        assert source.calls - before == calls


def test_a_product_or_variant_that_is_gone_is_told(shop: Shop, source: BigCommerce) -> None:
    record, other = product(source, 1), product(source, 2)
    shop.call("DELETE", f"{PRODUCTS}/1")
    foreign = Edit("product", "2", {("variant", "999999"): {"price": "1"}}, other)
    answers = source.update_many([edit(record, {"price": "1"}), foreign])
    assert [type(answer.error) for answer in answers] == [NotFound, NotFound]
