"""Which attribute of ours goes to which field there: data only. Sources are the views of views.py."""

from __future__ import annotations

from app.connectors.sugarcrm.values import day, moment, money
from app.mapping import Field, Write

ON_CREATE = Write.ON_CREATE

ACCOUNT = (
    Field("account_name", "name", length=150),
    Field("phone", "phone_office", length=100),
    Field("group", "bc_group_c", length=255),
)
CONTACT = (
    Field("first_name", "first_name", length=100),
    Field("last_name", "last_name", length=100),
    Field("phone", "phone_work", length=100),
    Field("group", "bc_group_c", length=255),
)
LEAD = (
    Field("first_name", "first_name", length=100),
    Field("last_name", "last_name", length=100),
    Field("phone", "phone_work", length=100),
    Field("company", "account_name", length=255),
)
COMPANY = (
    Field("name", "name", default="Company", length=150),
    Field("phone", "phone_office", length=100),
)
TEMPLATE = (
    Field("name", "name", default="Product", length=255),
    Field("sku", "mft_part_num", length=50),
    Field("description", "description"),
    Field("url", "website", length=255),
    Field("price", "discount_price", money),
    Field("price", "list_price", money),
    Field("price", "cost_price", lambda price: money(price * 0), write=ON_CREATE),  # demanded, and unknown to the store
    Field("stock", "qty_in_stock"),
)
ORDER = (
    Field("name", "name", length=255),
    Field("customer_message", "description", write=ON_CREATE),
    Field("id", "bc_order_id_c", length=255),
    Field("shown_status", "bc_status_c", default="", length=255),
    Field("total", "bc_gross_c", money),
    Field("refunded", "bc_refunded_c", money),
    Field("placed_at", "bc_placed_at_c", moment),
    Field("tracking_number", "bc_tracking_c", default="", length=255),
    Field("carrier", "bc_carrier_c", default="", length=255),
    Field("storefront", "bc_channel_c", default="", length=255),
    Field("store_currency", "bc_currency_c", length=3),
    Field("coupon_codes", "bc_coupons_c", default="", length=255),
    Field("payment_method", "bc_payment_c", default="", length=255),
)
# Where opportunities have no line items, these are theirs to set.
ORDER_ALONE = (
    Field("net", "amount", money),
    Field("net", "best_case", money),
    Field("net", "worst_case", money),
    Field("placed_at", "date_closed", day),
)
LINE = (
    Field("name", "name", default="Item", length=255),
    Field("quantity", "quantity", str),
    Field("unit_price", "discount_price", money),
    Field("amount", "likely_case", money),
    Field("amount", "best_case", money),
    Field("amount", "worst_case", money),
)
QUOTED = (
    Field("name", "name", default="Item", length=255),
    Field("quantity", "quantity", str),
    Field("unit_price", "discount_price", money),
    Field("list_price", "list_price", money),
)
