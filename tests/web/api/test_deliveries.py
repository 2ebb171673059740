"""`/api/deliveries`: filters, pages, errors in words, links to both sides, replay."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from app.api import listing
from app.catalogue import BY_REMEDY, OWN, explain
from app.models import Connection, Delivery, State, Store
from tests.web.api.world import INSTANCE, Caller, World, at


def test_what_the_store_refuses_is_not_cured_by_a_button_that_it_does_not_have() -> None:
    assert "Reconnect" not in explain("BC_401", "reconnect").advice
    assert "Apps in the control panel" in explain("BC_401", "reconnect").advice


@pytest.fixture
def connection(world: World, store: Store) -> Connection:
    """The store's Salesforce org."""
    return world.connection(store)


def page(call: Caller, **query: Any) -> dict[str, Any]:
    """One page."""
    answer = call("GET", "/api/deliveries", **query)
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    return dict(answer.json)


def records(call: Caller, **query: Any) -> list[str]:
    """The record ids of one page, from top to bottom."""
    return [item["record_id"] for item in page(call, **query)["items"]]


def test_none_yet(call: Caller) -> None:
    assert page(call) == {"items": [], "total": 0, "more": False, "page": 1, "pages": 1}


def test_what_moved_last_comes_first(world: World, connection: Connection, call: Caller) -> None:
    for hour, record_id in ((9, "2"), (11, "1"), (10, "3")):
        world.delivery(connection, record_id=record_id, changed_at=at(hour))
    assert records(call) == ["1", "3", "2"]


def test_pages(world: World, connection: Connection, call: Caller) -> None:
    world.many(connection, 205)
    first = page(call)
    assert (len(first["items"]), first["total"], first["page"], first["pages"]) == (100, 205, 1, 3)
    third = call("GET", "/api/deliveries", page=3)
    assert third.json is not None
    assert [item["record_id"] for item in third.json["items"]] == ["5", "4", "3", "2", "1"]
    header = json.loads(third.headers["X-Pagination"])
    assert (header["total"], header["total_pages"], header["page"], header["previous_page"]) == (205, 3, 3, 2)
    assert len(page(call, page_size=250)["items"]) == 205


def test_counting_ends_and_the_pages_go_on(
    world: World, connection: Connection, call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST_COUNTED", 100)
    world.many(connection, 205)
    first, third = page(call), page(call, page=3)
    assert (first["total"], first["more"], first["pages"]) == (100, True, 1)
    assert [item["record_id"] for item in third["items"]] == ["5", "4", "3", "2", "1"]
    assert (third["total"], third["more"], third["page"]) == (100, True, 3)
    world.dead(connection, "9001")
    assert (page(call, state="dead")["total"], page(call, state="dead")["more"]) == (1, False)


def test_a_page_behind_the_last_is_empty(world: World, connection: Connection, call: Caller) -> None:
    world.many(connection, 3)
    beyond = page(call, page=7)
    assert (beyond["items"], beyond["total"], beyond["page"], beyond["pages"]) == ([], 3, 7, 1)


@pytest.mark.parametrize("query", [{"page_size": 251}, {"page": 0}, {"state": "lost"}, {"connection_id": "x"}])
def test_a_question_that_makes_no_sense(call: Caller, query: dict[str, Any]) -> None:
    answer = call("GET", "/api/deliveries", **query)
    assert answer.status_code == 422
    assert answer.json is not None
    assert next(iter(query)) in answer.json["errors"]["query"]


@pytest.mark.parametrize("query", [{"q": "a\0b"}, {"kind": "\0"}, {"connection_id": 10**30}, {"q": "x" * 201}])
def test_what_a_database_cannot_take_is_refused(call: Caller, query: dict[str, Any]) -> None:
    answer = call("GET", "/api/deliveries", **query)
    assert answer.status_code == 422
    assert answer.json is not None
    assert next(iter(query)) in answer.json["errors"]["query"]


def test_a_page_beyond_all_numbers_is_empty(call: Caller) -> None:
    assert page(call, page=10**30)["items"] == []


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "\ud800"},
        {"error_code": "\0"},
        {"ids": [2**63]},
        {"ids": [-1]},
        {"ids": ["1"]},
        {"connection_id": 2**40},
    ],
)
def test_a_replay_that_a_database_cannot_take_is_refused(call: Caller, body: dict[str, Any]) -> None:
    assert call("POST", "/api/deliveries/replay", body).status_code == 422


@pytest.mark.parametrize("path", ["/api/deliveries/{0}", "/api/connections/{0}/check"])
def test_an_id_beyond_all_numbers_is_not_there(call: Caller, path: str) -> None:
    assert call("POST" if "check" in path else "GET", path.format(10**30)).status_code == 404


@pytest.mark.parametrize("body", ["{", "[]", "null", '"x"'])
def test_a_body_that_is_no_object_is_refused_in_words(world: World, call: Caller, body: str) -> None:
    headers = {"Authorization": f"Bearer {call.token}", "Content-Type": "application/json"}
    answer = world.app.test_client().post("/api/deliveries/replay", data=body, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.json is not None
    assert answer.json["message"]


def test_filters(world: World, store: Store, connection: Connection, call: Caller) -> None:
    sandbox = world.connection(store, environment="sandbox")
    world.delivery(connection, record_id="1", state=State.WAITING, changed_at=at(4))
    world.delivery(connection, record_id="2", kind="customer", label="Jane Doe", changed_at=at(3))
    world.dead(connection, "3", label="Order 3, Zoë 100%", changed_at=at(2))
    world.delivery(sandbox, record_id="4", correlation_id="abc123", changed_at=at(1))
    assert records(call, state="dead") == ["3"]
    assert records(call, kind="customer") == ["2"]
    assert records(call, connection_id=sandbox.id) == ["4"]
    assert records(call, kind="order", state="waiting") == ["1"]
    assert records(call, q="jane") == ["2"]
    assert records(call, q="zoë") == ["3"]
    assert records(call, q="100%") == ["3"]
    assert records(call, q="%") == ["3"]
    assert records(call, q="region__c") == ["3"]
    assert records(call, q="REQUIRED_FIELD_MISSING") == ["3"]
    assert records(call, q="abc123") == ["4"]
    assert records(call, q=" 4 ") == ["4"]
    assert records(call, q="nobody") == []


def test_one_delivery_in_full(world: World, connection: Connection, store: Store, call: Caller) -> None:
    delivery = world.dead(
        connection, "1001", flags=[{"code": "PLACEHOLDER_LINE", "message": "One line has no product."}]
    )
    world.attempt(delivery)
    world.attempt(delivery, number=2, result="done", received=None, milliseconds=90)
    world.link(connection, "order", "1001", "Order", "801xx0000004CAbAAM")
    answer = call("GET", f"/api/deliveries/{delivery.id}")
    assert answer.status_code == 200
    assert answer.json is not None
    shown = answer.json
    assert shown["error"]["code"] == "REQUIRED_FIELD_MISSING"
    assert shown["error"]["field"] == "Region__c"
    assert shown["error"]["message"] == "Required fields are missing: [Region__c]"
    assert "insists on a field" in shown["error"]["words"]
    assert shown["error"]["advice"]
    assert shown["error"]["who"] == "Your CRM administrator"
    (flag,) = shown["flags"]
    assert (flag["code"], flag["message"]) == ("PLACEHOLDER_LINE", "One line has no product.")
    assert "placeholder product" in flag["words"]
    assert shown["crm_url"] == f"{INSTANCE}/lightning/r/Order/801xx0000004CAbAAM/view"
    assert shown["store_url"] == f"{store.control_panel_url}/manage/orders/1001"
    assert [(one["number"], one["ms"], one["result"]) for one in shown["tries"]] == [(1, 212, "dead"), (2, 90, "done")]
    assert shown["tries"][0]["sent"] == {"Order": {"Name": "#1001"}}
    assert shown["tries"][1]["received"] is None


def test_without_links_there_are_none(world: World, connection: Connection, call: Caller) -> None:
    world.delivery(connection, kind="customer", record_id="guest:jane@example.com")
    (shown,) = page(call)["items"]
    assert (shown["crm_url"], shown["store_url"], shown["error"]) == (None, None, None)


def test_records_of_the_crm(world: World, connection: Connection, call: Caller) -> None:
    world.delivery(connection, kind="crm:Contact", record_id="003xx1", result="carried", changed_at=at(2))
    world.delivery(connection, kind="crm:Account", record_id="001xx1", result="followed", changed_at=at(1))
    world.delivery(connection, kind="order", record_id="1", changed_at=at(0))
    contact, account, order = page(call)["items"]
    assert (contact["vendor_label"], contact["crm_url"]) == (
        "Salesforce",
        f"{INSTANCE}/lightning/r/Contact/003xx1/view",
    )
    assert (account["crm_url"], account["store_url"]) == (f"{INSTANCE}/lightning/r/Account/001xx1/view", None)
    assert order["crm_url"] is None
    assert records(call, kind="crm:") == ["003xx1", "001xx1"]
    assert records(call, kind="crm:Account") == ["001xx1"]


def test_a_waiting_delivery_that_failed_before_heals_by_itself(
    world: World, connection: Connection, call: Caller
) -> None:
    world.delivery(connection, state=State.WAITING, error_code="SOMETHING_NEW", error_message="?", remedy="")
    (shown,) = page(call)["items"]
    assert shown["error"]["who"] == "Nobody: it heals by itself"


def test_what_did_not_heal_by_itself_is_not_said_to(world: World, connection: Connection, call: Caller) -> None:
    world.dead(connection, "1", error_code="UNABLE_TO_LOCK_ROW", remedy="wait", attempts=12)
    (shown,) = page(call)["items"]
    assert "changing the same record" in shown["error"]["words"]
    assert "Press Replay" in shown["error"]["advice"]
    assert shown["error"]["who"] == "You, in the store"


def test_an_unknown_code_is_explained_by_its_remedy(world: World, connection: Connection, call: Caller) -> None:
    world.dead(connection, "1", error_code="SOMETHING_NEW", remedy="bug")
    (shown,) = page(call)["items"]
    assert shown["error"]["who"] == "Storeline's support"
    assert shown["error"]["code"] == "SOMETHING_NEW"


def test_every_explanation_is_complete() -> None:
    for explanation in {*OWN.values(), *BY_REMEDY.values()}:
        assert explanation.words.endswith("."), explanation
        assert explanation.advice.endswith("."), explanation
        assert explanation.who


def test_another_stores_deliveries_are_not_there(
    world: World, connection: Connection, stranger: Caller
) -> None:  # fmt: skip
    delivery = world.dead(connection, "1")
    assert page(stranger)["total"] == 0
    assert page(stranger, connection_id=connection.id)["total"] == 0
    assert stranger("GET", f"/api/deliveries/{delivery.id}").status_code == 404
    assert stranger("POST", f"/api/deliveries/{delivery.id}/replay").status_code == 404
    assert stranger("POST", "/api/deliveries/replay", {"connection_id": connection.id}).status_code == 404
    assert stranger("POST", "/api/deliveries/replay", {"ids": [delivery.id]}).json == {"replayed": 0}
    assert stranger("POST", "/api/deliveries/replay", {}).json == {"replayed": 0}
    assert world.get(Delivery, delivery.id).state == State.DEAD


def test_replaying_one(world: World, connection: Connection, call: Caller) -> None:
    delivery, other = world.dead(connection, "1"), world.dead(connection, "2")
    answer = call("POST", f"/api/deliveries/{delivery.id}/replay")
    assert (answer.status_code, answer.json) == (200, {"replayed": 1})
    assert world.get(Delivery, delivery.id).state == State.WAITING
    assert world.get(Delivery, other.id).state == State.DEAD
    assert [job for job in world.jobs() if "flush" in job]


def test_replaying_one_that_is_not_there(call: Caller) -> None:
    answer = call("POST", "/api/deliveries/99/replay")
    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.json["message"] == "There is no such delivery in this store."


@pytest.mark.parametrize(
    ("body", "replayed"),
    [
        ({}, {"1", "2", "3"}),
        ({"kind": "customer"}, {"2"}),
        ({"error_code": "STRING_TOO_LONG"}, {"3"}),
        ({"kind": "order", "error_code": "REQUIRED_FIELD_MISSING"}, {"1"}),
        ({"kind": None, "connection_id": None}, {"1", "2", "3"}),
        ({"ids": []}, set()),
    ],
)
def test_replaying_by_filter(
    world: World, connection: Connection, call: Caller, body: dict[str, Any], replayed: set[str]
) -> None:
    world.dead(connection, "1", changed_at=at(1))
    world.dead(connection, "2", kind="customer", changed_at=at(1) + timedelta(hours=1))
    world.dead(connection, "3", error_code="STRING_TOO_LONG", changed_at=at(3))
    assert call("POST", "/api/deliveries/replay", body).json == {"replayed": len(replayed)}
    assert set(records(call, state="waiting")) == replayed


def test_replaying_of_one_connection(world: World, store: Store, connection: Connection, call: Caller) -> None:
    sandbox = world.connection(store, environment="sandbox")
    world.dead(connection, "1")
    world.dead(sandbox, "2")
    assert call("POST", "/api/deliveries/replay", {"connection_id": sandbox.id}).json == {"replayed": 1}
    assert records(call, state="dead") == ["1"]


def test_a_misspelt_filter_replays_nothing(world: World, connection: Connection, call: Caller) -> None:
    delivery = world.dead(connection, "1")
    answer = call("POST", "/api/deliveries/replay", {"kinds": "order"})
    assert answer.status_code == 422
    assert world.get(Delivery, delivery.id).state == State.DEAD
