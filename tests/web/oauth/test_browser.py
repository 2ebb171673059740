"""The page that asks whose store it is, in a browser: its form must get through to the vendor's login page."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from app.factory import create_app
from app.models import Store, User
from app.runtime import Runtime
from app.sandbox.salesforce import create_app as create_salesforce
from app.sync import authorizations
from tests.conftest import build_runtime
from tests.sandbox.conftest import free_port, serving

pytestmark = pytest.mark.browser


@pytest.fixture
def runtime(sqlite_url: str, redis_url: str) -> Iterator[Runtime]:
    """The app on localhost, the vendor on 127.0.0.1: another site for a browser."""
    port = free_port()
    with serving(create_salesforce, seed="empty") as vendor:
        settings = {"public_url": f"http://localhost:{port}", "salesforce_login_url": vendor}
        built = build_runtime(sqlite_url, redis_url, **settings)
        server = make_server("127.0.0.1", port, create_app(runtime=built), threaded=True)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield built
        server.shutdown()
        built.database.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def ticket(runtime: Runtime) -> str:
    """The link behind the button in the settings."""
    with runtime.database.transaction() as session:
        store = Store(store_hash="abc", name="Tea & Co")
        session.add(store)
        session.flush()
        user = User(store_id=store.id, bigcommerce_id="1", email="ann@shop.example")
        session.add(user)
    return authorizations.start(runtime, user, "salesforce", "production")


def test_from_the_question_to_connected(runtime: Runtime, page: Page) -> None:
    page.goto(ticket(runtime))
    expect(page.get_by_role("heading", name="Connect Salesforce to Tea & Co?")).to_be_visible()
    expect(page.get_by_text("ann@shop.example")).to_be_visible()
    assert page.url.startswith(runtime.settings.public_url)
    page.get_by_role("button", name="Continue to Salesforce").click()
    page.get_by_role("button", name="Log In and Allow").click()
    expect(page.get_by_role("heading", name="Connected")).to_be_visible()
    expect(page.get_by_text("with the store Tea & Co (abc)")).to_be_visible()
    assert "code=" not in page.url
    assert page.context.cookies() == []


def test_another_site_cannot_press_the_button(runtime: Runtime, page: Page) -> None:
    link = ticket(runtime)
    page.goto(link)  # it may even open the page first
    action, _, given = link.partition("?ticket=")
    evil = Flask("evil")
    form = f"<form method=post action='{action}'><input name=ticket value='{given}'><button>Win</button></form>"
    evil.add_url_rule("/", view_func=lambda: form)
    server = make_server("127.0.0.1", 0, evil, threaded=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    page.goto(f"http://127.0.0.1:{server.server_port}/")
    page.get_by_role("button", name="Win").click()
    expect(page.get_by_text("This browser was not asked")).to_be_visible()
    server.shutdown()
