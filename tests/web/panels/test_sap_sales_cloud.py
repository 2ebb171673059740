"""The way in from SAP Sales Cloud: an address that proves nothing, a device that was paired once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs
from werkzeug.test import TestResponse

from app.connectors.base import Ref
from app.connectors.sap_sales_cloud.naming import KINDS
from app.db import now
from app.models import Connection, ConnectionState, PanelPass, Store, StoreState
from app.ui import passes
from crm_widgets import sap_sales_cloud
from tests.web.panels.conftest import Panel, Shown
from tests.web.panels.world import JANE, World, guest, order

CUSTOMER = "00163E0389291ED5A1B2C3D4E5F60718"
PAGE = "/panels/sap-sales-cloud"


class Mashup:
    """A person of the tenant in front of the frame."""

    def __init__(self, world: World, side: Connection) -> None:
        self.world, self.side = world, side
        with world.runtime.database.reading() as session:
            self.tenant = passes.tenant_of(session.get_one(Connection, side.id))

    def shell(self, **query: str) -> Shown:
        """The frame's page."""
        return Shown(self.world.app.test_client().get(PAGE, query_string={"tenant": self.tenant, **query}))

    def post(self, path: str, **body: Any) -> TestResponse:
        """What its script asks for."""
        return self.world.app.test_client().post(f"{PAGE}/{path}", json={"tenant": self.tenant, **body})

    def pair(self, user: str = "8000000042") -> str:
        """The secret of a device, by a code."""
        code = passes.invite(self.world.runtime, self.side.id, user, "Ann").code
        answer = self.post("pair", code=code)
        assert answer.status_code == 200 and answer.json is not None
        return str(answer.json["device"])

    def open(self, device: str, record_id: str = CUSTOMER, kind: str = "IndividualCustomer", **more: Any) -> Shown:
        """The panel's inside."""
        answer = self.post("open", device=device, object=kind, id=record_id, **more)
        if answer.status_code == 200 and answer.json is not None:
            self.token = answer.json["token"]
            answer.data = answer.json["html"].encode()
        return Shown(answer)


@pytest.fixture
def side(world: World) -> Connection:
    """A store's tenant, whose Jane has two orders."""
    store = world.store()
    side = world.crm(store, "sap-sales-cloud")
    world.link(side, "customer", "42", "IndividualCustomer", CUSTOMER)
    world.person(store, JANE)
    world.orders(store, order(1), order(2), order(9, guest("else@example.com")))
    return side


@pytest.fixture
def mashup(world: World, side: Connection) -> Mashup:
    return Mashup(world, side)


def test_a_paired_device_opens_the_panel_again_and_again(mashup: Mashup, panel: Panel) -> None:
    device = mashup.pair()
    for _ in range(2):
        shown = mashup.open(device)
        assert shown.status == 200 and shown.orders == ["2", "1"] and "Jane Doe" in shown.text
        assert panel.fetch(mashup.token).orders == ["2", "1"]


def test_the_page_itself_holds_no_data(mashup: Mashup) -> None:
    shown = mashup.shell(object="IndividualCustomer", id=CUSTOMER, email="jane@example.com", account="1", user="1")
    assert shown.status == 200 and shown.orders == []
    assert "Jane" not in shown.html and "jane@" not in shown.html and "Gift" not in shown.html


def test_address_cannot_break_out_of_the_page(mashup: Mashup) -> None:
    evil = "</script><script>alert(1)</script>"
    assert evil not in mashup.shell(object=evil, id=evil).html


def test_headers_of_the_page(mashup: Mashup) -> None:
    headers = mashup.shell().response.headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy["frame-ancestors"].split() == ["https://my1.crm.ondemand.com", "https://*.crm.cloud.sap"]
    assert "'nonce-" in policy["script-src"] and "unsafe" not in policy["script-src"]
    assert policy["connect-src"] == "'self'" and policy["form-action"] == "'none'"
    assert headers["Referrer-Policy"] == "no-referrer" and headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in headers and "X-Frame-Options" not in headers
    for answer in (mashup.post("open"), mashup.post("pair", code="x")):
        assert answer.headers["Cache-Control"] == "no-store" and "Set-Cookie" not in answer.headers
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_cookie_is_only_for_browsers_that_store_nothing_else(mashup: Mashup, world: World) -> None:
    client, run = world.app.test_client(), world.runtime
    plain = {"tenant": mashup.tenant, "code": passes.invite(run, mashup.side.id, "1", "Ann").code, "keep": "storage"}
    assert "Set-Cookie" not in client.post(f"{PAGE}/pair", json=plain).headers
    asked = {"tenant": mashup.tenant, "code": passes.invite(run, mashup.side.id, "1", "Ann").code, "keep": "cookie"}
    [cookie] = client.post(f"{PAGE}/pair", json=asked).headers.getlist("Set-Cookie")
    told = {part.partition("=")[0] for part in cookie.split("; ")[1:]}
    assert {"Secure", "HttpOnly", "Path", "SameSite", "Partitioned", "Max-Age"} <= told and "Domain" not in told
    record = {"tenant": mashup.tenant, "object": "IndividualCustomer", "id": CUSTOMER}
    answer = client.post(f"{PAGE}/open", json=record, base_url="https://localhost")
    assert answer.status_code == 200
    form = client.post(f"{PAGE}/open", data=record, base_url="https://localhost")  # what another site could send
    assert form.status_code == 401


@pytest.mark.parametrize("device", ["", "guessed", "ü", "x" * 5_000, None, 7, ["x"]])
def test_without_a_paired_device_nothing_opens(mashup: Mashup, device: Any) -> None:
    mashup.pair()
    shown = mashup.open(device)
    assert shown.status == 401 and "Jane" not in shown.html


def test_a_device_of_another_tenant_opens_nothing(mashup: Mashup, world: World) -> None:
    other = Mashup(world, world.crm(world.store("Wholesale"), "sap-sales-cloud"))
    device = other.pair()
    assert mashup.open(device).status == 401
    shown = other.open(device)  # the first tenant's record is nothing to the second one
    assert shown.status == 200 and shown.orders == [] and "Jane" not in shown.html


def test_a_revoked_pass_ends_the_open_panel_too(mashup: Mashup, world: World, panel: Panel) -> None:
    device = mashup.pair()
    mashup.open(device)
    with world.runtime.database.reading() as session:
        held = passes.holder(session, mashup.side.id, device)
    passes.revoke(world.runtime, mashup.side.id, held.id)
    assert mashup.open(device).status == 401
    assert panel.fetch(mashup.token).status == 401


def test_a_device_ends_after_its_time(mashup: Mashup, monkeypatch: pytest.MonkeyPatch) -> None:
    device, later = mashup.pair(), now() + timedelta(days=91)
    monkeypatch.setattr(passes, "now", lambda: later)
    assert mashup.open(device).status == 401


def test_a_code_is_good_once_and_guessing_is_stopped(mashup: Mashup) -> None:
    code = passes.invite(mashup.world.runtime, mashup.side.id, "1", "Ann").code
    assert mashup.post("pair", code=code).status_code == 200
    statuses = [mashup.post("pair", code=code if n == 0 else f"AAAA-{n}").status_code for n in range(22)]
    assert statuses == [401] * passes.MOST_WRONG + [429] * 2
    assert 0 < int(mashup.post("pair", code="x").headers["Retry-After"]) <= 900


def test_neither_code_nor_device_is_kept_or_logged(mashup: Mashup, world: World) -> None:
    with capture_logs() as logs:
        code = passes.invite(world.runtime, mashup.side.id, "1", "Ann").code
        answer = mashup.post("pair", code=code).json
        assert answer is not None
        device = answer["device"]
        mashup.open(device)
        mashup.open(device + "x")
        mashup.post("pair", code=code)
    with world.runtime.database.reading() as session:
        kept = repr([vars(row) for row in session.query(PanelPass)])
    assert [entry["event"] for entry in logs] == ["panel refused"] * 2
    for secret in (code, code.replace("-", ""), device):
        assert secret not in kept + repr(logs)


def test_the_last_use_is_noted_once_in_a_while(mashup: Mashup, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    device = mashup.pair()

    def seen() -> Any:
        with world.runtime.database.reading() as session:
            return passes.holder(session, mashup.side.id, device).seen_at

    first = seen()
    mashup.open(device)
    assert seen() == first
    monkeypatch.setattr(sap_sales_cloud, "now", lambda: first + timedelta(hours=2))
    mashup.open(device)
    assert seen() > first


@pytest.mark.parametrize(
    ("kind", "record_id"),
    [
        ("IndividualCustomer", "00163E0389291ED5FFFFFFFFFFFFFFFF"), ("ServiceRequest", "made-up"), ("Users", CUSTOMER),
        ("", CUSTOMER), ("IndividualCustomer", ""), ("IndividualCustomer", "' or 1 eq 1"), ("customer", "42"),
    ],
)  # fmt: skip
def test_a_record_that_nobody_knows_shows_nothing(mashup: Mashup, panel: Panel, kind: str, record_id: str) -> None:
    shown = mashup.open(mashup.pair(), record_id, kind, email="jane@example.com", account="42")
    assert shown.status == 200 and shown.orders == [] and "Jane" not in shown.text
    for query in ("1", "else@example.com", "jane@example.com"):
        assert panel.fetch(mashup.token, q=query).orders == []
    assert panel.fetch(mashup.token, part="order", id="1").status == 404


def test_the_same_number_as_a_uuid(mashup: Mashup) -> None:
    plain = CUSTOMER.lower()
    uuid = "-".join((plain[:8], plain[8:12], plain[12:16], plain[16:20], plain[20:]))
    assert mashup.open(mashup.pair(), uuid).orders == ["2", "1"]


def test_language_and_time_zone_are_the_browsers(mashup: Mashup) -> None:
    shown = mashup.open(mashup.pair(), locale="de-DE", timezone="Europe/Berlin")
    assert "25,00" in shown.text and "Europe/Berlin" in shown.html


@pytest.mark.parametrize(
    "tenant", ["", "s1", "s1.999999", "s2.1", ".1", "s1.1.1", "s1.-1", "s1.1 ", "s1." + "9" * 40]
)  # fmt: skip
def test_an_unknown_tenant(mashup: Mashup, tenant: str) -> None:
    shown = mashup.shell(tenant=tenant)
    assert shown.status == 403 and "No store is connected" in shown.text
    assert "frame-ancestors https://*.crm.cloud.sap" in shown.response.headers["Content-Security-Policy"]
    known = mashup.post("pair", code="x").text
    assert mashup.post("pair", tenant=tenant, code="x").text == known
    assert mashup.post("open", tenant=tenant, device=mashup.pair()).status_code == 401


@pytest.mark.parametrize("state", [ConnectionState.LIVE, ConnectionState.REAUTHORIZE, ConnectionState.DISCONNECTED])
def test_only_a_disconnected_tenant_is_left_out(mashup: Mashup, world: World, state: str) -> None:
    device = mashup.pair()
    with world.runtime.database.transaction() as session:
        session.get_one(Connection, mashup.side.id).state = state
    good = state != ConnectionState.DISCONNECTED
    assert mashup.open(device).status == (200 if good else 401)
    assert mashup.shell().status == (200 if good else 403)


def test_an_uninstalled_store_shows_nothing(mashup: Mashup, world: World) -> None:
    device = mashup.pair()
    with world.runtime.database.transaction() as session:
        session.get_one(Store, mashup.side.store_id).state = StoreState.UNINSTALLED
    assert mashup.open(device).status == 401 and mashup.shell().status == 403


@pytest.mark.parametrize("path", ["open", "pair"])
@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"tenant": {}}'])
def test_bodies_of_another_shape(mashup: Mashup, path: str, body: bytes) -> None:
    answer = mashup.world.app.test_client().post(f"{PAGE}/{path}", data=body, content_type="application/json")
    assert answer.status_code == 401


def test_page_and_panel_are_small_and_two_requests(mashup: Mashup, world: World) -> None:
    with world.runtime.database.reading() as session:
        store = session.get_one(Store, mashup.side.store_id)
    world.orders(store, *(order(n) for n in range(100, 140)))
    shown = mashup.open(mashup.pair())
    assert len(shown.orders) == 10
    assert len(mashup.shell().html.encode()) + len(shown.html.encode()) <= 50 * 1024


def test_objects_with_a_panel_are_those_that_the_tenant_can_be_asked_about() -> None:
    assert set(sap_sales_cloud.OBJECTS) == KINDS
    assert Ref(*sap_sales_cloud.NOTHING.dump()["record"]) == Ref("", "")
