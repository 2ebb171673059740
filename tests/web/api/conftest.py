"""Fixtures of the API's tests."""

from __future__ import annotations

import pytest

from app.models import Store, User
from app.runtime import Runtime
from tests.web.api import world as worlds
from tests.web.api.world import Caller, World


@pytest.fixture
def world(runtime: Runtime) -> World:
    """An app on an empty database, once of each kind."""
    return worlds.build(runtime)


@pytest.fixture
def store(world: World) -> Store:
    """A store."""
    return world.store()


@pytest.fixture
def owner(world: World, store: Store) -> User:
    """Its owner."""
    return world.user(store)


@pytest.fixture
def call(world: World, store: Store, owner: User) -> Caller:
    """The owner with the settings UI open."""
    return Caller(world, world.bearer(store, owner))


@pytest.fixture
def stranger(world: World) -> Caller:
    """The owner of another store."""
    other = world.store()
    return Caller(world, world.bearer(other, world.user(other)))
