"""The one HTTP door to a tenant: Basic sign-in, CSRF, batches, the server's clock."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from app.config import Settings
from app.connectors.access import Account, Bucket
from app.connectors.metering import meter
from app.connectors.sap_sales_cloud import batch
from app.connectors.sap_sales_cloud.batch import Answer, Operation, Part
from app.connectors.sap_sales_cloud.errors import no_answer, translate
from app.connectors.sap_sales_cloud.odata import SERVICE, Row, following, rows
from app.db import now
from app.errors import Misconfigured, Retryable
from app.http import HttpSession

# Fewer than ten at once of all integrations of a tenant: this much of it is ours. A quota per window is not published.
TENANT = Bucket(parallel="tenant", at_once=4)
_CSRF = "x-csrf-token"
_HEADERS = {"Accept-Language": "en", "odata-no-codedescs": "true"}


class Client:
    """One tenant, called one call at a time: SAP asks for fewer than ten at once of all integrations together.

    Raises the errors of app.errors.
    """

    def __init__(self, settings: Settings, account: Account) -> None:
        self.clock: datetime = now()  # the server's, as of the latest answer
        self._root = account.instance_url.rstrip("/") + SERVICE
        self._limit = int(settings.sap_batch_parts)
        self._csrf = ""
        self._session = HttpSession(meter=meter(account.gate, bucket=lambda method, url: TENANT))
        self._session.headers.update(_HEADERS | {"Authorization": f"Basic {account.access_token}"})

    @property
    def calls(self) -> int:
        return self._session.calls

    def get(self, path: str) -> Any:
        """JSON of a path below the service ("" is the service document)."""
        found = batch.content(self._checked("GET", path).content)
        if not isinstance(found, Mapping):
            raise no_answer()
        return found

    def text(self, path: str) -> bytes:
        """The metadata that a path answers in XML."""
        found = self._checked("GET", path, headers={"Accept": "application/xml"}).content
        if b"Edmx" not in found:
            raise no_answer()
        return found

    def all(self, path: str) -> Iterator[Row]:
        """The rows of a list, page after page."""
        while path:
            body = self.get(path)
            yield from rows(body)
            path = following(body)

    def batch(self, parts: Sequence[Part]) -> list[list[Answer]]:
        """Answers of reads and change sets, in their order; in as few calls as the limit of parts allows.

        A change set that is larger than a call may be becomes several, one after the other: what one of them leaves
        undone is found by the next run, which compares.
        """
        pieces = [_pieces(part, self._limit) for part in parts]
        calls = _packed([piece for some in pieces for piece in some], self._limit)
        answers = iter([answers for some in calls for answers in self._batch(some)])
        return [[answer for _ in some for answer in next(answers)] for some in pieces]

    def read(self, paths: Sequence[str], optional: Collection[str] = ()) -> list[list[Row]]:
        """The rows of several lists together. Raises for the first that is refused, unless we can do without it."""
        found: list[list[Row]] = []
        answers = self.batch([(Operation("GET", path),) for path in paths])
        for path, [answer] in zip(paths, answers, strict=True):
            if answer.ok:
                found.append([*rows(answer.body), *self.all(following(answer.body))])
                continue
            error = translate(answer.status, answer.body, answer.headers)
            if not isinstance(error, Misconfigured) or path not in optional:
                raise error
            found.append([])
        return found

    def _batch(self, parts: Sequence[Part]) -> list[list[Answer]]:
        content_type, body = batch.compose(parts)
        headers = {"Content-Type": content_type, "Accept": "multipart/mixed"}
        response = self._checked("POST", "$batch", data=body, headers=headers)
        answers = batch.parse(response.headers.get("Content-Type", ""), response.content)
        if len(answers) != len(parts):
            raise Retryable("SAP's answer does not tell what became of every change.", code="BATCH_ANSWER")
        return answers

    def _checked(self, method: str, path: str, **more: Any) -> requests.Response:
        response = self._send(method, path, **more)
        if response.status_code == 403 and response.headers.get(_CSRF, "").lower() == "required":
            self._csrf = self._send("GET", "", headers={_CSRF: "fetch"}).headers.get(_CSRF, "")
            response = self._send(method, path, **more)
        if response.status_code >= 300:
            raise translate(response.status_code, batch.content(response.content), response.headers)
        return response

    def _send(self, method: str, path: str, **more: Any) -> requests.Response:
        headers = {**({_CSRF: self._csrf} if self._csrf and method != "GET" else {}), **more.pop("headers", {})}
        # An address was checked when it was typed in; where a redirect leads was not.
        more.setdefault("allow_redirects", False)
        response = self._session.request(method, self._root + path, headers=headers, **more)
        try:
            self.clock = parsedate_to_datetime(response.headers["Date"]).astimezone(UTC)
        except (KeyError, ValueError):
            self.clock = now()
        return response


def _pieces(part: Part, limit: int) -> list[Part]:
    if len(part) <= limit:
        return [part]
    # The first piece gives the record, and with it its items, another version.
    later = [replace(operation, if_match="") for operation in part[limit:]]
    return [part[:limit], *(later[start : start + limit] for start in range(0, len(later), limit))]


def _packed(parts: Sequence[Part], limit: int) -> Iterator[list[Part]]:
    some: list[Part] = []
    for part in parts:
        if some and sum(map(batch.weight, some)) + batch.weight(part) > limit:
            yield some
            some = []
        some.append(part)
    if some:
        yield some
