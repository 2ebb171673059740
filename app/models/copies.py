"""Our own copy of what a panel shows, kept by the sync, so that a panel never waits for a vendor."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base

Amount = Numeric(20, 4)


class OrderCopy(Base):
    """An order as it was last fetched."""

    __tablename__ = "orders"
    __table_args__ = (
        Index("ix_orders_customer", "store_id", "customer_id", "placed_at"),
        Index("ix_orders_email", "store_id", "email", "placed_at"),
        Index("ix_orders_placed", "store_id", "placed_at"),
    )

    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"), primary_key=True)
    order_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    customer_id: Mapped[str] = mapped_column(String(300))  # of a guest: guest:<e-mail>
    email: Mapped[str] = mapped_column(String(255), default="")  # case-folded
    stage: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(100))
    currency: Mapped[str] = mapped_column(String(3))
    total: Mapped[Decimal] = mapped_column(Amount)
    refunded: Mapped[Decimal] = mapped_column(Amount)
    channel_id: Mapped[str] = mapped_column(String(32), default="1")
    placed_at: Mapped[datetime] = mapped_column()
    modified_at: Mapped[datetime] = mapped_column()
    deleted: Mapped[bool] = mapped_column(default=False)
    document: Mapped[dict[str, Any]] = mapped_column()  # domain.to_json(order)


class Person(Base):
    """A customer or guest as last fetched; what links a CRM record to orders by e-mail."""

    __tablename__ = "people"
    __table_args__ = (
        Index("ix_people_email", "store_id", "email"),
        Index("ix_people_company", "store_id", "company_id"),
    )

    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"), primary_key=True)
    customer_id: Mapped[str] = mapped_column(String(300), primary_key=True)
    email: Mapped[str] = mapped_column(String(255), default="")  # case-folded
    name: Mapped[str] = mapped_column(String(255), default="")
    company_id: Mapped[str] = mapped_column(String(32), default="")  # of the B2B company that they buy for
    deleted: Mapped[bool] = mapped_column(default=False)
    modified_at: Mapped[datetime | None] = mapped_column()


class CartCopy(Base):
    """A cart as it was last fetched, for those who look whether somebody is about to buy."""

    __tablename__ = "carts"
    __table_args__ = (
        Index("ix_carts_customer", "store_id", "customer_id"),
        Index("ix_carts_email", "store_id", "email"),
    )

    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"), primary_key=True)
    cart_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    customer_id: Mapped[str] = mapped_column(String(300), default="")
    email: Mapped[str] = mapped_column(String(255), default="")  # case-folded
    currency: Mapped[str] = mapped_column(String(3), default="")
    amount: Mapped[Decimal] = mapped_column(Amount, default=Decimal(0))
    order_id: Mapped[str] = mapped_column(String(32), default="")  # what it became
    deleted: Mapped[bool] = mapped_column(default=False)
    modified_at: Mapped[datetime | None] = mapped_column()
    document: Mapped[dict[str, Any]] = mapped_column()  # domain.to_json(cart)
