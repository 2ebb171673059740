"""What people typed in place of a value of the store, for one record and one connection."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import now
from app.models.base import Base


class Correction(Base):
    """A field of a record as it is to be sent there, until the store's own value changes."""

    __tablename__ = "corrections"
    __table_args__ = (UniqueConstraint("connection_id", "kind", "record_id", "field"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(32))
    record_id: Mapped[str] = mapped_column(String(255))
    field: Mapped[str] = mapped_column(String(64))
    original: Mapped[str] = mapped_column(Text)  # the store's value that it stands for
    value: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(String(255), default="")
    made_at: Mapped[datetime] = mapped_column(default=now)
