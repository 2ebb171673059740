"""Proof of what was done with people's data, without the data."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import now
from app.models.base import Base


class PrivacyAction(StrEnum):
    EXPORT = "export"
    ERASE = "erase"


class PrivacyRequest(Base):
    """One person's data exported or erased; who it was can be checked, not read."""

    __tablename__ = "privacy_requests"
    __table_args__ = (Index("ix_privacy_requests_listing", "store_id", "requested_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    action: Mapped[str] = mapped_column(String(10))
    subject_hash: Mapped[str] = mapped_column(String(64))  # keyed, of the folded e-mail address
    subject: Mapped[bytes | None] = mapped_column(LargeBinary)  # who it is, sealed, until the work is done
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)  # table -> rows
    requested_by: Mapped[str] = mapped_column(String(255), default="")
    requested_at: Mapped[datetime] = mapped_column(default=now)
    done_at: Mapped[datetime | None] = mapped_column()
    lifted_at: Mapped[datetime | None] = mapped_column()  # they bought anew, and are carried again


class UninstallReceipt(Base):
    """What became of a store's data after it was uninstalled; outlives the store's own row."""

    __tablename__ = "uninstall_receipts"

    id: Mapped[int] = mapped_column(primary_key=True)
    store_hash: Mapped[str] = mapped_column(String(64), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)  # of the code in the receipt's address
    uninstalled_at: Mapped[datetime] = mapped_column(default=now)
    tokens_ended_at: Mapped[datetime | None] = mapped_column()
    delete_at: Mapped[datetime] = mapped_column()
    deleted_at: Mapped[datetime | None] = mapped_column()
    cancelled_at: Mapped[datetime | None] = mapped_column()  # installed again before the day
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
