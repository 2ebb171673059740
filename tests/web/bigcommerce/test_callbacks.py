"""Install, load, uninstall, remove_user: what is stored, what the frame shows, and who is turned away."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
import requests
import responses
from flask.testing import FlaskClient
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import select, update
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from app.db import now
from app.models import Connection, Delivery, PanelPass, State, Store, Token, User
from app.queue import QUEUE
from app.runtime import Runtime
from app.sync import connections, deliveries
from app.ui import session
from bigcommerce_app import bundle
from tests.web.bigcommerce.payloads import SCOPES, STAFF, payload, token_reply

TOKEN_URL = "https://login.bigcommerce.com/oauth2/token"
STORE = {
    "name": "Thé & Co <script>",
    "currency": "GBP",
    "timezone": {"name": "Europe/London"},
    "control_panel_base_url": "https://store-abc123.mybigcommerce.com",
    "secure_url": "https://shop.example.com",
}
MANIFEST = {
    "src/main.tsx": {
        "file": "assets/main-1a2b.js",
        "isEntry": True,
        "imports": ["_shared.js"],
        "css": ["assets/main.css"],
    },
    "_shared.js": {"file": "assets/shared-3c4d.js", "css": ["assets/shared.css"]},
}


@pytest.fixture(autouse=True)
def dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A built bundle, of which only the manifest and one script matter here."""
    folder = tmp_path / "dist"
    (folder / ".vite").mkdir(parents=True)
    (folder / "assets").mkdir()
    (folder / ".vite" / "manifest.json").write_text(json.dumps(MANIFEST))
    (folder / "assets" / "main-1a2b.js").write_text("1")
    monkeypatch.setattr(bundle, "DIST", folder)
    monkeypatch.setattr(bundle.blueprint, "static_folder", str(folder))
    return folder


@pytest.fixture
def vendor() -> Iterator[responses.RequestsMock]:
    """BigCommerce as far as an installation talks to it."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.get("https://api.bigcommerce.com/stores/abc123/v2/store", json=STORE)
        yield mock


def install(client: FlaskClient, vendor: responses.RequestsMock, **reply: Any) -> TestResponse:
    vendor.upsert("POST", TOKEN_URL, json=token_reply(**reply))
    query = {"code": "the-code", "scope": SCOPES, "context": "stores/abc123", "account_uuid": "x"}
    return client.get("/bigcommerce/auth?" + urlencode(query))


def load(client: FlaskClient, **claims: Any) -> TestResponse:
    return client.get("/bigcommerce/load", query_string={"signed_payload_jwt": payload(**claims)})


def config(answer: TestResponse) -> dict[str, Any]:
    match = re.search(r'<script type="application/json" id="storeline-config">(.*?)</script>', answer.text)
    assert match
    found: dict[str, Any] = json.loads(match[1])
    return found


def rows(runtime: Runtime, table: type[Any]) -> list[Any]:
    with runtime.database.reading() as db:
        return list(db.scalars(select(table).order_by(*table.__table__.primary_key)))


def test_an_installation_keeps_the_store_its_token_and_who_did_it(
    client: FlaskClient, runtime: Runtime, vendor: responses.RequestsMock
) -> None:
    answer = install(client, vendor, user=STAFF | {"username": "x"})
    assert answer.status_code == 200
    (store,) = rows(runtime, Store)
    assert (store.store_hash, store.state, store.owner_id, store.currency) == ("abc123", "active", "5", "GBP")
    assert (store.name, store.control_panel_url) == (STORE["name"], STORE["control_panel_base_url"])
    (user,) = rows(runtime, User)
    assert (user.bigcommerce_id, user.email, user.is_owner) == ("7", "staff@example.com", False)
    (connection,) = rows(runtime, Connection)
    assert (connection.vendor, connection.account_id, connection.state) == ("bigcommerce", "abc123", "live")
    (token,) = rows(runtime, Token)
    assert b"the-access-token" not in token.access_token
    source = connections.open_source(runtime, store.id)
    assert source.calls == 0
    call = next(call for call in vendor.calls if call.request.url == TOKEN_URL)
    sent = {key: values[0] for key, values in parse_qs(str(call.request.body)).items()}
    assert sent == {
        "client_id": "our-client",
        "client_secret": "the-client-secret-of-our-own-app",
        "code": "the-code",
        "scope": SCOPES,
        "context": "stores/abc123",
        "grant_type": "authorization_code",
        "redirect_uri": "https://app.example.com/bigcommerce/auth",
    }


def test_an_installation_starts_the_hooks_job_without_any_secret_in_it(
    client: FlaskClient, runtime: Runtime, vendor: responses.RequestsMock
) -> None:
    install(client, vendor)
    assert queued(runtime) == [("worker.jobs.hooks", [rows(runtime, Store)[0].id])]


def test_the_page_holds_the_bundle_a_working_bearer_and_no_cookie(
    client: FlaskClient, runtime: Runtime, vendor: responses.RequestsMock
) -> None:
    answer = install(client, vendor)
    settings = config(answer)
    who = session.verify(runtime, settings["token"], session.SETTINGS)
    assert (who.store_hash, who.role) == ("abc123", "owner")
    assert settings["store"]["name"] == STORE["name"]
    assert settings["user"] == {"email": "owner@example.com", "locale": "", "role": "owner"}
    assert settings["deepLink"] == "/"
    for file in ("assets/main-1a2b.js", "assets/shared-3c4d.js", "assets/main.css", "assets/shared.css"):
        assert f"/bigcommerce/static/{file}" in answer.text
    assert "<script>" not in answer.text  # the store's name is not markup, and every script has its nonce
    assert "Set-Cookie" not in answer.headers
    assert "the-access-token" not in answer.text


def test_the_pages_headers_let_the_control_panel_frame_it_and_nobody_keep_it(
    client: FlaskClient, vendor: responses.RequestsMock
) -> None:
    answer = install(client, vendor)
    policy = answer.headers["Content-Security-Policy"]
    ancestors = policy.rpartition("frame-ancestors ")[2].split()
    assert ancestors == [
        "https://*.mybigcommerce.com", "https://*.bigcommerce.com", "https://login.bigcommerce.com",
        "https://store-abc123.mybigcommerce.com",
    ]  # fmt: skip
    (nonce,) = re.findall(r"script-src 'self' 'nonce-([^']+)'", policy)
    assert f'<script nonce="{nonce}">history.replaceState(null, "", "/bigcommerce/app");</script>' in answer.text
    assert "X-Frame-Options" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert nonce not in install(client, vendor).text


def test_installing_again_replaces_the_token_and_makes_no_second_store(
    client: FlaskClient, runtime: Runtime, vendor: responses.RequestsMock
) -> None:
    install(client, vendor)
    before = rows(runtime, Token)[0].access_token
    new_owner = {"id": 9, "email": "new@example.com"}
    install(client, vendor, user=STAFF, owner=new_owner, access_token="another-token")
    (store,), (token,) = rows(runtime, Store), rows(runtime, Token)
    assert token.access_token != before
    assert store.owner_id == "9"
    assert {user.bigcommerce_id: user.is_owner for user in rows(runtime, User)} == {"5": False, "7": False}


def test_missing_scopes_are_named_and_nothing_is_kept(
    client: FlaskClient, runtime: Runtime, vendor: responses.RequestsMock
) -> None:
    answer = install(client, vendor, scope="store_v2_orders store_v2_default")
    assert answer.status_code == 403
    assert "store_v2_customers_read_only" in answer.text
    assert "store_v2_orders_read_only" not in answer.text
    assert rows(runtime, Store) == []


@pytest.mark.parametrize("missing", ["code", "scope", "context"])
def test_an_incomplete_install_link_is_an_error_page(client: FlaskClient, runtime: Runtime, missing: str) -> None:
    query = {"code": "c", "scope": SCOPES, "context": "stores/abc123"}
    del query[missing]
    answer = client.get("/bigcommerce/auth", query_string=query)
    assert answer.status_code == 400
    assert "could not be installed" in answer.text
    assert rows(runtime, Store) == []


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        ({"status": 400, "json": {"error": "invalid_grant"}}, 400),
        ({"status": 401, "json": {"error": "invalid_client"}}, 400),
        ({"status": 500, "body": "oops"}, 503),
        ({"status": 429}, 503),
        ({"body": requests.ConnectionError()}, 503),
        ({"status": 200, "body": "<html>"}, 400),
        ({"status": 200, "json": ["x"]}, 400),
        ({"status": 200, "json": {"access_token": "x"}}, 400),
        ({"status": 200, "json": token_reply(context="stores/../x")}, 400),
    ],
)
def test_a_failed_exchange_is_an_error_page(
    client: FlaskClient, runtime: Runtime, vendor: responses.RequestsMock, reply: dict[str, Any], status: int
) -> None:
    vendor.post(TOKEN_URL, **reply)
    query = {"code": "the-code", "scope": SCOPES, "context": "stores/abc123"}
    answer = client.get("/bigcommerce/auth", query_string=query)
    assert answer.status_code == status
    assert "frame-ancestors https://*.mybigcommerce.com" in answer.headers["Content-Security-Policy"]
    assert "the-code" not in answer.text
    assert rows(runtime, Store) == []


def test_the_store_is_the_one_of_the_reply_not_of_the_query(
    client: FlaskClient, runtime: Runtime, vendor: responses.RequestsMock
) -> None:
    vendor.post(TOKEN_URL, json=token_reply())
    client.get("/bigcommerce/auth", query_string={"code": "c", "scope": SCOPES, "context": "stores/victim"})
    assert [store.store_hash for store in rows(runtime, Store)] == ["abc123"]


def test_an_installation_survives_a_store_that_does_not_tell_its_name(
    client: FlaskClient, runtime: Runtime, vendor: responses.RequestsMock
) -> None:
    vendor.replace("GET", "https://api.bigcommerce.com/stores/abc123/v2/store", status=503)
    assert install(client, vendor).status_code == 200
    assert rows(runtime, Store)[0].name == ""


@pytest.mark.parametrize(("status", "end"), [(200, "succeeded"), (400, "failed")])
def test_an_installation_from_outside_goes_back_to_bigcommerce(
    client: FlaskClient, vendor: responses.RequestsMock, status: int, end: str
) -> None:
    vendor.post(TOKEN_URL, json=token_reply() if status == 200 else {}, status=status)
    query = {"code": "c", "scope": SCOPES, "context": "stores/abc123", "external_install": "true"}
    answer = client.get("/bigcommerce/auth", query_string=query)
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"https://login.bigcommerce.com/app/our-client/install/{end}"


def test_loading_lets_known_and_new_people_in(
    client: FlaskClient, runtime: Runtime, vendor: responses.RequestsMock
) -> None:
    install(client, vendor)
    answer = load(client, user=STAFF, url="/deliveries/3", channel_id=2)
    assert answer.status_code == 200
    settings = config(answer)
    assert (settings["deepLink"], settings["channelId"], settings["user"]["role"]) == ("/deliveries/3", "2", "staff")
    assert '<html lang="de-DE">' in answer.text
    people = {user.bigcommerce_id: (user.locale, user.is_owner) for user in rows(runtime, User)}
    assert people == {"5": ("", True), "7": ("de-DE", False)}
    load(client, user=STAFF)
    assert len(rows(runtime, User)) == 2


def test_a_new_owner_is_noticed_on_loading(
    client: FlaskClient, runtime: Runtime, vendor: responses.RequestsMock
) -> None:
    install(client, vendor)
    load(client, user=STAFF, owner=STAFF)
    assert rows(runtime, Store)[0].owner_id == "7"
    assert {user.bigcommerce_id: user.is_owner for user in rows(runtime, User)} == {"5": False, "7": True}


def test_a_reload_may_show_the_same_payload_again(client: FlaskClient, vendor: responses.RequestsMock) -> None:
    install(client, vendor)
    token = payload()
    for _ in range(2):
        assert client.get("/bigcommerce/load", query_string={"signed_payload_jwt": token}).status_code == 200


def test_a_store_that_never_installed_us_is_asked_to(client: FlaskClient, runtime: Runtime) -> None:
    with capture_logs() as logs:
        answer = load(client)
    assert answer.status_code == 401
    assert "install it again" in answer.text and "frame-ancestors" in answer.headers["Content-Security-Policy"]
    assert [(line["event"], line["reason"]) for line in logs] == [("payload refused", "UNKNOWN_STORE")]
    assert rows(runtime, Store) == []


def test_opening_the_app_asks_a_store_again_that_had_refused_us(
    client: FlaskClient, runtime: Runtime, vendor: responses.RequestsMock
) -> None:
    install(client, vendor)
    before = len(queued(runtime))
    assert load(client).status_code == 200
    assert len(queued(runtime)) == before
    with runtime.database.transaction() as db:
        db.execute(update(Connection).values(state="reauthorize"))
    assert load(client).status_code == 200
    assert queued(runtime)[before:] == [("worker.jobs.hooks", [rows(runtime, Store)[0].id])]


NOW = int(time.time())
REFUSED = {
    "another audience": {"aud": "another-client"},
    "a customer login": {"iss": "our-client"},
    "expired": {"iat": NOW - 90_000, "nbf": NOW - 90_005, "exp": NOW - 3_600},
    "no store": {"sub": "abc123"},
    "another host": {"url": "//evil.example"},
}


@pytest.mark.parametrize("route", ["load", "uninstall", "remove_user"])
@pytest.mark.parametrize("changes", REFUSED.values(), ids=REFUSED.keys())
def test_forged_payloads_are_turned_away_without_being_repeated(
    client: FlaskClient,
    runtime: Runtime,
    vendor: responses.RequestsMock,
    capsys: pytest.CaptureFixture[str],
    route: str,
    changes: dict[str, Any],
) -> None:
    install(client, vendor)
    token = payload(**changes)
    answer = client.get(f"/bigcommerce/{route}", query_string={"signed_payload_jwt": token})
    assert answer.status_code == 401
    assert token not in answer.text + "".join(capsys.readouterr())
    assert rows(runtime, Store)[0].state == "active"
    assert [user.is_active for user in rows(runtime, User)] == [True]


@pytest.mark.parametrize("route", ["load", "uninstall", "remove_user"])
def test_no_payload_at_all(client: FlaskClient, route: str) -> None:
    assert client.get(f"/bigcommerce/{route}").status_code == 401


def serve(client: FlaskClient, route: str, **claims: Any) -> int:
    query = {"signed_payload_jwt": payload(**claims)}
    return client.get(f"/bigcommerce/{route}", query_string=query).status_code


def test_uninstalling_kills_the_token_at_once_and_ends_what_waits(
    client: FlaskClient, runtime: Runtime, vendor: responses.RequestsMock
) -> None:
    bearer = config(install(client, vendor))["token"]
    (store,) = rows(runtime, Store)
    with runtime.database.transaction() as db:
        crm = Connection(store_id=store.id, vendor="salesforce", state="live", account_id="00D")
        db.add(crm)
        db.flush()
        db.add(Token(connection_id=crm.id, access_token=b"x"))
        db.add(PanelPass(connection_id=crm.id, user_id="1", expires_at=now() + timedelta(days=1)))
        deliveries.request(db, store.id, crm.id, "order", "250", "c")
    assert serve(client, "uninstall") == 204
    (store,) = rows(runtime, Store)
    assert store.state == "uninstalled"
    assert store.uninstalled_at is not None
    assert {row.state for row in rows(runtime, Connection)} == {"disconnected"}
    assert rows(runtime, PanelPass) == []
    assert [(row.state, row.result) for row in rows(runtime, Delivery)] == [(State.DONE, "disconnected")]
    assert [token.connection_id for token in rows(runtime, Token)] == [crm.id]  # revoked by the job
    assert queued(runtime)[-1] == ("worker.jobs.forget", [store.id])
    with pytest.raises(session.SessionOver):
        session.verify(runtime, bearer, session.SETTINGS)
    assert load(client).status_code == 401
    assert serve(client, "uninstall") == 204  # told twice


def test_a_store_that_comes_back_is_the_same_store(
    client: FlaskClient, runtime: Runtime, vendor: responses.RequestsMock
) -> None:
    install(client, vendor)
    serve(client, "uninstall")
    assert install(client, vendor).status_code == 200
    (store,) = rows(runtime, Store)
    assert (store.state, store.uninstalled_at) == ("active", None)
    assert load(client).status_code == 200


def test_what_opened_the_app_cannot_end_it(
    client: FlaskClient, runtime: Runtime, vendor: responses.RequestsMock
) -> None:
    install(client, vendor)
    token = payload(user=STAFF)
    assert client.get("/bigcommerce/load", query_string={"signed_payload_jwt": token}).status_code == 200
    for route in ("uninstall", "remove_user"):
        assert client.get(f"/bigcommerce/{route}", query_string={"signed_payload_jwt": token}).status_code == 401
    assert serve(client, "uninstall", iat=NOW - 3_600, nbf=NOW - 3_605) == 401  # servers bring it at once
    assert rows(runtime, Store)[0].state == "active"


def test_removing_a_person_ends_their_session_in_this_store_alone(
    client: FlaskClient, runtime: Runtime, vendor: responses.RequestsMock
) -> None:
    install(client, vendor)
    vendor.get("https://api.bigcommerce.com/stores/def456/v2/store", json=STORE)
    install(client, vendor, context="stores/def456", user=STAFF)
    early = payload(user=STAFF, iat=NOW - 60, nbf=NOW - 65)
    bearer = config(load(client, user=STAFF))["token"]
    assert serve(client, "remove_user", user=STAFF) == 204
    with pytest.raises(session.SessionOver):
        session.verify(runtime, bearer, session.SETTINGS)
    assert client.get("/bigcommerce/load", query_string={"signed_payload_jwt": early}).status_code == 401
    there = load(client, user=STAFF, sub="stores/def456")
    assert there.status_code == 200
    later = int(time.time()) + 2  # let in again by the owner
    assert load(client, user=STAFF, iat=later, nbf=later - 5).status_code == 200


def test_the_clean_address_says_where_to_go(client: FlaskClient) -> None:
    answer = client.get("/bigcommerce/app")
    assert answer.status_code == 401
    assert "control panel" in answer.text


def test_an_unbuilt_bundle_says_how_to_build_it(
    client: FlaskClient, vendor: responses.RequestsMock, dist: Path
) -> None:
    (dist / ".vite" / "manifest.json").unlink()
    answer = install(client, vendor)
    assert answer.status_code == 503
    assert "python -m bigcommerce_app.build" in answer.text


def test_files_with_a_fingerprint_are_kept_for_ever(client: FlaskClient) -> None:
    answer = client.get("/bigcommerce/static/assets/main-1a2b.js")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get("/bigcommerce/static/assets/none.js").status_code == 404


def test_our_own_failure_is_a_page_too(
    client: FlaskClient, runtime: Runtime, capsys: pytest.CaptureFixture[str]
) -> None:
    with runtime.database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE leases")
    token = payload()
    answer = client.get("/bigcommerce/uninstall", query_string={"signed_payload_jwt": token})
    assert answer.status_code == 500
    assert "ours" in answer.text
    assert "Traceback" not in answer.text
    assert token not in "".join(capsys.readouterr())


def queue(runtime: Runtime) -> Queue:
    return Queue(QUEUE, connection=runtime.bell.redis, serializer=JSONSerializer)


def queued(runtime: Runtime) -> list[tuple[str | None, list[Any]]]:
    return [(job.func_name, list(job.args)) for job in queue(runtime).jobs]
