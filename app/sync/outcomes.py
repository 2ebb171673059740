"""What became of a record of a batch, whichever way it went."""

from __future__ import annotations

from dataclasses import dataclass

from app.connectors.base import Outcome
from app.domain import Record


@dataclass(frozen=True)
class Settled:
    """A result ("written", "unchanged", "carried" into the store, "followed", ...), or an error in the outcome."""

    result: str
    outcome: Outcome = Outcome()
    record: Record | None = None
