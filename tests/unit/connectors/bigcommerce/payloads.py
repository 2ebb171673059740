"""Orders as BigCommerce's V2 would answer them, with amounts that add up unless a test says otherwise."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

CENT = Decimal("0.01")
ADDRESS = {
    "first_name": "Jane",
    "last_name": "Doe",
    "company": "Laser Ltd",
    "street_1": "1 High Street",
    "street_2": "Flat 2",
    "city": "Leeds",
    "state": "West Yorkshire",
    "zip": "LS1 4AP",
    "country": "United Kingdom",
    "country_iso2": "GB",
    "phone": "0113 496 0000",
    "email": "Jane@Example.com",
}


def text(amount: Decimal | str | int) -> str:
    """Money as V2 writes it."""
    return f"{Decimal(amount):.4f}"


def line(number: int = 1, price: str = "10.00", quantity: int = 1, tax: str = "0", **more: Any) -> dict[str, Any]:
    """One order product; `tax` is that of the whole line."""
    total = Decimal(price) * quantity
    return {
        "id": number,
        "product_id": 100 + number,
        "variant_id": 1000 + number,
        "name": f"Thing {number}",
        "sku": f"T-{number}",
        "type": "physical",
        "quantity": quantity,
        "quantity_refunded": 0,
        "price_ex_tax": text(price),
        "total_ex_tax": text(total),
        "total_inc_tax": text(total + Decimal(tax)),
        "total_tax": text(tax),
        "applied_discounts": [],
    } | more


def discount(
    amount: str, code: str | None = None, name: str = "Manual Discount", target: str = "order"
) -> dict[str, Any]:
    """A line's share of a discount."""
    return {"id": name, "amount": text(amount), "name": name, "code": code, "target": target}


def order(
    lines: list[dict[str, Any]],
    *,
    shipping: str = "0",
    handling: str = "0",
    wrapping: str = "0",
    fees: tuple[str, ...] = (),
    tax: str = "0",
    coupon_discount: str = "0",
    discount_amount: str = "0",
    **more: Any,
) -> dict[str, Any]:
    """An order whose total is what its parts say; discounts are without tax."""
    parts = [Decimal(row["total_ex_tax"]) for row in lines]
    parts += [Decimal(value) for value in (shipping, handling, wrapping, tax, *fees)]
    total = sum(parts, Decimal(0)) - Decimal(coupon_discount) - Decimal(discount_amount)
    return {
        "id": 250,
        "customer_id": 42,
        "status_id": 11,
        "status": "Awaiting Fulfillment",
        "date_created": "Wed, 10 Jan 2018 21:05:30 +0000",
        "date_modified": "Thu, 11 Jan 2018 08:00:00 +0000",
        "date_shipped": "",
        "currency_code": "USD",
        "default_currency_code": "GBP",
        "store_default_currency_code": "",
        "total_inc_tax": text(total),
        "total_tax": text(tax),
        "shipping_cost_ex_tax": text(shipping),
        "handling_cost_ex_tax": text(handling),
        "wrapping_cost_ex_tax": text(wrapping),
        "coupon_discount": text(coupon_discount),
        "discount_amount": text(discount_amount),
        "store_credit_amount": "0.0000",
        "gift_certificate_amount": "0.0000",
        "items_total": sum(row["quantity"] for row in lines),
        "billing_address": ADDRESS,
        "is_deleted": False,
        "channel_id": 1,
        "payment_method": "Credit Card",
        "customer_message": None,
        "external_order_id": "",
        "fees": [fee(value, n) for n, value in enumerate(fees, start=1)],
        "consignments": consignments(lines),
    } | more


def fee(amount: str, number: int = 1) -> dict[str, Any]:
    """A fee."""
    return {"id": number, "type": "custom_fee", "display_name_customer": f"Fee {number}", "cost_ex_tax": text(amount)}


def consignments(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """All lines in one parcel."""
    parcel = ADDRESS | {"id": 9, "first_name": "Joan", "shipping_method": "Royal Mail", "line_items": lines}
    return {"pickups": [], "shipping": [parcel], "downloads": [], "email": {"gift_certificates": []}}
