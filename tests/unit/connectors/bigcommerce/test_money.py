"""Every way to take something off or put something on an order: the lines settle to the total, nothing counts twice."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.connectors.bigcommerce import readers
from app.domain import ChargeKind, Order
from tests.unit.connectors.bigcommerce import payloads
from tests.unit.connectors.bigcommerce.payloads import CENT, discount, line

ZERO = Decimal(0)


def read(payload: dict[str, Any]) -> Order:
    lines = readers.included_lines(payload)
    assert lines is not None
    return readers.order(payload, lines)


def adjustment(order: Order) -> Decimal:
    lines = [line for line in order.settled() if line.charge == ChargeKind.ADJUSTMENT]
    return sum((line.amount for line in lines), ZERO)


def assert_settles(order: Order) -> None:
    assert sum((line.amount for line in order.settled()), ZERO) == order.total


COUPON = {"none": "0", "shared over lines": "6.00", "on shipping": "4.00"}
MANUAL = {"none": "0", "shared over lines": "3.00", "not shared": "3.00"}
CHARGES: tuple[dict[str, Any], ...] = (
    {},
    {"shipping": "4.95"},
    {"shipping": "4.95", "handling": "1.50", "wrapping": "2.00", "fees": ("1.25", "0.75"), "tax": "7.13"},
)


@pytest.mark.parametrize(("coupon", "manual", "charges"), list(product(COUPON, MANUAL, CHARGES)))
def test_every_combination_settles_without_an_adjustment(coupon: str, manual: str, charges: dict[str, Any]) -> None:
    lines = [line(1, "20.00"), line(2, "40.00")]
    if coupon == "shared over lines":
        for row, share in zip(lines, ("2.00", "4.00"), strict=True):
            row["applied_discounts"].append(discount(share, "SPRING", "Spring sale"))
    if manual == "shared over lines":
        for row, share in zip(lines, ("1.00", "2.00"), strict=True):
            row["applied_discounts"].append(discount(share))
    order = read(payloads.order(lines, coupon_discount=COUPON[coupon], discount_amount=MANUAL[manual], **charges))
    assert_settles(order)
    assert adjustment(order) == ZERO
    assert order.discount == Decimal(COUPON[coupon]) + Decimal(MANUAL[manual])
    assert order.coupon_codes == (("SPRING",) if coupon == "shared over lines" else ())
    assert order.charged(ChargeKind.TAX) == Decimal(charges.get("tax", "0"))
    assert order.charged(ChargeKind.FEE) == (Decimal("2.00") if "fees" in charges else ZERO)


def test_a_coded_promotion_under_discount_amount_counts_once() -> None:
    row = line(1, "50.00", applied_discounts=[discount("5.00", "VIP", "VIP day", "product")])
    order = read(payloads.order([row], discount_amount="5.00"))
    assert [(cut.amount, cut.code) for cut in order.discounts] == [(Decimal("5.0000"), "VIP")]
    assert adjustment(order) == ZERO


def test_two_coupons_keep_their_codes() -> None:
    row = line(1, "50.00", applied_discounts=[discount("5.00", "A", "a"), discount("2.50", "B", "b")])
    order = read(payloads.order([row], coupon_discount="7.50"))
    assert order.coupon_codes == ("A", "B")
    assert order.discount == Decimal("7.50")
    assert order.lines[0].discount == Decimal("7.50")


def test_prices_with_tax_discounts_include_tax_and_the_lines_do_not() -> None:
    # The numbers are those of an order whose prices include tax: 67.84 + 12.00 - 5.00 - 5.00 = 69.84.
    row = line(
        1, "62.6793", total_inc_tax="67.8400", applied_discounts=[discount("5"), discount("5", "FIVE", "Five off")]
    )
    payload = payloads.order(
        [row], shipping="11.09", tax="5.31", coupon_discount="5", discount_amount="5", total_inc_tax="69.8400",
        is_tax_inclusive_pricing=True,
    )  # fmt: skip
    order = read(payload)
    assert_settles(order)
    assert abs(adjustment(order)) < CENT * 2  # the shipping and the goods, each rounded down to a cent
    assert order.discount == Decimal("10")
    assert order.lines[0].discount == Decimal("62.6793") + Decimal("11.09") + Decimal("5.31") - Decimal("69.84")


def test_a_free_order_and_one_that_a_coupon_pays_whole() -> None:
    free = read(payloads.order([line(1, "0.00")]))
    assert (free.total, adjustment(free)) == (ZERO, ZERO)
    row = line(1, "9.99", applied_discounts=[discount("9.99", "GIFT", "Gift")])
    paid = read(payloads.order([row], coupon_discount="9.99"))
    assert (paid.total, adjustment(paid)) == (ZERO, ZERO)
    assert_settles(paid)


def test_parts_that_truly_do_not_add_up_leave_an_adjustment() -> None:
    order = read(payloads.order([line(1, "10.00")], total_inc_tax="12.34"))
    assert adjustment(order) == Decimal("2.34")
    assert_settles(order)


def test_payments_by_credit_or_certificate_take_nothing_off_the_total() -> None:
    order = read(payloads.order([line(1, "30.00")], store_credit_amount="10.0000", gift_certificate_amount="5.0000"))
    assert [order.total, order.store_credit, order.gift_certificates] == [30, 10, 5]
    assert adjustment(order) == ZERO


def test_amounts_may_come_as_numbers_strings_or_not_at_all() -> None:
    payload = payloads.order([line(1, "10.00")], shipping_cost_ex_tax=2.5, total_inc_tax=12.5)
    payload["coupon_discount"] = ""
    del payload["gift_certificate_amount"]
    order = read(payload)
    assert order.charged(ChargeKind.SHIPPING) == Decimal("2.5")
    assert adjustment(order) == ZERO


cents = st.integers(0, 50_000).map(lambda n: Decimal(n) / 100)


@st.composite
def orders(draw: st.DrawFn) -> dict[str, Any]:
    """Orders with discounts that are shared over the lines in full, in part or not at all."""
    lines = [
        line(number, str(draw(cents)), draw(st.integers(1, 12)))
        for number in range(1, draw(st.integers(1, 5)) + 1)
    ]  # fmt: skip
    goods = sum((Decimal(row["total_ex_tax"]) for row in lines), ZERO)
    coupon = draw(st.integers(0, int(goods * 50))) * CENT
    manual = draw(st.integers(0, int(goods * 50))) * CENT
    for kind, code in ((coupon, "CODE"), (manual, None)):
        left = kind if draw(st.booleans()) else ZERO
        for row in lines:
            taken = sum((Decimal(cut["amount"]) for cut in row["applied_discounts"]), ZERO)
            share = min(left, Decimal(row["total_ex_tax"]) - taken)
            if share:
                row["applied_discounts"].append(discount(str(share), code, code or "Manual Discount"))
            left -= share
    charges = {name: str(draw(cents)) for name in ("shipping", "handling", "wrapping", "tax")}
    fees = tuple(str(draw(cents)) for _ in range(draw(st.integers(0, 2))))
    return payloads.order(lines, coupon_discount=str(coupon), discount_amount=str(manual), fees=fees, **charges)


@given(orders())
def test_whatever_the_order_its_lines_settle_to_the_total(payload: dict[str, Any]) -> None:
    order = read(payload)
    assert_settles(order)
    # What a unit price cannot express stays below one cent a piece.
    pieces = sum(one.quantity for one in order.settled() if one.charge is not ChargeKind.ADJUSTMENT)
    assert ZERO <= adjustment(order) < pieces * CENT
    assert order.discount == Decimal(payload["coupon_discount"]) + Decimal(payload["discount_amount"])


def test_a_method_called_none_is_no_name_of_a_shipping_line() -> None:
    payload = payloads.order([line(1, "50.00")], shipping="4.95")
    named = [charge.name for charge in read(payload).charges if charge.kind == ChargeKind.SHIPPING]
    for parcel in payload["consignments"]["shipping"]:
        parcel["shipping_method"] = "None"
    nameless = [charge.name for charge in read(payload).charges if charge.kind == ChargeKind.SHIPPING]
    assert (named, nameless) == (["Royal Mail"], [""])
