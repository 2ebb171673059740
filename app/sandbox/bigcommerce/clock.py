"""What happens by itself after a while: carts that nobody touches any more, stock that is written a moment later."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable

Act = Callable[[], None]


class Clock:
    """Acts that become due; each runs with the store's lock held. Its thread lives only while something waits."""

    def __init__(self, store_lock: threading.RLock, speed: float) -> None:
        self._store_lock = store_lock
        self._speed = speed
        self._ready = threading.Condition()
        self._due: list[tuple[float, int, Act]] = []
        self._numbers = itertools.count()
        self._epoch = 0  # a reset starts another one; what was taken before is then not done
        self._running = False

    def after(self, seconds: float, act: Act) -> None:
        """Do it so many of the store's own seconds from now."""
        with self._ready:
            heapq.heappush(self._due, (time.monotonic() + seconds / self._speed, next(self._numbers), act))
            if not self._running:
                self._running = True
                threading.Thread(target=self._work, daemon=True, name="store-clock").start()
            self._ready.notify()

    def clear(self) -> None:
        """Forget all of it; the caller holds the store's lock."""
        with self._ready:
            self._due.clear()
            self._epoch += 1
            self._ready.notify()

    def _work(self) -> None:
        while (taken := self._take()) is not None:
            epoch, act = taken
            with self._store_lock:
                if epoch == self._epoch:
                    act()

    def _take(self) -> tuple[int, Act] | None:
        with self._ready:
            while self._due:
                wait = self._due[0][0] - time.monotonic()
                if wait <= 0:
                    return self._epoch, heapq.heappop(self._due)[2]
                self._ready.wait(wait)
            self._running = False
            return None
