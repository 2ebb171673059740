"""Transactions and refunds of orders in V3."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from . import orders, refunds, transactions
from .dates import parse
from .envelope import json_object, known, numbers, v3_list, v3_one
from .errors import ApiError
from .orders_v2 import find
from .records import Refund
from .state import State

ACTIONS = {"capture": "captured", "void": "void"}  # and the payment status after it
SETTLED_AFTER_S = 1.0


def blueprint(state: State) -> Blueprint:
    """All routes of these resources."""
    routes = Blueprint("payments_v3", __name__, url_prefix=f"/stores/{state.store_hash}/v3/orders")
    _of_one_order(routes, state)
    _of_many_orders(routes, state)
    return routes


def _of_one_order(routes: Blueprint, state: State) -> None:
    @routes.get("/<int:order_id>/transactions")
    def list_transactions(order_id: int) -> ResponseReturnValue:
        rows = find(state, order_id).transactions
        return v3_list(rows, dict) if rows else ("", 204)

    @routes.post("/<int:order_id>/payment_actions/refund_quotes")
    def quote_refund(order_id: int) -> ResponseReturnValue:
        quote = refunds.Quote(find(state, order_id), json_object())
        return v3_one(
            {
                "order_id": order_id,
                "total_refund_amount": float(quote.amount),
                "total_refund_tax_amount": float(quote.tax),
                "order_level_refund_amount": float(quote.order_level),
                "rounding": 0,
                "adjustment": float(quote.adjustment),
                "tax_inclusive": bool(quote.order.more.get("is_tax_inclusive_pricing")),
                "refund_methods": quote.methods(),
            },
            201,
        )

    @routes.post("/<int:order_id>/payment_actions/refunds")
    def create_refund(order_id: int) -> ResponseReturnValue:
        return v3_one(refunds.show(refunds.make(state, find(state, order_id), json_object())), 201)

    @routes.get("/<int:order_id>/payment_actions/refunds")
    def refunds_of_order(order_id: int) -> ResponseReturnValue:
        order = find(state, order_id)
        return v3_one([refunds.show(state.refunds[number]) for number in order.refund_ids])

    for action in ACTIONS:
        routes.add_url_rule(
            f"/<int:order_id>/payment_actions/{action}",
            action,
            lambda order_id, action=action: _act(state, order_id, action),
            methods=["POST"],
        )


def _act(state: State, order_id: int, action: str) -> ResponseReturnValue:
    order = find(state, order_id)
    if transactions.authorized(order) is None:
        raise ApiError(422, f"The order has no authorised payment to {action}.")
    state.clock.after(SETTLED_AFTER_S, lambda: _settle(state, order_id, action))
    return "", 201  # settled a moment later


def _settle(state: State, order_id: int, action: str) -> None:
    order = find(state, order_id)
    waiting = transactions.authorized(order)
    if waiting is None:
        return
    same = {name: waiting[name] for name in ("method", "amount", "currency", "gateway")}
    row = transactions.add(state, order, {**same, "event": action, "reference_transaction_id": waiting["id"]})
    transactions.emit(state, row)
    order.more["payment_status"] = ACTIONS[action]
    orders.changed(state, order, order.status_id)


def _of_many_orders(routes: Blueprint, state: State) -> None:
    @routes.get("/payment_actions/refunds")
    def list_refunds() -> ResponseReturnValue:
        return v3_list(_filtered(state), refunds.show)

    @routes.get("/payment_actions/refunds/<int:refund_id>")
    def get_refund(refund_id: int) -> ResponseReturnValue:
        if refund_id not in state.refunds:
            raise ApiError(404)
        return v3_one(refunds.show(state.refunds[refund_id]))


def _filtered(state: State) -> Sequence[Refund]:
    args = request.args
    found: Sequence[Refund] = list(state.refunds.values())
    if args.get("order_id:in"):
        orders = known(state.orders, numbers(args["order_id:in"], "order_id:in"))
        found = known(state.refunds, [number for order in orders for number in order.refund_ids])
    if args.get("id:in"):
        wanted = set(numbers(args["id:in"], "id:in"))
        found = [refund for refund in found if refund.id in wanted]
    if args.get("created:min"):
        first = parse(args["created:min"], "created:min")
        found = [refund for refund in found if refund.created >= first]
    if args.get("created:max"):
        last = parse(args["created:max"], "created:max")
        found = [refund for refund in found if refund.created <= last]
    if args.get("transaction_id"):
        paid = args["transaction_id"]
        found = [refund for refund in found if any(row["transaction_id"] == paid for row in refund.payments)]
    return found
