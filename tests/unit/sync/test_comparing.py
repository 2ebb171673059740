"""Both sides' orders compared: what differs is told to the cent, mended, and settled when it is seen mended."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete, select

from app.connectors.lists import totals
from app.db import now
from app.domain import Refund
from app.domain.order import Stage
from app.errors import Rejected, Retryable
from app.models import (
    Comparison,
    ComparisonState,
    Connection,
    DayTotal,
    Delivery,
    Difference,
    Link,
    LinkState,
    PrivacyAction,
    State,
    Store,
)
from app.sync import backfills, comparing, comparisons, deliveries, privacy
from app.sync.days import zone_of
from tests.fakes import T0, order
from tests.unit.sync.conftest import World

DAY = T0.date()
WEEK = timedelta(days=6)
D = Decimal


@pytest.fixture
def world(world: World) -> World:
    """Connected long before the first order."""
    world.change(lambda connection: setattr(connection, "connected_at", T0 - timedelta(days=30)))
    return world


def bring(world: World, *numbers: int) -> None:
    for number in numbers:
        world.store.put(order(number))
    world.notice("order", *numbers)
    world.flush()


def compare(world: World, since: date = DAY, until: date = DAY, asked_by: str = "ann") -> Comparison:
    row = comparisons.start(world.runtime, world.connection_id, since, until, asked_by)
    comparing.compare(world.runtime, row.id)
    with world.runtime.database.reading() as session:
        return session.get_one(Comparison, row.id)


def told(world: World, *, is_open: bool = True) -> dict[str, tuple[str, str, Decimal | None, Decimal | None]]:
    with world.runtime.database.reading() as session:
        rows = session.scalars(select(Difference).order_by(Difference.id)).all()
    return {
        f"{row.order_id} {row.currency}": (row.kind, row.currency, row.store_net, row.crm_net)
        for row in rows
        if (row.settled_at is None) == is_open
    }


def days(world: World) -> dict[tuple[date, str], tuple[int, int, Decimal, Decimal]]:
    with world.runtime.database.reading() as session:
        return {
            (row.day, row.currency): (row.store_orders, row.crm_orders, row.store_total, row.crm_total)
            for row in session.scalars(select(DayTotal))
        }


def test_two_sides_that_agree(world: World) -> None:
    bring(world, 1, 2, 3)
    world.store.put(order(4, stage=Stage.INCOMPLETE))
    run = compare(world, DAY - WEEK)
    assert (run.state, run.days_done, run.orders, run.differences, run.repaired) == (ComparisonState.DONE, 7, 3, 0, 0)
    assert days(world) == {(DAY, "GBP"): (3, 3, D(30), D(30))}
    assert told(world) == {}


def test_what_differs_is_told_mended_and_settled(world: World) -> None:
    bring(world, 1, 2, 3, 4)
    world.crm.rows[("order", "1")]["total"] = "7.50"  # by hand
    del world.crm.rows[("order", "2")]
    world.store.records.pop(("order", "3"))  # nobody told us
    world.crm.rows[("order", "4")]["currency"] = "EUR"
    run = compare(world)
    assert (run.differences, run.repaired) == (4, 4)
    assert told(world) == {
        "1 GBP": ("amount", "GBP", D(10), D("7.50")),
        "2 GBP": ("missing", "GBP", D(10), None),
        "3 GBP": ("extra", "GBP", None, D(10)),
        "4 EUR": ("currency", "EUR", None, D(10)),
        "4 GBP": ("currency", "GBP", D(10), None),
    }
    assert days(world)[(DAY, "GBP")] == (3, 2, D(30), D("17.50"))
    assert days(world)[(DAY, "EUR")] == (0, 1, D(0), D(10))
    world.flush()
    assert totals(world.crm.sales()) == {"orders": 3, "totals": {"GBP": D(30)}}
    again = compare(world)
    assert (again.differences, again.repaired, told(world)) == (0, 0, {})
    assert len(told(world, is_open=False)) == 5
    assert days(world) == {(DAY, "GBP"): (3, 3, D(30), D(30))}


def test_an_order_that_differs_again_is_told_again(world: World) -> None:
    bring(world, 1)
    for _ in range(2):
        world.crm.rows[("order", "1")]["total"] = "1.00"
        assert compare(world).differences == 1
        world.flush()
        assert compare(world).differences == 0
    assert len(told(world, is_open=False)) == 1


def test_an_order_that_is_there_twice_is_left_to_people(world: World) -> None:
    bring(world, 1)
    world.crm.copies["1"] = 2
    run = compare(world)
    assert (run.differences, run.repaired) == (1, 0)
    assert told(world) == {"1 GBP": ("twice", "GBP", D(10), D(20))}
    assert days(world) == {(DAY, "GBP"): (1, 2, D(10), D(20))}
    assert comparisons.repair_open(world.runtime, world.connection_id, None) == 0


def test_what_is_on_its_way_is_no_difference_yet(world: World) -> None:
    bring(world, 1, 2)
    world.store.put(order(1, "12.00", modified_at=now()))  # its webhook is still under way
    world.store.put(order(3, modified_at=now() - timedelta(seconds=5)))
    world.store.put(order(2, "13.00"))
    world.notice("order", 2)
    run = compare(world)
    assert (run.differences, told(world)) == (0, {})
    assert days(world) == {}
    world.notice("order", 1, 3)
    world.flush()
    compare(world)
    assert days(world) == {(DAY, "GBP"): (3, 3, D(35), D(35))}


def test_orders_from_before_the_connection_or_of_other_storefronts_need_not_be_there(world: World) -> None:
    world.change(lambda connection: setattr(connection, "connected_at", T0 - timedelta(hours=1)))
    world.store.put(order(1, placed_at=T0 - timedelta(hours=2)))
    world.store.put(order(2, placed_at=T0 - timedelta(hours=3)))
    world.notice("order", 2)  # edited since: it is there
    world.flush()
    world.crm.rows[("order", "2")]["total"] = "1.00"
    world.change(lambda connection: setattr(connection, "channels", ["1"]))
    world.store.put(order(3, channel_id="2"))
    compare(world)
    assert list(told(world)) == ["2 GBP"]


def test_what_cannot_be_mended_stays_told_with_its_dead_delivery(world: World) -> None:
    world.crm.refuse = lambda write: Rejected("No.", code="NO")
    bring(world, 1)
    assert world.deliveries(State.DEAD)
    run = compare(world)
    assert (run.differences, run.repaired) == (1, 0)
    world.crm.refuse = lambda write: None
    assert comparisons.repair_open(world.runtime, world.connection_id, ["1"]) == 1
    world.flush()
    assert compare(world).differences == 0
    assert world.deliveries(State.DEAD) == []


def test_what_people_deleted_there_is_made_anew_only_at_a_persons_word(world: World) -> None:
    bring(world, 1)
    del world.crm.rows[("order", "1")]
    with world.runtime.database.transaction() as session:
        session.scalars(select(Link).where(Link.kind == "order")).one().state = LinkState.GONE
    run = compare(world)
    assert (run.differences, run.repaired) == (1, 0)
    assert comparisons.repair_open(world.runtime, world.connection_id, None) == 1
    world.flush()
    assert compare(world).differences == 0


def test_an_order_of_ours_that_we_do_not_remember_is_archived_once_the_store_has_it_no_more(world: World) -> None:
    bring(world, 1)
    with world.runtime.database.transaction() as session:
        session.delete(session.scalars(select(Link).where(Link.kind == "order")).one())
    world.store.records.clear()
    assert compare(world).repaired == 1
    world.flush()
    assert world.crm.rows[("order", "1")] is None
    assert compare(world).differences == 0


def test_refunds_and_cancelled_orders_count_alike_on_both_sides(world: World) -> None:
    back = Refund("1", D("4.00"), T0)
    world.store.put(order(1, refunds=(back,)))
    world.store.put(order(2, stage=Stage.CANCELLED))
    world.notice("order", 1, 2)
    world.flush()
    assert compare(world).differences == 0
    assert days(world) == {(DAY, "GBP"): (2, 2, D(6), D(6))}


def test_days_are_the_stores_own(world: World) -> None:
    with world.runtime.database.transaction() as session:
        session.get_one(Store, world.store_id).timezone = "Pacific/Auckland"
    late = datetime(2026, 1, 1, 20, 0, tzinfo=UTC)  # the morning of the second there
    world.store.put(order(1, placed_at=late))
    world.notice("order", 1)
    world.flush()
    compare(world, DAY, DAY + timedelta(days=1))
    own = late.astimezone(ZoneInfo("Pacific/Auckland")).date()
    assert list(days(world)) == [(own, "GBP")] == [(DAY + timedelta(days=1), "GBP")]


def test_a_crm_that_keeps_another_date_makes_no_difference(world: World) -> None:
    bring(world, 1)
    world.crm.rows[("order", "1")]["placed_at"] = (T0 - timedelta(hours=20)).isoformat()
    assert compare(world).differences == 0
    assert compare(world, DAY - timedelta(days=1), DAY - timedelta(days=1)).differences == 0
    assert days(world) == {(DAY, "GBP"): (1, 1, D(10), D(10))}


def test_a_run_that_was_killed_goes_on_where_it_was(world: World) -> None:
    bring(world, 1)
    world.store.put(order(2, placed_at=T0 - timedelta(days=20)))
    world.notice("order", 2)
    world.flush()
    row = comparisons.start(world.runtime, world.connection_id, DAY - timedelta(days=20), DAY, "ann")
    calls = world.crm.calls

    class Killed(BaseException):
        pass

    good, read = world.crm.sales, []

    def sales(since: datetime | None = None, until: datetime | None = None):  # type: ignore[no-untyped-def]  # as it is
        read.append(since)
        if len(read) == 2:
            raise Killed
        return good(since, until)

    world.crm.sales = sales  # type: ignore[method-assign]  # a vendor during whose call the worker dies
    with pytest.raises(Killed):
        comparing.compare(world.runtime, row.id)
    with world.runtime.database.reading() as session:
        half = session.get_one(Comparison, row.id)
        assert (half.state, half.days_done, half.orders) == (ComparisonState.RUNNING, 7, 1)
    world.crm.sales = good  # type: ignore[method-assign]  # the next worker
    comparing.compare(world.runtime, row.id)
    with world.runtime.database.reading() as session:
        whole = session.get_one(Comparison, row.id)
        assert (whole.state, whole.days_done, whole.orders, whole.differences) == (ComparisonState.DONE, 21, 2, 0)
    assert world.crm.calls == calls + 3


def test_a_run_that_nobody_survives_is_over_one_day(world: World) -> None:
    row = comparisons.start(world.runtime, world.connection_id, DAY, DAY, "ann")
    with world.runtime.database.transaction() as session:
        session.get_one(Comparison, row.id).started_at = now() - comparing.NEVER - timedelta(minutes=1)
    comparing.compare(world.runtime, row.id)
    with world.runtime.database.reading() as session:
        ended = session.get_one(Comparison, row.id)
    assert (ended.state, ended.problem) == (ComparisonState.FAILED, "It did not come to its end.")
    assert compare(world).state == ComparisonState.DONE


def test_what_people_typed_into_the_crm_ends_no_comparison(world: World) -> None:
    bring(world, 1, 2)
    world.crm.rows[("order", "1")]["currency"] = "British pounds"
    world.crm.rows[("order", "7" * 40)] = world.crm.rows.pop(("order", "2"))
    assert compare(world).state == ComparisonState.DONE
    assert told(world) == {
        "1 ???": ("currency", "???", None, D(10)),
        "1 GBP": ("currency", "GBP", D(10), None),
        "2 GBP": ("missing", "GBP", D(10), None),
        f"{'7' * 32} GBP": ("extra", "GBP", None, D(10)),
    }


def test_what_history_set_aside_is_not_on_its_way(world: World) -> None:
    bring(world, 1)
    world.crm.rows[("order", "1")]["total"] = "1.00"
    with world.runtime.database.transaction() as session:
        own = (session, world.store_id, world.connection_id, "order", "1", "backfill-1")
        deliveries.request(*own, backfill_id=1)
        waiting = session.scalars(select(Delivery).where(Delivery.state == State.WAITING)).one()
        waiting.due_at = backfills.ASIDE
    assert compare(world).repaired == 1
    world.flush()
    assert compare(world).differences == 0


def test_orders_of_somebody_who_was_erased_are_not_missed(world: World) -> None:
    world.store.put(order(1))
    assert compare(world).differences == 1  # before
    with world.runtime.database.transaction() as session:
        session.execute(delete(Difference))
    email = order(1).buyer.email
    request_id = privacy.ask(world.runtime, world.store_id, PrivacyAction.ERASE, email, "ann")
    assert privacy.erase(world.runtime, request_id)
    world.notice("order", 1)
    world.flush()
    assert compare(world).differences == 0 and told(world) == {}


@pytest.mark.parametrize("name", ["America", "UTC+2", "", "../etc", "x" * 60, "a\0b"])
def test_a_time_zone_that_is_none_is_utc(name: str) -> None:
    assert zone_of(Store(store_hash="abc", timezone=name)) == ZoneInfo("UTC")


def test_a_vendor_that_is_away_only_delays(world: World) -> None:
    bring(world, 1)
    row = comparisons.start(world.runtime, world.connection_id, DAY, DAY, "ann")
    world.crm.error = Retryable("Away.", code="AWAY")
    comparing.compare(world.runtime, row.id)
    with world.runtime.database.reading() as session:
        assert session.get_one(Comparison, row.id).state == ComparisonState.RUNNING
    world.crm.error = None
    comparing.compare(world.runtime, row.id)
    with world.runtime.database.reading() as session:
        assert session.get_one(Comparison, row.id).state == ComparisonState.DONE


def test_one_run_of_a_connection_at_a_time(world: World) -> None:
    comparisons.start(world.runtime, world.connection_id, DAY, DAY, "ann")
    with pytest.raises(Rejected) as error:
        comparisons.start(world.runtime, world.connection_id, DAY, DAY, "ben")
    assert error.value.status == 409


def test_every_night_the_last_week_and_what_is_older_and_has_changed(world: World) -> None:
    noon = now().replace(hour=12, minute=0)
    old = noon - timedelta(days=25)
    world.store.put(order(1, placed_at=old, modified_at=now() - timedelta(hours=1)))
    world.store.put(order(2, placed_at=old - timedelta(days=2), modified_at=old))
    world.notice("order", 1, 2)
    world.change(lambda connection: setattr(connection, "connected_at", noon - timedelta(days=90)))
    world.flush()
    hour = replace(world.runtime.settings, compare_hour="0")
    runtime = replace(world.runtime, settings=hour)
    begun = comparisons.start_nightly(runtime)
    passed = now().minute >= world.connection_id * 7 % 60 or now().hour > 0
    assert begun == passed
    if begun:
        assert comparisons.start_nightly(runtime) == 0
        with world.runtime.database.reading() as session:
            row = session.scalars(select(Comparison)).one()
        assert (row.asked_by, row.more_days) == ("", [old.date().isoformat()])
        assert (row.until - row.since).days == comparisons.NIGHTLY
        comparing.compare(world.runtime, row.id)
        assert days(world) == {(old.date(), "GBP"): (1, 1, D(10), D(10))}


def test_a_night_that_failed_leaves_what_had_changed_to_the_next(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparisons, "SPREAD", 1)  # on the hour
    old = T0 - timedelta(days=20)
    world.store.put(order(1, placed_at=old, modified_at=now() - timedelta(hours=30)))
    world.notice("order", 1)
    world.flush()
    with world.runtime.database.transaction() as session:
        for hours, state in ((50, ComparisonState.DONE), (26, ComparisonState.FAILED)):
            session.add(
                Comparison(
                    store_id=world.store_id, connection_id=world.connection_id, since=DAY, until=DAY, state=state,
                    is_nightly=True, started_at=now() - timedelta(hours=hours),
                )
            )  # fmt: skip
    midnight = replace(world.runtime, settings=replace(world.runtime.settings, compare_hour="0"))
    assert comparisons.start_nightly(midnight) == 1
    assert newest(world).more_days == [old.date().isoformat()]


def newest(world: World) -> Comparison:
    with world.runtime.database.reading() as session:
        row = session.scalars(select(Comparison).order_by(Comparison.id.desc())).first()
    assert row is not None
    return row


def test_what_was_mended_is_looked_at_once_more(world: World) -> None:
    bring(world, 1, 2)
    world.crm.rows[("order", "1")]["total"] = "1.00"
    world.crm.copies["2"] = 2
    compare(world)
    assert comparisons.start_again(world.runtime) == 0  # nothing has been brought yet
    world.flush()
    assert comparisons.start_again(world.runtime) == 1
    assert comparisons.start_again(world.runtime) == 0  # it is under way
    row = newest(world)
    assert (row.since, row.until, row.asked_by, row.is_nightly) == (DAY, DAY, "", False)
    comparing.compare(world.runtime, row.id)
    assert list(told(world)) == ["2 GBP"]
    assert comparisons.start_again(world.runtime) == 0


def test_what_a_repair_does_not_mend_is_not_repaired_over_and_over(world: World) -> None:
    bring(world, 1)
    world.crm.rows[("order", "1")]["total"] = "1.00"
    compare(world)
    world.flush()
    world.crm.rows[("order", "1")]["total"] = "1.00"  # a rule of theirs, say
    assert comparisons.start_again(world.runtime) == 1
    comparing.compare(world.runtime, newest(world).id)
    assert list(told(world)) == ["1 GBP"] and world.deliveries(State.WAITING) == []
    assert comparisons.start_again(world.runtime) == 0
    with world.runtime.database.transaction() as session:  # the next night
        for delivery in session.scalars(select(Delivery)):
            delivery.created_at -= timedelta(days=1)
    assert compare(world).repaired == 1


def test_a_repair_asks_once(world: World) -> None:
    bring(world, 1)
    world.crm.rows[("order", "1")]["total"] = "1.00"
    compare(world)
    compare(world)
    with world.runtime.database.reading() as session:
        waiting = session.scalars(select(Delivery).where(Delivery.state == State.WAITING)).all()
    assert len(waiting) == 1 and waiting[0].tried
    assert isinstance(world.connection(), Connection)
