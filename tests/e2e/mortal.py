"""Workers that die."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import update

from app.db import now
from app.models import Delivery, Lease, State
from tests.e2e.conftest import Bridge

ROOT = Path(__file__).parents[2]


class Worker:
    """The process of tests/e2e/killable.py."""

    def __init__(self, bridge: Bridge) -> None:
        settings = {f"STORELINE_{name.upper()}": str(value) for name, value in vars(bridge.runtime.settings).items()}
        self._bridge = bridge
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.e2e.killable"],
            cwd=ROOT, env={**os.environ, **settings}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def flush(self, line: int = 0) -> str:
        """One flush, killed at this line; what became of it. No job waits to which it would give way."""
        self._bridge.runtime.bell.redis.flushdb()
        return self._run("flush", line)

    def poll(self, line: int = 0) -> str:
        """One look at what changed there, killed at this line; what became of it."""
        return self._run("poll", line)

    def _run(self, job: str, line: int) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{job} {self._bridge.connection_id} {line}\n")
        self._process.stdin.flush()
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)


def outlive_lease(bridge: Bridge) -> None:
    """As if the time had passed after which a dead worker's connection is free again, and every wait was over."""
    with bridge.runtime.database.transaction() as session:
        session.execute(update(Lease).values(until=now()))
        session.execute(update(Delivery).where(Delivery.state == State.WAITING).values(due_at=now()))
