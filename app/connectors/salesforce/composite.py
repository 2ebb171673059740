"""Packs steps into as few Composite calls as their limits allow, and reads what became of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import quote

from app.connectors.salesforce.client import INSISTING, Client
from app.connectors.salesforce.errors import matches, of_entry, translate
from app.connectors.salesforce.steps import Identity, Result, Step
from app.errors import Retryable

SUBREQUESTS = 25  # per composite
COLLECTIONS = 5  # queries and collections among them
ROWS = 200  # per collection

Json = dict[str, Any]


@dataclass(frozen=True)
class Subrequest:
    """One sub-request: a collection of rows of one object, or a single row."""

    steps: tuple[Step, ...]
    collection: bool


Call = tuple[Subrequest, ...]


@dataclass(frozen=True)
class _State:
    """How far the packing has come: calls begun, and what the latest holds."""

    calls: int = 0
    collections: int = COLLECTIONS
    subrequests: int = SUBREQUESTS

    def take(self, chunk: Sequence[Step], collection: bool) -> _State:
        """The state after one more collection, or after the rows of a chunk one by one."""
        count = 1 if collection else len(chunk)
        if self.collections + collection <= COLLECTIONS and self.subrequests + count <= SUBREQUESTS:
            return _State(self.calls, self.collections + collection, self.subrequests + count)
        return _State(self.calls + 1, int(collection), count)

    def rank(self, prefer_singles: bool) -> tuple[int, int, int]:
        order = (self.collections, self.subrequests)
        return (self.calls, *(order if prefer_singles else order[::-1]))


def pack(steps: Iterable[Step], *, prefer_singles: bool = False) -> list[Call]:
    """The fewest composite calls that hold all steps in the order of their levels.

    A group of like rows travels as collections or, where that saves a call (or on request: costs none), row by row.
    """
    states: dict[_State, tuple[tuple[bool, Sequence[Step]], ...]] = {_State(): ()}
    for chunk in _chunks(steps):
        following: dict[_State, tuple[tuple[bool, Sequence[Step]], ...]] = {}
        for state, path in states.items():
            for collection in _encodings(chunk):
                following.setdefault(state.take(chunk, collection), (*path, (collection, chunk)))
        fewest = min(state.calls for state in following)
        # A state a whole call behind cannot catch up: an empty call is the best that can follow.
        states = {state: path for state, path in following.items() if state.calls <= fewest + 1}
    best = min(states, key=lambda state: state.rank(prefer_singles))
    return _calls(states[best])


def _chunks(steps: Iterable[Step]) -> Iterator[Sequence[Step]]:
    for like, group in groupby(sorted(steps, key=_likeness), _likeness):
        rows = list(group)
        size = 1 if like[3] else ROWS
        yield from (rows[start : start + size] for start in range(0, len(rows), size))


def _likeness(step: Step) -> tuple[int, str, str, bool, bool]:
    """Rows that are alike in this may share a collection."""
    return (step.level, step.object, step.key, step.delete, step.insist)


def _encodings(chunk: Sequence[Step]) -> tuple[bool, ...]:
    if chunk[0].delete:  # collections delete by record id only, and we know external ids
        return (False,)
    return (True, False) if len(chunk) <= SUBREQUESTS else (True,)


def _calls(path: Iterable[tuple[bool, Sequence[Step]]]) -> list[Call]:
    state, calls = _State(), list[list[Subrequest]]()
    for collection, chunk in path:
        following = state.take(chunk, collection)
        if following.calls > state.calls:
            calls.append([])
        state = following
        parts = [tuple(chunk)] if collection else [(step,) for step in chunk]
        calls[-1] += [Subrequest(part, collection) for part in parts]
    return [tuple(call) for call in calls]


def run(client: Client, steps: Sequence[Step], *, atomic: bool) -> dict[Identity, Result]:
    """Write the steps; `atomic`: all of a call or nothing of it, and nothing after a call that failed."""
    results: dict[Identity, Result] = {}
    for call in pack(steps, prefer_singles=atomic):
        try:
            answers = client.composite(_requests(client, call, atomic), atomic=atomic)
        except Retryable as error:
            if not results:
                raise
            # Earlier calls took effect: what they made must be remembered, the rest waits.
            return {**{step.identity: Result(error=error, unsent=True) for step in steps}, **results}
        for number, subrequest in enumerate(call):
            results.update(_read(subrequest, answers[f"r{number}"]))
        if atomic and any(result.error for result in results.values()):
            break
    return results


def _requests(client: Client, call: Call, atomic: bool) -> list[Json]:
    return [
        {**_request(client, subrequest, atomic), "referenceId": f"r{number}"} for number, subrequest in enumerate(call)
    ]


def _request(client: Client, subrequest: Subrequest, atomic: bool) -> Json:
    request = _target(client, subrequest, atomic)
    return {**request, "httpHeaders": dict(INSISTING)} if subrequest.steps[0].insist else request


def _target(client: Client, subrequest: Subrequest, atomic: bool) -> Json:
    first = subrequest.steps[0]
    key = client.names.text(first.key)
    if subrequest.collection:
        place = f"/{first.object}/{key}" if key else ""
        records = [step.row for step in subrequest.steps]
        body = {"allOrNone": atomic, "records": records}
        return {"method": "PATCH", "url": f"{client.base}/composite/sobjects{place}", "body": body}
    place = f"{key}/{quote(first.value, safe='')}" if key else first.value
    url = f"{client.base}/sobjects/{first.object}/{place}"
    return {"method": "DELETE", "url": url} if first.delete else {"method": "PATCH", "url": url, "body": first.body}


def _read(subrequest: Subrequest, answer: Json) -> Iterator[tuple[Identity, Result]]:
    status, body = answer["httpStatusCode"], answer.get("body")
    if subrequest.collection and status < 300:
        for step, row in zip(subrequest.steps, body or (), strict=True):
            yield step.identity, _of_row(step, row)
        return
    for step in subrequest.steps:
        if status >= 300:
            yield step.identity, Result(error=translate(body, status), matches=matches(body), received=body)
        else:
            yield step.identity, Result(id=(body or {}).get("id") or step.value, received=body)


def _of_row(step: Step, row: Json) -> Result:
    if row.get("success"):
        return Result(id=row.get("id") or step.value, received=row)
    errors = row.get("errors") or [{}]
    return Result(error=of_entry(errors[0]), matches=matches(errors), received=row)
