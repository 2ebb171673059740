"""Years of orders into Salesforce against real limits on half a quota; every worker is killed in the middle.

BENCH_ORDERS: how many (100,000). BENCH_LATENCY: milliseconds of each call to a vendor (200). BENCH_KILL_AT: percent at
which the workers are killed (40; 100: never, so that the time left alone is measured).
"""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import func, select

from app import log
from app.chaos.postgres import Postgres
from app.connectors.registry import SOURCE
from app.db import now
from app.demo.merchant import Merchant
from app.demo.processes import Installation
from app.models import Backfill, BackfillState, Delivery, State
from app.runtime import Runtime
from app.sync import backfills, connections, progress
from app.sync.backfills import Choice
from tests.bench.processes import family, memory

ORDERS, LATENCY = int(os.environ.get("BENCH_ORDERS", "100000")), 200  # ms
CRM = "salesforce"
YEARS = 3 * 365  # days
WORKERS = 2
PORT_OFFSET = 3100
LOOK_EVERY = 1.0  # seconds
FOLDER = Path(".state") / "bench-backfill"
TRACE = FOLDER / "progress.csv"  # by the second: records settled of each kind, and the time left
MARKS = (5, 10, 25, 50)  # percent at which the time left is written down
KILL_AT = int(os.environ.get("BENCH_KILL_AT", "40"))  # percent


@dataclass
class Watched:
    """What was seen on the way."""

    marks: dict[int, tuple[float, float | None]] = field(default_factory=dict)  # percent -> (second, seconds left)
    memory: float = 0.0
    killed: int = 0
    seconds: float = 0.0


def run() -> list[dict[str, Any]]:
    """One row for the run, one for how good the time left was."""
    log.configure("error")
    with ExitStack() as stack:
        postgres = Postgres()
        stack.callback(postgres.stop)
        latency = os.environ.get("BENCH_LATENCY", str(LATENCY))
        app = Installation.local(FOLDER, PORT_OFFSET, ("--latency", latency), WORKERS, database_url=postgres.url)
        stack.callback(app.stop)
        app.start()
        body = {"orders": ORDERS, "days": YEARS}
        made = requests.post(f"{app.url(SOURCE)}/_sandbox/past", json=body, timeout=1_800)
        made.raise_for_status()
        merchant = Merchant.install(app)
        connection = merchant.connect(CRM)["id"]
        merchant.go_live(connection)
        runtime = Runtime.build(app.settings)
        number = _counted(runtime, connection)
        for name in (SOURCE, CRM):
            requests.delete(f"{app.url(name)}/_sandbox/calls", timeout=30)
        backfills.start(runtime, number)
        watched = _watch(app, runtime, number)
        return _figures(app, runtime, number, connection, watched)


def _counted(runtime: Runtime, connection_id: int) -> int:
    number = backfills.create(runtime, connection_id, Choice(("customer", "product", "order"), until=now()))
    while _row(runtime, number).state == BackfillState.COUNTING:
        time.sleep(LOOK_EVERY)
    print(_row(runtime, number).forecast["words"], flush=True)  # noqa: T201 - its purpose
    return number


def _watch(app: Installation, runtime: Runtime, number: int) -> Watched:
    watched, next_word = Watched(), 0.0
    TRACE.write_text("")
    while True:
        with runtime.database.reading() as session:
            row = session.get_one(Backfill, number)
            seen = progress.measure(row, progress.tallies(session, [number])[number], now())
        shown = seen.described()
        settled = [part.settled for part in seen.parts.values()]
        with TRACE.open("a", encoding="utf-8") as trace:
            print(round(seen.seconds, 1), *settled, shown["seconds_left"], sep=",", file=trace)
        for mark in MARKS:
            if shown["percent"] >= mark and mark not in watched.marks:
                watched.marks[mark] = (seen.seconds, seen.seconds_left)
        for name in app.worker_names:
            with suppress(OSError):  # it is just being killed
                watched.memory = max(watched.memory, memory(app.process(name).pid))
        if KILL_AT <= shown["percent"] < 100 and not watched.killed:
            watched.killed = _kill_workers(app)
        if seen.seconds >= next_word:
            next_word = seen.seconds + 60
            print(f"{seen.seconds:7.0f} s  {shown['percent']:5.1f} %  left {shown['seconds_left']} s", flush=True)  # noqa: T201 - its purpose
        if row.state != BackfillState.RUNNING:
            watched.seconds = row.seconds
            return watched
        time.sleep(LOOK_EVERY)


def _kill_workers(app: Installation) -> int:
    """All of them at once, with what they were at."""
    victims = [pid for name in app.worker_names for pid in family(app.process(name).pid)]
    for pid in victims:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    return len(victims)


def _figures(
    app: Installation, runtime: Runtime, number: int, connection_id: int, watched: Watched
) -> list[dict[str, Any]]:
    row = _row(runtime, number)
    calls = {
        name: requests.get(f"{app.url(name)}/_sandbox/calls", timeout=60).json()["count"] for name in (SOURCE, CRM)
    }
    held = requests.get(f"{app.url(CRM)}/_sandbox/records/Order", timeout=600).json()
    times = Counter(str(one["BC_Order_Id__c"]) for one in held)
    source = connections.open_source(runtime, row.store_id, "bench")
    wanted: dict[str, Decimal] = {}
    dates: dict[str, datetime] = {}
    for sale in source.sales(datetime(2000, 1, 1, tzinfo=now().tzinfo), now()):
        wanted[f"sandbox1-{sale.order_id}"] = sale.net
        dates[f"sandbox1-{sale.order_id}"] = sale.placed_at
    net = {str(one["BC_Order_Id__c"]): Decimal(str(one["BC_Net__c"])) for one in held}
    with runtime.database.reading() as session:
        dead = session.scalar(select(func.count()).where(Delivery.state == State.DEAD)) or 0
    done = sum(int(noted["done"]) for noted in row.progress.values())
    off = [
        one
        for one in held
        if (day := dates.get(str(one["BC_Order_Id__c"]))) and str(day.date()) != one["EffectiveDate"]
    ]
    return [
        {
            "benchmark": "backfill, salesforce",
            "records": done,
            "seconds": watched.seconds,
            "foreseen": row.forecast["seconds"],
            "a second": done / max(watched.seconds, 1),
            "calls to the store": calls[SOURCE],
            "to the CRM": calls[CRM],
            "MiB of a worker": watched.memory,
            "processes killed": watched.killed,
            "missing": len(wanted.keys() - net.keys()),
            "doubled": sum(count - 1 for count in times.values()),
            "dead": dead,
            "drift": str(sum(net.values(), Decimal(0)) - sum(wanted.values(), Decimal(0))),
            "wrong dates": len(off),
            **{f"1,000 of {kind}": _of_a_thousand(noted["took"]) for kind, noted in row.progress.items()},
        },
        {
            "benchmark": "backfill, time left",
            **{
                f"off at {mark} %": _error(second, left, watched.seconds)
                for mark, (second, left) in watched.marks.items()
            },
        },
    ]


def _of_a_thousand(took: list[float]) -> str:
    seconds, number, *calls = took
    store, crm = (1000 * made / number for made in calls)
    return f"{1000 * seconds / number:.1f} s, {store:.0f} + {crm:.0f} calls"


def _error(second: float, left: float | None, total: float) -> str:
    """By how many percent of the true rest the time left was wrong."""
    true = total - second
    return "unknown" if left is None or true <= 0 else f"{100 * (left - true) / true:+.1f} %"


def _row(runtime: Runtime, number: int) -> Backfill:
    with runtime.database.reading() as session:
        return session.get_one(Backfill, number)
