"""Stores on both databases: installed by several at once, forgotten, and what survives."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.connectors.access import Grant
from app.connectors.bigcommerce.auth import Claims, Installation, Person
from app.db import now
from app.errors import Untrusted
from app.models import Connection, ConnectionState, Lease, Store, StoreState, Token, User
from app.runtime import Runtime
from app.sync import connections, leases, stores

TOKEN = "an-access-token"
OWNER, STAFF = Person("5", "owner@shop.example"), Person("7", "staff@shop.example")


def install(runtime: Runtime, user: Person = OWNER, token: str = TOKEN) -> stores.Visit:
    return stores.install(runtime, Installation("abc", Grant(token, account_id="abc", scope="a b"), user, OWNER))


def claims(user: Person = OWNER, owner: Person = OWNER, at: datetime | None = None, jti: str = "") -> Claims:
    at = at or now()
    return Claims("abc", user, owner, "en-US", "/", "", jti or f"jti-{at.timestamp()}-{user.id}", at)


def count(runtime: Runtime, table: type) -> int:
    with runtime.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_several_installations_at_once_make_one_store(runtime: Runtime) -> None:
    people = [Person(str(number), f"p{number}@shop.example") for number in range(5, 13)]
    with ThreadPoolExecutor(8) as pool:
        visits = list(pool.map(lambda person: install(runtime, person, f"token-{person.id}"), people))
    assert len({visit.store_id for visit in visits}) == 1
    assert (count(runtime, Store), count(runtime, Connection), count(runtime, Token)) == (1, 1, 1)
    assert count(runtime, User) == 8


def test_several_first_loads_at_once_make_one_person(runtime: Runtime) -> None:
    install(runtime)
    with ThreadPoolExecutor(8) as pool:
        visits = list(pool.map(lambda n: stores.load(runtime, claims(STAFF, jti=f"jti-{n}")), range(8)))
    assert len({visit.user_id for visit in visits if visit}) == 1
    assert count(runtime, User) == 2


def test_a_token_is_sealed_for_its_row_and_replaced_by_the_next(runtime: Runtime) -> None:
    install(runtime, token="first-token")
    install(runtime, token="second-token")
    with runtime.database.reading() as session:
        token = session.scalars(select(Token)).one()
        assert runtime.vault.open(token.access_token, f"token:{token.connection_id}:access") == "second-token"
        assert (token.refresh_token, token.expires_at, token.scope) == (None, None, "a b")


def test_forgetting_ends_only_what_was_disconnected(runtime: Runtime) -> None:
    visit = install(runtime)
    with runtime.database.transaction() as session:
        ended = Connection(store_id=visit.store_id, vendor="ended-crm", state=ConnectionState.DISCONNECTED)
        live = Connection(store_id=visit.store_id, vendor="live-crm", state=ConnectionState.LIVE)
        session.add_all([ended, live])
        for connection in (ended, live):
            connections.save_grant(runtime, session, connection, Grant("t", "r"))
    for _ in range(2):
        stores.forget(runtime, visit.store_id)
    with runtime.database.reading() as session:
        left = session.scalars(select(Connection.vendor).join(Token).order_by(Connection.vendor)).all()
    assert left == ["bigcommerce", "live-crm"]


def test_uninstalling_is_believed_once_and_only_when_fresh(runtime: Runtime) -> None:
    install(runtime)
    old = claims(at=now() - timedelta(minutes=11))
    with pytest.raises(Untrusted, match="too old"):
        stores.uninstall(runtime, old)
    fresh = claims()
    stores.uninstall(runtime, fresh)
    install(runtime)
    with pytest.raises(Untrusted, match="before"):
        stores.uninstall(runtime, fresh)
    with runtime.database.reading() as session:
        assert session.scalars(select(Store.state)).one() == StoreState.ACTIVE


def test_a_payload_older_than_the_installation_ends_nothing(runtime: Runtime) -> None:
    earlier = claims(at=now() - timedelta(minutes=1))
    install(runtime)
    with pytest.raises(Untrusted, match="older"):
        stores.uninstall(runtime, earlier)


def test_payloads_that_have_expired_are_not_remembered_for_ever(runtime: Runtime) -> None:
    install(runtime)
    leases.acquire(runtime.database, "launch:long-ago", -1)
    leases.acquire(runtime.database, "another-duty", -1)
    stores.load(runtime, claims(jti="now"))
    with runtime.database.reading() as session:
        assert set(session.scalars(select(Lease.name))) == {"launch:now", "another-duty"}


def test_the_owner_moves_with_the_payload(runtime: Runtime) -> None:
    install(runtime)
    visit = stores.load(runtime, claims(STAFF, owner=STAFF))
    assert visit is not None
    assert visit.is_owner
    with runtime.database.reading() as session:
        assert {user.bigcommerce_id: user.is_owner for user in session.scalars(select(User))} == {"5": False, "7": True}
