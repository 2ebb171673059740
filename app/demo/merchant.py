"""What a merchant does, by script: install the app, connect a CRM, choose, go live. Through the real flows."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin

import requests

from app.connectors.registry import VENDORS
from app.demo.processes import Installation

# Of the stand-ins.
CREDENTIALS = {
    "salesforce": {"username": "admin@sandbox.example", "password": "sandbox-password"},
    "sugarcrm": {"username": "admin", "password": "sandbox-password"},
    "sap-sales-cloud": {"username": "sandbox", "password": "sandbox-password"},
}
PATIENCE = 120  # seconds for a step that a job does


class FlowBroke(Exception):
    """A step of the flow did not answer as it should."""


@dataclass(frozen=True)
class Merchant:
    """The store owner, signed in to the settings UI."""

    app: Installation
    token: str

    @classmethod
    def install(cls, app: Installation) -> Merchant:
        """Install from the control panel, as the owner."""
        answer = requests.post(f"{app.url('bigcommerce')}/_sandbox/install", json={"user": "owner"}, timeout=30).json()
        page = requests.get(answer["url"], timeout=60)
        if page.status_code != 200:
            raise FlowBroke(f"installing answered {page.status_code}: {_Page.of(page.text).words[:300]}")
        return cls(app, _Page.of(page.text).config["token"])

    def connect(self, vendor: str) -> dict[str, Any]:
        """Connect a CRM as its administrator would, and wait until it is prepared."""
        if VENDORS[vendor].form:
            self._sign_in(vendor)
        else:
            self._authorise(vendor)
        return self._prepared(vendor)

    def _sign_in(self, vendor: str) -> None:
        """Through our own form."""
        form = {"url": self.app.url(vendor), **CREDENTIALS[vendor]}
        self._api("POST", f"connections/{vendor}/sign-in", json={"environment": "production", "form": form})

    def _authorise(self, vendor: str) -> None:
        """Through the vendor's consent page, in a browser."""
        start = self._api("POST", f"connections/{vendor}/authorize", json={"environment": "production"})["url"]
        browser = requests.Session()
        page = browser.get(start, timeout=60)
        question = _form(page, "Storeline")
        page = browser.post(urljoin(page.url, question.action), data=question.fields, timeout=60)
        form = _form(page, vendor)
        filled = {**form.fields, **CREDENTIALS[vendor]}
        done = browser.post(urljoin(page.url, form.action), data=filled, timeout=60)
        if not done.url.startswith(self.app.settings.public_url) or not done.ok:
            raise FlowBroke(f"authorising {vendor} ended at {done.url}: {_Page.of(done.text).words[:300]}")

    def check(self, vendor: str) -> dict[str, Any]:
        """Have an account looked at again, and wait for it."""
        before = next(row for row in self.connections() if row["vendor"] == vendor)
        self._api("POST", f"connections/{before['id']}/check")
        return self._prepared(vendor, after=before["checked_at"])

    def package(self, connection_id: int) -> bytes:
        """The package for a CRM that takes one."""
        return self._call("GET", f"connections/{connection_id}/package").content

    def passes(self, connection_id: int) -> dict[str, Any]:
        """Who may open the panel, and where it is."""
        return self._api("GET", f"connections/{connection_id}/passes")

    def invite(self, connection_id: int, user: str, name: str) -> dict[str, Any]:
        """A code for a person of the CRM."""
        return self._api("POST", f"connections/{connection_id}/passes", json={"user_id": user, "user_name": name})

    def choose(self, connection_id: int, switches: dict[str, bool]) -> None:
        """Set sync switches."""
        self._api("PATCH", f"connections/{connection_id}", json={"switches": switches})

    def decide(self, connection_id: int, rules: dict[str, dict[str, str]]) -> None:
        """Say who wins, by kind and field."""
        self._api("PUT", f"connections/{connection_id}/terms", json={"rules": rules})

    def go_live(self, connection_id: int) -> None:
        """Let the connection send."""
        self._api("PATCH", f"connections/{connection_id}", json={"state": "live"})

    def connections(self) -> list[dict[str, Any]]:
        """The connections as the settings UI sees them."""
        found: list[dict[str, Any]] = self._api("GET", "connections")["connections"]
        return found

    def _prepared(self, vendor: str, after: str | None = None) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        found: dict[str, Any] = {}
        while time.monotonic() < deadline:
            found = next((row for row in self.connections() if row["vendor"] == vendor), {})
            if found.get("problem") or found.get("missing"):
                raise FlowBroke(f"{vendor}: {found.get('problem')} {found.get('missing')}")
            if found.get("checked_at") not in (None, after):
                return found
            time.sleep(0.2)
        raise FlowBroke(f"{vendor} was not prepared in {PATIENCE} s: {found}")

    def _api(self, method: str, path: str, **arguments: Any) -> dict[str, Any]:
        body: dict[str, Any] = self._call(method, path, **arguments).json()
        return body

    def _call(self, method: str, path: str, **arguments: Any) -> requests.Response:
        url = f"{self.app.settings.public_url}/api/{path}"
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = requests.request(method, url, headers=headers, timeout=60, **arguments)
        if not answer.ok:
            raise FlowBroke(f"{method} {path} answered {answer.status_code}: {answer.text[:300]}")
        return answer


def _form(page: requests.Response, whose: str) -> _Page:
    found = _Page.of(page.text)
    if not found.fields:
        raise FlowBroke(f"{whose} shows no form: {found.words[:300]}")
    return found


class _Page(HTMLParser):
    """The first form of a page, its text, and the config that our own pages carry."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self.words = ""
        self._config: list[str] = []
        self._inside = ""

    @classmethod
    def of(cls, html: str) -> _Page:
        page = cls()
        page.feed(html)
        page.words = " ".join(page.words.split())
        return page

    @property
    def config(self) -> dict[str, Any]:
        if not self._config:
            raise FlowBroke(f"not our page: {self.words[:300]}")
        found: dict[str, Any] = json.loads("".join(self._config))
        return found

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self._inside = given.get("id", tag) if tag == "script" else tag
        if tag == "form" and not self.action:
            self.action = given.get("action", "")
        if tag == "input" and given.get("name"):
            self.fields.setdefault(given["name"], given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside == "storeline-config":
            self._config.append(data)
        elif self._inside not in ("script", "style"):
            self.words += data + " "
