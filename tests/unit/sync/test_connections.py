"""One keeper of tokens: sealed at rest, refreshed once however many ask, and given up on when the vendor says so."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from app.config import Settings, settings_table
from app.connectors import registry
from app.connectors.access import Authorization, Grant
from app.connectors.base import TO_STORE
from app.errors import Reauthorize, Retryable
from app.models import Connection, ConnectionState, Delivery, Token
from app.sync import connections
from app.vault import Vault
from tests.fakes import FakeCrm, order
from tests.unit.sync.conftest import World


@dataclass
class FakeAuthorizer:
    """Rotates refresh tokens and, like Salesforce, ends everything when an old one comes back."""

    current: int = 1
    refreshes: int = 0
    revoked: list[str] = field(default_factory=list)
    error: Exception | None = None

    def authorize_url(self, authorization: Authorization) -> str:
        return "https://crm.example/authorize"

    def exchange(self, authorization: Authorization, code: str) -> Grant:
        return Grant("access-0", "refresh-1")

    def refresh(self, refresh_token: str, environment: str, instance_url: str) -> Grant:
        self.refreshes += 1
        time.sleep(0.05)  # others come while this is under way
        if self.error is not None:
            raise self.error
        if refresh_token != f"refresh-{self.current}":
            raise Reauthorize("expired access/refresh token", code="invalid_grant")
        self.current += 1
        return Grant(f"access-{self.current}", f"refresh-{self.current}", instance_url="https://moved.example")

    def revoke(self, token: str, environment: str, instance_url: str) -> None:
        self.revoked.append(token)


@pytest.fixture
def authorizer(world: World, monkeypatch: pytest.MonkeyPatch) -> FakeAuthorizer:
    fake = FakeAuthorizer()
    vendor = registry.Vendor("salesforce", "Fake", FakeCrm.options, lambda s, a: world.crm, lambda settings: fake)
    monkeypatch.setitem(registry.VENDORS, "salesforce", vendor)
    return fake


def test_many_who_were_refused_cause_one_refresh(world: World, authorizer: FakeAuthorizer) -> None:
    got: list[str] = []

    def renew() -> None:
        got.append(connections.renew(world.runtime, world.connection_id, "token"))

    threads = [threading.Thread(target=renew) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == ["access-2"] * 6
    assert authorizer.refreshes == 1
    assert world.connection().instance_url == "https://moved.example"


def test_a_dead_authorisation_asks_for_a_person_and_goes_on_collecting(
    world: World, authorizer: FakeAuthorizer
) -> None:
    authorizer.current = 99
    with pytest.raises(Reauthorize):
        connections.renew(world.runtime, world.connection_id, "token")
    assert world.connection().state == ConnectionState.REAUTHORIZE
    assert "expired" in world.connection().problem
    world.notice("order", 1)
    assert len(world.deliveries()) == 1


def test_a_refresh_that_found_nobody_home_can_be_tried_again(world: World, authorizer: FakeAuthorizer) -> None:
    authorizer.error = Retryable("no answer", code="TIMEOUT")
    with pytest.raises(Retryable):
        connections.renew(world.runtime, world.connection_id, "token")
    authorizer.error = None
    assert connections.renew(world.runtime, world.connection_id, "token") == "access-2"


def test_tokens_are_sealed_for_their_row(world: World) -> None:
    with world.runtime.database.reading() as session:
        sealed = session.get_one(Token, world.connection_id)
        assert b"token" not in sealed.access_token
        other = session.scalars(select(Token).where(Token.connection_id != world.connection_id)).one()
        other_id = other.connection_id
        stolen = sealed.access_token
    with world.runtime.database.transaction() as session:
        session.get_one(Token, other_id).access_token = stolen
    with pytest.raises(Exception, match="another row"):
        connections._access_token(world.runtime, other_id)


def test_rotating_keys_seals_everything_with_the_newest(world: World) -> None:
    old = world.runtime.settings.key_ring
    ring = {"new": b"n" * 32, **old}
    rotated = type(world.runtime)(world.runtime.settings, world.runtime.database, Vault(ring), world.runtime.bell)
    assert connections.rotate(rotated) == 2
    assert connections.rotate(rotated) == 0
    only_new = type(world.runtime)(
        world.runtime.settings, world.runtime.database, Vault({"new": b"n" * 32}), world.runtime.bell
    )
    assert connections._access_token(only_new, world.connection_id) == "token"


def test_disconnecting_forgets_the_token_revokes_it_and_closes_what_waits(
    world: World, authorizer: FakeAuthorizer
) -> None:
    world.store.put(order(1))
    world.notice("order", 1)
    connections.disconnect(world.runtime, world.connection_id)
    assert authorizer.revoked == ["refresh-1"]
    assert world.connection().state == ConnectionState.DISCONNECTED
    assert [d.state for d in world.deliveries()] == ["waiting"]  # sent by whoever connects again
    world.notice("order", 1)
    assert len(world.deliveries()) == 1
    with pytest.raises(Reauthorize):
        connections.open_target(world.runtime, world.connection_id)


def test_switches_have_defaults(world: World) -> None:
    named = {"orders": False, "customers": True, "products": True, "carts": True, "customer_edits": True}
    assert connections.switches("salesforce", {"orders": False}).items() >= named.items()
    assert connections.wanted_kinds("salesforce", {"orders": False}) >= {"customer", "product", "cart"}
    assert connections.wanted_kinds("salesforce", {}, TO_STORE) == {"customer"}


def test_nothing_of_a_secret_is_in_the_settings_table() -> None:
    defaults = {name: default for name, default, _ in settings_table()}
    assert defaults["STORELINE_SESSION_SECRET"] == ""
    assert Settings().session_secret not in str(settings_table())


def test_a_flush_without_a_token_asks_for_a_person(world: World) -> None:
    def forget(connection: Connection) -> None:
        connection.token = None

    world.store.put(order(1))
    world.notice("order", 1)
    world.change(forget)
    world.flush()
    assert world.connection().state == ConnectionState.REAUTHORIZE
    with world.runtime.database.reading() as session:
        assert session.scalars(select(Delivery)).one().state == "waiting"


def test_a_refresh_under_way_does_not_bring_a_token_back(world: World, authorizer: FakeAuthorizer) -> None:
    refreshing = threading.Thread(target=_ignore_reauthorize, args=(world,))
    refreshing.start()
    while not authorizer.refreshes:
        time.sleep(0.005)
    with world.runtime.database.transaction() as session:
        session.delete(session.get_one(Token, world.connection_id))
    refreshing.join()
    assert authorizer.revoked == ["refresh-2"]
    with world.runtime.database.reading() as session:
        assert session.get(Token, world.connection_id) is None


def _ignore_reauthorize(world: World) -> None:
    with suppress(Reauthorize):
        connections.renew(world.runtime, world.connection_id, "token")


def test_secrets_are_not_in_what_we_print() -> None:
    grant = Grant("very-secret", "very-secret-too")
    assert "very-secret" not in f"{grant} {Settings(session_secret='very-secret' * 3)}"
