"""Texts are cut to what a field holds, by the units that the CRMs count in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.text import cut, units


@pytest.mark.parametrize(
    ("text", "length", "expected"),
    [("Tea", 3, "Tea"), ("Teapot", 3, "Tea"), ("漢字", 1, "漢"), ("😀😀", 3, "😀"), ("a😀", 2, "a"), ("😀", 1, "")],
)
def test_an_emoji_takes_two(text: str, length: int, expected: str) -> None:
    assert cut(text, length) == expected


@given(st.text(max_size=40), st.integers(0, 30))
def test_what_is_left_is_the_longest_beginning_that_fits(text: str, length: int) -> None:
    left = cut(text, length)
    assert text.startswith(left)
    assert units(left) <= length
    assert len(left) == len(text) or units(text[: len(left) + 1]) > length


@given(st.text(max_size=40))
def test_units_are_those_of_utf_16(text: str) -> None:
    assert units(text) == len(text.encode("utf-16-le", "surrogatepass")) // 2
