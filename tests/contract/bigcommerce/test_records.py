"""Carts, companies, messages, categories, stock and what else belongs to orders and customers, and what that costs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.connectors.bigcommerce.connector import BigCommerce
from app.domain import Cart, Category, Company, CompanyStatus, Customer, Message, Order, Product
from app.errors import Rejected
from tests.contract.bigcommerce.conftest import Shop, order_of

NO_CART = "8f3a1c52-7b1e-4a0d-9a55-1f0c2c6e8d10"


def one(source: BigCommerce, kind: str, record_id: Any) -> Any:
    return source.fetch_many(kind, [str(record_id)])[str(record_id)]


def filled(shop: Shop, **more: Any) -> dict[str, Any]:
    """A cart of two kinds of things, as a shopper fills it."""
    items = [{"product_id": 1, "quantity": 2}, {"product_id": 2, "quantity": 1}]
    made: dict[str, Any] = shop.sandbox("POST", "/carts", {"line_items": items} | more)
    return made


def test_a_cart_of_a_customer_has_items_amount_and_the_whole_buyer(shop: Shop, source: BigCommerce) -> None:
    row = filled(shop, customer_id=1)
    cart = one(source, "cart", row["id"])
    assert source.calls == 2  # the cart, its customer
    assert isinstance(cart, Cart)
    assert (cart.amount, cart.currency) == (Decimal(str(row["cart_amount"])), row["currency"]["code"])
    assert [line.quantity for line in cart.lines] == [2, 1]
    assert sum((line.amount for line in cart.lines), Decimal(0)) == cart.amount
    assert (cart.buyer.id, cart.buyer.last_name, cart.buyer.complete) == ("1", "Marsh", True)
    assert (cart.order_id, cart.is_recovered) == ("", False)
    assert cart.modified_at is not None


def test_carts_of_guests_with_and_without_email(shop: Shop, source: BigCommerce) -> None:
    named, nameless = filled(shop, email="Jane@Example.com"), filled(shop)
    found = source.fetch_many("cart", [named["id"], nameless["id"]])
    assert source.calls == 2
    first, second = found[named["id"]], found[nameless["id"]]
    assert isinstance(first, Cart)
    assert isinstance(second, Cart)
    assert (first.buyer.id, first.buyer.email) == ("guest:jane@example.com", "Jane@Example.com")
    assert (second.buyer.id, second.buyer.email) == (f"guest:cart-{nameless['id']}", "")


def test_many_carts_ask_for_their_customers_at_once(shop: Shop, source: BigCommerce) -> None:
    rows = [filled(shop, customer_id=number) for number in (1, 2, 3, 1)]
    found = source.fetch_many("cart", [row["id"] for row in rows])
    assert [cart.buyer.id for cart in found.values() if isinstance(cart, Cart)] == ["1", "2", "3", "1"]
    assert source.calls == 5


def test_a_converted_cart_knows_its_order_and_the_order_its_cart(shop: Shop, source: BigCommerce) -> None:
    row = filled(shop, email="jane@example.com")
    order = shop.sandbox("POST", f"/carts/{row['id']}/convert", {})
    cart = one(source, "cart", row["id"])
    assert source.calls == 2
    assert isinstance(cart, Cart)
    assert (cart.order_id, cart.is_recovered, cart.buyer.email) == (str(order["id"]), True, "jane@example.com")
    assert order_of(source, order["id"]).cart_id == row["id"]


def test_a_deleted_cart_is_gone(shop: Shop, source: BigCommerce) -> None:
    row = filled(shop)
    shop.call("DELETE", f"/v3/carts/{row['id']}")
    assert one(source, "cart", row["id"]) is None
    assert one(source, "cart", NO_CART) is None


def test_a_token_that_may_not_read_carts_loses_only_them(shop: Shop, source: BigCommerce) -> None:
    body = {"status": 403, "title": "You don't have a required scope to access the endpoint"}
    shop.sandbox("POST", "/fail", {"status": 403, "match": "/carts", "body": body})
    refused = one(source, "cart", NO_CART)
    assert type(refused) is Rejected
    assert "may not read carts" in refused.message


def test_companies_with_their_buyers(shop: Shop, source: BigCommerce) -> None:
    place = {"addressLine1": "1 Dock Road", "city": "Hull", "state": "East Riding", "zipCode": "HU1 1AA"}
    admin = {"adminFirstName": "Ann", "adminLastName": "Hill", "adminEmail": "ann@firm.example"}
    office = {"companyName": "Firm", "companyEmail": "office@firm.example", "companyPhone": "+44 1"}
    made = shop.b2b("POST", "/companies", {**office, **admin, **place, "country": "United Kingdom"})
    user = {"firstName": "Bo", "lastName": "Hill", "email": "bo@firm.example", "companyId": made["companyId"]}
    second = shop.b2b("POST", "/users", user)["bcId"]
    company = one(source, "company", made["companyId"])
    assert source.calls == 3
    assert isinstance(company, Company)
    assert (company.name, company.email, company.status) == ("Firm", "office@firm.example", CompanyStatus.APPROVED)
    assert company.customer_ids == (str(made["customerId"]), str(second))
    assert (company.address.street_1, company.address.state, company.address.country_code) == (
        "1 Dock Road", "East Riding", "GB",
    )  # fmt: skip
    assert company.address.id
    assert company.modified_at is not None
    shop.b2b("PUT", f"/companies/{made['companyId']}/status", {"companyStatus": 3})
    assert one(source, "company", made["companyId"]).status == CompanyStatus.INACTIVE
    shop.b2b("DELETE", f"/companies/{made['companyId']}")
    assert one(source, "company", made["companyId"]) is None


def test_a_store_without_the_edition_says_so_in_words(shop: Shop, source: BigCommerce) -> None:
    shop.sandbox("POST", "/settings", {"b2b": False})
    refused = one(source, "company", 1)
    assert type(refused) is Rejected  # no matter of the store's token: all else goes on
    assert "no B2B Edition" in refused.message
    shop.sandbox("POST", "/fail", {"status": 404, "times": 2, "match": "/b2b/"})
    assert type(one(source, "company", 1)) is Rejected


def test_messages_cost_one_call_per_order(shop: Shop, source: BigCommerce) -> None:
    orders = [shop.place(customer_id=1), shop.place()]
    ids = []
    for order in orders:
        for number in range(3):
            body = {"subject": "Where", "message": f"is it? {number}", "type": "admin" if number == 2 else "customer"}
            ids.append(f"{order}-{shop.sandbox('POST', f'/orders/{order}/messages', body)['id']}")
    found = source.fetch_many("message", [*ids, f"{orders[0]}-999999", "999999-1"])
    assert source.calls == 3  # the third order is not there
    assert found[f"{orders[0]}-999999"] is None
    assert found["999999-1"] is None
    first = found[ids[0]]
    assert isinstance(first, Message)
    assert (first.order_id, first.subject, first.text) == (str(orders[0]), "Where", "is it? 0")
    assert (first.customer_id, first.by_staff) == ("1", False)
    assert [message.by_staff for record_id in ids[:3] if isinstance(message := found[record_id], Message)] == [
        False, False, True,
    ]  # fmt: skip


def test_categories_with_all_above_them_in_one_call(shop: Shop, source: BigCommerce) -> None:
    made = shop.call("POST", "/v3/catalog/trees/categories", [{"name": "Mugs", "parent_id": 1}])["data"]
    mugs = made[0]["category_id"]
    made = shop.call("POST", "/v3/catalog/trees/categories", [{"name": "Red", "parent_id": mugs}])["data"]
    found = source.fetch_many("category", [str(made[0]["category_id"]), "1", "999999"])
    assert source.calls == 1
    red, kitchen = found[str(made[0]["category_id"])], found["1"]
    assert isinstance(red, Category)
    assert isinstance(kitchen, Category)
    assert (red.path, red.ancestors) == ("Kitchen / Mugs / Red", (("1", "Kitchen"), (str(mugs), "Mugs")))
    assert (kitchen.path, kitchen.ancestors) == ("Kitchen", ())
    assert found["999999"] is None
    shop.call("PUT", "/v3/catalog/trees/categories", [{"category_id": 1, "name": "Cooking"}])
    assert one(source, "category", 1).name == "Cooking"  # what was read before does not stay


def test_products_know_category_and_stock(shop: Shop, source: BigCommerce) -> None:
    untracked = {"name": "Voucher", "type": "digital", "weight": 0, "price": 10, "inventory_level": 7}
    voucher = shop.call("POST", "/v3/catalog/products", untracked)["data"]["id"]
    apron = next(row["id"] for row in shop.sandbox("GET", "/records/products") if row["name"] == "Linen Apron")
    found = source.fetch_many("product", ["1", str(voucher), str(apron)])
    assert source.calls == 2  # products, categories
    caddy, nothing, aprons = (found[key] for key in ("1", str(voucher), str(apron)))
    assert isinstance(caddy, Product)
    assert isinstance(nothing, Product)
    assert isinstance(aprons, Product)
    assert [(v.category_id, v.category, v.stock) for v in caddy.variants] == [("1", "Kitchen", 100)]
    assert [(v.category, v.stock) for v in nothing.variants] == [("", None)]
    assert [v.stock for v in aprons.variants] == [20, 20, 20]
    source.fetch_many("product", [str(apron)])
    assert source.calls == 3  # the names are known by now


def test_variants_lead_to_their_products(shop: Shop, source: BigCommerce) -> None:
    apron = next(row for row in shop.sandbox("GET", "/records/products") if row["name"] == "Linen Apron")
    rows = shop.call("GET", f"/v3/catalog/products/{apron['id']}/variants")["data"]
    ids = [str(row["id"]) for row in rows[:2]]
    found = source.fetch_many("variant", [*ids, "999999"])
    assert source.calls == 3  # variants, products, categories
    assert found["999999"] is None
    for variant_id in ids:
        product = found[variant_id]
        assert isinstance(product, Product)
        assert variant_id in {variant.id for variant in product.variants}


def test_shipments_are_read_only_where_something_was_shipped(shop: Shop, source: BigCommerce) -> None:
    number = shop.place(products=[{"product_id": 1, "quantity": 3}], shipping_addresses=[{"city": "Leeds"}])
    assert order_of(source, number).shipments == ()
    assert source.calls == 2
    line = shop.call("GET", f"/v2/orders/{number}/products")[0]
    parcel = {
        "order_address_id": line["order_address_id"], "tracking_number": "RM1", "shipping_provider": "royalmail",
        "items": [{"order_product_id": line["id"], "quantity": 2}],
    }  # fmt: skip
    made = shop.call("POST", f"/v2/orders/{number}/shipments", parcel)
    order = order_of(source, number)
    assert source.calls == 5
    (shipment,) = order.shipments
    assert (shipment.id, shipment.tracking_number, shipment.carrier) == (str(made["id"]), "RM1", "Royal Mail")
    assert (shipment.pieces, shipment.tracking_url) == (2, made["generated_tracking_link"])
    assert shipment.shipped_at.utcoffset() is not None


def test_of_many_orders_only_the_shipped_ones_cost_a_call_each(shop: Shop, source: BigCommerce) -> None:
    ids = [shop.place(products=[{"product_id": 1, "quantity": 1}]) for _ in range(25)]
    for number in ids[:3]:
        line = shop.call("GET", f"/v2/orders/{number}/products")[0]
        items = [{"order_product_id": line["id"], "quantity": 1}]
        body = {"order_address_id": line["order_address_id"], "items": items}
        shop.call("POST", f"/v2/orders/{number}/shipments", body)
    found = source.fetch_many("order", [str(number) for number in ids])
    assert source.calls == 2 + 3
    assert [len(order.shipments) for order in found.values() if isinstance(order, Order)] == [1] * 3 + [0] * 22


def test_orders_of_other_channels_are_named_and_those_of_the_first_one_never(shop: Shop, source: BigCommerce) -> None:
    channel = shop.call(
        "POST", "/v3/channels", {"name": "Outlet", "type": "storefront", "platform": "bigcommerce"}
    )["data"]["id"]  # fmt: skip
    ids = [str(shop.place()), str(shop.place(channel_id=channel)), str(shop.place(channel_id=channel))]
    orders = [order for order in source.fetch_many("order", ids).values() if isinstance(order, Order)]
    assert [(order.channel_id, order.channel) for order in orders] == [
        ("1", ""), (str(channel), "Outlet"), (str(channel), "Outlet"),
    ]  # fmt: skip
    assert source.calls == 3


def test_the_stores_own_currency_comes_with_its_rate(shop: Shop, source: BigCommerce) -> None:
    number = shop.place(default_currency_code="USD")
    row = shop.call("GET", f"/v2/orders/{number}")
    order = order_of(source, number)
    assert (order.currency, order.store_currency) == ("USD", "GBP")
    assert order.store_rate == Decimal(row["store_default_to_transactional_exchange_rate"])
    assert order.store_rate != 1


def test_customers_know_their_groups_name(shop: Shop, source: BigCommerce) -> None:
    group = shop.call("POST", "/v2/customer_groups", {"name": "Gold"})["id"]
    shop.call("PUT", "/v3/customers", [{"id": 1, "customer_group_id": group}])
    found = source.fetch_many("customer", ["1", "2"])
    assert source.calls == 2
    gold, plain = found["1"], found["2"]
    assert isinstance(gold, Customer)
    assert isinstance(plain, Customer)
    assert (gold.group_id, gold.group, gold.billing.id != "") == (str(group), "Gold", True)
    assert (plain.group_id, plain.group) == ("", "")


@pytest.mark.parametrize("status", [403, 404])
def test_a_plan_without_groups_keeps_no_customer_back(shop: Shop, source: BigCommerce, status: int) -> None:
    shop.call("PUT", "/v3/customers", [{"id": 1, "customer_group_id": 1}])
    shop.sandbox("POST", "/fail", {"status": status, "match": "customer_groups", "times": 1})
    customer = one(source, "customer", 1)
    assert isinstance(customer, Customer)
    assert (customer.group_id, customer.group) == ("1", "")
