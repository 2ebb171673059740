"""`/api/connections/<id>/passes`: codes shown once, hashed at rest, revoked at once."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.db import now
from app.errors import NotFound, Retryable, Untrusted
from app.models import Connection, ConnectionState, PanelPass, Store
from app.sync import connections
from app.ui import passes
from tests.web.api.world import Caller, World

ANN = {"user_id": "8000000042", "user_name": "Ann Rep"}


@pytest.fixture
def tenant(world: World, store: Store) -> Connection:
    """The store's SAP tenant."""
    return world.connection(store, vendor="sap-sales-cloud", instance_url="https://my1.crm.ondemand.com")


def rows(world: World) -> list[PanelPass]:
    with world.runtime.database.reading() as session:
        return list(session.query(PanelPass).order_by(PanelPass.id))


def body_of(answer: TestResponse) -> Any:
    return json.loads(answer.text)


def test_a_code_is_shown_once_and_kept_as_a_hash(world: World, tenant: Connection, call: Caller) -> None:
    answer = call("POST", f"/api/connections/{tenant.id}/passes", ANN)
    assert answer.status_code == 201
    code = body_of(answer)["code"]
    [row] = rows(world)
    assert code not in repr(vars(row)) and row.device_hash is None
    listed = call("GET", f"/api/connections/{tenant.id}/passes")
    assert code not in listed.text
    [item] = body_of(listed)["items"]
    assert (item["id"], item["user_id"], item["user_name"], item["is_paired"]) == (row.id, *ANN.values(), False)
    assert item["seen_at"] is None
    assert timedelta(hours=23) < row.expires_at - now() <= timedelta(hours=24)
    assert body_of(listed)["url"].endswith(f"/panels/sap-sales-cloud?tenant=s1.{tenant.id}")


def test_a_code_pairs_one_device_and_no_second_one(world: World, tenant: Connection, call: Caller) -> None:
    code = body_of(call("POST", f"/api/connections/{tenant.id}/passes", ANN))["code"]
    device = passes.pair(world.runtime, tenant.id, code.lower().replace("-", " "))
    with world.runtime.database.reading() as session:
        held = passes.holder(session, tenant.id, device)
    assert held.user_id == ANN["user_id"] and device not in repr(vars(held))
    assert timedelta(days=89) < held.expires_at - now() <= timedelta(days=90)
    with pytest.raises(Untrusted):
        passes.pair(world.runtime, tenant.id, code)
    assert body_of(call("GET", f"/api/connections/{tenant.id}/passes"))["items"][0]["is_paired"] is True


def test_a_new_code_ends_the_persons_unused_one_but_no_device(world: World, tenant: Connection) -> None:
    first = passes.invite(world.runtime, tenant.id, "1", "Ann")
    other = passes.invite(world.runtime, tenant.id, "2", "Bob")
    second = passes.invite(world.runtime, tenant.id, "1", "Ann")
    with pytest.raises(Untrusted):
        passes.pair(world.runtime, tenant.id, first.code)
    devices = [passes.pair(world.runtime, tenant.id, code.code) for code in (second, other)]
    passes.invite(world.runtime, tenant.id, "1", "Ann")
    with world.runtime.database.reading() as session:
        assert [passes.holder(session, tenant.id, one).user_id for one in devices] == ["1", "2"]


def test_a_revoked_pass_ends_code_and_device(world: World, tenant: Connection, call: Caller) -> None:
    device = passes.pair(world.runtime, tenant.id, passes.invite(world.runtime, tenant.id, "1", "Ann").code)
    unused = passes.invite(world.runtime, tenant.id, "2", "Bob")
    for row in rows(world):
        assert call("DELETE", f"/api/connections/{tenant.id}/passes/{row.id}").status_code == 204
    assert call("DELETE", f"/api/connections/{tenant.id}/passes/{unused.pass_id}").status_code == 404
    with world.runtime.database.reading() as session, pytest.raises(Untrusted):
        passes.holder(session, tenant.id, device)
    with pytest.raises(Untrusted):
        passes.pair(world.runtime, tenant.id, unused.code)


def test_codes_and_devices_end(world: World, tenant: Connection) -> None:
    code = passes.invite(world.runtime, tenant.id, "1", "Ann").code
    device = passes.pair(world.runtime, tenant.id, passes.invite(world.runtime, tenant.id, "2", "Bob").code)
    with world.runtime.database.transaction() as session:
        for row in session.query(PanelPass):
            row.expires_at = now() - timedelta(seconds=1)
    with pytest.raises(Untrusted):
        passes.pair(world.runtime, tenant.id, code)
    with world.runtime.database.reading() as session:
        assert passes.listed(session, tenant.id) == []
        with pytest.raises(Untrusted):
            passes.holder(session, tenant.id, device)


def test_guessing_ends_soon_and_starts_anew_later(
    world: World, tenant: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = passes.invite(world.runtime, tenant.id, "1", "Ann").code
    for n in range(passes.MOST_WRONG):
        with pytest.raises(Untrusted):
            passes.pair(world.runtime, tenant.id, f"AAAA-AAAA-{n:04}")
    with pytest.raises(Retryable) as error:
        passes.pair(world.runtime, tenant.id, code)
    assert error.value.retry_after
    later = now() + passes.WINDOW
    monkeypatch.setattr(passes, "now", lambda: later)
    assert passes.pair(world.runtime, tenant.id, code)


def test_a_code_is_of_one_connection(world: World, tenant: Connection) -> None:
    other = world.connection(world.store(), vendor="sap-sales-cloud")
    code = passes.invite(world.runtime, tenant.id, "1", "Ann").code
    with pytest.raises(Untrusted):
        passes.pair(world.runtime, other.id, code)
    device = passes.pair(world.runtime, tenant.id, code)
    with world.runtime.database.reading() as session, pytest.raises(Untrusted):
        passes.holder(session, other.id, device)


def test_disconnecting_ends_all_passes(world: World, tenant: Connection) -> None:
    passes.invite(world.runtime, tenant.id, "1", "Ann")
    connections.disconnect(world.runtime, tenant.id)
    assert rows(world) == []


@pytest.mark.parametrize(
    "body", [{}, {"user_id": ""}, {"user_id": "x" * 65}, {"user_id": "1\0"}, {"user_id": 7}, {"user_id": "1", "x": 1}]
)
def test_bad_people_are_told(tenant: Connection, call: Caller, body: dict[str, object]) -> None:
    assert call("POST", f"/api/connections/{tenant.id}/passes", body).status_code == 422


@pytest.mark.parametrize(
    ("vendor", "state"), [("salesforce", ConnectionState.LIVE), ("sap-sales-cloud", ConnectionState.DISCONNECTED)]
)
def test_other_connections_have_no_passes(world: World, store: Store, call: Caller, vendor: str, state: str) -> None:
    connection = world.connection(store, vendor=vendor, state=state)
    for method, body in (("GET", None), ("POST", ANN)):
        assert call(method, f"/api/connections/{connection.id}/passes", body).status_code == 404


def test_another_store_sees_and_changes_nothing(world: World, tenant: Connection, stranger: Caller) -> None:
    code = passes.invite(world.runtime, tenant.id, "1", "Ann")
    path = f"/api/connections/{tenant.id}/passes"
    own = world.connection(world.store(), vendor="sap-sales-cloud")
    with pytest.raises(NotFound):
        passes.revoke(world.runtime, own.id, code.pass_id)
    answers = [stranger("GET", path), stranger("POST", path, ANN), stranger("DELETE", f"{path}/{code.pass_id}")]
    assert [answer.status_code for answer in answers] == [404] * 3
    assert [row.id for row in rows(world)] == [code.pass_id]
