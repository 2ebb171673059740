"""Rows in memory: one table per object, indexes, and a journal by which any part of a transaction is undone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from app.sandbox.salesforce.errors import ApiError, not_found
from app.sandbox.salesforce.fields import Field, SObject
from app.sandbox.salesforce.ids import make_id, to_18

Row = dict[str, Any]
Undo = tuple["Table", str, Row | None, Row | None]


def index_key(field: Field, value: Any) -> Any:
    """How a value is compared: text without regard to case unless the field says so."""
    if isinstance(value, str) and field.type not in ("reference", "id") and not field.case_sensitive:
        return value.casefold()
    return value


class Table:
    """The rows of one object: live ones, deleted ones, and which rows hold a value."""

    def __init__(self, sobject: SObject, journal: list[Undo]) -> None:
        self.name = sobject.name
        self.prefix = sobject.prefix
        self.rows: dict[str, Row] = {}
        self.bin: dict[str, Row] = {}
        self.made = 0
        self._journal = journal
        self._fields: dict[str, Field] = {}
        self._index: dict[str, dict[Any, dict[str, None]]] = {}
        for field in sobject.fields.values():
            if field.type != "id" and (field.indexed or field.name in sobject.indexes):
                self.index(field)

    def index(self, field: Field) -> None:
        """Keep an index on the field from now on."""
        self._fields[field.name] = field
        entries: dict[Any, dict[str, None]] = defaultdict(dict)
        for row_id, row in self.rows.items():
            if row.get(field.name) is not None:
                entries[index_key(field, row[field.name])][row_id] = None
        self._index[field.name] = entries

    def is_indexed(self, name: str) -> bool:
        """Whether `find` can be asked for the field."""
        return name in self._index

    def find(self, name: str, value: Any) -> list[Row]:
        """Live rows whose indexed field has the value."""
        ids = self._index[name].get(index_key(self._fields[name], value), ())
        return [self.rows[i] for i in ids]

    def new_id(self) -> str:
        """The next id; never given twice, even if the row is rolled back."""
        self.made += 1
        return make_id(self.prefix, self.made)

    def put(self, row: Row) -> None:
        """Insert or replace a live row."""
        row_id = row["Id"]
        self._journal.append((self, row_id, self.rows.get(row_id), self.bin.get(row_id)))
        self._set(row_id, row, None)

    def remove(self, row: Row, keep: Row | None) -> None:
        """Take a row out of the live ones; `keep` is what stays visible to queryAll."""
        row_id = row["Id"]
        self._journal.append((self, row_id, row, self.bin.get(row_id)))
        self._set(row_id, None, keep)

    def clear(self) -> None:
        """No rows, live or deleted; for good."""
        for rows in (self.rows, self.bin, *self._index.values()):
            rows.clear()

    def restore(self, row_id: str, live: Row | None, binned: Row | None) -> None:
        """Undo: the row as it was before."""
        self._set(row_id, live, binned)

    def _set(self, row_id: str, live: Row | None, binned: Row | None) -> None:
        old = self.rows.get(row_id) or {}
        new = live or {}
        for name, entries in self._index.items():
            before, after = old.get(name), new.get(name)
            if before != after:
                self._reindex(self._fields[name], entries, row_id, before, after)
        if live is None:
            self.rows.pop(row_id, None)
        else:
            self.rows[row_id] = live
        if binned is None:
            self.bin.pop(row_id, None)
        else:
            self.bin[row_id] = binned

    @staticmethod
    def _reindex(field: Field, entries: dict[Any, dict[str, None]], row_id: str, before: Any, after: Any) -> None:
        if before is not None:
            key = index_key(field, before)
            entries[key].pop(row_id, None)
            if not entries[key]:
                del entries[key]
        if after is not None:
            entries[index_key(field, after)][row_id] = None


class Database:
    """All tables; changes since the last commit can be rolled back to any mark."""

    def __init__(self, sobjects: Iterable[SObject]) -> None:
        self._journal: list[Undo] = []
        self.tables = {s.name: Table(s, self._journal) for s in sobjects}
        self._by_prefix = {t.prefix: t for t in self.tables.values()}

    def mark(self) -> int:
        """A point to roll back to."""
        return len(self._journal)

    def rollback(self, mark: int = 0) -> None:
        """Undo everything since the mark, newest first."""
        while len(self._journal) > mark:
            table, row_id, live, binned = self._journal.pop()
            table.restore(row_id, live, binned)

    def commit(self) -> None:
        """Forget how to undo, and tell nobody."""
        self._journal.clear()

    def take(self) -> list[Undo]:
        """What has changed since the last commit, which this is."""
        taken = self._journal.copy()
        self._journal.clear()
        return taken

    def add(self, sobject: SObject) -> None:
        """A table for an object defined since."""
        table = Table(sobject, self._journal)
        self.tables[sobject.name] = self._by_prefix[sobject.prefix] = table

    def table_of(self, record_id: str) -> Table | None:
        """The table an id belongs to by its prefix."""
        return self._by_prefix.get(record_id[:3])

    def get(self, record_id: str | None) -> Row | None:
        """A live row of any object by its 18-character id."""
        if not record_id:
            return None
        table = self._by_prefix.get(record_id[:3])
        return table.rows.get(record_id) if table else None

    def need(self, name: str, record_id: str) -> Row:
        """A live row of one object by its 15 or 18 character id; 404 otherwise."""
        table = self.tables[name]
        found = to_18(record_id) or ""
        if found in table.bin:
            raise ApiError("ENTITY_IS_DELETED", "entity is deleted", status=404)
        if found not in table.rows:
            raise not_found()
        return table.rows[found]

    def children(self, sobject: str, field: str, parent: str) -> list[Row]:
        """Live rows of an object that refer to a parent."""
        return self.tables[sobject].find(field, parent)

    def __iter__(self) -> Iterator[Table]:
        return iter(self.tables.values())
