"""What people typed in place of a value of the store, for one record and one connection."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import now
from app.models.base import Base


class Correction(Base):
    """A field of a record as it is to be sent there, until the store's own value changes."""

    __tablename__ = "corrections"
    __table_args__ = (
        UniqueConstraint("connection_id", "kind", "record_id", "field"),
        Index("ix_corrections_person", "connection_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(32))
    record_id: Mapped[str] = mapped_column(String(300))
    # Whom it is about: it holds for the person's other records as well, wherever they have the same wrong value.
    person_id: Mapped[str] = mapped_column(String(300), default="")
    field: Mapped[str] = mapped_column(String(300))
    original: Mapped[str] = mapped_column(Text)  # the store's value that it stands for
    value: Mapped[str] = mapped_column(Text)
    made_by: Mapped[str] = mapped_column(String(255), default="")
    made_at: Mapped[datetime] = mapped_column(default=now)
