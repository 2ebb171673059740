"""Fixtures of the browser tests: the built screens in a real Chromium, over the real API on a seeded database."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest
from flask import Response
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route
from werkzeug.serving import make_server

import bigcommerce_app
import crm_widgets
from app import ui
from app.models import Store, User
from app.runtime import Runtime
from app.sync.stores import Visit
from bigcommerce_app import build as builder
from bigcommerce_app import page as pages
from tests.web.api import world as worlds
from tests.web.api.world import World

AXE = builder.UI / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
# Half faded in, nothing has the contrast that it is to have: from here on nothing fades.
STILL = """() => new Promise((done) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("*, *::before, *::after { animation: none !important; transition: none !important; }");
    document.adoptedStyleSheets.push(sheet);
    requestAnimationFrame(() => requestAnimationFrame(done));
})"""
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def bundle() -> None:
    """The screens, built from the sources as they are."""
    builder.build()
    if not AXE.is_file():  # built elsewhere, or its packages were cleaned away
        builder.install()


@dataclass
class Site:
    """A web server with the screens and the API, and the store that is looked at."""

    world: World
    store: Store
    owner: User
    url: str
    deep_link: str = "/"
    consents: list[str] = field(default_factory=list)

    def launch(self) -> Response:
        """What BigCommerce's frame would load."""
        visit = Visit(
            self.store.id, self.store.store_hash, self.store.name, self.store.currency, self.store.timezone,
            self.store.control_panel_url, self.owner.id, self.owner.email, self.owner.locale, True,
        )  # fmt: skip
        return pages.app(self.world.runtime.settings, visit, self.deep_link)


@pytest.fixture
def site(bundle: None, sqlite_runtime: Runtime) -> Iterator[Site]:
    """A store with nothing connected, served."""
    # As on a developer's machine: what is typed in may be the address of a stand-in here.
    settings = replace(sqlite_runtime.settings, allow_private_hosts="1")
    world = worlds.build(replace(sqlite_runtime, settings=settings))
    store = world.store()
    made = Site(world, store, world.user(store), "")
    ui.register(world.app)
    bigcommerce_app.register(world.app)
    crm_widgets.register(world.app)
    world.app.add_url_rule("/launch", view_func=made.launch)
    server = make_server("127.0.0.1", 0, world.app, threaded=True)
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    thread.join()


@dataclass
class Screen:
    """The settings UI in a browser window, as a person sees it."""

    page: Page
    site: Site
    problems: list[str]
    hosts: set[str]

    def open(self, deep_link: str = "/") -> Page:
        """Launch the app there."""
        self.site.deep_link = deep_link
        self.page.goto(f"{self.site.url}/launch")
        return self.page

    def axe(self) -> list[str]:
        """Violations of WCAG 2.1 AA on what is shown now."""
        # As an isolated script: the page's own policy forbids foreign ones, as it should.
        self.page.evaluate(STILL)
        self.page.evaluate(AXE.read_text())
        found = self.page.evaluate("(tags) => axe.run({runOnly: tags})", RULES)
        return [
            f"{violation['id']}: {node['html'][:200]}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]

    def overflow(self) -> int:
        """Pixels by which the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth"))

    def layout_shift(self) -> float:
        """Cumulative layout shift so far."""
        return float(
            self.page.evaluate(
                "() => new Promise((done) => { let sum = 0; new PerformanceObserver((list) => { for (const entry of "
                "list.getEntries()) if (!entry.hadRecentInput) sum += entry.value; }).observe({type: 'layout-shift', "
                "buffered: true}); setTimeout(() => done(sum), 50); })"
            )
        )

    def cut_off(self) -> Callable[[], None]:
        """Let the API be away; returns how to bring it back."""

        def refuse(route: Route) -> None:
            route.abort("connectionrefused")

        self.page.route("**/api/**", refuse)
        return lambda: self.page.unroute("**/api/**", refuse)


def _window(browser: Browser, site: Site, size: dict[str, int]) -> Iterator[Screen]:
    context: BrowserContext = browser.new_context(
        viewport={"width": size["width"], "height": size["height"]}, locale="en-GB"
    )
    page = context.new_page()
    screen = Screen(page, site, [], set())

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            screen.problems.append(message.text)

    page.on("console", heard)
    page.on("pageerror", lambda error: screen.problems.append(str(error)))
    page.on("request", lambda request: screen.hosts.add(request.url.split("/")[2]))
    yield screen
    context.close()
    assert screen.problems == [], "errors in the browser's console"
    assert screen.hosts <= {site.url.split("/")[2]}, "the page asked somebody else's server"


@pytest.fixture
def screen(browser: Browser, site: Site) -> Iterator[Screen]:
    """A window on a desk."""
    yield from _window(browser, site, DESK)


@pytest.fixture
def phone(browser: Browser, site: Site) -> Iterator[Screen]:
    """A window of 360 pixels."""
    yield from _window(browser, site, PHONE)
