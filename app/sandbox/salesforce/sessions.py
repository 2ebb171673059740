"""Codes, access tokens and refresh token families of the org."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

CLIENT_ID = "sandbox-client"
CLIENT_SECRET = "sandbox-secret"
PASSWORD = "sandbox-password"
CODE_LIFE = timedelta(minutes=15)
FAMILIES_PER_USER = 5  # the sixth approval silently ends the oldest


class OAuthError(Exception):
    """An answer of the OAuth endpoints: always an object, never REST's array."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


@dataclass
class Family:
    """One approval: the refresh token now valid, those used up, the access tokens made of it."""

    user_id: str
    scope: str
    current: str
    used_at: datetime
    spent: set[str] = field(default_factory=set)
    alive: bool = True


@dataclass
class Session:
    """One access token."""

    token: str
    user_id: str
    scope: str
    issued_at: datetime
    expires_at: datetime
    family: Family | None = None


@dataclass(frozen=True)
class Code:
    """An authorization code waiting to be redeemed."""

    user_id: str
    redirect_uri: str
    scope: str
    challenge: str
    nonce: str
    expires_at: datetime


@dataclass
class Sessions:
    """All sessions of the org."""

    by_token: dict[str, Session] = field(default_factory=dict)
    families: list[Family] = field(default_factory=list)
    codes: dict[str, Code] = field(default_factory=dict)
    redeemed: dict[str, Family | None] = field(default_factory=dict)

    def open(
        self, org_id: str, user_id: str, scope: str, now: datetime, seconds: int, family: Family | None = None
    ) -> Session:
        """A new access token, shaped `<org>!<rest>`."""
        token = f"{org_id[:15]}!AQ{secrets.token_urlsafe(60).replace('-', '.')}"
        session = Session(token, user_id, scope, now, now + timedelta(seconds=seconds), family)
        self.by_token[token] = session
        return session

    def find(self, token: str, now: datetime, seconds: int) -> Session | None:
        """A live session; its life slides with use."""
        session = self.by_token.get(token)
        if session is None or session.expires_at <= now or (session.family and not session.family.alive):
            return None
        session.expires_at = now + timedelta(seconds=seconds)
        return session

    def start_family(self, user_id: str, scope: str, now: datetime) -> Family:
        """A first refresh token; ends the user's oldest beyond five."""
        family = Family(user_id, scope, new_refresh_token(), now)
        self.families.append(family)
        alive = [f for f in self.families if f.alive and f.user_id == user_id]
        for old in alive[:-FAMILIES_PER_USER]:
            old.alive = False
        return family

    def refresh(self, token: str, now: datetime, rotate: bool, idle: timedelta) -> Family:
        """The family of a refresh token, its token renewed if the org rotates; replay kills the family."""
        for family in self.families:
            if token in family.spent and family.alive and rotate:
                family.alive = False
            if family.current != token or not family.alive:
                continue
            if now - family.used_at > idle:
                family.alive = False
                break
            family.used_at = now
            if rotate:
                family.spent.add(token)
                family.current = new_refresh_token()
            return family
        raise OAuthError("invalid_grant", "expired access/refresh token")

    def revoke(self, token: str) -> bool:
        """End an access token or a whole family; False: no such token."""
        for family in self.families:
            if family.current == token and family.alive:
                family.alive = False
                return True
        return self.by_token.pop(token, None) is not None

    def expire_all(self) -> None:
        """All access tokens die; refresh tokens live on."""
        self.by_token.clear()


def new_refresh_token() -> str:
    """A refresh token as opaque as the real ones."""
    return "5Aep861" + secrets.token_urlsafe(48)


def signature(identity: str, issued_at: str) -> str:
    """Proof that the identity url was issued here: HMAC-SHA256 over url and time."""
    digest = hmac.new(CLIENT_SECRET.encode(), (identity + issued_at).encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def challenge_of(verifier: str) -> str:
    """S256 of RFC 7636."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def token_answer(org: Any, session: Session) -> dict[str, Any]:
    """The documented token answer; no `expires_in`, `issued_at` is text in milliseconds."""
    issued_at = str(int(session.issued_at.timestamp() * 1000))
    identity = identity_url(org, session.user_id)
    answer: dict[str, Any] = {
        "access_token": session.token,
        "signature": signature(identity, issued_at),
        "scope": session.scope,
        "instance_url": org.url,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued_at,
    }
    return answer


def org_id(org: Any) -> str:
    """The 18-character id of the org."""
    return str(next(iter(org.db.tables["Organization"].rows)))


def identity_url(org: Any, user_id: str) -> str:
    """On the login host (here: the stand-in's own address), not on the instance."""
    return f"{org.options.url}/id/{org_id(org)}/{user_id}"
