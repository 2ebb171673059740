"""A store and a CRM in dictionaries, behind the connectors' protocols, for tests of the engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

from app.connectors.base import Key, Known, Option, Outcome, Preparation, Ref, Write
from app.domain import Customer, Order, OrderLine, Record, to_json
from app.domain.order import Stage
from app.domain.record import digest
from app.errors import Rejected, Retryable, StorelineError

T0 = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


def order(
    number: int, total: str = "10.00", *, customer: str = "7", stage: Stage = Stage.SALE, **changes: Any
) -> Order:
    """An order of one line."""
    amount = Decimal(total)
    buyer = Customer(customer, f"buyer{customer}@shop.example", "Jane", f"Doe {customer}", complete=False)
    line = OrderLine(f"{number}1", "Tea", "TEA-01", 1, amount, variant_id="77", product_id="5")
    values: dict[str, Any] = {
        "id": str(number), "status_id": 10, "status": "Completed", "stage": stage, "buyer": buyer, "placed_at": T0,
        "modified_at": T0, "currency": "GBP", "total": amount, "lines": (line,),
    }  # fmt: skip
    return Order(**{**values, **changes})


@dataclass
class FakeStore:
    """A source: records by kind and id."""

    name: ClassVar[str] = "bigcommerce"

    records: dict[Key, Record] = field(default_factory=dict)
    unreadable: dict[Key, Rejected] = field(default_factory=dict)
    calls: int = 0
    error: StorelineError | None = None
    poison: frozenset[str] = frozenset()  # ids that break every call that asks for them

    def put(self, record: Record) -> None:
        self.records[(record.kind, record.id)] = record

    def fetch_many(
        self, kind: str, ids: Sequence[str], changed_since: datetime | None = None
    ) -> dict[str, Record | Rejected | None]:
        self.calls += 1
        if self.error is not None:
            raise self.error
        if self.poison & set(ids):
            raise Retryable("BigCommerce answered 500.", code="BC_500", status=500)
        keys = {record_id: (kind, record_id) for record_id in ids}
        return {record_id: self.unreadable.get(key) or self.records.get(key) for record_id, key in keys.items()}

    def check(self) -> None:
        self.fetch_many("order", ())


@dataclass
class FakeCrm:
    """A target: rows by our key; `before` may raise for a write (its error) or for the whole call."""

    name: ClassVar[str] = "salesforce"
    label: ClassVar[str] = "Fake CRM"
    options: ClassVar[tuple[Option, ...]] = (
        Option("orders", "Orders", "", ("order",)),
        Option("customers", "Customers", "", ("customer",)),
        Option("products", "Products", "", ("product",)),
    )
    batch: ClassVar[dict[str, int]] = {"order": 5, "customer": 5, "product": 5}

    rows: dict[Key, Any] = field(default_factory=dict)
    writes: list[list[str]] = field(default_factory=list)
    calls: int = 0
    refuse: Callable[[Write], StorelineError | None] = lambda write: None
    error: StorelineError | None = None
    created: Counter[Key] = field(default_factory=Counter)

    def refers_to(self, record: Record) -> tuple[Key, ...]:
        if isinstance(record, Order):
            return (("customer", record.buyer.id),)
        return tuple(("customer", alias) for alias in getattr(record, "aliases", ()))

    def refers_to_gone(self, kind: str, record_id: str) -> tuple[Key, ...]:
        return ()

    def digest(self, record: Record) -> str:
        return digest(record)

    def upsert_many(self, writes: Sequence[Write]) -> list[Outcome]:
        self.calls += 1
        self.writes.append([write.id for write in writes])
        if self.error is not None:
            raise self.error
        return [self._upsert(write) for write in writes]

    def _upsert(self, write: Write) -> Outcome:
        error = self.refuse(write)
        if error is not None:
            return Outcome(error=error, sent={"id": write.id})
        key = (write.kind, write.id)
        if key not in self.rows and write.place is None:
            self.created[key] += 1
        self.rows[key] = None if write.record is None else to_json(write.record)
        if write.place is not None:  # a connector names only places that are new to us
            return Outcome(sent={"id": write.id}, received={"id": write.place.ref.id})
        ref = Ref(write.kind.title(), f"crm-{write.kind}-{write.id}")
        return Outcome(made={key: Known(ref)}, sent={"id": write.id}, received={"id": ref.id})

    def check(self) -> None:
        self.calls += 1
        if self.error is not None:
            raise self.error

    def prepare(self) -> Preparation:
        return Preparation()

    def totals(self) -> dict[str, Any]:
        return {"orders": len(self.rows), "totals": {}}
