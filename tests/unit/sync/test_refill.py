"""What changed in the store while nobody told us is asked for, once, by every connection that has not heard of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from app.connectors import registry
from app.connectors.lists import Heads, Span
from app.db import now
from app.domain import Customer
from app.errors import Reauthorize, Rejected, Retryable
from app.models import Connection, ConnectionState, Cursor, Delivery, InboxEvent, State, Store
from app.sync import backfills, deliveries, hooks, refill
from tests.fakes import FakeStore, order
from tests.unit.sync.conftest import World

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def world(world: World) -> World:
    """Connected yesterday."""
    world.change(lambda connection: setattr(connection, "connected_at", now() - 24 * HOUR))
    return world


@pytest.fixture
def repairs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Stores whose webhooks were looked after; the webhooks themselves are no part of this store of dictionaries."""
    found: list[int] = []
    monkeypatch.setattr(hooks, "ensure", lambda runtime, store_id: found.append(store_id))
    return found


def person(number: int, modified_at: datetime) -> Customer:
    return Customer(str(number), f"buyer{number}@shop.example", "Jane", f"Doe {number}", modified_at=modified_at)


def asked(world: World) -> list[tuple[str, str]]:
    return [(one.kind, one.record_id) for one in world.deliveries()]


def look(world: World) -> refill.Found:
    return refill.refill(world.runtime, world.store_id)


def test_what_nobody_told_is_asked_for_once(world: World, repairs: list[int]) -> None:
    world.store.put(order(1, modified_at=now() - 2 * HOUR))
    world.store.put(order(2, modified_at=now() - HOUR))
    world.store.put(order(3, modified_at=now() - 30 * HOUR))  # before the connection
    world.store.put(person(7, now() - HOUR))
    world.notice("order", 2)
    found = look(world)
    assert (found.asked, found.untold, repairs) == (2, 2, [world.store_id])
    assert asked(world) == [("order", "2"), ("order", "1"), ("customer", "7")]
    world.flush()
    assert set(world.crm.rows) == {("order", "1"), ("order", "2"), ("customer", "7")}
    assert look(world) == refill.Found()
    assert repairs == [world.store_id]


def test_nothing_new_costs_a_call_per_kind(world: World) -> None:
    look(world)
    calls = world.store.calls
    assert look(world) == refill.Found()
    assert world.store.calls == calls + 3  # this CRM takes no companies


def test_a_change_that_is_younger_than_its_webhook_may_be_is_no_reason_to_look_after_webhooks(
    world: World, repairs: list[int]
) -> None:
    world.store.put(order(1, modified_at=now() - MINUTE))
    found = look(world)
    assert (found.asked, found.untold, repairs) == (1, 0, [])


def test_a_change_after_the_last_delivery_is_seen(world: World, repairs: list[int]) -> None:
    world.store.put(order(1, modified_at=now() - 3 * HOUR))
    world.notice("order", 1)
    world.flush()
    with world.runtime.database.transaction() as session:
        session.execute(update(Delivery).values(created_at=now() - 3 * HOUR, changed_at=now() - 3 * HOUR))
    world.store.put(order(1, "12.00", modified_at=now() - HOUR))
    assert look(world).asked == 1
    world.flush()
    assert world.crm.rows[("order", "1")]["total"] == "12.00"


def test_a_connection_that_is_back_hears_what_it_missed_and_the_others_do_not(
    world: World, repairs: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = registry.VENDORS["salesforce"]
    monkeypatch.setitem(registry.VENDORS, "sugarcrm", replace(vendor, name="sugarcrm"))
    with world.runtime.database.transaction() as session:
        other = Connection(
            store_id=world.store_id, vendor="sugarcrm", state=ConnectionState.LIVE, connected_at=now() - 24 * HOUR
        )
        session.add(other)
        session.flush()
        other_id = other.id
    look(world)
    with world.runtime.database.transaction() as session:  # five hours ago
        long_ago = now() - 5 * HOUR
        session.execute(update(Cursor).values(read_at=long_ago))
        for cursor in session.scalars(select(Cursor).where(Cursor.name.startswith(refill.PREFIX))):
            cursor.value = long_ago.isoformat()
    world.change(lambda connection: setattr(connection, "state", ConnectionState.DISCONNECTED))
    world.store.put(order(1, modified_at=now() - 2 * HOUR))
    with world.runtime.database.transaction() as session:
        session.add(
            Delivery(
                store_id=world.store_id, connection_id=other_id, kind="order", record_id="1", correlation_id="c",
                state="done", created_at=now() - 2 * HOUR + MINUTE,
            )
        )  # fmt: skip
    look(world)
    assert [one.connection_id for one in world.deliveries("waiting")] == []

    def back(connection: Connection) -> None:
        connection.state, connection.connected_at = ConnectionState.LIVE, now()

    world.change(back)
    assert refill.due(world.runtime) == [world.store_id]
    look(world)
    assert [(one.connection_id, one.record_id) for one in world.deliveries("waiting")] == [(world.connection_id, "1")]


def test_a_kind_that_is_switched_off_is_not_asked_for_later(world: World, repairs: list[int]) -> None:
    world.change(lambda connection: setattr(connection, "switches", {"customers": False}))
    world.store.put(person(7, now() - HOUR))
    assert look(world).asked == 0
    world.change(lambda connection: setattr(connection, "switches", {}))
    assert look(world).asked == 0
    world.store.put(person(8, now() - MINUTE))
    assert look(world).asked == 1


def test_every_page_is_read(world: World, repairs: list[int]) -> None:
    world.store.page_size = 2
    for number in range(1, 8):
        world.store.put(order(number, modified_at=now() - HOUR))
    assert look(world).asked == 7


def test_whoever_dies_in_between_looks_again(world: World, repairs: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    world.store.page_size = 2
    for number in range(1, 6):
        world.store.put(order(number, modified_at=now() - HOUR))
    good = FakeStore.page

    def page(store: FakeStore, kind: str, span: Span, cursor: str = "") -> Heads:
        if cursor == "2":
            raise Retryable("Away.", code="AWAY")
        return good(store, kind, span, cursor)

    monkeypatch.setattr(FakeStore, "page", page)
    with pytest.raises(Retryable):
        look(world)
    assert asked(world) == [("order", "1"), ("order", "2")]
    monkeypatch.setattr(FakeStore, "page", good)
    assert look(world).asked == 3
    assert sorted(asked(world)) == [("order", str(number)) for number in range(1, 6)]


def test_a_kind_that_the_store_refuses_keeps_no_other_one_back(
    world: World, repairs: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    world.store.put(person(7, now() - HOUR))
    good = FakeStore.page

    def page(store: FakeStore, kind: str, span: Span, cursor: str = "") -> Heads:
        if kind == "order":
            raise Rejected("No.", code="NO")
        return good(store, kind, span, cursor)

    world.store.put(order(1, modified_at=now() - 2 * HOUR))
    monkeypatch.setattr(FakeStore, "page", page)
    assert look(world).asked == 1
    assert look(world).asked == 0
    assert refill.due(world.runtime) == []  # not at once again
    monkeypatch.setattr(FakeStore, "page", good)
    assert (look(world).asked, asked(world)[-1]) == (1, ("order", "1"))  # what it did not show is not passed over


def test_a_change_of_what_only_history_asked_for_is_urgent_and_outlives_it(world: World, repairs: list[int]) -> None:
    with world.runtime.database.transaction() as session:
        for record_id in ("1", "2"):
            own = (session, world.store_id, world.connection_id, "order", record_id, "backfill-1")
            deliveries.request(*own, backfill_id=1)
        session.execute(update(Delivery).where(Delivery.record_id == "1").values(due_at=backfills.ASIDE))  # paused
        session.execute(  # cancelled
            update(Delivery).where(Delivery.record_id == "2").values(state=State.DONE, result="cancelled")
        )
    for placed in (1, 2):
        world.store.put(order(placed, modified_at=now() - HOUR))
    look(world)
    world.flush()
    assert set(world.crm.rows) == {("order", "1"), ("order", "2")}


def test_a_store_that_does_not_let_us_in_is_told_as_such(world: World) -> None:
    world.store.error = Reauthorize("Gone.", code="BC_401")
    look(world)
    with world.runtime.database.reading() as session:
        own = session.scalars(select(Connection).where(Connection.vendor == registry.SOURCE)).one()
    assert own.state == ConnectionState.REAUTHORIZE


def test_when_a_store_is_looked_through(world: World) -> None:
    assert refill.due(world.runtime) == [world.store_id]
    look(world)
    assert refill.due(world.runtime) == []

    def read(ago: timedelta) -> list[int]:
        with world.runtime.database.transaction() as session:
            session.execute(update(Cursor).values(read_at=now() - ago))
        return refill.due(world.runtime)

    assert read(61 * MINUTE) == [world.store_id]
    assert read(30 * MINUTE) == []  # there never was a webhook
    world.notice("order", 1)
    assert read(30 * MINUTE) == []
    with world.runtime.database.transaction() as session:
        session.execute(update(InboxEvent).values(received_at=now() - 3 * HOUR))
    assert read(30 * MINUTE) == [world.store_id]  # there were webhooks today, and now there are none
    assert read(10 * MINUTE) == []
    with world.runtime.database.transaction() as session:
        session.execute(delete(Cursor))
        session.get_one(Store, world.store_id).state = "uninstalled"
    assert refill.due(world.runtime) == []
