"""The figures of a chaos run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.chaos.checking import Verdict

BAR = 99.0  # percent of what failed that has to end well with nobody's help
SHOWN = 10  # of what was lost or doubled


@dataclass(frozen=True)
class Recovery:
    """What became of the deliveries to one CRM."""

    deliveries: int
    failed: int  # at least once
    recovered: int  # of those: done in the end
    dead: int

    @property
    def percent(self) -> float:
        return 100.0 * self.recovered / self.failed if self.failed else 100.0


@dataclass(frozen=True)
class Figures:
    """The whole run, and per CRM."""

    seed: int
    database: str
    events: int
    orders: int
    customers: int
    skipped: int  # edits of contacts that never were there in time
    sent: int
    refused: int
    blows: Mapping[str, int]
    restarts: int
    faults: Mapping[str, Mapping[str, int]]  # by the stand-in
    calls: int  # of ours to the stand-ins while it stormed
    storm_seconds: float
    rest_seconds: float | None  # None: it did not come to rest in time
    verdicts: Mapping[str, Verdict]
    recoveries: Mapping[str, Recovery]

    @property
    def lost(self) -> int:
        return sum(len(verdict.lost) for verdict in self.verdicts.values())

    @property
    def doubled(self) -> int:
        return sum(len(verdict.doubled) for verdict in self.verdicts.values())

    @property
    def recovered_percent(self) -> float:
        failed = sum(one.failed for one in self.recoveries.values())
        return 100.0 * sum(one.recovered for one in self.recoveries.values()) / failed if failed else 100.0

    @property
    def faulted(self) -> int:
        return sum(sum(counts.values()) for counts in self.faults.values())

    @property
    def is_good(self) -> bool:
        at_rest = self.rest_seconds is not None
        return at_rest and not self.lost and not self.doubled and self.recovered_percent >= BAR

    def to_json(self) -> dict[str, Any]:
        """The same as JSON."""
        return {
            "seed": self.seed, "database": self.database, "events": self.events, "orders": self.orders,
            "customers": self.customers, "skipped": self.skipped,
            "webhooks": {"delivered": self.sent, "refused": self.refused},
            "blows": dict(self.blows), "restarts": self.restarts, "calls": self.calls, "faulted_calls": self.faulted,
            "faults": {name: dict(counts) for name, counts in self.faults.items()},
            "storm_seconds": round(self.storm_seconds, 1),
            "rest_seconds": None if self.rest_seconds is None else round(self.rest_seconds, 1),
            "lost": self.lost, "doubled": self.doubled, "recovered_percent": round(self.recovered_percent, 2),
            "dead": sum(one.dead for one in self.recoveries.values()),
            "connections": [
                {
                    "vendor": name, "lost": list(verdict.lost), "doubled": list(verdict.doubled),
                    "deliveries": self.recoveries[name].deliveries, "failed": self.recoveries[name].failed,
                    "recovered": self.recoveries[name].recovered, "dead": self.recoveries[name].dead,
                }
                for name, verdict in self.verdicts.items()
            ],
        }  # fmt: skip

    def __str__(self) -> str:
        rest = "not in time" if self.rest_seconds is None else f"{self.rest_seconds:,.0f} s after the last event"
        lines = [
            f"{self.events:,} events (seed {self.seed}): {self.orders:,} orders, {self.customers:,} customers; "
            f"{self.database}",
            *([f"  left out   {self.skipped} edits of contacts who came too late"] if self.skipped else []),
            f"  webhooks   {self.sent:,} delivered, {self.refused:,} refused and sent again",
            f"  blows      {', '.join(f'{number} x {blow}' for blow, number in self.blows.items())}",
            f"             {self.restarts:,} processes started again",
            f"  calls      {self.calls:,} while it stormed, of which {self.faulted:,} failed",
            *(f"             {name}: {_counted(counts)}" for name, counts in self.faults.items()),
            f"  at rest    {rest}; the storm took {self.storm_seconds:,.0f} s",
        ]
        for name, verdict in self.verdicts.items():
            lines += self._of(name, verdict)
        lines.append(
            f"{self.lost} lost, {self.doubled} doubled, {self.recovered_percent:.2f} % recovered alone: "
            f"{'passed' if self.is_good else 'FAILED'}"
        )
        return "\n".join(lines)

    def _of(self, name: str, verdict: Verdict) -> list[str]:
        one = self.recoveries[name]
        wrong = [*verdict.lost, *verdict.doubled]
        return [
            f"{name}: {len(verdict.lost)} lost, {len(verdict.doubled)} doubled, {one.dead} dead",
            f"  {one.failed:,} of {one.deliveries:,} deliveries failed at least once, {one.recovered:,} of them "
            f"({one.percent:.2f} %) recovered alone",
            *(f"  {words}" for words in wrong[:SHOWN]),
            *([f"  and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []),
        ]


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in sorted(counts.items(), key=lambda pair: -pair[1])) or "none"
