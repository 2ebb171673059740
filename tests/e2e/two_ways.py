"""People edit on both sides at once: a seeded run of random edits, and what must hold once all has come to rest."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from sqlalchemy import func, select, update

from app.connectors.base import Key, Notice, Ref, Rejected, Source, Target, Theirs
from app.db import now
from app.domain.customer import fold
from app.domain.fields import fields
from app.models import Attempt, Conflict, ConflictState, Connection, Delivery, Link, LinkState, State
from app.sync import conflicts, connections, notices, pairs, polling
from app.sync.flush import flush
from app.sync.inward import RECORDS
from tests.e2e.conftest import Bridge
from tests.e2e.crm_people import PEOPLE
from tests.e2e.hostile import Typist
from tests.e2e.store_people import StorePeople

CUSTOMERS, PRODUCTS, ORDERS = 14, 4, 6
ROUNDS = 12  # after the last edit; whoever needs more of them goes round in circles
OWNED = {"last_name": "bigcommerce", "postal_code": "crm"}  # fields with a system of record, for persons
RULES = {kind: OWNED for kind in ("customer", "account")}
SWITCHES = dict.fromkeys(
    ("customer_edits", "product_edits", "stock_edits", "order_status_edits", "new_contacts"), True
)  # fmt: skip


@dataclass(frozen=True)
class Writes:
    """How often something was written on each side."""

    to_crm: int
    to_store: int

    @property
    def all(self) -> int:
        return self.to_crm + self.to_store

    def since(self, earlier: Writes) -> Writes:
        return Writes(self.to_crm - earlier.to_crm, self.to_store - earlier.to_store)


@dataclass(frozen=True)
class Difference:
    """A field that both sides show otherwise."""

    kind: str
    our_id: str
    field: str
    ours: str
    theirs: str


class TwoWays:
    """One store and one CRM, people on both sides, and the engine between them."""

    def __init__(self, bridge: Bridge, seed: int, flush_once: Callable[[], None] | None = None) -> None:
        self.bridge = bridge
        self.random = Random(seed)
        self.typist = Typist(self.random)
        self.store = StorePeople(bridge)
        self.crm = PEOPLE[bridge.vendor](bridge.crm_url)
        self.customers: list[int] = []
        self.products: list[int] = []
        self.orders: list[int] = []
        self.buyers: set[int] = set()
        self.gone_there: set[int] = set()
        self.deleted = self.made = self.merged = self.edits = 0
        self.typed_there: dict[str, set[str]] = {}  # field -> what people of the CRM typed
        self._flush = flush_once or (lambda: flush(bridge.runtime, bridge.connection_id))

    # ---- the world

    def begin(self) -> None:
        """People, goods and orders that both sides know; changes are followed from now on."""
        with self.bridge.runtime.database.transaction() as session:
            session.get_one(Connection, self.bridge.connection_id).rules = RULES
        self.products = [self.store.stock_up(f"Thing {n}", f"SKU-{n}") for n in range(PRODUCTS)]
        for number in range(CUSTOMERS):
            self.customers.append(self.store.register(f"pat{number}@shop.example", self._name()))
        for number in range(ORDERS):
            buyer = self.customers[number % 4]
            self.buyers.add(buyer)
            self.orders.append(self.store.order(buyer, self.random.choice(self.products), f"pat{number % 4}@shop.example"))
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
            if not self._waiting() and self.writes() == before:
                return
        raise AssertionError(f"it goes round in circles: {self._waiting()} wait, {self.writes().since(before)}")

    def round(self) -> None:
        """All webhooks, a poll, and all that is due."""
        self.store.settle()
        self.poll()
        with self.bridge.runtime.database.transaction() as session:  # as if every wait was over
            session.execute(update(Delivery).where(Delivery.state == State.WAITING).values(due_at=now()))
        self._flush()
        self.store.settle()

    def poll(self) -> None:
        polling.poll(self.bridge.runtime, self.bridge.connection_id)

    def idle_round(self) -> Writes:
        """Every notice that there can be comes once more, from both sides, and all is polled; what that writes."""
        before = self.writes()
        links = self._links()
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

    # ---- what happened

    def writes(self) -> Writes:
        """Records written so far there, and calls that wrote something here."""
        with self.bridge.runtime.database.reading() as session:
            written = select(func.count()).where(Attempt.result.in_(("written", "archived")))
            to_crm = session.scalar(written) or 0
        counts = self.bridge.calls(self.bridge.store_url)
        return Writes(to_crm, sum(number for method, number in counts.items() if method != "GET"))

    def unequal(self) -> list[Difference]:
        """Fields in which both sides differ although they are linked and nobody was told."""
        with self.bridge.runtime.database.reading() as session:
            rows = session.scalars(select(Conflict).where(Conflict.state == ConflictState.OPEN))
            listed = {Difference(row.kind, row.our_id, row.field, row.ours, row.theirs) for row in rows}
        return [one for one in self.differences() if one not in listed]

    def differences(self) -> list[Difference]:
        """Fields in which both sides differ, of all that may be edited on both."""
        runtime, bridge = self.bridge.runtime, self.bridge
        terms = pairs.terms(runtime, bridge.connection_id)
        target = connections.open_target(runtime, bridge.connection_id)
        source = connections.open_source(runtime, bridge.store_id)
        links = {(link.kind, link.our_id): link for link in self._links() if terms.of(link.kind)}
        ours, shown = _ours(source, target, list(links))
        theirs = _theirs(target, [Ref(link.their_kind, link.their_id) for link in links.values()])
        found: list[Difference] = []
        for key, link in links.items():
            there = theirs[Ref(link.their_kind, link.their_id)]
            if key not in ours or self._is_orphan(key, links):
                continue
            assert isinstance(there, Theirs), f"{key} is linked with what is not there: {there}"
            for name in terms.of(key[0]):
                if name in shown[key] and there.fields.get(name) not in (None, shown[key][name], ours[key].get(name)):
                    found.append(Difference(*key, name, ours[key][name], there.fields[name]))
        return found

    def doubles(self) -> list[str]:
        """Records of the CRM that stand for the same record of ours, and people with one address."""
        doubled: list[str] = []
        for kind in {kind for name, kind in self.crm.kinds.items() if name != "account"}:
            alive = self._alive(kind)
            ours = Counter(one.store_id for one in alive if one.store_id)
            addresses = Counter(fold(one.fields["email"]) for one in alive if one.fields.get("email"))
            doubled += [f"{kind} {name}" for name, number in (ours + addresses).items() if number > 1]
        addresses = Counter(fold(row["email"]) for row in self.store.rows("customers"))
        return doubled + [f"customer {name}" for name, number in addresses.items() if number > 1]

    def strays(self) -> list[str]:
        """People of one side whom the other one lacks although nobody deleted or merged them there."""
        alive = self._alive(self.crm.kinds["person"])
        here = {str(row["id"]) for row in self.store.rows("customers")}
        lacking = here - {one.store_id for one in alive} - set(map(str, self.gone_there))
        return [f"store {one}" for one in sorted(lacking)] + [f"CRM {one.ref.id}" for one in alive if not one.store_id]

    def conflicts(self, *states: ConflictState) -> list[Conflict]:
        """Those in these states."""
        with self.bridge.runtime.database.reading() as session:
            return list(session.scalars(select(Conflict).where(Conflict.state.in_(states)).order_by(Conflict.id)))

    def dead(self) -> list[str]:
        """What is for a person now, in words."""
        with self.bridge.runtime.database.reading() as session:
            rows = session.scalars(select(Delivery).where(Delivery.state == State.DEAD))
            return [f"{row.kind} {row.record_id}: {row.error_code} {row.error_message}" for row in rows]

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
            self._flush()
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

    def _some_link(self, kinds: tuple[str, ...] = ("customer", "customer", "account", "variant", "order")) -> Link | None:
        kind = self.random.choice(kinds)
        links = [link for link in self._links() if link.kind == kind and link.our_id.isdigit()]
        if kind in ("customer", "account"):
            links = [link for link in links if int(link.our_id) not in self.gone_there]
            links = [link for link in links if int(link.our_id) in self.customers]
        return self.random.choice(links) if links else None

    def _links(self) -> list[Link]:
        with self.bridge.runtime.database.reading() as session:
            query = select(Link).where(Link.connection_id == self.bridge.connection_id, Link.state == LinkState.LIVE)
            return list(session.scalars(query.order_by(Link.kind, Link.our_id)))

    def _alive(self, kind: str) -> list[Theirs]:
        """The records of a kind that nobody deleted or merged away."""
        target = connections.open_target(self.bridge.runtime, self.bridge.connection_id)
        ids = [str(row.get("Id") or row.get("id") or row.get("ObjectID")) for row in self.crm.rows(kind)]
        found = target.read_many(kind, ids).values()
        return [one for one in found if isinstance(one, Theirs) and one.merged_into is None]

    def _is_orphan(self, key: Key, links: dict[Key, Link]) -> bool:
        """Whether it belongs to a person who was deleted or merged there, and so is written no more."""
        return key[0] == "account" and ("customer", key[1]) not in links

    def _waiting(self) -> int:
        with self.bridge.runtime.database.reading() as session:
            states = (State.WAITING, State.RUNNING)
            return session.scalar(select(func.count()).where(Delivery.state.in_(states))) or 0


def _ours(source: Source, target: Target, keys: list[Key]) -> tuple[dict[Key, dict[str, str]], dict[Key, dict[str, str]]]:
    """What the store holds, and what the CRM should show of it; without what is gone from the store."""
    ours: dict[Key, dict[str, str]] = {}
    shown: dict[Key, dict[str, str]] = {}
    for kind in sorted({RECORDS[key[0]] for key in keys}):
        ids = sorted({key[1] for key in keys if RECORDS[key[0]] == kind and key[1].isdigit()})
        for record in source.fetch_many(kind, ids).values():
            if record is None:
                continue
            assert not isinstance(record, Rejected), record
            ours |= {key: dict(values) for key, values in fields(record).items()}
            shown |= {key: dict(values) for key, values in target.shown(record).items()}
    return {key: values for key, values in ours.items() if key in shown}, shown


def _theirs(target: Target, refs: list[Ref]) -> dict[Ref, Theirs | Rejected | None]:
    found: dict[Ref, Theirs | Rejected | None] = {}
    for kind in sorted({ref.kind for ref in refs}):
        ids = [ref.id for ref in refs if ref.kind == kind]
        found |= {Ref(kind, one): theirs for one, theirs in target.read_many(kind, ids).items()}
    return found
