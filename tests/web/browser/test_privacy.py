"""The Privacy page in a browser: finding a person, handing their data over, erasing it, what is kept for how long."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import insert, select

from app.db import now
from app.models import Person, PrivacyAction, PrivacyRequest
from tests.web.browser.conftest import Screen, Site

pytestmark = pytest.mark.browser

EMAIL = "jane@example.com"


@pytest.fixture
def jane(site: Site) -> Person:
    """A customer."""
    person = Person(store_id=site.store.id, customer_id="42", email=EMAIL, name="Jane Doe")
    site.world.add(person)
    return person


def search(page: Page, text: str) -> None:
    """Look for somebody."""
    page.get_by_role("searchbox", name="Search").press_sequentially(text)


def requests(site: Site) -> list[PrivacyRequest]:
    """What was asked for so far."""
    with site.world.runtime.database.reading() as session:
        return list(session.scalars(select(PrivacyRequest)))


def test_somebody_and_nobody(screen: Screen, site: Site, jane: Person) -> None:
    site.world.add(
        Person(store_id=site.store.id, customer_id="guest:janet@example.com", email="janet@example.com", name="Janet")
    )
    page = screen.open("/privacy")
    expect(page.get_by_text("Type at least three letters.")).to_be_visible()
    expect(page.get_by_text("Nobody’s data was exported or erased yet.")).to_be_visible()
    search(page, "jan")
    rows = page.get_by_role("table", name="People").locator("tbody").get_by_role("row")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text=EMAIL)).to_contain_text("Customer 42")
    expect(rows.filter(has_text="janet@")).to_contain_text("Guest")
    assert screen.axe() == []
    assert screen.layout_shift() <= 0.1
    search(page, "zzz")
    expect(page.get_by_role("heading", name="Nobody found")).to_be_visible()
    assert screen.axe() == []


def test_ten_thousand(screen: Screen, site: Site) -> None:
    rows = [
        {"store_id": site.store.id, "customer_id": str(number), "email": f"p{number:05}@example.com", "name": "Pat"}
        for number in range(10_000)
    ]
    with site.world.runtime.database.transaction() as session:
        session.execute(insert(Person), rows)
    page = screen.open("/privacy")
    search(page, "example")
    expect(page.get_by_text("1–50 of 10,000")).to_be_visible()
    page.get_by_role("button", name="Next").press("Enter")
    expect(page.get_by_text("51–100 of 10,000")).to_be_visible()


def test_an_export(screen: Screen, site: Site, jane: Person, tmp_path: Path) -> None:
    page = screen.open("/privacy")
    search(page, EMAIL)
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Export the data of {EMAIL}").press("Enter")
    assert download.value.suggested_filename == f"storeline-{EMAIL}.json"
    download.value.save_as(tmp_path / "export.json")
    assert "Jane Doe" in json.dumps(json.loads((tmp_path / "export.json").read_text()))
    expect(page.get_by_role("table", name="Exports and erasures")).to_contain_text("Exported")
    assert [one.action for one in requests(site)] == [PrivacyAction.EXPORT]
    assert screen.axe() == []


def test_an_erasure(screen: Screen, site: Site, jane: Person) -> None:
    page = screen.open("/privacy")
    search(page, EMAIL)
    page.get_by_role("button", name=f"Erase the data of {EMAIL}").press("Enter")
    dialog = page.get_by_role("dialog", name="Erase the data of Jane Doe?")
    expect(dialog).to_contain_text("Not erased: the customer and the orders in your BigCommerce store")
    button = dialog.get_by_role("button", name="Erase for good")
    expect(button).to_be_disabled()
    dialog.get_by_role("textbox").fill("jane@example.co")
    expect(button).to_be_disabled()
    assert screen.axe() == []
    dialog.get_by_role("textbox").fill("Jane@Example.com")
    button.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.get_by_text(f"The data of {EMAIL} is being erased")).to_contain_text("are yours")
    expect(page.locator(":focus")).to_contain_text("is being erased")
    past = page.get_by_role("table", name="Exports and erasures")
    expect(past).to_contain_text("Under way")
    found = requests(site)
    assert [(one.action, one.requested_by) for one in found] == [(PrivacyAction.ERASE, site.owner.email)]
    assert [job for job in site.world.jobs() if f"erase({found[0].id})" in job]
    with site.world.runtime.database.transaction() as session:
        kept = session.get_one(PrivacyRequest, found[0].id)
        kept.done_at, kept.counts = now(), {"people": 1, "deliveries": 12}
    expect(past).to_contain_text("13")
    expect(past).not_to_contain_text("Under way")


def test_an_erasure_that_nobody_meant(screen: Screen, site: Site, jane: Person) -> None:
    page = screen.open("/privacy")
    search(page, EMAIL)
    opener = page.get_by_role("button", name=f"Erase the data of {EMAIL}")
    opener.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").press("Enter")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(opener).to_be_focused()
    assert requests(site) == []


def test_how_long_things_are_kept(screen: Screen, site: Site) -> None:
    page = screen.open("/privacy")
    expect(page.get_by_text("90 days", exact=True)).to_be_visible()
    expect(page.get_by_text("30 days", exact=True).first).to_be_visible()
    address = page.get_by_role("textbox", name="Address of the receipt").input_value()
    assert "/receipts/" in address


def test_at_360_pixels(phone: Screen, site: Site) -> None:
    email = "w" * 60 + "@example.com"
    site.world.add(Person(store_id=site.store.id, customer_id="42", email=email, name="Wolfe" * 20))
    page = phone.open("/privacy")
    search(page, "wwww")
    expect(page.get_by_role("list", name="People").get_by_role("listitem")).to_have_count(1)
    assert phone.overflow() <= 0
    assert phone.axe() == []
    assert phone.layout_shift() <= 0.1
    page.get_by_role("button", name="Erase").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert phone.overflow() <= 0
    assert phone.axe() == []
