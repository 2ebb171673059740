"""A grant becomes a connection, by whichever way the account was opened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.connectors import registry
from app.connectors.access import Grant
from app.db import now
from app.errors import Rejected, Retryable
from app.models import (
    Backfill,
    Conflict,
    Connection,
    ConnectionState,
    Cursor,
    DayTotal,
    Delivery,
    Difference,
    Link,
    Store,
)
from app.runtime import Runtime
from app.sync import backfills, connections, deliveries
from app.sync.patience import within

PATIENCE = 25.0  # seconds that a web thread gives an address that somebody typed in


@dataclass(frozen=True)
class Connected:
    """What a flow ended in."""

    connection_id: int
    vendor_label: str
    account: str  # its name, else where it is
    account_id: str
    store_name: str
    store_hash: str


def sign_in(
    runtime: Runtime, store_id: int, vendor: registry.Vendor, environment: str, form: Mapping[str, str]
) -> Connected:
    """Connect by a form. Raises Rejected with the field that is wrong, Reauthorize for wrong credentials, Retryable."""
    given = {item.name: form.get(item.name, "") or item.default for item in vendor.form}
    for item in vendor.form:
        if item.required and not given[item.name].strip():
            raise Rejected(f"{item.label} is missing.", code="MISSING", field=item.name)
    authorizer = vendor.sign_in(runtime.settings)
    try:
        grant = within(PATIENCE, lambda: authorizer.sign_in(given))
    except Retryable as error:
        if error.status is not None or "url" not in given:
            raise
        words = f"Nothing answers at {given['url']}. Check the address; if it is right, try again in a minute."
        raise Rejected(words, code=error.code, field="url") from error
    try:
        connected, is_live = keep(runtime, store_id, vendor.name, environment, grant)
    except Rejected:
        if grant.refresh_token:
            authorizer.revoke(grant.refresh_token, environment, grant.instance_url)
        raise
    begin(runtime, connected, is_live)
    return connected


def begin(runtime: Runtime, connected: Connected, is_live: bool) -> None:
    """Look at a newly connected account, and send it what waits."""
    runtime.bell.start("prepare", connected.connection_id)
    if is_live:
        runtime.bell.ring(connected.connection_id)


def keep(runtime: Runtime, store_id: int, vendor: str, environment: str, grant: Grant) -> tuple[Connected, bool]:
    """Keep a grant as a connection of the store; also whether that is live. Raises Rejected for another account."""
    with runtime.database.transaction() as session:
        connection = _connection(session, store_id, vendor, environment, grant)
        connections.save_grant(runtime, session, connection, grant)
        session.flush()
        store = session.get_one(Store, store_id)
        connected = Connected(
            connection_id=connection.id,
            vendor_label=registry.VENDORS[vendor].label,
            account=connection.account_name or urlsplit(connection.instance_url).hostname or "",
            account_id=connection.account_id,
            store_name=store.name or store.store_hash,
            store_hash=store.store_hash,
        )
        return connected, connection.state == ConnectionState.LIVE


def _connection(session: Session, store_id: int, vendor: str, environment: str, grant: Grant) -> Connection:
    connection = session.scalar(
        select(Connection)
        .where(
            Connection.store_id == store_id,
            Connection.vendor == vendor,
            Connection.environment == environment,
        )
        .with_for_update()
    )
    if connection is None:
        connection = Connection(
            store_id=store_id,
            vendor=vendor,
            environment=environment,
            state=ConnectionState.SETUP,
        )
        session.add(connection)
        return connection
    _check_account(session, connection, grant)
    if connection.state == ConnectionState.DISCONNECTED:
        connection.state, connection.connected_at = ConnectionState.SETUP, now()
        connection.prepared_at, connection.missing = None, []
    elif connection.state == ConnectionState.REAUTHORIZE:
        connection.state = ConnectionState.LIVE
    connection.problem, connection.hold_until = "", None
    return connection


def _check_account(session: Session, connection: Connection, grant: Grant) -> None:
    """Links lead into one account: another account needs a clean start."""
    if not connection.account_id or not grant.account_id or connection.account_id == grant.account_id:
        return
    if connection.state != ConnectionState.DISCONNECTED:
        name = connection.account_name or connection.account_id
        raise Rejected(
            f"This is another account than {name}, which is connected. Disconnect that one first.", code="OTHER_ACCOUNT"
        )
    backfills.end_all(session, Backfill.connection_id == connection.id)
    for table in (Link, Cursor, Conflict, DayTotal, Difference):
        session.execute(delete(table).where(table.connection_id == connection.id))
    from_there = Delivery.kind.startswith(deliveries.INWARD, autoescape=True)
    session.execute(delete(Delivery).where(Delivery.connection_id == connection.id, from_there))
    connection.account_name, connection.facts, connection.missing, connection.advice = "", {}, [], []
    connection.owners, connection.turns = [], {}
