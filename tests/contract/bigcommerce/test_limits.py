"""Several processes and another app share a small store's calls: nobody of ours is ever refused."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
import requests

from app.config import Settings
from app.connectors.bigcommerce.client import B2B, Client
from app.errors import Retryable
from app.runtime import Runtime
from app.sandbox.bigcommerce import create_app
from app.sync.budgets import BUDGET, Budget, Lane, window
from tests.contract.bigcommerce.conftest import STORE, TOKEN
from tests.contract.gated import connection_of, runtime_of
from tests.sandbox.conftest import serving

QUOTA, WINDOW_MS = 60, 3000  # the plan's proportions, in less time
SECONDS = 7.0  # more than two windows
HERE = {"X-Auth-Token": TOKEN}


@dataclass(frozen=True)
class Work:
    """What one process of ours does."""

    settings: Settings
    connection_id: int
    url: str
    lane: Lane = Lane.ORDERS
    gated: bool = True
    path: str = "/v2/store"


def work(todo: Work) -> tuple[int, int, int]:
    """Calls that were answered, times that we were told to wait, the least that was left after a call."""
    runtime = runtime_of(todo.settings)
    until, made, waited, least = time.monotonic() + SECONDS, 0, 0, QUOTA
    with Budget(runtime, todo.connection_id, todo.lane) as budget:
        client = Client(todo.url, STORE, TOKEN, gate=budget if todo.gated else None)
        while time.monotonic() < until:
            try:
                client.get(todo.path)
            except Retryable as error:
                assert not todo.gated or error.code == BUDGET, error.code
                waited += 1
                time.sleep(0.1)
                continue
            made += 1
            if client.quota is not None:
                least = min(least, client.quota.left)
    runtime.database.close()
    return made, waited, least


@pytest.fixture
def shop() -> Iterator[str]:
    """A stand-in on the smallest plan."""
    with serving(create_app, limits=True) as url:
        plan(url)
        yield url


@pytest.fixture
def runtime(sqlite_runtime: Runtime) -> Runtime:
    return sqlite_runtime


@pytest.fixture
def todo(runtime: Runtime, shop: str) -> Work:
    return Work(runtime.settings, connection_of(runtime, "bigcommerce"), shop)


def plan(url: str, **more: Any) -> None:
    answer = requests.post(f"{url}/_sandbox/plan", json={"quota": QUOTA, "window_ms": WINDOW_MS, **more}, timeout=10)
    assert answer.ok, answer.text


def ours(url: str) -> Counter[int]:
    """Our calls by status, as the stand-in counted them."""
    calls = requests.get(f"{url}/_sandbox/calls", timeout=10).json()["calls"]
    return Counter(call["status"] for call in calls if call["client"] == "Storeline")


def together(*todos: Work) -> list[tuple[int, int, int]]:
    """Each in a process of its own."""
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(len(todos), mp_context=spawning) as pool:
        return list(pool.map(work, todos))


@contextmanager
def another_app(url: str, pause: float) -> Iterator[None]:
    """Calls of somebody else, as fast as the pause lets them."""
    ending = threading.Event()

    def call() -> None:
        while not ending.wait(pause):
            requests.get(f"{url}/stores/{STORE}/v2/store", headers=HERE, timeout=10)

    thread = threading.Thread(target=call)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


def test_processes_and_another_app_share_a_quota(todo: Work, shop: str) -> None:
    plan(shop, eaten=20)  # what a third app takes at once
    with another_app(shop, 0.1):
        results = together(todo, todo, replace(todo, lane=Lane.CUSTOMERS))
    statuses = ours(shop)
    assert statuses[429] == 0
    assert set(statuses) == {200}
    assert statuses[200] == sum(made for made, _, _ in results) > 20
    assert sum(waited for _, waited, _ in results) > 0  # there was less than they wanted


def test_without_the_gate_the_same_run_is_refused(todo: Work, shop: str) -> None:
    plan(shop, eaten=20)
    with another_app(shop, 0.1):
        together(*[replace(todo, gated=False)] * 2)
    assert ours(shop)[429] > 10


def test_history_leaves_half_of_the_quota(todo: Work, shop: str) -> None:
    results = together(*[replace(todo, lane=Lane.HISTORY)] * 2)
    assert ours(shop)[429] == 0
    assert min(least for _, _, least in results) >= QUOTA // 2
    assert sum(made for made, _, _ in results) >= QUOTA  # of two windows


def test_orders_go_on_where_history_has_to_wait(runtime: Runtime, todo: Work, shop: str) -> None:
    plan(shop, eaten=QUOTA // 2)
    [orders, history] = (
        Client(shop, STORE, TOKEN, gate=Budget(runtime, todo.connection_id, lane))
        for lane in (Lane.ORDERS, Lane.HISTORY)
    )
    orders.get(todo.path)
    with pytest.raises(Retryable) as refused:
        history.get(todo.path)
    assert refused.value.code == BUDGET
    orders.get(todo.path)
    assert ours(shop) == {200: 2}


def test_only_three_writes_of_customers_run_at_once(runtime: Runtime, todo: Work) -> None:
    with serving(create_app, limits=True, latency_ms=30) as url:
        plan(url, quota=1000)

        def write(number: int) -> None:
            client = Client(url, STORE, TOKEN, gate=Budget(runtime, todo.connection_id))
            client.put("/v3/customers", [])

        with ThreadPoolExecutor(12) as pool:
            gated = [pool.submit(write, number) for number in range(24)]
        for one in gated:
            assert not isinstance(one.exception(), Retryable)  # an empty list is refused, but never as one too many
        assert ours(url)[429] == 0


def test_the_b2b_edition_has_a_quota_of_its_own(runtime: Runtime, todo: Work, shop: str) -> None:
    requests.post(f"{shop}/_sandbox/b2b", json={"enabled": True}, timeout=10)
    budget = Budget(runtime, todo.connection_id)
    client = B2B(f"{shop}/b2b/api/v3/io", STORE, TOKEN, gate=budget)
    made = 0
    with pytest.raises(Retryable) as refused:
        while made < 200:
            client.get("/companies", {"limit": 1})
            made += 1
    assert refused.value.code == BUDGET
    assert made == 148
    assert ours(shop) == {200: 148}
    assert window(runtime, todo.connection_id) is None  # the store's own is untouched
