"""What goes wrong on the way: outages, poison, bugs, dead runs, half-done writes; nothing of it stays."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app.connectors.base import Write
from app.db import now
from app.domain import Order
from app.errors import Misconfigured, Rejected, Retryable, StorelineError
from app.models import Attempt, Delivery, InboxEvent, Link, OrderCopy, State
from app.sync import claims, copies
from app.sync.claims import Sizes
from app.sync.preparation import prepare
from tests.fakes import order
from tests.unit.sync.conftest import World


def test_what_changes_back_is_brought_back(world: World) -> None:
    for total in ("10.00", "20.00", "10.00"):
        world.store.put(order(1, total))
        world.notice("order", 1)
        world.flush()
        assert world.crm.rows[("order", "1")]["total"] == total
    assert world.crm.calls == 3


def test_after_a_failed_write_nobody_claims_to_know_what_is_there(world: World) -> None:
    world.store.put(order(1, "10.00"))
    world.notice("order", 1)
    world.flush()
    world.crm.refuse = lambda write: Rejected("half of it failed", code="X")
    world.store.put(order(1, "20.00"))
    world.notice("order", 1)
    world.flush()
    world.crm.refuse = lambda write: None
    world.store.put(order(1, "10.00"))  # as it was when both sides last agreed
    world.notice("order", 1)
    world.flush()
    assert [d.result for d in world.deliveries()] == ["written", "replaced", "written"]


def test_failures_of_one_record_do_not_pile_up(world: World) -> None:
    world.store.put(order(1))
    world.crm.refuse = lambda write: Rejected("no", code="X")
    for _ in range(3):
        world.notice("order", 1)
        world.flush()
    assert [d.state for d in world.deliveries()] == [State.DONE, State.DONE, State.DEAD]


def drain(world: World, rounds: int = 40) -> dict[str, tuple[str, str, str]]:
    """Flush until nothing waits, whatever the waits are; a flush may die of a bug. How each record ended."""
    for _ in range(rounds):
        world.skip_waits()
        with suppress(ZeroDivisionError):
            world.flush()
        if not world.deliveries(State.WAITING, State.RUNNING):
            break
    return {d.record_id: (d.state, d.remedy, d.error_code) for d in world.deliveries()}


def test_a_record_that_the_store_cannot_give_ends_up_alone(world: World) -> None:
    for number in range(1, 6):
        world.store.put(order(number))
    world.store.poison = frozenset({"3"})
    world.notice("order", 1, 2, 3, 4, 5)
    ends = drain(world)
    assert ends.pop("3") == (State.DEAD, "wait", "BC_500")
    assert set(ends.values()) == {(State.DONE, "", "")}


def test_a_record_that_ends_the_worker_ends_up_alone_and_dead(world: World) -> None:
    for number in range(1, 6):
        world.store.put(order(number))

    def bug(write: Write) -> StorelineError | None:
        if write.id == "3":
            raise ZeroDivisionError
        return None

    world.crm.refuse = bug
    world.notice("order", 1, 2, 3, 4, 5)
    ends = drain(world)
    assert ends.pop("3") == (State.DEAD, "bug", "WORKER_DIED")
    assert set(ends.values()) == {(State.DONE, "", "")}


def test_a_call_that_is_refused_whole_is_tried_with_fewer_records(world: World) -> None:
    for number in range(1, 6):
        world.store.put(order(number))

    def refuse(write: Write) -> StorelineError | None:
        if write.id == "3":
            raise Rejected("malformed", code="JSON_PARSER_ERROR")
        return None

    world.crm.refuse = refuse
    world.notice("order", 1, 2, 3, 4, 5)
    ends = drain(world)
    assert ends.pop("3") == (State.DEAD, "data", "JSON_PARSER_ERROR")
    assert set(ends.values()) == {(State.DONE, "", "")}


def test_an_account_that_lacks_something_is_held_and_says_so(world: World) -> None:
    world.store.put(order(1))
    world.notice("order", 1)
    world.crm.error = Misconfigured("Orders are not enabled in this org.", code="INVALID_TYPE")
    world.flush()
    world.flush()
    assert world.crm.calls == 1
    assert world.connection().problem == "Orders are not enabled in this org."
    assert [(d.state, d.attempts) for d in world.deliveries()] == [(State.WAITING, 0)]
    world.crm.error = None
    prepare(world.runtime, world.connection_id)  # what "Check again" starts
    assert world.connection().problem == ""
    world.flush()
    assert world.deliveries()[0].state == State.DONE


def test_a_notice_that_joins_a_waiting_delivery_has_its_correlation_id(world: World) -> None:
    world.notice("order", 1)
    world.notice("order", 1)
    with world.runtime.database.reading() as session:
        assert len(set(session.scalars(select(InboxEvent.correlation_id)))) == 1
    assert len(world.deliveries()) == 1


def test_a_flush_that_lost_its_claim_does_not_have_the_last_word(world: World) -> None:
    world.store.put(order(1, "10.00"))
    world.notice("order", 1)

    def meanwhile(write: Write) -> None:
        with world.runtime.database.transaction() as session:  # somebody took us for dead
            session.scalars(select(Delivery)).one().batch = "another"

    world.crm.refuse = meanwhile
    world.flush()
    with world.runtime.database.reading() as session:
        assert session.scalars(select(Link)).all() == []
        assert session.scalars(select(Attempt)).all() == []
    assert [d.state for d in world.deliveries()] == [State.RUNNING]


def test_an_outage_counts_against_nobody_and_leaves_the_batches_whole(world: World) -> None:
    for number in range(1, 11):
        world.store.put(order(number))
    world.notice("order", *range(1, 11))
    world.crm.error = Retryable("connection refused", code="CONNECTION")
    for _ in range(30):
        world.skip_waits()
        world.flush()
    assert {(d.state, d.attempts) for d in world.deliveries()} == {(State.WAITING, 0)}
    assert world.connection().failures == 30
    calls, world.crm.error = world.crm.calls, None
    world.skip_waits()
    world.flush()
    assert {d.state for d in world.deliveries()} == {State.DONE}
    assert [len(one) for one in world.crm.writes[-3:]] == [1, 4, 5]  # a probe, then ever more
    assert world.crm.calls - calls == 3
    assert (world.connection().failures, world.connection().hold_until) == (0, None)


def test_a_retry_does_not_starve_while_fresh_records_keep_coming(world: World) -> None:
    world.store.put(order(1))
    world.crm.refuse = lambda write: Retryable("locked", code="UNABLE_TO_LOCK_ROW") if write.attempt == 1 else None
    world.notice("order", 1)
    world.flush()
    world.crm.refuse = lambda write: None
    world.skip_waits()
    for number in range(2, 5):
        world.store.put(order(number))
        world.notice("order", number)
    batch = claims.claim(world.runtime, world.connection_id, 0, Sizes({"order": 5}))
    assert batch is not None
    assert [d.record_id for d in batch.deliveries] == ["1"]


def test_what_a_dead_run_may_have_left_is_looked_for_by_the_newer_one(world: World) -> None:
    attempts: list[int] = []
    world.store.put(order(1))
    world.notice("order", 1)

    def dies(write: Write) -> StorelineError | None:
        attempts.append(write.attempt)
        world.notice("order", 1)  # the shopper edits while we are at it
        raise ZeroDivisionError

    world.crm.refuse = dies
    with pytest.raises(ZeroDivisionError):
        world.flush()

    def lives(write: Write) -> None:
        attempts.append(write.attempt)

    world.crm.refuse = lives
    world.flush()
    assert attempts == [1, 2]
    assert [d.result for d in world.deliveries()] == ["replaced", "written"]


def test_what_a_dead_letter_may_have_left_is_looked_for_too(world: World) -> None:
    attempts: list[int] = []
    world.store.put(order(1))
    world.crm.refuse = lambda write: Rejected("half of it failed", code="X")
    world.notice("order", 1)
    world.flush()

    def lives(write: Write) -> None:
        attempts.append(write.attempt)

    world.crm.refuse = lives
    world.notice("order", 1)
    world.flush()
    assert attempts == [2]


def test_a_field_that_every_record_needs_holds_the_account_and_one_that_a_single_one_needs_does_not(
    world: World,
) -> None:
    for number in (1, 2):
        world.store.put(order(number))
    lacking = Misconfigured("Field BC_Tax__c is hidden.", code="INVALID_FIELD")
    world.crm.refuse = lambda write: lacking
    world.notice("order", 1, 2)
    world.flush()
    assert {(d.state, d.attempts) for d in world.deliveries()} == {(State.WAITING, 0)}
    assert "BC_Tax__c" in world.connection().problem
    world.crm.refuse = lambda write: lacking if write.id == "2" else None
    world.skip_waits()
    world.flush()
    assert {d.record_id: d.state for d in world.deliveries()} == {"1": State.DONE, "2": State.DEAD}


def test_a_problem_that_healed_is_no_longer_shown(world: World) -> None:
    world.store.put(order(1))
    world.crm.error = Misconfigured("Orders are off.", code="INVALID_TYPE")
    world.notice("order", 1)
    world.flush()
    world.crm.error = None
    world.skip_waits()
    world.flush()
    assert (world.connection().problem, world.connection().hold_until) == ("", None)


def test_a_change_of_a_record_that_waits_after_failures_hurries_it(world: World) -> None:
    world.store.put(order(1))
    world.notice("order", 1)
    with world.runtime.database.transaction() as session:
        delivery = session.scalars(select(Delivery)).one()
        delivery.due_at = now() + timedelta(minutes=30)
        delivery.changed_at = now() - timedelta(minutes=5)
    world.notice("order", 1)
    assert world.deliveries()[0].due_at <= now()


def test_a_wait_that_is_over_before_it_is_written_down_is_no_reason_to_try_at_once(world: World) -> None:
    world.store.put(order(1))
    world.crm.refuse = lambda write: Retryable("A second.", code="BUSY", retry_after=now() - timedelta(seconds=1))
    world.notice("order", 1)
    world.flush()
    [waiting] = world.deliveries(State.WAITING)
    assert (waiting.attempts, waiting.due_at > now()) == (1, True)


def test_copies_of_one_order_by_two_flushes_do_not_collide(world: World) -> None:
    placed = [order(number, customer=str(number)) for number in range(1, 30)]
    errors: list[SQLAlchemyError] = []

    def keep(records: list[Order]) -> None:
        try:
            with world.runtime.database.transaction() as session:
                copies.keep(session, world.store_id, records)
        except SQLAlchemyError as error:
            errors.append(error)

    threads = [threading.Thread(target=keep, args=(records,)) for records in (placed, placed[::-1], placed)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with world.runtime.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(OrderCopy)) == 29
