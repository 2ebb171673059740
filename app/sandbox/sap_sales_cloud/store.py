"""Rows in memory: one table per entity type with indexes, and a journal by which a change set is undone."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from app.sandbox.sap_sales_cloud.model import EntityType

Row = dict[str, Any]
Undo = tuple["Table", str, Row | None]


class Table:
    """The rows of one entity type by ObjectID. A stored row is never changed, only replaced."""

    def __init__(self, entity: EntityType, journal: list[Undo]) -> None:
        self.rows: dict[str, Row] = {}
        self._journal = journal
        self._index: dict[str, dict[str, dict[str, None]]] = {}
        for prop in entity.properties.values():
            if (prop.indexed or prop.name in entity.parties) and prop.name != "ObjectID":
                self.index(prop.name)

    def index(self, name: str) -> None:
        """Keep an index on a text property from now on."""
        entries: dict[str, dict[str, None]] = defaultdict(dict)
        for row_id, row in self.rows.items():
            if row.get(name):
                entries[row[name].casefold()][row_id] = None
        self._index[name] = entries

    def is_indexed(self, name: str) -> bool:
        """Whether `find` can be asked for the property."""
        return name in self._index

    def find(self, name: str, value: str) -> list[Row]:
        """Rows whose indexed property has the value, whatever its case."""
        return [self.rows[row_id] for row_id in self._index[name].get(value.casefold(), ())]

    def first(self, name: str, value: str) -> Row | None:
        """The row whose indexed property is exactly the value."""
        return next((row for row in self.find(name, value) if row[name] == value), None) if value else None

    def put(self, row: Row) -> None:
        """Insert or replace a row."""
        row_id = row["ObjectID"]
        self._journal.append((self, row_id, self.rows.get(row_id)))
        self.set(row_id, row)

    def remove(self, row_id: str) -> None:
        """Take a row out."""
        self._journal.append((self, row_id, self.rows.get(row_id)))
        self.set(row_id, None)

    def set(self, row_id: str, new: Row | None) -> None:
        """The row as it is from now on, without a journal entry."""
        old = self.rows.get(row_id) or {}
        after = new or {}
        for name, entries in self._index.items():
            before, now = old.get(name), after.get(name)
            if before != now:
                self._reindex(entries, row_id, before, now)
        if new is None:
            self.rows.pop(row_id, None)
        else:
            self.rows[row_id] = new

    @staticmethod
    def _reindex(entries: dict[str, dict[str, None]], row_id: str, before: str | None, now: str | None) -> None:
        if before:
            key = before.casefold()
            entries[key].pop(row_id, None)
            if not entries[key]:
                del entries[key]
        if now:
            entries[now.casefold()][row_id] = None


class Database:
    """All tables, and how to undo what happened since the last commit."""

    def __init__(self, entities: dict[str, EntityType]) -> None:
        self._journal: list[Undo] = []
        self.tables = {name: Table(entity, self._journal) for name, entity in entities.items()}

    def rollback(self) -> None:
        """Undo everything since the last commit, newest first."""
        while self._journal:
            table, row_id, before = self._journal.pop()
            table.set(row_id, before)

    def commit(self) -> None:
        """Forget how to undo."""
        self._journal.clear()
