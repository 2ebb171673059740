"""The Activity page in a browser: ten thousand deliveries, errors for people, replay, an API that is away."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, expect

from app.models import Connection, Delivery, State
from app.ui.session import LONGEST
from tests.web.browser.conftest import Screen, Site

pytestmark = pytest.mark.browser


@pytest.fixture
def connection(site: Site) -> Connection:
    """A live account."""
    return site.world.connection(site.store)


def rows(page: Page) -> list[str]:
    """The records shown, from top to bottom."""
    return page.locator("tbody tr td:nth-child(2) a").all_inner_texts()


def choose(page: Page, label: str, option: str) -> None:
    """Pick from a list."""
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()


def test_ten_thousand(screen: Screen, site: Site, connection: Connection) -> None:
    site.world.many(connection, 10_000)
    page = screen.open("/deliveries")
    expect(page.get_by_text("1–100 of 10,000")).to_be_visible()
    assert rows(page)[:2] == ["Order 10000, Jane Doe", "Order 9999, Jane Doe"]
    assert len(rows(page)) == 100
    assert screen.axe() == []
    page.get_by_role("button", name="Older").click()
    expect(page.get_by_text("101–200 of 10,000")).to_be_visible()
    expect(page.get_by_role("link", name="Order 9900, Jane Doe")).to_be_visible()
    page.get_by_role("searchbox", name="Search").fill("Order 4711,")
    expect(page.get_by_text("1–1 of 1")).to_be_visible()
    assert rows(page) == ["Order 4711, Jane Doe"]
    page.get_by_role("searchbox", name="Search").fill("nobody")
    expect(page.get_by_role("heading", name="Nothing matches")).to_be_visible()
    assert screen.layout_shift() <= 0.1


def test_more_than_are_counted(screen: Screen, site: Site, connection: Connection) -> None:
    site.world.many(connection, 10_130)
    page = screen.open("/deliveries")
    expect(page.get_by_text("1–100 of 10,000+")).to_be_visible()
    page.route(
        "**/api/deliveries?*", lambda route: route.continue_(url=route.request.url.replace("page=2", "page=101"))
    )
    page.get_by_role("button", name="Older").click()
    expect(page.get_by_text("10,001–10,100 of 10,000+")).to_be_visible()
    page.unroute("**/api/deliveries?*")
    page.get_by_role("button", name="Older").click()
    expect(page.get_by_text("10,101–10,130 of 10,000+")).to_be_visible()
    expect(page.get_by_role("button", name="Older")).to_be_disabled()
    assert rows(page)[-1] == "Order 1, Jane Doe"


def test_filters(screen: Screen, site: Site, connection: Connection) -> None:
    site.world.dead(connection, "1")
    site.world.delivery(connection, record_id="2", label="Order 2")
    site.world.delivery(connection, record_id="guest:jo@example.com", kind="customer")
    page = screen.open("/deliveries")
    expect(page.get_by_text("1–3 of 3")).to_be_visible()
    choose(page, "State", "Failed")
    expect(page.get_by_text("1–1 of 1")).to_be_visible()
    assert rows(page) == ["Order 1, Jane Doe"]
    choose(page, "State", "All states")
    choose(page, "Kind", "Customers")
    expect(page.get_by_role("link", name="Customer jo@example.com")).to_be_visible()
    expect(page.get_by_text("1–1 of 1")).to_be_visible()


def test_it_refreshes_without_building_the_page_anew(screen: Screen, site: Site, connection: Connection) -> None:
    site.world.dead(connection, "1")
    page = screen.open("/deliveries")
    row = page.get_by_role("row").filter(has_text="Order 1, Jane Doe")
    row.evaluate("(element) => { element.dataset.kept = 'yes'; }")
    site.world.delivery(connection, record_id="2", label="Order 2, Max Roe", result="written", amount="9.90 EUR")
    expect(page.get_by_role("link", name="Order 2, Max Roe")).to_be_visible()
    assert row.get_attribute("data-kept") == "yes"
    assert rows(page) == ["Order 2, Max Roe", "Order 1, Jane Doe"]
    expect(page.get_by_role("row").filter(has_text="Order 2")).to_contain_text("€9.90")


def test_an_error_is_explained_and_replayed(screen: Screen, site: Site, connection: Connection) -> None:
    delivery = site.world.dead(connection, "1001", correlation_id="4fe21a")
    for _ in range(2):  # the second was a replay: the engine counts from one again
        site.world.attempt(delivery, error_code="REQUIRED_FIELD_MISSING", error_message="Required fields are missing")
    site.world.link(connection, "order", "1001", "Order", "801xx0000004CAbAAM")
    page = screen.open("/deliveries")
    row = page.get_by_role("row").filter(has_text="Order 1001")
    expect(row).to_contain_text("The CRM insists on a field that has no value in the store.")
    row.get_by_role("link").press("Enter")
    dialog = page.get_by_role("dialog", name="Order 1001, Jane Doe")
    for words in ("Your CRM administrator", "Region__c", "4fe21a", "£12.50", "Attempt 1", "Attempt 2", "212 ms"):
        expect(dialog).to_contain_text(words)
    expect(dialog.get_by_role("link", name="Open in Salesforce")).to_have_attribute(
        "href", "https://acme.my.salesforce.com/lightning/r/Order/801xx0000004CAbAAM/view"
    )
    dialog.get_by_text("Sent", exact=True).first.click()
    expect(dialog.get_by_role("region", name="Sent").first).to_contain_text('"Name": "#1001"')
    assert screen.axe() == []
    dialog.get_by_role("button", name="Replay").click()
    expect(dialog.get_by_text("Waiting", exact=True)).to_be_visible()
    assert site.world.get(Delivery, delivery.id).state == State.WAITING
    dialog.get_by_role("button", name="Close").last.click()
    expect(dialog).to_be_hidden()
    expect(row).to_contain_text("Waiting")


def test_the_focus_goes_back_to_the_row(screen: Screen, site: Site, connection: Connection) -> None:
    site.world.dead(connection, "1")
    delivery = site.world.dead(connection, "2")
    page = screen.open("/deliveries")
    link = page.get_by_role("link", name="Order 2, Jane Doe")
    dialog = page.get_by_role("dialog", name="Order 2, Jane Doe")
    link.press("Enter")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(link).to_be_focused()
    link.press("Enter")
    dialog.get_by_role("button", name="Replay").click()
    expect(dialog.get_by_text("Waiting", exact=True)).to_be_visible()
    dialog.get_by_role("button", name="Close").last.click()
    expect(link).to_be_focused()
    screen.open(f"/deliveries/{delivery.id}")  # nothing was focused before
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(link).to_be_focused()


def test_the_focus_stays_when_the_list_refreshes(screen: Screen, site: Site, connection: Connection) -> None:
    site.world.dead(connection, "1")
    page = screen.open("/deliveries")
    button = page.get_by_role("button", name="Replay Order 1, Jane Doe")
    button.focus()
    site.world.delivery(connection, record_id="2", label="Order 2, Max Roe")
    expect(page.get_by_role("link", name="Order 2, Max Roe")).to_be_visible()
    expect(button).to_be_focused()


def test_the_focus_stays_when_paging(screen: Screen, site: Site, connection: Connection) -> None:
    site.world.many(connection, 250)
    page = screen.open("/deliveries")
    older, newer = page.get_by_role("button", name="Older"), page.get_by_role("button", name="Newer")
    older.press("Enter")
    expect(page.get_by_text("101–200 of 250")).to_be_visible()
    expect(older).to_be_focused()
    older.press("Enter")
    expect(page.get_by_text("201–250 of 250")).to_be_visible()
    expect(older).to_be_disabled()
    expect(newer).to_be_focused()
    newer.press("Enter")
    expect(page.get_by_text("101–200 of 250")).to_be_visible()
    newer.press("Enter")
    expect(page.get_by_text("1–100 of 250")).to_be_visible()
    expect(older).to_be_focused()


def test_records_of_the_crm_are_named_in_its_words(screen: Screen, site: Site, connection: Connection) -> None:
    site.world.delivery(connection, kind="crm:Contact", record_id="003A", label="Zoe Li", result="carried")
    site.world.delivery(connection, kind="crm:Account", record_id="001A", result="conflict")
    site.world.delivery(connection, kind="cart", record_id="c1", label="Cart of Zoe Li", result="written")
    page = screen.open("/deliveries")
    row = page.get_by_role("row").filter(has_text="Zoe Li").filter(has_text="Contact from Salesforce")
    expect(row).to_contain_text("Carried into the store")
    expect(page.get_by_role("row").filter(has_text="Account from Salesforce 001A")).to_contain_text(
        "Changed on both sides: a person decides under Conflicts"
    )
    choose(page, "Kind", "Edits in the CRM")
    expect(page.get_by_text("1–2 of 2")).to_be_visible()
    choose(page, "Kind", "Carts")
    expect(page.get_by_text("1–1 of 1")).to_be_visible()
    assert rows(page) == ["Cart of Zoe Li"]


def test_a_row_is_replayed_and_the_others_are_not(screen: Screen, site: Site, connection: Connection) -> None:
    one, other = site.world.dead(connection, "1"), site.world.dead(connection, "2")
    page = screen.open("/deliveries")
    page.get_by_role("button", name="Replay Order 1, Jane Doe").click()
    expect(page.get_by_role("row").filter(has_text="Order 1,")).to_contain_text("Waiting")
    assert site.world.get(Delivery, one.id).state == State.WAITING
    assert site.world.get(Delivery, other.id).state == State.DEAD


def test_all_failed_of_a_kind_are_replayed(screen: Screen, site: Site, connection: Connection) -> None:
    site.world.dead(connection, "1")
    site.world.dead(connection, "2")
    customer = site.world.dead(connection, "3", kind="customer")
    page = screen.open("/deliveries")
    expect(page.get_by_text("3 failed")).to_be_visible()
    choose(page, "Kind", "Orders")
    page.get_by_role("button", name="Replay all failed orders").click()
    expect(page.get_by_text("2 deliveries are tried again.")).to_be_visible()
    expect(page.get_by_text("1 failed")).to_be_visible()
    assert site.world.get(Delivery, customer.id).state == State.DEAD


def test_a_deep_link_opens_the_delivery(screen: Screen, site: Site, connection: Connection) -> None:
    delivery = site.world.dead(connection, "1001")
    page = screen.open(f"/deliveries/{delivery.id}")
    dialog = page.get_by_role("dialog", name="Order 1001, Jane Doe")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.go_back()
    expect(dialog).to_be_visible()


def test_a_delivery_that_is_not_there(screen: Screen, connection: Connection) -> None:
    page = screen.open("/deliveries/99")
    expect(page.get_by_role("dialog").get_by_text("There is no such delivery in this store.")).to_be_visible()


def test_an_api_that_is_away(screen: Screen, site: Site, connection: Connection) -> None:
    site.world.dead(connection, "1")
    page = screen.open("/deliveries")
    expect(page.get_by_role("link", name="Order 1, Jane Doe")).to_be_visible()
    back = screen.cut_off()
    expect(page.get_by_text("What you see may be out of date")).to_be_visible()
    expect(page.get_by_role("link", name="Order 1, Jane Doe")).to_be_visible()
    assert screen.axe() == []
    assert screen.layout_shift() <= 0.1
    back()
    expect(page.get_by_text("What you see may be out of date")).to_be_hidden()


def test_an_api_that_is_away_from_the_start(screen: Screen, site: Site, connection: Connection) -> None:
    site.world.dead(connection, "1")
    back = screen.cut_off()
    page = screen.open("/deliveries")
    expect(page.get_by_role("heading", name="This could not be loaded")).to_be_visible()
    assert screen.axe() == []
    back()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("link", name="Order 1, Jane Doe")).to_be_visible()


def test_a_session_that_is_over(screen: Screen, site: Site) -> None:
    page = screen.open("/deliveries")
    expect(page.get_by_role("heading", name="Nothing has happened yet")).to_be_visible()
    with site.world.runtime.database.transaction() as session:
        session.get_one(type(site.owner), site.owner.id).is_active = False
    expect(page.get_by_role("heading", name="Your session is over")).to_be_visible()
    expect(page.get_by_text("open Storeline again from Apps")).to_be_visible()
    assert screen.axe() == []


def test_a_bearer_that_ends_soon_is_renewed(screen: Screen, site: Site) -> None:
    old = site.world.bearer(site.store, site.owner, launch=int(time.time()) - LONGEST + 45)
    screen.page.add_init_script(
        "new MutationObserver(() => { const element = document.getElementById('storeline-config');"
        " if (!element) return; const config = JSON.parse(element.textContent);"
        f" if (config.token !== '{old}') element.textContent = JSON.stringify({{...config, token: '{old}'}}); }})"
        ".observe(document, {childList: true, subtree: true})"
    )
    with screen.page.expect_response("**/api/session/renew") as renewed:
        page = screen.open("/deliveries")
    assert renewed.value.status == 200
    expect(page.get_by_role("heading", name="Nothing has happened yet")).to_be_visible()


def test_at_360_pixels(phone: Screen, site: Site, connection: Connection) -> None:
    site.world.dead(connection, "1", label="Order 1, " + "Wolfeschlegelsteinhausenbergerdorff" * 3)
    delivery = site.world.dead(connection, "2", error_message="word" * 60)
    site.world.attempt(delivery, sent={"long": "x" * 500})
    page = phone.open("/deliveries")
    expect(page.get_by_role("list", name="Deliveries").get_by_role("listitem")).to_have_count(2)
    assert phone.overflow() <= 0
    assert phone.axe() == []
    page.get_by_role("link", name="Order 2, Jane Doe").click()
    page.get_by_role("dialog").get_by_text("Sent", exact=True).click()
    expect(page.get_by_role("region", name="Sent")).to_be_visible()
    assert phone.overflow() <= 0
    assert phone.axe() == []
    assert phone.layout_shift() <= 0.1
