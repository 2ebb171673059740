"""What shows only over real connections: concurrency limits, keep-alive, broken connections."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from app.sandbox.bigcommerce import create_app

from ..conftest import Serve
from .conftest import TOKEN

HEADERS = {"X-Auth-Token": TOKEN}


def test_more_than_three_customer_updates_at_once_are_429(serve: Serve) -> None:
    base = serve(create_app, latency_ms=400)
    together = threading.Barrier(6)

    def update(number: int) -> int:
        together.wait()
        body = [{"id": number, "notes": "x"}]
        return requests.put(f"{base}/stores/sandbox1/v3/customers", json=body, headers=HEADERS, timeout=10).status_code

    with ThreadPoolExecutor(6) as pool:
        statuses = Counter(pool.map(update, range(1, 7)))
    assert statuses == {200: 3, 429: 3}


def test_a_refused_body_does_not_spoil_the_connection(serve: Serve) -> None:
    base = serve(create_app, limits=False)
    with requests.Session() as session:
        refused = session.post(f"{base}/stores/sandbox1/v3/customers", json=[{"notes": "x" * 5000}], timeout=10)
        assert refused.status_code == 401
        assert session.get(f"{base}/stores/sandbox1/v2/store", headers=HEADERS, timeout=10).status_code == 200


def test_a_connection_breaks_on_request_after_the_write(serve: Serve) -> None:
    base = serve(create_app, limits=False)
    fault = {"kind": "reset", "when": "after", "match": "/v3/customers", "method": "POST"}
    requests.post(f"{base}/_sandbox/fail", json=fault, timeout=10)
    body = [{"email": "lost@shopper.example", "first_name": "L", "last_name": "O"}]
    with pytest.raises(requests.ConnectionError):
        requests.post(f"{base}/stores/sandbox1/v3/customers", json=body, headers=HEADERS, timeout=10)
    stored = requests.get(f"{base}/_sandbox/records/customers", timeout=10).json()
    assert [row["email"] for row in stored][-1] == "lost@shopper.example"
