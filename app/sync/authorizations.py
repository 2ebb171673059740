"""Connect flows: a one-time ticket opens one, its callback ends it, and a connection comes of it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.connectors import registry
from app.connectors.base import Authorization, Grant
from app.db import now
from app.errors import NotFound, Rejected
from app.models import AuthorizationRequest, Connection, ConnectionState, Link, Store, StoreState, User
from app.runtime import Runtime
from app.sync import connections
from app.vault import VaultError

TICKET_LIFE = timedelta(minutes=5)  # from the button to our redirect
FLOW_LIFE = timedelta(minutes=15)  # from there to the callback: logging in there takes a person a while
ENVIRONMENTS = ("production", "sandbox")


@dataclass(frozen=True)
class Redirect:
    """Where the browser goes, and the cookie that binds the flow to it."""

    url: str
    cookie: str
    secret: str


@dataclass(frozen=True)
class Connected:
    """What a flow ended in."""

    connection_id: int
    vendor_label: str
    account_name: str


def start(runtime: Runtime, user: User, vendor: str, environment: str) -> str:
    """The address, good once and for some minutes, that begins a connect flow for this user's store."""
    _vendor(vendor)
    if environment not in ENVIRONMENTS:
        raise NotFound(f"There is no environment {environment!r}.")
    ticket = secrets.token_urlsafe(32)
    with runtime.database.transaction() as session:
        session.execute(delete(AuthorizationRequest).where(AuthorizationRequest.expires_at < now()))
        request = AuthorizationRequest(
            store_id=user.store_id,
            user_id=user.id,
            vendor=vendor,
            environment=environment,
            ticket_hash=_hash(ticket),
            expires_at=now() + TICKET_LIFE,
        )
        session.add(request)
    return runtime.settings.absolute(f"/oauth/{vendor}/connect?{urlencode({'ticket': ticket})}")


def redirect(runtime: Runtime, vendor: str, ticket: str) -> Redirect:
    """Use up a ticket: state and verifier are made, the browser may go. Raises Rejected or NotFound."""
    authorizer = _vendor(vendor).authorizer(runtime.settings)
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    with runtime.database.transaction() as session:
        request = session.scalar(
            select(AuthorizationRequest).where(
                AuthorizationRequest.ticket_hash == _hash(ticket), AuthorizationRequest.vendor == vendor
            )
        )
        if request is None or request.expires_at < now() or not _claim(session, request.id, state):
            raise Rejected("This link has been used or is too old. Start again from Storeline.", code="TICKET")
        session.refresh(request)
        request.verifier = runtime.vault.seal(verifier, _row(request.id))
        request.expires_at = now() + FLOW_LIFE
        environment = request.environment
    authorization = Authorization(_callback(runtime, vendor), state, verifier, environment)
    return Redirect(authorizer.authorize_url(authorization), cookie_name(state), _binding(runtime, state))


def finish(runtime: Runtime, vendor: str, state: str, secret: str, code: str) -> Connected:
    """End a flow: the code becomes a grant, the grant a connection. Raises Rejected, Reauthorize or Retryable."""
    request, verifier = _take(runtime, vendor, state, secret)
    authorization = Authorization(_callback(runtime, vendor), state, verifier, request.environment)
    known = _vendor(vendor)
    grant = known.authorizer(runtime.settings).exchange(authorization, code)
    try:
        connected, is_live = _keep(runtime, request, grant, known.label)
    except Rejected:
        known.authorizer(runtime.settings).revoke(
            grant.refresh_token or grant.access_token, request.environment, grant.instance_url
        )
        raise
    runtime.bell.start("prepare", connected.connection_id)
    if is_live:
        runtime.bell.ring(connected.connection_id)
    return connected


def abandon(runtime: Runtime, vendor: str, state: str, secret: str) -> None:
    """The vendor ended the flow with an error: its state is used up. Raises Rejected if there is no such flow."""
    _take(runtime, vendor, state, secret)


def cookie_name(state: str) -> str:
    """A cookie per flow: two under way in one browser do not disturb each other."""
    return f"storeline_connect_{_hash(state)[:12]}"


def _vendor(name: str) -> registry.Vendor:
    if name not in registry.VENDORS:
        raise NotFound(f"There is no vendor {name!r}.", code="VENDOR", status=404)
    return registry.VENDORS[name]


def _claim(session: Session, request_id: int, state: str) -> bool:
    """Whether this call is the one that uses the ticket."""
    unused = update(AuthorizationRequest).where(
        AuthorizationRequest.id == request_id, AuthorizationRequest.state_hash.is_(None)
    )
    return bool(session.execute(unused.values(state_hash=_hash(state))).rowcount)  # type: ignore[attr-defined]  # a CursorResult


def _take(runtime: Runtime, vendor: str, state: str, secret: str) -> tuple[AuthorizationRequest, str]:
    """The flow of a callback, which no other callback can take after this."""
    if not state or not hmac.compare_digest(secret.encode(), _binding(runtime, state).encode()):
        raise Rejected(
            "This browser did not start the connection, or took too long. Start again from Storeline.", code="STATE"
        )
    with runtime.database.transaction() as session:
        request = session.scalar(
            select(AuthorizationRequest)
            .where(AuthorizationRequest.state_hash == _hash(state), AuthorizationRequest.vendor == vendor)
            .with_for_update()
        )
        if request is not None:
            session.delete(request)
        allowed = request is not None and request.expires_at >= now() and _may_connect(session, request)
    if request is None or request.verifier is None or not allowed:
        raise Rejected("The connection was started too long ago or is over. Start again from Storeline.", code="STATE")
    try:
        return request, runtime.vault.open(request.verifier, _row(request.id))
    except VaultError:
        raise Rejected(
            "The connection was started under another key. Start again from Storeline.", code="STATE"
        ) from None


def _may_connect(session: Session, request: AuthorizationRequest) -> bool:
    """The store may have been uninstalled, or the person removed, since the flow began."""
    user = session.get(User, request.user_id)
    store = session.get(Store, request.store_id)
    return store is not None and store.state == StoreState.ACTIVE and user is not None and user.is_active


def _keep(runtime: Runtime, request: AuthorizationRequest, grant: Grant, label: str) -> tuple[Connected, bool]:
    with runtime.database.transaction() as session:
        connection = _connection(session, request, grant)
        connections.save_grant(runtime, session, connection, grant)
        session.flush()
        connected = Connected(connection.id, label, connection.account_name)
        return connected, connection.state == ConnectionState.LIVE


def _connection(session: Session, request: AuthorizationRequest, grant: Grant) -> Connection:
    connection = session.scalar(
        select(Connection)
        .where(
            Connection.store_id == request.store_id,
            Connection.vendor == request.vendor,
            Connection.environment == request.environment,
        )
        .with_for_update()
    )
    if connection is None:
        connection = Connection(
            store_id=request.store_id,
            vendor=request.vendor,
            environment=request.environment,
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
    session.execute(delete(Link).where(Link.connection_id == connection.id))
    connection.account_name, connection.facts, connection.missing = "", {}, []


def _callback(runtime: Runtime, vendor: str) -> str:
    return runtime.settings.absolute(f"/oauth/{vendor}/callback")


def _binding(runtime: Runtime, state: str) -> str:
    """What only the browser that we redirected holds; who merely knows the state cannot make it."""
    return hmac.new(runtime.settings.session_secret.encode(), f"connect:{state}".encode(), hashlib.sha256).hexdigest()


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _row(request_id: int) -> str:
    return f"authorization:{request_id}"
