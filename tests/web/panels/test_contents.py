"""Parcels, open carts, companies and leads: the same in the panels of all CRMs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from app.domain import Customer, Shipment
from app.models import Connection, Person, Store
from tests.web.panels.conftest import Panel
from tests.web.panels.world import ACCOUNT, CONTACT, JANE, START, World, guest, line, order

TRACK = "https://carrier.example/track?n=1&x=2"


@pytest.fixture
def panels_database(database_url: str) -> str:
    """Both: there are queries here."""
    return database_url


@pytest.fixture
def store(world: World) -> Store:
    store = world.store()
    world.person(store, JANE)
    return store


@pytest.fixture
def side(world: World, store: Store) -> Connection:
    side = world.connection(store)
    world.link(side, "customer", "42", "Contact", CONTACT)
    return side


def shipment(number: int = 1, **changes: str) -> Shipment:
    return replace(Shipment(str(number), START, "1Z999", TRACK, "Royal Mail", 2), **changes)  # type: ignore[arg-type]  # texts


def test_parcels_are_shown_with_their_tracking_pages(
    world: World, store: Store, side: Connection, panel: Panel
) -> None:
    plain = shipment(2, tracking_url="", tracking_number="ABC-1", carrier="")
    world.orders(store, order(1, shipments=(shipment(), plain)))
    shown = panel.open()
    assert "Shipped Jan 1, 2026 by Royal Mail: 1Z999 (tracking, new tab) (2 items)" in shown.text
    assert "Shipped Jan 1, 2026: ABC-1 (2 items)" in shown.text
    [link] = shown.tree.xpath("//ul[@class='parcels']//a")
    assert link.get("href") == TRACK and link.get("rel") == "noopener noreferrer"


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "track me", "https://[", "http:"]
)
def test_what_is_no_web_page_is_no_link(world: World, store: Store, side: Connection, panel: Panel, url: str) -> None:
    world.orders(store, order(1, shipments=(shipment(tracking_url=url),)))
    shown = panel.open()
    assert shown.tree.xpath("//ul[@class='parcels']//a") == [] and "1Z999" in shown.text


def test_copies_from_before_there_were_parcels(world: World, store: Store, side: Connection, panel: Panel) -> None:
    world.orders(store, order(1))
    with world.runtime.database.transaction() as session:
        session.connection().exec_driver_sql(
            'UPDATE orders SET document = \'{"lines": [], "charges": [], "discounts": [], "refunds": [], '
            '"buyer": {}, "billing": {}, "shipping": {}, "payment_method": ""}\''
        )
    assert panel.open().orders == ["1"]


def test_open_carts_of_the_buyer(world: World, store: Store, side: Connection, panel: Panel) -> None:
    world.cart(store, "open", amount=Decimal("12.34"), lines=(line("Teapot", "TEA-1", 3),))
    world.cart(store, "bought", order_id="7", amount=Decimal("55.55"))
    world.cart(store, "empty", amount=Decimal(0), lines=())
    world.cart(store, "theirs", guest("else@example.com"), amount=Decimal("66.66"))
    shown = panel.open()
    [cart] = shown.tree.xpath("//details[@class='cart']")
    assert "£12.34" in cart.text_content() and "3 × Teapot TEA-1" in " ".join(cart.text_content().split())


def test_only_the_newest_carts_and_none_that_is_gone(
    world: World, store: Store, side: Connection, panel: Panel
) -> None:
    for n in range(5):
        world.cart(store, f"c{n}", amount=Decimal(n + 1), modified_at=START + timedelta(days=n))
    with world.runtime.database.transaction() as session:
        session.connection().exec_driver_sql("UPDATE carts SET deleted = true WHERE cart_id = 'c4'")
    shown = panel.open()
    assert shown.tree.xpath("//details[@class='cart']//span[@class='total']/text()") == ["£4.00", "£3.00", "£2.00"]


def test_another_stores_carts_stay_its_own(world: World, store: Store, side: Connection, panel: Panel) -> None:
    world.cart(world.store(), "open", JANE)
    assert panel.open().tree.xpath("//details[@class='cart']") == []


def test_a_cart_found_by_the_guests_address(world: World, store: Store, panel: Panel) -> None:
    side = world.connection(store)
    gail = guest("gail@example.com")
    world.link(side, "customer", gail.id, "Contact", CONTACT)
    world.cart(store, "open", gail)
    assert len(panel.open().tree.xpath("//details[@class='cart']")) == 1


def test_a_record_that_is_a_cart_is_about_its_buyer(world: World, store: Store, panel: Panel) -> None:
    side = world.connection(store)
    world.cart(store, "c1")
    world.link(side, "cart", "c1", "Opportunity", "006xx000001SvCeAAK")
    world.orders(store, order(5))
    shown = panel.open(kind="Opportunity", record_id="006xx000001SvCeAAK")
    assert shown.orders == ["5"] and "Open cart" in shown.text


def test_a_lead_is_the_customer_that_it_stands_for(world: World, store: Store, panel: Panel) -> None:
    side = world.connection(store)
    world.link(side, "lead", "42", "Lead", "00Qxx000001SvCeEAK")
    world.orders(store, order(5))
    assert panel.open(kind="Lead", record_id="00Qxx000001SvCeEAK").orders == ["5"]


def test_a_companys_account_has_the_orders_of_all_its_people(world: World, store: Store, panel: Panel) -> None:
    side = world.connection(store)
    bob, eve = Customer("43", "bob@acme.example", "Bob"), Customer("44", "eve@else.example", "Eve")
    for customer, company in ((bob, "7"), (eve, "8")):
        world.add(Person(store_id=store.id, customer_id=customer.id, email=customer.email, company_id=company))
    with world.runtime.database.transaction() as session:
        session.get_one(Person, (store.id, "42")).company_id = "7"
    world.orders(store, order(1), order(2, bob), order(3, eve))
    world.link(side, "company", "7", "Account", ACCOUNT)
    shown = panel.open(kind="Account", record_id=ACCOUNT)
    assert shown.orders == ["2", "1"] and "2 customers" in shown.text


def test_other_links_tell_of_no_buyer(world: World, store: Store, panel: Panel) -> None:
    side = world.connection(store)
    world.link(side, "message", "42", "Contact", CONTACT)
    assert "No customer of" in panel.open().text
