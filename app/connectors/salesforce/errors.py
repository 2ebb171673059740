"""Salesforce's error codes as our errors: one table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from app.db import now
from app.errors import Misconfigured, NotFound, Reauthorize, Rejected, Retryable, StorelineError

DAILY_PAUSE = timedelta(hours=1)  # the allowance is a rolling 24 hours: some of it is back by then
CONCURRENT_PAUSE = timedelta(seconds=15)

_RETRYABLE = frozenset(
    "UNABLE_TO_LOCK_ROW SERVER_UNAVAILABLE UNKNOWN_EXCEPTION SERVICE_UNAVAILABLE REQUEST_RUNNING_TOO_LONG "
    "QUERY_TIMEOUT TXN_SECURITY_METERING_ERROR".split()
)
_MISCONFIGURED = frozenset(
    "INVALID_FIELD INVALID_TYPE INSUFFICIENT_ACCESS INSUFFICIENT_ACCESS_OR_READONLY INVALID_FIELD_FOR_INSERT_UPDATE "
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY API_DISABLED_FOR_ORG API_CURRENTLY_DISABLED "
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY STORAGE_LIMIT_EXCEEDED INVALID_QUERY_FILTER_OPERATOR MALFORMED_QUERY".split()
)
_NOT_FOUND = frozenset("NOT_FOUND ENTITY_IS_DELETED INVALID_CROSS_REFERENCE_KEY".split())
_REAUTHORIZE = frozenset("INVALID_SESSION_ID INVALID_AUTH_HEADER".split())
_OAUTH = frozenset({400, 401})  # by which the OAuth endpoints refuse
_OAUTH_CODE = re.compile(r"[a-z_]+")  # a gateway's is a sentence
# What happened to a row because of another one's failure.
CASUALTIES = frozenset("PROCESSING_HALTED ALL_OR_NONE_OPERATION_ROLLED_BACK".split())
_FOREIGN_KEY = "foreign key external id"


def translate(body: Any, status: int) -> StorelineError:
    """The error of a REST or sub-response body: an array of errors, or an OAuth object; all else is a gateway's."""
    if isinstance(body, list) and body:
        if isinstance(body[0], Mapping) and body[0].get("errorCode"):
            return of_entry(body[0], status)
        if status == 300:
            return Rejected("Several records there carry the same external id; merge them.", code="MULTIPLE_CHOICES")
    if is_oauth(body, status):
        return Reauthorize(str(body.get("error_description") or body["error"]), code=str(body["error"]), status=status)
    return foreign(status)


def is_oauth(body: Any, status: int) -> bool:
    """Whether an answer is a refusal of the OAuth endpoints: nobody else is to end an authorisation."""
    code = body.get("error") if isinstance(body, Mapping) else None
    return status in _OAUTH and isinstance(code, str) and _OAUTH_CODE.fullmatch(code) is not None


def foreign(status: int) -> Retryable:
    """An answer that is not Salesforce's own: of what stands before it while it is away, so it tells of no record."""
    code = f"HTTP_{status}" if status >= 300 else "NO_JSON"
    later = _pause(code, "") if status == 429 else None
    words = f"Salesforce is not to be reached; {status} came back."
    return Retryable(words, code=code, status=status, retry_after=later)


def of_entry(entry: Mapping[str, Any], status: int = 400) -> StorelineError:
    """One error of REST (`errorCode`) or of a collection's row (`statusCode`)."""
    code = str(entry.get("errorCode") or entry.get("statusCode") or f"HTTP_{status}")
    message = str(entry.get("message") or f"Salesforce answered {status}.")
    field = ", ".join(map(str, entry.get("fields") or ()))
    if code == "REQUEST_LIMIT_EXCEEDED" or status == 429:
        return Retryable(message, code=code, status=status, retry_after=_pause(code, message))
    if code in _RETRYABLE or status >= 500:
        return Retryable(message, code=code, status=status)
    if code in _REAUTHORIZE or status == 401:
        return Reauthorize(message, code=code, status=status)
    kind = _kind(code, message, status)
    return kind(message, code=code, field=field, status=status)


def _kind(code: str, message: str, status: int) -> type[Rejected]:
    if code in _NOT_FOUND or _FOREIGN_KEY in message.lower() or (status == 404 and code not in _MISCONFIGURED):
        return NotFound
    return Misconfigured if code in _MISCONFIGURED or status == 403 else Rejected


def _pause(code: str, message: str) -> datetime:
    """Salesforce gives no Retry-After: a limit on concurrent requests passes in seconds, the daily one does not."""
    is_daily = code == "REQUEST_LIMIT_EXCEEDED" and "concurrent" not in message.lower()
    return now() + (DAILY_PAUSE if is_daily else CONCURRENT_PAUSE)


def matches(entries: Any) -> tuple[str, ...]:
    """Ids of the records that a duplicate rule found; Salesforce misspells the key (`duplicateResut`)."""
    ids: list[str] = []
    for entry in entries if isinstance(entries, list) else ():
        result = entry.get("duplicateResut") or entry.get("duplicateResult") or {}
        for match in result.get("matchResults") or ():
            ids += [found["record"]["Id"] for found in match.get("matchRecords") or () if found.get("record")]
    return tuple(dict.fromkeys(ids))
