"""The app's life in the store: consent, codes, tokens, signed callbacks, removal."""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

import jwt
import requests

from .records import Json
from .state import ALWAYS_GRANTED, Account, Code, Installation, State, User
from .webhooks import Deliveries

LIFETIME_S = 86_400
NOT_BEFORE_S = 5  # the documented examples start five seconds before they are issued
CALLBACK_TIMEOUT_S = 15
APP_ACCOUNT = "app"


class Refused(Exception):
    """What the person may not do here, or what makes no sense now."""


class Installs:
    """Whoever calls holds no lock; the calls to the app are made without it."""

    def __init__(self, state: State, deliveries: Deliveries) -> None:
        self._state = state
        self._deliveries = deliveries

    def user(self, name: str | int) -> User:
        """A person by id, by e-mail, or as `owner`."""
        users = self._state.users.values()
        for user in users:
            if str(name) in (str(user.id), user.email) or (name == "owner" and user.role == "owner"):
                return user
        raise Refused(f"There is no user {name}.")

    def needs_consent(self) -> bool:
        """Whether the next opening asks for acceptance: not installed, or scopes or owner changed since."""
        there = self._state.installation
        if there is None or there.token is None:
            return True
        return (there.scopes, there.owner_email) != (self._state.app.scopes, self._state.owner.email)

    def accept(self, user: User, external: bool = False) -> str:
        """Accept all scopes: the old token dies; the auth callback's address with a fresh code."""
        if user.role == "staff":
            raise Refused("Only the owner and authorised users may install apps.")
        state = self._state
        with state.lock:
            self._forget_tokens()
            app = state.app
            state.installation = Installation(user.id, state.owner.email, app.scopes)
            scope = " ".join((app.scopes, *ALWAYS_GRANTED))
            code = Code(secrets.token_hex(16), scope, user.id)
            state.codes[code.value] = code
            query = {
                "code": code.value,
                "scope": scope,
                "context": f"stores/{state.store_hash}",
                "account_uuid": app.account_uuid,
            }
            if external:
                query["external_install"] = "1"
            return f"{app.auth_url}?{urlencode(query)}"

    def exchange(self, code: Code) -> Json:
        """Spend a code: the token reply, which has no type and no expiry."""
        state = self._state
        with state.lock:
            code.used = True
            token = secrets.token_hex(16)
            scopes = frozenset(code.scope.split())
            state.tokens[token] = Account(APP_ACCOUNT, state.app.client_id, state.app.client_secret, scopes)
            if state.installation is not None:
                state.installation.token = token
            user = state.users.get(code.user_id, state.owner)
            return {
                "access_token": token,
                "scope": code.scope,
                "user": _person(user, "username", user.email),
                "owner": _person(state.owner, "username", state.owner.email),
                "context": f"stores/{state.store_hash}",
                "account_uuid": state.app.account_uuid,
            }

    def load_url(self, user: User, url: str = "/", channel_id: int | None = None) -> str:
        """The address the frame opens."""
        return f"{self._state.app.load_url}?{urlencode({'signed_payload_jwt': self.token(user, url, channel_id)})}"

    def token(self, user: User, url: str = "/", channel_id: int | None = None) -> str:
        """A `signed_payload_jwt`: HS256 with the client_secret, 24 hours."""
        state, issued = self._state, int(time.time())
        claims = {
            "aud": state.app.client_id,
            "iss": "bc",
            "iat": issued,
            "nbf": issued - NOT_BEFORE_S,
            "exp": issued + LIFETIME_S,
            "jti": str(uuid.uuid4()),
            "sub": f"stores/{state.store_hash}",
            "user": _person(user, "locale", user.locale),
            "owner": {"id": state.owner.id, "email": state.owner.email},
            "url": url,
            "channel_id": channel_id,
        }
        return jwt.encode(claims, state.app.client_secret, algorithm="HS256")

    def uninstall(self, user: User) -> Json:
        """Remove the app, its hooks and its token, then tell it; its answer changes nothing."""
        state = self._state
        with state.lock:
            if state.installation is None:
                raise Refused("The app is not installed.")
            self._forget_tokens()
            gone = [hook for hook in state.hooks.values() if hook.account.name == APP_ACCOUNT]
            for hook in gone:
                del state.hooks[hook.id]
            state.extensions.clear()
            state.installation = None
        self._deliveries.drop(gone)
        return self._tell(state.app.uninstall_url, user)

    def remove_user(self, user: User) -> Json:
        """Take a person's access away, then tell the app."""
        if user.role == "owner":
            raise Refused("The owner cannot be removed.")
        with self._state.lock:
            del self._state.users[user.id]
        return self._tell(self._state.app.remove_user_url, user)

    def add_user(self, name: str, email: str, role: str = "staff") -> User:
        """One more person; the app learns of them when they open it."""
        with self._state.lock:
            user = User(self._state.next_id("users"), email, name, role)
            self._state.users[user.id] = user
            return user

    def change_owner(self, user: User) -> None:
        """Another person owns the store now; the app must be accepted again."""
        with self._state.lock:
            self._state.owner.role = "admin"
            user.role = "owner"

    def change_app(self, changes: Json) -> None:
        """What the developer portal can change; other scopes must be accepted again."""
        known = set(self._state.app.__dataclass_fields__)
        if set(changes) - known:
            raise Refused(f"Unknown keys: {', '.join(sorted(set(changes) - known))}")
        for name, value in changes.items():
            setattr(self._state.app, name, _joined(value) if name == "scopes" else value)

    def _forget_tokens(self) -> None:
        for token in [t for t, account in self._state.tokens.items() if account.name == APP_ACCOUNT]:
            del self._state.tokens[token]

    def _tell(self, callback: str, user: User) -> Json:
        try:
            answer = requests.get(
                callback,
                params={"signed_payload_jwt": self.token(user)},
                timeout=CALLBACK_TIMEOUT_S,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            return {"callback": callback, "status": None, "error": type(error).__name__}
        return {"callback": callback, "status": answer.status_code}


def _person(user: User, extra: str, value: str) -> Json:
    return {"id": user.id, "email": user.email, extra: value}


def _joined(scopes: Any) -> str:
    if isinstance(scopes, str):
        return scopes
    if isinstance(scopes, Iterable):
        return " ".join(str(scope) for scope in scopes)
    raise Refused("The scopes must be a text or a list.")
