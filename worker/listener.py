"""The listener process: keeps the streams of those CRMs open that tell of changes by themselves."""

from __future__ import annotations

import random
import threading

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.connectors import registry
from app.connectors.base import Listener
from app.errors import Reauthorize, StorelineError
from app.log import get_logger
from app.models import Connection, ConnectionState, Cursor
from app.runtime import Runtime
from app.sync import connections, leases, notices

LOOK_EVERY = 5.0  # seconds between looks at which connections there are
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0  # seconds before a stream that broke is opened again

log = get_logger()


def run(runtime: Runtime, stop: threading.Event | None = None) -> None:
    """Listen to every live connection that has a stream, until told to stop. Several listeners share them."""
    ending = stop or threading.Event()
    ears: dict[int, Ear] = {}
    while not ending.is_set():
        try:
            wanted = _wanted(runtime)
        except SQLAlchemyError as error:  # the database will be back
            log.warning("listener", error=type(error).__name__)
            wanted = list(ears)
        for connection_id in set(ears) - set(wanted):
            ears.pop(connection_id).close()
        for connection_id in wanted:
            if connection_id not in ears or not ears[connection_id].is_alive():
                ears[connection_id] = Ear(runtime, connection_id)
                ears[connection_id].start()
        ending.wait(LOOK_EVERY)
    for ear in ears.values():
        ear.close()
    for ear in ears.values():
        ear.join()


def _wanted(runtime: Runtime) -> list[int]:
    streaming = [vendor.name for vendor in registry.VENDORS.values() if vendor.listener is not None]
    with runtime.database.reading() as session:
        live = select(Connection.id).where(Connection.state == ConnectionState.LIVE, Connection.vendor.in_(streaming))
        return list(session.scalars(live))


class Ear(threading.Thread):
    """Listens to one connection; whoever else listens to it as well waits for the lease."""

    def __init__(self, runtime: Runtime, connection_id: int) -> None:
        super().__init__(name=f"ear-{connection_id}", daemon=True)
        self._runtime, self._connection_id = runtime, connection_id
        self._ending = threading.Event()
        self._listener: Listener | None = None

    def close(self) -> None:
        """Stop listening."""
        self._ending.set()
        if self._listener is not None:
            self._listener.close()

    def run(self) -> None:
        failures = 0
        while not self._ending.is_set():
            try:
                with leases.held(self._runtime.database, f"listen:{self._connection_id}") as lease:
                    if lease is not None:
                        failures = self._listen(lease, failures)
            except Reauthorize as error:
                connections.need_reauthorization(self._runtime, self._connection_id, error)
                return
            except (StorelineError, SQLAlchemyError) as error:
                failures += 1
                log.warning("stream", connection=self._connection_id, error=str(error)[:200])
            wait = min(LONGEST_WAIT, FIRST_WAIT * 2.0**failures)
            self._ending.wait(wait * random.uniform(0.5, 1.0))  # noqa: S311 - so that not all come back at once

    def _listen(self, lease: leases.Lasting, failures: int) -> int:
        """Until the stream ends; how many failures there were in a row."""
        self._listener = listener = self._open()
        if self._ending.is_set():  # told to stop while it was being opened
            listener.close()
            return failures
        try:
            for told in listener.listen(self._cursor()):
                notices.receive(self._runtime, self._connection_id, told, from_stream=True)
                failures = 0
                if lease.lost or self._ending.is_set():
                    break
        finally:
            listener.close()
        return failures

    def _open(self) -> Listener:
        with self._runtime.database.reading() as session:
            vendor = registry.VENDORS[session.get_one(Connection, self._connection_id).vendor]
        assert vendor.listener is not None  # only such connections are listened to
        return vendor.listener(self._runtime.settings, connections.open_account(self._runtime, self._connection_id))

    def _cursor(self) -> str:
        with self._runtime.database.reading() as session:
            row = session.get(Cursor, (self._connection_id, notices.STREAM))
            return row.value if row is not None else ""
