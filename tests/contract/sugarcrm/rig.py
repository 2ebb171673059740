"""SugarCRM, as the suite for every connector has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, ClassVar

from app.connectors.sugarcrm.connector import SugarCrm
from app.domain import Order
from app.domain.order import Stage
from app.http import HttpSession
from tests.contract.rig import Ability, Json, Money, Rig, There
from tests.contract.sugarcrm.instance import PASSWORD, Instance

REP, ADMIN = "sally", "other.admin"
MODULES = {
    "customer": "Contacts", "order": "Opportunities", "product": "ProductTemplates", "company": "Accounts",
    "cart": "Leads", "message": "Notes", "category": "ProductCategories",
}  # fmt: skip
MARKS = {"company": "company-", "cart": "cart-", "message": "message-", "category": "category-"}


@dataclass
class SugarRig(Rig):
    """An instance as it is shipped."""

    vendor = "sugarcrm"
    lacks: ClassVar[Mapping[Ability, str]] = {
        Ability.LOCKS: "it locks no records: the last writer wins",
        Ability.MERGES_TOLD: "merging deletes the loser, and neither record says so",
    }
    objects = (
        "Accounts", "Contacts", "Leads", "Opportunities", "RevenueLineItems", "ProductTemplates", "ProductCategories",
        "Notes", "Tasks", "Quotes",
    )  # fmt: skip
    pages = (("app.connectors.sugarcrm.reading.PAGE", 3), ("app.connectors.sugarcrm.client.PAGE", 1))
    most_calls = 20
    data = "/bulk"
    throttled: ClassVar[Mapping[str, Any]] = {"status": 429}

    def __post_init__(self) -> None:
        self.instance = Instance(self.url)

    @property
    def place(self) -> Instance:
        return self.instance

    @property
    def connector(self) -> SugarCrm:
        return self.instance.crm

    @property
    def session(self) -> HttpSession:
        return self.connector.client._session

    @property
    def renewals(self) -> int:
        return self.instance.renewals

    def start(self) -> Any:
        self.instance.renewals = 0
        return super().start()

    def secrets(self) -> tuple[str, ...]:
        return (self.instance.account.access_token, PASSWORD)

    def open(self, **switches: bool) -> None:
        self.instance.switches = {**self.instance.switches, **switches}
        self.instance.open()

    def there(self, kind: str) -> list[There]:
        rows = self.instance.rows(MODULES[kind])
        if kind == "company":
            rows = [row for row in rows if (row["sync_key"] or "").startswith(f"{self.instance.store}-company-")]
        return [self._there(kind, row) for row in rows]

    def _there(self, kind: str, row: Json) -> There:
        key = (row["sync_key"] or "").removeprefix(f"{self.instance.store}-").removeprefix(MARKS.get(kind, ""))
        match kind:
            case "customer":
                return There(row["id"], key, row["first_name"])
            case "order":
                return There(row["id"], key, f"{Decimal(row['amount']):.2f}", row["sales_status"] != "Closed Lost")
            case "product":
                return There(row["id"], key, row["name"], row["status"] == "Available")
            case "cart":
                return There(row["id"], key, row["opportunity_amount"].split()[0], row["status"] != "Dead")
        return There(row["id"], key, row["name"])

    def money(self, order_id: str) -> Money:
        deal = self.instance.row("Opportunities", sync_key=f"{self.instance.store}-{order_id}")
        rows = [row for row in self.instance.rows("RevenueLineItems") if row["opportunity_id"] == deal["id"]]
        amounts = [(row["name"].startswith("Refund"), Decimal(row["likely_case"])) for row in rows]
        assert sum(amount for _, amount in amounts) == Decimal(deal["amount"])
        currency = self.instance.row("Currencies", id=deal["currency_id"])["iso4217"]
        gross = sum((amount for is_refund, amount in amounts if not is_refund), Decimal(0))
        return Money(currency, gross, -sum((amount for is_refund, amount in amounts if is_refund), Decimal(0)))

    def lines(self, order_id: str) -> set[str]:
        own = f"{self.instance.store}-{order_id}"
        deal = self.instance.row("Opportunities", sync_key=own)
        rows = [row for row in self.instance.rows("RevenueLineItems") if row["opportunity_id"] == deal["id"]]
        keys = [row["sync_key"].removeprefix(f"{own}-") for row in rows if not row["name"].startswith("Refund")]
        assert len(set(keys)) == len(keys), keys
        return set(keys)

    def edit(self, kind: str, record_id: str) -> dict[str, str]:
        names = {"customer": ("phone_work", "phone"), "product": ("name", "name"), "company": ("phone_office", "phone")}
        field, ours = names[kind]
        user = self._administrator() if kind == "product" else REP  # others may not write the catalogue
        self.instance.control("clock", advance_seconds=60)
        self.instance.api("PUT", f"/{MODULES[kind]}/{record_id}", {field: "999"}, user=user)
        return {ours: "999"}

    def _administrator(self) -> str:
        if not any(row["user_name"] == ADMIN for row in self.instance.rows("Users")):
            values = {"user_name": ADMIN, "last_name": "Other", "is_admin": True, "status": "Active"}
            self.instance.make("Users", **values)
        return ADMIN

    def remove(self, kind: str, record_id: str) -> None:
        self.instance.api("DELETE", f"/{MODULES[kind]}/{record_id}")

    def merge(self, winner: str, loser: str) -> None:
        self.instance.control("merge", module="Contacts", winner=winner, losers=[loser])

    def person(self, email: str, **names: str) -> str:
        there = [{"email_address": email, "primary_address": True}]
        return self.instance.make("Contacts", last_name=names.get("last_name", "Doe"), email=there)

    def owner(self, kind: str) -> str:
        return str(self.instance.row("Leads" if kind == "cart" else "Accounts")["assigned_user_id"])

    def expire(self) -> None:
        self.instance.control("session/expire")

    def end(self) -> None:
        self.expire()
        self.instance.refresh_token = "{}"

    def lock(self, order_id: str) -> None:
        raise NotImplementedError

    def refuse(self) -> None:
        """A value is taken out of a dropdown that we have read."""
        self.instance.control("settings", strict_dropdowns=True)
        stages = {"Opportunities.sales_stage": ["Closed Won", "Taken Out"]}
        self.instance.facts["values"] = {**self.instance.facts["values"], **stages}
        self.open()

    def bad(self, record: Order) -> Order:
        return replace(record, stage=Stage.PENDING)

    def field_of_bad(self) -> str:
        return "sales_stage"

    def currencies(self) -> None:
        self.instance.make("Currencies", name="Yen", iso4217="JPY", symbol="Y", conversion_rate="150", status="Active")
        self.instance.connect()
        self.open()

    def prepare_fully(self) -> None:
        self.instance.make_fields()
        self.instance.connect()
        self.open()
