"""The way in from SugarCRM: a server with the connection's secret, then a token that is good once."""

from __future__ import annotations

from datetime import timedelta
from threading import Thread
from typing import Any

import jwt
import pytest
from sqlalchemy import select
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from app.db import now
from app.models import Connection, ConnectionState, PanelLaunch, PanelPass, Store, StoreState
from app.sync import retention
from app.ui import passes
from crm_widgets import launches
from tests.web.panels.conftest import Panel, Shown
from tests.web.panels.world import JANE, World, order

CONTACT = "5c6f0dd0-1c55-11f0-9cd2-0242ac120002"


@pytest.fixture
def side(world: World) -> Connection:
    """A store's instance, whose Jane has two orders."""
    store = world.store()
    side = world.crm(store, "sugarcrm")
    world.link(side, "customer", "42", "Contacts", CONTACT)
    world.person(store, JANE)
    world.orders(store, order(1), order(2))
    return side


class Sugar:
    """An instance with our package."""

    def __init__(self, world: World, side: Connection) -> None:
        self.world, self.side = world, side
        self.secret = launches.secret(world.runtime, side.id)

    def ask(self, secret: str | None = None, **changes: Any) -> TestResponse:
        """What the package's endpoint posts."""
        body = {
            "instance": f"s1.{self.side.id}", "module": "Contacts", "record_id": CONTACT, "user_id": "1",
            "user_name": "ann", **changes,
        }  # fmt: skip
        headers = {"Authorization": f"Bearer {self.secret if secret is None else secret}"}
        return self.world.app.test_client().post("/panels/sugarcrm/launch", json=body, headers=headers)

    def url(self, **changes: Any) -> str:
        """The address of the frame."""
        answer = self.ask(**changes)
        assert answer.status_code == 200 and answer.json is not None
        return str(answer.json["url"])

    def open(self, url: str) -> Shown:
        """What the frame does."""
        return Shown(self.world.app.test_client().get(url.removeprefix("http://localhost:8000")))


@pytest.fixture
def sugar(world: World, side: Connection) -> Sugar:
    return Sugar(world, side)


def test_a_launch_opens_the_panel_once(sugar: Sugar, panel: Panel) -> None:
    url = sugar.url()
    shown = sugar.open(url)
    assert shown.status == 200 and shown.orders == ["2", "1"]
    assert "Jane Doe" in shown.text
    assert panel.fetch(shown.token).orders == ["2", "1"]
    token = url.partition("token=")[2]
    assert token not in shown.html and '"forget": true' in shown.html
    again = sugar.open(url)
    assert again.status == 401 and again.orders == []


def test_only_one_of_many_processes_opens_it(sugar: Sugar) -> None:
    url, found = sugar.url(), list[int]()
    threads = [Thread(target=lambda: found.append(sugar.open(url).status)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [200, *[401] * 5]


def test_a_launch_is_over_after_a_minute(sugar: Sugar, monkeypatch: pytest.MonkeyPatch) -> None:
    url, later = sugar.url(), now() + timedelta(seconds=61)
    monkeypatch.setattr(launches, "now", lambda: later)
    assert sugar.open(url).status == 401


def test_neither_token_nor_secret_is_kept_or_logged(sugar: Sugar, world: World) -> None:
    with capture_logs() as logs:
        url = sugar.url()
        sugar.ask(secret="wrong")
        sugar.open(url)
        sugar.open(url)
    token = url.partition("token=")[2]
    with world.runtime.database.reading() as session:
        kept = repr(session.execute(select(*PanelLaunch.__table__.c)).all())
        kept += repr(session.execute(select(*Connection.__table__.c)).all())
    assert [entry["event"] for entry in logs] == ["panel refused"] * 2
    for secret in (token, sugar.secret):
        assert secret not in kept + repr(logs)


def test_old_launches_are_forgotten(sugar: Sugar, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sugar.url()
    later = now() + timedelta(hours=1)
    monkeypatch.setattr(launches, "now", lambda: later)
    sugar.url()
    with world.runtime.database.reading() as session:
        assert len(session.scalars(select(PanelLaunch)).all()) == 1


@pytest.mark.parametrize("secret", ["", "wrong", "ü€", "x" * 10_000])
def test_a_wrong_secret_is_refused(sugar: Sugar, secret: str) -> None:
    answer = sugar.ask(secret=secret)
    assert answer.status_code == 401 and answer.json is not None
    assert set(answer.json) == {"error", "error_message"}


@pytest.mark.parametrize(
    "instance", ["", "s1", "s1.999999", "s2.1", "s1.1e0", "s1.²", "s1." + "9" * 40, 7, None, ["s1"]]
)
def test_an_unknown_instance_is_refused_in_the_same_words(sugar: Sugar, instance: object) -> None:
    assert sugar.ask(instance=instance).text == sugar.ask(secret="wrong").text


def test_another_stores_secret_is_refused(sugar: Sugar, world: World) -> None:
    other = Sugar(world, world.crm(world.store(), "sugarcrm"))
    assert sugar.ask(secret=other.secret).status_code == 401
    assert other.ask().status_code == 401  # names the first store's instance


def test_another_stores_orders_stay_its_own_on_one_instance(sugar: Sugar, world: World) -> None:
    second = world.store("Wholesale")
    other = Sugar(world, world.crm(second, "sugarcrm"))
    world.link(other.side, "customer", "42", "Contacts", CONTACT)
    world.orders(second, order(77, JANE))
    shown = sugar.open(sugar.url())
    assert shown.orders == ["2", "1"] and "Wholesale" not in shown.html
    assert other.open(other.url(instance=f"s2.{other.side.id}")).orders == ["77"]


@pytest.mark.parametrize(
    "changes",
    [
        {"module": "Users"}, {"module": ""}, {"module": None}, {"module": ["Contacts"]}, {"record_id": ""},
        {"record_id": "x" * 65}, {"record_id": {"$ne": 1}}, {"record_id": "a\0"}, {"user_id": ""}, {"user_id": 1},
    ],
)  # fmt: skip
def test_a_launch_of_another_shape_is_told(sugar: Sugar, changes: dict[str, Any]) -> None:
    assert sugar.ask(**changes).status_code == 422


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b'"x"'])
def test_no_object_is_nobodys_launch(sugar: Sugar, world: World, body: bytes) -> None:
    headers = {"Authorization": f"Bearer {sugar.secret}", "Content-Type": "application/json"}
    assert world.app.test_client().post("/panels/sugarcrm/launch", data=body, headers=headers).status_code == 401


def test_a_huge_launch_is_refused(sugar: Sugar) -> None:
    answer = sugar.ask(user_name="x" * 20_000)
    assert answer.status_code in (401, 413)


@pytest.mark.parametrize("token", ["", "x", "ü", "' OR 1=1", "x" * 5_000])
def test_a_made_up_token_opens_nothing(sugar: Sugar, token: str) -> None:
    shown = Shown(sugar.world.app.test_client().get("/panels/sugarcrm", query_string={"token": token}))
    assert shown.status == 401 and "cannot be opened" in shown.text
    assert "frame-ancestors 'none'" in shown.response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (ConnectionState.SETUP, 200), (ConnectionState.LIVE, 200), (ConnectionState.PAUSED, 200),
        (ConnectionState.REAUTHORIZE, 200), (ConnectionState.DISCONNECTED, 401),
    ],
)  # fmt: skip
def test_only_a_disconnected_instance_is_left_out(sugar: Sugar, world: World, state: str, status: int) -> None:
    url = sugar.url()
    with world.runtime.database.transaction() as session:
        session.get_one(Connection, sugar.side.id).state = state
    assert sugar.ask().status_code == status
    assert sugar.open(url).status == status


def test_an_uninstalled_store_shows_nothing(sugar: Sugar, world: World) -> None:
    url = sugar.url()
    with world.runtime.database.transaction() as session:
        session.get_one(Store, sugar.side.store_id).state = StoreState.UNINSTALLED
    assert sugar.ask().status_code == 401 and sugar.open(url).status == 401


def test_only_that_instance_may_frame_it(sugar: Sugar) -> None:
    url = sugar.url()
    for shown in (sugar.open(url), sugar.open(url)):
        policy = shown.response.headers["Content-Security-Policy"]
        assert "frame-ancestors https://acme.sugarondemand.com" in policy and "salesforce" not in policy
        assert shown.response.headers["Referrer-Policy"] == "no-referrer"
        assert shown.response.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in shown.response.headers and "X-Frame-Options" not in shown.response.headers
    assert sugar.ask().headers["Cache-Control"] == "no-store"


def test_the_bearer_is_of_that_record_connection_and_user(sugar: Sugar, world: World) -> None:
    shown = sugar.open(sugar.url(user_id="u-7"))
    claims = jwt.decode(shown.token, world.runtime.settings.session_secret, ["HS256"], audience="storeline:panel")
    assert (claims["user"], claims["extra"]["connection"]) == ("u-7", sugar.side.id)
    assert claims["extra"]["subject"]["record"] == ["Contacts", CONTACT]


def test_language_and_time_zone_are_the_users(sugar: Sugar) -> None:
    shown = sugar.open(sugar.url(locale="de_DE", timezone="Europe/Berlin"))
    assert "£" in shown.text and "25,00" in shown.text
    browser = sugar.world.app.test_client().get(
        sugar.url().removeprefix("http://localhost:8000"), headers={"Accept-Language": "fr-FR,fr;q=0.8"}
    )
    assert "25,00" in browser.text


def test_an_instance_that_does_not_answer_still_shows_its_panel(sugar: Sugar) -> None:
    with capture_logs() as logs:  # there is no token, so it cannot even be asked
        shown = sugar.open(sugar.url(module="Cases", record_id="case-1"))
    assert shown.status == 200 and shown.orders == []
    assert "naming" in [entry["event"] for entry in logs]
    assert "e-mail" in shown.html  # support may search


def test_the_sweep_drops_what_is_over(sugar: Sugar, world: World) -> None:
    over = now() - timedelta(seconds=1)
    sugar.url()
    passes.invite(world.runtime, sugar.side.id, "1", "Ann")
    gone = passes.invite(world.runtime, sugar.side.id, "2", "Bob")
    sugar.url()
    with world.runtime.database.transaction() as session:
        session.get_one(PanelPass, gone.pass_id).expires_at = over
        session.scalars(select(PanelLaunch).limit(1)).one().expires_at = over
    retention.prune(world.runtime)
    with world.runtime.database.reading() as session:
        assert len(session.scalars(select(PanelLaunch)).all()) == 1
        assert [row.user_id for row in session.scalars(select(PanelPass))] == ["1"]
