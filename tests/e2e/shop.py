"""A shop whose own webhooks are held until a test lets them in: as they came, twice, in another order."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests
from sqlalchemy import select

from app.config import Settings
from app.connectors.base import Event
from app.connectors.bigcommerce import events
from app.connectors.lists import totals
from app.connectors.registry import SOURCE, VENDORS
from app.db import now
from app.models import Connection, Delivery, State
from app.sandbox import bigcommerce
from app.sync import connections, hooks, inbox
from tests.e2e.conftest import Bridge, build_bridge
from tests.e2e.crms import CRMS, Crm
from tests.sandbox.conftest import serving

ANSWER_S = 60.0  # what a stand-in may take to send its webhooks
ADDRESS = {
    "first_name": "Siân", "last_name": "O’Hara", "street_1": "1 Mill Lane", "city": "Cardiff",
    "state": "South Glamorgan", "zip": "CF10 1AA", "country": "United Kingdom", "country_iso2": "GB",
    "phone": "029 2018 0000",
}  # fmt: skip
Json = dict[str, Any]


class Mailbox:
    """Takes the store's webhooks in as they come."""

    def __init__(self, secret: str) -> None:
        self.waiting: list[Event] = []
        mailbox = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                if self.path == hooks.PATH:  # else a CRM's own notice, which nobody here waits for
                    events.verify(secret, headers, body, 300, now())
                    mailbox.waiting.append(events.read(body, headers["webhook-id"]))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@contextmanager
def mailbox(secret: str) -> Iterator[Mailbox]:
    """One that listens."""
    box = Mailbox(secret)
    thread = threading.Thread(target=box.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield box
    finally:
        box.server.shutdown()
        box.server.server_close()
        thread.join(5)


@dataclass
class Shop:
    """The store, its webhooks, the engine, and the CRM at the other end."""

    bridge: Bridge
    box: Mailbox
    crm: Crm
    seed: int | None = None  # of the disorder in which webhooks come, each twice; None: in order, once
    heard: list[Event] = field(default_factory=list)

    def switch(self, *channels: str, **switches: bool) -> None:
        """Options as the merchant sets them, as far as the vendor has them."""
        with self.bridge.runtime.database.transaction() as session:
            connection = session.get_one(Connection, self.bridge.connection_id)
            known = {option.name for option in VENDORS[connection.vendor].options}
            fitting = {name: on for name, on in switches.items() if name in known}
            connection.switches, connection.channels = {**connection.switches, **fitting}, list(channels)

    def sync(self) -> None:
        """Let the webhooks in, and carry everything until nothing is due."""
        self.hear(self._arrived())

    def hear(self, heard: list[Event]) -> None:
        """Take these notices in and carry what they ask for; in disorder one by one, each twice."""
        self.heard += heard
        if self.seed is None:
            for event in heard:
                inbox.receive(self.bridge.runtime, SOURCE, event)
            self.carry()
            return
        mixed = [*heard, *heard, *(replace(event, event_id=f"{event.event_id}-again") for event in heard)]
        chance = random.Random(self.seed)
        chance.shuffle(mixed)
        for event in mixed:
            inbox.receive(self.bridge.runtime, SOURCE, event)
            if chance.random() < 0.5:
                self.carry()
        self.carry()

    def repeat(self) -> None:
        """All that was ever heard, under new numbers, the last first."""
        for number, event in enumerate(reversed(list(self.heard))):
            again = replace(event, event_id=f"repeat-{number}-{event.event_id}")
            inbox.receive(self.bridge.runtime, SOURCE, again)
        self.carry()

    def carry(self) -> None:
        """Flush; every delivery must come to a good end at once."""
        self.bridge.flush()
        with self.bridge.runtime.database.reading() as session:
            bad = session.scalars(select(Delivery).where(Delivery.state != State.DONE)).all()
            found = [(one.kind, one.record_id, one.state, one.error_code, one.error_message) for one in bad]
            connection = session.get_one(Connection, self.bridge.connection_id)
            assert (found, connection.problem) == ([], ""), (found, connection.problem)

    def flags(self) -> set[str]:
        """The codes of all flags so far."""
        with self.bridge.runtime.database.reading() as session:
            return {flag["code"] for one in session.scalars(select(Delivery)) for flag in one.flags}

    def totals(self) -> dict[str, str]:
        """What the CRM's own records sum up to, by currency; zeros left out."""
        target = connections.open_target(self.bridge.runtime, self.bridge.connection_id)
        sums = totals(target.sales())["totals"]
        return {currency: f"{amount.normalize():f}" for currency, amount in sorted(sums.items()) if amount}

    def due(self) -> dict[str, str]:
        """What the store's own orders sum up to, less refunds; those that were cancelled count for nothing."""
        sums: dict[str, Decimal] = {}
        orders = self.bridge.api("GET", "/v2/orders?limit=250")
        refunds = self.bridge.api("GET", "/v3/orders/payment_actions/refunds?limit=250")["data"]
        for order in orders:
            back = (Decimal(str(one["total_amount"])) for one in refunds if one["order_id"] == order["id"])
            net = Decimal(order["total_inc_tax"]) - sum(back, Decimal(0))
            code = order["default_currency_code"]
            sums[code] = sums.get(code, Decimal(0)) + (net if order["status"] not in ("Cancelled", "Declined") else 0)
        return {currency: f"{amount.normalize():f}" for currency, amount in sorted(sums.items()) if amount}

    def act(self, method: str, path: str, body: Any = None) -> Any:
        """What a shopper does in the storefront, or staff in the control panel."""
        answer = requests.request(method, f"{self.bridge.store_url}/_sandbox{path}", json=body, timeout=30)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def b2b(self, method: str, path: str, body: Any = None) -> Any:
        """A call of the B2B Edition by staff."""
        headers = {"X-Auth-Token": "sandbox-bc-token", "X-Store-Hash": "sandbox1"}
        url = f"{self.bridge.store_url}/b2b/api/v3/io{path}"
        answer = requests.request(method, url, json=body, headers=headers, timeout=30)
        assert answer.ok, answer.text
        return answer.json()["data"]

    def register(self, email: str, **more: Any) -> int:
        """A new account in the store."""
        person = {"first_name": "Rosa", "last_name": "Núñez", "email": email, **more}
        return int(self.act("POST", "/customers", [person])[0]["id"])

    def fill(self, **more: Any) -> str:
        """A cart with two things, left for an hour."""
        cart_id = str(self.act("POST", "/carts", {"line_items": [{"product_id": 1, "quantity": 2}], **more})["id"])
        self.act("POST", f"/carts/{cart_id}/abandon")
        return cart_id

    def place(self, email: str = "", *, price: str = "20.00", **more: Any) -> Json:
        """An order by a checkout, of two pieces."""
        goods = {"product_id": 1, "quantity": 2, "price_ex_tax": price, "price_inc_tax": price}
        body = {"billing_address": {**ADDRESS, "email": email}, "status_id": 11, "products": [goods], **more}
        placed: Json = self.act("POST", "/orders", body)
        return placed

    def ship(self, order_id: int, quantity: int, **tracking: str) -> None:
        """Some pieces of the first line leave."""
        line = self.bridge.api("GET", f"/v2/orders/{order_id}/products")[0]
        items = [{"order_product_id": line["id"], "quantity": quantity}]
        body = {"order_address_id": line["order_address_id"], "items": items, **tracking}
        self.bridge.api("POST", f"/v2/orders/{order_id}/shipments", body)

    def set_status(self, order_id: int, status_id: int) -> None:
        """Staff moves an order on."""
        self.bridge.api("PUT", f"/v2/orders/{order_id}", {"status_id": status_id})

    def _arrived(self) -> list[Event]:
        deadline = time.monotonic() + ANSWER_S
        while time.monotonic() < deadline:
            counts = requests.get(f"{self.bridge.store_url}/_sandbox/webhooks", timeout=10).json()
            assert counts["failed"] == counts["given_up"] == 0, counts
            if counts["queued"] == counts["in_flight"] == counts["retrying"] == 0:
                break
            time.sleep(0.01)
        found = list(self.box.waiting)
        self.box.waiting.clear()
        return found


@contextmanager
def open_shop(vendor: str, database_url: str, redis_url: str) -> Iterator[Shop]:
    """A store with goods and people, connected with an empty CRM, live; what it holds so far stays unsaid."""
    with ExitStack() as stack:
        create_app, crm_of = CRMS[vendor]
        store_url = stack.enter_context(serving(bigcommerce.create_app, limits=False))
        crm = crm_of(stack.enter_context(serving(create_app, limits=False, seed="empty")))
        crm.furnish()
        box = stack.enter_context(mailbox(Settings().bigcommerce_client_secret))
        more = {"public_url": box.url, "bigcommerce_b2b_url": f"{store_url}/b2b/api/v3/io"}
        bridge = build_bridge(database_url, redis_url, store_url, crm.url, vendor, **more)
        stack.callback(bridge.runtime.database.close)
        shop = Shop(bridge, box, crm)
        hooks.ensure(bridge.runtime, bridge.store_id)
        yield shop
