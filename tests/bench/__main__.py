"""`make bench`: runs every benchmark and prints one table."""

from __future__ import annotations

import sys
from typing import Any

from tests.bench import backfill, calls, chaos, golden, latency, panel, scale, two_ways, webhooks

BENCHMARKS = {
    "calls": calls.run,
    "two_ways": two_ways.run,
    "golden": golden.run,
    "webhooks": webhooks.run,
    "panel": panel.run,
    "latency": latency.run,
    "scale": scale.run,
    "backfill": backfill.run,
    "chaos": chaos.run,
}


def main(names: list[str]) -> None:
    rows: list[dict[str, Any]] = []
    for name in names or BENCHMARKS:
        rows += BENCHMARKS[name]()
    width = max(len(row.get("benchmark", row.get("name", ""))) for row in rows)
    for row in rows:
        title = row.pop("benchmark", None) or row.pop("name")
        print(f"{title:<{width}}  " + "  ".join(f"{key} {_short(value)}" for key, value in row.items()))  # noqa: T201 - its purpose


def _short(value: Any) -> Any:
    return round(value, 1) if isinstance(value, float) else value


if __name__ == "__main__":
    main(sys.argv[1:])
