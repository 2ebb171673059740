"""What a fresh org holds."""

from __future__ import annotations

from typing import Any

from app.sandbox.salesforce.dml import SaveOptions, Writer
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.store import Row

USERS = (
    ("admin@sandbox.example", "Ada", "Admin"),
    ("rita.rep@sandbox.example", "Rita", "Rep"),
    ("sam.seller@sandbox.example", "Sam", "Seller"),
)
BUSINESS_TYPE = ("Business Account", "Business_Account", False)
PERSON_TYPE = ("Person Account", "PersonAccount", True)
CURRENCIES = (("USD", "1"), ("EUR", "0.92"), ("GBP", "0.79"), ("AUD", "1.52"), ("CAD", "1.37"), ("JPY", "150"))
DEMO_ACCOUNTS: tuple[tuple[dict[str, str], dict[str, str]], ...] = (
    (
        {
            "Name": "Harbour Lane Gifts",
            "Phone": "+44 20 7946 0101",
            "BillingStreet": "12 Harbour Lane",
            "BillingCity": "Bristol",
            "BillingPostalCode": "BS1 4DJ",
            "BillingCountry": "United Kingdom",
            "Industry": "Retail",
        },
        {"FirstName": "Olivia", "LastName": "Marsh", "Email": "olivia.marsh@harbourlane.example"},
    ),
    (
        {
            "Name": "Nordlicht Dekor GmbH",
            "Phone": "+49 30 901820",
            "BillingStreet": "Torstraße 99",
            "BillingCity": "Berlin",
            "BillingPostalCode": "10119",
            "BillingCountry": "Germany",
            "Industry": "Retail",
        },
        {"FirstName": "Jonas", "LastName": "Keller", "Email": "jonas.keller@nordlicht.example"},
    ),
    (
        {
            "Name": "Atelier du Port",
            "Phone": "+33 1 99 00 12 34",
            "BillingStreet": "5 quai du Port",
            "BillingCity": "Marseille",
            "BillingPostalCode": "13002",
            "BillingCountry": "France",
            "Industry": "Consulting",
        },
        {"FirstName": "Camille", "LastName": "Durand", "Email": "camille.durand@atelierduport.example"},
    ),
)


def seed(org: Org) -> None:
    """Users, org, price book; with seed=demo also a few customers and cases."""
    with org.lock:
        admin = _platform(org)
        if org.options.seed == "demo":
            _demo(org, admin)
        org.db.commit()
        org.deleted.clear()
        org.bus.clear()


def _put(org: Org, name: str, admin: str, **values: Any) -> str:
    table = org.db.tables[name]
    stamp = org.stamp()
    row: Row = {
        "Id": table.new_id(),
        "IsDeleted": False,
        "CreatedDate": stamp,
        "LastModifiedDate": stamp,
        "SystemModstamp": stamp,
        **values,
    }
    row["CreatedById"] = row["LastModifiedById"] = admin or row["Id"]
    table.put(row)
    return str(row["Id"])


def _record_type(org: Org, admin: str, name: str, developer_name: str, person: bool) -> None:
    values = {"DeveloperName": developer_name, "SobjectType": "Account", "IsActive": True, "IsPersonType": person}
    _put(org, "RecordType", admin, Name=name, **values)


def settle(org: Org) -> None:
    """Bring the records in line with features switched on since: person accounts, currencies."""
    with org.lock:
        admin = next(iter(org.db.tables["User"].rows))
        types = org.db.tables["RecordType"].rows.values()
        if org.switches.person_accounts and not any(row.get("IsPersonType") for row in types):
            _record_type(org, admin, *PERSON_TYPE)
        if org.switches.multi_currency:
            for sobject in org.schema:
                table = org.db.tables[sobject.name]
                lacking = [r for r in table.rows.values() if not r.get("CurrencyIsoCode")]
                for row in lacking if "CurrencyIsoCode" in sobject.fields else []:
                    table.put({**row, "CurrencyIsoCode": org.switches.currency})
        org.db.commit()


def _users(org: Org, profiles: list[str]) -> str:
    admin = ""
    for username, first, last in USERS:
        made = _put(
            org,
            "User",
            admin,
            Username=username,
            FirstName=first,
            LastName=last,
            Name=f"{first} {last}",
            Email=username,
            Alias=last.lower()[:8],
            CommunityNickname=username.split("@")[0],
            IsActive=True,
            TimeZoneSidKey="Europe/London",
            LocaleSidKey="en_GB",
            LanguageLocaleKey="en_US",
            EmailEncodingKey="UTF-8",
            UserType="Standard",
            ProfileId=profiles[1] if admin else profiles[0],
        )
        admin = admin or made
    return admin


def _platform(org: Org) -> str:
    profiles = [
        _put(org, "Profile", "", Name=n, UserType="Standard") for n in ("System Administrator", "Standard User")
    ]
    admin = _users(org, profiles)
    organization = {"OrganizationType": "Enterprise Edition", "IsSandbox": False, "InstanceName": "SBX1"}
    locale = {"DefaultLocaleSidKey": "en_GB", "LanguageLocaleKey": "en_US", "TimeZoneSidKey": "Europe/London"}
    _put(org, "Organization", admin, Name="Sandbox Org", **organization, **locale)
    _put(org, "Pricebook2", admin, Name="Standard Price Book", IsActive=True, IsStandard=True)
    _record_type(org, admin, *BUSINESS_TYPE)
    owned = {"IsOwnedByProfile": True, "IsCustom": False, "ProfileId": profiles[0]}
    permission_set = _put(org, "PermissionSet", admin, Name="X00eAdmin", Label="System Administrator", **owned)
    _put(org, "PermissionSetAssignment", admin, AssigneeId=admin, PermissionSetId=permission_set, IsActive=True)
    for iso, rate in CURRENCIES:
        corporate = iso == org.switches.currency
        _put(org, "CurrencyType", admin, IsoCode=iso, ConversionRate=float(rate), IsActive=True, IsCorporate=corporate)
    return admin


def _demo(org: Org, admin: str) -> None:
    writer = Writer(org, admin, SaveOptions(allow_duplicates=True))
    need = org.schema.typed
    contacts = []
    for account, contact in DEMO_ACCOUNTS:
        account_id = writer.insert(need("Account"), account)
        contacts.append(writer.insert(need("Contact"), {**contact, "AccountId": account_id}))
    cases = (
        {
            "Subject": "Parcel arrived damaged",
            "Origin": "Email",
            "ContactId": contacts[0],
            "SuppliedEmail": "olivia.marsh@harbourlane.example",
            "Priority": "High",
        },
        {"Subject": "Question about an invoice", "Origin": "Web", "ContactId": contacts[1]},
    )
    for case in cases:
        writer.insert(need("Case"), case)
