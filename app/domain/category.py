"""Where a product stands in the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

SEPARATOR = " / "


@dataclass(frozen=True)
class Category:
    """A category; `ancestors` are those above it, the root first, as (id, name)."""

    kind: ClassVar[str] = "category"

    id: str
    name: str
    ancestors: tuple[tuple[str, str], ...] = ()
    active: bool = True

    @property
    def path(self) -> str:
        """All names from the root down."""
        return SEPARATOR.join((*(name for _, name in self.ancestors), self.name))
