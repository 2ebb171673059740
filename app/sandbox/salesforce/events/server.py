"""The gRPC server beside the stand-in's HTTP server: loopback, without TLS, in threads that end with the process."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent import futures
from typing import Any

import grpc

from app.sandbox.salesforce.events.service import PubSub
from app.sandbox.salesforce.org import Org

PORT_ABOVE_HTTP = 10
log = logging.getLogger(__name__)


class DaemonThreads(futures.ThreadPoolExecutor):
    """A thread for each call: a stream holds its own for as long as it lives, and none holds up the process."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> futures.Future[Any]:
        """Run the call in a new daemon thread."""
        future: futures.Future[Any] = futures.Future()

        def run() -> None:
            future.set_result(fn(*args, **kwargs))  # grpc catches what a call raises

        threading.Thread(target=run, daemon=True).start()
        return future


class PubSubServer:
    """Starts on demand, stops with the HTTP server."""

    def __init__(self, org: Org) -> None:
        self.service = PubSub(org)
        self._options = org.options
        self._lock = threading.Lock()
        self._server: grpc.Server | None = None
        self._port = 0

    def start(self) -> None:
        """Listen, unless it does already."""
        with self._lock:
            if self._server is None:
                self._server, self._port = self._listen(self._options.port + PORT_ABOVE_HTTP)

    def stop(self) -> None:
        """End every call and let go of the port."""
        with self._lock:
            server, self._server = self._server, None
        if server is not None:
            server.stop(None).wait(5)

    @property
    def port(self) -> int:
        """Where it listens; it starts if it does not yet."""
        self.start()
        return self._port

    def _listen(self, wanted: int) -> tuple[grpc.Server, int]:
        server = grpc.server(
            DaemonThreads(), handlers=[self.service.handlers()], options=[("grpc.so_reuseport", 0)]
        )  # fmt: skip
        if not self._options.port:
            wanted = 0
        try:
            port = server.add_insecure_port(f"{self._options.host}:{wanted}")
        except RuntimeError:
            port = server.add_insecure_port(f"{self._options.host}:0")
            log.warning("port %s is taken: the Pub/Sub API listens on %s", wanted, port)
        server.start()
        return server, port
