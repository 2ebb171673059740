"""A Salesforce stand-in in this process and a small client that is logged in to it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from app.sandbox.kit import Options
from app.sandbox.salesforce import create_app

DATA = "/services/data/v66.0"
LOGIN = {
    "client_id": "sandbox-client",
    "client_secret": "sandbox-secret",
    "username": "admin@sandbox.example",
    "password": "sandbox-password",
}


def soql(*clauses: str) -> str:
    """A statement of its clauses."""
    return " ".join(clauses)


class Client:
    """Calls the stand-in as the admin; paths are those below the version unless they begin with a slash."""

    def __init__(self, **options: Any) -> None:
        self.http = create_app(Options(**{"port": 9102, "seed": "empty", **options})).test_client()
        self.token = ""
        self.login()

    def login(self) -> None:
        answer = self.http.post("/services/oauth2/token", data={"grant_type": "password", **LOGIN})
        self.token = answer.get_json()["access_token"]

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        url = path if path.startswith("/") else f"{DATA}/{path}"
        sent = {"Authorization": f"Bearer {self.token}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        return self.http.open(url, method=method, json=body, headers=sent)

    def get(self, path: str, **headers: str) -> Any:
        answer = self.call("GET", path, **headers)
        assert answer.status_code == 200, answer.get_json()
        return answer.get_json()

    def create(self, sobject: str, **values: Any) -> str:
        answer = self.call("POST", f"sobjects/{sobject}", values)
        assert answer.status_code == 201, answer.get_json()
        made: str = answer.get_json()["id"]
        return made

    def patch(self, sobject: str, record_id: str, **values: Any) -> TestResponse:
        return self.call("PATCH", f"sobjects/{sobject}/{record_id}", values)

    def delete(self, sobject: str, record_id: str) -> TestResponse:
        return self.call("DELETE", f"sobjects/{sobject}/{record_id}")

    def refused(self, answer: TestResponse, status: int = 400) -> dict[str, Any]:
        assert answer.status_code == status, answer.get_json()
        (error,) = answer.get_json()
        found: dict[str, Any] = error
        return found

    def query(self, statement: str, resource: str = "query") -> Any:
        return self.get(f"{resource}?q={quote(statement)}")

    def rows(self, statement: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.query(statement)["records"]
        return [{k: v for k, v in row.items() if k != "attributes"} for row in found]

    def stored(self, sobject: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.http.get(f"/_sandbox/records/{sobject}").get_json()
        return found

    def switch(self, **switches: Any) -> None:
        assert self.http.post("/_sandbox/org", json=switches).status_code == 200

    def add_field(self, sobject: str, name: str, **meta: Any) -> TestResponse:
        metadata = {"type": "Text", "label": name, "length": 80, **meta}
        return self.call(
            "POST", "tooling/sobjects/CustomField", {"FullName": f"{sobject}.{name}", "Metadata": metadata}
        )

    def add_key(self, sobject: str, name: str) -> None:
        made = self.add_field(sobject, name, externalId=True, unique=True, caseSensitive=True)
        assert made.status_code == 201, made.get_json()

    def book(self) -> str:
        found: str = self.rows("SELECT Id FROM Pricebook2 WHERE IsStandard = true")[0]["Id"]
        return found

    def entry(self, price: float = 10, **product: Any) -> str:
        made = self.create("Product2", **{"Name": "Mug", "IsActive": True, **product})
        return self.create("PricebookEntry", Product2Id=made, Pricebook2Id=self.book(), UnitPrice=price, IsActive=True)

    def order(self, **values: Any) -> str:
        account = self.create("Account", Name="Buyer")
        given = {"AccountId": account, "EffectiveDate": "2026-03-01", "Status": "Draft", "Pricebook2Id": self.book()}
        return self.create("Order", **{**given, **values})


@pytest.fixture
def sf() -> Client:
    """An empty org with its default switches."""
    return Client()


@pytest.fixture
def sf_with() -> Callable[..., Client]:
    """Make an org with other options."""
    return Client
