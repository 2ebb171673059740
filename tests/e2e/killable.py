"""A process that runs flushes in forked children and kills a child at a given line of the engine.

Reads `<connection id> <line number>` from standard input and answers `done` or `killed <file>:<line>`; the n-th
*distinct* line that a flush executes is where it dies. Line 0: it lives.
"""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import Any

from app import log
from app.config import Settings
from app.runtime import Runtime
from app.sync.flush import flush

# Every line of the engine, and those of the connectors around which something leaves or arrives.
WATCHED = ("/app/sync/", "/salesforce/writer.py", "/salesforce/composite.py", "/salesforce/client.py")


def main() -> None:
    settings = Settings.from_env()
    log.configure("warning")
    for request in sys.stdin:
        connection_id, line = map(int, request.split())
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            _flush(settings, connection_id, line, writer)
        os.close(writer)
        _, status = os.waitpid(child, 0)
        with os.fdopen(reader) as last:
            where = last.read().splitlines()[-1:]
        if os.WIFSIGNALED(status):
            print(f"killed {where[0] if where else '?'}", flush=True)  # noqa: T201 - the protocol
        else:
            print("done" if status == 0 else f"failed {status}", flush=True)  # noqa: T201 - the protocol


def _flush(settings: Settings, connection_id: int, line: int, writer: int) -> None:
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
        flush(runtime, connection_id)
        code = 0
    finally:
        sys.settrace(None)
        os._exit(code)


if __name__ == "__main__":
    main()
