"""Connectors that break one rule each, made of good ones: the suite has to refuse them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from app.connectors.base import (
    Changes,
    CrmUser,
    Key,
    Option,
    Outcome,
    Preparation,
    Target,
    Theirs,
    Write,
)
from app.connectors.lists import Sale
from app.domain import Order, Record
from app.domain.fields import Fields
from app.errors import Rejected


class Spoiled:
    """Passes everything on; what breaks a rule is in the classes below."""

    name: ClassVar[str] = "spoiled"
    label: ClassVar[str] = "Spoiled"
    options: ClassVar[tuple[Option, ...]] = ()
    loads: ClassVar[Mapping[str, int]] = {}
    batch: ClassVar[dict[str, int]] = {"order": 25}
    inward: ClassVar[Mapping[str, str]] = {}

    def __init__(self, good: Target) -> None:
        self._good = good

    @property
    def calls(self) -> int:
        return self._good.calls

    def refers_to(self, record: Record) -> tuple[Key, ...]:
        return self._good.refers_to(record)

    def refers_to_gone(self, kind: str, record_id: str) -> tuple[Key, ...]:
        return self._good.refers_to_gone(kind, record_id)

    def digest(self, record: Record) -> str:
        return self._good.digest(record)

    def upsert_many(self, writes: Sequence[Write]) -> list[Outcome]:
        return self._good.upsert_many(writes)

    def check(self) -> None:
        self._good.check()

    def prepare(self) -> Preparation:
        return self._good.prepare()

    def sales(self, since: datetime | None = None, until: datetime | None = None) -> Iterator[Sale]:
        return self._good.sales(since, until)

    def shown(self, record: Record) -> Mapping[Key, Fields]:
        return self._good.shown(record)

    def read_many(self, kind: str, ids: Sequence[str]) -> Mapping[str, Theirs | Rejected | None]:
        return self._good.read_many(kind, ids)

    def changes(self, kind: str, cursor: str) -> Changes:
        return self._good.changes(kind, cursor)

    def subscribe(self, address: str) -> str:
        return self._good.subscribe(address)

    def unsubscribe(self, address: str) -> None:
        self._good.unsubscribe(address)

    def users(self) -> Sequence[CrmUser]:
        return self._good.users()


class Doubling(Spoiled):
    """On a second attempt it goes by neither link nor key."""

    def upsert_many(self, writes: Sequence[Write]) -> list[Outcome]:
        anew = [
            replace(write, known={}, id=f"{write.id}9", record=replace(write.record, id=f"{write.id}9"))  # type: ignore[type-var]  # records are dataclasses
            if write.attempt > 1 and write.record is not None
            else write
            for write in writes
        ]
        return super().upsert_many(anew)


class Losing(Spoiled):
    """The last record of a batch is never sent."""

    def upsert_many(self, writes: Sequence[Write]) -> list[Outcome]:
        if len(writes) == 1:
            return super().upsert_many(writes)
        return [*super().upsert_many(writes[:-1]), Outcome()]


class Stubborn(Spoiled):
    """What people deleted is made anew."""

    def upsert_many(self, writes: Sequence[Write]) -> list[Outcome]:
        outcomes = super().upsert_many(writes)
        if not any(outcome.gone for outcome in outcomes):
            return outcomes
        return super().upsert_many([replace(write, known={}, attempt=2) for write in writes])


class Silent(Spoiled):
    """Refusals are kept quiet."""

    def upsert_many(self, writes: Sequence[Write]) -> list[Outcome]:
        return [replace(outcome, error=None) for outcome in super().upsert_many(writes)]


class AllOrNothing(Spoiled):
    """One bad record and the batch has failed."""

    def upsert_many(self, writes: Sequence[Write]) -> list[Outcome]:
        outcomes = super().upsert_many(writes)
        error = next((outcome.error for outcome in outcomes if outcome.error is not None), None)
        return outcomes if error is None else [Outcome(error=error)] * len(writes)


class OneByOne(Spoiled):
    """Every record has calls of its own."""

    def upsert_many(self, writes: Sequence[Write]) -> list[Outcome]:
        return [outcome for write in writes for outcome in super(OneByOne, self).upsert_many([write])]


class Frozen(Spoiled):
    """What is linked is left as it was."""

    def upsert_many(self, writes: Sequence[Write]) -> list[Outcome]:
        return [super(Frozen, self).upsert_many([write])[0] if write.place is None else Outcome() for write in writes]


class ACentOff(Spoiled):
    """Totals are almost right."""

    def upsert_many(self, writes: Sequence[Write]) -> list[Outcome]:
        return super().upsert_many([replace(write, record=_dearer(write.record)) for write in writes])


def _dearer(record: Record | None) -> Record | None:
    return replace(record, total=record.total + Decimal("0.01")) if isinstance(record, Order) else record


class Unaware(Spoiled):
    """Its own writes look like those of people."""

    def changes(self, kind: str, cursor: str) -> Changes:
        page = super().changes(kind, cursor)
        return replace(page, seen=tuple(replace(one, is_echo=False) for one in page.seen))


class Deaf(Spoiled):
    """People's edits are never told."""

    def changes(self, kind: str, cursor: str) -> Changes:
        page = super().changes(kind, cursor)
        return replace(page, seen=tuple(one for one in page.seen if one.is_echo))
