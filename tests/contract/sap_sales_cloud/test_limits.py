"""A tenant is called by a few at once, however many workers there are; a typed-in maximum of the day holds."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import requests

from app.config import Settings
from app.connectors.access import Account
from app.connectors.sap_sales_cloud.client import Client
from app.errors import Retryable
from app.runtime import Runtime
from app.sandbox.sap_sales_cloud import create_app
from app.sync.allowances import change
from app.sync.budgets import BUDGET, Budget
from tests.contract.gated import connection_of
from tests.contract.sap_sales_cloud.tenant import Tenant
from tests.sandbox.conftest import serving


@pytest.fixture
def runtime(sqlite_runtime: Runtime) -> Runtime:
    return sqlite_runtime


@pytest.fixture
def connection_id(runtime: Runtime) -> int:
    return connection_of(runtime, "sap-sales-cloud")


@pytest.fixture
def slow() -> Iterator[Tenant]:
    """A tenant whose calls take long enough to meet."""
    with serving(create_app, seed="empty", latency_ms=40) as url:
        tenant = Tenant(url)
        tenant.connect()
        yield tenant


def most_at_once(account: Account, settings: Settings, budgets: list[Budget | None], url: str) -> int:
    """Every budget's worker makes some calls; how many ran at once, as the tenant saw it."""
    requests.delete(f"{url}/_sandbox/parallel", timeout=10)

    def work(budget: Budget | None) -> None:
        client = Client(settings, replace(account, gate=budget))
        for _ in range(4):
            client.get("CorporateAccountCollection?$top=1&$format=json")

    with ThreadPoolExecutor(len(budgets)) as pool:
        list(pool.map(work, budgets))
    return int(requests.get(f"{url}/_sandbox/parallel", timeout=10).json()["max"])


def test_four_at_once_and_no_more(slow: Tenant, runtime: Runtime, connection_id: int) -> None:
    budgets: list[Budget | None] = [Budget(runtime, connection_id) for _ in range(8)]
    gated = most_at_once(slow.account, slow.settings, budgets, slow.url)
    without = most_at_once(slow.account, slow.settings, [None] * 8, slow.url)
    assert (gated, without > 4) == (4, True)


def test_a_typed_in_maximum_holds(slow: Tenant, runtime: Runtime, connection_id: int) -> None:
    with runtime.database.transaction() as session:
        change(session, connection_id, {"maximum": 20, "share": 50})
    requests.delete(f"{slow.url}/_sandbox/calls", timeout=10)
    with Budget(runtime, connection_id) as budget, pytest.raises(Retryable) as refused:
        client = Client(slow.settings, replace(slow.account, gate=budget))
        while True:
            client.get("CorporateAccountCollection?$top=1&$format=json")
    assert refused.value.code == BUDGET
    assert requests.get(f"{slow.url}/_sandbox/calls", timeout=10).json()["count"] == 10
