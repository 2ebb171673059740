"""Hooks of CRMs that sign nothing: an address with a secret in it, and what is said is no more than a hint."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.connectors.access import Grant
from app.factory import create_app
from app.models import Connection, ConnectionState, Delivery, InboxEvent, Link, Store
from app.runtime import Runtime
from app.sync import connections, notices

SUGAR = {
    "bean": "Contact",
    "data": {"id": "c-1", "last_name": "<b>not believed</b>"},
    "isUpdate": True,
    "dataChanges": [],
}
SAP = {"event-type": "Contact.Root.Updated", "event-id": "e-1", "data": {"root-entity-id": "C1", "entity-id": "C1"}}
HOOKS = [
    ("sugarcrm", "/Contacts/after_save", SUGAR, ("Contacts", "c-1")),
    ("sap-sales-cloud", "", SAP, ("Contact", "C1")),
]


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    return create_app(runtime=runtime).test_client()


def connect(runtime: Runtime, vendor: str, ref: tuple[str, str]) -> tuple[int, str]:
    """A live connection that knows one record; its number, and the path that its CRM was told."""
    with runtime.database.transaction() as db:
        store = Store(store_hash="abc", currency="GBP")
        there = Connection(store=store, vendor=vendor, state=ConnectionState.LIVE, account_id="x")
        db.add_all([store, there])
        connections.save_grant(runtime, db, there, Grant("token", "refresh"))
        db.flush()
        db.add(Link(connection_id=there.id, kind="customer", our_id="7", their_kind=ref[0], their_id=ref[1]))
        number = there.id
    address = notices.address(runtime, number)
    return number, address.removeprefix(runtime.settings.public_url)


def kept(runtime: Runtime, table: type[Any]) -> list[Any]:
    with runtime.database.reading() as db:
        return list(db.scalars(select(table).order_by(table.id)))


@pytest.mark.parametrize(("vendor", "rest", "body", "ref"), HOOKS)
def test_a_hook_asks_for_the_record_once(
    client: FlaskClient, runtime: Runtime, vendor: str, rest: str, body: dict[str, Any], ref: tuple[str, str]
) -> None:
    number, path = connect(runtime, vendor, ref)
    for _ in range(3):
        assert client.post(path + rest, json=body).status_code == 200
    [event] = kept(runtime, InboxEvent)
    [delivery] = kept(runtime, Delivery)
    assert (delivery.connection_id, delivery.kind, delivery.record_id) == (number, f"crm:{ref[0]}", ref[1])
    assert delivery.correlation_id == event.correlation_id
    assert json.loads(event.body) == body


@pytest.mark.parametrize(("vendor", "rest", "body", "ref"), HOOKS)
def test_whoever_does_not_know_the_address_is_told_nothing(
    client: FlaskClient, runtime: Runtime, vendor: str, rest: str, body: dict[str, Any], ref: tuple[str, str]
) -> None:
    number, path = connect(runtime, vendor, ref)
    assert client.post(path[:-4] + "AAAA" + rest, json=body).status_code == 404
    other = "sugarcrm" if vendor != "sugarcrm" else "sap-sales-cloud"
    assert client.post(path.replace(vendor, other) + rest, json=body).status_code == 404
    with runtime.database.transaction() as db:
        db.get_one(Connection, number).state = ConnectionState.DISCONNECTED
    assert client.post(path + rest, json=body).status_code == 404
    assert kept(runtime, InboxEvent) == []


@pytest.mark.parametrize(("vendor", "rest", "body", "ref"), HOOKS)
def test_what_is_no_hook_is_refused_and_what_is_strange_is_kept_without_effect(
    client: FlaskClient, runtime: Runtime, vendor: str, rest: str, body: dict[str, Any], ref: tuple[str, str]
) -> None:
    _, path = connect(runtime, vendor, ref)
    for bad in (b"", b"{", b"[]", b'"x"', b'{"data": 5}', b"\xff\xfe"):
        assert client.post(path + rest, data=bad).status_code == 400
    assert client.post(path + rest, data=b"x" * 2_000_000).status_code == 413
    assert kept(runtime, InboxEvent) == []
    unlinked = json.loads(json.dumps(body).replace(ref[1], "somebody-else"))
    assert client.post(path + rest, json=unlinked).status_code == 200
    assert len(kept(runtime, InboxEvent)) == 1
    assert kept(runtime, Delivery) == []


def test_what_we_changed_ourselves_is_not_asked_for(client: FlaskClient, runtime: Runtime) -> None:
    number, path = connect(runtime, "sugarcrm", ("Contacts", "c-1"))
    with runtime.database.transaction() as db:
        db.get_one(Connection, number).facts = {notices.ACTS_AS: ["us"]}
    own = {**SUGAR, "data": {"id": "c-1", "modified_user_id": "us"}}
    assert client.post(f"{path}/Contacts/after_save", json=own).status_code == 200
    assert kept(runtime, Delivery) == []
    reps = {**SUGAR, "data": {"id": "c-1", "modified_user_id": "sally"}}
    assert client.post(f"{path}/Contacts/after_save", json=reps).status_code == 200
    assert len(kept(runtime, Delivery)) == 1


def test_the_secret_of_an_address_is_sealed(runtime: Runtime) -> None:
    number, path = connect(runtime, "sugarcrm", ("Contacts", "c-1"))
    secret = path.rpartition("/")[2]
    with runtime.database.reading() as db:
        row = db.get_one(Connection, number)
        assert row.hook_key is not None
        assert secret.encode() not in row.hook_key
        assert row.hook_hash != secret
    assert notices.address(runtime, number).endswith(path)
    connections.rotate(runtime)
    assert notices.address(runtime, number).endswith(path)
