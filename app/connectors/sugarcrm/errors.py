"""Sugar's error labels as our errors: one table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from app.db import now
from app.errors import Misconfigured, NotFound, Reauthorize, Rejected, Retryable, StorelineError

EXPIRED = "invalid_grant"  # the only label that a refresh cures; need_login is final
THROTTLED_PAUSE = timedelta(seconds=30)
MAINTENANCE_PAUSE = timedelta(minutes=2)

_MISCONFIGURED = frozenset({301, 403})
_RETRYABLE = frozenset({409, 412, 424})
_EXISTS = re.compile(r"\bexists\b", re.IGNORECASE)
_EMAIL = re.compile(r"\be-?mail address\b", re.IGNORECASE)  # which Sugar quotes without naming the field
_FIELD = re.compile(r"(?:field|parameter|Parameter):? (?:value: )?'?(\w+)")


def translate(status: int, body: Any, retry_after: str = "") -> StorelineError:
    """The error of an answer, or of a sub-request's.

    A refusal without Sugar's label is a gateway's, and no word about records or rights: time cures it. Whether it is
    about the whole instance is found out by asking whether that answers.
    """
    content = body if isinstance(body, Mapping) else {}
    label = str(content["error"]) if is_own(body) else f"HTTP_{status}"
    message = str(content.get("error_message") or f"SugarCRM answered {status}{_silently(body)}.")
    if status in (429, 503):
        pause = THROTTLED_PAUSE if status == 429 else MAINTENANCE_PAUSE
        return Retryable(message, code=label, status=status, retry_after=_until(retry_after, pause))
    if status in _RETRYABLE or status >= 500 or not is_own(body):
        return Retryable(message, code=label, status=status)
    if status == 401:
        return Reauthorize(message, code=label, status=status)
    kind = _kind(status, label)
    return kind(_words(kind, message), code=label, field=_field(message), status=status)


def is_own(body: Any) -> bool:
    """Whether it is Sugar that refused, and not a gateway or a sign-in page before it."""
    return isinstance(body, Mapping) and isinstance(body.get("error"), str) and bool(body["error"])


def is_of_the_instance(error: StorelineError | None) -> bool:
    """Whether an error says something of the whole instance, and nothing of the record that it was met with."""
    return isinstance(error, Reauthorize) or (isinstance(error, Retryable) and error.retry_after is not None)


def is_there_already(error: StorelineError, record_id: str) -> bool:
    """Whether a create was refused because its id is in use; Sugar says so in words only, with the id in them."""
    refused = isinstance(error, Rejected) and error.status == 422
    return refused and record_id in error.message and _EXISTS.search(error.message) is not None


def _kind(status: int, label: str) -> type[Rejected]:
    if status in _MISCONFIGURED or label == "no_method":
        return Misconfigured
    return NotFound if status == 404 else Rejected


def _field(message: str) -> str:
    found = _FIELD.search(message)
    return found[1] if found else "email" if _EMAIL.search(message) else ""


def _silently(body: Any) -> str:
    return "" if is_own(body) else " without a word of its own; something else may answer in its place"


def _words(kind: type[Rejected], message: str) -> str:
    if kind is Misconfigured:
        return f"{message} (Check the role, the licence and the API version of the connected user in SugarCRM.)"
    return message


def _until(retry_after: str, otherwise: timedelta) -> datetime:
    """Seconds or a date, as HTTP has it."""
    if retry_after.strip().isdecimal():
        return now() + timedelta(seconds=int(retry_after.strip()[:9]))
    try:
        return parsedate_to_datetime(retry_after).astimezone(UTC)
    except ValueError:
        return now() + otherwise
