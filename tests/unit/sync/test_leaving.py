"""Connections end, stores leave, accounts change while history is loaded and proofs are kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from app.connectors import registry
from app.connectors.access import Grant
from app.connectors.bigcommerce.auth import Claims, Person
from app.db import now
from app.errors import Reauthorize
from app.models import (
    Backfill,
    BackfillState,
    Connection,
    ConnectionState,
    Cursor,
    DayTotal,
    Difference,
    DifferenceKind,
    State,
    Store,
    StoreState,
)
from app.sync import accounts, backfills, breaker, connections, coverage, hooks, loading, refill, stores
from app.sync.backfills import Choice
from tests.fakes import T0, order
from tests.unit.sync.conftest import World

OWNER = Person("1", "ann@shop.example")


@pytest.fixture
def number(world: World) -> int:
    """A load of three orders that was started, all of which wait."""
    for one in (1, 2, 3):
        world.store.put(order(one, placed_at=T0 - timedelta(days=one)))
    number = backfills.create(world.runtime, world.connection_id, Choice(("order",)))
    loading.run(world.runtime, number)
    backfills.start(world.runtime, number)
    loading.run(world.runtime, number)
    assert len(world.deliveries(State.WAITING)) == 3
    return number


def state(world: World, number: int) -> str:
    with world.runtime.database.reading() as session:
        return session.get_one(Backfill, number).state


def due(world: World) -> list[int]:
    with world.runtime.database.reading() as session:
        return backfills.due(session)


def uninstall(world: World) -> None:
    stores.uninstall(world.runtime, Claims("abc", OWNER, OWNER, "en-US", "/", "", "left", now()))


def own_end(world: World) -> Connection:
    with world.runtime.database.reading() as session:
        return session.scalars(select(Connection).where(Connection.vendor == registry.SOURCE)).one()


def test_a_load_rests_while_its_account_is_disconnected_and_goes_on_afterwards(world: World, number: int) -> None:
    assert due(world) == [number]
    world.change(lambda connection: setattr(connection, "state", ConnectionState.DISCONNECTED))
    assert due(world) == []
    loading.run(world.runtime, number)
    assert state(world, number) == BackfillState.RUNNING
    world.change(lambda connection: setattr(connection, "state", ConnectionState.LIVE))
    world.flush()
    loading.run(world.runtime, number)
    assert (state(world, number), len(world.crm.rows)) == (BackfillState.DONE, 3)


def test_counting_for_an_account_that_was_disconnected_is_no_fault_of_the_store(world: World) -> None:
    number = backfills.create(world.runtime, world.connection_id, Choice(("order",)))
    connections.disconnect(world.runtime, world.connection_id)
    loading.run(world.runtime, number)
    assert (state(world, number), own_end(world).state) == (BackfillState.COUNTING, ConnectionState.LIVE)


def test_a_store_that_leaves_ends_its_loads_which_are_no_whole_history(world: World, number: int) -> None:
    uninstall(world)
    loading.run(world.runtime, number)
    assert (state(world, number), due(world)) == (BackfillState.CANCELLED, [])
    with world.runtime.database.reading() as session:
        connection = session.get_one(Connection, world.connection_id)
        assert coverage.since(session, connection) == coverage.connected(session, connection)


def test_what_a_store_refuses_after_it_left_is_told_to_nobody(world: World) -> None:
    uninstall(world)
    breaker.store_refused(world.runtime, world.store_id, Reauthorize("Gone.", code="BC_401"))
    assert own_end(world).state == ConnectionState.DISCONNECTED


def test_what_waited_when_a_store_left_is_asked_for_when_it_is_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hooks, "ensure", lambda runtime, store_id: None)  # this store of dictionaries has none
    world.change(lambda connection: setattr(connection, "connected_at", now() - timedelta(days=2)))
    refill.refill(world.runtime, world.store_id)
    world.store.put(order(1, modified_at=now() - timedelta(hours=5)))
    world.notice("order", 1)
    uninstall(world)
    with world.runtime.database.transaction() as session:
        session.get_one(Store, world.store_id).state = StoreState.ACTIVE
        for connection in session.scalars(select(Connection)):
            connection.state = ConnectionState.LIVE
        for connection_id in session.scalars(select(Connection.id)).all():
            connections.save_grant(
                world.runtime, session, session.get_one(Connection, connection_id), Grant("token", "refresh-2")
            )
    refill.refill(world.runtime, world.store_id)
    world.flush()
    assert list(world.crm.rows) == [("order", "1")]


def test_another_account_has_neither_the_history_nor_the_proofs_of_the_one_before(world: World, number: int) -> None:
    world.flush()
    loading.run(world.runtime, number)
    assert state(world, number) == BackfillState.DONE
    with world.runtime.database.transaction() as session:
        connection = session.get_one(Connection, world.connection_id)
        connection.connected_at -= timedelta(days=2)
        session.get_one(Backfill, number).created_at -= timedelta(days=1)
        assert coverage.since(session, connection) == coverage.ALWAYS
        session.add(DayTotal(connection_id=connection.id, day=T0.date(), currency="GBP"))
        kind = DifferenceKind.MISSING
        session.add(Difference(connection_id=connection.id, order_id="1", day=T0.date(), kind=kind, currency="GBP"))
    unfinished = backfills.create(world.runtime, world.connection_id, Choice(("order",)))
    world.change(lambda connection: setattr(connection, "state", ConnectionState.DISCONNECTED))
    accounts.keep(world.runtime, world.store_id, "salesforce", "production", Grant("t", account_id="00D-other"))
    assert state(world, unfinished) == BackfillState.CANCELLED
    with world.runtime.database.reading() as session:
        connection = session.get_one(Connection, world.connection_id)
        assert coverage.since(session, connection) == coverage.connected(session, connection)
        for table in (DayTotal, Difference, Cursor):
            assert session.scalars(select(table)).all() == []
