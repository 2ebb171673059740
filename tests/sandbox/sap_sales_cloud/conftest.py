"""A Sales Cloud stand-in in this process and a small client that is logged in to it."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from app.sandbox.kit import Options
from app.sandbox.sap_sales_cloud import create_app

ROOT = "/sap/c4c/odata/v1/c4codataapi/"
OWNER = "8000000001"
NO_BODY = object()


PASSWORD = "sandbox-password"


def basic(user: str, password: str = PASSWORD) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


class Client:
    """Calls the stand-in with JSON; paths are those below the service root unless they begin with a slash."""

    def __init__(self, user: str = "sandbox", **options: Any) -> None:
        self.http = create_app(Options(**{"port": 9104, "seed": "empty", **options})).test_client()
        self.user = user

    def call(self, method: str, path: str, body: Any = NO_BODY, **headers: str) -> TestResponse:
        url = path if path.startswith("/") else ROOT + path
        sent = {"Authorization": basic(self.user), "Accept": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        if body is NO_BODY:
            return self.http.open(url, method=method, headers=sent)
        return self.http.open(url, method=method, json=body, headers=sent)

    def get(self, path: str, **headers: str) -> Any:
        answer = self.call("GET", path, **headers)
        assert answer.status_code == 200, answer.text
        return answer.get_json()["d"]["results"]

    def ask(self, entity_set: str, where: str = "", **options: Any) -> Any:
        """Rows of a set by `$filter` and other options."""
        query = {"$filter": where, **{f"${name}": str(value) for name, value in options.items()}}
        return self.get(f"{entity_set}?{'&'.join(f'{k}={quote(v)}' for k, v in query.items() if v)}")

    def make(self, entity_set: str, **values: Any) -> dict[str, Any]:
        answer = self.call("POST", entity_set, values)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.get_json()["d"]["results"]
        return made

    def patch(self, entity_set: str, key: str, values: Any, **headers: str) -> TestResponse:
        return self.call("PATCH", f"{entity_set}('{key}')", values, **headers)

    def changed(self, entity_set: str, row: dict[str, Any], **values: Any) -> dict[str, Any]:
        """The row after a change that must succeed."""
        answer = self.patch(entity_set, row["ObjectID"], values)
        assert (answer.status_code, answer.data) == (204, b""), answer.text
        found: dict[str, Any] = self.get(f"{entity_set}('{row['ObjectID']}')")
        return found

    def refused(self, answer: TestResponse, status: int = 400) -> str:
        assert answer.status_code == status, answer.text
        words: str = answer.get_json()["error"]["message"]["value"]
        return words

    def stored(self, entity: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.http.get(f"/_sandbox/records/{entity}").get_json()
        return found

    def set(self, **settings: Any) -> None:
        assert self.http.post("/_sandbox/settings", json=settings).status_code == 200

    def control(self, path: str, **body: Any) -> TestResponse:
        answer = self.http.post(f"/_sandbox/{path}", json=body)
        assert answer.status_code in (200, 201, 204), answer.text
        return answer

    def account(self, **values: Any) -> dict[str, Any]:
        return self.make("CorporateAccountCollection", **{"RoleCode": "CRM000", "Name": "Buyer Ltd", **values})

    def contact(self, **values: Any) -> dict[str, Any]:
        return self.make("ContactCollection", **{"LastName": "Marsh", **values})

    def product(self, sku: str = "MUG") -> dict[str, Any]:
        return self.make("ProductCollection", ProductID=sku, Language="EN", Description="A mug", BaseUOM="EA")

    def opportunity(self, **values: Any) -> dict[str, Any]:
        party = values.pop("ProspectPartyID", None) or self.account()["AccountID"]
        given = {"Name": "Cart", "ProspectPartyID": party, "MainEmployeeResponsiblePartyID": OWNER}
        return self.make("OpportunityCollection", **{**given, **values})

    def order(self, *items: dict[str, Any], **values: Any) -> dict[str, Any]:
        if not self.stored("Product"):
            self.product()
        party = values.pop("BuyerPartyID", None) or self.account()["AccountID"]
        lines = [{"ProductID": "MUG", "Quantity": "1", **item} for item in items]
        given = {"BuyerPartyID": party, "CurrencyCode": "GBP", "CustomerOrderItem": lines}
        return self.make("CustomerOrderCollection", **{**given, **values})

    def etag(self, entity_set: str, row: dict[str, Any]) -> str:
        found: str = self.get(f"{entity_set}('{row['ObjectID']}')")["__metadata"]["etag"]
        return found


def http_request(method: str, target: str, body: Any = None, **headers: str) -> str:
    """A request inside a batch part."""
    text = json.dumps(body) if body is not None else ""
    sent = {"Accept": "application/json", **{k.replace("_", "-"): v for k, v in headers.items()}}
    if text:
        sent |= {"Content-Type": "application/json", "Content-Length": str(len(text.encode()))}
    lines = [f"{method} {target} HTTP/1.1", *(f"{k}: {v}" for k, v in sent.items())]
    return "\r\n".join(lines) + "\r\n\r\n" + text


def http_part(inner: str, content_id: str = "") -> str:
    extra = f"Content-ID: {content_id}\r\n" if content_id else ""
    return f"Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n{extra}\r\n{inner}\r\n"


def change_set(*inner: str, mark: str = "changeset_1") -> str:
    """A nested multipart of requests, whose Content-IDs count from 1."""
    parts = "".join(f"--{mark}\r\n{http_part(one, str(n))}" for n, one in enumerate(inner, 1))
    return f"Content-Type: multipart/mixed; boundary={mark}\r\n\r\n{parts}--{mark}--\r\n"


def batch(client: Client, *parts: str) -> list[str]:
    """The answer's top-level parts as text."""
    body = "".join(f"--batch_1\r\n{part}\r\n" for part in parts) + "--batch_1--\r\n"
    answer = client.http.post(
        ROOT + "$batch",
        data=body.encode(),
        headers={"Authorization": basic(client.user), "Content-Type": "multipart/mixed; boundary=batch_1"},
    )
    assert answer.status_code == 202, answer.text
    mark = answer.headers["Content-Type"].partition("boundary=")[2]
    return answer.text.split(f"--{mark}")[1:-1]


def statuses(part: str) -> list[int]:
    """The statuses inside a part of the answer."""
    return [int(found) for found in re.findall(r"HTTP/1\.1 (\d{3})", part)]


def objects(part: str) -> list[Any]:
    """The JSON bodies inside a part of the answer."""
    return [json.loads(line) for line in part.splitlines() if line.startswith('{"')]


@pytest.fixture
def sap() -> Client:
    """An empty tenant called by the technical user."""
    return Client()


@pytest.fixture
def sap_with() -> Callable[..., Client]:
    """Make a tenant with other options."""
    return Client
