"""One change of one record, encoded as a change event when it is delivered."""

from __future__ import annotations

import difflib
import hashlib
import uuid
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from app.sandbox.salesforce.events.bus import Produced
from app.sandbox.salesforce.events.change_shape import ChangeShape
from app.sandbox.salesforce.events.feeds import Feed
from app.sandbox.salesforce.store import Row

MOST_BYTES = 1_000_000  # a larger event becomes a gap event
DIFFERENCE_FROM = 1_000  # characters of a text whose change may go as a difference
NO_CREATED_FIELDS = {"PricebookEntry"}  # whose creations lack the system fields
SYSTEM = {"CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById"}
OVERFLOW_ID = "000000000000000AAA"


@dataclass(frozen=True, slots=True)
class Transaction:
    """What the changes of one commit have in common."""

    key: str
    number: int
    at: int  # milliseconds
    user_id: str
    origin: str
    differences: bool  # whether long texts go as differences


@dataclass(frozen=True)
class Change:
    """A created, updated, deleted or undeleted record; the rows are never altered once stored."""

    transaction: Transaction
    sequence: int
    feed: Feed
    shape: ChangeShape
    type: str
    record_id: str
    before: Row | None
    after: Row | None

    def produce(self, topic: str) -> Produced:
        """The event, with what the channel enriches it with."""
        row = self.after or self.before or {}
        extra = set()
        if self.type in ("UPDATE", "DELETE"):
            extra = {f.name for f in self.feed.enriched.get(topic, ())}
        wanted = extra | (set() if self.type == "DELETE" else self._carried)
        texts = self._differences
        record = self.shape.record(row, wanted.__contains__, texts)
        named = self._changed if self.type == "UPDATE" else set()
        record["ChangeEventHeader"] = header(
            self.transaction,
            self.sequence,
            self.shape,
            self.type,
            [self.record_id],
            changedFields=self.shape.bitmaps(named, row),
            nulledFields=self.shape.bitmaps({name for name in named if row.get(name) is None}, row),
            diffFields=self.shape.bitmaps(set(texts), row),
        )
        payload = self.shape.encode(record)
        if len(payload) > MOST_BYTES:
            return gap(self.transaction, self.sequence, self.shape, f"GAP_{self.type}", [self.record_id])
        return Produced(event_id(self.transaction, self.sequence), self.shape, payload)

    @cached_property
    def _changed(self) -> set[str]:
        before, after = self.before or {}, self.after or {}
        different = {f.name for f in self.shape.fields() if before.get(f.name) != after.get(f.name)}
        return different | {"LastModifiedDate"}

    @cached_property
    def _carried(self) -> set[str]:
        if self.type == "UPDATE":
            return self._changed
        row = self.after or {}
        found = {f.name for f in self.shape.fields() if f.type == "boolean" or row.get(f.name) is not None}
        lacks_system = self.type == "CREATE" and self.shape.entity in NO_CREATED_FIELDS
        return found - SYSTEM if lacks_system else found

    @cached_property
    def _differences(self) -> dict[str, str]:
        if self.type != "UPDATE" or not self.transaction.differences:
            return {}
        before, after = self.before or {}, self.after or {}
        texts = {}
        for field in self.shape.fields():
            if field.type != "textarea" or field.compound:
                continue
            old, new = before.get(field.name) or "", after.get(field.name) or ""
            if old != new and min(len(old), len(new)) >= DIFFERENCE_FROM:
                texts[field.name] = difference(old, new)
        return texts


@dataclass(frozen=True, slots=True)
class Gap:
    """Something changed, and only that much is known."""

    transaction: Transaction
    sequence: int
    shape: ChangeShape
    type: str
    record_ids: tuple[str, ...]

    def produce(self, topic: str) -> Produced:
        """An event of its header alone."""
        return gap(self.transaction, self.sequence, self.shape, self.type, list(self.record_ids))


def gap(transaction: Transaction, sequence: int, shape: ChangeShape, kind: str, ids: list[str]) -> Produced:
    """A gap or overflow event."""
    record = {"ChangeEventHeader": header(transaction, sequence, shape, kind, ids)}
    return Produced(event_id(transaction, sequence), shape, shape.encode(record))


def header(
    transaction: Transaction, sequence: int, shape: ChangeShape, kind: str, ids: list[str], **bitmaps: list[str]
) -> dict[str, Any]:
    """The ChangeEventHeader."""
    return {
        "entityName": shape.entity,
        "recordIds": ids,
        "changeType": kind,
        "changeOrigin": transaction.origin,
        "transactionKey": transaction.key,
        "sequenceNumber": sequence,
        "commitTimestamp": transaction.at,
        "commitNumber": transaction.number,
        "commitUser": transaction.user_id,
        "nulledFields": [],
        "diffFields": [],
        "changedFields": [],
        **bitmaps,
    }


def event_id(transaction: Transaction, sequence: int) -> str:
    """The same at every delivery."""
    return str(uuid.uuid5(uuid.UUID(transaction.key), str(sequence)))


def difference(old: str, new: str) -> str:
    """A unified difference that names the new text by its SHA-256."""
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=0)
    digest = hashlib.sha256(new.encode()).hexdigest()
    return "\n".join(["--- ", f"+++ {digest}", *list(lines)[2:]])
