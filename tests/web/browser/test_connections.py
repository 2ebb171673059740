"""The Connections page in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete, update

from app.db import now
from app.models import AuthorizationRequest, Connection, ConnectionState, State, Store
from tests.web.browser.conftest import Screen, Site

pytestmark = pytest.mark.browser


def figure(page: Page, name: str) -> str:
    """One key figure of the only card."""
    return page.locator("dl > div").filter(has=page.get_by_text(name, exact=True)).locator("dd").inner_text()


def test_a_live_account(screen: Screen, site: Site) -> None:
    connection = site.world.connection(site.store)
    site.world.delivery(connection, record_id="1", state=State.WAITING, amount="1200.50 GBP")
    site.world.dead(connection, "2", amount="7.00 EUR")
    page = screen.open("/connections")
    expect(page.get_by_role("heading", name="Salesforce")).to_be_visible()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    expect(page.get_by_text("Acme Ltd")).to_be_visible()
    assert (figure(page, "Waiting"), figure(page, "Failed")) == ("1", "1")
    assert figure(page, "Money not there yet") == "€7.00 + £1,200.50"
    assert screen.axe() == []
    assert screen.layout_shift() <= 0.1


def test_what_is_on_is_told_by_direction(screen: Screen, site: Site) -> None:
    connection = site.world.connection(site.store, switches={"products": False, "carts": False, "companies": False})
    site.world.conflict(connection)
    page = screen.open("/connections")
    expect(page.get_by_text("To Salesforce: Orders, Customers")).to_be_visible()
    expect(page.get_by_text("Back to BigCommerce: Edits of customers")).to_be_visible()
    page.get_by_role("link", name="1 open conflict with Salesforce").click()
    expect(page.get_by_role("heading", name="Conflicts")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="Settings of Salesforce").click()
    expect(page.get_by_role("switch", name="Orders", exact=True)).to_be_checked()


def test_pause_and_resume_by_keyboard(screen: Screen, site: Site) -> None:
    connection = site.world.connection(site.store)
    page = screen.open("/connections")
    page.get_by_role("button", name="Pause").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Paused", exact=True)).to_be_visible()
    expect(page.get_by_text("What changes goes on being collected")).to_be_visible()
    assert site.world.get(Connection, connection.id).state == ConnectionState.PAUSED
    assert screen.axe() == []
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    expect(page.get_by_text("What changes goes on being collected")).to_be_hidden()
    assert site.world.get(Connection, connection.id).state == ConnectionState.LIVE


def test_advice_does_not_block_and_what_is_missing_does(screen: Screen, site: Site) -> None:
    connection = site.world.connection(
        site.store, state=ConnectionState.SETUP, advice=["Switch on `Lead Conversion`."], missing=["Field Order.X__c"]
    )
    page = screen.open("/connections")
    expect(page.get_by_text("The sync works without this")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Switch on Lead Conversion.")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Field Order.X__c")).to_be_visible()
    expect(page.get_by_role("button", name="Go live")).to_be_disabled()
    assert screen.axe() == []
    with site.world.runtime.database.transaction() as session:
        session.execute(update(Connection).where(Connection.id == connection.id).values(missing=[]))
    expect(page.get_by_role("button", name="Go live")).to_be_enabled()
    expect(page.get_by_text("The sync works without this")).to_be_visible()


def test_what_was_connected_before_says_what_becomes_of_it(screen: Screen, site: Site) -> None:
    former = site.world.connection(site.store, state=ConnectionState.DISCONNECTED)
    site.world.delivery(former, record_id="1", state=State.WAITING)
    page = screen.open("/connections")
    expect(page.get_by_text("“Acme Ltd” was connected before. 1 record waits")).to_be_visible()
    expect(page.get_by_role("button", name="Connect Salesforce")).to_be_visible()
    assert screen.axe() == []


def test_a_consent_that_is_denied_is_noticed(screen: Screen, site: Site) -> None:
    screen.page.clock.install()
    page = screen.open("/connections")
    page.context.route("**/oauth/**", lambda route: route.fulfill(body="", content_type="text/plain"))
    with page.expect_popup():
        page.get_by_role("button", name="Connect Salesforce").click()
    expect(page.get_by_text("Go on in the new tab")).to_be_visible()
    with page.expect_response("**/api/connections"):  # the page has seen that the flow is under way
        page.clock.run_for(5_000)
    with site.world.runtime.database.transaction() as session:
        session.execute(delete(AuthorizationRequest))  # what a denial leaves
    with page.expect_response("**/api/connections"):
        page.clock.run_for(5_000)
    expect(page.get_by_text("Connecting…")).to_be_visible()
    page.clock.run_for(16_000)
    expect(page.get_by_text("The access was not allowed")).to_be_visible()
    expect(page.get_by_role("button", name="Connect Salesforce")).to_be_enabled()


def test_disconnecting_asks_first(screen: Screen, site: Site) -> None:
    connection = site.world.connection(site.store)
    page = screen.open("/connections")
    page.get_by_role("button", name="Disconnect").click()
    dialog = page.get_by_role("dialog", name="Disconnect Salesforce?")
    expect(dialog).to_be_visible()
    assert screen.axe() == []
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("button", name="Disconnect")).to_be_focused()
    assert site.world.get(Connection, connection.id).state == ConnectionState.LIVE
    page.get_by_role("button", name="Disconnect").click()
    dialog.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text("Nothing is connected yet")).to_be_visible()
    assert site.world.get(Connection, connection.id).state == ConnectionState.DISCONNECTED


def test_an_account_that_refuses_us_can_be_reconnected(screen: Screen, site: Site) -> None:
    connection = site.world.connection(site.store, state=ConnectionState.REAUTHORIZE, environment="sandbox")
    page = screen.open("/connections")
    expect(page.get_by_text("no longer accepts Storeline’s access")).to_be_visible()
    assert screen.axe() == []
    page.context.route("**/oauth/**", lambda route: route.fulfill(body="", content_type="text/plain"))
    with page.expect_popup(), page.expect_request("**/authorize") as sent:
        page.get_by_role("button", name="Reconnect").click()
    assert sent.value.post_data_json == {"environment": "sandbox"}
    with site.world.runtime.database.transaction() as session:
        session.execute(update(Connection).where(Connection.id == connection.id).values(state=ConnectionState.LIVE))
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Reconnect")).to_be_hidden()


def test_a_store_that_refuses_us_is_told_at_the_top(screen: Screen, site: Site) -> None:
    site.world.connection(site.store)
    page = screen.open("/connections")
    banner = page.get_by_text("Your store does not let Storeline in right now")
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    expect(banner).to_be_hidden()
    own = update(Connection).where(Connection.vendor == "bigcommerce")
    with site.world.runtime.database.transaction() as session:
        session.execute(own.values(state=ConnectionState.REAUTHORIZE, problem="X-Auth-Token header is invalid."))
    expect(banner).to_contain_text("BigCommerce says: X-Auth-Token header is invalid.")
    assert screen.axe() == []
    with site.world.runtime.database.transaction() as session:
        session.execute(own.values(state=ConnectionState.LIVE, problem=""))
    expect(banner).to_be_hidden()


def test_webhooks(screen: Screen, site: Site) -> None:
    site.world.connection(site.store)
    page = screen.open("/connections")
    expect(page.get_by_text("Not checked yet")).to_be_visible()
    with site.world.runtime.database.transaction() as session:
        session.execute(update(Store).values(hooks_checked_at=now(), hooks_problem="2 webhooks were switched off."))
    expect(page.get_by_text("2 webhooks were switched off.")).to_be_visible()


def test_at_360_pixels(phone: Screen, site: Site) -> None:
    connection = site.world.connection(site.store, missing=["Field Order.BC_Total__c"], account_name="Acme" * 40)
    site.world.dead(connection, "1", amount="1234567.89 GBP")
    page = phone.open("/connections")
    expect(page.get_by_role("link", name="Settings of Salesforce")).to_be_visible()
    assert phone.overflow() <= 0
    assert phone.axe() == []
    assert phone.layout_shift() <= 0.1
