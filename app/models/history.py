"""History that is loaded on request: what was chosen, how far it is, what it will cost."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import now
from app.models.base import Base


class BackfillState(StrEnum):
    COUNTING = "counting"  # a dry run: nothing is written
    READY = "ready"  # counted and forecast; waits for somebody to start it
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"  # the store refused what was chosen


UNFINISHED = (BackfillState.COUNTING, BackfillState.READY, BackfillState.RUNNING, BackfillState.PAUSED)
_UNFINISHED = text("state IN ('counting', 'ready', 'running', 'paused')")


class Backfill(Base):
    """Records of a chosen range that are brought to a connection behind everything that happens now."""

    __tablename__ = "backfills"
    __table_args__ = (
        Index("ix_backfills_listing", "store_id", "created_at"),
        Index(
            "uq_backfills_unfinished", "connection_id", unique=True,
            sqlite_where=_UNFINISHED, postgresql_where=_UNFINISHED,
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    store_id: Mapped[int] = mapped_column(ForeignKey("stores.id", ondelete="CASCADE"))
    connection_id: Mapped[int] = mapped_column(ForeignKey("connections.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(10), default=BackfillState.COUNTING)
    kinds: Mapped[list[Any]] = mapped_column(default=list)  # in the order in which they are loaded
    since: Mapped[datetime | None] = mapped_column()  # by the date of creation in the store
    until: Mapped[datetime | None] = mapped_column()
    filters: Mapped[dict[str, Any]] = mapped_column(default=dict)
    forecast: Mapped[dict[str, Any]] = mapped_column(default=dict)
    progress: Mapped[dict[str, Any]] = mapped_column(default=dict)  # kind -> see app/sync/progress.py
    problem: Mapped[str] = mapped_column(String(1000), default="")
    seconds: Mapped[float] = mapped_column(default=0.0)  # that it has run before resumed_at
    resumed_at: Mapped[datetime | None] = mapped_column()
    created_by: Mapped[str] = mapped_column(String(255), default="")
    created_at: Mapped[datetime] = mapped_column(default=now)
    started_at: Mapped[datetime | None] = mapped_column()
    finished_at: Mapped[datetime | None] = mapped_column()
