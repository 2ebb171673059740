"""Orders, lines and their kin as the V2 API shows them: money as strings with four decimals, RFC 2822 dates."""

from __future__ import annotations

from decimal import Decimal

from .dates import rfc2822
from .records import Fee, Json, Line, Order, OrderAddress, Pair
from .state import DEFAULT_CURRENCY, STORE_HASH, State
from .statuses import NAMES

API = "https://api.bigcommerce.com/stores"
ZERO_MONEY = "0.0000"
NO_RATE = "1.0000000000"

# Fields of a line that this store never fills.
LINE_CONSTANTS: Json = {
    "width": ZERO_MONEY,
    "height": ZERO_MONEY,
    "depth": ZERO_MONEY,
    "base_cost_price": ZERO_MONEY,
    "cost_price_inc_tax": ZERO_MONEY,
    "cost_price_ex_tax": ZERO_MONEY,
    "cost_price_tax": ZERO_MONEY,
    "refund_amount": ZERO_MONEY,  # deprecated: always 0
    "return_id": 0,
    "event_name": None,
    "event_date": None,
    "fixed_shipping_cost": ZERO_MONEY,
    "ebay_item_id": "",
    "ebay_transaction_id": "",
    "option_set_id": None,
    "bin_picking_number": "",
    "external_id": None,
    "gift_certificate_id": None,
}
ORDER_DEFAULTS: Json = {
    "payment_method": "",
    "payment_provider_id": "",
    "payment_status": "",
    "store_credit_amount": ZERO_MONEY,
    "gift_certificate_amount": ZERO_MONEY,
    "ip_address": "",
    "ip_address_v6": "",
    "geoip_country": "",
    "geoip_country_iso2": "",
    "staff_notes": "",
    "customer_message": None,
    "cart_id": None,
    "credit_card_type": None,
    "ebay_order_id": "0",
    "order_source": "external",
    "external_source": None,
    "external_id": None,
    "external_merchant_id": None,
    "external_order_id": "",
    "tax_provider_id": "BasicTaxProvider",
    "customer_locale": "en",
    "is_email_opt_in": False,
    "is_tax_inclusive_pricing": False,
}


def money(amount: Decimal) -> str:
    """`"225.0000"`."""
    return f"{amount:.4f}"


def link(order: Order, name: str) -> Json:
    """A sub-resource that was not included."""
    resource = f"/orders/{order.id}/{name}"
    return {"url": f"{API}/{STORE_HASH}/v2{resource}", "resource": resource}


def three(prefix: str, pair: Pair) -> Json:
    """An amount without tax, with tax, and the tax."""
    return {f"{prefix}_ex_tax": money(pair.ex), f"{prefix}_inc_tax": money(pair.inc), f"{prefix}_tax": money(pair.tax)}


def line(row: Line) -> Json:
    """One order product."""
    wrapping = row.wrapping or Pair()
    return {
        **LINE_CONSTANTS,
        "id": row.id,
        "order_id": row.order_id,
        "product_id": row.product_id,
        "variant_id": row.variant_id,
        "parent_order_product_id": row.parent_id or None,
        "is_bundled_product": bool(row.parent_id),
        "order_address_id": row.address_id,
        "order_pickup_method_id": row.pickup_id,
        "name": row.name,
        "name_customer": row.name,
        "name_merchant": row.name,
        "sku": row.sku,
        "upc": row.upc,
        "type": row.type,
        "brand": row.brand,
        "base_price": money(row.price.ex),
        **three("price", row.price),
        "base_total": money(row.total.ex),
        **three("total", row.total),
        "weight": money(row.weight),
        "quantity": row.quantity,
        "quantity_shipped": row.quantity_shipped,
        "quantity_refunded": row.quantity_refunded,
        "is_refunded": row.quantity_refunded >= row.quantity > 0,
        "wrapping_id": 1 if row.wrapping else 0,
        "wrapping_name": row.wrapping_name,
        "wrapping_message": row.wrapping_message,
        "base_wrapping_cost": money(wrapping.ex),
        **three("wrapping_cost", wrapping),
        "applied_discounts": [{**discount, "amount": money(discount["amount"])} for discount in row.discounts],
        "discounted_total_inc_tax": money(row.discounted),
        "product_options": row.options,
        "configurable_fields": [],
    }


def fee(row: Fee) -> Json:
    """One fee."""
    return {
        "id": row.id,
        "type": row.type,
        "display_name_customer": row.name,
        "display_name_merchant": row.name_merchant or row.name,
        "source": row.source,
        "base_cost": money(row.cost.ex),
        **three("cost", row.cost),
        "tax_class_id": row.tax_class_id,
    }


def address(order: Order, row: OrderAddress) -> Json:
    """One shipping address."""
    lines = [line for line in order.lines if line.address_id == row.id]
    path = f"shippingaddresses/{row.id}/shippingquotes"
    return {
        "id": row.id,
        "order_id": order.id,
        **row.fields,
        "items_total": sum(line.quantity for line in lines),
        "items_shipped": sum(line.quantity_shipped for line in lines),
        "shipping_method": row.shipping_method,
        "base_cost": money(row.cost.ex),
        **three("cost", row.cost),
        "cost_tax_class_id": 0,
        "base_handling_cost": money(row.handling.ex),
        **three("handling_cost", row.handling),
        "handling_cost_tax_class_id": 0,
        "shipping_zone_id": 1,
        "shipping_zone_name": row.fields.get("country") or "Everywhere",
        "shipping_quotes": link(order, path),
        "form_fields": [],
    }


def consignments(order: Order, with_lines: bool) -> Json:
    """The object form: shipping, pickups, downloads and e-mailed gift certificates, each with its lines."""

    def lines_of(rows: list[Line]) -> list[Json]:
        return [line(row) if with_lines else link(order, f"products/{row.id}") for row in rows]

    shipping = []
    for row in order.addresses:
        shown = address(order, row)
        del shown["order_id"]
        shown["line_items"] = lines_of([one for one in order.lines if one.address_id == row.id])
        shipping.append(shown)
    pickups = [
        {**pickup, "line_items": lines_of([row for row in order.lines if row.pickup_id == pickup["id"]])}
        for pickup in order.pickups
    ]
    email = order.billing.get("email", "")
    digital = [row for row in order.lines if row.type == "digital"]
    gifts = [row for row in order.lines if row.type == "giftcertificate"]
    return {
        "pickups": pickups,
        "shipping": shipping,
        "downloads": [{"recipient_email": email, "line_items": lines_of(digital)}] if digital else [],
        "email": {
            "gift_certificates": [{"recipient_email": email, "line_items": lines_of(gifts)}] if gifts else [],
        },
    }


def order(state: State, row: Order, include: frozenset[str] = frozenset(), structure: str = "") -> Json:
    """One order, its sub-resources as links unless included."""
    currency = state.currency(row.currency_code) or {}
    shown = state.currency(row.shown_code or row.currency_code) or {}
    wide = bool(include & {"consignments", "consignments.line_items"}) and structure == "object"
    return {
        "id": row.id,
        "customer_id": row.customer_id,
        "date_created": rfc2822(row.created),
        "date_modified": rfc2822(row.modified),
        "date_shipped": rfc2822(row.shipped),
        "status_id": row.status_id,
        "status": NAMES[row.status_id],
        "custom_status": NAMES[row.status_id],
        **_amounts(row),
        "items_total": row.items_total,
        "items_shipped": row.items_shipped,
        "refunded_amount": ZERO_MONEY,  # documented to stay 0: refunds are read from V3
        "order_is_digital": bool(row.lines) and all(one.type != "physical" for one in row.lines),
        "currency_id": shown.get("id", 1),
        "currency_code": row.shown_code or row.currency_code,
        "currency_exchange_rate": row.shown_rate or NO_RATE,
        "default_currency_id": currency.get("id", 1),
        "default_currency_code": row.currency_code,
        "store_default_currency_code": DEFAULT_CURRENCY,
        "store_default_to_transactional_exchange_rate": row.rate,
        "shipping_address_count": len(row.addresses),
        "is_deleted": row.archived,
        "billing_address": {**row.billing, "form_fields": []},
        "channel_id": row.channel_id,
        **ORDER_DEFAULTS,
        **row.more,
        "products": link(row, "products"),
        "shipping_addresses": link(row, "shippingaddresses"),
        "coupons": link(row, "coupons"),
        "consignments": consignments(row, "consignments.line_items" in include) if wide else link(row, "consignments"),
        "fees": [fee(one) for one in row.fees] if "fees" in include else link(row, "fees"),
    }


def _amounts(row: Order) -> Json:
    return {
        **three("subtotal", row.subtotal),
        "base_shipping_cost": money(row.base_shipping),
        **three("shipping_cost", row.shipping),
        "shipping_cost_tax_class_id": 0,
        "base_handling_cost": money(row.base_handling),
        **three("handling_cost", row.handling),
        "handling_cost_tax_class_id": 0,
        "base_wrapping_cost": money(row.base_wrapping),
        **three("wrapping_cost", row.wrapping),
        "wrapping_cost_tax_class_id": 0,
        **three("total", row.total),
        "discount_amount": money(row.discount),
        "coupon_discount": money(row.coupon_discount),
    }
