"""SAP's refusals as our errors: the code is often empty, so status and words decide."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any

from app.db import now
from app.errors import Misconfigured, NotFound, Reauthorize, Rejected, Retryable, StorelineError

PAUSE = timedelta(seconds=20)  # where the tenant says no time itself: a thread limit passes in seconds
LOCKED, IN_APPROVAL, CONFLICT, NO_JSON = "LOCKED", "IN_APPROVAL", "PRECONDITION_FAILED", "NO_JSON"
_XML = re.compile(r"<message[^>]*>(.*?)</message>", re.DOTALL)
# Errors have no key for the property: the words quote it, or name it in capitals.
_FIELD = re.compile(r"\b[Pp]roperty '([A-Z]\w*)'|(?:\bfor |\bvalid )([A-Z][a-z]+(?:[A-Z][A-Za-z]*)+)")
_LOCKED = re.compile(r"\b(is|are|was|currently) locked\b|\blocked by\b", re.IGNORECASE)  # products are called lock, too
# What the words of a refused write or question are about; SAP's own code is mostly empty.
_SAID = (
    ("IN_APPROVAL", re.compile(r"\bin approval\b", re.IGNORECASE)),
    ("FILTER_INVALID", re.compile(r"\$filter|not filterable|Operator '", re.IGNORECASE)),
    ("BATCH_TOO_LARGE", re.compile(r"\bbatch has more than\b", re.IGNORECASE)),
    ("NOT_JSON", re.compile(r"body is not (valid|a) JSON", re.IGNORECASE)),
    ("PROPERTY_NOT_FOUND", re.compile(r"\bproperty '[^']*' not found", re.IGNORECASE)),
    ("PROPERTY_READ_ONLY", re.compile(r"not (creatable|updatable)", re.IGNORECASE)),
    ("VALUE_TOO_LONG", re.compile(r"maximum length", re.IGNORECASE)),
    ("NUMBER_INVALID", re.compile(r"exceeds precision", re.IGNORECASE)),
    ("ALREADY_THERE", re.compile(r"already exists", re.IGNORECASE)),
    ("PARTNER_INVALID", re.compile(r"business partner .* does not exist", re.IGNORECASE)),
    ("PRODUCT_INVALID", re.compile(r"product .* (does not exist|is obsolete|is blocked|is not sold)", re.IGNORECASE)),
    ("STATUS_INVALID", re.compile(r"status .*cannot|cannot .* status", re.IGNORECASE)),
    ("NEGATIVE_AMOUNT", re.compile(r"\bnegative\b", re.IGNORECASE)),
    ("VALUE_INVALID", re.compile(r"\binvalid (value|literal)\b|\bis not valid\b", re.IGNORECASE)),
    ("VALUE_MISSING", re.compile(r"\benter an? |\bmandatory\b", re.IGNORECASE)),
)
_ROLE = (
    "SAP does not let the technical user do this: give its communication arrangement or business role access to the "
    "service and object, then try again."
)


def translate(status: int, body: Any, headers: Mapping[str, str] | None = None) -> StorelineError:
    """The error of an answer.

    A refusal without SAP's own body is a gateway's, and no word about records or rights: time cures it. Whether it is
    about the whole tenant is found out by asking whether that answers.
    """
    words = message(body) or f"SAP Sales Cloud answered {status}."
    if status in (409, 423) or (status in (400, 500) and _LOCKED.search(words)):
        return Retryable(words, code=LOCKED, status=status)
    if status == 429 or status == 503:
        return Retryable(words, code=f"HTTP_{status}", status=status, retry_after=_pause(headers or {}))
    if status >= 500:
        return Retryable(words, code=f"HTTP_{status}", status=status)
    if not _is_own(status, body, headers or {}):
        said = f"SAP Sales Cloud answered {status} without a word of its own; something else may answer in its place."
        return Retryable(said, code=f"HTTP_{status}", status=status)
    if status == 401:
        return Reauthorize("SAP Sales Cloud does not accept user and password any more.", code="HTTP_401", status=401)
    if status == 403:
        return Misconfigured(f"{_ROLE} ({words})", code="HTTP_403", status=403)
    if status == 412:
        return Retryable("Somebody changed the record at the same moment.", code=CONFLICT, status=412)
    code = _code(body) or (_meant(words) if status == 400 else "") or f"HTTP_{status}"
    if code == IN_APPROVAL:
        return Retryable(words, code=code, status=status)
    kind = NotFound if status == 404 else Rejected
    named = _FIELD.search(words)
    return kind(words, code=code, field=(named[1] or named[2]) if named else "", status=status)


def no_answer() -> Retryable:
    """The error of a success that is none of SAP's: a sign-in page, a proxy's notice."""
    return Retryable("SAP's answer cannot be read; something else may answer in its place.", code=NO_JSON)


def _is_own(status: int, body: Any, headers: Mapping[str, str]) -> bool:
    """Whether SAP refused: its pages for a wrong password are HTML, but challenge."""
    if isinstance(body, Mapping):
        return isinstance(body.get("error"), Mapping)
    challenges = status == 401 and any(name.lower() == "www-authenticate" for name in headers)
    return challenges or (isinstance(body, str) and _XML.search(body) is not None)


def message(body: Any) -> str:
    """The words of an error body, JSON or XML."""
    if isinstance(body, Mapping):
        error = body.get("error")
        said = error.get("message") if isinstance(error, Mapping) else None
        return str(said.get("value") or "") if isinstance(said, Mapping) else str(said or "")
    found = _XML.search(body) if isinstance(body, str) else None
    return unescape(found[1]).strip() if found else ""


def _meant(words: str) -> str:
    return next((code for code, said in _SAID if said.search(words)), "")


def _code(body: Any) -> str:
    error = body.get("error") if isinstance(body, Mapping) else None
    return str(error.get("code") or "") if isinstance(error, Mapping) else ""


def _pause(headers: Mapping[str, str]) -> datetime:
    given = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    if given.isdecimal():
        return now() + timedelta(seconds=int(given[:9]))
    try:
        at = parsedate_to_datetime(given)
    except ValueError:
        return now() + PAUSE
    return at if at.tzinfo else at.replace(tzinfo=UTC)
