"""The filter grammar of V3 lists: `name`, `name:in`, `name:min`, `name:like` and their kin."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from operator import eq, ge, gt, le, lt
from typing import Any, Literal

from .dates import parse
from .errors import invalid

Kind = Literal["number", "text", "date", "flag", "numbers"]
Row = Mapping[str, Any]
Test = Callable[[Row], bool]

COMPARE: dict[str, Callable[[Any, Any], bool]] = {"": eq, "min": ge, "max": le, "greater": gt, "less": lt}
TRUE = {"1", "true"}


def select(rows: Sequence[Row], args: Mapping[str, str], fields: Mapping[str, Kind]) -> list[Any]:
    """The rows that pass every filter of a query; parameters that are no filters are ignored."""
    tests = [test for name, text in args.items() if (test := _test(name, text, fields))]
    return [row for row in rows if all(test(row) for test in tests)] if tests else list(rows)


def _test(name: str, text: str, fields: Mapping[str, Kind]) -> Test | None:
    field, _, operator = name.partition(":")
    kind = fields.get(field)
    if kind is None:
        return None
    if operator in ("in", "not_in"):
        return _membership(field, kind, text, operator == "in")
    if operator == "like":
        wanted = text.strip("%").casefold()
        return lambda row: wanted in str(row[field] or "").casefold()
    if operator not in COMPARE:
        raise invalid(name, "This filter is not supported.")
    compare, value = COMPARE[operator], _value(field, kind, text)
    if kind == "numbers":
        return lambda row: value in row[field]
    return lambda row: row[field] is not None and compare(_own(row[field], kind), value)


def _membership(field: str, kind: Kind, text: str, wanted: bool) -> Test:
    values = {_value(field, kind, part.strip()) for part in text.split(",") if part.strip()}
    if kind == "numbers":
        return lambda row: bool(values.intersection(row[field])) == wanted
    return lambda row: (_own(row[field], kind) in values) == wanted


def _value(field: str, kind: Kind, text: str) -> Any:
    if kind in ("number", "numbers"):
        try:
            return float(text)
        except ValueError:
            raise invalid(field, "The value must be a number.") from None
    if kind == "date":
        return parse(text, field)
    return text.lower() in TRUE if kind == "flag" else text.casefold()


def _own(value: Any, kind: Kind) -> Any:
    if kind == "text":
        return str(value).casefold()
    if kind == "date":
        return value if isinstance(value, datetime) else parse(value, "")  # rows have dates in either form, zone or not
    return value
