"""The Money page in a browser: totals with their difference, day by day, a check, orders that differ, repairs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import insert, select

from app.db import now
from app.models import Comparison, ComparisonState, Connection, DayTotal, Delivery, Difference, Link
from tests.web.browser.conftest import Screen, Site

pytestmark = pytest.mark.browser

DAY = date(2026, 7, 1)
CONNECTED = datetime(2025, 1, 1, 12, tzinfo=UTC)
D = Decimal


@pytest.fixture
def connection(site: Site) -> Connection:
    """A live account, connected for a long time."""
    return site.world.connection(site.store, connected_at=CONNECTED)


def total(site: Site, connection: Connection, currency: str, here: str, there: str, day: date = DAY) -> None:
    """A day as both sides hold it."""
    site.world.add(
        DayTotal(
            connection_id=connection.id, day=day, currency=currency, store_orders=3, crm_orders=3, store_total=D(here),
            crm_total=D(there),
        )
    )  # fmt: skip


def difference(site: Site, connection: Connection, order_id: str, **values: Any) -> Difference:
    """An order that differs."""
    defaults: dict[str, Any] = {
        "day": DAY, "kind": "amount", "currency": "GBP", "store_net": D("10"), "crm_net": D("7.5"),
        "their_kind": "Order", "their_id": "801xx",
    }  # fmt: skip
    row = Difference(connection_id=connection.id, order_id=order_id, **{**defaults, **values})
    site.world.add(row)
    return row


def run(site: Site, connection: Connection, **values: Any) -> Comparison:
    """A check."""
    defaults: dict[str, Any] = {"since": DAY, "until": DAY, "state": ComparisonState.DONE, "finished_at": now()}
    row = Comparison(store_id=connection.store_id, connection_id=connection.id, **{**defaults, **values})
    site.world.add(row)
    return row


def differing(page: Page) -> Any:
    """The orders that differ."""
    return page.get_by_role("table", name="Orders that differ").locator("tbody").get_by_role("row")


def test_nothing_connected_and_nothing_compared(screen: Screen, site: Site) -> None:
    page = screen.open("/money")
    expect(page.get_by_role("heading", name="Nothing is connected yet")).to_be_visible()
    assert screen.axe() == []
    site.world.connection(site.store, connected_at=CONNECTED)
    expect(page.get_by_text("Nothing has been compared in these days yet.")).to_be_visible()
    expect(page.get_by_text("Orders from 1 Jan 2025 on are compared")).to_be_visible()
    expect(page.get_by_role("heading", name="Nothing compared yet")).to_be_visible()
    assert screen.axe() == []


def test_no_order_differs_is_said_once_there_was_a_check(screen: Screen, site: Site, connection: Connection) -> None:
    total(site, connection, "GBP", "25", "25")
    run(site, connection, orders=3)
    page = screen.open("/money")
    expect(page.get_by_role("heading", name="No order differs")).to_be_visible()


def test_totals_tell_whether_both_sides_agree(screen: Screen, site: Site, connection: Connection) -> None:
    total(site, connection, "GBP", "816002.27", "815882.26")
    total(site, connection, "JPY", "1200", "1200")
    difference(site, connection, "1001", store_net=D("120.01"), crm_net=None, kind="missing")
    run(site, connection, orders=6, differences=1, repaired=1, is_nightly=True)
    page = screen.open("/money")
    totals = page.get_by_role("list", name="Totals by currency").get_by_role("listitem")
    pounds, yen = totals.nth(0), totals.nth(1)
    for words in ("-£120.01", "Salesforce has less than your store.", "£816,002.27", "£815,882.26", "3 orders"):
        expect(pounds).to_contain_text(words)
    for words in ("JP¥0", "Both sides agree to the cent.", "JP¥1,200"):
        expect(yen).to_contain_text(words)
    expect(page.get_by_text("Last night’s check")).to_contain_text("1 order differed, 1 is being repaired")
    expect(differing(page)).to_contain_text("Not in Salesforce")
    assert screen.axe() == []
    assert screen.layout_shift() <= 0.1


def test_differences_that_cancel_each_other_out(screen: Screen, site: Site, connection: Connection) -> None:
    total(site, connection, "GBP", "25", "25")
    difference(site, connection, "1001", store_net=D("12.50"), crm_net=D("25"))
    difference(site, connection, "1002", store_net=D("12.50"), crm_net=None, kind="missing", their_id="")
    gone = {"their_kind": "Order", "their_id": "801gone", "state": "gone"}
    site.world.add(Link(connection_id=connection.id, kind="order", our_id="1002", **gone))
    run(site, connection, orders=2, differences=2, repaired=1)
    page = screen.open("/money")
    totals = page.get_by_role("list", name="Totals by currency")
    expect(totals).to_contain_text("The sums agree, but 2 orders differ: see below.")
    expect(page.get_by_text("The check after the last repair")).to_be_visible()
    expect(differing(page).filter(has_text="1002")).to_contain_text("Somebody deleted it in Salesforce.")
    assert screen.axe() == []


def test_a_days_orders(screen: Screen, site: Site, connection: Connection) -> None:
    total(site, connection, "GBP", "30", "27.50")
    total(site, connection, "EUR", "5", "4", DAY - timedelta(days=1))
    difference(site, connection, "1001")
    difference(site, connection, "1002", currency="EUR", day=DAY - timedelta(days=1))
    page = screen.open("/money")
    expect(differing(page)).to_have_count(2)
    page.get_by_role("row").filter(has_text="-£2.50").get_by_role("button", name="1 order of 1 Jul 2026").press("Enter")
    expect(differing(page)).to_have_count(1)
    expect(differing(page)).to_contain_text("Order 1001")
    expect(page.locator(":focus")).to_contain_text("Only GBP of 1 Jul 2026.")
    expect(page.get_by_role("button", name="Repair all")).to_be_disabled()
    page.get_by_role("button", name="Show all days").click()
    expect(differing(page)).to_have_count(2)
    page.get_by_label("From", exact=True).fill("2026-07-01")
    expect(page.get_by_role("list", name="Totals by currency").get_by_role("listitem")).to_have_count(1)


def test_ten_thousand_days(screen: Screen, site: Site, connection: Connection) -> None:
    rows = [
        {
            "connection_id": connection.id, "day": DAY - timedelta(days=number), "currency": "GBP", "store_orders": 1,
            "crm_orders": 1, "store_total": D("1.10"), "crm_total": D("1.10"),
        }
        for number in range(10_000)
    ]  # fmt: skip
    with site.world.runtime.database.transaction() as session:
        session.execute(insert(DayTotal), rows)
    page = screen.open("/money")
    expect(page.get_by_text("1–50 of 10,000")).to_be_visible()
    expect(page.get_by_role("list", name="Totals by currency")).to_contain_text("£11,000.00")
    page.get_by_role("button", name="Older").press("Enter")
    expect(page.get_by_text("51–100 of 10,000")).to_be_visible()
    expect(page.get_by_role("button", name="Older")).to_be_focused()


def test_a_check_and_how_far_it_is(screen: Screen, site: Site, connection: Connection) -> None:
    page = screen.open("/money")
    page.get_by_label("From", exact=True).fill("2026-06-30")
    page.get_by_label("To", exact=True).fill("2026-06-01")
    expect(page.get_by_text("The last day lies before the first.")).to_be_visible()
    expect(page.get_by_role("button", name="Check now")).to_be_disabled()
    page.get_by_label("From", exact=True).fill("2026-06-01")
    page.get_by_label("To", exact=True).fill("2026-06-30")
    page.get_by_role("button", name="Check now").press("Enter")
    bar = page.get_by_role("progressbar", name="Comparison")
    expect(bar).to_have_attribute("aria-valuenow", "0")
    expect(page.locator(":focus")).to_contain_text("1 Jun 2026 to 30 Jun 2026: 0 of 30 days")
    with site.world.runtime.database.transaction() as session:
        kept = session.scalars(select(Comparison)).one()
        assert (kept.since, kept.until, kept.asked_by) == (date(2026, 6, 1), date(2026, 6, 30), site.owner.email)
        kept.state, kept.days_done, kept.orders = ComparisonState.RUNNING, 15, 44
    expect(bar).to_have_attribute("aria-valuenow", "50")
    expect(page.get_by_text("15 of 30 days, 44 orders so far")).to_be_visible()
    assert screen.axe() == []
    with site.world.runtime.database.transaction() as session:
        kept = session.scalars(select(Comparison)).one()
        kept.state, kept.days_done, kept.finished_at = ComparisonState.DONE, 30, now()
    expect(page.get_by_text(f"Last check, by {site.owner.email}")).to_contain_text("44 orders, everything agreed")


def test_a_check_that_failed_and_one_that_is_refused(screen: Screen, site: Site) -> None:
    paused = site.world.connection(site.store, state="paused", connected_at=CONNECTED)
    run(site, paused, state=ComparisonState.FAILED, problem="Salesforce answered 503.")
    page = screen.open(f"/money/{paused.id}")
    expect(page.get_by_text("did not come to its end: Salesforce answered 503.")).to_be_visible()
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_text("The connection is not live")).to_be_visible()
    assert screen.axe() == []


def test_repairs(screen: Screen, site: Site, connection: Connection) -> None:
    difference(site, connection, "1001")
    difference(site, connection, "1002")
    difference(site, connection, "1003", kind="twice", crm_net=D("20"))
    dead = site.world.dead(connection, "1004")
    difference(site, connection, "1004")
    difference(site, connection, "1005", settled_at=now())
    page = screen.open("/money")
    expect(differing(page)).to_have_count(4)
    expect(differing(page).filter(has_text="1003")).to_contain_text("Delete the one too many")
    expect(differing(page).filter(has_text="1004").get_by_role("link", name="Failed: see why")).to_have_attribute(
        "href", f"#/deliveries/{dead.id}"
    )
    row = differing(page).filter(has_text="1001")
    expect(row.get_by_role("link", name="Salesforce")).to_have_attribute(
        "href", "https://acme.my.salesforce.com/lightning/r/Order/801xx/view"
    )
    assert screen.axe() == []
    row.get_by_role("button", name="Repair order 1001").press("Enter")
    expect(page.get_by_text("1 order is brought again.")).to_be_visible()
    expect(row).to_contain_text("Waiting for its turn")
    assert waiting(site) == ["1001"]
    page.get_by_role("button", name="Repair all").click()
    expect(page.get_by_text("orders are brought again.")).to_be_visible()
    assert sorted(waiting(site)) == ["1001", "1002", "1004"]
    page.get_by_role("combobox", name="State").select_option(label="Repaired")
    expect(differing(page)).to_have_count(1)
    expect(differing(page)).to_contain_text("Agreed again on")


def waiting(site: Site) -> list[str]:
    """Orders that are to be brought."""
    with site.world.runtime.database.reading() as session:
        return list(session.scalars(select(Delivery.record_id).where(Delivery.state == "waiting")))


def test_another_account(screen: Screen, site: Site, connection: Connection) -> None:
    sap = site.world.connection(
        site.store, vendor="sap-sales-cloud", account_id="my1", account_name="my1", connected_at=CONNECTED
    )
    total(site, sap, "EUR", "5", "5")
    page = screen.open("/money")
    expect(page.get_by_role("heading", name="Money in your store and in Salesforce")).to_be_visible()
    page.get_by_role("combobox", name="Account").select_option(label="SAP Sales Cloud my1")
    expect(page.get_by_role("heading", name="Money in your store and in SAP Sales Cloud")).to_be_visible()
    expect(page.get_by_role("list", name="Totals by currency")).to_contain_text("€5.00")


def test_at_360_pixels(phone: Screen, site: Site, connection: Connection) -> None:
    total(site, connection, "GBP", "99999816002.27", "99999815882.26")
    difference(site, connection, "1001", store_net=D("99999120.01"))
    run(site, connection, state=ComparisonState.RUNNING)
    page = phone.open("/money")
    orders = page.get_by_role("list", name="Orders that differ").get_by_role("listitem")
    expect(orders).to_have_count(1)
    assert phone.overflow() <= 0
    assert phone.axe() == []
    assert phone.layout_shift() <= 0.1
