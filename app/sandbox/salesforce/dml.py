"""Writing records: what every insert, update, upsert and delete checks and does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app.sandbox.salesforce.errors import ApiError, no_such_column
from app.sandbox.salesforce.events.platform import publish_row
from app.sandbox.salesforce.fields import Field, SObject
from app.sandbox.salesforce.ids import to_18
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.store import Row, Table
from app.sandbox.salesforce.values import read

Rule = Callable[["Writer", Row | None, Row], None]
Check = Callable[["Writer", SObject, Row | None, Row], None]
DeleteRule = Callable[["Writer", Row], None]

# filled by the rule modules: object → what happens around its writes
BEFORE: dict[str, list[Rule]] = {}
FIRST_CHECKS: list[Check] = []  # before the rules: locks, required fields, references
LAST_CHECKS: list[Check] = []  # after them: uniqueness, duplicates, the org's validation rules
AFTER: dict[str, list[Rule]] = {}
BEFORE_DELETE: dict[str, list[DeleteRule]] = {}
AFTER_DELETE: dict[str, list[DeleteRule]] = {}


@dataclass(frozen=True)
class SaveOptions:
    """What the headers of a call say about its writes."""

    allow_duplicates: bool = False
    duplicate_details: bool = False


class SeveralMatches(Exception):
    """An upsert key matches several records; nothing was written."""

    def __init__(self, ids: list[str]) -> None:
        super().__init__(f"{len(ids)} records match")
        self.ids = ids


class Writer:
    """Writes of one user within one call; a failed write leaves nothing behind."""

    def __init__(self, org: Org, user_id: str, options: SaveOptions | None = None) -> None:
        self.org = org
        self.db = org.db
        self.user_id = user_id
        self.options = options or SaveOptions()
        self.published: dict[str, str] = {}  # platform events: id → uuid

    def insert(self, sobject: SObject, payload: Mapping[str, Any]) -> str:
        """Create a record; its id."""
        if not sobject.writable:
            raise ApiError("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be inserted: {sobject.label}")
        mark = self.db.mark()
        try:
            given = self._read(sobject, payload, "createable")
            table = self.db.tables[sobject.name]
            new: Row = {f.name: f.default for f in sobject.fields.values() if f.default is not None}
            new.update({k: v for k, v in given.items() if v is not None or k not in new})
            self._stamp(new, table.new_id())
            if "OwnerId" in sobject.fields and not new.get("OwnerId"):
                new["OwnerId"] = self.user_id
            self._save(sobject, table, None, new)
            if sobject.name.endswith("__e"):
                self.published[new["Id"]] = publish_row(self.org, new, sobject)
        except BaseException:
            self.db.rollback(mark)
            raise
        return str(new["Id"])

    def update(self, sobject: SObject, record_id: str, payload: Mapping[str, Any]) -> None:
        """Change the given fields of a record."""
        mark = self.db.mark()
        try:
            table = self.db.tables[sobject.name]
            old = self.find(table, record_id)
            given = self._read(sobject, payload, "updateable", old)
            stamp = self.org.stamp()
            new = {
                **old,
                **given,
                "LastModifiedDate": stamp,
                "LastModifiedById": self.user_id,
                "SystemModstamp": stamp,
            }
            self._save(sobject, table, old, new)
        except BaseException:
            self.db.rollback(mark)
            raise

    def delete(self, record_id: str, sobject: str | None = None) -> None:
        """Delete a record and what belongs to it."""
        table = self.db.table_of(record_id)
        if table is None or (sobject and table.name != sobject):
            raise ApiError("NOT_FOUND", "The requested resource does not exist", status=404)
        mark = self.db.mark()
        try:
            self._delete(table, self.find(table, record_id))
        except BaseException:
            self.db.rollback(mark)
            raise

    def undelete(self, record_id: str) -> str:
        """Bring a record back from the recycle bin, with what was deleted because of it; its 18-character id."""
        found = to_18(record_id) or ""
        table = self.db.table_of(found)
        if table is None or found not in table.bin:
            raise ApiError("UNDELETE_FAILED", "Entity is not in the recycle bin", [])
        row = table.bin[found]
        self._undelete(table, row, row["SystemModstamp"])
        return found

    def _undelete(self, table: Table, row: Row, deleted_at: str) -> None:
        stamp = self.org.stamp()
        changes = {"IsDeleted": False, "MasterRecordId": None, "LastModifiedDate": stamp, "SystemModstamp": stamp}
        table.put({**row, **{name: value for name, value in changes.items() if name in row}})
        for sobject, field in list(self.org.schema.children_of(table.name)):
            children = self.db.tables[sobject.name]
            for child in list(children.bin.values()) if field.cascade else []:
                if child.get(field.name) == row["Id"] and child["SystemModstamp"] == deleted_at:
                    self._undelete(children, child, deleted_at)

    def upsert(self, sobject: SObject, key: Field, value: Any, payload: Mapping[str, Any]) -> tuple[str, bool]:
        """Create or update by an external id; (id, created). Raises SeveralMatches."""
        kept = read(key, value)
        if kept is None:
            raise ApiError("MISSING_ARGUMENT", f"{key.name} not specified", [key.name])
        matches = self.by_key(sobject, key, kept)
        if len(matches) > 1:
            raise SeveralMatches([row["Id"] for row in matches])
        if matches:
            self.update(sobject, matches[0]["Id"], payload)
            return str(matches[0]["Id"]), False
        if key.type == "id":
            raise ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", status=404)
        return self.insert(sobject, {**payload, key.name: value}), True

    def by_key(self, sobject: SObject, key: Field, kept: Any) -> list[Row]:
        """Live records whose external id (or Id) is the value."""
        table = self.db.tables[sobject.name]
        if key.type == "id":
            row = table.rows.get(kept)
            return [row] if row else []
        return table.find(key.name, kept)

    def find(self, table: Table, record_id: str) -> Row:
        """The live row to write; the errors of a wrong, unknown or deleted id."""
        found = to_18(record_id)
        if found is None or found[:3] != table.prefix:
            raise ApiError("MALFORMED_ID", f"bad id {record_id}", ["Id"])
        if found in table.rows:
            return table.rows[found]
        if found in table.bin:
            raise ApiError("ENTITY_IS_DELETED", "entity is deleted", status=404)
        raise ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", status=404)

    def set(self, row: Row, **changes: Any) -> None:
        """A change by the platform itself: no checks, no rules, but a new SystemModstamp."""
        table = self.db.table_of(row["Id"])
        if table is not None:
            stamp = self.org.stamp()
            table.put({**row, **changes, "LastModifiedDate": stamp, "SystemModstamp": stamp})

    def _stamp(self, new: Row, record_id: str) -> None:
        stamp = self.org.stamp()
        new.update(
            Id=record_id,
            IsDeleted=False,
            CreatedDate=stamp,
            CreatedById=self.user_id,
            LastModifiedDate=stamp,
            LastModifiedById=self.user_id,
            SystemModstamp=stamp,
        )

    def _read(self, sobject: SObject, payload: Mapping[str, Any], right: str, old: Row | None = None) -> Row:
        given: Row = {}
        for name, value in payload.items():
            if name == "attributes":
                continue
            if name.lower() == "id":
                raise ApiError("INVALID_FIELD", "The Id field should not be specified in the sobject data.")
            field = sobject.find(name)
            if field is None and (value is None or isinstance(value, dict)):
                field = sobject.relationship(name)
                value = self._foreign(sobject, field, name, value) if field else value
            if field is None:
                raise no_such_column(name, sobject.name)
            self._check_right(field, right, old, value)
            given[field.name] = read(field, value)
        return given

    @staticmethod
    def _check_right(field: Field, right: str, old: Row | None, value: Any) -> None:
        if getattr(field, right):
            return
        if old is not None and field.createable and _same(field, old, value):
            return  # an upsert row may repeat what was set at creation
        message = (
            f"Unable to create/update fields: {field.name}. Please check the security settings of this field and "
            "verify that it is read/write for your profile or permission set."
        )
        raise ApiError("INVALID_FIELD_FOR_INSERT_UPDATE", message, [field.name])

    def _foreign(self, sobject: SObject, field: Field, name: str, value: Any) -> str | None:
        keys = {k: v for k, v in (value or {}).items() if k != "attributes"}
        if not keys:
            return None
        (key, wanted), *rest = keys.items()
        told = (value.get("attributes") or {}).get("type")  # which object, where there may be several
        for target in [told] if told in field.refers_to else field.refers_to:
            other = self.org.schema.find(target)
            key_field = other.find(key) if other else None
            if other is None or key_field is None or not (key_field.external_id or key_field.id_lookup) or rest:
                continue
            matches = self.by_key(other, key_field, read(key_field, wanted))
            if len(matches) == 1:
                return str(matches[0]["Id"])
            message = f"Foreign key external ID: {wanted} not found for field {key_field.name} in entity {other.name}"
            raise ApiError("INVALID_FIELD", message, [])
        raise ApiError("INVALID_FIELD", f"No such column '{key}' on entity '{name}' of {sobject.name}")

    def _save(self, sobject: SObject, table: Table, old: Row | None, new: Row) -> None:
        for check in FIRST_CHECKS:
            check(self, sobject, old, new)
        for rule in BEFORE.get(sobject.name, ()):
            rule(self, old, new)
        for check in LAST_CHECKS:
            check(self, sobject, old, new)
        table.put(new)
        for rule in AFTER.get(sobject.name, ()):
            rule(self, old, new)

    def _delete(self, table: Table, row: Row) -> None:
        self.org.check_lock(table.name, [row["Id"]])
        for rule in BEFORE_DELETE.get(table.name, ()):
            rule(self, row)
        for sobject, field in list(self.org.schema.children_of(table.name)):
            for child in self.db.children(sobject.name, field.name, row["Id"]):
                if field.cascade and child["Id"] in self.db.tables[sobject.name].rows:
                    self._delete(self.db.tables[sobject.name], child)
                elif not field.cascade:
                    self.set(child, **{field.name: None})
        stamp = self.org.stamp()
        sobject = self.org.schema.typed(table.name)
        keep = {**row, "IsDeleted": True, "LastModifiedDate": stamp, "SystemModstamp": stamp}
        table.remove(row, keep if sobject.soft_delete else None)
        self.org.deleted.setdefault(table.name, []).append((row["Id"], stamp))
        for rule in AFTER_DELETE.get(table.name, ()):
            rule(self, row)


def _same(field: Field, old: Row, value: Any) -> bool:
    return bool(read(field, value) == old.get(field.name))


def changed(old: Row | None, new: Row) -> set[str]:
    """Names of the fields whose value differs, but for the system's own."""
    before = old or {}
    system = {"LastModifiedDate", "LastModifiedById", "SystemModstamp"}
    return {name for name in new if new[name] != before.get(name)} - system
