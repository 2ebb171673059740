"""A Chromium that blocks third-party cookies, and servers for it."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import BaseWSGIServer, make_server

CHROMIUM = "/usr/bin/chromium"

needs_browser = pytest.mark.skipif(
    not Path(CHROMIUM).exists() and os.environ.get("CI") != "true", reason=f"no browser at {CHROMIUM}"
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that finds every host below .test on this machine."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--test-third-party-cookie-phaseout",
                "--host-resolver-rules=MAP *.test 127.0.0.1",
            ],
        )  # fmt: skip
        yield browser
        browser.close()


def serve(app: Flask) -> BaseWSGIServer:
    """Serve on a free port."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server
