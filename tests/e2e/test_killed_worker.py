"""A worker that is killed at any line of the engine loses nothing and doubles nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from app.models import Attempt, Delivery, Link, State
from tests.e2e.conftest import Bridge
from tests.e2e.mortal import Worker, outlive_lease

LINES = 4000  # more than a flush executes; the run ends when a flush survives


@pytest.fixture
def worker(bridge: Bridge) -> Iterator[Worker]:
    started = Worker(bridge)
    yield started
    started.close()


@pytest.fixture
def step(request: pytest.FixtureRequest, bridge: Bridge) -> int:
    """From one line to the next at which a worker is killed; PostgreSQL, where a flush costs more, is for the rest."""
    usual = 9 if bridge.runtime.database.engine.dialect.name == "sqlite" else 31
    return 1 if request.config.getoption("--every-line") else usual


def test_killed_at_any_line_nothing_is_lost_and_nothing_doubled(bridge: Bridge, worker: Worker, step: int) -> None:
    died_in: set[str] = set()
    number = 0
    for line in range(1, LINES, step):
        number += 1
        placed = bridge.place(_order(number))
        bridge.notice("order", placed["id"], f"evt-{number}")
        outcome = worker.flush(line)
        outlive_lease(bridge)
        assert worker.flush() == "done"
        _check(bridge, placed)
        if outcome == "done":
            break
        died_in.add(outcome.removeprefix("killed ").partition(":")[0])
    assert outcome == "done", "a flush executes more lines than this test knows"
    engine, vendor = (
        {file for file in died_in if file.startswith(part)} for part in ("sync/", "connectors/salesforce")
    )
    assert len(engine) > 8
    assert vendor
    assert number > 500 / step
    _check_all(bridge, number)


def test_killed_while_an_edited_order_is_carried_its_total_agrees_in_the_end(
    bridge: Bridge, worker: Worker, step: int
) -> None:
    placed = bridge.place(_order(1))
    path = f"/v2/orders/{placed['id']}"
    bridge.notice("order", placed["id"], "evt-0")
    assert worker.flush() == "done"
    for number, line in enumerate(range(step, LINES, 2 * step), 1):
        tea, *others = bridge.api("GET", f"{path}/products")
        # A line changes with every edit; another one comes and goes.
        other = {"name": "Spoon", "quantity": 1, "price_ex_tax": 2, "price_inc_tax": 2.4}
        changes = [{"id": others[-1]["id"], "quantity": 0}] if len(others) > 1 else [other]
        edit = [{"id": tea["id"], "quantity": 1 + number % 7}, *changes]
        edited = bridge.api("PUT", path, {"products": edit})
        bridge.notice("order", placed["id"], f"evt-{number}")
        outcome = worker.flush(line)
        outlive_lease(bridge)
        assert worker.flush() == "done"
        [order] = bridge.records("Order")
        assert (order["Status"], f"{order['TotalAmount']:.2f}") == (
            "Activated",
            f"{float(edited['total_inc_tax']):.2f}",
        )
        assert len(bridge.records("OrderItem")) == len(bridge.api("GET", f"{path}/products")) + 2  # shipping, tax
        if outcome == "done":
            break
    assert outcome == "done"
    assert number > 200 / step


def _order(number: int) -> dict[str, Any]:
    """Every order of a new guest with two lines and a shipping charge."""
    return {
        "customer_id": 0, "status_id": 11,
        "billing_address": {
            "first_name": "Jo", "last_name": f"Nr {number}",
            "email": f"guest{number}@mail.example", "street_1": "1 Lane",
            "city": "London", "state": "Greater London", "zip": "EC1A 1BB", "country": "United Kingdom",
            "country_iso2": "GB",
        },
        "products": [
            {"name": "Custom tea", "sku": f"TEA-{number}", "quantity": 3, "price_ex_tax": 3.33, "price_inc_tax": 4.00},
            {"name": "Custom cup", "quantity": 1, "price_ex_tax": 5, "price_inc_tax": 6},
        ],
        "shipping_cost_ex_tax": "2.00", "shipping_cost_inc_tax": "2.40",
    }  # fmt: skip


def _check(bridge: Bridge, placed: dict[str, Any]) -> None:
    order_id = str(placed["id"])
    with bridge.runtime.database.reading() as session:
        delivery = session.scalars(select(Delivery).where(Delivery.record_id == order_id)).one()
        assert (delivery.state, delivery.error_message) == (State.DONE, "")
        link = session.scalars(select(Link).where(Link.kind == "order", Link.our_id == order_id)).one()
        assert session.scalars(select(Attempt).where(Attempt.delivery_id == delivery.id)).all()
    [order] = [row for row in bridge.records("Order") if row["BC_Order_Id__c"].endswith(f"-{order_id}")]
    assert order["Id"] == link.their_id
    assert order["Status"] == "Activated"
    assert f"{order['TotalAmount']:.2f}" == f"{float(placed['total_inc_tax']):.2f}"


def _check_all(bridge: Bridge, number: int) -> None:
    orders = bridge.records("Order")
    assert len(orders) == len({row["BC_Order_Id__c"] for row in orders}) == number
    items = bridge.records("OrderItem")
    assert len(items) == len({row["BC_Line_Id__c"] for row in items})
    people = [row for row in bridge.records("Contact") if row.get("BC_Customer_Id__c")]
    assert len(people) == len({row["Email"] for row in people}) == number
