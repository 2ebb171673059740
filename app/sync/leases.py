"""Leases in the database: one holder at a time, for as long as it lives; losing Redis does not lose them."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import delete, insert, update
from sqlalchemy.exc import IntegrityError

from app.db import Database, now
from app.models import Lease


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


@contextmanager
def held(database: Database, name: str, seconds: float = 30) -> Iterator[bool]:
    """Whether we got it; if so it is kept alive by a thread until the end, and dies with this process."""
    token = acquire(database, name, seconds)
    if token is None:
        yield False
        return
    done = threading.Event()

    def keep() -> None:
        while not done.wait(seconds / 3) and extend(database, name, token, seconds):
            pass

    keeper = threading.Thread(target=keep, name=f"lease {name}", daemon=True)
    keeper.start()
    try:
        yield True
    finally:
        done.set()
        keeper.join()
        release(database, name, token)
