"""What the tenant does by itself with accounts, customers and contacts."""

from __future__ import annotations

import re

from app.sandbox.sap_sales_cloud import partners, writes
from app.sandbox.sap_sales_cloud.errors import bad
from app.sandbox.sap_sales_cloud.saving import Save, after, before, settling
from app.sandbox.sap_sales_cloud.store import Row

# the main address, flattened on the partner and whole on its child
FLAT = (
    "CountryCode StateCode CareOfName AddressLine1 AddressLine2 HouseNumber AdditionalHouseNumber Street AddressLine4 "
    "AddressLine5 District City DifferentCity StreetPostalCode County CompanyPostalCode POBoxIndicator POBox "
    "POBoxPostalCode TimeZoneCode Building Floor Room Phone Mobile Fax Email WebSite"
).split()
_EMAIL = re.compile(r"[^@\s,]+@[^@\s,.]+(\.[^@\s,.]+)+")
_DIAL = {"US": "1", "CA": "1", "GB": "44", "DE": "49", "FR": "33", "AU": "61"}
# one relation seen from two sides: (set, property) of the one → of the other
_MAIN = {"CorporateAccountHasContactPerson": "MainIndicator", "ContactIsContactPersonFor": "ReverseMainIndicator"}
_SHARED = ("FunctionCode", "DepartmentCode", "JobTitle", "Department", "Email", "Phone", "Mobile", "Fax")


def normalised(phone: str, country: str) -> str:
    """A phone number as E.164, as far as it can be told."""
    digits = re.sub(r"\D", "", phone)
    if not digits or phone.strip().startswith("+"):
        return f"+{digits}" if digits else ""
    return f"+{_DIAL[country]}{digits.lstrip('0')}" if country in _DIAL else digits


def address_line(row: Row) -> str:
    """An address in one line."""
    street = " ".join(filter(None, (row.get("HouseNumber"), row.get("Street"))))
    city = " ".join(filter(None, (row.get("City"), row.get("StateCode"), row.get("StreetPostalCode"))))
    return " / ".join(filter(None, (street, city, row.get("CountryCode"))))


@before("CorporateAccount", "IndividualCustomer", "CorporateAccountAddress", "IndividualCustomerAddress")
def follow_phones(save: Save, old: Row | None, new: Row) -> None:
    """Normalised numbers and the address line."""
    country = new.get("CountryCode") or ""
    new["NormalisedPhone"] = normalised(new.get("Phone") or "", country)
    new["NormalisedMobile"] = normalised(new.get("Mobile") or "", country)
    new["FormattedPostalAddressDescription"] = address_line(new)


@before("CorporateAccount", "IndividualCustomer", "Contact")
def check_email(save: Save, old: Row | None, new: Row) -> None:
    """An e-mail must look like one."""
    email = new.get("Email") or ""
    is_new = old is None or old.get("Email") != email
    if email and is_new and save.tenant.switches.checks_emails and not _EMAIL.fullmatch(email):
        raise bad(f"Enter a valid e-mail address; {email} is not")


@before("CorporateAccount")
def name_account(save: Save, old: Row | None, new: Row) -> None:
    """The formatted name, and the owner by UUID."""
    parts = ("Name", "AdditionalName", "AdditionalName2", "AdditionalName3")
    new["BusinessPartnerFormattedName"] = " ".join(new[part] for part in parts if new.get(part))
    _resolve(save, old, new, "OwnerUUID", "OwnerID", "owner")


@before("IndividualCustomer")
def name_customer(save: Save, old: Row | None, new: Row) -> None:
    """The formatted name, and the owner by UUID."""
    new["FormattedName"] = " ".join(filter(None, (new.get("FirstName"), new.get("LastName"))))
    _resolve(save, old, new, "OwnerUUID", "OwnerID", "owner")


@before("Contact")
def complete_contact(save: Save, old: Row | None, new: Row) -> None:
    """Name, numbers, and the account by UUID; the business address is the account's."""
    new["Name"] = " ".join(filter(None, (new.get("FirstName"), new.get("LastName"))))
    _resolve(save, old, new, "AccountUUID", "AccountID", "account")
    _resolve(save, old, new, "ContactOwnerUUID", "ContactOwnerID", "owner")
    account = partners.find(save.tenant, "account", new.get("AccountID") or "") or {}
    for name in ("CountryCode", "StateCode", "City", "Street", "HouseNumber", "StreetPostalCode"):
        new["BusinessAddress" + name] = account.get(name) or ""
    new["NormalisedPhone"] = normalised(new.get("Phone") or "", account.get("CountryCode") or "")
    new["NormalisedMobile"] = normalised(new.get("Mobile") or "", account.get("CountryCode") or "")


def _resolve(save: Save, old: Row | None, new: Row, by_uuid: str, by_id: str, kind: str) -> None:
    """Take a partner named by UUID only; the UUID itself is read from the partner."""
    given = new.pop(by_uuid, None)
    if not given or (old or {}).get(by_id) != new.get(by_id):
        return
    for entity, prop in partners.PLACES[kind]:
        row = save.tenant.table(entity).first("UUID", given)
        if row is not None:
            new[by_id] = row[prop]
            return
    raise bad(f"Business partner {given} does not exist; enter a valid {by_uuid}")


@settling("CorporateAccount", "IndividualCustomer")
def keep_main_address(save: Save, row: Row) -> None:
    """The flattened address and the main address child are the same thing; the node that was changed wins."""
    name = "CorporateAccount" if "AccountID" in row else "IndividualCustomer"
    entity = save.tenant.schema.entities[f"{name}Address"]
    addresses = save.tenant.children(entity.name, row)
    main = next((one for one in addresses if one.get("MainIndicator")), addresses[0] if addresses else None)
    touch = save.touched[row["ObjectID"]]
    flat = {prop: row.get(prop) for prop in FLAT if row.get(prop)}
    if main is None:
        if flat:
            writes.create(save, entity, {"MainIndicator": True, **flat}, row)
        return
    sent = {prop: row.get(prop) for prop in FLAT if prop in touch.fields and prop in entity.properties}
    whole = {**main, **sent, "MainIndicator": True}
    if whole != main:
        follow_phones(save, main, whole)
        save.put(entity, whole)
    taken = {prop: whole.get(prop) for prop in FLAT if prop in save.tenant.schema.entities[name].properties}
    if any(row.get(prop) != value for prop, value in taken.items()):
        new = {**row, **taken}
        follow_phones(save, row, new)
        save.put(save.tenant.schema.entities[name], new)


@settling("Contact")
def keep_main_relation(save: Save, row: Row) -> None:
    """A contact's account is a relation as well, its main one; its only relation is its account."""
    entity = save.tenant.schema.entities["ContactIsContactPersonFor"]
    relations = save.tenant.children(entity.name, row)
    account = row.get("AccountID")
    if not account:
        if relations:
            main = next((one for one in relations if one.get("ReverseMainIndicator")), relations[0])
            save.put(save.tenant.schema.entities["Contact"], {**row, "AccountID": main["AccountID"]})
        return
    for one in relations:
        if bool(one.get("ReverseMainIndicator")) != (one["AccountID"] == account):
            save.put(entity, {**one, "ReverseMainIndicator": one["AccountID"] == account})
    if all(one["AccountID"] != account for one in relations):
        shared = {name: row[name] for name in _SHARED if row.get(name)}
        writes.create(save, entity, {"AccountID": account, "ReverseMainIndicator": True, **shared}, row)


@after("ContactIsContactPersonFor", "CorporateAccountHasContactPerson")
def mirror_relation(save: Save, old: Row | None, new: Row) -> None:
    """A relation shows on both sides; it goes on both as well."""
    row = new or old or {}
    is_accounts = row["ParentObjectID"] in save.tenant.table("CorporateAccount").rows
    mine, other, parent = (
        ("CorporateAccountHasContactPerson", "ContactIsContactPersonFor", "Contact")
        if is_accounts
        else ("ContactIsContactPersonFor", "CorporateAccountHasContactPerson", "CorporateAccount")
    )
    entity = save.tenant.schema.entities[other]
    twins = [
        one for one in save.tenant.table(other).find("ContactID", row["ContactID"])
        if one["AccountID"] == row["AccountID"]
    ]  # fmt: skip
    if not new:
        for one in twins:
            save.tenant.table(other).remove(one["ObjectID"])
        return
    shared = {name: row[name] for name in _SHARED if row.get(name)}
    shared[_MAIN[other]] = bool(row.get(_MAIN[mine]))
    if twins:
        save.put(entity, {**twins[0], **shared})
        return
    human = save.tenant.schema.entities[parent].human
    owner = save.tenant.table(parent).first(human, row[human])
    save.put(entity, {**shared, "ObjectID": save.tenant.new_object_id(), "ParentObjectID": owner["ObjectID"],
                      "AccountID": row["AccountID"], "ContactID": row["ContactID"]})  # fmt: skip
