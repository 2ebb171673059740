"""How an entity reads as JSON: metadata, properties, deferred or expanded navigation."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from app.sandbox.sap_sales_cloud import reading, values
from app.sandbox.sap_sales_cloud.calls import Call, listed
from app.sandbox.sap_sales_cloud.errors import bad
from app.sandbox.sap_sales_cloud.model import EntityType
from app.sandbox.sap_sales_cloud.paths import quoted
from app.sandbox.sap_sales_cloud.schema import Navigation
from app.sandbox.sap_sales_cloud.store import Row
from app.sandbox.sap_sales_cloud.tenant import Tenant

Tree = dict[str, "Tree"]
MAX_EXPAND = 4


class Shape:
    """Which properties and navigations of an entity an answer shows, worked out once per answer."""

    def __init__(self, tenant: Tenant, call: Call, entity: EntityType, expand: Tree, select: list[str]) -> None:
        self.tenant = tenant
        self.call = call
        self.entity = entity
        self.navigations = tenant.schema.navigations[entity.name]
        names = _selected(entity, self.navigations, [item.partition("/")[0] for item in select])
        own = [prop for name, prop in entity.properties.items() if name in names]
        self._plain = [p for p in own if not p.describes and p.name not in entity.followers and p.name != "ETag"]
        self._derived = [p for p in own if p.name in entity.followers or p.name == "ETag"]
        self._texts = [p for p in own if p.describes and call.shows_texts]
        self._order = [p.name for p in own if call.shows_texts or not p.describes]
        self._shown = [nav for nav in self.navigations.values() if nav.name in names or nav.name in expand]
        self._inner = {name: self._expanded(name, tree, select) for name, tree in expand.items()}

    def _expanded(self, name: str, tree: Tree, select: list[str]) -> Shape:
        nav = self.navigations.get(name)
        if nav is None:
            raise bad(f"Navigation property '{name}' not found")
        target = self.tenant.schema.entities[nav.target]
        reading.check_use(self.tenant, self.call.user, target)
        deeper = [item.partition("/")[2] for item in select if item.startswith(name + "/")]
        return Shape(self.tenant, self.call, target, tree, deeper)

    def show(self, row: Row) -> dict[str, Any]:
        """One entity as JSON."""
        tenant, entity, language = self.tenant, self.entity, self.call.language
        found: dict[str, Any] = {p.name: values.show(p, row.get(p.name)) for p in self._plain}
        for prop in self._derived:
            found[prop.name] = values.show(prop, reading.value(tenant, entity, row, prop.name, language))
        for prop in self._texts:
            found[prop.name] = reading.description(entity, row, prop.describes, language)
        uri = self.call.base + entity_path(entity, row, self.call.human_keys)
        shown: dict[str, Any] = {"__metadata": metadata(tenant, entity, row, uri)}
        shown.update((name, found[name]) for name in self._order)
        for nav in self._shown:
            inner = self._inner.get(nav.name)
            shown[nav.name] = (
                {"__deferred": {"uri": f"{uri}/{nav.name}"}} if inner is None else self._inline(nav, inner, row)
            )
        return shown

    def _inline(self, nav: Navigation, inner: Shape, row: Row) -> Any:
        rows = [inner.show(one) for one in follow(self.tenant, self.call, self.entity, nav, row)]
        if not nav.many:
            return rows[0] if rows else None
        return rows if self.tenant.switches.expanded_as_array else {"results": rows}


def _selected(entity: EntityType, navigations: dict[str, Navigation], select: list[str]) -> set[str]:
    if not select or "*" in select:
        return {*entity.properties, *navigations}
    for name in select:
        if name not in entity.properties and name not in navigations:
            raise bad(f"Property '{name}' not found")
    return set(select)


def metadata(tenant: Tenant, entity: EntityType, row: Row, uri: str) -> dict[str, str]:
    """`__metadata`."""
    version = reading.version(tenant, entity, row)
    return {"uri": uri, "type": f"c4codata.{entity.name}", "etag": values.etag_of(version)}


def entity_path(entity: EntityType, row: Row, human_keys: bool = False) -> str:
    """An entity's own path below the service root, percent-encoded."""
    key = row.get(entity.human) if human_keys and entity.human else None
    return f"{entity.set_name}({quote(quoted(key or row['ObjectID']), safe=chr(39))})"


def follow(tenant: Tenant, call: Call, entity: EntityType, nav: Navigation, row: Row) -> list[Row]:
    """The rows that a navigation leads to and the user may see."""
    near = row["ObjectID"] if nav.near == "ObjectID" else reading.value(tenant, entity, row, nav.near)
    if not near:
        return []
    target = tenant.schema.entities[nav.target]
    table = tenant.table(target)
    by_key = [table.rows[near]] if nav.far == "ObjectID" and near in table.rows else []
    found = by_key if nav.far == "ObjectID" else table.find(nav.far, near)
    return [one for one in found if reading.is_visible(tenant, call.user, target, one)]


def expand_tree(text: str) -> Tree:
    """`A,B/C` → {"A": {}, "B": {"C": {}}}."""
    tree: Tree = {}
    for item in listed(text):
        parts = item.split("/")
        if len(parts) > MAX_EXPAND:
            raise bad(f"$expand is too deep: {item}")
        node = tree
        for part in parts:
            node = node.setdefault(part, {})
    return tree
