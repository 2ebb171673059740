"""Arithmetic of calls in a rolling day, which are kept by the hour; every doubt is decided for fewer calls."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FALLS_OUT = DAY + HOUR  # after its start an hour's last call is a day old
RECENT = 2  # full hours before the current one that tell the pace
LEAST = timedelta(minutes=15)  # less than that tells no pace

Hours = Mapping[datetime, int]  # start of an hour → calls


def hour_of(at: datetime) -> datetime:
    """The start of the hour."""
    return at.replace(minute=0, second=0, microsecond=0)


def in_day(hours: Hours, at: datetime) -> int:
    """Calls of the 24 hours before; the hour that is only partly in it counts as a whole."""
    return sum(calls for hour, calls in hours.items() if hour + FALLS_OUT > at)


def free_at(hours: Hours, limit: int, at: datetime) -> datetime:
    """When fewer than `limit` calls are in the day, if none are made meanwhile."""
    held = in_day(hours, at)
    if held < limit:
        return at
    for hour in sorted(hours):
        if hour + FALLS_OUT > at:
            held -= hours[hour]
            if held < limit:
                return hour + FALLS_OUT
    return at + DAY  # a limit of none at all


def last_hour(hours: Hours, at: datetime) -> int:
    """About how many calls the last 60 minutes had."""
    passed = (at - hour_of(at)) / HOUR
    return hours.get(hour_of(at), 0) + round(hours.get(hour_of(at) - HOUR, 0) * (1 - passed))


def pace(hours: Hours, at: datetime) -> float:
    """Calls an hour of late: of the current hour and the two before it, since the first of them that had any."""
    recent = [hour_of(at) - back * HOUR for back in range(RECENT, -1, -1)]
    busy = [hour for hour in recent if hours.get(hour)]
    if not busy:
        return 0.0
    return sum(hours[hour] for hour in busy) / (max(at - busy[0], LEAST) / HOUR)


def runs_out(hours: Hours, allowed: int, at: datetime) -> datetime | None:
    """When the day holds `allowed` calls if the pace stays as it is; None: not within a day."""
    held: float = in_day(hours, at)
    if held >= allowed:
        return at
    speed, moment = pace(hours, at), at
    if speed <= 0:
        return None
    leaving = sorted((hour + FALLS_OUT, calls) for hour, calls in hours.items() if at < hour + FALLS_OUT < at + DAY)
    for until, calls in [*leaving, (at + DAY, 0)]:
        reached = moment + (allowed - held) / speed * HOUR if (allowed - held) / speed < 2 * 24 else None
        if reached is not None and reached <= until:
            return reached
        held += speed * ((until - moment) / HOUR) - calls
        moment = until
    return None
