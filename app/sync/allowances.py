"""The daily allowance of an account: calls are taken from the database before they are made, a portion at a time."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection as DbConnection
from sqlalchemy import delete, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.connectors.access import Reading
from app.db import insert_new, now
from app.errors import Retryable
from app.log import get_logger
from app.models.budget import Allowance, Usage
from app.runtime import Runtime
from app.sync import rolling
from app.sync.lanes import Lane

# Percent of our share that calls of a lane may use; what is left is for the more urgent ones.
SHARES: Mapping[Lane, int] = {Lane.ORDERS: 100, Lane.CUSTOMERS: 95, Lane.PRODUCTS: 85, Lane.HISTORY: 60}
DEFAULT_SHARE = 50  # percent of the allowance
SPARED = 2  # percent of the allowance that are nobody's: people in the CRM must be able to go on working
LOOK_AGAIN = timedelta(minutes=15)  # after which one call may find out whether others have stopped
SMALLEST, LARGEST = 4, 32  # calls of a portion
PART = 10  # of what is left at the most for one portion
KEPT_FOR = 5.0  # seconds that a portion is good: then a changed share counts, and others may have the rest
BUDGET = "BUDGET"  # code of the error of who may not call now

log = get_logger()


@dataclass(frozen=True)
class Day:
    """An account's rolling day."""

    share: int
    maximum: int | None
    used: int | None
    told_at: datetime | None
    hours: Mapping[datetime, int]

    @property
    def allowed(self) -> int | None:
        """Our share, in calls; None: nobody told the maximum."""
        return None if self.maximum is None else self.maximum * self.share // 100

    def limit(self, lane: Lane) -> int | None:
        """The calls up to which a lane may go."""
        return None if self.allowed is None else self.allowed * SHARES[lane] // 100

    def is_crowded(self) -> bool:
        """Whether all integrations together have used the account up, as far as we were told."""
        return is_crowded(self.used, self.maximum)

    def room(self, lane: Lane, at: datetime) -> int | None:
        """Calls that the lane may still make now; None: as many as it likes."""
        limit = self.limit(lane)
        if limit is None:
            return None
        room = max(limit - rolling.in_day(self.hours, at), 0)
        if self.is_crowded():
            return min(room, int(self.told_at is None or self.told_at + LOOK_AGAIN <= at))
        return room

    def shut_until(self, lane: Lane, at: datetime) -> datetime | None:
        """When the lane may call again; None: now."""
        limit = self.limit(lane)
        if limit is None or self.room(lane, at) != 0:
            return None
        free = rolling.free_at(self.hours, limit, at)
        crowded_until = (self.told_at or at) + LOOK_AGAIN if self.is_crowded() else at
        return max(free, crowded_until)


def is_crowded(used: int | None, maximum: int | None) -> bool:
    """Whether so many calls of a maximum are used that we step aside."""
    return used is not None and maximum is not None and used >= maximum * (100 - SPARED) // 100


def day(session: Session | DbConnection, connection_id: int) -> Day:
    """An account's rolling day as the database has it."""
    terms = select(Allowance.share, Allowance.maximum, Allowance.used, Allowance.told_at)
    row = session.execute(terms.where(Allowance.connection_id == connection_id)).first()
    share, maximum, used, told_at = (DEFAULT_SHARE, None, None, None) if row is None else row
    hours = session.execute(select(Usage.hour, Usage.calls).where(Usage.connection_id == connection_id))
    return Day(share, maximum, used, told_at, {hour: calls for hour, calls in hours})


def change(session: Session, connection_id: int, values: Mapping[str, int | None]) -> None:
    """What a person chose: the share, and the maximum of a vendor that tells none."""
    _lock(session, connection_id)
    if values:
        session.execute(update(Allowance).where(Allowance.connection_id == connection_id).values(**values))


# So what was used is never forgotten, whatever happens to Redis or to a worker: who dies leaves some calls unused.
class Portions:
    """Calls of one connection for one job. `most` 1: for somebody who makes a few calls and never closes."""

    def __init__(self, runtime: Runtime, connection_id: int, most: int = LARGEST) -> None:
        self._runtime, self._connection_id, self._most = runtime, connection_id, most
        self._size = min(SMALLEST, most)
        self._held, self._lane, self._hour, self._good_until = 0, Lane.ORDERS, now(), 0.0
        self._reading: Reading | None = None
        self._maximum: int | None = None

    def take(self, lane: Lane) -> None:
        """One call. Raises Retryable (code BUDGET) with the time at which calls are free again."""
        hour = rolling.hour_of(now())
        if not self._held or (lane, hour) != (self._lane, self._hour) or time.monotonic() > self._good_until:
            self._renew(lane, hour)
        self._held -= 1

    def put_back(self) -> None:
        """The call that was taken last was not made."""
        self._held += 1

    def told(self, reading: Reading) -> None:
        """What an answer said of the allowance; kept with the next portion, what changes much at once."""
        if reading.used is None or reading.maximum is None:
            return
        self._reading = reading
        if reading.maximum != self._maximum or is_crowded(reading.used, reading.maximum):
            self.close()  # what is held was reckoned by another allowance; and whoever makes one call only says so too

    def close(self) -> None:
        """Give the rest back."""
        if not self._held and self._reading is None:
            return
        try:
            self._runtime.database.write(self._settle)
        except SQLAlchemyError as error:  # they count as used: fewer than we may make, never more
            log.warning("calls not given back", connection=self._connection_id, error=type(error).__name__)
        self._held, self._reading = 0, None

    def _renew(self, lane: Lane, hour: datetime) -> None:
        """The rest of the portion for a new one, in one transaction."""
        held, until, maximum = self._runtime.database.write(lambda connection: self._exchange(connection, lane, hour))
        self._held, self._maximum, self._reading = held, maximum, None
        self._lane, self._hour, self._good_until = lane, hour, time.monotonic() + KEPT_FOR
        if until is not None:
            raise Retryable("The share of the account's daily calls is used up.", code=BUDGET, retry_after=until)
        self._size = min(self._size * 2, self._most)

    def _exchange(
        self, connection: DbConnection, lane: Lane, hour: datetime
    ) -> tuple[int, datetime | None, int | None]:
        """Calls, until when there are none, the maximum; what is ours to keep is only set once this is durable."""
        self._settle(connection)
        found = day(connection, self._connection_id)
        room = found.room(lane, now())
        if room == 0:
            return 0, found.shut_until(lane, now()), found.maximum
        # Without a maximum yet the first answer may tell one that is small.
        wanted = self._size if found.maximum is not None else min(self._size, SMALLEST)
        size = wanted if room is None else min(wanted, max(room // PART, 1))
        _count(connection, self._connection_id, hour, size)
        return size, None, found.maximum

    def _settle(self, connection: DbConnection) -> None:
        _lock(connection, self._connection_id)
        if self._reading is not None:
            told = {"used": self._reading.used, "maximum": self._reading.maximum, "told_at": now()}
            connection.execute(update(Allowance).where(Allowance.connection_id == self._connection_id).values(told))
        if self._held:
            connection.execute(
                update(Usage)
                .where(Usage.connection_id == self._connection_id, Usage.hour == self._hour)
                .values(calls=Usage.calls - self._held)
            )


def _lock(connection: Session | DbConnection, connection_id: int) -> None:
    """Whoever takes calls of an account waits here for the others who do."""
    own = select(Allowance.connection_id).where(Allowance.connection_id == connection_id).with_for_update()
    if connection.execute(own).first() is None:
        empty = {"share": DEFAULT_SHARE, "maximum": None, "used": None, "told_at": None}
        insert_new(connection, Allowance, {"connection_id": connection_id, **empty})
        connection.execute(own)


def _count(connection: DbConnection, connection_id: int, hour: datetime, calls: int) -> None:
    mine = (Usage.connection_id == connection_id) & (Usage.hour == hour)
    if connection.execute(update(Usage).where(mine).values(calls=Usage.calls + calls)).rowcount:
        return
    insert_new(connection, Usage, {"connection_id": connection_id, "hour": hour, "calls": calls})
    old = (Usage.connection_id == connection_id) & (Usage.hour < hour - 2 * rolling.FALLS_OUT)
    connection.execute(delete(Usage).where(old))
