"""How fast the panel opens with many orders stored: `python -m tests.bench.panel [orders] [database url]`."""

from __future__ import annotations

import itertools
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, text

from app import migrations
from app.domain import Customer, to_json
from app.domain.customer import guest_id
from app.models import Connection, Link, OrderCopy, Person, Store
from app.ui import passes
from crm_widgets import launches
from tests.web.panels import world as worlds
from tests.web.panels.world import START, World

ORDERS = 100_000
PER_BUYER = 10
WHALE = 10_000  # orders of the one buyer who has many
ROUNDS = 60
BATCH = 5_000


def run(orders: int = ORDERS, url: str = "") -> list[dict[str, Any]]:
    """Open panels of random buyers through the whole app: name, p50/p75/p95 in ms, largest answer in bytes."""
    with tempfile.TemporaryDirectory() as folder:
        database = url or f"sqlite:///{Path(folder) / 'panels.db'}"
        migrations.upgrade(database)
        world = worlds.build(database)
        fill(world, orders)
        try:
            return list(measure(world, orders))
        finally:
            world.runtime.database.close()


def fill(world: World, orders: int) -> None:
    """Orders of registered customers and guests in turn, and of one who has very many."""
    store = world.store()
    connection = world.connection(store)
    template = to_json(worlds.order(1, lines=[worlds.line(f"Thing {n}", f"SKU-{n}", number=n) for n in range(8)]))
    chance = random.Random(1)
    for start in range(0, orders, BATCH):
        numbers = range(start, min(start + BATCH, orders))
        rows = [row(store, template, n, buyer_of(n, orders), chance) for n in numbers]
        with world.runtime.database.transaction() as session:
            session.execute(insert(OrderCopy), rows)
    people = {buyer.id: buyer for n in (1, *range(0, orders, PER_BUYER)) for buyer in [buyer_of(n, orders)]}
    with world.runtime.database.transaction() as session:
        session.execute(
            insert(Person),
            [{"store_id": store.id, "customer_id": b.id, "email": b.email, "name": b.name} for b in people.values()],
        )
        session.execute(insert(Link), [link(connection.id, b) for b in people.values() if not b.is_guest])
    with world.runtime.database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as open_connection:
        open_connection.execute(text("ANALYZE"))


def buyer_of(number: int, orders: int) -> Customer:
    """Whose order this is."""
    if number % 2 and orders > 2 * WHALE and number < 2 * WHALE:
        return Customer("1", "whale@example.com", "Moby", "Dick")
    group = number // PER_BUYER * PER_BUYER
    email = f"buyer{group}@example.com"
    is_guest = group // PER_BUYER % 3 == 0
    return Customer(guest_id(email) if is_guest else str(group + 2), email, "Buyer", str(group))


def row(store: Store, template: dict[str, Any], n: int, buyer: Customer, chance: random.Random) -> dict[str, Any]:
    """An order's row; the document is of the usual size, and has its own number."""
    placed = START + timedelta(seconds=chance.randrange(300_000_000))
    return {
        "store_id": store.id, "order_id": str(n), "customer_id": buyer.id, "email": buyer.email, "stage": "sale",
        "status": "Shipped", "currency": "GBP", "total": 165, "refunded": 0, "channel_id": "1", "placed_at": placed,
        "modified_at": placed, "deleted": False, "document": {**template, "id": str(n)},
    }  # fmt: skip


def link(connection_id: int, buyer: Customer) -> dict[str, Any]:
    """A buyer's contact."""
    return {
        "connection_id": connection_id, "kind": "customer", "our_id": buyer.id, "their_kind": "Contact",
        "their_id": contact_id(buyer), "digest": "", "children": [],
    }  # fmt: skip


def contact_id(buyer: Customer) -> str:
    """A made-up id of 18 characters."""
    return "003" + buyer.id.zfill(15)


def measure(world: World, orders: int) -> Iterator[dict[str, Any]]:
    """Each way to look at a panel, in turn."""
    chance = random.Random(2)
    client = world.app.test_client()

    def opening(message: Callable[[], dict[str, Any]]) -> Callable[[], bytes]:
        def launch() -> bytes:
            answer = client.post("/panels/salesforce", data={"signed_request": worlds.sign(message())})
            assert answer.status_code == 200 and b"data-order" in answer.data
            return bytes(answer.data)

        return launch

    def contact() -> dict[str, Any]:
        while (buyer := buyer_of(chance.randrange(2 * WHALE, orders), orders)).is_guest:
            pass
        return worlds.content(record_id=contact_id(buyer))

    def by_email() -> dict[str, Any]:
        buyer = buyer_of(chance.randrange(2 * WHALE, orders), orders)
        return worlds.content(kind="Case", record_id="500xx000004TmiQAAS", SuppliedEmail=buyer.email)

    whale = worlds.content(record_id=contact_id(buyer_of(1, orders)))
    yield timed(f"contact, {orders:,} orders stored", opening(contact))
    yield timed(f"case by e-mail, {orders:,} orders stored", opening(by_email))
    yield timed(f"contact with {WHALE:,} orders", opening(lambda: whale))
    some = [b for b in (buyer_of(chance.randrange(2 * WHALE, orders), orders) for _ in range(80)) if not b.is_guest]
    yield timed(f"SugarCRM, launch and page, {orders:,} orders stored", in_sugar(world, some))
    yield timed(f"SAP Sales Cloud, shell and data, {orders:,} orders stored", in_sap(world, some))
    yield timed(f"search among {WHALE:,} orders", searching(world, whale))


def in_sugar(world: World, buyers: list[Customer]) -> Callable[[], bytes]:
    """A launch between the servers and the page that it opens, of linked people."""
    side, client, turn = linked(world, "sugarcrm", "Contacts", buyers), world.app.test_client(), itertools.cycle(buyers)
    headers = {"Authorization": f"Bearer {launches.secret(world.runtime, side.id)}"}

    def launch() -> bytes:
        record = {"module": "Contacts", "record_id": contact_id(next(turn)), "user_id": "1"}
        asked = client.post("/panels/sugarcrm/launch", json={"instance": f"s1.{side.id}", **record}, headers=headers)
        answer = client.get(asked.get_json()["url"].partition("localhost:8000")[2])
        assert answer.status_code == 200 and b"data-order" in answer.data
        return bytes(answer.data)

    return launch


def in_sap(world: World, buyers: list[Customer]) -> Callable[[], bytes]:
    """The two requests of a paired device, of linked people."""
    side = linked(world, "sap-sales-cloud", "IndividualCustomer", buyers)
    client, turn, page = world.app.test_client(), itertools.cycle(buyers), "/panels/sap-sales-cloud"
    code = passes.invite(world.runtime, side.id, "1", "Ann").code
    paired = client.post(f"{page}/pair", json={"tenant": f"s1.{side.id}", "code": code}).get_json()

    def launch() -> bytes:
        record = {"object": "IndividualCustomer", "id": contact_id(next(turn))}
        shell = client.get(page, query_string={"tenant": f"s1.{side.id}"})
        answer = client.post(f"{page}/open", json={"tenant": f"s1.{side.id}", **paired, **record})
        assert answer.status_code == 200 and b"data-order" in answer.data
        return bytes(shell.data + answer.data)

    return launch


def linked(world: World, vendor: str, kind: str, buyers: list[Customer]) -> Connection:
    """The store's account at another CRM, which knows these buyers."""
    with world.runtime.database.reading() as session:
        side = world.crm(session.scalars(select(Store)).one(), vendor)
    rows = {buyer.id: {**link(side.id, buyer), "their_kind": kind} for buyer in buyers}
    with world.runtime.database.transaction() as session:
        session.execute(insert(Link), list(rows.values()))
    return side


def searching(world: World, message: dict[str, Any]) -> Callable[[], bytes]:
    """A search that finds nothing, the longest of all."""
    client = world.app.test_client()
    page = client.post("/panels/salesforce", data={"signed_request": worlds.sign(message)}).text
    config = json.loads(page.partition('id="config"')[2].partition(">")[2].partition("</script>")[0])

    def search() -> bytes:
        headers = {"Authorization": f"Bearer {config['token']}"}
        answer = client.get("/panels/orders", query_string={"q": "not there"}, headers=headers)
        assert answer.status_code == 200
        return bytes(answer.data)

    return search


def timed(name: str, work: Callable[[], bytes]) -> dict[str, Any]:
    """Percentiles over the rounds, after one that warms the process."""
    work()
    times, largest = [], 0
    for _ in range(ROUNDS):
        started = time.perf_counter()
        largest = max(largest, len(work()))
        times.append(1000 * (time.perf_counter() - started))
    cuts = statistics.quantiles(times, n=100)
    return {"name": f"panel: {name}", "p50_ms": cuts[49], "p75_ms": cuts[74], "p95_ms": cuts[94], "bytes": largest}


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else ORDERS
    for result in run(count, sys.argv[2] if len(sys.argv) > 2 else ""):
        sys.stdout.write(json.dumps({k: round(v, 1) if isinstance(v, float) else v for k, v in result.items()}) + "\n")
