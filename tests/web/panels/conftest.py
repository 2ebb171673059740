"""Fixtures of the panels' tests."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from lxml import etree
from lxml import html as lxml_html
from playwright.sync_api import Browser, BrowserContext
from werkzeug.test import TestResponse

from crm_widgets import naming
from tests.web.panels import world as worlds
from tests.web.panels.world import World


@dataclass
class Shown:
    """An answer as a person would read it."""

    response: TestResponse

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def html(self) -> str:
        return self.response.text

    @property
    def tree(self) -> Any:
        return lxml_html.fromstring(self.html)

    @property
    def text(self) -> str:
        """What is written on the page, without style and script, spaces made one."""
        tree = self.tree
        etree.strip_elements(tree, "style", "script", with_tail=False)
        return re.sub(r"\s+", " ", tree.text_content())

    @property
    def orders(self) -> list[str]:
        """Order numbers, from top to bottom."""
        return [row.get("data-order") for row in self.tree.xpath("//li[@data-order]")]

    @property
    def following(self) -> str:
        """The position in the button for more; empty: no button."""
        found = self.tree.xpath("//button/@data-after")
        return str(found[0]) if found else ""

    @property
    def figures(self) -> dict[str, list[str]]:
        """The key figures."""
        groups = self.tree.xpath("//dl[@class='figures']/div")
        return {
            group.findtext("dt"): [re.sub(r"\s+", " ", dd.text_content()).strip() for dd in group.findall("dd")]
            for group in groups
        }

    @property
    def token(self) -> str:
        """The bearer in the page."""
        found = re.search(r'<script type="application/json" id="config"[^>]*>(.*?)</script>', self.html)
        assert found
        return str(json.loads(html.unescape(found[1]))["token"])


@dataclass
class Panel:
    """A CRM user in front of a panel."""

    world: World

    def open(self, message: dict[str, Any] | None = None, **content: Any) -> Shown:
        """Launch it from Salesforce."""
        return self.post(worlds.sign(message or worlds.content(**content)))

    def post(self, signed_request: str) -> Shown:
        """Launch with any text as signed request."""
        answer = self.world.app.test_client().post("/panels/salesforce", data={"signed_request": signed_request})
        return Shown(answer)

    def fetch(self, token: str, **parameters: str) -> Shown:
        """What the panel's script asks for."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return Shown(self.world.app.test_client().get("/panels/orders", query_string=parameters, headers=headers))


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loaded machine may take longer than people like to wait."""
    monkeypatch.setattr(naming, "WAIT", 30.0)


@pytest.fixture
def panels_database(sqlite_url: str) -> str:
    """SQLite, but for the files of tests whose queries are looked at on both databases."""
    return sqlite_url


@pytest.fixture
def world(panels_database: str) -> Iterator[World]:
    """An app on an empty database."""
    made = worlds.build(panels_database)
    yield made
    made.runtime.database.close()


@pytest.fixture
def panel(world: World) -> Panel:
    """A CRM user."""
    return Panel(world)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile."""
    context = browser.new_context(viewport={"width": 1040, "height": 940})
    yield context
    context.close()
