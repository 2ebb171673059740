"""What a shopper and the store's staff write to each other about an order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True)
class Message:
    """A message on an order; its id is `<order id>-<message id>`."""

    kind: ClassVar[str] = "message"

    id: str
    order_id: str
    subject: str
    text: str
    sent_at: datetime
    by_staff: bool = False
    customer_id: str = ""
