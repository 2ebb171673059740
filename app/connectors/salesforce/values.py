"""Values as Salesforce takes them."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from decimal import Decimal

from app.domain import Order
from app.domain.order import SettledLine
from app.domain.text import cut, units

CENT = Decimal("0.01")
ID_LENGTH = 255  # of our external id fields
EMAIL_LENGTH = 80
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_ID = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")
_CHECKSUM = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_ESCAPES = str.maketrans({"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def settled(order: Order) -> tuple[SettledLine, ...]:
    """The lines of an order at prices that Salesforce keeps: its own price fields have two decimals."""
    return order.settled(CENT)


def number(amount: Decimal) -> float:
    """An amount as a JSON number; exact up to 15 digits."""
    return float(amount)


def day(at: datetime) -> str:
    """The date in UTC."""
    return at.astimezone(UTC).date().isoformat()


def moment(at: datetime) -> str:
    """A date-time, offset without a colon."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def valid_email(email: str) -> bool:
    """Whether Salesforce takes the address; it refuses the record otherwise."""
    return len(email) <= EMAIL_LENGTH and _EMAIL.fullmatch(email) is not None


def external_id(store: str, our_id: str) -> str:
    """A store's id as an external id; a longer one (a guest's e-mail) ends in its hash.

    It begins with the store, because several stores may share an org, and their numbers all begin at 1.
    """
    whole = clean(f"{store}-{our_id}")
    if units(whole) <= ID_LENGTH:
        return whole
    digest = hashlib.sha256(whole.encode()).hexdigest()[:32]
    return cut(whole, ID_LENGTH - len(digest)) + digest


def full_id(text: str) -> str:
    """An id with its three characters of checksum; "" for what is none.

    Each character tells which letters of a group of five are capitals.
    """
    if not _ID.fullmatch(text):
        return ""
    if len(text) == 18:
        return text
    groups = (text[start : start + 5] for start in range(0, 15, 5))
    bits = (sum(char.isupper() << index for index, char in enumerate(group)) for group in groups)
    return text + "".join(_CHECKSUM[number] for number in bits)


def literal(text: str) -> str:
    """A string of a query."""
    return f"'{clean(text).translate(_ESCAPES)}'"


def clean(text: str) -> str:
    """Text without what no call can carry: NUL, halves of a surrogate pair."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
