"""Everything that we hold on a person is handed out, and nothing of it is left after erasing; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import LargeBinary, select

from app.db import now
from app.domain import Address, Customer
from app.errors import NotFound
from app.mapping.merge import Agreed
from app.models import (
    Attempt,
    Base,
    Conflict,
    Correction,
    Delivery,
    InboxEvent,
    Link,
    OrderCopy,
    PanelLaunch,
    PrivacyAction,
    PrivacyRequest,
    Reservation,
    State,
)
from app.sync import holdings, links, privacy, subjects
from app.sync.outcomes import ERASED
from tests.fakes import order
from tests.unit.sync.conftest import World

EMAIL = "Zaphod.Beeblebrox@Heart.example"
MARKS = ("zaphod", "beeblebrox", "heart.example", "+44 20 7946 0", "improbability drive")
HOME = Address("Zaphod", "Beeblebrox", "", "1 Improbability Drive", "", "London", phone="+44 20 7946 0991")
ZAPHOD = Customer(
    "42", EMAIL, "Zaphod", "Beeblebrox", phone="+44 20 7946 0991", billing=HOME, shipping=HOME,
    created_at=now() - timedelta(days=90), modified_at=now() - timedelta(days=30),
)  # fmt: skip
FORD = Customer("43", "ford@betelgeuse.example", "Ford", "Prefect")


def told(world: World) -> Iterator[tuple[str, str]]:
    """Every place in the whole database that says something of Zaphod."""
    with world.runtime.database.reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)).mappings():
                for column in table.columns:
                    text = "" if isinstance(column.type, LargeBinary) else str(row[column.name]).lower()
                    if any(mark in text for mark in MARKS):
                        yield table.name, column.name


def fill(world: World) -> None:
    """Orders, a registration, a dead letter, a conflict, a correction, a CRM's notice, a panel just opened."""
    first = order(1, buyer=ZAPHOD, billing=HOME, shipping=HOME, customer_message="For Zaphod")
    for record in (ZAPHOD, first, FORD, order(2, buyer=FORD)):
        world.store.put(record)
    world.notice("customer", 42, 43)
    world.notice("order", 1, 2)
    carry(world)
    here = {"store_id": world.store_id, "connection_id": world.connection_id}
    with world.runtime.database.transaction() as session:
        theirs = session.scalars(select(Link.their_id).where(Link.kind == "customer", Link.our_id == "42")).one()
        carried = session.scalars(
            select(Delivery.id).where(Delivery.kind == "customer", Delivery.record_id == "42")
        ).one()
        key = ("customer", "42")
        links.Page(session, world.connection_id, [key]).agree_on({key: Agreed({"email": EMAIL}, {"email": EMAIL})})
        session.add_all(
            [
                Delivery(
                    **here, kind="order", record_id="1", correlation_id="c", state=State.DEAD,
                    label="Order 1, Zaphod Beeblebrox", error_code="X", error_message=f"{EMAIL} is no address",
                ),
                Delivery(**here, kind="crm:Customer", record_id=theirs, correlation_id="d", state=State.DONE,
                         label="Zaphod Beeblebrox"),
                Conflict(
                    **here, kind="customer", our_id="42", their_kind="Customer", their_id="9", record_kind="customer",
                    record_id="42", label="Zaphod Beeblebrox", field="phone", ours="+44 20 7946 0991", theirs="1",
                ),
                Conflict(
                    **here, kind="order", our_id="1", their_kind="Order", their_id="9", record_kind="order",
                    record_id="1", label="Order 1, Zaphod Beeblebrox", field="status", ours="a", theirs="b",
                ),
                Correction(**here, kind="customer", record_id="42", field="email", original="x", value=EMAIL),
                Attempt(
                    delivery_id=carried, correlation_id="a", number=1, started_at=now(), result="written",
                    sent={"Email": EMAIL}, received={"id": theirs},
                ),
                InboxEvent(store_id=world.store_id, vendor="sugarcrm", event_id="e9", scope="after_save",
                           body=f'{{"email1": "{EMAIL}"}}', correlation_id="z"),
                PanelLaunch(token_hash="t", connection_id=world.connection_id, user_id="u", opening={"email": EMAIL},
                            expires_at=now()),
                Reservation(connection_id=world.connection_id, subject=f"email:{EMAIL.lower()}", batch="0-x"),
            ]
        )  # fmt: skip


def carry(world: World) -> None:
    """Flush until nothing is due."""
    for _ in range(20):
        world.flush()
        if not world.deliveries(State.WAITING):
            return
    raise AssertionError("something waits for ever")


def ask(world: World, action: PrivacyAction) -> int:
    return privacy.ask(world.runtime, world.store_id, action, EMAIL.upper(), "owner@example.com")


def erase(world: World) -> PrivacyRequest:
    """Erased in one go."""
    request_id = ask(world, PrivacyAction.ERASE)
    assert privacy.erase(world.runtime, request_id)
    with world.runtime.database.reading() as session:
        return session.get_one(PrivacyRequest, request_id)


def test_nothing_is_left_anywhere(world: World) -> None:
    fill(world)
    before = {table for table, _ in told(world)}
    assert before >= {
        "people", "orders", "deliveries", "attempts", "conflicts", "corrections", "links", "inbox_events",
        "panel_launches", "reservations",
    }  # fmt: skip
    done = erase(world)
    assert list(told(world)) == []
    assert done.done_at is not None and done.subject is None
    assert set(done.counts) >= {"people", "orders", "deliveries", "links"}


def test_others_and_the_books_are_left_alone(world: World) -> None:
    fill(world)
    with world.runtime.database.reading() as session:
        before = session.get_one(OrderCopy, (world.store_id, "1"))
    erase(world)
    with world.runtime.database.reading() as session:
        after = session.get_one(OrderCopy, (world.store_id, "1"))
        other = session.get_one(OrderCopy, (world.store_id, "2"))
        kept = session.scalars(select(Link.our_id).where(Link.kind == "customer")).all()
    assert (after.total, after.currency, after.placed_at) == (before.total, before.currency, before.placed_at)
    assert after.document["lines"] == before.document["lines"]
    assert after.customer_id.startswith(holdings.PSEUDONYM) and other.email == FORD.email
    assert kept == ["43"]


def test_what_waits_is_ended_and_what_runs_is_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privacy, "PATIENCE", 0.0)
    fill(world)
    world.notice("order", 1)
    with world.runtime.database.transaction() as session:
        running = Delivery(
            store_id=world.store_id, connection_id=world.connection_id, kind="customer", record_id="42",
            correlation_id="r", state=State.RUNNING, label="Zaphod Beeblebrox",
        )  # fmt: skip
        session.add(running)
    request_id = ask(world, PrivacyAction.ERASE)
    assert not privacy.erase(world.runtime, request_id)
    assert [one.record_id for one in world.deliveries(State.WAITING, State.DEAD)] == []
    with world.runtime.database.transaction() as session:
        session.get_one(Delivery, running.id).state = State.DONE
    assert privacy.erase(world.runtime, request_id)
    assert list(told(world)) == []


def test_later_notices_bring_nothing_back(world: World) -> None:
    fill(world)
    erase(world)
    written = len(world.crm.writes)
    world.notice("customer", 42)
    world.notice("order", 1)
    carry(world)
    assert list(told(world)) == []
    assert len(world.crm.writes) == written
    assert [one.result for one in world.deliveries()[-2:]] == [ERASED] * 2
    assert world.connection().failures == 0


def test_whoever_buys_again_is_a_customer_again(world: World) -> None:
    fill(world)
    erase(world)
    world.store.put(order(3, buyer=ZAPHOD, placed_at=now() + timedelta(seconds=1)))
    world.notice("order", 3)
    carry(world)
    assert "people" in {table for table, _ in told(world)}
    with world.runtime.database.reading() as session:
        assert session.scalars(select(PrivacyRequest)).one().lifted_at is not None


def test_the_export_holds_every_table_and_no_other_person(world: World) -> None:
    fill(world)
    held: dict[str, list[dict[str, Any]]] = privacy.export(world.runtime, ask(world, PrivacyAction.EXPORT))
    text = str(held).lower()
    assert all(mark in text for mark in MARKS) and "betelgeuse" not in text
    assert {name for name, rows in held.items() if rows} >= {"people", "orders", "links", "attempts", "deliveries"}


def test_an_export_can_be_fetched_for_a_day(world: World) -> None:
    fill(world)
    request_id = ask(world, PrivacyAction.EXPORT)
    with world.runtime.database.transaction() as session:
        session.get_one(PrivacyRequest, request_id).requested_at = now() - timedelta(hours=25)
    with pytest.raises(NotFound):
        privacy.export(world.runtime, request_id)
    privacy.forget_addresses(world.runtime)
    with world.runtime.database.reading() as session:
        assert session.get_one(PrivacyRequest, request_id).subject is None


def test_a_guest_is_found_by_the_address_alone(world: World) -> None:
    guest = replace(ZAPHOD, id=f"guest:{EMAIL.lower()}", complete=False)
    world.store.put(order(5, buyer=guest, billing=HOME))
    world.notice("order", 5)
    carry(world)
    with world.runtime.database.reading() as session:
        total, found = subjects.search(session, world.store_id, "beeble", 0, 10)
    assert total == 1 and found[0][1] == 1
    erase(world)
    assert list(told(world)) == []


def test_their_orders_under_another_address_bring_nothing_back(world: World) -> None:
    fill(world)
    elsewhere = order(6, buyer=replace(ZAPHOD, email="zb@presidency.example", complete=False), billing=HOME)
    world.store.put(elsewhere)
    world.notice("order", 6)
    carry(world)
    erase(world)
    written = len(world.crm.writes)
    world.store.put(replace(elsewhere, status="Shipped", modified_at=now()))
    world.notice("order", 6)
    carry(world)
    assert list(told(world)) == []
    assert (len(world.crm.writes), world.deliveries()[-1].result) == (written, ERASED)


def test_a_correction_is_theirs_by_whom_it_is_about(world: World) -> None:
    fill(world)
    with world.runtime.database.transaction() as session:
        session.add(
            Correction(
                store_id=world.store_id, connection_id=world.connection_id, kind="order", record_id="99",
                person_id="42", field="email", original="x", value=EMAIL,
            )
        )  # fmt: skip
    erase(world)
    assert list(told(world)) == []


def test_rows_are_counted_once_however_often_it_is_tried(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privacy, "PATIENCE", 0.0)
    fill(world)
    with world.runtime.database.transaction() as session:
        running = session.scalars(select(Delivery).where(Delivery.kind == "order", Delivery.record_id == "1")).all()[-1]
        running.state = State.RUNNING
    request_id = ask(world, PrivacyAction.ERASE)
    for _ in range(3):
        assert not privacy.erase(world.runtime, request_id)
    with world.runtime.database.transaction() as session:
        before = session.get_one(PrivacyRequest, request_id).counts
        session.get_one(Delivery, running.id).state = State.DONE
    assert privacy.erase(world.runtime, request_id)
    with world.runtime.database.reading() as session:
        after = session.get_one(PrivacyRequest, request_id).counts
    assert (before["orders"], before["people"], before["inbox_events"]) == (1, 1, 3)
    assert after == {**before, "deliveries": before["deliveries"] + 1}


def test_whose_address_ends_alike_is_somebody_else(world: World) -> None:
    fill(world)
    other = f"x{EMAIL.lower()}"
    with world.runtime.database.transaction() as session:
        session.add_all(
            [
                InboxEvent(store_id=world.store_id, vendor="sugarcrm", event_id="e10", scope="after_save",
                           body=f'{{"email1": "{other}"}}', correlation_id="y"),
                InboxEvent(store_id=world.store_id, vendor="sugarcrm", event_id="e11", scope="after_save",
                           body=f'{{"note": "Hello\\n{EMAIL}."}}', correlation_id="x"),
                PanelLaunch(token_hash="u", connection_id=world.connection_id, user_id="u",
                            opening={"email": f"{EMAIL}.au"}, expires_at=now()),
                Reservation(connection_id=world.connection_id, subject=f"email:{other}", batch="0-y"),
            ]
        )  # fmt: skip
    held = privacy.export(world.runtime, ask(world, PrivacyAction.EXPORT))
    assert other not in str(held).lower() and f"{EMAIL}.au" not in str(held)
    erase(world)
    assert sorted(told(world)) == [
        ("inbox_events", "body"), ("panel_launches", "opening"), ("reservations", "subject")
    ]  # fmt: skip
