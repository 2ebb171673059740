"""Webhooks that never came, a connection that was away, people who change and delete our orders: all agrees again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.connectors.registry import VENDORS
from app.db import now
from app.models import Comparison, ConnectionState, DayTotal, Difference, Link
from app.models import Connection as ConnectionRow
from app.sync import accounts, comparing, comparisons, connections, preparation, refill
from tests.e2e import crm_mishaps
from tests.e2e.conftest import authorize
from tests.e2e.shop import Shop, open_shop


@pytest.fixture(params=sorted(VENDORS))
def shop(request: pytest.FixtureRequest, sqlite_url: str, redis_url: str) -> Iterator[Shop]:
    """One with each CRM."""
    with open_shop(request.param, sqlite_url, redis_url) as opened:
        yield opened


def place(shop: Shop, number: int) -> int:
    return int(shop.place(f"p{number}@mail.example", price=f"{10 + number}.00")["id"])


def look(shop: Shop) -> refill.Found:
    """Look the store through and carry what that asks for."""
    found = refill.refill(shop.bridge.runtime, shop.bridge.store_id)
    shop.carry()
    return found


def compare(shop: Shop) -> Comparison:
    """Yesterday and today, by whatever zone."""
    runtime, today = shop.bridge.runtime, now().date()
    run = comparisons.start(runtime, shop.bridge.connection_id, today - timedelta(days=1), today, "test")
    comparing.compare(runtime, run.id)
    with runtime.database.reading() as session:
        return session.get_one(Comparison, run.id)


def told(shop: Shop) -> dict[str, str]:
    """Orders that differ, and how."""
    with shop.bridge.runtime.database.reading() as session:
        rows = session.scalars(select(Difference).where(Difference.settled_at.is_(None)))
        return {row.order_id: row.kind for row in rows}


def drift(shop: Shop) -> dict[str, str]:
    """What the CRM has more than the store, by currency."""
    with shop.bridge.runtime.database.reading() as session:
        rows = session.scalars(select(DayTotal)).all()
    return {row.currency: f"{row.crm_total - row.store_total:.2f}" for row in rows}


def theirs(shop: Shop, order_id: int) -> str:
    """The id of an order there."""
    with shop.bridge.runtime.database.reading() as session:
        query = select(Link.their_id).where(Link.kind == "order", Link.our_id == str(order_id))
        return session.scalars(query).one()


def active_hooks(shop: Shop) -> set[bool]:
    return {hook["is_active"] for hook in shop.bridge.api("GET", "/v3/hooks?limit=250")["data"]}


def away_and_back(shop: Shop, number: int) -> int:
    """An order is placed while the merchant has disconnected the CRM."""
    runtime, connection_id = shop.bridge.runtime, shop.bridge.connection_id
    connections.disconnect(runtime, connection_id)
    missed = place(shop, number)
    shop.box.waiting.clear()
    vendor = shop.bridge.vendor
    grant = authorize(runtime.settings, vendor, shop.bridge.crm_url)
    accounts.keep(runtime, shop.bridge.store_id, vendor, "production", grant)
    preparation.prepare(runtime, connection_id)
    with runtime.database.transaction() as session:
        session.get_one(ConnectionRow, connection_id).state = ConnectionState.LIVE
    return missed


def test_an_order_whose_date_people_changed_is_there_all_the_same(shop: Shop) -> None:
    order_id = place(shop, 1)
    place(shop, 2)
    shop.sync()
    crm_mishaps.redate(shop.bridge.vendor, shop.bridge.crm_url, theirs(shop, order_id))
    assert compare(shop).repaired == 1 and told(shop) == {str(order_id): "missing"}
    shop.carry()
    assert (compare(shop).differences, drift(shop)) == (0, {"GBP": "0.00"})
    assert shop.totals() == shop.due() and len(shop.crm.sales()) == 2


def test_all_agrees_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refill, "GRACE", timedelta(0))  # that webhooks are late shows only after minutes
    orders = [place(shop, number) for number in range(6)]
    shop.sync()
    look(shop)
    shop.bridge.forget_calls()
    assert compare(shop).differences == 0
    calls = [sum(shop.bridge.calls(url).values()) for url in (shop.bridge.store_url, shop.bridge.crm_url)]
    assert calls == [2, 1] and shop.totals() == shop.due()

    shop.act("POST", "/webhooks/pause")
    unheard = place(shop, 6)
    shop.set_status(orders[0], 2)
    [line] = shop.bridge.api("GET", f"/v2/orders/{orders[1]}/products")
    item = {"item_type": "PRODUCT", "item_id": line["id"], "quantity": 1}
    payments = [{"provider_id": "custom", "amount": 11.0, "offline": True}]
    shop.act("POST", f"/orders/{orders[1]}/refunds", {"items": [item], "payments": payments, "reason": "Too small"})
    shop.set_status(orders[2], 5)  # cancelled
    shop.bridge.api("DELETE", f"/v2/orders/{orders[3]}")
    shop.act("POST", "/webhooks/give_up")  # and the webhooks are deactivated
    shop.act("POST", "/webhooks/resume")
    assert False in active_hooks(shop)
    crm = (shop.bridge.vendor, shop.bridge.crm_url)
    crm_mishaps.reprice(*crm, theirs(shop, orders[4]))
    crm_mishaps.remove(*crm, theirs(shop, orders[5]))
    missed = away_and_back(shop, 7)

    found = look(shop)
    assert found.asked >= 4 and active_hooks(shop) == {True}
    first = compare(shop)
    differing = told(shop)
    assert differing[str(orders[4])] == "amount" and differing[str(orders[5])] == "missing"
    assert {str(unheard), str(missed), str(orders[0])}.isdisjoint(differing)
    assert first.repaired == first.differences == len(differing)
    shop.carry()
    assert (compare(shop).differences, told(shop), drift(shop)) == (0, {}, {"GBP": "0.00"})
    assert shop.totals() == shop.due()
    time.sleep(1.1)  # what changed within one second of the store's is asked for once more
    look(shop)
    assert look(shop).asked == 0
