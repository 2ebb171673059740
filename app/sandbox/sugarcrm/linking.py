"""Relationships: relating, unrelating, and records that bring related ones with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.sandbox.sugarcrm.errors import invalid, not_found
from app.sandbox.sugarcrm.fields import Link
from app.sandbox.sugarcrm.rollups import CLOSED
from app.sandbox.sugarcrm.saving import Saver
from app.sandbox.sugarcrm.site import Actor
from app.sandbox.sugarcrm.store import Row

VERBS = ("create", "add", "delete")
CASCADES = {"sales_stage_cascade": "sales_stage", "date_closed_cascade": "date_closed"}


class Linker:
    """Saves records together with the related ones in their bodies."""

    def __init__(self, saver: Saver) -> None:
        self.saver = saver
        self._site = saver.site

    def create(
        self, actor: Actor, module: str, body: Mapping[str, Any], preset: Mapping[str, Any] | None = None
    ) -> Row:
        """A new record and all that is nested in it, in depth."""
        self._site.check_write(actor, module)
        row = self.saver.insert(actor, module, body, preset)
        self._nested(actor, module, row, body)
        if module == "Quotes" and not self._site.tables["ProductBundles"].find("quote_id", row["id"]):
            bundle = {"default_group": True, "currency_id": row["currency_id"]}
            self.saver.insert(actor, "ProductBundles", bundle, {"quote_id": row["id"]})
        self._cascade(actor, module, row, body)
        return row

    def update(self, actor: Actor, module: str, row: Row, body: Mapping[str, Any]) -> None:
        """Change a record and what is nested in the body."""
        self._site.check_write(actor, module)
        self.saver.modify(actor, module, row, body)
        self._nested(actor, module, row, body)
        self._cascade(actor, module, row, body)

    def _cascade(self, actor: Actor, module: str, row: Row, body: Mapping[str, Any]) -> None:
        """Values that an opportunity hands down to its open line items."""
        site = self._site
        if module != "Opportunities" or not site.schema.with_line_items or not site.switches.cascade_fields:
            return
        given = {to: body[name] for name, to in CASCADES.items() if body.get(name)}
        if not given:
            return
        for line in list(site.tables["RevenueLineItems"].find("opportunity_id", row["id"])):
            if line["sales_stage"] not in CLOSED:
                self.saver.modify(actor, "RevenueLineItems", line, given)

    def _nested(self, actor: Actor, module: str, row: Row, body: Mapping[str, Any]) -> None:
        links = self._site.schema.links[module]
        for name, given in body.items():
            link = links.get(name)
            if link is None or not isinstance(given, dict) or not any(verb in given for verb in VERBS):
                continue
            link = self._site.schema.link(module, name)
            for one in many(given.get("create")):
                self.create_related(actor, link, row, one)
            for one in many(given.get("add")):
                other_id, roles = split_id(one)
                self.relate(actor, link, row, self._site.need(actor, link.target, other_id), roles)
            for one in many(given.get("delete")):
                other_id, _ = split_id(one)
                self.unrelate(actor, link, row, self._site.need(actor, link.target, other_id))

    def create_related(self, actor: Actor, link: Link, row: Row, body: Any) -> Row:
        """A new record, related from its birth where the relationship is a field of it."""
        if not isinstance(body, dict):
            raise invalid(f"Records to create under {link.name} must be objects")
        one = link.relationship
        preset: Row = {}
        if link.left and one.key:
            preset[one.key] = row["id"]
            if one.parent:
                preset["parent_type"] = link.module
        other = self.create(actor, link.target, body, preset)
        if not preset:
            self.relate(actor, link, row, other, {k: v for k, v in body.items() if k in one.roles})
        return other

    def relate(self, actor: Actor, link: Link, row: Row, other: Row, roles: Mapping[str, Any]) -> None:
        """Relate two records, or change the role they have to each other."""
        one = link.relationship
        left, right = (row, other) if link.left else (other, row)
        if one.key:
            self._site.check_write(actor, one.rhs)
            given = {one.key: left["id"], **({"parent_type": one.lhs} if one.parent else {})}
            self.saver.store(actor, one.rhs, right, given)
        else:
            role = {k: v for k, v in roles.items() if k in one.roles}
            if one.primary_key and right[one.primary_key] in (None, left["id"]):
                role["primary_account"] = True
                self._site.tables[one.rhs].update(right, {one.primary_key: left["id"]})
            if not self._site.pairs_of(one).add(left["id"], right["id"], role):
                return
            if one.name == "teams_users":
                self._site.forget_actors()
        self._tell(actor, link, row, other, "after_relationship_add")

    def unrelate(self, actor: Actor, link: Link, row: Row, other: Row) -> None:
        """End a relationship; 404 not_found if there was none."""
        one = link.relationship
        left, right = (row, other) if link.left else (other, row)
        if one.key:
            if right[one.key] != left["id"]:
                raise not_found(link.target, other["id"])
            given = {one.key: None, **({"parent_type": None} if one.parent else {})}
            self.saver.store(actor, one.rhs, right, given)
        elif not self._site.pairs_of(one).drop(left["id"], right["id"]):
            raise not_found(link.target, other["id"])
        elif one.primary_key and right[one.primary_key] == left["id"]:
            self._site.tables[one.rhs].update(right, {one.primary_key: None})
        self._tell(actor, link, row, other, "after_relationship_delete")

    def _tell(self, actor: Actor, link: Link, row: Row, other: Row, event: str) -> None:
        ends = ((link.module, row, link.target, other, link.name), (link.target, other, link.module, row, link.other))
        for module, one, related_module, related, name in ends:
            self.saver.hooks.fire(
                actor, module, event, one,
                id=one["id"], module=module, related_id=related["id"], related_module=related_module,
                link=name, relationship=link.relationship.name,
            )  # fmt: skip

    def related(self, link: Link, row: Row) -> list[Row]:
        """The records behind a link."""
        one, table = link.relationship, self._site.tables[link.target]
        if one.key and link.left:
            found = table.find(one.key, row["id"])
            return [r for r in found if r["parent_type"] == link.module] if one.parent else found
        if one.key:
            right_kind = not one.parent or row["parent_type"] == one.lhs
            other = table.rows.get(row[one.key] or "") if right_kind else None
            return [other] if other else []
        ids = self._site.pairs_of(one).of(row["id"], link.left)
        return [table.rows[i] for i in ids if i in table.rows]

    def roles(self, link: Link, row: Row, other: Row) -> Row:
        """The role fields of a relationship between two records."""
        one = link.relationship
        if one.key or not one.roles:
            return {}
        kept = self._site.pairs_of(one).of(row["id"], link.left).get(other["id"]) or {}
        return {name: kept.get(name, "") for name in one.roles}

    def move(self, actor: Actor, module: str, loser: Row, winner: Row) -> None:
        """Hand all relationships of a record to another, as a merge does."""
        for link in list(self._site.schema.links[module].values()):
            one = link.relationship
            if one.key and not link.left:
                continue
            for other in list(self.related(link, loser)):
                roles = self.roles(link, loser, other)
                if not one.key:
                    self.unrelate(actor, link, loser, other)
                if other["id"] != winner["id"]:
                    self.relate(actor, link, winner, other, roles)


def many(given: Any) -> list[Any]:
    """A list, nothing counting as an empty one. 422 for anything else."""
    if not isinstance(given, list | None):
        raise invalid("A list is needed")
    return given or []


def split_id(given: Any) -> tuple[str, Row]:
    """An id, or an object of an id and role fields. 422 for anything else."""
    if isinstance(given, dict) and given.get("id"):
        return str(given["id"]), {k: v for k, v in given.items() if k != "id"}
    if isinstance(given, str):
        return given, {}
    raise invalid("An id or an object with an id is needed")
