"""A whole installation in one process: both stand-ins over HTTP, the app's own code, a store connected and live."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from app.config import Settings
from app.connectors.access import Authorization, Grant
from app.connectors.base import Event
from app.connectors.registry import VENDORS
from app.connectors.salesforce.auth import SalesforceAuthorizer
from app.db import Database
from app.models import Connection, ConnectionState, Store
from app.queue import Bell, connect
from app.runtime import Runtime
from app.sandbox import bigcommerce, salesforce
from app.sandbox.kit import CALLS_KEPT
from app.sync import connections, inbox, preparation
from app.sync.flush import flush
from app.vault import Vault
from tests.sandbox.conftest import serving

TOKEN = {"X-Auth-Token": "sandbox-bc-token"}
CREDENTIALS = {
    "sugarcrm": {"username": "admin", "password": "sandbox-password", "client_id": "sugar", "client_secret": ""},
    "sap-sales-cloud": {"username": "sandbox", "password": "sandbox-password"},
}  # of the stand-ins whose vendors are connected by a form


@dataclass
class Bridge:
    """A store and an account of a CRM with us in between."""

    runtime: Runtime
    store_url: str
    crm_url: str
    store_id: int
    connection_id: int
    vendor: str = "salesforce"

    def place(self, body: dict[str, Any]) -> dict[str, Any]:
        """Place an order in the stand-in store."""
        placed: dict[str, Any] = self.api("POST", "/v2/orders", body)
        return placed

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """A call of the store's API, as staff or another app would make it."""
        answer = requests.request(
            method, f"{self.store_url}/stores/sandbox1{path}", json=body, headers=TOKEN, timeout=30
        )
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def notice(self, kind: str, record_id: str | int, number: str) -> None:
        """The webhook about a record."""
        event = Event("sandbox1", number, f"store/{kind}/updated", ((kind, str(record_id)),), True, "{}")
        inbox.receive(self.runtime, "bigcommerce", event)

    def flush(self) -> None:
        """Carry what is due; a flush gives way to jobs that wait, and here nobody works on them."""
        self.runtime.bell.redis.flushdb()
        flush(self.runtime, self.connection_id)

    def records(self, name: str) -> list[dict[str, Any]]:
        """All records of an object in the CRM."""
        rows: list[dict[str, Any]] = requests.get(f"{self.crm_url}/_sandbox/records/{name}", timeout=30).json()
        return rows

    def calls(self, url: str) -> dict[str, int]:
        """How many of our calls a stand-in has counted, by method."""
        counts: dict[str, int] = {}
        made = requests.get(f"{url}/_sandbox/calls", timeout=30).json()["calls"]
        assert len(made) < CALLS_KEPT, "from here on calls would go uncounted"
        for call in made:
            if call["client"] == "Storeline":
                counts[call["method"]] = counts.get(call["method"], 0) + 1
        return counts

    def forget_calls(self) -> None:
        for url in (self.store_url, self.crm_url):
            requests.delete(f"{url}/_sandbox/calls", timeout=30)


def authorize(settings: Settings, vendor: str, crm_url: str) -> Grant:
    """As the CRM's administrator: on its own login page, or with our form."""
    if vendor in CREDENTIALS:
        return VENDORS[vendor].sign_in(settings).sign_in({"url": crm_url, **CREDENTIALS[vendor]})
    return _consent(settings)


def _consent(settings: Settings) -> Grant:
    flow = Authorization(settings.absolute("/oauth/salesforce/callback"), "state", "v" * 64)
    authorizer = SalesforceAuthorizer(settings)
    form = requests.Session()
    page = form.get(authorizer.authorize_url(flow), timeout=30)
    assert page.ok
    fields = {
        "username": "admin@sandbox.example", "password": "sandbox-password", "response_type": "code", "state": "state",
        "client_id": settings.salesforce_client_id, "redirect_uri": flow.redirect_uri, "scope": "api refresh_token id",
    }  # fmt: skip
    asked = parse_qs(urlsplit(page.url).query)
    fields |= {name: asked[name][0] for name in ("code_challenge", "code_challenge_method")}
    answer = form.post(
        f"{settings.salesforce_login_url}/services/oauth2/authorize", data=fields, allow_redirects=False, timeout=30
    )
    return authorizer.exchange(flow, parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0])


def build_bridge(
    database_url: str, redis_url: str, store_url: str, crm_url: str, vendor: str = "salesforce", **more: str
) -> Bridge:
    """Install the store and connect the CRM; switches as they are by default. `more`: settings."""
    settings = Settings(
        database_url=database_url,
        redis_url=redis_url,
        bigcommerce_login_url=store_url,
        bigcommerce_api_url=store_url,
        allow_private_hosts="1",
        **{"salesforce_login_url": crm_url, **more},
    )
    redis = connect(redis_url)
    redis.flushall()
    runtime = Runtime(settings, Database(database_url), Vault(settings.key_ring), Bell(redis))
    grant = authorize(settings, vendor, crm_url)
    with runtime.database.transaction() as session:
        store = Store(store_hash="sandbox1", currency="GBP")
        own = Connection(store=store, vendor="bigcommerce", state=ConnectionState.LIVE, account_id="sandbox1")
        crm = Connection(store=store, vendor=vendor, state=ConnectionState.LIVE)
        session.add_all([store, own, crm])
        connections.save_grant(runtime, session, own, Grant("sandbox-bc-token", account_id="sandbox1"))
        connections.save_grant(runtime, session, crm, grant)
        session.flush()
        ids = store.id, crm.id
    preparation.prepare(runtime, ids[1])
    with runtime.database.reading() as session:
        prepared = session.get_one(Connection, ids[1])
        assert (prepared.problem, prepared.missing) == ("", [])
    return Bridge(runtime, store_url, crm_url, *ids, vendor)


@pytest.fixture
def bridge(database_url: str, redis_url: str) -> Iterator[Bridge]:
    """On each database."""
    with ExitStack() as stack:
        store_url = stack.enter_context(serving(bigcommerce.create_app, limits=False))
        crm_url = stack.enter_context(serving(salesforce.create_app, limits=False))
        built = build_bridge(database_url, redis_url, store_url, crm_url)
        yield built
        built.runtime.database.close()
