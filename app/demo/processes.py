"""Starts the processes of a whole installation, restarts those that die, and stops them all."""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import requests

from app.config import PREFIX, Settings
from app.embedded import ensure_redis, stop_redis
from app.sandbox.catalogue import SANDBOXES

PUBSUB = 10  # the port of Salesforce's stand-in for events, above that for its API
WORKERS = 2  # so that one CRM's long batch does not keep the others waiting
# By the name of its log; beside the workers.
SINGLE = {"web": "web", "clock": "clock", "listener": "listener"}
START_TIMEOUT = 60  # seconds until a process must answer
STOP_TIMEOUT = 15  # seconds that a process may take to end
ENVIRONMENT = "environment"  # file in the state folder, for a shell that is to run our commands
RESTART_PAUSE = 1.0  # seconds before a dead process is started again


class DidNotStart(Exception):
    """A process of the demo is not coming up; says which, and where its log is."""


@dataclass
class Installation:
    """Redis, database, web, worker, clock, listener and all stand-ins, on loopback, in one state folder."""

    settings: Settings
    port_offset: int = 0
    sandbox_arguments: tuple[str, ...] = ()
    workers: int = WORKERS
    restarts: int = 0  # of processes that died
    _running: dict[str, tuple[list[str], subprocess.Popen[bytes]]] = field(default_factory=dict)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _supervisor: threading.Thread | None = None

    @classmethod
    def local(
        cls,
        state_dir: Path,
        port_offset: int,
        sandbox_arguments: tuple[str, ...] = (),
        workers: int = WORKERS,
        **more: str,
    ) -> Installation:
        """An installation on this machine that talks to the stand-ins and to nobody else; `more`: settings."""
        web = 8000 + port_offset
        bigcommerce, salesforce = (
            f"http://127.0.0.1:{SANDBOXES[name].port + port_offset}" for name in ("bigcommerce", "salesforce")
        )
        events = f"http://127.0.0.1:{SANDBOXES['salesforce'].port + PUBSUB + port_offset}"
        own = {
            # Another host than the stand-ins', not just another port, so that our frames are third parties there.
            "public_url": f"http://localhost:{web}", "bind": f"127.0.0.1:{web}",
            "state_dir": str(state_dir), "log_level": "warning",
            "bigcommerce_login_url": bigcommerce, "bigcommerce_api_url": bigcommerce,
            "bigcommerce_b2b_url": f"{bigcommerce}/b2b/api/v3/io",
            "bigcommerce_frame_ancestors": bigcommerce, "bigcommerce_app_id": "4711",
            "salesforce_login_url": salesforce, "salesforce_frame_ancestors": salesforce,
            "salesforce_pubsub": events, "allow_private_hosts": "1", "poll_seconds": "10", **more,
        }  # fmt: skip
        chosen = {PREFIX + name.upper(): value for name, value in own.items()}
        # Nothing of the environment's: the demo must not touch an operator's database.
        return cls(Settings.from_env(chosen), port_offset, sandbox_arguments, workers)

    def url(self, sandbox: str) -> str:
        """Where a stand-in listens."""
        return f"http://127.0.0.1:{SANDBOXES[sandbox].port + self.port_offset}"

    def start(self) -> None:
        """Start everything and wait until it answers. Raises DidNotStart."""
        self._require_free_ports()
        state = Path(self.settings.state_dir)
        shutil.rmtree(state, ignore_errors=True)  # the stand-ins remember nothing, so neither may we
        state.mkdir(parents=True)
        self.write_environment(state / ENVIRONMENT)
        ensure_redis(self.settings.state_dir)
        subprocess.run(self._storeline("release"), env=self._environment(), check=True)  # noqa: S603 - our own command
        for name, sandbox in SANDBOXES.items():
            port = str(sandbox.port + self.port_offset)
            arguments = ("--port", port, "--app-url", self.settings.public_url, *self.sandbox_arguments)
            self.spawn(name, "sandbox", name, *arguments)
        for name, command in SINGLE.items():
            self.spawn(name, command)
        for name in self.worker_names:
            self.spawn(name, "worker")
        for name in SANDBOXES:
            self._wait_for(name, f"{self.url(name)}/_sandbox/calls")
        self._wait_for("web", f"{self.settings.public_url}/healthz")
        self._supervisor = threading.Thread(target=self._keep_alive, name="supervisor", daemon=True)
        self._supervisor.start()

    def spawn(self, name: str, *arguments: str) -> None:
        """Start one `storeline` process under a name; its output goes to a log in the state folder."""
        command = self._storeline(*arguments)
        with (Path(self.settings.state_dir) / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603 - our own command
                command, env=self._environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self._running[name] = (list(arguments), process)

    @property
    def worker_names(self) -> list[str]:
        """The names of the workers."""
        return ["worker", *(f"worker-{number}" for number in range(2, self.workers + 1))]

    def process(self, name: str) -> subprocess.Popen[bytes]:
        """The process now running under a name."""
        return self._running[name][1]

    def stop(self) -> None:
        """Stop everything at once: one that waits for another's connections would wait for nothing."""
        self._stopping.set()
        if self._supervisor is not None:
            self._supervisor.join()
        for _, process in self._running.values():
            process.terminate()
        for _, process in self._running.values():
            try:
                process.wait(timeout=STOP_TIMEOUT)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        if self._running:  # else the Redis of this folder is another installation's
            stop_redis(self.settings.state_dir)

    def write_environment(self, file: Path) -> None:
        """Without it `storeline doctor` and its like would look at another installation, with this one's tokens."""
        ours = {**self._ours(), f"{PREFIX}STATE_DIR": str(file.parent.resolve())}
        file.touch(mode=0o600)
        file.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in ours.items()))

    def _require_free_ports(self) -> None:
        """Somebody else's answer must not be taken for that of what we start."""
        addresses = [self.settings.public_url, *(self.url(name) for name in SANDBOXES)]
        for port in (urlsplit(address).port or 80 for address in addresses):
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    words = f"port {port} is in use: is another demo running? --port-offset N runs one beside it"
                    raise DidNotStart(words) from None

    def _keep_alive(self) -> None:
        while not self._stopping.wait(RESTART_PAUSE):
            ensure_redis(self.settings.state_dir)
            for name, (arguments, process) in list(self._running.items()):
                if process.poll() is not None and name not in SANDBOXES and not self._stopping.is_set():
                    self.spawn(name, *arguments)
                    self.restarts += 1

    def _wait_for(self, name: str, url: str) -> None:
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline:
            if self._running[name][1].poll() is not None:
                break
            try:
                if requests.get(url, timeout=2).ok:
                    return
            except requests.RequestException:
                time.sleep(0.1)
        log = Path(self.settings.state_dir) / f"{name}.log"
        last = log.read_text(errors="replace").strip().splitlines()[-1:]
        raise DidNotStart(f"{name} does not answer at {url}: {' '.join(last) or 'no word from it'} (log: {log})")

    def _environment(self) -> dict[str, str]:
        return {**os.environ, **self._ours(), **_log_level()}

    def _ours(self) -> dict[str, str]:
        return {PREFIX + name.upper(): value for name, value in vars(self.settings).items()}

    def _storeline(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "app.cli", *arguments]


def _log_level() -> dict[str, str]:
    name = f"{PREFIX}LOG_LEVEL"
    return {name: os.environ[name]} if name in os.environ else {}
