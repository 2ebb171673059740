"""Each CRM from outside: what its own records say, and somebody of its users who edits a contact."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Protocol

import requests

PASSWORD = "sandbox-password"  # noqa: S105 - of the stand-ins
STORE = "sandbox1-"
TIMEOUT = 60
Row = dict[str, Any]


@dataclass(frozen=True)
class Sale:
    """An order as a CRM holds it; `net` is None for one that counts for nothing any more."""

    order: str
    net: Decimal | None
    status: str


@dataclass(frozen=True)
class Person:
    """A contact as a CRM holds it."""

    email: str
    first_name: str
    last_name: str
    phone: str


class Crm(Protocol):
    """One CRM."""

    def sales(self) -> list[Sale]:
        """All orders of the store, doubled ones twice."""

    def people(self) -> list[Person]:
        """All contacts, doubled ones twice."""

    def call(self, email: str, phone: str) -> bool:
        """A user of the CRM, who is not ours, types a contact's phone; False: there is no such contact yet."""


class _Records:
    def __init__(self, url: str) -> None:
        self._url = url

    def _rows(self, name: str) -> list[Row]:
        answer = requests.get(f"{self._url}/_sandbox/records/{name}", timeout=TIMEOUT)
        answer.raise_for_status()
        rows: list[Row] = answer.json()
        return rows


class Salesforce(_Records):
    """Rita, a sales rep, among orders and contacts."""

    def sales(self) -> list[Sale]:
        rows = [row for row in self._rows("Order") if _text(row["BC_Order_Id__c"]).startswith(STORE)]
        return [
            Sale(row["BC_Order_Id__c"].removeprefix(STORE), self._net(row), _text(row["BC_Status__c"])) for row in rows
        ]

    def _net(self, row: Row) -> Decimal | None:
        """The sum of its lines less refunds; a draft without a net was cancelled."""
        if row["Status"] == "Draft" and not row["BC_Net__c"]:
            return None
        return _money(row["TotalAmount"]) - _money(row["BC_Refunded__c"])

    def people(self) -> list[Person]:
        rows = self._rows("Contact")
        return [Person(*(_text(row[name]) for name in ("Email", "FirstName", "LastName", "Phone"))) for row in rows]

    def call(self, email: str, phone: str) -> bool:
        found = self._api("GET", "query", {"q": f"SELECT Id FROM Contact WHERE Email = '{email}'"})["records"]  # noqa: S608
        for row in found[:1]:
            self._api("PATCH", f"sobjects/Contact/{row['Id']}", body={"Phone": phone})
        return bool(found)

    @cached_property
    def _token(self) -> str:
        form = {
            "grant_type": "password", "client_id": "sandbox-client", "client_secret": "sandbox-secret",
            "username": "rita.rep@sandbox.example", "password": PASSWORD,
        }  # fmt: skip
        answer = requests.post(f"{self._url}/services/oauth2/token", data=form, timeout=TIMEOUT)
        return str(answer.json()["access_token"])

    def _api(self, method: str, path: str, params: Mapping[str, str] | None = None, body: Row | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self._token}", "Sforce-Duplicate-Rule-Header": "allowSave=true"}
        url = f"{self._url}/services/data/v66.0/{path}"
        answer = requests.request(method, url, params=params, json=body, headers=headers, timeout=TIMEOUT)
        answer.raise_for_status()
        return answer.json() if answer.content else None


class SugarCrm(_Records):
    """Sally, among opportunities and contacts."""

    def sales(self) -> list[Sale]:
        rows = [row for row in self._rows("Opportunities") if row.get("bc_order_id_c")]
        return [Sale(row["bc_order_id_c"], self._net(row), _text(row["bc_status_c"])) for row in rows]

    def _net(self, row: Row) -> Decimal | None:
        lost = "Closed Lost" in (row["sales_stage"], row.get("sales_status"))
        return None if lost else _money(row["amount"])

    def people(self) -> list[Person]:
        found = []
        for row in self._rows("Contacts"):
            email = next((_text(one["email_address"]) for one in row["email"]), "")
            found.append(Person(email, *(_text(row[name]) for name in ("first_name", "last_name", "phone_work"))))
        return found

    def call(self, email: str, phone: str) -> bool:
        body = {"filter": [{"email1": email}], "fields": "id", "max_num": 1}
        found = self._api("POST", "Contacts/filter", body)["records"]
        for row in found:
            self._api("PUT", f"Contacts/{row['id']}", {"phone_work": phone})
        return bool(found)

    @cached_property
    def _token(self) -> str:
        form = {
            "grant_type": "password", "client_id": "sugar", "client_secret": "", "platform": "base",
            "username": "sally", "password": PASSWORD,
        }  # fmt: skip
        answer = requests.post(f"{self._url}/rest/v11_24/oauth2/token", json=form, timeout=TIMEOUT)
        return str(answer.json()["access_token"])

    def _api(self, method: str, path: str, body: Row) -> Any:
        url = f"{self._url}/rest/v11_24/{path}"
        answer = requests.request(method, url, json=body, headers={"OAuth-Token": self._token}, timeout=TIMEOUT)
        answer.raise_for_status()
        return answer.json()


class SapSalesCloud(_Records):
    """Mike, a business user, among customer orders and individual customers."""

    def sales(self) -> list[Sale]:
        rows = [row for row in self._rows("CustomerOrder") if _text(row["BuyerID"]).startswith(STORE)]
        return [Sale(row["BuyerID"].removeprefix(STORE), self._net(row), _text(row["BCStatus_KUT"])) for row in rows]

    def _net(self, row: Row) -> Decimal | None:
        return None if row["CancellationReasonCode"] else _money(row["GrossAmount"])

    def people(self) -> list[Person]:
        rows = [row for row in self._rows("IndividualCustomer") if row["LifeCycleStatusCode"] != "4"]
        return [Person(*(_text(row[name]) for name in ("Email", "FirstName", "LastName", "Phone"))) for row in rows]

    def call(self, email: str, phone: str) -> bool:
        query = {"$filter": f"Email eq '{email}'", "$select": "ObjectID", "$format": "json"}
        found = self._session.get(f"{self._root}IndividualCustomerCollection", params=query, timeout=TIMEOUT).json()
        rows = found["d"]["results"]
        for row in rows[:1]:
            path = f"{self._root}IndividualCustomerCollection('{row['ObjectID']}')"
            self._session.patch(path, json={"Phone": phone}, timeout=TIMEOUT).raise_for_status()
        return bool(rows)

    @cached_property
    def _session(self) -> requests.Session:
        session = requests.Session()
        session.auth = ("mike", PASSWORD)
        answer = session.get(f"{self._root}?$format=json", headers={"x-csrf-token": "fetch"}, timeout=TIMEOUT)
        session.headers.update({"x-csrf-token": answer.headers["x-csrf-token"], "Accept": "application/json"})
        return session

    @property
    def _root(self) -> str:
        return f"{self._url}/sap/c4c/odata/v1/c4codataapi/"


CRMS: dict[str, Callable[[str], Crm]] = {
    "salesforce": Salesforce,
    "sugarcrm": SugarCrm,
    "sap-sales-cloud": SapSalesCloud,
}


def _text(value: object) -> str:
    return str(value or "")


def _money(value: object) -> Decimal:
    return Decimal(str(value or 0))
