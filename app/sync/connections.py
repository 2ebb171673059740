"""Opens connectors with a valid token, and is the only keeper of tokens."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.connectors import registry
from app.connectors.access import Account, Grant
from app.connectors.base import TO_CRM, TO_STORE, Source, Target
from app.db import now
from app.domain.fields import COMPANY, CUSTOMER, ORDER
from app.errors import NotFound, Reauthorize, Retryable, StorelineError
from app.log import get_logger
from app.models import Connection, ConnectionState, PanelPass, Token
from app.runtime import Runtime
from app.sync import leases
from app.sync.budgets import Budget, Lane
from app.sync.patience import within

REFRESH_WAIT = 90.0  # seconds that others wait for the one who refreshes
FAREWELL = 10.0  # seconds that a CRM has to take back its hooks when it is disconnected
POLL = 0.2  # seconds between their looks
# What an option's kind lets back into the store: kind of link -> fields.
FIELDS_BACK: dict[str, dict[str, frozenset[str]]] = {
    "customer": {
        **dict.fromkeys(("customer", "account", "lead"), frozenset(CUSTOMER)), "company": frozenset(COMPANY)
    },
    "product": {"variant": frozenset({"name", "price"})},
    "stock": {"variant": frozenset({"stock"})},
    "order": {"order": frozenset(ORDER)},
}  # fmt: skip

log = get_logger()


# Kinds of links, and the kind of record by which they are sent.
SENT_AS = {
    **dict.fromkeys(("customer", "account", "lead"), "customer"),
    "company": "company",
    "variant": "product",
    "order": "order",
}


def switches(vendor: str, chosen: Mapping[str, Any]) -> dict[str, bool]:
    """Every option of a vendor, as the merchant chose it or by default."""
    return {option.name: bool(chosen.get(option.name, option.default)) for option in registry.VENDORS[vendor].options}


def wanted_kinds(vendor: str, chosen: Mapping[str, Any], direction: str = TO_CRM) -> set[str]:
    """The kinds of records that the merchant wants to be brought to this vendor, or from there."""
    on = switches(vendor, chosen)
    options = (option for option in registry.VENDORS[vendor].options if option.direction == direction)
    return {kind for option in options if on[option.name] for kind in option.kinds}


def fields_back(vendor: str, chosen: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """The fields that may travel from this vendor to the store, by kind of link.

    Only of records that are also brought there: else an edit could neither be compared nor taken back.
    """
    found: dict[str, frozenset[str]] = {}
    sent = wanted_kinds(vendor, chosen)
    for wanted in wanted_kinds(vendor, chosen, TO_STORE):
        for kind, names in FIELDS_BACK.get(wanted, {}).items():
            if SENT_AS[kind] in sent:
                found[kind] = found.get(kind, frozenset()) | names
    return found


def open_source(runtime: Runtime, store_id: int, purpose: str = "", budget: Budget | None = None) -> Source:
    """The store itself; by default for a few calls. Raises Reauthorize if it is not installed (any more)."""
    with runtime.database.reading() as session:
        connection = session.scalar(
            select(Connection).where(Connection.store_id == store_id, Connection.vendor == registry.SOURCE)
        )
        if connection is None:
            raise NotFound("The store is not installed.")
        account = _account(runtime, session, connection, {}, budget)
    return registry.source(runtime.settings, replace(account, purpose=purpose))


def open_target(runtime: Runtime, connection_id: int, budget: Budget | None = None) -> Target:
    """The CRM of a connection; by default for a few calls. Raises Reauthorize if it has no token."""
    with runtime.database.reading() as session:
        vendor = registry.VENDORS[session.get_one(Connection, connection_id).vendor]
    return vendor.target(runtime.settings, open_account(runtime, connection_id, budget))


def open_account(runtime: Runtime, connection_id: int, budget: Budget | None = None) -> Account:
    """What a connector of a CRM is opened with. Raises Reauthorize if the connection has no token."""
    with runtime.database.reading() as session:
        connection = session.get_one(Connection, connection_id)
        return _account(runtime, session, connection, switches(connection.vendor, connection.switches), budget)


def save_grant(runtime: Runtime, session: Session, connection: Connection, grant: Grant) -> None:
    """Keep what an authorisation gave; the caller commits before the access token is used."""
    session.flush()  # the row's number is part of what seals its secrets
    token = session.get(Token, connection.id) or Token(connection_id=connection.id)
    token.access_token = runtime.vault.seal(grant.access_token, _row(connection.id, "access"))
    if grant.refresh_token is not None:
        token.refresh_token = runtime.vault.seal(grant.refresh_token, _row(connection.id, "refresh"))
    token.scope = grant.scope or token.scope or ""
    token.expires_at = grant.expires_at
    token.refreshed_at = now()
    session.add(token)
    connection.instance_url = grant.instance_url or connection.instance_url or ""
    connection.account_id = grant.account_id or connection.account_id or ""
    connection.account_name = grant.account_name or connection.account_name or ""


def disconnect(runtime: Runtime, connection_id: int) -> None:
    """End an authorisation: nothing more is collected or sent, the token is forgotten at once and revoked there.

    What waits is kept: whoever connects again sends it.
    """
    _unsubscribe(runtime, connection_id)
    with runtime.database.transaction() as session:
        connection = session.get_one(Connection, connection_id)
        secret = _refresh_token(runtime, session, connection_id)
        vendor, environment, instance_url = connection.vendor, connection.environment, connection.instance_url
        connection.state = ConnectionState.DISCONNECTED
        connection.problem = ""
        connection.hook_hash = connection.hook_key = None
        session.execute(delete(PanelPass).where(PanelPass.connection_id == connection_id))
        token = session.get(Token, connection_id)
        if token is not None:
            session.delete(token)
    if secret and vendor in registry.VENDORS:
        _revoke(runtime, vendor, secret, environment, instance_url)


def need_reauthorization(runtime: Runtime, connection_id: int, error: Reauthorize) -> None:
    """Stop sending until somebody connects again; what changes meanwhile is collected."""
    with runtime.database.transaction() as session:
        connection = session.get_one(Connection, connection_id)
        if connection.state == ConnectionState.LIVE:
            connection.state = ConnectionState.REAUTHORIZE
        connection.problem = error.message[:1000]
    log.warning("reauthorize", connection=connection_id, code=error.code)


def renew(runtime: Runtime, connection_id: int, refused: str = "") -> str:
    """A fresh access token in place of the refused one. Raises Reauthorize.

    A refresh token may be good for one use only, and using it twice may end the authorisation:
    so one refreshes, under a lease that outlives Redis, and the others wait for what it brought.
    """
    name = f"token:{connection_id}"
    deadline = time.monotonic() + REFRESH_WAIT
    while time.monotonic() < deadline:
        fresh = _access_token(runtime, connection_id)
        if fresh != refused:
            return fresh
        with leases.held(runtime.database, name) as lease:
            if lease is not None:
                fresh = _access_token(runtime, connection_id)
                return fresh if fresh != refused else _refresh(runtime, connection_id)
        time.sleep(POLL)
    raise Retryable("Refreshing the access did not end in time.", code="REFRESH_TIMEOUT")


def keep_alive(runtime: Runtime, connection_id: int) -> None:
    """Refresh now, whatever the age: an authorisation that is never used dies."""
    try:
        renew(runtime, connection_id, _access_token(runtime, connection_id))
    except Reauthorize as error:
        need_reauthorization(runtime, connection_id, error)


def rotate(runtime: Runtime) -> int:
    """Seal every token that an older key sealed with the newest one; how many. Safe to run while others work."""
    done = 0
    with runtime.database.reading() as session:
        ids = session.scalars(select(Token.connection_id)).all()
    for connection_id in ids:
        with runtime.database.transaction() as session:
            token = session.get(Token, connection_id, with_for_update=True)
            if token is None or runtime.vault.is_current(token.access_token):
                continue
            for column in ("access", "refresh"):
                sealed = getattr(token, f"{column}_token")
                if sealed is not None:
                    row = _row(connection_id, column)
                    setattr(token, f"{column}_token", runtime.vault.seal(runtime.vault.open(sealed, row), row))
            done += 1
    _rotate_hooks(runtime)
    return done


def _rotate_hooks(runtime: Runtime) -> None:
    with runtime.database.transaction() as session:
        for connection in session.scalars(select(Connection).where(Connection.hook_key.is_not(None)).with_for_update()):
            if connection.hook_key is not None and not runtime.vault.is_current(connection.hook_key):
                row = hook_row(connection.id)
                connection.hook_key = runtime.vault.seal(runtime.vault.open(connection.hook_key, row), row)


def _refresh(runtime: Runtime, connection_id: int) -> str:
    with runtime.database.reading() as session:
        connection = session.get_one(Connection, connection_id)
        secret = _refresh_token(runtime, session, connection_id)
    if secret is None or connection.vendor not in registry.VENDORS:
        raise Reauthorize("The access was withdrawn; please connect again.", code="NO_REFRESH_TOKEN")
    authorizer = registry.VENDORS[connection.vendor].keeper(runtime.settings)
    try:
        grant = authorizer.refresh(secret, connection.environment, connection.instance_url)
    except Reauthorize as error:
        need_reauthorization(runtime, connection_id, error)
        raise
    with runtime.database.transaction() as session:  # durable before anyone uses the access token
        connection = session.get_one(Connection, connection_id, with_for_update=True)
        ended = session.get(Token, connection_id) is None or connection.state == ConnectionState.DISCONNECTED
        if not ended:
            save_grant(runtime, session, connection, grant)
    if ended:  # somebody disconnected meanwhile: what we just got must not live on
        newest = grant.refresh_token or secret
        _revoke(runtime, connection.vendor, newest, connection.environment, connection.instance_url)
        raise Reauthorize("This account is not connected.", code="NOT_CONNECTED")
    return grant.access_token


def _unsubscribe(runtime: Runtime, connection_id: int) -> None:
    """End what its CRM sends us, while we still can; ours hears nothing from then on in any case."""
    with runtime.database.reading() as session:
        connection = session.get_one(Connection, connection_id)
        if connection.hook_key is None or connection.vendor not in registry.VENDORS:
            return
        key = runtime.vault.open(connection.hook_key, hook_row(connection_id))
        address = runtime.settings.absolute(f"/webhooks/{connection.vendor}/{key}")
    try:
        within(FAREWELL, lambda: open_target(runtime, connection_id).unsubscribe(address))
    except StorelineError as error:
        log.warning("unsubscribe", connection=connection_id, error=error.code)


def hook_row(connection_id: int) -> str:
    """What seals the secret part of our address for a connection's hooks."""
    return f"hook:{connection_id}"


def _revoke(runtime: Runtime, vendor: str, secret: str, environment: str, instance_url: str) -> None:
    try:
        registry.VENDORS[vendor].keeper(runtime.settings).revoke(secret, environment, instance_url)
    except StorelineError as error:  # ours is gone in any case
        log.warning("revoke", vendor=vendor, error=error.code)


def _account(
    runtime: Runtime, session: Session, connection: Connection, chosen: dict[str, bool], budget: Budget | None
) -> Account:
    token = session.get(Token, connection.id)
    if token is None:
        raise Reauthorize("This account is not connected.", code="NOT_CONNECTED")
    return Account(
        access_token=runtime.vault.open(token.access_token, _row(connection.id, "access")),
        account_id=connection.account_id,
        store=connection.store.store_hash,
        instance_url=connection.instance_url,
        currency=connection.store.currency,
        switches=chosen,
        facts=connection.facts,
        renew=partial(renew, runtime, connection.id) if token.refresh_token is not None else None,
        gate=budget or Budget(runtime, connection.id, Lane.CUSTOMERS, most=1),
    )


def _access_token(runtime: Runtime, connection_id: int) -> str:
    with runtime.database.reading() as session:
        token = session.get(Token, connection_id)
        if token is None:
            raise Reauthorize("This account is not connected.", code="NOT_CONNECTED")
        return runtime.vault.open(token.access_token, _row(connection_id, "access"))


def _refresh_token(runtime: Runtime, session: Session, connection_id: int) -> str | None:
    token = session.get(Token, connection_id)
    if token is None or token.refresh_token is None:
        return None
    return runtime.vault.open(token.refresh_token, _row(connection_id, "refresh"))


def _row(connection_id: int, column: str) -> str:
    return f"token:{connection_id}:{column}"
