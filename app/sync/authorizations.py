"""Connect flows: a one-time ticket opens one, its callback ends it, and a connection comes of it."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from app.connectors import registry
from app.connectors.access import Authorization
from app.db import now
from app.errors import NotFound, Rejected
from app.models import AuthorizationRequest, Store, StoreState, User
from app.runtime import Runtime
from app.sync import accounts
from app.sync.accounts import Connected
from app.vault import VaultError

TICKET_LIFE = timedelta(minutes=5)  # from the button to our redirect
FLOW_LIFE = timedelta(minutes=15)  # from there to the callback: logging in there takes a person a while
ENVIRONMENTS = ("production", "sandbox")
TICKET_OVER = "This link has been used or is too old. Start again from Storeline."


@dataclass(frozen=True)
class Invitation:
    """What a ticket is for, so that whoever holds it can say yes or no; and the cookie that binds the answer to it."""

    vendor_label: str
    store_name: str
    store_hash: str
    asked_by: str
    environment: str
    login_origin: str
    cookie: str
    secret: str


@dataclass(frozen=True)
class Redirect:
    """Where the browser goes, and the cookie that binds the flow to it."""

    url: str
    cookie: str
    secret: str


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


def look(runtime: Runtime, vendor: str, ticket: str) -> Invitation:
    """What a ticket is for; it stays good. Raises Rejected or NotFound.

    A ticket is a link, and links are passed on: who follows one must see whose store would get at their account.
    """
    known = _vendor(vendor)
    with runtime.database.reading() as session:
        request = session.scalar(_by_ticket(vendor, ticket))
        if request is None or request.state_hash is not None or not _is_good(session, request):
            raise Rejected(TICKET_OVER, code="TICKET")
        store, user = session.get_one(Store, request.store_id), session.get_one(User, request.user_id)
    nobody = Authorization(_callback(runtime, vendor), "", "", request.environment)
    address = urlsplit(known.consent(runtime.settings).authorize_url(nobody))
    return Invitation(
        vendor_label=known.label,
        store_name=store.name or store.store_hash,
        store_hash=store.store_hash,
        asked_by=user.email,
        environment=request.environment,
        login_origin=f"{address.scheme}://{address.netloc}",
        cookie=ticket_cookie(ticket),
        secret=_binding(runtime, ticket),
    )


def redirect(runtime: Runtime, vendor: str, ticket: str, secret: str) -> Redirect:
    """Use up a ticket: state and verifier are made, the browser may go. Raises Rejected or NotFound.

    `secret` is the invitation's: another site can send a form to us, but not with the cookie that our page set.
    """
    if not _is_bound(runtime, ticket, secret):
        raise Rejected("This browser was not asked. Start again from Storeline.", code="NOT_ASKED")
    authorizer = _vendor(vendor).consent(runtime.settings)
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    with runtime.database.transaction() as session:
        request = session.scalar(_by_ticket(vendor, ticket))
        if request is None or not _is_good(session, request) or not _claim(session, request.id, state):
            raise Rejected(TICKET_OVER, code="TICKET")
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
    grant = known.consent(runtime.settings).exchange(authorization, code)
    try:
        connected, is_live = accounts.keep(runtime, request.store_id, vendor, request.environment, grant)
    except Rejected:
        known.consent(runtime.settings).revoke(
            grant.refresh_token or grant.access_token, request.environment, grant.instance_url
        )
        raise
    accounts.begin(runtime, connected, is_live)
    return connected


def abandon(runtime: Runtime, vendor: str, state: str, secret: str) -> None:
    """The vendor ended the flow with an error: its state is used up. Raises Rejected if there is no such flow."""
    _take(runtime, vendor, state, secret)


def cookie_name(state: str) -> str:
    """A cookie per flow: two under way in one browser do not disturb each other."""
    return f"storeline_connect_{_hash(state)[:12]}"


def ticket_cookie(ticket: str) -> str:
    """A cookie per ticket, for the same reason."""
    return f"storeline_ticket_{_hash(ticket)[:12]}"


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
    if not state or not _is_bound(runtime, state, secret):
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
        allowed = request is not None and _is_good(session, request)
    if request is None or request.verifier is None or not allowed:
        raise Rejected("The connection was started too long ago or is over. Start again from Storeline.", code="STATE")
    try:
        return request, runtime.vault.open(request.verifier, _row(request.id))
    except VaultError:
        raise Rejected(
            "The connection was started under another key. Start again from Storeline.", code="STATE"
        ) from None


def _by_ticket(vendor: str, ticket: str) -> Select[AuthorizationRequest]:
    return select(AuthorizationRequest).where(
        AuthorizationRequest.ticket_hash == _hash(ticket), AuthorizationRequest.vendor == vendor
    )


def _is_good(session: Session, request: AuthorizationRequest) -> bool:
    """The time may be over, the store uninstalled, or the person removed, since the flow began."""
    if request.expires_at < now():
        return False
    user = session.get(User, request.user_id)
    store = session.get(Store, request.store_id)
    return store is not None and store.state == StoreState.ACTIVE and user is not None and user.is_active


def _callback(runtime: Runtime, vendor: str) -> str:
    return runtime.settings.absolute(f"/oauth/{vendor}/callback")


def _binding(runtime: Runtime, public: str) -> str:
    """What only the browser that we answered holds; who merely knows the state or the ticket cannot make it."""
    return hmac.new(runtime.settings.session_secret.encode(), f"connect:{public}".encode(), hashlib.sha256).hexdigest()


def _is_bound(runtime: Runtime, public: str, secret: str) -> bool:
    return hmac.compare_digest(secret.encode(), _binding(runtime, public).encode())


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _row(request_id: int) -> str:
    return f"authorization:{request_id}"
