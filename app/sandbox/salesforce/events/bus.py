"""The org's event log: what happened in order, replay ids, retention, and the wake-up of whoever waits for more."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.sandbox.salesforce.events.avro import Shape

MOST_KEPT = 200_000
TRIMMED_BY = 10_000  # dropping from the front of a list is dear, so it is done seldom
FIRST_REPLAY = 1_000_003
REPLAY_STEP = 7  # replay ids are opaque and not contiguous
REPLAY_BYTES = 8


class BadReplayId(Exception):
    """No place in the log: `malformed`, or no longer (or never) retained."""

    def __init__(self, malformed: bool) -> None:
        super().__init__("replay id")
        self.malformed = malformed


@dataclass(frozen=True, slots=True)
class Produced:
    """An event as it goes over the wire."""

    id: str
    shape: Shape
    payload: bytes


class Content(Protocol):
    """What happened; encoded only when somebody wants it."""

    def produce(self, topic: str) -> Produced:
        """The event as this topic delivers it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of the log."""

    topics: frozenset[str]
    at: datetime
    content: Content


def replay_id(position: int) -> bytes:
    """The id of the event at a position."""
    return (FIRST_REPLAY + REPLAY_STEP * position).to_bytes(REPLAY_BYTES)


class Bus:
    """Appended to by commits and publishers, read by any number of streams, each from its own position."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.breaks = 0  # how often all streams were broken
        self.schemas: dict[str, Shape] = {}
        self.commits = 10_000_000_000
        self._entries: list[Entry] = []
        self._base = 1  # position of the first entry kept

    @property
    def end(self) -> int:
        """The position of the next event."""
        return self._base + len(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def append(self, entries: Sequence[Entry]) -> int:
        """Add events; the position of the first."""
        with self.changed:
            at = self.end
            self._entries.extend(entries)
            if len(self._entries) >= MOST_KEPT + TRIMMED_BY:
                self._drop(len(self._entries) - MOST_KEPT)
            self.changed.notify_all()
        return at

    def _drop(self, count: int) -> None:
        del self._entries[:count]
        self._base += count

    def expire(self, before: datetime) -> None:
        """Retention: forget what is older."""
        with self.changed:
            self._drop(bisect_left(self._entries, before, key=lambda entry: entry.at))

    def clear(self) -> None:
        """Forget everything, and every replay id given so far."""
        with self.changed:
            self._base = self.end + 1
            self._entries.clear()
            self.changed.notify_all()

    def break_streams(self) -> None:
        """End every stream now open."""
        with self.changed:
            self.breaks += 1
            self.changed.notify_all()

    def earliest(self) -> int:
        """The position of the oldest event kept."""
        return self._base

    def after(self, given: bytes) -> int:
        """The position after a replay id; BadReplayId."""
        if len(given) != REPLAY_BYTES:
            raise BadReplayId(malformed=True)
        position, rest = divmod(int.from_bytes(given) - FIRST_REPLAY, REPLAY_STEP)
        with self.changed:
            if rest or not self._base <= position + 1 <= self.end:
                raise BadReplayId(malformed=False)
        return position + 1

    def read(self, position: int, topic: str, most: int) -> tuple[list[tuple[int, Entry]], int]:
        """Up to `most` events of a topic from a position on, and where to go on. Hold `changed`."""
        found: list[tuple[int, Entry]] = []
        at = max(position, self._base)
        while len(found) < most and at < self.end:
            entry = self._entries[at - self._base]
            if topic in entry.topics:
                found.append((at, entry))
            at += 1
        return found, at
