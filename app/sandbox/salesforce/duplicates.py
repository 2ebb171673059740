"""The standard duplicate rules of Account, Contact and Lead."""

from __future__ import annotations

from typing import Any

from app.sandbox.salesforce.dml import LAST_CHECKS, Writer, changed
from app.sandbox.salesforce.errors import ApiError
from app.sandbox.salesforce.fields import SObject
from app.sandbox.salesforce.store import Row

# what must agree beside the name for the standard matching rules: any one of these groups
PERSON_GROUPS = (("Email",), ("Phone",), ("MobilePhone",), ("MailingStreet", "MailingCity"), ("Street", "City"))
ACCOUNT_GROUPS = (("BillingStreet",), ("BillingCity", "BillingState"), ("BillingPostalCode",), ("Phone",), ("Website",))


def matches(writer: Writer, sobject: SObject, new: Row) -> list[Row]:
    """Other live records that the standard matching rule takes for the same."""
    table = writer.db.tables[sobject.name]
    if sobject.name == "Account":
        if new.get("IsPersonAccount"):
            return []
        found = table.find("Name", new["Name"])
        groups: tuple[tuple[str, ...], ...] = ACCOUNT_GROUPS
    else:
        found = [r for r in table.find("LastName", new["LastName"]) if _agree(r, new, ("FirstName",))]
        groups = PERSON_GROUPS
    return [r for r in found if r["Id"] != new["Id"] and any(_agree(r, new, group) for group in groups)]


def _agree(one: Row, other: Row, names: tuple[str, ...]) -> bool:
    return all(one.get(n) and str(one[n]).casefold() == str(other.get(n) or "").casefold() for n in names)


def check_duplicates(writer: Writer, sobject: SObject, old: Row | None, new: Row) -> None:
    """DUPLICATES_DETECTED, unless the rule only alerts and the call said to save anyway."""
    mode = writer.org.switches.duplicate_rules
    if mode == "off" or sobject.name not in ("Account", "Contact", "Lead"):
        return
    if mode == "alert" and writer.options.allow_duplicates:
        return
    watched = {name for group in (*PERSON_GROUPS, *ACCOUNT_GROUPS) for name in group} | {"Name"}
    if old is not None and not changed(old, new) & watched:
        return
    found = matches(writer, sobject, new)
    if found:
        message = "Use one of these records?" if mode == "alert" else "You're creating a duplicate record."
        # the key is misspelt on the wire
        extra = {"duplicateResut": duplicate_result(writer, sobject, found, message)}
        raise ApiError("DUPLICATES_DETECTED", message, extra=extra)


def duplicate_result(writer: Writer, sobject: SObject, found: list[Row], message: str) -> dict[str, Any]:
    """What the error tells about the rule and its matches."""
    detailed = writer.options.duplicate_details
    return {
        "allowSave": writer.org.switches.duplicate_rules == "alert",
        "duplicateRule": f"Standard_{sobject.name}_Duplicate_Rule",
        "duplicateRuleEntityType": sobject.name,
        "errorMessage": message,
        "matchResults": [
            {
                "entityType": sobject.name,
                "errors": [],
                "matchEngine": "FuzzyMatchEngine" if sobject.name != "Account" else "ExactMatchEngine",
                "matchRecords": [_match(sobject, row, detailed) for row in found],
                "rule": f"Standard_{sobject.name}_Match_Rule_v1_1",
                "size": len(found),
                "success": True,
            }
        ],
    }


def _match(sobject: SObject, row: Row, detailed: bool) -> dict[str, Any]:
    url = f"/services/data/v66.0/sobjects/{sobject.name}/{row['Id']}"
    record: dict[str, Any] = {"attributes": {"type": sobject.name, "url": url}, "Id": row["Id"]}
    if detailed:
        names = ("Name", "FirstName", "LastName", "Email", "Phone", "OwnerId", "CreatedDate", "LastModifiedDate")
        record.update({n: row.get(n) for n in names if n in sobject.fields})
    return {"additionalInformation": [], "fieldDiffs": [], "matchConfidence": 100.0, "record": record}


LAST_CHECKS.append(check_duplicates)
