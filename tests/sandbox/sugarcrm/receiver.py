"""A small HTTP server that keeps what it is sent and answers as told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

READY = "<script>parent.postMessage({type: 'storeline:ready'}, '*')</script>"
FRAMES = {"/ready": f"<h1>The panel</h1>{READY}", "/silent": "<h1>Silence</h1>"}


class Receiver:
    """What came, and what to answer."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.answer: tuple[int, Any] = (200, {"ok": True})
        self.url = ""


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def _take(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            frame = FRAMES.get(self.path) if self.command == "GET" else None
            if frame is None:
                headers = {k.lower(): v for k, v in self.headers.items()}
                receiver.got.append(
                    {
                        "method": self.command,
                        "path": self.path,
                        "headers": headers,
                        "body": json.loads(content or b"null"),
                    }
                )
            status, body = (200, frame) if frame is not None else receiver.answer
            sent = (body if isinstance(body, str) else json.dumps(body)).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if isinstance(body, str) else "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_PUT = do_DELETE = _take  # noqa: N815  # http.server's names

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    return Handler


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port."""
    receiver = Receiver()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(receiver))
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)
