"""Bearers: who gets in, for how long, and everything that ends it."""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest
from flask import Blueprint, Flask, g, jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import update

from app.connectors.access import Grant
from app.connectors.bigcommerce.auth import Installation, Person
from app.models import Store, User
from app.runtime import EXTENSION, Runtime
from app.sync import stores
from app.ui import session
from app.ui.session import PANEL, SETTINGS, SessionOver


def install(runtime: Runtime, store_hash: str = "abc123", user: str = "5") -> stores.Visit:
    grant = Grant("token", account_id=store_hash, scope="x")
    return stores.install(runtime, Installation(store_hash, grant, Person(user, "o@e.com"), Person("5", "o@e.com")))


def issue(runtime: Runtime, visit: stores.Visit, **changes: Any) -> str:
    values: dict[str, Any] = {
        "audience": SETTINGS,
        "store_hash": visit.store_hash,
        "user": visit.user_id,
        "role": "staff",
    }
    return session.issue(runtime.settings, **(values | changes)).token


def test_a_bearer_tells_who_asks_with_the_role_of_now(runtime: Runtime) -> None:
    visit = install(runtime)
    got = session.verify(runtime, issue(runtime, visit, role="staff"), SETTINGS)
    assert (got.store_id, got.store_hash, got.user_id, got.role) == (visit.store_id, "abc123", visit.user_id, "owner")
    assert abs(got.launch - time.time()) < 60


def test_a_panels_bearer_carries_the_crms_user_and_what_the_panel_added(runtime: Runtime) -> None:
    visit = install(runtime)
    token = issue(runtime, visit, audience=PANEL, user="005xx", extra={"subject": "003yy"})
    got = session.verify(runtime, token, PANEL)
    assert (got.user, got.user_id, got.role, got.extra) == ("005xx", 0, "staff", {"subject": "003yy"})


def test_the_life_of_a_bearer_and_its_renewal(runtime: Runtime) -> None:
    visit = install(runtime)
    now = int(time.time())
    bearer = session.issue(runtime.settings, audience=SETTINGS, store_hash="abc123", user=visit.user_id, role="owner")
    assert 14 * 60 <= bearer.expires_at.timestamp() - now <= 16 * 60
    almost = session.verify(runtime, issue(runtime, visit, launch=now - 24 * 3600 + 60), SETTINGS)
    renewed = session.renew(runtime.settings, almost)
    assert renewed.expires_at.timestamp() <= now + 61
    assert session.verify(runtime, renewed.token, SETTINGS).launch == almost.launch
    with pytest.raises(SessionOver):
        issue(runtime, visit, launch=now - 24 * 3600)


def refused(runtime: Runtime, token: str, audience: str = SETTINGS) -> bool:
    try:
        session.verify(runtime, token, audience)
    except SessionOver:
        return True
    return False


def test_what_is_no_bearer_of_ours_is_refused(runtime: Runtime) -> None:
    visit = install(runtime)
    good = issue(runtime, visit)
    claims = jwt.decode(good, options={"verify_signature": False})
    secret = runtime.settings.session_secret
    forged = [
        "", "nonsense", good[:-3],
        jwt.encode(claims, "another-secret-of-thirty-two-bytes", algorithm="HS256"),
        jwt.encode(claims, "", algorithm="none"),
        jwt.encode(claims | {"exp": int(time.time()) - 1}, secret, algorithm="HS256"),
        jwt.encode({k: v for k, v in claims.items() if k != "exp"}, secret, algorithm="HS256"),
        jwt.encode({k: v for k, v in claims.items() if k != "launch"}, secret, algorithm="HS256"),
        issue(runtime, visit, audience=PANEL),
    ]  # fmt: skip
    assert all(refused(runtime, token) for token in forged)
    assert refused(runtime, good, PANEL)
    assert not refused(runtime, good)


def test_a_bearer_ends_with_the_store_and_with_the_person(runtime: Runtime) -> None:
    visit, other = install(runtime), install(runtime, "def456")
    token = issue(runtime, visit)
    assert refused(runtime, issue(runtime, visit, store_hash="def456"))  # a person of another store
    assert refused(runtime, issue(runtime, visit, store_hash="nowhere"))
    with runtime.database.transaction() as db:
        db.execute(update(User).where(User.id == visit.user_id).values(is_active=False))
    assert refused(runtime, token)
    panel = issue(runtime, other, audience=PANEL)
    assert not refused(runtime, panel, PANEL)
    with runtime.database.transaction() as db:
        db.execute(update(Store).where(Store.id == other.store_id).values(state="uninstalled"))
    assert refused(runtime, panel, PANEL)


def test_a_guarded_blueprint_lets_only_bearers_in(runtime: Runtime) -> None:
    visit = install(runtime)
    guarded = Blueprint("guarded", __name__)
    session.require(guarded, SETTINGS)

    @guarded.get("/who")
    def who() -> ResponseReturnValue:
        return jsonify(store=g.session.store_hash)

    app = Flask("tests")
    app.extensions[EXTENSION] = runtime
    app.register_blueprint(guarded)
    client = app.test_client()
    good = issue(runtime, visit)
    assert client.get("/who", headers={"Authorization": f"Bearer {good}"}).get_json() == {"store": "abc123"}
    for header in ({}, {"Authorization": good}, {"Authorization": f"Basic {good}"}, {"Authorization": "Bearer x"}):
        assert client.get("/who", headers=header).status_code == 401
    assert client.get(f"/who?token={good}").status_code == 401
    assert session.guard("guarded") == SETTINGS
    assert session.guard("nobody thought of it") is None
