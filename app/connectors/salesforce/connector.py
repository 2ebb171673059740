"""Salesforce as a target of the engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from app.config import Settings
from app.connectors.access import Account
from app.connectors.base import Changes, CrmUser, Key, Option, Outcome, Preparation, Theirs, Write
from app.connectors.lists import Sale
from app.connectors.salesforce import changes, prepare, reading, references, sales, shown
from app.connectors.salesforce.client import Client
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.jobs import Job
from app.connectors.salesforce.options import OPTIONS
from app.connectors.salesforce.reading import INWARD
from app.connectors.salesforce.writer import Writer
from app.domain import Record
from app.domain.fields import Fields
from app.domain.record import digest
from app.errors import Rejected


class Salesforce:
    """One authorised org."""

    name: ClassVar[str] = "salesforce"
    label: ClassVar[str] = "Salesforce"
    options: ClassVar[tuple[Option, ...]] = OPTIONS
    loads: ClassVar[Mapping[str, int]] = {"customer": 400, "product": 400}  # half the calls a record, seconds a batch
    batch: ClassVar[dict[str, int]] = {
        "order": 100, "customer": 200, "product": 100, "cart": 200, "company": 50, "message": 200,
        **dict.fromkeys(INWARD, 200),
    }  # fmt: skip
    inward: ClassVar[Mapping[str, str]] = INWARD

    def __init__(self, settings: Settings, account: Account) -> None:
        self.client = Client(settings, account)
        self._facts = Facts.read(account.facts, account.store)
        self._switches = account.switches
        self._currency = account.currency

    @property
    def calls(self) -> int:
        return self.client.calls

    def refers_to(self, record: Record) -> tuple[Key, ...]:
        """Buyer, account and company, variants and charges, opportunity and cart, what was told."""
        return references.of(record, self._switches)

    def refers_to_gone(self, kind: str, record_id: str) -> tuple[Key, ...]:
        """An order's opportunity; a product's place has all its variants below it."""
        return (("opportunity", record_id),) if kind == "order" else ()

    def digest(self, record: Record) -> str:
        """Fingerprint of what would be sent."""
        return digest(references.content(record, self._facts, self._switches))

    def upsert_many(self, writes: Sequence[Write]) -> list[Outcome]:
        """One write alone is all or nothing; many share calls."""
        writer = Writer(self.client, self._facts, self._switches)
        return [writer.alone(Job(writes[0]))] if len(writes) == 1 else writer.together(writes)

    def shown(self, record: Record) -> Mapping[Key, Fields]:
        """What Salesforce will hold of the record's fields."""
        return shown.of(record, self._facts)

    def read_many(self, kind: str, ids: Sequence[str]) -> Mapping[str, Theirs | Rejected | None]:
        """Records as they are now; who was merged away is who took their place."""
        return reading.read_many(self.client, self._facts, self._currency, kind, ids)

    def changes(self, kind: str, cursor: str) -> Changes:
        """A page of what changed by SystemModstamp, deletions included."""
        return changes.page(self.client, self._facts, kind, cursor)

    def subscribe(self, address: str) -> str:
        """Salesforce calls nobody: its Pub/Sub API is listened to, and changes are asked for."""
        return ""

    def unsubscribe(self, address: str) -> None:
        """Nothing was subscribed."""

    def users(self) -> Sequence[CrmUser]:
        """The active users with a full licence."""
        rows = self.client.query(
            "SELECT Id, Name, Email FROM User WHERE IsActive = true AND UserType = 'Standard' ORDER BY Name"
        )
        return [CrmUser(row["Id"], row["Name"], row["Email"] or "") for row in rows]

    def check(self) -> None:
        """Reads the org's limits."""
        self.client.get("/limits")

    def prepare(self) -> Preparation:
        """Fields, permissions, price book; what of it is missing, in words."""
        return prepare.prepare(self.client)

    def sales(self, since: datetime | None = None, until: datetime | None = None) -> Iterator[Sale]:
        """By when they were placed in the store."""
        return sales.between(self.client, self._facts, since, until)
