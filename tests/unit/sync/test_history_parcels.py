"""Parcels of orders that history brings: not asked for, and nothing that is known of them is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.connectors.salesforce import mappings as salesforce
from app.connectors.salesforce.views import OrderView
from app.connectors.sap_sales_cloud import names
from app.connectors.sap_sales_cloud.facts import Facts
from app.connectors.sap_sales_cloud.orders import extensions
from app.connectors.sugarcrm import mappings as sugarcrm
from app.connectors.sugarcrm.views import OrderView as SugarOrderView
from app.domain import Order, Shipment
from app.domain.fields import fields as compared
from app.domain.order import PARCEL_FIELDS
from app.mapping import Field, payload
from app.models import Backfill, Link, OrderCopy
from app.sync import backfills, loading
from app.sync.backfills import Choice
from tests.fakes import T0, order
from tests.unit.sync.conftest import World

PARCEL = Shipment("1", T0, "TRACK-1", carrier="Royal Mail")


def load(world: World) -> None:
    """All orders, as history."""
    number = backfills.create(world.runtime, world.connection_id, Choice(("order",)))
    loading.run(world.runtime, number)
    backfills.start(world.runtime, number)
    for _ in range(4):
        loading.run(world.runtime, number)
        world.flush()


@pytest.fixture
def old(world: World) -> Order:
    """Shipped years ago."""
    shipped = order(1, shipments=(PARCEL,), placed_at=datetime(2020, 1, 1, tzinfo=UTC))
    world.store.put(shipped)
    return shipped


def test_parcels_of_old_orders_are_not_asked_for_and_those_of_recent_ones_are(world: World, old: Order) -> None:
    world.store.put(order(2, shipments=(PARCEL,), placed_at=datetime.now(UTC) - timedelta(days=5)))
    load(world)
    assert [world.crm.rows[("order", one)]["parcels_known"] for one in ("1", "2")] == [False, True]
    assert world.crm.rows[("order", "2")]["shipments"][0]["tracking_number"] == "TRACK-1"


def test_the_next_change_of_the_order_brings_them(world: World, old: Order) -> None:
    load(world)
    world.store.put(replace(old, status="Refunded", modified_at=T0 + timedelta(days=1)))
    world.notice("order", 1)
    world.flush()
    row = world.crm.rows[("order", "1")]
    assert (row["parcels_known"], row["shipments"][0]["tracking_number"]) == (True, "TRACK-1")


def test_an_order_that_was_brought_with_its_parcels_is_not_written_again(world: World, old: Order) -> None:
    world.notice("order", 1)
    world.flush()
    calls = world.store.calls
    load(world)
    assert world.crm.writes == [["1"]]
    # counted twice, the latest looked at, listed, read: our own copy knows the parcels
    assert world.store.calls - calls == 5


def test_what_recent_parcels_cost_is_foreseen_and_stands_at_the_end(world: World, old: Order) -> None:
    for number in range(2, 8):
        parcels = (PARCEL,) if number % 2 else ()
        world.store.put(order(number, shipments=parcels, placed_at=datetime.now(UTC) - timedelta(days=5)))
    number = backfills.create(world.runtime, world.connection_id, Choice(("order",)))
    loading.run(world.runtime, number)
    with world.runtime.database.reading() as session:
        row = session.get_one(Backfill, number)
    seconds, last = row.progress["order"]["tail"]
    assert (last, row.forecast["records"]) == (6, {"order": 7})
    assert seconds == pytest.approx(3 / 2.5)  # of six three, at half of what the smallest plan allows


def test_what_changed_unseen_is_read_in_full_if_people_see_its_parcels_there(world: World, old: Order) -> None:
    world.notice("order", 1)
    world.flush()
    world.store.put(replace(old, status="Refunded", modified_at=T0 + timedelta(days=1)))  # its webhook was lost
    load(world)
    row = world.crm.rows[("order", "1")]
    assert (row["status"], row["parcels_known"], row["shipments"][0]["tracking_number"]) == (
        "Refunded",
        True,
        "TRACK-1",
    )


def test_our_own_copy_keeps_the_parcels_that_it_knows(world: World, old: Order) -> None:
    world.notice("order", 1)
    world.flush()
    with world.runtime.database.transaction() as session:  # as in an account that was connected anew
        session.scalars(select(OrderCopy)).one().modified_at -= timedelta(days=1)
        session.delete(session.scalars(select(Link)).one())
    load(world)
    with world.runtime.database.reading() as session:
        assert session.scalars(select(OrderCopy)).one().document["shipments"][0]["tracking_number"] == "TRACK-1"


@pytest.mark.parametrize("fields", [salesforce.ORDER.fields, sugarcrm.ORDER])
def test_fields_of_parcels_that_nobody_asked_for_are_left_alone(fields: tuple[Field, ...]) -> None:
    known = order(1, shipments=(PARCEL,))
    view = OrderView if fields is salesforce.ORDER.fields else SugarOrderView
    full = payload(fields, view(known), creating=False)
    bare = payload(fields, view(replace(known, shipments=(), parcels_known=False)), creating=False)
    of_parcels = {field.target for field in fields if field.source in PARCEL_FIELDS}
    assert of_parcels and full.keys() - bare.keys() == of_parcels


def test_neither_are_they_compared_nor_sent_to_sap() -> None:
    bare = order(1, parcels_known=False)
    assert compared(bare) == {("order", "1"): {"status": bare.status}}
    facts = Facts(properties={names.ORDER: dict.fromkeys(("BCStatus_KUT", "BCTrackingNumber_KUT"), "cuf")})
    assert extensions(bare, facts) == {"BCStatus_KUT": bare.status}
    known = extensions(replace(bare, parcels_known=True), facts)
    assert known == {"BCStatus_KUT": bare.status, "BCTrackingNumber_KUT": ""}
