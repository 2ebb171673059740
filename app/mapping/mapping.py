"""Fields and mappings, and the one function that applies them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from typing import Any

from app.domain import Record
from app.domain.text import cut

Convert = Callable[[Any], Any]


class Write(StrEnum):
    """When a field is written."""

    ALWAYS = "always"
    ON_CREATE = "on_create"  # what a person there changes afterwards stays


@dataclass(frozen=True)
class Field:
    """One attribute of ours (a dotted path) to one field there.

    `default` is sent where ours is empty; without one an empty value clears the field. `length` cuts text to what the
    field holds.
    """

    source: str
    target: str
    convert: Convert | None = None
    default: Any = None
    length: int | None = None
    write: Write = Write.ALWAYS


@dataclass(frozen=True)
class Mapping:
    """How records of one kind become rows of one object there, known by `key`, an external id field."""

    kind: str
    target: str
    key: str
    fields: tuple[Field, ...]
    label: str = ""
    gone: tuple[tuple[str, Any], ...] = ()  # what is written there when the record is deleted in the store


def payload(fields: tuple[Field, ...], record: Record, *, creating: bool) -> dict[str, Any]:
    """The record's fields in the vendor's words, without those that it knows nothing of."""
    unknown = getattr(record, "unknown", frozenset[str]())
    return {
        field.target: _value(field, record)
        for field in fields
        if (creating or field.write is not Write.ON_CREATE) and field.source not in unknown
    }


def _value(field: Field, record: Record) -> Any:
    value = attrgetter(field.source)(record)
    if field.convert is not None and value is not None:
        value = field.convert(value)
    if value in (None, ""):
        value = field.default
    if field.length is not None and isinstance(value, str):
        value = cut(value, field.length)
    return value
