"""Bulk API 2.0 ingest: upload a CSV, wait, read what became of its rows."""

from __future__ import annotations

import csv
import io
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from app.sandbox.salesforce.api import Answer, Call
from app.sandbox.salesforce.bulk import DELIMITERS, FINAL, KINDS, LINE_ENDINGS, Job, find_job, listed, new_job
from app.sandbox.salesforce.dml import SeveralMatches, Writer
from app.sandbox.salesforce.errors import ApiError, not_found
from app.sandbox.salesforce.events.capture import Caller, commit
from app.sandbox.salesforce.fields import SObject
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.rest_records import key_field

OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
log = logging.getLogger(__name__)

CHUNK = 200  # rows done in one go, so that other calls get their turn
MOST_BYTES = 150_000_000


def ingest(call: Call, rest: list[str]) -> Answer:
    """All below `jobs/ingest`."""
    if not rest:
        return _create(call) if call.method == "POST" else listed(call, "ingest")
    job = find_job(call, "ingest", rest[0])
    if len(rest) == 1:
        return _job(call, job)
    part = rest[1].lower()
    if part == "batches" and call.method == "PUT":
        return _upload(call, job)
    results: dict[str, Callable[[Job], str]] = {
        "successfulresults": lambda j: j.csv(["sf__Id", "sf__Created", *j.header], reversed(j.good)),
        "failedresults": lambda j: j.csv(["sf__Id", "sf__Error", *j.header], reversed(j.bad)),
        "unprocessedrecords": lambda j: j.csv(j.header, j.unprocessed),
    }
    if part not in results or call.method != "GET":
        raise not_found()
    return Answer(200, results[part](job), {"Content-Type": "text/csv"})


def _create(call: Call) -> Answer:
    body = call.mapping()
    if body.get("operation") not in OPERATIONS:
        raise ApiError("INVALIDJOB", f"operation must be one of {', '.join(OPERATIONS)}")
    if body.get("contentType", "CSV") != "CSV":
        raise ApiError("INVALIDJOB", "contentType must be CSV")
    sobject = call.org.schema.find(str(body.get("object")))
    if sobject is None:
        raise ApiError("INVALIDJOB", f"InvalidEntity : Unable to find object: {body.get('object')}")
    external_id = ""
    if body["operation"] == "upsert":
        try:
            external_id = key_field(sobject, str(body.get("externalIdFieldName"))).name
        except ApiError:
            message = f"Invalid external id field: {body.get('externalIdFieldName')}"
            raise ApiError("INVALIDJOB", message) from None
    job = new_job(call, "ingest", body, sobject.name)
    job.external_id = external_id
    return Answer(200, job.answer())


def _job(call: Call, job: Job) -> Answer:
    if call.method == "GET":
        return Answer(200, job.progress())
    if call.method == "DELETE":
        if job.state not in FINAL:
            raise ApiError("INVALIDJOBSTATE", f"Job {job.id} is {job.state}: it can be deleted once it has ended")
        del call.org.jobs[job.id]
        return Answer(204)
    state = call.mapping().get("state")
    if job.state != "Open" or state not in ("UploadComplete", "Aborted"):
        raise ApiError("INVALIDJOBSTATE", f"Job {job.id} is {job.state}: it can't become {state}")
    if state == "UploadComplete" and job.upload is None:
        raise ApiError("INVALIDJOBSTATE", "No data has been uploaded")
    job.state = state
    if state == "UploadComplete":
        threading.Thread(target=process, args=(call.org, job), daemon=True).start()
    return Answer(200, job.answer())


def _upload(call: Call, job: Job) -> Answer:
    if job.state != "Open" or job.upload is not None:
        raise ApiError("INVALIDJOBSTATE", "Data can be uploaded once, while the job is open")
    content = call.content if isinstance(call.content, bytes) else b""
    if len(content) * 4 / 3 > MOST_BYTES:
        raise ApiError("API_ERROR", "The upload is larger than 150 MB after base64 encoding", status=413)
    try:
        job.upload = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ApiError("API_ERROR", "The upload is not UTF-8") from None
    return Answer(201)


def process(org: Org, job: Job) -> None:
    """Do the rows of an uploaded job, some at a time."""
    started = time.monotonic()
    try:
        _process(org, job)
    except Exception:
        log.exception("bulk job %s", job.id)
        job.message = "InternalServerError : the stand-in's own fault, see its log"
    with org.lock:
        job.seconds = time.monotonic() - started
        job.state = "Failed" if job.message else "JobComplete"


def _process(org: Org, job: Job) -> None:
    rows = _rows(job)
    for at in range(0, len(rows), CHUNK):
        with org.lock:
            if org.jobs.get(job.id) is not job:
                return  # the stand-in was reset
            job.state = "InProgress"
            _do_chunk(org, job, rows[at : at + CHUNK])


def _do_chunk(org: Org, job: Job, rows: list[list[str]]) -> None:
    writer = Writer(org, job.user_id)
    try:
        for row in rows:
            _do(writer, org.schema.typed(job.sobject), job, row)
    finally:
        commit(org, Caller(job.user_id, job.origin))  # rows done before a failure stay, and each row undoes itself


def _rows(job: Job) -> list[list[str]]:
    text = job.upload or ""
    ending = LINE_ENDINGS[job.line_ending]
    first_line = text.split("\n", 1)[0] + "\n"
    if first_line.endswith("\r\n") is not (ending == "\r\n"):
        job.message = f"InvalidBatch : Field name not found or line ending is not {job.line_ending}"
        return []
    header, *rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=DELIMITERS[job.delimiter])) or [[]]
    job.header = header
    return [row for row in rows if row]


def _do(writer: Writer, sobject: SObject, job: Job, cells: list[str]) -> None:
    try:
        if len(cells) != len(job.header):
            raise ApiError("INVALID_CSV", f"{len(job.header)} columns expected, {len(cells)} found")
        record_id, created = _write(writer, sobject, job, dict(zip(job.header, cells, strict=True)))
    except SeveralMatches as several:
        error = ApiError("DUPLICATE_EXTERNAL_ID", f"{len(several.ids)} records match the external id")
        job.bad.append(["", error.bulk(), *cells])
    except ApiError as error:
        job.bad.append([_given_id(job, cells), error.bulk(), *cells])
    else:
        job.good.append([record_id, "true" if created else "false", *cells])


def _given_id(job: Job, cells: list[str]) -> str:
    return next((c for name, c in zip(job.header, cells, strict=False) if name.lower() == "id"), "")


def _write(writer: Writer, sobject: SObject, job: Job, row: dict[str, str]) -> tuple[str, bool]:
    record_id = next((v for k, v in row.items() if k.lower() == "id"), "")
    values = to_payload({k: v for k, v in row.items() if k.lower() != "id"})
    if job.operation in ("delete", "hardDelete"):
        found = writer.find(writer.db.tables[sobject.name], record_id)["Id"]
        writer.delete(found, sobject.name)
        if job.operation == "hardDelete":
            writer.db.tables[sobject.name].bin.pop(found, None)
        return str(found), False
    if job.operation == "update":
        writer.update(sobject, record_id, values)
        return str(writer.find(writer.db.tables[sobject.name], record_id)["Id"]), False
    if job.operation == "insert":
        return writer.insert(sobject, values), True
    key = next((k for k in values if k.lower() == job.external_id.lower()), None)
    field = key_field(sobject, job.external_id)
    if field.type == "id":
        if not record_id:
            return writer.insert(sobject, values), True
        return writer.upsert(sobject, field, record_id, values)
    return writer.upsert(sobject, field, values.pop(key) if key else None, values)


def to_payload(row: dict[str, str]) -> dict[str, Any]:
    """A CSV row as a record: empty leaves unchanged, `#N/A` sets null, `Account.Key__c` looks up."""
    payload: dict[str, Any] = {}
    for name, cell in row.items():
        if cell == "":
            continue
        value = None if cell == "#N/A" else cell
        relationship, dot, key = name.rpartition(".")
        if dot:
            payload[relationship.rpartition(":")[2]] = None if value is None else {key: value}
        else:
            payload[name] = value
    return payload


KINDS["ingest"] = ingest
