"""`/api/problems` and corrections: causes with orders and money, replays of a filter or a period, values mended."""

from __future__ import annotations

import threading
from typing import Any, NoReturn

import pytest
from sqlalchemy import func, insert, select

from app.connectors import registry
from app.connectors.access import Grant
from app.domain import Customer
from app.domain.customer import Address
from app.errors import Retryable
from app.models import Connection, Correction, Delivery, State, Store
from app.sync import connections, mending
from tests.fakes import FakeStore, order
from tests.web.api.world import INSTANCE, Caller, World, at


@pytest.fixture
def connection(world: World, store: Store) -> Connection:
    """The store's Salesforce org."""
    return world.connection(store)


def problems(call: Caller, **query: Any) -> list[dict[str, Any]]:
    answer = call("GET", "/api/problems", **query)
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    return list(answer.json["items"])


def test_nothing_wrong(call: Caller) -> None:
    answer = call("GET", "/api/problems")
    assert answer.json == {"items": [], "total": 0, "page": 1, "pages": 1}


def test_what_fails_alike_is_one_cause_with_its_orders_and_money(
    world: World, connection: Connection, call: Caller
) -> None:
    for number in (1, 2, 3, 4):
        world.dead(connection, str(number), created_at=at(number), changed_at=at(number + 1))
    world.dead(connection, "5", amount="7.00 EUR")
    world.dead(connection, "6", error_field="Phone")
    world.dead(connection, "77", kind="customer", amount="", label="Jane Doe")
    first, *others = problems(call)
    assert first["error"]["code"] == "REQUIRED_FIELD_MISSING"
    assert first["error"]["field"] == "Region__c"
    assert first["error"]["message"] == "Required fields are missing: [Region__c]"
    assert first["error"]["who"] == "Your CRM administrator"
    assert first["error"]["remedy"] == "data"
    assert "insists on a field" in first["error"]["words"]
    assert (first["deliveries"], first["waiting"], first["orders"]) == (5, 0, 5)
    assert first["money"] == {"EUR": "7.00", "GBP": "50.00"}
    assert first["labels"] == ["Order 1, Jane Doe", "Order 2, Jane Doe", "Order 3, Jane Doe"]
    assert first["oldest_at"] == at(1).isoformat()
    assert (first["vendor"], first["vendor_label"]) == ("salesforce", "Salesforce")
    assert [(one["kind"], one["error"]["field"], one["orders"]) for one in others] == [
        ("customer", "Region__c", 0),
        ("order", "Phone", 1),
    ]


def test_what_is_tried_again_by_itself_counts_apart(world: World, connection: Connection, call: Caller) -> None:
    failing = {"error_code": "UNABLE_TO_LOCK_ROW", "error_message": "locked", "error_field": ""}
    world.delivery(connection, record_id="1", state=State.WAITING, amount="3.00 GBP", label="Order 1", **failing)
    world.delivery(connection, record_id="2", state=State.WAITING)  # has never been tried
    (shown,) = problems(call)
    assert (shown["deliveries"], shown["waiting"], shown["money"]) == (0, 1, {"GBP": "3.00"})
    assert shown["error"]["who"] == "Nobody: it heals by itself"
    world.dead(connection, "3", remedy="wait", **failing)
    (shown,) = problems(call)
    assert (shown["deliveries"], shown["waiting"]) == (1, 1)
    assert "Press Replay" in shown["error"]["advice"]


def test_the_money_of_a_record_counts_once(world: World, connection: Connection, call: Caller) -> None:
    world.dead(connection, "1", amount="10.00 GBP")
    world.delivery(
        connection, record_id="1", state=State.WAITING, amount="12.00 GBP", error_code="OTHER", error_message="x"
    )
    money = {one["error"]["code"]: one["money"] for one in problems(call)}
    assert money == {"REQUIRED_FIELD_MISSING": {}, "OTHER": {"GBP": "12.00"}}


def test_filters_and_pages(world: World, store: Store, connection: Connection, call: Caller) -> None:
    other = world.connection(store, vendor="sugarcrm", account_id="s")
    world.dead(connection, "1", error_code="A")
    world.dead(other, "2", error_code="invalid_parameter")
    world.dead(other, "3", error_code="B", label="Order 3, Ann Lee")
    assert {one["error"]["code"] for one in problems(call, connection_id=other.id)} == {"invalid_parameter", "B"}
    assert [one["error"]["code"] for one in problems(call, q="ann")] == ["B"]
    assert [one["error"]["code"] for one in problems(call, q="invalid_parameter")] == ["invalid_parameter"]
    second = call("GET", "/api/problems", page=2, page_size=2).json
    assert second is not None
    assert (second["total"], second["pages"], len(second["items"])) == (3, 2, 1)


def test_another_stores_problems_are_not_told(world: World, connection: Connection, stranger: Caller) -> None:
    world.dead(connection, "1")
    assert problems(stranger) == []
    assert problems(stranger, connection_id=connection.id) == []


def many_dead(world: World, connection: Connection, count: int) -> None:
    rows = [
        {
            "store_id": connection.store_id, "connection_id": connection.id, "kind": "order", "record_id": str(number),
            "correlation_id": "c", "state": State.DEAD, "label": f"Order {number}", "amount": "1.50 GBP",
            "remedy": "data", "error_code": f"CODE_{number % 7}", "error_field": "", "error_message": "no",
        }
        for number in range(count)
    ]  # fmt: skip
    with world.runtime.database.transaction() as session:
        session.execute(insert(Delivery), rows)


def test_a_hundred_thousand_dead_are_counted_and_replayed_in_portions(
    world: World, connection: Connection, call: Caller
) -> None:
    many_dead(world, connection, 5_000)
    shown = problems(call)
    assert sum(one["deliveries"] for one in shown) == 5_000
    assert sum(float(one["money"]["GBP"]) for one in shown) == 7_500
    answer = call("POST", "/api/deliveries/replay", {"error_code": "CODE_3"})
    assert answer.json == {"replayed": shown_of(shown, "CODE_3")["deliveries"]}
    assert call("POST", "/api/deliveries/replay", {}).json == {"replayed": 5_000 - answer.json["replayed"]}
    with world.runtime.database.reading() as session:
        states = session.execute(select(Delivery.state, func.count()).group_by(Delivery.state)).all()
    assert [tuple(row) for row in states] == [(State.WAITING, 5_000)]
    assert problems(call) == []


def shown_of(shown: list[dict[str, Any]], code: str) -> dict[str, Any]:
    return next(one for one in shown if one["error"]["code"] == code)


def test_a_field_or_a_period_is_replayed(world: World, connection: Connection, call: Caller) -> None:
    world.dead(connection, "1", error_field="Email", changed_at=at(9))
    world.dead(connection, "2", error_field="", changed_at=at(10))
    world.dead(connection, "3", error_field="Email", changed_at=at(11))
    assert call("POST", "/api/deliveries/replay", {"since": at(10).isoformat(), "until": at(11).isoformat()}).json == {
        "replayed": 1
    }
    assert call("POST", "/api/deliveries/replay", {"error_field": "Email", "until": at(11).isoformat()}).json == {
        "replayed": 1
    }
    assert call("POST", "/api/deliveries/replay", {"error_field": ""}).json == {"replayed": 0}
    assert call("POST", "/api/deliveries/replay", {"since": "yesterday"}).status_code == 422
    assert call("POST", "/api/deliveries/replay", {"feild": "Email"}).status_code == 422


def test_a_replay_does_not_ask_twice_for_what_waits(world: World, connection: Connection, call: Caller) -> None:
    dead = world.dead(connection, "1")
    waiting = world.delivery(connection, record_id="1", state=State.WAITING)
    assert call("POST", f"/api/deliveries/{dead.id}/replay").json == {"replayed": 1}
    assert (world.get(Delivery, dead.id).state, world.get(Delivery, dead.id).result) == (State.DONE, "replaced")
    assert world.get(Delivery, waiting.id).tried  # it looks for what the dead one may have left there


# ---- corrections


@pytest.fixture
def shop(world: World, store: Store, monkeypatch: pytest.MonkeyPatch) -> FakeStore:
    """A store that answers."""
    shop = FakeStore()
    monkeypatch.setattr(registry, "source", lambda settings, account: shop)
    with world.runtime.database.transaction() as session:
        own = session.scalars(select(Connection).where(Connection.vendor == "bigcommerce")).one()
        connections.save_grant(world.runtime, session, own, Grant("token"))
    return shop


def an_order(shop: FakeStore) -> None:
    buyer = Customer("7", "jane@shop", "Jane", "Doe", phone="1", complete=False)
    shop.put(order(1001, buyer=buyer, billing=Address(first_name="Jane", last_name="Doe", city="Bath")))


def dead_by_email(world: World, connection: Connection) -> Delivery:
    message = "Email: invalid email address: jane@shop (max length=80)"
    return world.dead(
        connection, "1001", error_code="INVALID_EMAIL_ADDRESS", error_field="Email", error_message=message
    )


def correctable(call: Caller, delivery: Delivery) -> dict[str, Any]:
    answer = call("GET", f"/api/deliveries/{delivery.id}/correctable")
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    return dict(answer.json)


def test_a_form_shows_the_stores_values_and_the_culprit(
    world: World, store: Store, connection: Connection, shop: FakeStore, call: Caller
) -> None:
    an_order(shop)
    delivery = dead_by_email(world, connection)
    world.link(connection, "order", "1001", "Order", "801xx0000004CAbAAM")
    shown = correctable(call, delivery)
    assert shown["can_correct"]
    assert shown["store_url"] == f"{store.control_panel_url}/manage/orders/1001"
    assert shown["crm_url"].startswith(INSTANCE)
    rows = {row["name"]: row for row in shown["fields"]}
    assert rows["email"] == {
        "name": "email", "label": "E-mail", "value": "jane@shop", "corrected": None, "is_culprit": True,
        "max_length": 80, "type": "email",
    }  # fmt: skip
    assert [name for name, row in rows.items() if row["is_culprit"]] == ["email"]
    assert rows["city"]["value"] == "Bath"
    assert rows["country_code"]["type"] == "country"
    assert rows["line.10011.name"]["label"] == "“Tea”: name"
    assert not any(word in name for name in rows for word in ("total", "amount", "price", "quantity"))


def test_a_corrected_value_is_kept_and_the_record_tried_again(
    world: World, connection: Connection, shop: FakeStore, call: Caller
) -> None:
    an_order(shop)
    delivery = dead_by_email(world, connection)
    path = f"/api/deliveries/{delivery.id}/corrections"
    assert call("PUT", path, {"values": {"email": " jane@shop.example ", "country_code": "england"}}).json == {
        "replayed": 1
    }
    with world.runtime.database.reading() as session:
        kept = {row.field: row for row in session.scalars(select(Correction))}
    assert {name: (row.original, row.value) for name, row in kept.items()} == {
        "email": ("jane@shop", "jane@shop.example"),
        "country_code": ("", "GB"),
    }
    assert (kept["email"].person_id, kept["email"].made_by) == ("7", "owner@example.com")
    assert world.get(Delivery, delivery.id).state == State.WAITING
    rows = {row["name"]: row for row in correctable(call, delivery)["fields"]}
    assert (rows["email"]["value"], rows["email"]["corrected"]) == ("jane@shop", "jane@shop.example")
    assert call("PUT", path, {"values": {"email": "jane@shop"}}).json == {"replayed": 1}  # the store's own again
    assert call("DELETE", path).json == {"replayed": 1}
    with world.runtime.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Correction)) == 0


@pytest.mark.parametrize(
    "values",
    [
        {"email": "jane at shop"},
        {"email": ""},
        {"phone": "1" * 256},
        {"total": "0.01"},
        {"city": "Ba\0th"},
        {"country_code": "Atlantis"},
    ],
)
def test_a_value_that_cannot_be_is_refused_at_its_field(
    world: World, connection: Connection, shop: FakeStore, call: Caller, values: dict[str, str]
) -> None:
    an_order(shop)
    delivery = dead_by_email(world, connection)
    answer = call("PUT", f"/api/deliveries/{delivery.id}/corrections", {"values": values})
    assert answer.status_code == 422
    assert answer.json is not None
    assert list(answer.json["errors"]["json"]["values"]) == list(values)
    with world.runtime.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Correction)) == 0


@pytest.mark.parametrize("body", [{}, {"values": {}}, {"values": {"email": "a@b.example"}, "more": 1}])
def test_a_correction_of_nothing(
    world: World, connection: Connection, shop: FakeStore, call: Caller, body: dict[str, Any]
) -> None:
    an_order(shop)
    delivery = dead_by_email(world, connection)
    assert call("PUT", f"/api/deliveries/{delivery.id}/corrections", body).status_code == 422


def test_what_comes_from_the_crm_is_corrected_there(
    world: World, connection: Connection, shop: FakeStore, call: Caller
) -> None:
    delivery = world.dead(connection, "003xx", kind="crm:Contact", error_code="BC_422")
    shown = correctable(call, delivery)
    assert (shown["can_correct"], shown["fields"]) == (False, [])
    assert "correct it there" in shown["words"]
    assert call("PUT", f"/api/deliveries/{delivery.id}/corrections", {"values": {"email": "a@b.c"}}).status_code == 422


def test_a_store_that_does_not_answer_and_a_record_that_is_gone(
    world: World, connection: Connection, shop: FakeStore, call: Caller
) -> None:
    delivery = dead_by_email(world, connection)
    assert "no longer in the store" in correctable(call, delivery)["words"]
    shop.error = Retryable("BigCommerce answered 503.", code="BC_503")
    shown = correctable(call, delivery)
    assert not shown["can_correct"]
    assert "503" in shown["words"]
    body = {"values": {"email": "a@b.example"}}
    assert call("PUT", f"/api/deliveries/{delivery.id}/corrections", body).status_code == 503


def test_another_stores_records_are_not_corrected(
    world: World, connection: Connection, shop: FakeStore, stranger: Caller
) -> None:
    delivery = dead_by_email(world, connection)
    assert stranger("GET", f"/api/deliveries/{delivery.id}/correctable").status_code == 404
    body = {"values": {"email": "a@b.example"}}
    assert stranger("PUT", f"/api/deliveries/{delivery.id}/corrections", body).status_code == 404
    assert stranger("DELETE", f"/api/deliveries/{delivery.id}/corrections").status_code == 404


def test_a_store_that_takes_too_long_is_told_in_words_that_fit(
    world: World, connection: Connection, shop: FakeStore, call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked_enough = threading.Event()

    def silent(*_: object, **__: object) -> NoReturn:
        asked_enough.wait(30.0)
        raise Retryable("Silent.")

    monkeypatch.setattr(mending, "SECONDS", 0.05)
    monkeypatch.setattr(shop, "fetch_many", silent)
    words = correctable(call, dead_by_email(world, connection))["words"]
    asked_enough.set()
    assert words == "The store's values are not to be had right now: No answer came in time."
