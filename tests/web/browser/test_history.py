"""The History page in a browser: chosen, counted, started, paused, resumed, cancelled; how far it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.db import now
from app.models import Backfill, BackfillState, Connection, State
from tests.web.browser.conftest import Screen, Site

pytestmark = pytest.mark.browser

FORECAST = {
    "records": {"customer": 948, "order": 1629}, "calls": {"store": 52, "crm": 231}, "seconds": 4_800, "fits": False,
    "words": "2,577 records: that is more than history may use of today's calls.",
}  # fmt: skip
PROGRESS = {"customer": {"total": 948}, "order": {"total": 1629}}


@pytest.fixture
def connection(site: Site) -> Connection:
    """A live account."""
    return site.world.connection(site.store)


def add(site: Site, connection: Connection, state: str, **values: Any) -> Backfill:
    """One that is counted, or further."""
    defaults: dict[str, Any] = {"kinds": ["customer", "order"], "forecast": FORECAST, "progress": PROGRESS}
    row = Backfill(store_id=connection.store_id, connection_id=connection.id, state=state, **{**defaults, **values})
    site.world.add(row)
    return row


def state(site: Site, row: Backfill) -> str:
    """How it is kept now."""
    return str(site.world.get(Backfill, row.id).state)


def press(page: Page, name: str) -> None:
    """Press a button with the keyboard."""
    page.get_by_role("button", name=name).press("Enter")


def test_nothing_connected(screen: Screen, site: Site) -> None:
    page = screen.open("/history")
    expect(page.get_by_role("heading", name="Nothing is connected yet")).to_be_visible()
    assert screen.axe() == []


def test_chosen_and_counted(screen: Screen, site: Site, connection: Connection) -> None:
    page = screen.open("/history")
    page.get_by_role("checkbox", name="Products").press("Space")
    page.get_by_label("From", exact=True).fill("2024-07-01")
    page.get_by_label("To", exact=True).fill("2024-07-31")
    page.get_by_text("Which orders").click()
    page.get_by_role("checkbox", name="Shipped", exact=True).press("Space")
    page.get_by_role("textbox", name="From this total on").fill("25,50")
    page.get_by_role("textbox", name="Storefronts").fill("1; 3")
    assert screen.axe() == []
    assert screen.layout_shift() <= 0.1
    press(page, "Count first")
    expect(page.get_by_text("Counting in your store.")).to_be_visible()
    expect(page.get_by_text("Customers, Products, Orders · 1 Jul 2024 to 31 Jul 2024")).to_be_visible()
    with site.world.runtime.database.transaction() as session:
        kept = session.scalars(select(Backfill)).one()
        assert kept.kinds == ["customer", "product", "order"]
        assert kept.since == datetime(2024, 6, 30, 23, tzinfo=UTC)  # 1 July in London
        assert kept.filters == {"statuses": ["2"], "channels": ["1", "3"], "min_total": "25.50", "parcels_days": 60}
        kept.state, kept.forecast, kept.progress = BackfillState.READY, FORECAST, PROGRESS
    expect(page.get_by_text("that is more than history may use of today's calls")).to_be_visible()
    for words in ("948", "1,629", "231", "1 hour 20 minutes"):
        expect(page.get_by_text(words, exact=True)).to_be_visible()
    assert screen.axe() == []


def test_what_is_wrong_is_said_at_its_input(screen: Screen, site: Site, connection: Connection) -> None:
    page = screen.open("/history")
    page.get_by_label("From", exact=True).fill("2024-07-31")
    page.get_by_label("To", exact=True).fill("2024-07-01")
    page.get_by_text("Which orders").click()
    page.get_by_role("textbox", name="From this total on").fill("lots")
    press(page, "Count first")
    expect(page.get_by_text("The last day lies before the first.")).to_be_visible()
    expect(page.get_by_label("To", exact=True)).to_be_focused()
    expect(page.get_by_text("An amount, such as 25 or 25.50.")).to_be_visible()
    assert screen.axe() == []
    with site.world.runtime.database.reading() as session:
        assert session.scalars(select(Backfill)).all() == []


def test_what_is_switched_off_is_refused_in_words(screen: Screen, site: Site) -> None:
    site.world.connection(site.store, switches={"customers": False})
    page = screen.open("/history")
    press(page, "Count first")
    expect(page.get_by_text("customer", exact=False).last).to_be_visible()
    expect(page.get_by_role("button", name="Count first")).to_be_visible()


def test_started_paused_resumed_cancelled(screen: Screen, site: Site, connection: Connection) -> None:
    row = add(site, connection, BackfillState.READY)
    page = screen.open("/history")
    press(page, "Start")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.get_by_role("progressbar", name="All records")).to_have_attribute("aria-valuenow", "0")
    assert state(site, row) == BackfillState.RUNNING
    assert [job for job in site.world.jobs() if "backfill" in job]
    press(page, "Pause")
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    assert state(site, row) == BackfillState.PAUSED
    press(page, "Resume")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    press(page, "Cancel the rest")
    expect(page.get_by_role("button", name="Count first")).to_be_visible()
    expect(page.get_by_role("table", name="History brought before")).to_contain_text("Cancelled")
    assert page.evaluate("document.activeElement !== document.body")
    assert state(site, row) == BackfillState.CANCELLED


def test_how_far_it_is(screen: Screen, site: Site, connection: Connection) -> None:
    began = now() - timedelta(minutes=10)
    row = add(
        site, connection, BackfillState.RUNNING, started_at=began, resumed_at=began,
        progress={"customer": {"total": 3, "asked": 3}, "order": {"total": 7, "asked": 2}},
    )  # fmt: skip
    site.world.dead(connection, "77", backfill_id=row.id)
    page = screen.open("/history")
    whole = page.get_by_role("progressbar", name="All records")
    expect(whole).to_be_visible()
    kinds = page.get_by_role("table", name="Kinds")
    expect(kinds.get_by_role("progressbar", name="Customers")).to_have_attribute("aria-valuenow", "100")
    expect(page.get_by_role("link", name="1 failed: see why under Problems").first).to_have_attribute(
        "href", "#/problems"
    )
    assert int(whole.get_attribute("aria-valuenow") or 0) in range(40, 60)
    assert screen.axe() == []
    page.get_by_role("link", name="1 failed: see why under Problems").first.click()
    expect(page.get_by_role("list", name="Causes").get_by_role("listitem")).to_have_count(1)


def test_those_before_in_pages(screen: Screen, site: Site, connection: Connection) -> None:
    for number in range(45):
        add(
            site,
            connection,
            BackfillState.DONE,
            started_at=now(),
            finished_at=now(),
            created_by=f"u{number}@example.com",
        )
    add(site, connection, BackfillState.FAILED, problem="BigCommerce answered 503.")
    page = screen.open("/history")
    table = page.get_by_role("table", name="History brought before")
    expect(table).to_contain_text("BigCommerce answered 503.")
    expect(page.get_by_text("1–20 of 46")).to_be_visible()
    press(page, "Older")
    expect(page.get_by_text("21–40 of 46")).to_be_visible()
    press(page, "Older")
    expect(page.get_by_text("41–46 of 46")).to_be_visible()
    expect(table).to_contain_text("u0@example.com")
    assert screen.axe() == []


def test_at_360_pixels(phone: Screen, site: Site, connection: Connection) -> None:
    began = now() - timedelta(minutes=10)
    row = add(site, connection, BackfillState.RUNNING, started_at=began, resumed_at=began)
    site.world.delivery(connection, record_id="1", backfill_id=row.id, state=State.WAITING)
    add(site, connection, BackfillState.DONE, finished_at=now(), created_by="x" * 200 + "@example.com")
    page = phone.open("/history")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    assert phone.overflow() <= 0
    assert phone.axe() == []
    assert phone.layout_shift() <= 0.1
    press(page, "Cancel the rest")
    page.get_by_text("Which orders").click()
    assert phone.overflow() <= 0
    assert phone.axe() == []
