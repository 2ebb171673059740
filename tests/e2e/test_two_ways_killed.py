"""Workers that are killed at random lines while people edit on both sides lose nothing and double nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.connectors.registry import VENDORS
from tests.e2e.conftest import Bridge
from tests.e2e.in_step import Writes
from tests.e2e.mortal import Worker, outlive_lease
from tests.e2e.served import bridge_to
from tests.e2e.two_ways import SWITCHES, TwoWays

EDITS = 60
LINES = 500  # a job executes some 200 to 700; beyond its last it lives


class Doomed(TwoWays):
    """Every flush and every poll is a worker's of its own, which dies somewhere on its way."""

    def __init__(self, bridge: Bridge, seed: int, worker: Worker) -> None:
        super().__init__(bridge, seed)
        self.worker = worker
        self.is_doomed = False
        self.died_in: list[str] = []

    def flush(self) -> None:
        self.bridge.runtime.bell.redis.flushdb()  # as in Bridge.flush
        self._note(self.worker.flush(self._line()))

    def poll(self) -> None:
        self._note(self.worker.poll(self._line() // 4))

    def _line(self) -> int:
        return self.random.randint(1, LINES) if self.is_doomed else 0

    def _note(self, outcome: str) -> None:
        assert outcome == "done" or self.is_doomed, outcome
        if outcome != "done":
            self.died_in.append(outcome.removeprefix("killed ").partition(":")[0])
        outlive_lease(self.bridge)


@pytest.fixture(params=sorted(VENDORS))
def doomed(request: pytest.FixtureRequest, sqlite_url: str, redis_url: str) -> Iterator[Doomed]:
    with bridge_to(request.param, sqlite_url, redis_url, **SWITCHES) as bridge:
        worker = Worker(bridge)
        sides = Doomed(bridge, 20261121, worker)
        sides.begin()
        yield sides
        worker.close()


def test_killed_at_random_it_ends_in_step(doomed: Doomed) -> None:
    doomed.is_doomed = True
    doomed.run(EDITS)
    for _ in range(10):
        doomed.flush()
        doomed.poll()
    doomed.is_doomed = False
    doomed.come_to_rest()
    assert len(doomed.died_in) > 10
    assert len(set(doomed.died_in)) > 4
    assert (doomed.unequal(), doomed.doubles(), doomed.strays(), doomed.dead()) == ([], [], [], [])
    assert doomed.idle_round() == Writes(0, 0)
