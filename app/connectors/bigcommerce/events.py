"""BigCommerce's webhooks: is one genuine, and which records is it about."""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from app.connectors.base import Event, Key
from app.errors import Rejected, Untrusted

PRODUCER = re.compile(r"stores/([a-z0-9]+)")
CHANNEL = re.compile(r"^store/channel/\d+/")

# What we ask to be told of. Shipments, transactions and stock change nothing that we carry; were one sent, it is read.
SUBSCRIBED = (
    "store/order/created",
    "store/order/updated",
    "store/order/statusUpdated",
    "store/order/archived",
    "store/order/refund/created",
    "store/customer/created",
    "store/customer/updated",
    "store/customer/deleted",
    "store/customer/address/created",
    "store/customer/address/updated",
    "store/customer/address/deleted",
    "store/product/created",
    "store/product/updated",
    "store/product/deleted",
    "store/sku/created",
    "store/sku/updated",
    "store/sku/deleted",
)

Place = tuple[str, tuple[str, ...]]  # our kind, and the path to its id in `data`


def _scopes(prefix: str, endings: str, place: Place | None) -> dict[str, Place | None]:
    return {f"{prefix}/{ending}": place for ending in endings.split()}


# Events whose place is None concern none of our records, on purpose; also our own metafield writes would come back.
PLACES: dict[str, Place | None] = {
    **_scopes("store/order", "created updated statusUpdated archived refund/created", ("order", ("id",))),
    **_scopes("store/order/transaction", "created updated", ("order", ("order_id",))),
    **_scopes("store/shipment", "created updated deleted", ("order", ("orderId",))),
    **_scopes("store/customer", "created updated deleted", ("customer", ("id",))),
    # `id` is the address, although `type` says customer.
    **_scopes("store/customer/address", "created updated deleted", ("customer", ("address", "customer_id"))),
    **_scopes("store/product", "created updated deleted", ("product", ("id",))),
    # `id` is the SKU of the older API.
    **_scopes("store/sku", "created updated deleted", ("product", ("sku", "product_id"))),
    **_scopes("store/order", "message/created metafield/created metafield/updated metafield/deleted", None),
    **_scopes("store/product", "inventory/updated inventory/order/updated", None),
    **_scopes("store/sku", "inventory/updated inventory/order/updated", None),
    **_scopes("store/customer", "payment/instrument/default/updated channel/login/access/updated", None),
}
CHANNEL_PLACES: dict[str, Place | None] = {
    **_scopes("order", "created updated statusUpdated archived refund/created", ("order", ("order_id",))),
    **_scopes("order", "message/created", None),
    **_scopes("product", "assigned unassigned", ("product", ("product_id",))),
    **_scopes("category/product", "assigned unassigned", None),
}


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
    kind, path = place
    record_id = _dig(data, path)
    # Ids come as numbers or as digits; anything else is a shape that we do not know.
    return (
        (((kind, record_id),), True)
        if record_id.isascii() and record_id.isdigit() and record_id != "0"
        else ((), False)
    )


def _dig(data: Any, path: Iterable[str]) -> str:
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return str(data)
