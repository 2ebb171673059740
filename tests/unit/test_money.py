"""Amounts: an order's lines in a CRM sum to the order's total, whatever the store's parts are."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import Charge, ChargeKind, Discount, OrderLine
from app.domain.money import allocate, decimals, quantum, rounded
from tests.fakes import order

cents = st.integers(0, 10_000_000).map(lambda n: Decimal(n) / 100)
fine = st.integers(0, 10_000_000).map(lambda n: Decimal(n) / 10_000)  # the store's own four decimals
lines = st.lists(st.tuples(st.integers(1, 5000), fine, fine), max_size=12)
charges = st.lists(st.tuples(st.sampled_from(list(ChargeKind)), fine), max_size=6)


@given(lines, charges, cents, st.sampled_from(["GBP", "JPY", "KWD"]))
def test_settled_lines_sum_to_the_total(
    goods: list[tuple[int, Decimal, Decimal]], extras: list[tuple[ChargeKind, Decimal]], total: Decimal, currency: str
) -> None:
    total = rounded(total, currency)
    placed = order(
        1,
        str(total),
        lines=tuple(
            OrderLine(str(i), f"Line {i}", f"SKU-{i}", quantity, amount, discount=discount)
            for i, (quantity, amount, discount) in enumerate(goods)
        ),
        charges=tuple(Charge(kind, amount) for kind, amount in extras),
        currency=currency,
    )
    settled = placed.settled()
    assert sum(line.amount for line in settled) == total
    assert all(line.unit_price >= 0 and line.quantity >= 1 for line in settled)
    assert all(line.unit_price == line.unit_price.quantize(quantum(currency)) for line in settled)
    assert len({line.key for line in settled}) == len(settled)
    assert settled  # an order without a line could not be activated anywhere
    assert sum(line.quantity for line in settled if line.line) == sum(quantity for quantity, _, _ in goods)
    # of each line less than ten units, of each charge less than one; the rest is what the store's parts lack
    named = [amount for kind, amount in extras if kind is not ChargeKind.ADJUSTMENT]
    parts = sum((max(amount - discount, Decimal(0)) for _, amount, discount in goods), sum(named))
    odd = sum(line.amount for line in settled if line.charge is ChargeKind.ADJUSTMENT) - max(total - parts, Decimal(0))
    assert 0 <= odd <= (10 * len(goods) + len(extras)) * quantum(currency)


def test_prices_are_no_finer_than_a_crm_keeps_them() -> None:
    placed = order(1, "24.690", lines=(OrderLine("11", "Tea", "TEA", 2, Decimal("24.690")),), currency="KWD")
    settled = placed.settled(Decimal("0.01"))
    assert [(line.key, line.unit_price) for line in settled] == [
        ("11", Decimal("12.34")), ("adjustment", Decimal("0.010")),
    ]  # fmt: skip
    assert [line.unit_price for line in placed.settled()] == [Decimal("12.345")]


def test_the_stores_own_adjustment_and_ours_are_one_line() -> None:
    tea = OrderLine("11", "Tea", "TEA", 3, Decimal("10.00"))
    placed = order(1, "10.50", lines=(tea,), charges=(Charge(ChargeKind.ADJUSTMENT, Decimal("0.50")),))
    assert [(line.key, line.amount) for line in placed.settled()] == [
        ("11", Decimal("9.99")), ("adjustment", Decimal("0.51")),
    ]  # fmt: skip


def test_a_plain_order_needs_no_adjustment() -> None:
    placed = order(
        1,
        "21.44",
        lines=(OrderLine("11", "Tea", "TEA", 3, Decimal("15.00")), OrderLine("12", "Cup", "CUP", 1, Decimal("2.50"))),
        charges=(Charge(ChargeKind.SHIPPING, Decimal("2.00")), Charge(ChargeKind.TAX, Decimal("1.94"))),
    )
    assert [(line.key, line.quantity, line.unit_price) for line in placed.settled()] == [
        ("11", 3, Decimal("5.00")),
        ("12", 1, Decimal("2.50")),
        ("shipping", 1, Decimal("2.00")),
        ("tax", 1, Decimal("1.94")),
    ]


def test_a_discount_comes_off_the_goods_and_the_odd_cent_is_shown() -> None:
    placed = order(
        1,
        "10.00",
        lines=(OrderLine("11", "Tea", "TEA", 3, Decimal("12.00"), discount=Decimal("2.00")),),
        discounts=(Discount(Decimal("2.00"), "TWO"),),
    )
    tea, odd = placed.settled()
    assert (tea.quantity, tea.unit_price) == (3, Decimal("3.33"))
    assert (odd.charge, odd.amount) == (ChargeKind.ADJUSTMENT, Decimal("0.01"))
    assert placed.coupon_codes == ("TWO",)


@pytest.mark.parametrize(
    ("quantity", "list_price", "discount", "rows"),
    [
        (80_995, "2.08", "1.00", [("11", 100, "2.07"), ("11-2", 80_895, "2.08")]),
        (20, "1.00", "0.10", [("11", 10, "0.99"), ("11-2", 10, "1.00")]),
        (20, "1.00", "0.11", [("11", 20, "0.99"), ("adjustment", 1, "0.09")]),
        (12, "1.005", "0", [("11", 12, "1.00"), ("adjustment", 1, "0.06")]),
    ],
)
def test_many_pieces_stay_goods(
    quantity: int, list_price: str, discount: str, rows: list[tuple[str, int, str]]
) -> None:
    price = Decimal(list_price)
    goods = OrderLine("11", "Washer", "WASHER", quantity, quantity * price, price, discount=Decimal(discount))
    placed = order(1, str(quantity * price - Decimal(discount)), lines=(goods,))
    settled = placed.settled()
    assert [(line.key, line.quantity, line.unit_price) for line in settled] == [(k, n, Decimal(p)) for k, n, p in rows]
    assert all((line.name, line.list_price, line.line) == ("Washer", price, goods) for line in settled[:-1])
    assert sum(line.amount for line in settled) == placed.total


@given(st.lists(cents, min_size=1, max_size=20), st.integers(0, 100))
def test_allocation_is_exact_and_never_more_than_there_is(weights: list[Decimal], percent: int) -> None:
    total = (sum(weights, Decimal(0)) * percent / 100).quantize(Decimal("0.01"))
    if total > sum(weights):
        total = sum(weights, Decimal(0))
    parts = allocate(total, weights, Decimal("0.01"))
    assert sum(parts) == total
    assert all(0 <= part <= weight for part, weight in zip(parts, weights, strict=True))


def test_nothing_cannot_be_allocated_to_nobody() -> None:
    with pytest.raises(ValueError, match="nothing to allocate to"):
        allocate(Decimal(1), [Decimal(0)], Decimal("0.01"))


@pytest.mark.parametrize(("currency", "places"), [("GBP", 2), ("JPY", 0), ("KWD", 3), ("XXX", 2)])
def test_currencies_have_their_own_smallest_unit(currency: str, places: int) -> None:
    assert decimals(currency) == places
