"""The whole way through the engine: orders arrive, people's edits come back, deletions and merges are followed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pytest
import requests
from sqlalchemy import delete, update

from app.config import Settings
from app.connectors import registry
from app.connectors.access import Grant
from app.connectors.base import Event
from app.connectors.lists import totals
from app.db import Database
from app.models import Conflict, Connection, ConnectionState, Delivery, Link, State, Store
from app.queue import Bell, connect
from app.runtime import Runtime
from app.sandbox import bigcommerce, salesforce
from app.sync import connections, flush, inbox, notices, polling, preparation
from app.vault import Vault
from tests.contract.salesforce.org import REP, Org, token_of
from tests.sandbox.conftest import serving

TOKEN = {"X-Auth-Token": "sandbox-bc-token"}
BUYER = {
    "first_name": "Jane", "last_name": "Doe", "email": "jane@example.com", "street_1": "1 High Street",
    "city": "London", "zip": "N1 1AA", "country": "United Kingdom", "country_iso2": "GB", "phone": "1",
}  # fmt: skip
SOLD = [{"name": "Teapot", "quantity": 2, "price_ex_tax": 20, "price_inc_tax": 24}]


@dataclass
class Bridge:
    """A store and an org with us in between."""

    runtime: Runtime
    store_url: str
    org: Org
    connection_id: int
    told: int = 0

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """A call of the store's API."""
        url = f"{self.store_url}/stores/sandbox1{path}"
        answer = requests.request(method, url, json=body, headers=TOKEN, timeout=30)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def tell(self, kind: str, record_id: Any) -> None:
        """The store's webhook about a record, and all that follows."""
        self.told += 1
        event = Event("sandbox1", str(self.told), f"store/{kind}/updated", ((kind, str(record_id)),), True, "{}")
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

    def customer(self) -> str:
        """Jane registers."""
        person = {"email": "jane@example.com", "first_name": "Jane", "last_name": "Doe", "phone": "1"}
        [made] = self.api("POST", "/v3/customers", [person])["data"]
        self.tell("customer", made["id"])
        return str(made["id"])

    def stored(self, customer: str) -> Any:
        """Her record in the store."""
        [found] = self.api("GET", f"/v3/customers?id:in={customer}")["data"]
        return found


@pytest.fixture
def bridge(sqlite_url: str, redis_url: str) -> Iterator[Bridge]:
    with ExitStack() as stack:
        store_url = stack.enter_context(serving(bigcommerce.create_app, limits=False))
        crm_url = stack.enter_context(serving(salesforce.create_app, seed="empty"))
        port = requests.get(f"{crm_url}/_sandbox/pubsub", timeout=10).json()["port"]
        settings = Settings(
            database_url=sqlite_url, redis_url=redis_url, bigcommerce_login_url=store_url,
            bigcommerce_api_url=store_url, salesforce_login_url=crm_url, poll_seconds="0",
            salesforce_pubsub=f"http://127.0.0.1:{port}",
        )  # fmt: skip
        redis = connect(redis_url)
        redis.flushall()
        runtime = Runtime(settings, Database(sqlite_url), Vault(settings.key_ring), Bell(redis))
        org = Org(crm_url, store="sandbox1")
        org.connect()
        with runtime.database.transaction() as session:
            store = Store(store_hash="sandbox1", currency="USD")
            own = Connection(store=store, vendor="bigcommerce", state=ConnectionState.LIVE, account_id="sandbox1")
            crm = Connection(
                store=store, vendor="salesforce", state=ConnectionState.LIVE, account_id=org.account.account_id,
                instance_url=crm_url,
            )  # fmt: skip
            session.add_all([store, own, crm])
            connections.save_grant(runtime, session, own, Grant("sandbox-bc-token", account_id="sandbox1"))
            grant = Grant(
                org.account.access_token, org.refresh_token, account_id=org.account.account_id, instance_url=crm_url
            )
            connections.save_grant(runtime, session, crm, grant)
            session.flush()
            connection_id = crm.id
        preparation.prepare(runtime, connection_id)
        with runtime.database.transaction() as session:
            connection = session.get_one(Connection, connection_id)
            assert (connection.problem, connection.missing) == ("", [])
            connection.state = ConnectionState.LIVE
        yield Bridge(runtime, store_url, org, connection_id)
        runtime.database.close()


def as_somebody(org: Org) -> None:
    """From now on the org's own calls are another user's than ours."""
    org.account = replace(org.account, access_token=token_of(org.url, REP))


def test_there_and_back(bridge: Bridge) -> None:
    org, customer = bridge.org, bridge.customer()
    body = {"customer_id": int(customer), "status_id": 11, "billing_address": BUYER, "products": SOLD}
    placed = bridge.api("POST", "/v2/orders", body)
    bridge.tell("order", placed["id"])
    assert Decimal(str(org.row("Order")["TotalAmount"])) == Decimal(placed["total_inc_tax"])
    contact, account = org.row("Contact"), org.row("Account")
    assert contact["BC_Customer_Id__c"] == f"sandbox1-{customer}"
    target = connections.open_target(bridge.runtime, bridge.connection_id)
    assert sum(totals(target.sales())["totals"].values()) == Decimal(placed["total_inc_tax"])
    # a rep edits contact and account, which the next poll finds
    bridge.poll()
    as_somebody(org)
    org.api("PATCH", f"/sobjects/Contact/{contact['Id']}", {"Phone": "555", "FirstName": "Janet"})
    org.api("PATCH", f"/sobjects/Account/{account['Id']}", {"Name": "Doe & Co"})
    bridge.poll()
    found = bridge.stored(customer)
    assert (found["phone"], found["first_name"], found["company"]) == ("555", "Janet", "Doe & Co")
    # our own echo of that does not run in circles
    bridge.tell("customer", customer)
    before = org.rows("Contact"), org.rows("Account")
    bridge.poll()
    bridge.tell("customer", customer)
    assert (org.rows("Contact"), org.rows("Account")) == before and bridge.stored(customer) == found


def test_the_stream_tells_of_an_edit(bridge: Bridge) -> None:
    org, customer = bridge.org, bridge.customer()
    contact = org.row("Contact")["Id"]
    org.control("org", pubsub_keepalive_seconds=0.2)
    account = connections.open_account(bridge.runtime, bridge.connection_id)
    make = registry.VENDORS["salesforce"].listener
    assert make is not None
    listener = make(bridge.runtime.settings, account)
    listens = False
    for told in listener.listen(""):
        notices.receive(bridge.runtime, bridge.connection_id, told, from_stream=True)
        if not any(one.event_id for one in told) and not listens:
            listens = True
            as_somebody(org)
            org.api("PATCH", f"/sobjects/Contact/{contact}", {"Phone": "777"})
        elif any(one.refs for one in told):
            break
    listener.close()
    bridge.flush()
    assert bridge.stored(customer)["phone"] == "777"


def test_who_is_deleted_there_stays_deleted(bridge: Bridge) -> None:
    org, customer = bridge.org, bridge.customer()
    bridge.poll()
    as_somebody(org)
    org.api("DELETE", f"/sobjects/Account/{org.row('Account')['Id']}")
    bridge.poll()
    bridge.api("PUT", "/v3/customers", [{"id": int(customer), "first_name": "Janet"}])
    bridge.tell("customer", customer)
    assert org.rows("Contact") == org.rows("Account") == []


def test_who_is_merged_there_is_who_was_kept(bridge: Bridge) -> None:
    org, customer = bridge.org, bridge.customer()
    bridge.poll()
    as_somebody(org)
    winner = org.make("Contact", LastName="Doe", FirstName="Jane", AccountId=org.row("Account")["Id"], Phone="1",
                      Email="jane@example.com")  # fmt: skip
    loser = org.row("Contact", BC_Customer_Id__c=f"sandbox1-{customer}")["Id"]
    org.control("merge", object="Contact", master=winner, losers=[loser])
    bridge.poll()
    bridge.api("PUT", "/v3/customers", [{"id": int(customer), "first_name": "Janet"}])
    bridge.tell("customer", customer)
    assert (org.row("Contact")["Id"], org.row("Contact")["FirstName"]) == (winner, "Janet")


def test_a_price_and_a_name_come_back(bridge: Bridge) -> None:
    with bridge.runtime.database.transaction() as session:
        session.get_one(Connection, bridge.connection_id).switches = {"product_edits": True, "stock_edits": True}
    org = bridge.org
    made = {
        "name": "Teapot", "type": "physical", "weight": 1, "price": 20, "sku": "TEA",
        "inventory_tracking": "product", "inventory_level": 7,
    }  # fmt: skip
    product = bridge.api("POST", "/v3/catalog/products", made)["data"]
    bridge.tell("product", product["id"])
    row = org.row("Product2", ProductCode="TEA")
    assert row["BC_Stock__c"] == 7
    bridge.poll()
    as_somebody(org)
    entry = org.row("PricebookEntry", Product2Id=row["Id"])
    org.api("PATCH", f"/sobjects/PricebookEntry/{entry['Id']}", {"UnitPrice": 25})
    org.api("PATCH", f"/sobjects/Product2/{row['Id']}", {"Name": "Big Teapot", "BC_Stock__c": 5})
    bridge.poll()
    deadline = time.monotonic() + 60
    found: dict[str, Any] = {"inventory_level": 7}
    while found["inventory_level"] == 7 and time.monotonic() < deadline:  # the store sets it a moment later
        found = bridge.api("GET", f"/v3/catalog/products/{product['id']}")["data"]
    assert (found["name"], float(found["price"]), found["inventory_level"]) == ("Big Teapot", 25.0, 5)


def test_what_people_changed_after_a_lost_answer_is_not_written_over(bridge: Bridge) -> None:
    org, customer = bridge.org, bridge.customer()
    as_somebody(org)
    org.api("PATCH", f"/sobjects/Contact/{org.row('Contact')['Id']}", {"Phone": "555"})
    with bridge.runtime.database.transaction() as session:
        session.execute(delete(Link))
        session.execute(update(Delivery).values(state=State.WAITING, due_at=Delivery.created_at, tried=True))
    bridge.flush()
    with bridge.runtime.database.reading() as session:
        [conflict] = session.query(Conflict).all()
        assert {one.state for one in session.query(Delivery)} == {State.DONE}
    assert (conflict.field, conflict.ours, conflict.theirs) == ("phone", "1", "555")
    assert org.row("Contact")["Phone"] == "555" and bridge.stored(customer)["phone"] == "1"


def test_a_guest_who_registers_under_another_name_and_phone_is_no_conflict(bridge: Bridge) -> None:
    """Nobody touched the CRM: what the order told of her gives way to what she says of herself."""
    org = bridge.org
    placed = bridge.api("POST", "/v2/orders", {"status_id": 11, "billing_address": BUYER, "products": SOLD})
    bridge.tell("order", placed["id"])
    contact = org.row("Contact")
    assert (contact["FirstName"], contact["Phone"]) == ("Jane", "1")
    person = {"email": BUYER["email"], "first_name": "Janet", "last_name": "Doe", "phone": "2"}
    [made] = bridge.api("POST", "/v3/customers", [person])["data"]
    bridge.tell("customer", made["id"])
    found = org.row("Contact")
    assert (found["Id"], found["FirstName"], found["Phone"]) == (contact["Id"], "Janet", "2")
    with bridge.runtime.database.reading() as session:
        assert [(one.kind, one.field) for one in session.query(Conflict)] == []
    assert bridge.stored(str(made["id"]))["first_name"] == "Janet"
