"""How a store lets us in: the install code for a token, and the signed payloads of the other callbacks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt
import requests

from app.config import Settings
from app.connectors.access import Grant
from app.connectors.bigcommerce.client import translate
from app.errors import Rejected, Untrusted
from app.http import HttpSession

SCOPES = (
    "store_v2_orders_read_only",
    "store_v2_customers_read_only",
    "store_v2_products_read_only",
    "store_v2_information_read_only",
)
READ_ONLY = "_read_only"
ISSUER = "bc"  # customers' login tokens are signed with the same secret, by another issuer
LEEWAY = 10  # seconds between BigCommerce's clock and ours
CONTEXT = re.compile(r"stores/([a-z0-9]+)")
CLAIMS = ["aud", "iss", "iat", "nbf", "exp", "jti", "sub", "user", "owner"]


@dataclass(frozen=True)
class Person:
    """A member of a store's staff."""

    id: str
    email: str


@dataclass(frozen=True)
class Installation:
    """What the exchange of an install code tells: the token, and who installed the app where."""

    store_hash: str
    grant: Grant
    user: Person
    owner: Person


@dataclass(frozen=True)
class Claims:
    """A verified payload: who does it in which store."""

    store_hash: str
    user: Person
    owner: Person
    locale: str
    url: str  # where in our app the person wants to go; a path, "/" by default
    channel_id: str  # "" from the Apps menu
    jti: str
    issued_at: datetime


def missing_scopes(granted: str, needed: Iterable[str] = SCOPES) -> list[str]:
    """The scopes that we need and did not get; a scope to modify includes reading."""
    have = set(granted.split())
    return [scope for scope in needed if not {scope, scope.removesuffix(READ_ONLY)} & have]


def exchange(settings: Settings, code: str, scope: str, context: str, redirect_uri: str) -> Installation:
    """The code of an install callback for a permanent token. Raises Rejected or Retryable.

    Which store it is comes from the answer alone: the callback has no state that would bind its query to anything.
    """
    # Not requests-oauthlib: it takes a loopback address only by a switch for the whole process, raises on BigCommerce's
    # additional scopes, and would put the token into a header that the API does not read.
    response = HttpSession().post(
        f"{settings.bigcommerce_login_url}/oauth2/token",
        data={
            "client_id": settings.bigcommerce_client_id,
            "client_secret": settings.bigcommerce_client_secret,
            "code": code,
            "scope": scope,
            "context": context,
            "grant_type": "authorization_code",
            "redirect_uri": redirect_uri,
        },
        allow_redirects=False,
    )
    if response.status_code in (400, 401) and _is_refused(response):
        raise Rejected("BigCommerce did not accept the installation; open the app once more.", code="BC_INSTALL")
    if response.status_code != 200:
        raise translate(response)
    try:
        return _installation(response.json())
    except (ValueError, KeyError, TypeError) as error:
        raise Rejected("BigCommerce's answer to the installation was incomplete.", code="BC_INSTALL") from error


def _is_refused(response: requests.Response) -> bool:
    """Whether it is OAuth's own error (RFC 6749, 5.2), and no gateway's page."""
    try:
        body = response.json()
    except requests.JSONDecodeError:
        return False
    return isinstance(body, dict) and isinstance(body.get("error"), str)


def verify_payload(settings: Settings, token: str) -> Claims:
    """What a load, uninstall or remove_user callback carries. Raises Untrusted unless all of it is right."""
    try:
        claims = jwt.decode(
            token,
            settings.bigcommerce_client_secret,
            algorithms=["HS256"],
            audience=settings.bigcommerce_client_id,
            issuer=ISSUER,
            leeway=LEEWAY,
            options={"require": CLAIMS},
        )
        return _claims(claims)
    except (jwt.InvalidTokenError, ValueError, KeyError, TypeError) as error:
        raise Untrusted("The signed payload is not valid.", code=type(error).__name__) from error


def _installation(reply: dict[str, Any]) -> Installation:
    store_hash = _store_hash(reply["context"])
    grant = Grant(access_token=reply["access_token"], account_id=store_hash, scope=reply.get("scope", ""))
    user, owner = _person(reply["user"]), _person(reply.get("owner") or reply["user"])
    return Installation(store_hash, grant, user, owner)


def _claims(claims: dict[str, Any]) -> Claims:
    url = claims.get("url") or "/"
    # Only a path of ours: "//host" and "/\host" lead elsewhere.
    if not isinstance(url, str) or not re.fullmatch(r"/(?![/\\])[^\\\x00-\x1f]*", url):
        raise ValueError("url")
    user = claims["user"]
    return Claims(
        store_hash=_store_hash(claims["sub"]),
        user=_person(user),
        owner=_person(claims["owner"]),
        locale=str(user.get("locale") or ""),
        url=url,
        channel_id=str(claims.get("channel_id") or ""),
        jti=claims["jti"],
        issued_at=datetime.fromtimestamp(claims["iat"], UTC),
    )


def _store_hash(context: str) -> str:
    match = CONTEXT.fullmatch(context)
    if match is None:
        raise ValueError("context")
    return match[1]


def _person(value: dict[str, Any]) -> Person:
    """Ids come as numbers or as digits."""
    return Person(str(int(value["id"])), str(value.get("email") or ""))
