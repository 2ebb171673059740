"""The arithmetic of the rolling day holds whatever the hours were."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.sync import rolling
from app.sync.rolling import DAY, HOUR

AT = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
START = datetime(2026, 11, 20, 14, tzinfo=UTC)
hours = st.dictionaries(
    st.integers(0, 40).map(lambda back: START - back * HOUR), st.integers(0, 500), max_size=30
)  # fmt: skip
limits = st.integers(1, 3000)


def test_an_hour_counts_until_its_last_call_is_a_day_old() -> None:
    held = {START - 24 * HOUR: 5, START - 25 * HOUR: 7, START: 1}
    assert rolling.in_day(held, AT) == 6
    assert rolling.in_day(held, START + HOUR) == 1


@given(hours, limits)
def test_calls_are_free_when_it_is_said_and_not_before(held: dict[datetime, int], limit: int) -> None:
    free = rolling.free_at(held, limit, AT)
    assert AT <= free <= AT + DAY + HOUR
    assert rolling.in_day(held, free) < limit
    if free > AT:
        assert rolling.in_day(held, free - timedelta(seconds=1)) >= limit


@given(hours, limits)
def test_a_forecast_is_when_the_day_is_full_at_this_pace(held: dict[datetime, int], allowed: int) -> None:
    out, pace = rolling.runs_out(held, allowed, AT), rolling.pace(held, AT)

    def then(moment: datetime) -> float:
        return rolling.in_day(held, moment) + pace * ((moment - AT) / HOUR)

    if out is None:
        assert all(then(AT + quarter * HOUR / 4) <= allowed + 0.01 for quarter in range(4 * 24))
        return
    assert AT <= out <= AT + DAY
    # What falls out at that very moment is still in.
    assert then(out - timedelta(milliseconds=1)) >= allowed - 0.01 or out == AT
    steps = [AT + part * (out - AT) / 20 for part in range(20)]
    assert all(then(step) <= allowed + 0.01 for step in steps if step < out)


@given(hours, limits)
def test_a_larger_share_never_ends_sooner(held: dict[datetime, int], allowed: int) -> None:
    less, more = rolling.runs_out(held, allowed, AT), rolling.runs_out(held, allowed + 100, AT)
    assert more is None or (less is not None and less <= more)


@pytest.mark.parametrize(
    ("held", "pace"),
    [
        ({}, 0.0),
        ({START - 5 * HOUR: 900}, 0.0),  # long ago
        ({START: 60}, 120.0),  # in half an hour
        ({START - HOUR: 90, START: 60}, 100.0),
        ({START - 2 * HOUR: 100, START: 150}, 100.0),
    ],
)
def test_the_pace_is_that_of_the_last_hours(held: dict[datetime, int], pace: float) -> None:
    assert rolling.pace(held, AT) == pytest.approx(pace)


def test_the_last_sixty_minutes_take_their_part_of_the_hour_before() -> None:
    assert rolling.last_hour({START - HOUR: 100, START: 7}, AT) == 57
