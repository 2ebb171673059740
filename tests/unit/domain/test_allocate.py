"""Splitting an amount: exact, in whole units where it can be, never more than a part has."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.money import allocate

CENT = Decimal("0.01")
finest = st.integers(0, 10_000_000).map(lambda n: Decimal(n) / 10_000)  # four decimals, as stores send them


@given(st.lists(finest, min_size=1, max_size=8), st.integers(0, 10_000))
def test_parts_sum_to_the_total_and_fit_their_weights(weights: list[Decimal], share: int) -> None:
    whole = sum(weights, Decimal(0))
    total = (whole * share / 10_000).quantize(Decimal("0.0001"))
    total = min(total, whole)
    parts = allocate(total, weights, CENT)
    assert sum(parts, Decimal(0)) == total
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=8), st.data())
def test_whole_cents_stay_whole_cents(weights: list[int], data: st.DataObject) -> None:
    total = data.draw(st.integers(0, sum(weights)))
    parts = allocate(total * CENT, [weight * CENT for weight in weights], CENT)
    assert all(part % CENT == 0 for part in parts)


def test_nothing_to_allocate_to() -> None:
    with pytest.raises(ValueError, match="nothing"):
        allocate(CENT, [Decimal(0)], CENT)
    with pytest.raises(ValueError, match="nothing"):
        allocate(CENT, [Decimal(2), Decimal(-1)], CENT)
