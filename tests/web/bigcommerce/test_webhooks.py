"""The webhook route: genuine notices are kept before the answer, everything else leaves no trace."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from standardwebhooks import Webhook

from app.connectors.access import Grant
from app.connectors.bigcommerce.auth import Installation, Person
from app.db import now
from app.models import Connection, Delivery, InboxEvent
from app.runtime import Runtime
from app.sync import stores
from tests.web.bigcommerce.conftest import CLIENT_SECRET
from tests.web.bigcommerce.payloads import notice, signed

URL = "/webhooks/bigcommerce"


@pytest.fixture
def store(runtime: Runtime) -> int:
    """A store with a CRM."""
    owner = Person("5", "owner@example.com")
    visit = stores.install(runtime, Installation("abc123", Grant("token", account_id="abc123"), owner, owner))
    with runtime.database.transaction() as db:
        db.add(Connection(store_id=visit.store_id, vendor="salesforce", state="setup"))
    return visit.store_id


def post(client: FlaskClient, body: bytes, headers: dict[str, str] | None = None) -> int:
    headers = signed(body) if headers is None else headers
    answer = client.post(URL, data=body, headers=headers, content_type="application/json")
    assert answer.data == b""
    return answer.status_code


def kept(runtime: Runtime, table: type[Any]) -> list[Any]:
    with runtime.database.reading() as db:
        return list(db.scalars(select(table).order_by(table.id)))


def test_a_genuine_notice_is_kept_and_asks_for_the_record(client: FlaskClient, runtime: Runtime, store: int) -> None:
    body = notice()
    assert post(client, body) == 200
    (event,) = kept(runtime, InboxEvent)
    assert (event.store_id, event.vendor, event.event_id) == (store, "bigcommerce", "msg_1")
    assert (event.scope, event.body, event.known) == ("store/order/created", body.decode(), True)
    (delivery,) = kept(runtime, Delivery)
    assert (delivery.kind, delivery.record_id, delivery.correlation_id) == ("order", "250", event.correlation_id)


def test_a_doubled_notice_counts_once(client: FlaskClient, runtime: Runtime, store: int) -> None:
    for _ in range(3):
        assert post(client, notice()) == 200
    assert len(kept(runtime, InboxEvent)) == 1
    assert len(kept(runtime, Delivery)) == 1


def test_two_updates_of_one_order_wait_as_one(client: FlaskClient, runtime: Runtime, store: int) -> None:
    body = notice("store/order/updated")
    assert post(client, body, signed(body, "msg_1")) == 200
    assert post(client, body, signed(body, "msg_2")) == 200
    assert len(kept(runtime, InboxEvent)) == 2
    assert len(kept(runtime, Delivery)) == 1


def test_unknown_scopes_are_kept_and_answered_200(client: FlaskClient, runtime: Runtime, store: int) -> None:
    assert post(client, notice("store/brand/new", {"id": 1})) == 200
    (event,) = kept(runtime, InboxEvent)
    assert event.known is False
    assert kept(runtime, Delivery) == []


def test_an_unknown_store_is_answered_200_and_leaves_nothing(client: FlaskClient, runtime: Runtime, store: int) -> None:
    assert post(client, notice(store="elsewhere")) == 200
    assert kept(runtime, InboxEvent) == []


def test_what_is_not_genuine_is_refused(
    client: FlaskClient, runtime: Runtime, store: int, capsys: pytest.CaptureFixture[str]
) -> None:
    body = notice(data={"type": "order", "id": 250, "private": "jane@example.com"})
    good = signed(body)
    late = now() - timedelta(minutes=6)
    stale = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(late.timestamp())),
        "webhook-signature": Webhook(CLIENT_SECRET.encode()).sign("msg_1", late, body.decode()),
    }
    assert post(client, body, {}) == 401
    assert post(client, body, signed(body, secret="another")) == 401
    assert post(client, body, good | {"webhook-signature": "v1"}) == 401
    assert post(client, body, good | {"webhook-timestamp": "soon"}) == 401
    assert post(client, body + b" ", good) == 401
    assert post(client, b"\xff\xfe", good) == 401
    assert post(client, body, stale) == 401
    assert kept(runtime, InboxEvent) == []
    logged = "".join(capsys.readouterr())
    assert "STALE" in logged
    assert "jane@example.com" not in logged


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"scope": "x"}'])
def test_a_genuine_body_that_is_no_notice(client: FlaskClient, runtime: Runtime, store: int, body: bytes) -> None:
    assert post(client, body) == 400
    assert kept(runtime, InboxEvent) == []


def test_a_huge_body_is_not_even_read(client: FlaskClient, runtime: Runtime, store: int) -> None:
    body = notice(data={"type": "order", "id": 250, "filler": "x" * 70_000})
    assert client.post(URL, data=body, headers=signed(body)).status_code == 413
    assert kept(runtime, InboxEvent) == []


def test_only_posts(client: FlaskClient) -> None:
    assert client.get(URL).status_code == 405
