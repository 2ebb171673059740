"""The golden set of hard orders in every CRM: how many are right after every event, and what that took."""

from __future__ import annotations

import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from app import log, migrations
from app.connectors.registry import VENDORS
from app.embedded import ensure_redis, stop_redis
from tests.golden.classes import CLASSES
from tests.golden.generator import generate
from tests.golden.run import Round, opened

SEED = 1


def run() -> list[dict[str, Any]]:
    """Seconds are of the whole run, with placing and looking, all in one process."""
    log.configure("error")
    return [_measured(vendor) for vendor in VENDORS]


def _measured(vendor: str) -> dict[str, Any]:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        stack.callback(stop_redis, folder)
        database = f"sqlite:///{Path(folder) / 'bench.db'}"
        migrations.upgrade(database)
        plans = generate(SEED)
        start = time.monotonic()
        golden = stack.enter_context(opened(vendor, database, ensure_redis(folder), SEED, _tell))
        rounds = golden.run(plans)
        for words in _once(rounds):
            _tell(f"  {words}")
        calls = golden.calls()
        last = rounds[-1]
        return {
            "benchmark": f"golden set, {vendor}",
            "right": f"{last.orders - len(golden.wrong_orders)} of {last.orders}",
            "classes": len(CLASSES),
            "rounds": len(rounds),
            "other faults": sum(len(one.wrong) for one in rounds) - sum(one.told for one in rounds),
            "calls to the store": calls["store"],
            "to the CRM": calls["CRM"],
            "seconds": time.monotonic() - start,
            "of them carrying": golden.carried,
        }


def _once(rounds: list[Round]) -> list[str]:
    """What is wrong, each told for the first round that found it."""
    seen: dict[str, str] = {}
    for one in rounds:
        for words in one.wrong:
            seen.setdefault(words.partition(": ")[2], words)
    return list(seen.values())


def _tell(words: str) -> None:
    print(words, file=sys.stderr, flush=True)  # noqa: T201 - its purpose
