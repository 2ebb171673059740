"""Change events and platform events: decoded from Avro, bitmaps by name, and what they say in our terms."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import fastavro
from fastavro.schema import SchemaParseException, UnknownType

from app.connectors.base import Ref
from app.connectors.salesforce.client import CLIENT
from app.connectors.salesforce.reading import INWARD
from app.connectors.salesforce.values import full_id

HEADER = "ChangeEventHeader"
PRICE = "PricebookEntry"  # a record of its own, whose change is its product's
ORDER_EVENT = {"order": "OrderId__c", "status": "Status__c", "tracking": "Tracking_Number__c"}
_OVERFLOW = "GAP_OVERFLOW"
_BITMAPS = ("changedFields", "nulledFields", "diffFields")
_MALFORMED = (
    EOFError, IndexError, ValueError, KeyError, TypeError, OverflowError, SchemaParseException, UnknownType,
)  # fmt: skip


class Unreadable(Exception):
    """A payload that does not fit its schema."""


@dataclass(frozen=True)
class Told:
    """What an event says; nothing, if it concerns nobody. `prices`: standard prices whose products it does not name."""

    scope: str = ""
    refs: tuple[Ref, ...] = ()
    prices: tuple[str, ...] = ()
    resync: tuple[str, ...] = ()
    body: str = ""


@dataclass
class Decoder:
    """Schemas by id, each fetched once: they never change, another one takes their place."""

    fetch: Callable[[str], str]
    schemas: dict[str, tuple[Any, list[Mapping[str, Any]]]] = field(default_factory=dict)

    def decode(self, schema_id: str, payload: bytes) -> Told:
        """What an event says. Raises Unreadable, and whatever fetching its schema raises."""
        told = self.fetch(schema_id) if schema_id not in self.schemas else ""
        try:
            if told:
                plain = json.loads(told)
                self.schemas[schema_id] = (fastavro.parse_schema(plain), plain["fields"])
            schema, fields = self.schemas[schema_id]
            record: Any = fastavro.schemaless_reader(io.BytesIO(payload), schema, None)
            return _change(record, fields) if HEADER in record else _platform(schema, record)
        except _MALFORMED as error:
            raise Unreadable(f"{type(error).__name__}: {error}") from error


def bitmap_names(bitmaps: Iterable[str], fields: list[Mapping[str, Any]]) -> list[str]:
    """The fields that hex strings stand for: bit 0 is the first; `<index>-0x..` means parts of a compound one."""
    names: list[str] = []
    for text in bitmaps:
        parent, _, bits = text.rpartition("-")
        prefix, among = "", fields
        if parent:
            prefix, among = f"{fields[int(parent)]['name']}.", _parts(fields[int(parent)], fields)
        number = int(bits, 16)
        names += [f"{prefix}{one['name']}" for index, one in enumerate(among) if number >> index & 1]
    return names


def _parts(compound: Mapping[str, Any], fields: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The parts of a compound field; the schema spells a type out only where it first comes up."""
    for kind in compound["type"]:
        if isinstance(kind, Mapping):
            return list(kind["fields"])
    spelt = [kind for one in fields for kind in one["type"] if isinstance(kind, Mapping)]
    wanted = {str(kind).rpartition(".")[2] for kind in compound["type"] if isinstance(kind, str)}
    return next((list(kind["fields"]) for kind in spelt if kind.get("name") in wanted), [])


def _change(record: Mapping[str, Any], fields: list[Mapping[str, Any]]) -> Told:
    header = record[HEADER]
    entity, change, ids = header["entityName"], header["changeType"], list(header["recordIds"])
    kind = "Product2" if entity == PRICE else entity
    if kind not in INWARD or _is_ours(header.get("changeOrigin") or ""):
        return Told()
    scope = f"{entity}ChangeEvent {change}"
    names = {name: bitmap_names(header.get(name) or (), fields) for name in _BITMAPS}
    told = {**{k: v for k, v in header.items() if isinstance(v, str | int)}, "recordIds": ids, **names}
    body = json.dumps(told, default=str)
    if change == _OVERFLOW or any("*" in one for one in ids):
        return Told(scope, resync=(kind,), body=body)
    if entity != PRICE:
        return Told(scope, tuple(Ref(kind, one) for one in ids), body=body)
    product = record.get("Product2Id")
    if product:
        return Told(scope, (Ref(kind, product),), body=body)
    return Told(scope, prices=tuple(ids), body=body)


def _is_ours(origin: str) -> bool:
    """Whether our own client made the change: `com/salesforce/api/rest/66.0;client=storeline`."""
    return f"client={CLIENT}" in origin.split(";")


def _platform(schema: Mapping[str, Any], record: Mapping[str, Any]) -> Told:
    order = full_id(str(record.get(ORDER_EVENT["order"]) or ""))
    told = {name: record.get(theirs) for name, theirs in ORDER_EVENT.items()}
    scope = str(schema.get("name", "")).rpartition(".")[2]
    return Told(scope, (Ref("Order", order),) if order else (), body=json.dumps(told, default=str))
