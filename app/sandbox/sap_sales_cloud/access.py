"""Who calls: Basic, bearer, CSRF tokens with their cookies."""

from __future__ import annotations

import base64
import binascii
import secrets
from dataclasses import dataclass

from flask import Request

from app.sandbox.sap_sales_cloud.errors import ApiError, forbidden
from app.sandbox.sap_sales_cloud.sessions import COOKIE, USER_COOKIE
from app.sandbox.sap_sales_cloud.tenant import Tenant
from app.sandbox.sap_sales_cloud.users import USERS, User

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CHALLENGE = {"WWW-Authenticate": 'Basic realm="SAP Sales Cloud stand-in"'}


@dataclass(frozen=True)
class Caller:
    """A user and how it proved itself."""

    user: User
    bearer: bool

    @property
    def needs_token(self) -> bool:
        """Whether changes need a CSRF token: those of business users with a password do."""
        return not (self.bearer or self.user.technical)


def basic(request: Request) -> tuple[str, str]:
    """User and password of the request; empty if there are none."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, password


def identify(tenant: Tenant, request: Request) -> Caller:
    """Who calls; 401 for nobody, 403 if the communication arrangement does not grant the service."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        user = USERS.get(tenant.sessions.bearer_user(value.strip()) or "")
        if user is None:
            raise ApiError(401, "The access token is invalid or has expired", headers={"WWW-Authenticate": "Bearer"})
        return Caller(user, bearer=True)
    name, password = basic(request)
    user = USERS.get(name)
    if user is None or not secrets.compare_digest(password.encode(), user.password.encode()):
        raise ApiError(401, "Unauthorized", headers=CHALLENGE)
    if user.technical and "c4codataapi" not in tenant.switches.services:
        raise forbidden("The communication arrangement does not grant the service c4codataapi")
    return Caller(user, bearer=False)


def check_token(tenant: Tenant, request: Request, caller: Caller) -> None:
    """403 for a change without the CSRF token of the caller's session."""
    if request.method in SAFE or not caller.needs_token:
        return
    token = request.headers.get("x-csrf-token", "")
    if not tenant.sessions.holds(caller.user.id, request.cookies.get(COOKIE, ""), token):
        raise ApiError(403, "CSRF token validation failed", headers={"x-csrf-token": "Required"})


def token_headers(tenant: Tenant, request: Request, caller: Caller) -> list[tuple[str, str]]:
    """Token and cookies, where the caller fetches them."""
    if request.headers.get("x-csrf-token", "").lower() != "fetch" or request.method not in ("GET", "HEAD"):
        return []
    seconds = tenant.switches.csrf_seconds
    session, token = tenant.sessions.open(caller.user.id, request.cookies.get(COOKIE, ""), seconds)
    return [
        ("x-csrf-token", token),
        ("Set-Cookie", f"{COOKIE}={session}; path=/; HttpOnly"),
        ("Set-Cookie", f"{USER_COOKIE}=sap-client=100; path=/"),
    ]
