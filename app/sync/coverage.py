"""From when on a connection has to hold all of its store's orders."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.db import insert_new
from app.models import Backfill, BackfillState, Connection, Cursor

COVERED = "covered"  # name of the cursor that keeps when this account was first connected
LOOKED = "refill:"  # before a kind: the name of the cursor that tells how far the store was looked through for it
ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
NOT_NARROWER = frozenset({"parcels_days"})  # a wish that leaves no order out


def note(session: Session, connection: Connection) -> None:
    """Remember when this account was first connected: connecting it again is no new beginning."""
    row = {"connection_id": connection.id, "name": COVERED, "value": connection.connected_at.isoformat()}
    insert_new(session, Cursor, {**row, "resync": False, "read_at": connection.connected_at})


def connected(session: Session, connection: Connection) -> datetime:
    """When this account was first connected; stores tell times in whole seconds."""
    kept = session.get(Cursor, (connection.id, COVERED))
    first = datetime.fromisoformat(kept.value) if kept is not None else connection.connected_at
    return first.replace(microsecond=0)


def look_anew(session: Session, store_id: int) -> None:
    """What waited for the store's connections is dropped: whoever connects again is told of all that has changed."""
    own = select(Connection.id).where(Connection.store_id == store_id)
    looks = Cursor.connection_id.in_(own) & Cursor.name.startswith(LOOKED, autoescape=True)
    session.execute(delete(Cursor).where(looks).execution_options(synchronize_session=False))


def since(session: Session, connection: Connection) -> datetime:
    """What was placed from then on has to be there: connected, or a history that was loaded whole, came first."""
    first = connected(session, connection)
    done = select(Backfill).where(Backfill.connection_id == connection.id, Backfill.state == BackfillState.DONE)
    reaches = [
        backfill.since or ALWAYS
        for backfill in session.scalars(done)
        if backfill.created_at >= first  # else it went into another account
        and "order" in backfill.kinds
        and not any(value for name, value in backfill.filters.items() if name not in NOT_NARROWER)
        and (backfill.until is None or backfill.until >= first)
    ]
    return min([first, *reaches])
