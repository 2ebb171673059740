"""Classes of what happens to an order once it was placed."""

from __future__ import annotations

from tests.golden.classes import hard
from tests.golden.draft import (
    AWAITING,
    CALLS,
    CANCELLED,
    DECLINED,
    EDITS,
    ENDS,
    LEAVES,
    PAYS_BACK,
    PENDING,
    Draft,
)


@hard("edit", "total")
def edited_after_processing(draft: Draft) -> None:
    draft.then(EDITS, "set_status", status_id=2)
    draft.then(LEAVES, "edit_line", position=0, quantity=draft.chance.choice((1, 4, 11)))
    draft.then(LEAVES, "edit", discount_amount=str(draft.some(0.1, 0.4)))


@hard("edit", "total")
def lines_added(draft: Draft) -> None:
    for _ in range(2):
        price = draft.both("price", draft.some(0.5, 30))
        draft.then(EDITS, "add_line", name=f"Added {draft.chance.randrange(99)}", quantity=2, **price)


@hard("edit", "total")
def lines_removed(draft: Draft) -> None:
    draft.then(EDITS, "add_line", name="Stays", quantity=1, **draft.both("price", draft.some(1, 9)))
    draft.then(EDITS, "remove_line", position=0)


@hard("edit", "total")
def repriced(draft: Draft) -> None:
    draft.then(EDITS, "edit_line", position=0, **draft.both("price", draft.some(0.5, 60)))
    draft.then(EDITS, "edit", **draft.both("shipping_cost", draft.some(1, 9)))


@hard("refund", "end", "free")
def partial_refund(draft: Draft) -> None:
    draft.then(PAYS_BACK, "refund_piece")


@hard("refund", "end", "free")
def full_refund(draft: Draft) -> None:
    draft.then(PAYS_BACK, "refund_share", share="1")


@hard("refund", "end", "free")
def several_refunds(draft: Draft) -> None:
    draft.then(PAYS_BACK, "refund_share", share="0.17")
    draft.then(PAYS_BACK, "refund_share", share="0.333")
    draft.then(PAYS_BACK, "refund_share", share="1")


@hard("refund", "end", "shipping", "coupon", "discount", "edit")
def refund_of_shipping(draft: Draft) -> None:
    """Of shipping only."""
    draft.body |= draft.both("shipping_cost", draft.some(3, 9))
    draft.then(PAYS_BACK, "refund_shipping")


@hard("refund", "end", "free")
def declined_refund(draft: Draft) -> None:
    """The provider does not pay back; a second try does."""
    draft.then(PAYS_BACK, "refund_share", share="0.4", declined=True)
    draft.then(PAYS_BACK, "refund_share", share="0.25")


@hard("refund", "end", "free")
def refunded_then_edited(draft: Draft) -> None:
    draft.then(PAYS_BACK, "refund_share", share="0.2")
    draft.then(ENDS, "edit", staff_notes="Called back", payment_method="Cheque")
    draft.then(ENDS, "add_line", name="A replacement", quantity=1, **draft.both("price", draft.some(0.5, 20)))


@hard("refund", "end", "fees", "wrap", "handling", "shipping", "free", "tax", "edit")
def refund_of_each_cost(draft: Draft) -> None:
    """Handling, a fee and a part of the tax are given back, one after the other."""
    draft.body |= {**draft.both("handling_cost", draft.some(1, 4)), **draft.both("shipping_cost", draft.some(1, 4))}
    fee = {"type": "custom_fee", "display_name_customer": "Fee", "display_name_merchant": "Fee"}
    draft.body["fees"] = [{**fee, **draft.both("cost", draft.some(1, 4))}]
    for kind in ("HANDLING", "FEE", "TAX"):
        draft.then(PAYS_BACK, "refund_cost", cost=kind)


@hard("refund", "end", "status", "free")
def refunded_and_cancelled(draft: Draft) -> None:
    draft.then(PAYS_BACK, "refund_share", share="0.4")
    draft.then(ENDS, "set_status", status_id=CANCELLED)


@hard("end", "status")
def shipped(draft: Draft) -> None:
    draft.then(LEAVES, "ship")


@hard("end", "status")
def cancelled(draft: Draft) -> None:
    draft.then(ENDS, "set_status", status_id=CANCELLED)


@hard("end", "status")
def cancelled_and_back(draft: Draft) -> None:
    draft.then(LEAVES, "set_status", status_id=CANCELLED)
    draft.then(ENDS, "set_status", status_id=AWAITING)


@hard("end", "status", "refund", "edit")
def incomplete(draft: Draft) -> None:
    """It never becomes a sale."""
    draft.body["status_id"] = 0
    draft.then(EDITS, "touch")


@hard("end", "status")
def incomplete_at_first(draft: Draft) -> None:
    """The payment comes through in the end."""
    draft.body["status_id"] = 0
    draft.then(CALLS, "set_status", status_id=AWAITING)


@hard("end", "status", "refund")
def declined(draft: Draft) -> None:
    draft.body["status_id"] = draft.chance.choice((0, PENDING))
    draft.then(ENDS, "set_status", status_id=DECLINED)


@hard("end", "status", "refund")
def declined_at_once(draft: Draft) -> None:
    draft.body["status_id"] = DECLINED
    draft.then(EDITS, "touch")


@hard("end", "status", "refund")
def pending(draft: Draft) -> None:
    draft.body["status_id"] = draft.chance.choice((PENDING, 7, 12))
    draft.then(ENDS, "touch")


@hard("date")
def placed_years_ago(draft: Draft) -> None:
    """On the last day of a leap February, east of everybody."""
    draft.body["date_created"] = "Sat, 29 Feb 2020 23:59:59 +1400"


@hard("end", "buyer")
def archived(draft: Draft) -> None:
    """What the control panel calls deleting."""
    draft.then(ENDS, "archive")


@hard("end", "status", "buyer")
def archived_when_cancelled(draft: Draft) -> None:
    draft.then(LEAVES, "set_status", status_id=CANCELLED)
    draft.then(ENDS, "archive")
