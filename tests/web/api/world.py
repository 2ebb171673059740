"""A small world for the settings UI: an app with the API, stores, users, connections and deliveries in every state."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import insert
from werkzeug.test import TestResponse

from app import api
from app.db import insert_new, now
from app.models import (
    Attempt,
    Base,
    Conflict,
    ConflictState,
    Connection,
    ConnectionState,
    Delivery,
    Link,
    State,
    Store,
    User,
)
from app.runtime import EXTENSION, Runtime
from app.ui import session as sessions

ORG = "00Dxx0000001gPLEAY"
INSTANCE = "https://acme.my.salesforce.com"


@dataclass
class World:
    """The app under test with the runtime that it stands on."""

    app: Flask
    runtime: Runtime
    _stores: int = field(default=0)

    def add(self, row: Base) -> None:
        """Store one row."""
        with self.runtime.database.transaction() as session:
            session.add(row)

    def get(self, kind: type[Any], key: int) -> Any:
        """One row as it is now; None: gone."""
        with self.runtime.database.reading() as session:
            return session.get(kind, key)

    def store(self, **values: Any) -> Store:
        """An installed store."""
        self._stores += 1
        defaults = {
            "store_hash": f"s{self._stores}", "name": "The Gift Shop", "currency": "GBP", "timezone": "Europe/London",
            "control_panel_url": f"https://store-s{self._stores}.mybigcommerce.com",
        }  # fmt: skip
        store = Store(**{**defaults, **values})
        self.add(store)
        # Every installed store is a connection too: its own end.
        self.add(Connection(store_id=store.id, vendor="bigcommerce", state=ConnectionState.LIVE))
        return store

    def user(self, store: Store, **values: Any) -> User:
        """Somebody of the store's staff."""
        defaults = {"bigcommerce_id": "7", "email": "owner@example.com", "locale": "en-GB", "is_owner": True}
        user = User(store_id=store.id, **{**defaults, **values})
        self.add(user)
        return user

    def connection(self, store: Store, **values: Any) -> Connection:
        """The store's Salesforce org, looked through and live."""
        defaults = {
            "vendor": "salesforce", "state": ConnectionState.LIVE, "account_id": ORG, "account_name": "Acme Ltd",
            "instance_url": INSTANCE, "facts": {"organization_name": "Acme Ltd"}, "prepared_at": now(),
        }  # fmt: skip
        connection = Connection(store_id=store.id, **{**defaults, **values})
        self.add(connection)
        return connection

    def delivery(self, connection: Connection, **values: Any) -> Delivery:
        """An order on its way to a connection."""
        defaults = {"kind": "order", "record_id": "1001", "correlation_id": "c0ffee", "state": State.DONE}
        delivery = Delivery(
            **{**defaults, "store_id": connection.store_id, "connection_id": connection.id, **values}
        )  # fmt: skip
        self.add(delivery)
        return delivery

    def dead(self, connection: Connection, record_id: str, **values: Any) -> Delivery:
        """An order that needs a person."""
        defaults = {
            "label": f"Order {record_id}, Jane Doe", "amount": "12.50 GBP", "remedy": "data",
            "error_code": "REQUIRED_FIELD_MISSING", "error_field": "Region__c", "attempts": 1,
            "error_message": "Required fields are missing: [Region__c]",
        }  # fmt: skip
        return self.delivery(connection, record_id=record_id, state=State.DEAD, **{**defaults, **values})

    def attempt(self, delivery: Delivery, **values: Any) -> Attempt:
        """One try of a delivery."""
        defaults = {
            "number": 1, "started_at": now(), "milliseconds": 212, "result": "dead",
            "sent": {"Order": {"Name": "#1001"}}, "received": {"errorCode": "REQUIRED_FIELD_MISSING"},
        }  # fmt: skip
        attempt = Attempt(
            delivery_id=delivery.id, correlation_id=delivery.correlation_id, **{**defaults, **values}
        )  # fmt: skip
        self.add(attempt)
        return attempt

    def link(self, connection: Connection, kind: str, our_id: str, their_kind: str, their_id: str) -> None:
        """Our record and theirs are one."""
        self.add(Link(connection_id=connection.id, kind=kind, our_id=our_id, their_kind=their_kind, their_id=their_id))

    def conflict(self, connection: Connection, **values: Any) -> Conflict:
        """A phone number that was changed on both sides."""
        conflict = Conflict(**self._conflict(connection, **values))
        self.add(conflict)
        self._link(conflict)
        return conflict

    def _link(self, conflict: Conflict) -> None:
        """Whatever people disagree about is linked."""
        place = {"kind": conflict.kind, "their_kind": conflict.their_kind, "their_id": conflict.their_id}
        row = {
            **place,
            "connection_id": conflict.connection_id,
            "our_id": conflict.our_id,
            "children": [],
            "agreed": {},
        }
        with self.runtime.database.transaction() as session:
            insert_new(session, Link, row)

    def many_conflicts(self, connection: Connection, count: int) -> None:
        """Open conflicts, one a second, the last one a minute ago."""
        start = now() - timedelta(seconds=count + 60)
        rows = [
            self._conflict(
                connection, our_id=str(number), record_id=str(number), label=f"Buyer {number}",
                changed_at=start + timedelta(seconds=number),
            )
            for number in range(1, count + 1)
        ]  # fmt: skip
        with self.runtime.database.transaction() as session:
            session.execute(insert(Conflict), rows)

    def _conflict(self, connection: Connection, **values: Any) -> dict[str, Any]:
        defaults = {
            "store_id": connection.store_id, "connection_id": connection.id, "kind": "customer", "our_id": "42",
            "their_kind": "Contact", "their_id": "003xx000004TmiQAAS", "record_kind": "customer", "record_id": "42",
            "label": "Jane Doe", "field": "phone", "ours": "+44 20 1", "theirs": "+44 20 2", "agreed": "+44 20 0",
            "state": ConflictState.OPEN,
        }  # fmt: skip
        return {**defaults, **values}

    def many(self, connection: Connection, count: int) -> None:
        """Orders that arrived, one a second, the last one a minute ago."""
        start = now() - timedelta(seconds=count + 60)
        rows = [
            {
                "store_id": connection.store_id, "connection_id": connection.id, "kind": "order",
                "record_id": str(number), "correlation_id": f"{number:032x}", "state": State.DONE, "result": "written",
                "label": f"Order {number}, Jane Doe", "amount": f"{number % 500}.99 GBP", "attempts": 1,
                "created_at": start + timedelta(seconds=number), "changed_at": start + timedelta(seconds=number),
            }
            for number in range(1, count + 1)
        ]  # fmt: skip
        with self.runtime.database.transaction() as session:
            session.execute(insert(Delivery), rows)

    def bearer(self, store: Store, user: User, audience: str = sessions.SETTINGS, launch: int | None = None) -> str:
        """What the page in the control panel is given."""
        role = sessions.role_of(user.is_owner)
        return sessions.issue(
            self.runtime.settings,
            audience=audience,
            store_hash=store.store_hash,
            user=user.id,
            role=role,
            launch=launch,
        ).token

    def jobs(self) -> list[str]:
        """Jobs that were started, by name and arguments."""
        return [str(job.description) for job in self.runtime.bell._queue.jobs]


@dataclass
class Caller:
    """A person with the settings UI open."""

    world: World
    token: str

    def __call__(self, method: str, path: str, body: Any = None, **query: Any) -> TestResponse:
        """Call the API."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        client = self.world.app.test_client()
        if body is None:
            return client.open(path, method=method, headers=headers, query_string=query)
        return client.open(path, method=method, headers=headers, query_string=query, json=body)


def build(runtime: Runtime) -> World:
    """An app with the API over a runtime."""
    app = Flask("storeline-test")
    app.extensions[EXTENSION] = runtime
    api.register(app)
    return World(app, runtime)


def at(hour: int) -> datetime:
    """An hour of one summer day."""
    return datetime(2026, 7, 1, hour, tzinfo=UTC)
