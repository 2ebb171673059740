"""`/api/connections/<id>/terms` and `/users`: who wins, who owns, which storefronts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.models import Connection, Store
from app.runtime import Runtime
from app.sandbox.sap_sales_cloud import create_app
from tests.sandbox.conftest import serving
from tests.web.api import world as worlds
from tests.web.api.world import Caller, World

NOTHING: dict[str, Any] = {"rules": {}, "owners": [], "channels": []}


@pytest.fixture
def connection(world: World, store: Store) -> Connection:
    """The store's Salesforce org."""
    return world.connection(store)


def terms(call: Caller, connection: Connection) -> dict[str, Any]:
    """The terms as they are shown."""
    answer = call("GET", f"/api/connections/{connection.id}/terms")
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    return dict(answer.json)


def put(call: Caller, connection: Connection, body: Any) -> Any:
    """Change the terms."""
    return call("PUT", f"/api/connections/{connection.id}/terms", body)


def field(shown: dict[str, Any], kind: str, name: str) -> dict[str, Any]:
    """One line of the table."""
    [line] = [line for line in shown["by_field"] if (line["kind"], line["field"]) == (kind, name)]
    return dict(line)


def test_as_nobody_chose_anything(call: Caller, connection: Connection) -> None:
    shown = terms(call, connection)
    assert field(shown, "customer", "phone") == {
        "kind": "customer", "field": "phone", "rule": "both", "travels": True, "switches": ["Edits of customers"],
    }  # fmt: skip
    assert shown["rules"] == ["both", "latest", "bigcommerce", "crm", "fill_if_empty", "on_create_only"]
    assert (shown["chosen"], shown["owners"], shown["channels"]) == ({}, [], [])
    assert shown["objects"] == ["account", "lead", "opportunity"]


def test_a_field_whose_switch_is_off_does_not_travel(world: World, store: Store, call: Caller) -> None:
    shown = terms(call, world.connection(store, switches={"customer_edits": False, "stock_edits": True}))
    assert not field(shown, "customer", "phone")["travels"]
    stock = field(shown, "variant", "stock")
    assert (stock["travels"], stock["switches"]) == (True, ["Edits of stock"])


def test_rules_by_kind_and_by_field(world: World, call: Caller, connection: Connection) -> None:
    rules = {"customer": {"*": "crm", "phone": "latest"}}
    answer = put(call, connection, {"rules": rules})
    assert answer.status_code == 200
    assert field(answer.json, "customer", "phone")["rule"] == "latest"
    assert field(answer.json, "customer", "email")["rule"] == "crm"
    assert field(answer.json, "company", "email")["rule"] == "both"
    assert answer.json["chosen"] == rules == world.get(Connection, connection.id).rules


def test_what_is_left_out_stays(world: World, call: Caller, connection: Connection) -> None:
    rule = {"object": "lead", "countries": ["GB"], "groups": ["Wholesale"], "at_least": "100.50", "owners": ["1", "2"]}
    assert put(call, connection, {"owners": [rule]}).status_code == 200
    assert put(call, connection, {"channels": ["1", "7"]}).status_code == 200
    shown = terms(call, connection)
    assert (shown["owners"], shown["channels"], shown["chosen"]) == ([rule], ["1", "7"], {})
    assert put(call, connection, NOTHING).status_code == 200
    shown = terms(call, connection)
    assert (shown["owners"], shown["channels"]) == ([], [])


def test_new_owners_begin_their_turns_anew(world: World, store: Store, call: Caller) -> None:
    connection = world.connection(store, turns={"0": 5})
    put(call, connection, {"channels": ["1"]})
    assert world.get(Connection, connection.id).turns == {"0": 5}
    put(call, connection, {"owners": [{"owners": ["1"]}]})
    assert world.get(Connection, connection.id).turns == {}


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"rules": {"unicorn": {"*": "crm"}}}, "unicorn"),
        ({"rules": {"customer": {"phone": "whim"}}}, "customer"),
        ({"owners": [{"owners": ["1"], "at_least": "a lot"}]}, "at_least"),
        ({"owners": [{"owners": ["1"], "at_least": "-1"}]}, "at_least"),
        ({"owners": [{"owners": []}]}, "owners"),
        ({"owners": [{"owners": ["1"], "object": "unicorn"}]}, "object"),
        ({"owners": [{"owners": ["1"], "countries": ["Britain"]}]}, "countries"),
        ({"owners": [{"owners": ["1"], "colour": "red"}]}, "colour"),
        ({"channels": [""]}, "channels"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_nonsense_is_refused_by_name(
    world: World, call: Caller, connection: Connection, body: dict[str, Any], where: str
) -> None:
    answer = put(call, connection, body)
    assert answer.status_code == 422
    assert where in str(answer.json["errors"]["json"])
    kept = world.get(Connection, connection.id)
    assert (kept.rules, kept.owners, kept.channels) == ({}, [], [])


def test_a_field_that_does_not_exist_is_refused_in_words(call: Caller, connection: Connection) -> None:
    answer = put(call, connection, {"rules": {"customer": {"shoe_size": "crm"}}})
    assert answer.status_code == 422
    assert "“shoe_size” of customer" in answer.json["message"]
    assert "phone" in answer.json["message"]


def test_another_stores_terms_are_not_there(
    world: World, stranger: Caller, connection: Connection
) -> None:  # fmt: skip
    path = f"/api/connections/{connection.id}"
    assert stranger("GET", f"{path}/terms").status_code == 404
    assert stranger("PUT", f"{path}/terms", {"channels": ["1"]}).status_code == 404
    assert stranger("GET", f"{path}/users").status_code == 404
    assert world.get(Connection, connection.id).channels == []


@pytest.fixture(scope="module")
def tenant() -> Iterator[str]:
    """A stand-in of a CRM that is signed in to by a form."""
    with serving(create_app, seed="demo") as url:
        yield url


@pytest.fixture
def signed_in(sqlite_runtime: Runtime, tenant: str) -> tuple[Caller, Connection]:
    """Somebody whose store is connected with it."""
    settings = replace(sqlite_runtime.settings, allow_private_hosts="1")
    world = worlds.build(replace(sqlite_runtime, settings=settings))
    store = world.store()
    call = Caller(world, world.bearer(store, world.user(store)))
    form = {"url": tenant, "username": "sandbox", "password": "sandbox-password"}
    answer = call("POST", "/api/connections/sap-sales-cloud/sign-in", {"form": form})
    assert answer.status_code == 201, answer.text
    assert answer.json is not None
    return call, world.get(Connection, answer.json["id"])


def test_who_can_own_is_asked_of_the_crm(signed_in: tuple[Caller, Connection]) -> None:
    call, connection = signed_in
    answer = call("GET", f"/api/connections/{connection.id}/users")
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    assert answer.json["users"]
    assert all(user["id"] and user["name"] for user in answer.json["users"])


def test_the_address_for_notices_is_the_same_every_time(signed_in: tuple[Caller, Connection]) -> None:
    call, connection = signed_in
    address = terms(call, connection)["hook_address"]
    assert address.startswith("http://localhost:8000/webhooks/sap-sales-cloud/")
    assert terms(call, connection)["hook_address"] == address


def test_an_account_that_lets_nobody_in_says_so(call: Caller, connection: Connection) -> None:
    answer = call("GET", f"/api/connections/{connection.id}/users")
    assert answer.status_code == 409
    assert answer.json is not None
    assert answer.json["message"] == "This account is not connected."
