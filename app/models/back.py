"""The way back from the CRMs: how far we have listened, and where both sides disagree."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import now
from app.models.base import Base


class Cursor(Base):
    """How far a list of changes or a stream of a connection has been read."""

    __tablename__ = "cursors"

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), primary_key=True)  # a kind of theirs, or "stream"
    value: Mapped[str] = mapped_column(Text, default="")  # the connector's own
    resync: Mapped[bool] = mapped_column(default=False)  # the vendor said that it did not tell everything
    read_at: Mapped[datetime] = mapped_column(default=now)


class ConflictState(StrEnum):
    OPEN = "open"
    DECIDED = "decided"  # a person has chosen; not yet written
    SETTLED = "settled"


class Conflict(Base):
    """A field that was changed on both sides, with both values; or a change that a rule overruled."""

    __tablename__ = "conflicts"
    __table_args__ = (
        Index(
            "uq_conflicts_open", "connection_id", "kind", "our_id", "field", unique=True,
            sqlite_where=text("state <> 'settled'"), postgresql_where=text("state <> 'settled'"),
        ),
        Index("ix_conflicts_listing", "store_id", "state", "changed_at"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(32))  # of the link
    our_id: Mapped[str] = mapped_column(String(300))
    their_kind: Mapped[str] = mapped_column(String(64))
    their_id: Mapped[str] = mapped_column(String(64))
    record_kind: Mapped[str] = mapped_column(String(32))  # of the store's record: customer, product, order, company
    record_id: Mapped[str] = mapped_column(String(255))
    label: Mapped[str] = mapped_column(String(255), default="")
    field: Mapped[str] = mapped_column(String(64))
    ours: Mapped[str] = mapped_column(Text)
    theirs: Mapped[str] = mapped_column(Text)
    agreed: Mapped[str | None] = mapped_column(Text)  # what both had before; unknown if they never agreed
    state: Mapped[str] = mapped_column(String(10), default=ConflictState.OPEN)
    winner: Mapped[str] = mapped_column(String(16), default="")  # "bigcommerce" or "crm"
    settled_by: Mapped[str] = mapped_column(String(64), default="")  # "rule: latest", "user: 12", "agreed"
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)
