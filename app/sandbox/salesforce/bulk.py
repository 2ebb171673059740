"""Bulk API 2.0: jobs, and their CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from app.sandbox.salesforce.api import Answer, Call, resource
from app.sandbox.salesforce.errors import ApiError, not_found
from app.sandbox.salesforce.ids import make_id
from app.sandbox.salesforce.org import Org

DELIMITERS = {"COMMA": ",", "TAB": "\t", "PIPE": "|", "SEMICOLON": ";", "CARET": "^", "BACKQUOTE": "`"}
LINE_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}
FINAL = ("JobComplete", "Failed", "Aborted")


@dataclass
class Job:
    """One ingest or query job."""

    id: str
    kind: str  # ingest or query
    operation: str
    sobject: str
    version: int
    user_id: str
    origin: str
    created: str
    delimiter: str = "COMMA"
    line_ending: str = "LF"
    external_id: str = ""
    query: str = ""
    state: str = "Open"
    message: str = ""
    upload: str | None = None
    header: list[str] = field(default_factory=list)
    good: list[list[str]] = field(default_factory=list)  # sf__Id, sf__Created, columns
    bad: list[list[str]] = field(default_factory=list)  # sf__Id, sf__Error, columns
    unprocessed: list[list[str]] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)  # of a query
    seconds: float = 0.0

    def answer(self) -> dict[str, Any]:
        """What the API tells about the job."""
        common = {
            "id": self.id,
            "operation": self.operation,
            "object": self.sobject,
            "createdById": self.user_id,
            "createdDate": self.created,
            "systemModstamp": self.created,
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
            "lineEnding": self.line_ending,
            "columnDelimiter": self.delimiter,
        }
        if self.kind == "ingest":
            common["contentUrl"] = f"services/data/v{self.version}.0/jobs/ingest/{self.id}/batches"
            if self.external_id:
                common["externalIdFieldName"] = self.external_id
        return common

    def progress(self) -> dict[str, Any]:
        """What it tells once asked for one job."""
        took = int(self.seconds * 1000)
        more: dict[str, Any] = {
            "jobType": "V2Ingest" if self.kind == "ingest" else "V2Query",
            "numberRecordsProcessed": len(self.good) + len(self.bad) + len(self.rows),
            "retries": 0,
            "totalProcessingTime": took,
        }
        if self.kind == "ingest":
            more |= {
                "numberRecordsFailed": len(self.bad),
                "apiActiveProcessingTime": took,
                "apexProcessingTime": 0,
            }
        if self.message:
            more["errorMessage"] = self.message
        return {**self.answer(), **more}

    def csv(self, header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
        """Rows in the job's own delimiter and line ending, all quoted."""
        out = io.StringIO()
        writer = csv.writer(
            out,
            delimiter=DELIMITERS[self.delimiter],
            lineterminator=LINE_ENDINGS[self.line_ending],
            quoting=csv.QUOTE_ALL,
        )
        writer.writerow(header)
        writer.writerows(rows)
        return out.getvalue()


def new_job(call: Call, kind: str, body: dict[str, Any], sobject: str) -> Job:
    """Register a job of this call."""
    org: Org = call.org
    org.made += 1
    job = Job(
        id=make_id("750", org.made),
        kind=kind,
        operation=str(body.get("operation")),
        sobject=sobject,
        version=call.version,
        user_id=call.user_id,
        origin=call.origin("bulkapi"),
        created=org.stamp(),
        delimiter=_one_of(body, "columnDelimiter", "COMMA", DELIMITERS),
        line_ending=_one_of(body, "lineEnding", "LF", LINE_ENDINGS),
    )
    org.jobs[job.id] = job
    return job


def _one_of(body: dict[str, Any], name: str, default: str, allowed: dict[str, str]) -> str:
    value = str(body.get(name) or default)
    if value not in allowed:
        raise ApiError("INVALIDJOB", f"{name} must be one of {', '.join(allowed)}")
    return value


def find_job(call: Call, kind: str, job_id: str) -> Job:
    """The job of that id; 404 otherwise."""
    for job in call.org.jobs.values():
        if job.kind == kind and job.id[:15] == job_id[:15]:
            found: Job = job
            return found
    raise not_found()


def listed(call: Call, kind: str) -> Answer:
    """All jobs of a kind."""
    records = [job.answer() for job in call.org.jobs.values() if job.kind == kind]
    return Answer(200, {"done": True, "records": records, "nextRecordsUrl": None})


@resource("jobs")
def jobs(call: Call) -> Answer:
    """`jobs/ingest` and `jobs/query`."""
    handler = KINDS.get(call.segments[1].lower()) if len(call.segments) > 1 else None
    if handler is None:
        raise not_found()
    return handler(call, list(call.segments[2:]))


KINDS: dict[str, Callable[[Call, list[str]], Answer]] = {}
