"""Placing, changing and archiving orders, and the events that follow."""

from __future__ import annotations

from copy import deepcopy
from decimal import Decimal

from . import currencies, messages, stock, transactions
from .dates import now, parse
from .envelope import rows
from .errors import ApiError
from .order_costs import set_costs, set_coupons, set_fees, set_overrides
from .order_lines import amount, edit_lines, new_line, set_manual_discount, whole
from .records import Json, Order, OrderAddress
from .state import DEFAULT_CURRENCY, State
from .statuses import NAMES, SHIPPED

BILLING = ("first_name", "last_name", "company", "street_1", "street_2", "city", "state", "zip", "country")
CONTACT = ("country_iso2", "phone", "email")

COSTS = {
    f"{kind}_cost_{tax}" if tax != "base" else f"base_{kind}_cost"
    for kind in ("shipping", "handling", "wrapping")
    for tax in ("ex_tax", "inc_tax", "base")
}
TEXTS = {
    "customer_message",
    "customer_locale",
    "ebay_order_id",
    "external_order_id",
    "external_source",
    "geoip_country",
    "geoip_country_iso2",
    "ip_address",
    "ip_address_v6",
    "payment_method",
    "payment_provider_id",
    "staff_notes",
    "tax_provider_id",
}
PARTS = {
    "billing_address",
    "channel_id",
    "consignments",
    "customer_id",
    "date_created",
    "default_currency_code",
    "discount_amount",
    "fees",
    "products",
    "shipping_addresses",
    "status_id",
    "subtotal_ex_tax",
    "subtotal_inc_tax",
    "total_ex_tax",
    "total_inc_tax",
}
# The reference lists these as accepted; they have no effect.
IGNORED = {"order_source", "items_shipped", "items_total", "order_is_digital", "refunded_amount"}
WRITABLE = COSTS | TEXTS | PARTS | IGNORED
CREATE_ONLY = {"external_merchant_id"}
# Only a checkout knows these: the store's own front end sets them, the API does not let anyone write them.
CHECKOUT_TEXTS = {
    "cart_id",
    "credit_card_type",
    "gift_certificate_amount",
    "is_email_opt_in",
    "is_tax_inclusive_pricing",
    "order_source",
    "payment_status",
    "store_credit_amount",
}
CHECKOUT_PARTS = {"coupons", "currency_code", "messages", "taxes", "transactions"}


def create(state: State, body: Json, checkout: bool = False) -> Order:
    """Place an order: through the API, or as a checkout in the store, which may set more."""
    _refuse_unknown(body, WRITABLE | CREATE_ONLY | (CHECKOUT_TEXTS | CHECKOUT_PARTS if checkout else set()))
    billing = _billing(body.get("billing_address"))
    code = str(body.get("default_currency_code") or DEFAULT_CURRENCY)
    currency = currencies.payable(state, code)
    if currency is None:
        raise ApiError(400, f"The currency '{code}' is not set up in this store.")
    moment = now()
    created = parse(str(body["date_created"]), "date_created") if body.get("date_created") else moment
    order = Order(
        id=state.next_id("orders"),
        created=created,
        modified=moment,
        billing=billing,
        currency_code=code,
        places=currency["decimal_places"],
        rate=currency["currency_exchange_rate"],
    )
    _set_header(state, order, body)
    _set_goods(state, order, body, checkout)
    if checkout:
        _set_shown_currency(state, order, body)
        set_coupons(state, order, rows(body, "coupons"))
        order.more.update({name: body[name] for name in CHECKOUT_TEXTS & body.keys()})
    set_costs(order, body)
    set_fees(state, order, body)
    set_manual_discount(order, amount(body, "discount_amount") or Decimal(0))
    set_overrides(order, body)
    if checkout:
        _set_attachments(state, order, body)
    state.orders[order.id] = order
    for line in order.lines:
        stock.take(state, line.variant_id, line.quantity)
    _tell_created(state, order)
    return order


def _tell_created(state: State, order: Order) -> None:
    emit(state, order, "created")
    for row in order.transactions:
        transactions.emit(state, row)


def update(state: State, original: Order, body: Json) -> Order:
    """Merge a change into an order; given lines are edited one by one, given fees replace all."""
    _refuse_unknown(body, WRITABLE)
    previous = original.status_id
    order = deepcopy(original)  # a refused change leaves nothing behind
    if "billing_address" in body:
        order.billing.update(_address_fields(body["billing_address"], partial=True))
    _set_header(state, order, body)
    if body.get("date_created"):
        order.created = parse(str(body["date_created"]), "date_created")
    if "products" in body:
        edit_lines(state, order, rows(body, "products"))
        order.subtotal_override = order.total_override = None
        _place_lines(order)
    set_costs(order, body)
    if "fees" in body:
        set_fees(state, order, body)
        order.total_override = None
    discount = amount(body, "discount_amount")
    if discount is not None:
        set_manual_discount(order, discount)
        order.total_override = None
    set_overrides(order, body)
    state.orders[order.id] = order
    changed(state, order, previous)
    return order


def set_status(state: State, order: Order, status_id: int) -> None:
    """Move an order to another status."""
    previous = order.status_id
    _enter_status(order, status_id)
    changed(state, order, previous)


def changed(state: State, order: Order, previous_status: int) -> None:
    """Note the change and tell the hooks; a new status is told twice, as an update too."""
    order.modified = now()
    if order.status_id != previous_status:
        statuses = {"previous_status_id": previous_status, "new_status_id": order.status_id}
        emit(state, order, "statusUpdated", {"status": statuses})
    emit(state, order, "updated")


def archive(state: State, order: Order) -> None:
    """What DELETE does."""
    if not order.archived:
        order.archived = True
        order.modified = now()
        emit(state, order, "archived")


def emit(state: State, order: Order, event: str, more: Json | None = None) -> None:
    """One event for the store's hooks and for those of the order's channel."""
    state.emit(f"store/order/{event}", {"type": "order", "id": order.id, **(more or {})})
    state.emit(f"store/channel/{order.channel_id}/order/{event}", {"order_id": order.id})


def _refuse_unknown(body: Json, known: set[str]) -> None:
    for name in body:
        if name not in known:
            raise ApiError(400, f"The field '{name}' is not supported by this resource.")


def _billing(body: object) -> Json:
    fields = _address_fields(body, partial=False)
    if len(str(fields["zip"])) < 2:
        raise ApiError(400, "The field 'billing_address.zip' needs at least two characters.")
    return fields


def _address_fields(body: object, partial: bool) -> Json:
    if not isinstance(body, dict):
        raise ApiError(400, "The field 'billing_address' is required.")
    names = BILLING + CONTACT
    return {name: str(body.get(name) or "") for name in names if not partial or name in body}


def _set_header(state: State, order: Order, body: Json) -> None:
    if "customer_id" in body:
        order.customer_id = whole(body["customer_id"], "customer_id", 0)
        if order.customer_id and order.customer_id not in state.customers:
            raise ApiError(400, f"The customer {order.customer_id} does not exist.")
    if "channel_id" in body:
        order.channel_id = whole(body["channel_id"], "channel_id", 1)
        if order.channel_id not in state.channels:
            raise ApiError(400, f"The channel {order.channel_id} does not exist.")
    if "status_id" in body:
        _enter_status(order, whole(body["status_id"], "status_id", 0))
    order.more.update({name: body[name] for name in (TEXTS | CREATE_ONLY) & body.keys()})


def _enter_status(order: Order, status_id: int) -> None:
    if status_id not in NAMES:
        raise ApiError(400, "The field 'status_id' is invalid.")
    if status_id == SHIPPED and order.shipped is None:
        order.shipped = now()
    order.status_id = status_id


def _set_shown_currency(state: State, order: Order, body: Json) -> None:
    # Despite its name `currency_code` is what the shopper looked at; `default_currency_code` is what they pay in.
    code = str(body.get("currency_code") or order.currency_code)
    if state.currency(code) is None:
        raise ApiError(400, f"The currency '{code}' is not set up in this store.")
    if code != order.currency_code:
        order.shown_code = code
        order.shown_rate = f"{Decimal(currencies.rate(state, code)) / Decimal(order.rate):.10f}"


def _set_goods(state: State, order: Order, body: Json, checkout: bool) -> None:
    products, consignments = rows(body, "products"), body.get("consignments")
    if bool(products) == bool(consignments):
        raise ApiError(400, "An order needs either 'products' or 'consignments'.")
    if consignments:
        _set_pickups(state, order, rows(consignments, "pickups") if isinstance(consignments, dict) else [])
        return
    order.lines = [new_line(state, order, line, checkout) for line in products]
    order.discount = sum((d["amount"] for line in order.lines for d in line.discounts), Decimal(0))
    if any(line.type == "physical" for line in order.lines):
        for fields in rows(body, "shipping_addresses") or [order.billing]:
            method = str(fields.get("shipping_method") or "None")
            plain = _address_fields(fields, partial=False)
            order.addresses.append(OrderAddress(state.next_id("order_addresses"), order.id, plain, method))
    _place_lines(order)
    if checkout:
        for line, described in zip(order.lines, products, strict=True):
            if described.get("address"):  # position in shipping_addresses, for orders sent to several places
                line.address_id = order.addresses[described["address"]].id
            if "part_of" in described:  # position of the bundle among the products
                line.parent_id = order.lines[described["part_of"]].id


def _set_pickups(state: State, order: Order, pickups: list[Json]) -> None:
    for described in pickups:
        pickup_id = state.next_id("order_pickups")
        order.pickups.append({"id": pickup_id, **{k: v for k, v in described.items() if k != "line_items"}})
        for body in rows(described, "line_items"):
            line = new_line(state, order, body)
            line.pickup_id = pickup_id
            order.lines.append(line)


def _place_lines(order: Order) -> None:
    for line in order.lines:
        if line.type == "physical" and not line.pickup_id and not line.address_id and order.addresses:
            line.address_id = order.addresses[0].id


def _set_attachments(state: State, order: Order, body: Json) -> None:
    for row in rows(body, "messages"):
        messages.add(state, order, row)
    for row in rows(body, "taxes"):
        order.taxes.append({"id": state.next_id("order_taxes"), "order_id": order.id, **row})
    for row in rows(body, "transactions"):
        transactions.add(state, order, row)
