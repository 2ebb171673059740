"""The schema of one platform event."""

from __future__ import annotations

from typing import Any

from app.sandbox.salesforce.events.avro import Shape, avro_value, optional, record_schema
from app.sandbox.salesforce.fields import SObject
from app.sandbox.salesforce.store import Row

SYSTEM = ("CreatedDate", "CreatedById")


class EventShape(Shape):
    """CreatedDate and CreatedById, then the event's own fields."""

    def __init__(self, sobject: SObject) -> None:
        self.name = sobject.name
        self.fields = tuple(f for f in sobject.fields.values() if f.custom)
        self.required = tuple(f.name for f in self.fields if f.required)
        self._system = tuple(sobject.fields[name] for name in SYSTEM)
        system = [
            {"name": "CreatedDate", "type": "long", "doc": "CreatedDate:DateTime"},
            {"name": "CreatedById", "type": "string", "doc": "CreatedBy:EntityId"},
        ]
        super().__init__(record_schema(sobject.name, [*system, *(optional(f) for f in self.fields)]))

    def record(self, row: Row) -> dict[str, Any]:
        """A published row."""
        return {f.name: avro_value(f, row) for f in (*self._system, *self.fields)}
