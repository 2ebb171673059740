"""SOQL conditions as functions over rows, and the indexes that narrow them down."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from app.sandbox.salesforce.errors import ApiError, no_such_column
from app.sandbox.salesforce.fields import NUMBER_TYPES, Field, SObject
from app.sandbox.salesforce.ids import to_18
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.soql_dates import day_range
from app.sandbox.salesforce.soql_syntax import Call, Compare, Literal, Logic, Path, Query
from app.sandbox.salesforce.store import Row
from app.sandbox.salesforce.values import moment_text, parse_moment

Condition = Callable[[Row], bool]
Getter = Callable[[Row], Any]
SemiJoin = Callable[[Query], set[Any]]

ORDERING: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
DATE_PARTS: dict[str, Callable[[str], Any]] = {
    "calendar_year": lambda text: int(text[:4]),
    "calendar_month": lambda text: int(text[5:7]),
    "calendar_quarter": lambda text: (int(text[5:7]) + 2) // 3,
    "day_in_month": lambda text: int(text[8:10]),
    "hour_in_day": lambda text: int(text[11:13]),
    "day_only": lambda text: text[:10],
}


class Resolver:
    """Finds fields by path, from one object."""

    def __init__(self, org: Org, sobject: SObject, alias: str = "") -> None:
        self.org = org
        self.sobject = sobject
        self._names = {sobject.name.lower(), alias.lower()} - {""}

    def strip(self, path: Path) -> Path:
        """The path without the object's own name or alias in front."""
        if len(path) > 1 and path[0].lower() in self._names and self.sobject.relationship(path[0]) is None:
            return path[1:]
        return path

    def field(self, path: Path) -> tuple[list[Field], Field]:
        """The reference fields walked and the field at the end; INVALID_FIELD for an unknown step."""
        walked: list[Field] = []
        here = self.sobject
        *steps, last = self.strip(path)
        for step in steps:
            reference = here.relationship(step)
            if reference is None:
                message = f"Didn't understand relationship '{step}' in field path"
                raise ApiError("INVALID_FIELD", message)
            walked.append(reference)
            here = self._target(reference)
        found = here.find(last) or (_polymorphic_type(last) if walked and len(walked[-1].refers_to) > 1 else None)
        if found is None:
            raise no_such_column(last, here.name)
        return walked, found

    def _target(self, reference: Field) -> SObject:
        return self.org.schema.typed(reference.refers_to[0])

    def getter(self, path: Path) -> tuple[Getter, Field]:
        """How to read the path from a row."""
        walked, field = self.field(path)
        name, db = field.name, self.org.db
        if not walked:
            return (lambda row: row.get(name)), field

        def through(row: Row) -> Any:
            here: Row | None = row
            for reference in walked:
                here = db.get(here.get(reference.name)) if here else None
            return here.get(name) if here else None

        return through, field


def _polymorphic_type(name: str) -> Field | None:
    return Field("Type") if name.lower() == "type" else None


def literal_value(field: Field, literal: Literal) -> Any:
    """A literal as the field keeps its values; INVALID_FIELD when the types do not go together."""
    value = literal.value
    if literal.kind == "null":
        return None
    if field.type in NUMBER_TYPES or field.type == "int":
        _need(field, literal, "number")
        return Decimal(value)
    if field.type == "boolean":
        _need(field, literal, "bool")
    elif field.type == "date":
        _need(field, literal, "date", "range")
    elif field.type == "datetime":
        _need(field, literal, "datetime", "date", "range")
        return value if literal.kind == "range" else _moment(value)
    else:
        _need(field, literal, "text")
        if field.type in ("id", "reference"):
            return to_18(value) or value
        return value if field.case_sensitive else value.casefold()
    return value


def _moment(value: str) -> str:
    try:
        return moment_text(parse_moment(value))
    except ValueError:
        raise ApiError("MALFORMED_QUERY", f"invalid date or date-time: {value}") from None


def _need(field: Field, literal: Literal, *kinds: str) -> None:
    if literal.kind not in kinds:
        hint = "should be enclosed in quotes" if "text" in kinds else "should not be enclosed in quotes"
        message = f"value of filter criterion for field '{field.name}' must be of type {field.type} and {hint}"
        raise ApiError("INVALID_FIELD", message)


def comparable(field: Field, value: Any) -> Any:
    """A kept value in the form literals are compared in."""
    if isinstance(value, str) and field.type not in ("id", "reference", "date", "datetime"):
        return value if field.case_sensitive else value.casefold()
    return False if value is None and field.type == "boolean" else value


class Where:
    """Compiles conditions over one object's rows."""

    def __init__(self, resolver: Resolver, semi_join: SemiJoin) -> None:
        self._resolver = resolver
        self._semi_join = semi_join

    def compile(self, tree: Compare | Logic | None) -> Condition:
        """The condition as a function."""
        if tree is None:
            return lambda row: True
        if isinstance(tree, Compare):
            return self._compare(tree)
        parts = [self.compile(part) for part in tree.parts]
        if tree.op == "and":
            return lambda row: all(part(row) for part in parts)
        if tree.op == "or":
            return lambda row: any(part(row) for part in parts)
        only = parts[0]
        return lambda row: not only(row)

    def _left(self, left: Path | Call) -> tuple[Getter, Field]:
        if not isinstance(left, Call):
            return self._resolver.getter(left)
        get, field = self._resolver.getter(left.path)
        part = DATE_PARTS.get(left.name)
        if part is None:
            raise ApiError("MALFORMED_QUERY", f"unknown function: {left.name}")
        kind = "date" if left.name == "day_only" else "int"
        return (lambda row: part(value) if (value := get(row)) else None), Field(field.name, kind)

    def _compare(self, tree: Compare) -> Condition:
        get, field = self._left(tree.left)
        if (field.length >= 32000 and tree.op != "like") or field.type == "address":
            message = f"field '{field.name}' can not be filtered in a query call"
            raise ApiError("INVALID_FIELD", message)
        right = tree.right
        if isinstance(right, Query):
            return _membership(get, field, self._semi_join(right), tree.op == "in")
        if isinstance(right, list):
            return self._in_list(get, field, tree.op, right)
        if right.kind == "range":
            return self._in_range(get, field, tree.op, right)
        value = literal_value(field, right)
        if tree.op == "like":
            return _like(get, value, field)
        if tree.op in ("=", "!="):
            wanted = tree.op == "="
            return lambda row: (comparable(field, get(row)) == value) is wanted
        order = ORDERING[tree.op]
        return lambda row: (
            (found := comparable(field, get(row))) is not None and value is not None and order(found, value)
        )

    def _in_list(self, get: Getter, field: Field, op: str, literals: list[Literal]) -> Condition:
        if op in ("includes", "excludes"):
            if field.type != "multipicklist":
                raise ApiError("INVALID_QUERY_FILTER_OPERATOR", f"{op} is only valid on multi-select picklists")
            wanted = [set(str(one.value).split(";")) for one in literals]
            hit = op == "includes"
            return lambda row: any(w <= set((get(row) or "").split(";")) for w in wanted) is hit
        ranges = [one for one in literals if one.kind == "range"]
        if ranges:
            tests = [self._in_range(get, field, "=", one) for one in ranges]
            return lambda row: any(test(row) for test in tests) is (op == "in")
        return _membership(get, field, {literal_value(field, one) for one in literals}, op == "in")

    def _in_range(self, get: Getter, field: Field, op: str, literal: Literal) -> Condition:
        literal_value(field, literal)
        first, after = day_range(literal.value, self._resolver.org.now().date())
        suffix = "T00:00:00.000+0000" if field.type == "datetime" else ""
        start, end = first.isoformat() + suffix, after.isoformat() + suffix
        tests: dict[str, Callable[[str], bool]] = {
            "=": lambda v: start <= v < end,
            "!=": lambda v: not start <= v < end,
            "<": lambda v: v < start,
            "<=": lambda v: v < end,
            ">": lambda v: v >= end,
            ">=": lambda v: v >= start,
        }
        test = tests[op]
        return lambda row: test(value) if (value := get(row)) else op == "!="


def _membership(get: Getter, field: Field, values: set[Any], wanted: bool) -> Condition:
    return lambda row: (comparable(field, get(row)) in values) is wanted


def _like(get: Getter, pattern: str | None, field: Field) -> Condition:
    parts = re.findall(r"\\[%_]|.", pattern or "", re.S)
    wild = {"%": ".*", "_": "."}
    regex = re.compile("".join(wild.get(p) or re.escape(p[-1]) for p in parts), re.S)
    return lambda row: bool(regex.fullmatch(str(comparable(field, get(row)) or "")))


def candidates(resolver: Resolver, tree: Compare | Logic | None, semi_join: SemiJoin) -> Iterable[Row] | None:
    """Rows found by an index that every match must be among; None: look at all of them."""
    parts = tree.parts if isinstance(tree, Logic) and tree.op == "and" else [tree]
    table = resolver.org.db.tables[resolver.sobject.name]
    for part in parts:
        if not isinstance(part, Compare) or part.op not in ("=", "in") or isinstance(part.left, Call):
            continue
        path = resolver.strip(part.left)
        field = resolver.sobject.find(path[0]) if len(path) == 1 else None
        if field is None or not (field.type == "id" or table.is_indexed(field.name)):
            continue
        values = _values(field, part.right, semi_join)
        if None in values:
            continue
        if field.type == "id":
            return [table.rows[v] for v in sorted(values) if v in table.rows]
        found = {row["Id"]: row for v in values for row in table.find(field.name, v)}
        return [found[i] for i in sorted(found)]
    return None


def _values(field: Field, right: Literal | list[Literal] | Query, semi_join: SemiJoin) -> set[Any]:
    if isinstance(right, Query):
        return semi_join(right)
    return {literal_value(field, one) for one in (right if isinstance(right, list) else [right])}
