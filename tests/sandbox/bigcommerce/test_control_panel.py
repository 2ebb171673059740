"""The control panel: pages, the framed app, App Extensions."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
import requests
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, expect

from app.sandbox.bigcommerce import create_app

from ..conftest import CLIENTS, NodeClient, Serve
from .conftest import Api, Json, custom, until


def framed(page: str) -> Json:
    """What the signed address in a page's frame says."""
    address = re.search(r'<iframe[^>]* src="([^"]+)"', page)
    assert address is not None, page
    token = parse_qs(urlsplit(address[1].replace("&amp;", "&")).query)["signed_payload_jwt"][0]
    content: Json = jwt.decode(token, "sandbox-secret", algorithms=["HS256"], audience="sandbox-client")
    return content


def spend(client: FlaskClient, page: str) -> str:
    """Exchange the code in an installation's frame for a token."""
    address = re.search(r'<iframe[^>]* src="([^"]+)"', page)
    assert address is not None, page
    url = urlsplit(address[1].replace("&amp;", "&"))
    sent = {name: values[0] for name, values in parse_qs(url.query).items()}
    body = {
        "client_id": "sandbox-client",
        "client_secret": "sandbox-secret",
        "grant_type": "authorization_code",
        "redirect_uri": f"{url.scheme}://{url.netloc}{url.path}",
        **{name: sent[name] for name in ("code", "scope", "context")},
    }
    token: str = client.post("/oauth2/token", json=body).get_json()["access_token"]
    return token


def test_a_person_installs_opens_and_switches(client: FlaskClient) -> None:
    assert "store_v2_orders" in client.get("/manage/app/4711").get_data(as_text=True)  # consent first
    spend(client, client.post("/manage/app/4711/install").get_data(as_text=True))
    opened = framed(client.get("/manage/app/4711?url=/deliveries/3").get_data(as_text=True))
    assert (opened["user"]["id"], opened["url"], opened["channel_id"]) == (1, "/deliveries/3", None)
    client.post("/manage/user", data={"user": "3"})
    assert framed(client.get("/manage/app/4711").get_data(as_text=True))["user"]["id"] == 3
    assert client.get("/manage/app/1").status_code == 404


def test_staff_sees_no_install_button_and_cannot_install(client: FlaskClient) -> None:
    client.post("/manage/user", data={"user": "3"})
    assert "Only the store owner" in client.get("/manage/app/4711").get_data(as_text=True)
    assert client.post("/manage/app/4711/install").status_code == 409


def test_orders_can_be_played_with(client: FlaskClient, api: Api) -> None:
    order_id = api.order(custom("Mug <b>", 2, 10, 10))["id"]
    for _ in range(30):
        api.order()
    first, second = (client.get(f"/manage/orders?page={page}").get_data(as_text=True) for page in (1, 2))
    assert f"/manage/orders/{order_id}" not in first
    assert f"/manage/orders/{order_id}" in second
    page = client.get(f"/manage/orders/{order_id}").get_data(as_text=True)
    assert "Mug &lt;b&gt;" in page
    client.post(f"/manage/orders/{order_id}/ship", data={"tracking_number": "RM1"})
    assert api.get(f"/v2/orders/{order_id}")["status"] == "Shipped"
    client.post(f"/manage/orders/{order_id}/refund", data={"amount": "5", "reason": "broken"})
    assert api.get(f"/v3/orders/{order_id}/payment_actions/refunds")["data"][0]["total_amount"] == 5.0
    assert client.post(f"/manage/orders/{order_id}/refund", data={"amount": "500"}).status_code == 422
    client.post(f"/manage/orders/{order_id}/status", data={"status_id": "10"})
    assert api.get(f"/v2/orders/{order_id}")["status"] == "Completed"
    client.post(f"/manage/orders/{order_id}/archive")
    assert api.get(f"/v2/orders/{order_id}")["is_deleted"] is True
    assert "Ada" in client.get("/manage/orders?search=byron&status=1").get_data(as_text=True)


@pytest.mark.parametrize("path", ["", "/orders", "/products", "/customers", "/apps", "/users"])
def test_every_page_opens(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/manage{path}")
    assert answer.status_code == 200
    assert "Signed in as" in answer.get_data(as_text=True)


CREATE = """mutation ($input: CreateAppExtensionInput!) { appExtension { createAppExtension(input: $input) {
  appExtension { id context model url label { defaultValue locales { value localeCode } } } } } }"""
LIST = "query { store { appExtensions { edges { node { id url model } } } } }"
DELETE = """mutation ($input: DeleteAppExtensionInput!) {
  appExtension { deleteAppExtension(input: $input) { deletedAppExtensionId } } }"""
UPDATE = """mutation ($input: UpdateAppExtensionInput!) {
  appExtension { updateAppExtension(input: $input) { appExtension { url label { defaultValue } } } } }"""


@pytest.fixture
def extending(client: FlaskClient) -> Api:
    """The app's own token, with the scope for extensions."""
    client.post("/_sandbox/scopes", json={"scopes": "store_app_extensions_manage"})
    return Api(client, spend(client, client.post("/manage/app/4711/install").get_data(as_text=True)))


def graphql(api: Api, query: str, **variables: Any) -> Json:
    """A call of the GraphQL Admin API."""
    body: Json = api.post("/graphql", {"query": query, "variables": variables})
    return body


def extension(model: str = "ORDERS") -> Json:
    """A side panel's description."""
    words = [{"value": "CRM panel", "localeCode": "en-GB"}]
    label = {"defaultValue": "CRM", "locales": words}
    return {"context": "PANEL", "model": model, "url": "/orders/${id}/crm", "label": label}


def test_extensions_are_registered_listed_changed_and_removed(extending: Api) -> None:
    made = graphql(extending, CREATE, input=extension())["data"]["appExtension"]["createAppExtension"]["appExtension"]
    assert made == {"id": "bc/store/appExtension/1", **extension()}
    graphql(extending, CREATE, input=extension())
    assert "errors" in graphql(extending, CREATE, input=extension())  # two of a model are the most
    change = {"id": made["id"], "data": {"url": "/o/${id}"}}
    changed = graphql(extending, UPDATE, input=change)["data"]["appExtension"]["updateAppExtension"]["appExtension"]
    assert changed == {"url": "/o/${id}", "label": {"defaultValue": "CRM"}}
    gone = graphql(extending, DELETE, input={"id": made["id"]})["data"]["appExtension"]["deleteAppExtension"]
    assert gone == {"deletedAppExtensionId": made["id"]}
    edges = graphql(extending, LIST)["data"]["store"]["appExtensions"]["edges"]
    assert [edge["node"]["id"] for edge in edges] == ["bc/store/appExtension/2"]
    assert "errors" in graphql(extending, "query { nonsense }")


def test_only_the_apps_token_manages_extensions(api: Api) -> None:
    assert api("POST", "/graphql", {"query": LIST}).status_code == 403


def test_an_extension_opens_the_load_callback_beside_the_list(client: FlaskClient, extending: Api) -> None:
    order_id = Api(client).order()["id"]
    graphql(extending, CREATE, input=extension())
    page = client.get("/manage/orders").get_data(as_text=True)
    assert f"?extension=1&amp;record={order_id}" in page
    assert "CRM panel" in page
    opened = framed(client.get(f"/manage/orders?extension=1&record={order_id}").get_data(as_text=True))
    assert (opened["url"], opened["channel_id"]) == (f"/orders/{order_id}/crm", None)


PAGE = """<!doctype html><meta charset="utf-8"><h1>Framed app</h1><p id="out"></p><script>
window.bcAsyncInit = () => Bigcommerce.init({onLogout() { document.getElementById("out").textContent = "bye"; }});
</script><script src="/sdk.js"></script>"""


@pytest.fixture
def framed_app(node_client: NodeClient) -> Iterator[str]:
    """An app that loads BigCommerce's own SDK into its page."""
    sdk = (CLIENTS / "node_modules/@bigcommerce/app-sdk-js/dist/bundle.js").read_bytes()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            script = self.path == "/sdk.js"
            body = sdk if script else PAGE.encode()
            self.send_response(200)
            self.send_header("Content-Type", f"text/{'javascript' if script else 'html'}; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing to the terminal."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    httpd.server_close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A browser page."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.mark.browser
def test_the_panel_speaks_with_the_framed_apps_sdk(serve: Serve, framed_app: str, page: Page) -> None:
    base = serve(create_app, limits=False, app_url=framed_app)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{base}/manage/app/4711")
    page.get_by_role("button", name="Confirm").click()
    frame = page.frame_locator("#app")
    expect(frame.get_by_role("heading", name="Framed app")).to_be_visible()

    def told() -> list[Json]:
        messages: list[Json] = requests.get(f"{base}/_sandbox/frame", timeout=30).json()
        return messages

    until(lambda: len(told()) == 1)  # from here on the SDK hears of what becomes of the address
    frame.locator("body").evaluate("() => history.pushState({}, '', '/bigcommerce/other')")
    until(lambda: len(told()) > 1)
    assert {message["method"] for message in told()} == {"iframeUrlChange"}
    assert [message["params"]["type"] for message in told()] == ["normal", "pushState"], json.dumps(told())
    page.get_by_role("button", name="Send logout").click()
    expect(frame.locator("#out")).to_have_text("bye")
    assert problems == []
