"""The Problems page in a browser: causes with what they hold up, replays, values corrected in the record's dialog."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import insert, select

from app.connectors import registry
from app.connectors.access import Grant
from app.domain import Customer
from app.domain.customer import Address
from app.models import Connection, Correction, Delivery, State
from app.sync import connections
from tests.fakes import FakeStore, order
from tests.web.browser.conftest import Screen, Site

pytestmark = pytest.mark.browser


@pytest.fixture
def connection(site: Site) -> Connection:
    """A live account."""
    return site.world.connection(site.store)


@pytest.fixture
def shop(site: Site, monkeypatch: pytest.MonkeyPatch) -> FakeStore:
    """A store that answers, with one order whose buyer's address is wrong."""
    shop = FakeStore()
    buyer = Customer("7", "jane@shop", "Jane", "Doe", phone="1", complete=False)
    shop.put(order(1001, buyer=buyer, billing=Address(first_name="Jane", last_name="Doe", city="Bath")))
    monkeypatch.setattr(registry, "source", lambda settings, account: shop)
    runtime = site.world.runtime
    with runtime.database.transaction() as session:
        own = session.scalars(select(Connection).where(Connection.vendor == "bigcommerce")).one()
        connections.save_grant(runtime, session, own, Grant("token"))
    return shop


def by_email(site: Site, connection: Connection, record_id: str = "1001", **values: Any) -> Delivery:
    """An order that the CRM refused for its e-mail address."""
    return site.world.dead(
        connection, record_id, error_code="INVALID_EMAIL_ADDRESS", error_field="Email",
        error_message="Email: invalid email address: jane@shop (max length=80)", **values,
    )  # fmt: skip


def cards(page: Page) -> Any:
    """The causes shown."""
    return page.get_by_role("list", name="Causes").get_by_role("listitem")


def states(site: Site, *deliveries: Delivery) -> list[str]:
    """How they are kept now."""
    return [site.world.get(Delivery, one.id).state for one in deliveries]


def test_none(screen: Screen, connection: Connection) -> None:
    page = screen.open("/problems")
    expect(page.get_by_role("heading", name="No problems")).to_be_visible()
    expect(page.get_by_role("button", name="Replay all failed")).to_be_disabled()
    expect(page.get_by_role("link", name="Problems", exact=True)).to_have_attribute("aria-current", "page")
    assert screen.axe() == []


def test_a_cause_says_what_it_holds_up_and_what_to_do(screen: Screen, site: Site, connection: Connection) -> None:
    for number in range(1, 6):
        site.world.dead(connection, str(number))
    by_email(site, connection, "77", amount="7.00 EUR")
    page = screen.open("/problems")
    expect(cards(page)).to_have_count(2)
    first, second = cards(page).nth(0), cards(page).nth(1)
    for words in (
        "The CRM insists on a field", "5 failed", "Your CRM administrator", "Region__c", "5 orders", "£62.50",
        "Salesforce saysRequired fields are missing: [Region__c]",
            "Order 1, Jane Doe · Order 2, Jane Doe · Order 3, Jane Doe",
    ):  # fmt: skip
        expect(first).to_contain_text(words, ignore_case=True)
    expect(second).to_contain_text("€7.00")
    expect(page.get_by_text("6 failed", exact=True)).to_be_visible()
    assert screen.axe() == []
    assert screen.layout_shift() <= 0.1


def test_a_cause_is_replayed_and_the_others_are_not(screen: Screen, site: Site, connection: Connection) -> None:
    ours = [site.world.dead(connection, str(number)) for number in range(2)]
    other = by_email(site, connection, "77")
    page = screen.open("/problems")
    button = page.get_by_role("button", name="Replay these 2")
    button.press("Enter")
    expect(page.get_by_text("2 records are tried again.")).to_be_visible()
    expect(page.locator(":focus")).to_contain_text("2 records are tried again.")
    expect(cards(page)).to_have_count(1)
    assert states(site, *ours, other) == [State.WAITING, State.WAITING, State.DEAD]
    page.get_by_role("button", name="Replay all failed").click()
    expect(page.get_by_role("heading", name="No problems")).to_be_visible()
    assert states(site, other) == [State.WAITING]


def test_the_records_of_a_cause(screen: Screen, site: Site, connection: Connection) -> None:
    for number in (1, 2):
        site.world.dead(connection, str(number))
    by_email(site, connection, "77")
    page = screen.open("/problems")
    page.get_by_role("link", name="Show all").click()
    expect(page.get_by_text("1–2 of 2")).to_be_visible()
    expect(page.get_by_role("searchbox", name="Search")).to_have_value("REQUIRED_FIELD_MISSING")
    page.go_back()
    expect(cards(page)).to_have_count(2)
    page.get_by_role("link", name="Open it and correct it").click()
    expect(page.get_by_role("dialog", name="Order 77, Jane Doe")).to_be_visible()


def test_an_account_and_a_search(screen: Screen, site: Site, connection: Connection) -> None:
    sap = site.world.connection(site.store, vendor="sap-sales-cloud", account_id="my1", account_name="my1")
    site.world.dead(connection, "1")
    site.world.dead(sap, "2", error_code="BLOCKED", error_message="The customer is blocked")
    page = screen.open("/problems")
    expect(cards(page)).to_have_count(2)
    page.get_by_role("combobox", name="Account").select_option(label="SAP Sales Cloud my1")
    expect(cards(page)).to_have_count(1)
    expect(cards(page).first).to_contain_text("The customer is blocked")
    page.get_by_role("combobox", name="Account").select_option(label="All accounts")
    page.get_by_role("searchbox", name="Search").fill("region__c")
    expect(cards(page)).to_have_count(1)
    expect(page.get_by_role("button", name="Replay all failed")).to_be_disabled()
    page.get_by_role("searchbox", name="Search").fill("nobody")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()


def test_many_causes_come_in_pages(screen: Screen, site: Site, connection: Connection) -> None:
    rows = [
        {
            "store_id": site.store.id, "connection_id": connection.id, "kind": "order", "record_id": str(number),
            "correlation_id": "c", "state": State.DEAD, "error_code": f"CODE_{number % 45:02}", "error_message": "No",
            "label": f"Order {number}", "amount": "1.00 GBP",
        }
        for number in range(10_000)
    ]  # fmt: skip
    with site.world.runtime.database.transaction() as session:
        session.execute(insert(Delivery), rows)
    page = screen.open("/problems")
    expect(page.get_by_text("1–20 of 45")).to_be_visible()
    page.get_by_role("button", name="Next").press("Enter")
    expect(page.get_by_text("21–40 of 45")).to_be_visible()
    page.get_by_role("button", name="Next").press("Enter")
    expect(page.get_by_text("41–45 of 45")).to_be_visible()
    expect(page.get_by_role("button", name="Previous")).to_be_focused()
    assert screen.layout_shift() <= 0.1


def test_a_value_is_corrected(screen: Screen, site: Site, connection: Connection, shop: FakeStore) -> None:
    delivery = by_email(site, connection)
    page = screen.open("/problems")
    page.get_by_role("link", name="Open it and correct it").click()
    dialog = page.get_by_role("dialog", name="Order 1001, Jane Doe")
    dialog.get_by_role("button", name="Correct a value").press("Enter")
    email = dialog.get_by_role("textbox", name="E-mail")
    expect(email).to_be_focused()
    expect(email).to_have_value("jane@shop")
    expect(email).to_have_accessible_description("The store has “jane@shop”. At most 80 characters.")
    expect(dialog.get_by_role("link", name="in BigCommerce (opens in a new tab)", exact=True)).to_be_visible()
    assert screen.axe() == []
    expect(dialog.get_by_role("button", name="Save and replay")).to_be_disabled()
    email.fill("jane at shop")
    email.press("Enter")
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(email).to_be_focused()
    email.fill("jane@shop.example")
    email.press("Enter")
    expect(dialog.get_by_text("Waiting", exact=True)).to_be_visible()
    assert states(site, delivery) == [State.WAITING]
    with site.world.runtime.database.reading() as session:
        kept = session.scalars(select(Correction)).one()
    assert (kept.field, kept.original, kept.value, kept.made_by) == (
        "email", "jane@shop", "jane@shop.example", site.owner.email,
    )  # fmt: skip


def test_a_correction_is_taken_back(screen: Screen, site: Site, connection: Connection, shop: FakeStore) -> None:
    delivery = by_email(site, connection)
    page = screen.open(f"/deliveries/{delivery.id}")
    dialog = page.get_by_role("dialog", name="Order 1001, Jane Doe")
    opener = dialog.get_by_role("button", name="Correct a value")
    opener.click()
    dialog.get_by_role("button", name="Cancel").click()
    expect(opener).to_be_focused()
    opener.click()
    dialog.get_by_role("textbox", name="E-mail").fill("jane@shop.example")
    dialog.get_by_role("button", name="Save and replay").click()
    expect(dialog.get_by_text("Waiting", exact=True)).to_be_visible()
    with site.world.runtime.database.transaction() as session:
        session.get_one(Delivery, delivery.id).state = State.DEAD
        session.get_one(Delivery, delivery.id).error_code = "INVALID_EMAIL_ADDRESS"
    expect(dialog.get_by_text("Failed", exact=True)).to_be_visible()
    opener.click()
    expect(dialog.get_by_role("textbox", name="E-mail")).to_have_value("jane@shop.example")
    dialog.get_by_role("button", name="Send the store’s values again").click()
    expect(dialog.get_by_role("region", name="Correct a value")).to_be_hidden()
    expect(dialog.get_by_text("Waiting", exact=True)).to_be_visible()
    with site.world.runtime.database.reading() as session:
        assert session.scalars(select(Correction)).all() == []


def test_what_cannot_be_corrected_here_says_so(screen: Screen, site: Site, connection: Connection) -> None:
    delivery = site.world.dead(connection, "003xx", kind="crm:Contact", error_code="BC_422")
    page = screen.open(f"/deliveries/{delivery.id}")
    page.get_by_role("button", name="Correct a value").click()
    expect(page.get_by_role("region", name="Correct a value")).to_contain_text("correct it there")
    expect(page.get_by_role("button", name="Save and replay")).to_have_count(0)


def test_the_focus_stays_when_the_row_has_left_the_list(screen: Screen, site: Site, connection: Connection) -> None:
    site.world.dead(connection, "1")
    page = screen.open(f"/deliveries?state=dead&connection_id={connection.id}")
    page.get_by_role("link", name="Order 1, Jane Doe").click()
    dialog = page.get_by_role("dialog", name="Order 1, Jane Doe")
    dialog.get_by_role("button", name="Replay").click()
    expect(dialog.get_by_text("Waiting", exact=True)).to_be_visible()
    expect(page.get_by_role("heading", name="Nothing matches", include_hidden=True)).to_be_attached()
    dialog.get_by_role("button", name="Close").last.click()
    expect(dialog).to_be_hidden()
    expect(page.locator("#deliveries")).to_be_focused()


def test_an_api_that_is_away(screen: Screen, site: Site, connection: Connection) -> None:
    site.world.dead(connection, "1")
    back = screen.cut_off()
    page = screen.open("/problems")
    expect(page.get_by_role("heading", name="This could not be loaded")).to_be_visible()
    back()
    page.get_by_role("button", name="Try again").click()
    expect(cards(page)).to_have_count(1)


def test_at_360_pixels(phone: Screen, site: Site, connection: Connection, shop: FakeStore) -> None:
    by_email(site, connection, label="Order 1001, " + "Wolfeschlegelsteinhausenbergerdorff" * 3)
    site.world.dead(connection, "2", error_message="word" * 60)
    page = phone.open("/problems")
    expect(cards(page)).to_have_count(2)
    assert phone.overflow() <= 0
    assert phone.axe() == []
    assert phone.layout_shift() <= 0.1
    cards(page).filter(has_text="Wolfe").get_by_role("link", name="Open it and correct it").click()
    page.get_by_role("button", name="Correct a value").click()
    expect(page.get_by_role("textbox", name="E-mail")).to_be_focused()
    assert phone.overflow() <= 0
    assert phone.axe() == []
