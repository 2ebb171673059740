"""SAP Sales Cloud, as the suite for every connector has it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, ClassVar

import requests

from app.connectors.base import Preparation
from app.connectors.sap_sales_cloud.connector import SapSalesCloud
from app.connectors.sap_sales_cloud.names import EXTENSIONS
from app.domain import Order
from app.http import HttpSession
from tests.contract.rig import Ability, Json, Money, Rig, There
from tests.contract.sap_sales_cloud.tenant import PASSWORD, Tenant

ENTITIES = {
    "customer": "IndividualCustomer", "order": "CustomerOrder", "product": "Product", "company": "CorporateAccount",
    "cart": "Lead", "message": "Tasks",
}  # fmt: skip
STATUS = {"customer": "LifeCycleStatusCode", "company": "LifeCycleStatusCode", "product": "Status"}
OBSOLETE = "4"
PAGE = 1000
_KEY = re.compile(r"\[(.*)\]$")


@dataclass
class SapRig(Rig):
    """A tenant with nothing of ours in it."""

    vendor = "sap-sales-cloud"
    lacks: ClassVar[Mapping[Ability, str]] = {
        Ability.ANY_SPELLING: "its filters compare case: asked for are the spellings that people use",
        Ability.CATEGORIES: "product categories are the tenant's own hierarchy",
        Ability.RENEWAL: "user and password are sent with every call: there is no session, and nothing to renew",
    }
    objects = (
        "IndividualCustomer", "IndividualCustomerIdentification", "CorporateAccount", "Contact", "Product",
        "CustomerOrder", "CustomerOrderItem", "Lead", "Opportunity", "Tasks",
    )  # fmt: skip
    pages = (("app.connectors.sap_sales_cloud.wayback.PAGE", 3),)
    most_calls = 9
    data = "$batch"
    throttled: ClassVar[Mapping[str, Any]] = {"status": 429}

    def __post_init__(self) -> None:
        self.tenant = Tenant(self.url)
        self._own: list[str] = []  # products that we made when we were connected

    @property
    def place(self) -> Tenant:
        return self.tenant

    @property
    def connector(self) -> SapSalesCloud:
        return self.tenant.sap

    @property
    def session(self) -> HttpSession:
        return self.connector.client._session

    @property
    def renewals(self) -> int:
        return 0

    def start(self) -> Preparation:
        is_new = self.kept is None
        preparation = super().start()
        if is_new:
            rows = requests.get(f"{self.url}/_sandbox/records/Product", timeout=10).json()
            self._own = [row["ObjectID"] for row in rows]
        return preparation

    def empty(self) -> bool:
        self.tenant.control("empty", entities=self.objects, keep=self._own)
        self.tenant.control("settings", page_size=PAGE)
        return True

    def secrets(self) -> tuple[str, ...]:
        return (self.tenant.account.access_token, PASSWORD)

    def open(self, **switches: bool) -> None:
        self.tenant.open(**switches)

    def there(self, kind: str) -> list[There]:
        rows = [row for row in self.tenant.rows(ENTITIES[kind]) if not self._is_obsolete(kind, row)]
        return [self._there(kind, row) for row in rows]

    def _is_obsolete(self, kind: str, row: Json) -> bool:
        return kind in STATUS and row[STATUS[kind]] == OBSOLETE

    def _there(self, kind: str, row: Json) -> There:
        there = row["ObjectID"]
        match kind:
            case "customer":
                return There(there, self._number("IndividualCustomer", there), row["FirstName"])
            case "company":
                return There(there, self._number("CorporateAccount", there).removeprefix("company-"), row["Name"])
            case "order":
                live = not row["CancellationReasonCode"] and "(" not in row["Name"]
                return There(there, self._ours(row["BuyerID"]), f"{Decimal(row['GrossAmount']):.2f}", live)
            case "product":
                return There(there, row["ProductID"].removeprefix("SKU-"), row["Description"], row["Status"] == "2")
            case "cart":
                live = row["UserStatusCodeText"] != "Declined"
                key = self._ours(row["ExternalID"]).removeprefix("cart-")
                return There(there, key, f"{Decimal(row['ExpectedRevenueAmount']):.2f}", live)
        subject = row["Subject"]
        told = _KEY.search(subject)
        shows = _KEY.sub("", subject).rpartition(": ")[2].strip()
        return There(there, self._ours(told[1]) if told else "", shows)

    def _number(self, entity: str, there: str) -> str:
        rows = self.tenant.rows(f"{entity}Identification")
        return next((self._ours(row["IDNumber"]) for row in rows if row["ParentObjectID"] == there), "")

    def _ours(self, key: str) -> str:
        return key.removeprefix(f"{self.tenant.store}-")

    def money(self, order_id: str) -> Money:
        row = self.tenant.row("CustomerOrder", BuyerID=f"{self.tenant.store}-{order_id}")
        amounts = {key: Decimal(item["NetAmount"]) for key, item in self.tenant.items(order_id).items()}
        refunded = -sum((amount for key, amount in amounts.items() if key.startswith("refund-")), Decimal(0))
        assert Decimal(row["GrossAmount"]) == sum(amounts.values())
        return Money(row["CurrencyCode"], sum(amounts.values()) + refunded, refunded)

    def lines(self, order_id: str) -> set[str]:
        return {key for key in self.tenant.items(order_id) if not key.startswith("refund-")}

    def edit(self, kind: str, record_id: str) -> dict[str, str]:
        names = {"customer": ("Phone", "phone"), "product": ("Description", "name"), "company": ("Phone", "phone")}
        field, ours = names[kind]
        self.tenant.edit(ENTITIES[kind], record_id, **{field: "999"})
        return {ours: "999"}

    def remove(self, kind: str, record_id: str) -> None:
        """Master data cannot be deleted: people make it obsolete."""
        if kind in STATUS:
            self.tenant.edit(ENTITIES[kind], record_id, **{STATUS[kind]: OBSOLETE})
        else:
            self.tenant.api("DELETE", f"{ENTITIES[kind]}Collection('{record_id}')")

    def merge(self, winner: str, loser: str) -> None:
        self.tenant.control("merge", entity="IndividualCustomer", winner=winner, loser=loser)

    def person(self, email: str, **names: str) -> str:
        values = {"LastName": names.get("last_name", "Doe"), "Email": email, "RoleCode": "CRM000"}
        return str(self.tenant.make("IndividualCustomer", **values)["ObjectID"])

    def owner(self, kind: str) -> str:
        return str(self.tenant.row(ENTITIES[kind])["OwnerPartyID" if kind == "cart" else "OwnerID"])

    def expire(self) -> None:
        raise NotImplementedError

    def end(self) -> None:
        self.fail(status=401, times=99)

    def lock(self, order_id: str) -> None:
        row = self.tenant.row("CustomerOrder", BuyerID=f"{self.tenant.store}-{order_id}")
        self.tenant.control("lock", entity="CustomerOrder", id=row["ObjectID"], times=1)

    def refuse(self) -> None:
        """It refuses currencies that it does not know."""

    def bad(self, record: Order) -> Order:
        return replace(record, currency="XQX")

    def field_of_bad(self) -> str:
        return "CurrencyCode"

    def currencies(self) -> None:
        """It knows all of them."""

    def small(self, cursor: str) -> str:
        self.tenant.control("settings", page_size=2)
        return json.dumps({**json.loads(cursor), "top": 4})

    def prepare_fully(self) -> None:
        self.kept = None
        for entity, words in EXTENSIONS.items():
            for name in words.values():
                self.tenant.control("fields", entity=entity, name=name.removesuffix("_KUT"), length=120)
        self.tenant.connect()
        self.open()
