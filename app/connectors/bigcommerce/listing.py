"""Lists of a store's records: how many there are, and their ids page by page.

Orders, customers and products are walked in the order in which they were made, which never changes, so that nothing
moves to an earlier page meanwhile; companies by their last change, since no other order is offered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.connectors.base import Payload
from app.connectors.bigcommerce import readers
from app.connectors.bigcommerce.client import B2B, B2B_PAGE, PAGE, Client, Params
from app.connectors.lists import Head, Heads, Span
from app.errors import Misconfigured, NotFound, Reauthorize, Rejected, Retryable, Unsupported

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)  # of a record whose date cannot be read
BLUR = timedelta(seconds=1)  # whether the bound of a date filter is inclusive is not documented
PRODUCT_FIELDS = "date_created,date_modified"  # ids always come


class Listing:
    """The lists of one store. Raises the errors of app.errors."""

    def __init__(self, client: Client, b2b: B2B) -> None:
        self._client, self._b2b = client, b2b
        self._counts: Mapping[str, Callable[[Span], int]] = {
            "order": self._count_orders,
            "customer": lambda span: self._total("/v3/customers", _dated(span)),
            "product": lambda span: self._total("/v3/catalog/products", _dated(_changed(span))),
            "company": self._count_companies,
        }
        self._pages: Mapping[str, Callable[[Span, str], Heads]] = {
            "order": self._orders,
            "customer": self._customers,
            "product": self._products,
            "company": self._companies,
        }

    def count(self, kind: str, span: Span) -> int:
        """How many records a list has; one call, or one per channel if orders of several are asked for."""
        return self._counts[_listed(kind, self._counts)](span)

    def page(self, kind: str, span: Span, cursor: str) -> Heads:
        """A page of a list, in one call. Products and companies cannot be asked for by their making: all come."""
        return self._pages[_listed(kind, self._pages)](span, cursor)

    # ---- orders: by id

    def _count_orders(self, span: Span) -> int:
        channels = span.filters.get("channel") or ()
        alone = [replace(span, filters={**span.filters, "channel": (channel,)}) for channel in channels] or [span]
        return sum(self._count_statuses(one) for one in alone)

    def _count_statuses(self, span: Span) -> int:
        wanted = set(span.filters.get("status") or ())
        body = self._client.record("/v2/orders/count", _order_filters(span))
        if not wanted:
            return int(body.get("count") or 0)
        return sum(int(row["count"]) for row in body.get("statuses") or () if str(row["id"]) in wanted)

    def _orders(self, span: Span, cursor: str) -> Heads:
        asked = {**_order_filters(span), "min_id": int(cursor or 0) + 1, "sort": "id:asc", "limit": PAGE}
        rows = self._client.list_v2("/v2/orders", asked)
        chosen = [row for row in rows if _is_wanted(row, span.filters)]
        heads = [replace(_head(row, readers.moment), has_parcels=readers.is_shipped(row)) for row in chosen]
        return _by_id(rows, heads, cursor)

    # ---- products: by id

    def _products(self, span: Span, cursor: str) -> Heads:
        asked = {
            **_dated(_changed(span)), "id:min": int(cursor or 0) + 1, "sort": "id", "direction": "asc",
            "include_fields": PRODUCT_FIELDS, "limit": PAGE,
        }  # fmt: skip
        rows = self._rows("/v3/catalog/products", asked)
        return _by_id(rows, [_head(row, readers.iso) for row in rows], cursor)

    # ---- customers: by when they were made; lists of them know no bound by id

    def _customers(self, span: Span, cursor: str) -> Heads:
        place = Place.of(cursor)
        asked = {**_dated(span), "sort": "date_created:asc", "limit": PAGE, "page": place.page}
        since = max(
            filter(None, (place.at and place.at - BLUR, span.since if span.by == "created" else None)), default=None
        )
        if since is not None:
            asked["date_created:min"] = since.isoformat()
        heads = [_head(row, readers.iso) for row in self._rows("/v3/customers", asked)]
        after = place.after([head.created_at for head in heads])
        return Heads(tuple(heads), str(after), len(heads) == PAGE)

    # ---- companies: by their last change

    def _count_companies(self, span: Span) -> int:
        body = self._edition({**_unix(_changed(span)), "limit": 1, "offset": 0})
        return int(((body.get("meta") or {}).get("pagination") or {}).get("totalCount") or 0)

    def _companies(self, span: Span, cursor: str) -> Heads:
        place, changed = Place.of(cursor), _changed(span)
        since = max(filter(None, (place.at and place.at - BLUR, changed.since)), default=None)
        asked: dict[str, str | int] = {
            **_unix(replace(changed, since=since)), "sortBy": "updatedAt", "orderBy": "ASC",
            "limit": B2B_PAGE, "offset": (place.page - 1) * B2B_PAGE,
        }  # fmt: skip
        rows = self._edition(asked).get("data") or []
        heads = [
            Head(str(row["companyId"]), _seconds(row.get("createdAt")), _seconds(row.get("updatedAt"))) for row in rows
        ]
        after = place.after([head.modified_at for head in heads])
        return Heads(tuple(heads), str(after), len(heads) == B2B_PAGE)

    def _edition(self, asked: Params) -> Payload:
        """What the B2B Edition answers; a store without it has no companies."""
        try:
            body = self._b2b.get("/companies", asked)
        except (NotFound, Reauthorize, Misconfigured):
            return {}
        if not isinstance(body, dict):
            raise _no_list()
        return body

    def _rows(self, path: str, asked: Params) -> list[Payload]:
        body = self._client.get(path, asked)
        if not isinstance(body, dict) or not isinstance(body.get("data"), list):
            raise _no_list()
        return list(body["data"])

    def _total(self, path: str, asked: Params) -> int:
        body = self._client.get(path, {**asked, "limit": 1})
        try:
            return int(body["meta"]["pagination"]["total"])
        except (LookupError, TypeError, ValueError) as error:
            raise _no_list() from error


@dataclass(frozen=True)
class Place:
    """Where the next page of a list by date starts: from a time on, and behind pages that lie within that second."""

    at: datetime | None = None
    page: int = 1

    @classmethod
    def of(cls, cursor: str) -> Place:
        """The place that a cursor names; "" is the start."""
        if not cursor:
            return cls()
        at, _, page = cursor.rpartition("|")
        return cls(datetime.fromisoformat(at), int(page))

    def __str__(self) -> str:
        return "" if self.at is None else f"{self.at.isoformat()}|{self.page}"

    def after(self, times: Sequence[datetime]) -> Place:
        """The place behind a page of records with these times."""
        latest = max(times, default=None)
        if latest is None:
            return self
        return Place(latest) if self.at is None or latest > self.at else Place(self.at, self.page + 1)


def _listed(kind: str, lists: Mapping[str, Any]) -> str:
    if kind not in lists:
        raise Unsupported(f"A store has no list of records of kind {kind}.")
    return kind


def _changed(span: Span) -> Span:
    """The span of a kind that can only be asked for by its last change."""
    return span if span.by == "modified" else Span(by="modified")


def _dated(span: Span) -> dict[str, str | int]:
    """The date filters of a V3 list."""
    field = f"date_{span.by}"
    bounds = {f"{field}:min": span.since, f"{field}:max": span.until}
    return {name: bound.isoformat() for name, bound in bounds.items() if bound is not None}


def _unix(span: Span) -> dict[str, str | int]:
    bounds = {"minModified": span.since, "maxModified": span.until}
    return {name: int(bound.timestamp()) for name, bound in bounds.items() if bound is not None}


def _order_filters(span: Span) -> dict[str, str | int]:
    """The filters of a V2 list; it takes one status and one channel, several are chosen among what comes."""
    bounds = {f"min_date_{span.by}": span.since, f"max_date_{span.by}": span.until}
    found: dict[str, str | int] = {name: bound.isoformat() for name, bound in bounds.items() if bound is not None}
    for name, field in (("status", "status_id"), ("channel", "channel_id"), ("min_total", "min_total")):
        values = span.filters.get(name) or ()
        if len(values) == 1:
            found[field] = values[0]
    return found


def _is_wanted(row: Payload, filters: Mapping[str, Sequence[str]]) -> bool:
    """Whether an order has one of several statuses, and is of one of several channels."""
    own = {"status": str(row.get("status_id")), "channel": str(row.get("channel_id") or 1)}
    return all(not filters.get(name) or value in filters[name] for name, value in own.items())


def _by_id(rows: Sequence[Payload], heads: Sequence[Head], cursor: str) -> Heads:
    last = max((int(row["id"]) for row in rows), default=int(cursor or 0))
    return Heads(tuple(heads), str(last), len(rows) == PAGE)


def _head(row: Payload, read: Callable[[str], datetime]) -> Head:
    return Head(str(row["id"]), _date(row.get("date_created"), read), _date(row.get("date_modified"), read))


def _date(text: Any, read: Callable[[str], datetime]) -> datetime:
    """A date that cannot be read must not end the list: the record itself will tell."""
    try:
        return read(text)
    except Rejected:
        return EPOCH


def _seconds(value: Any) -> datetime:
    """The edition's times are Unix seconds."""
    return datetime.fromtimestamp(int(value), UTC) if str(value or "").isdigit() else EPOCH


def _no_list() -> Retryable:
    return Retryable("BigCommerce sent something else than the list that was asked for.", code="BC_GARBLED")
