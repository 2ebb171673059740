"""Makes or checks what we rely on in an org: fields, permissions, price book, picklist values."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from app.connectors.base import Preparation
from app.connectors.salesforce.client import Client, Row
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.schema import FIELDS, OBJECTS, OPTIONAL, CustomField
from app.connectors.salesforce.values import literal
from app.errors import NotFound, Rejected

PERMISSION_SET = "Storeline"
_DEFAULT_STAGES = {"stage_open": "Prospecting", "stage_won": "Closed Won", "stage_lost": "Closed Lost"}

Described = dict[str, dict[str, Row]]  # object -> field -> describe


def prepare(client: Client) -> Preparation:
    """Create what can be created, name what is missing in words, and find out what kind of org it is."""
    described = _describe(client)
    created: list[str] = []
    missing = [_missing_object(name) for name in OBJECTS if name not in described]
    problems: dict[str, str] = {}
    absent = _absent(described)
    if absent and client.names.namespace:
        problems = dict.fromkeys(absent, "install the Storeline package, or its newer version")
    elif absent:
        fields = [field for field in FIELDS if field.full_name in absent]
        problems = _create(client, fields, created)
        problems |= _permit(client, fields)
        described = _describe(client)
    for full_name in _absent(described):
        missing.append(f"The field {full_name} is not there or not visible: {problems.get(full_name, 'check it')}.")
    missing += _unwritable(described)
    facts = _facts(client, described, missing)
    return Preparation(tuple(created), tuple(missing), facts.to_json())


def _missing_object(name: str) -> str:
    if name in ("Order", "OrderItem"):
        return "Orders are not enabled: switch them on in Setup, Order Settings."
    return f"The object {name} is not there or not visible to the connected user."


def _describe(client: Client) -> Described:
    described: Described = {}
    for name in OBJECTS:
        try:
            answer = client.get(f"/sobjects/{name}/describe")
        except NotFound:
            continue
        # Names inside values are as Salesforce knows them; ours are bare.
        described[name] = {field["name"].removeprefix(client.names.prefix): field for field in answer["fields"]}
    return described


def _absent(described: Described) -> list[str]:
    return [
        field.full_name for field in FIELDS if field.object in described and field.name not in described[field.object]
    ]


def _unwritable(described: Described) -> list[str]:
    return [
        f"The connected user may not write the field {field.full_name}."
        for field in FIELDS
        if field.name in described.get(field.object, {}) and not described[field.object][field.name]["updateable"]
    ]


def _create(client: Client, fields: list[CustomField], created: list[str]) -> dict[str, str]:
    problems = {}
    for field in fields:
        body = {"FullName": field.full_name, "Metadata": field.metadata}
        try:
            client.post("/tooling/sobjects/CustomField", body)
            created.append(field.full_name)
        except Rejected as error:  # also: it is there, and hidden from the user until permitted
            if error.code != "DUPLICATE_DEVELOPER_NAME":
                problems[field.full_name] = error.message
    return problems


def _permit(client: Client, fields: list[CustomField]) -> dict[str, str]:
    """New fields are visible to nobody: a permission set of ours shows them to the connected user."""
    problems = {}
    try:
        permission_set = _permission_set(client)
        for field in fields:
            body = {
                "ParentId": permission_set,
                "SobjectType": field.object,
                "Field": field.full_name,
                "PermissionsRead": True,
                "PermissionsEdit": True,
            }
            try:
                client.post("/sobjects/FieldPermissions", body)
            except Rejected as error:
                if error.code != "DUPLICATE_VALUE":
                    problems[field.full_name] = error.message
    except Rejected as error:
        problems = {field.full_name: error.message for field in fields}
    return problems


def _permission_set(client: Client) -> str:
    rows = client.query(f"SELECT Id FROM PermissionSet WHERE Name = {literal(PERMISSION_SET)}")
    if rows:
        permission_set = str(rows[0]["Id"])
    else:
        body = {"Name": PERMISSION_SET, "Label": PERMISSION_SET}
        permission_set = str(client.post("/sobjects/PermissionSet", body)["id"])
    user = str(client.get(f"{client.base}/")["identity"]).rstrip("/").rpartition("/")[2]
    where = f"AssigneeId = {literal(user)} AND PermissionSetId = {literal(permission_set)}"
    if not client.query(f"SELECT Id FROM PermissionSetAssignment WHERE {where}"):
        client.post("/sobjects/PermissionSetAssignment", {"AssigneeId": user, "PermissionSetId": permission_set})
    return permission_set


# ---- what kind of org it is


def _facts(client: Client, described: Described, missing: list[str]) -> Facts:
    accounts = described.get("Account", {})
    person_accounts = "IsPersonAccount" in accounts
    books = client.query("SELECT Id FROM Pricebook2 WHERE IsStandard = true")
    if not books:
        missing.append("The standard price book is not visible to the connected user.")
    organizations = client.query("SELECT Id, Name FROM Organization")
    state_codes = "BillingCountryCode" in accounts
    return Facts(
        organization_name=organizations[0]["Name"] if organizations else "",
        pricebook=books[0]["Id"] if books else "",
        orders="Order" in described and "OrderItem" in described,
        person_accounts=person_accounts,
        person_record_type=_person_record_type(client) if person_accounts else "",
        multi_currency="CurrencyIsoCode" in accounts,
        hidden=tuple(_hidden(described)),
        state_codes=state_codes,
        countries=tuple(_values(accounts["BillingCountryCode"])) if state_codes else (),
        states=_states(accounts) if state_codes else {},
        **_order_statuses(client, described, missing),
        **_stages(client, described, missing),
    )


def _hidden(described: Described) -> list[str]:
    return [
        f"{sobject}.{name}"
        for sobject, names in OPTIONAL.items()
        if sobject in described
        for name in names
        if not described[sobject].get(name, {}).get("updateable")
    ]


def _person_record_type(client: Client) -> str:
    where = "SobjectType = 'Account' AND IsPersonType = true AND IsActive = true"
    rows = client.query(f"SELECT Id FROM RecordType WHERE {where}")
    return str(rows[0]["Id"]) if rows else ""


def _values(field: Row) -> list[str]:
    return [value["value"] for value in field.get("picklistValues", ()) if value.get("active", True)]


def _order_statuses(client: Client, described: Described, missing: list[str]) -> dict[str, str]:
    """Labels of the two groups that a status belongs to; describe does not tell the groups."""
    if "Order" not in described:
        return {}
    values = _values(described["Order"]["Status"])
    if {"Draft", "Activated"} <= set(values):
        return {"draft": "Draft", "activated": "Activated"}
    groups: dict[str, str] = {}
    for row in _optional(client, "SELECT ApiName, StatusCode FROM OrderStatus ORDER BY SortOrder"):
        groups.setdefault(row["StatusCode"], row["ApiName"])
    if {"Draft", "Activated"} <= set(groups):
        return {"draft": groups["Draft"], "activated": groups["Activated"]}
    missing.append("Order Status needs a value of the Draft and one of the Activated category.")
    return {"draft": values[0] if values else "Draft", "activated": values[-1] if values else "Activated"}


def _stages(client: Client, described: Described, missing: list[str]) -> dict[str, str]:
    values = set(_values(described.get("Opportunity", {}).get("StageName", {})))
    if set(_DEFAULT_STAGES.values()) <= values or not values:
        return dict(_DEFAULT_STAGES)
    rows = _optional(
        client, "SELECT ApiName, IsClosed, IsWon FROM OpportunityStage WHERE IsActive = true ORDER BY SortOrder"
    )
    found: dict[str, str] = {}
    for row in rows:
        kind = "stage_won" if row["IsWon"] else "stage_lost" if row["IsClosed"] else "stage_open"
        found.setdefault(kind, row["ApiName"])
    if len(found) < len(_DEFAULT_STAGES):
        missing.append("Opportunity stages need an open, a won and a lost one for the opportunities option.")
    return {**_DEFAULT_STAGES, **found}


def _optional(client: Client, soql: str) -> list[Row]:
    try:
        return client.query(soql)
    except Rejected:  # not every org shows these set-up objects to every user
        return []


def _states(accounts: dict[str, Row]) -> dict[str, dict[str, str]]:
    """State codes by country and folded name; `validFor` is a bit set over the countries of the picklist."""
    countries = [value["value"] for value in accounts["BillingCountryCode"].get("picklistValues", ())]
    states: dict[str, dict[str, str]] = {}
    for value in accounts.get("BillingStateCode", {}).get("picklistValues", ()):
        for country in _valid_for(value.get("validFor"), countries):
            names = states.setdefault(country, {})
            names[str(value["label"]).casefold()] = names[str(value["value"]).casefold()] = value["value"]
    return states


def _valid_for(encoded: Any, countries: list[str]) -> list[str]:
    if not encoded:
        return countries
    try:
        bits = base64.b64decode(encoded)
    except (binascii.Error, ValueError):
        return countries
    return [
        country
        for index, country in enumerate(countries)
        if index // 8 < len(bits) and bits[index // 8] & (0x80 >> index % 8)
    ]
