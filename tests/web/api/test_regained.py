"""Switches that let more come back: what people of the CRM changed meanwhile is asked for, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from sqlalchemy import select

from app.models import Connection, Delivery, State, Store
from app.sync import deliveries, regained
from tests.web.api.world import Caller, World

CONTACT, ACCOUNT, PRODUCT = "crm:Contact", "crm:Account", "crm:Product2"


def done(world: World, connection: Connection, kind: str, record_id: str, *results: str) -> None:
    """A record's deliveries so far, one after the other."""
    for number, result in enumerate(results):
        place = {"kind": kind, "record_id": record_id, "correlation_id": f"{len(results) - number}-{result}"}
        world.delivery(connection, **place, state=State.DONE, result=result)


def switch(call: Caller, connection: Connection, **switches: bool) -> None:
    assert call("PATCH", f"/api/connections/{connection.id}", {"switches": switches}).status_code == 200


def waiting(world: World) -> list[tuple[str, str]]:
    """What is asked for: kinds and ids."""
    query = select(Delivery.kind, Delivery.record_id).where(Delivery.state == State.WAITING)
    with world.runtime.database.reading() as session:
        return sorted((row.kind, row.record_id) for row in session.execute(query))


def test_what_was_changed_there_while_edits_did_not_come_back_is_asked_for_once_they_do(
    world: World, store: Store, call: Caller
) -> None:
    connection = world.connection(store, switches={"customer_edits": False})
    done(world, connection, CONTACT, "a", "skipped")
    done(world, connection, CONTACT, "b", "carried", "skipped")
    done(world, connection, CONTACT, "c", "skipped", "unchanged")
    done(world, connection, PRODUCT, "p", "skipped")
    switch(call, connection, products=False)
    assert waiting(world) == []
    switch(call, connection, customer_edits=True)
    assert waiting(world) == [(CONTACT, "a"), (CONTACT, "b")]
    assert [job for job in world.jobs() if "flush" in job and str(connection.id) in job]


def test_what_is_under_way_by_the_old_terms_is_asked_for_again(world: World, store: Store, call: Caller) -> None:
    connection = world.connection(store, switches={"customer_edits": False})
    world.delivery(connection, kind=CONTACT, record_id="a", state=State.RUNNING)
    world.delivery(connection, kind=PRODUCT, record_id="p", state=State.RUNNING)
    switch(call, connection, customer_edits=True)
    assert waiting(world) == [(CONTACT, "a")]


@pytest.mark.parametrize(
    ("off", "on", "kinds"),
    [
        ({"customers": False}, {"customers": True}, {CONTACT, "crm:Lead", ACCOUNT}),  # towards the CRM
        ({"companies": False}, {"companies": True}, {ACCOUNT}),
        ({}, {"product_edits": True}, {PRODUCT}),
        ({"products": False}, {"product_edits": True}, set()),
        ({}, {"order_status_edits": True}, {"crm:Order"}),
        ({}, {"new_contacts": True}, {CONTACT}),
        ({}, {"orders": False}, set()),
    ],
)  # fmt: skip
def test_only_kinds_of_which_more_may_come_back_are_asked_for(
    world: World, store: Store, call: Caller, off: Mapping[str, bool], on: Mapping[str, bool], kinds: set[str]
) -> None:
    connection = world.connection(store, switches={**off})
    for kind in (CONTACT, ACCOUNT, PRODUCT, "crm:Lead", "crm:Order"):
        done(world, connection, kind, "a", "skipped")
    switch(call, connection, **on)
    assert {kind for kind, _ in waiting(world)} == kinds


def test_what_was_compared_in_fewer_fields_is_compared_again(world: World, store: Store, call: Caller) -> None:
    connection = world.connection(store, switches={"stock_edits": True})
    for result in ("unchanged", "carried", "conflict", "skipped", "followed", "replaced"):
        done(world, connection, PRODUCT, result, result)
    done(world, connection, CONTACT, "c", "unchanged")
    switch(call, connection, product_edits=True)
    assert [record_id for _, record_id in waiting(world)] == ["carried", "conflict", "skipped", "unchanged"]


def test_it_goes_back_to_the_last_notice(world: World, store: Store, call: Caller) -> None:
    connection = world.connection(store, switches={"customer_edits": False})
    done(world, connection, CONTACT, "a", "carried", "skipped")  # "2-carried", "1-skipped"
    switch(call, connection, customer_edits=True)
    with world.runtime.database.reading() as session:
        query = select(Delivery.correlation_id).where(Delivery.state == State.WAITING)
        assert session.scalars(query).all() == ["1-skipped"]


def test_much_is_asked_for_in_parts(
    world: World, store: Store, call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    connection = world.connection(store, switches={"customer_edits": False})
    for number in range(5):
        done(world, connection, CONTACT, str(number), "skipped")
    parts = []
    ask = deliveries.request_many

    def request_many(*args: object) -> int:
        parts.append(len(args[-1]))  # type: ignore[arg-type]
        return ask(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(deliveries, "request_many", request_many)
    monkeypatch.setattr(regained, "CHUNK", 2)
    switch(call, connection, customer_edits=True)
    assert (parts, len(waiting(world))) == ([2, 2, 1], 5)
