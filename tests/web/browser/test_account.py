"""The settings of one account in a browser: switches, who wins, owners, storefronts, the way back, the panel."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.connectors.registry import VENDORS
from app.models import Connection, PanelPass
from app.sandbox.sap_sales_cloud import create_app
from app.sync import accounts
from tests.sandbox.conftest import serving
from tests.web.browser.conftest import Screen, Site

pytestmark = pytest.mark.browser


@pytest.fixture
def connection(site: Site) -> Connection:
    """A live account."""
    return site.world.connection(site.store)


@pytest.fixture(scope="module")
def tenant() -> Iterator[str]:
    """A stand-in of a CRM that is signed in to by a form."""
    with serving(create_app, seed="demo") as url:
        yield url


@pytest.fixture
def signed_in(site: Site, tenant: str) -> Connection:
    """An account of it."""
    form = {"url": tenant, "username": "sandbox", "password": "sandbox-password"}
    connected = accounts.sign_in(
        site.world.runtime, site.store.id, VENDORS["sap-sales-cloud"], "production", form
    )  # fmt: skip
    found = site.world.get(Connection, connected.connection_id)
    assert isinstance(found, Connection)
    return found


def kept(site: Site, connection: Connection) -> Connection:
    """The account as it is stored now."""
    found = site.world.get(Connection, connection.id)
    assert isinstance(found, Connection)
    return found


def save(page: Page) -> None:
    """Press Save and wait for it."""
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()


def test_switches_by_direction_and_keyboard(screen: Screen, site: Site, connection: Connection) -> None:
    page = screen.open(f"/connections/{connection.id}")
    expect(page.get_by_role("heading", name="To Salesforce")).to_be_visible()
    expect(page.get_by_role("heading", name="Back to BigCommerce")).to_be_visible()
    switch = page.get_by_role("switch", name="Orders", exact=True)
    expect(switch).to_be_checked()
    switch.focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    expect(switch).not_to_be_checked()
    expect(switch).to_be_focused()
    assert kept(site, connection).switches == {"orders": False}
    assert screen.axe() == []
    assert screen.layout_shift() <= 0.1


def test_a_switch_that_could_not_be_saved_goes_back(screen: Screen, site: Site, connection: Connection) -> None:
    page = screen.open(f"/connections/{connection.id}/sync")
    switch = page.get_by_role("switch", name="Orders", exact=True)
    expect(switch).to_be_checked()
    back = screen.cut_off()
    switch.focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("Storeline cannot be reached right now.", exact=True)).to_be_visible()
    expect(switch).to_be_checked()
    back()
    assert kept(site, connection).switches == {}


def test_who_wins(screen: Screen, site: Site, connection: Connection) -> None:
    page = screen.open(f"/connections/{connection.id}/rules")
    expect(page.get_by_text("nobody wins until you decide")).to_be_visible()
    everything = page.get_by_role("combobox", name="People: all fields")
    phone = page.get_by_role("combobox", name="People: Phone")
    expect(phone.locator("option:checked")).to_have_text("As all (Both sides)")
    everything.select_option(label="Salesforce")
    expect(phone.locator("option:checked")).to_have_text("As all (Salesforce)")
    phone.select_option(label="The latest edit")
    assert screen.axe() == []
    save(page)
    assert kept(site, connection).rules == {"customer": {"*": "crm", "phone": "latest"}}
    screen.open(f"/connections/{connection.id}/rules")
    expect(everything.locator("option:checked")).to_have_text("Salesforce")
    expect(page.get_by_text("Salesforce, 1 of their own")).to_be_visible()
    phone.select_option(label="As all (Salesforce)")
    everything.select_option(label="BigCommerce")
    page.get_by_role("button", name="Discard changes").click()
    expect(phone.locator("option:checked")).to_have_text("The latest edit")
    assert kept(site, connection).rules == {"customer": {"*": "crm", "phone": "latest"}}


def test_what_does_not_travel_says_why(screen: Screen, site: Site) -> None:
    connection = site.world.connection(site.store, switches={"stock_edits": True})
    page = screen.open(f"/connections/{connection.id}/rules")
    page.get_by_text("Orders · not carried back").click()
    status = page.get_by_role("combobox", name="Orders: Status")
    expect(status).to_be_disabled()
    expect(status).to_have_accessible_description(
        "Off: edits are not carried back to the store, so BigCommerce’s value stands. "
        "Switch on “Edits of orders” under “What is synced”."
    )
    page.get_by_role("heading", name="Products").click()
    expect(page.get_by_role("combobox", name="Products: Stock")).to_be_enabled()
    expect(page.get_by_role("combobox", name="Products: Price")).to_be_disabled()
    expect(page.get_by_role("row").filter(has_text="Price")).to_contain_text("Switch on “Edits of products”")
    assert screen.axe() == []


def test_owners(screen: Screen, site: Site, signed_in: Connection) -> None:
    page = screen.open(f"/connections/{signed_in.id}/owners")
    expect(page.get_by_text("There is no rule yet")).to_be_visible()
    add = page.get_by_role("button", name="Add a rule")
    add.click()
    first = page.get_by_role("listitem", name="Rule 1")
    expect(first.get_by_role("combobox", name="For")).to_be_focused()
    page.get_by_role("button", name="Save").click()
    expect(first.get_by_text("Choose at least one user.")).to_be_visible()
    expect(first.get_by_role("searchbox")).to_be_focused()
    assert kept(site, signed_in).owners == []

    first.get_by_role("combobox", name="For").select_option(label="Opportunities")
    first.get_by_label("Only from these countries").fill("gb, de")
    first.get_by_label("Only these customer groups").fill("Wholesale buyers; Partners")
    first.get_by_label("Only from this amount").fill("a lot")
    choices = first.get_by_role("button", name="Add ")
    names = [str(name).removeprefix("Add").strip() for name in choices.all_inner_texts()][:2]
    for name in names:
        first.get_by_role("searchbox").fill(name)
        first.get_by_role("searchbox").press("Enter")
    expect(first.get_by_text("Owners, who take turns")).to_be_visible()
    assert screen.axe() == []
    page.get_by_role("button", name="Save").click()
    expect(first.get_by_text("Not an amount, such as 100.00.")).to_be_visible()
    expect(first.get_by_label("Only from this amount")).to_be_focused()
    first.get_by_label("Only from this amount").fill("100.50")
    save(page)
    [rule] = kept(site, signed_in).owners
    assert len(rule["owners"]) == len(set(rule["owners"])) == 2
    assert {name: rule[name] for name in ("object", "countries", "groups", "at_least")} == {
        "object": "opportunity", "countries": ["GB", "DE"], "groups": ["Wholesale buyers", "Partners"],
        "at_least": "100.50",
    }  # fmt: skip

    add.click()
    second = page.get_by_role("listitem", name="Rule 2")
    second.get_by_role("button", name="Add ").first.click()
    second.get_by_role("button", name="Up Rule 2").press("Enter")
    expect(page.get_by_role("button", name="Down Rule 1")).to_be_focused()  # there is no further up
    save(page)
    assert [rule["object"] for rule in kept(site, signed_in).owners] == ["*", "opportunity"]
    expect(page.get_by_role("listitem", name="Rule 2").get_by_label("Only from these countries")).to_have_value(
        "GB, DE"
    )
    page.get_by_role("button", name="Remove Rule 1").click()
    save(page)
    assert [rule["object"] for rule in kept(site, signed_in).owners] == ["opportunity"]


def test_owners_of_an_account_that_does_not_answer(screen: Screen, site: Site, connection: Connection) -> None:
    connection.owners = [{"object": "*", "countries": [], "groups": [], "at_least": "", "owners": ["005A"]}]
    with site.world.runtime.database.transaction() as session:
        session.merge(connection)
    page = screen.open(f"/connections/{connection.id}/owners")
    expect(page.get_by_text("could not be loaded: This account is not connected.")).to_be_visible()
    expect(page.get_by_role("button", name="Remove 005A")).to_be_visible()
    assert screen.axe() == []


def test_storefronts(screen: Screen, site: Site, connection: Connection) -> None:
    page = screen.open(f"/connections/{connection.id}/storefronts")
    expect(page.get_by_text("Empty means all")).to_be_visible()
    channels = page.get_by_label("Channels")
    channels.fill("1, shop")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("“shop” is not the number of a channel.")).to_be_visible()
    expect(channels).to_be_focused()
    channels.fill("1, 1037, 1")
    expect(page.get_by_text("channels 1, 1037 go to Salesforce")).to_be_visible()
    assert screen.axe() == []
    save(page)
    assert kept(site, connection).channels == ["1", "1037"]


def test_the_address_for_notices_can_be_copied(screen: Screen, site: Site, signed_in: Connection) -> None:
    page = screen.open(f"/connections/{signed_in.id}/sync")
    address = page.get_by_label("Address")
    url = address.input_value()
    assert "/webhooks/sap-sales-cloud/" in url
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_text("Copied", exact=True)).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == url
    assert screen.axe() == []


def test_passes_for_the_panel(screen: Screen, site: Site, signed_in: Connection) -> None:
    page = screen.open(f"/connections/{signed_in.id}/panel")
    expect(page.get_by_text("Nobody yet.")).to_be_visible()
    person = page.get_by_role("button", name="Make a code for").first
    name = person.inner_text().removeprefix("Make a code for").strip()
    person.click()
    dialog = page.get_by_role("dialog", name=f"Code for {name}")
    code = dialog.get_by_label("One-time code").inner_text()
    assert len(code) >= 8
    assert screen.axe() == []
    dialog.get_by_role("button", name="Done").click()
    expect(dialog).to_be_hidden()
    assert code not in page.content()
    row = page.get_by_role("list", name="Who may open the panel").get_by_role("listitem").filter(has_text=name)
    expect(row).to_contain_text("Code not used yet")
    with site.world.runtime.database.reading() as session:
        [made] = session.scalars(select(PanelPass)).all()
    assert made.user_name == name
    assert made.code_hash != code
    assert screen.axe() == []
    row.get_by_role("button", name=f"Revoke {name}").click()
    page.get_by_role("dialog", name=f"Revoke {name}?").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("Nobody yet.")).to_be_visible()
    assert site.world.get(PanelPass, made.id) is None
    address = f"/panels/sap-sales-cloud?tenant={site.store.store_hash}.{signed_in.id}"
    expect(page.get_by_label("Address of the mashup")).to_have_value(
        f"{site.world.runtime.settings.public_url}{address}"
    )


def test_the_package_for_the_panel(screen: Screen, site: Site, tmp_path: Path) -> None:
    connection = site.world.connection(
        site.store,
        vendor="sugarcrm",
        account_name="acme.sugarondemand.com",
        instance_url="https://acme.sugarondemand.com",
    )
    page = screen.open(f"/connections/{connection.id}/panel")
    expect(page.get_by_label("Host to add")).to_have_value(site.url)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the package").press("Enter")
    assert download.value.suggested_filename == "storeline-sugarcrm.zip"
    download.value.save_as(tmp_path / "package.zip")
    assert "manifest.php" in zipfile.ZipFile(tmp_path / "package.zip").namelist()
    expect(page.get_by_text("Downloaded", exact=True)).to_be_visible()
    assert screen.axe() == []
    page.route("**/package", lambda route: route.abort("connectionrefused"))
    page.get_by_role("button", name="Download the package").click()
    expect(page.get_by_text("Storeline cannot be reached right now.").first).to_be_visible()


def test_the_panel_of_a_crm_that_signs_its_launches(screen: Screen, connection: Connection) -> None:
    page = screen.open(f"/connections/{connection.id}/panel")
    expect(page.get_by_text("is a part of the Storeline app in Salesforce")).to_be_visible()


def test_an_account_that_is_gone(screen: Screen, connection: Connection) -> None:
    page = screen.open("/connections/4711/owners")
    expect(page.get_by_role("heading", name="Nothing is connected here")).to_be_visible()
    page.get_by_role("link", name="All connections").click()
    expect(page.get_by_role("link", name="Settings of Salesforce")).to_be_visible()


def test_terms_that_cannot_be_loaded(screen: Screen, connection: Connection) -> None:
    screen.page.route("**/terms", lambda route: route.abort("connectionrefused"))
    page = screen.open(f"/connections/{connection.id}/rules")
    expect(page.get_by_role("heading", name="This could not be loaded")).to_be_visible()
    assert screen.axe() == []
    page.unroute("**/terms")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("combobox", name="People: Phone")).to_be_visible()


@pytest.mark.parametrize("section", ["sync", "rules", "owners", "storefronts", "panel"])
def test_at_360_pixels(phone: Screen, site: Site, signed_in: Connection, section: str) -> None:
    page = phone.open(f"/connections/{signed_in.id}/{section}")
    expect(page.get_by_role("navigation", name="Settings of SAP Sales Cloud")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Loading")).to_have_count(0)
    if section == "owners":
        page.get_by_role("button", name="Add a rule").click()
        page.get_by_role("button", name="Add ").last.click()
    assert phone.overflow() <= 0
    assert phone.axe() == []
    assert phone.layout_shift() <= 0.1
