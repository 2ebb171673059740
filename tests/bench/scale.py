"""One big store and one Salesforce account: how many orders a second 1, 2 and 4 workers carry together, none twice.

PostgreSQL, one Redis, real worker processes, 200 ms for each call to a vendor. The orders are the newest of a store
that had 20,000 before, whose buyers come back. BENCH_SCALE_ORDERS: how many (1,000).
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import func, select

from app import log
from app.chaos.postgres import Postgres
from app.connectors.lists import Span
from app.connectors.registry import SOURCE
from app.db import now
from app.demo.merchant import Merchant
from app.demo.processes import Installation
from app.errors import Retryable
from app.models import Connection, Delivery, State
from app.runtime import Runtime
from app.sync import connections, deliveries

ORDERS, BEFORE = 1000, 20_000
DAYS = 30  # that the measured orders took to come
QUOTA = 1500  # calls per window of thirty seconds: a big store's plan
WORKERS = (1, 2, 4)
LATENCY = "200"  # ms
CRM = "salesforce"
PORT_OFFSET = 7700
LOOK_EVERY = 0.25  # seconds
GIVE_UP = 1800  # seconds


def run() -> list[dict[str, Any]]:
    """One row for each number of workers."""
    log.configure("error")
    rows = []
    for workers in WORKERS:
        rows.append(_measure(workers, int(os.environ.get("BENCH_SCALE_ORDERS", ORDERS))))
        print(rows[-1], flush=True)  # noqa: T201 - each takes minutes
    return rows


def _measure(workers: int, orders: int) -> dict[str, Any]:
    with ExitStack() as stack:
        postgres = Postgres()
        stack.callback(postgres.stop)
        arguments = ("--latency", LATENCY, "--limits", "off")
        folder = Path(".state") / "bench-scale"
        app = Installation.local(folder, PORT_OFFSET, arguments, workers, database_url=postgres.url)
        stack.callback(app.stop)
        app.start()
        years = {"orders": BEFORE + orders, "days": DAYS * (BEFORE + orders) // orders}
        made = requests.post(f"{app.url(SOURCE)}/_sandbox/past", json=years, timeout=1_800).json()
        requests.post(f"{app.url(SOURCE)}/_sandbox/plan", json={"quota": QUOTA}, timeout=30).raise_for_status()
        merchant = Merchant.install(app)
        connection_id = merchant.connect(CRM)["id"]
        merchant.go_live(connection_id)
        runtime = Runtime.build(app.settings)
        for name in (SOURCE, CRM):
            requests.delete(f"{app.url(name)}/_sandbox/calls", timeout=30)
        asked, since = _ask(runtime, connection_id, made["last_id"] - orders)
        started = time.monotonic()
        runtime.bell.ring(connection_id)
        left = _wait(runtime, connection_id)
        seconds = time.monotonic() - started
        return {
            "benchmark": f"scale, {workers} worker{'s' if workers > 1 else ''}",
            "orders": asked,
            "seconds": seconds,
            "a second": asked / seconds,
            "left": left,
            **_compared(app, _sales(runtime, connection_id, since)),
            **{
                f"calls to {name}": requests.get(f"{app.url(name)}/_sandbox/calls", timeout=60).json()["count"]
                for name in (SOURCE, CRM)
            },
        }


def _ask(runtime: Runtime, connection_id: int, after: int) -> tuple[int, datetime]:
    """As if a notice had come for every order after one of the store's; how many, and when the first was placed."""
    with runtime.database.reading() as session:
        store_id = session.get_one(Connection, connection_id).store_id
    source = connections.open_source(runtime, store_id, "bench")
    span, cursor, asked, since = Span(), str(after), 0, now()
    while True:
        page = source.page("order", span, cursor)
        since = min([since, *(head.created_at for head in page.heads)])
        with runtime.database.transaction() as session:
            for head in page.heads:
                deliveries.request(session, store_id, connection_id, "order", head.id, "bench")
        asked, cursor = asked + len(page.heads), page.cursor
        if not page.more:
            return asked, since


def _wait(runtime: Runtime, connection_id: int) -> int:
    """Until nothing is open; how many are dead or still are."""
    deadline = time.monotonic() + GIVE_UP
    while time.monotonic() < deadline and _count(runtime, connection_id, (State.WAITING, State.RUNNING)):
        time.sleep(LOOK_EVERY)
    return _count(runtime, connection_id, (State.WAITING, State.RUNNING, State.DEAD))


def _count(runtime: Runtime, connection_id: int, states: Sequence[State]) -> int:
    with runtime.database.reading() as session:
        wanted = select(func.count()).where(Delivery.connection_id == connection_id, Delivery.state.in_(states))
        return session.scalar(wanted) or 0


def _sales(runtime: Runtime, connection_id: int, since: datetime) -> int:
    """How many of the store's orders are sales: what was never paid goes nowhere."""
    with runtime.database.reading() as session:
        store_id = session.get_one(Connection, connection_id).store_id
    source = connections.open_source(runtime, store_id, "bench")
    while True:
        try:
            return sum(1 for _ in source.sales(since, now() + timedelta(days=1)))
        except Retryable:  # the workers have used up the calls of the moment
            time.sleep(LOOK_EVERY)


def _compared(app: Installation, sales: int) -> dict[str, int]:
    """By Salesforce's own records."""

    def rows(name: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = requests.get(f"{app.url(CRM)}/_sandbox/records/{name}", timeout=600).json()
        return found

    orders = Counter(row["BC_Order_Id__c"] for row in rows("Order") if row["BC_Order_Id__c"])
    people = Counter(row["Email"].casefold() for row in rows("Contact") if row["Email"])
    return {
        "missing": sales - len(orders),
        "orders doubled": sum(number - 1 for number in orders.values()),
        "people doubled": sum(number - 1 for number in people.values()),
    }
