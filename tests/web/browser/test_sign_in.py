"""Connecting by a form in a browser: errors at their inputs, secrets that stay nowhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select, update

from app.models import Connection, ConnectionState
from app.sandbox.sap_sales_cloud import create_app
from tests.sandbox.conftest import serving
from tests.web.browser.conftest import Screen, Site

pytestmark = pytest.mark.browser

PASSWORD = "sandbox-password"
STORED = "[...Object.values(localStorage), ...Object.values(sessionStorage), document.cookie, location.href].join()"


@pytest.fixture(scope="module")
def tenant() -> Iterator[str]:
    """A stand-in of a CRM that is signed in to by a form."""
    with serving(create_app, seed="demo") as url:
        yield url


def dialog(page: Page) -> Locator:
    """The form."""
    return page.get_by_role("dialog", name="Connect SAP Sales Cloud")


def sign_in(page: Page, url: str, password: str = PASSWORD) -> None:
    """Fill it in, and send it with the Enter key."""
    form = dialog(page)
    form.get_by_label("Tenant address").fill(url)
    form.get_by_label("Technical user").fill("sandbox")
    form.get_by_label("Password").fill(password)
    form.get_by_label("Password").press("Enter")


def kept(site: Site) -> list[Connection]:
    """The accounts of this vendor."""
    with site.world.runtime.database.reading() as session:
        return list(session.scalars(select(Connection).where(Connection.vendor == "sap-sales-cloud")))


def test_from_the_button_to_the_card(screen: Screen, site: Site, tenant: str) -> None:
    page = screen.open("/connections")
    page.get_by_role("button", name="Connect SAP Sales Cloud").press("Enter")
    form = dialog(page)
    expect(form.get_by_label("Tenant address")).to_have_accessible_description(
        "As in the browser: https://my123456.crm.ondemand.com"
    )
    expect(form.get_by_label("Password")).to_have_attribute("type", "password")
    expect(form.get_by_label("Password")).to_have_attribute("autocomplete", "new-password")
    assert screen.axe() == []
    sign_in(page, tenant)
    expect(form).to_be_hidden()
    expect(page.get_by_text("Looking through SAP Sales Cloud")).to_be_visible()
    [connection] = kept(site)
    assert (connection.state, connection.instance_url) == (ConnectionState.SETUP, tenant)
    assert PASSWORD not in page.evaluate(STORED)
    assert PASSWORD not in page.content()


def test_empty_inputs_are_named_and_nothing_is_sent(screen: Screen, site: Site) -> None:
    page = screen.open("/connections")
    page.get_by_role("button", name="Connect SAP Sales Cloud").click()
    form = dialog(page)
    form.get_by_label("Technical user").fill("sandbox")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if "sign-in" in request.url else None)
    form.get_by_role("button", name="Connect", exact=True).click()
    expect(form.get_by_text("Please fill this in.")).to_have_count(2)
    expect(form.get_by_label("Tenant address")).to_be_focused()
    expect(form.get_by_label("Tenant address")).to_have_accessible_description(
        "As in the browser: https://my123456.crm.ondemand.com Please fill this in."
    )
    assert screen.axe() == []
    assert sent == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Connect SAP Sales Cloud")).to_be_focused()


def test_what_the_vendor_refuses_is_said_where_it_is_wrong(screen: Screen, site: Site, tenant: str) -> None:
    page = screen.open("/connections")
    page.get_by_role("button", name="Connect SAP Sales Cloud").click()
    form = dialog(page)
    sign_in(page, "https://nowhere.invalid")
    address = form.get_by_label("Tenant address")
    expect(address).to_have_attribute("aria-invalid", "true")
    expect(address).to_be_focused()
    assert screen.axe() == []
    sign_in(page, tenant, "guessed")
    expect(form.get_by_text("password", exact=False).last).to_be_visible()
    expect(address).not_to_have_attribute("aria-invalid", "true")
    expect(form).to_be_visible()
    assert kept(site) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Connect SAP Sales Cloud").click()
    expect(form.get_by_label("Password")).to_have_value("")
    expect(form.get_by_label("Technical user")).to_have_value("")


def test_reconnecting_asks_again_and_shows_no_secret(screen: Screen, site: Site, tenant: str) -> None:
    page = screen.open("/connections")
    page.get_by_role("button", name="Connect SAP Sales Cloud").click()
    sign_in(page, tenant)
    expect(dialog(page)).to_be_hidden()
    [connection] = kept(site)
    with site.world.runtime.database.transaction() as session:
        session.execute(
            update(Connection).where(Connection.id == connection.id).values(state=ConnectionState.REAUTHORIZE)
        )
    page.get_by_role("button", name="Reconnect").click()
    expect(dialog(page).get_by_label("Tenant address")).to_have_value(tenant)
    expect(dialog(page).get_by_label("Password")).to_have_value("")
    sign_in(page, tenant)
    expect(page.get_by_text("Live", exact=True)).to_be_visible()
    assert [row.id for row in kept(site)] == [connection.id]


def test_at_360_pixels(phone: Screen, site: Site) -> None:
    page = phone.open("/connections")
    page.get_by_role("button", name="Connect SAP Sales Cloud").click()
    dialog(page).get_by_role("button", name="Connect", exact=True).click()
    expect(dialog(page).get_by_text("Please fill this in.").first).to_be_visible()
    assert phone.overflow() <= 0
    assert phone.axe() == []
