"""`/api/conflicts`: filters, pages, both values, and a person's word."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.models import Conflict, ConflictState, Connection, Delivery, Store, User
from tests.web.api.world import INSTANCE, Caller, World, at


@pytest.fixture
def connection(world: World, store: Store) -> Connection:
    """The store's Salesforce org."""
    return world.connection(store)


def page(call: Caller, **query: Any) -> dict[str, Any]:
    """One page."""
    answer = call("GET", "/api/conflicts", **query)
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    return dict(answer.json)


def labels(call: Caller, **query: Any) -> list[str]:
    """The records of one page, from top to bottom."""
    return [item["label"] for item in page(call, **query)["items"]]


def test_none_yet(call: Caller) -> None:
    assert page(call) == {"items": [], "total": 0, "page": 1, "pages": 1}


def test_one_in_full(world: World, store: Store, connection: Connection, call: Caller) -> None:
    world.conflict(connection)
    [shown] = page(call)["items"]
    assert (shown["bigcommerce"], shown["crm"], shown["agreed"]) == ("+44 20 1", "+44 20 2", "+44 20 0")
    assert (shown["vendor"], shown["vendor_label"], shown["state"]) == ("salesforce", "Salesforce", "open")
    assert (shown["record_kind"], shown["record_id"], shown["field"]) == ("customer", "42", "phone")
    assert shown["crm_url"] == f"{INSTANCE}/lightning/r/Contact/003xx000004TmiQAAS/view"
    assert shown["store_url"] == f"{store.control_panel_url}/manage/customers/42/edit"
    assert (shown["winner"], shown["settled_by"], shown["person"]) == ("", "", "")


def test_who_settled_it(world: World, store: Store, owner: User, connection: Connection, call: Caller) -> None:
    settled = {"state": ConflictState.SETTLED, "winner": "crm"}
    world.conflict(connection, our_id="1", settled_by=f"user: {owner.id}", changed_at=at(3), **settled)
    elsewhere = world.user(world.store(), email="other@example.com")
    world.conflict(connection, our_id="2", settled_by=f"user: {elsewhere.id}", changed_at=at(2), **settled)
    world.conflict(connection, our_id="3", settled_by="rule: crm", changed_at=at(1), **settled)
    assert [shown["person"] for shown in page(call)["items"]] == ["owner@example.com", "", ""]


def test_filters(world: World, store: Store, connection: Connection, call: Caller) -> None:
    other = world.connection(store, environment="sandbox")
    world.conflict(connection, label="Jane", record_id="1", our_id="1", changed_at=at(3))
    world.conflict(other, label="Max", record_id="2", our_id="2", ours="50% off_", changed_at=at(2))
    world.conflict(connection, label="Jo", record_id="3", our_id="3", state=ConflictState.SETTLED, changed_at=at(1))
    assert labels(call) == ["Jane", "Max", "Jo"]
    assert labels(call, state="open") == ["Jane", "Max"]
    assert labels(call, connection_id=other.id) == ["Max"]
    assert labels(call, q="jAn") == ["Jane"]
    assert labels(call, q="% OFF_") == ["Max"]
    assert labels(call, q="3") == ["Jo"]
    assert labels(call, q="nobody") == []


@pytest.mark.parametrize("query", [{"state": "odd"}, {"connection_id": 10**30}, {"q": "a\0b"}, {"page_size": 251}])
def test_nonsense_is_refused(call: Caller, query: dict[str, Any]) -> None:
    assert call("GET", "/api/conflicts", **query).status_code == 422


def test_pages(world: World, connection: Connection, call: Caller) -> None:
    world.many_conflicts(connection, 120)
    first = page(call)
    assert (len(first["items"]), first["total"], first["page"], first["pages"]) == (50, 120, 1, 3)
    assert labels(call, page=3)[-1] == "Buyer 1"
    assert len(labels(call, page_size=250)) == 120


def test_a_persons_word(world: World, owner: User, connection: Connection, call: Caller) -> None:
    one, other = world.conflict(connection), world.conflict(connection, field="email")
    answer = call("POST", "/api/conflicts/settle", {"ids": [one.id], "winner": "crm"})
    assert (answer.status_code, answer.json) == (200, {"settled": 1})
    kept = world.get(Conflict, one.id)
    assert (kept.state, kept.winner, kept.settled_by) == ("decided", "crm", f"user: {owner.id}")
    assert world.get(Conflict, other.id).state == "open"
    with world.runtime.database.reading() as session:
        [delivery] = session.scalars(select(Delivery)).all()
    assert (delivery.kind, delivery.record_id) == ("crm:Contact", "003xx000004TmiQAAS")
    assert [job for job in world.jobs() if "flush" in job and str(connection.id) in job]


def test_several_at_once_and_what_is_settled_stays(world: World, connection: Connection, call: Caller) -> None:
    ids = [world.conflict(connection, our_id=str(number), their_id=f"003{number}").id for number in range(3)]
    over = world.conflict(connection, our_id="9", state=ConflictState.SETTLED, winner="crm", settled_by="agreed")
    answer = call("POST", "/api/conflicts/settle", {"ids": [*ids, over.id], "winner": "bigcommerce"})
    assert answer.json == {"settled": 3}
    assert {world.get(Conflict, number).winner for number in ids} == {"bigcommerce"}
    assert (world.get(Conflict, over.id).winner, world.get(Conflict, over.id).settled_by) == ("crm", "agreed")


@pytest.mark.parametrize(
    "body", [{}, {"ids": []}, {"ids": [1], "winner": "me"}, {"ids": list(range(1, 1_002)), "winner": "crm"}, {"all": 1}]
)
def test_nonsense_decides_nothing(world: World, connection: Connection, call: Caller, body: dict[str, Any]) -> None:
    conflict = world.conflict(connection)
    assert call("POST", "/api/conflicts/settle", body).status_code == 422
    assert world.get(Conflict, conflict.id).state == "open"


def test_another_stores_conflicts_are_neither_seen_nor_settled(
    world: World, connection: Connection, stranger: Caller
) -> None:
    conflict = world.conflict(connection)
    assert page(stranger)["total"] == 0
    assert page(stranger, connection_id=connection.id)["total"] == 0
    answer = stranger("POST", "/api/conflicts/settle", {"ids": [conflict.id], "winner": "crm"})
    assert answer.json == {"settled": 0}
    assert world.get(Conflict, conflict.id).state == "open"
    assert world.jobs() == []
