"""The panel inside the record pages of the SugarCRM stand-in, by way of the installed package."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import BrowserContext, expect

from app.sandbox.sugarcrm import create_app
from app.sync import connections
from crm_widgets.sugarcrm_package import package
from tests.web.panels.conftest import Shown
from tests.web.panels.crms import PASSWORD, Site, connected
from tests.web.panels.world import JANE, order

REST = "/rest/v11_24"


@pytest.fixture
def site(sqlite_url: str) -> Iterator[Site]:
    """A connected instance."""
    with connected(sqlite_url, create_app, "sugarcrm", username="admin", client_id="sugar") as site:
        yield site


def headers(site: Site, user: str = "admin") -> dict[str, str]:
    """Somebody of the instance, signed in."""
    form = {"grant_type": "password", "client_id": "sugar", "client_secret": "", "platform": "base"}
    body = {**form, "username": user, "password": PASSWORD}
    answer = requests.post(f"{site.url}{REST}/oauth2/token", json=body, timeout=10)
    return {"OAuth-Token": str(answer.json()["access_token"])}


@pytest.fixture
def installed(site: Site) -> Site:
    """Our package uploaded and installed as an administrator does it."""
    signed_in = headers(site)
    content = package(site.world.runtime, site.connection.id)
    base = f"{site.url}{REST}/Administration/packages"
    sent = requests.post(base, files={"upgrade_zip": ("storeline.zip", content)}, headers=signed_in, timeout=10)
    assert sent.ok, sent.text
    assert requests.get(f"{base}/{sent.json()['file_install']}/install", headers=signed_in, timeout=10).ok
    site.calls()
    return site


def launch(site: Site, module: str, record_id: str, user: str = "admin") -> requests.Response:
    """What the dashlet asks its own Sugar for."""
    url = f"{site.url}{REST}/Storeline/launch/{module}/{record_id}"
    return requests.get(url, headers=headers(site, user), timeout=10)


def opened(site: Site, module: str, record_id: str) -> Shown:
    """The panel as the frame gets it."""
    answer = launch(site, module, record_id)
    assert answer.status_code == 200, answer.text
    path = answer.json()["url"].removeprefix(site.panel_url)
    return Shown(site.world.app.test_client().get(path))


def make(site: Site, module: str, **values: Any) -> str:
    """A record that somebody there makes."""
    answer = requests.post(f"{site.url}{REST}/{module}", json=values, headers=headers(site), timeout=10)
    return str(answer.json()["id"])


def asked(site: Site) -> list[str]:
    """What we asked the instance since the last look; the dashlet's own calls are others."""
    return [call for call in site.calls() if "/v11_10/" in call]


def test_a_linked_contact_opens_without_asking_the_instance(installed: Site) -> None:
    contact = installed.records("Contacts")[0]["id"]
    installed.world.link(installed.connection, "customer", "42", "Contacts", contact)
    installed.calls()
    shown = opened(installed, "Contacts", contact)
    assert shown.orders[0] == "114" and len(shown.orders) == 10
    assert asked(installed) == []


def test_a_case_is_its_contacts_and_asked_for_once(installed: Site) -> None:
    account = installed.records("Accounts")[0]["id"]
    contact = installed.records("Contacts")[0]["id"]
    case = make(installed, "Cases", name="Broken", account_id=account, primary_contact_id=contact)
    installed.world.link(installed.connection, "customer", "42", "Contacts", contact)
    installed.calls()
    assert opened(installed, "Cases", case).orders[0] == "114"
    assert len(asked(installed)) > 0
    shown = opened(installed, "Cases", case)
    assert shown.orders[0] == "114" and asked(installed) == []
    assert "e-mail" in shown.html  # its agent may search


def test_an_unlinked_contact_is_found_by_address(installed: Site) -> None:
    contact = make(installed, "Contacts", last_name="Jane", email=[{"email_address": JANE.email.upper()}])
    shown = opened(installed, "Contacts", contact)
    assert shown.orders[0] == "114" and "found by e-mail address" in shown.text


def test_an_instance_that_is_slow_keeps_nobody_waiting(installed: Site) -> None:
    contact = make(installed, "Contacts", last_name="Jane", email=[{"email_address": JANE.email}])
    installed.control("fail", kind="timeout", times=1, match="/v11_10/bulk", seconds=4)
    assert opened(installed, "Contacts", contact).orders == []


def test_a_record_that_the_user_may_not_see_has_no_panel(installed: Site) -> None:
    assert launch(installed, "Contacts", "no-such-record").status_code == 404


def test_after_disconnecting_the_installed_package_opens_nothing(installed: Site) -> None:
    contact = installed.records("Contacts")[0]["id"]
    connections.disconnect(installed.world.runtime, installed.connection.id)
    answer = launch(installed, "Contacts", contact)
    assert answer.status_code == 401 and "package" in answer.json()["error_message"]


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_record_page_frames_the_panel(installed: Site, context: BrowserContext, width: int) -> None:
    contact = installed.records("Contacts")[0]["id"]
    installed.world.link(installed.connection, "customer", "42", "Contacts", contact)
    problems: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.set_viewport_size({"width": width, "height": 1000})
    page.goto(f"{installed.url}/modules/Contacts/{contact}")
    panel = page.frame_locator("#storeline")
    expect(panel.locator("li.order")).to_have_count(10)
    panel.locator("text=Show more").click()
    expect(panel.locator("li.order")).to_have_count(15)
    frame = next(one for one in page.frames if one.url.startswith(installed.panel_url))
    assert frame.evaluate("location.href") == f"{installed.panel_url}/panels/sugarcrm"  # the token is gone from it
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert [cookie for cookie in context.cookies() if cookie["domain"] == "localhost"] == []
    expect(page.locator("#storeline-words")).to_be_hidden()
    assert problems == []
    folder = os.environ.get("PANEL_SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/sugarcrm-{width}.png", full_page=True)


@pytest.mark.browser
def test_search_on_a_case_finds_anybodys_order(installed: Site, context: BrowserContext) -> None:
    case = installed.records("Cases")[0]["id"]
    page = context.new_page()
    page.goto(f"{installed.url}/modules/Cases/{case}")
    panel = page.frame_locator("#storeline")
    panel.locator("#q").fill("107")
    expect(panel.locator("li.order")).to_have_count(1)
    assert panel.locator("li.order").get_attribute("data-order") == order(107).id


@pytest.mark.browser
def test_without_the_package_the_page_says_so(site: Site, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{site.url}/modules/Contacts/{site.records('Contacts')[0]['id']}")
    expect(page.locator("aside")).to_contain_text("not installed")
