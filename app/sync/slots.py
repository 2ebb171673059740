"""The places for flushes of a connection, which work side by side: a lease each, named in what they claim."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import now
from app.models import Delivery, Lease, Reservation, State

LEASE = 30.0  # seconds that a dead worker blocks its slot


def lease(connection_id: int, slot: int) -> str:
    """The name of a slot's lease."""
    return f"{_prefix(connection_id)}{slot}"


def new_batch(slot: int) -> str:
    """The id of a batch that a slot claims; tells the slot."""
    return f"{slot}-{secrets.token_hex(14)}"


def of(batch: str) -> int:
    """The slot that claimed a batch; those from before there were slots belong to the first."""
    number, dash, _ = batch.partition("-")
    return int(number) if dash and number.isdecimal() else 0


def held(session: Session, connection_id: int) -> set[int]:
    """The slots of a connection in which somebody works."""
    prefix = _prefix(connection_id)
    names = session.scalars(
        select(Lease.name).where(Lease.name.startswith(prefix, autoescape=True), Lease.until > now())
    )
    return {int(name.removeprefix(prefix)) for name in names}


def occupied(session: Session, connection_id: int) -> dict[int, set[str]]:
    """Batches under way, or left by the dead, by slot."""
    running = select(Delivery.batch).where(Delivery.connection_id == connection_id, Delivery.state == State.RUNNING)
    reserved = select(Reservation.batch).where(Reservation.connection_id == connection_id)
    return _by_slot(batch for batch in session.scalars(running.union(reserved)) if batch)


def _by_slot(batches: Iterable[str]) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for batch in batches:
        found.setdefault(of(batch), set()).add(batch)
    return found


def _prefix(connection_id: int) -> str:
    return f"flush:{connection_id}:"
