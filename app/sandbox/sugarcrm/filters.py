"""The filter grammar: elements that are ANDed, operators, related fields, whole-record filters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from app.sandbox.sugarcrm.errors import ApiError, invalid
from app.sandbox.sugarcrm.fields import Field
from app.sandbox.sugarcrm.filter_dates import RANGES
from app.sandbox.sugarcrm.linking import Linker
from app.sandbox.sugarcrm.site import Actor, Site
from app.sandbox.sugarcrm.store import Row, index_key
from app.sandbox.sugarcrm.values import EMPTY, as_moment, coerce
from app.sandbox.sugarcrm.views import title

Test = Callable[[Row], bool]
UNKNOWN = 10**9
_SPAN = re.compile(r"^-?(\d+) (DAY|WEEK|HOUR|MINUTE)S?$", re.IGNORECASE)
_EMAILS = ("email", "email1", "email_addresses.email_address")


@dataclass(frozen=True)
class Candidates:
    """The only records that can pass, as an index knows them, and about how many they are."""

    size: int
    ids: Callable[[], Iterable[str]]


@dataclass(frozen=True)
class Condition:
    """A test, and, where an index helps, the candidates for it."""

    test: Test
    candidates: Candidates | None = None


def all_of(parts: list[Condition]) -> Condition:
    """AND; one index is enough, the one with the fewest records is used."""
    tests = [p.test for p in parts]
    known = [p.candidates for p in parts if p.candidates]
    fewest = min(known, key=lambda one: one.size, default=None)
    return Condition(lambda row: all(test(row) for test in tests), fewest)


def any_of(parts: list[Condition]) -> Condition:
    """OR; only an index for every branch helps."""
    tests = [p.test for p in parts]
    known = [p.candidates for p in parts if p.candidates]
    whole = None
    if parts and len(known) == len(parts):
        whole = Candidates(sum(one.size for one in known), lambda: dict.fromkeys(i for one in known for i in one.ids()))
    return Condition(lambda row: any(test(row) for test in tests), whole)


class Compiler:
    """Turns the filters of one call into conditions."""

    def __init__(self, site: Site, linker: Linker, actor: Actor, module: str) -> None:
        self._site = site
        self._linker = linker
        self._actor = actor
        self._name = module
        self._module = site.schema.modules[module]

    def compile(self, given: Any) -> Condition:
        """A filter: an array of elements, or a lone one; 422 invalid_parameter for what is neither."""
        elements = given if isinstance(given, list) else [given]
        parts: list[Condition] = []
        for element in elements:
            if not isinstance(element, dict):
                raise invalid("Did not recognize the definition of the filter.")
            parts += [self._entry(str(name), value) for name, value in element.items()]
        return all_of(parts)

    def _entry(self, name: str, value: Any) -> Condition:
        if name in ("$and", "$or"):
            if not isinstance(value, list):
                raise invalid(f"{name} requires an array of filters")
            parts = [self.compile(one) for one in value]
            return all_of(parts) if name == "$and" else any_of(parts)
        if name.startswith("$"):
            return self._whole_record(name, str(value))
        if not isinstance(value, dict):
            value = {"$in" if isinstance(value, list) else "$equals": value}
        return all_of([self._operation(name, str(operator), operand) for operator, operand in value.items()])

    def _whole_record(self, name: str, value: str) -> Condition:
        site, me, module = self._site, self._actor.id, self._name
        tests: dict[str, Test] = {
            "$owner": lambda row: bool(row["assigned_user_id"] == me),
            "$creator": lambda row: bool(row["created_by"] == me),
            "$favorite": lambda row: (me, module, row["id"]) in site.favorites,
            "$following": lambda row: (me, module, row["id"]) in site.follows,
            "$tracker": lambda row: site.viewed[me].get((module, row["id"]), _NEVER) >= _span_start(site.now(), value),
        }
        if name not in tests:
            raise invalid(f"Did not recognize the operator: {name}")
        return Condition(tests[name])

    def _operation(self, name: str, operator: str, operand: Any) -> Condition:
        if name in _EMAILS and self._module.has_email:
            return self._email(operator, operand)
        if "." in name:
            return self._related(name, operator, operand)
        field = self._module.fields.get(name)
        if field is None or field.type in ("teamset", "collection", "locked_fields"):
            raise invalid(f"Unknown field {name} in module {self._name}")
        get = self._getter(field)
        test = self._test(field, operator, operand)
        return Condition(lambda row: test(get(row)), self._index(field, operator, operand))

    def _getter(self, field: Field) -> Callable[[Row], Any]:
        if field.type == "tag":
            tags = self._site.tables["Tags"].rows
            return lambda row: [tags[t]["name"] for t in row["_tags"] if t in tags]
        if field.type == "fullname":
            return lambda row: row["name"]
        if field.name in ("team_id", "team_set_id"):
            return lambda row: row["_teams"][0][0]
        if field.type == "relate" and not field.stored:
            return lambda row: title(self._site, field.module, row[field.id_name]) or None
        if field.type == "parent":
            return lambda row: title(self._site, row["parent_type"] or "", row["parent_id"]) or None
        name = field.name
        return (lambda row: row[name]) if field.stored else (lambda row: None)

    def _index(self, field: Field, operator: str, operand: Any) -> Candidates | None:
        table = self._site.tables[self._name]
        wanted = [operand] if operator == "$equals" else operand if operator == "$in" else None
        if isinstance(wanted, str):
            wanted = [wanted]
        if isinstance(wanted, list) and field.name == "id":
            return Candidates(len(wanted), lambda: (str(i) for i in wanted))
        if isinstance(wanted, list) and table.is_indexed(field.name) and not any(v in EMPTY for v in wanted):
            values = [self._coerce(field, v) for v in wanted]
            size = sum(table.count(field.name, v) for v in values)
            return Candidates(size, lambda: (row["id"] for v in values for row in table.find(field.name, v)))
        if field.name == "date_modified" and operator in ("$gt", "$gte", "$equals"):
            since = as_moment(operand, self._actor.zone)
            return Candidates(UNKNOWN, lambda: (row["id"] for row in table.since(since, with_deleted=True)))
        return None

    def _coerce(self, field: Field, value: Any) -> Any:
        if field.type in ("tag", "relate", "fullname", "parent"):
            return str(value)
        return coerce(field, value, self._actor.zone, self._name)

    def _test(self, field: Field, operator: str, operand: Any) -> Callable[[Any], bool]:
        if operator in _NO_OPERAND:
            return _NO_OPERAND[operator]
        if operator == "$dateRange":
            return self._range(field, str(operand))
        make = _OPERATORS.get(operator)
        if make is None:
            raise invalid(f"Did not recognize the operator: {operator}")
        if operator in _LISTS:
            values = operand if isinstance(operand, list) else [operand]
            if operator in ("$between", "$dateBetween") and len(values) != 2:
                raise invalid(f"{operator} requires an array with two values.")
            return make([_key(self._moment_or_value(field, v, n == 1)) for n, v in enumerate(values)])
        if operand in EMPTY and operator in ("$equals", "$not_equals"):
            return _NO_OPERAND["$empty" if operator == "$equals" else "$not_empty"]
        if operator in _SUBSTRINGS:
            return make(str(operand).casefold())
        return make(_key(self._coerce(field, operand)))

    def _moment_or_value(self, field: Field, value: Any, end: bool) -> Any:
        if field.type != "datetime" or len(str(value)) > 10:
            return self._coerce(field, value)
        return self._midnight(date.fromisoformat(str(value)), end)

    def _midnight(self, day: date, end: bool) -> datetime:
        at = time(23, 59, 59) if end else time.min
        return datetime.combine(day, at, self._actor.zone).astimezone(UTC)

    def _range(self, field: Field, name: str) -> Callable[[Any], bool]:
        if name not in RANGES:
            raise invalid(f"Did not recognize the date range: {name}")
        first, last = RANGES[name](self._site.now().astimezone(self._actor.zone).date())
        if field.type == "datetime":
            start, end = self._midnight(first, False), self._midnight(last, True)
            return lambda value: value is not None and start <= value <= end
        return lambda value: value is not None and first.isoformat() <= value <= last.isoformat()

    def _email(self, operator: str, operand: Any) -> Condition:
        emails, name = self._site.emails, self._name
        wanted = operand if isinstance(operand, list) else [operand]
        if operator in ("$equals", "$in") and wanted != [""]:
            ids = dict.fromkeys(i for text in wanted for i in emails.holders(name, str(text)))
            return Condition(lambda row: row["id"] in ids, Candidates(len(ids), lambda: ids))
        test = self._test(Field("email"), operator, operand)
        negative = operator in ("$not_equals", "$not_in", "$not_contains", "$is_null", "$empty")

        def check(row: Row) -> bool:
            addresses: list[str | None] = [a.address for a, _ in emails.of((name, row["id"]))]
            results = [test(a) for a in addresses or [None]]
            return all(results) if negative else any(results)

        return Condition(check)

    def _related(self, name: str, operator: str, operand: Any) -> Condition:
        link_name, _, field_name = name.partition(".")
        try:
            link = self._site.schema.link(self._name, link_name)
        except ApiError as error:
            raise invalid(f"Unknown link {link_name} in module {self._name}") from error
        inner = Compiler(self._site, self._linker, self._actor, link.target)._operation(field_name, operator, operand)
        linker, back = self._linker, self._site.schema.links[link.target].get(link.other)
        found = None
        if inner.candidates and back and back.target == self._name:
            rows, partners, only = self._site.tables[link.target].rows, back, inner.candidates
            found = Candidates(
                only.size,
                lambda: (r["id"] for i in only.ids() if i in rows for r in linker.related(partners, rows[i])),
            )
        return Condition(lambda row: any(inner.test(other) for other in linker.related(link, row)), found)


_NEVER = datetime.min.replace(tzinfo=UTC)


def _span_start(now: datetime, text: str) -> datetime:
    found = _SPAN.match(text)
    if not found:
        raise invalid(f"Did not recognize the interval: {text}")
    return now - timedelta(**{found.group(2).lower() + "s": int(found.group(1))})


def _key(value: Any) -> Any:
    return index_key(value)


def _has(value: Any, key: Any) -> bool:
    return any(index_key(v) == key for v in value) if isinstance(value, list) else index_key(value) == key


def _substring(find: Callable[[str, str], bool]) -> Callable[[Any], Callable[[Any], bool]]:
    def make(part: str) -> Callable[[Any], bool]:
        def test(value: Any) -> bool:
            values = value if isinstance(value, list) else [value]
            return any(v is not None and find(str(v).casefold(), part) for v in values)

        return test

    return make


_CONTAINS = _substring(lambda text, part: part in text)
_OPERATORS: dict[str, Callable[[Any], Callable[[Any], bool]]] = {
    "$equals": lambda key: lambda value: _has(value, key),
    "$not_equals": lambda key: lambda value: not _has(value, key),
    "$in": lambda keys: lambda value: any(_has(value, key) for key in keys),
    "$not_in": lambda keys: lambda value: not any(_has(value, key) for key in keys),
    "$contains": _CONTAINS,
    "$not_contains": lambda part: lambda value: not _CONTAINS(part)(value),
    "$starts": _substring(lambda text, part: text.startswith(part)),
    "$ends": _substring(lambda text, part: text.endswith(part)),
    "$lt": lambda key: lambda value: value is not None and index_key(value) < key,
    "$lte": lambda key: lambda value: value is not None and index_key(value) <= key,
    "$gt": lambda key: lambda value: value is not None and index_key(value) > key,
    "$gte": lambda key: lambda value: value is not None and index_key(value) >= key,
    "$between": lambda keys: lambda value: value is not None and keys[0] <= index_key(value) <= keys[1],
    "$dateBetween": lambda keys: lambda value: value is not None and keys[0] <= index_key(value) <= keys[1],
}
_LISTS = ("$in", "$not_in", "$between", "$dateBetween")
_SUBSTRINGS = ("$contains", "$not_contains", "$starts", "$ends")
_NO_OPERAND: dict[str, Callable[[Any], bool]] = {
    "$is_null": lambda value: value is None,
    "$not_null": lambda value: value is not None,
    "$empty": lambda value: value in (None, "", []),
    "$not_empty": lambda value: value not in (None, "", []),
}
