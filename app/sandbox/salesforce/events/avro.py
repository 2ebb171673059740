"""Avro schemas made of the org's fields, and records encoded by them as bare binary."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any

import fastavro

from app.sandbox.salesforce.fields import NUMBER_TYPES, Field
from app.sandbox.salesforce.store import Row
from app.sandbox.salesforce.values import parse_moment

NAMESPACE = "com.sforce.eventbus"
STRINGS = {"type": "array", "items": "string"}
CHANGE_TYPES = (
    "CREATE",
    "UPDATE",
    "DELETE",
    "UNDELETE",
    "GAP_CREATE",
    "GAP_UPDATE",
    "GAP_DELETE",
    "GAP_UNDELETE",
    "GAP_OVERFLOW",
    "SNAPSHOT",
)
_AVRO_TYPES: dict[str, str] = {
    "boolean": "boolean",
    "int": "int",
    "date": "long",
    "datetime": "long",
    **dict.fromkeys(NUMBER_TYPES, "double"),
}
_DOC = {
    "boolean": "Boolean",
    "int": "Integer",
    "double": "Double",
    "currency": "Currency",
    "percent": "Percent",
    "date": "DateOnly",
    "datetime": "DateTime",
    "reference": "EntityId",
    "picklist": "DynamicEnum",
}


class Shape:
    """One version of a record type: its schema, under an id that changes with it."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self.schema = schema

    @cached_property
    def json(self) -> str:
        """The schema as text."""
        return json.dumps(self.schema, separators=(",", ":"))

    @cached_property
    def id(self) -> str:
        """22 characters, as the real ones."""
        return base64.urlsafe_b64encode(hashlib.sha256(self.json.encode()).digest()[:16]).decode().rstrip("=")

    @cached_property
    def _parsed(self) -> Any:
        return fastavro.parse_schema(json.loads(self.json))

    def encode(self, record: Mapping[str, Any]) -> bytes:
        """A record as bare binary."""
        out = io.BytesIO()
        fastavro.schemaless_writer(out, self._parsed, record)
        return out.getvalue()

    def decode(self, payload: bytes) -> dict[str, Any]:
        """The record of a payload; ValueError when it is not one of this schema."""
        source = io.BytesIO(payload)
        try:
            record: Any = fastavro.schemaless_reader(source, self._parsed, None)
        except (EOFError, IndexError, ValueError, OverflowError) as wrong:
            raise ValueError(f"payload does not fit schema {self.id}: {wrong}") from wrong
        if source.read(1):
            raise ValueError(f"payload is longer than a record of schema {self.id}")
        return dict(record)


def record_schema(name: str, fields: list[dict[str, Any]]) -> dict[str, Any]:
    """A top-level record type."""
    return {"name": name, "namespace": NAMESPACE, "type": "record", "fields": fields}


def nested(name: str, parts: tuple[str, ...], numbers: tuple[str, ...] = ()) -> dict[str, Any]:
    """A record within a record, whose parts may all be missing."""
    fields = [{"name": p, "type": ["null", "double" if p in numbers else "string"], "default": None} for p in parts]
    return {"type": "record", "name": name, "fields": fields}


def optional(field: Field) -> dict[str, Any]:
    """A field that may be null."""
    return {
        "name": field.name,
        "type": ["null", avro_type(field)],
        "doc": f"Data:{_DOC.get(field.type, 'Text')}",
        "default": None,
    }


def avro_type(field: Field) -> str:
    """The Avro type of a field's value; text where nothing else fits."""
    return _AVRO_TYPES.get(field.type, "string")


def avro_value(field: Field, row: Row) -> Any:
    """A kept value as Avro has it: exact numbers as doubles, points in time as milliseconds."""
    value = row.get(field.name)
    if value is None:
        return False if field.type == "boolean" else None
    if field.type == "datetime":
        return milliseconds(parse_moment(value))
    if field.type == "date":
        day = date.fromisoformat(value)
        return milliseconds(datetime(day.year, day.month, day.day, tzinfo=UTC))
    return float(value) if isinstance(value, Decimal) else value


def milliseconds(at: datetime) -> int:
    """Since 1970."""
    return round(at.timestamp() * 1000)


def header_schema() -> dict[str, Any]:
    """The first field of every change event."""
    fields: list[dict[str, Any]] = [
        {"name": "entityName", "type": "string"},
        {"name": "recordIds", "type": STRINGS},
        {"name": "changeType", "type": {"type": "enum", "name": "ChangeType", "symbols": list(CHANGE_TYPES)}},
        {"name": "changeOrigin", "type": "string"},
        {"name": "transactionKey", "type": "string"},
        {"name": "sequenceNumber", "type": "int"},
        {"name": "commitTimestamp", "type": "long"},
        {"name": "commitNumber", "type": "long"},
        {"name": "commitUser", "type": "string"},
        *({"name": name, "type": STRINGS} for name in ("nulledFields", "diffFields", "changedFields")),
    ]
    record = {"type": "record", "name": "ChangeEventHeader", "fields": fields}
    return {"name": "ChangeEventHeader", "type": record}
