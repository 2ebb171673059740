"""What a fresh tenant holds: employees and users, and with seed=demo a few partners, products and tickets."""

from __future__ import annotations

from typing import Any

from app.sandbox.sap_sales_cloud import writes
from app.sandbox.sap_sales_cloud.saving import Save, saving
from app.sandbox.sap_sales_cloud.store import Row
from app.sandbox.sap_sales_cloud.tenant import Tenant
from app.sandbox.sap_sales_cloud.users import OTHERS, USERS, User

OPEN_END = "9999-12-31T00:00:00"
START = "2020-01-01T00:00:00"
ENDED = "2024-06-30T00:00:00"
ACCOUNTS: tuple[tuple[dict[str, str], dict[str, str]], ...] = (
    (
        {
            "Name": "Harbour Lane Gifts", "CountryCode": "GB", "City": "Bristol", "Street": "Harbour Lane",
            "HouseNumber": "12", "StreetPostalCode": "BS1 4DJ", "Phone": "+44 20 7946 0101",
            "Email": "office@harbourlane.example", "OwnerID": "E1000",
        },
        {"FirstName": "Olivia", "LastName": "Marsh", "Email": "olivia.marsh@harbourlane.example"},
    ),
    (
        {
            "Name": "Nordlicht Dekor GmbH", "CountryCode": "DE", "StateCode": "11", "City": "Berlin",
            "Street": "Torstraße", "HouseNumber": "99", "StreetPostalCode": "10119", "Phone": "+49 30 901820",
            "Email": "info@nordlicht.example", "OwnerID": "E1002",
        },
        {"FirstName": "Jonas", "LastName": "Keller", "Email": "jonas.keller@nordlicht.example"},
    ),
    (
        {
            "Name": "Pacific Paper Co", "CountryCode": "US", "StateCode": "CA", "City": "Palo Alto",
            "Street": "Hanover Street", "HouseNumber": "3000", "StreetPostalCode": "94304", "Phone": "+1 555 0121",
            "Email": "hello@pacificpaper.example", "OwnerID": "E1001",
        },
        {"FirstName": "Catherine", "LastName": "Lee", "Email": "catherine.lee@pacificpaper.example"},
    ),
)  # fmt: skip
CUSTOMERS: tuple[dict[str, str], ...] = (
    {
        "FirstName": "Sara", "LastName": "Smith", "Email": "sara.smith@mail.example", "CountryCode": "US",
        "StateCode": "CA", "City": "Palo Alto", "Street": "El Camino Real", "HouseNumber": "123",
        "StreetPostalCode": "94402", "OwnerID": "E1000",
    },
    {
        "FirstName": "Émile", "LastName": "Durand", "Email": "emile.durand@mail.example", "CountryCode": "FR",
        "City": "Marseille", "Street": "quai du Port", "HouseNumber": "5", "StreetPostalCode": "13002",
        "OwnerID": "E1002",
    },
)  # fmt: skip
PRODUCTS = (("MUG-01", "Stoneware mug"), ("LAMP-02", "Reading lamp"), ("CARD-03", "Greeting card"))
TICKETS = ("Parcel arrived damaged", "Where is my order?")


def seed(tenant: Tenant) -> None:
    """Fill an empty tenant."""
    with saving(tenant, USERS["mike"], system=True) as save:
        for user in (*(one for one in USERS.values() if not one.technical), *OTHERS):
            _employ(save, user)
        if tenant.options.seed == "demo":
            _fill(save)


def _make(save: Save, entity: str, body: dict[str, Any]) -> Row:
    return writes.create(save, save.tenant.schema.entities[entity], body)


def _employ(save: Save, user: User) -> None:
    first, last = user.name.split(" ")
    locked = user.id == "locked"
    ends = ENDED if user.id == "expired" else OPEN_END
    shared = {"EmployeeID": user.employee, "UserID": user.id.upper(), "BusinessPartnerID": user.partner,
              "BusinessPartnerFormattedName": user.name, "UserLockedIndicator": locked,
              "UserValidityStartDate": START, "UserValidityEndDate": ends}  # fmt: skip
    made = _make(save, "Employee", {**shared, "FirstName": first, "LastName": last, "Email": user.email})
    of_user = {**shared, "EmailURI": user.email, "EmployeeUUID": made["UUID"], "UserAccountTypeCode": "A"}
    logged = _make(save, "BusinessUser", {**of_user, "UserCreatedBy": "Administration"})
    role = {"BusinessRoleID": "SALES_REP"}
    for child, parent in (("BusinessUserBusinessRoleAssignment", logged), ("EmployeeUserBusinessRoleAssignment", made)):
        writes.create(save, save.tenant.schema.entities[child], role, parent)


def _fill(save: Save) -> None:
    accounts = []
    for account, contact in ACCOUNTS:
        made = _make(save, "CorporateAccount", {"RoleCode": "CRM000", **account})
        _make(save, "Contact", {**contact, "AccountID": made["AccountID"]})
        accounts.append(made)
    customers = [_make(save, "IndividualCustomer", {"RoleCode": "CRM000", **one}) for one in CUSTOMERS]
    area = {"SalesOrganisationID": "1000", "DistributionChannel": "01", "Status": "2"}
    for product_id, description in PRODUCTS:
        product = {"ProductID": product_id, "Language": "EN", "Description": description, "BaseUOM": "EA"}
        _make(save, "Product", {**product, "Status": "2", "ProductSalesProcessInformation": [area]})
    for name, buyer in zip(TICKETS, (accounts[0]["AccountID"], customers[0]["CustomerID"]), strict=True):
        ticket = {"Name": name, "BuyerPartyID": buyer, "ProcessorPartyID": "8000000001", "DataOriginTypeCode": "3"}
        _make(save, "ServiceRequest", ticket)
