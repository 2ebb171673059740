"""Who goes first when calls run short or the vendor was away, and what one poison record costs its neighbours."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from app.connectors.base import Write
from app.db import now
from app.domain import Customer, Product, Variant
from app.errors import Rejected, Retryable, StorelineError
from app.models import Attempt, Connection, Delivery, State
from app.sync import breaker, claims, deliveries
from app.sync.allowances import BUDGET
from app.sync.breaker import BreakerState
from app.sync.budgets import Budget
from app.sync.lanes import Lane, lane, priorities
from app.sync.sweep import ring_due
from tests.fakes import order
from tests.unit.sync.conftest import World


def ask_for_history(world: World, *ids: int) -> None:
    with world.runtime.database.transaction() as session:
        for number in ids:
            own = (world.store_id, world.connection_id, "order", str(number))
            deliveries.request(session, *own, "history", backfill_id=1)


def test_every_priority_is_in_the_lane_that_names_it() -> None:
    for one in Lane:
        first, last = priorities(one)
        assert lane(first) is one
        assert lane(last if last is not None else 10_000) is one
    assert [lane(deliveries.priority(kind)) for kind in ("order", "customer", "crm:Contact", "product")] == [
        Lane.ORDERS, Lane.CUSTOMERS, Lane.CUSTOMERS, Lane.PRODUCTS
    ]  # fmt: skip


def test_history_comes_behind_everything_that_happens_now(world: World) -> None:
    for number in (1, 2, 3):
        world.store.put(order(number))
    world.store.put(Customer("7", "jane@shop.example"))
    ask_for_history(world, 1, 2)
    world.notice("customer", 7)
    world.notice("order", 3)
    world.flush()
    assert world.crm.writes == [["3"], ["7"], ["1", "2"]]


def test_what_happens_to_history_that_waits_makes_it_urgent(world: World) -> None:
    ask_for_history(world, 1, 2)
    world.notice("order", 2)
    ask_for_history(world, 2)  # and it stays so
    assert [(one.record_id, one.priority, one.backfill_id) for one in world.deliveries()] == [
        ("1", 110, 1), ("2", 10, 1)
    ]  # fmt: skip


def test_history_that_went_well_keeps_no_payloads(world: World) -> None:
    for number in (1, 2, 3):
        world.store.put(order(number))
    world.crm.refuse = lambda write: Rejected("no", code="X") if write.id == "2" else None
    ask_for_history(world, 1, 2)
    world.notice("order", 3)
    world.flush()
    with world.runtime.database.reading() as session:
        kept = {one.delivery.record_id: one.sent for one in session.scalars(select(Attempt))}
    assert kept == {"1": None, "2": {"id": "2"}, "3": {"id": "3"}}


def test_a_lane_that_is_shut_waits_and_rings_for_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    until = now() + timedelta(seconds=30)
    monkeypatch.setattr(Budget, "shut", lambda budget: {Lane.PRODUCTS: until, Lane.HISTORY: until})
    world.store.put(order(1))
    world.store.put(order(2))
    world.store.put(Product("5", "Tea", (Variant("77", "5", "TEA", "Tea", order(1).total, "GBP"),)))
    world.notice("product", 5)
    ask_for_history(world, 2)
    world.notice("order", 1)
    world.runtime.bell.redis.flushall()
    world.flush()
    assert world.crm.writes == [["1"]]
    assert {one.due_at for one in world.deliveries(State.WAITING)} == {until}
    assert (ring_due(world.runtime), world.runtime.bell.waiting()) == (0, 0)
    assert world.connection().hold_until is None


def test_our_own_limit_in_the_midst_of_a_batch_costs_no_attempt_and_holds_nobody(world: World) -> None:
    until = now() + timedelta(seconds=30)
    world.store.put(order(1))
    world.notice("order", 1)
    world.crm.error = Retryable("used up", code=BUDGET, retry_after=until)
    world.flush()
    [waiting] = world.deliveries()
    assert (waiting.state, waiting.attempts, waiting.due_at) == (State.WAITING, 0, until)
    assert breaker.of(world.connection()).state is BreakerState.CLOSED
    with world.runtime.database.reading() as session:
        assert session.scalars(select(Attempt)).all() == []


def test_after_a_batch_the_jobs_of_others_come_first(world: World) -> None:
    for number in range(1, 12):
        world.store.put(order(number))
    world.notice("order", *range(1, 12))
    world.runtime.bell.redis.flushall()
    world.runtime.bell.start("flush", 4711)  # of another store
    world.flush()
    assert [len(one) for one in world.crm.writes] == [5]
    assert world.runtime.bell.waiting() == 2  # the other's, and behind it our own
    world.runtime.bell.redis.flushall()
    world.flush()
    assert [len(one) for one in world.crm.writes] == [5, 5, 1]


def test_an_outage_opens_the_breaker_one_record_probes_and_the_backlog_follows_step_by_step(world: World) -> None:
    world.crm.batch = {"order": 8}  # type: ignore[misc]  # of this one alone
    for number in range(1, 31):
        world.store.put(order(number))
    world.notice("order", *range(1, 31))
    world.crm.error = Retryable("connection refused", code="CONNECTION")
    waits: list[timedelta] = []
    for _ in range(4):
        world.flush()
        told = breaker.of(world.connection())
        assert told.state is BreakerState.OPEN and told.until is not None and told.since is not None
        waits.append(told.until - now())
        world.flush()  # held: nothing is tried
        world.change(_pass_the_time)
        assert breaker.of(world.connection()).state is BreakerState.PROBING
    assert told.failures == 4
    assert waits == sorted(waits) and waits[-1] > 3 * waits[0]
    tried = [len(one) for one in world.crm.writes]
    assert tried == [8, 1, 1, 1]  # from the first failure on, one record probes
    world.crm.error = None
    world.flush()
    assert [len(one) for one in world.crm.writes[4:]] == [1, 4, 8, 8, 8, 1]
    assert breaker.of(world.connection()) == breaker.Breaker(BreakerState.CLOSED)
    assert {(one.state, one.attempts) for one in world.deliveries()} == {(State.DONE, 1)}


def test_several_flushes_meet_one_outage_once_and_a_late_success_does_not_end_it(world: World) -> None:
    error, started = Retryable("away", code="CONNECTION"), now()
    for _ in range(3):
        breaker.hold(world.runtime, world.connection_id, error)
    assert world.connection().failures == 1
    breaker.answered(world.runtime, world.connection_id, started, is_well=True)
    assert breaker.of(world.connection()).state is BreakerState.OPEN
    assert breaker.at_once(world.connection(), 4) == 1


def test_no_vendor_silences_a_connection_for_longer_than_a_day(world: World) -> None:
    absurd = Retryable("Wait.", code="BUSY", retry_after=now() + timedelta(days=4000))
    breaker.hold(world.runtime, world.connection_id, absurd)
    until = world.connection().hold_until
    assert until is not None and timedelta(hours=23) < until - now() <= timedelta(days=1)


def _pass_the_time(connection: Connection) -> None:
    connection.hold_until = now()


def poison_among(world: World, number: int) -> None:
    world.crm.batch = {"order": number}  # type: ignore[misc]  # of this one alone
    for one in range(1, number + 1):
        world.store.put(order(one, customer=str(one)))
    world.notice("order", *range(1, number + 1))


@pytest.mark.parametrize("kills", [False, True])
def test_one_poison_among_two_hundred_costs_few_calls_and_no_other_its_delivery(world: World, kills: bool) -> None:
    def poisoned(write: Write) -> StorelineError | None:
        if write.id == "77":
            raise ZeroDivisionError if kills else Rejected("malformed", code="JSON_PARSER_ERROR")
        return None

    world.crm.refuse = poisoned
    poison_among(world, 200)
    for _ in range(60):
        _come_due(world)
        try:
            world.flush()
        except ZeroDivisionError:
            continue
        if {one.record_id for one in world.deliveries(State.WAITING, State.RUNNING)} <= {"77"}:
            break
    assert {one.record_id for one in world.deliveries(State.DONE)} == {str(n) for n in range(1, 201)} - {"77"}
    calls = [len(one) for one in world.crm.writes]
    assert calls[:2] == [200, 50] and len(calls) <= 20, calls  # 200, 50, 12, 3, 1 with their likes
    assert max(one.attempts for one in world.deliveries(State.DONE)) <= 5


def _come_due(world: World) -> None:
    """The time that a whole group waits for comes at once."""
    times: set[datetime] = {one.due_at for one in world.deliveries(State.WAITING) if one.due_at > now()}
    assert len(times) <= 2, "what failed together waits together"
    with world.runtime.database.transaction() as session:
        session.execute(update(Delivery).where(Delivery.state == State.WAITING).values(due_at=now()))


def test_locked_rows_come_back_together_side_by_side_with_those_of_their_account(world: World) -> None:
    world.crm.batch = {"order": 20}  # type: ignore[misc]  # of this one alone
    companies = {1: "b", 2: "a", 3: "b", 4: "a", 5: ""}
    for number, company in companies.items():
        buyer = Customer(str(number), f"{number}@shop.example", company_id=company, complete=False)
        world.store.put(order(number, buyer=buyer))
    world.notice("order", *companies)
    world.crm.refuse = lambda write: Retryable("locked", code="UNABLE_TO_LOCK_ROW") if write.attempt == 1 else None
    world.flush()
    assert world.crm.writes == [["5", "2", "4", "1", "3"]]
    assert len({one.due_at for one in world.deliveries(State.WAITING)}) == 1
    _come_due(world)
    with world.runtime.database.reading() as session:
        assert claims.is_due(session, world.connection_id, ())
    world.flush()
    assert len(world.crm.writes) == 2 and world.deliveries(State.WAITING) == []
