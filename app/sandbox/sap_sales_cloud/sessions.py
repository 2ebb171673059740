"""CSRF tokens with their session cookies, and access tokens of the SAML bearer grant."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

COOKIE = "SAP_SESSIONID_C4C_100"
USER_COOKIE = "sap-usercontext"


@dataclass
class Grant:
    """Something secret that stands for a user until it ends (monotonic seconds)."""

    user: str
    ends: float


class Sessions:
    """What the tenant gave out."""

    def __init__(self) -> None:
        self._csrf: dict[str, tuple[str, Grant]] = {}  # session → token, whose
        self._bearers: dict[str, Grant] = {}
        self._refresh: dict[str, str] = {}

    def open(self, user: str, session: str, seconds: float) -> tuple[str, str]:
        """Session and CSRF token; the caller's own session goes on while it is valid."""
        known = self._csrf.get(session)
        if known is None or known[1].user != user or known[1].ends < time.monotonic():
            session = secrets.token_urlsafe(24)
            self._csrf[session] = (secrets.token_urlsafe(16), Grant(user, 0))
        token, grant = self._csrf[session]
        grant.ends = time.monotonic() + seconds
        return session, token

    def holds(self, user: str, session: str, token: str) -> bool:
        """Whether a token fits its session."""
        known = self._csrf.get(session)
        if known is None or known[1].user != user or known[1].ends < time.monotonic():
            return False
        return secrets.compare_digest(known[0].encode(), token.encode())

    def end_all(self) -> None:
        """All tokens are stale from now on."""
        self._csrf.clear()
        self._bearers.clear()

    def bearer(self, user: str, seconds: float) -> tuple[str, str]:
        """An access token and a refresh token for a person."""
        access, refresh = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self._bearers[access] = Grant(user, time.monotonic() + seconds)
        self._refresh[refresh] = user
        return access, refresh

    def refreshed(self, refresh: str) -> str | None:
        """Whose refresh token it is; it is used up."""
        return self._refresh.pop(refresh, None)

    def bearer_user(self, access: str) -> str | None:
        """Whose access token it is; None: unknown or expired."""
        grant = self._bearers.get(access)
        return grant.user if grant and grant.ends >= time.monotonic() else None
