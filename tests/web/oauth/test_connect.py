"""Connecting Salesforce as a browser does it: ticket, login page, callback; and every way that goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app.db import now
from app.errors import NotFound
from app.factory import create_app
from app.models import AuthorizationRequest, Connection, ConnectionState, Link, Store, StoreState, Token, User
from app.runtime import Runtime
from app.sandbox.salesforce import create_app as create_salesforce
from app.sync import authorizations, connections
from tests.conftest import build_runtime
from tests.sandbox.conftest import serving


@dataclass
class Flow:
    """A store whose owner connects Salesforce in one browser."""

    runtime: Runtime
    salesforce: str
    browser: FlaskClient
    user: User

    def start(self, environment: str = "production") -> TestResponse:
        return self.connect(authorizations.start(self.runtime, self.user, "salesforce", environment))

    def ask(self, address: str) -> TestResponse:
        """Follow the link: our page asks whether to go on."""
        parts = urlsplit(address)
        return self.browser.get(f"{parts.path}?{parts.query}")

    def connect(self, address: str) -> TestResponse:
        """Follow the link and press the button."""
        asked = self.ask(address)
        return self.press(address) if asked.status_code == 200 else asked

    def press(self, address: str, browser: FlaskClient | None = None) -> TestResponse:
        """Send the form of our page."""
        parts = urlsplit(address)
        return (browser or self.browser).post(parts.path, data={"ticket": parse_qs(parts.query)["ticket"][0]})

    def consent(self, page: str, decision: str = "approve") -> str:
        """Log in on the vendor's page; the path and query of our callback."""
        form = {"username": "admin@sandbox.example", "password": "sandbox-password", "decision": decision}
        answer = requests.post(page, data=form, allow_redirects=False, timeout=10)
        back = urlsplit(answer.headers["Location"])
        return f"{back.path}?{back.query}"

    def finish(self) -> TestResponse:
        return self.browser.get(self.consent(self.start().headers["Location"]))

    def connection(self) -> Connection:
        with self.runtime.database.reading() as session:
            return session.scalars(select(Connection).where(Connection.vendor == "salesforce")).one()

    def change(self, **values: object) -> None:
        with self.runtime.database.transaction() as session:
            session.execute(update(Connection).values(**values))


@pytest.fixture(scope="module")
def salesforce() -> Iterator[str]:
    with serving(create_salesforce, seed="empty") as url:
        yield url


@pytest.fixture
def flow(salesforce: str, database_url: str, redis_url: str) -> Iterator[Flow]:
    requests.post(f"{salesforce}/_sandbox/reset", timeout=10)
    runtime = build_runtime(database_url, redis_url, salesforce_login_url=salesforce)
    with runtime.database.transaction() as session:
        store = Store(store_hash="abc", name="Tea & <Co>")
        session.add(store)
        session.flush()
        user = User(store_id=store.id, bigcommerce_id="1", email="ann@shop.example", is_owner=True)
        session.add(user)
    yield Flow(runtime, salesforce, create_app(runtime=runtime).test_client(), user)
    runtime.database.close()


def problem(response: TestResponse, words: str, status: int = 400) -> None:
    assert response.status_code == status
    assert words in response.text and "Traceback" not in response.text


def test_from_the_button_to_connected(flow: Flow) -> None:
    there = flow.start()
    assert there.status_code == 303
    page = urlsplit(there.headers["Location"])
    query = parse_qs(page.query)
    assert f"{page.scheme}://{page.netloc}" == flow.salesforce and query["code_challenge_method"] == ["S256"]
    [cookie] = [c for c in there.headers.getlist("Set-Cookie") if c.startswith("storeline_connect_")]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/oauth/salesforce/" in cookie
    done = flow.browser.get(flow.consent(there.headers["Location"]))
    assert done.status_code == 200 and "You can close this tab" in done.text
    assert "Tea &amp; &lt;Co&gt;" in done.text and "(<code>abc</code>)" in done.text
    assert flow.connection().account_id in done.text
    assert "frame-ancestors 'none'" in done.headers["Content-Security-Policy"]
    connection = flow.connection()
    assert connection.state == ConnectionState.SETUP and connection.account_id.startswith("00D")
    assert connection.instance_url == flow.salesforce
    assert flow.runtime.bell.waiting() == 1  # prepare
    target = connections.open_target(flow.runtime, connection.id)
    assert target.prepare().missing == ()
    with flow.runtime.database.reading() as session:
        token = session.get_one(Token, connection.id)
        assert token.refresh_token and b"5Aep" not in token.refresh_token
        assert session.scalars(select(AuthorizationRequest)).all() == []


def test_no_secret_is_stored_in_the_clear(flow: Flow) -> None:
    there = flow.start()
    query = parse_qs(urlsplit(there.headers["Location"]).query)
    with flow.runtime.database.reading() as session:
        request = session.scalars(select(AuthorizationRequest)).one()
    assert request.state_hash != query["state"][0] and request.verifier is not None
    assert request.verifier not in there.data


def test_a_ticket_is_good_once(flow: Flow) -> None:
    address = authorizations.start(flow.runtime, flow.user, "salesforce", "production")
    assert flow.connect(address).status_code == 303
    problem(flow.ask(address), "has been used or is too old")
    problem(flow.browser.get("/oauth/salesforce/connect?ticket=nonsense"), "has been used or is too old")
    problem(flow.browser.get("/oauth/salesforce/connect"), "has been used or is too old")


def test_whoever_follows_the_link_sees_whose_store_it_is(flow: Flow) -> None:
    address = authorizations.start(flow.runtime, flow.user, "salesforce", "production")
    for _ in range(2):  # looking uses nothing up
        asked = flow.ask(address)
        assert asked.status_code == 200
        assert "Connect Salesforce to Tea &amp; &lt;Co&gt;?" in asked.text
        assert "<code>abc</code>" in asked.text and "ann@shop.example" in asked.text
    policy = dict(part.split(" ", 1) for part in asked.headers["Content-Security-Policy"].split("; "))
    assert policy["frame-ancestors"] == "'none'"
    assert policy["form-action"].split()[:2] == ["'self'", flow.salesforce]
    assert asked.headers["Referrer-Policy"] == "no-referrer"
    with flow.runtime.database.reading() as session:
        assert session.scalars(select(AuthorizationRequest.state_hash)).one() is None
    assert flow.press(address).status_code == 303


def test_a_form_of_another_site_asks_nobody_and_gets_nowhere(flow: Flow) -> None:
    address = authorizations.start(flow.runtime, flow.user, "salesforce", "production")
    asked = flow.ask(address)
    assert "SameSite=Strict" in asked.headers["Set-Cookie"] and "HttpOnly" in asked.headers["Set-Cookie"]
    # What another site makes a browser send comes without the cookie that our page set.
    problem(flow.press(address, flow.browser.application.test_client()), "was not asked")
    problem(flow.browser.post("/oauth/salesforce/connect"), "was not asked")
    assert flow.press(address).status_code == 303
    problem(flow.press(address), "was not asked")


def test_the_ticket_of_a_person_who_was_removed(flow: Flow) -> None:
    address = authorizations.start(flow.runtime, flow.user, "salesforce", "production")
    flow.ask(address)
    with flow.runtime.database.transaction() as session:
        session.execute(update(User).values(is_active=False))
    problem(flow.press(address), "has been used or is too old")
    problem(flow.ask(address), "has been used or is too old")


def test_a_ticket_expires(flow: Flow) -> None:
    address = authorizations.start(flow.runtime, flow.user, "salesforce", "production")
    with flow.runtime.database.transaction() as session:
        session.execute(update(AuthorizationRequest).values(expires_at=now() - timedelta(seconds=1)))
    problem(flow.ask(address), "has been used or is too old")


def test_a_callback_is_good_once(flow: Flow) -> None:
    back = flow.consent(flow.start().headers["Location"])
    assert flow.browser.get(back).status_code == 200
    problem(flow.browser.get(back), "did not start the connection")


def test_another_browser_cannot_end_the_flow(flow: Flow) -> None:
    back = flow.consent(flow.start().headers["Location"])
    stranger = flow.browser.application.test_client()
    problem(stranger.get(back), "did not start the connection")
    assert flow.browser.get(back).status_code == 200


def test_a_forged_state(flow: Flow) -> None:
    flow.start()
    problem(flow.browser.get("/oauth/salesforce/callback?code=x&state=forged"), "did not start the connection")
    problem(flow.browser.get("/oauth/salesforce/callback"), "no code")


def test_a_flow_that_took_too_long(flow: Flow) -> None:
    back = flow.consent(flow.start().headers["Location"])
    with flow.runtime.database.transaction() as session:
        session.execute(update(AuthorizationRequest).values(expires_at=now() - timedelta(seconds=1)))
    problem(flow.browser.get(back), "too long ago")


def test_two_flows_in_one_browser(flow: Flow) -> None:
    first, second = flow.start(), flow.start()
    assert flow.browser.get(flow.consent(second.headers["Location"])).status_code == 200
    assert flow.browser.get(flow.consent(first.headers["Location"])).status_code == 200
    assert flow.connection().state == ConnectionState.SETUP


def test_consent_refused(flow: Flow) -> None:
    back = flow.consent(flow.start().headers["Location"], "deny")
    problem(flow.browser.get(back), "You did not allow Storeline to connect")
    problem(flow.browser.get(back), "started too long ago or is over")


def test_any_other_refusal_is_told_in_the_vendors_words(flow: Flow) -> None:
    state = parse_qs(urlsplit(flow.start().headers["Location"]).query)["state"][0]
    query = {"error": "OAUTH_APP_BLOCKED", "error_description": "<b>blocked</b> by admin", "state": state}
    answer = flow.browser.get("/oauth/salesforce/callback", query_string=query)
    problem(answer, "&lt;b&gt;blocked&lt;/b&gt; by admin")


def test_a_code_that_the_vendor_refuses(flow: Flow) -> None:
    state = parse_qs(urlsplit(flow.start().headers["Location"]).query)["state"][0]
    problem(flow.browser.get(f"/oauth/salesforce/callback?code=nonsense&state={state}"), "invalid authorization code")


def test_a_vendor_that_is_down(flow: Flow) -> None:
    back = flow.consent(flow.start().headers["Location"])
    fault = {"status": 503, "match": "/oauth2/token"}
    requests.post(f"{flow.salesforce}/_sandbox/fail", json=fault, timeout=10)
    problem(flow.browser.get(back), "Wait a moment")


def test_unknown_vendors_and_environments(flow: Flow) -> None:
    problem(flow.browser.get("/oauth/nobody/connect?ticket=x"), "no vendor", 404)
    for vendor, environment in (("nobody", "production"), ("salesforce", "moon")):
        with pytest.raises(NotFound):
            authorizations.start(flow.runtime, flow.user, vendor, environment)


def test_an_uninstalled_store_connects_nothing(flow: Flow) -> None:
    back = flow.consent(flow.start().headers["Location"])
    with flow.runtime.database.transaction() as session:
        session.execute(update(Store).values(state=StoreState.UNINSTALLED))
    problem(flow.browser.get(back), "is over")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (ConnectionState.REAUTHORIZE, ConnectionState.LIVE),
        (ConnectionState.DISCONNECTED, ConnectionState.SETUP),
        (ConnectionState.LIVE, ConnectionState.LIVE),
        (ConnectionState.PAUSED, ConnectionState.PAUSED),
    ],
)
def test_connecting_again(flow: Flow, before: str, after: str) -> None:
    flow.finish()
    flow.change(state=before, problem="expired")
    assert flow.finish().status_code == 200
    connection = flow.connection()
    assert (connection.state, connection.problem) == (after, "")


def test_another_account_must_not_take_over(flow: Flow) -> None:
    flow.finish()
    flow.change(account_id="00Dother", account_name="The other one", state=ConnectionState.REAUTHORIZE)
    problem(flow.finish(), "The other one")
    assert flow.connection().account_id == "00Dother"
    connection_id = flow.connection().id
    with flow.runtime.database.transaction() as session:
        session.add(
            Link(connection_id=connection_id, kind="order", our_id="1", their_kind="Order", their_id="801", children=[])
        )
    flow.change(state=ConnectionState.DISCONNECTED)
    assert flow.finish().status_code == 200
    with flow.runtime.database.reading() as session:
        assert session.scalars(select(Link)).all() == []
    assert flow.connection().account_id.startswith("00D") and flow.connection().account_id != "00Dother"
