"""Carts as our records: what lies in them now, or the order that they became."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from itertools import chain

from app.connectors.base import Payload
from app.connectors.bigcommerce import money
from app.connectors.bigcommerce.client import Client
from app.connectors.bigcommerce.readers import Fetched, iso, readable, record_id
from app.domain import Cart, Customer, Order, OrderLine
from app.domain.customer import GUEST, guest_id
from app.errors import Misconfigured, NotFound, Rejected

KINDS = ("physical_items", "digital_items", "custom_items", "gift_certificates")


class Carts:
    """The carts of one store, which lists none: each is asked for by its id."""

    def __init__(
        self,
        client: Client,
        customers: Callable[[Sequence[int]], dict[str, Fetched]],
        order_of_cart: Callable[[str], Fetched],
    ) -> None:
        self._client = client
        self._customers = customers
        self._order_of_cart = order_of_cart

    def fetch(self, ids: Sequence[str]) -> dict[str, Fetched]:
        """Carts by their id, with what the store knows of their buyers."""
        found = {cart_id: self._cart(cart_id) for cart_id in ids}
        nameless = {key: cart for key, cart in found.items() if isinstance(cart, Cart) and _is_nameless(cart)}
        people = self._customers(sorted({int(cart.buyer.id) for cart in nameless.values()})) if nameless else {}
        for cart_id, cart in nameless.items():
            person = people.get(cart.buyer.id)
            if isinstance(person, Customer):
                found[cart_id] = replace(cart, buyer=person)
        return found

    def _cart(self, cart_id: str) -> Fetched:
        try:
            row = self._client.record(f"/v3/carts/{cart_id}", under="data")
        except NotFound:
            return self._converted(cart_id)
        except Misconfigured as error:  # reading carts has a scope of its own; without it all else goes on
            return Rejected(f"Storeline may not read carts: {error.message}", code="BC_CARTS", status=error.status)
        return readable(partial(read, row))

    def _converted(self, cart_id: str) -> Fetched:
        order = self._order_of_cart(cart_id)
        if not isinstance(order, Order):
            return order
        return Cart(
            id=cart_id,
            buyer=order.buyer,
            currency=order.currency,
            amount=order.total,
            channel_id=order.channel_id,
            modified_at=order.modified_at,
            order_id=order.id,
        )


def read(row: Payload) -> Cart:
    """A cart of V3. Raises Rejected for an amount or date that is none."""
    items = row.get("line_items") or {}
    return Cart(
        id=str(row["id"]),
        buyer=_buyer(row),
        currency=str((row.get("currency") or {}).get("code") or "").upper(),
        amount=money.amount(row, "cart_amount"),
        lines=tuple(_line(item) for item in chain.from_iterable(items.get(kind) or () for kind in KINDS)),
        channel_id=str(row.get("channel_id") or 1),
        created_at=iso(row["created_time"]) if row.get("created_time") else None,
        modified_at=iso(row["updated_time"]) if row.get("updated_time") else None,
    )


def _buyer(row: Payload) -> Customer:
    """Whoever fills the cart; a guest is known once an e-mail was typed at the checkout."""
    email = str(row.get("email") or "").strip()
    guest = guest_id(email) if email else f"{GUEST}cart-{row['id']}"
    return Customer(id=record_id(row.get("customer_id")) or guest, email=email, complete=False)


def _line(item: Payload) -> OrderLine:
    quantity = int(item.get("quantity") or 1)
    price = _price(item)
    extended = "extended_sale_price" if item.get("extended_sale_price") is not None else "extended_list_price"
    known = item.get(extended) is not None
    return OrderLine(
        id=str(item["id"]),
        name=item.get("name") or item.get("sku") or "Item",
        sku=item.get("sku") or "",
        quantity=quantity,
        amount=money.amount(item, extended) if known else price * quantity,
        list_price=price,
        discount=money.amount(item, "discount_amount") + money.amount(item, "coupon_amount"),
        product_id=record_id(item.get("product_id")),
        variant_id=record_id(item.get("variant_id")),
        gift_certificate="amount" in item and "list_price" not in item,
    )


def _price(item: Payload) -> Decimal:
    for field in ("sale_price", "list_price", "amount"):  # a gift certificate has but an amount
        if item.get(field) is not None:
            return money.amount(item, field)
    return money.ZERO


def _is_nameless(cart: Cart) -> bool:
    """A cart tells its customer's number and e-mail only."""
    return not cart.is_recovered and not cart.buyer.is_guest
