"""Figures about a store's connections: what waits, what failed, the money behind it, the last sign of life."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import Numeric, Select, cast, func, select
from sqlalchemy.orm import Session

from app.db import now
from app.domain.money import rounded
from app.models import Conflict, ConflictState, Delivery, State, Store

UNFINISHED = (State.WAITING, State.RUNNING, State.DEAD)
CURRENCY = 3  # letters at the end of an amount, "12.50 GBP"
MONEY_CURRENCY = func.substr(Delivery.amount, func.length(Delivery.amount) - CURRENCY + 1, CURRENCY)
MONEY_SUM = func.sum(cast(func.substr(Delivery.amount, 1, func.length(Delivery.amount) - CURRENCY - 1), Numeric(20, 4)))


@dataclass
class Figures:
    """Counts by state, money that has not arrived yet by currency, and when a record last moved."""

    waiting: int = 0
    running: int = 0
    dead: int = 0
    done_today: int = 0
    money: dict[str, Decimal] = field(default_factory=dict)
    last_activity_at: datetime | None = None
    open_conflicts: int = 0


def figures(session: Session, store: Store, connection_ids: Sequence[int]) -> dict[int, Figures]:
    """The figures of each of these connections of the store."""
    found: dict[int, Figures] = defaultdict(Figures)
    for connection_id, state, count in session.execute(
        select(Delivery.connection_id, Delivery.state, func.count())
        .where(Delivery.connection_id.in_(connection_ids), Delivery.state.in_(UNFINISHED))
        .group_by(Delivery.connection_id, Delivery.state)
    ):
        setattr(found[connection_id], state, count)
    for connection_id, count in session.execute(
        select(Delivery.connection_id, func.count())
        .where(Delivery.store_id == store.id, Delivery.changed_at >= _midnight(store), Delivery.state == State.DONE)
        .group_by(Delivery.connection_id)
    ):
        found[connection_id].done_today = count
    _add_money(session, connection_ids, found)
    for connection_id, count in session.execute(
        select(Conflict.connection_id, func.count())
        .where(Conflict.store_id == store.id, Conflict.state == ConflictState.OPEN)
        .group_by(Conflict.connection_id)
    ):
        found[connection_id].open_conflicts = count
    for connection_id in connection_ids:
        found[connection_id].last_activity_at = _last_activity(session, store.id, connection_id)
    return found


def _add_money(session: Session, connection_ids: Sequence[int], found: dict[int, Figures]) -> None:
    for connection_id, code, total in session.execute(
        select(Delivery.connection_id, MONEY_CURRENCY, MONEY_SUM)
        .where(Delivery.id.in_(newest_with_money(connection_ids)))
        .group_by(Delivery.connection_id, MONEY_CURRENCY)
        .order_by(MONEY_CURRENCY)
    ):
        found[connection_id].money[code] = rounded(Decimal(total), code)


def newest_with_money(connection_ids: Sequence[int]) -> Select[int]:
    """Ids of what money hangs on: a record can be dead and wait again, its newest delivery alone says how much."""
    return (
        select(func.max(Delivery.id))
        .where(
            Delivery.connection_id.in_(connection_ids), Delivery.state.in_(UNFINISHED), Delivery.amount.like("% ___")
        )
        .group_by(Delivery.connection_id, Delivery.kind, Delivery.record_id)
    )


def _last_activity(session: Session, store_id: int, connection_id: int) -> datetime | None:
    return session.scalar(
        select(Delivery.changed_at)
        .where(Delivery.store_id == store_id, Delivery.connection_id == connection_id, Delivery.state != State.WAITING)
        .order_by(Delivery.changed_at.desc())
        .limit(1)
    )


def _midnight(store: Store) -> datetime:
    try:
        zone = ZoneInfo(store.timezone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):  # BigCommerce has had zones without an IANA name
        zone = ZoneInfo("UTC")
    return datetime.combine(now().astimezone(zone).date(), time.min, zone)
