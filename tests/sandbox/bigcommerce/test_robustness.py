"""Whatever is wrong in a body, the answer is a refusal in BigCommerce's words, never a server error."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from .conftest import BILLING, STORE, TOKEN, Api, Json, custom

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
    ("PUT", "/v3/inventory/adjustments/absolute", {"items": [{"location_id": 1, "sku": "KIT-001", "quantity": 1}]}),
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


@pytest.mark.parametrize(("method", "path", "body"), BODIES, ids=[f"{method} {path}" for method, path, _ in BODIES])
def test_wrong_types_are_refused(client: FlaskClient, method: str, path: str, body: Any) -> None:
    Api(client).order(custom("Mug", 5, 10, 10))
    client.application.config["PROPAGATE_EXCEPTIONS"] = False
    headers: Json = {"X-Auth-Token": TOKEN}
    for place in places(body):
        for value in WRONG:
            answer = client.open(STORE + path, method=method, json=spoilt(body, place, value), headers=headers)
            assert answer.status_code < 500, (place, value)


@pytest.mark.parametrize("query", ["min_total=NaN", "min_date_modified=soon", "customer_id=x", "page=-1", "limit=many"])
def test_wrong_queries_are_refused(api: Api, query: str) -> None:
    assert api("GET", f"/v2/orders?{query}").status_code in (400, 422)
