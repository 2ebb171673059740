"""Bulk API 2.0 query: a statement whose rows are fetched as CSV."""

from __future__ import annotations

import base64
import re
from typing import Any

from app.sandbox.salesforce.api import Answer, Call
from app.sandbox.salesforce.bulk import FINAL, KINDS, Job, find_job, listed, new_job
from app.sandbox.salesforce.errors import ApiError, not_found
from app.sandbox.salesforce.soql import run
from app.sandbox.salesforce.soql_syntax import Call as Function
from app.sandbox.salesforce.soql_syntax import Parser, Query

DEFAULT_PAGE = 50_000


def query(call: Call, rest: list[str]) -> Answer:
    """All below `jobs/query`."""
    if not rest:
        return _create(call) if call.method == "POST" else listed(call, "query")
    job = find_job(call, "query", rest[0])
    if len(rest) == 2 and rest[1].lower() == "results":
        return _results(call, job)
    if len(rest) > 1:
        raise not_found()
    if call.method == "DELETE":
        if job.state not in FINAL:
            raise ApiError("INVALIDJOBSTATE", f"Job {job.id} is {job.state}")
        del call.org.jobs[job.id]
        return Answer(204)
    if call.method == "PATCH":
        if job.state in FINAL or call.mapping().get("state") != "Aborted":
            raise ApiError("INVALIDJOBSTATE", f"Job {job.id} is {job.state}")
        job.state = "Aborted"
    elif job.state == "UploadComplete":
        _process(call, job)
    return Answer(200, job.progress())


def _create(call: Call) -> Answer:
    body = call.mapping()
    if body.get("operation") not in ("query", "queryAll"):
        raise ApiError("INVALIDJOB", "operation must be query or queryAll")
    text = str(body.get("query") or "")
    parsed = Parser(text).query()
    _check(parsed)
    sobject = call.org.schema.typed(parsed.source)
    run(call.org, re.sub(r"(?is)\s+limit\s+\d+\s*$", "", text) + " LIMIT 1")
    job = new_job(call, "query", body, sobject.name)
    job.query = text
    job.state = "UploadComplete"
    return Answer(200, job.answer())


def _check(parsed: Query) -> None:
    inner = any(isinstance(s.what, Query | Function) for s in parsed.selected)
    if inner or parsed.group_by or parsed.offset:
        message = "Aggregate Relationships, GROUP BY, OFFSET and subqueries are not supported in Bulk Query"
        raise ApiError("API_ERROR", message)


def _process(call: Call, job: Job) -> None:
    result = run(call.org, job.query, include_deleted=job.operation == "queryAll")
    job.header = [name for name, _ in result.columns]
    job.rows = [[cell(result.render(row), name) for name in job.header] for row in result.rows]
    job.state = "JobComplete"


def cell(record: Any, name: str) -> str:
    """A value as CSV text, by dotted name."""
    here = record
    for part in name.split("."):
        found = {k.lower(): v for k, v in here.items()} if isinstance(here, dict) else {}
        here = found.get(part.lower())
    if here is None:
        return ""
    if isinstance(here, bool):
        return "true" if here else "false"
    return str(here)


def _results(call: Call, job: Job) -> Answer:
    if job.state == "UploadComplete":
        _process(call, job)
    if job.state != "JobComplete":
        raise ApiError("INVALIDJOBSTATE", f"Job {job.id} is {job.state}")
    locator = call.params.get("locator", "")
    try:
        start = int(base64.b64decode(locator)) if locator and locator != "null" else 0
    except ValueError:
        raise ApiError("INVALID_QUERY_LOCATOR", "invalid query locator") from None
    page = int(call.params.get("maxRecords") or DEFAULT_PAGE)
    rows = job.rows[start : start + page]
    more = start + page < len(job.rows)
    headers = {
        "Content-Type": "text/csv",
        "Sforce-NumberOfRecords": str(len(rows)),
        "Sforce-Locator": base64.b64encode(str(start + page).encode()).decode() if more else "null",
    }
    return Answer(200, job.csv(job.header, rows), headers)


KINDS["query"] = query
