"""Onboarding in a browser: from nothing connected to live."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from app.db import now
from app.models import Connection, ConnectionState
from tests.web.browser.conftest import Screen, Site

pytestmark = pytest.mark.browser


def change(site: Site, connection: Connection, **values: object) -> None:
    """What a worker found out meanwhile."""
    with site.world.runtime.database.transaction() as session:
        session.execute(update(Connection).where(Connection.id == connection.id).values(**values))


def test_from_nothing_to_live(screen: Screen, site: Site) -> None:
    page = screen.open()
    expect(page.get_by_role("heading", name="1. Connect Salesforce")).to_be_visible()
    steps = page.get_by_role("list", name="Setting up Storeline")
    expect(steps.locator("[aria-current=step]")).to_have_text("1Connect")
    assert screen.axe() == []

    page.context.route("**/oauth/**", lambda route: route.fulfill(body="Allow access?", content_type="text/plain"))
    with page.expect_popup() as popup:
        page.get_by_role("button", name="Connect Salesforce").click()
    popup.value.wait_for_url("**/oauth/salesforce/connect?ticket=*")
    assert popup.value.evaluate("window.opener") is None
    expect(page.get_by_text("Go on in the new tab")).to_be_visible()

    connection = site.world.connection(site.store, state=ConnectionState.SETUP, prepared_at=None, facts={})
    expect(page.get_by_text("Looking through Salesforce")).to_be_visible()
    change(site, connection, prepared_at=now(), missing=["Field Order.BC_Total__c", "Permission to edit Order"])
    expect(page.get_by_role("listitem").filter(has_text="Field Order.BC_Total__c")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="Permission to edit Order")).to_be_visible()
    assert screen.axe() == []

    page.get_by_role("button", name="Check again").click()
    expect(page.get_by_text("Looking through Salesforce")).to_be_visible()
    assert [job for job in site.world.jobs() if "prepare" in job]
    change(site, connection, prepared_at=now(), missing=[])

    expect(page.get_by_role("heading", name="2. Choose what to sync")).to_be_visible()
    page.get_by_text("Products", exact=True).click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    expect(page.get_by_role("switch", name="Products", exact=True)).not_to_be_checked()
    assert site.world.get(Connection, connection.id).switches == {"products": False}
    assert screen.axe() == []

    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Acme Ltd")).to_be_visible()
    assert site.world.get(Connection, connection.id).state == ConnectionState.SETUP
    page.get_by_role("button", name="Go live").click()
    expect(page.get_by_role("heading", name="Storeline is live")).to_be_visible()
    assert site.world.get(Connection, connection.id).state == ConnectionState.LIVE
    page.get_by_role("link", name="Activity").first.click()
    expect(page.get_by_role("heading", name="Nothing has happened yet")).to_be_visible()


def test_a_sandbox_is_asked_for_as_such(screen: Screen) -> None:
    page = screen.open()
    page.context.route("**/oauth/**", lambda route: route.fulfill(body="", content_type="text/plain"))
    page.get_by_text("Connect a Salesforce sandbox").click()
    with page.expect_popup(), page.expect_request("**/authorize") as sent:
        page.get_by_role("button", name="Connect Salesforce").click()
    assert sent.value.post_data_json == {"environment": "sandbox"}


def test_a_browser_that_opens_no_tabs_is_given_a_link(screen: Screen) -> None:
    screen.page.add_init_script("window.open = () => null")
    page = screen.open()
    page.get_by_role("button", name="Connect Salesforce").click()
    link = page.get_by_role("link", name="Open Salesforce")
    expect(link).to_have_attribute("target", "_blank")
    assert "/oauth/salesforce/connect?ticket=" in str(link.get_attribute("href"))


def test_what_the_server_refuses_is_said_in_its_words(screen: Screen, site: Site) -> None:
    connection = site.world.connection(site.store, state=ConnectionState.SETUP)
    page = screen.open()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("button", name="Go live")).to_be_visible()
    page.route("**/api/connections", lambda route: route.abort())  # what follows is not known to the page
    change(site, connection, missing=["Field Order.BC_Total__c"])
    page.get_by_role("button", name="Go live").click()
    expect(page.get_by_text("Missing: Field Order.BC_Total__c.")).to_be_visible()


def test_at_360_pixels(phone: Screen, site: Site) -> None:
    page = phone.open()
    expect(page.get_by_role("heading", name="1. Connect Salesforce")).to_be_visible()
    assert phone.overflow() <= 0
    site.world.connection(site.store, state=ConnectionState.SETUP, missing=["Field Order.BC_" + "Long" * 20 + "__c"])
    expect(page.get_by_text("Field Order.BC_")).to_be_visible()
    assert phone.overflow() <= 0
    assert phone.axe() == []
    assert phone.layout_shift() <= 0.1
