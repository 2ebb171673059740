"""Lead conversion: an account, a contact and perhaps an opportunity made of a lead in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from app.sandbox.salesforce.dml import Writer
from app.sandbox.salesforce.errors import ApiError
from app.sandbox.salesforce.store import Row

CONVERTED_STATUS = "Closed - Converted"
FIRST_STAGE = "Prospecting"
CLOSES_AFTER = timedelta(days=90)
ACCOUNT_FIELDS = ("Phone", "Website", "Industry", "AnnualRevenue", "NumberOfEmployees", "Rating", "OwnerId")
CONTACT_FIELDS = (
    "FirstName", "LastName", "Salutation", "Title", "Email", "Phone", "MobilePhone", "LeadSource", "OwnerId",
)  # fmt: skip
ADDRESS_PARTS = ("Street", "City", "State", "PostalCode", "Country")


@dataclass(frozen=True)
class Conversion:
    """What a lead is to become; empty ids mean new records."""

    lead_id: str
    status: str = CONVERTED_STATUS
    account_id: str = ""
    contact_id: str = ""
    create_opportunity: bool = True
    opportunity_name: str = ""
    owner_id: str = ""


@dataclass(frozen=True)
class Converted:
    """What it became."""

    lead_id: str
    account_id: str
    contact_id: str
    opportunity_id: str | None


def convert(writer: Writer, wanted: Conversion) -> Converted:
    """Convert a lead; raises ApiError."""
    mark = writer.db.mark()
    try:
        return _convert(writer, wanted)
    except BaseException:
        writer.db.rollback(mark)
        raise


def _convert(writer: Writer, wanted: Conversion) -> Converted:
    lead = writer.find(writer.db.tables["Lead"], wanted.lead_id)
    if lead.get("IsConverted"):
        raise ApiError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", [])
    if wanted.contact_id and not wanted.account_id:
        raise ApiError("REQUIRED_FIELD_MISSING", "an existing contact needs its account", ["accountId"])
    source = {**lead, "OwnerId": wanted.owner_id or lead["OwnerId"]}
    account_id = wanted.account_id or _insert(writer, "Account", _account(source))
    contact_id = wanted.contact_id or _insert(writer, "Contact", {**_contact(source), "AccountId": account_id})
    opportunity_id = None
    if wanted.create_opportunity:
        opportunity_id = _insert(writer, "Opportunity", _opportunity(writer, source, wanted, account_id))
        role = {"OpportunityId": opportunity_id, "ContactId": contact_id, "IsPrimary": True}
        _insert(writer, "OpportunityContactRole", role)
    _move(writer, lead["Id"], contact_id)
    writer.set(
        lead,
        Status=wanted.status,
        IsConverted=True,
        ConvertedDate=writer.org.stamp()[:10],
        ConvertedAccountId=account_id,
        ConvertedContactId=contact_id,
        ConvertedOpportunityId=opportunity_id,
        LastModifiedById=writer.user_id,
    )
    return Converted(lead["Id"], account_id, contact_id, opportunity_id)


def _insert(writer: Writer, name: str, values: dict[str, Any]) -> str:
    sobject = writer.org.schema.typed(name)
    return writer.insert(sobject, {k: v for k, v in values.items() if v is not None and k in sobject.fields})


def _taken(lead: Row, names: tuple[str, ...], prefix: str) -> dict[str, Any]:
    address = {prefix + part: lead.get(part) for part in ADDRESS_PARTS}
    return {**{name: lead.get(name) for name in names}, **address, "CurrencyIsoCode": lead.get("CurrencyIsoCode")}


def _account(lead: Row) -> dict[str, Any]:
    return {"Name": lead["Company"], "AccountSource": lead.get("LeadSource"), **_taken(lead, ACCOUNT_FIELDS, "Billing")}


def _contact(lead: Row) -> dict[str, Any]:
    return _taken(lead, CONTACT_FIELDS, "Mailing")


def _opportunity(writer: Writer, lead: Row, wanted: Conversion, account_id: str) -> dict[str, Any]:
    return {
        "Name": wanted.opportunity_name or f"{lead['Company']}-",
        "AccountId": account_id,
        "StageName": FIRST_STAGE,
        "CloseDate": (writer.org.now() + CLOSES_AFTER).date().isoformat(),
        "LeadSource": lead.get("LeadSource"),
        "OwnerId": lead["OwnerId"],
        "CurrencyIsoCode": lead.get("CurrencyIsoCode"),
    }


def _move(writer: Writer, lead_id: str, contact_id: str) -> None:
    """Activities go on with the contact; campaign memberships are its own from now on."""
    for member in writer.db.children("CampaignMember", "LeadId", lead_id):
        writer.set(member, ContactId=contact_id)
    for name in ("Task", "Event"):
        for activity in writer.db.children(name, "WhoId", lead_id):
            writer.set(activity, WhoId=contact_id)
