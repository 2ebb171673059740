"""`/api/connections`: what is shown, switches, going live, checking, disconnecting, connecting."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.db import now
from app.models import (
    AuthorizationRequest,
    ConflictState,
    Connection,
    ConnectionState,
    State,
    Store,
    Token,
)
from tests.web.api.world import ORG, Caller, World

TENANT = "https://my1.crm.ondemand.com"


def overview(call: Caller) -> dict[str, Any]:
    """The whole list."""
    answer = call("GET", "/api/connections")
    assert answer.status_code == 200
    assert answer.json is not None
    return dict(answer.json)


def test_a_fresh_store(call: Caller) -> None:
    shown = overview(call)
    assert shown["connections"] == []
    assert {"vendor": "salesforce", "label": "Salesforce", "form": [], "former": None} in shown["available"]
    assert shown["connecting"] == []
    assert shown["store"] == {
        "hooks_checked_at": None, "hooks_problem": "", "state": "live", "problem": "",
    }  # fmt: skip


def test_a_connection_in_full(world: World, store: Store, call: Caller) -> None:
    connection = world.connection(store, switches={"orders": False}, missing=["Order.BC_Total__c"])
    (shown,) = overview(call)["connections"]
    assert shown["id"] == connection.id
    assert (shown["vendor"], shown["label"], shown["environment"]) == ("salesforce", "Salesforce", "production")
    assert (shown["state"], shown["account_name"], shown["account_id"]) == ("live", "Acme Ltd", ORG)
    assert shown["missing"] == ["Order.BC_Total__c"]
    assert shown["last_activity_at"] is None
    options = {option["name"]: option for option in shown["options"]}
    assert options["orders"]["enabled"] is False
    assert options["customers"]["enabled"] is True
    assert options["customers"]["label"]
    assert options["customers"]["direction"] == "to_crm"


def test_what_is_connected_is_no_longer_available_and_back_when_disconnected(
    world: World, store: Store, call: Caller
) -> None:
    connection = world.connection(store)
    assert "salesforce" not in [vendor["vendor"] for vendor in overview(call)["available"]]
    assert call("DELETE", f"/api/connections/{connection.id}").status_code == 204
    shown = overview(call)
    assert shown["connections"] == []
    [offer] = [vendor for vendor in shown["available"] if vendor["vendor"] == "salesforce"]
    assert offer["former"] == {"account_name": "Acme Ltd", "environment": "production", "waiting": 0}


def test_what_waits_for_a_former_account_is_told(world: World, store: Store, call: Caller) -> None:
    former = world.connection(store, vendor="sap-sales-cloud", state=ConnectionState.DISCONNECTED, instance_url=TENANT)
    world.delivery(former, record_id="1", state=State.WAITING)
    world.delivery(former, record_id="2", state=State.DONE)
    [offer] = [vendor for vendor in overview(call)["available"] if vendor["vendor"] == "sap-sales-cloud"]
    assert offer["former"]["waiting"] == 1
    assert {item["name"]: item["default"] for item in offer["form"]}["url"] == TENANT


def test_another_stores_former_account_is_not_told(world: World, store: Store, stranger: Caller) -> None:
    world.connection(store, state=ConnectionState.DISCONNECTED)
    assert {offer["former"] for offer in overview(stranger)["available"]} == {None}


def test_the_form_of_a_connected_account_asks_for_it_again_and_tells_no_secret(
    world: World, store: Store, call: Caller
) -> None:
    world.connection(store, vendor="sap-sales-cloud", instance_url=TENANT, advice=["Add the event notification."])
    (shown,) = overview(call)["connections"]
    assert shown["panel"] == "passes"
    assert shown["advice"] == ["Add the event notification."]
    assert [(item["name"], item["default"], item["secret"]) for item in shown["form"]] == [
        ("url", TENANT, False), ("username", "", False), ("password", "", True),
    ]  # fmt: skip


def test_a_flow_under_way_is_told_until_it_is_over(world: World, store: Store, call: Caller, stranger: Caller) -> None:
    call("POST", "/api/connections/salesforce/authorize", {})
    (flow,) = overview(call)["connecting"]
    assert flow["vendor"] == "salesforce"
    assert overview(stranger)["connecting"] == []
    with world.runtime.database.transaction() as session:
        session.get_one(AuthorizationRequest, flow["id"]).expires_at = now() - timedelta(seconds=1)
    assert overview(call)["connecting"] == []


def test_open_conflicts_are_counted(world: World, store: Store, call: Caller) -> None:
    connection = world.connection(store)
    world.conflict(connection)
    world.conflict(connection, our_id="43", state=ConflictState.SETTLED)
    assert [shown["open_conflicts"] for shown in overview(call)["connections"]] == [1]


def test_figures(world: World, store: Store, call: Caller) -> None:
    connection = world.connection(store)
    other = world.connection(store, environment="sandbox")
    world.delivery(connection, record_id="1", state=State.WAITING, amount="10.10 GBP", changed_at=now())
    world.delivery(connection, record_id="2", state=State.RUNNING, amount="5 GBP", changed_at=now())
    world.delivery(connection, record_id="3", state=State.WAITING, amount="1200 JPY", changed_at=now())
    world.dead(connection, "4", amount="0.20 GBP", changed_at=now() - timedelta(days=3))
    world.delivery(connection, record_id="5", state=State.DONE, amount="99.00 GBP", changed_at=now())
    world.delivery(connection, record_id="6", state=State.DONE, changed_at=now() - timedelta(days=2))
    world.delivery(other, record_id="1", state=State.WAITING)
    first, second = overview(call)["connections"]
    assert first["counts"] == {"waiting": 2, "running": 1, "dead": 1, "done_today": 1}
    assert first["money_waiting"] == [
        {"currency": "GBP", "amount": "15.30"},
        {"currency": "JPY", "amount": "1200"},
    ]
    assert first["last_activity_at"] is not None
    assert second["counts"] == {"waiting": 1, "running": 0, "dead": 0, "done_today": 0}
    assert second["money_waiting"] == []


def test_money_of_a_record_that_failed_and_waits_again_counts_once(world: World, store: Store, call: Caller) -> None:
    connection = world.connection(store)
    world.dead(connection, "4", amount="12.50 GBP")
    world.delivery(connection, record_id="4", state=State.WAITING, amount="13.50 GBP")
    (shown,) = overview(call)["connections"]
    assert shown["money_waiting"] == [{"currency": "GBP", "amount": "13.50"}]


def test_money_in_many_parts_is_exact(world: World, store: Store, call: Caller) -> None:
    connection = world.connection(store)
    for number in range(100):
        world.dead(connection, str(number), amount="1234567.01 GBP")
    (shown,) = overview(call)["connections"]
    assert shown["money_waiting"] == [{"currency": "GBP", "amount": "123456701.00"}]


def test_the_day_begins_in_the_stores_time_zone_even_if_that_has_no_name(world: World) -> None:
    store = world.store(timezone="(GMT) Nowhere")
    call = Caller(world, world.bearer(store, world.user(store)))
    world.delivery(world.connection(store), changed_at=now())
    (shown,) = overview(call)["connections"]
    assert shown["counts"]["done_today"] == 1


def test_webhooks(world: World) -> None:
    store = world.store(hooks_checked_at=now(), hooks_problem="One hook was switched off.")
    shown = overview(Caller(world, world.bearer(store, world.user(store))))
    assert shown["store"]["hooks_problem"] == "One hook was switched off."
    assert shown["store"]["hooks_checked_at"]


def test_a_store_that_refuses_us(world: World, store: Store, call: Caller) -> None:
    with world.runtime.database.transaction() as session:
        own = session.scalars(select(Connection).where(Connection.store_id == store.id)).one()
        own.state, own.problem = ConnectionState.REAUTHORIZE, "X-Auth-Token header is invalid"
    shown = overview(call)["store"]
    assert (shown["state"], shown["problem"]) == ("reauthorize", "X-Auth-Token header is invalid")


def test_a_switch_is_kept_and_the_others_stay(world: World, store: Store, call: Caller) -> None:
    connection = world.connection(store, state=ConnectionState.PAUSED, switches={"products": False})
    answer = call("PATCH", f"/api/connections/{connection.id}", {"switches": {"orders": False}})
    assert answer.status_code == 200
    assert answer.json is not None
    enabled = {option["name"]: option["enabled"] for option in answer.json["options"]}
    assert (enabled["orders"], enabled["products"], enabled["customers"]) == (False, False, True)
    assert world.get(Connection, connection.id).switches == {"products": False, "orders": False}
    assert world.jobs() == []


def test_a_switch_that_does_not_exist(world: World, store: Store, call: Caller) -> None:
    connection = world.connection(store)
    answer = call("PATCH", f"/api/connections/{connection.id}", {"switches": {"orders": False, "unicorns": True}})
    assert answer.status_code == 422
    assert answer.json is not None
    assert "unicorns" in answer.json["message"]
    assert world.get(Connection, connection.id).switches == {}


@pytest.mark.parametrize("body", [{"state": "disconnected"}, {"switches": {"orders": "perhaps"}}, {"colour": "red"}])
def test_nonsense_is_refused_by_name(world: World, store: Store, call: Caller, body: dict[str, Any]) -> None:
    connection = world.connection(store)
    answer = call("PATCH", f"/api/connections/{connection.id}", body)
    assert answer.status_code == 422
    assert answer.json is not None
    assert next(iter(body)) in answer.json["errors"]["json"]


def test_going_live_rings_the_bell(world: World, store: Store, call: Caller) -> None:
    connection = world.connection(store, state=ConnectionState.SETUP)
    answer = call("PATCH", f"/api/connections/{connection.id}", {"state": "live"})
    assert answer.status_code == 200
    assert world.get(Connection, connection.id).state == "live"
    assert [job for job in world.jobs() if "flush" in job and str(connection.id) in job]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"missing": ["Field Order.BC_Total__c", "Permission to edit Order"]}, "Order.BC_Total__c; Permission to edit"),
        ({"prepared_at": None}, "still being checked"),
        ({"problem": "The API is off for this org."}, "The API is off for this org."),
        ({"state": ConnectionState.REAUTHORIZE}, "Reconnect"),
    ],
)
def test_going_live_too_early(
    world: World, store: Store, call: Caller, values: dict[str, Any], words: str
) -> None:  # fmt: skip
    connection = world.connection(store, **{"state": ConnectionState.SETUP, **values})
    answer = call("PATCH", f"/api/connections/{connection.id}", {"state": "live"})
    assert answer.status_code == 409
    assert answer.json is not None
    assert words in answer.json["message"]
    assert world.get(Connection, connection.id).state == connection.state
    assert world.jobs() == []


def test_pausing_and_resuming(world: World, store: Store, call: Caller) -> None:
    connection = world.connection(store)
    path = f"/api/connections/{connection.id}"
    assert call("PATCH", path, {"state": "paused"}).status_code == 200
    assert world.get(Connection, connection.id).state == "paused"
    assert world.jobs() == []
    assert call("PATCH", path, {"state": "live"}).status_code == 200
    assert world.get(Connection, connection.id).state == "live"
    assert len(world.jobs()) == 1


def test_only_what_is_live_can_be_paused(world: World, store: Store, call: Caller) -> None:
    connection = world.connection(store, state=ConnectionState.SETUP)
    assert call("PATCH", f"/api/connections/{connection.id}", {"state": "paused"}).status_code == 409


def test_switches_and_state_change_together_or_not_at_all(world: World, store: Store, call: Caller) -> None:
    connection = world.connection(store, state=ConnectionState.SETUP, missing=["x"])
    body = {"switches": {"orders": False}, "state": "live"}
    assert call("PATCH", f"/api/connections/{connection.id}", body).status_code == 409
    assert world.get(Connection, connection.id).switches == {}


def test_checking_again_starts_the_job(world: World, store: Store, call: Caller) -> None:
    connection = world.connection(store)
    answer = call("POST", f"/api/connections/{connection.id}/check")
    assert (answer.status_code, answer.json) == (202, {"started": True})
    assert [job for job in world.jobs() if "prepare" in job and str(connection.id) in job]


def test_disconnecting_forgets_the_token_and_keeps_what_waits(world: World, store: Store, call: Caller) -> None:
    connection = world.connection(store)
    world.add(Token(connection_id=connection.id, access_token=b"sealed", scope=""))
    waiting = world.delivery(connection, state=State.WAITING)
    assert call("DELETE", f"/api/connections/{connection.id}").status_code == 204
    assert world.get(Connection, connection.id).state == "disconnected"
    assert world.get(Token, connection.id) is None
    assert world.get(type(waiting), waiting.id).state == State.WAITING
    assert call("DELETE", f"/api/connections/{connection.id}").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [("PATCH", "", {"switches": {"orders": False}}), ("DELETE", "", None), ("POST", "/check", None)],
)
def test_another_stores_connection_is_not_there(
    world: World, store: Store, stranger: Caller, method: str, path: str, body: Any
) -> None:
    connection = world.connection(store)
    answer = stranger(method, f"/api/connections/{connection.id}{path}", body)
    assert answer.status_code == 404
    assert overview(stranger)["connections"] == []
    assert world.get(Connection, connection.id).state == "live"
    assert world.get(Connection, connection.id).switches == {}
    assert world.jobs() == []


def test_the_stores_own_end_is_no_crm(world: World, store: Store, call: Caller) -> None:
    with world.runtime.database.reading() as session:
        own = session.scalars(select(Connection).where(Connection.store_id == store.id)).one()
    assert call("DELETE", f"/api/connections/{own.id}").status_code == 404


@pytest.mark.parametrize("environment", ["production", "sandbox"])
def test_connecting_gives_an_address_of_ours_once(world: World, store: Store, call: Caller, environment: str) -> None:
    answer = call("POST", "/api/connections/salesforce/authorize", {"environment": environment})
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["url"].startswith("http://localhost:8000/oauth/salesforce/connect?ticket=")
    with world.runtime.database.reading() as session:
        request = session.scalars(select(AuthorizationRequest)).one()
    assert (request.store_id, request.vendor, request.environment) == (store.id, "salesforce", environment)


def test_connecting_with_what_we_do_not_know(call: Caller) -> None:
    assert call("POST", "/api/connections/unicorn/authorize", {}).status_code == 404
    assert call("POST", "/api/connections/bigcommerce/authorize", {}).status_code == 404
    answer = call("POST", "/api/connections/salesforce/authorize", {"environment": "moon"})
    assert answer.status_code == 422
