"""Leases in the database: one holder at a time, for as long as it lives; losing Redis does not lose them."""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

from sqlalchemy import delete, insert, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from app.db import Database, now
from app.log import get_logger
from app.models import Lease

log = get_logger()


def acquire(database: Database, name: str, seconds: float) -> str | None:
    """Take the lease: its token, or None while somebody else holds it."""
    token = f"{os.getpid()}-{secrets.token_hex(8)}"
    until = now() + timedelta(seconds=seconds)
    free = update(Lease).where(Lease.name == name, Lease.until < now()).values(holder=token, until=until)
    try:
        with database.engine.begin() as connection:
            if connection.execute(free).rowcount:
                return token
            connection.execute(insert(Lease).values(name=name, holder=token, until=until))
    except IntegrityError:  # it exists and is not free
        return None
    return token


def extend(database: Database, name: str, token: str, seconds: float) -> bool:
    """Hold it for longer; False if it is no longer ours."""
    until = now() + timedelta(seconds=seconds)
    with database.engine.begin() as connection:
        mine = update(Lease).where(Lease.name == name, Lease.holder == token).values(until=until)
        return bool(connection.execute(mine).rowcount)


def release(database: Database, name: str, token: str) -> None:
    """Give it back, if it still is ours."""
    with database.engine.begin() as connection:
        connection.execute(delete(Lease).where(Lease.name == name, Lease.holder == token))


class Lasting:
    """A lease that a thread keeps alive; `lost` once that failed for so long that somebody else may hold it."""

    def __init__(self, database: Database, name: str, token: str, seconds: float) -> None:
        self.lost = False
        self._done = threading.Event()
        self._arguments = (database, name, token, seconds)
        self._thread = threading.Thread(target=self._keep, name=f"lease {name}", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop keeping it alive."""
        self._done.set()
        self._thread.join()

    def _keep(self) -> None:
        seconds = self._arguments[-1]
        held_until = time.monotonic() + seconds
        while not self._done.wait(seconds / 3):
            try:
                if not extend(*self._arguments):
                    break
                held_until = time.monotonic() + seconds
            except SQLAlchemyError as error:  # the database may be back before the lease runs out
                log.warning("lease", name=self._arguments[1], error=type(error).__name__)
                if time.monotonic() >= held_until:
                    break
        else:
            return
        self.lost = True


@contextmanager
def held(database: Database, name: str, seconds: float = 30) -> Iterator[Lasting | None]:
    """The lease, kept alive until the end and dying with this process; None: somebody else has it."""
    token = acquire(database, name, seconds)
    if token is None:
        yield None
        return
    lasting = Lasting(database, name, token, seconds)
    try:
        yield lasting
    finally:
        lasting.end()
        with suppress(SQLAlchemyError):  # it runs out by itself
            release(database, name, token)
