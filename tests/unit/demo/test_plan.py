"""The plan: amounts in cents, refunds worth what the store gives back, and nothing lost in silence."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.demo.invoices import Invoice
from app.demo.plan import plan
from tests.unit.demo.lines import invoice


def test_amounts_are_rounded_half_up_to_cents() -> None:
    sale = invoice(
        "1", ("P3", 3, "0.125"), ("P4", 7, "1.335"), ("POST", 1, "1.005"), ("PADS", 1, "0.001"), ("D", -1, "0.125")
    )
    [order] = plan([sale]).orders
    assert (order.shipping, order.discount) == (Decimal("1.01"), Decimal("0.13"))
    assert [amount for _, amount in order.fees] == [Decimal("0.00")]
    assert order.total == Decimal("0.38") + Decimal("9.35") + Decimal("1.01") - Decimal("0.13")


def test_refunds_of_a_line_together_are_the_line() -> None:
    back = [invoice(f"C{number}", ("P4", -number, "1.335")) for number in (1, 2, 4)]
    planned = plan([invoice("1", ("P4", 7, "1.335")), *back])
    assert [refund.total for refund in planned.refunds] == [Decimal("1.34"), Decimal("2.67"), Decimal("5.34")]
    assert sum(refund.total for refund in planned.refunds) == planned.orders[0].total == Decimal("9.35")


def test_a_refund_is_worth_the_discounted_price() -> None:
    sale = invoice("1", ("X1", 10, "5.00"), ("X2", 1, "50.00"), ("D", -1, "10.00"))
    planned = plan([sale, invoice("C2", ("X1", -7, "5.00"))])
    assert [refund.total for refund in planned.refunds] == [Decimal("31.50")]


def test_a_refund_never_takes_more_than_is_left_of_the_order() -> None:
    sale = invoice("1", ("X1", 10, "5.00"), ("D", -1, "5.00"))
    planned = plan([sale, invoice("C2", ("D", -1, "27.505")), invoice("C3", ("X1", -7, "5.00"))])
    assert [refund.total for refund in planned.refunds] == [Decimal("27.51")]
    assert [unmatched.number for unmatched in planned.unmatched] == ["C3"]  # 31.50 of the 17.49 left


def test_goods_of_no_worth_are_not_refunded() -> None:
    planned = plan([invoice("1", ("TINY", 1, "0.004")), invoice("C2", ("TINY", -1, "0.004"))])
    assert (planned.orders[0].total, len(planned.refunds), len(planned.unmatched)) == (Decimal(0), 0, 1)


@pytest.mark.parametrize(
    "mixed",
    [
        invoice("2", ("X1", 1, "1.00"), ("X1", -3, "1.00")),
        invoice("C2", ("X2", 1, "1.00"), ("X1", -2, "1.00")),
    ],
)  # fmt: skip
def test_an_invoice_that_takes_back_and_sells_is_unmatched(mixed: Invoice) -> None:
    sale = invoice("1", ("X1", 5, "1.00"), ("X2", 5, "1.00"))
    planned = plan([sale, mixed])
    assert (planned.refunds, planned.unmatched) == ([], [mixed])


def test_lines_that_say_nothing_are_counted() -> None:
    sale = invoice("1", ("X1", 2, "5.00"), ("X2", -1, "0.00"), ("X3", 0, "4.00"))
    back = invoice("C2", ("X1", -1, "5.00"), ("X2", 0, "1.00"))
    planned = plan([sale, back])
    assert planned.skipped == 3
    assert [(order.total, len(order.goods)) for order in planned.orders] == [(Decimal(10), 1)]
    assert [refund.total for refund in planned.refunds] == [5]
    assert plan([invoice("1", ("X1", 2, "5.00"), ("POST", 1, "0.00"))]).skipped == 0
