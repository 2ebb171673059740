"""People edit on both sides at once: a seeded run of random edits, and what must hold once all has come to rest."""

from __future__ import annotations

import time
from random import Random

from sqlalchemy import update

from app.connectors.base import Notice, Ref
from app.db import now
from app.models import ConflictState, Connection, Delivery, Link, State
from app.sync import conflicts, connections, notices, polling
from tests.e2e.conftest import Bridge
from tests.e2e.hostile import Typist
from tests.e2e.in_step import Inspection, Writes

CUSTOMERS, PRODUCTS, ORDERS = 14, 4, 6
ROUNDS = 12  # after the last edit; whoever needs more of them goes round in circles
OWNED = {"last_name": "bigcommerce", "postal_code": "crm"}  # fields with a system of record, for persons
RULES = {kind: OWNED for kind in ("customer", "account")}
LINKED = ("customer", "customer", "account", "variant", "order")  # that people of the CRM edit, the first more often
SWITCHES = dict.fromkeys(
    ("customer_edits", "product_edits", "stock_edits", "order_status_edits", "new_contacts"), True
)  # fmt: skip


class TwoWays(Inspection):
    """One store and one CRM, people on both sides, and the engine between them."""

    def __init__(self, bridge: Bridge, seed: int) -> None:
        super().__init__(bridge)
        self.random = Random(seed)
        self.typist = Typist(self.random)
        self.customers: list[int] = []
        self.products: list[int] = []
        self.orders: list[int] = []
        self.buyers: set[int] = set()
        self.deleted = self.made = self.merged = self.edits = 0
        self.typed_there: dict[str, set[str]] = {}  # field -> what people of the CRM typed

    # ---- the world

    def begin(self) -> None:
        """People, goods and orders that both sides know; changes are followed from now on."""
        with self.bridge.runtime.database.transaction() as session:
            session.get_one(Connection, self.bridge.connection_id).rules = RULES
        for number in range(CUSTOMERS):
            self.customers.append(self.store.register(f"pat{number}@shop.example", self._name()))
        self.come_to_rest()
        # Before anybody looks at the goods: what an order takes of their stock is no news to a CRM.
        self.products = [self.store.stock_up(f"Thing {n}", f"SKU-{n}") for n in range(PRODUCTS)]
        for number in range(ORDERS):
            buyer = self.customers[number % 4]
            self.buyers.add(buyer)
            product = self.random.choice(self.products)
            self.orders.append(self.store.order(buyer, product, f"pat{number % 4}@shop.example"))
        self.come_to_rest()

    def run(self, edits: int) -> None:
        """So many random edits, with flushes, polls, late and doubled webhooks at random in between."""
        actions = [self._edit_store] * 8 + [self._edit_crm] * 8 + [self._edit_both] * 3
        actions += [self._register, self._make, self._delete, self._merge]
        while self.edits < edits:
            self.random.choice(actions)()
            self._something()

    def come_to_rest(self) -> None:
        """Until nothing is due and nothing was written in a whole round."""
        self.store.webhooks("resume")
        for _ in range(ROUNDS):
            before = self.writes()
            self.round()
            if not self.waiting() and self.writes() == before:
                return
        raise AssertionError(f"it goes round in circles: {self.waiting()} wait, {self.writes().since(before)}")

    def round(self) -> None:
        """All webhooks, a poll, and all that is due."""
        self.store.settle()
        self.poll()
        with self.bridge.runtime.database.transaction() as session:  # as if every wait was over
            session.execute(update(Delivery).where(Delivery.state == State.WAITING).values(due_at=now()))
        self.flush()
        self.store.settle()

    def flush(self) -> None:
        """What is due is carried."""
        self.bridge.flush()

    def poll(self) -> None:
        """The CRM is asked what changed."""
        polling.poll(self.bridge.runtime, self.bridge.connection_id)

    def idle_round(self) -> Writes:
        """Every notice that there can be comes once more, from both sides, and all is polled; what that writes."""
        before = self.writes()
        links = self.links()
        stamp = f"again-{time.monotonic_ns()}"
        followed = set(connections.open_target(self.bridge.runtime, self.bridge.connection_id).inward)
        refs = tuple({Ref(link.their_kind, link.their_id) for link in links if link.their_kind in followed})
        kinds = {"customer": self.customers, "product": self.products, "order": self.orders}
        for kind, numbers in kinds.items():
            for number in numbers:
                self.bridge.notice(kind, number, f"{stamp}-{kind}-{number}")
        notices.receive(self.bridge.runtime, self.bridge.connection_id, [Notice(stamp, "again", refs)])
        self.round()
        return self.writes().since(before)

    def edit_owned(self) -> None:
        """Somebody of the CRM edits what the store owns."""
        link = self._some_link(kinds=("customer",))
        assert link is not None
        self._type_there(link, "last_name")

    def empty_there(self, customer: int, field: str) -> None:
        """Somebody of the CRM empties a field of a person."""
        [link] = [link for link in self.links() if (link.kind, link.our_id) == ("customer", str(customer))]
        self.crm.edit(Ref(link.their_kind, link.their_id), {field: ""})

    def clash(self) -> None:
        """A field that nobody owns is edited on both sides before anybody looks."""
        link = self._some_link(kinds=("customer",))
        assert link is not None
        self._type_here("customer", int(link.our_id), "first_name")
        self._type_there(link, "first_name")

    def decide(self, winner: str) -> int:
        """The merchant's word on all that is open; how many."""
        ids = [row.id for row in self.conflicts(ConflictState.OPEN)]
        return conflicts.decide(self.bridge.runtime, self.bridge.store_id, ids, winner, 1)

    # ---- what people do

    def _edit_store(self) -> None:
        kind, number = self._somebody()
        field = self.random.choice(self._fields_here(kind))
        self._type_here(kind, number, field)

    def _edit_crm(self) -> None:
        link = self._some_link()
        if link is not None:
            names = [name for name in self.crm.names[link.their_kind] if name != "state"]
            self._type_there(link, self.random.choice(names))

    def _edit_both(self) -> None:
        """The same field of the same record on both sides before anybody looks."""
        link = self._some_link(kinds=("customer", "account"))
        if link is None or int(link.our_id) not in self.customers:
            return
        names = sorted(set(self.crm.names[link.their_kind]) & set(self._fields_here("customer")))
        field = self.random.choice(names)
        first = self.random.random() < 0.5
        if first:
            self._type_here("customer", int(link.our_id), field)
        self._type_there(link, field)
        if not first:
            self._type_here("customer", int(link.our_id), field)

    def _type_here(self, kind: str, number: int, field: str) -> None:
        edit = {
            "customer": self.store.edit_customer, "product": self.store.edit_product, "order": self.store.edit_order,
        }[kind]  # fmt: skip
        edit(number, {field: self.typist.value(field, by_shop=True)})
        self.edits += 1

    def _type_there(self, link: Link, field: str) -> None:
        values = {field: self.typist.value(field, by_shop=False)}
        if field == "carrier":  # which the store knows of a parcel with a number alone
            values["tracking_number"] = self.typist.value("tracking_number", by_shop=False)
        for name, value in values.items():
            self.typed_there.setdefault(name, set()).add(value.strip())
        self.crm.edit(Ref(link.their_kind, link.their_id), values)
        self.edits += 1

    def _register(self) -> None:
        self.customers.append(self.store.register(self.typist.value("email", by_shop=True), self._name()))
        self.edits += 1

    def _name(self) -> str:
        """Of somebody whom no rule for duplicates takes for another."""
        return "".join(self.random.choice("bdfgklmnprstvz") + self.random.choice("aeiou") for _ in range(5)).title()

    def _make(self) -> None:
        names = ("first_name", "last_name", "email", "phone")
        typed = {name: self.typist.value(name, by_shop=False) for name in names}
        self.crm.make({**typed, "first_name": self._name(), "last_name": self._name()})
        self.made += 1
        self.edits += 1

    def _delete(self) -> None:
        """Somebody of the CRM, or of the store, deletes a person who never bought."""
        if self.random.random() < 0.5 and len(self.customers) > CUSTOMERS // 2:
            number = self.random.choice([one for one in self.customers if one not in self.buyers])
            self.store.delete_customer(number)
            self.customers.remove(number)
            self.edits += 1
            return
        link = self._some_link(kinds=("customer",))
        if link is not None and int(link.our_id) not in self.buyers:
            self.crm.delete(Ref(link.their_kind, link.their_id))
            self.gone_there.add(int(link.our_id))
            self.deleted += 1
            self.edits += 1

    def _merge(self) -> None:
        winner, loser = self._some_link(kinds=("customer",)), self._some_link(kinds=("customer",))
        if winner is None or loser is None or winner.our_id == loser.our_id or int(loser.our_id) in self.buyers:
            return
        self.crm.merge(loser.their_kind, winner.their_id, loser.their_id)
        self.gone_there.add(int(loser.our_id))
        self.merged += 1
        self.edits += 1

    def _something(self) -> None:
        """What happens between two edits, if anything."""
        chance = self.random.random()
        if chance < 0.12:
            self.flush()
        elif chance < 0.24:
            self.poll()
        elif chance < 0.32:
            self.store.webhooks("duplicate", 3)
        elif chance < 0.38:
            self.store.webhooks("shuffle", 5)
        elif chance < 0.42:
            self.store.webhooks("pause")
        elif chance < 0.52:
            self.store.webhooks("resume")

    # ---- who and what there is

    def _somebody(self) -> tuple[str, int]:
        kind = self.random.choice(("customer", "customer", "customer", "product", "order"))
        numbers = {"customer": self.customers, "product": self.products, "order": self.orders}[kind]
        return kind, self.random.choice(numbers)

    def _fields_here(self, kind: str) -> tuple[str, ...]:
        return {
            "customer": (
                "first_name", "last_name", "email", "phone", "company", "street_1", "city", "state", "postal_code",
            ),
            "product": ("name", "price", "stock"),
            "order": ("status", "tracking_number"),
        }[kind]  # fmt: skip

    def _some_link(self, kinds: tuple[str, ...] = LINKED) -> Link | None:
        kind = self.random.choice(kinds)
        links = [link for link in self.links() if link.kind == kind and link.our_id.isdigit()]
        if kind in ("customer", "account"):
            links = [link for link in links if int(link.our_id) not in self.gone_there]
            links = [link for link in links if int(link.our_id) in self.customers]
        return self.random.choice(links) if links else None
