"""Our records as the mappings read them: the records' own attributes and what follows from these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from app.connectors.salesforce.values import valid_email
from app.db import now
from app.domain import Cart, ChargeKind, Customer, Order, Shipment
from app.domain.fields import price_text
from app.domain.order import Stage

DECISION = timedelta(days=30)  # until a cart's opportunity is expected to close


@dataclass(frozen=True)
class PersonView:
    """A customer; `reachable` false: without the e-mail address, which Salesforce does not take."""

    kind: ClassVar[str] = "customer"

    customer: Customer
    reachable: bool = True

    @property
    def id(self) -> str:
        return self.customer.id

    @property
    def has_bad_email(self) -> bool:
        return bool(self.customer.email) and not self.email

    @property
    def email(self) -> str:
        email = self.customer.email.strip()
        return email if self.reachable and valid_email(email) else ""

    @property
    def first_name(self) -> str:
        return self.customer.first_name if self.customer.last_name.strip() else ""

    @property
    def last_name(self) -> str:
        """Salesforce requires one: the only name there is, or what stands before the @."""
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
    def lead_company(self) -> str:
        """A lead requires one; that of a person is the person's own name, as an account's is."""
        return self.account_name

    @property
    def phone(self) -> str:
        return self.customer.phone or self.customer.billing.phone

    @property
    def group(self) -> str:
        return self.customer.group


class OrderView:
    """An order with its charges by name."""

    kind: ClassVar[str] = "order"

    def __init__(self, order: Order) -> None:
        self.order = order
        self.id = order.id

    def __getattr__(self, name: str) -> Any:
        return getattr(self.order, name)

    @property
    def number(self) -> str:
        return f"#{self.order.id}"

    @property
    def opportunity_name(self) -> str:
        return f"Order #{self.order.id}, {self.order.buyer.name}"

    @property
    def counted(self) -> Decimal:
        """What the order adds to turnover: one that came to nothing keeps its total, and counts for nothing."""
        return Decimal(0) if self.order.stage is Stage.CANCELLED else self.order.net

    @property
    def tracking_number(self) -> str:
        return self._last.tracking_number if self._last else ""

    @property
    def carrier(self) -> str:
        return self._last.carrier if self._last else ""

    @property
    def shipped_at(self) -> datetime | None:
        return self._last.shipped_at if self._last else None

    @property
    def _last(self) -> Shipment | None:
        return self.order.shipments[-1] if self.order.shipments else None

    @property
    def shipping_cost(self) -> Decimal:
        return self.order.charged(ChargeKind.SHIPPING)

    @property
    def handling(self) -> Decimal:
        return self.order.charged(ChargeKind.HANDLING)

    @property
    def gift_wrap(self) -> Decimal:
        return self.order.charged(ChargeKind.GIFT_WRAP)

    @property
    def fees(self) -> Decimal:
        return self.order.charged(ChargeKind.FEE)

    @property
    def tax(self) -> Decimal:
        return self.order.charged(ChargeKind.TAX)

    @property
    def coupon_codes(self) -> str:
        return ", ".join(self.order.coupon_codes)


@dataclass(frozen=True)
class CartView:
    """A cart in words."""

    kind: ClassVar[str] = "cart"

    cart: Cart

    @property
    def id(self) -> str:
        return self.cart.id

    @property
    def amount(self) -> Decimal:
        return self.cart.amount

    @property
    def currency(self) -> str:
        return self.cart.currency

    @property
    def opportunity_name(self) -> str:
        return f"Cart of {self.cart.buyer.name or 'a visitor'}"

    @property
    def description(self) -> str:
        """What is in it, a line each."""
        lines = (f"{line.quantity} x {line.name}{f' ({line.sku})' if line.sku else ''}" for line in self.cart.lines)
        return "\n".join((f"Cart of {price_text(self.cart.amount, self.cart.currency)} {self.cart.currency}:", *lines))

    @property
    def closes_at(self) -> datetime:
        return (self.cart.modified_at or self.cart.created_at or now()).astimezone(UTC) + DECISION
