"""`query`, `queryAll`, `limits`, `recent`, `search` and the list of resources."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Any

from app.sandbox.salesforce.api import Answer, Call, resource
from app.sandbox.salesforce.errors import ApiError, not_found
from app.sandbox.salesforce.rest_records import record_answer
from app.sandbox.salesforce.sessions import identity_url
from app.sandbox.salesforce.soql import Result, run

PAGE = 2000
SMALLEST_PAGE = 200
CURSORS_KEPT = 200


@dataclass(frozen=True)
class Cursor:
    """A query whose pages are not all fetched."""

    result: Result
    size: int
    resource: str


@resource("")
def resources(call: Call) -> Answer:
    """Name → path of what this version offers."""
    names = ("composite", "jobs", "limits", "query", "queryAll", "recent", "search", "sobjects", "tooling")
    found = {name: f"{call.base}/{name}" for name in names}
    return Answer(200, {**found, "identity": identity_url(call.org, call.user_id)})


@resource("query")
def query(call: Call) -> Answer:
    """Live records."""
    return run_query(call, "query", include_deleted=False)


@resource("queryall")
def query_all(call: Call) -> Answer:
    """Live and deleted records."""
    return run_query(call, "queryAll", include_deleted=True)


def run_query(call: Call, name: str, include_deleted: bool) -> Answer:
    """A first page, or a further one by its locator."""
    if call.method != "GET":
        raise call.refuse_method()
    if len(call.segments) > 1:
        return _next_page(call, call.segments[1])
    text = call.params.get("q")
    if not text:
        raise ApiError("MALFORMED_QUERY", "A query string has to be specified")
    result = run(call.org, text, call.base, include_deleted)
    if call.params.get("columns") == "true":
        return Answer(200, _column_metadata(result))
    hint = re.search(r"batchSize\s*=\s*(\d+)", call.header("Sforce-Query-Options"), re.I)
    size = min(max(int(hint[1]), SMALLEST_PAGE), PAGE) if hint else PAGE
    return Answer(200, _page(call, Cursor(result, size, name), "", 0))


def _column_metadata(result: Result) -> dict[str, Any]:
    columns = [{"columnName": name, "displayName": name, "aggregate": False} for name, _ in result.columns]
    return {"columnMetadata": columns, "entityName": "", "groupBy": False, "idSelected": True}


def _page(call: Call, cursor: Cursor, key: str, start: int) -> dict[str, Any]:
    result = cursor.result
    end = start + cursor.size
    done = end >= len(result.rows)
    answer: dict[str, Any] = {"totalSize": result.total, "done": done}
    if not done:
        if not key:
            key = "01g" + secrets.token_hex(7) + "A"
            call.org.cursors[key] = cursor
            while len(call.org.cursors) > CURSORS_KEPT:
                call.org.cursors.pop(next(iter(call.org.cursors)))
        answer["nextRecordsUrl"] = f"{call.base}/{cursor.resource}/{key}-{end}"
    answer["records"] = [result.render(row) for row in result.rows[start:end]]
    return answer


def _next_page(call: Call, locator: str) -> Answer:
    key, _, start = locator.rpartition("-")
    cursor = call.org.cursors.get(key)
    if cursor is None or not start.isdigit():
        raise ApiError("INVALID_QUERY_LOCATOR", "invalid query locator")
    return Answer(200, _page(call, cursor, key, int(start)))


@resource("limits")
def limits(call: Call) -> Answer:
    """What is left of each allowance."""
    org = call.org
    daily = org.switches.daily_limit
    fixed = {
        "DailyAsyncApexExecutions": 250_000,
        "DailyBulkApiBatches": 15_000,
        "DailyBulkV2QueryFileStorageMB": 976_562,
        "DailyBulkV2QueryJobs": 10_000,
        "DailyDurableStreamingApiEvents": 100_000,
        "DataStorageMB": 10_240,
        "FileStorageMB": 10_240,
        "HourlyPublishedPlatformEvents": 50_000,
        "HourlyPublishedStandardVolumePlatformEvents": 1_000,
        "MonthlyPlatformEvents": 750_000,
        "SingleEmail": 5_000,
    }
    found: dict[str, Any] = {name: {"Max": most, "Remaining": most} for name, most in fixed.items()}
    found["DailyApiRequests"] = {"Max": daily, "Remaining": max(0, daily - org.used)}
    return Answer(200, dict(sorted(found.items())))


@resource("recent")
def recent(call: Call) -> Answer:
    """Records lately looked at; the stand-in keeps no such list."""
    return Answer(200, [])


_FIND = re.compile(
    r"\s*FIND\s*\{(?P<text>.*?)\}(?:\s+IN\s+\w+\s+FIELDS)?(?:\s+RETURNING\s+(?P<what>.*))?\s*", re.I | re.S
)


@resource("search")
def search(call: Call) -> Answer:
    """A minimal SOSL: FIND {text} RETURNING Object(fields), ..."""
    match = _FIND.fullmatch(call.params.get("q", ""))
    if match is None:
        raise ApiError("MALFORMED_SEARCH", "No search term found. The search term must be enclosed in braces.")
    wanted = match["text"].replace("*", "").replace("\\", "").strip('"').casefold()
    records: list[dict[str, Any]] = []
    for name, columns in re.findall(r"(\w+)\s*(?:\(([^)]*)\))?", match["what"] or "Account, Contact, Lead"):
        records += _matching(call, name, columns, wanted)
    return Answer(200, {"searchRecords": records})


def _matching(call: Call, name: str, columns: str, wanted: str) -> list[dict[str, Any]]:
    sobject = call.org.schema.find(name)
    if sobject is None:
        raise not_found()
    asked = columns.split(",") if columns else ["Id"]
    texts = [f.name for f in sobject.fields.values() if f.type in ("string", "email", "phone")]
    rows = call.org.db.tables[sobject.name].rows.values()
    hits = [row for row in rows if any(wanted in str(row.get(n) or "").casefold() for n in texts)]
    return [record_answer(call, sobject, row, asked) for row in hits]
