"""How many API calls run at once, and the most there ever were."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from app.sandbox.sap_sales_cloud.gateway import PARALLEL

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Parallel:
    """Middleware that counts; the gateway refuses."""

    def __init__(self, inner: WSGIApplication, is_api: Callable[[str], bool]) -> None:
        self._inner = inner
        self._is_api = is_api
        self._lock = threading.Lock()
        self._running = 0
        self.most = 0

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if not self._is_api(environ["PATH_INFO"]):
            return self._inner(environ, start_response)
        with self._lock:
            self._running += 1
            self.most = max(self.most, self._running)
            environ[PARALLEL] = self._running
        try:
            return self._inner(environ, start_response)
        finally:
            with self._lock:
                self._running -= 1
