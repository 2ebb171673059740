"""What kind of org it is: features, picklist values, the user that we are there."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from app.connectors.salesforce.client import Client, Row
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.schema import FIELDS, OPTIONAL
from app.errors import Rejected

_DEFAULT_STAGES = {"stage_open": "Prospecting", "stage_won": "Closed Won", "stage_lost": "Closed Lost"}

Described = dict[str, dict[str, Row]]  # object -> field -> describe


def inquire(client: Client, described: Described, missing: list[str]) -> Facts:
    """What kind of org it is, for as long as the connection is open; what cannot be found out goes to `missing`."""
    accounts = described.get("Account", {})
    person_accounts = "IsPersonAccount" in accounts
    books = client.query("SELECT Id FROM Pricebook2 WHERE IsStandard = true")
    if not books:
        missing.append("The standard price book is not visible to the connected user.")
    organizations = client.query("SELECT Id, Name FROM Organization")
    state_codes = "BillingCountryCode" in accounts
    return Facts(
        user=acting_user(client),
        organization_name=organizations[0]["Name"] if organizations else "",
        pricebook=books[0]["Id"] if books else "",
        orders="Order" in described and "OrderItem" in described,
        person_accounts=person_accounts,
        person_record_type=_person_record_type(client) if person_accounts else "",
        multi_currency="CurrencyIsoCode" in accounts,
        hidden=tuple(_hidden(described)),
        state_codes=state_codes,
        countries=tuple(_values(accounts["BillingCountryCode"])) if state_codes else (),
        states=states(accounts) if state_codes else {},
        state_names=state_names(accounts) if state_codes else {},
        account_types=tuple(_values(accounts.get("Type", {}))),
        families=_families(described),
        lead_company=not person_accounts or not described.get("Lead", {}).get("Company", {}).get("nillable"),
        lead_source="Web" if "Web" in _values(described.get("Lead", {}).get("LeadSource", {})) else "",
        **_lead_statuses(client, described),
        **_task_status(described),
        **_order_statuses(client, described, missing),
        **_stages(client, described, missing),
    )


def acting_user(client: Client) -> str:
    """The id of the user that we are there."""
    return str(client.get(f"{client.base}/")["identity"]).rstrip("/").rpartition("/")[2]


def _hidden(described: Described) -> list[str]:
    """Fields, standard ones and ours, that are not there or not to be written: done without where that is possible."""
    names = [(sobject, name) for sobject, fields in OPTIONAL.items() if sobject in described for name in fields]
    names += [(field.object, field.name) for field in FIELDS]
    return [
        f"{sobject}.{name}" for sobject, name in names if not described.get(sobject, {}).get(name, {}).get("updateable")
    ]


def _families(described: Described) -> tuple[str, ...]:
    family = described.get("Product2", {}).get("Family", {})
    return tuple(_values(family)) if family.get("restrictedPicklist") else ()


def _lead_statuses(client: Client, described: Described) -> dict[str, str]:
    """What a lead is once it is converted, and once nothing comes of it."""
    values = _values(described.get("Lead", {}).get("Status", {}))
    if not values or {Facts.lead_lost, Facts.lead_converted} <= set(values):
        return {}
    rows = _optional(client, "SELECT ApiName, IsConverted FROM LeadStatus ORDER BY SortOrder")
    converted = [row["ApiName"] for row in rows if row["IsConverted"]]
    others = [value for value in values if value not in converted]
    found = {"lead_converted": converted[0]} if converted else {}
    return {**found, "lead_lost": others[-1]} if others else found


def _task_status(described: Described) -> dict[str, str]:
    values = _values(described.get("Task", {}).get("Status", {}))
    return {"task_done": values[-1]} if values and Facts.task_done not in values else {}


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


def states(accounts: dict[str, Row]) -> dict[str, dict[str, str]]:
    """State codes by country and folded name; `validFor` is a bit set over the countries of the picklist."""
    countries = [value["value"] for value in accounts["BillingCountryCode"].get("picklistValues", ())]
    found: dict[str, dict[str, str]] = {}
    for value in accounts.get("BillingStateCode", {}).get("picklistValues", ()):
        for country in _valid_for(value.get("validFor"), countries):
            names = found.setdefault(country, {})
            names[str(value["label"]).casefold()] = names[str(value["value"]).casefold()] = value["value"]
    return found


def state_names(accounts: dict[str, Row]) -> dict[str, dict[str, str]]:
    """State names by country and code."""
    countries = [value["value"] for value in accounts["BillingCountryCode"].get("picklistValues", ())]
    found: dict[str, dict[str, str]] = {}
    for value in accounts.get("BillingStateCode", {}).get("picklistValues", ()):
        for country in _valid_for(value.get("validFor"), countries):
            found.setdefault(country, {})[str(value["value"])] = str(value["label"])
    return found


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
