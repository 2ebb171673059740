"""Signed payloads: what is believed, and every way to be refused; scopes."""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest

from app.config import Settings
from app.connectors.bigcommerce.auth import missing_scopes, verify_payload
from app.errors import Untrusted

SECRET = "the-client-secret-of-our-own-app-which-is-long-enough-for-sha-512"
SETTINGS = Settings(bigcommerce_client_id="our-client", bigcommerce_client_secret=SECRET)


def claims(**changes: Any) -> dict[str, Any]:
    """A payload as BigCommerce makes it: nbf lies five seconds before iat, and it is good for a day."""
    now = int(time.time())
    return {
        "aud": "our-client",
        "iss": "bc",
        "iat": now,
        "nbf": now - 5,
        "exp": now + 86400,
        "jti": "b1946ac9-2492-4d9c-8b1a-2a4c3a4e5f60",
        "sub": "stores/abc123",
        "user": {"id": 7, "email": "staff@example.com", "locale": "en-US"},
        "owner": {"id": 5, "email": "owner@example.com"},
        "url": "/",
        "channel_id": None,
    } | changes


def sign(payload: dict[str, Any], key: str = SECRET, algorithm: str = "HS256") -> str:
    return jwt.encode(payload, key, algorithm=algorithm)


def test_a_genuine_payload() -> None:
    read = verify_payload(SETTINGS, sign(claims(url="/deliveries/3?x=1", channel_id=2)))
    assert (read.store_hash, read.user.id, read.user.email, read.locale) == (
        "abc123",
        "7",
        "staff@example.com",
        "en-US",
    )
    assert (read.owner.id, read.url, read.channel_id) == ("5", "/deliveries/3?x=1", "2")


def test_clocks_may_differ_by_some_seconds() -> None:
    now = int(time.time())
    verify_payload(SETTINGS, sign(claims(iat=now + 5, nbf=now + 5)))
    verify_payload(SETTINGS, sign(claims(exp=now - 5)))


def test_ids_may_come_as_digits() -> None:
    assert verify_payload(SETTINGS, sign(claims(user={"id": "7", "email": None}))).user.id == "7"


NOW = int(time.time())
FORGED: dict[str, str] = {
    "another app's audience": sign(claims(aud="another-client")),
    "a customer login token, same secret": sign(claims(iss="our-client")),
    "a key that is not ours": sign(claims(), "another-secret-of-thirty-two-bytes"),
    "expired": sign(claims(iat=NOW - 90_000, nbf=NOW - 90_005, exp=NOW - 3_600)),
    "not yet valid": sign(claims(nbf=NOW + 3_600)),
    "issued in the future": sign(claims(iat=NOW + 3_600)),
    "unsigned": jwt.encode(claims(), "", algorithm="none"),
    "another algorithm, right key": sign(claims(), algorithm="HS512"),
    "no store": sign(claims(sub="abc123")),
    "a store with a path": sign(claims(sub="stores/abc/../def")),
    "a store in capitals": sign(claims(sub="stores/ABC")),
    "a store and a line break": sign(claims(sub="stores/abc\n")),
    "a user without id": sign(claims(user={"email": "x@example.com"})),
    "a user that is none": sign(claims(user="7")),
    "an owner that is none": sign(claims(owner=[])),
    "an absolute link": sign(claims(url="https://evil.example")),
    "a link to another host": sign(claims(url="//evil.example")),
    "a link to another host, backslashed": sign(claims(url="/\\evil.example")),
    "a link with a script": sign(claims(url="javascript:alert(1)")),
    "a link with a line break": sign(claims(url="/a\r\nSet-Cookie: x=1")),
    "a link that is none": sign(claims(url=["/"])),
    "empty": "",
    "no token": "abc",
    "three dots": "a.b.c",
    "a cut signature": sign(claims())[:-4],
}


@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED.keys())
def test_anything_else_is_refused(token: str) -> None:
    with pytest.raises(Untrusted):
        verify_payload(SETTINGS, token)


@pytest.mark.parametrize("claim", ["aud", "iss", "iat", "nbf", "exp", "jti", "sub", "user", "owner"])
def test_every_claim_is_needed(claim: str) -> None:
    payload = claims()
    del payload[claim]
    with pytest.raises(Untrusted):
        verify_payload(SETTINGS, sign(payload))


def test_the_refusal_does_not_repeat_the_token() -> None:
    token = sign(claims(aud="another-client"))
    with pytest.raises(Untrusted) as refused:
        verify_payload(SETTINGS, token)
    assert token not in str(refused.value) + refused.value.code


def test_scopes_beyond_ours_do_no_harm_and_modify_includes_read() -> None:
    granted = "store_v2_default store_v2_orders store_v2_customers_read_only store_v2_products store_v2_information"
    assert missing_scopes(granted) == []
    assert missing_scopes("store_v2_orders_read_only") == [
        "store_v2_customers_read_only",
        "store_v2_products_read_only",
        "store_v2_information_read_only",
    ]
    assert missing_scopes("store_v2_orders_read_only", ["store_v2_orders"]) == ["store_v2_orders"]
