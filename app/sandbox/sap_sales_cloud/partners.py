"""Business partners by their human ids, whatever they are: accounts, customers, contacts, employees."""

from __future__ import annotations

from typing import Any

from app.sandbox.sap_sales_cloud.errors import bad
from app.sandbox.sap_sales_cloud.followers import kind_of
from app.sandbox.sap_sales_cloud.model import EntityType
from app.sandbox.sap_sales_cloud.store import Row
from app.sandbox.sap_sales_cloud.tenant import Tenant

# kind → where to look, in order
PLACES = {
    "account": (("CorporateAccount", "AccountID"),),
    "customer": (("CorporateAccount", "AccountID"), ("IndividualCustomer", "CustomerID")),
    "contact": (("Contact", "ContactID"),),
    "employee": (("Employee", "BusinessPartnerID"),),
    "owner": (("Employee", "EmployeeID"), ("Employee", "BusinessPartnerID")),
}
PLACES["any"] = PLACES["customer"] + PLACES["contact"] + PLACES["employee"]
_NAMES = ("BusinessPartnerFormattedName", "FormattedName", "Name")


def find(tenant: Tenant, kind: str, human_id: str) -> Row | None:
    """The partner with that human id."""
    for entity, prop in PLACES[kind]:
        found: Row | None = tenant.db.tables[entity].first(prop, human_id)
        if found is not None:
            return found
    return None


def check(tenant: Tenant, entity: EntityType, values: Row) -> None:
    """400 for a partner that does not exist or is of another sort."""
    for name, party in entity.parties.items():
        given = values.get(name)
        if given and find(tenant, kind_of(name, party), given) is None:
            raise bad(f"Business partner {given} does not exist; enter a valid {name}")


def name_of(row: Row | None) -> str:
    """A partner's name."""
    return next((row[name] for name in _NAMES if row and row.get(name)), "")


def detail(row: Row | None, what: str) -> Any:
    """A partner's name, e-mail address or UUID."""
    if row is None:
        return None if what == "uuid" else ""
    if what == "name":
        return name_of(row)
    if what == "email":
        return row.get("Email", "")
    return row.get("UUID") or row.get("ContactUUID")
