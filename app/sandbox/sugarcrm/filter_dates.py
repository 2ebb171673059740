"""The named date ranges of filters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

Range = tuple[date, date]  # both inclusive


def _month(today: date, ahead: int) -> Range:
    months = today.year * 12 + today.month - 1 + ahead
    first = date(months // 12, months % 12 + 1, 1)
    after = months + 1
    return first, date(after // 12, after % 12 + 1, 1) - timedelta(days=1)


def _year(today: date, ahead: int) -> Range:
    return date(today.year + ahead, 1, 1), date(today.year + ahead, 12, 31)


def _days(today: date, start: int, end: int) -> Range:
    return today + timedelta(days=start), today + timedelta(days=end)


RANGES: dict[str, Callable[[date], Range]] = {
    "yesterday": lambda today: _days(today, -1, -1),
    "today": lambda today: _days(today, 0, 0),
    "tomorrow": lambda today: _days(today, 1, 1),
    "last_7_days": lambda today: _days(today, -6, 0),
    "next_7_days": lambda today: _days(today, 0, 6),
    "last_30_days": lambda today: _days(today, -29, 0),
    "next_30_days": lambda today: _days(today, 0, 29),
    "last_month": lambda today: _month(today, -1),
    "this_month": lambda today: _month(today, 0),
    "next_month": lambda today: _month(today, 1),
    "last_year": lambda today: _year(today, -1),
    "this_year": lambda today: _year(today, 0),
    "next_year": lambda today: _year(today, 1),
}
