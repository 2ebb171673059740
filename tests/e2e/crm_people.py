"""What people do in a CRM: other users than ours, over the vendor's own API, in our names for its fields."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar

import requests

from app.connectors.base import Ref

PASSWORD = "sandbox-password"
Json = Any


class CrmPeople:
    """Whoever works in a CRM."""

    kinds: ClassVar[Mapping[str, str]]  # of link -> their kind; "person" is the first of those that hold people
    names: ClassVar[Mapping[str, Mapping[str, str]]]  # their kind -> our field -> theirs

    def __init__(self, url: str) -> None:
        self.url = url

    def edit(self, ref: Ref, values: Mapping[str, str]) -> None:
        """Change fields of a record."""
        raise NotImplementedError

    def make(self, values: Mapping[str, str]) -> str:
        """Enter a new person; its id."""
        raise NotImplementedError

    def delete(self, ref: Ref) -> None:
        """Delete a record."""
        raise NotImplementedError

    def merge(self, kind: str, winner: str, loser: str) -> None:
        """Merge one record into another."""
        raise NotImplementedError

    def employ(self, email: str, account: Mapping[str, str]) -> tuple[Ref, Ref]:
        """Enter a corporate account and somebody who works there: both places, the account's first."""
        raise NotImplementedError

    def restore(self, ref: Ref) -> bool:
        """Take back a deletion; whether people there can."""
        raise NotImplementedError

    def rows(self, kind: str) -> list[Json]:
        """What is stored of a kind."""
        found: list[Json] = requests.get(f"{self.url}/_sandbox/records/{kind}", timeout=30).json()
        return found

    def everything(self) -> dict[str, list[Json]]:
        """All that is stored of what we follow."""
        return {kind: self.rows(kind) for kind in sorted({*self.names, *self.kinds.values()})}

    def control(self, path: str, **body: Any) -> Json:
        """A switch of the stand-in, or what people do in its pages."""
        answer = requests.post(f"{self.url}/_sandbox/{path}", json=body, timeout=30)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def translated(self, kind: str, values: Mapping[str, str]) -> dict[str, Any]:
        """Values by their names."""
        return {self.names[kind][name]: text for name, text in values.items()}


class SalesforcePeople(CrmPeople):
    """Rita, a sales rep."""

    kinds: ClassVar[Mapping[str, str]] = {
        "person": "Contact", "customer": "Contact", "account": "Account", "variant": "Product2", "order": "Order",
    }  # fmt: skip
    names: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "Contact": {"first_name": "FirstName", "last_name": "LastName", "email": "Email", "phone": "Phone"},
        "Account": {
            "company": "Name", "street_1": "BillingStreet", "city": "BillingCity", "state": "BillingState",
            "postal_code": "BillingPostalCode",
        },
        "Product2": {"name": "Name", "stock": "BC_Stock__c", "price": "UnitPrice"},
        "PricebookEntry": {},
        "Order": {"status": "BC_Status__c", "tracking_number": "BC_Tracking_Number__c", "carrier": "BC_Carrier__c"},
    }  # fmt: skip

    def edit(self, ref: Ref, values: Mapping[str, str]) -> None:
        body = self.translated(ref.kind, values)
        price = body.pop("UnitPrice", None)
        if price is not None:
            entry = next(row for row in self.rows("PricebookEntry") if row["Product2Id"] == ref.id)
            self._api("PATCH", f"PricebookEntry/{entry['Id']}", {"UnitPrice": float(price)})
        if body:
            self.control("org", edit_activated=True)  # a permission of hers, not of ours
            self._api("PATCH", f"{ref.kind}/{ref.id}", body)
            self.control("org", edit_activated=False)

    def make(self, values: Mapping[str, str]) -> str:
        return str(self._api("POST", "Contact", self.translated("Contact", values))["id"])

    def delete(self, ref: Ref) -> None:
        self._api("DELETE", f"{ref.kind}/{ref.id}")

    def merge(self, kind: str, winner: str, loser: str) -> None:
        self.control("merge", object=kind, master=winner, losers=[loser])

    def employ(self, email: str, account: Mapping[str, str]) -> tuple[Ref, Ref]:
        made = str(self._api("POST", "Account", self.translated("Account", account))["id"])
        who = {"LastName": "Clerk", "Email": email, "AccountId": made}
        return Ref("Account", made), Ref("Contact", str(self._api("POST", "Contact", who)["id"]))

    def restore(self, ref: Ref) -> bool:
        self.control("undelete", ids=[ref.id])
        self._api("PATCH", f"{ref.kind}/{ref.id}", {"Department": "Back again"})  # the control works as our own user
        return True

    @cached_property
    def _token(self) -> str:
        form = {
            "grant_type": "password", "client_id": "sandbox-client", "client_secret": "sandbox-secret",
            "username": "rita.rep@sandbox.example", "password": PASSWORD,
        }  # fmt: skip
        answer = requests.post(f"{self.url}/services/oauth2/token", data=form, timeout=30)
        return str(answer.json()["access_token"])

    def _api(self, method: str, path: str, body: Json = None) -> Json:
        headers = {"Authorization": f"Bearer {self._token}", "Sforce-Duplicate-Rule-Header": "allowSave=true"}
        address = f"{self.url}/services/data/v66.0/sobjects/{path}"
        answer = requests.request(method, address, json=body, headers=headers, timeout=30)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None


class SugarPeople(CrmPeople):
    """Sally, and Paula who may also write the catalogue."""

    kinds: ClassVar[Mapping[str, str]] = {
        "person": "Contacts", "customer": "Contacts", "account": "Accounts", "variant": "ProductTemplates",
        "order": "Opportunities",
    }  # fmt: skip
    names: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "Contacts": {"first_name": "first_name", "last_name": "last_name", "email": "email", "phone": "phone_work"},
        "Accounts": {
            "company": "name", "street_1": "billing_address_street", "city": "billing_address_city",
            "state": "billing_address_state", "postal_code": "billing_address_postalcode",
        },
        "ProductTemplates": {"name": "name", "price": "discount_price", "stock": "qty_in_stock"},
        "Opportunities": {"status": "bc_status_c", "tracking_number": "bc_tracking_c", "carrier": "bc_carrier_c"},
    }  # fmt: skip

    def edit(self, ref: Ref, values: Mapping[str, str]) -> None:
        self._api("PUT", f"{ref.kind}/{ref.id}", self._body(ref.kind, values))

    def make(self, values: Mapping[str, str]) -> str:
        return str(self._api("POST", "Contacts", self._body("Contacts", values))["id"])

    def delete(self, ref: Ref) -> None:
        self._api("DELETE", f"{ref.kind}/{ref.id}")

    def merge(self, kind: str, winner: str, loser: str) -> None:
        self.control("merge", module=kind, winner=winner, losers=[loser])

    def employ(self, email: str, account: Mapping[str, str]) -> tuple[Ref, Ref]:
        made = str(self._api("POST", "Accounts", self._body("Accounts", account))["id"])
        who = {**self._body("Contacts", {"last_name": "Clerk", "email": email}), "account_id": made}
        return Ref("Accounts", made), Ref("Contacts", str(self._api("POST", "Contacts", who)["id"]))

    def restore(self, ref: Ref) -> bool:
        return False  # its API brings nothing back

    def _body(self, kind: str, values: Mapping[str, str]) -> dict[str, Any]:
        body = self.translated(kind, values)
        if "email" in body:
            body["email"] = [{"email_address": body["email"], "primary_address": True}]
        return body

    @cached_property
    def _tokens(self) -> dict[str, str]:
        token = self._login("admin")
        paula = {"user_name": "paula", "last_name": "Products", "is_admin": True}
        answer = requests.post(f"{self.url}/rest/v11_24/Users", json=paula, headers={"OAuth-Token": token}, timeout=30)
        assert answer.ok, answer.text
        return {user: self._login(user) for user in ("sally", "paula")}

    def _login(self, user: str) -> str:
        form = {"grant_type": "password", "client_id": "sugar", "client_secret": "", "platform": "base"}
        answer = requests.post(
            f"{self.url}/rest/v11_24/oauth2/token", json={**form, "username": user, "password": PASSWORD}, timeout=30
        )
        return str(answer.json()["access_token"])

    def _api(self, method: str, path: str, body: Json = None) -> Json:
        user = "paula" if path.startswith("ProductTemplates") else "sally"
        answer = requests.request(
            method, f"{self.url}/rest/v11_24/{path}", json=body, headers={"OAuth-Token": self._tokens[user]}, timeout=30
        )
        assert answer.ok, answer.text
        return answer.json() if answer.content else None


class SapPeople(CrmPeople):
    """Mike, a business user."""

    kinds: ClassVar[Mapping[str, str]] = {
        "person": "IndividualCustomer", "customer": "IndividualCustomer", "variant": "Product",
        "order": "CustomerOrder",
    }  # fmt: skip
    names: ClassVar[Mapping[str, Mapping[str, str]]] = {
        "IndividualCustomer": {
            "first_name": "FirstName", "last_name": "LastName", "email": "Email", "phone": "Phone",
            "company": "CareOfName", "street_1": "Street", "city": "City", "state": "County",
            "postal_code": "StreetPostalCode",
        },
        "Contact": {"first_name": "FirstName", "last_name": "LastName", "email": "Email", "phone": "Phone"},
        "Product": {"name": "Description", "price": "BCPrice_KUT", "stock": "BCStock_KUT"},
        "CustomerOrder": {
            "status": "BCStatus_KUT", "tracking_number": "BCTrackingNumber_KUT", "carrier": "BCCarrier_KUT",
        },
    }  # fmt: skip

    def edit(self, ref: Ref, values: Mapping[str, str]) -> None:
        self._api("PATCH", f"{ref.kind}Collection('{ref.id}')", self.translated(ref.kind, values))

    def make(self, values: Mapping[str, str]) -> str:
        body = {**self.translated("IndividualCustomer", values), "RoleCode": "CRM000"}
        return str(self._api("POST", "IndividualCustomerCollection", body)["d"]["results"]["ObjectID"])

    def delete(self, ref: Ref) -> None:
        """SAP deletes no customers: they become obsolete."""
        self._api("PATCH", f"{ref.kind}Collection('{ref.id}')", {"LifeCycleStatusCode": "4"})

    def merge(self, kind: str, winner: str, loser: str) -> None:
        self.control("merge", entity=kind, winner=winner, loser=loser)

    def employ(self, email: str, account: Mapping[str, str]) -> tuple[Ref, Ref]:
        words = {"company": "Name", "street_1": "Street", "city": "City", "postal_code": "StreetPostalCode"}
        body = {**{words[name]: text for name, text in account.items() if name in words}, "RoleCode": "CRM000"}
        made = self._api("POST", "CorporateAccountCollection", body)["d"]["results"]
        who = {"LastName": "Clerk", "Email": email, "AccountID": made["AccountID"]}
        contact = self._api("POST", "ContactCollection", who)["d"]["results"]
        return Ref("CorporateAccount", made["ObjectID"]), Ref("Contact", contact["ObjectID"])

    def restore(self, ref: Ref) -> bool:
        self._api("PATCH", f"{ref.kind}Collection('{ref.id}')", {"LifeCycleStatusCode": "2"})
        return True

    @cached_property
    def _session(self) -> requests.Session:
        session = requests.Session()
        session.auth = ("mike", PASSWORD)
        answer = session.get(f"{self._root}?$format=json", headers={"x-csrf-token": "fetch"}, timeout=30)
        session.headers["x-csrf-token"] = answer.headers["x-csrf-token"]
        session.headers["Accept"] = "application/json"
        return session

    @property
    def _root(self) -> str:
        return f"{self.url}/sap/c4c/odata/v1/c4codataapi/"

    def _api(self, method: str, path: str, body: Json) -> Json:
        answer = self._session.request(method, self._root + path, json=body, timeout=30)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None


PEOPLE: Mapping[str, type[CrmPeople]] = {
    "salesforce": SalesforcePeople,
    "sugarcrm": SugarPeople,
    "sap-sales-cloud": SapPeople,
}
