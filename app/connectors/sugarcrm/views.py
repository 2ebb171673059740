"""Our records as the mappings read them: the records' own attributes and what follows from these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from app.connectors.sugarcrm.values import valid_email
from app.domain import Cart, Customer, Order
from app.domain.fields import price_text


@dataclass(frozen=True)
class PersonView:
    """A customer."""

    kind: ClassVar[str] = "customer"

    customer: Customer

    @property
    def id(self) -> str:
        return self.customer.id

    @property
    def has_bad_email(self) -> bool:
        return bool(self.customer.email) and not self.email

    @property
    def email(self) -> str:
        email = self.customer.email.strip()
        return email if valid_email(email) else ""

    @property
    def first_name(self) -> str:
        return self.customer.first_name.strip() if self.customer.last_name.strip() else ""

    @property
    def last_name(self) -> str:
        """Sugar requires one: the only name there is, or what stands before the @."""
        return (
            self.customer.last_name.strip()
            or self.customer.first_name.strip()
            or self.customer.email.partition("@")[0].strip()
            or "Unknown"
        )

    @property
    def account_name(self) -> str:
        return self.customer.company.strip() or f"{self.first_name} {self.last_name}".strip()

    @property
    def company(self) -> str:
        return self.customer.company.strip()

    @property
    def phone(self) -> str:
        return self.customer.phone or self.customer.billing.phone

    @property
    def group(self) -> str:
        return self.customer.group


class OrderView:
    """An order by the names of its opportunity."""

    kind: ClassVar[str] = "order"

    def __init__(self, order: Order) -> None:
        self.order = order
        self.id = order.id

    def __getattr__(self, name: str) -> Any:
        return getattr(self.order, name)

    @property
    def name(self) -> str:
        return f"Order {self.order.id}"

    @property
    def coupon_codes(self) -> str:
        return ", ".join(self.order.coupon_codes)

    @property
    def storefront(self) -> str:
        return self.order.channel or self.order.channel_id

    @property
    def tracking_number(self) -> str:
        return self.order.shipments[-1].tracking_number if self.order.shipments else ""

    @property
    def carrier(self) -> str:
        return self.order.shipments[-1].carrier if self.order.shipments else ""

    @property
    def shown_status(self) -> str:
        return "Archived" if self.order.is_deleted else self.order.status

    @property
    def amounts(self) -> str:
        """The three amounts in words, for an instance without fields for them."""
        order = self.order
        parts = [f"Order total {order.total:f} {order.currency}"]
        if order.refunds:
            parts.append(f"refunded {order.refunded:f} {order.currency}, net {order.net:f} {order.currency}")
        return ", ".join(parts) + "."

    @property
    def particulars(self) -> str:
        """Its state, one fact a line."""
        facts = {
            "Status": self.shown_status,
            "Tracking": " ".join(filter(None, (self.carrier, self.tracking_number))),
            "Payment": self.order.payment_method,
            "Coupons": self.coupon_codes,
            "Message": self.order.customer_message,
        }
        return "\n".join(f"{name}: {value}" for name, value in facts.items() if value)

    @property
    def goods(self) -> str:
        """Its lines in words, for an instance without line items."""
        lines = (f"{line.quantity} x {line.name}: {line.amount:f}" for line in self.order.settled())
        return "\n".join(lines)


@dataclass(frozen=True)
class CartView:
    """A cart by the names of its lead or opportunity."""

    kind: ClassVar[str] = "cart"

    cart: Cart

    @property
    def id(self) -> str:
        return self.cart.id

    @property
    def name(self) -> str:
        return f"Cart of {self.cart.buyer.name}"

    @property
    def amount(self) -> str:
        return f"{price_text(self.cart.amount, self.cart.currency)} {self.cart.currency}".strip()

    @property
    def goods(self) -> str:
        lines = (f"{line.quantity} x {line.name}" for line in self.cart.lines)
        return "\n".join((f"Cart worth {self.amount}", *lines))
