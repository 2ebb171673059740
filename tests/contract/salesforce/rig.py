"""Salesforce, as the suite for every connector has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, ClassVar

import requests

from app.connectors.base import Preparation
from app.connectors.salesforce.connector import Salesforce
from app.domain import Order
from app.http import HttpSession
from tests.contract.rig import Ability, Json, Money, Rig, There
from tests.contract.salesforce.org import REP, Org, token_of

REFUSED = "Refused"
OBJECTS = {"customer": "Contact", "order": "Order", "product": "Product2", "company": "Account"}


@dataclass
class SalesforceRig(Rig):
    """An org with its shipped settings."""

    vendor = "salesforce"
    lacks: ClassVar[Mapping[Ability, str]] = {
        Ability.CATEGORIES: "a product's category is the text of its Family, no record",
        Ability.RETRY_AFTER: "its limits answer 403 without Retry-After, and the connector chooses the pause",
    }
    objects = (
        "Account", "Contact", "Product2", "PricebookEntry", "Order", "OrderItem", "Lead", "Task", "Opportunity",
    )  # fmt: skip
    pages = (("app.connectors.salesforce.changes.PAGE", 3), ("app.sandbox.salesforce.rest_query.PAGE", 1))
    most_calls = 12
    data = "/services/data"
    throttled: ClassVar[Mapping[str, Any]] = {"status": 403}

    def __post_init__(self) -> None:
        self.org = Org(self.url)
        self._token = ""

    @property
    def place(self) -> Org:
        return self.org

    @property
    def connector(self) -> Salesforce:
        assert self.org.target is not None
        return self.org.target

    @property
    def session(self) -> HttpSession:
        return self.connector.client._session

    @property
    def renewals(self) -> int:
        return self.org.renewals

    def start(self) -> Preparation:
        self.org.renewals = 0
        return super().start()

    def empty(self) -> bool:
        self.org.control("empty", objects=self.objects)
        self.org.control("org", validation_rules=[])
        return True

    def secrets(self) -> tuple[str, ...]:
        return (self.org.account.access_token, self.org.refresh_token)

    def open(self, **switches: bool) -> None:
        self.org.switches = {**{one.name: one.default for one in Salesforce.options}, **self.org.switches, **switches}
        self.org.open()

    def there(self, kind: str) -> list[There]:
        match kind:
            case "customer":
                return [self._there(row, "BC_Customer_Id__c", row["FirstName"]) for row in self.org.rows("Contact")]
            case "order":
                return [
                    self._there(row, "BC_Order_Id__c", f"{row['TotalAmount']:.2f}", not row["BC_Archived__c"])
                    for row in self.org.rows("Order")
                ]
            case "product":
                found = [
                    self._there(row, "BC_Variant_Id__c", row["Name"], row["IsActive"])
                    for row in self.org.rows("Product2")
                ]
                return [one for one in found if not one.key.startswith(("charge:", "placeholder"))]
            case "company":
                rows = [row for row in self.org.rows("Account") if row["BC_Company_Id__c"]]
                return [self._there(row, "BC_Company_Id__c", row["Name"]) for row in rows]
            case "cart":
                return [
                    self._there(row, "BC_Cart_Id__c", f"{row['BC_Amount__c']:.2f}", not row["Status"].startswith("Clo"))
                    for row in self.org.rows("Lead")
                ]
        rows = self.org.rows("Task")
        return [
            self._there(row, "BC_Activity_Id__c", row["Subject"].rpartition(": ")[2], mark="message-") for row in rows
        ]

    def _there(self, row: Json, key: str, shows: str, live: bool = True, mark: str = "") -> There:
        return There(row["Id"], (row[key] or "").removeprefix(f"{self.org.store}-").removeprefix(mark), shows, live)

    def money(self, order_id: str) -> Money:
        row = self.org.row("Order", BC_Order_Id__c=f"{self.org.store}-{order_id}")
        return Money(row["BC_Currency__c"], _decimal(row["TotalAmount"]), _decimal(row["BC_Refunded__c"]))

    def lines(self, order_id: str) -> set[str]:
        own = f"{self.org.store}-{order_id}"
        order = self.org.row("Order", BC_Order_Id__c=own)
        items = [row for row in self.org.rows("OrderItem") if row["OrderId"] == order["Id"]]
        return _once([row["BC_Line_Id__c"].removeprefix(f"{own}-") for row in items])

    def edit(self, kind: str, record_id: str) -> dict[str, str]:
        field, ours = {"customer": ("Phone", "phone"), "product": ("Name", "name"), "company": ("Phone", "phone")}[kind]
        self.by_hand("PATCH", f"/sobjects/{OBJECTS[kind]}/{record_id}", {field: "999"})
        return {ours: "999"}

    def remove(self, kind: str, record_id: str) -> None:
        name = {**OBJECTS, "cart": "Lead", "message": "Task"}[kind]
        if kind == "order":
            self.by_hand("PATCH", f"/sobjects/Order/{record_id}", {"Status": "Draft"})
        self.by_hand("DELETE", f"/sobjects/{name}/{record_id}")

    def merge(self, winner: str, loser: str) -> None:
        self.org.control("merge", object="Contact", master=winner, losers=[loser])

    def person(self, email: str, **names: str) -> str:
        account = self.by_hand("POST", "/sobjects/Account", {"Name": "House"})["id"]
        values = {"LastName": names.get("last_name", "Doe"), "Email": email, "AccountId": account}
        return str(self.by_hand("POST", "/sobjects/Contact", values)["id"])

    def owner(self, kind: str) -> str:
        return str(self.org.row("Lead" if kind == "cart" else "Account")["OwnerId"])

    def expire(self) -> None:
        self.kept = None
        self._token = ""
        self.org.control("session/expire")

    def end(self) -> None:
        self.expire()
        self.org.refresh_token = "spent"

    def lock(self, order_id: str) -> None:
        row = self.org.row("Order", BC_Order_Id__c=f"{self.org.store}-{order_id}")
        self.org.control("lock", ids=[row["Id"]], times=1)

    def refuse(self) -> None:
        rule = {"object": "Order", "where": f"BC_Status__c = '{REFUSED}'", "message": "No!", "field": "Description"}
        self.org.control("org", validation_rules=[rule])

    def bad(self, record: Order) -> Order:
        return replace(record, status=REFUSED)

    def field_of_bad(self) -> str:
        return "Description"

    def currencies(self) -> None:
        """An org with one currency keeps the order's own beside the amounts."""

    def prepare_fully(self) -> None:
        """We made all fields ourselves."""

    def by_hand(self, method: str, path: str, body: Json = None) -> Json:
        if not self._token:
            self._token = token_of(self.url, REP)
        headers = {
            "Authorization": f"Bearer {self._token}", "Sforce-Duplicate-Rule-Header": "allowSave=true",
        }  # fmt: skip
        url = f"{self.url}/services/data/v66.0{path}"
        answer = requests.request(method, url, json=body, headers=headers, timeout=10)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None


def _once(keys: list[str]) -> set[str]:
    assert len(set(keys)) == len(keys), keys
    return set(keys)


def _decimal(value: Any) -> Decimal:
    return Decimal(str(value or 0))
