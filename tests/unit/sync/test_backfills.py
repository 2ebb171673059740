"""A backfill from counting to its end: pages, windows, pauses, live changes meanwhile, kills, refusals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from app.connectors.base import Write
from app.domain import Customer
from app.errors import Reauthorize, Rejected, Retryable
from app.models import Backfill, BackfillState, ConnectionState, State
from app.runtime import Runtime
from app.sync import backfills, costs, deliveries, leases, loading, progress, replays
from app.sync.backfills import Choice, NotNow
from app.sync.replays import Which
from tests.fakes import T0, order
from tests.unit.sync.conftest import World


def create(world: World, *kinds: str, **choice: object) -> int:
    """A backfill that is counted and waits to be started."""
    number = backfills.create(world.runtime, world.connection_id, Choice(kinds or ("order",), **choice))  # type: ignore[arg-type]  # as given
    loading.run(world.runtime, number)
    return number


def row(world: World, number: int) -> Backfill:
    with world.runtime.database.reading() as session:
        return session.get_one(Backfill, number)


def told(world: World, number: int) -> dict[str, object]:
    """What people are told of it."""
    with world.runtime.database.reading() as session:
        found = session.get_one(Backfill, number)
        return progress.measure(found, progress.tallies(session, [number])[number], found.created_at).described()


def work(world: World, number: int, rounds: int = 50) -> None:
    """What clock and workers do until it has ended."""
    for _ in range(rounds):
        loading.run(world.runtime, number)
        if row(world, number).state not in (BackfillState.COUNTING, BackfillState.RUNNING):
            return
        world.flush()
    raise AssertionError("it does not end")


@pytest.fixture
def orders(world: World) -> list[int]:
    """Twelve orders of the past, three to a page, with their buyer."""
    world.store.put(Customer("7", "buyer7@shop.example", "Jane", "Doe 7"))
    for number in range(1, 13):
        world.store.put(order(number, placed_at=T0 - timedelta(days=number)))
    world.store.page_size = 3
    return list(range(1, 13))


def test_it_is_counted_first_and_nothing_is_written(world: World, orders: list[int]) -> None:
    number = create(world, "order", "customer", since=T0 - timedelta(days=5), until=T0)
    found = row(world, number)
    assert (found.state, found.kinds) == (BackfillState.READY, ["customer", "order"])
    assert found.forecast["records"] == {"order": 5, "customer": 1}
    assert found.forecast["calls"]["store"] > 0 and found.forecast["calls"]["crm"] > 0
    assert found.forecast["fits"] and "6 records" in found.forecast["words"]
    assert world.deliveries() == [] and world.crm.calls == 0


def test_started_it_brings_everything_once_with_the_orders_own_dates(world: World, orders: list[int]) -> None:
    number = create(world, "order", "customer")
    backfills.start(world.runtime, number)
    work(world, number)
    assert row(world, number).state == BackfillState.DONE
    assert world.crm.created[("customer", "7")] == 1
    for one in orders:
        assert world.crm.created[("order", str(one))] == 1
        assert world.crm.rows[("order", str(one))]["placed_at"] == (T0 - timedelta(days=one)).isoformat()
    first_order = next(place for place, batch in enumerate(world.crm.writes) if batch != ["7"])
    assert world.crm.writes[:first_order] == [["7"]]  # people before their orders
    shown = told(world, number)
    assert (shown["total"], shown["asked"], shown["done"], shown["failed"], shown["percent"]) == (13, 13, 13, 0, 100.0)
    assert shown["seconds_left"] == 0


def test_no_more_is_open_at_once_than_the_window(
    world: World, orders: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "WINDOW", 4)
    number = create(world)
    backfills.start(world.runtime, number)
    loading.run(world.runtime, number)
    assert len(world.deliveries(State.WAITING)) == 3  # one page: more than half of the window
    loading.run(world.runtime, number)
    assert len(world.deliveries(State.WAITING)) == 3
    work(world, number)
    assert len(world.crm.rows) == 12


def test_more_is_asked_for_as_soon_as_there_is_room_and_the_end_is_noted(
    world: World, orders: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a clock, which would look seconds later."""
    monkeypatch.setattr(loading, "WINDOW", 4)
    world.crm.batch = {"order": 1, "customer": 1}  # type: ignore[misc]  # of this one alone
    number = create(world, "order", "customer")
    backfills.start(world.runtime, number)
    loading.run(world.runtime, number)
    started: list[tuple[object, ...]] = []

    def start(job: str, *args: object, once_in: int | None = None) -> bool:
        started.append((job, *args, len(world.deliveries(State.WAITING))))
        loading.run(world.runtime, number)
        return True

    monkeypatch.setattr(world.runtime.bell, "start", start)
    monkeypatch.setattr(world.runtime.bell, "others_wait", lambda connection_id: False)
    world.flush()
    assert row(world, number).state == BackfillState.DONE and len(world.crm.rows) == 13
    # Once the customer is there, whenever no more is left than half of the window, and in the end.
    assert started == [("backfill", number, left) for left in (0, 2, 2, 2, 0)]


def test_what_happens_now_goes_before_history(world: World, orders: list[int]) -> None:
    number = create(world)
    backfills.start(world.runtime, number)
    loading.run(world.runtime, number)
    world.store.put(order(99))
    world.notice("order", 99)
    world.flush()
    assert world.crm.writes[0] == ["99"]


def test_a_record_that_changes_meanwhile_becomes_urgent_and_is_carried_once(world: World, orders: list[int]) -> None:
    number = create(world)
    backfills.start(world.runtime, number)
    loading.run(world.runtime, number)
    world.notice("order", 12)
    world.flush()
    assert world.crm.writes[0] == ["12"]
    work(world, number)
    assert sum("12" in batch for batch in world.crm.writes) == 1
    assert told(world, number)["done"] == 12


def test_what_waits_already_is_not_asked_for_again(world: World, orders: list[int]) -> None:
    world.notice("order", 5)
    number = create(world)
    backfills.start(world.runtime, number)
    loading.run(world.runtime, number)
    assert sum(one.record_id == "5" for one in world.deliveries()) == 1
    work(world, number)
    assert told(world, number)["done"] == 12


def test_what_is_in_step_costs_no_write(world: World, orders: list[int]) -> None:
    number = create(world)
    backfills.start(world.runtime, number)
    work(world, number)
    writes = len(world.crm.writes)
    again = create(world)
    backfills.start(world.runtime, again)
    work(world, again)
    assert len(world.crm.writes) == writes
    assert {one.result for one in world.deliveries() if one.backfill_id == again} == {"unchanged"}


def test_paused_nothing_of_it_moves_but_what_happens_now_does(world: World, orders: list[int]) -> None:
    number = create(world)
    backfills.start(world.runtime, number)
    loading.run(world.runtime, number)
    backfills.pause(world.runtime, number)
    world.flush()
    assert world.crm.writes == []
    world.notice("order", 3)  # one that was set aside
    world.flush()
    assert world.crm.writes == [["3"]]
    loading.run(world.runtime, number)
    world.flush()
    assert world.crm.writes == [["3"]] and told(world, number)["done"] == 1
    backfills.resume(world.runtime, number)
    work(world, number)
    assert sorted(world.crm.created.values()) == [1] * 12


def test_what_fails_while_it_is_paused_is_set_aside_too(world: World, orders: list[int]) -> None:
    number = create(world)
    backfills.start(world.runtime, number)
    loading.run(world.runtime, number)

    def pause(write: Write) -> Retryable:
        if row(world, number).state == BackfillState.RUNNING:
            backfills.pause(world.runtime, number)
        return Retryable("later")

    world.crm.refuse = pause
    world.flush()
    with world.runtime.database.reading() as session:
        assert number in backfills.due(session)
    loading.run(world.runtime, number)
    assert {one.due_at for one in world.deliveries(State.WAITING)} == {backfills.ASIDE}
    with world.runtime.database.reading() as session:
        assert number not in backfills.due(session)


def test_cancelled_nothing_waits_any_more_and_what_was_brought_stays(world: World, orders: list[int]) -> None:
    number = create(world)
    backfills.start(world.runtime, number)
    loading.run(world.runtime, number)
    world.notice("order", 2)  # also something of now, which stays
    backfills.cancel(world.runtime, number)
    assert {one.record_id for one in world.deliveries(State.WAITING)} == {"2"}
    assert {one.result for one in world.deliveries(State.DONE)} == {"cancelled"}
    world.flush()
    assert world.crm.writes == [["2"]]
    found = told(world, number)
    assert found["done"] in (0, 1) and found["failed"] == 0
    create(world)  # another one may follow


def test_a_job_that_dies_anywhere_loses_and_doubles_nothing(
    world: World, orders: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """As by SIGKILL."""

    number = create(world)
    backfills.start(world.runtime, number)
    deaths = iter([1, 2, 4, 3])
    left = next(deaths)

    def mortal(step: Callable[..., object]) -> Callable[..., object]:
        def run(*arguments: object, **named: object) -> object:
            nonlocal left
            left -= 1
            if left == 0:
                left = next(deaths, 1000)
                raise Killed
            return step(*arguments, **named)

        return run

    # Before a page's deliveries are asked for, and after that, before the place in the list is written down.
    monkeypatch.setattr(deliveries, "request_many", mortal(deliveries.request_many))
    monkeypatch.setattr(backfills, "note", mortal(backfills.note))
    killed = 0
    while row(world, number).state == BackfillState.RUNNING:
        try:
            loading.run(world.runtime, number)
            world.flush()
        except Killed:
            killed += 1
    assert killed == 4
    assert world.crm.created == {("order", str(one)): 1 for one in orders}
    assert sum(one.backfill_id == number for one in world.deliveries()) == 12


def test_only_one_job_looks_after_a_backfill(world: World, orders: list[int]) -> None:
    number = create(world)
    backfills.start(world.runtime, number)
    with leases.held(world.runtime.database, f"backfill:{number}") as lease:
        assert lease is not None
        loading.run(world.runtime, number)
    assert world.deliveries() == []


def test_a_record_that_fails_is_told_and_ends_nothing(world: World, orders: list[int]) -> None:
    world.crm.refuse = lambda write: Rejected("no", code="X") if write.id == "4" else None
    number = create(world)
    backfills.start(world.runtime, number)
    work(world, number)
    shown = told(world, number)
    assert (row(world, number).state, shown["done"], shown["failed"]) == (BackfillState.DONE, 11, 1)


def test_a_live_change_that_fails_beside_history_is_not_dropped_with_it(world: World, orders: list[int]) -> None:
    def ask_for_history_and_fail(write: Write) -> Retryable:
        loading.run(world.runtime, number)  # while this one runs
        return Retryable("later", code="LOCKED")

    number = create(world)
    backfills.start(world.runtime, number)
    world.notice("order", 1)
    world.crm.refuse = ask_for_history_and_fail
    world.flush()
    world.crm.refuse = lambda write: None
    backfills.cancel(world.runtime, number)
    world.skip_waits()
    world.flush()
    assert ("order", "1") in world.crm.rows


@pytest.mark.parametrize("stop", [backfills.pause, backfills.cancel])
def test_what_a_person_replays_is_brought_though_its_backfill_was_stopped(
    world: World, orders: list[int], stop: Callable[[Runtime, int], None]
) -> None:
    world.crm.refuse = lambda write: Rejected("no", code="X") if write.id == "1" else None
    number = create(world)
    backfills.start(world.runtime, number)
    loading.run(world.runtime, number)
    world.flush()
    assert [one.record_id for one in world.deliveries(State.DEAD)] == ["1"]
    stop(world.runtime, number)
    world.crm.refuse = lambda write: None
    assert replays.replay(world.runtime, world.store_id, Which()) == 1
    with world.runtime.database.reading() as session:
        assert number not in backfills.due(session)
    loading.run(world.runtime, number)
    world.flush()
    assert ("order", "1") in world.crm.rows


def test_what_a_person_replays_is_not_left_to_history_that_was_set_aside(world: World, orders: list[int]) -> None:
    world.crm.refuse = lambda write: Rejected("no", code="X")
    world.notice("order", 1)
    world.flush()
    world.crm.refuse = lambda write: None
    number = create(world)
    backfills.start(world.runtime, number)
    loading.run(world.runtime, number)
    backfills.pause(world.runtime, number)
    replays.replay(world.runtime, world.store_id, Which())
    world.flush()
    assert list(world.crm.rows) == [("order", "1")]


def test_a_store_that_is_away_delays(world: World, orders: list[int]) -> None:
    world.store.error = Retryable("BigCommerce answered 503.", code="BC_503")
    number = create(world)
    assert (row(world, number).state, row(world, number).problem) == (
        BackfillState.COUNTING, "BigCommerce answered 503."
    )  # fmt: skip
    world.store.error = None
    loading.run(world.runtime, number)
    assert (row(world, number).state, row(world, number).problem) == (BackfillState.READY, "")
    backfills.start(world.runtime, number)
    world.store.error = Retryable("BigCommerce answered 503.", code="BC_503")
    loading.run(world.runtime, number)
    assert row(world, number).problem == "BigCommerce answered 503."
    world.store.error = None
    loading.run(world.runtime, number)
    assert world.deliveries() == []  # not before the wait is over, which grows from failure to failure
    world.skip_waits()
    loading.run(world.runtime, number)
    assert len(world.deliveries()) == 12


def test_a_store_that_refuses_the_choice_ends_it(world: World, orders: list[int]) -> None:
    number = create(world)
    backfills.start(world.runtime, number)
    world.store.error = Rejected("Unknown status.", code="BC_400")
    loading.run(world.runtime, number)
    assert (row(world, number).state, row(world, number).problem) == (BackfillState.FAILED, "Unknown status.")


def test_a_store_that_no_longer_lets_us_in_is_told(world: World, orders: list[int]) -> None:
    number = create(world)
    backfills.start(world.runtime, number)
    world.store.error = Reauthorize("Unauthorized.", code="BC_401")
    loading.run(world.runtime, number)
    assert (row(world, number).state, row(world, number).problem) == (BackfillState.RUNNING, "Unauthorized.")
    world.store.error = None
    work(world, number)
    assert row(world, number).problem == ""


def test_nothing_is_asked_for_while_the_account_is_paused(world: World, orders: list[int]) -> None:
    number = create(world)
    backfills.start(world.runtime, number)
    world.change(lambda connection: setattr(connection, "state", ConnectionState.PAUSED))
    loading.run(world.runtime, number)
    assert world.deliveries() == []


def test_what_the_state_forbids_is_refused_in_words(world: World, orders: list[int]) -> None:
    number = create(world)
    with pytest.raises(NotNow, match="not finished"):
        create(world)
    for change in (backfills.pause, backfills.resume):
        with pytest.raises(NotNow, match="ready"):
            change(world.runtime, number)
    world.change(lambda connection: setattr(connection, "state", ConnectionState.PAUSED))
    with pytest.raises(NotNow, match="live"):
        backfills.start(world.runtime, number)
    backfills.cancel(world.runtime, number)
    with pytest.raises(NotNow, match="ended"):
        backfills.cancel(world.runtime, number)
    world.change(lambda connection: setattr(connection, "switches", {"orders": False}))
    with pytest.raises(NotNow, match="order"):
        create(world)


def test_pauses_do_not_count_as_time(world: World, orders: list[int]) -> None:
    number = create(world)
    backfills.start(world.runtime, number)
    with world.runtime.database.transaction() as session:
        session.get_one(Backfill, number).resumed_at = datetime.now(UTC) - timedelta(seconds=100)
    backfills.pause(world.runtime, number)
    stopped = row(world, number)
    assert 100 <= stopped.seconds < 110
    assert progress.ran(stopped, datetime.now(UTC) + timedelta(days=1)) == stopped.seconds


def test_the_next_forecast_knows_what_the_last_load_really_took(
    world: World, orders: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(costs, "ENOUGH", len(orders))
    number = create(world)
    backfills.start(world.runtime, number)
    with world.runtime.database.transaction() as session:
        session.get_one(Backfill, number).seconds = 1_000.0
    loading.run(world.runtime, number)
    with world.runtime.database.transaction() as session:
        found = session.get_one(Backfill, number)
        begun = found.progress["order"]["mark"][0]
        backfills.note(found, "order", mark=[begun - 24.0 - 9.0, 0], before=[-6 - 4, -3], parcels=4, tail=[9.0, 5])
    work(world, number)
    with world.runtime.database.reading() as session:
        ratio = costs._measured(session, world.connection_id)["order"]
    assert (ratio.store, ratio.crm) == (0.5, 0.25)
    assert 2.0 <= ratio.seconds < 2.0 + 5.0 / len(orders)


def test_of_a_load_that_was_cancelled_only_what_was_measured_counts(world: World) -> None:
    measured = {"took": [20.0, 1000, 300, 100], "parcels": 5_000, "tail": [500.0, 5_000], "listed": True}
    half = costs._ratio({**measured, "mark": [20.0, 1000]})
    assert half is not None and (half.store, half.seconds) == (0.3, 0.02)


def test_a_sample_of_each_kind_of_a_large_history_goes_first(
    world: World, orders: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("LARGE", 24), ("SAMPLE", 0.25), ("LEAST", 0)):
        monkeypatch.setattr(loading, name, value)
    for other in range(11):
        world.store.put(Customer(str(100 + other), f"buyer{other}@shop.example", "Jane", f"Doe {other}"))
    number = create(world, "customer", "order")
    backfills.start(world.runtime, number)
    turns: list[tuple[int, int]] = []
    while row(world, number).state == BackfillState.RUNNING:
        loading.run(world.runtime, number)
        noted = row(world, number).progress
        turns.append((noted["customer"]["asked"], noted["order"]["asked"]))
        world.flush()
    assert list(dict.fromkeys(turns)) == [(3, 0), (3, 3), (12, 3), (12, 12)]
    found = row(world, number).progress
    assert all(noted["took"][1] == 12 and noted["mark"] is None for noted in found.values())


def test_what_holds_the_account_is_no_time_of_the_load(world: World, orders: list[int]) -> None:
    number = create(world)
    backfills.start(world.runtime, number)
    world.change(lambda connection: setattr(connection, "hold_until", datetime.now(UTC) + timedelta(hours=1)))
    loading.run(world.runtime, number)
    stopped = row(world, number)
    assert (stopped.state, stopped.resumed_at) == (BackfillState.RUNNING, None)
    assert progress.ran(stopped, datetime.now(UTC) + timedelta(days=1)) == stopped.seconds < 60
    world.change(lambda connection: setattr(connection, "hold_until", None))
    loading.run(world.runtime, number)
    assert row(world, number).resumed_at is not None
