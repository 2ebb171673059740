"""One save: what a change set touches, whose it is, and the rules that join in; all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from app.sandbox.sap_sales_cloud import values
from app.sandbox.sap_sales_cloud.errors import ApiError, bad
from app.sandbox.sap_sales_cloud.model import EntityType
from app.sandbox.sap_sales_cloud.store import Row
from app.sandbox.sap_sales_cloud.tenant import Tenant
from app.sandbox.sap_sales_cloud.users import User

CREATED_ON = ("CreationOn", "CreationDateTime", "CreatedOn", "CreationDate", "ReportedDateTime")
CREATED_BY = ("CreatedBy", "UserCreatedBy")
CHANGED_ON = ("ChangedOn", "LastChangeDateTime", "LastChangedOn", "LastChangeDate", "UpdatedOn", "EntityLastChangedOn")
CHANGED_BY = ("ChangedBy", "LastChangedBy", "LastUpdatedBy")
IN_APPROVAL = "3"
# what still works on a document in approval
FREE_IN_APPROVAL = frozenset({"WithdrawFromApproval"})

Kind = Literal["Created", "Updated", "Deleted"]
Before = Callable[["Save", Row | None, Row], None]
Settle = Callable[["Save", Row], None]
BEFORE: dict[str, list[Before]] = {}
AFTER: dict[str, list[Before]] = {}
SETTLE: dict[str, list[Settle]] = {}


@dataclass
class Touch:
    """A business object that a save changes."""

    root: EntityType
    kind: Kind
    etag: int | None  # the version before the save
    whole: bool = False  # the root node itself changed, not only a child
    fields: dict[str, tuple[object, object]] = field(default_factory=dict)  # old and new values of the root


@dataclass
class Save:
    """One change set of one user."""

    tenant: Tenant
    user: User
    stamp: int
    touched: dict[str, Touch] = field(default_factory=dict)
    sent: frozenset[str] = frozenset()  # what the caller wrote of the node being stored
    system: bool = False  # the tenant's own doing: neither locks nor flags hold it up

    def touch(self, entity: EntityType, row: Row, kind: Kind) -> Touch:
        """Note that a node changes; the first time, its object must not be locked."""
        tenant = self.tenant
        root, whole = tenant.schema.root(entity), tenant.root_row(entity, row)
        known = self.touched.get(whole["ObjectID"])
        if known is None:
            exists = whole["ObjectID"] in tenant.table(root).rows
            if exists and not self.system:
                tenant.check_lock(root, whole)
            node_kind: Kind = kind if not entity.parent else "Updated"
            known = Touch(root, node_kind, whole.get("ETag") if exists else None)
            self.touched[whole["ObjectID"]] = known
        if not entity.parent:
            known.whole = True
            if kind == "Deleted":
                known.kind = kind
        return known

    def check_approval(self, entity: EntityType, row: Row, names: frozenset[str]) -> None:
        """400 for changes of a document that waits for its approver."""
        whole = self.tenant.root_row(entity, row)
        held = whole.get("ApprovalStatusCode") == IN_APPROVAL and self.tenant.switches.approval_locks
        if held and not self.system and not names <= FREE_IN_APPROVAL:
            root = self.tenant.schema.root(entity)
            raise bad(f"{root.name} {whole.get(root.human, '')} is in approval and cannot be changed")

    def check_version(self, entity: EntityType, row: Row, if_match: str) -> None:
        """412 unless one of the versions is the object's, as it was before this save or is now."""
        whole = self.tenant.root_row(entity, row)
        known = self.touched.get(whole["ObjectID"])
        versions = {whole.get("ETag", 0), known.etag if known and known.etag else whole.get("ETag", 0)}
        given = [one.strip() for one in if_match.split(",")]
        if "*" not in given and not any(values.etag_of(version) in given for version in versions):
            raise ApiError(412, "The resource was changed by another user; the ETag does not match")

    def put(self, entity: EntityType, row: Row) -> None:
        """Store a node with its change stamps."""
        row.update(self.stamps(entity))
        self.tenant.table(entity).put(row)

    def stamps(self, entity: EntityType) -> Row:
        """Who changed it and when."""
        moment = self.stamp - self.stamp % (values.TICKS // 1000)
        found: Row = {name: moment for name in CHANGED_ON if name in entity.properties}
        found.update({name: self.user.name for name in CHANGED_BY if name in entity.properties})
        return found

    def first_stamps(self, entity: EntityType) -> Row:
        """Who made it and when."""
        moment = self.stamp - self.stamp % (values.TICKS // 1000)
        found: Row = {name: moment for name in CREATED_ON if name in entity.properties}
        found.update({name: self.user.name for name in CREATED_BY if name in entity.properties})
        return found

    def settle(self) -> None:
        """Sums and versions, once per object."""
        for object_id, touch in list(self.touched.items()):
            table = self.tenant.table(touch.root)
            row = table.rows.get(object_id)
            if row is None:
                continue
            for rule in SETTLE.get(touch.root.name, ()):
                rule(self, row)
                row = table.rows[object_id]
            moves = touch.whole or self.tenant.switches.children_move_parent
            table.put({**row, **(self.stamps(touch.root) if moves else {}), "ETag": self.stamp})


def before(*names: str) -> Callable[[Before], Before]:
    """Register a rule that completes or refuses a row before it is stored."""

    def register(rule: Before) -> Before:
        for name in names:
            BEFORE.setdefault(name, []).append(rule)
        return rule

    return register


def after(*names: str) -> Callable[[Before], Before]:
    """Register a rule that acts on other rows once a row is stored."""

    def register(rule: Before) -> Before:
        for name in names:
            AFTER.setdefault(name, []).append(rule)
        return rule

    return register


def settling(*names: str) -> Callable[[Settle], Settle]:
    """Register a rule that runs once per touched object at the end of the save."""

    def register(rule: Settle) -> Settle:
        for name in names:
            SETTLE.setdefault(name, []).append(rule)
        return rule

    return register


@contextmanager
def saving(
    tenant: Tenant, user: User, saved: Callable[[Save], None] | None = None, system: bool = False
) -> Iterator[Save]:
    """A save that is undone by any error; `saved` hears of it afterwards. Hold the tenant's lock."""
    save = Save(tenant, user, tenant.now(), system=system)
    try:
        yield save
        save.settle()
    except BaseException:
        tenant.db.rollback()
        raise
    tenant.db.commit()
    if saved is not None:
        saved(save)
