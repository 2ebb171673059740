"""The panel inside the record pages of the SAP Sales Cloud stand-in: a mashup, a code, a paired browser."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import BrowserContext, Page, expect

from app.models import Connection
from app.sandbox.sap_sales_cloud import create_app
from app.ui import passes
from tests.web.panels.conftest import Panel
from tests.web.panels.crms import Site, connected
from tests.web.panels.test_sap_sales_cloud import Mashup
from tests.web.panels.world import JANE

OTHER_SITE, SAME_SITE = "localhost", "127.0.0.1"  # of us, as a browser sees it from the stand-in's address


@pytest.fixture
def host() -> str:
    """A third party to the CRM, to which this browser gives neither cookies nor storage, but for parted cookies."""
    return OTHER_SITE


@pytest.fixture
def site(sqlite_url: str, host: str) -> Iterator[Site]:
    """A connected tenant whose administrator has authored the mashup."""
    with connected(sqlite_url, create_app, "sap-sales-cloud", host, username="sandbox") as site:
        with site.world.runtime.database.reading() as session:
            tenant = passes.tenant_of(session.get_one(Connection, site.connection.id))
        site.control("mashup", url=f"{site.panel_url}/panels/sap-sales-cloud?tenant={tenant}")
        yield site


@pytest.fixture
def customer(site: Site) -> str:
    """Somebody of the tenant who is our Jane."""
    found = str(site.records("IndividualCustomer")[0]["ObjectID"])
    site.world.link(site.connection, "customer", "42", "IndividualCustomer", found)
    return found


def code(site: Site) -> str:
    """What the administrator hands over."""
    return passes.invite(site.world.runtime, site.connection.id, "8000000001", "Mike").code


def shoot(page: Page, name: str) -> None:
    folder = os.environ.get("PANEL_SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


class TestAsked:
    """Records that our links do not know: the tenant is asked, once."""

    @pytest.fixture
    def mashup(self, site: Site) -> Mashup:
        return Mashup(site.world, site.connection)

    def test_a_linked_record_opens_without_asking(self, site: Site, mashup: Mashup, customer: str) -> None:
        device = mashup.pair()
        site.calls()
        assert mashup.open(device, customer).orders[0] == "114"
        assert site.calls() == []

    def test_a_ticket_is_its_buyers(self, site: Site, mashup: Mashup, customer: str) -> None:
        tickets = [row for row in site.records("ServiceRequest") if row["BuyerPartyID"]]
        buyers = {row["CustomerID"]: row["ObjectID"] for row in site.records("IndividualCustomer")}
        buyers |= {row["AccountID"]: row["ObjectID"] for row in site.records("CorporateAccount")}
        ticket = tickets[0]
        kind = "customer" if buyers[ticket["BuyerPartyID"]] == customer else "account"
        theirs = "IndividualCustomer" if kind == "customer" else "CorporateAccount"
        if kind == "account":
            site.world.link(site.connection, kind, "42", theirs, buyers[ticket["BuyerPartyID"]])
        device = mashup.pair()
        site.calls()
        assert mashup.open(device, ticket["ObjectID"], "ServiceRequest").orders[0] == "114"
        assert 1 <= len(site.calls()) <= 4
        assert mashup.open(device, ticket["ObjectID"], "ServiceRequest").orders[0] == "114"
        assert site.calls() == []

    def test_only_a_ticket_of_the_tenant_lets_support_search(self, site: Site, mashup: Mashup, customer: str) -> None:
        device, panel = mashup.pair(), Panel(site.world)
        mashup.open(device, site.records("ServiceRequest")[0]["ObjectID"], "ServiceRequest")
        assert panel.fetch(mashup.token, q=JANE.email).orders
        mashup.open(device, "00163E00000000000000000000000000", "ServiceRequest")
        assert panel.fetch(mashup.token, q=JANE.email).orders == []
        other = site.records("IndividualCustomer")[1]["ObjectID"]
        mashup.open(device, other, email=JANE.email)
        assert panel.fetch(mashup.token, q=JANE.email).orders == []

    def test_an_unlinked_person_is_found_by_the_tenants_own_address(self, site: Site, mashup: Mashup) -> None:
        row = site.records("IndividualCustomer")[0]
        with site.world.runtime.database.transaction() as session:
            session.connection().exec_driver_sql("UPDATE people SET email = ?", (row["Email"].lower(),))
        shown = mashup.open(mashup.pair(), row["ObjectID"])
        assert shown.orders[0] == "114" and "found by e-mail address" in shown.text

    def test_a_tenant_that_is_away_shows_nothing_unproved(self, site: Site, mashup: Mashup) -> None:
        ticket = site.records("ServiceRequest")[0]["ObjectID"]
        device = mashup.pair()
        requests.post(f"{site.url}/_sandbox/fail", json={"status": 503, "times": 9, "match": "/"}, timeout=10)
        assert mashup.open(device, ticket, "ServiceRequest").orders == []
        assert Panel(site.world).fetch(mashup.token, q="107").orders == []


@pytest.mark.browser
@pytest.mark.parametrize("host", [OTHER_SITE, SAME_SITE])
def test_a_browser_is_paired_once(site: Site, customer: str, context: BrowserContext, host: str) -> None:
    problems: list[str] = []
    sent: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: sent.append(request.url) if request.url.startswith(site.panel_url) else None)
    page.goto(f"{site.url}/IndividualCustomer/{customer}")
    panel = page.frame_locator("iframe")
    panel.locator("#code").fill("WRONG-CODE")
    panel.get_by_role("button", name="Open").click()
    expect(panel.locator("#notice")).to_contain_text("not valid")
    shoot(page, "sap-pairing")
    panel.locator("#code").fill(code(site).lower())
    panel.locator("#code").press("Enter")
    expect(panel.locator("li.order")).to_have_count(10)
    expect(panel.locator("#pairing")).to_be_hidden()
    panel.locator("text=Show more").click()
    expect(panel.locator("li.order")).to_have_count(15)
    shoot(page, "sap-wide")

    sent.clear()
    page.reload()
    expect(panel.locator("li.order")).to_have_count(10)
    assert len(sent) == 2  # the page and its data
    assert not any("email=" in url for url in sent[1:])
    kept = context.cookies()
    if host == SAME_SITE:  # where frames may store something there is no cookie at all
        assert kept == []
    for cookie in kept:
        assert cookie.get("partitionKey") and cookie["secure"] and cookie["httpOnly"]
        assert cookie["path"] == "/panels/sap-sales-cloud"
    assert problems == []


@pytest.mark.browser
def test_another_crms_frame_of_the_same_browser_is_not_paired(
    site: Site, customer: str, context: BrowserContext
) -> None:
    page = context.new_page()
    page.goto(f"{site.url}/IndividualCustomer/{customer}")
    panel = page.frame_locator("iframe")
    panel.locator("#code").fill(code(site))
    panel.locator("#code").press("Enter")
    expect(panel.locator("li.order")).to_have_count(10)
    frame = next(one for one in page.frames if one.url.startswith(site.panel_url))
    page.goto(frame.url)  # by itself, outside the CRM
    expect(page.locator("#code")).to_be_visible()


@pytest.mark.browser
def test_narrow_and_revoked(site: Site, customer: str, context: BrowserContext) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 1000})
    page.goto(f"{site.url}/IndividualCustomer/{customer}")
    panel = page.frame_locator("iframe")
    panel.locator("#code").fill(code(site))
    panel.locator("#code").press("Enter")
    expect(panel.locator("li.order")).to_have_count(10)
    frame = next(one for one in page.frames if one.url.startswith(site.panel_url))
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    shoot(page, "sap-narrow")
    with site.world.runtime.database.reading() as session:
        [held] = passes.listed(session, site.connection.id)
    passes.revoke(site.world.runtime, site.connection.id, held.id)
    page.reload()
    expect(panel.locator("#code")).to_be_visible()
    expect(panel.locator("#notice")).to_contain_text("may not open")
    assert panel.locator("li.order").count() == 0
    page.reload()
    expect(panel.locator("#code")).to_be_visible()
    expect(panel.locator("#notice")).to_be_hidden()  # the dead secret is forgotten


@pytest.mark.browser
def test_a_browser_that_keeps_nothing_for_frames_still_opens_it(
    site: Site, customer: str, context: BrowserContext
) -> None:
    page = context.new_page()
    page.goto(f"{site.url}/IndividualCustomer/{customer}")
    panel = page.frame_locator("iframe")
    expect(panel.locator("#code")).to_be_visible()
    page.route("**/sap-sales-cloud/pair", lambda route: route.fulfill(response=route.fetch(), headers={}))
    panel.locator("#code").fill(code(site))
    panel.locator("#code").press("Enter")
    expect(panel.locator("li.order")).to_have_count(10)
    expect(panel.locator("#forgetful")).to_be_visible()
