"""`/api/connections/<vendor>/sign-in`: connecting a CRM that has no consent page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.models import Connection, ConnectionState, State, Token
from app.runtime import Runtime
from app.sandbox.sap_sales_cloud import create_app
from app.sync import connections
from tests.sandbox.conftest import serving
from tests.web.api import world as worlds
from tests.web.api.world import Caller, World

VENDOR = "sap-sales-cloud"
PATH = f"/api/connections/{VENDOR}/sign-in"
PASSWORD = "sandbox-password"


@pytest.fixture(scope="module")
def tenant() -> Iterator[str]:
    """A stand-in."""
    with serving(create_app, seed="empty") as url:
        yield url


@pytest.fixture
def world(sqlite_runtime: Runtime) -> World:
    """As on a developer's machine: the stand-in's address is taken."""
    settings = replace(sqlite_runtime.settings, allow_private_hosts="1")
    return worlds.build(replace(sqlite_runtime, settings=settings))


def form(url: str, **changes: str) -> dict[str, Any]:
    """What an administrator types in."""
    return {"form": {"url": url, "username": "sandbox", "password": PASSWORD, **changes}}


def wrong(answer: TestResponse) -> dict[str, list[str]]:
    """What the problem body says is wrong, by input."""
    assert answer.json is not None
    return dict(answer.json["errors"]["json"]["form"])


def kept(world: World) -> list[Connection]:
    """The CRM accounts of all stores."""
    with world.runtime.database.reading() as session:
        return list(session.scalars(select(Connection).where(Connection.vendor == VENDOR)))


def test_it_connects_and_looks_at_the_account(world: World, call: Caller, tenant: str) -> None:
    answer = call("POST", PATH, form(tenant))
    assert answer.status_code == 201, answer.text
    assert answer.json is not None
    assert (answer.json["vendor"], answer.json["state"], answer.json["instance_url"]) == (VENDOR, "setup", tenant)
    [connection] = kept(world)
    assert connection.id == answer.json["id"]
    assert connections.open_account(world.runtime, connection.id).access_token
    assert [job for job in world.jobs() if "prepare" in job and str(connection.id) in job]


def test_the_password_is_sealed_and_never_told(world: World, call: Caller, tenant: str) -> None:
    answer = call("POST", PATH, form(tenant))
    [connection] = kept(world)
    assert PASSWORD not in answer.text
    assert PASSWORD not in call("GET", "/api/connections").text
    token = world.get(Token, connection.id)
    assert PASSWORD.encode() not in token.access_token + (token.refresh_token or b"")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"url": ""}, "url"),
        ({"url": "https://nowhere.invalid:1/x y"}, "url"),
        ({"username": " "}, "username"),
        ({"password": ""}, "password"),
        ({"username": "x" * 3_000}, "username"),
    ],
)
def test_what_is_wrong_is_told_at_its_input(
    world: World, call: Caller, tenant: str, changes: dict[str, str], field: str
) -> None:
    body = {"form": form(tenant)["form"] | changes}
    answer = call("POST", PATH, body)
    assert answer.status_code == 422, answer.text
    assert list(wrong(answer)) == [field]
    assert PASSWORD not in answer.text
    assert kept(world) == []


def test_wrong_credentials_are_told_in_words(world: World, call: Caller, tenant: str) -> None:
    answer = call("POST", PATH, form(tenant, password="guessed"))
    assert answer.status_code == 422
    assert list(wrong(answer)) == ["password"]
    assert "guessed" not in answer.text
    assert kept(world) == []


def test_an_address_where_nobody_answers_is_told_at_its_field(world: World, call: Caller) -> None:
    answer = call("POST", PATH, form("http://127.0.0.1:9"))
    assert answer.status_code == 422
    assert list(wrong(answer)) == ["url"]
    assert "http://127.0.0.1:9" in str(wrong(answer)["url"])


def test_somebody_elses_inside_network_is_not_asked(sqlite_runtime: Runtime, tenant: str) -> None:
    world = worlds.build(sqlite_runtime)
    store = world.store()
    answer = Caller(world, world.bearer(store, world.user(store)))("POST", PATH, form(tenant))
    assert answer.status_code == 422
    assert list(wrong(answer)) == ["url"]


def test_signing_in_again_goes_on_where_it_stopped(world: World, call: Caller, tenant: str) -> None:
    call("POST", PATH, form(tenant))
    [connection] = kept(world)
    waiting = world.delivery(connection, state=State.WAITING)
    with world.runtime.database.transaction() as session:
        session.get_one(Connection, connection.id).state = ConnectionState.REAUTHORIZE
    answer = call("POST", PATH, form(tenant))
    assert answer.json is not None
    assert (answer.json["id"], answer.json["state"]) == (connection.id, "live")
    assert answer.json["counts"]["waiting"] == 1
    assert [job for job in world.jobs() if "flush" in job and str(connection.id) in job]
    assert world.get(type(waiting), waiting.id).state == State.WAITING


def test_vendors_with_a_consent_page_have_no_form(call: Caller, tenant: str) -> None:
    assert call("POST", "/api/connections/salesforce/sign-in", form(tenant)).status_code == 404
    assert call("POST", "/api/connections/unicorn/sign-in", form(tenant)).status_code == 404
    assert call("POST", f"/api/connections/{VENDOR}/authorize", {}).status_code == 404
