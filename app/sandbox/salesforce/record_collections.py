"""`composite/sobjects`: up to 200 records in one request, each with its own outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import groupby
from typing import Any

from app.sandbox.salesforce.api import Answer, Call, as_bool
from app.sandbox.salesforce.dml import SeveralMatches, Writer
from app.sandbox.salesforce.errors import ApiError, not_found
from app.sandbox.salesforce.events.platform import enqueued
from app.sandbox.salesforce.fields import SObject
from app.sandbox.salesforce.ids import to_18
from app.sandbox.salesforce.rest_records import key_field, record_answer
from app.sandbox.salesforce.values import read

MOST_RECORDS = 200
MOST_CHUNKS = 10
Outcome = dict[str, Any]
Step = Callable[[], Outcome]


def collections(call: Call) -> Answer:
    """All below `composite/sobjects`."""
    rest = call.segments[2:]
    if not rest:
        steps = {"POST": _create, "PATCH": _update}
        if call.method == "DELETE":
            return _delete(call)
        if call.method not in steps:
            raise call.refuse_method()
        return steps[call.method](call)
    if len(rest) == 1 and call.method in ("GET", "POST"):
        return _retrieve(call, rest[0])
    if len(rest) == 2 and call.method == "PATCH":
        return _upsert(call, rest[0], rest[1])
    raise not_found()


def _records(call: Call) -> tuple[list[dict[str, Any]], bool]:
    body = call.mapping()
    records = body.get("records")
    if not isinstance(records, list) or not all(isinstance(r, dict) for r in records):
        raise ApiError("JSON_PARSER_ERROR", "records must be a list of sobjects")
    check_size(len(records))
    types = [_type(record) for record in records]
    if len(list(groupby(types))) > MOST_CHUNKS:
        message = "Cannot have more than 10 chunks in a single operation. Please rearrange the data to reduce chunking."
        raise ApiError("LIMIT_EXCEEDED", message)
    return records, as_bool(body.get("allOrNone", False))


def check_size(count: int) -> None:
    """EXCEEDED_ID_LIMIT beyond 200 records."""
    if count > MOST_RECORDS:
        message = f"record limit reached. cannot submit more than {MOST_RECORDS} records into this call"
        raise ApiError("EXCEEDED_ID_LIMIT", message)


def _type(record: dict[str, Any]) -> str:
    found = (record.get("attributes") or {}).get("type")
    if not isinstance(found, str):
        message = (
            "Missing entity type information. sobject requires a separate 'attributes' field to be passed with request."
        )
        raise ApiError("INVALID_REQUEST", message)
    return found.lower()


def run_steps(call: Call, steps: list[Step], all_or_none: bool) -> Answer:
    """Run each; with all_or_none one failure undoes all."""
    mark = call.org.db.mark()
    outcomes = [_attempt(step) for step in steps]
    if all_or_none and not all(o["success"] for o in outcomes):
        call.org.db.rollback(mark)
        message = "Record rolled back because not all records were valid and the request was using AllOrNone header"
        undone = ApiError("ALL_OR_NONE_OPERATION_ROLLED_BACK", message).row()
        outcomes = [{"success": False, "errors": [undone]} if o["success"] else o for o in outcomes]
    return Answer(200, outcomes)


def _attempt(step: Step) -> Outcome:
    try:
        return step()
    except SeveralMatches as several:
        message = f"{len(several.ids)} records match the external id: {', '.join(several.ids)}"
        return {"success": False, "errors": [ApiError("DUPLICATE_EXTERNAL_ID", message).row()]}
    except ApiError as error:
        return {"success": False, "errors": [error.row()]}


def _good(record_id: str, **more: Any) -> Outcome:
    return {"id": record_id, "success": True, "errors": [], **more}


def _create(call: Call) -> Answer:
    records, all_or_none = _records(call)
    writer = call.writer()

    def create(record: dict[str, Any]) -> Outcome:
        made = writer.insert(call.org.schema.typed(_type(record)), record)
        return _good(made, **({"errors": enqueued(writer.published[made])} if made in writer.published else {}))

    def step(record: dict[str, Any]) -> Step:
        return lambda: create(record)

    return run_steps(call, [step(r) for r in records], all_or_none)


def split_id(record: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The id of a record to update, whatever its spelling, and the rest."""
    values = {k: v for k, v in record.items() if k.lower() != "id"}
    found = next((v for k, v in record.items() if k.lower() == "id"), None)
    if not isinstance(found, str) or not found:
        raise ApiError("MISSING_ARGUMENT", "Id not specified in an update call")
    return found, values


def _update(call: Call) -> Answer:
    records, all_or_none = _records(call)
    writer = call.writer()
    times = Counter(to_18(str(v)) for r in records for k, v in r.items() if k.lower() == "id")

    def update(record: dict[str, Any]) -> Outcome:
        record_id, values = split_id(record)
        sobject = call.org.schema.typed(_type(record))
        if times[to_18(record_id)] > 1:
            raise ApiError("DUPLICATE_VALUE", f"duplicate id specified: {record_id}")
        writer.update(sobject, record_id, values)
        return _good(to_18(record_id) or record_id)

    def step(record: dict[str, Any]) -> Step:
        return lambda: update(record)

    return run_steps(call, [step(r) for r in records], all_or_none)


def _upsert(call: Call, name: str, field_name: str) -> Answer:
    sobject = call.org.schema.need(name)
    field = key_field(sobject, field_name)
    records, all_or_none = _records(call)
    if any(_type(r) != sobject.name.lower() for r in records):
        raise ApiError("INVALID_REQUEST", f"all records of the upsert must be of type {sobject.name}")
    keys = [_pop_key(r, field.name) for r in records]
    times = Counter(str(key).casefold() if not field.case_sensitive else key for key, _ in keys)
    writer = call.writer()

    def upsert(key: Any, values: dict[str, Any]) -> Outcome:
        if times[str(key).casefold() if not field.case_sensitive else key] > 1:
            raise ApiError("DUPLICATE_VALUE", f"Duplicate external id specified: {key}", [field.name])
        record_id, is_new = writer.upsert(sobject, field, key, values)
        return _good(record_id, created=is_new)

    def step(key: Any, values: dict[str, Any]) -> Step:
        return lambda: upsert(key, values)

    return run_steps(call, [step(key, values) for key, values in keys], all_or_none)


def _pop_key(record: dict[str, Any], name: str) -> tuple[Any, dict[str, Any]]:
    values = {k: v for k, v in record.items() if k.lower() != name.lower()}
    return next((v for k, v in record.items() if k.lower() == name.lower()), None), values


def _delete(call: Call) -> Answer:
    ids = [i for i in call.params.get("ids", "").split(",") if i]
    if not ids:
        raise ApiError("MISSING_ARGUMENT", "ids not specified")
    check_size(len(ids))
    writer = call.writer()

    def step(record_id: str) -> Step:
        return lambda: _deleted(writer, record_id)

    return run_steps(call, [step(i) for i in ids], as_bool(call.params.get("allOrNone")))


def _deleted(writer: Writer, record_id: str) -> Outcome:
    found = to_18(record_id)
    if found is None:
        raise ApiError("MALFORMED_ID", f"bad id {record_id}")
    writer.delete(found)
    return _good(found)


def _retrieve(call: Call, name: str) -> Answer:
    sobject: SObject = call.org.schema.need(name)
    body = call.mapping() if call.method == "POST" else {}
    ids = body.get("ids") or [i for i in call.params.get("ids", "").split(",") if i]
    names = body.get("fields") or [f for f in call.params.get("fields", "").split(",") if f]
    if not ids or not names:
        raise ApiError("MISSING_ARGUMENT", "ids and fields are required")
    rows = call.org.db.tables[sobject.name].rows
    found = [rows.get(read(sobject.fields["Id"], i)) for i in ids]
    return Answer(200, [record_answer(call, sobject, row, names) if row else None for row in found])
