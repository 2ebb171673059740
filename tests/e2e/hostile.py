"""Values as people type them: of every script, with quotes and markup, too long, blank; no two alike."""

from __future__ import annotations

import itertools
from random import Random

ODD = (
    "O'Brien", 'Smith "Bob"', "Jürgen Groß", "Zoë", "Nguyễn", "Владимир", "山田太郎", "مرحبا", "🦄 & Söhne",
    "<script>alert(1)</script>", "&amp; Co", "'; DROP TABLE x; --", "=1+1", "{{7*7}}", "%s %d", "null", "Robert\\",
    "a  b", "cafe\u0301", "ﬁn", "100%", "#N/A", "-", "A/B, C; D",
)  # fmt: skip
STATUSES = ("Awaiting Fulfillment", "Awaiting Shipment", "Awaiting Pickup", "Shipped", "Completed")
LONG = 90  # characters, more than a CRM takes in a name and fewer than the store does


class Typist:
    """Makes up values for fields; the same seed types the same."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._numbers = itertools.count(1)

    def value(self, field: str, *, by_shop: bool) -> str:
        """A new value of one of our fields; what only the store holds in full comes from there alone."""
        number = next(self._numbers)
        match field:
            case "email":
                return f"Some.One+{number}@Mail.Example"
            case "phone":
                return "" if number % 9 == 0 else f"+44 20 7946 {number:04d}"
            case "price":
                return f"{self._random.randint(100, 99999) / 100:.2f}"
            case "stock":
                return str(self._random.randint(0, 500))
            case "status":
                return self._random.choice(STATUSES)
            case "tracking_number":
                return f"TRK{number}"
            case "carrier":
                return self._random.choice(("UPS", "FedEx", "Cargo Bike Ltd"))
            case "postal_code":
                return f"N{number % 20} {number % 9}AB"
        text = f"{self._random.choice(ODD)} {number}"
        if by_shop and number % 8 == 0:
            return text.ljust(LONG, "x")
        return f"  {text} " if number % 11 == 0 else text
