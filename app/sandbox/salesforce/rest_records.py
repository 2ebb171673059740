"""`sobjects/...`: describe, single records by id or external id, what changed lately."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from app.sandbox.salesforce.api import Answer, Call, as_bool, resource
from app.sandbox.salesforce.conditional import precondition, validators
from app.sandbox.salesforce.describe import full_answer, sobject_answer
from app.sandbox.salesforce.dml import SeveralMatches
from app.sandbox.salesforce.errors import ApiError, no_such_column, not_found
from app.sandbox.salesforce.events.platform import enqueued
from app.sandbox.salesforce.fields import Field, SObject
from app.sandbox.salesforce.ids import to_18
from app.sandbox.salesforce.soql import attributes
from app.sandbox.salesforce.store import Row
from app.sandbox.salesforce.values import moment_text, parse_moment, read, show

CREATED_SHOWN_FROM = 46  # the version from which an upsert's update has a body


@resource("sobjects")
def sobjects(call: Call) -> Answer:
    """All below `sobjects`."""
    rest = call.segments[1:]
    if not rest:
        listed = [sobject_answer(s, call.base) for s in call.org.schema]
        return Answer(200, {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": listed})
    sobject = call.org.schema.need(rest[0])
    if len(rest) == 1:
        return _basic(call, sobject)
    named = {"describe": _describe, "updated": _updated, "deleted": _deleted}.get(rest[1].lower())
    if named is not None:
        return named(call, sobject)
    if len(rest) == 2:
        if rest[1].lower() == "id" and call.method == "POST":
            return _create(call, sobject)
        return _one(call, sobject, call.org.db.need(sobject.name, rest[1]))
    if len(rest) == 3 and sobject.find(rest[1]) is None and to_18(rest[1]) and call.method == "GET":
        return _related(call, sobject, call.org.db.need(sobject.name, rest[1]), rest[2])
    return _by_key(call, sobject, rest[1], "/".join(rest[2:]))


def _basic(call: Call, sobject: SObject) -> Answer:
    if call.method == "POST":
        return _create(call, sobject)
    if call.method not in ("GET", "HEAD"):
        raise call.refuse_method()
    return Answer(200, {"objectDescribe": sobject_answer(sobject, call.base), "recentItems": []})


def _create(call: Call, sobject: SObject) -> Answer:
    writer = call.writer()
    made = writer.insert(sobject, call.mapping())
    more = {"errors": enqueued(writer.published[made])} if made in writer.published else {}
    return created(call, sobject, made, more)


def created(call: Call, sobject: SObject, record_id: str, more: Mapping[str, Any]) -> Answer:
    """201 with the id and where the record is."""
    location = f"{call.base}/sobjects/{sobject.name}/{record_id}"
    return Answer(201, {"id": record_id, "success": True, "errors": [], **more}, {"Location": location})


def _describe(call: Call, sobject: SObject) -> Answer:
    if len(call.segments) > 3:
        raise not_found()
    types = call.org.db.tables["RecordType"].rows.values()
    mine = [row for row in types if row["SobjectType"] == sobject.name]
    return Answer(200, full_answer(call.org.schema, sobject, mine, call.base))


def record_answer(call: Call, sobject: SObject, row: Row, names: list[str] | None = None) -> dict[str, Any]:
    """A record with all its fields, or those named."""
    fields = list(sobject.fields.values())
    if names is not None:
        fields = [_named(sobject, name) for name in names]
    record: dict[str, Any] = {"attributes": attributes(call.base, sobject.name, row["Id"])}
    record.update({f.name: show(f, row) for f in fields})
    return record


def _named(sobject: SObject, name: str) -> Field:
    field = sobject.find(name.strip())
    if field is None:
        raise no_such_column(name.strip(), sobject.name)
    return field


def _one(call: Call, sobject: SObject, row: Row) -> Answer:
    refused = precondition(call, sobject, row)
    if refused is not None:
        return refused
    if call.method in ("GET", "HEAD"):
        names = call.params["fields"].split(",") if call.params.get("fields") else None
        return Answer(200, record_answer(call, sobject, row, names), validators(sobject, row))
    if call.method == "PATCH":
        call.writer().update(sobject, row["Id"], call.mapping())
        return Answer(204)
    if call.method == "DELETE":
        call.writer().delete(row["Id"], sobject.name)
        return Answer(204)
    raise call.refuse_method()


def key_field(sobject: SObject, name: str) -> Field:
    """The external id or idLookup field of that name; 404 otherwise."""
    field = sobject.find(name)
    if field is None or not (field.external_id or field.id_lookup):
        raise not_found(f"Provided external ID field does not exist or is not accessible: {name}")
    return field


def _by_key(call: Call, sobject: SObject, name: str, value: str) -> Answer:
    field = key_field(sobject, name)
    if call.method in ("PATCH", "POST"):
        return _upsert(call, sobject, field, value)
    matches = call.writer().by_key(sobject, field, read(field, value))
    if len(matches) > 1:
        return _choices(call, sobject, [row["Id"] for row in matches])
    if not matches:
        raise not_found()
    return _one(call, sobject, matches[0])


def _choices(call: Call, sobject: SObject, ids: list[str]) -> Answer:
    return Answer(300, [f"{call.base}/sobjects/{sobject.name}/{i}" for i in ids])


def _upsert(call: Call, sobject: SObject, field: Field, value: str) -> Answer:
    body = call.mapping()
    if any(name.lower() == field.name.lower() for name in body):
        message = f"The {field.name} field should not be specified in the sobject data."
        raise ApiError("INVALID_FIELD", message)
    writer = call.writer()
    if as_bool(call.params.get("updateOnly")) and not writer.by_key(sobject, field, read(field, value)):
        raise not_found()
    try:
        record_id, is_new = writer.upsert(sobject, field, value, body)
    except SeveralMatches as several:
        return _choices(call, sobject, several.ids)
    more = {"created": is_new} if call.version >= CREATED_SHOWN_FROM else {}
    if is_new:
        return created(call, sobject, record_id, more)
    if call.version < CREATED_SHOWN_FROM:
        return Answer(204)
    return Answer(200, {"id": record_id, "success": True, "errors": [], **more})


def _window(call: Call) -> tuple[str, str]:
    try:
        start, end = (parse_moment(call.params[name].replace(" ", "+")) for name in ("start", "end"))
    except (KeyError, ValueError):
        raise ApiError("INVALID_REPLICATION_DATE", "startDate and endDate are required ISO 8601 date-times") from None
    if end - start < timedelta(minutes=1):
        raise ApiError("INVALID_REPLICATION_DATE", "endDate must be at least one minute greater than startDate")
    if call.org.now() - start > timedelta(days=30):
        raise ApiError("INVALID_REPLICATION_DATE", "startDate before org replication enabled date")
    return moment_text(start), moment_text(end)


def _updated(call: Call, sobject: SObject) -> Answer:
    start, end = _window(call)
    rows = call.org.db.tables[sobject.name].rows.values()
    ids = [row["Id"] for row in rows if start <= row["SystemModstamp"] <= end]
    return Answer(200, {"ids": ids, "latestDateCovered": min(end, call.org.stamp())})


def _deleted(call: Call, sobject: SObject) -> Answer:
    start, end = _window(call)
    live = call.org.db.tables[sobject.name].rows
    gone = [
        {"id": record_id, "deletedDate": when}
        for record_id, when in call.org.deleted.get(sobject.name, [])
        if start <= when <= end and record_id not in live
    ]
    earliest = moment_text(call.org.now() - timedelta(days=15))
    covered = min(end, call.org.stamp())
    return Answer(200, {"deletedRecords": gone, "earliestDateAvailable": earliest, "latestDateCovered": covered})


def _related(call: Call, sobject: SObject, row: Row, name: str) -> Answer:
    reference = sobject.relationship(name)
    if reference is not None:
        parent = call.org.db.get(row.get(reference.name))
        table = call.org.db.table_of(parent["Id"]) if parent else None
        if parent is None or table is None:
            raise not_found()
        return Answer(200, record_answer(call, call.org.schema.typed(table.name), parent))
    for child, field in call.org.schema.children_of(sobject.name):
        if field.children.lower() == name.lower():
            rows = call.org.db.children(child.name, field.name, row["Id"])
            records = [record_answer(call, child, one) for one in rows]
            return Answer(200, {"totalSize": len(records), "done": True, "records": records})
    raise not_found()
