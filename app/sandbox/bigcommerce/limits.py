"""The store's share of BigCommerce: a quota per window common to all apps, and a few concurrency limits."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

STANDARD_QUOTA = 150  # the Standard plan's requests per window
WINDOW_MS = 30_000
B2B_QUOTA = 150  # B2B Edition counts on its own: per minute, over all integrations
B2B_WINDOW_MS = 60_000

# What may run at the same time: method, path, how many.
CONCURRENCY = (
    (re.compile(r"PUT /stores/\w+/v3/customers(/addresses|/attributes|/attribute-values)?$"), 3),
    (re.compile(r"(POST|DELETE) /stores/\w+/v3/customers/attributes$"), 3),
    (re.compile(r"POST /stores/\w+/v3/customers/addresses$"), 10),
    (re.compile(r"\w+ /stores/\w+/v2/customer_groups(/.*)?$"), 40),
    (re.compile(r"(POST|PUT|DELETE) /stores/\w+/v3/catalog/trees.*$"), 1),
    (re.compile(r"PUT /stores/\w+/v3/pricelists/\d+/records$"), 2),
    (re.compile(r"POST /stores/\w+/v3/pricelists/records$"), 10),
)
OVER_CONCURRENCY = "sandbox.over_concurrency"


class RateLimit:
    """A quota that refills as a whole at the end of each window."""

    def __init__(self, enforced: bool, quota: int = STANDARD_QUOTA, window_ms: int = WINDOW_MS) -> None:
        self.enforced = enforced
        self.quota = quota
        self.window_ms = window_ms
        self.eaten = 0  # what another app of the store takes from every window
        self.retry_after = True  # some 429 answers have X-Retry-After, the rest only the reset header
        self._lock = threading.Lock()
        self._used = 0
        self._ends = 0.0

    def change(self, quota: int | None, window_ms: int | None, eaten: int | None, retry_after: bool | None) -> None:
        """Another plan, or another app that eats from the same quota; starts a fresh window."""
        with self._lock:
            self.quota = self.quota if quota is None else quota
            self.window_ms = self.window_ms if window_ms is None else window_ms
            self.eaten = self.eaten if eaten is None else eaten
            self.retry_after = self.retry_after if retry_after is None else retry_after
            self._ends = 0.0

    def take(self) -> bool:
        """Count one request; False: the window's quota is used up."""
        with self._lock:
            self._roll()
            if not self.enforced:
                return True
            if self._used + self.eaten >= self.quota:
                return False
            self._used += 1
            return True

    def _roll(self) -> None:
        if time.monotonic() >= self._ends:
            self._used = 0
            self._ends = time.monotonic() + self.window_ms / 1000

    def left(self) -> tuple[int, int]:
        """What is left of the quota and the milliseconds until it refills; with limits off it never shrinks."""
        with self._lock:
            self._roll()
            reset_ms = max(int((self._ends - time.monotonic()) * 1000), 0)
            return (max(self.quota - self.eaten - self._used, 0) if self.enforced else self.quota), reset_ms

    def headers(self) -> dict[str, str]:
        """The four headers of every answer."""
        left, reset_ms = self.left()
        return {
            "X-Rate-Limit-Time-Window-Ms": str(self.window_ms),
            "X-Rate-Limit-Time-Reset-Ms": str(reset_ms),
            "X-Rate-Limit-Requests-Quota": str(self.quota),
            "X-Rate-Limit-Requests-Left": str(left),
        }


class InFlight:
    """Outermost middleware that marks the calls above an endpoint's own concurrency limit."""

    def __init__(self, inner: WSGIApplication, enforced: bool) -> None:
        self._inner = inner
        self._enforced = enforced
        self._lock = threading.Lock()
        self._running: Counter[str] = Counter()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        call = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
        limit = next(((rule.pattern, most) for rule, most in CONCURRENCY if rule.match(call)), None)
        if limit is None or not self._enforced:
            return self._inner(environ, start_response)
        name, most = limit
        with self._lock:
            self._running[name] += 1
            environ[OVER_CONCURRENCY] = self._running[name] > most
        try:
            return self._inner(environ, start_response)
        finally:
            with self._lock:
                self._running[name] -= 1
