"""From a webhook to the committed order in Salesforce, at five orders a second, 200 ms for each call to a vendor.

BENCH_LATENCY_SECONDS: how long (600). Two workers, the store's own webhooks, PostgreSQL.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import func, select

from app import log
from app.chaos.postgres import Postgres
from app.connectors.registry import SOURCE
from app.demo.merchant import Merchant
from app.demo.processes import Installation
from app.models import Attempt, Delivery, InboxEvent, State
from app.runtime import Runtime
from tests.bench.processes import percentile

SECONDS = 600
RATE = 5  # orders a second
LATENCY = "200"  # ms
CRM = "salesforce"
PORT_OFFSET = 7800
TOKEN = {"X-Auth-Token": "sandbox-bc-token", "Accept": "application/json"}
SENDERS = 8
REST = 120  # seconds for what is under way at the end


def run() -> list[dict[str, Any]]:
    """Percentiles of the time between taking in a webhook and the end of the call that wrote its order."""
    log.configure("error")
    seconds = int(os.environ.get("BENCH_LATENCY_SECONDS", SECONDS))
    with ExitStack() as stack:
        postgres = Postgres()
        stack.callback(postgres.stop)
        arguments = ("--latency", LATENCY, "--limits", "off")
        folder = Path(".state") / "bench-latency"
        app = Installation.local(folder, PORT_OFFSET, arguments, 2, database_url=postgres.url)
        stack.callback(app.stop)
        app.start()
        merchant = Merchant.install(app)
        connection_id = merchant.connect(CRM)["id"]
        merchant.go_live(connection_id)
        runtime = Runtime.build(app.settings)
        _rest(runtime)
        for name in (SOURCE, CRM):
            requests.delete(f"{app.url(name)}/_sandbox/calls", timeout=30)
        placed = _place(app, seconds)
        _rest(runtime)
        calls = {
            f"calls to {name}": requests.get(f"{app.url(name)}/_sandbox/calls", timeout=60)
            .json()["counts"]["by_client"]
            .get("Storeline", 0)
            for name in (SOURCE, CRM)
        }
        return [{**_figures(runtime, placed, seconds), **calls}]


def _place(app: Installation, seconds: int) -> list[str]:
    url = f"{app.url(SOURCE)}/stores/sandbox1/v2/orders"
    started = time.monotonic()

    def place(number: int) -> str:
        time.sleep(max(0.0, started + number / RATE - time.monotonic()))
        answer = requests.post(url, json=_order(number), headers=TOKEN, timeout=60)
        answer.raise_for_status()
        return str(answer.json()["id"])

    with ThreadPoolExecutor(SENDERS) as senders:
        return list(senders.map(place, range(RATE * seconds)))


def _order(number: int) -> dict[str, Any]:
    """Every third buyer has bought before."""
    buyer = number // 3 if number % 3 == 0 else number
    address = {
        "first_name": "Pat", "last_name": f"Nr {buyer}", "email": f"pat{buyer}@mail.example",
        "street_1": "1 Lane", "city": f"Town {buyer}", "state": "Kent", "zip": "CT1 1AA", "country": "United Kingdom",
        "country_iso2": "GB",
    }  # fmt: skip
    products = [{"name": "Tea", "quantity": 2, "price_ex_tax": 5, "price_inc_tax": 6}]
    return {"customer_id": 0, "status_id": 11, "billing_address": address, "products": products}


def _rest(runtime: Runtime) -> None:
    deadline = time.monotonic() + REST
    is_open = select(func.count()).where(Delivery.state.in_((State.WAITING, State.RUNNING)))
    while time.monotonic() < deadline:
        time.sleep(1)
        with runtime.database.reading() as session:
            if not session.scalar(is_open):
                return


def _figures(runtime: Runtime, placed: list[str], seconds: int) -> dict[str, Any]:
    """The first webhook of an order, and the first try that wrote it."""
    with runtime.database.reading() as session:
        heard = select(InboxEvent.correlation_id, func.min(InboxEvent.received_at)).group_by(InboxEvent.correlation_id)
        received = {correlation: at for correlation, at in session.execute(heard)}
        tries = (
            select(Delivery.record_id, Delivery.correlation_id, Attempt.started_at, Attempt.milliseconds)
            .join(Attempt, Attempt.delivery_id == Delivery.id)
            .where(Delivery.kind == "order", Attempt.result == "written")
            .order_by(Attempt.id)
        )
        waits: dict[str, float] = {}
        for record_id, correlation, at, milliseconds in session.execute(tries):
            if correlation in received:
                written = (at - received[correlation]).total_seconds() + milliseconds / 1000
                waits.setdefault(record_id, written)
    found = [waits[order_id] for order_id in placed if order_id in waits]
    return {
        "benchmark": f"webhook to Salesforce, {RATE}/s for {seconds} s",
        "orders": len(placed),
        "not there": len(placed) - len(found),
        **{f"p{share}": round(percentile(found, share / 100), 2) for share in (50, 90, 95, 99)},
        "worst": round(max(found), 2),
        "unit": "s",
    }
