"""Uninstalling: a receipt at once, the data gone on their day, and nothing of other stores."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.connectors.access import Grant
from app.connectors.bigcommerce.auth import Claims, Installation, Person
from app.db import now
from app.models import Base, Connection, ConnectionState, OrderCopy, Store, UninstallReceipt
from app.sync import receipts, stores
from tests.fakes import order
from tests.unit.sync.conftest import World

OWNER = Person("7", "owner@shop.example")


def rows(world: World) -> dict[str, int]:
    """How many rows each table has; those without any left out."""
    with world.runtime.database.reading() as session:
        counts = {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }
    return {name: number for name, number in counts.items() if number}


def neighbour(world: World) -> None:
    """Another store with orders of its own."""
    with world.runtime.database.transaction() as session:
        other = Store(store_hash="other")
        session.add(other)
        session.flush()
        session.add(Connection(store_id=other.id, vendor="bigcommerce", state=ConnectionState.LIVE))


def uninstall(world: World) -> str:
    """The address of the receipt as it was shown before."""
    with world.runtime.database.reading() as session:
        address = receipts.address(world.runtime, session.get_one(Store, world.store_id))
    claims = Claims("abc", OWNER, OWNER, "en", "/", "", "j1", now())
    stores.uninstall(world.runtime, claims)
    stores.forget(world.runtime, world.store_id)
    return address


def receipt(world: World, address: str) -> receipts.Receipt:
    with world.runtime.database.reading() as session:
        found = receipts.find(session, address.rpartition("/")[2])
    assert found is not None
    return found


def come_due(world: World) -> list[int]:
    """As if the days had passed; what the clock would start."""
    with world.runtime.database.transaction() as session:
        session.execute(update(UninstallReceipt).values(delete_at=now()))
        return list(session.scalars(receipts.due()))


@pytest.fixture
def busy(world: World) -> World:
    """With an order carried, and a neighbour."""
    neighbour(world)
    world.store.put(order(1))
    world.notice("order", 1)
    world.flush()
    return world


def test_a_receipt_at_once_and_everything_gone_on_the_day(busy: World) -> None:
    address = uninstall(busy)
    told = receipt(busy, address)
    assert told.deleted_at is None and told.tokens_ended_at is not None
    assert timedelta(days=29) < told.delete_at - now() <= timedelta(days=30)
    assert come_due(busy) != []
    before = rows(busy)
    assert {"orders", "deliveries", "attempts", "links", "inbox_events"} <= set(before)
    [number] = come_due(busy)
    receipts.carry_out(busy.runtime, number)
    left = rows(busy)
    assert left.pop("leases", 0) >= 0
    assert left == {"stores": 1, "connections": 1, "uninstall_receipts": 1}
    told = receipt(busy, address)
    assert told.deleted_at is not None and told.counts["orders"] == before["orders"]
    assert "deleted on" in receipts.words(told)


def test_not_before_the_day(busy: World) -> None:
    uninstall(busy)
    with busy.runtime.database.reading() as session:
        assert list(session.scalars(receipts.due())) == []


def test_installed_again_before_the_day(busy: World) -> None:
    address = uninstall(busy)
    stores.install(busy.runtime, Installation("abc", Grant("token", account_id="abc"), OWNER, OWNER))
    assert come_due(busy) == []
    assert receipt(busy, address).cancelled_at is not None
    with busy.runtime.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(OrderCopy)) == 1
        again = receipts.address(busy.runtime, session.get_one(Store, busy.store_id))
    assert again != address  # of the next installation


def test_dying_in_between_does_no_harm(busy: World, monkeypatch: pytest.MonkeyPatch) -> None:
    uninstall(busy)
    [number] = come_due(busy)
    before = rows(busy)
    calls = iter(range(100))
    real = receipts._delete

    def dying(*arguments: object) -> int:
        if next(calls) == 4:
            raise ConnectionError
        return real(*arguments)  # type: ignore[arg-type]  # as they came

    monkeypatch.setattr(receipts, "_delete", dying)
    with pytest.raises(ConnectionError):
        receipts.carry_out(busy.runtime, number)
    receipts.carry_out(busy.runtime, number)
    with busy.runtime.database.reading() as session:
        done = session.get_one(UninstallReceipt, number)
    assert sum(done.counts.values()) == sum(before.values()) - 3 - before.get("leases", 0)
    assert {"orders", "deliveries"} <= set(done.counts)


def test_installed_again_while_its_data_are_deleted(busy: World, monkeypatch: pytest.MonkeyPatch) -> None:
    address = uninstall(busy)
    [number] = come_due(busy)
    calls, real = iter(range(1000)), receipts._delete
    left: dict[str, int] = {}

    def slow(*arguments: object) -> int:
        deleted = real(*arguments)  # type: ignore[arg-type]  # as they came
        if deleted and next(calls) == 0:
            stores.install(busy.runtime, Installation("abc", Grant("token", account_id="abc"), OWNER, OWNER))
            left.update(rows(busy))
        return deleted

    monkeypatch.setattr(receipts, "_delete", slow)
    receipts.carry_out(busy.runtime, number)
    assert rows(busy) == left and left["orders"] == 1 and left["stores"] == 2
    told = receipt(busy, address)
    assert told.deleted_at is None and told.cancelled_at is not None and sum(told.counts.values()) > 0
    assert "had been deleted by then" in receipts.words(told)
