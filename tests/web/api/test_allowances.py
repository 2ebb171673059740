"""`/api/connections/<id>/allowance`: the calls of a day, our share of them, the forecast."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from app.connectors.access import STORE_WINDOW, Bucket, Reading
from app.db import now
from app.models import Connection, Store
from app.models.budget import Allowance, Usage
from app.sync import rolling
from app.sync.budgets import Budget
from tests.web.api.world import Caller, World


@pytest.fixture
def connection(world: World, store: Store) -> Connection:
    """The store's Salesforce org."""
    return world.connection(store)


def shown(call: Caller, connection: Connection) -> dict[str, Any]:
    answer = call("GET", f"/api/connections/{connection.id}/allowance")
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    return dict(answer.json)


def put(call: Caller, connection: Connection, body: Any) -> Any:
    return call("PUT", f"/api/connections/{connection.id}/allowance", body)


def use(world: World, connection: Connection, calls: int, hours_ago: int = 0) -> None:
    hour = rolling.hour_of(now()) - timedelta(hours=hours_ago)
    world.add(Usage(connection_id=connection.id, hour=hour, calls=calls))


def test_before_anything_was_told(call: Caller, connection: Connection) -> None:
    answer = shown(call, connection)
    assert [lane["lane"] for lane in answer["lanes"]] == ["orders", "customers", "products", "history"]
    assert all(lane["open"] and lane["until"] is None for lane in answer.pop("lanes"))
    hours = answer.pop("hours")
    assert len(hours) == 24
    assert {hour["calls"] for hour in hours} == {0}
    assert answer == {
        "vendor": "salesforce", "vendor_label": "Salesforce", "tells": True, "maximum": None, "used": None,
        "told_at": None, "share": 50, "ours": 0, "allowed": None,
        "forecast": {
            "calls_per_hour": 0.0, "runs_out_at": None,
            "words": "Salesforce tells its daily maximum with its first answer.",
        },
        "store": {
            "quota": None, "left": None, "window_seconds": None, "resets_at": None, "ours_last_hour": 0,
        },
    }  # fmt: skip


def test_what_was_used_and_what_that_comes_to(world: World, call: Caller, connection: Connection) -> None:
    world.add(Allowance(connection_id=connection.id, share=40, maximum=1000, used=300, told_at=now()))
    use(world, connection, 100, hours_ago=1)
    use(world, connection, 100, hours_ago=5)
    use(world, connection, 9, hours_ago=30)
    answer = shown(call, connection)
    assert (answer["maximum"], answer["used"], answer["share"], answer["allowed"]) == (1000, 300, 40, 400)
    assert answer["ours"] == 200
    assert [hour["calls"] for hour in answer["hours"]][-6:] == [100, 0, 0, 0, 100, 0]
    forecast = answer["forecast"]
    assert 49 < forecast["calls_per_hour"] <= 100  # a hundred in one to two hours
    runs_out = datetime.fromisoformat(forecast["runs_out_at"])
    assert timedelta(hours=1.9) < runs_out - now() < timedelta(hours=4.1)
    assert "our share of 400 calls a day is used up in about" in forecast["words"]


def test_lanes_that_are_shut_say_until_when(world: World, call: Caller, connection: Connection) -> None:
    world.add(Allowance(connection_id=connection.id, share=50, maximum=200))
    use(world, connection, 90, hours_ago=3)
    lanes = {lane["lane"]: lane for lane in shown(call, connection)["lanes"]}
    assert [name for name, lane in lanes.items() if lane["open"]] == ["orders", "customers"]
    free = rolling.hour_of(now()) - timedelta(hours=3) + timedelta(hours=25)
    assert datetime.fromisoformat(lanes["history"]["until"]) == free


def test_a_share_that_is_used_up_says_when_calls_are_free(world: World, call: Caller, connection: Connection) -> None:
    world.add(Allowance(connection_id=connection.id, share=50, maximum=200))
    use(world, connection, 100, hours_ago=24)
    forecast = shown(call, connection)["forecast"]
    assert forecast["words"].startswith("All of our share of 100 calls a day is used up. Calls are free again in about")


def test_the_stores_window_is_shown(world: World, store: Store, call: Caller, connection: Connection) -> None:
    with Budget.of_store(world.runtime, store.id) as budget:
        budget.enter(Bucket(STORE_WINDOW, quota=150, seconds=30))
        budget.told(Reading(20, 150, now() + timedelta(seconds=20), timedelta(seconds=30)))
    answer = shown(call, connection)
    assert (answer["store"]["quota"], answer["store"]["left"], answer["store"]["window_seconds"]) == (150, 20, 30.0)
    assert answer["store"]["ours_last_hour"] == 1
    assert [lane["lane"] for lane in answer["lanes"] if lane["open"]] == ["orders", "customers"]
    assert answer["ours"] == 0  # the store's calls are not the CRM's


def test_the_share_is_chosen(call: Caller, connection: Connection) -> None:
    answer = put(call, connection, {"share": 75})
    assert answer.status_code == 200, answer.text
    assert answer.json["share"] == shown(call, connection)["share"] == 75


@pytest.mark.parametrize(
    "body", [{"share": 0}, {"share": 101}, {"share": "half"}, {"share": 5.5}, {"other": 1}, {"maximum": 0}]
)
def test_what_is_no_share_is_refused(call: Caller, connection: Connection, body: dict[str, Any]) -> None:
    assert put(call, connection, body).status_code == 422
    assert shown(call, connection)["share"] == 50


def test_a_maximum_that_the_vendor_tells_is_not_typed(call: Caller, connection: Connection) -> None:
    answer = put(call, connection, {"share": 60, "maximum": 5000})
    assert answer.status_code == 422
    assert "tells its own maximum" in answer.json["message"]
    assert (shown(call, connection)["maximum"], shown(call, connection)["share"]) == (None, 50)


def test_a_maximum_of_a_vendor_that_tells_none(world: World, store: Store, call: Caller) -> None:
    connection = world.connection(store, vendor="sap-sales-cloud")
    assert "type it in" in shown(call, connection)["forecast"]["words"]
    answer = put(call, connection, {"share": 20, "maximum": 30_000})
    assert (answer.json["maximum"], answer.json["allowed"]) == (30_000, 6_000)
    answer = put(call, connection, {"maximum": None})
    assert (answer.json["maximum"], answer.json["allowed"], answer.json["share"]) == (None, None, 20)


def test_another_store_sees_and_changes_nothing(call: Caller, stranger: Caller, connection: Connection) -> None:
    assert stranger("GET", f"/api/connections/{connection.id}/allowance").status_code == 404
    assert put(stranger, connection, {"share": 99}).status_code == 404
    assert shown(call, connection)["share"] == 50
