"""Values as Sugar takes and gives them."""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

KEY_LENGTH = 100  # of sync_key
_SPACE = uuid.UUID("6f1d3c8e-2a57-5b0c-9a8e-1f6b7a0d4c21")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


def money(amount: Decimal) -> str:
    """An amount as text, which is what currency fields are."""
    return f"{amount:f}"


def decimal(value: object) -> Decimal:
    """An amount out of an answer: text of six decimals, a number, or nothing."""
    try:
        return Decimal(str(value)) if value not in (None, "") else Decimal(0)
    except InvalidOperation:
        return Decimal(0)


def day(at: datetime) -> str:
    """The date in UTC."""
    return at.astimezone(UTC).date().isoformat()


def moment(at: datetime) -> str:
    """A date-time of whole seconds with its offset."""
    return at.astimezone(UTC).replace(microsecond=0).isoformat()


def instant(text: str) -> datetime:
    """A date-time out of an answer, in whichever zone its user has."""
    at = datetime.fromisoformat(text)
    return at.astimezone(UTC) if at.tzinfo is not None else at.replace(tzinfo=UTC)


def valid_email(email: str) -> bool:
    """Whether it looks like an address; Sugar refuses the whole record otherwise."""
    return len(email) <= 255 and _EMAIL.fullmatch(email) is not None


def external_key(store: str, our_id: str) -> str:
    """A store's id as the key of a record there; a longer one (a guest's e-mail) ends in its hash.

    It begins with the store, because several stores may share an instance, and their numbers all begin at 1.
    """
    whole = clean(f"{store}-{our_id}")
    if len(whole) <= KEY_LENGTH:
        return whole
    digest = hashlib.sha256(whole.encode()).hexdigest()[:32]
    return whole[: KEY_LENGTH - len(digest)] + digest


def record_id(module: str, key: str) -> str:
    """The id that we choose for a new record: the same for the same key, so that nothing is made twice."""
    return str(uuid.uuid5(_SPACE, f"{module}:{key}"))


def clean(text: str) -> str:
    """Text without what no call can carry: NUL, halves of a surrogate pair."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
