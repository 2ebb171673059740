"""The BigCommerce stand-in in process, and a destination for its webhooks."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.sandbox.bigcommerce import create_app
from app.sandbox.kit import Options

TOKEN = "sandbox-bc-token"
STORE = "/stores/sandbox1"
B2B_ROOT = "/b2b/api/v3/io"
BILLING = {
    "first_name": "Ada",
    "last_name": "Byron",
    "zip": "E1 6AN",
    "email": "ada@shopper.example",
    "country": "United Kingdom",
}

Json = dict[str, Any]


class Api:
    """Calls the stand-in's API with a token."""

    root = STORE

    def __init__(self, client: FlaskClient, token: str = TOKEN) -> None:
        self.client = client
        self.headers = {"X-Auth-Token": token, "X-Store-Hash": "sandbox1", "Accept": "application/json"}

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        return self.client.open(
            self.root + path, method=method, json=body, headers={**self.headers, **headers}, buffered=True
        )

    def get(self, path: str) -> Any:
        """The body of a successful read."""
        answer = self("GET", path)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()

    def post(self, path: str, body: Any) -> Any:
        """The body of a successful write."""
        answer = self("POST", path, body)
        assert answer.status_code in (200, 201), answer.get_data(as_text=True)
        return answer.get_json()

    def put(self, path: str, body: Any) -> Any:
        """The body of a successful change."""
        answer = self("PUT", path, body)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()

    def order(self, *products: Json, **more: Any) -> Json:
        """A placed order."""
        lines = list(products) or [custom("Mug", 1, 10, 12)]
        placed: Json = self.post("/v2/orders", {"billing_address": BILLING, "products": lines, **more})
        return placed


class B2B(Api):
    """Calls B2B Edition's API with a token and the store's hash."""

    root = B2B_ROOT


def custom(name: str, quantity: int, ex: float, inc: float) -> Json:
    """A custom line."""
    return {"name": name, "quantity": quantity, "price_ex_tax": ex, "price_inc_tax": inc}


@dataclass
class Receiver:
    """A webhook destination that keeps what it gets and answers as told."""

    url: str = ""
    status: int = 200
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def wait(self, number: int, seconds: float = 60) -> list[tuple[dict[str, str], bytes]]:
        """The deliveries, once there are so many."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.got) >= number, seconds), f"got {len(self.got)} of {number}"
            return list(self.got)


def subscribe(api: Api, scope: str, destination: str, **more: Any) -> Json:
    """A new hook."""
    hook: Json = api.post("/v3/hooks", {"scope": scope, "destination": destination, **more})["data"]
    return hook


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def events(receiver: Receiver) -> list[Json]:
    """The bodies that arrived."""
    return [json.loads(body) for _, body in receiver.got]


def installed(client: FlaskClient, scopes: str) -> str:
    """The token of the app, installed with these scopes."""
    client.put("/_sandbox/app", json={"scopes": scopes})
    app = client.get("/_sandbox/app").get_json()
    url = client.post("/_sandbox/install", json={"user": "owner"}).get_json()["url"]
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    asked = {name: query[name] for name in ("code", "scope", "context")}
    us = {"client_id": app["client_id"], "client_secret": "sandbox-secret", "redirect_uri": app["auth_url"]}
    answer = client.post("/oauth2/token", json={**us, **asked, "grant_type": "authorization_code"})
    token: str = answer.get_json()["access_token"]
    return token


@pytest.fixture
def client() -> FlaskClient:
    """A stand-in without rate limits."""
    return create_app(Options(port=9101, limits=False)).test_client()


@pytest.fixture
def api(client: FlaskClient) -> Api:
    """Its API."""
    return Api(client)


@pytest.fixture
def b2b(client: FlaskClient) -> B2B:
    """The API of B2B Edition."""
    return B2B(client)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A destination on this machine."""
    kept = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with kept.arrived:
                kept.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                kept.arrived.notify_all()
            self.send_response(kept.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing to the terminal."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.daemon_threads = True
    kept.url = f"http://127.0.0.1:{httpd.server_port}/hook"
    threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield kept
    httpd.shutdown()
    httpd.server_close()
