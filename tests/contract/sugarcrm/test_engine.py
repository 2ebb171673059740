"""The whole way through the engine: a store's orders arrive, edits there come back, hooks tell of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
import requests

from app.config import Settings
from app.connectors import registry
from app.connectors.access import Grant
from app.connectors.base import Event
from app.connectors.lists import totals
from app.db import Database
from app.models import Connection, ConnectionState, Delivery, State, Store
from app.queue import Bell, connect
from app.runtime import Runtime
from app.sandbox import bigcommerce, sugarcrm
from app.sync import accounts, connections, flush, inbox, polling, preparation
from app.vault import Vault
from tests.contract.sugarcrm.instance import Instance
from tests.sandbox.conftest import serving

TOKEN = {"X-Auth-Token": "sandbox-bc-token"}
BUYER = {
    "first_name": "Jane", "last_name": "Doe", "email": "jane@example.com", "street_1": "1 High Street",
    "city": "London", "zip": "N1 1AA", "country": "United Kingdom", "country_iso2": "GB", "phone": "1",
}  # fmt: skip
SOLD = [{"name": "Teapot", "quantity": 2, "price_ex_tax": 20, "price_inc_tax": 24}]


@dataclass
class Bridge:
    """A store and an instance with us in between."""

    runtime: Runtime
    store_url: str
    sugar: Instance
    connection_id: int
    notices: int = 0

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """A call of the store's API."""
        url = f"{self.store_url}/stores/sandbox1{path}"
        answer = requests.request(method, url, json=body, headers=TOKEN, timeout=30)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def tell(self, kind: str, record_id: Any) -> None:
        """The store's webhook about a record, and all that follows."""
        self.notices += 1
        event = Event("sandbox1", str(self.notices), f"store/{kind}/updated", ((kind, str(record_id)),), True, "{}")
        inbox.receive(self.runtime, "bigcommerce", event)
        self.flush()

    def flush(self) -> None:
        flush.flush(self.runtime, self.connection_id)
        with self.runtime.database.reading() as session:
            assert [one.record_id for one in session.query(Delivery) if one.state == State.DEAD] == []

    def poll(self) -> None:
        """As the clock does, whatever was read just now."""
        polling.poll(self.runtime, self.connection_id)
        self.flush()


@pytest.fixture
def bridge(sqlite_url: str, redis_url: str) -> Iterator[Bridge]:
    with ExitStack() as stack:
        store_url = stack.enter_context(serving(bigcommerce.create_app, limits=False))
        crm_url = stack.enter_context(serving(sugarcrm.create_app, seed="empty"))
        settings = Settings(
            database_url=sqlite_url, redis_url=redis_url, bigcommerce_login_url=store_url,
            bigcommerce_api_url=store_url, allow_private_hosts="1", poll_seconds="0",
        )  # fmt: skip
        redis = connect(redis_url)
        redis.flushall()
        runtime = Runtime(settings, Database(sqlite_url), Vault(settings.key_ring), Bell(redis))
        with runtime.database.transaction() as session:
            store = Store(store_hash="sandbox1", currency="USD")
            own = Connection(store=store, vendor="bigcommerce", state=ConnectionState.LIVE, account_id="sandbox1")
            session.add_all([store, own])
            connections.save_grant(runtime, session, own, Grant("sandbox-bc-token", account_id="sandbox1"))
            session.flush()
            store_id = store.id
        sugar = Instance(crm_url, store="sandbox1")
        connected = accounts.sign_in(runtime, store_id, registry.VENDORS["sugarcrm"], "production", sugar.form)
        preparation.prepare(runtime, connected.connection_id)
        with runtime.database.transaction() as session:
            connection = session.get_one(Connection, connected.connection_id)
            assert (connection.problem, connection.missing) == ("", [])
            connection.state = ConnectionState.LIVE
        yield Bridge(runtime, store_url, sugar, connected.connection_id)
        runtime.database.close()


def test_there_and_back(bridge: Bridge) -> None:
    sugar = bridge.sugar
    [customer] = bridge.api("POST", "/v3/customers", [
        {"email": "jane@example.com", "first_name": "Jane", "last_name": "Doe", "phone": "1"}
    ])["data"]  # fmt: skip
    bridge.tell("customer", customer["id"])
    body = {"customer_id": customer["id"], "status_id": 11, "billing_address": BUYER, "products": SOLD}
    placed = bridge.api("POST", "/v2/orders", body)
    bridge.tell("order", placed["id"])
    deal = sugar.row("Opportunities")
    assert Decimal(deal["amount"]) == Decimal(placed["total_inc_tax"]) and deal["sales_stage"] == "Closed Won"
    assert sugar.row("Contacts")["sync_key"] == f"sandbox1-{customer['id']}"
    target = connections.open_target(bridge.runtime, bridge.connection_id)
    assert sum(totals(target.sales())["totals"].values()) == Decimal(placed["total_inc_tax"])
    # a rep edits the contact, which the next poll finds
    bridge.poll()
    sugar.control("clock", advance_seconds=60)
    sugar.api("PUT", f"/Contacts/{sugar.row('Contacts')['id']}", {"phone_work": "555"}, user="sally")
    bridge.poll()
    [there] = bridge.api("GET", f"/v3/customers?id:in={customer['id']}")["data"]
    assert there["phone"] == "555"
    # the store's own notice of that brings nothing there
    before = sugar.row("Contacts")["date_modified"]
    sugar.control("clock", advance_seconds=60)
    bridge.tell("customer", customer["id"])
    assert sugar.row("Contacts")["date_modified"] == before


def test_an_expired_session_is_renewed_by_the_engine(bridge: Bridge) -> None:
    placed = bridge.api("POST", "/v2/orders", {"status_id": 11, "billing_address": BUYER, "products": SOLD})
    bridge.sugar.control("session/expire")
    bridge.tell("order", placed["id"])
    assert len(bridge.sugar.rows("Opportunities")) == 1
