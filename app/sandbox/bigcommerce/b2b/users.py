"""Company users: customers in a company. Assumed: in one only; and whoever is deleted here stays a customer."""

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

from .access import answer, bulk, extra_fields, missing, page, within

ADMIN, SENIOR_BUYER, JUNIOR_BUYER = range(3)
ROLES = {ADMIN: "Admin", SENIOR_BUYER: "Senior buyer", JUNIOR_BUYER: "Junior buyer"}
REQUIRED = ("firstName", "lastName", "email", "companyId")
PLAIN = ("firstName", "lastName", "phoneNumber", "uuid")
CUSTOMER_NAMES = {"firstName": "first_name", "lastName": "last_name", "phoneNumber": "phone", "email": "email"}


def add_routes(routes: Blueprint, state: State) -> None:
    """All routes of this resource."""
    _collection(routes, state)
    _single(routes, state)


def _collection(routes: Blueprint, state: State) -> None:
    @routes.get("/users")
    def list_users() -> ResponseReturnValue:
        return page(_filtered(state), lambda row: show(state, row))

    @routes.post("/users")
    def create_user() -> ResponseReturnValue:
        body = json_object()
        _check(state, body)
        user = create(state, state.companies[body["companyId"]], body)
        return answer({"userId": user["id"], "bcId": user["customerId"]})

    @routes.post("/users/bulk")
    def create_users() -> ResponseReturnValue:
        bodies = bulk()
        for body in bodies:
            _check(state, body)
        made = [create(state, state.companies[body["companyId"]], body) for body in bodies]
        return answer([{"userId": user["id"], "bcId": user["customerId"]} for user in made])

    @routes.get("/users/customer/<int:customer_id>")
    def get_by_customer(customer_id: int) -> ResponseReturnValue:
        user = of_customer(state, customer_id)
        if user is None:
            raise ApiError(404)
        return answer(show(state, user))


def _single(routes: Blueprint, state: State) -> None:
    @routes.get("/users/<int:user_id>")
    def get_user(user_id: int) -> ResponseReturnValue:
        return answer(show(state, _find(state, user_id)))

    @routes.put("/users/<int:user_id>")
    def update_user(user_id: int) -> ResponseReturnValue:
        return answer(show(state, _update(state, _find(state, user_id), json_object())))

    @routes.delete("/users/<int:user_id>")
    def delete_user(user_id: int) -> ResponseReturnValue:
        user = _find(state, user_id)
        _forget(state, user)
        emit(state, user, "deleted")
        return answer({"userId": user_id})


def _find(state: State, user_id: int) -> Json:
    if user_id not in state.company_users:
        raise ApiError(404)
    return state.company_users[user_id]


def _check(state: State, body: Json) -> None:
    missing(body, REQUIRED)
    if object_id(body["companyId"]) not in state.companies:
        raise invalid("companyId", "The company does not exist.")
    _check_role(body)
    check_email(state, str(body["email"]))


def _check_role(body: Json) -> None:
    role = body.get("role", JUNIOR_BUYER)
    if not isinstance(role, int) or isinstance(role, bool) or role not in ROLES:
        raise invalid("role", f"{body['role']} is not a valid choice.")


def check_email(state: State, email: str) -> None:
    """A person is in one company only."""
    customer_id = state.customer_by_email.get(email.casefold(), 0)
    if of_customer(state, customer_id) is not None:
        raise invalid("email", "The e-mail belongs to another company user.")
    if not customers.EMAIL.match(email):
        raise invalid("email", "Enter a valid email address.")


def create(state: State, company: Json, body: Json) -> Json:
    """A user of a company: their customer is made, or found by e-mail; the caller has checked it."""
    email = str(body["email"])
    customer_id = state.customer_by_email.get(email.casefold()) or _new_customer(state, company, body)
    moment, number = int(time.time()), state.next_id("company_users")
    role = body.get("role", JUNIOR_BUYER)
    user: Json = {
        "id": number,
        "companyId": company["companyId"],
        "customerId": customer_id,
        "email": email,
        **{name: str(body.get(name) or "") for name in PLAIN},
        "role": role,
        "companyRoleId": body.get("companyRoleId", role + 1),
        "extraFields": extra_fields(body, []),
        "created": moment,
        "modified": moment,
    }
    state.company_users[number] = user
    state.user_of_customer[customer_id] = number
    state.users_of_company[company["companyId"]].append(number)
    emit(state, user, "created")
    return user


def _new_customer(state: State, company: Json, body: Json) -> int:
    person = {new: str(body.get(old) or "") for old, new in CUSTOMER_NAMES.items()}
    place = {"company": company["companyName"], "customer_group_id": company["bcGroupId"]}
    return int(customers.create_many(state, [{**person, **place}])[0]["id"])


def _update(state: State, user: Json, body: Json) -> Json:
    _check_role(body)
    changes = {new: str(body[old]) for old, new in CUSTOMER_NAMES.items() if body.get(old)}
    if changes and user["customerId"] in state.customers:
        customers.update_many(state, [{"id": user["customerId"], **changes}])
    user.update({name: str(body[name]) for name in (*PLAIN, "email") if body.get(name)})
    user.update({name: body[name] for name in ("role", "companyRoleId") if name in body})
    user["extraFields"] = extra_fields(body, user["extraFields"])
    user["modified"] = int(time.time())
    emit(state, user, "updated")
    return user


def of_company(state: State, company_id: int) -> list[Json]:
    """The users of a company, the first one first."""
    return [state.company_users[number] for number in state.users_of_company[company_id]]


def of_customer(state: State, customer_id: int) -> Json | None:
    """The user a customer is."""
    return state.company_users.get(state.user_of_customer.get(customer_id, 0))


def forget_company(state: State, company_id: int) -> None:
    """A company goes, and its users with it; their events are not documented, so there are none."""
    for user in of_company(state, company_id):
        _forget(state, user)


def _forget(state: State, user: Json) -> None:
    del state.company_users[user["id"]]
    state.user_of_customer.pop(user["customerId"], None)
    state.users_of_company[user["companyId"]].remove(user["id"])


def emit(state: State, user: Json, event: str) -> None:
    """One event; these have no `type`."""
    state.emit(f"store/company/user/{event}", {"company_id": user["companyId"], "user_id": user["id"]})


def show(state: State, user: Json) -> Json:
    """A user: times are numbers here, unlike a company's."""
    customer = state.customers.get(user["customerId"], {})
    ids = customer.get("channel_ids") or list(state.channels)
    channels = [{"channelId": one, "channelName": state.channels[one]["name"], "iconUrl": ""} for one in ids]
    return {
        **{name: value for name, value in user.items() if name not in ("created", "modified")},
        "companyRoleName": ROLES[user["role"]],
        "channelList": channels,
        "createdAt": user["created"],
        "updatedAt": user["modified"],
    }


def _filtered(state: State) -> list[Any]:
    args = request.args
    rows = of_company(state, integer("companyId", 0)) if args.get("companyId") else as_list(state.company_users)
    rows = within(rows, args)
    if args.get("email"):
        rows = [row for row in rows if row["email"].casefold() == args["email"].casefold()]
    if args.get("roles"):
        wanted = set(args["roles"].split(","))
        rows = [row for row in rows if str(row["role"]) in wanted]
    if args.get("q"):
        word = args["q"].casefold()
        names = ("firstName", "lastName", "email")
        rows = [row for row in rows if any(word in row[name].casefold() for name in names)]
    return list(rows)
