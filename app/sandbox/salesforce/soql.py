"""SOQL: run a statement against the org."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.sandbox.salesforce.errors import ApiError
from app.sandbox.salesforce.fields import Field, SObject
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.soql_aggregate import aggregate_columns, aggregate_rows
from app.sandbox.salesforce.soql_syntax import AGGREGATES, Call, Order, Parser, Path, Query, Selected
from app.sandbox.salesforce.soql_where import Condition, Resolver, Where, candidates, comparable
from app.sandbox.salesforce.store import Row
from app.sandbox.salesforce.values import show

Render = Callable[[Row], dict[str, Any]]


@dataclass
class Result:
    """What a query found: how many, the rows, and how to show one."""

    total: int
    rows: Sequence[Row]
    render: Render
    columns: list[tuple[str, Field | None]] = field(default_factory=list)  # dotted names, for CSV


def condition(org: Org, sobject: SObject, where: str) -> Condition:
    """A SOQL condition over rows of an object."""
    return _Run(org, "", False).where(Resolver(org, sobject)).compile(Parser(where).only_condition())


def run(org: Org, text: str, base: str = "", include_deleted: bool = False) -> Result:
    """Run a statement; `base` is the path up to the version for record urls."""
    return _Run(org, base, include_deleted).result(Parser(text).query())


class _Run:
    def __init__(self, org: Org, base: str, include_deleted: bool) -> None:
        self._org = org
        self._base = base
        self._include_deleted = include_deleted

    def where(self, resolver: Resolver) -> Where:
        return Where(resolver, self._semi_join)

    def result(self, query: Query) -> Result:
        sobject = self._org.schema.typed(query.source)
        resolver = Resolver(self._org, sobject, query.alias)
        if query.just_count:
            return Result(len(self._found(resolver, query, paged=True)), [], lambda row: {})
        calls = [s.what for s in query.selected if isinstance(s.what, Call)]
        if query.group_by or any(c.name in AGGREGATES for c in calls):
            found = self._found(resolver, query, paged=False)
            rows = aggregate_rows(resolver, query, found, self.where)
            rows = _page(rows, query)
            columns = [(name, None) for name in aggregate_columns(query)]
            return Result(
                len(rows), rows, lambda row: {"attributes": {"type": "AggregateResult"}, **row}, list(columns)
            )
        selected = self._expand(sobject, query)
        found = self._found(resolver, query, paged=True)
        columns_of = [(".".join(resolver.strip(p)), resolver.field(p)[1]) for p in _paths(selected)]
        return Result(len(found), found, self._render(resolver, selected), list(columns_of))

    def _found(self, resolver: Resolver, query: Query, paged: bool) -> list[Row]:
        table = self._org.db.tables[resolver.sobject.name]
        test = self.where(resolver).compile(query.where)
        rows: Iterable[Row] | None = None
        if not self._include_deleted:
            rows = candidates(resolver, query.where, self._semi_join)
        if rows is None:
            rows = table.rows.values()
            if self._include_deleted and table.bin:
                rows = sorted([*rows, *table.bin.values()], key=lambda row: str(row["Id"]))
        found = [row for row in rows if test(row)]
        if not paged:
            return found
        return _page(sort_rows(resolver, query.order_by, found), query)

    def _semi_join(self, query: Query) -> set[Any]:
        resolver = Resolver(self._org, self._org.schema.typed(query.source), query.alias)
        if len(query.selected) != 1 or not isinstance(query.selected[0].what, tuple):
            raise ApiError("MALFORMED_QUERY", "A semi-join selects exactly one field")
        get, _ = resolver.getter(query.selected[0].what)
        return {value for row in self._found(resolver, query, paged=True) if (value := get(row)) is not None}

    def _expand(self, sobject: SObject, query: Query) -> list[Selected]:
        selected: list[Selected] = []
        for one in query.selected:
            if isinstance(one.what, Call) and one.what.name == "fields":
                wanted = one.what.path[0].lower()
                if wanted != "standard" and (query.limit or 201) > 200:
                    raise ApiError("MALFORMED_QUERY", "The SOQL FIELDS function must have a LIMIT of at most 200")
                selected += [
                    Selected((f.name,))
                    for f in sobject.fields.values()
                    if wanted == "all" or f.custom == (wanted == "custom")
                ]
            elif isinstance(one.what, Call):  # toLabel(), FORMAT(), convertCurrency()
                selected.append(Selected(one.what.path, one.alias))
            else:
                selected.append(one)
        return selected

    def _render(self, resolver: Resolver, selected: list[Selected]) -> Render:
        columns: list[tuple[str, Render | Callable[[Row], Any]]] = []
        parents: dict[str, list[Selected]] = {}
        for one in selected:
            if isinstance(one.what, Query):
                columns.append(self._subquery(resolver, one.what))
                continue
            path = resolver.strip(_path(one))
            if len(path) == 1:
                columns.append(_column(resolver.field(path)[1], one.alias))
                continue
            first = resolver.sobject.relationship(path[0])
            key = first.relationship if first else path[0]
            if key not in parents:
                parents[key] = []
                columns.append((key, lambda row: None))
            parents[key].append(Selected(path[1:], one.alias))
            resolver.field(path)
        shown = dict(columns)
        for key, inner in parents.items():
            shown[key] = self._parent(resolver, key, inner)
        name, base = resolver.sobject.name, self._base

        def render(row: Row) -> dict[str, Any]:
            record: dict[str, Any] = {"attributes": attributes(base, name, row["Id"])}
            for key, get in shown.items():
                record[key] = get(row)
            return record

        return render

    def _parent(self, resolver: Resolver, key: str, inner: list[Selected]) -> Callable[[Row], Any]:
        reference = resolver.sobject.relationship(key)
        if reference is None:
            raise ApiError("INVALID_FIELD", f"Didn't understand relationship '{key}' in field path")
        renders: dict[str, Render] = {}

        def parent(row: Row) -> dict[str, Any] | None:
            found = self._org.db.get(row.get(reference.name))
            table = self._org.db.table_of(row[reference.name]) if found else None
            if found is None or table is None:
                return None
            if table.name not in renders:
                target = self._org.schema.typed(table.name)
                known = [s for s in inner if len(_path(s)) > 1 or target.find(_path(s)[0])]
                renders[table.name] = self._render(Resolver(self._org, target), known)
            return renders[table.name](found)

        return parent

    def _child(self, parent: SObject, name: str) -> tuple[SObject, Field]:
        for child, reference in self._org.schema.children_of(parent.name):
            if reference.children and reference.children.lower() == name.lower():
                return child, reference
        raise ApiError("INVALID_TYPE", f"Didn't understand relationship '{name}' in FROM part of query call.")

    def _subquery(self, resolver: Resolver, query: Query) -> tuple[str, Callable[[Row], Any]]:
        child, reference = self._child(resolver.sobject, query.source)
        inner = Resolver(self._org, child, query.alias)
        test = self.where(inner).compile(query.where)
        render = self._render(inner, self._expand(child, query))
        child_name, field_name = child.name, reference.name

        def children(row: Row) -> dict[str, Any] | None:
            found = [r for r in self._org.db.children(child_name, field_name, row["Id"]) if test(r)]
            found = _page(sort_rows(inner, query.order_by, found), query)
            if not found:
                return None
            return {"totalSize": len(found), "done": True, "records": [render(r) for r in found]}

        return reference.children, children


def attributes(base: str, name: str, record_id: str) -> dict[str, str]:
    """The first member of every record."""
    return {"type": name, "url": f"{base}/sobjects/{name}/{record_id}"}


def _path(one: Selected) -> Path:
    return one.what if isinstance(one.what, tuple) else ()


def _paths(selected: list[Selected]) -> list[Path]:
    return [path for one in selected if (path := _path(one))]


def _column(found: Field, alias: str) -> tuple[str, Callable[[Row], Any]]:
    return alias or found.name, lambda row: show(found, row)


def _page(rows: list[Row], query: Query) -> list[Row]:
    end = None if query.limit is None else query.offset + query.limit
    return rows[query.offset : end]


def sort_rows(resolver: Resolver, orders: list[Order], rows: list[Row]) -> list[Row]:
    """Sort by several keys, the last one first; nulls first unless said otherwise."""
    for order in reversed(orders):
        get, found = resolver.getter(order.by if isinstance(order.by, tuple) else order.by.path)
        filled = [row for row in rows if get(row) is not None]
        empty = [row for row in rows if get(row) is None]
        filled.sort(key=_sort_key(get, found), reverse=order.descending)
        rows = filled + empty if order.nulls_last else empty + filled
    return rows


def _sort_key(get: Callable[[Row], Any], found: Field) -> Callable[[Row], Any]:
    def key(row: Row) -> Any:
        value = comparable(found, get(row))
        return value if isinstance(value, str | Decimal | int) else str(value)

    return key
