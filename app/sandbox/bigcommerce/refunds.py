"""What a refund of an order is worth, and making it."""

from __future__ import annotations

from decimal import Decimal

from . import orders, transactions
from .dates import now
from .envelope import rows
from .errors import invalid
from .order_lines import amount
from .records import ZERO, Json, Line, Order, Pair, Refund, rounded
from .state import State
from .statuses import PARTIALLY_REFUNDED, REFUNDED

QUANTITY_ITEMS = {"PRODUCT", "GIFT_WRAPPING"}
AMOUNT_ITEMS = {"ORDER", "SHIPPING", "HANDLING", "TAX", "FEE"}
REASON_LENGTH = 1000


class Quote:
    """The worth of the items asked to be refunded."""

    def __init__(self, order: Order, body: Json) -> None:
        self.order = order
        self.amount = ZERO
        self.tax = ZERO
        self.order_level = ZERO
        self.adjustment = ZERO
        self.items: list[Json] = []
        self.quantities: dict[int, int] = {}
        if body.get("tax_adjustment_amount") is not None:
            self.amount = self.tax = amount(body, "tax_adjustment_amount") or ZERO
        else:
            self._add_items(rows(body, "items"))
        if self.amount <= 0 and not self.items:
            raise invalid("items", "Nothing to refund.")
        if self.amount > order.total.inc - order.refunded:
            raise invalid("items", "The refund is more than what is left of the order.")

    def _add_items(self, items: list[Json]) -> None:
        for item in items:
            kind = str(item.get("item_type"))
            if kind in QUANTITY_ITEMS:
                self._add_quantity(item, kind)
            elif kind in AMOUNT_ITEMS:
                self._add_amount(item, kind)
            else:
                raise invalid("items", "The item_type is not known.")

    def _add_quantity(self, item: Json, kind: str) -> None:
        line = next((row for row in self.order.lines if row.id == item.get("item_id")), None)
        number = item.get("quantity")
        if line is None:
            raise invalid("items", "The order has no such product.")
        before = line.quantity_refunded + self.quantities.get(line.id, 0)
        if not isinstance(number, int) or not 1 <= number <= line.quantity - (before if kind == "PRODUCT" else 0):
            raise invalid("items", f"The quantity of product {line.id} is more than what can be refunded.")
        places = self.order.places
        worth = _share(line, before, number, places) if kind == "PRODUCT" else _wrapping(line, number, places)
        if kind == "PRODUCT":
            self.quantities[line.id] = self.quantities.get(line.id, 0) + number
        extra = sum((amount(row, "amount") or ZERO for row in rows(item, "adjustments")), ZERO)
        self.adjustment += extra
        self._note(item, kind, Pair(worth.ex + extra, worth.inc + extra), number)

    def _add_amount(self, item: Json, kind: str) -> None:
        value = amount(item, "amount")
        if value is None or value <= 0:
            raise invalid("items", "The amount must be positive.")
        if value > self._most(item, kind):
            raise invalid("items", f"The amount is more than what can be refunded for {kind}.")
        if kind == "ORDER":
            self.order_level += value
        ex = ZERO if kind == "TAX" else value
        self._note(item, kind, Pair(ex, value), None)

    def _most(self, item: Json, kind: str) -> Decimal:
        order = self.order
        fee = sum((row.cost.inc for row in order.fees if row.id == item.get("item_id")), ZERO)
        limits = {"SHIPPING": order.shipping.inc, "HANDLING": order.handling.inc, "FEE": fee, "TAX": order.total.tax}
        return limits.get(kind, order.total.inc)

    def _note(self, item: Json, kind: str, worth: Pair, quantity: int | None) -> None:
        self.amount += worth.inc
        self.tax += worth.tax
        self.items.append(
            {
                "item_type": kind,
                "item_id": item.get("item_id", self.order.id),
                "reason": str(item.get("reason") or ""),
                "quantity": quantity or 1,
                "requested_amount": float(worth.inc),
                "adjustments": item.get("adjustments") or [],
            }
        )

    def methods(self) -> list[list[Json]]:
        """The ways it can be paid back; store credit needs an account."""
        paid_by = str(self.order.more.get("payment_method") or "Manual")
        ways = [("custom", paid_by)]
        if self.order.customer_id:
            ways.append(("storecredit", "Store credit"))
        return [
            [
                {
                    "provider_id": provider,
                    "provider_description": description,
                    "amount": float(self.amount),
                    "offline": provider == "custom",
                    "offline_provider": provider == "custom",
                    "offline_reason": "This provider refunds outside of the store." if provider == "custom" else "",
                }
            ]
            for provider, description in ways
        ]


def _share(line: Line, before: int, number: int, places: int) -> Pair:
    # Rounded on the running sum, so that all refunds of a line together are exactly its discounted total.
    def until(value: Decimal, pieces: int) -> Decimal:
        return rounded(value * pieces / line.quantity, places)

    inc = until(line.discounted, before + number) - until(line.discounted, before)
    whole = line.total.inc
    tax = line.total.tax * line.discounted / whole if whole else ZERO
    return Pair(inc - (until(tax, before + number) - until(tax, before)), inc)


def _wrapping(line: Line, number: int, places: int) -> Pair:
    cost = line.wrapping or Pair()
    shares = (rounded(value * number / line.quantity, places) for value in (cost.ex, cost.inc))
    return Pair(*shares)


def make(state: State, order: Order, body: Json, *, declined: bool = False) -> Refund:
    """Refund: the payments must be one of the quoted ways; sets the order's status and tells the hooks.

    `declined`: the payment provider pays nothing back, as only it can say.
    """
    if len(str(body.get("reason") or "")) > REASON_LENGTH:
        raise invalid("reason", "The reason is too long.")
    quote = Quote(order, body)
    override = body.get("merchant_calculated_override")
    if isinstance(override, dict):
        quote.amount, quote.tax = amount(override, "total_amount") or ZERO, amount(override, "total_tax") or ZERO
        if quote.amount > order.total.inc - order.refunded:
            raise invalid("merchant_calculated_override", "The refund is more than what is left of the order.")
    refund = Refund(
        id=state.next_id("refunds"),
        order_id=order.id,
        created=now(),
        reason=str(body.get("reason") or ""),
        amount=quote.amount,
        tax=quote.tax,
        overridden=bool(override),
        items=quote.items,
        payments=_payments(state, order, quote, rows(body, "payments"), declined),
    )
    for line in order.lines if not declined else ():
        line.quantity_refunded += quote.quantities.get(line.id, 0)
    state.refunds[refund.id] = refund
    order.refund_ids.append(refund.id)
    if declined:  # what becomes of the order's status then is not documented: it stays
        orders.emit(state, order, "refund/created", {"refund": {"refund_id": refund.id}})
        orders.changed(state, order, order.status_id)
        return refund
    order.refunded += refund.amount
    _settle(state, order, refund)
    return refund


def _payments(state: State, order: Order, quote: Quote, given: list[Json], declined: bool) -> list[Json]:
    if not given:
        raise invalid("payments", "The payments are required.")
    allowed = [way[0]["provider_id"] for way in quote.methods()]
    if any(row.get("provider_id") not in allowed for row in given):
        raise invalid("payments", "The payment provider cannot refund this order.")
    if sum((amount(row, "amount") or ZERO for row in given), ZERO) != quote.amount:
        raise invalid("payments", f"The payments must add up to {quote.amount}.")
    return [
        {
            "id": state.next_id("refund_payments"),
            "provider_id": row["provider_id"],
            "amount": float(row["amount"]),
            "offline": bool(row.get("offline", row["provider_id"] == "custom")),
            "is_declined": declined,
            "declined_message": "The provider declined the refund." if declined else "",
            "transaction_id": "" if declined else str(_transaction(state, order, row)),
        }
        for row in given
    ]


def _transaction(state: State, order: Order, payment: Json) -> int:
    credit = payment["provider_id"] == "storecredit"
    paid_by = {"display_name": str(order.more.get("payment_method") or "Manual")}
    row = transactions.add(
        state,
        order,
        {
            "event": "refund",
            "method": "store_credit" if credit else "offline",
            "amount": float(payment["amount"]),
            "gateway": "storecredit" if credit else "custom",
            "offline": None if credit else paid_by,
            "store_credit": {"remaining_balance": 0} if credit else None,
        },
    )
    return int(row["id"])


def _settle(state: State, order: Order, refund: Refund) -> None:
    previous = order.status_id
    whole = order.refunded >= order.total.inc
    order.status_id = REFUNDED if whole else PARTIALLY_REFUNDED
    order.more["payment_status"] = "refunded" if whole else "partially refunded"
    paid_back = {payment["transaction_id"] for payment in refund.payments}
    for row in order.transactions:
        if str(row["id"]) in paid_back:
            transactions.emit(state, row)
    orders.emit(state, order, "refund/created", {"refund": {"refund_id": refund.id}})
    orders.changed(state, order, previous)


def show(refund: Refund) -> Json:
    """A refund as V3 shows it: numbers for money."""
    return {
        "id": refund.id,
        "order_id": refund.order_id,
        "user_id": refund.user_id,
        "created": refund.created.isoformat(),
        "reason": refund.reason,
        "total_amount": float(refund.amount),
        "total_tax": float(refund.tax),
        "uses_merchant_override_values": refund.overridden,
        "items": refund.items,
        "payments": refund.payments,
    }
