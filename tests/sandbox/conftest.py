"""Stand-ins on free loopback ports, and other people's Node clients to run against them."""

from __future__ import annotations

import fcntl
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import pytest
from flask import Flask

from app.sandbox.kit import Options, server

CLIENTS = Path(__file__).parent / "clients"

CreateApp = Callable[[Options], Flask]


class Serve(Protocol):
    """Starts a stand-in and returns its base URL; it stops with the test."""

    def __call__(self, create_app: CreateApp, **options: Any) -> str: ...


class NodeClient(Protocol):
    """Runs a script of `tests/sandbox/clients` with Node."""

    def __call__(
        self, script: str, args: Sequence[str] = (), env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]: ...


def free_port(host: str = "127.0.0.1") -> int:
    """A loopback port nobody listens on."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def serving(create_app: CreateApp, **options: Any) -> Iterator[str]:
    """One stand-in served by a thread of this process."""
    chosen = Options(**options)
    if not chosen.port:
        chosen = replace(chosen, port=free_port(chosen.host))
    httpd = server(create_app(chosen), chosen)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield chosen.url
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join(timeout=5)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start stand-ins that end with the test."""
    with ExitStack() as stack:

        def start(create_app: CreateApp, **options: Any) -> str:
            return stack.enter_context(serving(create_app, **options))

        yield start


@pytest.fixture(scope="session")
def node_client() -> NodeClient:
    """Install the locked Node clients once, then run scripts with them; skipped only without Node."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("no Node on this machine")
    _install(npm)

    def run(
        script: str, args: Sequence[str] = (), env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [node, script, *args], cwd=CLIENTS, env=env, capture_output=True, text=True, timeout=120, check=False
        )

    return run


def _install(npm: str) -> None:
    """`npm ci`, unless the installed tree already is the locked one; safe with several test processes."""
    modules = CLIENTS / "node_modules"
    modules.mkdir(exist_ok=True)
    stamp = modules / ".installed-lock"
    locked = (CLIENTS / "package-lock.json").read_text()
    with (CLIENTS / ".install-lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == locked:
            return
        done = subprocess.run(
            [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=CLIENTS,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        stamp.write_text(locked)
