"""Trouble at the store's end: the CRM's connection is not to blame, and no record waits for another."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.connectors.access import Grant
from app.connectors.bigcommerce.auth import Installation, Person
from app.db import now
from app.errors import Misconfigured, Reauthorize, Rejected, StorelineError
from app.models import Connection, ConnectionState, State
from app.sync import stores
from tests.fakes import order
from tests.unit.sync.conftest import World


def own(world: World) -> Connection:
    with world.runtime.database.reading() as session:
        return session.scalars(select(Connection).where(Connection.vendor == "bigcommerce")).one()


@pytest.mark.parametrize("error", [Reauthorize("no", code="BC_401"), Misconfigured("no scope", code="BC_403")])
def test_a_store_that_refuses_us_holds_the_connection_until_it_is_installed_again(
    world: World, error: StorelineError
) -> None:
    world.store.put(order(1))
    world.store.error = error
    world.notice("order", 1)
    world.flush()
    assert (own(world).state, own(world).problem) == (ConnectionState.REAUTHORIZE, error.message)
    assert world.connection().state == ConnectionState.LIVE
    hold = world.connection().hold_until
    assert hold is not None
    assert hold > now()
    [delivery] = world.deliveries()
    assert delivery.state == State.WAITING

    world.store.error = None
    person = Person("5", "owner@shop.example")
    stores.install(world.runtime, Installation("abc", Grant("new", account_id="abc"), person, person))
    assert own(world).state == ConnectionState.LIVE
    assert world.connection().hold_until is None
    world.flush()
    assert [delivery.state for delivery in world.deliveries()] == [State.DONE]


def test_one_refusal_of_a_store_that_lets_us_in_is_no_word_about_our_access(world: World) -> None:
    world.store.put(order(1))
    world.store.poison, world.store.poisoned = frozenset({"1"}), Reauthorize("no", code="BC_401", status=401)
    world.notice("order", 1)
    world.flush()
    assert own(world).state == ConnectionState.LIVE
    assert world.connection().hold_until is None
    assert [(row.state, row.error_code) for row in world.deliveries()] == [(State.WAITING, "BC_401")]
    world.store.poison = frozenset()
    world.skip_waits()
    world.flush()
    assert [row.state for row in world.deliveries()] == [State.DONE]


def test_a_request_that_the_store_rejects_is_a_dead_letter_in_its_words(world: World) -> None:
    world.store.error = Rejected("The page is too large.", code="BC_413")
    world.notice("order", 1, 2)
    for _ in range(4):  # in ever smaller company
        world.skip_waits()
        world.flush()
    assert [(row.state, row.error_code, row.error_message) for row in world.deliveries()] == [
        (State.DEAD, "BC_413", "The page is too large.")
    ] * 2
    assert world.crm.calls == 0


def test_a_record_that_cannot_be_read_keeps_no_other_one_back(world: World) -> None:
    world.store.put(order(1))
    world.store.unreadable[("order", "2")] = Rejected("Odd.", code="BC_SHAPE")
    world.notice("order", 1, 2)
    world.flush()
    assert {row.record_id: (row.state, row.error_code) for row in world.deliveries()} == {
        "1": (State.DONE, ""),
        "2": (State.DEAD, "BC_SHAPE"),
    }
