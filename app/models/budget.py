"""API calls: what vendors allow, what the merchant lets us have of it, what we used."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class Allowance(Base):
    """The daily allowance of a connection's account, and our share of it."""

    __tablename__ = "allowances"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True)
    share: Mapped[int] = mapped_column(default=50)  # percent that is never exceeded
    maximum: Mapped[int | None] = mapped_column()  # calls in 24 hours; unknown until the vendor or a person told
    used: Mapped[int | None] = mapped_column()  # by everybody, as the vendor last told
    told_at: Mapped[datetime | None] = mapped_column()


class Usage(Base):
    """Our own calls to a connection's account in one hour."""

    __tablename__ = "usage"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    calls: Mapped[int] = mapped_column(default=0)
