"""Home, lists and record pages, and the dashlet in a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from app.sandbox.sugarcrm import create_app
from tests.sandbox.conftest import Serve
from tests.sandbox.sugarcrm.conftest import LOGIN, REST, Client
from tests.sandbox.sugarcrm.receiver import Receiver
from tests.sandbox.sugarcrm.test_packages import archive


def text(client: Client, path: str) -> str:
    answer = client.http.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_home_and_lists(demo: Client) -> None:
    home = text(demo, "/")
    for module in ("Accounts", "Contacts", "Opportunities", "Cases", "Leads", "Quotes", "RevenueLineItems"):
        assert f'href="/modules/{module}"' in home
        assert "Stoneware" in text(demo, "/modules/ProductTemplates")
        text(demo, f"/modules/{module}")
    for n in range(30):
        demo.create("Accounts", name=f"Bulk {n}")
    assert text(demo, "/modules/Accounts").count("Bulk") == 25
    assert "Fjord &amp; Pine" in text(demo, "/modules/Accounts?page=2")
    assert demo.http.get("/modules/Nonsense").status_code == 404


def test_a_record_page(demo: Client) -> None:
    account = next(a for a in demo.stored("Accounts") if a["name"] == "Harbour Lane Gifts")
    demo.control("fields", module="Accounts", name="shop_c", type="varchar")
    demo.update("Accounts", account["id"], shop_c="store-7", tag=["VIP"])
    page = text(demo, f"/modules/Accounts/{account['id']}")
    for words in (
        "info@harbourlane.example",
        "Olivia Marsh",
        "Spring window display",
        "Parcel arrived",
        "store-7",
        "VIP",
    ):
        assert words in page
    assert "$238.80" in page
    assert "not installed" in page
    for module in ("Contacts", "Opportunities", "Cases"):
        text(demo, f"/modules/{module}/{demo.stored(module)[0]['id']}")
    assert demo.http.get("/modules/Accounts/nope").status_code == 404
    assert demo.http.get(f"/modules/Leads/{demo.stored('Leads')[0]['id']}").status_code == 404


def test_pages_show_what_the_user_may_see(demo: Client) -> None:
    hidden = demo.create("Accounts", name="Hidden", team_name=[{"id": "team_admin", "primary": True}])
    assert "Hidden" in text(demo, "/modules/Accounts")
    assert "Hidden" not in text(demo, "/modules/Accounts?user=sally")
    assert demo.http.get(f"/modules/Accounts/{hidden['id']}?user=sally").status_code == 404


def test_the_content_security_policy(demo: Client) -> None:
    def policy() -> str:
        return demo.http.get("/").headers["Content-Security-Policy"]

    assert policy() == "frame-src 'self' http://localhost:8000"
    demo.control("settings", csp_hosts=["https://a.example", "https://b.example"])
    assert policy() == "frame-src 'self' https://a.example https://b.example"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A browser page whose clock the test moves."""
    context = browser.new_context()
    context.clock.install()
    yield context.new_page()
    context.close()


@pytest.fixture
def site(serve: Serve, receiver: Receiver) -> tuple[str, str]:
    """A served instance with our package, and the path of a record page."""
    base = serve(create_app, seed="demo", app_url=receiver.url)
    login = requests.post(
        f"{base}{REST}/oauth2/token", json={**LOGIN, "username": "admin", "platform": "api"}, timeout=10
    )
    headers = {"OAuth-Token": login.json()["access_token"]}
    sent = {"upgrade_zip": archive(receiver.url)}
    packages = f"{base}{REST}/Administration/packages"
    staged = requests.post(packages, files=sent, headers=headers, timeout=10).json()
    requests.get(f"{packages}/{staged['file_install']}/install", headers=headers, timeout=10).raise_for_status()
    account = requests.get(f"{base}/_sandbox/records/Accounts", timeout=10).json()[0]
    return base, f"{base}/modules/Accounts/{account['id']}"


@pytest.mark.browser
def test_the_dashlet_frames_the_panel(page: Page, site: tuple[str, str], receiver: Receiver) -> None:
    receiver.answer = (200, {"url": f"{receiver.url}/ready"})
    page.goto(f"{site[1]}?user=max")
    expect(page.frame_locator("#storeline").locator("h1")).to_have_text("The panel")
    page.clock.fast_forward(20_000)
    expect(page.locator("#storeline-words")).to_be_hidden()
    assert receiver.got[0]["body"]["user_name"] == "max"
    page.select_option("#user", "sally")
    page.click("text=Switch")
    expect(page.frame_locator("#storeline").locator("h1")).to_have_text("The panel")
    assert receiver.got[-1]["body"]["user_name"] == "sally"


@pytest.mark.browser
def test_the_dashlet_says_what_is_wrong(page: Page, site: tuple[str, str], receiver: Receiver) -> None:
    base, record = site
    receiver.answer = (403, {"detail": "This instance is not connected"})
    page.goto(record)
    expect(page.locator("#storeline-words")).to_have_text(
        re.compile("could not be opened: This instance is not connected")
    )
    receiver.answer = (200, {"url": f"{receiver.url}/silent"})
    page.goto(record)
    expect(page.frame_locator("#storeline").locator("h1")).to_have_text("Silence")
    expect(page.locator("#storeline-words")).to_be_hidden()
    page.clock.fast_forward(9000)
    expect(page.locator("#storeline-words")).to_have_text(re.compile("silent for 8 seconds"))
    requests.post(f"{base}/_sandbox/settings", json={"csp_hosts": []}, timeout=10).raise_for_status()
    receiver.answer = (200, {"url": f"{receiver.url}/ready"})
    page.goto(record)
    page.wait_for_function("document.querySelector('#storeline').src")
    page.clock.fast_forward(9000)
    expect(page.locator("#storeline-words")).to_have_text(re.compile(re.escape(receiver.url)))
