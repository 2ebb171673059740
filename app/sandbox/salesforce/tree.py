"""`composite/tree`: create parents with their children, all or nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.sandbox.salesforce.api import Answer, Call
from app.sandbox.salesforce.dml import Writer
from app.sandbox.salesforce.errors import ApiError
from app.sandbox.salesforce.fields import SObject
from app.sandbox.salesforce.record_collections import MOST_RECORDS

MOST_LEVELS = 5


@dataclass
class _Results:
    good: list[dict[str, Any]] = field(default_factory=list)
    bad: list[dict[str, Any]] = field(default_factory=list)


def tree(call: Call) -> Answer:
    """201 with an id per reference, or 400 with the errors and nothing written."""
    if call.method != "POST":
        raise call.refuse_method()
    sobject = call.org.schema.need(call.segments[2])
    records = call.mapping().get("records")
    if not isinstance(records, list) or not records:
        raise ApiError("JSON_PARSER_ERROR", "records must be a list with at least one record")
    if _count(records) > MOST_RECORDS:
        raise ApiError("LIMIT_EXCEEDED", f"at most {MOST_RECORDS} records in all")
    results = _Results()
    mark = call.org.db.mark()
    for record in records:
        _create(call, call.writer(), sobject, record, {}, 1, results)
    if results.bad:
        call.org.db.rollback(mark)
        return Answer(400, {"hasErrors": True, "results": results.bad})
    return Answer(201, {"hasErrors": False, "results": results.good})


def _count(records: list[Any]) -> int:
    nested = [v["records"] for r in records for v in r.values() if isinstance(v, dict) and "records" in v]
    return len(records) + sum(_count(inner) for inner in nested)


def _create(
    call: Call,
    writer: Writer,
    sobject: SObject,
    record: dict[str, Any],
    parent: dict[str, str],
    level: int,
    results: _Results,
) -> None:
    if level > MOST_LEVELS:
        raise ApiError("LIMIT_EXCEEDED", f"at most {MOST_LEVELS} levels")
    reference = (record.get("attributes") or {}).get("referenceId")
    nested = {k: v for k, v in record.items() if isinstance(v, dict) and isinstance(v.get("records"), list)}
    values = {k: v for k, v in record.items() if k not in nested}
    try:
        record_id = writer.insert(sobject, {**values, **parent})
    except ApiError as error:
        results.bad.append({"referenceId": reference, "errors": [error.row()]})
        return
    results.good.append({"referenceId": reference, "id": record_id})
    for name, inner in nested.items():
        child, lookup = _child(call, sobject, name)
        for one in inner["records"]:
            _create(call, writer, child, one, {lookup: record_id}, level + 1, results)


def _child(call: Call, sobject: SObject, name: str) -> tuple[SObject, str]:
    for child, reference in call.org.schema.children_of(sobject.name):
        if reference.children.lower() == name.lower():
            return child, reference.name
    raise ApiError("INVALID_FIELD", f"No such relation '{name}' on sobject of type {sobject.name}")
