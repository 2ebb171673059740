"""Merging two business partners, as a user does in the UI."""

from __future__ import annotations

from app.sandbox.sap_sales_cloud.errors import bad
from app.sandbox.sap_sales_cloud.model import EntityType
from app.sandbox.sap_sales_cloud.saving import Save
from app.sandbox.sap_sales_cloud.store import Row

STATUS = {
    "CorporateAccount": "LifeCycleStatusCode",
    "IndividualCustomer": "LifeCycleStatusCode",
    "Contact": "StatusCode",
}
OBSOLETE = "4"


def merge(save: Save, entity: EntityType, winner: Row, loser: Row) -> int:
    """The loser becomes obsolete, what names it names the winner from now on; how many nodes moved."""
    if entity.name not in STATUS or winner["ObjectID"] == loser["ObjectID"]:
        raise bad("Two different accounts, customers or contacts can be merged")
    old, new = loser[entity.human], winner[entity.human]
    moved = 0
    for other in save.tenant.schema.entities.values():
        for name in other.parties:
            moved += _move(save, other, name, old, new)
    save.touch(entity, loser, "Updated")
    current = save.tenant.table(entity).rows[loser["ObjectID"]]
    save.put(entity, {**current, STATUS[entity.name]: OBSOLETE})
    return moved


def _move(save: Save, entity: EntityType, name: str, old: str, new: str) -> int:
    table = save.tenant.table(entity)
    rows = [row for row in table.find(name, old) if row[name] == old]
    for row in rows:
        save.touch(entity, row, "Updated")
        save.put(entity, {**row, name: new})
    return len(rows)
