"""Records that were found in a CRM and only linked: what people typed there is compared before it is written over."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field

from app.connectors.base import Key


@dataclass
class Meetings:
    """What a plan or a write has met: `ours` we made, though no answer told us so, and nobody else changed it since."""

    matched: set[Key] = field(default_factory=set)
    ours: set[Key] = field(default_factory=set)

    def add(self, key: Key, *, is_ours: bool) -> None:
        """One more. Who bears our id alone may be people's own that we have claimed."""
        self.matched.add(key)
        self.ours |= {key} if is_ours else set()

    def take(self, other: Meetings) -> None:
        """Those of a part, or of a try."""
        self.matched |= other.matched
        self.ours |= other.ours

    def of(self, keys: Container[Key]) -> Meetings:
        """Those with these keys."""
        return Meetings({key for key in self.matched if key in keys}, {key for key in self.ours if key in keys})
