"""One batch of reads that finds what may already be in the tenant; a second one for what only a child tells of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.connectors.sap_sales_cloud import names
from app.connectors.sap_sales_cloud.client import Client
from app.connectors.sap_sales_cloud.facts import OBSOLETE, Facts
from app.connectors.sap_sales_cloud.metadata import Schema
from app.connectors.sap_sales_cloud.odata import (
    Row,
    either,
    guid,
    is_literal,
    literal,
    query,
    read_date,
    rows,
    set_name,
)
from app.domain.customer import GUEST, fold

_EXPAND = {
    names.CUSTOMER: (names.CUSTOMER_KEY,),
    names.ACCOUNT: (names.ACCOUNT_KEY,),
    names.ORDER: (names.ITEM,),
    names.OPPORTUNITY: (names.OPPORTUNITY_ITEM, names.REFERENCE),
}
# Where a role does not let us see these, the write will say so, of that part alone.
_OPTIONAL = (names.LEAD, names.OPPORTUNITY, names.TASK)
_PARENTS = {child: parent for parent, child in names.KEYS.items()}


@dataclass
class Wants:
    """What to look for: literals, by entity and property."""

    values: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def add(self, entity: str, name: str, *values: str) -> None:
        """Records with one of these texts; what no filter can look for is left out."""
        wanted = {literal(value) for value in values if is_literal(value)}
        if wanted:
            self.values.setdefault((entity, name), set()).update(wanted)

    def uuid(self, entity: str, *values: str) -> None:
        """Records with one of these UUIDs."""
        self.values.setdefault((entity, "UUID"), set()).update(map(guid, values))

    def queries(self, schema: Schema) -> Iterator[tuple[str, str]]:
        """(entity, path) of the lists to read."""
        for (entity, name), values in self.values.items():
            if schema.entities and not schema.has(entity, name):
                continue
            for condition in either(name, values):
                children = (child for child in _EXPAND.get(entity, ()) if not schema.entities or schema.has(child))
                expand = ",".join(children)
                yield entity, query(set_name(entity), filter=condition, expand=expand, format="json")


@dataclass
class Found:
    """What there is, by entity and ObjectID."""

    entities: dict[str, dict[str, Row]] = field(default_factory=dict)
    _index: dict[tuple[str, str], dict[str, list[Row]]] = field(default_factory=dict)

    def keep(self, entity: str, row: Row) -> None:
        self.entities.setdefault(entity, {})[str(row["ObjectID"])] = row

    def by_id(self, entity: str, object_id: str) -> Row | None:
        """The record at a place."""
        return self.entities.get(entity, {}).get(object_id)

    def where(self, entity: str, name: str, value: str) -> list[Row]:
        """The records with a value, case aside, the oldest first."""
        index = self._index.get((entity, name))
        if index is None:
            index = self._index[(entity, name)] = {}
            for row in sorted(self.entities.get(entity, {}).values(), key=_age):
                index.setdefault(fold(str(row.get(name) or "")), []).append(row)
        return index.get(fold(value), []) if value else []


def ask(client: Client, wants: Wants, facts: Facts) -> Found:
    """Run the reads that are needed; no call if there is nothing to look for."""
    found = Found()
    _read(client, wants, facts, found)
    further = Wants()
    for child, parent in _PARENTS.items():
        parents = {str(row.get("ParentObjectID") or "") for row in found.entities.get(child, {}).values()}
        further.add(parent, "ObjectID", *(parents - set(found.entities.get(parent, ()))))
    _read(client, further, facts, found)
    return found


def _read(client: Client, wants: Wants, facts: Facts, found: Found) -> None:
    queries = list(wants.queries(facts.schema))
    if not queries:
        return
    optional = {path for entity, path in queries if entity in _OPTIONAL}
    for (entity, _), there in zip(queries, client.read([path for _, path in queries], optional), strict=True):
        for row in there:
            found.keep(entity, row)


def identifications(entity: str, row: Row, facts: Facts) -> dict[str, str]:
    """Our kind of ids on a person or company: number -> ObjectID of the child."""
    children = rows(row.get(names.KEYS.get(entity, "")))
    return {
        str(child.get("IDNumber") or ""): str(child["ObjectID"])
        for child in children
        if facts.id_type and child.get("IDTypeCode") == facts.id_type
    }


def claims_of(entity: str, row: Row, facts: Facts) -> list[str]:
    """The external ids that a record carries, of whichever store."""
    key = facts.extension(entity, "key")
    own = [str(row.get(key) or "")] if key else []
    return [external for external in (*identifications(entity, row, facts), *own) if external]


def is_registered(entity: str, row: Row, facts: Facts) -> bool:
    """Whether somebody is a registered customer of this store."""
    ids = (facts.our_id(external) for external in claims_of(entity, row, facts))
    return any(our_id and not our_id.startswith(GUEST) for our_id in ids)


def is_active(entity: str, row: Row) -> bool:
    """Whether a person, company or product is not obsolete: nothing of these is ever deleted there."""
    return str(row.get(names.STATUS.get(entity, ""), "")) != OBSOLETE


def _age(row: Row) -> tuple[float, str]:
    made = read_date(row.get("CreationOn") or row.get("CreationDateTime"))
    return (made.timestamp() if made else 0.0, str(row["ObjectID"]))
