"""Who may open a panel: Salesforce's signature, a connected org, an active store."""

from __future__ import annotations

import base64
import hmac
import json
import time
from typing import Any

import jwt
import pytest
from structlog.testing import capture_logs

from app.models import ConnectionState, StoreState
from crm_widgets import canvas
from tests.web.panels import world as worlds
from tests.web.panels.conftest import Panel
from tests.web.panels.world import CONTACT, JANE, World, content, order, sign


@pytest.fixture
def connected(world: World) -> World:
    """A store on the org, whose Jane has two orders."""
    store = world.store()
    connection = world.connection(store)
    world.link(connection, "customer", "42", "Contact", CONTACT)
    world.person(store, JANE)
    world.orders(store, order(1), order(2))
    return world


def test_signed_launch_shows_the_orders_in_its_answer(connected: World, panel: Panel) -> None:
    shown = panel.open()
    assert shown.status == 200
    assert shown.orders == ["2", "1"]
    assert "Jane Doe" in shown.text


def test_url_safe_alphabet_is_taken_too(connected: World, panel: Panel) -> None:
    # A text that base64 writes with both of the characters in which the alphabets differ.
    message = content(parameters={"note": "???????~~~~~~~>>>>>>>"})
    assert set("-_") & set(sign(message, url_safe=True)) == set("-_")
    assert panel.post(sign(message, url_safe=True)).orders == ["2", "1"]


def forged() -> dict[str, str]:
    good = sign(content())
    signature, payload = good.split(".")
    other = base64.b64encode(json.dumps(content(org="00Dxx0000009999EAA")).encode()).decode()
    none = content() | {"algorithm": "none"}
    over_json = sign(content())
    return {
        "empty": "",
        "no dot": payload,
        "no signature": f".{payload}",
        "no payload": f"{signature}.",
        "another secret": sign(content(), secret="guessed"),
        "payload exchanged": f"{signature}.{other}",
        "signature cut": f"{signature[:20]}.{payload}",
        "not base64": f"%%%.{payload}",
        "not ASCII": f"ü{signature}.{payload}",
        "algorithm": sign(none),
        "signature as hex": f"{base64.b64decode(signature).hex()}.{payload}",
        "not an object": sign([1]),  # type: ignore[arg-type]  # on purpose
        "doubled": f"{over_json}.{payload}",
    }


@pytest.mark.parametrize("case", forged())
def test_forgery_is_refused_with_a_page_and_logged_without_content(connected: World, panel: Panel, case: str) -> None:
    text = forged()[case]
    with capture_logs() as logs:
        shown = panel.post(text)
    assert shown.status == 401
    assert "cannot be opened" in shown.text
    assert shown.orders == []
    assert [entry["event"] for entry in logs] == ["panel refused"]
    assert "live-token" not in repr(logs) and (not text or text not in repr(logs))


def test_signature_over_the_decoded_json_is_refused(panel: Panel) -> None:
    payload = json.dumps(content())
    digest = sign(content()).split(".")[0]
    wrong = base64.b64encode(hmac.digest(b"sandbox-secret", payload.encode(), "sha256")).decode()
    assert wrong != digest
    assert panel.post(f"{wrong}.{base64.b64encode(payload.encode()).decode()}").status == 401


def test_a_huge_form_is_refused(panel: Panel) -> None:
    assert panel.post("x" * 300_000).status == 413


@pytest.mark.parametrize("org", ["00Dxx0000009999EAA", "", "not-an-id"])
def test_an_org_that_is_not_connected_is_told_how(connected: World, panel: Panel, org: str) -> None:
    shown = panel.open(org=org)
    assert shown.status == 403
    assert "No store is connected" in shown.text
    assert shown.orders == []


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (ConnectionState.SETUP, 200),
        (ConnectionState.LIVE, 200),
        (ConnectionState.PAUSED, 200),
        (ConnectionState.REAUTHORIZE, 200),
        (ConnectionState.DISCONNECTED, 403),
    ],
)
def test_only_a_disconnected_org_is_left_out(world: World, panel: Panel, state: str, status: int) -> None:
    world.connection(world.store(), state=state)
    assert panel.open().status == status


def test_an_uninstalled_store_shows_nothing(world: World, panel: Panel) -> None:
    world.connection(world.store(state=StoreState.UNINSTALLED))
    assert panel.open().status == 403


def test_the_short_form_of_an_org_id_is_the_same_org(connected: World, panel: Panel) -> None:
    assert panel.open(org=worlds.ORG[:15]).orders == ["2", "1"]


@pytest.mark.parametrize(
    ("short", "checksum"),
    [("001ZM000001n4n5", "YAA"), ("005x0000001SyyE", "AAS"), ("001xx000003DGWi", "AAO"), ("0" * 15, "AAA")],
)
def test_record_ids_get_their_checksum(short: str, checksum: str) -> None:
    assert canvas.record_id(short) == canvas.record_id(short + checksum) == short + checksum


@pytest.mark.parametrize("value", [None, 7, "", "short", "001xx000003DGW'", "001xx000003DGWiAAO0", ["a"], "é" * 15])
def test_other_texts_are_no_record_ids(value: object) -> None:
    assert canvas.record_id(value) == ""


def test_headers_of_the_page(connected: World, panel: Panel) -> None:
    headers = panel.open().response.headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert "https://acme.my.salesforce.com" in policy["frame-ancestors"].split()
    assert "https://*.lightning.force.com" in policy["frame-ancestors"].split()
    assert policy["default-src"] == "'none'"
    assert "'nonce-" in policy["script-src"] and "unsafe" not in policy["script-src"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert "X-Frame-Options" not in headers
    assert "Set-Cookie" not in headers


def test_a_nonce_is_never_the_same(connected: World, panel: Panel) -> None:
    policies = {panel.open().response.headers["Content-Security-Policy"] for _ in range(3)}
    assert len(policies) == 3


def test_instance_url_cannot_smuggle_into_the_policy(world: World, panel: Panel) -> None:
    message = content(org="00Dxx0000009999EAA")
    message["client"]["instanceUrl"] = "https://evil.example; script-src *"
    policy = panel.open(message).response.headers["Content-Security-Policy"]
    assert "evil" not in policy


@pytest.mark.parametrize("path", [(), ("client",), ("context",), ("context", "environment"), ("context", "user")])
@pytest.mark.parametrize("value", [None, "text", [], 3])
def test_signed_content_of_another_shape_is_no_crash(
    connected: World, panel: Panel, path: tuple[str, ...], value: Any
) -> None:
    message = content()
    if path:
        place = message
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
    else:
        message = {"algorithm": "HMACSHA256", "context": value}
    assert panel.open(message).status in (200, 403)


class TestBearer:
    """The fragments take the panel's bearer and nothing else."""

    def claims(self, world: World, panel: Panel) -> dict[str, Any]:
        secret = world.runtime.settings.session_secret
        found: dict[str, Any] = jwt.decode(panel.open().token, secret, ["HS256"], audience="storeline:panel")
        return found

    def sign(self, world: World, claims: dict[str, Any], **changes: Any) -> str:
        return jwt.encode({**claims, **changes}, world.runtime.settings.session_secret, "HS256")

    def test_it_opens_the_list(self, connected: World, panel: Panel) -> None:
        assert panel.fetch(panel.open().token).orders == ["2", "1"]

    def test_it_lives_for_fifteen_minutes_and_holds_no_token_of_salesforce(
        self, connected: World, panel: Panel
    ) -> None:
        claims = self.claims(connected, panel)
        assert 0 < claims["exp"] - time.time() <= 15 * 60
        assert "live-token" not in json.dumps(claims)

    def test_without_it(self, connected: World, panel: Panel) -> None:
        shown = panel.fetch("")
        assert shown.status == 401 and shown.orders == []
        assert "Reload this record" in shown.text

    def test_expired(self, connected: World, panel: Panel) -> None:
        token = self.sign(connected, self.claims(connected, panel), exp=int(time.time()) - 1)
        shown = panel.fetch(token)
        assert shown.status == 401 and "Reload this record" in shown.text

    def test_of_the_settings_page(self, connected: World, panel: Panel) -> None:
        token = self.sign(connected, self.claims(connected, panel), aud="storeline:settings")
        assert panel.fetch(token).status == 401

    def test_forged(self, connected: World, panel: Panel) -> None:
        token = jwt.encode(self.claims(connected, panel), "another-secret-of-thirty-two-bytes!", "HS256")
        assert panel.fetch(token).status == 401

    def test_of_another_stores_connection(self, connected: World, panel: Panel) -> None:
        claims = self.claims(connected, panel)
        other = connected.store("Other")
        token = self.sign(connected, claims, sub=f"stores/{other.store_hash}")
        assert panel.fetch(token).status == 401

    def test_ends_with_the_connection(self, connected: World, panel: Panel) -> None:
        token = panel.open().token
        with connected.runtime.database.transaction() as session:
            session.connection().exec_driver_sql("UPDATE connections SET state = 'disconnected'")
        assert panel.fetch(token).status == 401

    def test_ends_with_the_store(self, connected: World, panel: Panel) -> None:
        token = panel.open().token
        with connected.runtime.database.transaction() as session:
            session.connection().exec_driver_sql("UPDATE stores SET state = 'uninstalled'")
        assert panel.fetch(token).status == 401

    def test_fragments_may_not_be_framed_or_kept(self, connected: World, panel: Panel) -> None:
        headers = panel.fetch(panel.open().token).response.headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"


def test_a_broken_database_is_a_page_and_a_log_line(connected: World, panel: Panel) -> None:
    with connected.runtime.database.transaction() as session:
        session.connection().exec_driver_sql("ALTER TABLE orders RENAME TO gone")
    with capture_logs() as logs:
        shown = panel.open()
    assert shown.status == 500
    assert "not available" in shown.text and "gone" not in shown.text
    assert [entry["event"] for entry in logs] == ["panel failed"]
