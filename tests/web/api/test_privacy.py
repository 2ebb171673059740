"""`/api/privacy` and the receipt's page: what a merchant asks for a shopper, and no other store's."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask
from sqlalchemy import select

import bigcommerce_app
from app import ui
from app.models import OrderCopy, Person, PrivacyRequest, Store, StoreState, UninstallReceipt
from app.runtime import EXTENSION
from app.sync import privacy, receipts
from tests.web.api.world import Caller, World

EMAIL = "jane@doe.example"


def body_of(answer: Any) -> Any:
    return json.loads(answer.text)


def people(world: World, store: Store, number: int = 1) -> None:
    """Janes, each with as many orders as her number."""
    with world.runtime.database.transaction() as session:
        for n in range(1, number + 1):
            email = EMAIL if n == 1 else f"jane{n}@doe.example"
            session.add(Person(store_id=store.id, customer_id=str(n), email=email, name=f"Jane {n} Doe"))


def test_people_are_found_by_part_of_a_name_or_an_address(world: World, store: Store, call: Caller) -> None:
    people(world, store, 120)
    found = body_of(call("GET", "/api/privacy/people", q="JANE 77", page_size=5))
    assert [one["name"] for one in found["items"]] == ["Jane 77 Doe"]
    page = body_of(call("GET", "/api/privacy/people", q="doe", page=3, page_size=50))
    assert (len(page["items"]), page["total"], page["pages"]) == (20, 120, 3)
    assert body_of(call("GET", "/api/privacy/people", q="%"))["total"] == 0  # no wildcard


def test_an_address_that_is_none_belongs_to_somebody_too(world: World, store: Store, call: Caller) -> None:
    with world.runtime.database.transaction() as session:
        session.add(Person(store_id=store.id, customer_id="guest:jane@shop", email="jane@shop", name="Jane"))
    asked = body_of(call("POST", "/api/privacy/exports", {"email": "jane@shop"}))
    found = body_of(call("GET", f"/api/privacy/exports/{asked['id']}/file"))
    assert [row["name"] for row in found["people"]] == ["Jane"]
    assert call("POST", "/api/privacy/erasures", {"email": "jane@shop", "confirm": "jane@shop"}).status_code == 202


def test_nobody_elses_shoppers(world: World, store: Store, call: Caller, stranger: Caller) -> None:
    people(world, store)
    assert body_of(stranger("GET", "/api/privacy/people", q="doe"))["total"] == 0
    asked = body_of(call("POST", "/api/privacy/exports", {"email": EMAIL}))
    assert stranger("GET", f"/api/privacy/exports/{asked['id']}/file").status_code == 404
    assert body_of(stranger("GET", "/api/privacy/requests"))["total"] == 0


def test_an_export_is_a_download(world: World, store: Store, call: Caller) -> None:
    people(world, store)
    asked = body_of(call("POST", "/api/privacy/exports", {"email": EMAIL.upper()}))
    answer = call("GET", f"/api/privacy/exports/{asked['id']}/file")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"] and answer.headers["Cache-Control"] == "no-store"
    assert [row["name"] for row in body_of(answer)["people"]] == ["Jane 1 Doe"]
    [listed] = body_of(call("GET", "/api/privacy/requests"))["items"]
    assert listed["counts"] == {"people": 1} and listed["done_at"] and listed["requested_by"] == "owner@example.com"


def test_erasing_wants_the_address_twice(world: World, store: Store, call: Caller) -> None:
    people(world, store)
    answer = call("POST", "/api/privacy/erasures", {"email": EMAIL, "confirm": "jane@doe.exampel"})
    assert answer.status_code == 422 and "not the same" in answer.text
    with world.runtime.database.reading() as session:
        assert session.scalars(select(PrivacyRequest)).all() == []


def test_what_names_nobody_is_refused(call: Caller) -> None:
    for body in ({"email": ""}, {}, {"email": EMAIL, "more": 1}):
        assert call("POST", "/api/privacy/exports", body).status_code == 422


def test_erasing_is_done_in_the_background_and_told(world: World, store: Store, call: Caller) -> None:
    people(world, store)
    asked = call("POST", "/api/privacy/erasures", {"email": EMAIL, "confirm": "Jane@Doe.example "})
    assert asked.status_code == 202
    body = body_of(asked)
    assert body["done_at"] is None and "yours" in body["words"]
    assert privacy.erase(world.runtime, body["id"])
    [listed] = body_of(call("GET", "/api/privacy/requests"))["items"]
    assert listed["done_at"] and listed["counts"] == {"people": 1}
    assert EMAIL not in call("GET", "/api/privacy/requests").text


def test_the_address_of_the_receipt_is_known_beforehand(world: World, store: Store, call: Caller) -> None:
    told = body_of(call("GET", "/api/privacy/retention"))
    assert (told["retention_days"], told["payload_days"], told["uninstall_days"]) == (90, 30, 30)
    visitor = _served(world).test_client()
    path = told["receipt_url"].removeprefix(world.runtime.settings.public_url)
    assert visitor.get(path).status_code == 404
    with world.runtime.database.transaction() as session:
        row = session.get_one(Store, store.id)
        receipts.write(world.runtime, session, row)
        row.state = StoreState.UNINSTALLED
    pending = visitor.get(path)
    assert pending.status_code == 200 and "will be deleted on" in pending.text
    with world.runtime.database.transaction() as session:
        session.add(_order(store))
        number = session.scalars(select(UninstallReceipt.id)).one()
    receipts.carry_out(world.runtime, number)
    done = visitor.get(path)
    assert "rows deleted on" in done.text and '<th scope="row">orders</th>' in done.text
    assert "Cardiff" not in done.text


def _order(store: Store) -> OrderCopy:
    at = store.installed_at
    return OrderCopy(
        store_id=store.id, order_id="1", customer_id="1", stage="sale", status="Completed", currency="GBP", total=1,
        refunded=0, placed_at=at, modified_at=at, document={"city": "Cardiff"},
    )  # fmt: skip


def _served(world: World) -> Flask:
    app = Flask("receipts")
    app.extensions[EXTENSION] = world.runtime
    ui.register(app)
    bigcommerce_app.register(app)
    return app
