"""Accounts, person accounts, people, cases, activities and permissions: what the platform fills in."""

from __future__ import annotations

from app.sandbox.salesforce.dml import AFTER, AFTER_DELETE, BEFORE, Writer, changed
from app.sandbox.salesforce.errors import ApiError
from app.sandbox.salesforce.store import Row

PERSON_TO_CONTACT = {
    "LastName": "LastName",
    "FirstName": "FirstName",
    "Salutation": "Salutation",
    "PersonEmail": "Email",
    "PersonMobilePhone": "MobilePhone",
    "PersonHomePhone": "HomePhone",
    "PersonTitle": "Title",
    "PersonBirthdate": "Birthdate",
    "PersonHasOptedOutOfEmail": "HasOptedOutOfEmail",
    "Phone": "Phone",
    "OwnerId": "OwnerId",
    **{f"PersonMailing{p}": f"Mailing{p}" for p in ("Street", "City", "State", "PostalCode", "Country")},
}


def full_name(row: Row) -> str:
    """First and last name as one."""
    return " ".join(part for part in (row.get("FirstName"), row.get("LastName")) if part)


def before_person(writer: Writer, old: Row | None, new: Row) -> None:
    """Name is worked out."""
    new["Name"] = full_name(new)


def before_lead(writer: Writer, old: Row | None, new: Row) -> None:
    """A converted lead is read-only."""
    if old is not None and old.get("IsConverted"):
        raise ApiError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", [])
    new["Name"] = full_name(new)


def before_account(writer: Writer, old: Row | None, new: Row) -> None:
    """A business has a Name, a person a LastName from which the Name follows."""
    if writer.org.switches.person_accounts and _is_person(writer, old, new):
        _before_person_account(writer, old, new)
    elif new.get("Name") is None:
        raise ApiError("REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", ["Name"])
    elif writer.org.switches.person_accounts:
        new["IsPersonAccount"] = False
        new["RecordTypeId"] = new.get("RecordTypeId") or _record_type(writer, person=False)


def _is_person(writer: Writer, old: Row | None, new: Row) -> bool:
    if old is not None:
        return bool(old.get("IsPersonAccount"))
    record_type = writer.db.get(new.get("RecordTypeId"))
    if record_type is not None:
        return bool(record_type.get("IsPersonType"))
    return new.get("LastName") is not None


def _record_type(writer: Writer, person: bool) -> str | None:
    types = writer.db.tables["RecordType"].rows.values()
    return next((t["Id"] for t in types if t["SobjectType"] == "Account" and t.get("IsPersonType") is person), None)


def _before_person_account(writer: Writer, old: Row | None, new: Row) -> None:
    if new.get("Name") is not None and new["Name"] != (old or {}).get("Name"):
        message = "Account: bad field names on insert/update call: Name"
        raise ApiError("INVALID_FIELD_FOR_INSERT_UPDATE", message, ["Name"])
    if new.get("LastName") is None:
        raise ApiError("REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", ["LastName"])
    new["Name"] = full_name(new)
    new["IsPersonAccount"] = True
    if not new.get("RecordTypeId"):
        new["RecordTypeId"] = _record_type(writer, person=True)
    if old is None:
        new["PersonContactId"] = writer.db.tables["Contact"].new_id()


def after_account(writer: Writer, old: Row | None, new: Row) -> None:
    """A person account shows as a contact as well."""
    if not new.get("IsPersonAccount"):
        return
    contact = writer.db.get(new["PersonContactId"]) or {"CreatedDate": new["CreatedDate"], "IsDeleted": False}
    mirrored = {there: new.get(here) for here, there in PERSON_TO_CONTACT.items()}
    for name, value in new.items():
        if name.endswith("__pc"):
            mirrored[name.removesuffix("__pc") + "__c"] = value
    system = {name: new[name] for name in ("CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp")}
    writer.db.tables["Contact"].put(
        {
            **contact,
            **mirrored,
            **system,
            "Id": new["PersonContactId"],
            "Name": new["Name"],
            "AccountId": new["Id"],
            "IsPersonAccount": True,
        }
    )


def before_case(writer: Writer, old: Row | None, new: Row) -> None:
    """Who it is about, and whether it is closed."""
    contact = writer.db.get(new.get("ContactId")) or {}
    if "ContactId" in changed(old, new) and "AccountId" not in changed(old, new):
        new["AccountId"] = contact.get("AccountId")
    new["ContactEmail"] = contact.get("Email")
    new["ContactPhone"] = contact.get("Phone")
    new["ContactMobile"] = contact.get("MobilePhone")
    closed = new.get("Status") == "Closed"
    if closed != bool((old or {}).get("IsClosed")):
        new["ClosedDate"] = writer.org.stamp() if closed else None
    new["IsClosed"] = closed


def before_task(writer: Writer, old: Row | None, new: Row) -> None:
    """Flags that follow from status and priority."""
    new["IsClosed"] = new.get("Status") == "Completed"
    new["IsHighPriority"] = new.get("Priority") == "High"


def before_member(writer: Writer, old: Row | None, new: Row) -> None:
    """One membership per person and campaign."""
    person = "ContactId" if new.get("ContactId") else "LeadId"
    if not new.get(person):
        raise ApiError("REQUIRED_FIELD_MISSING", "Required fields are missing: [LeadId or ContactId]", ["ContactId"])
    for other in writer.db.children("CampaignMember", "CampaignId", new["CampaignId"]):
        if other["Id"] != new["Id"] and other.get(person) == new[person]:
            raise ApiError("DUPLICATE_VALUE", "Already a campaign member.", [])
    new["HasResponded"] = new.get("Status") == "Responded"


def after_permission(writer: Writer, old: Row | None, new: Row) -> None:
    """A field permission shows the field to the user."""
    writer.org.hide_fields()


def after_delete_permission(writer: Writer, row: Row) -> None:
    """Without it the field is hidden again."""
    writer.org.hide_fields()


BEFORE["Account"] = [before_account]
AFTER["Account"] = [after_account]
BEFORE["Contact"] = [before_person]
BEFORE["Lead"] = [before_lead]
BEFORE["User"] = [before_person]
BEFORE["Case"] = [before_case]
BEFORE["Task"] = [before_task]
BEFORE["CampaignMember"] = [before_member]
AFTER["FieldPermissions"] = [after_permission]
AFTER_DELETE["FieldPermissions"] = [after_delete_permission]
