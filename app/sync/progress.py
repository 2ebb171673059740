"""How far a backfill is: what it asked for against what of that has settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db import now
from app.models import Backfill, BackfillState, Delivery, State
from app.sync import forecast
from app.sync.forecast import Mark, Part

UNSETTLED = (State.WAITING, State.RUNNING)
Tally = Mapping[str, Mapping[str, int]]  # kind -> state -> deliveries that are not done


@dataclass(frozen=True)
class Progress:
    """Where a backfill stands; `seconds` it has run, without its pauses and what held it."""

    parts: Mapping[str, Part]
    seconds: float
    seconds_left: float | None

    def described(self) -> dict[str, Any]:
        """As people and programs are told of it."""
        parts = list(self.parts.values())
        done, failed = sum(part.done for part in parts), sum(part.failed for part in parts)
        per_minute = 60 * (done + failed) / self.seconds if self.seconds > 0 else 0.0
        return {
            "total": sum(part.settled + part.left for part in parts),
            "asked": sum(part.asked for part in parts),
            "done": done,
            "failed": failed,
            "percent": forecast.percent(parts),
            "seconds": round(self.seconds),
            "seconds_left": None if self.seconds_left is None else round(self.seconds_left),
            "per_minute": round(per_minute, 1),
            "kinds": {
                kind: {
                    "total": part.settled + part.left, "asked": part.asked, "done": part.done, "failed": part.failed
                }
                for kind, part in self.parts.items()
            },
        }  # fmt: skip


def tallies(session: Session, ids: Iterable[int]) -> dict[int, dict[str, dict[str, int]]]:
    """By backfill: its deliveries that are not done, by kind and state."""
    found: dict[int, dict[str, dict[str, int]]] = {number: {} for number in ids}
    rows = session.execute(
        select(Delivery.backfill_id, Delivery.kind, Delivery.state, func.count())
        .where(Delivery.backfill_id.in_(list(found)), Delivery.state.in_((*UNSETTLED, State.DEAD)))
        .group_by(Delivery.backfill_id, Delivery.kind, Delivery.state)
    )
    for backfill_id, kind, state, number in rows:
        found[backfill_id or 0].setdefault(kind, {})[state] = number
    return found


def ran(row: Backfill, at: datetime) -> float:
    """Seconds that it has run."""
    if row.state != BackfillState.RUNNING or row.resumed_at is None:
        return row.seconds
    return row.seconds + max((at - row.resumed_at).total_seconds(), 0.0)


def stop_clock(row: Backfill) -> None:
    """From here on time does not count."""
    row.seconds, row.resumed_at = ran(row, now()), None


def parts(row: Backfill, tally: Tally) -> dict[str, Part]:
    """Each kind in the order in which they are loaded. What is no longer open, and not dead, is done."""
    return {kind: _part(row, row.progress.get(kind) or {}, tally.get(kind) or {}) for kind in row.kinds}


def measure(row: Backfill, tally: Tally, at: datetime) -> Progress:
    """Where it stands at a time."""
    found, seconds = parts(row, tally), ran(row, at)
    started = row.state in (BackfillState.RUNNING, BackfillState.PAUSED, BackfillState.DONE)
    left = forecast.seconds_left(list(found.values()), seconds) if started else None
    return Progress(found, seconds, left)


def _part(row: Backfill, noted: Mapping[str, Any], tally: Mapping[str, int]) -> Part:
    asked = int(noted.get("asked") or 0)
    if row.finished_at is not None and "done" in noted:  # as it was when it ended
        done, failed = int(noted["done"]), int(noted["failed"])
    else:
        failed = tally.get(State.DEAD, 0)
        done = max(asked - failed - sum(tally.get(state, 0) for state in UNSETTLED), 0)
    took, mark, tail = noted.get("took") or (0.0, 0), noted.get("mark"), noted.get("tail") or (0.0, 0)
    return Part(
        total=int(noted.get("total") or 0),
        asked=asked,
        done=done,
        failed=failed,
        took=Mark(float(took[0]), int(took[1])),
        mark=Mark(float(mark[0]), int(mark[1])) if mark else None,
        tail=Mark(float(tail[0]), int(tail[1])),
        expected=float(noted.get("expected") or 0),
        listed=bool(noted.get("listed")),
    )
