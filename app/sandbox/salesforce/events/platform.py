"""Platform events: defined like objects, published like records, kept nowhere but in the event log."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from app.sandbox.salesforce.errors import ApiError
from app.sandbox.salesforce.events.avro import Shape
from app.sandbox.salesforce.events.bus import Produced
from app.sandbox.salesforce.events.platform_shape import EventShape
from app.sandbox.salesforce.fields import Field, SObject, readonly, ref, text
from app.sandbox.salesforce.ids import BASE62
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.store import Row

BEHAVIORS = ("PublishAfterCommit", "PublishImmediately")
_NAME = re.compile(r"(?:[A-Za-z]\w*?__)?[A-Za-z][A-Za-z0-9_]*__e")


@dataclass(frozen=True, slots=True)
class Published:
    """An event published as a record."""

    shape: EventShape
    row: Row

    def produce(self, topic: str) -> Produced:
        """The event with the id its publisher was told."""
        return Produced(self.row["EventUuid"], self.shape, self.shape.encode(self.shape.record(self.row)))


@dataclass(frozen=True, slots=True)
class Relayed:
    """An event published over the Pub/Sub API, passed on as it came."""

    id: str
    shape: Shape
    payload: bytes

    def produce(self, topic: str) -> Produced:
        """The same bytes."""
        return Produced(self.id, self.shape, self.payload)


def define(org: Org, name: str, label: str, behavior: str, fields: list[Field]) -> SObject:
    """A new platform event."""
    namespace = org.switches.namespace
    if namespace and not name.startswith(f"{namespace}__"):
        name = f"{namespace}__{name}"
    if not _NAME.fullmatch(name):
        raise ApiError("INVALID_FULL_NAME", f"a platform event's name ends in __e: {name}", ["FullName"])
    if org.schema.find(name) is not None:
        raise ApiError("DUPLICATE_DEVELOPER_NAME", f"There is already an object {name}", ["DeveloperName"])
    if behavior not in BEHAVIORS:
        raise ApiError("FIELD_INTEGRITY_EXCEPTION", f"bad publishBehavior: {behavior}", ["PublishBehavior"])
    system = (
        readonly(text("ReplayId", 255)),
        readonly(Field("CreatedDate", "datetime")),
        readonly(ref("CreatedById", "User")),
        readonly(text("EventUuid", 36)),
    )
    made = SObject(
        name,
        "e" + "".join(BASE62[n] for n in divmod(len(org.schema.extra), 62)),
        {f.name: f for f in (*system, *fields)},
        label=label,
        name_field="ReplayId",
        soft_delete=False,
        publishes_at_once=behavior == "PublishImmediately",
    )
    org.add_object(made)
    return made


def publish_row(org: Org, made: Mapping[str, Any], sobject: SObject) -> str:
    """Give a newly inserted event its uuid, and send it ahead of the commit if that is its behaviour."""
    table = org.db.tables[sobject.name]
    row = {**made, "EventUuid": str(uuid4())}
    table.put(row)
    feed = org.feed(sobject.name)
    if sobject.publishes_at_once and feed is not None and isinstance(feed.shape, EventShape):
        table.remove(row, None)
        org.relay(feed.topics, Published(feed.shape, row))
    return str(row["EventUuid"])


def enqueued(event_uuid: str) -> list[dict[str, Any]]:
    """The `errors` of a publish that succeeded."""
    return [{"statusCode": "OPERATION_ENQUEUED", "message": event_uuid, "fields": []}]
