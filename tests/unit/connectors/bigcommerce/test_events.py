"""Webhooks: which are genuine, and which records they are about."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from app.connectors.bigcommerce import events
from app.errors import Rejected, Untrusted

SECRET = "a-client-secret"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BODY = b'{"scope":"store/order/created","data":{"type":"order","id":250},"producer":"stores/abc123"}'
# Published test data of Standard Webhooks' scheme, keyed with the bytes of a client secret.
VECTOR_SECRET = "4ldbvh7fkt2fgu4rkvsbl5kxjk1z5h8bnfvh9o1ejd2ykjvj6n"
VECTOR_BODY = (
    b'{"scope":"store/order/created","store_id":"1025646","data":{"type":"order","id":250},'
    b'"hash":"dd70c0976e06b67aaf671e73f49dcb79230ebf9d","created_at":1561479335,"producer":"stores/abc123"}'
)
VECTOR_HEADERS = {
    "webhook-id": "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
    "webhook-timestamp": "1700000000",
    "webhook-signature": "v1,IjHjbntwFqeZs4yeX2ZKfZ2fS53SsAtTvomtD14HFKI=",
}


def signed(body: bytes = BODY, at: datetime = NOW, secret: str = SECRET, event_id: str = "msg_1") -> dict[str, str]:
    """Headers as an independent implementation signs."""
    signature = Webhook(secret.encode()).sign(event_id, at, body.decode())
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    }


def refusal(headers: dict[str, str], body: bytes = BODY, tolerance: int = 300) -> str:
    with pytest.raises(Untrusted) as refused:
        events.verify(SECRET, headers, body, tolerance, NOW)
    return refused.value.code


def test_the_known_vector() -> None:
    events.verify(VECTOR_SECRET, VECTOR_HEADERS, VECTOR_BODY, 300, datetime.fromtimestamp(1700000000, UTC))


def test_what_an_independent_signer_signs() -> None:
    events.verify(SECRET, signed(), BODY, 300, NOW)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=200), st.uuids())
def test_any_text_signed_by_an_independent_signer(text: str, event_id: Any) -> None:
    body = text.encode()
    events.verify(SECRET, signed(body, event_id=str(event_id)), body, 300, NOW)


def test_one_good_signature_among_others_is_enough() -> None:
    headers = signed()
    headers["webhook-signature"] = f"v1a,AAAA nonsense v1,AAAA {headers['webhook-signature']} v1,"
    events.verify(SECRET, headers, BODY, 300, NOW)


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_every_header_is_needed(name: str) -> None:
    headers = signed()
    del headers[name]
    assert refusal(headers) == "UNSIGNED"


@pytest.mark.parametrize(
    "signature",
    ["v1,AAAA", "v1", "nocomma", "v1,\xe9\xff", "v2,{good}", "{good}x", " ", "v1a,{good}", "{good},{good}"],
)
def test_a_wrong_signature_is_refused(signature: str) -> None:
    headers = signed()
    good = headers["webhook-signature"].removeprefix("v1,")
    headers["webhook-signature"] = signature.format(good=good)
    assert refusal(headers) == "SIGNATURE"


def test_what_was_changed_after_signing_is_refused() -> None:
    assert refusal(signed(), BODY + b" ") == "SIGNATURE"
    assert refusal(signed() | {"webhook-id": "msg_2"}) == "SIGNATURE"
    later = str(int(NOW.timestamp()) + 1)
    assert refusal(signed() | {"webhook-timestamp": later}) == "SIGNATURE"
    assert refusal(signed(secret="another-secret")) == "SIGNATURE"


@pytest.mark.parametrize("timestamp", ["", "soon", "-5", "1e9", "١٢٣"])
def test_a_timestamp_that_is_none_is_refused(timestamp: str) -> None:
    assert refusal(signed() | {"webhook-timestamp": timestamp}) == "UNSIGNED"


def test_a_body_that_is_no_text_is_refused_not_a_crash() -> None:
    assert refusal(signed(), b"\xff\xfe\x00") == "SIGNATURE"


@pytest.mark.parametrize("off", [timedelta(seconds=301), timedelta(seconds=-301), timedelta(days=2)])
def test_genuine_but_stale(off: timedelta) -> None:
    assert refusal(signed(at=NOW - off)) == "STALE"
    events.verify(SECRET, signed(at=NOW - off), BODY, 0, NOW)  # 0: any age
    events.verify(SECRET, signed(at=NOW - off), BODY, 3 * 24 * 3600, NOW)


def notice(scope: str, data: Any, **more: Any) -> bytes:
    return json.dumps({"scope": scope, "producer": "stores/abc123", "data": data, "created_at": 1} | more).encode()


CART = "8f3a1c52-7b1e-4a0d-9a55-1f0c2c6e8d10"
READ: list[tuple[str, Any, tuple[str, str]]] = [
    ("store/order/created", {"type": "order", "id": 250}, ("order", "250")),
    ("store/order/updated", {"type": "order", "id": "250"}, ("order", "250")),
    ("store/order/archived", {"type": "order", "id": 250}, ("order", "250")),
    ("store/order/statusUpdated", {"type": "order", "id": 250, "status": {"new_status_id": 2}}, ("order", "250")),
    ("store/order/refund/created", {"type": "order", "id": 250, "refund": {"refund_id": 7}}, ("order", "250")),
    ("store/order/transaction/created", {"type": "transaction", "order_id": "250"}, ("order", "250")),
    ("store/order/transaction/updated", {"type": "transaction", "order_id": "250"}, ("order", "250")),
    ("store/shipment/created", {"type": "shipment", "id": 5, "orderId": 250}, ("order", "250")),
    ("store/shipment/deleted", {"type": "shipment", "id": 5, "orderId": 250}, ("order", "250")),
    ("store/customer/created", {"type": "customer", "id": 42}, ("customer", "42")),
    ("store/customer/deleted", {"type": "customer", "id": 42}, ("customer", "42")),
    (
        "store/customer/address/updated",
        {"type": "customer", "id": 9, "address": {"customer_id": 42}},
        ("customer", "42"),
    ),
    ("store/product/updated", {"type": "product", "id": 77, "properties": ["name"]}, ("product", "77")),
    ("store/product/deleted", {"type": "product", "id": 77}, ("product", "77")),
    ("store/sku/updated", {"type": "sku", "id": 3, "sku": {"product_id": 77, "variant_id": 4}}, ("product", "77")),
    ("store/channel/2/order/updated", {"order_id": 250}, ("order", "250")),
    ("store/channel/2/order/refund/created", {"order_id": 250}, ("order", "250")),
    ("store/channel/2/product/assigned", {"product_id": 77}, ("product", "77")),
    (
        "store/order/message/created",
        {"type": "order", "id": 250, "message": {"order_message_id": "31"}},
        ("message", "250-31"),
    ),
    ("store/product/inventory/updated", {"id": 77, "inventory": {"product_id": 77, "value": 5}}, ("product", "77")),
    ("store/sku/inventory/order/updated", {"id": 3, "inventory": {"product_id": 77}}, ("product", "77")),
    ("store/category/deleted", {"type": "category", "id": 5}, ("category", "5")),
    ("store/cart/abandoned", {"type": "cart", "id": CART, "token": "0" * 32}, ("cart", CART)),
    ("store/cart/converted", {"type": "cart", "id": CART, "orderId": 250}, ("cart", CART)),
    ("store/cart/lineItem/deleted", {"type": "cart_line_item", "id": "x", "cartId": CART}, ("cart", CART)),
    ("store/company/created", {"company_id": 9}, ("company", "9")),
    ("store/company/statusUpdated", {"company_id": "9"}, ("company", "9")),
    ("store/company/user/deleted", {"company_id": 9, "user_id": 4}, ("company", "9")),
    ("store/company/address/updated", {"company_id": 9, "address_id": 4}, ("company", "9")),
    ("store/channel/2/cart/abandoned", {"cart_id": CART}, ("cart", CART)),
    ("store/channel/2/category/updated", {"category_id": 5, "tree_id": 1}, ("category", "5")),
    ("store/channel/2/category/product/assigned", {"product_id": 77}, ("product", "77")),
    (
        "store/channel/*/inventory/product/stock_changed",
        {"variant_id": 4, "product_id": 77, "location_id": 1},
        ("product", "77"),
    ),
]


@pytest.mark.parametrize(("scope", "data", "ref"), READ)
def test_the_record_that_a_notice_is_about(scope: str, data: Any, ref: tuple[str, str]) -> None:
    event = events.read(notice(scope, data), "msg_1")
    assert (event.account_id, event.event_id, event.scope) == ("abc123", "msg_1", scope)
    assert (event.refs, event.known) == ((ref,), True)


def test_every_scope_that_we_subscribe_to_is_one_that_we_read() -> None:
    assert all(events.PLACES[scope] is not None for scope in events.SUBSCRIBED)


@pytest.mark.parametrize(
    ("scope", "data"),
    [
        ("store/order/metafield/created", {"metafield_id": 1, "resource_id": "250"}),
        ("store/channel/2/order/message/created", {"order_id": 250}),
    ],
)
def test_known_notices_that_concern_no_record(scope: str, data: Any) -> None:
    event = events.read(notice(scope, data), "msg_1")
    assert (event.refs, event.known) == ((), True)


@pytest.mark.parametrize(
    ("scope", "data"),
    [
        ("store/brand/new", {"id": 1}),
        ("store/channel/2/brand/new", {"id": 1}),
        ("store/priceList/records/updated", [{"price_list_id": 1}, {"price_list_id": 2}]),
        ("store/order/created", {"type": "order"}),
        ("store/order/created", {"id": {"nested": 1}}),
        ("store/order/created", {"id": "12; DROP"}),
        ("store/order/created", {"id": 0}),
        ("store/order/message/created", {"type": "order", "id": 250}),
        ("store/order/message/created", {"type": "order", "id": 250, "message": {"order_message_id": "1-2"}}),
        ("store/cart/abandoned", {"id": "../orders"}),
        ("store/cart/abandoned", {"id": 12}),
        ("store/company/created", {"company_id": None}),
        ("store/quote/created", {"quote_id": 1, "quote_uuid": CART}),
        ("store/order/created", [1]),
        ("store/order/created", "250"),
        ("store/order/created", None),
        ("store/sku/created", {"id": 3, "sku": []}),
    ],
)
def test_what_we_do_not_know_is_kept_as_unknown(scope: str, data: Any) -> None:
    event = events.read(notice(scope, data), "msg_1")
    assert (event.refs, event.known) == ((), False)


def test_the_body_is_kept_as_it_came() -> None:
    body = notice("store/order/created", {"id": 250}, extra="é")
    assert events.read(body, "msg_1").body == body.decode()


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b"\xff", b'"text"', b"[" * 100_000,
        b'{"scope":"store/order/created","producer":"stores/abc123"}',
        b'{"scope":"store/order/created","data":{}}',
        b'{"data":{},"producer":"stores/abc123"}',
        b'{"scope":"a","data":{},"producer":"stores/../x"}',
        b'{"scope":"a","data":{},"producer":"abc123"}',
        b'{"scope":"a","data":{},"producer":7}',
    ],
)  # fmt: skip
def test_a_body_that_is_no_notice_is_rejected(body: bytes) -> None:
    with pytest.raises(Rejected) as rejected:
        events.read(body, "msg_1")
    assert rejected.value.code == "MALFORMED"
