"""A company of the B2B edition, for which several customers may buy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from app.domain.customer import Address


class CompanyStatus(StrEnum):
    """Whether the store lets it buy."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    INACTIVE = "inactive"


@dataclass(frozen=True)
class Company:
    """A company; `customer_ids` are the store's customers who buy for it."""

    kind: ClassVar[str] = "company"

    id: str
    name: str
    email: str = ""
    phone: str = ""
    address: Address = Address()
    status: CompanyStatus = CompanyStatus.APPROVED
    customer_ids: tuple[str, ...] = ()
    modified_at: datetime | None = None
