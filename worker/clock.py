"""The clock process: periodic duties by one leader; another clock takes over when it dies."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from sqlalchemy.exc import SQLAlchemyError

from app.log import get_logger
from app.runtime import Runtime
from app.sync import backfills, comparisons, leases, refill, retention, sweep

SWEEP_EVERY = 5.0  # seconds
DUTIES_EVERY = 60.0  # seconds

log = get_logger()


def run(runtime: Runtime) -> None:
    """Lead for ever, or wait for the leader to die."""
    while True:
        try:
            with leases.held(runtime.database, "clock") as lease:
                if lease is not None:
                    log.info("leading")
                    lead(runtime, lambda: not lease.lost)
        except SQLAlchemyError as error:  # the database will be back, and nobody else rings
            log.warning("clock", error=type(error).__name__)
        time.sleep(SWEEP_EVERY)


def lead(runtime: Runtime, still_leading: Callable[[], bool]) -> None:
    """The leader's loop; a database that is away for a moment is no reason to stop."""
    duties_at = 0.0
    while still_leading():
        _see_to(runtime, (sweep.ring_due, sweep.start_polls, backfills.ring))
        if time.monotonic() >= duties_at:
            duties = sweep.start_duties, refill.ring, comparisons.ring, retention.prune
            if _see_to(runtime, duties):
                duties_at = time.monotonic() + DUTIES_EVERY
        time.sleep(SWEEP_EVERY)


def _see_to(runtime: Runtime, duties: Sequence[Callable[[Runtime], object]]) -> bool:
    """Whether the database was there for all of them."""
    for duty in duties:
        try:
            duty(runtime)
        except SQLAlchemyError as error:
            log.warning("clock", error=type(error).__name__)
            return False
        except Exception:  # a bug in one of them, or an odd store, keeps back no other one
            log.exception("duty", duty=duty.__name__)
    return True
