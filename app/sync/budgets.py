"""A budget of API calls per connection, shared by all workers: who may call now, and who waits until when."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import TracebackType

from redis.exceptions import RedisError
from sqlalchemy import select

from app.connectors import registry
from app.connectors.access import PLAIN, STORE_WINDOW, Bucket, Reading
from app.db import now
from app.errors import NotFound, Retryable
from app.log import get_logger
from app.models import Connection
from app.runtime import Runtime
from app.sync.allowances import BUDGET, LARGEST, Portions, day
from app.sync.lanes import Lane, lane
from app.sync.windows import Window, Windows

__all__ = ["BUDGET", "Budget", "Lane", "lane", "window"]

# Percent of a window's quota that calls of a lane leave to the more urgent ones; history by its setting.
RESERVES: Mapping[Lane, int] = {Lane.ORDERS: 0, Lane.CUSTOMERS: 10, Lane.PRODUCTS: 20}
SHORT = 1.0  # seconds that are worth waiting for, with the records at hand
PATIENCE = 10.0  # seconds to wait while others of ours are under way
WITHOUT_REDIS = 1.0  # seconds until it is asked again

log = get_logger()


class Budget:
    """The gate of one connection, opened for one flush, poll or other job; `lane` is what its calls are for.

    `most` 1: for somebody who makes a few calls and does not close it; else close it, for what was taken ahead.
    """

    def __init__(self, runtime: Runtime, connection_id: int, lane: Lane = Lane.ORDERS, most: int = LARGEST) -> None:
        self._runtime, self._connection_id = runtime, connection_id
        self.lane = lane
        self._portions = Portions(runtime, connection_id, most)
        self._windows = Windows(runtime.bell.redis, connection_id)
        self._bucket = PLAIN
        self._without_redis_until = 0.0

    @classmethod
    def of_store(cls, runtime: Runtime, store_id: int, lane: Lane = Lane.ORDERS, most: int = LARGEST) -> Budget:
        """The budget of the store's own end. Raises NotFound if it is not installed."""
        with runtime.database.reading() as session:
            own = select(Connection.id).where(Connection.store_id == store_id, Connection.vendor == registry.SOURCE)
            connection_id = session.scalar(own)
        if connection_id is None:
            raise NotFound("The store is not installed.")
        return cls(runtime, connection_id, lane, most)

    def __enter__(self) -> Budget:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def enter(self, bucket: Bucket = PLAIN) -> None:
        """Before each call. Raises Retryable (code BUDGET) with the time at which calls of this lane are free again."""
        self._bucket = bucket
        self._portions.take(self.lane)
        try:
            self._queue_up(bucket)
        except Retryable:
            self._portions.put_back()
            raise

    def told(self, reading: Reading) -> None:
        """After each call, whether or not it was answered: what the answer said of the limits."""
        self._portions.told(reading)
        if not _is_plain(self._bucket) and self._has_redis():
            try:
                self._windows.told(self._bucket, reading)
            except RedisError as error:
                self._do_without(error)

    def shut(self) -> dict[Lane, datetime]:
        """The lanes that may not call now, and until when."""
        with self._runtime.database.reading() as session:
            found = day(session, self._connection_id)
        known = window(self._runtime, self._connection_id)
        at, shut = now(), dict[Lane, datetime]()
        for one in Lane:
            waits = [found.shut_until(one, at)]
            if known is not None and known.is_spent(self._reserve(one)):
                waits.append(known.resets_at)
            if until := max((wait for wait in waits if wait is not None), default=None):
                shut[one] = until
        return shut

    def close(self) -> None:
        """Give back what was taken ahead and not used. It may be used again."""
        self._portions.close()

    def _queue_up(self, bucket: Bucket) -> None:
        deadline = time.monotonic() + PATIENCE
        while not _is_plain(bucket) and self._has_redis():
            try:
                turn = self._windows.enter(bucket, self._reserve(self.lane))
            except RedisError as error:  # whoever calls too often meanwhile is told by the vendor
                self._do_without(error)
                return
            if not turn.wait:
                return
            if turn.wait > SHORT or time.monotonic() > deadline:
                after = now() + timedelta(seconds=max(turn.wait, SHORT))
                raise Retryable("The vendor's calls of the moment are used up.", code=BUDGET, retry_after=after)
            time.sleep(turn.wait * random.uniform(1.0, 1.5))  # noqa: S311 - so that not all look again at once

    def _reserve(self, lane: Lane) -> int:
        if lane is Lane.HISTORY:
            return 100 - min(int(self._runtime.settings.history_share), 100)
        return RESERVES[lane]

    def _has_redis(self) -> bool:
        return time.monotonic() >= self._without_redis_until

    def _do_without(self, error: RedisError) -> None:
        self._without_redis_until = time.monotonic() + WITHOUT_REDIS
        log.warning("budget without redis", connection=self._connection_id, error=type(error).__name__)


def window(runtime: Runtime, connection_id: int) -> Window | None:
    """The store's window as it is known; None: nothing is, or Redis is away."""
    try:
        return Windows(runtime.bell.redis, connection_id).look(STORE_WINDOW)
    except RedisError:
        return None


def _is_plain(bucket: Bucket) -> bool:
    return not bucket.window and not bucket.at_once
