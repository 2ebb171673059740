"""Function imports: conversion, depersonalisation, and queries by elements."""

from __future__ import annotations

from app.sandbox.sap_sales_cloud import reading, rendering, values, writes
from app.sandbox.sap_sales_cloud.calls import Call, Outcome
from app.sandbox.sap_sales_cloud.errors import ApiError, bad, missing
from app.sandbox.sap_sales_cloud.model import EntityType, FunctionImport
from app.sandbox.sap_sales_cloud.queries import Query
from app.sandbox.sap_sales_cloud.rendering import Found
from app.sandbox.sap_sales_cloud.representation import Shape
from app.sandbox.sap_sales_cloud.saving import Save
from app.sandbox.sap_sales_cloud.store import Row
from app.sandbox.sap_sales_cloud.tenant import Tenant

# what of a document is about a person: the contact, and whole children
PERSONAL = {
    "Opportunity": ("PrimaryContactPartyID", ("OpportunityProspectPartyContactParty", "OpportunityTextCollection")),
    "ServiceRequest": ("BuyerMainContactPartyID", ("ServiceRequestTextCollection",)),
}
CONVERTED = {"LifeCycleStatusCode": "6", "UserStatusCode": "05"}


def call(tenant: Tenant, request: Call, save: Save | None, name: str) -> Outcome:
    """Call one; 405 with the wrong verb, 400 without its key."""
    function: FunctionImport = tenant.schema.functions[name]
    if request.method != function.method:
        raise ApiError(405, f"Function import {name} needs {function.method}")
    given = {key: _text(value) for key, value in request.query.items() if not key.startswith("$")}
    unknown = [key for key in given if key not in function.parameters and not key.startswith("sap-")]
    if unknown:
        raise bad(f"Parameter '{unknown[0]}' not found")
    entity = tenant.schema.entities[function.returns]
    reading.check_use(tenant, request.user, entity)
    if function.many:
        return _query(tenant, request, function, given)
    if save is None:
        raise ApiError(405, f"Function import {name} needs {function.method}")
    row = _convert(save, given) if name == "ConvertLeadToOpportunity" else _depersonalise(save, entity, given)
    object_id, shape = row["ObjectID"], Shape(tenant, request, entity, {}, [])
    return rendering.entity(tenant, request, shape, lambda: tenant.table(entity).rows[object_id], 200, dict)


def _text(value: str) -> str:
    quoted = len(value) >= 2 and value[0] == value[-1] == "'"
    return value[1:-1].replace("''", "'") if quoted else value


def _query(tenant: Tenant, request: Call, function: FunctionImport, given: dict[str, str]) -> Outcome:
    entity = tenant.schema.entities[function.returns]
    numbers = {key: given.pop(key, "") for key in ("StartRow", "NumberOfRows")}
    if not all(value == "" or value.isdigit() for value in numbers.values()):
        raise bad("StartRow and NumberOfRows are numbers")
    query = {k: v for k, v in request.query.items() if k.startswith("$")}
    terms = [f"{name} eq '{value.replace(chr(39), chr(39) * 2)}'" for name, value in given.items() if value]
    if terms:
        query["$filter"] = " and ".join(terms)
    query["$skip"] = numbers["StartRow"] or "0"
    if numbers["NumberOfRows"]:
        query["$top"] = numbers["NumberOfRows"]
    asked = Call(**{**request.__dict__, "query": query})
    page = Query(tenant, asked, entity).page()
    return Found(tenant, asked, entity).many(page.rows, page.count, page.next_row)


def _convert(save: Save, given: dict[str, str]) -> Row:
    tenant = save.tenant
    lead: Row | None = tenant.table("Lead").rows.get(given.get("LeadObjectID", ""))
    if lead is None:
        raise missing("Lead not found")
    if lead.get("LifeCycleStatusCode") == CONVERTED["LifeCycleStatusCode"]:
        raise bad(f"Lead {lead['ID']} was converted already")
    if not lead.get("AccountPartyID"):
        raise bad(f"Enter an account; lead {lead['ID']} has none")
    owner = lead.get("OwnerPartyIDSales") or lead.get("OwnerPartyID")
    if not owner:
        raise bad(f"Enter an owner; lead {lead['ID']} has none")
    amount = lead.get("ExpectedRevenueAmount")
    body = {
        "Name": lead["Name"],
        "ProspectPartyID": lead["AccountPartyID"],
        "PrimaryContactPartyID": lead.get("ContactID") or "",
        "MainEmployeeResponsiblePartyID": owner,
        "ExpectedRevenueAmount": amount if amount is None else str(amount),
        "ExpectedRevenueAmountCurrencyCode": lead.get("ExpectedRevenueCurrencyCode") or "",
        "OpportunityItem": [
            {name: item[name] for name in ("ProductID", "Description") if item.get(name)}
            | ({"Quantity": str(item["Quantity"])} if item.get("Quantity") is not None else {})
            for item in tenant.children("LeadItem", lead)
        ],
        "OpportunityBusinessTransactionDocumentReference": [{"ID": lead["ID"], "TypeCode": "64"}],
    }
    made = writes.create(save, tenant.schema.entities["Opportunity"], body)
    entity = tenant.schema.entities["Lead"]
    save.touch(entity, lead, "Updated")
    save.put(entity, {**lead, **CONVERTED})
    return made


def _depersonalise(save: Save, entity: EntityType, given: dict[str, str]) -> Row:
    row: Row | None = save.tenant.table(entity).rows.get(given.get("ObjectID", ""))
    if row is None:
        raise missing(f"{entity.name} not found")
    contact, children = PERSONAL[entity.name]
    save.touch(entity, row, "Updated")
    new = {**row, contact: "", "Name": f"Depersonalized {values.iso(save.stamp)[:10]}"}
    save.put(entity, new)
    for name in children:
        for one in save.tenant.children(name, row):
            save.tenant.table(name).remove(one["ObjectID"])
    return new
