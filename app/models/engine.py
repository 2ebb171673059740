"""The engine's memory: what came in, what is to be carried where, what became of it, and which ids belong together."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.db import now
from app.models.base import Base


class InboxEvent(Base):
    """A vendor's notice as it came, kept whether we know its scope or not."""

    __tablename__ = "inbox_events"
    __table_args__ = (UniqueConstraint("store_id", "vendor", "event_id"), Index(None, "received_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    vendor: Mapped[str] = mapped_column(String(32))
    event_id: Mapped[str] = mapped_column(String(255))
    scope: Mapped[str] = mapped_column(String(255))
    body: Mapped[str] = mapped_column(Text)
    correlation_id: Mapped[str] = mapped_column(String(32))
    known: Mapped[bool] = mapped_column(default=True)  # whether we could read a record out of it
    received_at: Mapped[datetime] = mapped_column(default=now)


class State(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    DEAD = "dead"  # a person is needed


class Delivery(Base):
    """One record of the store that is to be brought to one connection, as it is when it is fetched."""

    __tablename__ = "deliveries"
    __table_args__ = (
        # One may wait and one may run: what changes while a record is under way goes with the next flush.
        Index(
            "uq_deliveries_waiting", "connection_id", "kind", "record_id", unique=True,
            sqlite_where=text("state = 'waiting'"), postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "uq_deliveries_running", "connection_id", "kind", "record_id", unique=True,
            sqlite_where=text("state = 'running'"), postgresql_where=text("state = 'running'"),
        ),
        Index("ix_deliveries_record", "connection_id", "kind", "record_id"),
        Index("ix_deliveries_due", "connection_id", "state", "priority", "due_at"),
        Index("ix_deliveries_listing", "store_id", "changed_at"),
        Index("ix_deliveries_batch", "batch"),
        Index("ix_deliveries_backfill", "backfill_id", "state"),
        Index(
            "ix_deliveries_troubled", "store_id", "connection_id", "error_code", "error_field", "kind", "id",
            sqlite_where=text("error_code <> ''"), postgresql_where=text("error_code <> ''"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(32))
    record_id: Mapped[str] = mapped_column(String(255))
    correlation_id: Mapped[str] = mapped_column(String(32))
    priority: Mapped[int] = mapped_column(default=0)  # the smaller, the sooner
    state: Mapped[str] = mapped_column(String(10), default=State.WAITING)
    due_at: Mapped[datetime] = mapped_column(default=now)
    attempts: Mapped[int] = mapped_column(default=0)
    tried: Mapped[bool] = mapped_column(default=False)  # an earlier run of it may have left something there
    batch: Mapped[str | None] = mapped_column(String(32))  # the flush that claimed it
    backfill_id: Mapped[int | None] = mapped_column()  # that asked for it; None: something happened in the store
    result: Mapped[str] = mapped_column(String(20), default="")  # done: written, unchanged, skipped, archived, replaced
    remedy: Mapped[str] = mapped_column(String(20), default="")
    error_code: Mapped[str] = mapped_column(String(100), default="")
    error_field: Mapped[str] = mapped_column(String(255), default="")
    error_message: Mapped[str] = mapped_column(Text, default="")
    flags: Mapped[list[Any]] = mapped_column(default=list)
    label: Mapped[str] = mapped_column(String(255), default="")  # "Order 1001, Jane Doe"
    amount: Mapped[str] = mapped_column(String(40), default="")  # money that hangs on it, "12.50 GBP"
    created_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)

    tries: Mapped[list[Attempt]] = relationship(
        back_populates="delivery", cascade="all, delete-orphan", order_by="Attempt.id"
    )


class Reservation(Base):
    """Something that one batch works on (an order, a person, an address), so that no other one does meanwhile."""

    __tablename__ = "reservations"
    __table_args__ = (Index("ix_reservations_batch", "batch"),)

    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True)
    subject: Mapped[str] = mapped_column(String(400), primary_key=True)
    batch: Mapped[str] = mapped_column(String(32))


class Attempt(Base):
    """One try of one delivery: what was sent, what came back, how long it took."""

    __tablename__ = "attempts"
    __table_args__ = (
        Index(None, "started_at"),
        Index(
            "ix_attempts_payloads", "started_at",
            sqlite_where=text("has_payload"), postgresql_where=text("has_payload"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"), index=True)
    correlation_id: Mapped[str] = mapped_column(String(32), index=True)
    number: Mapped[int] = mapped_column()
    started_at: Mapped[datetime] = mapped_column()
    milliseconds: Mapped[int] = mapped_column(default=0)
    result: Mapped[str] = mapped_column(String(20))
    error_code: Mapped[str] = mapped_column(String(100), default="")
    error_message: Mapped[str] = mapped_column(Text, default="")
    sent: Mapped[dict[str, Any] | None] = mapped_column()
    received: Mapped[dict[str, Any] | None] = mapped_column()
    has_payload: Mapped[bool] = mapped_column(default=True)  # these two are kept for less long than the rest

    delivery: Mapped[Delivery] = relationship(back_populates="tries")


class LinkState(StrEnum):
    """What became of their record."""

    LIVE = "live"
    MERGED = "merged"  # people there made one of it and another one, which has a live link of its own
    GONE = "gone"  # somebody there deleted it: it is not made anew


class Link(Base):
    """Our id and theirs, with what both sides last agreed on: a fingerprint, and the fields that travel both ways."""

    __tablename__ = "links"
    __table_args__ = (
        UniqueConstraint("connection_id", "kind", "our_id"),
        # Several customers may belong to one account there; everything else is one to one.
        Index(
            "uq_links_theirs", "connection_id", "kind", "their_kind", "their_id", unique=True,
            sqlite_where=text("kind <> 'account' AND state = 'live'"),
            postgresql_where=text("kind <> 'account' AND state = 'live'"),
        ),
        Index("ix_links_theirs", "connection_id", "their_kind", "their_id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(32))
    our_id: Mapped[str] = mapped_column(String(300))
    their_kind: Mapped[str] = mapped_column(String(64))
    their_id: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(40), default="")
    children: Mapped[list[Any]] = mapped_column(default=list)
    state: Mapped[str] = mapped_column(String(10), default=LinkState.LIVE)
    agreed: Mapped[dict[str, Any]] = mapped_column(default=dict)  # {"ours": {field: text}, "theirs": {field: text}}
    linked_at: Mapped[datetime] = mapped_column(default=now)
