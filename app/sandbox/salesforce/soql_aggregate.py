"""SOQL aggregates: COUNT, SUM and the like over groups."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from app.sandbox.salesforce.errors import ApiError
from app.sandbox.salesforce.fields import Field
from app.sandbox.salesforce.soql_syntax import AGGREGATES, Call, Compare, Logic, Order, Path, Query
from app.sandbox.salesforce.soql_where import DATE_PARTS, ORDERING, Getter, Resolver, Where
from app.sandbox.salesforce.store import Row


def aggregate_columns(query: Query) -> list[str]:
    """The names of the columns: alias, field name, or expr0, expr1, ..."""
    names: list[str] = []
    unnamed = 0
    for one in query.selected:
        if one.alias:
            names.append(one.alias)
        elif isinstance(one.what, Call):
            names.append(f"expr{unnamed}")
            unnamed += 1
        elif isinstance(one.what, tuple):
            names.append(one.what[-1])
    return names


def aggregate_rows(resolver: Resolver, query: Query, rows: list[Row], where: Callable[[Resolver], Where]) -> list[Row]:
    """One row per group, columns in the order selected."""
    keys = [_operand(resolver, by) for by in query.group_by]
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(key(row) for key in keys), []).append(row)
    if not groups and not query.group_by:
        groups[()] = []
    kept = [members for members in groups.values() if _having(resolver, query.having, members)]
    for order in reversed(query.order_by):
        _sort(resolver, order, kept)
    names = aggregate_columns(query)
    columns = [_column(resolver, query, one.what) for one in query.selected]
    return [{name: column(members) for name, column in zip(names, columns, strict=True)} for members in kept]


def _operand(resolver: Resolver, what: Path | Call) -> Getter:
    if not isinstance(what, Call):
        return _shown(resolver.getter(what)[0])
    get = resolver.getter(what.path)[0]
    part = DATE_PARTS.get(what.name)
    if part is None:
        raise ApiError("MALFORMED_QUERY", f"unknown function in GROUP BY: {what.name}")
    return lambda row: part(value) if (value := get(row)) else None


def _shown(get: Getter) -> Getter:
    return lambda row: float(value) if isinstance(value := get(row), Decimal) else value


def _column(resolver: Resolver, query: Query, what: Path | Call | Query) -> Callable[[list[Row]], Any]:
    if isinstance(what, Query):
        raise ApiError("MALFORMED_QUERY", "Grouped query cannot use child relationships in the SELECT list")
    if isinstance(what, Call) and what.name in AGGREGATES:
        return _function(resolver, what)
    if what not in query.group_by:
        name = what.path[-1] if isinstance(what, Call) else ".".join(what)
        raise ApiError("MALFORMED_QUERY", f"Field must be grouped or aggregated: {name}")
    get = _operand(resolver, what)
    return lambda members: get(members[0]) if members else None


def _function(resolver: Resolver, call: Call) -> Callable[[list[Row]], Any]:
    if not call.path:
        return len
    get, field = resolver.getter(call.path)
    calculate = FUNCTIONS[call.name]

    def column(members: list[Row]) -> Any:
        values = [value for row in members if (value := get(row)) is not None]
        result = calculate(values)
        if isinstance(result, Decimal):
            return float(result)
        return float(result) if call.name in ("sum", "avg") and result is not None and _numeric(field) else result

    return column


def _numeric(field: Field) -> bool:
    return field.type in ("double", "currency", "percent", "int")


FUNCTIONS: dict[str, Callable[[list[Any]], Any]] = {
    "count": len,
    "count_distinct": lambda values: len(set(values)),
    "sum": lambda values: sum(values) if values else None,
    "avg": lambda values: sum(values) / len(values) if values else None,
    "min": lambda values: min(values, default=None),
    "max": lambda values: max(values, default=None),
}


def _having(resolver: Resolver, tree: Compare | Logic | None, members: list[Row]) -> bool:
    if tree is None:
        return True
    if isinstance(tree, Logic):
        results = [_having(resolver, part, members) for part in tree.parts]
        return not results[0] if tree.op == "not" else all(results) if tree.op == "and" else any(results)
    if not isinstance(tree.left, Call) or isinstance(tree.right, list | Query) or tree.right.kind != "number":
        raise ApiError("MALFORMED_QUERY", "HAVING compares an aggregate with a number")
    found, wanted = _function(resolver, tree.left)(members), float(tree.right.value)
    if tree.op in ("=", "!="):
        return (found == wanted) is (tree.op == "=")
    return found is not None and ORDERING[tree.op](found, wanted)


def _sort(resolver: Resolver, order: Order, groups: list[list[Row]]) -> None:
    by = order.by
    if isinstance(by, Call) and by.name in AGGREGATES:
        column = _function(resolver, by)
    else:
        get = _operand(resolver, by)

        def column(members: list[Row]) -> Any:
            return get(members[0])

    groups.sort(key=lambda members: _orderable(column(members)), reverse=order.descending)


def _orderable(value: Any) -> tuple[int, Any]:
    return (0, 0) if value is None else (1, value)
