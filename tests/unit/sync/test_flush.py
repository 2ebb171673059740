"""The way of a delivery: asked for, carried in batches, settled by the kind of error, replayed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.connectors.base import Write
from app.db import now
from app.domain import Customer, Message
from app.domain.order import Stage
from app.errors import Reauthorize, Rejected, Retryable, StorelineError
from app.models import Attempt, Connection, ConnectionState, Delivery, InboxEvent, Link, OrderCopy, State
from app.sync import claims, deliveries
from app.sync.claims import Sizes
from app.sync.inbox import Receipt
from app.sync.replays import Which, replay
from app.sync.sweep import ring_due
from tests.fakes import order
from tests.unit.sync.conftest import World


def test_an_order_arrives_and_everything_about_it_is_remembered(world: World) -> None:
    world.store.put(order(1, "12.50"))
    assert world.notice("order", 1) is Receipt.NEW
    assert [d.state for d in world.deliveries()] == [State.WAITING]

    world.flush()

    [delivery] = world.deliveries()
    assert (delivery.state, delivery.result, delivery.amount) == (State.DONE, "written", "12.50 GBP")
    assert delivery.label == "Order 1, Jane Doe 7"
    assert world.crm.rows[("order", "1")]["total"] == "12.50"
    with world.runtime.database.reading() as session:
        link = session.scalars(select(Link)).one()
        assert (link.kind, link.our_id, link.their_kind, link.their_id) == ("order", "1", "Order", "crm-order-1")
        attempt = session.scalars(select(Attempt)).one()
        event = session.scalars(select(InboxEvent)).one()
        assert attempt.correlation_id == delivery.correlation_id == event.correlation_id
        assert (attempt.result, attempt.sent, attempt.received) == ("written", {"id": "1"}, {"id": "crm-order-1"})
        assert session.scalars(select(OrderCopy)).one().document["total"] == "12.50"


def test_a_notice_that_comes_twice_is_kept_once_and_carried_once(world: World) -> None:
    world.store.put(order(1))
    assert world.notice("order", 1, event_id="same") is Receipt.NEW
    assert world.notice("order", 1, event_id="same") is Receipt.DUPLICATE
    assert world.notice("order", 1) is Receipt.NEW  # another event about a record that waits already
    world.flush()
    assert world.crm.writes == [["1"]]
    assert len(world.deliveries()) == 1


def test_what_both_sides_agree_on_is_not_sent_again(world: World) -> None:
    world.store.put(order(1))
    for _ in range(2):
        world.notice("order", 1)
        world.flush()
    assert world.crm.calls == 1
    assert [d.result for d in world.deliveries()] == ["written", "unchanged"]


def test_what_arrives_during_a_flush_goes_with_the_next_batch_of_it(world: World) -> None:
    for number in range(1, 8):
        world.store.put(order(number))
    world.notice("order", 1)
    late = iter(range(2, 8))

    def meanwhile(write: Write) -> None:
        world.notice("order", *late)  # the first time; afterwards nothing is late any more

    world.crm.refuse = meanwhile
    world.flush()
    assert world.crm.writes == [["1"], ["2", "3", "4", "5", "6"], ["7"]]
    assert world.store.calls == 3


def test_a_change_while_the_record_is_under_way_is_carried_afterwards(world: World) -> None:
    world.store.put(order(1, "10.00"))
    world.notice("order", 1)
    changes = iter([order(1, "11.00")])

    def meanwhile(write: Write) -> None:
        for changed in changes:
            world.store.put(changed)
            world.notice("order", 1)

    world.crm.refuse = meanwhile
    world.flush()
    assert world.crm.rows[("order", "1")]["total"] == "11.00"
    assert world.crm.writes == [["1"], ["1"]]


def test_orders_go_before_customers(world: World) -> None:
    world.store.put(Customer("7", "jane@shop.example"))
    world.store.put(order(1))
    world.notice("customer", 7)
    world.notice("order", 1)
    world.flush()
    assert world.crm.writes == [["1"], ["7"]]


def test_companies_go_before_the_orders_of_their_buyers(world: World) -> None:
    wanted = ("message", "product", "customer", "order", "cart", "company")
    with world.runtime.database.transaction() as session:
        for kind in wanted:
            deliveries.request(session, world.store_id, world.connection_id, kind, "1", "c")
    batches = [claims.claim(world.runtime, world.connection_id, 0, Sizes({})) for _ in wanted]
    assert [batch.kind for batch in batches if batch] == ["company", "cart", "order", "customer", "product", "message"]


def test_a_message_brings_its_order_along(world: World) -> None:
    world.store.put(order(1))
    world.store.put(order(2, stage=Stage.INCOMPLETE))
    for number in (1, 2, 3):
        world.store.put(_message(number))
        world.notice("message", f"{number}-7")
    world.flush()
    assert world.crm.writes == [["1"], ["1-7"]]  # the second order is no sale, the third there is none
    results = {one.record_id: one.result for one in world.deliveries(State.DONE)}
    assert results == {"1": "written", "1-7": "written", **dict.fromkeys(("2", "2-7", "3", "3-7"), "skipped")}


def test_a_message_waits_while_its_order_fails(world: World) -> None:
    world.store.put(order(1))
    world.store.put(_message(1))
    world.crm.refuse = lambda write: Retryable("later") if write.kind == "order" else None
    world.notice("message", "1-7")
    world.flush()
    world.skip_waits()
    world.flush()
    [message] = [one for one in world.deliveries(State.WAITING) if one.kind == "message"]
    assert message.error_code == "ORDER_FIRST" and ("message", "1-7") not in world.crm.rows
    world.crm.refuse = lambda write: None
    world.skip_waits()
    world.flush()
    assert ("message", "1-7") in world.crm.rows and world.deliveries(State.WAITING) == []


def _message(order_id: int) -> Message:
    return Message(f"{order_id}-7", str(order_id), "Hello", "Where is it?", now())


def test_one_bad_record_does_not_hold_up_its_neighbours(world: World) -> None:
    for number in (1, 2, 3):
        world.store.put(order(number))
    world.notice("order", 1, 2, 3)
    world.crm.refuse = lambda write: (
        Rejected("Last name is missing", code="REQUIRED_FIELD_MISSING", field="LastName") if write.id == "2" else None
    )
    world.flush()
    assert [d.state for d in world.deliveries()] == [State.DONE, State.DEAD, State.DONE]
    [dead] = world.deliveries(State.DEAD)
    assert (dead.remedy, dead.error_code, dead.error_field) == ("data", "REQUIRED_FIELD_MISSING", "LastName")


def test_a_dead_delivery_is_replayed_without_a_double(world: World) -> None:
    world.store.put(order(2))
    world.crm.refuse = lambda write: Rejected("no", code="X")
    world.notice("order", 2)
    world.flush()
    world.crm.refuse = lambda write: None
    assert replay(world.runtime, world.store_id, Which(error_code="Y")) == 0
    assert replay(world.runtime, world.store_id + 1, Which()) == 0
    assert replay(world.runtime, world.store_id, Which(error_code="X")) == 1
    world.flush()
    assert [d.state for d in world.deliveries()] == [State.DONE]
    assert world.crm.created[("order", "2")] == 1


def test_a_newer_success_settles_older_failures_of_the_record(world: World) -> None:
    world.store.put(order(2))
    world.crm.refuse = lambda write: Rejected("no", code="X")
    world.notice("order", 2)
    world.flush()
    world.crm.refuse = lambda write: None
    world.notice("order", 2)
    world.flush()
    assert [(d.state, d.result) for d in world.deliveries()] == [(State.DONE, "replaced"), (State.DONE, "written")]


def test_replaying_while_a_newer_delivery_waits_leaves_the_newer_one(world: World) -> None:
    world.store.put(order(2))
    world.crm.refuse = lambda write: Rejected("no", code="X")
    world.notice("order", 2)
    world.flush()
    world.notice("order", 2)
    assert replay(world.runtime, world.store_id, Which()) == 1
    assert [(d.state, d.result) for d in world.deliveries()] == [(State.DONE, "replaced"), (State.WAITING, "")]


def test_a_transient_error_of_one_record_waits_and_heals_alone(world: World) -> None:
    world.store.put(order(1))
    world.notice("order", 1)
    world.crm.refuse = lambda write: Retryable("locked", code="UNABLE_TO_LOCK_ROW") if write.attempt == 1 else None
    world.flush()
    [delivery] = world.deliveries()
    assert delivery.state == State.WAITING
    assert delivery.due_at > now()
    world.skip_waits()
    world.flush()
    assert world.deliveries()[0].state == State.DONE
    assert world.deliveries()[0].attempts == 2


def test_a_transient_error_that_never_ends_asks_for_a_person(world: World) -> None:
    world.store.put(order(1))
    world.notice("order", 1)
    world.crm.refuse = lambda write: Retryable("locked", code="UNABLE_TO_LOCK_ROW")
    for _ in range(deliveries.ATTEMPTS):
        world.skip_waits()
        world.flush()
    [delivery] = world.deliveries()
    assert (delivery.state, delivery.remedy, delivery.attempts) == (State.DEAD, "wait", deliveries.ATTEMPTS)


def test_throttling_holds_the_connection_and_costs_no_attempt(world: World) -> None:
    world.store.put(order(1))
    world.notice("order", 1)
    until = now() + timedelta(seconds=90)
    world.crm.error = Retryable("slow down", code="REQUEST_LIMIT_EXCEEDED", retry_after=until)
    world.flush()
    world.flush()
    assert world.crm.calls == 1  # held: nothing is tried before the vendor said so
    [delivery] = world.deliveries()
    assert (delivery.state, delivery.attempts) == (State.WAITING, 0)
    assert ring_due(world.runtime) == 0
    world.crm.error = None
    world.skip_waits()
    assert ring_due(world.runtime) == 1
    world.flush()
    assert world.deliveries()[0].state == State.DONE


def test_a_store_that_does_not_answer_delays_and_loses_nothing(world: World) -> None:
    world.store.put(order(1))
    world.notice("order", 1)
    world.store.error = Retryable("time-out", code="TIMEOUT")
    world.flush()
    assert [(d.state, d.attempts, d.error_code) for d in world.deliveries()] == [(State.WAITING, 0, "TIMEOUT")]
    world.store.error = None
    world.skip_waits()
    world.flush()
    assert world.deliveries()[0].state == State.DONE


def test_a_revoked_token_pauses_collects_and_catches_up(world: World) -> None:
    world.store.put(order(1))
    world.store.put(order(2))
    world.notice("order", 1)
    world.crm.error = Reauthorize("expired access/refresh token", code="invalid_grant")
    world.flush()
    assert world.connection().state == ConnectionState.REAUTHORIZE
    world.notice("order", 2)
    assert [(d.state, d.attempts) for d in world.deliveries()] == [(State.WAITING, 0)] * 2
    world.crm.error = None

    def reconnect(connection: Connection) -> None:
        connection.state = ConnectionState.LIVE

    world.change(reconnect)
    world.flush()
    assert {d.state for d in world.deliveries()} == {State.DONE}


def test_a_switch_takes_effect_on_the_next_flush(world: World) -> None:
    world.store.put(order(1))
    world.notice("order", 1)

    def off(connection: Connection) -> None:
        connection.switches = {"orders": False}

    world.change(off)
    world.flush()
    assert [d.result for d in world.deliveries()] == ["skipped"]
    world.notice("order", 1)
    assert len(world.deliveries()) == 1  # nor is anything collected that nobody wants
    assert world.crm.calls == 0


@pytest.mark.parametrize("state", [ConnectionState.SETUP, ConnectionState.PAUSED])
def test_before_going_live_and_while_paused_changes_are_only_collected(world: World, state: ConnectionState) -> None:
    def change(connection: Connection, to: ConnectionState = state) -> None:
        connection.state = to

    world.store.put(order(1))
    world.change(change)
    world.notice("order", 1)
    world.flush()
    assert world.crm.calls == 0
    world.change(lambda connection: change(connection, ConnectionState.LIVE))
    assert ring_due(world.runtime) == 1
    world.flush()
    assert world.crm.calls == 1


def test_carts_that_never_became_a_sale_do_not_become_orders(world: World) -> None:
    world.store.put(order(1, stage=Stage.INCOMPLETE))
    world.notice("order", 1)
    world.flush()
    assert world.deliveries()[0].result == "skipped"
    world.store.put(order(1))
    world.notice("order", 1)
    world.flush()
    assert world.deliveries()[1].result == "written"
    world.store.put(order(1, stage=Stage.INCOMPLETE))  # once there, every change follows
    world.notice("order", 1)
    world.flush()
    assert world.deliveries()[2].result == "written"


def test_what_is_gone_from_the_store_is_archived_there_only_if_it_is_there(world: World) -> None:
    world.notice("order", 9)
    world.flush()
    assert world.deliveries()[0].result == "skipped"
    world.store.put(order(1))
    world.notice("order", 1)
    world.flush()
    world.store.records.clear()
    world.notice("order", 1)
    world.flush()
    assert world.deliveries()[2].result == "archived"
    assert world.crm.rows[("order", "1")] is None
    with world.runtime.database.reading() as session:
        assert session.get_one(OrderCopy, (world.store_id, "1")).deleted


def test_a_bug_fails_the_job_and_the_claim_is_freed_by_the_next_flush(world: World) -> None:
    world.store.put(order(1))
    world.notice("order", 1)

    def bug(write: Write) -> StorelineError:
        raise ZeroDivisionError

    world.crm.refuse = bug
    with pytest.raises(ZeroDivisionError):
        world.flush()
    assert [d.state for d in world.deliveries()] == [State.RUNNING]
    assert ring_due(world.runtime) == 1
    world.crm.refuse = lambda write: None
    world.flush()
    assert [d.state for d in world.deliveries()] == [State.DONE]


def test_an_unknown_scope_is_kept_and_an_unknown_store_is_not(world: World) -> None:
    world.notice("order")
    with world.runtime.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(InboxEvent)) == 1
        assert session.scalar(select(func.count()).select_from(Delivery)) == 0
