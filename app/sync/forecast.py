"""What loading history will cost, and how long it still takes: arithmetic only."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

DAY = 86_400.0  # seconds
FULL_SWING = 0.9  # this part of a short run is measured
FACTOR = 10.0  # by which what was measured of one kind may correct what is expected of the next, at most


@dataclass(frozen=True)
class Ratio:
    """What one record of a kind costs: calls to the store, calls to the CRM, seconds."""

    store: float
    crm: float
    seconds: float


@dataclass(frozen=True)
class Limits:
    """What history may call: the store per second, the CRM today and on any other day (None: as much as it likes)."""

    store_per_second: float
    crm_today: int | None = None
    crm_per_day: int | None = None


@dataclass(frozen=True)
class Forecast:
    """How much, for how many calls, how long, and whether today's share of the CRM's calls is enough."""

    records: Mapping[str, int]
    store_calls: int
    crm_calls: int
    seconds: float
    fits: bool


@dataclass(frozen=True)
class Mark:
    """So many seconds, and so many records of a kind that have settled."""

    seconds: float = 0.0
    settled: int = 0


@dataclass(frozen=True)
class Part:
    """How far one kind is. A kind is loaded in turns, between which others have theirs."""

    total: int
    asked: int = 0
    done: int = 0
    failed: int = 0
    took: Mark = Mark()  # its turns that are over, together
    mark: Mark | None = None  # where the run was when the turn began that it has now
    tail: Mark = Mark()  # how much longer than others its last records take, all of these together
    expected: float = 0.0  # seconds for a record, before anything was measured
    listed: bool = False  # whether all of it is asked for

    @property
    def settled(self) -> int:
        return self.done + self.failed

    @property
    def left(self) -> int:
        """How many records are yet to settle; a list may hold more than was counted, or fewer."""
        return max((self.asked if self.listed else max(self.total, self.asked)) - self.settled, 0)

    @property
    def extra(self) -> float:
        """Seconds that its last records take beyond the pace of the others."""
        return self.tail.seconds * min(self.left, self.tail.settled) / self.tail.settled if self.tail.settled else 0.0

    def pace(self, seconds: float) -> float | None:
        """Seconds that a record took in its turns until now, a second of the run; None: too early to say."""
        spent, settled = self.took.seconds, self.took.settled
        if self.mark is not None:
            spent += max(seconds - self.mark.seconds, 0.0)
            settled += max(self.settled - self.mark.settled, 0)
        return spent / settled if spent > 0 and settled else None


def foresee(records: Mapping[str, int], ratios: Mapping[str, Ratio], limits: Limits, parcels: int = 0) -> Forecast:
    """The cost of so many records of each kind, and of orders with parcels, which take a call to the store each.

    What the CRM does not grant today is waited for, day by day.
    """
    store = parcels + sum(number * ratios[kind].store for kind, number in records.items())
    crm = sum(number * ratios[kind].crm for kind, number in records.items())
    working = parcels / limits.store_per_second + sum(
        number * max(ratios[kind].seconds, ratios[kind].store / limits.store_per_second)
        for kind, number in records.items()
    )
    fits = limits.crm_today is None or crm <= limits.crm_today
    waiting = 0.0 if fits else _days(crm - (limits.crm_today or 0), limits.crm_per_day) * DAY
    return Forecast(dict(records), math.ceil(store), math.ceil(crm), max(working, waiting), fits)


def seconds_left(parts: Sequence[Part], seconds: float) -> float | None:
    """How long a run goes on that has run for so long; None: nothing was measured yet.

    Kinds run one after the other. Those of which nothing was measured take what was expected of them, corrected by how
    the measured ones did against what was expected of these.
    """
    if not any(part.left for part in parts):
        return 0.0
    measured = [(part, pace) for part in parts if (pace := part.pace(seconds)) is not None]
    if not measured:
        return None
    factor = _factor(*measured[-1])
    paces = {id(part): pace for part, pace in measured}
    return sum(part.left * paces.get(id(part), part.expected * factor) + part.extra for part in parts)


def steady(begun: datetime | None, batches: Sequence[tuple[datetime, int]]) -> float:
    """Seconds that a record of a short run took in full swing; without limit if none is told of.

    `begun`: when the first batch was; `batches`: when each ended, with how many. The last tenth is left out: of these
    some wait for others, and hands have nothing to do.
    """
    total, settled = sum(number for _, number in batches), 0
    for end, number in sorted(batches):
        settled += number
        if begun is not None and settled >= FULL_SWING * total:
            return max((end - begun).total_seconds(), 0.0) / settled
    return math.inf


def percent(parts: Sequence[Part]) -> float:
    """How much of everything has settled; 100 only at the end."""
    left, settled = sum(part.left for part in parts), sum(part.settled for part in parts)
    if not left:
        return 100.0
    return min(math.floor(1000 * settled / (settled + left)) / 10, 99.9)


def words(forecast: Forecast, crm: str) -> str:
    """A forecast for a person."""
    total = sum(forecast.records.values())
    if not total:
        return "There is nothing to load in this range."
    calls = f"about {forecast.store_calls:,} calls to the store and {forecast.crm_calls:,} to {crm}"
    if forecast.fits:
        return f"{total:,} records: {calls}, {duration(forecast.seconds)}."
    return (
        f"{total:,} records: {calls}. That is more than history may use of today's calls to {crm}: "
        f"it goes on as calls come free, {duration(forecast.seconds)} in all."
    )


def duration(seconds: float) -> str:
    """ "about 2 hours", in the two largest units at most."""
    minutes = math.ceil(seconds / 60)
    if minutes <= 1:
        return "about a minute"
    if minutes < 60:
        return f"about {minutes} minutes"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"about {_counted(hours, 'hour')}" + (f" {_counted(minutes, 'minute')}" if minutes else "")
    return f"about {math.ceil(hours / 24)} days"


def ends_at(seconds: float, now: datetime) -> datetime:
    """When so many seconds are over, in whole seconds."""
    return (now + timedelta(seconds=seconds)).replace(microsecond=0)


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" + ("" if number == 1 else "s")


def _days(calls: float, per_day: int | None) -> int:
    return math.ceil(calls / per_day) if per_day else 365


def _factor(part: Part, pace: float) -> float:
    if part.expected <= 0:
        return 1.0
    return min(max(pace / part.expected, 1 / FACTOR), FACTOR)
