"""Waits for a call only so long, where whoever answers may be anybody."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import TypeVar

from app.errors import Retryable

T = TypeVar("T")
AT_ONCE = 8  # calls that may be under way, forgotten ones included

_slots = threading.BoundedSemaphore(AT_ONCE)


def within(seconds: float, work: Callable[[], T]) -> T:
    """The result of `work`, or what it raises. Raises Retryable if it takes longer, or if too many others are waiting.

    A read time-out ends a silent call, none ends one that drips a byte now and then: that one goes on in a thread of
    its own, and holds one of few slots, but no thread that serves anybody.
    """
    if not _slots.acquire(blocking=False):
        raise Retryable("Too many calls are waiting for an answer right now; try again in a minute.", code="BUSY")
    done: Future[T] = Future()
    threading.Thread(target=_run, args=(done, work), name="patience", daemon=True).start()
    try:
        return done.result(timeout=seconds)
    except FutureTimeout:
        if done.done():
            raise
        raise Retryable("No answer came in time.", code="TIMEOUT") from None


def _run(done: Future[T], work: Callable[[], T]) -> None:
    try:
        done.set_result(work())
    except BaseException as error:  # noqa: BLE001 - handed on to whoever waits
        done.set_exception(error)
    finally:
        _slots.release()
