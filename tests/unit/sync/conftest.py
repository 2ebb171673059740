"""An installed store with one live connection to a CRM of dictionaries, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from app.connectors import registry
from app.connectors.access import Grant
from app.connectors.base import Event
from app.connectors.registry import Vendor
from app.models import Connection, ConnectionState, Delivery, Store
from app.runtime import Runtime
from app.sync import connections, inbox
from app.sync.flush import flush
from tests.fakes import FakeCrm, FakeStore


@dataclass
class World:
    """Everything that a test of the engine looks at."""

    runtime: Runtime
    store: FakeStore
    crm: FakeCrm
    store_id: int
    connection_id: int
    events: int = 0

    def notice(self, kind: str, *ids: str | int, event_id: str | None = None) -> inbox.Receipt:
        """A webhook that says these records changed."""
        self.events += 1
        refs = tuple((kind, str(number)) for number in ids)
        event = Event("abc", event_id or f"evt-{self.events}", f"store/{kind}/updated", refs, True, "{}")
        return inbox.receive(self.runtime, "bigcommerce", event)

    def flush(self) -> None:
        flush(self.runtime, self.connection_id)

    def deliveries(self, *states: str) -> list[Delivery]:
        with self.runtime.database.reading() as session:
            query = select(Delivery).order_by(Delivery.id)
            return list(session.scalars(query.where(Delivery.state.in_(states)) if states else query))

    def change(self, change: Callable[[Connection], None]) -> None:
        with self.runtime.database.transaction() as session:
            change(session.get_one(Connection, self.connection_id))

    def connection(self) -> Connection:
        with self.runtime.database.reading() as session:
            return session.get_one(Connection, self.connection_id)

    def skip_waits(self) -> None:
        """As if the time that everything waits for had come."""
        with self.runtime.database.transaction() as session:
            for delivery in session.scalars(select(Delivery)):
                delivery.due_at = delivery.created_at
            session.get_one(Connection, self.connection_id).hold_until = None


def make_world(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> World:
    """A store `abc`, installed, with one live connection."""
    store, crm = FakeStore(), FakeCrm()
    vendor = registry.VENDORS["salesforce"]
    fake = Vendor(
        "salesforce",
        "Fake CRM",
        FakeCrm.options,
        lambda settings, account: crm,
        vendor.authorizer,
        follows=FakeCrm.inward,
    )
    monkeypatch.setitem(registry.VENDORS, "salesforce", fake)
    monkeypatch.setattr(registry, "source", lambda settings, account: store)
    with runtime.database.transaction() as session:
        row = Store(store_hash="abc", currency="GBP")
        own = Connection(store=row, vendor="bigcommerce", state=ConnectionState.LIVE, account_id="abc")
        there = Connection(store=row, vendor="salesforce", state=ConnectionState.LIVE, account_id="00D")
        session.add_all([row, own, there])
        for connection in (own, there):
            connections.save_grant(runtime, session, connection, Grant("token", "refresh-1"))
        session.flush()
        return World(runtime, store, crm, row.id, there.id)


@pytest.fixture
def world(runtime: Runtime, monkeypatch: pytest.MonkeyPatch) -> World:
    return make_world(runtime, monkeypatch)
