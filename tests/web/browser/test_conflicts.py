"""The Conflicts page in a browser: both values side by side, a person's word, ten thousand of them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from app.models import Conflict, ConflictState, Connection
from tests.web.browser.conftest import Screen, Site

pytestmark = pytest.mark.browser


@pytest.fixture
def connection(site: Site) -> Connection:
    """A live account."""
    return site.world.connection(site.store)


def state(site: Site, conflict: Conflict) -> tuple[str, str]:
    """What is kept of it."""
    kept = site.world.get(Conflict, conflict.id)
    return kept.state, kept.winner


def show(page: Page, label: str, option: str) -> None:
    """Pick from a list."""
    page.get_by_role("combobox", name=label).select_option(label=option)


def test_none(screen: Screen, connection: Connection) -> None:
    page = screen.open("/conflicts")
    expect(page.get_by_role("heading", name="No open conflicts")).to_be_visible()
    expect(page.get_by_role("link", name="Conflicts", exact=True)).to_have_attribute("aria-current", "page")
    assert screen.axe() == []


def test_both_values_and_a_word(screen: Screen, site: Site, connection: Connection) -> None:
    conflict = site.world.conflict(connection, ours="", agreed=None)
    other = site.world.conflict(connection, our_id="43", label="Max Roe", field="email")
    page = screen.open("/conflicts")
    row = page.get_by_role("row").filter(has_text="Jane Doe")
    for words in ("Phone", "(empty)", "+44 20 2", "(never agreed)", "Customer"):
        expect(row).to_contain_text(words)
    expect(page.get_by_role("row").filter(has_text="Max Roe")).to_contain_text("+44 20 0")
    expect(row.get_by_role("link", name="Salesforce")).to_have_attribute(
        "href", "https://acme.my.salesforce.com/lightning/r/Contact/003xx000004TmiQAAS/view"
    )
    expect(row.get_by_role("link", name="BigCommerce")).to_have_attribute(
        "href", f"{site.store.control_panel_url}/manage/customers/42/edit"
    )
    expect(page.get_by_text("2 open")).to_be_visible()
    assert screen.axe() == []
    row.get_by_role("button", name="Keep Salesforce’s (Phone of Jane Doe)").press("Enter")
    expect(page.get_by_text("1 conflict is decided")).to_be_visible()
    expect(page.locator(":focus")).to_have_text("1 conflict is decided; both sides are being brought into step.")
    expect(page.get_by_text("1 open")).to_be_visible()
    assert state(site, conflict) == (ConflictState.DECIDED, "crm")
    assert state(site, other) == (ConflictState.OPEN, "")


def test_several_at_once(screen: Screen, site: Site, connection: Connection) -> None:
    first, second, third = (
        site.world.conflict(connection, our_id=str(number), label=f"Buyer {number}", their_id=f"003{number}")
        for number in range(3)
    )
    page = screen.open("/conflicts")
    keep = page.get_by_role("button", name="Keep BigCommerce’s for all selected")
    expect(keep).to_be_disabled()
    page.get_by_role("checkbox", name="Select all on this page").press("Space")
    expect(page.get_by_text("3 selected")).to_be_visible()
    page.get_by_role("checkbox", name="Select Phone of Buyer 1").press("Space")
    expect(page.get_by_text("2 selected")).to_be_visible()
    assert screen.axe() == []
    keep.click()
    expect(page.get_by_text("2 conflicts are decided")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Buyer")).to_have_count(1)
    assert state(site, first) == state(site, third) == (ConflictState.DECIDED, "bigcommerce")
    assert state(site, second) == (ConflictState.OPEN, "")


def test_settled_ones_say_who(screen: Screen, site: Site, connection: Connection) -> None:
    over = {"state": ConflictState.SETTLED, "winner": "crm"}
    site.world.conflict(connection, our_id="1", label="Jane", settled_by=f"user: {site.owner.id}", **over)
    site.world.conflict(connection, our_id="2", label="Max", settled_by="rule: latest", **over)
    site.world.conflict(connection, our_id="3", label="Jo", settled_by="agreed", state=ConflictState.SETTLED)
    page = screen.open("/conflicts")
    expect(page.get_by_role("heading", name="No open conflicts")).to_be_visible()
    show(page, "State", "Settled")
    for name, words in (
        ("Jane", "Salesforce’s value stands. decided by owner@example.com"),
        ("Max", "by the rule “The latest edit”"),
        ("Jo", "both sides have the same again"),
    ):
        expect(page.get_by_role("row").filter(has_text=name)).to_contain_text(words)
    expect(page.get_by_role("button", name="Keep Salesforce’s")).to_have_count(0)
    assert screen.axe() == []


def test_filters(screen: Screen, site: Site, connection: Connection) -> None:
    other = site.world.connection(site.store, vendor="sap-sales-cloud", account_name="my1")
    site.world.conflict(connection, label="Jane Doe")
    site.world.conflict(other, label="Max Roe", their_kind="IndividualCustomer")
    page = screen.open("/conflicts")
    expect(page.get_by_text("1–2 of 2")).to_be_visible()
    show(page, "Account", "SAP Sales Cloud my1")
    expect(page.get_by_text("1–1 of 1")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Max Roe")).to_contain_text("Keep SAP Sales Cloud’s")
    show(page, "Account", "All accounts")
    page.get_by_role("searchbox", name="Search").fill("jane")
    expect(page.get_by_text("1–1 of 1")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Jane Doe")).to_be_visible()
    page.get_by_role("searchbox", name="Search").fill("nobody")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()


def test_ten_thousand(screen: Screen, site: Site, connection: Connection) -> None:
    site.world.many_conflicts(connection, 10_000)
    page = screen.open("/conflicts")
    expect(page.get_by_text("1–50 of 10,000")).to_be_visible()
    expect(page.get_by_text("999+ open")).to_be_visible()
    older = page.get_by_role("button", name="Older")
    older.press("Enter")
    expect(page.get_by_text("51–100 of 10,000")).to_be_visible()
    expect(older).to_be_focused()
    expect(page.get_by_role("row").filter(has_text="Buyer 9950")).to_be_visible()
    assert screen.layout_shift() <= 0.1


def test_what_could_not_be_decided_says_so(screen: Screen, site: Site, connection: Connection) -> None:
    conflict = site.world.conflict(connection)
    page = screen.open("/conflicts")
    expect(page.get_by_text("1–1 of 1")).to_be_visible()
    page.route("**/api/conflicts/settle", lambda route: route.abort("connectionrefused"))
    page.get_by_role("button", name="Keep BigCommerce’s (Phone").click()
    expect(page.get_by_text("Storeline cannot be reached right now.").first).to_be_visible()
    assert state(site, conflict) == (ConflictState.OPEN, "")


def test_at_360_pixels(phone: Screen, site: Site, connection: Connection) -> None:
    site.world.conflict(connection, label="Wolfeschlegelsteinhausenbergerdorff" * 3, ours="x" * 300)
    page = phone.open("/conflicts")
    items = page.get_by_role("list", name="Conflicts").get_by_role("listitem")
    expect(items).to_have_count(1)
    assert phone.overflow() <= 0
    assert phone.axe() == []
    assert phone.layout_shift() <= 0.1
    items.get_by_role("button", name="Keep Salesforce’s").click()
    expect(page.get_by_role("heading", name="No open conflicts")).to_be_visible()
