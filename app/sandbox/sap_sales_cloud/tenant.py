"""One tenant in memory: its switches, data, number ranges, clock, locks, and the lock that serialises access."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from app.sandbox.kit import Options
from app.sandbox.sap_sales_cloud.errors import bad
from app.sandbox.sap_sales_cloud.model import EntityType
from app.sandbox.sap_sales_cloud.schema import Schema
from app.sandbox.sap_sales_cloud.sessions import Sessions
from app.sandbox.sap_sales_cloud.store import Database, Row

FIRST_NUMBERS = {
    "partner": 1_000_000,
    "lead": 25_000,
    "opportunity": 10_000,
    "order": 9_000_000_000,
    "activity": 47_000,
    "ticket": 5_000,
    "product": 10_000_000,
}
CLOCK_STEP = 10  # a microsecond, so that no two saves share a version


@dataclass(frozen=True)
class Switches:
    """What differs from tenant to tenant or could not be verified; changed by `POST /_sandbox/settings`."""

    single_results: bool = True  # one entity under d.results, as the vendor does; off: the standard d
    expanded_as_array: bool = True  # off: {"results": [...]}
    deep_response: bool = False  # a deep insert's answer shows the children
    content_id_references: bool = False  # $1 in a change set
    external_numbers: bool = False  # the number ranges take numbers of callers
    order_pricing: str = "external"  # external or tenant
    negative_prices: bool = True
    checks_emails: bool = True  # a partner's e-mail must look like one
    order_item_needs_product: bool = True
    cancelled_items_in_totals: bool = True
    sales_area_check: bool = False  # items need a product that is sold in the order's sales area
    children_move_parent: bool = True  # a child's change moves the root's EntityLastChangedOn
    opportunity_transitions: bool = True
    approval_locks: bool = True  # a document in approval takes no changes
    filter_ne: bool = False
    substringof: bool = True
    filter_ignores_case: bool = False
    hidden_status: int = 403  # a row of another territory asked for by key
    overload_status: int = 429  # or 503: above ten calls at once
    page_size: int = 1000
    batch_parts: int = 1000
    csrf_seconds: int = 1800
    token_seconds: int = 3600
    denied: dict[str, list[str]] = field(default_factory=dict)  # user → business objects not granted
    services: list[str] = field(default_factory=lambda: ["c4codataapi"])  # of the technical user's arrangement
    saml_certificate: str = ""  # PEM of the registered identity provider
    saml_issuer: str = "storeline"
    saml_audience: str = ""  # the tenant's local provider name; empty: the stand-in's address
    oauth_clients: dict[str, str] = field(default_factory=lambda: {"sandbox-client": "sandbox-secret"})


@dataclass
class RecordLock:
    """The next `times` writes of one business object find it open in somebody's browser."""

    object_id: str
    times: int


class Tenant:
    """Everything the stand-in remembers. Hold `lock` around each use."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.lock = threading.RLock()
        self.reset()

    def reset(self) -> None:
        """A tenant with nothing in it; the seed comes after."""
        self.switches = Switches()
        self.schema = Schema()
        self.db = Database(self.schema.entities)
        self.sessions = Sessions()
        self.record_locks: list[RecordLock] = []
        self.numbers = Counter(FIRST_NUMBERS)
        self.made = 0
        self.last_tick = 0
        self.mashup_url = ""

    def switch(self, changes: dict[str, Any]) -> None:
        """Change switches; KeyError names one that does not exist."""
        known = {one.name for one in fields(Switches)}
        for name in changes:
            if name not in known:
                raise KeyError(name)
        self.switches = replace(self.switches, **changes)

    def empty(self, entities: Collection[str], keep: frozenset[str]) -> None:
        """Take out all rows of these entities and of their nodes, but for some; for good."""
        for entity in self.schema.entities.values():
            if {entity.name, entity.parent}.isdisjoint(entities):
                continue
            table = self.db.tables[entity.name]
            for row_id, row in list(table.rows.items()):
                if keep.isdisjoint((row_id, row.get("ParentObjectID"))):
                    table.set(row_id, None)

    def state(self) -> dict[str, Any]:
        """The switches as they stand."""
        return asdict(self.switches)

    def now(self) -> int:
        """The clock in ticks; never the same twice."""
        self.last_tick = max(time.time_ns() // 100, self.last_tick + CLOCK_STEP)
        return self.last_tick

    def number(self, range_name: str) -> str:
        """The next human id of a number range."""
        self.numbers[range_name] += 1
        return str(self.numbers[range_name])

    def new_object_id(self) -> str:
        """The next ObjectID; never given twice, even if its row is rolled back."""
        self.made += 1
        return f"00163E{self.made * 2654435761 % 2**32:08X}1EEE{self.made:014X}"

    def table(self, entity: EntityType | str) -> Any:
        """The rows of an entity type."""
        return self.db.tables[entity if isinstance(entity, str) else entity.name]

    def children(self, child: str, parent: Row) -> list[Row]:
        """The rows of a child node of one object."""
        found: list[Row] = self.db.tables[child].find("ParentObjectID", parent["ObjectID"])
        return found

    def root_row(self, entity: EntityType, row: Row) -> Row:
        """The business object's own row of a node; the row itself while it is new."""
        if not entity.parent:
            return row
        return self.db.tables[entity.parent].rows.get(row["ParentObjectID"], row)

    def check_lock(self, root: EntityType, row: Row) -> None:
        """400 while a test has the object open in somebody's browser."""
        for lock in self.record_locks:
            if lock.object_id == row["ObjectID"]:
                lock.times -= 1
                if lock.times <= 0:
                    self.record_locks.remove(lock)
                raise bad(f"{root.name} {row.get(root.human, '')} is locked by user Mike Summers")

    def find_row(self, entity: EntityType, any_id: str) -> Row | None:
        """A row by its ObjectID or its human id."""
        table = self.db.tables[entity.name]
        return table.rows.get(any_id) or (table.first(entity.human, any_id) if entity.human else None)
