"""What the clock does: rings for what is due, repeats jobs that got lost, and lets go of the past."""

from __future__ import annotations

from datetime import timedelta

import pytest
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import delete, func, select
from sqlalchemy.exc import OperationalError

from app.db import now
from app.models import (
    Attempt,
    Backfill,
    BackfillState,
    Connection,
    ConnectionState,
    Delivery,
    InboxEvent,
    Lease,
    State,
    Store,
    StoreState,
    Token,
)
from app.queue import QUEUE, connect
from app.runtime import Runtime
from app.sync import coverage, leases, retention, sweep
from tests.fakes import order
from tests.unit.sync.conftest import World
from worker import clock


def started(world: World) -> list[tuple[str, int]]:
    """Jobs in the queue, by name and number."""
    queue = Queue(QUEUE, connection=connect(world.runtime.settings.redis_url), serializer=JSONSerializer)
    return sorted((str(job.func_name).rpartition(".")[2], job.args[0]) for job in queue.jobs)


def checked(world: World) -> None:
    with world.runtime.database.transaction() as session:
        session.get_one(Store, world.store_id).hooks_checked_at = now()


def test_what_is_due_is_rung_for_when_the_bell_was_lost(world: World) -> None:
    world.notice("order", 1)
    connect(world.runtime.settings.redis_url).flushall()
    assert started(world) == []
    assert sweep.ring_due(world.runtime) == 1
    assert started(world) == [("flush", world.connection_id)]


def test_duties_are_started_once_in_a_while(world: World) -> None:
    for _ in range(2):
        sweep.start_duties(world.runtime)
    assert started(world) == [("hooks", world.store_id)]
    checked(world)
    connect(world.runtime.settings.redis_url).flushall()
    sweep.start_duties(world.runtime)
    assert started(world) == []


def test_hooks_that_were_found_wrong_are_looked_at_again_soon(world: World) -> None:
    with world.runtime.database.transaction() as session:
        store = session.get_one(Store, world.store_id)
        store.hooks_checked_at, store.hooks_problem = now() - timedelta(minutes=6), "no access"
    sweep.start_duties(world.runtime)
    assert started(world) == [("hooks", world.store_id)]


@pytest.mark.parametrize(
    ("state", "jobs"),
    [(ConnectionState.LIVE, ["renew"]), (ConnectionState.REAUTHORIZE, []), (ConnectionState.DISCONNECTED, ["forget"])],
)
def test_only_what_lives_is_kept_alive(world: World, state: ConnectionState, jobs: list[str]) -> None:
    checked(world)
    with world.runtime.database.transaction() as session:
        session.get_one(Connection, world.connection_id).state = state
        session.get_one(Token, world.connection_id).refreshed_at = now() - timedelta(days=8)
    sweep.start_duties(world.runtime)
    assert [job for job, _ in started(world)] == jobs


def test_a_preparation_that_got_lost_is_repeated(world: World) -> None:
    checked(world)
    with world.runtime.database.transaction() as session:
        connection = session.get_one(Connection, world.connection_id)
        connection.state, connection.connected_at = ConnectionState.SETUP, now() - timedelta(minutes=6)
    sweep.start_duties(world.runtime)
    assert started(world) == [("prepare", world.connection_id)]


def test_tokens_of_an_uninstalled_store_are_forgotten_whatever_was_lost(world: World) -> None:
    with world.runtime.database.transaction() as session:
        session.get_one(Store, world.store_id).state = StoreState.UNINSTALLED
        session.get_one(Connection, world.connection_id).state = ConnectionState.DISCONNECTED
    sweep.start_duties(world.runtime)
    assert started(world) == [("forget", world.store_id)]


def test_the_past_is_let_go_and_the_present_kept(world: World) -> None:
    for number in (1, 2):
        world.store.put(order(number))
        world.notice("order", number)
    world.flush()
    world.notice("order", 3)
    long_ago = now() - timedelta(days=91)
    with world.runtime.database.transaction() as session:
        first = session.scalars(select(Delivery).where(Delivery.record_id == "1")).one()
        waiting = session.scalars(select(Delivery).where(Delivery.state == State.WAITING)).one()
        first.changed_at = waiting.changed_at = long_ago
        session.scalars(select(Attempt).where(Attempt.delivery_id == first.id)).one().started_at = long_ago
        session.scalars(select(InboxEvent).order_by(InboxEvent.id).limit(1)).one().received_at = long_ago
    retention.prune(world.runtime)
    assert [d.record_id for d in world.deliveries()] == ["2", "3"]
    with world.runtime.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Attempt)) == 1
        assert session.scalar(select(func.count()).select_from(InboxEvent)) == 2


def test_that_history_was_loaded_whole_is_never_forgotten(world: World) -> None:
    long_ago = now() - timedelta(days=400)
    with world.runtime.database.transaction() as session:
        for state in (BackfillState.DONE, BackfillState.CANCELLED):
            session.add(
                Backfill(
                    store_id=world.store_id, connection_id=world.connection_id, state=state, kinds=["order"],
                    finished_at=long_ago,
                )
            )  # fmt: skip
    retention.prune(world.runtime)
    with world.runtime.database.reading() as session:
        assert session.scalars(select(Backfill.state)).all() == [BackfillState.DONE]
        connection = session.get_one(Connection, world.connection_id)
        assert coverage.since(session, connection) == coverage.ALWAYS


def test_the_clock_stops_leading_when_its_lease_is_lost(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "SWEEP_EVERY", 0.01)
    with leases.held(world.runtime.database, "clock", 0.06) as lease:
        assert lease is not None
        with world.runtime.database.transaction() as session:
            session.execute(delete(Lease))
        clock.lead(world.runtime, lambda: not lease.lost)
        assert lease.lost


def test_a_duty_that_fails_keeps_back_no_other_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def odd(runtime: Runtime) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(clock, "SWEEP_EVERY", 0.0)
    monkeypatch.setattr(sweep, "start_polls", odd)
    rounds = iter([True, False])
    clock.lead(world.runtime, lambda: next(rounds))
    assert ("hooks", world.store_id) in started(world)


def test_the_clock_outlives_its_database(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    class Enough(Exception):
        """Ends the endless loop."""

    seen: list[str] = []

    def away(*_: object) -> None:
        seen.append("away")
        if len(seen) == 3:
            raise Enough
        raise OperationalError("BEGIN", {}, Exception("no connection"))

    monkeypatch.setattr(clock, "SWEEP_EVERY", 0.0)
    monkeypatch.setattr(leases, "acquire", away)
    with pytest.raises(Enough):
        clock.run(world.runtime)
