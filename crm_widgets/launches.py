"""Launches by a CRM's own server: it proves itself with the connection's secret, its browser with a token, once."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from app.db import now
from app.models import Connection, PanelLaunch, Store, StoreState
from app.models.store import COLLECTING
from app.runtime import Runtime
from app.sync import connections, notices
from app.ui import passes

LIFE = timedelta(seconds=60)  # from the answer to the server until the browser comes


@dataclass(frozen=True)
class Taken:
    """A launch that this call, and no other one, has used up."""

    connection_id: int
    user_id: str
    opening: dict[str, Any]


def secret(runtime: Runtime, connection_id: int) -> str:
    """What the CRM's server proves itself with: as old as the connection, gone when it is disconnected."""
    notices.address(runtime, connection_id)  # makes the key that it is derived from
    with runtime.database.reading() as session:
        found = _secret(runtime, session.get_one(Connection, connection_id))
    assert found is not None
    return found


def authenticated(runtime: Runtime, session: Session, vendor: str, instance: str, given: str) -> Connection | None:
    """The connection whose secret this is; None: it is nobody's."""
    connection = passes.connection_of(session, instance, vendor)
    expected = _secret(runtime, connection) if connection is not None else None
    # Compared in any case, so that the time tells nothing of which instances there are.
    fits = hmac.compare_digest(given.encode("utf-8", "replace"), (expected or secrets.token_hex(32)).encode())
    return connection if expected is not None and fits else None


def start(runtime: Runtime, connection_id: int, user_id: str, opening: dict[str, Any]) -> str:
    """A token that opens this panel once, within a minute. The address holds nothing but it."""
    token = secrets.token_urlsafe(32)
    with runtime.database.transaction() as session:
        session.execute(delete(PanelLaunch).where(PanelLaunch.expires_at < now() - LIFE))
        session.add(
            PanelLaunch(
                token_hash=_hash(token),
                connection_id=connection_id,
                user_id=user_id,
                opening=opening,
                expires_at=now() + LIFE,
            )
        )
    return token


def take(runtime: Runtime, vendor: str, token: str) -> Taken | None:
    """Use a token up, in whichever process it comes; None: it is unknown, over, or was used."""
    with runtime.database.transaction() as session:
        unused = update(PanelLaunch).where(
            PanelLaunch.token_hash == _hash(token), PanelLaunch.used_at.is_(None), PanelLaunch.expires_at > now()
        )
        if not session.execute(unused.values(used_at=now())).rowcount:  # type: ignore[attr-defined]  # a CursorResult
            return None
        launch = session.get_one(PanelLaunch, _hash(token))
        alive = session.scalar(
            select(Connection.id)
            .join(Store)
            .where(
                Connection.id == launch.connection_id,
                Connection.vendor == vendor,
                Connection.state.in_(COLLECTING),
                Store.state == StoreState.ACTIVE,
            )
        )
        return Taken(launch.connection_id, launch.user_id, launch.opening) if alive is not None else None


def frame(session: Session, token: str) -> str:
    """The site that a launch was for, good or not; empty if there was none."""
    launch = session.get(PanelLaunch, _hash(token))
    return session.get_one(Connection, launch.connection_id).instance_url if launch is not None else ""


def _secret(runtime: Runtime, connection: Connection) -> str | None:
    if connection.hook_key is None:
        return None
    key = runtime.vault.open(connection.hook_key, connections.hook_row(connection.id))
    # The key stands in an address that administrators see and proxies log: it alone must not open panels.
    ours = runtime.settings.session_secret.encode()
    return hmac.new(ours, f"panel:{connection.id}:{key}".encode(), hashlib.sha256).hexdigest()


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
