"""A store and a CRM in dictionaries, behind the connectors' protocols, for tests of the engine."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

from app.connectors.base import (
    TO_STORE,
    Changes,
    CrmUser,
    Edit,
    Edited,
    Key,
    Known,
    Option,
    Outcome,
    Preparation,
    Ref,
    Seen,
    Theirs,
    Write,
)
from app.connectors.lists import Head, Heads, Sale, Span
from app.domain import Customer, Order, OrderLine, Record, to_json
from app.domain.fields import Fields, with_fields
from app.domain.order import Stage
from app.domain.record import digest
from app.errors import Rejected, Retryable, StorelineError

T = TypeVar("T")
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


def touched(record: Record, at: datetime) -> Record:
    """The record as changed just now."""
    return replace(record, modified_at=at) if hasattr(record, "modified_at") else record  # type: ignore[type-var]  # dataclasses all


def without_parcels(record: T, since: datetime | None) -> T:
    """As it comes where parcels of older orders are not asked for."""
    if isinstance(record, Order) and record.shipments and since is not None and record.placed_at < since:
        return replace(record, shipments=(), parcels_known=False)
    return record


@dataclass
class FakeStore:
    """A source: records by kind and id."""

    name: ClassVar[str] = "bigcommerce"

    records: dict[Key, Record] = field(default_factory=dict)
    unreadable: dict[Key, Rejected] = field(default_factory=dict)
    calls: int = 0
    error: StorelineError | None = None
    poison: frozenset[str] = frozenset()  # ids that break every call that asks for them
    poisoned: StorelineError = field(
        default_factory=lambda: Retryable("BigCommerce answered 500.", code="BC_500", status=500)
    )
    edits: list[Edit] = field(default_factory=list)
    refuse: Callable[[Edit], StorelineError | None] = lambda edit: None
    waits: frozenset[str] = frozenset()  # fields that it does not take alone
    clock: datetime = T0
    page_size: int = 250

    def put(self, record: Record) -> None:
        self.records[(record.kind, record.id)] = record

    def fetch_many(
        self,
        kind: str,
        ids: Sequence[str],
        changed_since: datetime | None = None,
        parcels_since: datetime | None = None,
    ) -> dict[str, Record | Rejected | None]:
        self.calls += 1
        if self.error is not None:
            raise self.error
        if self.poison & set(ids):
            raise self.poisoned
        keys = {record_id: (kind, record_id) for record_id in ids}
        found = {record_id: self.unreadable.get(key) or self.records.get(key) for record_id, key in keys.items()}
        return {record_id: without_parcels(record, parcels_since) for record_id, record in found.items()}

    def _heads(self, kind: str, span: Span) -> list[Head]:
        found = []
        for (own, number), record in self.records.items():
            made = getattr(record, "placed_at", None) or getattr(record, "created_at", None) or T0
            changed = getattr(record, "modified_at", None) or made
            at = made if span.by == "created" else changed
            if own == kind and (span.since or at) <= at <= (span.until or at):
                found.append(Head(number, made, changed, bool(getattr(record, "shipments", ()))))
        return sorted(found, key=lambda head: int(head.id))

    def count(self, kind: str, span: Span) -> int:
        self.calls += 1
        if self.error is not None:
            raise self.error
        return len(self._heads(kind, span))

    def page(self, kind: str, span: Span, cursor: str = "") -> Heads:
        self.calls += 1
        if self.error is not None:
            raise self.error
        left = [head for head in self._heads(kind, span) if int(head.id) > int(cursor or 0)]
        chosen = left[: self.page_size]
        return Heads(tuple(chosen), chosen[-1].id if chosen else cursor, len(left) > len(chosen))

    def sales(self, since: datetime, until: datetime) -> Iterator[Sale]:
        self.calls += 1
        if self.error is not None:
            raise self.error
        for one in [record for record in self.records.values() if isinstance(record, Order)]:
            if since <= one.placed_at < until and not one.is_deleted and one.stage is not Stage.INCOMPLETE:
                yield Sale(
                    one.id, one.currency, one.counted, one.placed_at,
                    channel_id=one.channel_id, modified_at=one.modified_at,
                )  # fmt: skip

    def update_many(self, edits: Sequence[Edit]) -> list[Edited]:
        self.calls += 1
        self.edits.extend(edits)
        return [self._update(edit) for edit in edits]

    def _update(self, edit: Edit) -> Edited:
        error = self.refuse(edit)
        if error is not None:
            return Edited(edit.id, error)
        self.clock += timedelta(seconds=1)
        if edit.record is None:
            made = Customer(str(1000 + len(self.records)), "", modified_at=self.clock)
            values = edit.values[("customer", "")]
            self.put(with_fields(made, {("customer", made.id): values}))
            return Edited(made.id)
        held = self.records[(edit.record.kind, edit.id)]
        taken = {
            key: {name: text for name, text in values.items() if name not in self.waits}
            for key, values in edit.values.items()
        }
        self.put(touched(with_fields(held, taken), self.clock))
        return Edited(edit.id, waits=self.waits)

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
        Option("carts", "Carts", "", ("cart",)),
        Option("messages", "Messages", "", ("message",)),
        Option("customer_edits", "Edits of customers", "", ("customer",), TO_STORE),
        Option("new_contacts", "New contacts", "", ("new_customer",), TO_STORE, default=False),
    )
    loads: ClassVar[Mapping[str, int]] = {}
    batch: ClassVar[dict[str, int]] = {"order": 5, "customer": 5, "product": 5}
    inward: ClassVar[Mapping[str, str]] = {"Customer": "customer"}

    rows: dict[Key, Any] = field(default_factory=dict)
    writes: list[list[str]] = field(default_factory=list)
    calls: int = 0
    refuse: Callable[[Write], StorelineError | None] = lambda write: None
    error: StorelineError | None = None
    created: Counter[Key] = field(default_factory=Counter)
    people: dict[str, Theirs] = field(default_factory=dict)  # what people there see and edit, by their id
    reads: list[list[str]] = field(default_factory=list)
    owners: list[dict[str, str]] = field(default_factory=list)
    clock: datetime = T0
    copies: dict[str, int] = field(default_factory=lambda: defaultdict(lambda: 1))  # how often it holds an order

    def refers_to(self, record: Record) -> tuple[Key, ...]:
        if isinstance(record, Order):
            return (("customer", record.buyer.id),)
        return tuple(("customer", alias) for alias in getattr(record, "aliases", ()))

    def refers_to_gone(self, kind: str, record_id: str) -> tuple[Key, ...]:
        return ()

    def digest(self, record: Record) -> str:
        return digest(touched(record, T0))  # when something changed is no content

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
        self.owners.append(dict(write.owners))
        if write.place is not None:  # a connector names only places that are new to us
            self._show(write, write.place.ref)
            return Outcome(sent={"id": write.id}, received={"id": write.place.ref.id})
        ref = Ref(write.kind.title(), f"crm-{write.kind}-{write.id}")
        self._show(write, ref)
        return Outcome(made={key: Known(ref)}, sent={"id": write.id}, received={"id": ref.id})

    def check(self) -> None:
        self.calls += 1
        if self.error is not None:
            raise self.error

    def prepare(self) -> Preparation:
        return Preparation()

    def sales(self, since: datetime | None = None, until: datetime | None = None) -> Iterator[Sale]:
        self.calls += 1
        if self.error is not None:
            raise self.error
        for (kind, number), row in list(self.rows.items()):
            if kind != "order" or row is None or row["is_deleted"]:
                continue
            at = datetime.fromisoformat(row["placed_at"])
            if (since or at) <= at and (until is None or at < until):
                back = sum((Decimal(one["amount"]) for one in row["refunds"]), Decimal(0))
                net = Decimal(0) if row["stage"] == Stage.CANCELLED else Decimal(row["total"]) - back
                for _ in range(self.copies[number]):
                    yield Sale(number, row["currency"], net, at, "Order", f"crm-order-{number}")

    # ---- the way back

    def _show(self, write: Write, ref: Ref) -> None:
        if isinstance(write.record, Customer):
            self.clock += timedelta(seconds=1)
            shown = self.shown(write.record)[("customer", write.id)]
            self.people[ref.id] = Theirs(ref, shown, self.clock, is_echo=True, store_id=write.id)

    def edit(self, their_id: str, **changes: str) -> None:
        """As a person does on the record's page."""
        self.clock += timedelta(seconds=1)
        held = self.people[their_id]
        self.people[their_id] = replace(held, fields={**held.fields, **changes}, modified_at=self.clock, is_echo=False)

    def shown(self, record: Record) -> dict[Key, Fields]:
        if not isinstance(record, Customer):
            return {}
        names = ("first_name", "last_name", "email", "phone")
        return {("customer", record.id): {name: getattr(record, name)[:20] for name in names}}

    def read_many(self, kind: str, ids: Sequence[str]) -> dict[str, Theirs | Rejected | None]:
        self.calls += 1
        self.reads.append(list(ids))
        if self.error is not None:
            raise self.error
        return {their_id: self.people.get(their_id) for their_id in ids}

    def changes(self, kind: str, cursor: str) -> Changes:
        since = datetime.fromisoformat(cursor) if cursor else self.clock
        late = sorted(self.people.values(), key=lambda one: one.modified_at)
        seen = tuple(Seen(one.ref, one.modified_at, one.is_echo) for one in late if one.modified_at >= since)
        return Changes(seen, (seen[-1].modified_at if seen else since).isoformat())

    def subscribe(self, address: str) -> str:
        return ""

    def unsubscribe(self, address: str) -> None:
        pass

    def users(self) -> Sequence[CrmUser]:
        return (CrmUser("u1", "Ann"), CrmUser("u2", "Ben"))
