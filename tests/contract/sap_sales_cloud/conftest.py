"""Tenants for the contract tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.sandbox.sap_sales_cloud import create_app
from tests.contract.sap_sales_cloud.tenant import Tenant
from tests.sandbox.conftest import serving


@pytest.fixture(scope="module")
def stand_in() -> Iterator[str]:
    """One server for a module; each test has it fresh."""
    with serving(create_app, seed="empty") as url:
        yield url


@pytest.fixture
def bare(stand_in: str) -> Tenant:
    """A tenant that nobody has connected yet."""
    tenant = Tenant(stand_in)
    tenant.control("reset")
    return tenant


@pytest.fixture
def tenant(bare: Tenant) -> Tenant:
    """A connected, prepared tenant."""
    assert bare.connect().missing == ()
    return bare
