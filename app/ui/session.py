"""Sessions of our embedded pages: a short-lived bearer instead of a cookie, and the guard of every blueprint."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import jwt
from flask import Blueprint, g, request
from flask_smorest import abort
from sqlalchemy import select

from app.config import Settings
from app.log import get_logger
from app.models import Store, StoreState, User
from app.runtime import Runtime, runtime

SETTINGS = "storeline:settings"  # audience of the settings UI in the control panel
PANEL = "storeline:panel"  # audience of the panels in the CRMs
LONGEST = 24 * 3600  # seconds after the launch that a session can be renewed
ALGORITHM = "HS256"
OVER = "The session is over. Open Storeline again."

log = get_logger()

_guards: dict[str, str] = {}  # blueprint name -> who may come in, or why everybody may


class SessionOver(Exception):
    """The bearer is missing, forged, expired, of another page, or its store or user is gone; `reason` says which."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Session:
    """Who is asking. `user_id` is our users.id on the settings UI and 0 on a panel, where `user` is the CRM's id."""

    audience: str
    store_id: int
    store_hash: str
    user: str
    user_id: int
    role: str  # "owner" or "staff"
    launch: int  # Unix seconds
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Bearer:
    """A token for the Authorization header, and when it ends."""

    token: str
    expires_at: datetime


def issue(
    settings: Settings,
    *,
    audience: str,
    store_hash: str,
    user: str | int,
    role: str,
    launch: int | None = None,
    extra: Mapping[str, Any] | None = None,
) -> Bearer:
    """A bearer for one page of one store; `extra` is what the page wants to get back. Raises SessionOver."""
    now = int(time.time())
    launch = now if launch is None else launch
    expires = min(now + 60 * int(settings.session_minutes), launch + LONGEST)
    if expires <= now:
        raise SessionOver("LAUNCH_TOO_OLD")
    claims = {
        "aud": audience,
        "sub": f"stores/{store_hash}",
        "user": str(user),
        "role": role,
        "launch": launch,
        "exp": expires,
        "extra": dict(extra or {}),
    }
    token = jwt.encode(claims, settings.session_secret, algorithm=ALGORITHM)
    return Bearer(token, datetime.fromtimestamp(expires, UTC))


def verify(runtime: Runtime, token: str, audience: str) -> Session:
    """Whose bearer this is, with store and user as the database knows them now. Raises SessionOver."""
    try:
        claims = jwt.decode(
            token,
            runtime.settings.session_secret,
            algorithms=[ALGORITHM],
            audience=audience,
            options={"require": ["aud", "sub", "exp", "user", "role", "launch"]},
        )
    except jwt.InvalidTokenError as error:
        # The library names its errors by what was wrong, and no part of the token is in the name.
        raise SessionOver(type(error).__name__) from error
    store_hash = claims["sub"].removeprefix("stores/")
    user_id, role = 0, claims["role"]
    with runtime.database.reading() as session:
        store_id = session.scalar(
            select(Store.id).where(Store.store_hash == store_hash, Store.state == StoreState.ACTIVE)
        )
        if store_id is None:
            raise SessionOver("STORE_GONE")
        if audience == SETTINGS:
            user_id = int(claims["user"])
            is_owner = session.scalar(
                select(User.is_owner).where(User.id == user_id, User.store_id == store_id, User.is_active)
            )
            if is_owner is None:
                raise SessionOver("USER_GONE")
            role = role_of(is_owner)
    return Session(audience, store_id, store_hash, claims["user"], user_id, role, claims["launch"], claims["extra"])


def renew(settings: Settings, session: Session) -> Bearer:
    """A fresh bearer for a session that still is good; SessionOver a day after its launch."""
    return issue(
        settings,
        audience=session.audience,
        store_hash=session.store_hash,
        user=session.user,
        role=session.role,
        launch=session.launch,
        extra=session.extra,
    )


def role_of(is_owner: bool) -> str:
    """The role as bearers and the UI name it."""
    return "owner" if is_owner else "staff"


def require(blueprint: Blueprint, audience: str) -> None:
    """Let only bearers of this audience into a blueprint; its views find the Session in `flask.g.session`."""
    _guards[blueprint.name] = audience
    blueprint.before_request(_authenticate(audience))


def public(blueprint: Blueprint, why: str) -> None:
    """State that a blueprint takes no bearer, and why that is safe: it verifies its callers in another way."""
    _guards[blueprint.name] = why


def guard(blueprint: str) -> str | None:
    """Who may call a blueprint (by name); None: nobody thought of it, which a test forbids."""
    return _guards.get(blueprint)


def _authenticate(audience: str) -> Callable[[], None]:
    def authenticate() -> None:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        try:
            if scheme.lower() != "bearer":
                raise SessionOver("NO_BEARER")
            g.session = verify(runtime(), token.strip(), audience)
        except SessionOver as error:
            log.warning("bearer refused", reason=error.reason, audience=audience, endpoint=request.endpoint)
            abort(401, message=OVER)

    return authenticate
