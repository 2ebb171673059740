"""Record ids: 15 case-sensitive characters and the 18-character form with its checksum."""

from __future__ import annotations

import re
import string

CHECKSUM_ALPHABET = string.ascii_uppercase + "012345"
BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
INSTANCE = "dL0000"  # the org part of every id made here
_SHAPE = re.compile(r"[A-Za-z0-9]{15}(?:[A-Z0-5a-z]{3})?")


def checksum(id15: str) -> str:
    """The three characters that make an id safe to compare without regard to case."""
    groups = (id15[i : i + 5] for i in (0, 5, 10))
    return "".join(CHECKSUM_ALPHABET[sum(1 << k for k, c in enumerate(g) if "A" <= c <= "Z")] for g in groups)


def make_id(prefix: str, number: int) -> str:
    """The 18-character id number `number` of the object with that key prefix."""
    digits = ""
    while number:
        number, rest = divmod(number, 62)
        digits = BASE62[rest] + digits
    id15 = prefix + INSTANCE + digits.rjust(6, "0")
    return id15 + checksum(id15)


def to_18(value: str) -> str | None:
    """The 18-character form of a 15 or 18 character id; None: not shaped like an id."""
    if not _SHAPE.fullmatch(value):
        return None
    return value[:15] + checksum(value[:15])
