"""Calls per order, counted by the stand-ins: a lone order, and 25 or more that wait."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from app import log, migrations
from app.connectors.registry import VENDORS
from app.embedded import ensure_redis, stop_redis
from app.sandbox import bigcommerce
from app.sandbox.catalogue import SANDBOXES
from app.sync.flush import flush
from tests.e2e.conftest import Bridge, build_bridge
from tests.sandbox.conftest import serving

LINES = 3


def run() -> list[dict[str, Any]]:
    """Reads are calls to the store; look-ups and writes are calls to the CRM, all of which it counts."""
    log.configure("warning")
    return [row for vendor in VENDORS for row in _measured(vendor)]


def _measured(vendor: str) -> list[dict[str, Any]]:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        stack.callback(stop_redis, folder)
        store_url = stack.enter_context(serving(bigcommerce.create_app, limits=False))
        crm_url = stack.enter_context(serving(SANDBOXES[vendor].create_app, limits=False))
        database = f"sqlite:///{Path(folder) / 'bench.db'}"
        migrations.upgrade(database)
        bridge = build_bridge(database, ensure_redis(folder), store_url, crm_url, vendor)
        customers = [bridge.api("POST", "/v3/customers", [_customer(n)])["data"][0]["id"] for n in range(100)]
        rows = [
            _measure(bridge, "lone order, new guest", [0], "a"),
            _measure(bridge, "lone order, known customer", _known(bridge, customers[:1]), "b"),
            _measure(bridge, "25 orders, new guests", [0] * 25, "c"),
            _measure(bridge, "25 orders, known customers", _known(bridge, customers[:25]), "d"),
            _measure(bridge, "100 orders, known customers", _known(bridge, customers), "e"),
        ]
        bridge.runtime.database.close()
        return rows


def _known(bridge: Bridge, customers: list[int]) -> list[int]:
    for number in customers:
        bridge.notice("customer", number, f"customer-{number}-{len(customers)}")
    flush(bridge.runtime, bridge.connection_id)
    return customers


def _measure(bridge: Bridge, name: str, customers: list[int], seed: str) -> dict[str, Any]:
    """The products are linked already, as their own notices see to."""
    products = [row["id"] for row in bridge.api("GET", "/v3/catalog/products?limit=3")["data"]]
    for product in products:
        bridge.notice("product", product, f"product-{seed}-{product}")
    flush(bridge.runtime, bridge.connection_id)
    placed = [bridge.place(_order(number, f"{seed}{index}", products)) for index, number in enumerate(customers)]
    for order in placed:
        bridge.notice("order", order["id"], f"order-{seed}-{order['id']}")
    bridge.forget_calls()
    flush(bridge.runtime, bridge.connection_id)
    reads, writes = (sum(bridge.calls(url).values()) for url in (bridge.store_url, bridge.crm_url))
    return {
        "benchmark": f"calls, {bridge.vendor}, {name}",
        "to the store": reads,
        "to the CRM": writes,
        "per order": f"{reads / len(placed):.2f} + {writes / len(placed):.2f}",
    }


def _customer(number: int) -> dict[str, Any]:
    return {"first_name": "Pat", "last_name": f"Nr {number}", "email": f"pat{number}@shop.example"}


def _order(customer: int, seed: str, products: list[int]) -> dict[str, Any]:
    address = {
        "first_name": "Pat", "last_name": f"Guest {seed}", "email": f"{seed}@mail.example",
        "street_1": f"{seed} Lane",
        "city": f"Town {seed}", "state": "Kent", "zip": "CT1 1AA", "country": "United Kingdom", "country_iso2": "GB",
    }  # fmt: skip
    lines = [{"product_id": product, "quantity": 2} for product in products[:LINES]]
    return {"customer_id": customer, "status_id": 11, "billing_address": address, "products": lines}
