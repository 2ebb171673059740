"""The app's life in the stand-in's store: install, hooks, notices, people, uninstall."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest
import requests
from sqlalchemy import select

from app.connectors.bigcommerce.events import SUBSCRIBED
from app.errors import Retryable
from app.models import Connection, ConnectionState, Delivery, InboxEvent, Store, Token, User
from app.runtime import Runtime
from app.sync import hooks
from tests.contract.bigcommerce.conftest import Shop


def install(shop: Shop, user: str = "owner") -> requests.Response:
    """Accept in the control panel; the browser follows to our auth callback."""
    return requests.get(shop.sandbox("POST", "/install", {"user": user})["url"], timeout=10)


def store(runtime: Runtime) -> Store:
    with runtime.database.reading() as db:
        return db.scalars(select(Store)).one()


def kept(runtime: Runtime, table: type[Any]) -> list[Any]:
    with runtime.database.reading() as db:
        return list(db.scalars(select(table)))


def config(page: requests.Response) -> dict[str, Any]:
    match = re.search(r'id="storeline-config">(.*?)</script>', page.text)
    assert match, page.text
    found: dict[str, Any] = json.loads(match[1])
    return found


def subscribed(shop: Shop) -> dict[str, dict[str, Any]]:
    return {hook["scope"]: hook for hook in shop.sandbox("GET", "/records/hooks")}


def wait_for(runtime: Runtime, table: type[Any], count: int) -> list[Any]:
    deadline = time.monotonic() + 60
    while len(kept(runtime, table)) < count and time.monotonic() < deadline:
        time.sleep(0.02)
    return kept(runtime, table)


def test_install_hooks_and_the_first_notice(shop: Shop, runtime: Runtime, served: str) -> None:
    assert install(shop).status_code in (200, 503)  # 503: the screens are not built here
    there = store(runtime)
    assert (there.store_hash, there.state) == ("sandbox1", "active")
    assert there.name
    assert [user.is_owner for user in kept(runtime, User)] == [True]
    with runtime.database.transaction() as db:
        db.add(Connection(store_id=there.id, vendor="salesforce", state=ConnectionState.SETUP))

    assert hooks.ensure(runtime, there.id) == hooks.Repair(created=len(SUBSCRIBED))
    found = subscribed(shop)
    assert set(found) == set(SUBSCRIBED)
    assert {hook["destination"] for hook in found.values()} == {f"{served}/webhooks/bigcommerce"}
    assert store(runtime).hooks_checked_at is not None
    assert store(runtime).hooks_problem == ""

    number = shop.place()
    events = wait_for(runtime, InboxEvent, 1)
    assert [event.scope for event in events] == ["store/order/created"]
    assert [(row.kind, row.record_id) for row in kept(runtime, Delivery)] == [("order", str(number))]


def test_hooks_that_are_right_are_left_alone_and_the_others_mended(shop: Shop, runtime: Runtime, served: str) -> None:
    install(shop)
    there = store(runtime)
    hooks.ensure(runtime, there.id)
    assert hooks.ensure(runtime, there.id) == hooks.Repair()
    found = subscribed(shop)
    with runtime.database.reading() as db:
        token = runtime.vault.open(
            db.scalars(select(Token)).one().access_token, f"token:{db.scalars(select(Connection.id)).one()}:access"
        )

    def change(scope: str, method: str = "PUT", **body: Any) -> None:
        shop.call(method, f"/v3/hooks/{found[scope]['id']}", body or None, token)

    change("store/order/created", "DELETE")
    change("store/order/updated", is_active=False)
    change("store/product/updated", destination="https://old.example.com/hook")
    extra = {"scope": "store/order/updated", "destination": "https://old.example.com/twice"}
    shop.call("POST", "/v3/hooks", extra, token)
    unwanted = {"scope": "store/cart/created", "destination": found["store/sku/updated"]["destination"]}
    shop.call("POST", "/v3/hooks", unwanted, token)

    assert hooks.ensure(runtime, there.id) == hooks.Repair(created=1, updated=2, deleted=2)
    found = subscribed(shop)
    assert set(found) == set(SUBSCRIBED)
    assert len(shop.sandbox("GET", "/records/hooks")) == len(SUBSCRIBED)
    assert all(hook["is_active"] and hook["destination"].startswith(served) for hook in found.values())


def test_a_dead_token_is_written_to_the_store_in_words(shop: Shop, runtime: Runtime, served: str) -> None:
    install(shop)
    shop.sandbox("POST", "/install", {"user": "owner"})  # accepted again; the old token is dead, its callback lost
    assert hooks.ensure(runtime, store(runtime).id) == hooks.Repair()
    assert store(runtime).hooks_problem


def test_people_come_and_go(shop: Shop, runtime: Runtime, served: str) -> None:
    install(shop)
    url = shop.sandbox("GET", "/load_url?user=staff@sandbox.example&url=/deliveries/3")["url"]
    page = requests.get(url, timeout=10)
    assert page.status_code in (200, 503)
    if page.status_code == 200:
        assert config(page)["deepLink"] == "/deliveries/3"
        assert config(page)["user"]["role"] == "staff"
    (staff,) = (user for user in kept(runtime, User) if user.email == "staff@sandbox.example")
    assert shop.sandbox("POST", "/remove_user", {"user_id": staff.bigcommerce_id})["status"] == 204
    (staff,) = (user for user in kept(runtime, User) if user.id == staff.id)
    assert staff.is_active is False
    assert requests.get(url, timeout=10).status_code == 401


def test_another_owner_and_other_scopes_bring_a_new_token(shop: Shop, runtime: Runtime, served: str) -> None:
    install(shop)
    before = kept(runtime, Token)[0].access_token
    shop.sandbox("POST", "/owner", {"email": "admin@sandbox.example"})
    shop.sandbox("POST", "/scopes", {"scopes": shop.sandbox("GET", "/app")["scopes"] + " store_cart_read_only"})
    install(shop)
    (token,) = kept(runtime, Token)
    assert token.access_token != before
    assert "store_cart_read_only" in token.scope
    assert {user.email: user.is_owner for user in kept(runtime, User)} == {
        "owner@sandbox.example": False,
        "admin@sandbox.example": True,
    }


def test_too_few_scopes_install_nothing(shop: Shop, runtime: Runtime, served: str) -> None:
    shop.sandbox("POST", "/scopes", {"scopes": "store_v2_orders"})
    page = install(shop)
    assert page.status_code == 403
    assert "store_v2_customers_read_only" in page.text
    assert kept(runtime, Store) == []


def test_a_code_is_good_once(shop: Shop, runtime: Runtime, served: str) -> None:
    url = shop.sandbox("POST", "/install", {"user": "owner"})["url"]
    requests.get(url, timeout=10)
    assert requests.get(url, timeout=10).status_code == 400
    assert store(runtime).state == "active"


def test_uninstalled_and_back_again(shop: Shop, runtime: Runtime, served: str) -> None:
    install(shop)
    hooks.ensure(runtime, store(runtime).id)
    assert shop.sandbox("POST", "/uninstall", {"user": "owner"})["status"] == 204
    assert store(runtime).state == "uninstalled"
    assert kept(runtime, Token) == []
    assert requests.get(shop.sandbox("GET", "/load_url?user=owner")["url"], timeout=10).status_code == 401
    install(shop)
    assert hooks.ensure(runtime, store(runtime).id) == hooks.Repair(created=len(SUBSCRIBED))
    shop.place()
    assert wait_for(runtime, InboxEvent, 1)


def test_a_store_that_is_away_while_hooks_are_registered_is_asked_again(
    shop: Shop, runtime: Runtime, served: str
) -> None:
    install(shop)
    there = store(runtime)
    shop.sandbox("POST", "/fail", {"status": 503, "match": "/v3/hooks", "times": 5})
    with pytest.raises(Retryable):
        hooks.ensure(runtime, there.id)
    assert store(runtime).hooks_checked_at is None  # which is what the clock goes by


def test_installing_again_has_the_hooks_looked_at_again(shop: Shop, runtime: Runtime, served: str) -> None:
    install(shop)
    hooks.ensure(runtime, store(runtime).id)
    assert store(runtime).hooks_checked_at is not None
    install(shop)
    assert store(runtime).hooks_checked_at is None
