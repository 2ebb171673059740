"""What somebody put into a cart and has not bought, or has by now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar

from app.domain.customer import Customer
from app.domain.order import OrderLine


@dataclass(frozen=True)
class Cart:
    """A cart; `amount` with its discounts taken off, in `currency`. Once `order_id` is set, little else is known of it.

    The buyer is a customer, a guest who typed an e-mail address, or nobody that we could name (then without e-mail).
    """

    kind: ClassVar[str] = "cart"

    id: str
    buyer: Customer
    currency: str = ""
    amount: Decimal = Decimal(0)
    lines: tuple[OrderLine, ...] = ()
    channel_id: str = "1"
    created_at: datetime | None = None
    modified_at: datetime | None = None
    order_id: str = ""  # what it was converted to

    @property
    def is_recovered(self) -> bool:
        return bool(self.order_id)
