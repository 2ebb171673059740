"""A small world for the panels: an app, stores, connections, orders, and Salesforce's signature."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from flask import Flask

import crm_widgets
from app.config import Settings
from app.db import Database
from app.domain import Address, Cart, Charge, ChargeKind, Customer, Order, OrderLine, to_json
from app.domain.customer import fold, guest_id
from app.domain.order import Stage
from app.models import Base, CartCopy, Connection, ConnectionState, Link, OrderCopy, Person, Store
from app.queue import Bell, connect
from app.runtime import EXTENSION, Runtime
from app.vault import Vault

ORG = "00Dxx0000001gPLEAY"
SECRET = "sandbox-secret"
CONTACT = "003xx000004TmiQAAS"
ACCOUNT = "001xx000003DGWiAAO"
START = datetime(2026, 1, 1, 12, tzinfo=UTC)
JANE = Customer("42", "jane@example.com", "Jane", "Doe", billing=Address(phone="+44 20 7946 0018", city="London"))


@dataclass
class World:
    """The app under test with the runtime that it stands on."""

    app: Flask
    runtime: Runtime
    _stores: int = field(default=0)

    def store(self, name: str = "The Gift Shop", state: str = "active") -> Store:
        """An installed store."""
        self._stores += 1
        url = f"https://store-s{self._stores}.mybigcommerce.com"
        store = Store(store_hash=f"s{self._stores}", name=name, state=state, control_panel_url=url, currency="GBP")
        self.add(store)
        return store

    def connection(self, store: Store, org: str = ORG, state: str = ConnectionState.LIVE) -> Connection:
        """The store's Salesforce org."""
        connection = Connection(
            store_id=store.id, vendor="salesforce", account_id=org, state=state,
            instance_url="https://acme.my.salesforce.com",
        )  # fmt: skip
        self.add(connection)
        return connection

    def crm(self, store: Store, vendor: str, **values: Any) -> Connection:
        """The store's account at another CRM."""
        sites = {"sugarcrm": "https://acme.sugarondemand.com", "sap-sales-cloud": "https://my1.crm.ondemand.com"}
        defaults = {"state": ConnectionState.LIVE, "account_id": vendor, "instance_url": sites[vendor]}
        connection = Connection(store_id=store.id, vendor=vendor, **{**defaults, **values})
        self.add(connection)
        return connection

    def cart(self, store: Store, cart_id: str, buyer: Customer = JANE, order_id: str = "", **changes: Any) -> None:
        """A cart as last fetched."""
        plain = Cart(cart_id, buyer, "GBP", Decimal("20.00"), (line(),), modified_at=START, order_id=order_id)
        cart = replace(plain, **changes)
        row = CartCopy(
            store_id=store.id, cart_id=cart.id, customer_id=cart.buyer.id, email=fold(cart.buyer.email),
            currency=cart.currency, amount=cart.amount, order_id=cart.order_id, modified_at=cart.modified_at,
            document=to_json(cart),
        )  # fmt: skip
        self.add(row)

    def link(self, connection: Connection, kind: str, our_id: str, their_kind: str, their_id: str) -> None:
        """Our record and theirs are one."""
        self.add(Link(connection_id=connection.id, kind=kind, our_id=our_id, their_kind=their_kind, their_id=their_id))

    def person(self, store: Store, customer: Customer) -> None:
        """A customer as last fetched."""
        self.add(Person(store_id=store.id, customer_id=customer.id, email=fold(customer.email), name=customer.name))

    def orders(self, store: Store, *orders: Order) -> None:
        """Orders as last fetched."""
        with self.runtime.database.transaction() as session:
            session.add_all([copy_of(store, order) for order in orders])

    def add(self, row: Base) -> None:
        """Store one row."""
        with self.runtime.database.transaction() as session:
            session.add(row)


def copy_of(store: Store, order: Order) -> OrderCopy:
    """An order's row."""
    return OrderCopy(
        store_id=store.id, order_id=order.id, customer_id=order.buyer.id, email=fold(order.buyer.email),
        stage=order.stage.value, status=order.status, currency=order.currency, total=order.total,
        refunded=order.refunded, placed_at=order.placed_at, modified_at=order.modified_at,
        deleted=order.is_deleted, document=to_json(order),
    )  # fmt: skip


def build(url: str, **settings: str) -> World:
    """An app with the panels on a fresh, migrated database."""
    chosen = Settings(database_url=url, **settings)
    bell = Bell(connect("redis://127.0.0.1:1"))  # the panels never ring
    runtime = Runtime(chosen, Database(chosen.database), Vault(chosen.key_ring), bell)
    app = Flask("panels")
    app.extensions[EXTENSION] = runtime
    crm_widgets.register(app)
    return World(app, runtime)


def line(name: str = "Mug", sku: str = "MUG-1", quantity: int = 2, amount: str = "20.00", number: int = 1) -> OrderLine:
    """Goods."""
    return OrderLine(str(number), name, sku, quantity, Decimal(amount))


def order(number: int, buyer: Customer = JANE, lines: Sequence[OrderLine] = (), **changes: Any) -> Order:
    """Order `number`, placed on the `number`-th hour of 2026 unless told otherwise."""
    lines = tuple(lines) or (line(),)
    total = sum((one.amount for one in lines), Decimal(0)) + 5
    placed = START + timedelta(hours=number)
    plain = Order(
        str(number), 11, "Awaiting Fulfillment", Stage.SALE, buyer, placed, placed, "GBP", total, lines,
        (Charge(ChargeKind.SHIPPING, Decimal(5), "Royal Mail"),), billing=buyer.billing,
    )  # fmt: skip
    return replace(plain, **changes)


def guest(email: str, name: str = "Gail") -> Customer:
    """A guest."""
    return Customer(guest_id(email), email, name, "Guest", complete=False)


def content(
    kind: str = "Contact", record_id: str = CONTACT, org: str = ORG, parameters: dict[str, Any] | None = None,
    locale: str = "en_US", timezone: str = "America/Los_Angeles", **fields: Any,
) -> dict[str, Any]:  # fmt: skip
    """What Salesforce signs, with the keys that the Canvas guide documents."""
    record = {"attributes": {"type": kind, "url": f"/services/data/v66.0/sobjects/{kind}/{record_id}"}, "Id": record_id}
    return {
        "algorithm": "HMACSHA256",
        "issuedAt": 1_700_000_000,
        "userId": "005x0000001SyyEAAS",
        "client": {
            "oauthToken": "00Dxx!live-token-of-the-user",
            "instanceUrl": "https://acme.my.salesforce.com",
            "targetOrigin": "https://acme.lightning.force.com",
        },
        "context": {
            "user": {"userId": "005x0000001SyyEAAS", "fullName": "Ann Rep", "locale": locale, "timeZone": timezone},
            "organization": {"organizationId": org, "name": "Acme"},
            "environment": {"record": {**record, **fields}, "parameters": parameters or {}, "uiTheme": "Theme4d"},
        },
    }


def sign(message: dict[str, Any], secret: str = SECRET, url_safe: bool = False) -> str:
    """A signed request, as Salesforce makes it."""
    encode = base64.urlsafe_b64encode if url_safe else base64.b64encode
    payload = encode(json.dumps(message).encode()).decode()
    digest = hmac.new(secret.encode(), payload.encode(), hashlib.sha256).digest()
    return f"{encode(digest).decode()}.{payload}"
