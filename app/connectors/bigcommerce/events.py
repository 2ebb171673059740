"""BigCommerce's webhooks: is one genuine, and which records is it about."""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.connectors.base import Event, Key
from app.errors import Rejected, Untrusted

PRODUCER = re.compile(r"stores/([a-z0-9]+)")
CHANNEL = re.compile(r"^store/channel/(?:\d+|\*)/")

# What we ask to be told of. A cart's every change is none of our business, only what becomes of it; transactions change
# nothing that we carry; and stock that an order took would bring every line's product along with every order. Where
# one of the others is sent nevertheless, it is read.
SUBSCRIBED = (
    "store/order/created",
    "store/order/updated",
    "store/order/statusUpdated",
    "store/order/archived",
    "store/order/refund/created",
    "store/order/message/created",
    "store/shipment/created",
    "store/shipment/updated",
    "store/shipment/deleted",
    "store/customer/created",
    "store/customer/updated",
    "store/customer/deleted",
    "store/customer/address/created",
    "store/customer/address/updated",
    "store/customer/address/deleted",
    "store/product/created",
    "store/product/updated",
    "store/product/deleted",
    "store/product/inventory/updated",
    "store/sku/created",
    "store/sku/updated",
    "store/sku/deleted",
    "store/sku/inventory/updated",
    "store/category/created",
    "store/category/updated",
    "store/category/deleted",
    "store/cart/abandoned",
    "store/cart/converted",
    "store/cart/deleted",
    "store/company/created",
    "store/company/updated",
    "store/company/statusUpdated",
    "store/company/deleted",
    "store/company/user/created",
    "store/company/user/updated",
    "store/company/user/deleted",
    "store/company/address/created",
    "store/company/address/updated",
    "store/company/address/deleted",
)

Place = tuple[str, tuple[str, ...]]  # our kind, and the paths in `data` to the parts of its id: "order.id"


def _scopes(prefix: str, endings: str, kind: str = "", *paths: str) -> dict[str, Place | None]:
    return {f"{prefix}/{ending}": (kind, paths) if kind else None for ending in endings.split()}


# Events whose place is None concern none of our records, on purpose; also our own metafield writes would come back.
PLACES: dict[str, Place | None] = {
    **_scopes("store/order", "created updated statusUpdated archived refund/created", "order", "id"),
    **_scopes("store/order", "message/created", "message", "id", "message.order_message_id"),
    **_scopes("store/order/transaction", "created updated", "order", "order_id"),
    **_scopes("store/order/metafield", "created updated deleted"),
    **_scopes("store/shipment", "created updated deleted", "order", "orderId"),
    **_scopes("store/customer", "created updated deleted", "customer", "id"),
    # `id` is the address, although `type` says customer.
    **_scopes("store/customer/address", "created updated deleted", "customer", "address.customer_id"),
    **_scopes("store/customer", "payment/instrument/default/updated channel/login/access/updated"),
    **_scopes("store/product", "created updated deleted", "product", "id"),
    **_scopes("store/product/inventory", "updated order/updated", "product", "inventory.product_id"),
    # `id` is the SKU of the older API.
    **_scopes("store/sku", "created updated deleted", "product", "sku.product_id"),
    **_scopes("store/sku/inventory", "updated order/updated", "product", "inventory.product_id"),
    **_scopes("store/category", "created updated deleted", "category", "id"),
    **_scopes("store/cart", "created updated deleted abandoned converted couponApplied", "cart", "id"),
    **_scopes("store/cart/lineItem", "created updated deleted", "cart", "cartId"),
    **_scopes("store/company", "created updated deleted statusUpdated", "company", "company_id"),
    **_scopes("store/company/user", "created updated deleted", "company", "company_id"),
    **_scopes("store/company/address", "created updated deleted", "company", "company_id"),
}
CHANNEL_PLACES: dict[str, Place | None] = {
    **_scopes("order", "created updated statusUpdated archived refund/created", "order", "order_id"),
    **_scopes("order", "message/created"),  # does not tell which message
    **_scopes("cart", "created updated deleted abandoned converted couponApplied", "cart", "cart_id"),
    **_scopes("cart/lineItem", "created updated deleted", "cart", "cart_id"),
    **_scopes("category", "created updated deleted", "category", "category_id"),
    **_scopes("product", "assigned unassigned", "product", "product_id"),
    **_scopes("category/product", "assigned unassigned", "product", "product_id"),
    **_scopes("inventory/product", "stock_changed low_stock_reached out_of_stock_reached", "product", "product_id"),
    **_scopes("inventory/product", "settings_changed"),
}
# Ids come as numbers or as digits, those of carts as UUIDs; anything else is a shape that we do not know.
NUMBER = re.compile(r"[1-9][0-9]*")
UUID = re.compile(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}")


def verify(secret: str, headers: Mapping[str, str], body: bytes, tolerance: int, now: datetime) -> None:
    """Standard Webhooks' check, keyed with the app's client secret. Raises Untrusted.

    `headers`: by name in lower case. `tolerance`: seconds that the timestamp may be off; 0: any age. A notice that is
    genuine but too old has the code STALE, for BigCommerce does not say whether a retry bears the time of the attempt
    or that of the first one.
    """
    event_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    signatures = headers.get("webhook-signature", "")
    if not event_id or not signatures or not (timestamp.isascii() and timestamp.isdigit()):
        raise Untrusted("The webhook is not signed.", code="UNSIGNED")
    signed = f"{event_id}.{timestamp}.".encode() + body
    expected = base64.b64encode(hmac.digest(secret.encode(), signed, "sha256"))
    given = [entry[3:].encode() for entry in signatures.split(" ") if entry.startswith("v1,")]
    matches = [hmac.compare_digest(expected, signature) for signature in given]
    if not any(matches):
        raise Untrusted("The webhook's signature is wrong.", code="SIGNATURE")
    if tolerance and abs(now.timestamp() - int(timestamp)) > tolerance:
        raise Untrusted("The webhook is too old.", code="STALE")


def read(body: bytes, event_id: str) -> Event:
    """What a verified notice says. Raises Rejected if it is none; a scope that we do not know is kept as unknown."""
    try:
        text = body.decode()
        notice = json.loads(text)
        scope, data = str(notice["scope"]), notice["data"]
        producer = PRODUCER.fullmatch(notice["producer"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Rejected("The webhook's body is malformed.", code="MALFORMED") from error
    if producer is None:
        raise Rejected("The webhook names no store.", code="MALFORMED", field="producer")
    refs, known = _refs(scope, data)
    return Event(producer[1], event_id, scope[:255], refs, known, text)


def _refs(scope: str, data: Any) -> tuple[tuple[Key, ...], bool]:
    """Our keys of the records that changed, and whether we knew how to tell."""
    channel = CHANNEL.match(scope)
    places, name = (CHANNEL_PLACES, scope[channel.end() :]) if channel else (PLACES, scope)
    if name not in places:
        return (), False
    place = places[name]
    if place is None:
        return (), True
    kind, paths = place
    parts = [_dig(data, path) for path in paths]
    shape = UUID if kind == "cart" else NUMBER
    if not all(shape.fullmatch(part) for part in parts):
        return (), False
    return ((kind, "-".join(parts)),), True


def _dig(data: Any, path: str) -> str:
    for key in path.split("."):
        data = data.get(key) if isinstance(data, dict) else None
    return str(data)
