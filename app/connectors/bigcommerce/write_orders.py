"""Edits of orders carried into the store: the status, and that the goods are on their way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from app.connectors.base import Edit, Edited, Payload
from app.connectors.bigcommerce.client import Client
from app.connectors.bigcommerce.orders import Orders
from app.connectors.bigcommerce.readers import CARRIER
from app.domain import Order
from app.domain.fields import fields
from app.errors import Misconfigured, NotFound, Reauthorize, Rejected

# What people call a carrier, folded: BigCommerce's shipping_provider, and the slug of its tracking_carrier.
CARRIERS = {
    "australia post": ("auspost", "australia-post"),
    "canada post": ("canadapost", "canada-post"),
    "endicia": ("endicia", ""),
    "fedex": ("fedex", "fedex"),
    "royal mail": ("royalmail", "royal-mail"),
    "ups": ("ups", "ups"),
    "usps": ("usps", "usps"),
}
CARRIERS |= {provider: (provider, slug) for provider, slug in list(CARRIERS.values())}
Step = tuple[Payload, Any]  # what was sent, and the answer
NAMES = ("name", "system_label", "custom_label")


class OrderWriter:
    """Writes orders one by one, as V2 takes them; nothing that equals what the store has."""

    def __init__(self, client: Client, orders: Orders) -> None:
        self._client = client
        self._orders = orders

    def update(self, edits: Sequence[Edit]) -> list[Edited]:
        """Change orders; one answer per edit."""
        return [self._edit(edit) for edit in edits]

    def _edit(self, edit: Edit) -> Edited:
        if not isinstance(edit.record, Order):
            return Edited(edit.id, NotFound("The order is no longer in the store.", code="BC_GONE"))
        sent: list[Payload] = []
        received: list[Any] = []
        error: Rejected | None = None
        try:
            for body, answer in self._steps(edit.record, edit.values.get(("order", edit.id), {})):
                sent.append(body)
                received.append(answer)
        except (Reauthorize, Misconfigured):
            raise
        except Rejected as refusal:
            error = refusal
        waits = _waiting(edit.record, edit.values.get(("order", edit.id), {}))
        if "tracking_number" in waits and error is None:
            words = "A tracking number of the store can be replaced and not taken away; enter one again."
            error = Rejected(words, code="BC_TRACKING", field="tracking_number")
        return Edited(edit.id, error, sent or None, received or None, waits)

    def _steps(self, order: Order, given: Mapping[str, str]) -> Iterator[Step]:
        """The writes as they are made; the status is looked up first, so that a wrong one sends no parcel off."""
        has = fields(order)[("order", order.id)]
        wanted = {**has, **{name: text.strip() for name, text in given.items()}}
        is_new = wanted["status"] not in ("", has["status"])
        status_id = self._status_id(wanted["status"]) if is_new else order.status_id
        is_shipped = False
        for step in self._ship(order, wanted, has):
            is_shipped = True
            yield step
        if status_id == order.status_id:
            return
        path = f"/v2/orders/{order.id}"
        # Shipping moves the status by itself, but to which one is not documented.
        if not is_shipped or self._client.get(path).get("status_id") != status_id:
            body = {"status_id": status_id}
            yield body, self._client.put(path, body)

    def _status_id(self, name: str) -> int:
        wanted = name.casefold()
        for row in self._statuses:
            if wanted in {str(row.get(label) or "").strip().casefold() for label in NAMES}:
                return int(row["id"])
        known = ", ".join(str(row.get("custom_label") or row.get("name")) for row in self._statuses)
        raise Rejected(f"The store has no order status {name!r}. It has: {known}.", code="BC_STATUS", field="status")

    @cached_property
    def _statuses(self) -> list[Payload]:
        """The store's statuses, under the names that the merchant may have given them."""
        return list(self._client.get("/v2/order_statuses") or ())

    def _ship(self, order: Order, wanted: Mapping[str, str], has: Mapping[str, str]) -> Iterator[Step]:
        """A new tracking number ships what is left to ship; where nothing is, it corrects the last parcel's."""
        number, carrier = wanted["tracking_number"], wanted["carrier"]
        if not number or (number, carrier) == (has["tracking_number"], has["carrier"]):
            return
        done = self._orders.shipments(int(order.id)) if order.shipments else []
        path = f"/v2/orders/{order.id}/shipments"
        if number != has["tracking_number"]:
            sent = {row.get("order_address_id") for row in done if row.get("tracking_number") == number}
            unsent = _unsent(self._orders.lines(int(order.id)))
            for address, items in unsent.items():
                if address not in sent:
                    body = {"order_address_id": address, "items": items, "tracking_number": number}
                    body |= _carried_by(carrier)
                    yield body, self._client.post(path, body)
            if sent or unsent:
                return
        if not done:
            raise Rejected("There is nothing in this order that could be shipped.", code="BC_SHIPPED")
        last = max(done, key=lambda row: int(row["id"]))
        body = {"tracking_number": number} if number != has["tracking_number"] else {}
        body |= _carried_by(carrier, str(last.get("comments") or "")) if carrier != has["carrier"] else {}
        yield body, self._client.put(f"{path}/{last['id']}", body)


def _waiting(order: Order, given: Mapping[str, str]) -> frozenset[str]:
    """What was given and cannot be told to the store: it knows parcels by their tracking number."""
    has = fields(order)[("order", order.id)]
    if given.get("tracking_number", has["tracking_number"]).strip():
        return frozenset()
    names = ("tracking_number", "carrier")
    return frozenset(name for name in names if given.get(name, has[name]).strip() != has[name])


def _carried_by(carrier: str, comments: str = "") -> Payload:
    """A carrier as BigCommerce knows it; one that it does not know is named in the comments, where we find it again."""
    provider, slug = CARRIERS.get(carrier.casefold(), ("", ""))
    lines = [line for line in comments.split("\n") if not line.startswith(CARRIER)]
    named = [f"{CARRIER}{carrier}"] if carrier and not provider else []
    return {"shipping_provider": provider, "tracking_carrier": slug, "comments": "\n".join([*named, *lines]).strip()}


def _unsent(lines: Sequence[Payload]) -> dict[int, list[Payload]]:
    """What is left to send off, by shipping address; goods that were given back before leaving stay."""
    unsent: dict[int, list[Payload]] = {}
    for line in lines:
        address = line.get("order_address_id")
        left = int(line["quantity"]) - max(
            int(line.get("quantity_shipped") or 0), int(line.get("quantity_refunded") or 0)
        )
        if address and left > 0 and line.get("type", "physical") == "physical":
            unsent.setdefault(int(address), []).append({"order_product_id": line["id"], "quantity": left})
    return unsent
