"""`/api/connections/<id>/money` and `/differences`."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.db import now
from app.models import (
    Backfill,
    BackfillState,
    Comparison,
    ComparisonState,
    Connection,
    ConnectionState,
    DayTotal,
    Delivery,
    Difference,
    Link,
    LinkState,
    State,
    Store,
    User,
)
from tests.web.api.world import INSTANCE, Caller, World, at

DAY = date(2026, 7, 1)
D = Decimal


@pytest.fixture
def connection(world: World, store: Store) -> Connection:
    return world.connection(store, connected_at=at(12))


def total(
    world: World, connection: Connection, day: date, currency: str, here: str, there: str, count: int = 1
) -> None:
    world.add(
        DayTotal(
            connection_id=connection.id, day=day, currency=currency, store_orders=count, crm_orders=count,
            store_total=D(here), crm_total=D(there),
        )
    )  # fmt: skip


def difference(world: World, connection: Connection, order_id: str, **values: Any) -> Difference:
    defaults: dict[str, Any] = {
        "day": DAY, "kind": "amount", "currency": "GBP", "store_net": D("10"), "crm_net": D("7.5"),
        "their_kind": "Order", "their_id": "801xx",
    }  # fmt: skip
    row = Difference(connection_id=connection.id, order_id=order_id, **{**defaults, **values})
    world.add(row)
    return row


def run(world: World, connection: Connection, **values: Any) -> Comparison:
    defaults: dict[str, Any] = {"since": DAY, "until": DAY, "state": ComparisonState.DONE, "finished_at": now()}
    row = Comparison(store_id=connection.store_id, connection_id=connection.id, **{**defaults, **values})
    world.add(row)
    return row


def test_before_anything_was_compared(call: Caller, connection: Connection) -> None:
    answer = call("GET", f"/api/connections/{connection.id}/money").json
    assert answer == {
        "items": [], "totals": [], "covered_since": "2026-07-01", "run": None, "total": 0, "page": 1, "pages": 1,
    }  # fmt: skip


def test_days_and_their_sums(world: World, call: Caller, connection: Connection) -> None:
    total(world, connection, DAY, "GBP", "30", "27.5", count=3)
    total(world, connection, DAY, "JPY", "1200", "1200")
    total(world, connection, DAY, "KWD", "1.2345", "1.234")
    total(world, connection, DAY - timedelta(days=1), "GBP", "0.10", "0.10")
    total(world, connection, DAY - timedelta(days=9), "GBP", "99", "99")
    difference(world, connection, "1")
    difference(world, connection, "2", settled_at=now())
    last = run(world, connection, more_days=["2026-06-01"], days_done=2, orders=5, differences=1, repaired=1)
    query = {"since": "2026-06-30", "until": "2026-07-01", "page_size": 3}
    answer: Any = call("GET", f"/api/connections/{connection.id}/money", **query).json
    first, yen, dinar = answer["items"]
    assert {**first, "checked_at": ""} == {
        "day": "2026-07-01", "currency": "GBP", "store_orders": 3, "crm_orders": 3, "store_total": "30.00",
        "crm_total": "27.50", "drift": "-2.50", "differences": 1, "checked_at": "",
    }  # fmt: skip
    assert (yen["store_total"], yen["drift"], yen["differences"]) == ("1200", "0", 0)
    assert (dinar["store_total"], dinar["crm_total"], dinar["drift"]) == ("1.2345", "1.234", "-0.0005")
    assert answer["totals"][0] == {
        "currency": "GBP", "store_orders": 4, "crm_orders": 4, "store_total": "30.10", "crm_total": "27.60",
        "drift": "-2.50", "differences": 1,
    }  # fmt: skip
    assert (answer["total"], answer["page"], answer["pages"]) == (4, 1, 2)
    assert (answer["run"]["id"], answer["run"]["days"], answer["run"]["days_done"]) == (last.id, 2, 2)
    assert set(answer["run"]) == {
        "id", "state", "since", "until", "asked_by", "days", "days_done", "orders", "differences", "repaired",
        "problem", "started_at", "finished_at", "is_nightly",
    }  # fmt: skip


def test_a_history_that_was_loaded_is_covered_too(world: World, call: Caller, connection: Connection) -> None:
    def load(**values: Any) -> None:
        defaults: dict[str, Any] = {
            "kinds": ["order"],
            "state": BackfillState.DONE,
            "since": at(1) - timedelta(days=30),
        }
        row = Backfill(store_id=connection.store_id, connection_id=connection.id, **{**defaults, **values})
        world.add(row)

    load(state=BackfillState.RUNNING)
    load(filters={"statuses": ["10"], "parcels_days": 60})
    load(kinds=["customer"])
    load(until=at(1) - timedelta(days=10))
    address = f"/api/connections/{connection.id}/money"
    assert (call("GET", address).json or {})["covered_since"] == "2026-07-01"
    load(filters={"statuses": [], "channels": [], "min_total": None, "parcels_days": 60})
    assert (call("GET", address).json or {})["covered_since"] == "2026-06-01"
    load(since=None)
    assert (call("GET", address).json or {})["covered_since"] is None


def test_orders_that_differ(world: World, call: Caller, store: Store, connection: Connection) -> None:
    difference(world, connection, "1001")
    difference(world, connection, "1002", kind="missing", crm_net=None, their_kind="", their_id="")
    difference(world, connection, "1003", settled_at=now())
    difference(world, connection, "1004", day=DAY - timedelta(days=1), currency="EUR")
    world.delivery(connection, record_id="1001", state=State.DONE)
    dead = world.dead(connection, "1001")
    address = f"/api/connections/{connection.id}/differences"
    answer: Any = call("GET", address).json
    assert [item["order_id"] for item in answer["items"]] == ["1002", "1001", "1004"]
    missing, amount, _ = answer["items"]
    assert (missing["store_net"], missing["crm_net"], missing["drift"], missing["crm_url"]) == (
        "10.00", None, "-10.00", None,
    )  # fmt: skip
    assert (amount["kind"], amount["drift"], amount["settled_at"]) == ("amount", "-2.50", None)
    assert amount["crm_url"].startswith(INSTANCE) and "801xx" in amount["crm_url"]
    assert amount["store_url"] == f"{store.control_panel_url}/manage/orders/1001"
    assert amount["delivery"] == {"id": dead.id, "state": "dead", "error_code": "REQUIRED_FIELD_MISSING"}
    assert missing["delivery"] is None

    def numbers(**query: Any) -> list[str]:
        found: Any = call("GET", address, **query).json
        return [item["order_id"] for item in found["items"]]

    assert numbers(state="settled") == ["1003"]
    assert numbers(currency="eur") == ["1004"]
    assert numbers(day="2026-07-01") == ["1002", "1001"]
    assert numbers(page=2, page_size=2) == ["1004"]
    assert call("GET", address, state="gone").status_code == 422


def test_what_was_brought_before_is_no_repair(world: World, call: Caller, connection: Connection) -> None:
    for number, before in (("1001", True), ("1002", False)):
        world.delivery(connection, record_id=number, state=State.DONE)
        difference(world, connection, number, found_at=now() + timedelta(minutes=1 if before else -1))
    answer: Any = call("GET", f"/api/connections/{connection.id}/differences").json
    assert {item["order_id"]: bool(item["delivery"]) for item in answer["items"]} == {"1001": False, "1002": True}


def test_an_order_that_people_deleted_in_the_crm(world: World, call: Caller, connection: Connection) -> None:
    for number, state in (("1001", LinkState.GONE), ("1002", LinkState.LIVE)):
        world.add(
            Link(
                connection_id=connection.id, kind="order", our_id=number, their_kind="Order", their_id=f"801{number}",
                state=state,
            )
        )  # fmt: skip
        difference(world, connection, number, kind="missing", crm_net=None, their_kind="", their_id="")
    answer: Any = call("GET", f"/api/connections/{connection.id}/differences").json
    found = {item["order_id"]: (item["is_deleted"], bool(item["crm_url"])) for item in answer["items"]}
    assert found == {"1001": (True, False), "1002": (False, True)}


def test_comparing_on_request(world: World, call: Caller, owner: User, connection: Connection) -> None:
    address = f"/api/connections/{connection.id}/money/check"
    body = {"since": "2026-06-01", "until": "2026-06-30"}
    answer = call("POST", address, body)
    assert answer.status_code == 202 and answer.json is not None
    assert {name: answer.json[name] for name in ("state", "days", "days_done", "asked_by")} == {
        "state": "waiting", "days": 30, "days_done": 0, "asked_by": owner.email,
    }  # fmt: skip
    assert any(f"worker.jobs.compare({answer.json['id']})" in job for job in world.jobs())
    again = call("POST", address, body)
    assert again.status_code == 409 and "under way" in (again.json or {})["message"]


@pytest.mark.parametrize(
    "body",
    [
        {}, {"since": "2026-06-01"}, {"since": "2026-06-02", "until": "2026-06-01"}, {"since": "x", "until": "y"},
        {"since": "2024-01-01", "until": "2026-06-01"}, {"since": "2026-06-01", "until": "2026-06-01", "more": 1},
        {"since": "0001-01-01", "until": "0001-01-01"}, {"since": "9999-12-31", "until": "9999-12-31"},
    ],
)  # fmt: skip
def test_ranges_that_are_none(call: Caller, connection: Connection, body: Any) -> None:
    assert call("POST", f"/api/connections/{connection.id}/money/check", body).status_code == 422


def test_what_cannot_be_read_is_not_compared(world: World, call: Caller, store: Store) -> None:
    paused = world.connection(store, state=ConnectionState.PAUSED)
    body = {"since": "2026-06-01", "until": "2026-06-30"}
    answer = call("POST", f"/api/connections/{paused.id}/money/check", body)
    assert answer.status_code == 409 and "not live" in (answer.json or {})["message"]


def test_repairing(world: World, call: Caller, connection: Connection) -> None:
    for number in ("1001", "1002", "1003"):
        difference(world, connection, number)
    difference(world, connection, "1004", kind="twice")
    difference(world, connection, "1005", settled_at=now())
    address = f"/api/connections/{connection.id}/money/repair"
    assert call("POST", address, {"order_ids": ["1001", "1004", "1005", "77"]}).json == {"requested": 1}
    assert call("POST", address, {"order_ids": None}).json == {"requested": 3}
    with world.runtime.database.reading() as session:
        asked = session.query(Delivery.record_id, Delivery.state).order_by(Delivery.id).all()
    assert [tuple(row) for row in asked] == [(number, "waiting") for number in ("1001", "1002", "1003")]
    assert call("POST", address, {}).status_code == 422


def test_nobody_sees_another_stores_money(call: Caller, stranger: Caller, connection: Connection) -> None:
    body = {"since": "2026-06-01", "until": "2026-06-30"}
    for method, path, sent in (
        ("GET", "money", None), ("GET", "differences", None), ("POST", "money/check", body),
        ("POST", "money/repair", {"order_ids": None}),
    ):  # fmt: skip
        assert stranger(method, f"/api/connections/{connection.id}/{path}", sent).status_code == 404
        assert Caller(call.world, "")(method, f"/api/connections/{connection.id}/{path}", sent).status_code == 401
