"""Rings again for what is due, so that nothing waits for a bell that was lost."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from app.db import now
from app.models import AuthorizationRequest, Connection, ConnectionState, Store, StoreState, Token
from app.runtime import Runtime
from app.sync import deliveries

HOOKS_EVERY = timedelta(hours=24)  # BigCommerce drops hooks that were quiet for 90 days
RENEW_AFTER = timedelta(days=7)  # vendors end an authorisation that was idle for a month
PREPARE_AGAIN = timedelta(minutes=5)


def ring_due(runtime: Runtime) -> int:
    """Ring for every live connection with something due or left running; how many."""
    with runtime.database.reading() as session:
        connections = deliveries.to_ring(session, now())
    for connection_id in connections:
        runtime.bell.ring(connection_id)
    return len(connections)


def start_duties(runtime: Runtime) -> None:
    """Start the jobs that keep hooks and authorisations alive, and repeat preparations that got lost."""
    with runtime.database.reading() as session:
        stale = Store.hooks_checked_at.is_(None) | (Store.hooks_checked_at < now() - HOOKS_EVERY)
        stores = session.scalars(select(Store.id).where(Store.state == StoreState.ACTIVE, stale)).all()
        quiet = session.scalars(
            select(Token.connection_id).where(
                Token.refresh_token.is_not(None), Token.refreshed_at < now() - RENEW_AFTER
            )
        ).all()
        unprepared = session.scalars(
            select(Connection.id).where(
                Connection.state == ConnectionState.SETUP,
                Connection.prepared_at.is_(None),
                Connection.connected_at < now() - PREPARE_AGAIN,
                Connection.vendor != "bigcommerce",
            )
        ).all()
    for job, ids in (("hooks", stores), ("renew", quiet), ("prepare", unprepared)):
        for number in ids:
            runtime.bell.start(job, number)


def prune(runtime: Runtime) -> None:
    """Drop connect flows that nobody finished."""
    with runtime.database.transaction() as session:
        session.execute(delete(AuthorizationRequest).where(AuthorizationRequest.expires_at < now()))
