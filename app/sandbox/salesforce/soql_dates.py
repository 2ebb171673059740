"""SOQL's date literals as half-open ranges of days."""

from __future__ import annotations

from datetime import date, timedelta

WEEK = 7


def day_range(literal: str, today: date) -> tuple[date, date]:
    """First day and the day after the last one; weeks begin on Sunday."""
    word, _, count = literal.partition(":")
    if count:
        return _counted(word, int(count), today)
    if word in ("today", "yesterday", "tomorrow"):
        first = today + timedelta(days=("yesterday", "today", "tomorrow").index(word) - 1)
        return first, first + timedelta(days=1)
    if word == "last_90_days":
        return _counted("last_n_days", 90, today)
    if word == "next_90_days":
        return _counted("next_n_days", 90, today)
    which, unit = word.split("_")
    shift = ("last", "this", "next").index(which) - 1
    first = _first(unit, today)
    return _add(unit, first, shift), _add(unit, first, shift + 1)


def _counted(word: str, count: int, today: date) -> tuple[date, date]:
    if word == "n_days_ago":
        first = today - timedelta(days=count)
        return first, first + timedelta(days=1)
    which, _, unit = word.split("_")
    unit = unit.removesuffix("s")
    tomorrow = today + timedelta(days=1)
    if unit == "day":
        back = today - timedelta(days=count)
        return (back, tomorrow) if which == "last" else (tomorrow, tomorrow + timedelta(days=count))
    first = _first(unit, today)
    if which == "last":
        return _add(unit, first, -count), first
    return _add(unit, first, 1), _add(unit, first, count + 1)


def _first(unit: str, today: date) -> date:
    if unit == "week":
        return today - timedelta(days=(today.weekday() + 1) % WEEK)
    if unit == "month":
        return today.replace(day=1)
    if unit == "quarter":
        return today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    return today.replace(month=1, day=1)


def _add(unit: str, first: date, count: int) -> date:
    if unit == "week":
        return first + timedelta(days=WEEK * count)
    months = first.year * 12 + first.month - 1 + count * {"month": 1, "quarter": 3, "year": 12}[unit]
    return date(months // 12, months % 12 + 1, 1)
