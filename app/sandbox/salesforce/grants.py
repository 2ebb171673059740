"""The token endpoint: every grant the org knows."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
from flask import request

from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.sessions import (
    CLIENT_ID,
    CLIENT_SECRET,
    PASSWORD,
    Code,
    Family,
    OAuthError,
    Session,
    challenge_of,
    identity_url,
    org_id,
    token_answer,
)
from app.sandbox.salesforce.store import Row

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
JWT_AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")


def user_by_name(org: Org, username: str) -> Row | None:
    """The active user of that login name."""
    for row in org.db.tables["User"].find("Username", username):
        if row.get("IsActive"):
            return row
    return None


def password_fits(given: str) -> bool:
    """The password, with or without the security token clients put behind it."""
    return given in (PASSWORD, PASSWORD + "sandbox-security-token")


class Grants:
    """The token endpoint."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self.by_type: dict[str, Callable[[dict[str, str]], dict[str, Any]]] = {
            "authorization_code": self._code,
            "refresh_token": self._refresh,
            JWT_BEARER: self._jwt,
            "client_credentials": self._client,
            "password": self._password,
        }

    def answer(self, form: dict[str, str]) -> dict[str, Any]:
        """The token answer; raises OAuthError."""
        grant = self.by_type.get(form.get("grant_type", ""))
        if grant is None:
            raise OAuthError("unsupported_grant_type", "grant type not supported")
        return grant(form)

    def check_client(self, form: dict[str, str], secret_needed: bool = True) -> None:
        """Client id and secret from the body or the Basic header."""
        client_id, secret = client_of(form)
        if client_id != CLIENT_ID:
            raise OAuthError("invalid_client_id", "client identifier invalid")
        if secret != CLIENT_SECRET and (secret_needed or secret):
            raise OAuthError("invalid_client", "invalid client credentials")

    def _check_address(self) -> None:
        allowed = self._org.switches.ip_allow_list
        here = ipaddress.ip_address(request.remote_addr or "127.0.0.1")
        if allowed and not any(here in ipaddress.ip_network(network) for network in allowed):
            raise OAuthError("invalid_grant", "ip restricted")

    def _open(self, user_id: str, scope: str, family: Family | None = None) -> Session:
        org = self._org
        return org.sessions.open(org_id(org), user_id, scope, org.now(), org.switches.session_seconds, family)

    def _code(self, form: dict[str, str]) -> dict[str, Any]:
        org = self._org
        self.check_client(form)
        self._check_address()
        given = form.get("code", "")
        if given in org.sessions.redeemed:  # a stolen code: what it gave dies
            family = org.sessions.redeemed[given]
            if family:
                family.alive = False
            raise OAuthError("invalid_grant", "expired authorization code")
        code = org.sessions.codes.get(given)
        if code is None or code.expires_at <= org.now():
            raise OAuthError("invalid_grant", "expired authorization code" if code else "invalid authorization code")
        if form.get("redirect_uri") != code.redirect_uri:
            raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")
        verifier = form.get("code_verifier", "")
        if code.challenge and not verifier:
            raise OAuthError("invalid_grant", "missing required code verifier")
        if code.challenge and challenge_of(verifier) != code.challenge:
            raise OAuthError("invalid_request", "invalid code verifier")
        del org.sessions.codes[given]
        return self._redeemed(given, code)

    def _redeemed(self, given: str, code: Code) -> dict[str, Any]:
        org = self._org
        family = None
        if {"refresh_token", "offline_access"} & set(code.scope.split()):
            family = org.sessions.start_family(code.user_id, code.scope, org.now())
        org.sessions.redeemed[given] = family
        session = self._open(code.user_id, code.scope, family)
        answer = token_answer(org, session)
        if family is not None:
            answer["refresh_token"] = family.current
        if "openid" in code.scope.split():
            answer["id_token"] = self._id_token(session, code.nonce)
        return answer

    def _id_token(self, session: Session, nonce: str) -> str:
        now = int(time.time())
        claims = {
            "iss": self._org.options.url,
            "sub": identity_url(self._org, session.user_id),
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 120,
            **({"nonce": nonce} if nonce else {}),
        }
        # the real one signs RS256 with a rotating key; clients here never verify it against a key set
        return jwt.encode(claims, CLIENT_SECRET.ljust(32, "0"), algorithm="HS256")

    def _refresh(self, form: dict[str, str]) -> dict[str, Any]:
        org = self._org
        self.check_client(form)
        self._check_address()
        idle = timedelta(days=org.switches.refresh_idle_days)
        family = org.sessions.refresh(form.get("refresh_token", ""), org.now(), org.switches.rotation, idle)
        answer = token_answer(org, self._open(family.user_id, family.scope, family))
        if org.switches.rotation:
            answer["refresh_token"] = family.current
        return answer

    def _jwt(self, form: dict[str, str]) -> dict[str, Any]:
        org = self._org
        audiences = (*JWT_AUDIENCES, org.options.url, org.url)
        try:
            if not org.switches.jwt_public_key:
                raise OAuthError("invalid_grant", "user hasn't approved this consumer")
            claims = jwt.decode(
                form.get("assertion", ""), org.switches.jwt_public_key, algorithms=["RS256"], audience=audiences
            )
        except jwt.InvalidAudienceError:
            raise OAuthError("invalid_grant", "Audience validation failed") from None
        except jwt.InvalidTokenError:
            raise OAuthError("invalid_grant", "invalid assertion") from None
        if claims.get("iss") != CLIENT_ID:
            raise OAuthError("invalid_client_id", "client identifier invalid")
        user = user_by_name(org, str(claims.get("sub")))
        if user is None:
            raise OAuthError("invalid_grant", "user hasn't approved this consumer")
        answer = token_answer(org, self._open(user["Id"], "api"))
        return {k: v for k, v in answer.items() if k not in ("issued_at", "signature")}

    def _client(self, form: dict[str, str]) -> dict[str, Any]:
        org = self._org
        self.check_client(form)
        if request.host.split(":")[0] in org.switches.login_hosts:
            raise OAuthError("invalid_grant", "request not supported on this domain")
        user = user_by_name(org, org.switches.run_as) if org.switches.run_as else None
        if user is None:
            raise OAuthError("invalid_grant", "no client credentials user enabled")
        return token_answer(org, self._open(user["Id"], "api"))

    def _password(self, form: dict[str, str]) -> dict[str, Any]:
        self.check_client(form)
        user = user_by_name(self._org, form.get("username", ""))
        if user is None or not password_fits(form.get("password", "")):
            raise OAuthError("invalid_grant", "authentication failure")
        return token_answer(self._org, self._open(user["Id"], "api"))


def client_of(form: dict[str, str]) -> tuple[str, str]:
    """Client id and secret as given."""
    header = request.headers.get("Authorization", "")
    if header.lower().startswith("basic "):
        try:
            client_id, _, secret = base64.b64decode(header[6:]).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise OAuthError("invalid_client", "invalid client credentials") from None
        return client_id, secret
    return form.get("client_id", ""), form.get("client_secret", "")
