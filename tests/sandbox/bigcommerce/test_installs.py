"""The app's life: install, token, load, users, changed scopes, uninstall."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from flask.testing import FlaskClient

from app.sandbox.bigcommerce import create_app
from app.sandbox.kit import Options

from .conftest import Api, Json

SECRET = "sandbox-secret"
AUTH_URL = "http://localhost:8000/bigcommerce/auth"


def query(url: str) -> dict[str, str]:
    """The parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def accept(client: FlaskClient, **body: Any) -> dict[str, str]:
    """Accept the scopes; what the auth callback gets."""
    answer = client.post("/_sandbox/install", json=body)
    assert answer.status_code == 200, answer.get_json()
    return query(answer.get_json()["url"])


def token_request(callback: dict[str, str], **changes: str) -> dict[str, str]:
    """The body of the exchange."""
    return {
        "client_id": "sandbox-client",
        "client_secret": SECRET,
        "code": callback["code"],
        "scope": callback["scope"],
        "context": callback["context"],
        "grant_type": "authorization_code",
        "redirect_uri": AUTH_URL,
        **changes,
    }


def install(client: FlaskClient) -> str:
    """A token of the installed app."""
    reply = client.post("/oauth2/token", json=token_request(accept(client)))
    token: str = reply.get_json()["access_token"]
    return token


def claims(url: str) -> Json:
    """The verified content of a signed callback."""
    token = query(url)["signed_payload_jwt"]
    verified: Json = jwt.decode(token, SECRET, algorithms=["HS256"], audience="sandbox-client", issuer="bc", leeway=10)
    return verified


def test_the_auth_callback_carries_code_scope_and_store(client: FlaskClient) -> None:
    callback = accept(client)
    assert callback["context"] == "stores/sandbox1"
    assert {"store_v2_orders", "store_v2_default", "users_basic_information"} <= set(callback["scope"].split())
    assert "state" not in callback
    assert "external_install" in accept(client, external=True)


@pytest.mark.parametrize("as_form", [False, True])
def test_the_code_is_exchanged_once(client: FlaskClient, as_form: bool) -> None:
    body = token_request(accept(client))
    send = {"data": body} if as_form else {"json": body}
    reply = client.post("/oauth2/token", **send)
    token = reply.get_json()
    assert token.keys() == {"access_token", "scope", "user", "owner", "context", "account_uuid"}
    assert token["owner"] == {"id": 1, "email": "owner@sandbox.example", "username": "owner@sandbox.example"}
    assert Api(client, token["access_token"])("GET", "/v2/store").status_code == 200
    assert client.post("/oauth2/token", json=body).status_code == 400


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"client_secret": "wrong"}, 401),
        ({"redirect_uri": AUTH_URL + "/"}, 400),
        ({"context": "stores/other"}, 400),
        ({"grant_type": "password"}, 400),
        ({"scope": "store_v2_orders"}, 400),
        ({"code": "made-up"}, 400),
    ],
)
def test_a_wrong_exchange_is_refused(client: FlaskClient, changes: dict[str, str], status: int) -> None:
    callback = accept(client)
    assert client.post("/oauth2/token", json=token_request(callback, **changes)).status_code == status
    assert client.post("/oauth2/token", json=token_request(callback)).status_code == 200


def test_the_client_id_may_come_as_basic(client: FlaskClient) -> None:
    body = token_request(accept(client))
    del body["client_id"]
    basic = base64.b64encode(b"sandbox-client:").decode()
    reply = client.post("/oauth2/token", data=body, headers={"Authorization": f"Basic {basic}"})
    assert reply.status_code == 200


def test_the_token_may_do_what_was_granted(client: FlaskClient) -> None:
    api = Api(client, install(client))
    assert api("GET", "/v2/orders").status_code == 204
    assert api("GET", "/v3/channels").status_code == 200
    assert api("GET", "/v3/hooks").status_code == 200
    for method, path in (("GET", "/v3/inventory/locations"), ("POST", "/v3/carts"), ("POST", "/graphql")):
        assert api(method, path).status_code == 403
    client.put("/_sandbox/app", json={"scopes": ["store_v2_orders_read_only"]})
    reader = Api(client, install(client))
    assert reader("GET", "/v2/orders").status_code == 204
    assert reader("POST", "/v2/orders", {}).status_code == 403
    assert reader("GET", "/v3/orders/payment_actions/refunds").status_code == 200
    assert reader("GET", "/v3/customers").status_code == 403


def test_the_load_token_has_the_documented_claims(client: FlaskClient) -> None:
    answer = client.get("/_sandbox/load_url?user=3&url=/deliveries/3&channel_id=1").get_json()
    content = claims(answer["url"])
    assert content["iat"] - content["nbf"] == 5
    assert content["exp"] - content["iat"] == 86_400
    assert content["sub"] == "stores/sandbox1"
    assert content["user"] == {"id": 3, "email": "staff@sandbox.example", "locale": "en-GB"}
    assert content["owner"] == {"id": 1, "email": "owner@sandbox.example"}
    assert (content["url"], content["channel_id"]) == ("/deliveries/3", 1)
    assert claims(client.get("/_sandbox/load_url").get_json()["url"])["channel_id"] is None


def test_plain_staff_cannot_install(client: FlaskClient) -> None:
    assert client.post("/_sandbox/install", json={"user": "staff@sandbox.example"}).status_code == 409


def test_changed_scopes_are_accepted_again_and_the_old_token_dies(client: FlaskClient) -> None:
    old = Api(client, install(client))
    assert client.get("/_sandbox/app").get_json()["needs_consent"] is False
    client.post("/_sandbox/scopes", json={"scopes": "store_v2_orders store_locations_read_only"})
    assert client.get("/_sandbox/app").get_json()["needs_consent"] is True
    assert old("GET", "/v2/store").status_code == 200  # still the old token with the old scopes
    new = Api(client, install(client))
    assert old("GET", "/v2/store").status_code == 401
    assert new("GET", "/v3/inventory/locations").status_code == 200


def test_a_new_owner_has_to_accept(client: FlaskClient) -> None:
    install(client)
    assert client.post("/_sandbox/owner", json={"user_id": 2}).get_json() == {"owner": "admin@sandbox.example"}
    assert client.get("/_sandbox/app").get_json()["needs_consent"] is True
    assert claims(client.get("/_sandbox/load_url").get_json()["url"])["owner"]["id"] == 2


class CallbackLog:
    """An app that keeps the callbacks it gets."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.url = ""


@pytest.fixture
def listening() -> Iterator[CallbackLog]:
    """An app under development."""
    log = CallbackLog()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            log.paths.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing to the terminal."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    log.url = f"http://127.0.0.1:{httpd.server_port}"
    threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield log
    httpd.shutdown()
    httpd.server_close()


def test_uninstall_is_told_and_takes_hooks_and_token_away(listening: CallbackLog) -> None:
    client = create_app(Options(limits=False, app_url=listening.url)).test_client()
    body = token_request(accept(client), redirect_uri=f"{listening.url}/bigcommerce/auth")
    api = Api(client, client.post("/oauth2/token", json=body).get_json()["access_token"])
    api.post("/v3/hooks", {"scope": "store/order/*", "destination": "https://app.example/hooks"})
    outside = Api(client)
    outside.post("/v3/hooks", {"scope": "store/order/*", "destination": "https://other.example/hooks"})
    told = client.post("/_sandbox/uninstall", json={"user": 2}).get_json()
    assert told["status"] == 204
    content = claims(listening.paths[0])
    assert listening.paths[0].startswith("/bigcommerce/uninstall?")
    assert (content["user"]["id"], content["owner"]["id"]) == (2, 1)
    assert api("GET", "/v2/store").status_code == 401
    hooks = client.get("/_sandbox/records/hooks").get_json()
    assert [hook["destination"] for hook in hooks] == ["https://other.example/hooks"]
    assert outside("GET", "/v2/store").status_code == 200
    assert client.post("/_sandbox/uninstall").status_code == 409


def test_removing_a_user_is_told(listening: CallbackLog) -> None:
    client = create_app(Options(limits=False, app_url=listening.url)).test_client()
    added = client.post("/_sandbox/users", json={"name": "Nora New", "email": "nora@sandbox.example"}).get_json()
    client.post("/_sandbox/remove_user", json={"user_id": added["id"]})
    assert listening.paths[0].startswith("/bigcommerce/remove_user?")
    assert claims(listening.paths[0])["user"]["id"] == added["id"]
    assert len(client.get("/_sandbox/records/users").get_json()) == 3
    assert client.post("/_sandbox/remove_user", json={"user_id": 1}).status_code == 409


def test_installation_begun_outside_the_control_panel(client: FlaskClient) -> None:
    page = client.get("/app/sandbox-client/install")
    assert "store_v2_orders" in page.get_data(as_text=True)
    location = client.post("/app/sandbox-client/install", data={"user": "1"}).headers["Location"]
    assert location.startswith(AUTH_URL)
    assert "external_install" in query(location)
    assert client.post("/app/sandbox-client/install", data={"user": "3"}).headers["Location"].endswith("/failed")
    for end in ("succeeded", "failed"):
        assert client.get(f"/app/sandbox-client/install/{end}").status_code == 200
