"""Classes of money: taxes, currencies, what is taken off and what is added."""

from __future__ import annotations

from decimal import Decimal

from tests.golden.classes import hard
from tests.golden.draft import EDITS, Draft


@hard("tax")
def tax_exclusive(draft: Draft) -> None:
    draft.tax = draft.chance.choice((Decimal("0.05"), Decimal("0.1025"), Decimal("0.20")))


@hard("tax")
def tax_inclusive(draft: Draft) -> None:
    draft.is_inclusive = True
    draft.tax = draft.chance.choice((Decimal("0.07"), Decimal("0.19"), Decimal("0.20"), Decimal("0.25")))


@hard("tax")
def tax_free(draft: Draft) -> None:
    draft.tax = Decimal(0)


@hard("currency")
def three_currencies(draft: Draft) -> None:
    """Another one than the store's own; the third is that of everybody else."""
    draft.currency = draft.chance.choice(("USD", "EUR"))


@hard("currency")
def zero_decimals(draft: Draft) -> None:
    draft.currency = "JPY"


@hard("currency")
def three_decimals(draft: Draft) -> None:
    draft.currency = "KWD"


@hard("currency")
def looked_at_in_another(draft: Draft) -> None:
    """The shopper looked at prices in one currency and paid in another."""
    draft.body["currency_code"] = draft.chance.choice(("USD", "JPY"))


@hard("currency", "lines", "total")
def fractions_of_a_cent(draft: Draft) -> None:
    """Prices so fine that the store's own total is no amount that anybody can pay."""
    for price, quantity in ((Decimal("0.3333"), 7), (Decimal("19.9875"), 3)):
        line = draft.add(1, quantity)
        line |= {"price_ex_tax": str(price), "price_inc_tax": str(price)}


@hard("coupon", "discount", "free", late=True)
def coupon_of_the_order(draft: Draft) -> None:
    """Shared over the lines."""
    worth = _part(draft, "0.10", "0.35")
    draft.body["coupons"] = [
        {"code": f"ORDER{draft.number % 7}", "type": 2, "amount": str(worth), "discount": str(worth)}
    ]


@hard("coupon", "discount", "free", late=True)
def coupon_of_a_line(draft: Draft) -> None:
    line = draft.products[0]
    side = "price_inc_tax" if draft.is_inclusive else "price_ex_tax"
    worth = draft.amount(0) + (Decimal(line[side]) * line["quantity"] * Decimal("0.3")).quantize(
        Decimal(1).scaleb(-draft.places)
    )
    discount = {"id": "coupon", "amount": str(worth), "name": "A coupon", "code": "LINE30", "target": "product"}
    line["applied_discounts"] = [discount]


@hard("coupon", "shipping", "free", late=True)
def coupon_of_shipping(draft: Draft) -> None:
    cost = draft.some(3, 9)
    draft.body |= draft.both("shipping_cost", cost)
    draft.body["coupons"] = [{"code": "FREESHIP", "type": 4, "amount": str(cost), "discount": str(cost)}]


@hard("discount", "free", late=True)
def several_discounts(draft: Draft) -> None:
    """A promotion on a line, two coupons, and what staff took off."""
    small, promotion = _part(draft, "0.03", "0.08"), _part(draft, "0.02", "0.06")
    shown = {"id": "promotion", "amount": str(promotion), "name": "3 for 2", "code": None, "target": "product"}
    draft.products[-1]["applied_discounts"] = [shown]
    rows = [{"code": code, "type": 2, "amount": str(small), "discount": str(small)} for code in ("ONE", "TWO")]
    draft.body |= {"coupons": rows, "discount_amount": str(small)}


@hard("discount", "free", late=True)
def manual_discount(draft: Draft) -> None:
    draft.body["discount_amount"] = str(_part(draft, "0.05", "0.5"))


@hard("discount", "free", "refund", "coupon", "total", late=True)
def nothing_to_pay(draft: Draft) -> None:
    """A discount as high as all that is to be paid."""
    draft.body["discount_amount"] = str(draft.goods_value * 2)


@hard("fees", late=True)
def fees(draft: Draft) -> None:
    names = draft.chance.sample(
        ("Handling of glass", "Paßgebühr", "手数料", "Gift card fee"), draft.chance.choice((1, 2))
    )
    draft.body["fees"] = [_fee(draft, name) for name in names]
    if draft.chance.random() < 0.4:
        draft.then(EDITS, "edit", fees=[_fee(draft, "Late fee")])


@hard("wrap", late=True)
def gift_wrap(draft: Draft) -> None:
    line = draft.products[0]
    line |= {
        **draft.both("wrapping_cost", draft.some(1, 4)),
        "wrapping_name": "Paper 🎁",
        "wrapping_message": "Für Dich",
    }


@hard("handling")
def handling(draft: Draft) -> None:
    draft.body |= draft.both("handling_cost", draft.some(0.5, 3))


@hard("shipping")
def shipping(draft: Draft) -> None:
    draft.body |= draft.both("shipping_cost", draft.some(2, 15))


@hard("paid", late=True)
def store_credit(draft: Draft) -> None:
    draft.body |= {"store_credit_amount": str(_part(draft, "0.1", "0.9")), "payment_method": "Store Credit"}


@hard("paid", late=True)
def gift_certificate(draft: Draft) -> None:
    """Paid with one."""
    draft.body |= {"gift_certificate_amount": str(_part(draft, "0.1", "0.9")), "payment_method": "Gift Certificate"}


@hard("paid")
def test_order(draft: Draft) -> None:
    """What a merchant places to try the checkout; it is an order like any other, as the store counts it."""
    payment = {"method": "credit_card", "gateway": "bigcommerce_test", "test": True}
    draft.body |= {"payment_method": "Test Payment Gateway", "transactions": [payment]}


@hard("total", "free", "refund", late=True)
def total_set_by_staff(draft: Draft) -> None:
    """Neither the parts nor their sum."""
    total = draft.amount(Decimal("12.34")) + _part(draft, "0.1", "0.9")
    draft.body |= draft.both("total", total)


def _part(draft: Draft, low: str, high: str) -> Decimal:
    """A share of the goods, in whole units."""
    share = Decimal(str(round(draft.chance.uniform(float(low), float(high)), 4)))
    return (draft.goods_value * share).quantize(Decimal(1).scaleb(-draft.places))


def _fee(draft: Draft, name: str) -> dict[str, str]:
    return {"type": "custom_fee", "display_name_customer": name, "display_name_merchant": name,
            **draft.both("cost", draft.some(0.3, 6))}  # fmt: skip
