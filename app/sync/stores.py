"""Who uses us: stores are installed, opened, left by a user, uninstalled and forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.connectors import registry
from app.connectors.bigcommerce.auth import Claims, Installation, Person
from app.connectors.bigcommerce.connector import StoreInfo
from app.db import insert_new, now
from app.errors import NotFound, Untrusted
from app.log import get_logger
from app.models import (
    Backfill,
    Connection,
    ConnectionState,
    Delivery,
    Lease,
    PanelPass,
    State,
    Store,
    StoreState,
    Token,
    User,
)
from app.runtime import Runtime
from app.sync import backfills, connections, coverage, leases, receipts

FRESH = timedelta(minutes=10)  # within which BigCommerce's own servers bring us a payload
LAUNCH_LIFE = 25 * 3600  # seconds; a payload is good for a day
LAUNCH = "launch:"  # prefix of the leases by which a payload that a browser brought is remembered

log = get_logger()


@dataclass(frozen=True)
class Visit:
    """A person who opened the app, and the store it was opened in."""

    store_id: int
    store_hash: str
    store_name: str
    currency: str
    timezone: str
    control_panel_url: str
    user_id: int
    email: str
    locale: str
    is_owner: bool


def install(runtime: Runtime, installation: Installation, info: StoreInfo | None = None) -> Visit:
    """Take a store in, or take it in anew: a changed scope or owner and a second person bring a new token, too."""
    grant = installation.grant
    with runtime.database.transaction() as session:
        insert_new(session, Store, {"store_hash": installation.store_hash})
        store = _store(session, installation.store_hash)
        if store.state == StoreState.UNINSTALLED:
            store.state, store.uninstalled_at, store.installed_at = StoreState.ACTIVE, None, now()
            receipts.cancel(session, store.store_hash)
        store.scope = grant.scope[:2000]
        store.hooks_checked_at = None  # uninstalling took them away, and a changed scope may bring others
        connection = _own_connection(session, store)
        connections.save_grant(runtime, session, connection, grant)
        connection.state, connection.problem = ConnectionState.LIVE, ""
        session.execute(update(Connection).where(Connection.store_id == store.id).values(hold_until=None))
        if info is not None:
            _describe(store, connection, info)
        _change_owner(session, store, installation.owner)
        user = _user(session, store, installation.user)
        log.info("installed", store=store.store_hash)
        return _visit(store, user)


def number_of(runtime: Runtime, store_hash: str) -> int:
    """Our number of a store, installed or not. Raises NotFound."""
    with runtime.database.reading() as session:
        found = session.scalar(select(Store.id).where(Store.store_hash == store_hash))
    if found is None:
        raise NotFound(f"There is no store {store_hash}.")
    return found


def describe(runtime: Runtime, store_id: int, info: StoreInfo) -> None:
    """Remember what a store says of itself, and that it lets us in."""
    with runtime.database.transaction() as session:
        store = session.get_one(Store, store_id)
        connection = _own_connection(session, store)
        if connection.state == ConnectionState.REAUTHORIZE:
            connection.state, connection.problem = ConnectionState.LIVE, ""
        _describe(store, connection, info)


def load(runtime: Runtime, claims: Claims) -> Visit | None:
    """Let a person of the store's staff in, known or new; None: the store is not installed.

    Raises Untrusted for somebody who was removed after the payload had been signed.
    """
    with runtime.database.transaction() as session:
        store = session.scalar(select(Store).where(Store.store_hash == claims.store_hash))
        if store is None or store.state != StoreState.ACTIVE:
            return None
        _change_owner(session, store, claims.owner)
        user = _user(session, store, claims.user, removed_before=claims.issued_at)
        user.locale = claims.locale[:20]
        session.execute(delete(Lease).where(Lease.name.startswith(LAUNCH), Lease.until < now()))
        visit = _visit(store, user)
    leases.acquire(runtime.database, LAUNCH + claims.jti[:50], LAUNCH_LIFE)
    return visit


def uninstall(runtime: Runtime, claims: Claims) -> None:
    """Let go of a store: its token dies at once, nothing more is sent; `forget` ends the rest. Raises Untrusted."""
    _require_server(runtime, claims)
    with runtime.database.transaction() as session:
        store = session.scalar(select(Store).where(Store.store_hash == claims.store_hash))
        if store is None or store.state != StoreState.ACTIVE:
            return
        if claims.issued_at < store.installed_at.replace(microsecond=0):
            raise Untrusted("The payload is older than the installation.", code="REPLAYED")
        store.state, store.uninstalled_at = StoreState.UNINSTALLED, now()
        own = _own_connection(session, store)
        session.execute(delete(Token).where(Token.connection_id == own.id))
        session.execute(
            update(Connection)
            .where(Connection.store_id == store.id)
            .values(state=ConnectionState.DISCONNECTED, problem="")
        )
        ended = select(Connection.id).where(Connection.store_id == store.id)
        session.execute(delete(PanelPass).where(PanelPass.connection_id.in_(ended)))
        backfills.end_all(session, Backfill.store_id == store.id)
        session.execute(
            update(Delivery)
            .where(Delivery.store_id == store.id, Delivery.state == State.WAITING)
            .values(state=State.DONE, result="disconnected", changed_at=now())
        )
        coverage.look_anew(session, store.id)
        store_id = store.id
        receipts.write(runtime, session, store)
    log.info("uninstalled", store=claims.store_hash)
    if not runtime.bell.start("forget", store_id):  # tokens do not wait for Redis
        forget(runtime, store_id)


def forget(runtime: Runtime, store_id: int) -> None:
    """Revoke and delete what a disconnected store had authorised; running it again does no harm."""
    ended = select(Token.connection_id).join(Connection)
    with runtime.database.reading() as session:
        ids = session.scalars(
            ended.where(Connection.store_id == store_id, Connection.state == ConnectionState.DISCONNECTED)
        ).all()
    for connection_id in ids:
        connections.disconnect(runtime, connection_id)
    with runtime.database.transaction() as session:
        store = session.get_one(Store, store_id)
        left = session.scalar(
            select(func.count()).select_from(Token).join(Connection).where(Connection.store_id == store_id)
        )
        if store.state == StoreState.UNINSTALLED and not left:
            receipts.tokens_ended(session, store.store_hash)


def remove_user(runtime: Runtime, claims: Claims) -> None:
    """Shut a person out of one store; open pages of theirs end with the next request. Raises Untrusted."""
    _require_server(runtime, claims)
    theirs = User.bigcommerce_id == claims.user.id
    with runtime.database.transaction() as session:
        store_id = select(Store.id).where(Store.store_hash == claims.store_hash).scalar_subquery()
        session.execute(
            update(User).where(User.store_id == store_id, theirs).values(is_active=False, last_seen_at=now())
        )


def _require_server(runtime: Runtime, claims: Claims) -> None:
    """Load, uninstall and remove_user payloads look alike: without this, anybody who may open the app could end it.

    So the payload must be a fresh one, and none that a browser has shown us.
    """
    if now() - claims.issued_at > FRESH:
        raise Untrusted("The payload is too old.", code="STALE")
    if leases.acquire(runtime.database, LAUNCH + claims.jti[:50], LAUNCH_LIFE) is None:
        raise Untrusted("The payload was used before.", code="REPLAYED")


def _store(session: Session, store_hash: str) -> Store:
    return session.scalars(select(Store).where(Store.store_hash == store_hash).with_for_update()).one()


def _own_connection(session: Session, store: Store) -> Connection:
    """The connection that stands for the store itself."""
    insert_new(session, Connection, {"store_id": store.id, "vendor": registry.SOURCE})
    return session.scalars(
        select(Connection).where(Connection.store_id == store.id, Connection.vendor == registry.SOURCE)
    ).one()


def _describe(store: Store, connection: Connection, info: StoreInfo) -> None:
    store.name, store.currency, store.timezone = info.name[:255], info.currency[:3], info.timezone[:64]
    store.control_panel_url = info.control_panel_url[:255]
    connection.account_name = info.name[:255]
    facts: dict[str, Any] = {**connection.facts, "url": info.url}
    connection.facts = facts


def _change_owner(session: Session, store: Store, owner: Person) -> None:
    """Ownership may move; the person who had it stays as a member of the staff."""
    if store.owner_id == owner.id:
        return
    store.owner_id = owner.id
    session.execute(update(User).where(User.store_id == store.id).values(is_owner=User.bigcommerce_id == owner.id))


def _user(session: Session, store: Store, person: Person, removed_before: datetime | None = None) -> User:
    insert_new(session, User, {"store_id": store.id, "bigcommerce_id": person.id})
    user = session.scalars(select(User).where(User.store_id == store.id, User.bigcommerce_id == person.id)).one()
    if not user.is_active and removed_before and user.last_seen_at and removed_before <= user.last_seen_at:
        raise Untrusted("This person was removed from the store.", code="REMOVED")
    user.email, user.is_owner = person.email[:255], person.id == store.owner_id
    user.is_active, user.last_seen_at = True, now()
    return user


def _visit(store: Store, user: User) -> Visit:
    return Visit(
        store_id=store.id,
        store_hash=store.store_hash,
        store_name=store.name,
        currency=store.currency,
        timezone=store.timezone,
        control_panel_url=store.control_panel_url,
        user_id=user.id,
        email=user.email,
        locale=user.locale,
        is_owner=user.is_owner,
    )
