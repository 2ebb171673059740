"""Rows in memory: one table per module with indexes and the order of change, and tables of pairs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from app.sandbox.sugarcrm.fields import Field, Module

Row = dict[str, Any]


def index_key(value: Any) -> Any:
    """How a value is compared: text without regard to case."""
    return value.casefold() if isinstance(value, str) else value


class Table:
    """The rows of one module: live ones, deleted ones, which hold a value, and in which order they changed."""

    def __init__(self, module: Module) -> None:
        self.name = module.name
        self.rows: dict[str, Row] = {}
        self.gone: dict[str, Row] = {}
        self.changed: dict[str, None] = {}  # ids, the last changed last
        self.blank: Row = {f.name: f.default for f in module.stored()}
        self._index: dict[str, dict[Any, dict[str, None]]] = {}
        for field in module.stored():
            if field.indexed:
                self._index[field.name] = defaultdict(dict)

    def add_field(self, field: Field) -> None:
        """A new column, empty everywhere, with an index."""
        self.blank[field.name] = field.default
        self._index[field.name] = defaultdict(dict)
        for row in (*self.rows.values(), *self.gone.values()):
            row[field.name] = field.default
        if field.default is not None:
            self._index[field.name][index_key(field.default)] = dict.fromkeys(self.rows)

    def is_indexed(self, name: str) -> bool:
        """Whether `find` can be asked for the field."""
        return name in self._index

    def find(self, name: str, value: Any) -> list[Row]:
        """Live rows whose indexed field has the value."""
        ids = self._index[name].get(index_key(value), ())
        return [self.rows[i] for i in ids]

    def count(self, name: str, value: Any) -> int:
        """How many rows `find` would give."""
        return len(self._index[name].get(index_key(value), ()))

    def insert(self, row: Row) -> None:
        """A new live row."""
        row_id = row["id"]
        self.rows[row_id] = row
        self.changed[row_id] = None
        for name, entries in self._index.items():
            value = row[name]
            if value is not None:
                entries[index_key(value)][row_id] = None

    def update(self, row: Row, values: Row) -> None:
        """Change a live row in place."""
        row_id = row["id"]
        for name, value in values.items():
            entries = self._index.get(name)
            if entries is not None:
                self._unindex(entries, row[name], row_id)
                if value is not None:
                    entries[index_key(value)][row_id] = None
            row[name] = value
        if "date_modified" in values:
            self.changed.pop(row_id, None)
            self.changed[row_id] = None

    @staticmethod
    def _unindex(entries: dict[Any, dict[str, None]], value: Any, row_id: str) -> None:
        if value is None:
            return
        key = index_key(value)
        holders = entries.get(key)
        if holders is not None:
            holders.pop(row_id, None)
            if not holders:
                del entries[key]

    def remove(self, row: Row) -> None:
        """A live row becomes a deleted one."""
        row_id = row["id"]
        for name, entries in self._index.items():
            self._unindex(entries, row[name], row_id)
        row["deleted"] = True
        self.changed.pop(row_id, None)
        self.changed[row_id] = None
        self.gone[row_id] = self.rows.pop(row_id)

    def latest(self, with_deleted: bool = False) -> Iterator[Row]:
        """Rows, the last changed first."""
        for row_id in reversed(self.changed):
            row = self.rows.get(row_id) or (self.gone.get(row_id) if with_deleted else None)
            if row is not None:
                yield row

    def since(self, moment: datetime, with_deleted: bool = False) -> list[Row]:
        """Rows changed at or after the moment, the first changed first."""
        found = []
        for row in self.latest(with_deleted):
            if row["date_modified"] < moment:
                break
            found.append(row)
        return found[::-1]


class Pairs:
    """A many-to-many relationship: who is with whom, and the role."""

    def __init__(self) -> None:
        self.right: dict[str, dict[str, Row]] = defaultdict(dict)  # left id → right ids
        self.left: dict[str, dict[str, Row]] = defaultdict(dict)

    def add(self, left: str, right: str, role: Row) -> bool:
        """Relate two, or change their role; False: they were related."""
        known = self.right[left].get(right)
        if known is not None:
            known.update(role)
            return False
        self.right[left][right] = self.left[right][left] = dict(role)
        return True

    def drop(self, left: str, right: str) -> bool:
        """Unrelate two; False: they were not related."""
        self.left.get(right, {}).pop(left, None)
        return self.right.get(left, {}).pop(right, None) is not None

    def of(self, record_id: str, left: bool) -> dict[str, Row]:
        """The partners of a record on that side, with their roles."""
        return (self.right if left else self.left).get(record_id, {})
