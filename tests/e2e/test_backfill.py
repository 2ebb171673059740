"""History of a store in Salesforce: dates, parcels, live orders first, killed and resumed, on the terminal."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner

from app.commands import backfill as terminal
from app.models import Backfill, BackfillState
from app.sync import backfills, loading
from app.sync.backfills import Choice
from tests.e2e.conftest import Bridge

FIRST = datetime(2023, 3, 1, 10, 30, tzinfo=UTC)
ADDRESS = {
    "first_name": "Ada", "last_name": "Byron", "street_1": "1 High Street", "city": "Leeds", "state": "West Yorkshire",
    "zip": "LS1 4AP", "country": "United Kingdom", "country_iso2": "GB",
}  # fmt: skip
ORDERS = 30


def place(bridge: Bridge, number: int, **values: Any) -> int:
    """An order of the past, of one of ten guests."""
    line = {"name": "Thing", "quantity": 1 + number % 3, "price_ex_tax": "10.00", "price_inc_tax": "12.00"}
    body = {
        "billing_address": {**ADDRESS, "email": f"guest{number % 10}@example.com"}, "products": [line],
        "status_id": 10, "date_created": (FIRST + timedelta(days=number)).isoformat(),
    }  # fmt: skip
    return int(bridge.place({**body, **values})["id"])


def state(bridge: Bridge, number: int) -> str:
    with bridge.runtime.database.reading() as session:
        return str(session.get_one(Backfill, number).state)


def work(bridge: Bridge, number: int) -> None:
    """What clock and workers do."""
    while state(bridge, number) in (BackfillState.COUNTING, BackfillState.RUNNING):
        loading.run(bridge.runtime, number)
        bridge.flush()


def held(bridge: Bridge) -> dict[str, dict[str, Any]]:
    """Salesforce's orders by the store's number."""
    found = {str(row["BC_Order_Id__c"]): row for row in bridge.records("Order")}
    assert len(found) == len(bridge.records("Order")), "doubled"
    return found


def guests(bridge: Bridge) -> list[str]:
    """E-mail addresses of the orders' buyers as Salesforce has them."""
    return [row["Email"] for row in bridge.records("Contact") if str(row["Email"]).startswith("guest")]


@pytest.fixture
def placed(bridge: Bridge) -> Iterator[list[int]]:
    """Thirty orders of 2023 that nobody brought, and one of before."""
    place(bridge, -400)
    yield [place(bridge, number) for number in range(ORDERS)]


def test_a_range_of_orders_arrives_with_its_own_dates_and_live_orders_first(bridge: Bridge, placed: list[int]) -> None:
    choice = Choice(("order",), since=FIRST, until=FIRST + timedelta(days=ORDERS))
    number = backfills.create(bridge.runtime, bridge.connection_id, choice)
    loading.run(bridge.runtime, number)
    before = bridge.records("Order")
    assert before == []
    backfills.start(bridge.runtime, number)
    loading.run(bridge.runtime, number)
    live = place(bridge, 0, date_created=datetime.now(UTC).isoformat())
    bridge.notice("order", live, "live-1")
    work(bridge, number)
    orders = held(bridge)
    assert set(orders) == {f"sandbox1-{one}" for one in (*placed, live)}
    for day, one in enumerate(placed):
        row = orders[f"sandbox1-{one}"]
        assert row["EffectiveDate"] == (FIRST + timedelta(days=day)).date().isoformat()
        assert datetime.fromisoformat(row["BC_Placed_At__c"]) == FIRST + timedelta(days=day)
    first = min(bridge.records("Order"), key=lambda row: (row["CreatedDate"], row["Id"]))
    assert first["BC_Order_Id__c"] == f"sandbox1-{live}"
    assert len(guests(bridge)) == 10
    with bridge.runtime.database.reading() as session:
        ended = session.get_one(Backfill, number)
        assert ended.forecast["records"] == {"order": ORDERS}
        assert (ended.progress["order"]["done"], ended.progress["order"]["failed"]) == (ORDERS, 0)


def test_loading_twice_and_after_live_sync_doubles_and_writes_nothing(bridge: Bridge, placed: list[int]) -> None:
    for one in placed[:10]:
        bridge.notice("order", one, f"live-{one}")
    bridge.flush()
    for _ in range(2):
        number = backfills.create(bridge.runtime, bridge.connection_id, Choice(("order",), since=FIRST))
        loading.run(bridge.runtime, number)
        backfills.start(bridge.runtime, number)
        work(bridge, number)
    assert set(held(bridge)) == {f"sandbox1-{one}" for one in placed}
    bridge.forget_calls()
    number = backfills.create(bridge.runtime, bridge.connection_id, Choice(("order",), since=FIRST))
    loading.run(bridge.runtime, number)
    backfills.start(bridge.runtime, number)
    work(bridge, number)
    assert bridge.calls(bridge.crm_url) == {}


def test_two_flushes_and_the_job_at_once_lose_and_double_nothing(bridge: Bridge, placed: list[int]) -> None:
    number = backfills.create(bridge.runtime, bridge.connection_id, Choice(("customer", "order")))
    loading.run(bridge.runtime, number)
    backfills.start(bridge.runtime, number)
    threads = [threading.Thread(target=work, args=(bridge, number)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert state(bridge, number) == BackfillState.DONE
    assert len(held(bridge)) == ORDERS + 1
    assert len(guests(bridge)) == len(set(guests(bridge))) == 10


def test_on_the_terminal(bridge: Bridge, placed: list[int]) -> None:
    def call(*arguments: str, typed: str = "") -> str:
        answer = CliRunner().invoke(
            terminal.command, ["sandbox1", "salesforce", *arguments], obj=bridge.runtime.settings, input=typed
        )
        assert answer.exit_code == 0, answer.output
        return answer.output

    assert "30 records" in call("--kind", "order", "--since", "2023-03-01", "--dry-run")
    assert "Nothing was sent" in call("--kind", "order", typed="n\n")
    assert bridge.records("Order") == []
    call("--kind", "order", "--since", "2023-03-01", "--yes", "--no-watch")
    assert "paused" in call("--pause") and "running" in call("--resume") and "cancelled" in call("--cancel")
    call("--kind", "order", "--since", "2023-03-01", "--yes", "--no-watch")
    with bridge.runtime.database.reading() as session:
        number = max(row.id for row in session.query(Backfill))
    worker = threading.Thread(target=work, args=(bridge, number))
    worker.start()
    code = terminal._watch(bridge.runtime, number)
    worker.join(60)
    assert code == 0 and len(held(bridge)) == ORDERS
