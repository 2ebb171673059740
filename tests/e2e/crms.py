"""The CRMs' own records, read past their APIs, in one set of words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Protocol

import requests
from flask import Flask

from app.connectors.sap_sales_cloud.names import EXTENSIONS
from app.connectors.sugarcrm.schema import FIELDS
from app.sandbox import salesforce, sap_sales_cloud, sugarcrm
from app.sandbox.kit import Options

Row = dict[str, Any]
D = Decimal
HASH = "sandbox1-"
STUDIO = {"TextField": "varchar", "Currency": "currency", "DateTime": "datetime"}
OPEN, WON, LOST = "open", "won", "lost"


@dataclass(frozen=True)
class Person:
    """A contact; `account` is its account's name, `group` the customer group it shows."""

    email: str
    account: str
    group: str


@dataclass(frozen=True, order=True)
class Lead:
    """A lead; `person` is the e-mail of the contact that it became."""

    email: str
    state: str
    person: str = ""


@dataclass(frozen=True)
class Sale:
    """An order; `account` is the name of the account that it is on."""

    number: str
    currency: str
    gross: Decimal
    refunded: Decimal
    status: str
    tracking: str
    channel: str
    account: str


@dataclass(frozen=True)
class Deal:
    """An opportunity; `order` is our number of the order that it stands for, if any."""

    state: str
    amount: Decimal
    order: str


class Crm(Protocol):
    """One CRM's records."""

    sales_are_deals: ClassVar[bool]  # orders are opportunities there
    has_categories: ClassVar[bool]
    account_types: ClassVar[tuple[str, str]]  # two of those that accounts can have
    url: str

    def furnish(self) -> None:
        """What an administrator does beforehand."""

    def people(self) -> list[Person]: ...

    def leads(self) -> list[Lead]: ...

    def sales(self) -> list[Sale]: ...

    def deals(self) -> list[Deal]: ...

    def accounts(self) -> list[str]:
        """Their names."""

    def types(self) -> list[str]:
        """The types of the accounts."""

    def categories(self) -> list[str]:
        """The names of categories that are records."""

    def activities(self) -> list[str]:
        """The subjects of completed tasks and notes."""


class _Rows:
    def __init__(self, url: str) -> None:
        self.url = url

    def rows(self, name: str) -> list[Row]:
        """All records of an object."""
        found: list[Row] = requests.get(f"{self.url}/_sandbox/records/{name}", timeout=30).json()
        return found

    def control(self, path: str, body: Row) -> None:
        """A switch of the stand-in."""
        requests.post(f"{self.url}/_sandbox/{path}", json=body, timeout=30).raise_for_status()


def _text(value: object) -> str:
    return str(value or "")


def _number(value: object) -> Decimal:
    return D(str(value or 0)).normalize() + 0


class SalesforceOrg(_Rows):
    """Orders are orders, activated; opportunities beside them on request."""

    sales_are_deals: ClassVar[bool] = False
    has_categories: ClassVar[bool] = False  # but a text on the product
    account_types: ClassVar[tuple[str, str]] = ("Customer - Direct", "Customer - Channel")

    def furnish(self) -> None:
        """Nothing: fields are made by us."""

    def _names(self) -> dict[str, str]:
        return {row["Id"]: row["Name"] for row in self.rows("Account")}

    def people(self) -> list[Person]:
        names = self._names()
        return [
            Person(_text(row["Email"]), names.get(row["AccountId"], ""), _text(row["BC_Customer_Group__c"]))
            for row in self.rows("Contact")
        ]

    def leads(self) -> list[Lead]:
        emails = {row["Id"]: _text(row["Email"]) for row in self.rows("Contact")}
        return [
            Lead(
                _text(row["Email"]),
                WON if row["IsConverted"] else LOST if row["Status"].startswith("Closed") else OPEN,
                emails.get(row["ConvertedContactId"], ""),
            )
            for row in self.rows("Lead")
        ]

    def sales(self) -> list[Sale]:
        names = self._names()
        return [
            Sale(
                row["BC_Order_Id__c"].removeprefix(HASH), row["BC_Currency__c"], _number(row["TotalAmount"]),
                _number(row["BC_Refunded__c"]), row["BC_Status__c"], _text(row["BC_Tracking_Number__c"]),
                _text(row["BC_Channel__c"]), names[row["AccountId"]],
            )
            for row in self.rows("Order")
        ]  # fmt: skip

    def deals(self) -> list[Deal]:
        states = {"Closed Won": WON, "Closed Lost": LOST}
        return [
            Deal(
                states.get(row["StageName"], OPEN), _number(row["Amount"]),
                _text(row["BC_Order_Id__c"]).removeprefix(HASH),
            )
            for row in self.rows("Opportunity")
        ]  # fmt: skip

    def accounts(self) -> list[str]:
        return list(self._names().values())

    def types(self) -> list[str]:
        return [_text(row["Type"]) for row in self.rows("Account")]

    def categories(self) -> list[str]:
        return []

    def activities(self) -> list[str]:
        return [row["Subject"] for row in self.rows("Task") if row["Status"] == "Completed"]


class SugarInstance(_Rows):
    """Orders are opportunities."""

    sales_are_deals: ClassVar[bool] = True
    has_categories: ClassVar[bool] = True
    account_types: ClassVar[tuple[str, str]] = ("Integrator", "Analyst")

    def furnish(self) -> None:
        """Our fields, and the store's currencies."""
        for one in FIELDS:
            self.control("fields", {"module": one.module, "name": one.name, "type": STUDIO[one.type]})
        rest = f"{self.url}/rest/v11_24"
        form = {"grant_type": "password", "client_id": "sugar", "client_secret": "", "platform": "base"}
        form |= {"username": "admin", "password": "sandbox-password"}
        token = requests.post(f"{rest}/oauth2/token", json=form, timeout=30).json()["access_token"]
        for code, rate in (("JPY", "150"), ("KWD", "0.31")):
            body = {"name": code, "iso4217": code, "symbol": code, "conversion_rate": rate, "status": "Active"}
            answer = requests.post(f"{rest}/Currencies", json=body, headers={"OAuth-Token": token}, timeout=30)
            assert answer.ok, answer.text

    def _names(self) -> dict[str, str]:
        return {row["id"]: row["name"] for row in self.rows("Accounts")}

    def people(self) -> list[Person]:
        names = self._names()
        return [
            Person(self._email(row), names.get(row["account_id"], ""), _text(row["bc_group_c"]))
            for row in self.rows("Contacts")
        ]

    def leads(self) -> list[Lead]:
        emails = {row["id"]: self._email(row) for row in self.rows("Contacts")}
        return [
            Lead(
                self._email(row),
                WON if row["converted"] else LOST if row["status"] == "Dead" else OPEN,
                emails.get(row["contact_id"], ""),
            )
            for row in self.rows("Leads")
        ]

    def sales(self) -> list[Sale]:
        names, codes = self._names(), {row["id"]: row["iso4217"] for row in self.rows("Currencies")}
        return [
            Sale(
                row["bc_order_id_c"], codes[row["currency_id"]], _number(row["bc_gross_c"]),
                _number(row["bc_refunded_c"]), _text(row["bc_status_c"]), _text(row["bc_tracking_c"]),
                _text(row["bc_channel_c"]), names[row["account_id"]],
            )
            for row in self.rows("Opportunities")
            if row["bc_order_id_c"]
        ]  # fmt: skip

    def deals(self) -> list[Deal]:
        states = {"Closed Won": WON, "Closed Lost": LOST}
        return [
            Deal(states.get(row["sales_stage"], OPEN), _number(row["amount"]), _text(row["bc_order_id_c"]))
            for row in self.rows("Opportunities")
        ]

    def accounts(self) -> list[str]:
        return list(self._names().values())

    def types(self) -> list[str]:
        return [_text(row["account_type"]) for row in self.rows("Accounts")]

    def categories(self) -> list[str]:
        return [row["name"] for row in self.rows("ProductCategories")]

    def activities(self) -> list[str]:
        tasks = [row["name"] for row in self.rows("Tasks") if row["status"] == "Completed"]
        return [*tasks, *(row["name"] for row in self.rows("Notes"))]

    @staticmethod
    def _email(row: Row) -> str:
        return next((_text(one["email_address"]) for one in row["email"]), "")


class SapTenant(_Rows):
    """Orders are sales orders; opportunities beside them on request."""

    sales_are_deals: ClassVar[bool] = False
    has_categories: ClassVar[bool] = False
    account_types: ClassVar[tuple[str, str]] = ("Shop Customer", "Prospect")

    def furnish(self) -> None:
        """Our fields."""
        for entity, names in EXTENSIONS.items():
            for name in names.values():
                self.control("fields", {"entity": entity, "name": name.removesuffix("_KUT")})

    def _names(self) -> dict[str, str]:
        people = {row["CustomerID"]: row["FormattedName"] for row in self.rows("IndividualCustomer")}
        return {**people, **{row["AccountID"]: row["Name"] for row in self.rows("CorporateAccount")}}

    def people(self) -> list[Person]:
        """Individual customers are their own accounts."""
        names = self._names()
        alone = [Person(row["Email"], row["FormattedName"], row["BCGroup_KUT"]) for row in self._individuals()]
        contacts = [row for row in self.rows("Contact") if row["StatusCode"] != "4"]
        theirs = (Person(row["Email"], names.get(row["AccountID"], ""), row["BCGroup_KUT"]) for row in contacts)
        return [*alone, *theirs]

    def leads(self) -> list[Lead]:
        states = {"Converted": WON, "Accepted": WON, "Qualified": WON, "Declined": LOST}
        emails = {row["CustomerID"]: row["Email"] for row in self.rows("IndividualCustomer")}
        return [
            Lead(
                row["IndividualCustomerEMail"],
                states.get(row["UserStatusCodeText"], OPEN),
                emails.get(row["AccountPartyID"], ""),
            )
            for row in self.rows("Lead")
        ]

    def sales(self) -> list[Sale]:
        names = self._names()
        return [
            Sale(
                row["BuyerID"].removeprefix(HASH), row["CurrencyCode"], _number(row["BCTotal_KUT"]),
                _number(row["BCRefunded_KUT"]), row["BCStatus_KUT"], row["BCTrackingNumber_KUT"], row["BCChannel_KUT"],
                names[row["BuyerPartyID"]],
            )
            for row in self.rows("CustomerOrder")
        ]  # fmt: skip

    def deals(self) -> list[Deal]:
        states = {"Won": WON, "Lost": LOST}
        return [
            Deal(
                states.get(row["LifeCycleStatusCodeText"], OPEN), _number(row["ExpectedRevenueAmount"]),
                "" if "cart-" in row["ExternalID"] else row["ExternalID"].removeprefix(HASH),
            )
            for row in self.rows("Opportunity")
        ]  # fmt: skip

    def accounts(self) -> list[str]:
        individuals = [row["FormattedName"] for row in self._individuals()]
        return [*individuals, *(row["Name"] for row in self.rows("CorporateAccount"))]

    def types(self) -> list[str]:
        return [row["RoleCodeText"] for row in self._individuals()]

    def categories(self) -> list[str]:
        return []

    def activities(self) -> list[str]:
        return [row["Subject"] for row in self.rows("Tasks")]

    def _individuals(self) -> list[Row]:
        return [row for row in self.rows("IndividualCustomer") if row["LifeCycleStatusCode"] != "4"]


CRMS: dict[str, tuple[Callable[[Options], Flask], Callable[[str], Crm]]] = {
    "salesforce": (salesforce.create_app, SalesforceOrg),
    "sugarcrm": (sugarcrm.create_app, SugarInstance),
    "sap-sales-cloud": (sap_sales_cloud.create_app, SapTenant),
}  # stand-in and reader
