"""Sessions that end, limits, locks, refusals, lost calls: nothing is lost, nothing doubled, everybody else arrives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.connectors.lists import totals
from app.db import now
from app.errors import Reauthorize, Rejected, Retryable
from tests.contract import checks
from tests.contract.rig import Ability, Rig
from tests.contract.samples import (
    SAMPLES,
    buyer,
    changed,
    goods,
    line,
    order,
    person,
    refunded,
    sale,
    shipped,
    stranger,
)

WHOLE = (order(1, line(100), line(101, variant=78), buyer=buyer(1)), order(2, buyer=stranger(2)))


# ---- sessions


def test_an_ended_session_is_renewed_once_for_all_records(rig: Rig) -> None:
    rig.need(Ability.RENEWAL)
    rig.expire()
    rig.good(*(sale(number, buyer=stranger(number)) for number in range(1, 26)))
    rig.good(person(1), goods(1))
    assert rig.renewals == 1 and len(rig.there("order")) == 25


def test_every_kind_of_call_renews(rig: Rig) -> None:
    rig.need(Ability.RENEWAL)
    rig.good(person(1))
    kind = next(theirs for theirs, ours in rig.target.inward.items() if ours == "customer")
    there = rig.only("customer").id
    cursor = rig.target.changes(kind, "").cursor
    calls: tuple[Callable[[], object], ...] = (
        rig.target.check, rig.target.users, lambda: totals(rig.target.sales()),
        lambda: rig.target.changes(kind, cursor),
        lambda: rig.target.read_many(kind, [there]), rig.target.prepare, lambda: rig.good(person(2)),
    )  # fmt: skip
    for number, call in enumerate(calls, 1):
        rig.expire()
        call()
        assert rig.renewals == number


def test_a_session_that_is_refused_though_it_is_new_asks_to_connect_again(rig: Rig) -> None:
    rig.need(Ability.RENEWAL)
    rig.fail(status=401, match=rig.data, times=9)
    with pytest.raises(Reauthorize):
        rig.write(sale(1))
    assert rig.renewals == 1 and rig.there("order") == []


def test_an_ended_authorisation_asks_to_connect_again(rig: Rig) -> None:
    rig.good(sale(1))
    rig.end()
    census = rig.census()
    for call in (lambda: rig.write(sale(2)), rig.target.check, lambda: totals(rig.target.sales())):
        with pytest.raises(Reauthorize):
            call()
    assert rig.census() == census


# ---- limits


def test_a_limit_makes_the_account_wait(rig: Rig) -> None:
    rig.fail(**rig.throttled, times=9)
    for call in (lambda: rig.write(sale(1)), rig.target.check, lambda: totals(rig.target.sales())):
        with pytest.raises(Retryable) as caught:
            call()
        assert caught.value.retry_after is not None and caught.value.retry_after > now()
    assert rig.there("order") == []


def test_a_limit_that_says_how_long_is_believed(rig: Rig) -> None:
    rig.need(Ability.RETRY_AFTER)
    for status in (429, 503):
        rig.fail(status=status, headers={"Retry-After": "90"})
        with pytest.raises(Retryable) as caught:
            rig.write(sale(1))
        assert caught.value.retry_after is not None
        assert timedelta(seconds=60) < caught.value.retry_after - now() <= timedelta(seconds=91)


def test_a_limit_between_two_calls_keeps_what_was_made(rig: Rig) -> None:
    rig.fail_at(2, **rig.throttled, times=9)
    [outcome] = rig.attempted(sale(1))
    assert isinstance(outcome.error, Retryable) and outcome.error.retry_after is not None
    heal(rig)
    rig.good(sale(1), attempt=2)
    assert rig.only("order").shows == "29.99" and len(rig.there("customer")) == 1


def heal(rig: Rig) -> None:
    """The faults that are left are used up by calls of nobody; then another worker comes."""
    rig.open()
    for _ in range(12):
        try:
            rig.target.check()
        except Retryable:
            continue
        return


def test_a_server_that_fails_is_about_these_records_alone(rig: Rig) -> None:
    rig.fail(status=500)
    with pytest.raises(Retryable) as caught:
        rig.write(sale(1))
    assert caught.value.retry_after is None


# ---- records


def test_one_bad_record_tells_its_field_and_its_neighbours_arrive(rig: Rig) -> None:
    rig.refuse()
    first, bad, last = rig.write(sale(1), rig.bad(sale(2)), sale(3))
    assert (first.error, last.error) == (None, None)
    assert isinstance(bad.error, Rejected) and bad.error.field == rig.field_of_bad() and bad.error.message
    assert {one.key for one in rig.there("order") if one.shows == "29.99" and one.key != "2"} == {"1", "3"}
    census = rig.census()
    rig.good(sale(1), sale(2), sale(3), attempt=2)  # mended
    assert {one.key for one in rig.there("order")} == {"1", "2", "3"} and rig.totals() == {"GBP": 3 * sale(1).net}
    assert rig.census()[rig.objects[0]] <= census[rig.objects[0]] + 1


def test_a_hundred_with_three_bad_ones(rig: Rig) -> None:
    checks.spares_neighbours(rig)


def test_a_locked_record_waits_and_then_arrives(rig: Rig) -> None:
    rig.need(Ability.LOCKS)
    rig.good(sale(1))
    edited = SAMPLES["order"].edit(sale(1))
    rig.lock("1")
    [outcome] = rig.write(edited)
    assert isinstance(outcome.error, Retryable) and outcome.error.retry_after is None
    rig.good(edited, attempt=2)
    assert rig.only("order").shows == "49.99"


def test_a_lock_holds_up_nobody_else(rig: Rig) -> None:
    rig.need(Ability.LOCKS)
    rig.good(sale(1), sale(2), sale(3))
    rig.lock("2")
    edited = [SAMPLES["order"].edit(sale(number)) for number in (1, 2, 3)]
    first, held, last = rig.write(*edited)
    assert (first.error, last.error) == (None, None) and (held.error is None or isinstance(held.error, Retryable))
    if held.error is not None:
        rig.good(edited[1], attempt=2)
    assert {one.shows for one in rig.there("order")} == {"49.99"} and len(rig.there("order")) == 3


# ---- calls that are lost


@pytest.mark.parametrize("linked", [True, False], ids=["linked", "unlinked"])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", ["timeout", "reset"])
def test_a_lost_call_loses_and_doubles_nothing(rig: Rig, kind: str, when: str, linked: bool) -> None:
    rig.place.forget_calls()
    rig.good(*WHOLE)
    calls, census, totals = rig.calls(), rig.census(), rig.totals()
    for number in range(1, calls + 1):
        rig.start()
        rig.fail_at(number, kind=kind, when=when)
        outcomes = rig.attempted(*WHOLE)
        assert all(isinstance(outcome.error, Retryable) for outcome in outcomes)
        rig.arrived(number)
        rig.open()
        if not linked:
            rig.links.clear()
        rig.good(*WHOLE, attempt=2)
        assert (rig.census(), rig.totals()) == (census, totals), f"call {number} of {calls}"


@pytest.mark.parametrize("kind", [kind for kind in SAMPLES if kind not in ("order", "message")])
def test_a_lost_call_doubles_no_record_of_any_kind(rig: Rig, kind: str) -> None:
    if kind == "category":
        rig.need(Ability.CATEGORIES)
    records = [SAMPLES[kind].make(number) for number in (1, 2)]
    rig.place.forget_calls()
    rig.good(*records)
    calls, census = rig.calls(), rig.census()
    for number in range(1, calls + 1):
        rig.start()
        rig.fail_at(number, kind="reset", when="after")
        assert all(isinstance(outcome.error, Retryable) for outcome in rig.attempted(*records))
        rig.open()
        rig.links.clear()
        rig.good(*records, attempt=2)
        assert rig.census() == census, f"call {number} of {calls}"


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_lost_call_with_every_option_on_loses_and_doubles_nothing(rig: Rig, when: str) -> None:
    records = (shipped(refunded(WHOLE[0], "5.00")), WHOLE[1])
    rig.open_all()
    rig.place.forget_calls()
    rig.good(*records)
    calls, census, totals = rig.calls(), rig.census(), rig.totals()
    for number in range(1, calls + 1):
        rig.start()
        rig.open_all()
        rig.fail_at(number, kind="reset", when=when)
        outcomes = rig.attempted(*records)
        assert all(outcome.error is None or isinstance(outcome.error, Retryable) for outcome in outcomes)
        rig.open()
        rig.links.clear()
        rig.good(*records, attempt=2)
        assert (rig.census(), rig.totals()) == (census, totals), f"call {number} of {calls}"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", ["timeout", "reset"])
def test_an_edit_whose_call_is_lost_arrives_once(rig: Rig, kind: str, when: str) -> None:
    rig.good(*WHOLE)
    edited = changed(WHOLE[0], lines=(line(100, "30.00"), line(102, variant=79)))
    rig.fail_at(1, kind=kind, when=when)
    [outcome] = rig.attempted(edited)
    assert isinstance(outcome.error, Retryable) and outcome.error.retry_after is None
    rig.arrived(1)
    rig.open()
    rig.good(edited, attempt=2)
    assert (
        rig.money("1").gross == edited.total
        and len(rig.there("order")) == 2
        and rig.totals() == {"GBP": edited.net + WHOLE[1].net}
    )


def test_a_lost_read_tells_nobody_that_anything_is_gone(rig: Rig) -> None:
    rig.good(person(1))
    kind = next(theirs for theirs, ours in rig.target.inward.items() if ours == "customer")
    there = rig.only("customer").id
    rig.fail(status=500, times=9)
    with pytest.raises(Retryable):
        rig.target.read_many(kind, [there])
