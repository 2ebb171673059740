"""Tokens: one session per user and platform, refresh tokens that rotate, extra sessions by sudo."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

ACCESS_SECONDS = 3600
REFRESH_SECONDS = 1_209_600


@dataclass
class Session:
    """One access token and the refresh token that came with it."""

    user_id: str
    platform: str
    client_id: str
    expires_at: datetime
    refresh_until: datetime
    access_token: str = field(default_factory=lambda: str(uuid.uuid4()))
    refresh_token: str = field(default_factory=lambda: str(uuid.uuid4()))
    download_token: str = field(default_factory=lambda: str(uuid.uuid4()))


class Sessions:
    """All sessions of the instance."""

    def __init__(self) -> None:
        self._by_token: dict[str, Session] = {}
        self._by_refresh: dict[str, Session] = {}
        self._current: dict[tuple[str, str], Session] = {}

    def open(self, user_id: str, platform: str, client_id: str, now: datetime, *, extra: bool = False) -> Session:
        """A new session; it ends the one of the same user and platform unless it is an extra one."""
        session = Session(
            user_id,
            platform,
            client_id,
            now + timedelta(seconds=ACCESS_SECONDS),
            now + timedelta(seconds=REFRESH_SECONDS),
        )
        if not extra:
            old = self._current.get((user_id, platform))
            if old:
                self.end(old)
            self._current[user_id, platform] = session
        self._by_token[session.access_token] = session
        self._by_refresh[session.refresh_token] = session
        return session

    def find(self, token: str, now: datetime) -> Session | None:
        """The live session of an access token."""
        session = self._by_token.get(token)
        return session if session and session.expires_at > now else None

    def by_download(self, token: str, now: datetime) -> Session | None:
        """The live session of a download token."""
        live = (s for s in self._by_token.values() if s.expires_at > now)
        return next((s for s in live if s.download_token == token), None)

    def refreshable(self, token: str, now: datetime) -> Session | None:
        """The session that a refresh token may renew."""
        session = self._by_refresh.get(token)
        return session if session and session.refresh_until > now else None

    def current(self, user_id: str, platform: str, now: datetime) -> Session | None:
        """The live session of a user and platform."""
        session = self._current.get((user_id, platform))
        return session if session and session.expires_at > now else None

    def end(self, session: Session) -> None:
        """Access and refresh token die."""
        self._by_token.pop(session.access_token, None)
        self._by_refresh.pop(session.refresh_token, None)
        if self._current.get((session.user_id, session.platform)) is session:
            del self._current[session.user_id, session.platform]

    def expire_all(self) -> None:
        """All access tokens die; refresh tokens live on."""
        self._by_token.clear()
