"""People edit on both sides of every CRM: what came of it, and what it cost."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from app import log, migrations
from app.connectors.registry import VENDORS
from app.embedded import ensure_redis, stop_redis
from app.models import ConflictState
from tests.e2e.served import bridge_to
from tests.e2e.two_ways import SWITCHES, TwoWays

EDITS = 1000
IDLE_ROUNDS = 3


def run() -> list[dict[str, Any]]:
    """Seconds are of the run with its own edits and notices, without the looking at the end."""
    log.configure("error")
    return [_measure(vendor) for vendor in VENDORS]


def _measure(vendor: str) -> dict[str, Any]:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        stack.callback(stop_redis, folder)
        database = f"sqlite:///{Path(folder) / 'bench.db'}"
        migrations.upgrade(database)
        sides = TwoWays(stack.enter_context(bridge_to(vendor, database, ensure_redis(folder), **SWITCHES)), seed=1)
        sides.begin()
        before, start = sides.writes(), time.monotonic()
        sides.run(EDITS)
        sides.come_to_rest()
        seconds, writes = time.monotonic() - start, sides.writes().since(before)
        edits = sides.edits
        loops = sum(sides.idle_round().all for _ in range(IDLE_ROUNDS))
        return {
            "benchmark": f"two ways, {vendor}",
            "edits": edits,
            "conflicts": len(sides.conflicts(*ConflictState)),
            "written to the CRM": writes.to_crm,
            "to the store": writes.to_store,
            "seconds": seconds,
            "left unequal": len(sides.unequal()),
            "doubles": len(sides.doubles()),
            "strays": len(sides.strays()),
            "refused": len(sides.dead()),
            "writes when idle": loops,
        }
