"""Whatever is wrong in a body, the answer is a refusal in BigCommerce's words, never a server error."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from .conftest import B2B_ROOT, BILLING, STORE, TOKEN, Api, Json, custom

WRONG: tuple[Any, ...] = (None, "", "x", -1, True, [], [1], {"a": 1}, "9" * 30)
ADDRESS = {"customer_id": 1, "first_name": "a", "last_name": "b", "address1": "1", "city": "c", "country_code": "GB"}
METAFIELD = {"resource_id": 100, "permission_set": "read", "namespace": "a", "key": "b", "value": "c"}
BODIES: tuple[tuple[str, str, Any], ...] = (
    (
        "POST",
        "/v2/orders",
        {
            "billing_address": BILLING,
            "products": [{"product_id": 1, "quantity": 1, "product_options": [{"id": 1, "value": "2"}]}],
            "shipping_addresses": [BILLING],
            "fees": [{"cost_ex_tax": 1, "cost_inc_tax": 1}],
            "discount_amount": "1",
            "date_created": "2010-01-01",
            "customer_id": 1,
        },
    ),
    ("PUT", "/v2/orders/100", {"products": [{"id": 1, "quantity": 1}], "status_id": 2, "billing_address": BILLING}),
    ("POST", "/v2/orders/100/shipments", {"order_address_id": 1, "items": [{"order_product_id": 1, "quantity": 1}]}),
    (
        "POST",
        "/v3/orders/100/payment_actions/refunds",
        {
            "items": [{"item_type": "PRODUCT", "item_id": 1, "quantity": 1, "adjustments": [{"amount": 1}]}],
            "payments": [{"provider_id": "custom", "amount": 1, "offline": True}],
            "merchant_calculated_override": {"total_amount": 1, "total_tax": 0},
        },
    ),
    ("POST", "/v3/customers", [{"email": "z@z.zz", "first_name": "a", "last_name": "b", "addresses": [ADDRESS]}]),
    ("PUT", "/v3/customers", [{"id": 1, "email": "zz@z.zz", "first_name": "a"}]),
    ("POST", "/v3/customers/addresses", [ADDRESS]),
    ("PUT", "/v3/customers/attribute-values", [{"customer_id": 1, "attribute_id": 1, "value": "x"}]),
    (
        "POST",
        "/v3/catalog/products",
        {"name": "n", "type": "physical", "weight": 1, "price": 1, "sku": "q", "variants": [{"sku": "a"}]},
    ),
    ("PUT", "/v3/catalog/variants", [{"id": 1, "price": 1, "sku": "q"}]),
    ("POST", "/v3/hooks", {"scope": "store/order/*", "destination": "https://x.example", "headers": {"a": "b"}}),
    ("POST", "/v3/orders/metafields", [METAFIELD]),
    ("POST", "/v3/carts", {"customer_id": 1, "line_items": [{"product_id": 1, "quantity": 1, "variant_id": 1}]}),
    ("PUT", "/v3/carts/CART/items/LINE", {"line_item": {"product_id": 1, "quantity": 1}, "version": 1}),
    ("POST", "/v3/carts", {"currency": {"code": "EUR"}, "channel_id": 1, "custom_items": [{"name": "a"}]}),
    ("POST", "/v3/pricelists/records", [{"price_list_id": 1, "variant_id": 1, "currency": "gbp", "price": 1}]),
    ("POST", "/v3/pricelists/assignments", [{"price_list_id": 1, "channel_id": 1, "customer_group_id": 1}]),
    ("PUT", "/v3/catalog/trees", [{"id": 1, "name": "a", "channels": [1]}]),
    ("POST", "/v3/catalog/trees/categories", [{"name": "a", "tree_id": 1, "parent_id": 1, "url": {"path": "/a/"}}]),
    ("PUT", "/v3/catalog/trees/categories", [{"category_id": 1, "name": "a", "parent_id": 2}]),
    ("PUT", "/v3/catalog/products", [{"id": 1, "categories": [1], "inventory_level": 3}]),
    ("PUT", "/v3/catalog/products/channel-assignments", [{"product_id": 1, "channel_id": 2}]),
    ("POST", "/v2/customer_groups", {"name": "a", "discount_rules": [{"type": "all", "method": "fixed"}]}),
    ("PUT", "/v2/currencies/2", {"currency_exchange_rate": "1.3", "enabled": True}),
    ("POST", "/v3/channels", {"name": "a", "type": "pos", "platform": "custom", "status": "active"}),
    ("POST", "/v3/customers/attributes", [{"name": "a", "type": "string"}]),
    ("PUT", "/v3/customers", [{"id": 1, "form_fields": [{"name": "a", "value": "b"}], "channel_ids": [1]}]),
    ("PUT", "/v3/customers/form-field-values", [{"customer_id": 1, "address_id": 1, "name": "a", "value": "b"}]),
    ("PUT", "/v3/inventory/locations/1/items", {"settings": [{"identity": {"sku": "KIT-001"}, "safety_stock": 1}]}),
    ("POST", "/v3/inventory/adjustments/relative", {"items": [{"location_id": 1, "variant_id": 12, "quantity": 1}]}),
    ("PUT", "/v3/inventory/adjustments/absolute", {"items": [{"location_id": 1, "sku": "KIT-001", "quantity": 1}]}),
)

COMPANY = {
    "companyName": "n",
    "companyEmail": "o@o.oo",
    "companyPhone": "1",
    "country": "US",
    "adminFirstName": "a",
    "adminLastName": "b",
    "adminEmail": "a@o.oo",
    "customerGroupId": 1,
    "extraFields": [{"fieldName": "a", "fieldValue": "b"}],
}
USER = {"firstName": "a", "lastName": "b", "email": "u@o.oo", "companyId": 1, "role": 1, "channelIds": [1]}
B2B_BODIES: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/companies", COMPANY),
    ("PUT", "/companies/bulk", [{"companyId": 1, "companyName": "x", "customerGroupId": 1}]),
    ("PUT", "/companies/1/status", {"companyStatus": 1}),
    ("POST", "/users", USER),
    ("PUT", "/users/1", {"role": 1, "email": "v@o.oo", "extraFields": [{"fieldName": "a"}]}),
    ("POST", "/addresses", {**dict.fromkeys(("firstName", "lastName", "addressLine1", "city"), "a"), "companyId": 1}),
)


def places(body: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a body."""
    yield path
    children = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for key, value in children:
        yield from places(value, (*path, key))


def spoilt(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The body with something else at one place."""
    if not path:
        return value
    copy = json.loads(json.dumps(body))
    at = copy
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return copy


ALL = [(STORE + path, method, body) for method, path, body in BODIES] + [
    (B2B_ROOT + path, method, body) for method, path, body in B2B_BODIES
]


@pytest.mark.parametrize(("path", "method", "body"), ALL, ids=[f"{method} {path}" for path, method, _ in ALL])
def test_wrong_types_are_refused(client: FlaskClient, path: str, method: str, body: Any) -> None:
    api = Api(client)
    api.order(custom("Mug", 5, 10, 10))
    api.post("/v3/pricelists", {"name": "Trade"})
    cart = api.post("/v3/carts", {"line_items": [{"product_id": 2, "quantity": 1}]})["data"]
    path = path.replace("CART", cart["id"]).replace("LINE", cart["line_items"]["physical_items"][0]["id"])
    client.application.config["PROPAGATE_EXCEPTIONS"] = False
    headers: Json = {"X-Auth-Token": TOKEN, "X-Store-Hash": "sandbox1"}
    for place in places(body):
        for value in WRONG:
            answer = client.open(path, method=method, json=spoilt(body, place, value), headers=headers)
            assert answer.status_code < 500, (place, value)


@pytest.mark.parametrize("query", ["min_total=NaN", "min_date_modified=soon", "customer_id=x", "page=-1", "limit=many"])
def test_wrong_queries_are_refused(api: Api, query: str) -> None:
    assert api("GET", f"/v2/orders?{query}").status_code in (400, 422)
