"""Who may call now: the share of the day in the database, the vendor's window in Redis."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from app.connectors.access import PLAIN, STORE_WINDOW, Bucket, Reading
from app.db import now
from app.errors import Retryable
from app.models import Connection, Store
from app.models.budget import Allowance, Usage
from app.queue import Bell, connect
from app.runtime import Runtime
from app.sync import rolling
from app.sync.allowances import Day, change, day
from app.sync.budgets import BUDGET, Budget, Lane, window

CALL = Bucket(STORE_WINDOW, quota=150, seconds=30)
NOTHING = Reading()
WRITE = Bucket(STORE_WINDOW, quota=150, seconds=30, parallel="customers", at_once=3)


@pytest.fixture
def account(runtime: Runtime) -> int:
    """A connection."""
    with runtime.database.transaction() as session:
        connection = Connection(store=Store(store_hash="abc"), vendor="salesforce", account_id="00D")
        session.add(connection)
        session.flush()
        return connection.id


def allow(runtime: Runtime, account: int, maximum: int, share: int = 50) -> None:
    """A daily maximum, and how much of it is ours."""
    with runtime.database.transaction() as session:
        change(session, account, {"maximum": maximum, "share": share})


def found(runtime: Runtime, account: int) -> Day:
    with runtime.database.reading() as session:
        return day(session, account)


def ours(runtime: Runtime, account: int) -> int:
    return rolling.in_day(found(runtime, account).hours, now())


def spend(budget: Budget, most: int = 10_000, bucket: Bucket = PLAIN, reading: Reading = NOTHING) -> int:
    """As many calls as there are, up to `most`."""
    for made in range(most):
        try:
            budget.enter(bucket)
        except Retryable as error:
            assert error.code == BUDGET
            return made
        budget.told(reading)
    return most


def until(act: Callable[[], None]) -> datetime:
    """When it may be tried again, as it says."""
    with pytest.raises(Retryable) as caught:
        act()
    assert caught.value.code == BUDGET
    assert caught.value.retry_after is not None
    return caught.value.retry_after


def test_what_was_taken_ahead_and_not_used_is_given_back(runtime: Runtime, account: int) -> None:
    with Budget(runtime, account) as budget:
        assert spend(budget, 3) == 3
    assert ours(runtime, account) == 3
    with Budget(runtime, account, Lane.HISTORY) as budget:
        assert spend(budget, 60) == 60
    assert ours(runtime, account) == 63


def test_the_share_is_never_exceeded_by_many_at_once(runtime: Runtime, account: int) -> None:
    allow(runtime, account, 400)
    made, lock = Counter[Lane](), threading.Lock()

    def work(lane: Lane) -> None:
        with Budget(runtime, account, lane) as budget:
            count = spend(budget, 90)
            time.sleep(0.01)
            count += spend(budget, 90)
        with lock:
            made[lane] += count

    threads = [threading.Thread(target=work, args=(Lane(number % 4),)) for number in range(8)]
    for thread in threads:
        thread.start()
    time.sleep(0.02)
    runtime.bell.redis.flushall()
    for thread in threads:
        thread.join()
    assert made.total() == ours(runtime, account) <= 200
    with Budget(runtime, account) as budget:  # whatever was held by some of them is free again
        spend(budget)
    assert ours(runtime, account) == 200


def test_a_worker_that_is_killed_and_a_restart_forget_no_call(runtime: Runtime, account: int) -> None:
    allow(runtime, account, 100)
    killed = Budget(runtime, account)
    made = spend(killed, 10)
    runtime.bell.redis.flushall()
    with Budget(runtime, account) as budget:
        made += spend(budget)
    assert made <= 50
    assert made > 40  # the little that it had taken ahead is lost, for a day
    assert ours(runtime, account) == 50


def test_the_less_urgent_go_without_first(runtime: Runtime, account: int) -> None:
    allow(runtime, account, 200)  # ours: 100
    reached = []
    for lane in reversed(Lane):
        with Budget(runtime, account, lane) as budget:
            spend(budget)
        reached.append(ours(runtime, account))
    assert reached == [60, 85, 95, 100]


def test_a_lane_is_shut_until_enough_hours_have_passed(runtime: Runtime, account: int) -> None:
    allow(runtime, account, 200)
    hour = rolling.hour_of(now())
    with runtime.database.transaction() as session:
        for back, calls in ((23, 10), (20, 30), (3, 50)):
            session.add(Usage(connection_id=account, hour=hour - timedelta(hours=back), calls=calls))
    shut = Budget(runtime, account).shut()
    # 90 of 100: products may go on below 85, once the oldest hour is gone; history below 60, once two are.
    assert shut == {
        Lane.HISTORY: hour + timedelta(hours=5), Lane.PRODUCTS: hour + timedelta(hours=2)
    }  # fmt: skip
    assert until(Budget(runtime, account, Lane.PRODUCTS).enter) == shut[Lane.PRODUCTS]
    Budget(runtime, account, Lane.CUSTOMERS).enter()


def test_a_vendor_that_tells_its_maximum_is_heard_at_once(runtime: Runtime, account: int) -> None:
    with Budget(runtime, account) as budget:
        made = spend(budget, reading=Reading(used=3, maximum=40))
    assert made == 20
    told = found(runtime, account)
    assert (told.used, told.maximum, told.allowed) == (3, 40, 20)


def test_others_who_use_the_account_up_stop_us_until_we_look_again(runtime: Runtime, account: int) -> None:
    with Budget(runtime, account) as budget:
        budget.enter()
        budget.told(Reading(used=990, maximum=1000))
        again = until(budget.enter)
    assert timedelta(minutes=14) < again - now() <= timedelta(minutes=15)
    assert set(Budget(runtime, account).shut()) == set(Lane)
    with runtime.database.transaction() as session:  # a quarter of an hour later
        session.execute(update(Allowance).values(told_at=now() - timedelta(minutes=16)))
    with Budget(runtime, account) as budget:
        budget.enter()
        budget.told(Reading(used=200, maximum=1000))
        assert spend(budget, 20, reading=Reading(used=200, maximum=1000)) == 20


def test_what_somebody_hears_who_makes_one_call_only_all_know(runtime: Runtime, account: int) -> None:
    full = Reading(used=995, maximum=1000)
    made = sum(spend(Budget(runtime, account, Lane.CUSTOMERS, most=1), 1, reading=full) for _ in range(5))
    assert made == 1
    assert (found(runtime, account).used, found(runtime, account).maximum) == (995, 1000)
    assert ours(runtime, account) == 1


def test_the_share_may_be_made_smaller_and_larger(runtime: Runtime, account: int) -> None:
    allow(runtime, account, 100, share=20)
    with Budget(runtime, account) as budget:
        assert spend(budget) == 20
        allow(runtime, account, 100, share=30)
        assert spend(budget) == 10
        allow(runtime, account, 100, share=1)
        assert spend(budget) == 0


# ---- the window


def told(left: int, seconds: float = 20.0, quota: int = 100) -> Reading:
    return Reading(left, quota, now() + timedelta(seconds=seconds), timedelta(seconds=30))


def test_what_one_worker_is_told_all_know(runtime: Runtime, account: int) -> None:
    one, two = Budget(runtime, account), Budget(runtime, account)
    one.enter(CALL)
    one.told(told(8))
    assert spend(two, bucket=CALL) == 6  # the last two calls of a window are not ours
    assert timedelta(seconds=18) < until(lambda: one.enter(CALL)) - now() <= timedelta(seconds=20.1)
    known = window(runtime, account)
    assert known is not None
    assert (known.quota, known.left, known.seconds) == (100, 2, 30.0)


def test_each_lane_leaves_its_reserve(runtime: Runtime, account: int) -> None:
    orders = Budget(runtime, account)
    orders.enter(CALL)
    orders.told(told(100))
    made = [spend(Budget(runtime, account, lane), bucket=CALL) for lane in reversed(Lane)]
    assert made == [50, 30, 10, 8]
    assert set(orders.shut()) == set(Lane)


def test_a_lane_that_is_shut_takes_nothing_of_the_day(runtime: Runtime, account: int) -> None:
    with Budget(runtime, account) as budget:
        budget.enter(CALL)
        budget.told(told(40))
    with Budget(runtime, account, Lane.HISTORY) as history:
        assert spend(history, bucket=CALL) == 0
        assert set(history.shut()) == {Lane.HISTORY}
    assert ours(runtime, account) == 1


def test_while_nothing_is_known_only_two_calls_are_under_way(runtime: Runtime, account: int) -> None:
    budgets = [Budget(runtime, account) for _ in range(3)]
    budgets[0].enter(CALL)
    budgets[1].enter(CALL)
    entered = threading.Event()

    def third() -> None:
        budgets[2].enter(CALL)
        entered.set()

    thread = threading.Thread(target=third)
    thread.start()
    assert not entered.wait(0.3)
    budgets[0].told(told(50))
    assert entered.wait(60)
    thread.join()
    known = window(runtime, account)
    assert known is not None
    assert known.left == 48  # 50, less the other probe, less the third


def test_an_app_that_eats_is_reckoned_with(runtime: Runtime, account: int) -> None:
    budget = Budget(runtime, account)
    for left in (90, 50, 20):
        budget.enter(CALL)
        budget.told(told(left))
        time.sleep(0.05)
    # 68 others in less than a second: half a second of that is kept free.
    assert spend(budget, bucket=CALL) == 0


def test_an_answer_of_the_window_before_changes_nothing(runtime: Runtime, account: int) -> None:
    budget, late = Budget(runtime, account), Budget(runtime, account)
    late.enter(CALL)
    budget.enter(CALL)
    budget.told(told(80, seconds=29))
    late.told(told(1, seconds=0.2))
    known = window(runtime, account)
    assert known is not None
    assert known.left == 79


def test_a_short_wait_is_waited_for(runtime: Runtime, account: int) -> None:
    budget = Budget(runtime, account)
    budget.enter(CALL)
    budget.told(told(0, seconds=0.5))
    budget.enter(CALL)
    budget.told(told(99))
    assert window(runtime, account) is not None


def test_without_headers_our_own_calls_are_counted(runtime: Runtime, account: int) -> None:
    small = Bucket(STORE_WINDOW, quota=20, seconds=30)
    assert spend(Budget(runtime, account, Lane.HISTORY), bucket=small) == 10
    assert spend(Budget(runtime, account), bucket=small) == 10


def test_only_so_many_run_at_once(runtime: Runtime, account: int) -> None:
    running, most, lock = 0, 0, threading.Lock()

    def work() -> None:
        nonlocal running, most
        budget = Budget(runtime, account)
        for _ in range(4):
            budget.enter(WRITE)
            with lock:
                running += 1
                most = max(most, running)
            time.sleep(0.01)
            with lock:
                running -= 1
            budget.told(told(100))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 3


def test_without_redis_calls_go_on(runtime: Runtime, account: int) -> None:
    nobody = Bell(connect("redis://127.0.0.1:1"))
    alone = Runtime(runtime.settings, runtime.database, runtime.vault, nobody)
    allow(runtime, account, 20)
    with Budget(alone, account) as budget:
        assert spend(budget, bucket=WRITE, reading=told(50)) == 10  # the share still holds
    assert window(alone, account) is None
    assert set(Budget(alone, account).shut()) == set(Lane)
