"""Dates as BigCommerce writes and reads them: RFC 2822 in V2, ISO 8601 in V3, either in filters."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from .errors import ApiError


def now() -> datetime:
    """The time, in whole seconds as both APIs show it."""
    return datetime.now(UTC).replace(microsecond=0)


def rfc2822(moment: datetime | None) -> str:
    """`Wed, 10 Jan 2018 21:05:30 +0000`; an empty string when unset."""
    return "" if moment is None else format_datetime(moment)


def iso(moment: datetime) -> str:
    """`2018-08-15T14:49:05+00:00`."""
    return moment.isoformat()


def _from_seconds(text: str, field: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (OverflowError, ValueError):
        raise ApiError(400, f"The field '{field}' is not a valid date.") from None


def parse(text: str, field: str) -> datetime:
    """A date filter or override in either form; zone-less is UTC. A bad one is a 400."""
    # A plus sign that was not percent-encoded arrives as a space.
    text = text.strip()
    try:
        moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    except ValueError:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            if text.isdigit():
                return _from_seconds(text, field)
            raise ApiError(400, f"The field '{field}' is not a valid date.") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
