"""`/api/backfills`: chosen, listed, started, paused, resumed, cancelled; refusals in words; nobody else's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.db import now
from app.models import Backfill, BackfillState, Connection, ConnectionState, State, Store
from tests.web.api.world import Caller, World

WISH = {"kinds": ["order", "customer"], "since": "2024-07-01", "until": "2024-07-31"}
FORECAST = {
    "records": {"order": 10},
    "calls": {"store": 2, "crm": 1},
    "seconds": 60,
    "fits": True,
    "words": "10 records",
}


@pytest.fixture
def connection(world: World, store: Store) -> Connection:
    """The store's Salesforce org."""
    return world.connection(store)


def add(world: World, connection: Connection, state: str = BackfillState.READY, **values: Any) -> Backfill:
    """One that is counted, or further."""
    defaults = {"kinds": ["customer", "order"], "forecast": FORECAST, "progress": {"order": {"total": 10}}}
    row = Backfill(store_id=connection.store_id, connection_id=connection.id, state=state, **{**defaults, **values})
    world.add(row)
    return row


def test_a_wish_is_written_down_and_counted(world: World, store: Store, connection: Connection, call: Caller) -> None:
    wish = {**WISH, "statuses": ["2", "10"], "channels": ["1"], "min_total": "50", "parcels_days": 30}
    answer = call("POST", f"/api/connections/{connection.id}/backfills", wish)
    assert answer.status_code == 201, answer.text
    shown = answer.json or {}
    kept = world.get(Backfill, shown["id"])
    # 1 July in London begins at 23:00 UTC
    assert (kept.since, kept.until) == (
        datetime(2024, 6, 30, 23, tzinfo=UTC), datetime(2024, 7, 31, 22, 59, 59, tzinfo=UTC)
    )  # fmt: skip
    assert kept.filters == {"statuses": ["2", "10"], "channels": ["1"], "min_total": "50.00", "parcels_days": 30}
    assert (kept.kinds, kept.created_by) == (["customer", "order"], "owner@example.com")
    assert (shown["state"], shown["since"], shown["until"]) == ("counting", "2024-07-01", "2024-07-31")
    assert (shown["vendor"], shown["vendor_label"], shown["forecast"]) == ("salesforce", "Salesforce", {})
    assert shown["progress"]["percent"] in (0, 100) and shown["progress"]["seconds_left"] is None
    assert [job for job in world.jobs() if "backfill" in job]


@pytest.mark.parametrize(
    "change",
    [
        {"kinds": []}, {"kinds": ["cart"]}, {"since": "2024-08-01"}, {"statuses": ["shipped"]}, {"min_total": "-1"},
        {"parcels_days": -1}, {"colour": "red"}, {"since": "yesterday"}, {"channels": ["x"]}, {"min_total": "NaN"},
        {"since": "0001-01-01"}, {"until": "9999-12-31"},
    ],
)  # fmt: skip
def test_nonsense_is_refused(connection: Connection, call: Caller, change: dict[str, Any]) -> None:
    assert call("POST", f"/api/connections/{connection.id}/backfills", {**WISH, **change}).status_code == 422
    assert (call("GET", "/api/backfills").json or {})["total"] == 0


def test_one_at_a_time_for_an_account(world: World, connection: Connection, call: Caller) -> None:
    add(world, connection)
    answer = call("POST", f"/api/connections/{connection.id}/backfills", WISH)
    assert answer.status_code == 409
    assert "not finished" in (answer.json or {})["message"]


def test_what_is_switched_off_cannot_be_loaded(world: World, store: Store, call: Caller) -> None:
    connection = world.connection(store, switches={"customers": False})
    answer = call("POST", f"/api/connections/{connection.id}/backfills", WISH)
    assert answer.status_code == 409
    assert "customer" in (answer.json or {})["message"]


def test_started_paused_resumed_cancelled(world: World, connection: Connection, call: Caller) -> None:
    row = add(world, connection)
    waiting = world.delivery(
        connection, kind="order", record_id="1", state=State.WAITING, backfill_id=row.id, priority=110, due_at=now()
    )
    for step, state in (("start", "running"), ("pause", "paused"), ("resume", "running"), ("cancel", "cancelled")):
        answer = call("POST", f"/api/backfills/{row.id}/{step}")
        assert (answer.status_code, (answer.json or {})["state"]) == (200, state)
    ended = call("GET", f"/api/backfills/{row.id}").json or {}
    assert ended["started_at"] and ended["finished_at"]
    assert world.get(type(waiting), waiting.id).result == "cancelled"


@pytest.mark.parametrize(
    ("state", "step"), [("counting", "start"), ("ready", "pause"), ("running", "resume"), ("done", "cancel")]
)
def test_what_the_state_forbids(world: World, connection: Connection, call: Caller, state: str, step: str) -> None:
    row = add(world, connection, state)
    answer = call("POST", f"/api/backfills/{row.id}/{step}")
    assert answer.status_code == 409
    assert state in (answer.json or {})["message"]
    assert world.get(Backfill, row.id).state == state


def test_a_paused_account_starts_nothing(world: World, store: Store, call: Caller) -> None:
    connection = world.connection(store, state=ConnectionState.PAUSED)
    answer = call("POST", f"/api/backfills/{add(world, connection).id}/start")
    assert answer.status_code == 409


def test_progress_in_full(world: World, connection: Connection, call: Caller) -> None:
    started = now() - timedelta(seconds=100)
    row = add(
        world, connection, BackfillState.RUNNING, started_at=started, resumed_at=started,
        progress={
            "customer": {"total": 4, "asked": 4, "listed": True, "took": [20.0, 4, 1, 1], "expected": 1.0},
            "order": {"total": 100, "asked": 60, "mark": [50.0, 0], "expected": 1.0},
        },
    )  # fmt: skip
    for number in range(8):
        world.delivery(connection, kind="order", record_id=str(number), state=State.WAITING, backfill_id=row.id)
    for number in range(8, 10):
        world.delivery(connection, kind="order", record_id=str(number), state=State.DEAD, backfill_id=row.id)
    shown = (call("GET", f"/api/backfills/{row.id}").json or {})["progress"]
    assert shown["kinds"] == {
        "customer": {"total": 4, "asked": 4, "done": 4, "failed": 0},
        "order": {"total": 100, "asked": 60, "done": 50, "failed": 2},
    }
    assert (shown["total"], shown["done"], shown["failed"], shown["percent"]) == (104, 54, 2, 53.8)
    assert 45 <= shown["seconds_left"] <= 52  # 52 orders in about 50 seconds, 48 to go
    assert 30 <= shown["per_minute"] <= 34


def test_pages_and_the_filter_by_account(world: World, store: Store, connection: Connection, call: Caller) -> None:
    other = world.connection(store, environment="sandbox")
    for number in range(25):
        add(world, connection, BackfillState.DONE, created_at=now() - timedelta(days=number))
    newest = add(world, other)
    first = call("GET", "/api/backfills").json or {}
    assert (len(first["items"]), first["total"], first["pages"], first["items"][0]["id"]) == (20, 26, 2, newest.id)
    assert (call("GET", "/api/backfills", connection_id=other.id).json or {})["total"] == 1


def test_another_stores_history_is_neither_seen_nor_touched(
    world: World, connection: Connection, stranger: Caller
) -> None:
    row = add(world, connection)
    assert (stranger("GET", "/api/backfills").json or {})["total"] == 0
    assert stranger("GET", f"/api/backfills/{row.id}").status_code == 404
    assert stranger("POST", f"/api/backfills/{row.id}/start").status_code == 404
    assert stranger("POST", f"/api/connections/{connection.id}/backfills", WISH).status_code == 404
    assert world.get(Backfill, row.id).state == BackfillState.READY
