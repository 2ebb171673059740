"""A person of the CRM whom the store does not take is one dead letter, not one with every poll."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from app.connectors.base import Ref, Theirs
from app.db import now
from app.errors import Rejected
from app.models import Connection, Cursor, State
from app.sync import polling
from tests.unit.sync.conftest import World

ZOE = Ref("Customer", "zoe")


@pytest.fixture
def refused(world: World) -> World:
    """A new contact, changed a moment ago, whom the store has refused."""
    world.change(wants_new_contacts)
    world.store.refuse = lambda edit: Rejected("No.", code="BC_422", field="email")
    poll(world)
    save(world, "zoe@shop")
    poll(world)
    assert [one.state for one in world.deliveries()] == [State.DEAD]
    return world


def wants_new_contacts(connection: Connection) -> None:
    connection.switches = {**connection.switches, "new_contacts": True}


def save(world: World, email: str) -> None:
    """As a person there does."""
    world.crm.clock = now()
    fields = {"first_name": "Zoe", "last_name": "Ray", "email": email, "phone": ""}
    world.crm.people["zoe"] = Theirs(ZOE, fields, world.crm.clock)


def poll(world: World) -> None:
    with world.runtime.database.transaction() as session:
        for cursor in session.scalars(select(Cursor)):
            cursor.read_at = cursor.read_at.replace(year=2020)
    polling.poll(world.runtime, world.connection_id)
    world.flush()


def test_the_next_polls_leave_it_to_a_person(refused: World) -> None:
    (dead,) = refused.deliveries()
    tries = len(refused.store.edits)
    for _ in range(3):
        poll(refused)
    assert len(refused.store.edits) == tries
    assert [(one.id, one.state) for one in refused.deliveries()] == [(dead.id, State.DEAD)]


def test_once_it_changes_it_is_tried_again(refused: World) -> None:
    refused.store.refuse = lambda edit: None
    save(refused, "zoe@shop.example")
    poll(refused)
    assert refused.store.edits[-1].values == {("customer", ""): refused.crm.people["zoe"].fields}
    assert refused.deliveries(State.DEAD) == []
