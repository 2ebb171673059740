"""The proof of money: both sides compared by day and currency, and every order that differs."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import now
from app.models.base import Base
from app.models.copies import Amount


class ComparisonState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Comparison(Base):
    """One run that reads the orders of a range of days on both sides."""

    __tablename__ = "comparisons"
    __table_args__ = (Index("ix_comparisons_listing", "connection_id", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"))
    since: Mapped[date] = mapped_column(Date)  # in the store's time zone, as all days here
    until: Mapped[date] = mapped_column(Date)  # inclusive
    more_days: Mapped[list[Any]] = mapped_column(default=list)  # earlier ones, of orders that have changed since
    state: Mapped[str] = mapped_column(String(10), default=ComparisonState.WAITING)
    asked_by: Mapped[str] = mapped_column(String(255), default="")  # "" for ourselves
    is_nightly: Mapped[bool] = mapped_column(default=False)
    days_done: Mapped[int] = mapped_column(default=0)
    orders: Mapped[int] = mapped_column(default=0)
    differences: Mapped[int] = mapped_column(default=0)
    repaired: Mapped[int] = mapped_column(default=0)  # deliveries asked for
    problem: Mapped[str] = mapped_column(String(1000), default="")
    started_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None] = mapped_column()


class DayTotal(Base):
    """Orders placed on a day in one currency, as both sides held them when they were last compared. Amounts are net."""

    __tablename__ = "day_totals"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    store_orders: Mapped[int] = mapped_column(default=0)
    crm_orders: Mapped[int] = mapped_column(default=0)
    store_total: Mapped[Decimal] = mapped_column(Amount, default=Decimal(0))
    crm_total: Mapped[Decimal] = mapped_column(Amount, default=Decimal(0))
    checked_at: Mapped[datetime] = mapped_column(default=now)


class DifferenceKind(StrEnum):
    MISSING = "missing"  # the CRM does not have it
    EXTRA = "extra"  # the store does not have it
    AMOUNT = "amount"
    CURRENCY = "currency"
    TWICE = "twice"  # the CRM has it more than once


class Difference(Base):
    """An order that is not the same on both sides, in one currency; all of a day's make up its drift."""

    __tablename__ = "differences"
    __table_args__ = (
        UniqueConstraint("connection_id", "order_id", "currency"),
        Index("ix_differences_listing", "connection_id", "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"))
    order_id: Mapped[str] = mapped_column(String(32))
    day: Mapped[date] = mapped_column(Date)
    kind: Mapped[str] = mapped_column(String(10))
    currency: Mapped[str] = mapped_column(String(3))
    store_net: Mapped[Decimal | None] = mapped_column(Amount)
    crm_net: Mapped[Decimal | None] = mapped_column(Amount)  # of all its records there
    their_kind: Mapped[str] = mapped_column(String(64), default="")
    their_id: Mapped[str] = mapped_column(String(64), default="")
    found_at: Mapped[datetime] = mapped_column(default=now)
    settled_at: Mapped[datetime | None] = mapped_column()  # when both sides were seen to agree again
