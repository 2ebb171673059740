"""A process that runs flushes and polls in forked children and kills a child at a given line of the engine.

Reads `<job> <connection id> <line number>` from standard input and answers `done` or `killed <file>:<line>`; the n-th
*distinct* line that a job executes is where it dies. Line 0: it lives, and runs in this process: what SQLAlchemy makes
ready for it, which costs more than the job, its children find ready. Nothing else of a job outlasts it.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Callable
from functools import cache
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
Job = Callable[[Runtime, int], None]
JOBS: dict[str, Job] = {"flush": flush, "poll": poll}


def main() -> None:
    runtime = Runtime.build(Settings.from_env())
    log.configure("warning")
    for request in sys.stdin:
        name, *numbers = request.split()
        job, (connection_id, line) = JOBS[name], map(int, numbers)
        if line == 0:
            print(_survive(runtime, job, connection_id), flush=True)  # noqa: T201 - the protocol
            continue
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            _run(runtime, job, connection_id, line, writer)
        os.close(writer)
        _, status = os.waitpid(child, 0)
        with os.fdopen(reader) as last:
            where = last.read().splitlines()[-1:]
        if os.WIFSIGNALED(status):
            print(f"killed {where[0] if where else '?'}", flush=True)  # noqa: T201 - the protocol
        else:
            print("done" if status == 0 else f"failed {status}", flush=True)  # noqa: T201 - the protocol


def _survive(runtime: Runtime, job: Job, connection_id: int) -> str:
    try:
        job(runtime, connection_id)
    except Exception:  # noqa: BLE001 - the test is told
        traceback.print_exc()
        return "failed"
    finally:
        runtime.database.close()  # no child may inherit a connection
    return "done"


@cache
def _is_watched(path: str) -> bool:
    return any(part in path for part in WATCHED)


def _run(runtime: Runtime, job: Job, connection_id: int, line: int, writer: int) -> None:
    seen: set[tuple[str, int]] = set()

    def trace(frame: FrameType, event: str, _argument: Any) -> Any:
        path = frame.f_code.co_filename
        if not _is_watched(path):
            return None
        if event == "line" and (path, frame.f_lineno) not in seen:
            seen.add((path, frame.f_lineno))
            if len(seen) == line:
                os.write(writer, f"{path.rpartition('/app/')[2]}:{frame.f_lineno}\n".encode())
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    code = 1
    try:
        sys.settrace(trace)
        job(runtime, connection_id)
        code = 0
    finally:
        sys.settrace(None)
        os._exit(code)


if __name__ == "__main__":
    main()
