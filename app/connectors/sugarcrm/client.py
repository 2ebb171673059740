"""The one HTTP door to a Sugar instance: bearer, session renewal, bulk calls, filters with their pages."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import requests

from app.config import Settings
from app.connectors.access import Account, Bucket
from app.connectors.metering import meter
from app.connectors.sugarcrm.errors import EXPIRED, is_own, translate
from app.errors import Reauthorize, Retryable, StorelineError
from app.http import HttpSession

VERSION = "v11_10"  # the lowest with sync keys; newer servers go on serving it
BULK = 50  # sub-requests a call; no limit is documented, 20 to 50 is what clients do
PAGE = 1000  # servers may cap it: pages follow next_offset
BULK_TIMEOUT = 180.0  # seconds; bulk calls take long on real servers
# No limit is published. A bulk call works through its requests one by one, so calls at once are what a server feels.
INSTANCE = Bucket(parallel="instance", at_once=4, longest=190)

Row = dict[str, Any]


@dataclass(frozen=True)
class Request:
    """One call, alone or as part of a bulk; the path is below the version."""

    method: str
    path: str
    body: Any = None
    unless_changed_since: str = ""  # date_modified as it was read: refused if the record has another one by now


@dataclass(frozen=True)
class Answer:
    """What came back for one request."""

    status: int
    body: Any
    retry_after: str = ""
    failure: StorelineError | None = None  # why there was none

    @classmethod
    def missing(cls, error: StorelineError) -> Answer:
        """What stands for the answer of a request that did not get through."""
        return cls(error.status or 500, {"error": error.code, "error_message": error.message}, failure=error)

    @property
    def error(self) -> StorelineError | None:
        if self.failure is not None:
            return self.failure
        return None if self.status < 300 else translate(self.status, self.body, self.retry_after)

    @property
    def is_expired(self) -> bool:
        return self.status == 401 and isinstance(self.body, dict) and self.body.get("error") == EXPIRED


class Client:
    """One authorised instance. Raises the errors of app.errors."""

    def __init__(self, settings: Settings, account: Account) -> None:
        self._account = account
        self._token = account.access_token
        self._base = f"{account.instance_url.rstrip('/')}/rest/{VERSION}"
        self.date = ""  # of the last answer, by the vendor's clock
        self._session = HttpSession(
            read_timeout=BULK_TIMEOUT, meter=meter(account.gate, bucket=lambda method, url: INSTANCE)
        )
        self._session.headers["X-Sugar-Platform"] = settings.sugarcrm_platform

    @property
    def calls(self) -> int:
        return self._session.calls

    def get(self, path: str) -> Any:
        """JSON of a path."""
        return self.call(Request("GET", path))

    def call(self, request: Request) -> Any:
        """JSON answer of one call."""
        answer = self._renewing(request)
        if answer.error is not None:
            raise answer.error
        if answer.body is None:
            raise Retryable("SugarCRM answered no JSON; something else answers in its place.", code="NO_JSON")
        return answer.body

    def server_time(self) -> str:
        """The Date header of a ping: the vendor's clock."""
        self.get("ping")
        return self.date

    def many(self, requests: Sequence[Request]) -> list[Answer]:
        """Answers in order, of as few calls as it takes; a refused sub-request spoils no other. Raises for a call."""
        answers: list[Answer] = []
        for start in range(0, len(requests), BULK):
            answers += self._bulk(requests[start : start + BULK])
        return answers

    def rows(self, request: Request, first: Answer | None = None) -> Iterator[Row]:
        """All records of a filter, page after page; `first` is its first page, if that was asked for already."""
        page = self.call(request) if first is None else first.body
        while True:
            yield from page["records"]
            offset = page.get("next_offset", -1)
            if offset is None or offset < 0:
                return
            page = self.call(Request(request.method, request.path, {**request.body, "offset": offset}))

    def _bulk(self, requests: Sequence[Request]) -> list[Answer]:
        answers = self._bulk_once(requests)
        expired = [n for n, answer in enumerate(answers) if answer.is_expired]
        if expired:  # the token died while the call ran
            for n, answer in zip(expired, self._again([requests[n] for n in expired], len(requests)), strict=True):
                answers[n] = answer
        return answers

    def _again(self, requests: Sequence[Request], of: int) -> list[Answer]:
        """Answers with a new token; what the others of the bulk have made is not forgotten over an error."""
        try:
            self._renew()
            return self._bulk_once(requests)
        except (Retryable, Reauthorize) as error:
            if len(requests) == of:
                raise
            return [Answer.missing(error)] * len(requests)

    def _bulk_once(self, requests: Sequence[Request]) -> list[Answer]:
        parts = [_part(request) for request in requests]
        found = self.call(Request("POST", "bulk", {"requests": parts}))
        return [Answer(int(one["status"]), one.get("contents"), _retry_after(one)) for one in found]

    def _renewing(self, request: Request) -> Answer:
        answer = self._send(request)
        if answer.is_expired and self._account.renew is not None:
            self._renew()
            answer = self._send(request)
        if answer.status == 401 and is_own(answer.body):
            raise Reauthorize("SugarCRM no longer accepts our session: connect again.", code=_label(answer))
        return answer

    def _renew(self) -> None:
        if self._account.renew is None:
            raise Reauthorize("SugarCRM no longer accepts our session: connect again.", code=EXPIRED)
        self._token = self._account.renew(self._token)

    def _send(self, request: Request) -> Answer:
        response = self._session.request(
            request.method, f"{self._base}/{request.path}", json=request.body,
            headers={"Authorization": f"Bearer {self._token}"}, allow_redirects=False,
        )  # fmt: skip
        self.date = response.headers.get("Date", "")
        return Answer(response.status_code, content(response), response.headers.get("Retry-After", ""))


def content(response: requests.Response) -> Any:
    """The JSON of an answer; None for the HTML of a gateway."""
    if not response.headers.get("Content-Type", "").startswith("application/json"):
        return None
    try:
        return response.json() if response.content else None
    except requests.JSONDecodeError:
        return None


def filtered(
    module: str, where: Sequence[Row], fields: Sequence[str], order_by: str = "date_entered:ASC,id:ASC", **more: Any
) -> Request:
    """The list of a module's records that meet all of some conditions."""
    body = {"filter": list(where), "fields": ",".join(fields), "order_by": order_by, "max_num": PAGE, **more}
    return Request("POST", f"{module}/filter", body)


def _part(request: Request) -> Row:
    part: Row = {"url": f"{VERSION}/{request.path}", "method": request.method}
    if request.unless_changed_since:
        part["headers"] = [f"X-TIMESTAMP: {request.unless_changed_since}"]
    return part if request.body is None else {**part, "data": json.dumps(request.body)}


def _retry_after(part: Row) -> str:
    headers = part.get("headers")
    return str(headers.get("Retry-After", "")) if isinstance(headers, dict) else ""


def _label(answer: Answer) -> str:
    return str(answer.body.get("error", "")) if isinstance(answer.body, dict) else ""
