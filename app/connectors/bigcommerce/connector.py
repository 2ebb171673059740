"""A BigCommerce store as a source: orders, customers and products in as few calls as its API allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from functools import partial
from typing import ClassVar

from app.config import Settings
from app.connectors.access import Account
from app.connectors.base import Payload
from app.connectors.bigcommerce import readers
from app.connectors.bigcommerce.client import PAGE, Client, Quota
from app.connectors.bigcommerce.hooks import Hooks
from app.connectors.bigcommerce.windows import lists, numbers, windows
from app.domain import Record
from app.errors import NotFound, Rejected, Unsupported

INCLUDE = {"include": "consignments,consignments.line_items,fees", "consignment_structure": "object"}
REFUNDS = "/v3/orders/payment_actions/refunds"
Fetched = Record | Rejected | None
OVERLAP = timedelta(
    minutes=1
)  # whether the bound of a date filter is inclusive is not documented, nor whose clock counts


@dataclass(frozen=True)
class StoreInfo:
    """What a store says of itself."""

    name: str
    currency: str
    timezone: str
    control_panel_url: str
    url: str


class BigCommerce:
    """One store. Raises the errors of app.errors and no others."""

    name: ClassVar[str] = "bigcommerce"

    def __init__(self, settings: Settings, account: Account) -> None:
        self._client = Client(settings.bigcommerce_api_url, account.account_id, account.access_token)
        self._currency = account.currency
        self._shop_url = str(account.facts.get("url") or "")
        self.hooks = Hooks(self._client)

    @property
    def calls(self) -> int:
        """API calls made so far."""
        return self._client.calls

    @property
    def quota(self) -> Quota | None:
        """The rate limit as the last answer told it."""
        return self._client.quota

    def fetch_many(self, kind: str, ids: Sequence[str], changed_since: datetime | None = None) -> dict[str, Fetched]:
        """The records as they are now, by our id; None: gone. Kinds: order, customer, product."""
        if not ids:
            return {}
        match kind:
            case "order":
                return self._orders(numbers(ids), changed_since)
            case "customer":
                return self._customers(numbers(ids))
            case "product":
                return self._products(numbers(ids))
            case _:
                raise Unsupported(f"A store has no records of kind {kind}.")

    def check(self) -> None:
        """Reads what the store says of itself."""
        self.store_info()

    def store_info(self) -> StoreInfo:
        """Name, default currency, time zone and addresses of the store."""
        row = self._client.get("/v2/store")
        return StoreInfo(
            name=row.get("name") or "",
            currency=row.get("currency") or "",
            timezone=(row.get("timezone") or {}).get("name") or "UTC",
            control_panel_url=row.get("control_panel_base_url") or "",
            url=row.get("secure_url") or "",
        )

    def _orders(self, ids: Sequence[int], changed_since: datetime | None) -> dict[str, Fetched]:
        payloads = self._order_payloads(set(ids), changed_since)
        refunds = self._refunds([number for number in ids if payloads[number] is not None])
        found: dict[str, Fetched] = {}
        for number in ids:
            payload = payloads[number]
            if payload is None:
                found[str(number)] = None
                continue
            found[str(number)] = self._order(number, payload, refunds.get(number, ()))
        return found

    def _order(self, number: int, payload: Payload, refunds: Sequence[Payload]) -> Fetched:
        lines = readers.readable(partial(readers.included_lines, payload))
        if isinstance(lines, Rejected):
            return lines
        if lines is None:
            lines = self._lines(number)
        return readers.readable(partial(readers.order, payload, lines, refunds))

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
                yield self._client.get("/v2/orders", {**INCLUDE, **span}) or []

    def _order_payload(self, number: int) -> Payload | None:
        try:
            payload: Payload = self._client.get(f"/v2/orders/{number}", INCLUDE)
        except NotFound:
            return None
        return payload

    def _lines(self, number: int) -> list[Payload]:
        pages = self._client.pages_v2(f"/v2/orders/{number}/products", {})
        return [row for rows in pages for row in rows]

    def _refunds(self, ids: Sequence[int]) -> dict[int, list[Payload]]:
        found: dict[int, list[Payload]] = {}
        for part in lists(ids, most=PAGE):
            for row in self._client.rows_v3(REFUNDS, {"order_id:in": part}):
                found.setdefault(int(row["order_id"]), []).append(row)
        return found

    def _customers(self, ids: Sequence[int]) -> dict[str, Fetched]:
        found: dict[str, Fetched] = {str(number): None for number in ids}
        for part in lists(ids, most=PAGE):
            for row in self._client.rows_v3("/v3/customers", {"id:in": part, "include": "addresses"}):
                found[str(row["id"])] = readers.readable(partial(readers.customer, row))
        return found

    def _products(self, ids: Sequence[int]) -> dict[str, Fetched]:
        found: dict[str, Fetched] = {str(number): None for number in ids}
        for part in lists(ids, most=PAGE):
            for row in self._client.rows_v3("/v3/catalog/products", {"id:in": part, "include": "variants"}):
                read = partial(readers.product, row, self._currency, self._shop_url)
                found[str(row["id"])] = readers.readable(read)
        return found
