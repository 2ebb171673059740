"""Companies of B2B Edition. Assumed, where its pages are silent: a company made by API is approved at once."""

from __future__ import annotations

import time
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.sandbox.bigcommerce import customers
from app.sandbox.bigcommerce.envelope import integer, json_object, object_id
from app.sandbox.bigcommerce.errors import ApiError, invalid
from app.sandbox.bigcommerce.records import Json
from app.sandbox.bigcommerce.state import State, as_list

from . import addresses, users
from .access import answer, bulk, extra_fields, missing, page, within

PENDING, APPROVED, REJECTED, INACTIVE = range(4)
STATUSES = {str(status) for status in (PENDING, APPROVED, REJECTED, INACTIVE)}
REQUIRED = (
    "companyName",
    "companyEmail",
    "companyPhone",
    "country",
    "adminFirstName",
    "adminLastName",
    "adminEmail",
)
PLAIN = ("companyName", "companyEmail", "companyPhone", "catalogId", "uuid")
PLACE = ("addressLine1", "addressLine2", "city", "state", "country", "zipCode")
SORTS = {"companyName": "companyName", "updatedAt": "modified"}


def add_routes(routes: Blueprint, state: State) -> None:
    """All routes of this resource."""
    _collection(routes, state)
    _bulk(routes, state)
    _single(routes, state)


def _collection(routes: Blueprint, state: State) -> None:
    @routes.get("/companies")
    def list_companies() -> ResponseReturnValue:
        extra = request.args.get("isIncludeExtraFields") == "1"
        return page(_filtered(state), lambda row: show(state, row, extra))

    @routes.post("/companies")
    def create_company() -> ResponseReturnValue:
        body = json_object()
        check(state, body)
        company = create(state, body)
        emit(state, company, "created")
        admin = users.of_company(state, company["companyId"])[0]
        made = {"companyId": company["companyId"], "customerId": admin["customerId"]}
        return answer({**made, "customerGroupId": company["bcGroupId"] or None})

    @routes.get("/companies/extra-fields")
    def list_extra_fields() -> ResponseReturnValue:
        names = {field["fieldName"] for row in state.companies.values() for field in row["extraFields"]}
        rows = [{"id": place, "fieldName": name, "fieldType": 0} for place, name in enumerate(sorted(names), 1)]
        return page(rows, lambda row: {**row, "isRequired": False, "isUnique": False, "visibleToEnduser": True})


def _bulk(routes: Blueprint, state: State) -> None:
    @routes.post("/companies/bulk")
    def create_companies() -> ResponseReturnValue:
        bodies = bulk()
        for body in bodies:
            check(state, body)
        # Documented: this fires no store/company/created.
        return answer([{"companyId": create(state, body)["companyId"]} for body in bodies])

    @routes.put("/companies/bulk")
    def update_companies() -> ResponseReturnValue:
        bodies = bulk()
        rows = [find(state, object_id(body.get("companyId"))) for body in bodies]
        for body in bodies:
            _check_group(state, body)
        return answer([_update(state, row, body) for row, body in zip(rows, bodies, strict=True)])


def _single(routes: Blueprint, state: State) -> None:
    @routes.get("/companies/<int:company_id>")
    def get_company(company_id: int) -> ResponseReturnValue:
        return answer(show(state, find(state, company_id)))

    @routes.put("/companies/<int:company_id>")
    def update_company(company_id: int) -> ResponseReturnValue:
        company, body = find(state, company_id), json_object()
        _check_group(state, body)
        return answer(_update(state, company, body))

    @routes.delete("/companies/<int:company_id>")
    def delete_company(company_id: int) -> ResponseReturnValue:
        company = find(state, company_id)
        users.forget_company(state, company_id)
        addresses.forget_company(state, company_id)
        del state.companies[company_id]
        emit(state, company, "deleted")
        return answer({})

    @routes.put("/companies/<int:company_id>/status")
    def set_status(company_id: int) -> ResponseReturnValue:
        company, body = find(state, company_id), json_object()
        status = str(body.get("companyStatus"))  # documented as a text or a number
        if status not in STATUSES:
            raise invalid("companyStatus", "The status is not known.")
        company.update(companyStatus=int(status), modified=int(time.time()))
        emit(state, company, "statusUpdated")
        return answer({"companyId": company_id})


def find(state: State, company_id: int) -> Json:
    """The company; else 404."""
    if company_id not in state.companies:
        raise ApiError(404)
    return state.companies[company_id]


def check(state: State, body: Json) -> None:
    """What a new company must hold to."""
    missing(body, REQUIRED)
    _check_group(state, body)
    users.check_email(state, str(body["adminEmail"]))


def _check_group(state: State, body: Json) -> None:
    if body.get("customerGroupId") and object_id(body["customerGroupId"]) not in state.customer_groups:
        raise invalid("customerGroupId", "The customer group does not exist.")


def create(state: State, body: Json, status: int = APPROVED) -> Json:
    """A company with its first user, who becomes a customer if they are none; the caller has checked it."""
    moment, number = int(time.time()), state.next_id("companies")
    company: Json = {
        "companyId": number,
        **{name: str(body.get(name) or "") for name in PLAIN},
        "companyStatus": status,
        "bcGroupId": body.get("customerGroupId") or 0,
        "extraFields": extra_fields(body, []),
        "created": moment,
        "modified": moment,
    }
    state.companies[number] = company
    admin = {"firstName": body["adminFirstName"], "lastName": body["adminLastName"], "email": body["adminEmail"]}
    phone = body.get("adminPhoneNumber") or ""
    users.create(state, company, {**admin, "phoneNumber": phone, "role": users.ADMIN})
    if body.get("addressLine1"):
        place = {name: str(body.get(name) or "") for name in PLACE}
        names = {"stateName": place["state"], "countryName": place["country"]}
        addresses.create(state, number, {**admin, **place, **names})
    return company


def _update(state: State, company: Json, body: Json) -> Json:
    company.update({name: str(body[name]) for name in PLAIN if body.get(name)})
    company["extraFields"] = extra_fields(body, company["extraFields"])
    if "customerGroupId" in body:
        company["bcGroupId"] = body["customerGroupId"] or 0
        people = [{"id": row["customerId"]} for row in users.of_company(state, company["companyId"])]
        for person in people:
            customers.update_many(state, [{**person, "customer_group_id": company["bcGroupId"]}])
    company["modified"] = int(time.time())
    emit(state, company, "updated")
    return {"companyId": company["companyId"]}


def emit(state: State, company: Json, event: str) -> None:
    """One event; these have no `type`."""
    state.emit(f"store/company/{event}", {"company_id": company["companyId"]})


def show(state: State, company: Json, extra: bool = True) -> Json:
    """A company: its status and its times are texts here."""
    group = state.customer_groups.get(company["bcGroupId"], {})
    shown = {
        **{name: company[name] for name in ("companyId", *PLAIN)},
        "catalogName": "",
        "bcGroupId": company["bcGroupId"],
        "bcGroupName": group.get("name", ""),
        "companyStatus": str(company["companyStatus"]),
        "parentCompany": {},
        "priceListAssign": [],
        "createdAt": str(company["created"]),
        "updatedAt": str(company["modified"]),
    }
    return {**shown, "extraFields": company["extraFields"]} if extra else shown


def _filtered(state: State) -> list[Any]:
    args = request.args
    rows = within(as_list(state.companies), args)
    if args.get("companyStatus"):
        rows = [row for row in rows if row["companyStatus"] == integer("companyStatus", 0)]
    if args.get("bcGroupId"):
        rows = [row for row in rows if row["bcGroupId"] == integer("bcGroupId", 0)]
    if args.get("customerId"):
        user = users.of_customer(state, integer("customerId", 0))
        rows = [row for row in rows if user and row["companyId"] == user["companyId"]]
    if args.get("q"):
        rows = [row for row in rows if args["q"].casefold() in row["companyName"].casefold()]
    for pair in args.getlist("extraFields"):
        name, _, value = pair.partition(":")
        rows = [row for row in rows if _holds(row, name, value)]
    return _sorted(rows)


def _holds(row: Json, name: str, value: str) -> bool:
    return any(field["fieldName"] == name and value in field["fieldValue"] for field in row["extraFields"])


def _sorted(rows: list[Json]) -> list[Json]:
    by, order = request.args.get("sortBy", "updatedAt"), request.args.get("orderBy", "DESC")
    if by not in SORTS or order not in ("ASC", "DESC"):
        raise invalid("sortBy", "The companies cannot be sorted by this.")
    return sorted(rows, key=lambda row: (row[SORTS[by]], row["companyId"]), reverse=order == "DESC")
