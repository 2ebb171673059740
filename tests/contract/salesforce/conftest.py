"""Orgs for the contract tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.sandbox.salesforce import create_app
from tests.contract.salesforce.org import Org
from tests.sandbox.conftest import serving


@pytest.fixture(scope="module")
def stand_in() -> Iterator[str]:
    """One server for a module; each test has it fresh."""
    with serving(create_app, seed="empty") as url:
        yield url


@pytest.fixture
def bare(stand_in: str) -> Org:
    """An org that nobody has connected yet."""
    org = Org(stand_in)
    org.control("reset")
    return org


@pytest.fixture
def org(bare: Org) -> Org:
    """A connected, prepared org."""
    preparation = bare.connect()
    assert preparation.missing == ()
    return bare


MakeOrg = Callable[..., Org]


@pytest.fixture
def special(bare: Org) -> MakeOrg:
    """A connected org with features switched on."""

    def make(**switches: Any) -> Org:
        bare.control("org", **switches)
        assert bare.connect().missing == ()
        return bare

    return make
