"""Creating, changing and deleting nodes as `$metadata` and the tenant's rules allow."""

from __future__ import annotations

from typing import Any

from app.sandbox.sap_sales_cloud import codes, partners, reading, values
from app.sandbox.sap_sales_cloud.calls import Body
from app.sandbox.sap_sales_cloud.errors import ApiError, bad
from app.sandbox.sap_sales_cloud.model import EntityType, Property
from app.sandbox.sap_sales_cloud.saving import AFTER, BEFORE, Save
from app.sandbox.sap_sales_cloud.store import Row

MAX_DEPTH = 5
Nested = dict[str, list[Body]]


def create(save: Save, entity: EntityType, body: Any, parent: Row | None = None, depth: int = 0) -> Row:
    """A new node with its nested children; 400 says what is wrong with it."""
    if not entity.creatable and not save.system:
        raise ApiError(405, f"{entity.set_name} does not allow creation")
    if not isinstance(body, dict):
        raise bad("The request body is not a JSON object")
    if depth > MAX_DEPTH:
        raise bad("The deep insert is too deep")
    given, nested = _readable(save, entity, body, creating=True)
    if entity.parent:
        parent = parent or _parent(save, entity, given)
        given["ParentObjectID"] = parent["ObjectID"]
        if entity.parent_human:
            given[entity.parent_human] = parent.get(save.tenant.schema.entities[entity.parent].human, "")
    _check_mandatory(entity, given, given)
    row = {**_defaults(entity), **given}
    row["ObjectID"] = _object_id(save, entity, given)
    if parent is not None:
        save.check_approval(entity, row, frozenset(given))
    touch = save.touch(entity, row, "Created")
    _check(save, entity, row, given)
    _number(save, entity, row)
    row.update(save.first_stamps(entity))
    save.sent = frozenset(given)
    _store(save, entity, None, row)
    if not entity.parent:
        touch.fields.update({name: (None, value) for name, value in given.items()})
    for child, bodies in nested.items():
        for one in bodies:
            create(save, save.tenant.schema.entities[child], one, row, depth + 1)
    return row


def update(save: Save, entity: EntityType, row: Row, body: Any, replace: bool = False) -> Row:
    """A node with other values; only those sent, or with `replace` all that can be changed."""
    if not isinstance(body, dict):
        raise bad("The request body is not a JSON object")
    if not entity.updatable:
        raise ApiError(405, f"{entity.set_name} does not allow changes")
    given, nested = _readable(save, entity, body, creating=False, row=row)
    if nested:
        raise bad(f"Deep update is not supported; change {', '.join(sorted(nested))} in its own entity set")
    given = {name: value for name, value in given.items() if not _is_still_empty(entity, row, name, value)}
    if replace:
        empty = {p.name: None for p in entity.properties.values() if p.updatable}
        given = {**empty, **_defaults(entity, updatable=True), **given}
    changed = {name: value for name, value in given.items() if row.get(name) != value}
    save.check_approval(entity, row, frozenset(changed))
    touch = save.touch(entity, row, "Updated")
    new = {**row, **given}
    _check_mandatory(entity, given, new)
    _check(save, entity, new, changed)
    save.sent = frozenset(given)
    _store(save, entity, row, new)
    if not entity.parent:
        touch.fields.update({name: (row.get(name), value) for name, value in changed.items()})
    return new


def delete(save: Save, entity: EntityType, row: Row) -> None:
    """A node goes, and its children with it; 405 for business partners, who only become obsolete."""
    if not entity.deletable and not save.system:
        raise ApiError(405, f"{entity.name} cannot be deleted; set its status to Obsolete")
    save.check_approval(entity, row, frozenset({"delete"}))
    save.touch(entity, row, "Deleted")
    for child in entity.children:
        for one in save.tenant.children(child, row):
            save.tenant.table(child).remove(one["ObjectID"])
    save.tenant.table(entity).remove(row["ObjectID"])
    for rule in AFTER.get(entity.name, ()):
        rule(save, row, {})


def _store(save: Save, entity: EntityType, old: Row | None, new: Row) -> None:
    for rule in BEFORE.get(entity.name, ()):
        rule(save, old, new)
    partners.check(save.tenant, entity, {n: v for n, v in new.items() if old is None or old.get(n) != v})
    save.put(entity, new)
    for rule in AFTER.get(entity.name, ()):
        rule(save, old, new)


def _readable(save: Save, entity: EntityType, body: Body, creating: bool, row: Row | None = None) -> tuple[Row, Nested]:
    given: Row = {}
    nested: Nested = {}
    navigations = save.tenant.schema.navigations[entity.name]
    for name, value in body.items():
        if name == "__metadata":
            continue
        if name in navigations:
            if not (isinstance(value, dict) and "__deferred" in value) and value is not None:
                nested[name] = _bodies(name, value, navigations[name].many)
            continue
        prop = entity.properties.get(name)
        if prop is None:
            raise bad(f"Property '{name}' not found")
        if _takes(save, entity, prop, value, creating, row):
            given[name] = values.parse(prop, value)
    return given, nested


def _takes(save: Save, entity: EntityType, prop: Property, value: Any, creating: bool, row: Row | None) -> bool:
    """Whether a sent property is written; 400 where it is refused, False where it is ignored in silence."""
    if save.system:
        return True
    if creating:
        if not prop.creatable and prop.nullable:
            raise bad(f"Property '{prop.name}' is not creatable")
        return prop.creatable
    if prop.name == "ETag" or prop.describes:
        return False
    stored = reading.value(save.tenant, entity, row or {}, prop.name)
    if not prop.updatable and values.parse(prop, value) != (stored or values.EMPTY.get(prop.edm)):
        raise bad(f"Property '{prop.name}' is not updatable")
    return prop.updatable


def _is_still_empty(entity: EntityType, row: Row, name: str, value: Any) -> bool:
    """Whether a value only repeats how something empty reads."""
    return row.get(name) is None and value == values.EMPTY.get(entity.properties[name].edm)


def _bodies(name: str, value: Any, many: bool) -> list[Body]:
    if isinstance(value, dict) and isinstance(value.get("results"), list):
        value = value["results"]
    if not many or not isinstance(value, list):
        raise bad(f"Invalid inline content of navigation property '{name}'")
    return value


def _parent(save: Save, entity: EntityType, given: Row) -> Row:
    parent = save.tenant.schema.entities[entity.parent]
    table = save.tenant.table(parent)
    by_id: Row | None = table.rows.get(given.get("ParentObjectID", ""))
    if by_id is not None:
        return by_id
    human = given.get(entity.parent_human, "")
    by_human: Row | None = table.first(parent.human, human) if parent.human and human else None
    if by_human is None or given.get("ParentObjectID"):
        raise bad(f"{parent.name} not found; enter a valid ParentObjectID or {entity.parent_human}")
    return by_human


def _defaults(entity: EntityType, updatable: bool = False) -> Row:
    props = entity.properties.values()
    return {p.name: values.parse(p, p.default) for p in props if p.default and (p.updatable or not updatable)}


def _object_id(save: Save, entity: EntityType, given: Row) -> str:
    if entity.parent and given.get("BusinessRoleID"):
        # an assignment's key is made up of both sides, with marks that a URL must escape
        return f"{given['ParentObjectID']}{given['BusinessRoleID']}_#$IBR$#_41"
    own = given.get("UUID")
    if not own:
        return save.tenant.new_object_id()
    object_id: str = own.replace("-", "")
    if object_id in save.tenant.table(entity).rows:
        raise bad(f"{entity.name} with UUID {own} already exists")
    return object_id


def _check_mandatory(entity: EntityType, given: Row, whole: Row) -> None:
    for prop in entity.properties.values():
        if prop.mandatory and prop.name != "ObjectID" and whole.get(prop.name) in (None, ""):
            raise bad(f"Enter a value for {prop.name}; it is mandatory")


def _check(save: Save, entity: EntityType, row: Row, given: Row) -> None:
    for name, value in given.items():
        prop = entity.properties[name]
        if value and prop.codes and not codes.is_known(prop.codes, value, row.get(prop.context) or ""):
            raise bad(f"Code '{value}' is not valid for {name}")
    for name in entity.unique:
        known = save.tenant.table(entity).first(name, given.get(name) or "")
        if known is not None and known["ObjectID"] != row["ObjectID"]:
            raise bad(f"{entity.name} with {name} {given[name]} already exists")


def _number(save: Save, entity: EntityType, row: Row) -> None:
    tenant = save.tenant
    for name in ("UUID", "ContactUUID"):
        if name in entity.properties and not row.get(name):
            row[name] = values.guid(row["ObjectID"])
    if entity.human and entity.numbers:
        if not row.get(entity.human):
            row[entity.human] = tenant.number(entity.numbers)
        elif not (tenant.switches.external_numbers or entity.numbers == "product" or save.system):
            raise bad(f"{entity.human} {row[entity.human]} is not within an external number range; leave it out")
    elif entity.position and not row.get(entity.position):
        siblings = tenant.table(entity).find("ParentObjectID", row["ParentObjectID"])
        taken = (one.get(entity.position, "") for one in siblings)
        row[entity.position] = str(max((int(n) for n in taken if n.isdigit()), default=0) // 10 * 10 + 10)
