"""Signed payloads, token replies and notices as BigCommerce makes them."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import jwt
from standardwebhooks import Webhook

from app.db import now
from tests.web.bigcommerce.conftest import CLIENT_ID, CLIENT_SECRET

OWNER = {"id": 5, "email": "owner@example.com"}
STAFF = {"id": 7, "email": "staff@example.com", "locale": "de-DE"}
SCOPES = "store_v2_orders store_v2_customers store_v2_products store_v2_information_read_only store_v2_default"


def payload(**changes: Any) -> str:
    """A signed payload of the store abc123."""
    issued = int(time.time())
    claims = {
        "aud": CLIENT_ID,
        "iss": "bc",
        "iat": issued,
        "nbf": issued - 5,
        "exp": issued + 86400,
        "jti": str(uuid.uuid4()),
        "sub": "stores/abc123",
        "user": OWNER | {"locale": "en-US"},
        "owner": OWNER,
        "url": "/",
        "channel_id": None,
    }
    return jwt.encode(claims | changes, CLIENT_SECRET, algorithm="HS256")


def token_reply(**changes: Any) -> dict[str, Any]:
    """What the exchange of an install code answers."""
    return {
        "access_token": "the-access-token",
        "scope": SCOPES,
        "user": OWNER | {"username": "Olive Owner"},
        "owner": OWNER | {"username": "Olive Owner"},
        "context": "stores/abc123",
        "account_uuid": str(uuid.uuid4()),
    } | changes


def notice(scope: str = "store/order/created", data: Any = None, store: str = "abc123") -> bytes:
    """A webhook's body."""
    data = {"type": "order", "id": 250} if data is None else data
    return json.dumps(
        {"scope": scope, "store_id": "1", "data": data, "created_at": 1, "producer": f"stores/{store}"}
    ).encode()


def signed(body: bytes, event_id: str = "msg_1", secret: str = CLIENT_SECRET, **more: str) -> dict[str, str]:
    """A webhook's headers, signed by an independent implementation."""
    at = now()
    return {
        "webhook-id": event_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret.encode()).sign(event_id, at, body.decode()),
    } | more
