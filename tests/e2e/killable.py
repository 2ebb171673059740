"""A process that runs flushes and polls in forked children and kills a child at a given line of the engine.

Reads `<job> <connection id> <line number>` from standard input and answers `done` or `killed <file>:<line>`; the n-th
*distinct* line that a job executes is where it dies. Line 0: it lives.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from app import log
from app.config import Settings
from app.runtime import Runtime
from app.sync.flush import flush
from app.sync.polling import poll

# Every line of the engine, and those of the connectors around which something leaves or arrives.
WATCHED = (
    "/app/sync/", "/salesforce/writer.py", "/salesforce/composite.py", "/salesforce/client.py", "/sugarcrm/writer.py",
    "/sugarcrm/client.py", "/sap_sales_cloud/writer.py", "/sap_sales_cloud/client.py", "/bigcommerce/write_",
)  # fmt: skip
JOBS = {"flush": flush, "poll": poll}


def main() -> None:
    settings = Settings.from_env()
    log.configure("warning")
    for request in sys.stdin:
        job, *numbers = request.split()
        connection_id, line = map(int, numbers)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            _run(settings, JOBS[job], connection_id, line, writer)
        os.close(writer)
        _, status = os.waitpid(child, 0)
        with os.fdopen(reader) as last:
            where = last.read().splitlines()[-1:]
        if os.WIFSIGNALED(status):
            print(f"killed {where[0] if where else '?'}", flush=True)  # noqa: T201 - the protocol
        else:
            print("done" if status == 0 else f"failed {status}", flush=True)  # noqa: T201 - the protocol


def _run(settings: Settings, job: Callable[[Runtime, int], None], connection_id: int, line: int, writer: int) -> None:
    seen: set[tuple[str, int]] = set()

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        path = frame.f_code.co_filename
        if not any(part in path for part in WATCHED):
            return None
        if event == "line" and (path, frame.f_lineno) not in seen:
            seen.add((path, frame.f_lineno))
            if len(seen) == line:
                os.write(writer, f"{path.rpartition('/app/')[2]}:{frame.f_lineno}\n".encode())
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    code = 1
    try:
        runtime = Runtime.build(settings)
        if line:
            sys.settrace(trace)
        job(runtime, connection_id)
        code = 0
    finally:
        sys.settrace(None)
        os._exit(code)


if __name__ == "__main__":
    main()
