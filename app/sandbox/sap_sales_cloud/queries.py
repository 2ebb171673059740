"""Lists: which rows a query finds, in which order, and which part of them is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from app.sandbox.sap_sales_cloud import filters, reading
from app.sandbox.sap_sales_cloud.calls import Call, listed, number
from app.sandbox.sap_sales_cloud.errors import bad
from app.sandbox.sap_sales_cloud.filters import Dialect
from app.sandbox.sap_sales_cloud.model import EntityType
from app.sandbox.sap_sales_cloud.store import Row
from app.sandbox.sap_sales_cloud.tenant import Tenant

_WORD = re.compile(r"[\w@.+-]+")


@dataclass
class Page:
    """The rows to show, how many there are (None: not asked for), and where the next page begins (0: nowhere)."""

    rows: list[Row]
    count: int | None
    next_row: int


class Query:
    """One list request on one entity set, over all its rows or over those of a navigation."""

    def __init__(self, tenant: Tenant, call: Call, entity: EntityType, among: list[Row] | None = None) -> None:
        self._tenant = tenant
        self._call = call
        self._entity = entity
        self._among = among
        text = call.query.get("$filter", "")
        switches = tenant.switches
        dialect = Dialect(switches.filter_ne, switches.substringof, switches.filter_ignores_case)
        self._filter = filters.parse(text, entity, dialect) if text.strip() else None
        self._words = search_words(call)
        self._order = order(entity, call.query.get("$orderby", ""))

    def count(self) -> int:
        """How many rows there are, whatever the page."""
        if self._is_all():
            return len(self._tenant.table(self._entity).rows)
        return sum(1 for _ in self._matching())

    def page(self) -> Page:
        """The part that `$top`, `$skip` and `$skiptoken` ask for; without `$top` it is cut and goes on."""
        query = self._call.query
        start = number(query, "$skip") or 0
        token = number(query, "$skiptoken")
        if token is not None:
            start = max(token, 1) - 1
        top = number(query, "$top")
        size = self._tenant.switches.page_size if top is None else top
        wants_count = inline_count(query)
        rows: Iterable[Row] = self._matching()
        if self._order or (wants_count and not self._is_all()):
            rows = self._sorted(list(rows))
        found = list(islice(rows, start, start + size + 1))
        more = len(found) > size and top is None
        count = (len(rows) if isinstance(rows, list) else self.count()) if wants_count else None
        return Page(found[:size], count, start + size + 1 if more else 0)

    def _is_all(self) -> bool:
        return self._among is None and self._filter is None and not self._words and not self._call.user.territory

    def _matching(self) -> Iterator[Row]:
        tenant, entity, user = self._tenant, self._entity, self._call.user
        for row in self._candidates():
            if (
                (self._filter is None or self._filter.test(self._getter(row)))
                and (not self._words or _has_words(entity, row, self._words))
                and reading.is_visible(tenant, user, entity, row)
            ):
                yield row

    def _candidates(self) -> Iterable[Row]:
        table = self._tenant.table(self._entity)
        if self._among is not None:
            return self._among
        found = [self._looked_up(*one) for one in (self._filter.lookups if self._filter else ())]
        usable = [rows for rows in found if rows is not None]
        if usable:
            return min(usable, key=len)
        rows: Iterable[Row] = table.rows.values()
        return rows

    def _looked_up(self, name: str, wanted: tuple[str, ...]) -> list[Row] | None:
        table = self._tenant.table(self._entity)
        if name == "ObjectID":
            return [table.rows[key] for key in dict.fromkeys(wanted) if key in table.rows]
        if not table.is_indexed(name) or name in self._entity.followers:
            return None
        return list({row["ObjectID"]: row for value in wanted for row in table.find(name, value)}.values())

    def _getter(self, row: Row) -> Callable[[str], Any]:
        if not self._entity.followers:
            return row.get
        tenant, entity = self._tenant, self._entity
        return lambda name: reading.value(tenant, entity, row, name) if name in entity.followers else row.get(name)

    def _sorted(self, rows: list[Row]) -> list[Row]:
        tenant, entity = self._tenant, self._entity
        for name, descending in reversed(self._order):
            values = {row["ObjectID"]: reading.value(tenant, entity, row, name) for row in rows}
            rows.sort(key=lambda row: _sort_key(values[row["ObjectID"]]), reverse=descending)
        return rows


def _sort_key(value: Any) -> tuple[bool, Any]:
    return (value is not None and value != "", value if value is not None and value != "" else 0)


def inline_count(query: dict[str, str]) -> bool:
    """Whether the number of all rows is asked for."""
    asked = query.get("$inlinecount", "none")
    if asked not in ("allpages", "none"):
        raise bad(f"Invalid value '{asked}' for $inlinecount")
    return asked == "allpages"


def order(entity: EntityType, text: str) -> list[tuple[str, bool]]:
    """Property and whether descending, of `$orderby`."""
    found = []
    for item in listed(text):
        name, _, direction = item.partition(" ")
        if name not in entity.properties:
            raise bad(f"Property '{name}' not found")
        if direction.strip() not in ("", "asc", "desc"):
            raise bad(f"Invalid $orderby '{item}'")
        found.append((name, direction.strip() == "desc"))
    return found


def search_words(call: Call) -> list[re.Pattern[str]]:
    """The words of `$search`: bare or in single quotes, blanks mean and, `*` stands for anything."""
    text = call.query.get("$search")
    if text is None:
        return []
    if call.in_batch:
        raise bad("$search is not supported in $batch")
    if '"' in text:
        raise bad("Double quotes are not supported in $search")
    bare = text.strip()
    if len(bare) >= 2 and bare[0] == bare[-1] == "'":
        bare = bare[1:-1]
    return [re.compile(".*".join(map(re.escape, w.split("*"))), re.IGNORECASE) for w in bare.split()]


def _has_words(entity: EntityType, row: Row, wanted: list[re.Pattern[str]]) -> bool:
    texts = [row[p.name] for p in entity.properties.values() if p.filterable and isinstance(row.get(p.name), str)]
    found = {word for text in texts for word in (*_WORD.findall(text), text)}
    return all(any(pattern.fullmatch(word) for word in found) for pattern in wanted)
