"""Orders and what belongs to them, in as few calls as a V2 without lists of ids allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import partial

from app.connectors.base import Payload
from app.connectors.bigcommerce import readers
from app.connectors.bigcommerce.client import PAGE, Client
from app.connectors.bigcommerce.names import Names
from app.connectors.bigcommerce.readers import Fetched
from app.connectors.bigcommerce.windows import lists, windows
from app.errors import NotFound, Rejected

INCLUDE = {"include": "consignments,consignments.line_items,fees", "consignment_structure": "object"}
REFUNDS = "/v3/orders/payment_actions/refunds"
# Whether the bound of a date filter is inclusive is not documented, nor whose clock counts.
OVERLAP = timedelta(minutes=1)


class Orders:
    """The orders of one store."""

    def __init__(self, client: Client, names: Names) -> None:
        self._client = client
        self._names = names

    def fetch(
        self, ids: Sequence[int], changed_since: datetime | None, parcels_since: datetime | None = None
    ) -> dict[str, Fetched]:
        """Orders by their id, as in Source.fetch_many."""
        payloads = self._order_payloads(set(ids), changed_since)
        refunds = self.refunds([number for number in ids if payloads[number] is not None])
        found: dict[str, Fetched] = {}
        for number in ids:
            payload = payloads[number]
            if payload is None:
                found[str(number)] = None
                continue
            found[str(number)] = self._order(number, payload, refunds.get(number, ()), parcels_since)
        return found

    def _order(
        self, number: int, payload: Payload, refunds: Sequence[Payload], parcels_since: datetime | None
    ) -> Fetched:
        lines = readers.readable(partial(readers.included_lines, payload))
        if isinstance(lines, Rejected):
            return lines
        if lines is None:
            lines = self.lines(number)
        shipments: list[Payload] | None = []
        if readers.is_shipped(payload):
            shipments = None if _is_before(payload, parcels_since) else self.shipments(number)
        channel = self._names.channel(str(payload.get("channel_id") or 1))
        return readers.readable(partial(readers.order, payload, lines, readers.Parts(refunds, shipments, channel)))

    def _order_payloads(self, wanted: set[int], changed_since: datetime | None) -> dict[int, Payload | None]:
        found: dict[int, Payload | None] = {}
        for rows in self._order_lists(wanted, found, changed_since):
            found.update((row["id"], row) for row in rows if row["id"] in wanted)
        # Whether lists hold archived orders is not documented: only asking for one tells that it is gone.
        for number in sorted(wanted - set(found)):
            found[number] = self._order_payload(number)
        return found

    def _order_lists(
        self, wanted: set[int], found: dict[int, Payload | None], changed_since: datetime | None
    ) -> Iterator[list[Payload]]:
        """Lists that hold the wanted orders; the caller notes in `found` what it took from each before the next.

        Scattered ids are looked for among what changed last, as long as that costs no more than their windows would.
        """
        budget = len(windows(wanted, PAGE))
        if changed_since is not None and budget > 1:
            recent = {
                "min_date_modified": format_datetime((changed_since - OVERLAP).replace(microsecond=0)),
                "sort": "date_modified:asc",
            }
            for page, rows in enumerate(self._client.pages_v2("/v2/orders", {**INCLUDE, **recent}), start=1):
                yield rows
                left = len(windows(wanted - set(found), PAGE))
                if left <= 1 or page >= budget:
                    break
        for first, last in windows(wanted - set(found), PAGE):
            if first != last:
                span = {"min_id": first, "max_id": last, "limit": PAGE}
                yield self._client.list_v2("/v2/orders", {**INCLUDE, **span})

    def _order_payload(self, number: int) -> Payload | None:
        try:
            return self._client.record(f"/v2/orders/{number}", INCLUDE)
        except NotFound:
            return None

    def of_cart(self, cart_id: str) -> Fetched:
        """What a cart was converted to, without lines and other parts; None: nothing."""
        rows = self._client.list_v2("/v2/orders", {**INCLUDE, "cart_id": cart_id})
        # A payment may fail and leave an incomplete order behind before the next one succeeds.
        for row in sorted((row for row in rows if row.get("cart_id") == cart_id), key=lambda row: not row["status_id"]):
            return readers.readable(partial(readers.order, row, ()))
        return None

    def lines(self, number: int) -> list[Payload]:
        """The products of an order, all pages."""
        pages = self._client.pages_v2(f"/v2/orders/{number}/products", {})
        return [row for rows in pages for row in rows]

    def shipments(self, number: int) -> list[Payload]:
        """The shipments of an order, all pages."""
        pages = self._client.pages_v2(f"/v2/orders/{number}/shipments", {})
        return [row for rows in pages for row in rows]

    def messages(self, ids: Sequence[str]) -> dict[str, Fetched]:
        """Messages by `<order>-<message>`, with one call per order."""
        wanted: dict[int, set[int]] = {}
        for record_id in ids:
            order_id, _, message_id = record_id.partition("-")
            wanted.setdefault(int(order_id), set()).add(int(message_id))
        found: dict[str, Fetched] = {record_id: None for record_id in ids}
        for number, numbers in wanted.items():
            for row in self._messages(number, min(numbers), max(numbers)):
                if row["id"] in numbers:
                    found[f"{number}-{row['id']}"] = readers.readable(partial(readers.message, row))
        return found

    def _messages(self, number: int, first: int, last: int) -> list[Payload]:
        pages = self._client.pages_v2(f"/v2/orders/{number}/messages", {"min_id": first, "max_id": last})
        try:
            return [row for rows in pages for row in rows]
        except NotFound:
            return []

    def refunds(self, ids: Sequence[int]) -> dict[int, list[Payload]]:
        """The refunds of orders, by the order's id."""
        found: dict[int, list[Payload]] = {}
        for part in lists(ids, most=PAGE):
            for row in self._client.rows_v3(REFUNDS, {"order_id:in": part}):
                found.setdefault(int(row["order_id"]), []).append(row)
        return found


def _is_before(payload: Payload, since: datetime | None) -> bool:
    placed_at = readers.readable(partial(readers.moment, payload["date_created"]))
    return since is not None and isinstance(placed_at, datetime) and placed_at < since
