"""BigCommerce's REST API: one store, V2 and V3 and the B2B Edition's, their paging, their errors in our words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from requests import Response

from app.connectors.access import STORE_WINDOW, Bucket, Gate, Reading
from app.connectors.metering import meter
from app.db import now
from app.errors import Misconfigured, NotFound, Reauthorize, Rejected, Retryable, StorelineError
from app.http import HttpSession

PAGE = 250  # the most that a list gives at once
B2B_PAGE = 100  # of the B2B Edition's lists; the most is not documented
MAINTENANCE_WAIT = 300  # seconds; 503 is a store in maintenance, suspended or unpaid
TELLING = frozenset({401, 403, 404})  # that we are shut out, that a record is gone: only BigCommerce itself can tell

# What calls count against, until headers tell: the smallest plan's quota, and what the B2B Edition gives by itself.
CALL = Bucket(STORE_WINDOW, quota=150, seconds=30)
CUSTOMERS_WRITE = Bucket(STORE_WINDOW, quota=150, seconds=30, parallel="customers", at_once=3)  # of the whole store
B2B_CALL = Bucket("b2b", quota=150, seconds=60)

_UNCLEAN = re.compile(r"\\u(?:d[89a-f]|0000)", re.IGNORECASE)  # escapes that may be half a character, or NUL

Params = Mapping[str, str | int]


@dataclass(frozen=True)
class Quota:
    """What the store's last answer said of its rate limit, which all apps of the store share."""

    left: int
    quota: int
    window_ms: int
    resets_at: datetime


class Door:
    """Calls below one address. Raises the errors of app.errors, no others."""

    bucket = CALL

    def __init__(self, base: str, headers: Mapping[str, str], purpose: str = "", gate: Gate | None = None) -> None:
        self._base = base
        self._http = HttpSession(purpose=purpose, meter=meter(gate, reading, self._bucket))
        self._http.headers.update(headers)
        self.quota: Quota | None = None

    @property
    def calls(self) -> int:
        """API calls made so far."""
        return self._http.calls

    def get(self, path: str, params: Params | None = None) -> Any:
        """The body of an answer; None for 204, by which V2 says that a list is empty."""
        return self._call("GET", path + query(params))

    def record(self, path: str, params: Params | None = None, under: str = "") -> dict[str, Any]:
        """The one record that a path stands for; `under`: the envelope's name for it."""
        body = self.get(path, params)
        row = body.get(under) if under and isinstance(body, dict) else body
        if not isinstance(row, dict) or not row:
            raise _garbled()
        return row

    def post(self, path: str, body: Any) -> Any:
        return self._call("POST", path, body)

    def put(self, path: str, body: Any) -> Any:
        return self._call("PUT", path, body)

    def delete(self, path: str) -> Any:
        return self._call("DELETE", path)

    def _bucket(self, method: str, url: str) -> Bucket:
        """Writes of customers and all that is theirs may only run a few at once."""
        return CUSTOMERS_WRITE if method != "GET" and "/v3/customers" in url else self.bucket

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        # Redirects are not followed: the token must not go to another host.
        response = self._http.request(method, self._base + path, json=body, allow_redirects=False)
        self.quota = _quota(response) or self.quota
        if response.status_code == 204:
            return None
        if response.status_code >= 300:
            raise translate(response)
        try:
            return _clean(response.json()) if _UNCLEAN.search(response.text) else response.json()
        except ValueError as error:
            raise _garbled() from error


class Client(Door):
    """Calls to one store."""

    def __init__(
        self, api_url: str, store_hash: str, access_token: str, purpose: str = "", gate: Gate | None = None
    ) -> None:
        super().__init__(f"{api_url.rstrip('/')}/stores/{store_hash}", {"X-Auth-Token": access_token}, purpose, gate)

    def pages_v2(self, path: str, params: Params) -> Iterator[list[dict[str, Any]]]:
        """The pages of a V2 list: bare arrays, until one is short or empty."""
        page = 1
        while rows := self.list_v2(path, {**params, "limit": PAGE, "page": page}):
            yield rows
            if len(rows) < PAGE:
                return
            page += 1

    def list_v2(self, path: str, params: Params) -> list[dict[str, Any]]:
        """One V2 list; 204 is an empty one."""
        body = self.get(path, params)
        if body is not None and not isinstance(body, list):
            raise _garbled()
        return body or []

    def rows_v3(self, path: str, params: Params) -> Iterator[dict[str, Any]]:
        """The rows of a V3 list, all pages."""
        page, pages = 1, 1
        while page <= pages:
            body = self.get(path, {**params, "limit": PAGE, "page": page})
            if body is None:
                return
            # Whatever is missing from a list is gone, so it has to be a list.
            if not isinstance(body, dict) or not isinstance(body.get("data"), list):
                raise _garbled()
            yield from body["data"]
            pages = (body.get("meta") or {}).get("pagination", {}).get("total_pages", 1)
            page += 1


class B2B(Door):
    """Calls to the B2B Edition of one store, which has a host, a limit and an envelope of its own."""

    bucket = B2B_CALL

    def __init__(self, b2b_url: str, store_hash: str, access_token: str, gate: Gate | None = None) -> None:
        super().__init__(b2b_url.rstrip("/"), {"X-Auth-Token": access_token, "X-Store-Hash": store_hash}, gate=gate)

    def rows(self, path: str, params: Params) -> Iterator[dict[str, Any]]:
        """The rows of a list, all pages."""
        offset = 0
        while True:
            body = self.get(path, {**params, "limit": B2B_PAGE, "offset": offset})
            if not isinstance(body, dict) or "data" not in body:
                raise _garbled()
            rows = body["data"]
            if not rows:
                return
            yield from rows
            offset += len(rows)
            total = ((body.get("meta") or {}).get("pagination") or {}).get("totalCount")
            if offset >= int(total) if total is not None else len(rows) < B2B_PAGE:
                return


def _clean(value: Any) -> Any:
    """Without what no database and no other vendor takes: NUL, and halves of characters that a client cut apart."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    return value


def query(params: Params | None) -> str:
    """A query string; commas and colons stay readable, for they count against the length of an address."""
    return "?" + urlencode(params, safe=",:") if params else ""


def translate(response: Response) -> StorelineError:
    """Our error for an answer of BigCommerce that is none of success."""
    status, code = response.status_code, f"BC_{response.status_code}"
    message, field = _explanation(response)
    if not _is_own(response):
        return _wait(response, message)
    if status == 401:
        return Reauthorize(message, code=code, status=status)
    if status == 403:
        if "scope" in message.lower():
            return Misconfigured(message, code="BC_SCOPE", status=status)
        return Reauthorize(message, code=code, status=status)
    if status == 404:
        return NotFound(message, code=code, status=status)
    if status in (423, 429) or status >= 500:
        return _wait(response, message)
    return Rejected(message, code=code, field=field, status=status)


def _wait(response: Response, message: str) -> Retryable:
    """Time cures it; the whole store waits where it is throttled or in maintenance."""
    status, later = response.status_code, None
    if status == 429:
        later = _retry_after(response)
    elif status == 503 and _is_own(response):  # a gateway's passes in a moment
        later = now() + timedelta(seconds=MAINTENANCE_WAIT)
    return Retryable(message, code=f"BC_{status}", status=status, retry_after=later)


def _is_own(response: Response) -> bool:
    """Whether BigCommerce itself refused, and not a gateway that is in trouble, or a page that we were sent to."""
    status = response.status_code
    if status < 400:  # it redirects nobody who calls the right address
        return False
    try:
        body = response.json()
    except ValueError:
        return False
    if status not in TELLING:
        return True
    if isinstance(body, list):  # V2
        return bool(body) and isinstance(body[0], dict) and str(body[0].get("status")) == str(status)
    if not isinstance(body, dict):
        return False
    if status == 401 and "error_description" in body:  # of the login host, as OAuth has it
        return True
    own = "title" in body if "status" in body else isinstance(body.get("meta"), dict)  # V3, the B2B Edition
    return own and str(body.get("status") or body.get("code")) == str(status)


def _explanation(response: Response) -> tuple[str, str]:
    """The vendor's words and the field they are about: V2 sends an array, V3 an object."""
    fallback = f"BigCommerce answered {response.status_code}."
    try:
        body = response.json()
    except ValueError:
        return fallback, ""
    if isinstance(body, list) and body and isinstance(body[0], dict):
        details = body[0].get("details")
        field = next(iter(details), "") if isinstance(details, dict) else ""
        return str(body[0].get("message") or fallback), str(field)
    if not isinstance(body, dict):
        return fallback, ""
    if isinstance(body.get("meta"), dict) and body["meta"].get("message"):  # the B2B Edition's envelope
        return str(body["meta"]["message"]), ""
    errors = body.get("errors")
    field, text = next(iter(errors.items()), ("", "")) if isinstance(errors, dict) else ("", "")
    words = [str(body.get("title") or body.get("error_description") or body.get("error") or fallback), str(text)]
    return " ".join(filter(None, words)), str(field)


def _garbled() -> Retryable:
    return Retryable("BigCommerce sent something that is no JSON of its own.", code="BC_GARBLED")


def _retry_after(response: Response) -> datetime | None:
    """When to come back after a 429; None: the platform is overloaded and did not say."""
    if seconds := _number(response, "X-Retry-After"):
        return now() + timedelta(seconds=seconds)
    if (window := _seconds(response)) is not None:
        return now() + timedelta(seconds=window)
    reset = _number(response, "X-Rate-Limit-Time-Reset-Ms")
    return None if reset is None else now() + timedelta(milliseconds=reset)


def reading(response: Response) -> Reading:
    """What an answer of the store, or of its B2B Edition, said of the quota."""
    told = _quota(response)
    if told is not None:
        window = timedelta(milliseconds=told.window_ms) if told.window_ms else None
        return Reading(told.left, told.quota or None, told.resets_at, window)
    left, resets = _number(response, "X-Requests-Remaining"), _seconds(response)
    if left is None or resets is None:
        return Reading()
    return Reading(left, _number(response, "X-Requests-Allocated"), now() + timedelta(seconds=resets))


def _quota(response: Response) -> Quota | None:
    left = _number(response, "X-Rate-Limit-Requests-Left")
    reset = _number(response, "X-Rate-Limit-Time-Reset-Ms")
    if left is None or reset is None:
        return None
    quota = _number(response, "X-Rate-Limit-Requests-Quota") or 0
    window = _number(response, "X-Rate-Limit-Time-Window-Ms") or 0
    return Quota(left, quota, window, now() + timedelta(milliseconds=reset))


def _seconds(response: Response) -> float | None:
    """Until the B2B Edition's window ends, which it tells as "12.5 s"."""
    text = response.headers.get("X-Request-Window-Resets-After", "").partition(" ")[0]
    return float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else None


def _number(response: Response, header: str) -> int | None:
    text = response.headers.get(header, "").strip()
    return int(text[:9]) if text.isdecimal() else None  # more than a date can bear is nonsense
