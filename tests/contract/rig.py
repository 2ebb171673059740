"""What the contract suite needs of a vendor's stand-in: the same questions and the same mishaps for every CRM."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Protocol

import pytest
import requests

from app.connectors.base import TO_CRM, Key, Known, Outcome, Preparation, Target, Write
from app.connectors.lists import totals
from app.domain import Order, Record
from app.errors import Retryable
from app.http import HttpSession

Json = Any
PATIENCE = 0.1  # seconds that a client waits where a test has it time out


class Ability(StrEnum):
    """What some vendor may lack; a rig that lacks one says why."""

    CATEGORIES = "takes categories"
    RENEWAL = "sessions that end and are renewed"
    RETRY_AFTER = "tells how long to wait"
    ANY_SPELLING = "finds an e-mail in any spelling"
    LOCKS = "locks records"
    MERGES_TOLD = "tells into whom somebody was merged"


@dataclass(frozen=True)
class There:
    """A record as the CRM's own database has it: its key without the store, and what an edit of ours changes."""

    id: str
    key: str
    shows: str
    live: bool = True  # False: archived, closed, lost, no longer sold


@dataclass(frozen=True)
class Money:
    """An order's amounts as its own records have them."""

    currency: str
    gross: Decimal
    refunded: Decimal


class Place(Protocol):
    """A stand-in account of one vendor, as that vendor's own tests have it."""

    url: str
    switches: dict[str, bool]
    facts: dict[str, Any]

    def connect(self) -> Preparation: ...
    def control(self, path: str, **body: Any) -> Any: ...
    def rows(self, name: str) -> list[Json]: ...
    def forget_calls(self) -> None: ...


@dataclass
class Rig(ABC):
    """One connected account; `lacks` has the reason for every ability that this vendor has not."""

    vendor: ClassVar[str]
    lacks: ClassVar[Mapping[Ability, str]] = {}
    objects: ClassVar[tuple[str, ...]]  # of which we make records
    pages: ClassVar[tuple[tuple[str, int], ...]]  # sizes of pages, theirs and ours, by dotted name: small ones
    most_calls: ClassVar[int]  # for a hundred orders of strangers
    data: ClassVar[str]  # what is in the path of calls that need a session
    throttled: ClassVar[Mapping[str, Any]]  # the vendor's own way to say: too many calls

    url: str
    links: dict[Key, Known] = field(default_factory=dict)  # what the engine would remember
    gone: set[Key] = field(default_factory=set)
    spoil: Callable[[Target], Target] | None = None  # makes a bad connector of a good one
    kept: Preparation | None = None  # of the account as it is; None: it has to be connected anew

    @property
    @abstractmethod
    def place(self) -> Place:
        """The account."""

    @property
    @abstractmethod
    def connector(self) -> Target:
        """The connector, opened on it."""

    @property
    def target(self) -> Target:
        """What the suite talks to."""
        return self.connector if self.spoil is None else self.spoil(self.connector)

    @property
    @abstractmethod
    def session(self) -> HttpSession:
        """The connector's one door."""

    @property
    @abstractmethod
    def renewals(self) -> int:
        """How often the session was renewed."""

    @abstractmethod
    def secrets(self) -> tuple[str, ...]:
        """What may be kept nowhere in the clear."""

    @abstractmethod
    def open(self, **switches: bool) -> None:
        """Another connector with the same memory, as another worker has it."""

    @abstractmethod
    def there(self, kind: str) -> list[There]:
        """The records of one of our kinds, our own helpers (charges, placeholders) left out."""

    @abstractmethod
    def money(self, order_id: str) -> Money:
        """The only order of this number."""

    @abstractmethod
    def lines(self, order_id: str) -> set[str]:
        """The keys of that order's lines, refunds left out; none is there twice."""

    @abstractmethod
    def edit(self, kind: str, record_id: str) -> dict[str, str]:
        """A person changes a record there; what of our fields it is then."""

    @abstractmethod
    def remove(self, kind: str, record_id: str) -> None:
        """A person deletes a record there."""

    @abstractmethod
    def merge(self, winner: str, loser: str) -> None:
        """A person merges two people."""

    @abstractmethod
    def person(self, email: str, **names: str) -> str:
        """A person makes somebody."""

    @abstractmethod
    def owner(self, kind: str) -> str:
        """Who owns the only record of a kind."""

    @abstractmethod
    def expire(self) -> None:
        """The session ends."""

    @abstractmethod
    def end(self) -> None:
        """Neither the session nor its renewal is accepted any more."""

    @abstractmethod
    def lock(self, order_id: str) -> None:
        """Somebody else holds the order for one write."""

    @abstractmethod
    def refuse(self) -> None:
        """From now on orders that are `bad` are refused."""

    @abstractmethod
    def bad(self, record: Order) -> Order:
        """The order as the account refuses it."""

    @abstractmethod
    def field_of_bad(self) -> str:
        """The field that is at fault then, in the vendor's words."""

    @abstractmethod
    def currencies(self) -> None:
        """The account knows GBP, EUR and JPY."""

    @abstractmethod
    def prepare_fully(self) -> None:
        """An administrator followed all advice."""

    def open_all(self) -> None:
        """The same with every option of the way out switched on."""
        self.open(**{option.name: True for option in self.connector.options if option.direction == TO_CRM})

    def small(self, cursor: str) -> str:
        """The cursor for small pages."""
        return cursor

    # ---- the engine's part

    def start(self) -> Preparation:
        """A fresh account, connected."""
        if self.kept is not None and self.empty():
            requests.delete(f"{self.url}/_sandbox/fail", timeout=10)
        else:
            self.place.control("reset")
            self.kept = self.place.connect()
        self.forget()
        return self.kept

    def empty(self) -> bool:
        """All records go and the rest of the account stays, where connecting anew takes long; False: it does not."""
        return False

    def forget(self) -> None:
        """An engine that never heard of the account."""
        self.links.clear()
        self.gone.clear()
        self.place.switches = {option.name: option.default for option in self.connector.options}
        self.open(messages=True)
        self.place.forget_calls()

    def need(self, ability: Ability) -> None:
        """Skip the test where the vendor has no such thing, with the reason."""
        if ability in self.lacks:
            pytest.skip(f"{self.vendor}: not {ability}: {self.lacks[ability]}")

    def write(self, *records: Record, attempt: int = 1, **more: Any) -> list[Outcome]:
        """upsert_many as the engine does it: with what it knows, in batches no larger than the connector takes."""
        size = self.target.batch.get(records[0].kind, 20)
        outcomes: list[Outcome] = []
        for start in range(0, len(records), size):
            writes = [self._as_write(record, attempt, **more) for record in records[start : start + size]]
            outcomes += self._remember(self.target.upsert_many(writes))
        return outcomes

    def good(self, *records: Record, attempt: int = 1, **more: Any) -> list[Outcome]:
        """The same where nothing may go wrong."""
        outcomes = self.write(*records, attempt=attempt, **more)
        assert [outcome.error for outcome in outcomes] == [None] * len(records)
        return outcomes

    def archive(self, kind: str, record_id: str) -> Outcome:
        """The record is gone from the store."""
        keys = ((kind, record_id), *self.target.refers_to_gone(kind, record_id))
        [outcome] = self._remember(self.target.upsert_many([Write(kind, record_id, None, self._known(keys))]))
        return outcome

    def _as_write(self, record: Record, attempt: int, **more: Any) -> Write:
        keys = ((record.kind, record.id), *self.target.refers_to(record))
        return Write(
            record.kind, record.id, record, self._known(keys), attempt, frozenset(self.gone & set(keys)), **more
        )

    def _known(self, keys: Sequence[Key]) -> dict[Key, Known]:
        return {key: self.links[key] for key in keys if key in self.links and key not in self.gone}

    def _remember(self, outcomes: list[Outcome]) -> list[Outcome]:
        for outcome in outcomes:
            self.links.update(outcome.made)
            self.gone |= outcome.gone
        return outcomes

    # ---- what is there

    def only(self, kind: str) -> There:
        """The one record of a kind."""
        found = self.there(kind)
        assert len(found) == 1, found
        return found[0]

    def census(self) -> dict[str, int]:
        """How many live records of each object there are."""
        return {name: len(self.place.rows(name)) for name in self.objects}

    def totals(self) -> dict[str, Decimal]:
        """The connector's own sum per currency."""
        sums: dict[str, Decimal] = totals(self.target.sales())["totals"]
        return sums

    # ---- mishaps

    def fail(self, **fault: Any) -> None:
        """The next calls go wrong."""
        self.place.control("fail", **fault)

    def fail_at(self, number: int, **fault: Any) -> None:
        """The call of this number from now on goes wrong; a time-out is one for our client as well."""
        answered = 0

        def arm() -> None:
            is_slow = fault.get("kind") == "timeout"
            if is_slow:
                self.session._timeout = (PATIENCE, PATIENCE)
            self.fail(**({"seconds": 2 * PATIENCE} if is_slow else {}), **fault)

        def count(response: requests.Response, *_: Any, **__: Any) -> None:
            nonlocal answered
            answered += 1
            if answered == number - 1:
                arm()

        self.place.forget_calls()
        if number == 1:
            arm()
        else:
            self.session.hooks["response"].append(count)

    def calls(self) -> int:
        """Calls since the last `forget_calls`."""
        answer: Json = requests.get(f"{self.url}/_sandbox/calls", timeout=10).json()
        return int(answer["count"])

    def arrived(self, number: int) -> None:
        """Wait until the account is through with as many calls: one that we gave up may still be under way."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            if self.calls() >= number:
                return
            time.sleep(0.02)
        pytest.fail(f"the call {number} never came")

    def attempted(self, *records: Record) -> list[Outcome]:
        """What the engine makes of a write whose call fails: each of its records failed."""
        try:
            return self.write(*records)
        except Retryable as error:
            return [Outcome(error=error)] * len(records)
