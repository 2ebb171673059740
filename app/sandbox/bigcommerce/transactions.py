"""The payments of an order: taken at checkout, captured, voided, refunded."""

from __future__ import annotations

from .dates import now
from .records import Json, Order
from .state import State

DEFAULTS: Json = {
    "event": "purchase",
    "method": "offline",
    "gateway": "custom",
    "gateway_transaction_id": "",
    "status": "ok",
    "test": False,
    "fraud_review": False,
    "reference_transaction_id": None,
    "payment_method_id": "",
    "offline": None,
    "custom": None,
    "gift_certificate": None,
    "store_credit": None,
    "credit_card": None,
    "avs_result": None,
    "cvv_result": None,
}


def add(state: State, order: Order, body: Json) -> Json:
    """One more transaction; what is not given is as for a payment outside of any gateway."""
    row: Json = {
        "id": state.next_id("transactions"),
        "order_id": str(order.id),
        **DEFAULTS,
        "amount": float(order.total.inc),
        "currency": order.currency_code,
        "date_created": now().isoformat(),
        **{name: value for name, value in body.items() if name not in ("id", "order_id")},
    }
    order.transactions.append(row)
    return row


def emit(state: State, row: Json, event: str = "created") -> None:
    """The event of a transaction: ids are texts here."""
    data = {
        "type": "transaction",
        "order_id": row["order_id"],
        "transaction_id": str(row["id"]),
        "transaction_status": row["status"],
        "transaction_type": row["event"],
        "result": {"code": "", "message": "", "type": row["status"]},
        "platform_transaction_id": str(row["id"]),
        "provider_transaction_id": row["gateway_transaction_id"],
    }
    state.emit(f"store/order/transaction/{event}", data)


def authorized(order: Order) -> Json | None:
    """The authorisation that waits to be captured or voided."""
    settled = {row["reference_transaction_id"] for row in order.transactions}
    waiting = [row for row in order.transactions if row["event"] == "authorization" and row["id"] not in settled]
    return waiting[-1] if waiting else None
