"""Several flushes of one connection at once: nothing doubled, nothing lost, nobody waits in a circle."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, event, func, select, update

from app.connectors.base import Key, Known, Outcome, Ref, Write
from app.db import now
from app.domain import Customer, Order, Record
from app.models import Delivery, Lease, Reservation, State
from app.sync import claims, deliveries, leases, reservations, slots
from app.sync.claims import Sizes
from app.sync.deliveries import Batch
from app.sync.flush import flush
from tests.fakes import FakeCrm, order
from tests.unit.sync.conftest import World

BUYERS = 24
ORDERS = 72


class PeopleCrm(FakeCrm):
    """A CRM that makes a contact for each new buyer: whom it does not find at the start of a call, it makes."""

    def __init__(self, pause: float) -> None:
        super().__init__()
        self.pause = pause
        self.contacts: list[str] = []  # e-mail addresses, one for each contact that was ever made
        self.together = 0
        self.most_together = 0
        self._lock = threading.Lock()

    def upsert_many(self, writes: Sequence[Write]) -> list[Outcome]:
        with self._lock:
            self.together += 1
            self.most_together = max(self.most_together, self.together)
            there = set(self.contacts)
        time.sleep(self.pause)  # between the look-up and the write, as over a network
        made = []
        with self._lock:
            for write in writes:
                made.append(self._contact(write, there))
                self.writes.append([write.id])
                self.rows[(write.kind, write.id)] = write.id
            self.together -= 1
        return [Outcome(made=places) for places in made]

    def _contact(self, write: Write, there: set[str]) -> dict[Key, Known]:
        places = {(write.kind, write.id): Known(Ref("Order", f"o{write.id}"))} if write.place is None else {}
        assert isinstance(write.record, Order)
        buyer = write.record.buyer
        email = buyer.email.casefold()
        if ("customer", buyer.id) not in write.known:
            if email not in there:
                self.contacts.append(email)
                there.add(email)
            places[("customer", buyer.id)] = Known(Ref("Contact", email))
        return places


def bought(number: int, chance: random.Random) -> Order:
    """An order of one of few people, who are signed in or not and spell their e-mail as they like."""
    person = chance.randrange(BUYERS)
    email = f"Buyer{person}@Shop.example"
    customer = Customer(f"guest:{email.casefold()}", email) if chance.random() < 0.5 else Customer(str(person), email)
    spelt = replace(customer, email=chance.choice((email, email.upper())), complete=False)
    return order(number, buyer=spelt, lines=())


def run_in_threads(world: World, crm: PeopleCrm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three workers that flush for as long as anything waits; every batch is small, so that all have something."""
    chance = random.Random(7)
    world.crm = crm
    from_registry(world, crm, monkeypatch)
    crm.batch = {"order": 4}  # type: ignore[misc]  # of this one alone
    for number in range(1, ORDERS + 1):
        world.store.put(bought(number, chance))
    world.notice("order", *range(1, ORDERS + 1))
    errors: list[BaseException] = []
    deadline = time.monotonic() + 60

    def work() -> None:
        try:
            while world.deliveries(State.WAITING, State.RUNNING) and time.monotonic() < deadline:
                flush(world.runtime, world.connection_id)
                time.sleep(0.01)
        except BaseException as error:  # noqa: BLE001 - of a thread; looked at below
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert {(one.state, one.attempts) for one in world.deliveries()} == {(State.DONE, 1)}, (
        "none was lost, or tried twice"
    )
    assert crm.most_together > 1, "they worked side by side"


def from_registry(world: World, crm: FakeCrm, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.connectors import registry  # noqa: PLC0415 - the tests' own door to it

    vendor = registry.VENDORS["salesforce"]
    monkeypatch.setitem(registry.VENDORS, "salesforce", replace(vendor, target=lambda settings, account: crm))


def test_flushes_side_by_side_double_nobody_and_lose_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    crm = PeopleCrm(0.3)
    run_in_threads(world, crm, monkeypatch)
    assert sorted(one for [one] in crm.writes) == sorted(str(number) for number in range(1, ORDERS + 1))
    assert {email: number for email, number in Counter(crm.contacts).items() if number > 1} == {}
    with world.runtime.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Reservation)) == 0


def test_without_reservations_they_would_double(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the test above can fail."""
    monkeypatch.setattr(reservations, "subjects", lambda record, linked: frozenset())
    crm = PeopleCrm(0.3)
    run_in_threads(world, crm, monkeypatch)
    assert max(Counter(crm.contacts).values()) > 1


def test_a_dead_slot_is_freed_by_whoever_flushes_next_and_a_living_one_is_left_alone(world: World) -> None:
    for number in (1, 2):
        world.store.put(order(number, customer=str(number)))
        world.notice("order", number)
    sizes = Sizes({"order": 1})
    dead = claims.claim(world.runtime, world.connection_id, 2, sizes)
    alive = claims.claim(world.runtime, world.connection_id, 3, sizes)
    assert dead and alive
    with world.runtime.database.transaction() as session:
        for batch in (dead, alive):
            wanted = {one.record_id: [f"order:{one.record_id}"] for one in batch.deliveries}
            assert reservations.take(session, batch, wanted) == {}
    lease = leases.acquire(world.runtime.database, slots.lease(world.connection_id, 3), 30)
    world.flush()
    assert {one.record_id: one.state for one in world.deliveries()} == {"1": State.DONE, "2": State.RUNNING}
    with world.runtime.database.reading() as session:
        assert session.scalars(select(Reservation.batch)).all() == [alive.id]
        assert claims.to_ring(session, now()) == []  # somebody works on the other one
    leases.release(world.runtime.database, slots.lease(world.connection_id, 3), lease or "")
    with world.runtime.database.reading() as session:
        assert claims.to_ring(session, now()) == [world.connection_id]
    world.flush()
    assert {one.state for one in world.deliveries()} == {State.DONE}


def test_who_is_refused_steps_aside_unharmed_and_is_first_in_line_afterwards(world: World) -> None:
    world.store.put(order(1, customer="7"))
    world.store.put(order(2, customer="7"))
    world.notice("order", 1)
    first = claims.claim(world.runtime, world.connection_id, 1, Sizes({"order": 1}))
    assert first
    with world.runtime.database.transaction() as session:
        assert reservations.take(session, first, {"1": ["order:1", "email:buyer7@shop.example"]}) == {}
    lease = leases.acquire(world.runtime.database, slots.lease(world.connection_id, 1), 30)
    world.notice("order", 2)
    _as_if_waiting_for_long(world)
    world.flush()
    [second] = [one for one in world.deliveries() if one.record_id == "2"]
    assert (second.state, second.attempts, second.tried, second.error_code) == (State.WAITING, 0, False, "")
    assert second.due_at > now()
    assert world.crm.writes == []
    with world.runtime.database.transaction() as session:
        reservations.release(session, world.connection_id, [first.id])
    [second] = [one for one in world.deliveries() if one.record_id == "2"]
    assert second.due_at <= now()
    _as_if_waiting_for_long(world)
    world.flush()
    assert world.crm.writes == [["2"]]
    leases.release(world.runtime.database, slots.lease(world.connection_id, 1), lease or "")


def test_who_has_stepped_aside_for_long_looks_more_seldom(world: World) -> None:
    world.notice("order", 1)
    batch = claims.claim(world.runtime, world.connection_id, 0, Sizes({"order": 1}))
    assert batch
    for age, seconds in ((0, 2), (40, 10), (4000, 30)):
        with world.runtime.database.transaction() as session:
            one = session.scalars(select(Delivery)).one()
            one.created_at = now() - timedelta(seconds=age)
            deliveries.step_aside(session, one, "1-other")
            assert round((one.due_at - now()).total_seconds()) == seconds


def test_a_flush_that_was_taken_for_dead_writes_nothing(world: World) -> None:
    world.store.put(order(1))
    world.notice("order", 1)
    digest = world.crm.digest

    def asleep(record: Record) -> str:
        [running] = world.deliveries(State.RUNNING)
        claims.free(world.runtime, world.connection_id, {running.batch or ""})
        world.crm.digest = digest  # type: ignore[method-assign]  # once
        return digest(record)

    world.crm.digest = asleep  # type: ignore[method-assign]  # a worker that is stopped for a minute
    world.flush()
    _as_if_waiting_for_long(world)
    world.flush()
    assert world.crm.writes == [["1"]]
    assert {one.state for one in world.deliveries()} == {State.DONE}


def test_what_is_let_go_between_two_looks_is_reserved_all_the_same(world: World) -> None:
    """PostgreSQL shows each statement what others have committed by then."""
    world.notice("order", 1, 2)
    first, second = (claims.claim(world.runtime, world.connection_id, slot, Sizes({"order": 1})) for slot in (0, 1))
    assert first and second
    with world.runtime.database.transaction() as session:
        assert reservations.take(session, first, {"1": ["email:a"]}) == {}
    looks: list[str] = []
    with world.runtime.database.transaction() as session:

        def let_go(connection: Connection, cursor: object, statement: str, *_: object) -> None:
            if statement.startswith("SELECT reservations."):
                looks.append(statement)
                if len(looks) == 1:
                    connection.execute(delete(Reservation))

        event.listen(session.connection(), "before_cursor_execute", let_go)
        assert reservations.take(session, second, {"2": ["email:a"]}) == {}
    with world.runtime.database.reading() as session:
        assert session.execute(select(Reservation.subject, Reservation.batch)).all() == [("email:a", second.id)]


def test_whoever_ends_while_another_steps_aside_wakes_it(world: World) -> None:
    """PostgreSQL shows nobody what is not committed yet."""
    world.notice("order", 1, 2)
    first, second = (claims.claim(world.runtime, world.connection_id, slot, Sizes({"order": 1})) for slot in (0, 1))
    assert first and second
    with world.runtime.database.transaction() as session:
        assert reservations.take(session, first, {"1": ["email:a"]}) == {}

    def end() -> None:
        with world.runtime.database.transaction() as session:
            reservations.release(session, world.connection_id, [first.id])

    ending = threading.Thread(target=end)
    with world.runtime.database.transaction() as session:
        assert reservations.take(session, second, {"2": ["email:a"]}) == {"2": first.id}
        ending.start()
        ending.join(0.5)
        assert ending.is_alive(), "it wakes those who wait, and so waits until they do"
        [mine] = deliveries.mine(session, second)
        deliveries.step_aside(session, mine, first.id)
    ending.join()
    [waiting] = [one for one in world.deliveries() if one.record_id == "2"]
    assert (waiting.state, waiting.batch) == (State.WAITING, None) and waiting.due_at <= now()


def test_two_that_want_what_the_other_has_do_not_wait_in_a_circle(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An order of a cart, and the cart: each is refused, and lets go what the other is refused for."""
    world.notice("order", 1, 2)
    cart, sale = (claims.claim(world.runtime, world.connection_id, slot, Sizes({"order": 1})) for slot in (0, 1))
    assert cart and sale
    with world.runtime.database.transaction() as session:
        assert reservations.take(session, cart, {"1": ["cart:C"]}) == {}
        assert reservations.take(session, sale, {"2": ["order:2"]}) == {}
    met, detain = threading.Barrier(2), reservations._detain

    def together(*given: Any) -> dict[str, str]:
        with suppress(threading.BrokenBarrierError):  # SQLite lets one in at a time
            met.wait(1)
        return detain(*given)

    monkeypatch.setattr(reservations, "_detain", together)
    refused: list[dict[str, str]] = []

    def take(batch: Batch, record_id: str) -> None:
        with world.runtime.database.transaction() as session:  # which is not tried again
            refused.append(reservations.take(session, batch, {record_id: ["cart:C", "order:2"]}))

    threads = [threading.Thread(target=take, args=given) for given in ((cart, "1"), (sale, "2"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 2, "neither died of the other"
    assert any(refused)


def test_whose_obstacle_is_gone_by_then_is_due_at_once(world: World) -> None:
    world.notice("order", 1)
    batch = claims.claim(world.runtime, world.connection_id, 0, Sizes({"order": 1}))
    assert batch
    with world.runtime.database.transaction() as session:
        [mine] = deliveries.mine(session, batch)
        deliveries.step_aside(session, mine, "")
    assert claims.claim(world.runtime, world.connection_id, 0, Sizes({"order": 1})) is not None


def test_those_of_one_batch_never_block_each_other(world: World) -> None:
    for number in range(1, 6):
        world.store.put(order(number, customer="7"))
    world.notice("order", *range(1, 6))
    world.flush()
    assert [sorted(one) for one in world.crm.writes] == [["1", "2", "3", "4", "5"]]


def test_a_lone_order_costs_one_job_and_no_second_slot(world: World) -> None:
    world.store.put(order(1))
    world.notice("order", 1)
    assert world.runtime.bell.waiting() == 1
    world.flush()
    assert world.runtime.bell.waiting() == 1  # the one that was rung for it


def test_a_second_flush_takes_only_what_is_worth_it(world: World) -> None:
    """A whole batch, something more urgent, or what has waited; so that busy hours cost few calls."""
    sizes = Sizes({"order": 3, "customer": 3})
    world.notice("customer", 1)
    assert claims.claim(world.runtime, world.connection_id, 0, sizes)

    def is_pressing() -> bool:
        with world.runtime.database.reading() as session:
            return claims.is_pressing(session, world.connection_id, sizes)

    assert not is_pressing()
    world.notice("customer", 2)
    assert not is_pressing()
    world.notice("customer", 3, 4)
    assert is_pressing()
    with world.runtime.database.transaction() as session:
        session.execute(update(Delivery).where(Delivery.record_id.in_(("3", "4"))).values(state=State.DONE))
    assert not is_pressing()
    world.notice("order", 5)
    assert is_pressing()
    with world.runtime.database.transaction() as session:
        session.execute(update(Delivery).where(Delivery.record_id == "5").values(state=State.DONE))
    _as_if_waiting_for_long(world)
    assert is_pressing()


def test_a_backlog_calls_more_hands_and_only_so_many(world: World) -> None:
    for number in range(1, 21):
        world.store.put(order(number, customer=str(number)))
    world.notice("order", *range(1, 21))
    world.runtime.bell.redis.flushall()
    rung: list[int] = []

    def meanwhile(write: Write) -> None:
        rung.append(world.runtime.bell.waiting())

    world.crm.refuse = meanwhile
    names = [slots.lease(world.connection_id, slot) for slot in (1, 2, 3)]
    world.flush()
    assert rung[0] == 1  # one more, which calls the next
    world.runtime.bell.redis.flushall()
    for number in range(21, 41):
        world.store.put(order(number, customer=str(number)))
    with world.runtime.database.transaction() as session:
        for name in names:
            session.add(Lease(name=name, holder="another", until=now() + timedelta(seconds=30)))
    world.notice("order", *range(21, 41))
    world.runtime.bell.redis.flushall()
    rung.clear()
    world.flush()
    assert rung and set(rung) == {0}  # all slots have somebody


def _as_if_waiting_for_long(world: World) -> None:
    with world.runtime.database.transaction() as session:
        session.execute(
            update(Delivery).where(Delivery.state == State.WAITING).values(due_at=now() - 2 * claims.PATIENCE)
        )


def test_goods_that_a_crm_never_makes_keep_orders_apart_only_once(world: World) -> None:
    for number in (1, 2, 3):
        world.store.put(order(number, customer=str(number)))  # all of variant 77, which this CRM makes no record of
    world.notice("order", 1)
    wanted = reservations.subjects(order(2), ())
    assert "variant:77" in wanted and "sku:tea-01" in wanted
    world.flush()
    seen: set[str] = set()

    def look(write: Write) -> None:
        with world.runtime.database.reading() as session:
            seen.update(session.scalars(select(Reservation.subject)))

    world.crm.refuse = look
    world.notice("order", 2)
    world.flush()
    assert "order:2" in seen and not any(one.startswith(("variant:", "sku:")) for one in seen)
