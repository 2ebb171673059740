"""In which disorder deliveries arrive: some twice or more, all a while later, seeded."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from .errors import ApiError
from .records import Json

KEYS = {"copies", "spread_s", "seed"}
MOST_COPIES = 10


@dataclass
class Disorder:
    """Every delivery is sent one to `copies` times, each up to `spread_s` of the store's own seconds late."""

    copies: int = 1
    spread_s: float = 0.0
    seed: int = 1
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    @classmethod
    def read(cls, body: Json) -> Disorder:
        """From the body of a control call. Raises ApiError."""
        if set(body) - KEYS:
            raise ApiError(422, f"Known keys: {', '.join(sorted(KEYS))}")
        asked = cls(int(body.get("copies", 1)), float(body.get("spread_s", 0)), int(body.get("seed", 1)))
        if not 1 <= asked.copies <= MOST_COPIES or asked.spread_s < 0:
            raise ApiError(422, f"copies is a number from 1 to {MOST_COPIES}, spread_s is no less than 0")
        return asked

    def delays(self) -> list[float]:
        """When the copies of one delivery are sent, in the store's own seconds from now."""
        return [self._random.uniform(0, self.spread_s) for _ in range(self._random.randint(1, self.copies))]
