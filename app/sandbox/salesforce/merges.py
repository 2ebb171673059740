"""Merging accounts, contacts or leads: one record stays, what belonged to the others becomes its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.sandbox.salesforce.dml import Writer
from app.sandbox.salesforce.errors import ApiError
from app.sandbox.salesforce.fields import SObject
from app.sandbox.salesforce.store import Row

MERGEABLE = ("Account", "Contact", "Lead")
MOST_LOSERS = 2


def merge(writer: Writer, name: str, master_id: str, loser_ids: Sequence[str], changes: Mapping[str, Any]) -> list[str]:
    """Merge up to two records into the master, which takes `changes`; ids of the records moved to it."""
    sobject = writer.org.schema.typed(name)
    if sobject.name not in MERGEABLE:
        raise ApiError("INVALID_TYPE", f"merge is not supported for {sobject.name}")
    if not 1 <= len(loser_ids) <= MOST_LOSERS:
        raise ApiError("INVALID_ARGUMENT", "1 or 2 records can be merged")
    mark = writer.db.mark()
    try:
        table = writer.db.tables[sobject.name]
        master = writer.find(table, master_id)
        losers = [writer.find(table, one) for one in loser_ids]
        if master["Id"] in {loser["Id"] for loser in losers}:
            raise ApiError("INVALID_ARGUMENT", "a record can't be merged with itself")
        moved = [one for loser in losers for one in _absorb(writer, sobject, master, loser)]
        writer.update(sobject, master["Id"], changes)
    except BaseException:
        writer.db.rollback(mark)
        raise
    return moved


def _absorb(writer: Writer, sobject: SObject, master: Row, loser: Row) -> list[str]:
    if bool(master.get("IsPersonAccount")) != bool(loser.get("IsPersonAccount")):
        raise ApiError("INVALID_ARGUMENT", "a person account merges with person accounts only")
    moved = []
    if loser.get("IsPersonAccount"):
        contact = writer.org.schema.typed("Contact")
        moved += reparent(writer, contact, loser["PersonContactId"], master["PersonContactId"])
    moved += reparent(writer, sobject, loser["Id"], master["Id"], besides=str(loser.get("PersonContactId")))
    for gone in (writer.db.get(loser.get("PersonContactId")), writer.db.get(loser["Id"])):
        if gone is not None:
            winner = master["Id"] if gone["Id"] == loser["Id"] else master["PersonContactId"]
            writer.set(gone, MasterRecordId=winner)
    writer.delete(loser["Id"])
    return moved


def reparent(writer: Writer, sobject: SObject, old: str, new: str, besides: str = "") -> list[str]:
    """Let every record that refers to the old one refer to the new one; their ids."""
    moved = []
    for child, field in list(writer.org.schema.children_of(sobject.name)):
        for row in writer.db.children(child.name, field.name, old):
            if row["Id"] != besides:
                writer.set(row, **{field.name: None if row["Id"] == new else new})
                moved.append(str(row["Id"]))
    return moved
