"""Our side against the stand-in, both served over HTTP on free ports."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from werkzeug.serving import make_server

import bigcommerce_app
from app import ui, webhooks
from app.config import Settings
from app.connectors.access import Account
from app.connectors.bigcommerce.connector import BigCommerce
from app.domain import Order
from app.runtime import EXTENSION, Runtime
from app.sandbox.bigcommerce import create_app
from app.sandbox.kit import Options
from tests.sandbox.conftest import free_port, serving

STORE, TOKEN = "sandbox1", "sandbox-bc-token"
ADDRESS = {
    "first_name": "Jane", "last_name": "Doe", "street_1": "1 High Street", "city": "Leeds", "state": "West Yorkshire",
    "zip": "LS1 4AP", "country": "United Kingdom", "country_iso2": "GB", "email": "Jane@Example.com",
}  # fmt: skip


@dataclass(frozen=True)
class Shop:
    """The stand-in: what shoppers, merchants and tests do to it."""

    url: str
    state: Any

    def call(self, method: str, path: str, body: Any = None, token: str = TOKEN) -> Any:
        """An API call as some other app."""
        answer = requests.request(
            method, f"{self.url}/stores/{STORE}{path}", json=body, headers={"X-Auth-Token": token}, timeout=10
        )
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def sandbox(self, method: str, path: str, body: Any = None) -> Any:
        """A control route."""
        answer = requests.request(method, f"{self.url}/_sandbox{path}", json=body, timeout=10)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def place(self, **order: Any) -> int:
        """An order through the API; by default one custom line of a guest."""
        line = {"name": "Thing", "quantity": 1, "price_ex_tax": "10.00", "price_inc_tax": "12.00"}
        body = {"billing_address": ADDRESS, "products": [line]} | order
        return int(self.call("POST", "/v2/orders", body)["id"])

    def check_out(self, **order: Any) -> int:
        """An order through the storefront, which knows coupons and the like."""
        line = {"name": "Thing", "quantity": 1, "price_ex_tax": "10.00", "price_inc_tax": "12.00"}
        body = {"billing_address": ADDRESS, "products": [line]} | order
        return int(self.sandbox("POST", "/orders", body)["id"])

    def b2b(self, method: str, path: str, body: Any = None) -> Any:
        """A call of the B2B Edition's API; what is under `data`."""
        headers = {"X-Auth-Token": TOKEN, "X-Store-Hash": STORE}
        answer = requests.request(method, f"{self.url}/b2b/api/v3/io{path}", json=body, headers=headers, timeout=10)
        assert answer.ok, answer.text
        return answer.json()["data"]

    def writes(self) -> list[tuple[str, str]]:
        """What changed something since the calls were forgotten: method, and path after the store."""
        calls = self.sandbox("GET", "/calls")["calls"]
        return [(c["method"], c["path"].removeprefix(f"/stores/{STORE}")) for c in calls if c["method"] != "GET"]

    def forget_calls(self) -> None:
        """Begin to count anew."""
        self.sandbox("DELETE", "/calls")

    def skip_ids(self, number: int) -> None:
        """Orders of the past that nobody asks for."""
        for _ in range(number):
            self.state.next_id("orders")


@pytest.fixture(scope="module")
def standin() -> Iterator[tuple[Flask, str, int]]:
    """The stand-in without limits, and the port that our app will listen on."""
    port = free_port()
    apps: list[Flask] = []

    def create(options: Options) -> Flask:
        apps.append(create_app(options))
        return apps[0]

    with serving(create, limits=False, app_url=f"http://127.0.0.1:{port}") as url:
        yield apps[0], url, port


@pytest.fixture
def shop(standin: tuple[Flask, str, int]) -> Iterator[Shop]:
    app, url, _ = standin
    shop = Shop(url, app.state)  # type: ignore[attr-defined]  # the stand-in's own Flask has it
    yield shop
    shop.sandbox("POST", "/reset")


@pytest.fixture
def settings(standin: tuple[Flask, str, int], tmp_path: Path) -> Settings:
    _, url, port = standin
    return Settings(
        state_dir=str(tmp_path),
        public_url=f"http://127.0.0.1:{port}",
        bigcommerce_api_url=url,
        bigcommerce_login_url=url,
        bigcommerce_b2b_url=f"{url}/b2b/api/v3/io",
    )


@pytest.fixture
def source(settings: Settings) -> BigCommerce:
    """A store opened with the fixed token of the stand-in."""
    account = Account(TOKEN, STORE, store=STORE, currency="GBP", facts={"url": "https://shop.example"})
    return BigCommerce(settings, account)


@pytest.fixture
def runtime(settings: Settings, sqlite_url: str, redis_url: str) -> Iterator[Runtime]:
    runtime = Runtime.build(replace(settings, database_url=sqlite_url, redis_url=redis_url))
    runtime.bell.redis.flushall()
    yield runtime
    runtime.database.close()


@pytest.fixture
def served(runtime: Runtime, standin: tuple[Flask, str, int]) -> Iterator[str]:
    """Our app, listening where the stand-in expects it."""
    app = Flask("tests", static_folder=None)
    app.extensions[EXTENSION] = runtime
    for part in (ui, webhooks, bigcommerce_app):
        part.register(app)
    with ExitStack() as stack:
        httpd = make_server("127.0.0.1", standin[2], app, threaded=True)
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        stack.callback(thread.join, 5)
        stack.callback(httpd.server_close)
        stack.callback(httpd.shutdown)
        yield f"http://127.0.0.1:{standin[2]}"


def order_of(source: BigCommerce, number: int) -> Order:
    """One order as the connector reads it."""
    record = source.fetch_many("order", [str(number)])[str(number)]
    assert isinstance(record, Order)
    return record
