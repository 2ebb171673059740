"""The panel inside the record pages of the Salesforce stand-in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from playwright.sync_api import BrowserContext, expect

from app.models import Connection
from app.sandbox import salesforce
from tests.sandbox.conftest import serving
from tests.web.panels import world as worlds
from tests.web.panels.browsing import serve
from tests.web.panels.conftest import Panel
from tests.web.panels.world import JANE, World, order


@dataclass
class Org:
    """The stand-in and the app that it frames, connected."""

    url: str
    world: World
    connection: Connection

    def records(self, name: str) -> list[dict[str, Any]]:
        """The stand-in's records of an object."""
        return list(requests.get(f"{self.url}/_sandbox/records/{name}", timeout=10).json())

    def signed_request(self, name: str, record_id: str) -> str:
        """What the stand-in would post."""
        query = {"object": name, "id": record_id}
        return str(requests.get(f"{self.url}/_sandbox/signed_request", query, timeout=10).json()["signed_request"])


@pytest.fixture
def org(sqlite_url: str) -> Iterator[Org]:
    """A stand-in org with demo records; Jane is its first contact."""
    world = worlds.build(sqlite_url)
    server = serve(world.app)
    with serving(salesforce.create_app, app_url=f"http://panel.test:{server.port}") as url:
        records = requests.get(f"{url}/_sandbox/records/Organization", timeout=10).json()
        store = world.store()
        connection = world.connection(store, org=records[0]["Id"])
        world.person(store, JANE)
        world.orders(store, *(order(n) for n in range(100, 115)))
        yield Org(url, world, connection)
    server.shutdown()
    server.server_close()
    world.runtime.database.close()


@pytest.mark.parametrize("name", ["Account", "Contact", "Case"])
def test_every_kind_of_record_opens(org: Org, name: str) -> None:
    panel = Panel(org.world)
    record = org.records(name)[0]
    shown = panel.post(org.signed_request(name, record["Id"]))
    assert shown.status == 200 and shown.orders == []
    their_kind, their_id = (name, record["Id"]) if name != "Case" else ("Contact", record["ContactId"])
    org.world.link(org.connection, "account" if name == "Account" else "customer", "42", their_kind, their_id)
    assert panel.post(org.signed_request(name, record["Id"])).orders[0] == "114"


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 390])
def test_record_page_frames_the_panel(org: Org, context: BrowserContext, width: int) -> None:
    contact = org.records("Contact")[0]["Id"]
    org.world.link(org.connection, "customer", "42", "Contact", contact)
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 1000})
    page.goto(f"{org.url}/lightning/r/Contact/{contact}/view")
    panel = page.frame_locator("iframe").first
    expect(panel.locator("li.order")).to_have_count(10)
    panel.locator("text=Show more").click()
    expect(panel.locator("li.order")).to_have_count(15)
    assert [cookie for cookie in context.cookies() if cookie["domain"] == "panel.test"] == []
    folder = os.environ.get("PANEL_SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/stand-in-{width}.png", full_page=True)
