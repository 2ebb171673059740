"""The golden set carried through one CRM: in rounds, the k-th event of every order, and after each a look at all."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace

import requests
from sqlalchemy import func, select, update

from app.config import Settings
from app.connectors.base import Event
from app.connectors.registry import SOURCE
from app.db import now
from app.domain.customer import fold
from app.models import Connection, Delivery, State
from app.sandbox import bigcommerce
from app.sync import hooks, inbox
from app.sync.budgets import BUDGET
from app.sync.flush import flush
from tests.e2e.conftest import Bridge, build_bridge
from tests.e2e.crms import CRMS, Crm
from tests.e2e.shop import Mailbox, mailbox
from tests.golden import held
from tests.golden.draft import Plan
from tests.golden.shop import Placed, Store
from tests.sandbox.conftest import serving

ANSWER_S = 60.0  # what a stand-in may take to send its webhooks
LONGEST_S = 600.0  # of one round's carrying
PAUSE_S = 0.2  # when all there is waits
TRIES = 12  # of what failed and would be tried again later
TWICE = 0.2  # share of webhooks that come again

Progress = Callable[[str], None]


@dataclass
class Round:
    """What one look at every order found."""

    orders: int
    wrong: list[str] = field(default_factory=list)  # class, order, both amounts
    bad: set[int] = field(default_factory=set)  # orders with something wrong
    told: int = 0  # faults that are some order's


@dataclass
class Golden:
    """The store with its orders, the engine, the CRM at the other end."""

    bridge: Bridge
    box: Mailbox
    crm: Crm
    store: Store
    seed: int
    tell: Progress
    placed: list[Placed] = field(default_factory=list)
    rounds: list[Round] = field(default_factory=list)
    carried: float = 0.0  # seconds

    @property
    def wrong_orders(self) -> set[int]:
        """Those that were wrong after any event."""
        return {number for one in self.rounds for number in one.bad}

    def run(self, plans: Sequence[Plan]) -> list[Round]:
        """Place all, then let things happen to them; in the end nothing of it may have left anything wrong."""
        self.store.stock_up()
        for plan in plans:
            self.placed.append(self.store.place(plan))
        self._end_round("placed")
        for number in range(max(len(plan.events) for plan in plans)):
            for one in self.placed:
                if number < len(one.plan.events):
                    self.store.happen(one, one.plan.events[number])
            self._end_round(f"event {number + 1}")
        return self.rounds

    def calls(self) -> dict[str, int]:
        """Our own calls so far, to either side."""
        sides = {"store": self.bridge.store_url, "CRM": self.bridge.crm_url}
        counts = {side: requests.get(f"{url}/_sandbox/calls", timeout=60).json() for side, url in sides.items()}
        return {side: int(found["counts"]["by_client"].get("Storeline", 0)) for side, found in counts.items()}

    def _end_round(self, name: str) -> None:
        start = time.monotonic()
        self._hear()
        heard = time.monotonic()
        self._carry()
        carried = time.monotonic()
        self.carried += carried - heard
        found = self._look(name)
        self.rounds.append(found)
        looked = time.monotonic()
        times = f"webhooks {heard - start:.0f} s, carried {carried - heard:.0f} s, looked {looked - carried:.0f} s"
        self.tell(f"{self.bridge.vendor}: {name}: {found.orders - len(found.bad)} of {found.orders}; {times}")

    def _hear(self) -> None:
        """All webhooks of the round, shuffled, some twice."""
        deadline = time.monotonic() + ANSWER_S
        while time.monotonic() < deadline:
            counts = self.store.webhooks()
            assert counts["failed"] == counts["given_up"] == 0, counts
            if counts["queued"] == counts["in_flight"] == counts["retrying"] == 0:
                break
            time.sleep(0.02)
        heard = list(self.box.waiting)
        self.box.waiting.clear()
        chance = random.Random(f"{self.seed}-{len(self.rounds)}")
        again = [one for one in heard if chance.random() < TWICE]
        mixed: list[Event] = [*heard, *again, *(replace(one, event_id=f"{one.event_id}-again") for one in again)]
        chance.shuffle(mixed)
        for event in mixed:
            inbox.receive(self.bridge.runtime, SOURCE, event)

    def _carry(self) -> None:
        """Flush until nothing is due; what would be tried later is tried at once, but not for ever."""
        tries, deadline = 0, time.monotonic() + LONGEST_S
        while tries < TRIES and time.monotonic() < deadline:
            flush(self.bridge.runtime, self.bridge.connection_id)
            waiting, late = self._waiting()
            if not waiting:
                return
            if waiting == late:
                tries += self._hurry()
                time.sleep(PAUSE_S)

    def _hurry(self) -> bool:
        """Whether something failed that can be tried at once; what waits for a vendor's limits has to."""
        failed = (Delivery.state == State.WAITING, Delivery.error_code.not_in(("", BUDGET)))
        with self.bridge.runtime.database.transaction() as session:
            is_any = session.scalar(select(func.count()).select_from(Delivery).where(*failed))
            session.execute(update(Delivery).where(*failed).values(due_at=now()))
        return bool(is_any)

    def _waiting(self) -> tuple[int, int]:
        with self.bridge.runtime.database.reading() as session:
            count = select(func.count()).select_from(Delivery).where(Delivery.state == State.WAITING)
            return session.scalar(count) or 0, session.scalar(count.where(Delivery.due_at > now())) or 0

    # ---- the look at everything

    def _look(self, name: str) -> Round:
        owed, there = self.store.owed(), held.group(held.READERS[self.bridge.vendor](self.crm))
        found = Round(0)
        unhappy = self._unhappy()
        for placed in self.placed:
            for order_id in placed.orders:
                one = owed[str(order_id)]
                if one.status_id and not (one.is_archived and order_id not in placed.was_a_sale):
                    placed.was_a_sale.add(order_id)
                is_due = order_id in placed.was_a_sale
                wrong = held.wrongs(self.bridge.vendor, one, there.pop(str(order_id), ()), is_due=is_due)
                wrong += unhappy.pop(("order", str(order_id)), [])
                found.orders += 1
                found.bad |= {order_id} if wrong else set()
                found.told += len(wrong)
                label = f"{name}: #{order_id} ({', '.join(placed.plan.classes)})"
                found.wrong += [f"{label}: {words}" for words in wrong]
        found.wrong += [f"{name}: an order that the store does not have: {order_id}" for order_id in there]
        found.wrong += [f"{name}: {kind} {record}: {w}" for (kind, record), words in unhappy.items() for w in words]
        found.wrong += [f"{name}: {words}" for words in self._people()]
        return found

    def _unhappy(self) -> dict[tuple[str, str], list[str]]:
        """What did not come to a good end, by record."""
        found: dict[tuple[str, str], list[str]] = {}
        with self.bridge.runtime.database.reading() as session:
            connection = session.get_one(Connection, self.bridge.connection_id)
            assert connection.problem == "", connection.problem
            for one in session.scalars(select(Delivery).where(Delivery.state != State.DONE)):
                words = f"{one.state}: {one.error_code} {one.error_field}: {one.error_message}"
                found.setdefault((one.kind, one.record_id), []).append(words)
        return found

    def _people(self) -> Iterator[str]:
        """One contact per person who ever bought or registered, and nobody else."""
        there = self.crm.people()
        doubles = Counter(fold(one.email) for one in there if one.email)
        yield from (f"{number} contacts of {email}" for email, number in doubles.items() if number > 1)
        expected = sum(bool(one.customer or one.was_a_sale) for one in self.placed)
        if len(there) != expected:
            yield f"{len(there)} contacts instead of {expected}"


@contextmanager
def opened(
    vendor: str, database_url: str, redis_url: str, seed: int, tell: Progress = lambda _: None
) -> Iterator[Golden]:
    """An empty store and an empty CRM, connected and live."""
    with ExitStack() as stack:
        create_app, crm_of = CRMS[vendor]
        store_url = stack.enter_context(serving(bigcommerce.create_app, limits=False, seed="empty"))
        store = Store(store_url)
        crm = crm_of(stack.enter_context(serving(create_app, limits=False, seed="empty")))
        crm.furnish()
        box = stack.enter_context(mailbox(Settings().bigcommerce_client_secret))
        more = {"public_url": box.url, "bigcommerce_b2b_url": f"{store_url}/b2b/api/v3/io"}
        bridge = build_bridge(database_url, redis_url, store_url, crm.url, vendor, **more)
        stack.callback(bridge.runtime.database.close)
        hooks.ensure(bridge.runtime, bridge.store_id)
        yield Golden(bridge, box, crm, store, seed, tell)
