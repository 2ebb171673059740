"""Memory of processes, as the kernel counts it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def memory(pid: int) -> float:
    """MiB of a process and all its children; pages that they share count once (proportional set size)."""
    return sum(_own(number) for number in family(pid)) / 1024


def percentile(values: Iterable[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _own(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def family(pid: int) -> list[int]:
    """A process and all below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += family(int(child))
    return found
