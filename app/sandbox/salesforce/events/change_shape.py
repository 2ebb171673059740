"""The change event of one object: its columns, compounds as records, and the bitmaps that name fields by position."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.sandbox.salesforce.events.avro import Shape, avro_value, header_schema, nested, optional, record_schema
from app.sandbox.salesforce.fields import Field, SObject
from app.sandbox.salesforce.store import Row

ADDRESS_PARTS = (
    "Street",
    "City",
    "State",
    "PostalCode",
    "Country",
    "StateCode",
    "CountryCode",
    "Latitude",
    "Longitude",
    "Xyz",
    "GeocodeAccuracy",
)
NAME_PARTS = ("Salutation", "FirstName", "LastName", "MiddleName", "InformalName", "Suffix")
PEOPLE = ("Account", "Contact", "Lead")
NEVER = {"Id", "IsDeleted", "SystemModstamp", "MasterRecordId"}
# an account's event has nothing of the person's contact side, which has an event of its own
KEPT_OF_PERSONS = {"IsPersonAccount", "PersonContactId"}


@dataclass(frozen=True, slots=True)
class Column:
    """One field of the schema: a plain one, or a compound with the fields of its parts."""

    field: Field
    parts: Mapping[str, Field]  # by the part's name; empty: plain
    names: tuple[str, ...] = ()  # all parts of the record type, in order


class ChangeShape(Shape):
    """The schema of `<object>ChangeEvent` as the object's fields were at that time."""

    def __init__(self, sobject: SObject) -> None:
        self.entity = sobject.name
        self.name = event_name(sobject.name)
        self.columns = tuple(_columns(sobject))
        seen: set[str] = set()
        super().__init__(record_schema(self.name, [header_schema(), *(_column_schema(c, seen) for c in self.columns)]))

    def record(self, row: Row, wanted: Callable[[str], bool], replaced: Mapping[str, str]) -> dict[str, Any]:
        """The values of the wanted fields; `replaced` are texts that go as differences."""
        return {c.field.name: _value(c, row, wanted, replaced) for c in self.columns}

    def fields(self) -> Iterable[Field]:
        """Every stored field that the event can carry."""
        for column in self.columns:
            if column.parts:
                yield from column.parts.values()
            if not column.parts or column.names is NAME_PARTS:
                yield column.field

    def bitmaps(self, names: set[str], row: Row) -> list[str]:
        """Hex strings that name fields: one for the top, one for each compound with named parts."""
        top, below = 0, []
        for at, column in enumerate(self.columns, 1):  # 0 is the header
            if not _as_record(column, row):
                top |= (column.field.name in names) << at
                continue
            bits = sum(
                1 << i for i, p in enumerate(column.names) if p in column.parts and column.parts[p].name in names
            )
            if bits:
                below.append(f"{at}-{_hex(bits)}")
        return [_hex(top), *below] if top or below else []


def event_name(entity: str) -> str:
    """`Account` → `AccountChangeEvent`, `Thing__c` → `Thing__ChangeEvent`."""
    return entity.removesuffix("c") + "ChangeEvent" if entity.endswith("__c") else f"{entity}ChangeEvent"


def _hex(bits: int) -> str:
    digits = f"{bits:X}"
    return "0x" + digits.rjust(len(digits) + len(digits) % 2, "0")


def _columns(sobject: SObject) -> Iterable[Column]:
    names = {p: sobject.fields[p] for p in NAME_PARTS if p in sobject.fields} if sobject.name in PEOPLE else {}
    inside = {f.name for f in names.values()}
    for field in sobject.fields.values():
        if field.name in inside or field.compound or _left_out(sobject, field):
            continue
        if field.type == "address":
            prefix = len(field.name) - len("Address")
            yield Column(field, {name[prefix:]: sobject.fields[name] for name in field.parts if name in sobject.fields},
                         ADDRESS_PARTS)  # fmt: skip
        elif field.name == "Name" and sobject.name in PEOPLE:
            yield Column(field, names, NAME_PARTS)
        else:
            yield Column(field, {})


def _left_out(sobject: SObject, field: Field) -> bool:
    persons = sobject.name == "Account" and (field.name.startswith("Person") or field.name.endswith("__pc"))
    return field.name in NEVER or field.calculated or (persons and field.name not in KEPT_OF_PERSONS)


def _column_schema(column: Column, seen: set[str]) -> dict[str, Any]:
    if not column.names:
        return optional(column.field)
    name = "Address" if column.names is ADDRESS_PARTS else "Switchable_PersonName"
    record: Any = nested(name, column.names, ("Latitude", "Longitude")) if name not in seen else name
    seen.add(name)
    kinds = ["null", record] if name == "Address" else ["null", "string", record]
    return {"name": column.field.name, "type": kinds, "default": None}


def _as_record(column: Column, row: Row) -> bool:
    """Whether the value goes as a record: addresses, and names of persons but not of businesses."""
    if column.names is NAME_PARTS:
        return "LastName" in column.parts and row.get("LastName") is not None
    return bool(column.names)


def _value(column: Column, row: Row, wanted: Callable[[str], bool], replaced: Mapping[str, str]) -> Any:
    if not _as_record(column, row):
        name = column.field.name
        return replaced.get(name, avro_value(column.field, row)) if wanted(name) else None
    parts = {p: avro_value(f, row) for p, f in column.parts.items() if wanted(f.name)}
    if all(value is None for value in parts.values()):
        return None
    return {p: parts.get(p) for p in column.names}
