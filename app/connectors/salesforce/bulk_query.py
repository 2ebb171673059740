"""Reads the rows of a query, as a Bulk API 2.0 job where that takes fewer calls than its pages."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import quote

from app.connectors.salesforce import bulk_jobs
from app.connectors.salesforce.bulk_jobs import PACE, Pace
from app.connectors.salesforce.client import Client, Row
from app.errors import Reauthorize, Rejected, Retryable

PAGE = 2_000  # rows of a call without a job
MANY = 10 * PAGE
PART = 50_000  # rows of a call with one


def rows(client: Client, soql: str, many: int = MANY, part: int = PART, pace: Pace = PACE) -> Iterator[Row]:
    """All rows. Of more than `many` the values are texts, "" for what is empty."""
    page = client.get(client.query_path(soql))
    with ExitStack() as stack:
        path = _ended(client, soql, pace, stack) if _total(page) > many else ""
        if path:
            yield from _parts(client, path, part)
        else:
            yield from client.rows(page)


def _total(page: object) -> int:
    size = page.get("totalSize") if isinstance(page, dict) else None
    return size if isinstance(size, int) else 0


def _ended(client: Client, soql: str, pace: Pace, stack: ExitStack) -> str:
    """The path of the job once it has its rows; "": there is none, or it takes too long."""
    order = {"operation": "query", "query": client.names.text(soql)}
    try:
        path = stack.enter_context(bulk_jobs.started(client, "query", order))
        return path if bulk_jobs.ended(client, path, pace)["state"] == bulk_jobs.COMPLETE else ""
    except Reauthorize:
        raise
    except Rejected:
        return ""
    except Retryable as error:
        if error.code != bulk_jobs.TIMEOUT:
            raise
        return ""


def _parts(client: Client, path: str, part: int) -> Iterator[Row]:
    locator: str | None = None
    while locator != "":
        further = f"&locator={quote(locator, safe='')}" if locator else ""
        text, locator = client.download(f"{path}/results?maxRecords={part}{further}")
        for row in csv.DictReader(io.StringIO(text, newline="")):
            yield client.names.inward(row)
