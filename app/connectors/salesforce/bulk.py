"""Writes many like rows as a Bulk API 2.0 job where that takes fewer calls; all else goes by Composite."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence

from app.connectors.salesforce import bulk_csv, bulk_jobs, composite
from app.connectors.salesforce.bulk_jobs import PACE, Pace
from app.connectors.salesforce.client import Client, Row
from app.connectors.salesforce.composite import COLLECTIONS, ROWS
from app.connectors.salesforce.errors import foreign
from app.connectors.salesforce.steps import Identity, Level, Result, Step
from app.errors import Reauthorize, Rejected, Retryable

CALLS = 8  # of a job: create, upload, close, three looks or so, the results, delete
ROWS_OF_A_JOB = CALLS * COLLECTIONS * ROWS  # as many go by Composite in as many calls
BYTES = 100_000_000  # of an upload

Results = dict[Identity, Result]


def run(client: Client, steps: Sequence[Step], least: int = ROWS_OF_A_JOB, pace: Pace = PACE) -> Results:
    """Write the steps in the order of their levels; groups of more than `least` like rows as jobs.

    Whatever a job does not bring about goes by Composite, whose answers say why: with what a duplicate rule found.
    """
    jobs, rest = _jobs(steps, least)
    results: Results = {}
    try:
        for level in sorted({group[0].level for group in jobs}):
            results |= _composite(client, [step for step in rest if step.level <= level], results)
            rest = [step for step in rest if step.level > level]
            for group in jobs:
                if group[0].level == level:
                    _load(client, group, pace, results)
                    rest += [step for step in group if step.identity not in results]
        results |= _composite(client, rest, results)
    except Retryable as error:
        if not results:
            raise
        # What was made must be remembered, the rest waits.
        return {**{step.identity: Result(error=error, unsent=True) for step in steps}, **results}
    return results


def _jobs(steps: Sequence[Step], least: int) -> tuple[list[list[Step]], list[Step]]:
    """The groups that are worth a job, and all other rows."""
    groups: dict[tuple[Level, str, str, tuple[str, ...]], list[Step]] = defaultdict(list)
    for step in steps:
        # A job knows neither the header that insists, nor deletion by external id.
        if not (step.insist or step.delete) and bulk_csv.fits(step):
            groups[(step.level, step.object, step.key, _references(step))].append(step)
    jobs = [group for group in groups.values() if len(group) > least]
    taken = {step.identity for group in jobs for step in group}
    return jobs, [step for step in steps if step.identity not in taken]


def _references(step: Step) -> tuple[str, ...]:
    """One parent is named by its id or by an external id: not in two columns of one file."""
    return tuple(sorted(name for name in bulk_csv.flat(step) if "." in name))


def _composite(client: Client, steps: Sequence[Step], before: Results) -> Results:
    """Raises Retryable, with what went through in `before`, where a call is cut off: nothing follows then."""
    results = composite.run(client, steps, atomic=False)
    cut = next((result.error for result in results.values() if result.unsent), None)
    if isinstance(cut, Retryable):
        before |= {identity: result for identity, result in results.items() if not result.unsent}
        raise cut
    return results


def _load(client: Client, steps: Sequence[Step], pace: Pace, results: Results) -> None:
    """Add what a job brought about; nothing where Salesforce refuses the job itself."""
    first = steps[0]
    order = {"object": first.object, "operation": "update", "contentType": "CSV", "lineEnding": "LF"}
    if first.key:
        order |= {"operation": "upsert", "externalIdFieldName": client.names.text(first.key)}
    for part, content in bulk_csv.files(steps, client.names, BYTES):
        try:
            with bulk_jobs.started(client, "ingest", order) as path:
                client.upload(f"{path}/batches", content)
                client.patch(path, {"state": "UploadComplete"})
                job = bulk_jobs.ended(client, path, pace)
                if int(job.get("numberRecordsProcessed") or 0) > int(job.get("numberRecordsFailed") or 0):
                    results |= _successes(client, path, part)
        except Reauthorize:
            raise
        except Rejected:
            return


def _successes(client: Client, path: str, steps: Sequence[Step]) -> Results:
    """In another order than they were sent."""
    by_value = {step.value: step for step in steps}
    key = client.names.text(steps[0].key or bulk_csv.ID)
    rows = list(csv.DictReader(io.StringIO(client.download(f"{path}/successfulResults")[0], newline="")))
    if rows and not {"sf__Id", key} <= rows[0].keys():
        raise foreign(200)
    return {by_value[row[key]].identity: _result(row) for row in rows if row[key] in by_value}


def _result(row: Mapping[str, str]) -> Result:
    received: Row = {"id": row["sf__Id"], "success": True, "created": row.get("sf__Created") == "true"}
    return Result(id=row["sf__Id"], received=received)
