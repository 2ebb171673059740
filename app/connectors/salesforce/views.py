"""Our records as the mappings read them: the records' own attributes and what follows from these."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from app.connectors.salesforce.values import valid_email
from app.domain import ChargeKind, Customer, Order


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
    def phone(self) -> str:
        return self.customer.phone or self.customer.billing.phone


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
