"""The panel as people meet it: in a frame on the CRM's site, in a browser that blocks third-party cookies."""

from __future__ import annotations

import html
import os
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import jwt
import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Error, Frame, Page, expect

from app.domain import Customer, Refund
from app.domain.order import Stage
from tests.web.panels import world as worlds
from tests.web.panels.browsing import serve
from tests.web.panels.world import CONTACT, JANE, START, World, guest, line, order

CRM = "acme.crm.test"  # another site than the panel's, both of them on this machine
US = "panel.storeline.test"
CASE = "500xx000004TmiQAAS"

pytestmark = pytest.mark.browser


def record_page(panel_port: int, signed_request: str, width: int) -> str:
    """A CRM's record page, which posts the signed request into a frame as Canvas does."""
    return f"""<!doctype html><title>Record</title><link rel="icon" href="data:,">
    <body style="margin:0;background:#b0c4df">
    <iframe name="panel" title="panel" style="width:{width}px;height:900px;border:0"></iframe>
    <form method="post" target="panel" action="http://{US}:{panel_port}/panels/salesforce">
    <input type="hidden" name="signed_request" value="{html.escape(signed_request)}"></form>
    <script>document.forms[0].submit()</script>"""


class Crm:
    """A CRM's site on another host, and a browser in front of it."""

    def __init__(self, world: World, page: Page, panel_port: int, crm_port: int) -> None:
        self.world, self.page = world, page
        self.panel_port, self.crm_port = panel_port, crm_port
        self.shown = ""
        self.requests: list[str] = []
        self.problems: list[str] = []
        page.on("request", lambda request: self.requests.append(f"{request.method} {request.url}"))
        page.on("pageerror", lambda error: self.problems.append(str(error)))
        page.on("console", lambda message: self.problems.append(message.text) if message.type == "error" else None)

    def open(self, width: int = 1000, **content: Any) -> Frame:
        """Go to a record; the frame with the panel."""
        return self.open_signed(worlds.sign(worlds.content(**content)), width)

    def open_signed(self, signed_request: str, width: int = 1000) -> Frame:
        """Likewise, with any signed request."""
        self.shown = record_page(self.panel_port, signed_request, width)
        self.requests.clear()
        self.page.goto(f"http://{CRM}:{self.crm_port}/record")
        frame = self.page.frame(name="panel")
        assert frame is not None
        frame.wait_for_selector("main.panel")
        return frame

    def shoot(self, name: str) -> None:
        """A screenshot, where somebody asked for them."""
        folder = os.environ.get("PANEL_SCREENSHOTS")
        if folder:
            self.page.screenshot(path=f"{folder}/{name}.png")


@pytest.fixture
def crm(sqlite_url: str, context: BrowserContext) -> Iterator[Crm]:
    """The CRM's site and ours, each on its own host and port."""
    site = Flask("crm")
    crm_server = serve(site)
    # The frame's policy must name the CRM's port, which is known only now.
    ancestors = f"http://{CRM}:{crm_server.port}"
    world = worlds.build(sqlite_url, salesforce_frame_ancestors=ancestors)
    panel_server = serve(world.app)
    crm = Crm(world, context.new_page(), panel_server.port, crm_server.port)
    site.add_url_rule("/record", view_func=lambda: crm.shown)
    yield crm
    for server in (panel_server, crm_server):
        server.shutdown()
        server.server_close()
    world.runtime.database.close()


@pytest.fixture
def shop(crm: Crm) -> Crm:
    """A store with a good customer, and somebody else's order."""
    store = crm.world.store("The Gift Shop")
    crm.world.person(store, JANE)
    crm.world.link(crm.world.connection(store), "customer", "42", "Contact", CONTACT)
    many = [line(f"Glass bauble, hand painted, number {n}", f"BAUBLE-{n:03}", n, "7.50", n) for n in range(1, 31)]
    crm.world.orders(
        store,
        *(order(1000 + n) for n in range(22)),
        order(1030, lines=many, status="Completed"),
        order(1031, stage=Stage.PENDING, status="Awaiting Payment"),
        order(1032, stage=Stage.CANCELLED, status="Cancelled"),
        order(
            1033, status="Partially Refunded", lines=[line("WHITE HANGING HEART T-LIGHT HOLDER", "85123A", 6, "15.30")],
            total=Decimal("20.30"), refunds=(Refund("1", Decimal("5.10"), START, "Arrived broken"),),
        ),
        order(2000, guest("else@example.com", "Elsa")),
    )  # fmt: skip
    return crm


def numbers(frame: Frame) -> list[str]:
    """The order numbers in the panel."""
    return [str(row.get_attribute("data-order")) for row in frame.query_selector_all("li.order")]


def test_first_page_is_one_request_and_no_cookie(shop: Crm, context: BrowserContext) -> None:
    frame = shop.open()
    assert numbers(frame)[:2] == ["1033", "1032"] and len(numbers(frame)) == 10
    assert [r for r in shop.requests if US in r] == [f"POST http://{US}:{shop.panel_port}/panels/salesforce"]
    assert context.cookies() == []
    assert frame.evaluate("getComputedStyle(document.querySelector('.icon')).borderRadius") == "4px"
    shop.shoot("wide")
    assert shop.problems == []


def test_more_search_and_whole_orders(shop: Crm) -> None:
    frame = shop.open()
    frame.click("text=Show more")
    expect(frame.locator("li.order")).to_have_count(20)
    assert frame.evaluate("document.activeElement.closest('li').dataset.order") == numbers(frame)[10]
    frame.click("text=Show more")
    expect(frame.locator("li.order")).to_have_count(26)
    assert frame.query_selector("text=Show more") is None
    assert len(set(numbers(frame))) == 26

    frame.fill("#q", "bauble-030")
    expect(frame.locator("li.order")).to_have_count(1)
    assert numbers(frame) == ["1030"]
    frame.click("summary")
    frame.click("text=Show all 30 items")
    frame.wait_for_selector("text=BAUBLE-030")
    shop.shoot("whole")
    frame.fill("#q", "nothing of that name")
    frame.wait_for_selector("text=Nothing found")
    shop.shoot("nothing-found")
    frame.fill("#q", "")
    expect(frame.locator("li.order")).to_have_count(10)
    assert shop.problems == []


def test_keyboard_alone(shop: Crm) -> None:
    frame = shop.open()
    frame.focus("#q")
    shop.page.keyboard.press("Tab")
    shop.page.keyboard.press("Enter")
    assert frame.evaluate("document.querySelector('li.order details').open") is True
    shop.page.keyboard.press("Tab")
    assert "/manage/orders/1033" in str(frame.evaluate("document.activeElement.href"))


def test_narrow_sidebar_needs_no_sideways_scrolling(shop: Crm) -> None:
    shop.page.set_viewport_size({"width": 320, "height": 940})
    frame = shop.open(width=280)
    frame.click("li.order[data-order='1033'] summary")
    frame.click("li.order[data-order='1030'] summary")
    shop.shoot("narrow")
    assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_expired_bearer_asks_for_a_reload(shop: Crm) -> None:
    frame = shop.open()
    secret = shop.world.runtime.settings.session_secret

    def expire(route: Any) -> None:
        token = route.request.headers["authorization"].removeprefix("Bearer ")
        claims = jwt.decode(token, secret, ["HS256"], audience="storeline:panel") | {"exp": 1}
        route.continue_(
            headers={**route.request.headers, "authorization": f"Bearer {jwt.encode(claims, secret, 'HS256')}"}
        )

    shop.page.route("**/panels/orders*", expire)
    frame.click("text=Show more")
    frame.wait_for_selector("text=Reload this record")
    assert len(numbers(frame)) == 10  # what was there stays
    shop.shoot("expired")


def test_lost_connection_says_so_and_can_be_tried_again(shop: Crm) -> None:
    frame = shop.open()
    shop.page.route("**/panels/orders*", lambda route: route.abort())
    frame.click("text=Show more")
    frame.wait_for_selector("text=No connection")
    shop.page.unroute("**/panels/orders*")
    frame.click("text=Show more")
    expect(frame.locator("li.order")).to_have_count(20)
    assert not frame.is_visible("#notice")


def test_support_finds_another_buyers_order(shop: Crm) -> None:
    frame = shop.open(kind="Case", record_id=CASE, ContactId=CONTACT)
    frame.fill("#q", "2000")
    frame.wait_for_selector("text=Orders of other customers")
    assert numbers(frame) == ["2000"]
    shop.shoot("support")


def test_switch_between_stores(shop: Crm) -> None:
    second = shop.world.store("Wholesale")
    shop.world.link(shop.world.connection(second), "customer", "8", "Contact", CONTACT)
    shop.world.orders(second, order(77, Customer("8", "jane@work.example", "Jane", "Doe"), currency="JPY"))
    frame = shop.open()
    shop.shoot("stores")
    frame.click("text=Wholesale")
    frame.wait_for_selector("li.order[data-order='77']")
    assert numbers(frame) == ["77"]
    frame.click("nav >> text=The Gift Shop")
    frame.wait_for_selector("li.order[data-order='1033']")
    assert "77" not in numbers(frame)


def test_hostile_names_run_nothing(crm: Crm) -> None:
    evil = "<img src=x onerror=\"document.title='owned'\"></script><script>document.title='owned'</script>"
    store = crm.world.store(evil)
    crm.world.link(crm.world.connection(store), "customer", "42", "Contact", CONTACT)
    buyer = Customer("42", "e@example.com", evil, evil)
    crm.world.person(store, buyer)
    crm.world.orders(store, *(order(n, buyer, [line(evil, evil)], status=evil[:99]) for n in range(12)))
    frame = crm.open()
    frame.click("text=Show more")
    expect(frame.locator("li.order")).to_have_count(12)
    frame.fill("#q", evil)
    expect(frame.locator("li.order")).to_have_count(10)
    assert frame.title() == "Order history"
    assert crm.problems == []


def test_empty_and_error_states_are_pages_in_the_frame(shop: Crm) -> None:
    frame = shop.open(record_id="003xx000004Tmi9AAC")
    assert "No orders yet" in frame.inner_text("main")
    shop.shoot("empty")
    frame = shop.open(org="00Dxx0000009999EAA")
    assert "No store is connected" in frame.inner_text("main")
    shop.shoot("not-connected")
    frame = shop.open_signed("forged.request")
    assert "cannot be opened" in frame.inner_text("main")
    shop.shoot("refused")


def test_another_site_cannot_frame_it(shop: Crm) -> None:
    shop.shown = record_page(shop.panel_port, worlds.sign(worlds.content()), 600)
    with pytest.raises(Error):
        shop.page.goto(f"http://evil.other.test:{shop.crm_port}/record")
        frame = shop.page.frame(name="panel")
        assert frame is not None
        frame.wait_for_selector("main.panel", timeout=1500)
    assert any("frame-ancestors" in problem or "frame" in problem for problem in shop.problems)
