"""The same seed plans the same, and what is planned can be done."""

from __future__ import annotations

from collections import Counter

from app.chaos.plan import CANCELLED, REFUNDS_EACH, STATUSES, WORKER_EVERY, Blow, Kind, plan


def test_a_seed_is_all_that_decides() -> None:
    assert plan(2000, 7) == plan(2000, 7)
    assert plan(2000, 7).events != plan(2000, 8).events
    assert plan(2000, 7).blows != plan(2000, 8).blows


def test_everything_happens_and_everything_is_hit() -> None:
    planned = plan(10_000, 1)
    assert len(planned.events) == 10_000
    assert {event.kind for event in planned.events} == set(Kind)
    blows = Counter(blow for struck in planned.blows.values() for blow in struck)
    assert blows.keys() == set(Blow)
    assert blows[Blow.KILL_WORKER] == 10_000 // WORKER_EVERY
    assert blows[Blow.DROP_HOOKS] == 2
    assert {number for blow, number in blows.items() if blow not in (Blow.KILL_WORKER, Blow.DROP_HOOKS)} == {10}
    assert all(0 <= number < 10_000 for number in planned.blows)


def test_a_short_run_is_hit_by_everything_too() -> None:
    struck = {blow for blows in plan(50, 3).blows.values() for blow in blows}
    assert struck == set(Blow) - {Blow.DROP_HOOKS}


def test_nobody_edits_what_is_not_there_or_is_over() -> None:
    customers, orders, over, refunds = set[int](), set[int](), set[int](), Counter[int]()
    for event in plan(5000, 4).events:
        match event.kind:
            case Kind.REGISTER:
                assert event.customer not in customers
                customers.add(event.customer)
            case Kind.PLACE:
                assert event.order not in orders
                assert event.customer in customers | {-1}
                orders.add(event.order)
            case Kind.EDIT_CUSTOMER | Kind.EDIT_CONTACT:
                assert event.customer in customers
            case Kind.REFUND:
                assert event.order in orders - over
                refunds[event.order] += 1
            case Kind.EDIT_ORDER | Kind.MOVE_ORDER:
                assert event.order in orders - over - refunds.keys()
                if event.kind is Kind.MOVE_ORDER and STATUSES[event.value % len(STATUSES)] == CANCELLED:
                    over.add(event.order)
    assert max(refunds.values()) == REFUNDS_EACH
    assert over
