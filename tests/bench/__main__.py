"""`make bench`: runs every benchmark and prints one table; `python -m tests.bench NAME …` runs some."""

from __future__ import annotations

import argparse
import signal
import sys
from types import ModuleType
from typing import Any

from tests.bench import backfill, calls, chaos, golden, latency, panel, scale, two_ways, webhooks

BENCHMARKS: dict[str, ModuleType] = {
    "calls": calls,
    "two_ways": two_ways,
    "golden": golden,
    "webhooks": webhooks,
    "panel": panel,
    "latency": latency,
    "scale": scale,
    "backfill": backfill,
    "chaos": chaos,
}


def main(arguments: list[str] | None = None) -> None:
    """Run those that are named, or all."""
    names = _parser().parse_args(arguments).names
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that whatever was started is stopped
    rows: list[dict[str, Any]] = []
    for name in names or BENCHMARKS:
        rows += BENCHMARKS[name].run()
    width = max(len(row.get("benchmark", row.get("name", ""))) for row in rows)
    for row in rows:
        title = row.pop("benchmark", None) or row.pop("name")
        print(f"{title:<{width}}  " + "  ".join(f"{key} {_short(value)}" for key, value in row.items()))  # noqa: T201 - its purpose


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m tests.bench",
        description=__doc__,
        epilog="benchmarks, with what the environment may say of each:\n\n" + "\n".join(map(_told, BENCHMARKS)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME", type=_name, help="which to run; none: all")
    return parser


def _name(text: str) -> str:
    if text not in BENCHMARKS:
        raise argparse.ArgumentTypeError(f"there is no benchmark {text}; there are {', '.join(BENCHMARKS)}")
    return text


def _told(name: str) -> str:
    words = [line for line in (BENCHMARKS[name].__doc__ or "").splitlines() if line]
    return "\n".join(f"  {name if number == 0 else '':<10} {line}" for number, line in enumerate(words))


def _short(value: Any) -> Any:
    return round(value, 1) if isinstance(value, float) else value


if __name__ == "__main__":
    main()
