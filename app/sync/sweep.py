"""Rings again for what is due, so that nothing waits for a bell that was lost."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Select, select

from app.connectors.registry import SOURCE
from app.db import now
from app.models import Connection, ConnectionState, PrivacyAction, PrivacyRequest, Store, StoreState, Token
from app.runtime import Runtime
from app.sync import claims, polling, receipts

HOOKS_EVERY = timedelta(hours=24)  # BigCommerce drops hooks that were quiet for 90 days
RENEW_AFTER = timedelta(days=7)  # vendors end an authorisation that was idle for a month
LOOK_AGAIN = timedelta(minutes=5)  # at what did not work
AGAIN = 300  # seconds between two starts of the same duty
RENEWED = (ConnectionState.SETUP, ConnectionState.LIVE, ConnectionState.PAUSED)


def ring_due(runtime: Runtime) -> int:
    """Ring for every live connection with something due or left running; how many."""
    with runtime.database.reading() as session:
        connections = claims.to_ring(session, now())
    for connection_id in connections:
        runtime.bell.ring(connection_id)
    return len(connections)


def start_polls(runtime: Runtime) -> None:
    """Ask the CRMs what changed there, now and then."""
    for connection_id in polling.due(runtime):
        runtime.bell.start("poll", connection_id, once_in=int(runtime.settings.poll_seconds))


def start_duties(runtime: Runtime) -> None:
    """Start what keeps hooks and authorisations alive, and repeat jobs that got lost."""
    with runtime.database.reading() as session:
        wanted = {name: session.scalars(query).all() for name, query in _duties().items()}
    for job, numbers in wanted.items():
        for number in numbers:
            runtime.bell.start(job, number, once_in=AGAIN)


def _duties() -> dict[str, Select[int]]:
    """Jobs, and the numbers of the stores or connections that need them now."""
    stale = Store.hooks_checked_at.is_(None) | (Store.hooks_checked_at < now() - HOOKS_EVERY)
    wrong = (Store.hooks_problem != "") & (Store.hooks_checked_at < now() - LOOK_AGAIN)
    tokens = select(Token.connection_id).join(Connection)
    quiet = (Token.refresh_token.is_not(None)) & (Token.refreshed_at < now() - RENEW_AFTER)
    return {
        "hooks": select(Store.id).where(Store.state == StoreState.ACTIVE, stale | wrong),
        "renew": tokens.where(quiet, Connection.state.in_(RENEWED)),
        "prepare": select(Connection.id).where(
            Connection.state == ConnectionState.SETUP,
            Connection.prepared_at.is_(None),
            Connection.connected_at < now() - LOOK_AGAIN,
            Connection.vendor != SOURCE,
        ),
        "forget": select(Connection.store_id)
        .join(Token)
        .where(Connection.state == ConnectionState.DISCONNECTED)
        .distinct(),
        "erase": select(PrivacyRequest.id).where(
            PrivacyRequest.action == PrivacyAction.ERASE, PrivacyRequest.done_at.is_(None)
        ),
        "delete_store": receipts.due(),
    }
