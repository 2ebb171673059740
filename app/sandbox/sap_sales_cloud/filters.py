"""`$filter` in the vendor's own dialect: `or` within one property, `*` as a wildcard, two functions."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.sandbox.sap_sales_cloud import values
from app.sandbox.sap_sales_cloud.errors import ApiError, bad
from app.sandbox.sap_sales_cloud.model import EntityType, Property

Test = Callable[[Any], bool]
_TOKEN = re.compile(
    r"\s*(?:(?P<typed>(?:datetimeoffset|datetime|guid|time)'[^']*')|(?P<text>'(?:[^']|'')*')"
    r"|(?P<number>-?\d+(?:\.\d+)?[mMdDfFlL]?(?![\w.]))|(?P<word>[A-Za-z_][\w/.]*)|(?P<mark>[(),]))"
)
_TYPED = {"datetimeoffset": "Edm.DateTimeOffset", "datetime": "Edm.DateTime", "guid": "Edm.Guid", "time": "Edm.Time"}
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "ge": operator.ge,
    "le": operator.le,
    "gt": operator.gt,
    "lt": operator.lt,
}
FUNCTIONS = ("startswith", "endswith", "substringof")
MAX_DEPTH = 50


@dataclass(frozen=True)
class Filter:
    """A condition: which properties it needs, its test, and what could be looked up in an index instead."""

    names: frozenset[str]
    test: Callable[[Callable[[str], Any]], bool]
    lookups: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass
class Dialect:
    """What the tenant's filters take."""

    ne: bool = False
    substringof: bool = True
    ignores_case: bool = False


@dataclass
class _Reader:
    entity: EntityType
    dialect: Dialect
    tokens: list[tuple[str, str]]
    at: int = 0
    depth: int = field(default=0)

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def next(self) -> tuple[str, str]:
        found = self.peek()
        self.at += 1
        return found

    def expect(self, mark: str) -> None:
        if self.next() != ("mark", mark):
            raise bad(f"Invalid $filter: '{mark}' expected")

    def either(self) -> Filter:
        parts = [self.both()]
        while self.peek() == ("word", "or"):
            self.next()
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else _any_of(parts, self.dialect.ignores_case)

    def both(self) -> Filter:
        parts = [self.one()]
        while self.peek() == ("word", "and"):
            self.next()
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else _all_of(parts)

    def one(self) -> Filter:
        kind, text = self.next()
        if (kind, text) == ("mark", "("):
            self.depth += 1
            if self.depth > MAX_DEPTH:
                raise bad("Invalid $filter: too many parentheses")
            inner = self.either()
            self.depth -= 1
            self.expect(")")
            return inner
        if kind != "word":
            raise bad(f"Invalid $filter near '{text}'")
        return self.function(text) if self.peek() == ("mark", "(") else self.comparison(text)

    def function(self, name: str) -> Filter:
        if name not in FUNCTIONS or (name == "substringof" and not self.dialect.substringof):
            raise bad(f"Function '{name}' is not supported in $filter")
        self.expect("(")
        first = self.next()
        self.expect(",")
        second = self.next()
        self.expect(")")
        if name == "substringof":
            first, second = second, first
        if first[0] != "word" or second[0] != "text":
            raise bad(f"Invalid $filter: the parameters of {name} are a property and a text")
        prop = self.need(first[1])
        if prop.edm != "Edm.String":
            raise bad(f"Function '{name}' is not supported for property '{prop.name}'")
        wanted = _unquoted(second[1]).casefold()
        tests: dict[str, Test] = {
            "startswith": lambda v: (v or "").casefold().startswith(wanted),
            "endswith": lambda v: (v or "").casefold().endswith(wanted),
            "substringof": lambda v: wanted in (v or "").casefold(),
        }
        if self.peek()[1] in ("eq", "ne"):  # startswith(...) eq true
            self.next()
            if self.next() != ("word", "true"):
                raise bad("Invalid $filter: a function can only be compared with true")
        return _on(prop.name, tests[name])

    def comparison(self, name: str) -> Filter:
        prop = self.need(name)
        kind, op = self.next()
        if kind != "word" or op not in ("eq", "ne", *_ORDER):
            raise bad(f"Invalid $filter: operator expected after '{name}'")
        if op == "ne" and not self.dialect.ne:
            raise bad("Operator 'ne' is not supported in $filter")
        literal = self.literal(prop)
        if op in _ORDER:
            return _on(prop.name, _ordered(_ORDER[op], literal))
        found = self.equals(prop, literal)
        return found if op == "eq" else Filter(found.names, lambda get: not found.test(get))

    def equals(self, prop: Property, literal: Any) -> Filter:
        if not isinstance(literal, str):
            return _on(prop.name, lambda v: (v or literal.__class__()) == literal if literal is not None else v is None)
        if "*" in literal and prop.edm == "Edm.String":
            shape = ".*".join(re.escape(part) for part in literal.split("*"))
            pattern = re.compile(shape, re.IGNORECASE | re.DOTALL)
            return _on(prop.name, lambda v: pattern.fullmatch(v or "") is not None)
        if self.dialect.ignores_case:
            wanted = literal.casefold()
            return _on(prop.name, lambda v: (v or "").casefold() == wanted, literal)
        return _on(prop.name, lambda v: (v or "") == literal, literal)

    def need(self, name: str) -> Property:
        prop = self.entity.properties.get(name)
        if prop is None:
            raise bad(f"Property '{name}' not found")
        if not prop.filterable:
            raise bad(f"Property '{name}' is not filterable")
        return prop

    def literal(self, prop: Property) -> Any:
        kind, text = self.next()
        try:
            return _literal(prop, kind, text)
        except ValueError as error:
            raise bad(f"Invalid literal {text} for property '{prop.name}' of type {prop.edm}") from error


def _literal(prop: Property, kind: str, text: str) -> Any:
    if (kind, text) == ("word", "null"):
        return None
    if kind == "typed":
        word, _, rest = text.partition("'")
        if _TYPED[word] != prop.edm:
            raise ValueError(text)
        if word == "guid":
            return values.guid(rest[:-1])
        return rest[:-1] if word == "time" else values.ticks_of(rest[:-1])
    if kind == "text" and prop.edm == "Edm.String":
        return _unquoted(text)
    if kind == "number" and prop.edm in ("Edm.Decimal", "Edm.Int32"):
        return Decimal(text.rstrip("mMdDfFlL"))
    if prop.edm == "Edm.Boolean" and text in ("true", "false"):
        return text == "true"
    raise ValueError(text)


def _unquoted(text: str) -> str:
    return text[1:-1].replace("''", "'")


def _ordered(compare: Callable[[Any, Any], bool], literal: Any) -> Test:
    return lambda v: v is not None and literal is not None and compare(v, literal)


def _on(name: str, test: Test, exact: str = "") -> Filter:
    return Filter(frozenset({name}), lambda get: test(get(name)), ((name, (exact,)),) if exact else ())


def _all_of(parts: list[Filter]) -> Filter:
    names = frozenset[str]().union(*(part.names for part in parts))
    lookups = tuple(lookup for part in parts for lookup in part.lookups)
    return Filter(names, lambda get: all(part.test(get) for part in parts), lookups)


def _any_of(parts: list[Filter], ignores_case: bool) -> Filter:
    names = frozenset[str]().union(*(part.names for part in parts))
    if len(names) > 1:
        raise bad("Operator 'or' is only supported between conditions on the same property")
    tests = tuple(part.test for part in parts)
    found = [part.lookups[0] for part in parts if len(part.lookups) == 1]
    if len(found) < len(parts):
        return Filter(names, lambda get: any(test(get) for test in tests))
    (name,) = names
    wanted = tuple(value for one in found for value in one[1])
    exact, folded = frozenset(wanted), frozenset(value.casefold() for value in wanted)
    if ignores_case:
        return Filter(names, lambda get: (get(name) or "").casefold() in folded, ((name, wanted),))
    return Filter(names, lambda get: get(name) in exact, ((name, wanted),))


def parse(text: str, entity: EntityType, dialect: Dialect) -> Filter:
    """The condition of a `$filter`; 400 says what the vendor does not take."""
    tokens: list[tuple[str, str]] = []
    at = 0
    while text[at:].strip():
        matched = _TOKEN.match(text, at)
        if matched is None:
            raise bad(f"Invalid $filter near '{text[at : at + 30].strip()}'")
        tokens.append((str(matched.lastgroup), matched.group(str(matched.lastgroup))))
        at = matched.end()
    reader = _Reader(entity, dialect, tokens)
    try:
        found = reader.either()
    except RecursionError as error:
        raise ApiError(400, "Invalid $filter") from error
    if reader.peek()[0] != "end":
        raise bad(f"Invalid $filter near '{reader.peek()[1]}'")
    return found
