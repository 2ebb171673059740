"""Nobody gets in who should not: every blueprint has a guard, every endpoint refuses every wrong bearer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import jwt
import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.connectors.base import Ref
from app.db import now
from app.domain import Customer
from app.factory import create_app
from app.models import (
    Attempt,
    Backfill,
    Conflict,
    Connection,
    Delivery,
    PanelPass,
    PrivacyAction,
    PrivacyRequest,
    Store,
    Token,
    User,
)
from app.runtime import Runtime
from app.sync import authorizations
from app.ui import session as sessions
from app.ui.session import PANEL, SETTINGS, guard
from crm_widgets.subject import Subject
from tests.web.api.world import World
from tests.web.panels import world as panels

BUYER = Customer("42", "zaphod@first.example", "Zaphod", "Beeblebrox")
MARKS = ("Zaphod", "zaphod", "firststore", "First Shop", "00Dfirst")  # of the first store, and in no query of ours
NUMBER = 987654


@dataclass
class Two:
    """The whole app over two stores; the second one is the stranger."""

    app: Flask
    runtime: Runtime
    first: Store
    owner: User
    connection: Connection
    signed_in: Connection  # by a form, with passes for its panel
    delivery: Delivery
    conflict: Conflict
    panel_pass: PanelPass
    backfill: Backfill
    request: PrivacyRequest
    second: Store
    stranger: User
    strange: Connection

    def rules(self) -> list[Rule]:
        """Every address that takes a bearer, or stands beside those that do."""
        return [rule for rule in self.app.url_map.iter_rules() if rule.rule.startswith(("/api/", "/panels/"))]

    def calls(self) -> Iterator[tuple[Rule, str, str]]:
        """Every endpoint with every method, on the first store's ids. An argument of a new name needs one here."""
        adapter = self.app.url_map.bind("localhost")
        for rule in self.rules():
            # Some endpoints are for the one kind of account, some for the other.
            for connection in (
                (self.connection, self.signed_in)
                if rule.arguments & {"connection_id", "vendor"}
                else (self.connection,)
            ):
                ids = {
                    "connection_id": connection.id, "vendor": connection.vendor, "delivery_id": self.delivery.id,
                    "pass_id": self.panel_pass.id, "backfill_id": self.backfill.id, "request_id": self.request.id,
                    "step": "pause",
                }  # fmt: skip
                path = adapter.build(rule.endpoint, {name: ids[name] for name in rule.arguments})
                for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                    yield rule, method, path

    def variants(self) -> list[dict[str, Any]]:
        """Parameters that point at what is the first store's, for whichever endpoint takes them."""
        return [
            {},
            {"query_string": {"connection_id": self.connection.id}},
            {"query_string": {"part": "content"}},
            {"query_string": {"part": "list", "q": str(NUMBER)}},
            {"query_string": {"part": "order", "id": str(NUMBER)}},
            {"json": {}},
            {"json": {"ids": [self.delivery.id]}},
            {"json": {"connection_id": self.connection.id}},
            {"json": {"state": "paused", "switches": {"orders": False}}},
            {"json": {"ids": [self.conflict.id], "winner": "crm"}},
            {"json": {"rules": {"customer": {"*": "crm"}}, "owners": [{"owners": ["1"]}], "channels": ["1"]}},
            {"json": {"user_id": "1", "user_name": "Somebody"}},
            {"json": {"form": {}}},
        ]

    def ask(self, method: str, path: str, token: str | None, **more: Any) -> TestResponse:
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        return self.app.test_client().open(path, method=method, headers=headers, **more)

    def bearer(self, audience: str, store: Store, user: User, connection: Connection) -> str:
        """A bearer as our own pages hold it."""
        subject = Subject(Ref("Contact", panels.CONTACT), None, None, (), "support")
        extra = {"connection": connection.id, "subject": subject.dump(), "locale": "en_GB", "timezone": "UTC"}
        person = user.id if audience == SETTINGS else "005x0000001SyyEAAS"
        return sessions.issue(
            self.runtime.settings, audience=audience, store_hash=store.store_hash, user=person, role="owner",
            extra=extra if audience == PANEL else {},
        ).token  # fmt: skip

    def state(self) -> Any:
        """All that a stranger could have changed."""
        with self.runtime.database.reading() as session:
            return (
                session.execute(select(*Connection.__table__.c).order_by(Connection.id)).all(),
                session.execute(select(*Delivery.__table__.c).order_by(Delivery.id)).all(),
                session.execute(select(*Token.__table__.c)).all(),
                session.execute(select(*Conflict.__table__.c).order_by(Conflict.id)).all(),
                session.execute(select(*PanelPass.__table__.c).order_by(PanelPass.id)).all(),
            )


@pytest.fixture
def two(sqlite_runtime: Runtime) -> Two:
    app = create_app(runtime=sqlite_runtime)
    world = World(app, sqlite_runtime)
    first = world.store(store_hash="firststore", name="First Shop", control_panel_url="https://firststore.example")
    owner = world.user(first, email="zaphod@first.example")
    connection = world.connection(first, account_id="00Dfirst", account_name="First Shop Ltd")
    signed_in = world.connection(
        first, vendor="sap-sales-cloud", account_id="00Dfirst.example", account_name="First Shop Ltd"
    )
    conflict = world.conflict(connection, label="Zaphod Beeblebrox", our_id="4242", their_id="003xx000004TmiRAAS")
    panel_pass = PanelPass(
        connection_id=signed_in.id, user_id="8000000001", user_name="Zaphod Beeblebrox",
        expires_at=now() + timedelta(hours=1),
    )  # fmt: skip
    world.add(panel_pass)
    delivery = world.dead(connection, str(NUMBER), label=f"Order {NUMBER}, Zaphod Beeblebrox")
    world.add(Attempt(delivery_id=delivery.id, correlation_id="c", number=1, started_at=delivery.created_at,
                      result="dead", sent={"Name": "Zaphod"}))  # fmt: skip
    world.link(connection, "customer", BUYER.id, "Contact", panels.CONTACT)
    world.add(panels.copy_of(first, panels.order(NUMBER % 100, BUYER, [panels.line("Zaphod mug")], id=str(NUMBER))))
    backfill = Backfill(
        store_id=first.id, connection_id=connection.id, kinds=["order"], created_by="zaphod@first.example"
    )
    request = PrivacyRequest(
        store_id=first.id, action=PrivacyAction.EXPORT, subject_hash="zaphod", requested_by="zaphod@first.example"
    )
    world.add(backfill)
    world.add(request)
    second = world.store(store_hash="other", name="Other Shop")
    stranger = world.user(second, email="other@other.example")
    strange = world.connection(second, account_id="00Dother")
    firsts = (first, owner, connection, signed_in, delivery, conflict, panel_pass, backfill, request)
    return Two(app, sqlite_runtime, *firsts, second, stranger, strange)


def signed(runtime: Runtime, token: str, secret: str | None = None, algorithm: str = "HS256", **changes: Any) -> str:
    """The bearer with other claims, signed with our secret unless another is told."""
    claims = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode(claims | changes, runtime.settings.session_secret if secret is None else secret, algorithm)


def test_every_blueprint_has_a_guard(two: Two) -> None:
    assert two.app.blueprints
    assert [name for name in two.app.blueprints if guard(name) is None] == []
    outside = [rule.endpoint for rule in two.app.url_map.iter_rules() if "." not in rule.endpoint]
    assert outside == [], "a view without a blueprint has no guard"


def test_no_bearer_and_no_wrong_one_opens_anything(two: Two) -> None:
    tried = set()
    for rule, method, path in two.calls():
        audience = guard(rule.endpoint.split(".")[0])
        is_guarded = audience in (SETTINGS, PANEL)
        kind = audience if is_guarded and audience else SETTINGS
        good = two.bearer(kind, two.first, two.owner, two.connection)
        wrong = {
            "none": None,
            "forged": signed(two.runtime, good, "not our secret, and thirty-two bytes"),
            "unsigned": signed(two.runtime, good, "", "none"),
            "expired": signed(two.runtime, good, exp=int(time.time()) - 1),
            "audience": two.bearer(
                PANEL if kind == SETTINGS else SETTINGS, two.first, two.owner, two.connection
            ),
        }  # fmt: skip
        for name, token in wrong.items():
            for more in two.variants():
                answer = two.ask(method, path, token, **more)
                told = f"{method} {path} {more} with {name}: {answer.status}"
                assert not is_guarded or answer.status_code == 401, told
                assert not any(mark in answer.text for mark in MARKS), told
            tried.add((rule.endpoint, name))
    assert len(tried) == 5 * len({rule.endpoint for rule in two.rules()}) >= 5 * 10


@pytest.mark.parametrize("named", ["strange", "connection"])
def test_another_stores_bearer_opens_nothing_of_the_first(two: Two, named: str) -> None:
    before = two.state()
    for rule, method, path in two.calls():
        audience = guard(rule.endpoint.split(".")[0])
        kind = PANEL if audience == PANEL else SETTINGS
        # A panel's bearer also names a connection: once its own, once the first store's.
        token = two.bearer(kind, two.second, two.stranger, getattr(two, named))
        for more in two.variants():
            answer = two.ask(method, path, token, **more)
            told = f"{method} {path} {more}: {answer.status} {answer.text[:200]}"
            assert not any(mark in answer.text for mark in MARKS), told
            if rule.arguments & {"connection_id", "delivery_id"}:
                assert not 200 <= answer.status_code < 300, told
    strangers_own = [row for row in two.state()[0] if row.store_id == two.second.id]
    assert [row for row in two.state()[0] if row.store_id == two.first.id] == [
        row for row in before[0] if row.store_id == two.first.id
    ]
    assert two.state()[1:] == before[1:]
    assert strangers_own


def test_the_first_stores_own_bearer_does_open_it(two: Two) -> None:
    """Without this the tests above could pass because nothing works."""
    token = two.bearer(SETTINGS, two.first, two.owner, two.connection)
    for path in (
        "/api/session", "/api/connections", "/api/deliveries", f"/api/deliveries/{two.delivery.id}", "/api/conflicts",
        f"/api/connections/{two.signed_in.id}/passes",
    ):  # fmt: skip
        answer = two.ask("GET", path, token)
        assert answer.status_code == 200 and any(mark in answer.text for mark in MARKS), path
    token = two.bearer(PANEL, two.first, two.owner, two.connection)
    for query in ({"part": "content"}, {"part": "list"}, {"part": "order", "id": str(NUMBER)}):
        answer = two.ask("GET", "/panels/orders", token, query_string=query)
        assert answer.status_code == 200 and "Zaphod" in answer.text, query


def test_no_page_tells_its_address(two: Two) -> None:
    """Addresses hold codes, tickets and signed payloads; also those of pages that only say what went wrong."""
    ticket = authorizations.start(two.runtime, two.owner, "salesforce", "production").partition("localhost:8000")[2]
    pages = [ticket, "/nowhere", "/oauth/salesforce/callback?code=x", "/oauth/nobody/connect?ticket=x"]
    pages += [
        rule.rule for rule in two.app.url_map.iter_rules() if not rule.arguments and not rule.rule.startswith("/api/")
    ]
    for path in pages:
        for method in ("GET", "POST"):
            answer = two.ask(method, path, None)
            told = f"{method} {path}: {answer.status}"
            assert answer.headers["Referrer-Policy"] == "no-referrer", told
            assert answer.headers["X-Content-Type-Options"] == "nosniff", told
