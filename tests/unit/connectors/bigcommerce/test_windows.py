"""Windows of ids: every id in one, none wider than a page, as few as can be."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.connectors.bigcommerce.windows import lists, windows

ids = st.sets(st.integers(1, 5_000), max_size=60)


@given(ids, st.integers(1, 300))
def test_windows_hold_all_ids_and_no_more_than_a_page_each(wanted: set[int], size: int) -> None:
    found = windows(wanted, size)
    assert all(any(first <= number <= last for first, last in found) for number in wanted)
    assert all(last - first < size for first, last in found)
    assert {first for first, _ in found} | {last for _, last in found} <= wanted


@given(ids, st.integers(1, 300))
def test_no_fewer_windows_could_do(wanted: set[int], size: int) -> None:
    # The first ids of the windows lie a page apart, so each of them needs a window of its own.
    firsts = [first for first, _ in windows(wanted, size)]
    assert all(later - earlier >= size for earlier, later in pairwise(firsts))


def test_dense_scattered_and_lone_ids() -> None:
    assert windows(range(100, 350), 250) == [(100, 349)]
    assert windows(range(100, 351), 250) == [(100, 349), (350, 350)]
    assert windows([7, 900, 901, 5000], 250) == [(7, 7), (900, 901), (5000, 5000)]
    assert windows([], 250) == []


@given(st.lists(st.integers(1, 10**9), max_size=80), st.integers(1, 30), st.integers(12, 80))
def test_lists_hold_all_ids_in_order_within_both_limits(wanted: list[int], most: int, longest: int) -> None:
    found = lists(wanted, most, longest)
    assert [int(text) for part in found for text in part.split(",")] == wanted
    assert all(len(part) <= longest and part.count(",") < most for part in found)
