"""Saving and deleting one record: values, what the server derives, audit, hooks."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.sandbox.sugarcrm.derive import derive
from app.sandbox.sugarcrm.emails import truth
from app.sandbox.sugarcrm.errors import ApiError, invalid
from app.sandbox.sugarcrm.fields import Field, Module
from app.sandbox.sugarcrm.hooks import Hooks
from app.sandbox.sugarcrm.site import GLOBAL_TEAM, Actor, Site
from app.sandbox.sugarcrm.store import Row
from app.sandbox.sugarcrm.values import coerce, shower

ADDRESS_FLAGS = {"email_opt_out": "opt_out", "invalid_email": "invalid"}


class Saver:
    """Writes records for those who act."""

    def __init__(self, site: Site, hooks: Hooks) -> None:
        self.site = site
        self.hooks = hooks

    # Whole records

    def insert(self, actor: Actor, name: str, body: Mapping[str, Any], preset: Mapping[str, Any] | None = None) -> Row:
        """A new record; `preset` are values no caller may choose. Links in the body are not looked at."""
        site, module = self.site, self.site.schema.modules[name]
        table = site.tables[name]
        given = {**self._values(actor, module, body), **(preset or {})}
        row: Row = {**table.blank, **given, "_teams": _teams_of(actor, body), "_tags": ()}
        row["id"] = str(body.get("id") or uuid.uuid4())
        if row["id"] in table.rows or row["id"] in table.gone:
            raise invalid(f"A record with the id {row['id']} exists in module: {name}")
        now = site.now()
        row.update(date_entered=now, date_modified=now, created_by=actor.id, modified_user_id=actor.id)
        derive(site, module, row, given.keys(), True)
        self._check(module, row, given)
        table.insert(row)
        self._beside(actor, module, row, body)
        self._partners(name, row, None)
        touch(site, name, row, None)
        self.hooks.fire(actor, name, "after_save", row, isUpdate=False, dataChanges=[])
        return row

    def modify(self, actor: Actor, name: str, row: Row, body: Mapping[str, Any]) -> None:
        """Change what the body names; links in the body are not looked at."""
        module = self.site.schema.modules[name]
        given = self._values(actor, module, body)
        if "team_name" in body or "team_id" in body:
            row["_teams"] = _teams_of(actor, body)
        self.store(actor, name, row, given, body)

    def store(
        self, actor: Actor, name: str, row: Row, given: Mapping[str, Any], body: Mapping[str, Any] | None = None
    ) -> None:
        """Change a record by stored values, some of which only the server may set."""
        module = self.site.schema.modules[name]
        merged = {**row, **given}
        derive(self.site, module, merged, given.keys(), False)
        self._check(module, merged, given)
        self.put(actor, name, row, merged, body or {})

    def put(self, actor: Actor, name: str, row: Row, merged: Row, body: Mapping[str, Any]) -> None:
        """Replace a row's values by the merged ones, with all that a save brings about."""
        module = self.site.schema.modules[name]
        before = {k: row[k] for k in merged if merged[k] != row[k]}
        changes = {k: merged[k] for k in before}
        self.site.tables[name].update(row, {**changes, "date_modified": self.site.now(), "modified_user_id": actor.id})
        self._beside(actor, module, row, body)
        self._partners(name, row, before)
        self._audit(actor, module, row, before)
        touch(self.site, name, row, before)
        if name in ("Users", "Teams"):
            self.site.forget_actors()
        listed: Any = self._data_changes(actor, module, row, before) or []  # PHP's empty map is a list
        self.hooks.fire(actor, name, "after_save", row, isUpdate=True, dataChanges=listed)

    def erase(self, actor: Actor, name: str, row: Row) -> None:
        """Delete softly, with what belongs to the record alone."""
        site = self.site
        for child, key in OWNED.get(name, ()):
            for one in list(site.tables[child].find(key, row["id"])):
                self.erase(actor, child, one)
        touch(site, name, row, {})
        self._part(actor, name, row)
        site.tables[name].update(row, {"date_modified": site.now(), "modified_user_id": actor.id})
        site.tables[name].remove(row)
        self.hooks.fire(actor, name, "after_delete", row)
        site.emails.forget((name, row["id"]))

    # Parts of a save

    def _values(self, actor: Actor, module: Module, body: Mapping[str, Any]) -> Row:
        values: Row = {}
        fields, truncate = module.fields, self.site.switches.truncate
        for name, value in body.items():
            field = fields.get(name)
            if field is None or field.readonly or not field.stored:
                continue
            values[name] = coerce(field, value, actor.zone, module.name, truncate=truncate)
            if values[name] is None and field.type == "bool":
                values[name] = False
        return values

    def _check(self, module: Module, row: Row, given: Mapping[str, Any]) -> None:
        switches = self.site.switches
        if switches.required == "strict":
            for field in module.fields.values():
                if field.required and field.stored and row[field.name] is None:
                    raise ApiError(
                        "missing_parameter", f"Missing required field: {field.name} in module: {module.name}"
                    )
        if switches.strict_dropdowns:
            for name, value in given.items():
                self._check_choice(module, module.fields.get(name), value)
        key = given.get("sync_key")
        if key and switches.unique_sync_keys:
            held = self.site.tables[module.name].find("sync_key", key)
            if any(other["id"] != row["id"] for other in held):
                raise invalid(f"The sync_key {key} is taken by another record of {module.name}")

    def _check_choice(self, module: Module, field: Field | None, value: Any) -> None:
        options = self.site.schema.options(field) if field and field.type == "enum" else None
        if options is not None and field and value is not None and value not in options:
            raise invalid(f"Invalid field value: {field.name} in module: {module.name}")

    def _beside(self, actor: Actor, module: Module, row: Row, body: Mapping[str, Any]) -> None:
        """Addresses, tags: what a record has beside its row."""
        owner = (module.name, row["id"])
        if module.has_email:
            emails = body.get("email")
            if isinstance(emails, list):
                self.site.emails.replace(owner, emails)
            elif isinstance(emails, str) or "email1" in body:
                self.site.emails.set_primary(owner, str(emails or body.get("email1") or ""))
            for name, attribute in ADDRESS_FLAGS.items():
                if name in body:
                    self.site.emails.flag_primary(owner, attribute, truth(body[name]))
        tags = body.get("tag")
        if isinstance(tags, list):
            row["_tags"] = tuple(self._tag(actor, tag) for tag in tags)

    def _tag(self, actor: Actor, given: Any) -> str:
        name = str(given.get("name", "") if isinstance(given, dict) else given)
        known = self.site.tables["Tags"].find("name_lower", name.lower())
        row = known[0] if known else self.insert(actor, "Tags", {"name": name})
        return str(row["id"])

    def _partners(self, name: str, row: Row, before: Row | None) -> None:
        """A contact's account_id is the primary one of its accounts; a new user is in the global team."""
        if name == "Users" and before is None:
            self.site.pairs["teams_users"].add(GLOBAL_TEAM, row["id"], {})
        if name != "Contacts" or (before is not None and "account_id" not in before):
            return
        pairs = self.site.pairs["accounts_contacts"]
        if before and before["account_id"]:
            pairs.drop(before["account_id"], row["id"])
        if row["account_id"]:
            pairs.add(row["account_id"], row["id"], {"primary_account": True})

    def _part(self, actor: Actor, name: str, row: Row) -> None:
        """The record leaves all its relationships."""
        for link in self.site.schema.links[name].values():
            one = link.relationship
            if not link.left and (one.key or one.parent):
                continue
            if one.key:
                for child in list(self.site.tables[one.rhs].find(one.key, row["id"])):
                    if not one.parent or child["parent_type"] == name:
                        self.site.tables[one.rhs].update(child, {one.key: None})
                continue
            pairs = self.site.pairs_of(one)
            for partner in list(pairs.of(row["id"], link.left)):
                left, right = (row["id"], partner) if link.left else (partner, row["id"])
                pairs.drop(left, right)
                contact = self.site.tables["Contacts"].rows.get(right)
                if one.primary_key and contact and contact[one.primary_key] == left:
                    self.site.tables["Contacts"].update(contact, {one.primary_key: None})

    def _audit(self, actor: Actor, module: Module, row: Row, before: Row) -> None:
        entries = self.site.audit[row["id"]]
        for name, old in before.items():
            field = module.fields.get(name)
            if field and field.audited:
                entries.append(
                    {"id": str(uuid.uuid4()), "field": field, "before": old, "after": row[name],
                     "when": self.site.now(), "user": actor.id}
                )  # fmt: skip

    def _data_changes(self, actor: Actor, module: Module, row: Row, before: Row) -> Row:
        found: Row = {}
        if not self.hooks.wanted(module.name, "after_save"):
            return found
        for name, old in before.items():
            field = module.fields.get(name)
            if field is None:
                continue
            show = shower(field)
            found[name] = {
                "field_name": name,
                "data_type": field.type,
                "before": show(old, actor.zone),
                "after": show(row[name], actor.zone),
            }
        return found


OWNED = {
    "Opportunities": (("RevenueLineItems", "opportunity_id"),),
    "Quotes": (("ProductBundles", "quote_id"),),
    "ProductBundles": (("Products", "bundle_id"), ("ProductBundleNotes", "bundle_id")),
}
# module → what must be added up again, and the field that names it
ADDED_UP = {
    "RevenueLineItems": (("Opportunities", "opportunity_id"),),
    "Opportunities": (("Opportunities", "id"),),
    "Products": (("ProductBundles", "bundle_id"),),
    "ProductBundles": (("ProductBundles", "id"), ("Quotes", "quote_id")),
    "Quotes": (("Quotes", "id"),),
}


def touch(site: Site, name: str, row: Row, before: Row | None) -> None:
    """Note whose sums a change concerns; they are added up when the call is done."""
    for target, key in ADDED_UP.get(name, ()):
        for record_id in (row[key], before.get(key) if before else None):
            if record_id:
                site.dirty[target][record_id] = None


def _teams_of(actor: Actor, body: Mapping[str, Any]) -> tuple[tuple[str, bool], ...]:
    given = body.get("team_name")
    if isinstance(given, list) and given:
        rows = [t if isinstance(t, dict) else {"id": t} for t in given]
        rows.sort(key=lambda t: not truth(t.get("primary")))
        return tuple((str(t["id"]), truth(t.get("selected"))) for t in rows if t.get("id"))
    return ((str(body.get("team_id") or actor.user["default_team"] or GLOBAL_TEAM), False),)


def stale(row: Row, header: datetime | None) -> bool:
    """Whether the record changed since the caller read it."""
    return header is not None and header != row["date_modified"]
