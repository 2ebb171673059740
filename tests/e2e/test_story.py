"""A merchant installs Storeline, an order reaches Salesforce, a rep sees it: in a browser, cross-site."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask, request
from playwright.sync_api import Browser, BrowserContext, FrameLocator, Page, expect

from app.demo.processes import Installation
from app.embedded import stop_redis
from bigcommerce_app import build as builder
from tests.browsing import ARGUMENTS, executable
from tests.web.panels.browsing import serve

pytestmark = pytest.mark.browser

OFFSET = 1100
TOKEN = {"X-Auth-Token": "sandbox-bc-token"}


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """All processes, nothing installed yet. The stand-ins are 127.0.0.1, the app is localhost: different sites."""
    builder.build()
    app = Installation.local(tmp_path_factory.mktemp("story"), OFFSET)
    app.start()
    yield app
    app.stop()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    fresh = browser.new_context(viewport={"width": 1280, "height": 900})
    yield fresh
    fresh.close()


def frame(page: Page) -> FrameLocator:
    """The app inside the control panel."""
    return page.frame_locator("iframe")


def place(app: Installation, **more: Any) -> dict[str, Any]:
    """An order by a shopper."""
    address = {
        "first_name": "Siân", "last_name": "O’Hara", "email": "sian@mail.example", "street_1": "1 Mill Lane",
        "city": "Cardiff", "state": "South Glamorgan", "zip": "CF10 1AA", "country": "United Kingdom",
        "country_iso2": "GB", "phone": "029 2018 0000",
    }  # fmt: skip
    body = {
        "customer_id": 0, "status_id": 11, "billing_address": address,
        "products": [{"name": "Blue teapot", "sku": "POT-9", "quantity": 2, "price_ex_tax": 20, "price_inc_tax": 24}],
        "shipping_cost_ex_tax": "5.00", "shipping_cost_inc_tax": "6.00", **more,
    }  # fmt: skip
    url = f"{app.url('bigcommerce')}/stores/sandbox1/v2/orders"
    placed: dict[str, Any] = requests.post(url, json=body, headers=TOKEN, timeout=30).json()
    return placed


def records(app: Installation, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = requests.get(f"{app.url('salesforce')}/_sandbox/records/{name}", timeout=30).json()
    return rows


def number_of(order: dict[str, Any]) -> str:
    """The store's number of an order in Salesforce, whose external id begins with the store."""
    return str(order["BC_Order_Id__c"]).removeprefix("sandbox1-")


def test_from_the_marketplace_to_the_reps_screen(installation: Installation, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{installation.url('bigcommerce')}/manage/app/4711")
    page.get_by_role("button", name=re.compile("install|confirm|accept", re.IGNORECASE)).first.click()
    app = frame(page)
    expect(app.get_by_role("heading", name="1. Connect Salesforce")).to_be_visible()
    with page.expect_popup() as opened:
        app.get_by_role("button", name="Connect Salesforce").click()
    consent = opened.value
    expect(consent.get_by_role("heading", name=re.compile("Connect Salesforce to"))).to_be_visible()
    consent.get_by_role("button", name="Continue to Salesforce").click()
    consent.get_by_role("button", name="Log In and Allow").click()
    expect(consent.get_by_role("heading", name=re.compile("connected", re.IGNORECASE))).to_be_visible()
    consent.close()
    expect(app.get_by_role("heading", name="2. Choose what to sync")).to_be_visible(timeout=30_000)
    app.get_by_role("button", name="Continue").click()
    app.get_by_role("button", name="Go live").click()
    expect(app.get_by_role("heading", name="Storeline is live")).to_be_visible()

    placed = place(installation)
    app.get_by_role("link", name="Activity").first.click()
    expect(app.get_by_text(f"Order {placed['id']}, Siân O’Hara")).to_be_visible(timeout=30_000)
    expect(app.get_by_text("Done", exact=True).first).to_be_visible(timeout=30_000)

    [order] = [row for row in records(installation, "Order") if number_of(row) == str(placed["id"])]
    assert Decimal(str(order["TotalAmount"])) == Decimal(placed["total_inc_tax"]) == Decimal("54.00")
    assert order["Status"] == "Activated"

    for kind, record in (("Account", order["AccountId"]), ("Contact", order["BillToContactId"])):
        page.goto(f"{installation.url('salesforce')}/lightning/r/{kind}/{record}/view")
        panel = frame(page)
        expect(panel.get_by_text(f"#{placed['id']}")).to_be_visible()
        expect(panel.get_by_text("£54.00").first).to_be_visible()

    cookies = [cookie for cookie in context.cookies() if "localhost" in str(cookie["domain"])]
    assert [cookie["sameSite"] for cookie in cookies] in ([], ["Lax"])  # the connect tab's own, never a frame's


def test_a_support_agent_sees_the_purchase_from_a_case(installation: Installation, context: BrowserContext) -> None:
    order = records(installation, "Order")[-1]
    case = {"Subject": "Lid is broken", "ContactId": order["BillToContactId"], "Origin": "Phone", "Status": "New"}
    token = requests.post(
        f"{installation.url('salesforce')}/services/oauth2/token",
        data={
            "grant_type": "password", "client_id": "sandbox-client", "client_secret": "sandbox-secret",
            "username": "admin@sandbox.example", "password": "sandbox-password",
        },
        timeout=30,
    ).json()["access_token"]  # fmt: skip
    made = requests.post(
        f"{installation.url('salesforce')}/services/data/v66.0/sobjects/Case",
        json=case, headers={"Authorization": f"Bearer {token}"}, timeout=30,
    ).json()  # fmt: skip
    page = context.new_page()
    page.goto(f"{installation.url('salesforce')}/lightning/r/Case/{made['id']}/view")
    panel = frame(page)
    number = panel.get_by_text(f"#{number_of(order)}")
    expect(number).to_be_visible()
    number.click()
    expect(panel.get_by_text("Blue teapot")).to_be_visible()
    assert context.cookies() == []


def test_a_killed_worker_and_a_lost_redis_delay_and_lose_nothing(installation: Installation) -> None:
    placed = [place(installation) for _ in range(3)]
    installation.process("worker").kill()
    installation.process("clock").kill()
    stop_redis(installation.settings.state_dir)
    placed += [place(installation) for _ in range(3)]
    wanted = {str(order["id"]) for order in placed}
    for _ in range(240):
        arrived = {number_of(row) for row in records(installation, "Order") if row["Status"] == "Activated"}
        if wanted <= arrived:
            break
        time.sleep(0.5)
    orders = [number_of(row) for row in records(installation, "Order")]
    assert wanted <= set(orders)
    assert len(orders) == len(set(orders))


def test_staff_may_come_in_and_a_removed_one_may_not(installation: Installation) -> None:
    store = installation.url("bigcommerce")
    users = requests.get(f"{store}/_sandbox/records/users", timeout=10).json()
    staff = next(user for user in users if user["role"] != "owner")
    url = requests.get(f"{store}/_sandbox/load_url?user={staff['id']}", timeout=10).json()["url"]
    assert requests.get(url, timeout=30).status_code == 200
    requests.post(f"{store}/_sandbox/remove_user", json={"user_id": staff["id"]}, timeout=30).raise_for_status()
    assert requests.get(url, timeout=30).status_code == 401


@pytest.fixture
def cookie_sites() -> Iterator[tuple[str, str]]:
    """A site that sets a cookie fit for frames, and another one that frames it.

    On localhost, as the app: there alone a browser takes a Secure cookie over http.
    """
    inner, outer = Flask("inner"), Flask("outer")

    @inner.get("/")
    def page() -> Any:
        answer = inner.make_response(f"<p>cookies: {sorted(request.cookies)}</p><a href='/'>again</a>")
        answer.headers.add("Set-Cookie", "cross=1; SameSite=None; Secure")
        return answer

    inner_server = serve(inner)
    inside = f"http://localhost:{inner_server.server_port}/"
    outer.add_url_rule("/", view_func=lambda: f"<iframe src='{inside}'></iframe>")
    outer_server = serve(outer)
    yield inside, f"http://127.0.0.1:{outer_server.server_port}/"
    inner_server.shutdown()
    outer_server.shutdown()


def test_our_browser_really_blocks_third_party_cookies(
    browser: Browser, context: BrowserContext, cookie_sites: tuple[str, str], tmp_path: Path
) -> None:
    """What makes the tests above mean something; the cookie itself is good, and another profile gets it back."""
    inside, outside = cookie_sites
    direct = context.new_page()
    direct.goto(inside)
    direct.get_by_role("link", name="again").click()
    expect(direct.get_by_text("cookies: ['cross']")).to_be_visible()
    _expect_framed(context, outside, "cookies: []")  # though it has been set by now

    (tmp_path / "Default").mkdir()
    allowing = {"profile": {"cookie_controls_mode": 0, "block_third_party_cookies": False}}
    (tmp_path / "Default" / "Preferences").write_text(json.dumps(allowing))
    plain = [argument for argument in ARGUMENTS if "cookie" not in argument]
    profile = browser.browser_type.launch_persistent_context(
        tmp_path, executable_path=executable(), headless=True, args=plain
    )
    _expect_framed(profile, outside, "cookies: ['cross']")
    profile.close()


def _expect_framed(context: BrowserContext, outside: str, words: str) -> None:
    """What the framed site gets back on its second page."""
    page = context.new_page()
    page.goto(outside)
    frame(page).get_by_role("link", name="again").click()
    expect(frame(page).locator("p")).to_have_text(words)
