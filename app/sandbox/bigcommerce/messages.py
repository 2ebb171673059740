"""What a shopper and the merchant's staff write about an order; the API can only read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .dates import now, rfc2822
from .errors import ApiError
from .filters import Kind, select
from .records import Json, Order
from .state import State

KINDS = ("customer", "admin")
FILTERS: dict[str, Kind] = {
    "customer_id": "number",
    "date_created": "date",
    "id": "number",
    "is_flagged": "flag",
    "status": "text",
}
BOUNDS = ("min_id", "max_id", "min_date_created", "max_date_created")
WRITABLE = ("customer_id", "is_flagged", "message", "staff_id", "status", "subject", "type")


def add(state: State, order: Order, body: Json) -> Json:
    """One more message, by the shopper unless its type says otherwise."""
    if not str(body.get("message") or "").strip() or body.get("type", KINDS[0]) not in KINDS:
        raise ApiError(422, f"A message needs a text under 'message' and a type of {', '.join(KINDS)}.")
    message: Json = {
        "id": state.next_id("messages"),
        "order_id": order.id,
        "staff_id": 0,
        "customer_id": order.customer_id,
        "type": KINDS[0],
        "subject": "",
        "message": "",
        "status": "unread",
        "is_flagged": False,
        "date_created": rfc2822(now()),
        "customer": _customer(state, order),
    }
    message.update({name: body[name] for name in WRITABLE if name in body})
    order.messages.append(message)
    return message


def select_from(order: Order, args: Mapping[str, str]) -> list[Any]:
    """The messages of an order that pass the filters of a query; V2 writes `min_id` for what V3 calls `id:min`."""
    filters = {name: args[name] for name in FILTERS if args.get(name) and name not in ("id", "date_created")}
    for name in BOUNDS:
        if args.get(name):
            edge, _, field = name.partition("_")
            filters[f"{field}:{edge}"] = args[name]
    return select(order.messages, filters, FILTERS)


def _customer(state: State, order: Order) -> Json:
    known = state.customers.get(order.customer_id, {})
    person = known or order.billing
    return {"id": order.customer_id, **{name: person[name] for name in ("first_name", "last_name", "email", "phone")}}
