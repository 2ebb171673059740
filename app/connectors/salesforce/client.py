"""The one HTTP door to a Salesforce org: auth header, session renewal, error table, limit header."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import requests

from app.config import Settings
from app.connectors.access import Account, Reading
from app.connectors.metering import meter
from app.connectors.salesforce.errors import foreign, of_entry, translate
from app.connectors.salesforce.names import Names
from app.db import now
from app.errors import Reauthorize
from app.http import HttpSession

BAD_TOKEN = "Bad_OAuth_Token"  # noqa: S105 - what Salesforce says of one
CLIENT = "storeline"  # comes back in the origin of change events: how we know our own echo
LIMITS = "Sforce-Limit-Info"
_USAGE = re.compile(r"\bapi-usage=(\d+)/(\d+)")
_FAULT = re.compile(r"<faultcode>(?:\w+:)?(\w+)</faultcode>\s*<faultstring>(.*?)</faultstring>", re.DOTALL)
_DUPLICATES = "Sforce-Duplicate-Rule-Header"
_JSON, _CSV = "application/json", "text/csv"
_DETAILS = "includeRecordDetails=true; runAsCurrentUser=true"
_HEADERS = {"Sforce-Call-Options": f"client={CLIENT}", _DUPLICATES: f"allowSave=false; {_DETAILS}"}
INSISTING = {_DUPLICATES: f"allowSave=true; {_DETAILS}"}  # for rows that are no duplicates, whatever a rule says

Row = dict[str, Any]


@dataclass(frozen=True)
class Limit:
    """API calls of the org's rolling 24 hours, as the latest answer told."""

    used: int
    maximum: int


class Client:
    """One authorised org. Raises the errors of app.errors; names of our fields are bare on this side."""

    def __init__(self, settings: Settings, account: Account) -> None:
        self.base = f"/services/data/v{settings.salesforce_api_version}"
        self.limit: Limit | None = None
        self.clock = now()  # theirs, as the latest answer told
        self.names = Names(settings.salesforce_namespace)
        self._account = account
        self._token = account.access_token
        self._session = HttpSession(meter=meter(account.gate, reading))
        self._session.headers.update(_HEADERS)

    @property
    def calls(self) -> int:
        return self._session.calls

    def get(self, path: str) -> Any:
        """JSON of a path below the version, or of a full path."""
        return self._call("GET", path)

    def post(self, path: str, body: Row) -> Any:
        """JSON answer of a POST."""
        return self._call("POST", path, body)

    def patch(self, path: str, body: Row) -> Any:
        """JSON answer of a PATCH."""
        return self._call("PATCH", path, body)

    def delete(self, path: str) -> None:
        """End of what is at a path."""
        self._answered("DELETE", path)

    def upload(self, path: str, content: bytes) -> None:
        """Put a CSV in UTF-8 there."""
        self._answered("PUT", path, content=content)

    def download(self, path: str) -> tuple[str, str]:
        """A CSV with our names as Salesforce knows them, and the locator of what follows it; "": nothing does."""
        response = self._answered("GET", path, accept=_CSV)
        if _CSV not in response.headers.get("Content-Type", ""):
            raise foreign(response.status_code)
        locator = response.headers.get("Sforce-Locator", "")
        return response.content.decode("utf-8-sig"), "" if locator == "null" else locator

    def soap(self, request: Callable[[str], bytes]) -> bytes:
        """The answer of the partner endpoint to an envelope, which is made with the session's token."""
        response = self._send_soap(request)
        if b"INVALID_SESSION_ID" in response.content and self._account.renew is not None:
            self._token = self._account.renew(self._token)
            response = self._send_soap(request)
        if response.status_code >= 300:
            fault = _FAULT.search(response.text)
            if fault is None:
                raise foreign(response.status_code)
            code, words = fault.groups()
            raise of_entry({"errorCode": code, "message": words})
        return response.content

    def query(self, soql: str, *, deleted: bool = False) -> list[Row]:
        """All rows of a query, page after page."""
        return list(self.rows(self.get(self.query_path(soql, deleted=deleted))))

    def query_path(self, soql: str, *, deleted: bool = False) -> str:
        """The path of a query, as a GET or as a sub-request of a composite; `deleted`: with what is in the bin."""
        return f"{self.base}/query{'All' if deleted else ''}?q={quote(self.names.text(soql), safe='')}"

    def rows(self, page: Any) -> Iterator[Row]:
        """The rows of a first page and of all that follow it."""
        yield from owed(page, "records")
        while not page.get("done", True):
            page = self.get(page["nextRecordsUrl"])
            yield from owed(page, "records")

    def composite(self, requests: Sequence[Row], *, atomic: bool = False) -> dict[str, Row]:
        """The answers to sub-requests by their reference ids; `atomic`: all of them or none."""
        body = {"allOrNone": atomic, "collateSubrequests": False, "compositeRequest": list(requests)}
        answers = {str(one["referenceId"]): one for one in owed(self.post("/composite", body), "compositeResponse")}
        if set(answers) != {request["referenceId"] for request in requests}:
            raise foreign(200)
        return answers

    def _call(self, method: str, path: str, body: Row | None = None) -> Any:
        response = self._answered(method, path, json=self.names.outward(body))
        content = _json(response)
        if content is None:
            raise foreign(response.status_code)
        return self.names.inward(content)

    def _answered(
        self, method: str, path: str, *, json: Row | None = None, content: bytes | None = None, accept: str = _JSON
    ) -> requests.Response:
        headers = {"Accept": accept} | ({"Content-Type": f"{_CSV}; charset=UTF-8"} if content is not None else {})
        response = self._send(method, path, headers, json, content)
        if response.status_code == 401 and self._account.renew is not None:
            self._token = self._account.renew(self._token)
            response = self._send(method, path, headers, json, content)
        if response.status_code >= 300:
            error = translate(_json(response), response.status_code)
            if response.status_code == 401 and isinstance(error, Reauthorize):
                raise Reauthorize("Salesforce no longer accepts our session: connect again.", code=error.code)
            raise error
        return response

    def _send_soap(self, request: Callable[[str], bytes]) -> requests.Response:
        url = f"{self._account.instance_url.rstrip('/')}/services/Soap/u/{self.base.rpartition('/v')[2]}"
        headers = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""', "Accept": "text/xml"}
        # Redirects are not followed: the token must not go to another host.
        return self._session.request("POST", url, data=request(self._token), headers=headers, allow_redirects=False)

    def _send(
        self, method: str, path: str, more: Mapping[str, str], json: Row | None, content: bytes | None
    ) -> requests.Response:
        url = self._account.instance_url.rstrip("/") + (path if path.startswith("/services/") else self.base + path)
        headers = {"Authorization": f"Bearer {self._token}", **more}
        response = self._session.request(method, url, json=json, data=content, headers=headers, allow_redirects=False)
        date = response.headers.get("Date")
        if date:
            self.clock = parsedate_to_datetime(date)
        told = reading(response)
        if told.used is not None and told.maximum is not None:
            self.limit = Limit(told.used, told.maximum)
        return response


def reading(response: requests.Response) -> Reading:
    """What an answer said of the org's calls in 24 hours."""
    usages = [(int(used), int(maximum)) for used, maximum in _USAGE.findall(response.headers.get(LIMITS, ""))]
    if not usages:
        return Reading()
    used, maximum = min(usages, key=lambda usage: usage[1] - usage[0])  # an app may have an allowance of its own
    return Reading(used=used, maximum=maximum)


def owed(answer: Any, name: str) -> list[Row]:
    """A list that an answer has to hold. Raises Retryable for the answer of somebody else than Salesforce."""
    rows = answer.get(name) if isinstance(answer, Mapping) else None
    if not isinstance(rows, list):
        raise foreign(200)
    return rows


def _json(response: requests.Response) -> Any:
    """The JSON of an answer, None for what is none; that a token is bad may be said in a word alone."""
    if response.text.strip() == BAD_TOKEN:
        return [{"errorCode": "INVALID_SESSION_ID", "message": BAD_TOKEN}]
    try:
        return response.json() if response.content else None
    except requests.JSONDecodeError:
        return None
