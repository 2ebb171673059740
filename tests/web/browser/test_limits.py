"""The limits of an account in a browser: our share, what was used hour by hour, what may go; a CRM that is away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from app.db import now
from app.models import Allowance, Connection, Usage
from tests.web.browser.conftest import Screen, Site

pytestmark = pytest.mark.browser


@pytest.fixture
def connection(site: Site) -> Connection:
    """A live account that told what it allows, and what we used."""
    connection = site.world.connection(site.store)
    site.world.add(Allowance(connection_id=connection.id, share=50, maximum=100_000, used=31_200, told_at=now()))
    hour = now().replace(minute=0, second=0, microsecond=0)
    for back, calls in ((1, 300), (3, 1_200)):
        site.world.add(Usage(connection_id=connection.id, hour=hour - timedelta(hours=back), calls=calls))
    return connection


def kept(site: Site, connection: Connection) -> Allowance:
    """The allowance as it is stored now."""
    found = site.world.get(Allowance, connection.id)
    assert isinstance(found, Allowance)
    return found


def test_what_is_allowed_and_used(screen: Screen, site: Site, connection: Connection) -> None:
    page = screen.open(f"/connections/{connection.id}/limits")
    expect(page.get_by_text("At most 50,000 of 100,000 calls in any 24 hours")).to_be_visible()
    for words in ("1,500", "31,200", "100,000"):
        expect(page.get_by_text(words, exact=True).first).to_be_visible()
    lanes = page.get_by_role("table", name="What may go")
    expect(lanes.locator("tbody").get_by_role("row")).to_have_count(4)
    expect(lanes.locator("tbody").get_by_role("row").first).to_contain_text("Orders")
    expect(page.get_by_role("img", name="1,200 in the busiest")).to_be_visible()
    page.get_by_text("As a table").click()
    hours = page.get_by_role("table", name="Storeline’s calls by the hour")
    expect(hours.locator("tbody").get_by_role("row")).to_have_count(24)
    expect(hours).to_contain_text("1,200")
    assert screen.axe() == []
    assert screen.layout_shift() <= 0.1


def test_the_share_is_changed(screen: Screen, site: Site, connection: Connection) -> None:
    page = screen.open(f"/connections/{connection.id}/limits")
    slider = page.get_by_role("slider", name="Storeline may use")
    expect(slider).to_have_value("50")
    slider.press("ArrowRight")
    expect(page.get_by_text("At most 51,000 of 100,000")).to_be_visible()
    page.get_by_role("spinbutton", name="Storeline may use, in percent").fill("30")
    expect(slider).to_have_value("30")
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    page.get_by_role("button", name="Discard changes").click()
    expect(slider).to_have_value("50")
    page.get_by_role("spinbutton", name="Storeline may use, in percent").fill("25")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    assert (kept(site, connection).share, kept(site, connection).maximum) == (25, 100_000)
    expect(page.get_by_text("Calls allowed in 24 hours")).to_have_count(0)  # Salesforce tells it


def test_a_maximum_that_the_crm_does_not_tell(screen: Screen, site: Site) -> None:
    sap = site.world.connection(site.store, vendor="sap-sales-cloud", account_id="my1", account_name="my1")
    page = screen.open(f"/connections/{sap.id}/limits")
    typed = page.get_by_role("textbox", name="Calls allowed in 24 hours")
    typed.fill("many")
    expect(page.get_by_text("A whole number, or nothing.")).to_be_visible()
    assert screen.axe() == []
    typed.fill("20000")
    expect(page.get_by_text("At most 10,000 of 20,000")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    assert kept(site, sap).maximum == 20_000
    typed.fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    assert kept(site, sap).maximum is None


def test_a_crm_that_does_not_answer(screen: Screen, site: Site) -> None:
    site.world.connection(
        site.store, failing_since=now() - timedelta(minutes=12), hold_until=now() + timedelta(minutes=5), failures=4
    )
    page = screen.open("/connections")
    words = page.get_by_text("Salesforce does not answer. Nothing is lost")
    expect(words).to_contain_text("It began 12 minutes ago. The next try is in 4 minutes.")
    assert screen.axe() == []


def test_at_360_pixels(phone: Screen, site: Site, connection: Connection) -> None:
    page = phone.open(f"/connections/{connection.id}/limits")
    expect(page.get_by_role("list", name="What may go").get_by_role("listitem")).to_have_count(4)
    assert phone.overflow() <= 0
    assert phone.axe() == []
    assert phone.layout_shift() <= 0.1
