"""A job of the Bulk API 2.0: started, waited for, ended."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from app.connectors.salesforce.client import Client, Row
from app.connectors.salesforce.errors import foreign
from app.errors import Rejected, Retryable, StorelineError

COMPLETE = "JobComplete"
_ENDED = (COMPLETE, "Failed", "Aborted")
TIMEOUT = "BULK_TIMEOUT"


@dataclass(frozen=True)
class Pace:
    """Seconds: until the first look, between later ones at the most, and until a job is given up."""

    first: float = 2.0
    most: float = 20.0
    patience: float = 300.0  # a worker may take three times as long in all


PACE = Pace()


@contextmanager
def started(client: Client, kind: str, order: Row) -> Iterator[str]:
    """The path of a new job, which is gone again afterwards."""
    path = f"/jobs/{kind}/{_told(client.post(f'/jobs/{kind}', order), 'id')}"
    try:
        yield path
    finally:
        with suppress(StorelineError):  # Salesforce itself deletes it after a week
            _end(client, path)


def ended(client: Client, path: str, pace: Pace) -> Row:
    """What a job tells once it has ended. Raises Retryable (BULK_TIMEOUT) for one that takes too long."""
    until, wait = time.monotonic() + pace.patience, pace.first
    while True:
        time.sleep(wait)
        wait = min(2 * wait, pace.most)
        job = _look(client, path)
        if job is not None and job["state"] in _ENDED:
            return job
        if time.monotonic() > until:
            raise Retryable("Salesforce takes too long over a bulk job.", code=TIMEOUT)


def _look(client: Client, path: str) -> Row | None:
    """None where one look failed: the job goes on meanwhile."""
    try:
        job: Row = client.get(path)
        _told(job, "state")
    except Retryable as error:
        if error.retry_after is not None:
            raise
        return None
    return job


def _end(client: Client, path: str) -> None:
    try:
        client.delete(path)
    except Rejected:  # it is still under way
        client.patch(path, {"state": "Aborted"})
        client.delete(path)


def _told(answer: Any, name: str) -> str:
    value = answer.get(name) if isinstance(answer, Mapping) else None
    if not isinstance(value, str):
        raise foreign(200)
    return value
