"""A Sugar instance in this process and a small client that is logged in to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.sandbox.kit import Options
from app.sandbox.sugarcrm import create_app
from tests.sandbox.sugarcrm.receiver import Receiver, receiving

REST = "/rest/v11_24"
LOGIN = {"grant_type": "password", "client_id": "sugar", "client_secret": "", "password": "sandbox-password"}
LINE = {"sales_stage": "Closed Won", "date_closed": "2026-12-01"}


class Client:
    """Calls the stand-in as one user; paths are those below the version unless they begin with a slash."""

    def __init__(self, user: str = "admin", other: Client | None = None, **options: Any) -> None:
        self.http: FlaskClient = (
            other.http if other else create_app(Options(**{"port": 9103, "seed": "empty", **options})).test_client()
        )
        self.user = user
        self.token = self.login()["access_token"]

    def login(self, platform: str = "storeline", **more: str) -> Any:
        body = {**LOGIN, "username": self.user, "platform": platform, **more}
        return self.http.post(f"{REST}/oauth2/token", json=body).get_json()

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        url = path if path.startswith("/") else f"{REST}/{path}"
        sent = {"OAuth-Token": self.token, **{k.replace("_", "-"): v for k, v in headers.items()}}
        return self.http.open(url, method=method, json=body, headers=sent)

    def good(self, method: str, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        answer = self.call(method, path, body, **headers)
        assert answer.status_code == status, answer.get_json()
        return answer.get_json()

    def get(self, path: str) -> Any:
        return self.good("GET", path)

    def create(self, module: str, **values: Any) -> Any:
        return self.good("POST", module, values)

    def update(self, module: str, record_id: str, **values: Any) -> Any:
        return self.good("PUT", f"{module}/{record_id}", values)

    def refused(self, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, str]:
        answer = self.call(method, path, body, **headers)
        return answer.status_code, answer.get_json()["error"]

    def found(self, module: str, *elements: Any, **args: Any) -> list[str]:
        """Names of what a filter finds, sorted."""
        answer = self.good("POST", f"{module}/filter", {"filter": list(elements), "max_num": 1000, **args})
        return sorted(row["name"] for row in answer["records"])

    def bulk(self, *requests: Any) -> Any:
        return self.good("POST", "bulk", {"requests": list(requests)})

    def stored(self, module: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.http.get(f"/_sandbox/records/{module}").get_json()
        return rows

    def control(self, path: str, **body: Any) -> Any:
        answer = self.http.post(f"/_sandbox/{path}", json=body)
        assert answer.status_code < 300, answer.get_data(as_text=True)
        return answer.get_json() if answer.data else None

    def opportunity(self, *lines: dict[str, Any], **values: Any) -> Any:
        made = [{"name": f"Line {n}", **LINE, **line} for n, line in enumerate(lines)]
        return self.create("Opportunities", **{"name": "Deal", "revenuelineitems": {"create": made}, **values})


def post(path: str, body: Any) -> dict[str, Any]:
    """An entry of a bulk request as most clients send it."""
    return {"url": f"v11_24/{path}", "method": "POST", "data": json.dumps(body)}


@pytest.fixture
def sugar() -> Client:
    """An empty instance."""
    return Client()


@pytest.fixture
def demo() -> Client:
    """An instance with the demo's records."""
    return Client(seed="demo")


@pytest.fixture
def sally(sugar: Client) -> Client:
    """A sales representative of the same empty instance."""
    return Client("sally", sugar)


@pytest.fixture
def sugar_with() -> Callable[..., Client]:
    """Make an instance with other options."""
    return Client


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A server that keeps what it is sent."""
    with receiving() as started:
        yield started
