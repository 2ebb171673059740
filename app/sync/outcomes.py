"""What became of a record of a batch, whichever way it went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.connectors.base import Outcome
from app.domain import Record
from app.errors import Withheld

ERASED = "erased"  # the result of what belongs to a person whose data were erased here


@dataclass(frozen=True)
class Settled:
    """A result ("written", "unchanged", "carried" into the store, "followed", ...), or an error in the outcome."""

    result: str
    outcome: Outcome = Outcome()
    record: Record | None = None
    again_at: datetime | None = None  # when one that failed is tried again, if that is known

    @property
    def without_erased(self) -> Settled:
        """Of a person who was erased here nothing is kept but that."""
        return Settled(ERASED) if isinstance(self.outcome.error, Withheld) else self
