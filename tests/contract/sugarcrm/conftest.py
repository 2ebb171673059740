"""Instances for the contract tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.sandbox.sugarcrm import create_app
from tests.contract.sugarcrm.instance import Instance
from tests.sandbox.conftest import serving


@pytest.fixture(scope="module")
def stand_in() -> Iterator[str]:
    """One server for a module; each test has it fresh."""
    with serving(create_app, seed="empty") as url:
        yield url


@pytest.fixture
def bare(stand_in: str) -> Instance:
    """An instance that nobody has connected yet, with its shipped settings."""
    instance = Instance(stand_in)
    instance.control("reset")
    return instance


@pytest.fixture
def sugar(bare: Instance) -> Instance:
    """A connected instance as it is shipped."""
    assert bare.connect().missing == ()
    return bare


MakeInstance = Callable[..., Instance]


@pytest.fixture
def special(bare: Instance) -> MakeInstance:
    """A connected instance with other settings, fields or user."""

    def make(*, fields: bool = False, user: str = "admin", options: tuple[str, ...] = (), **settings: Any) -> Instance:
        if settings:
            bare.control("settings", **settings)
        if fields:
            bare.make_fields()
        bare.user = user
        bare.switches |= dict.fromkeys(options, True)
        assert bare.connect().missing == ()
        return bare

    return make
