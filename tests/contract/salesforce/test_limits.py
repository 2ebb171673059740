"""An org with few calls a day: our share of it is never exceeded, and Salesforce never refuses a call of ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
import requests

from app.connectors.salesforce.client import Client
from app.errors import Retryable
from app.runtime import Runtime
from app.sandbox.salesforce import create_app
from app.sync import rolling
from app.sync.allowances import day
from app.sync.budgets import BUDGET, Budget, Lane
from tests.contract.gated import connection_of
from tests.contract.salesforce.org import Org
from tests.sandbox.conftest import serving

DAILY = 1000


@pytest.fixture
def org() -> Iterator[Org]:
    with serving(create_app) as url:
        org = Org(url)
        org.connect()
        org.control("org", daily_limit=DAILY)
        org.control("usage", used=0)
        yield org


@pytest.fixture
def runtime(sqlite_runtime: Runtime) -> Runtime:
    return sqlite_runtime


@pytest.fixture
def connection_id(runtime: Runtime) -> int:
    return connection_of(runtime, "salesforce")


def opened(org: Org, budget: Budget) -> Client:
    """As a worker opens it, from nothing that another one remembers."""
    return Client(org.settings, replace(org.account, gate=budget))


def made(org: Org) -> int:
    """Our calls of the data API, as the stand-in counted them."""
    calls = requests.get(f"{org.url}/_sandbox/calls", timeout=10).json()["calls"]
    ours = [call for call in calls if call["client"] == "Storeline"]
    assert {call["status"] for call in ours} == {200}
    return len(ours)


def test_half_of_a_thousand_calls_whatever_happens_to_redis(org: Org, runtime: Runtime, connection_id: int) -> None:
    org.forget_calls()
    refused = None
    for _ in range(60):  # workers come and go
        with Budget(runtime, connection_id) as budget:
            client = opened(org, budget)
            try:
                for _ in range(10):
                    client.query("SELECT Id FROM Account LIMIT 1")
            except Retryable as error:
                refused = error
                break
        if made(org) in (100, 250, 400):
            runtime.bell.redis.flushall()
    assert refused is not None
    assert refused.code == BUDGET
    assert made(org) == DAILY // 2
    with runtime.database.reading() as session:
        told = day(session, connection_id)
    assert (told.maximum, told.used, told.allowed) == (DAILY, DAILY // 2, DAILY // 2)
    assert refused.retry_after is not None
    assert rolling.in_day(told.hours, refused.retry_after) < DAILY // 2


def test_history_stops_where_orders_go_on(org: Org, runtime: Runtime, connection_id: int) -> None:
    org.forget_calls()
    reached = []
    for lane in (Lane.HISTORY, Lane.ORDERS):
        with Budget(runtime, connection_id, lane) as budget, pytest.raises(Retryable):
            client = opened(org, budget)
            while True:
                client.query("SELECT Id FROM Account LIMIT 1")
        reached.append(made(org))
    assert reached == [300, 500]


def test_what_others_use_is_heard(org: Org, runtime: Runtime, connection_id: int) -> None:
    org.control("usage", used=985)
    org.forget_calls()
    with Budget(runtime, connection_id) as budget:
        client = opened(org, budget)
        client.query("SELECT Id FROM Account LIMIT 1")
        with pytest.raises(Retryable) as refused:
            client.query("SELECT Id FROM Account LIMIT 1")
    assert refused.value.code == BUDGET
    assert made(org) == 1


def test_an_allowance_of_the_app_alone_counts(org: Org, runtime: Runtime, connection_id: int) -> None:
    org.control("org", app_limit=40)
    org.forget_calls()
    with Budget(runtime, connection_id) as budget, pytest.raises(Retryable) as refused:
        client = opened(org, budget)
        while True:
            client.query("SELECT Id FROM Account LIMIT 1")
    assert refused.value.code == BUDGET
    assert made(org) == 20
