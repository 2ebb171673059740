"""`storeline chaos` with its ten thousand events: what was lost, doubled and recovered alone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
EVENTS = 10_000
OFFSET = 2000  # of its ports


def run(events: int = EVENTS) -> list[dict[str, Any]]:
    """As an operator runs it, in a process of its own."""
    command = [
        sys.executable,
        "-m",
        "app.cli",
        "chaos",
        "--events",
        str(events),
        "--json",
        "--port-offset",
        str(OFFSET),
    ]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STORELINE_")}
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if not done.stdout.strip():
        raise RuntimeError("the chaos run broke")
    figures = json.loads(done.stdout.splitlines()[-1])
    plain = (
        "events", "orders", "customers", "database", "calls", "faulted_calls", "restarts", "storm_seconds",
        "rest_seconds", "lost", "doubled", "dead", "recovered_percent",
    )  # fmt: skip
    webhooks = {f"webhooks {name}": number for name, number in figures["webhooks"].items()}
    return [{"benchmark": "chaos", **{name: figures[name] for name in plain}, **webhooks, **figures["blows"]}]
