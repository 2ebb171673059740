"""The clock process: periodic duties by one leader; another clock takes over when it dies."""

from __future__ import annotations

import time

from app.log import get_logger
from app.runtime import Runtime
from app.sync import leases, sweep

SWEEP_EVERY = 5.0  # seconds
DUTIES_EVERY = 60.0  # seconds

log = get_logger()


def run(runtime: Runtime) -> None:
    """Lead for ever, or wait for the leader to die."""
    while True:
        with leases.held(runtime.database, "clock") as leading:
            if leading:
                log.info("leading")
                lead(runtime)
        time.sleep(SWEEP_EVERY)


def lead(runtime: Runtime, rounds: int | None = None) -> None:
    """The leader's loop, for ever or for some rounds."""
    duties_at = 0.0
    while rounds is None or rounds > 0:
        rounds = None if rounds is None else rounds - 1
        sweep.ring_due(runtime)
        if time.monotonic() >= duties_at:
            sweep.start_duties(runtime)
            sweep.prune(runtime)
            duties_at = time.monotonic() + DUTIES_EVERY
        if rounds is None or rounds > 0:
            time.sleep(SWEEP_EVERY)
