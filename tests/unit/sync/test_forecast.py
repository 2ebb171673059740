"""The arithmetic of forecasts and of the time that is left."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sync import forecast
from app.sync.forecast import DAY, Forecast, Limits, Mark, Part, Ratio

COUNTS = st.dictionaries(
    st.sampled_from(["company", "customer", "product", "order"]), st.integers(0, 10**6), min_size=1
)
RATIO = st.builds(Ratio, st.floats(0, 4), st.floats(0, 4), st.floats(0.001, 2))
LIMITS = st.builds(Limits, st.floats(0.1, 100), st.none() | st.integers(0, 10**6), st.none() | st.integers(1, 10**6))


@given(COUNTS, RATIO, LIMITS)
def test_calls_are_never_less_than_the_records_take_and_what_fits_is_within_today(
    records: dict[str, int], ratio: Ratio, limits: Limits
) -> None:
    found = forecast.foresee(records, dict.fromkeys(records, ratio), limits)
    total = sum(records.values())
    assert found.crm_calls >= total * ratio.crm * (1 - 1e-9)
    assert found.store_calls >= total * ratio.store * (1 - 1e-9)
    assert found.seconds >= max(total * ratio.seconds, total * ratio.store / limits.store_per_second) * (1 - 1e-9)
    if found.fits:
        assert limits.crm_today is None or found.crm_calls <= limits.crm_today + 1
    else:
        assert found.seconds >= DAY  # nothing comes free sooner than tomorrow


@given(COUNTS, RATIO, LIMITS, st.integers(1, 10**5))
def test_more_records_never_take_less(records: dict[str, int], ratio: Ratio, limits: Limits, more: int) -> None:
    ratios = dict.fromkeys(records, ratio)
    fewer = forecast.foresee(records, ratios, limits)
    bigger = forecast.foresee({kind: number + more for kind, number in records.items()}, ratios, limits)
    assert bigger.seconds >= fewer.seconds and bigger.crm_calls >= fewer.crm_calls
    assert fewer.fits or not bigger.fits


@given(
    total=st.integers(1_000, 10**6), pace=st.floats(0.001, 5), share=st.floats(0.05, 0.99),
    start=st.floats(0, 1_000), expected=st.floats(0, 100),
)  # fmt: skip
def test_under_steady_load_the_time_left_is_right_after_a_twentieth(
    total: int, pace: float, share: float, start: float, expected: float
) -> None:
    done = int(total * share)
    part = Part(total, asked=done, done=done, mark=Mark(start, 1), expected=expected)
    left = forecast.seconds_left([part], start + (done - 1) * pace)
    assert left == pytest.approx((total - done) * pace, rel=0.01)


@given(paces=st.tuples(st.floats(0.01, 1), st.floats(0.01, 1)), slower=st.floats(0.2, 5), share=st.floats(0.05, 0.9))
def test_kinds_to_come_are_corrected_by_what_was_measured(
    paces: tuple[float, float], slower: float, share: float
) -> None:
    """Everything takes `slower` times what was expected of it."""
    now, later = paces
    done = int(1_000 * share)
    parts = [
        Part(1_000, asked=done, done=done, mark=Mark(0.0, 0), expected=now),
        Part(500, expected=later),
    ]
    left = forecast.seconds_left(parts, done * now * slower)
    assert left == pytest.approx(((1_000 - done) * now + 500 * later) * slower, rel=0.01)


def test_a_kind_whose_turn_is_over_is_measured_up_to_its_end_only() -> None:
    people = Part(100, asked=100, done=100, took=Mark(200.0, 100), expected=1.0, listed=True)
    assert forecast.seconds_left([people, Part(50, expected=3.0)], 100_000.0) == 300.0


def test_what_was_measured_of_a_sample_goes_before_what_was_expected() -> None:
    """The first ten orders took two seconds each, and it is the turn of the people again."""
    people = Part(100, asked=20, done=20, took=Mark(10.0, 10), mark=Mark(30.0, 10), expected=1.0)
    orders = Part(110, asked=10, done=10, took=Mark(20.0, 10), expected=50.0)
    assert forecast.seconds_left([people, orders], 40.0) == 80 * 1.0 + 100 * 2.0


def test_in_full_swing_each_record_takes_its_part_of_a_round() -> None:
    """Two hands with a batch each end every four seconds, and a few records at long last."""
    begun = datetime(2026, 1, 1, tzinfo=UTC)
    ends = [begun + timedelta(seconds=4 * one + hand / 10) for one in range(1, 5) for hand in range(2)]
    batches = [(end, 100) for end in ends]
    assert forecast.steady(begun, [*batches, (begun + timedelta(seconds=60), 20)]) == pytest.approx(0.02, rel=0.02)
    assert forecast.steady(begun, batches[:2]) == pytest.approx(0.02, rel=0.05)
    assert forecast.steady(begun, []) == forecast.steady(None, batches) == math.inf


def test_the_last_records_of_a_kind_may_take_longer() -> None:
    orders = Part(110, asked=60, done=60, mark=Mark(0.0, 0), tail=Mark(30.0, 20))
    assert forecast.seconds_left([orders], 60.0) == 50 * 1.0 + 30.0
    nearly = Part(110, asked=100, done=100, mark=Mark(0.0, 0), tail=Mark(30.0, 20))
    assert forecast.seconds_left([nearly], 100.0) == 10 * 1.0 + 15.0


def test_parcels_take_a_call_each_at_the_stores_own_pace() -> None:
    ratios, limits = {"order": Ratio(0.1, 0.1, 1.0)}, Limits(store_per_second=2.0)
    bare, laden = (forecast.foresee({"order": 100}, ratios, limits, parcels) for parcels in (0, 30))
    assert (laden.store_calls - bare.store_calls, laden.seconds - bare.seconds) == (30, 15.0)


def test_before_anything_is_measured_nobody_knows_and_at_the_end_nothing_is_left() -> None:
    assert forecast.seconds_left([Part(10, expected=1.0)], 5.0) is None
    assert forecast.seconds_left([Part(10, asked=7, done=6, failed=1, listed=True)], 5.0) == 0.0  # fewer than counted


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=4))
def test_percent_is_a_hundred_only_at_the_end(counts: list[tuple[int, int]]) -> None:
    parts = [Part(done + left, asked=done + left, done=done) for done, left in counts]
    found = forecast.percent(parts)
    assert 0 <= found <= 100
    assert (found == 100) == (sum(left for _, left in counts) == 0)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (1, "about a minute"), (600, "about 10 minutes"), (3_600, "about 1 hour"), (5_400, "about 1 hour 30 minutes"),
        (7_260, "about 2 hours 1 minute"), (3 * DAY, "about 3 days"),
    ],
)  # fmt: skip
def test_durations_in_words(seconds: float, words: str) -> None:
    assert forecast.duration(seconds) == words


def test_a_forecast_in_words() -> None:
    fits = Forecast({"order": 1_200}, 40, 36, 90.0, True)
    assert forecast.words(fits, "Salesforce") == (
        "1,200 records: about 40 calls to the store and 36 to Salesforce, about 2 minutes."
    )
    assert "more than history may use" in forecast.words(Forecast({"order": 9}, 1, 1, 2 * DAY, False), "Salesforce")
    assert "nothing to load" in forecast.words(Forecast({"order": 0}, 0, 0, 0, True), "Salesforce")
    assert forecast.ends_at(90.0, datetime(2026, 1, 1, tzinfo=UTC)) == datetime(2026, 1, 1, 0, 1, 30, tzinfo=UTC)
