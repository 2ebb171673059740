"""The dashlet of the package, in a page that gives it what it uses of Sugar: a context, an API, a view's element."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, jsonify
from flask.typing import ResponseReturnValue
from playwright.sync_api import BrowserContext, Page, expect

import crm_widgets.sugarcrm_package as package
from tests.web.panels.browsing import serve

VIEW = Path(package.__file__).parent / "static/custom/clients/base/views/storeline-orders"
# jQuery, underscore and Sugar's own objects, as far as the dashlet calls them.
SUGAR = """
const _ = { bind: (f, self) => f.bind(self), isFunction: (f) => typeof f === "function" };
function wrap(one) {
  const self = {
    length: one ? 1 : 0, get: () => one,
    show: () => { one.style.display = ""; return self; }, hide: () => { one.style.display = "none"; return self; },
    attr: (name, value) => { one.setAttribute(name, value); return self; },
    removeAttr: (name) => { one.removeAttribute(name); return self; },
    text: (value) => { one.textContent = value; return self; },
    toggle: (shown) => { one.style.display = shown ? "" : "none"; return self; },
  };
  return self;
}
const app = {
  api: {
    buildURL: (path) => "/rest/v11_24/" + path,
    call: async (method, url, body, callbacks) => {
      const answer = await fetch(url);
      const content = await answer.json();
      if (answer.ok) callbacks.success(content); else callbacks.error({ message: content.error_message });
    },
  },
  lang: { get: (label) => label },
};
const waiting = [];
let said = [];
function open(view, id) {
  const model = { id, get: (name) => model[name] };
  const parent = { get: (name) => ({ module: "Contacts", model })[name] };
  Object.assign(view, {
    context: { parent }, meta: {}, SILENT_AFTER_MS: 300, model,
    $: (selector) => wrap(document.querySelector("#view " + selector)),
    _super: (name) => { if (name === "_render") document.querySelector("#view").innerHTML = TEMPLATE; },
    stopListening: () => waiting.splice(0), listenToOnce: (one, event, f) => waiting.push(f.bind(view)),
  });
  view.initDashlet();
  view.loadData({ complete: () => { window.completed = true; } });
  view._render();
  return view;
}
"""


@dataclass
class Sugar:
    """A record page of Sugar with the dashlet on it, and what its endpoint answers."""

    page: Page
    url: str
    answer: tuple[dict[str, str], int] = ({"url": "/frame?token=1"}, 200)
    asked: list[str] = field(default_factory=list)
    frame: str = "<script>parent.postMessage({ type: 'storeline:ready' }, '*')</script>orders"

    def show(self, record_id: str = "c-1") -> None:
        """Go to a record."""
        self.page.goto(self.url)
        self.page.evaluate(f"window.view = open(VIEW, {record_id!r})")

    def words(self) -> Any:
        return self.page.locator(".storeline-words")


@pytest.fixture
def sugar(context: BrowserContext) -> Iterator[Sugar]:
    """The page, not yet looked at."""
    site = Flask("sugar")
    server = serve(site)
    sugar = Sugar(context.new_page(), f"http://127.0.0.1:{server.port}/")
    template = (VIEW / "storeline-orders.hbs").read_text().replace("{{str 'LBL_STORELINE_ORDERS'}}", "Order History")
    assert "{{" not in template
    script = (VIEW / "storeline-orders.js").read_text()

    @site.get("/")
    def record() -> ResponseReturnValue:
        return (
            f"<link rel=icon href='data:,'><div id=view></div><template id=t>{template}</template><script>"
            f"const TEMPLATE = document.querySelector('#t').innerHTML;{SUGAR};const VIEW = {script};</script>"
        )

    @site.get("/rest/v11_24/Storeline/launch/<module>/<record_id>")
    def launch(module: str, record_id: str) -> ResponseReturnValue:
        sugar.asked.append(f"{module}/{record_id}")
        return jsonify(sugar.answer[0]), sugar.answer[1]

    site.add_url_rule("/frame", "frame", lambda: sugar.frame)
    yield sugar
    server.shutdown()
    server.server_close()


pytestmark = pytest.mark.browser


def test_it_frames_the_address_that_its_endpoint_gives(sugar: Sugar) -> None:
    sugar.show()
    expect(sugar.page.frame_locator(".storeline-frame").locator("body")).to_contain_text("orders")
    sugar.page.wait_for_timeout(500)  # longer than it would be patient
    expect(sugar.words()).to_be_hidden()
    assert sugar.asked == ["Contacts/c-1"]
    assert sugar.page.evaluate("window.completed") is True


def test_every_showing_asks_anew(sugar: Sugar) -> None:
    sugar.show()
    expect(sugar.page.locator(".storeline-frame")).to_be_visible()
    sugar.page.evaluate("view._render()")
    expect(sugar.page.locator(".storeline-frame")).to_be_visible()
    sugar.page.evaluate("view.loadData({})")
    sugar.page.wait_for_function("performance.getEntriesByType('resource').length >= 3")
    expect(sugar.page.locator(".storeline-frame")).to_be_visible()
    assert sugar.asked == ["Contacts/c-1"] * 3


def test_a_record_that_is_still_loading_is_waited_for(sugar: Sugar) -> None:
    sugar.show("")
    assert sugar.asked == [] and sugar.page.evaluate("waiting.length") == 1
    sugar.page.evaluate("(view.model.id = 'c-2', waiting[0]())")
    expect(sugar.page.locator(".storeline-frame")).to_be_visible()
    assert sugar.asked == ["Contacts/c-2"]


def test_a_refusal_is_told_in_its_own_words(sugar: Sugar) -> None:
    sugar.answer = ({"error": "storeline", "error_message": "Storeline does not know this package."}, 401)
    sugar.show()
    expect(sugar.words()).to_contain_text("LBL_STORELINE_FAILED Storeline does not know this package.")
    expect(sugar.page.locator(".storeline-frame")).to_be_hidden()


def test_a_silent_frame_names_the_host_to_allow(sugar: Sugar) -> None:
    sugar.frame = "silent"
    sugar.answer = ({"url": f"{sugar.url}frame?token=1"}, 200)
    sugar.show()
    expect(sugar.words()).to_have_text(f"LBL_STORELINE_SILENT {sugar.url.rstrip('/')}")


def test_a_stranger_cannot_pretend_to_be_the_frame(sugar: Sugar) -> None:
    sugar.frame = "silent"
    sugar.show()
    sugar.page.evaluate("setInterval(() => postMessage({ type: 'storeline:ready' }, '*'), 20)")
    expect(sugar.words()).to_contain_text("LBL_STORELINE_SILENT")


def test_a_closed_dashlet_does_nothing_any_more(sugar: Sugar) -> None:
    sugar.frame = "silent"
    sugar.show()
    expect(sugar.page.locator(".storeline-frame")).to_be_visible()
    sugar.page.evaluate("(said = [], view._say = (text) => said.push(text), view.disposed = true, view._dispose())")
    sugar.page.evaluate("(view._show({ url: '/frame' }), view._failed({}))")  # answers that come too late
    sugar.page.wait_for_timeout(500)
    assert sugar.page.evaluate("said") == []
