"""The blows: processes killed without a word, Redis emptied and killed, the database crashed, webhooks lost."""

from __future__ import annotations

import os
import signal
from collections import Counter
from pathlib import Path
from random import Random

from redis import Redis
from redis.exceptions import RedisError

from app.chaos.plan import Blow
from app.chaos.postgres import Postgres
from app.chaos.shop import Shop
from app.demo.processes import Installation
from app.embedded import socket_path

ONE_PROCESS = {Blow.KILL_WEB: "web", Blow.KILL_CLOCK: "clock", Blow.KILL_LISTENER: "listener"}
# Of a worker: itself, which leaves the job that it forked running; the job alone; both.
HALVES = (("parent",), ("child",), ("parent", "child"))


class Storm:
    """Strikes one installation; counts what it did."""

    def __init__(self, app: Installation, postgres: Postgres | None, shop: Shop, seed: int) -> None:
        self._app, self._postgres, self._shop = app, postgres, shop
        self._random = Random(seed)  # noqa: S311 - repeatable, no secret
        self.counts: Counter[Blow] = Counter()

    def strike(self, blow: Blow) -> None:
        """Do it, unless there is nothing to hit."""
        if self._struck(blow):
            self.counts[blow] += 1

    def _struck(self, blow: Blow) -> bool:
        match blow:
            case Blow.KILL_WORKER:
                return self._kill_worker()
            case Blow.FLUSH_REDIS:
                return self._flush_redis()
            case Blow.KILL_REDIS:
                return self._kill_redis()
            case Blow.RESTART_DATABASE:
                return self._restart_database()
            case Blow.DROP_HOOKS:
                return self._shop.drop_hooks() > 0
            case _:
                return _kill(self._app.process(ONE_PROCESS[blow]).pid)

    def _kill_worker(self) -> bool:
        parent = self._app.process(self._random.choice(self._app.worker_names)).pid
        halves = self._random.choice(HALVES)
        children = _children(parent)
        wanted = [*(children if "child" in halves else ()), *((parent,) if "parent" in halves else ())]
        return any([_kill(pid) for pid in wanted or [parent]])  # all of them, not the first alone

    def _redis(self) -> Redis:
        return Redis.from_url(f"unix://{socket_path(self._app.settings.state_dir)}")

    def _flush_redis(self) -> bool:
        try:
            with self._redis() as redis:
                return bool(redis.flushall())
        except RedisError:  # it is being killed
            return False

    def _kill_redis(self) -> bool:
        """Whoever supervises starts it again."""
        note = Path(self._app.settings.state_dir) / "redis" / "redis.pid"
        text = note.read_text().strip() if note.exists() else ""
        return text.isdigit() and _kill(int(text))

    def _restart_database(self) -> bool:
        if self._postgres is None:
            return False
        self._postgres.crash_and_start()
        return True


def _children(pid: int) -> list[int]:
    """What a process forked, as the kernel knows it; nothing where there is no such file."""
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def _kill(pid: int) -> bool:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:  # it ended by itself
        return False
    return True
