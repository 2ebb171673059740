"""What shoppers and staff do in a store, over its own API, in our names for its fields."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import requests

from tests.e2e.conftest import Bridge

ADDRESS = {
    "street_1": "address1", "city": "city", "state": "state_or_province", "postal_code": "postal_code",
}  # fmt: skip
GOODS = {"name": "name", "price": "price", "stock": "inventory_level"}
PATIENCE = 60.0  # seconds until all webhooks are delivered
Json = Any


class StorePeople:
    """Whoever buys or works in the store."""

    def __init__(self, bridge: Bridge) -> None:
        self._bridge = bridge
        self._address_ids: dict[int, int] = {}

    def register(self, email: str, last_name: str) -> int:
        """A new customer with an address."""
        person = {"first_name": last_name[::-1].title(), "last_name": last_name, "email": email}
        place = {
            "first_name": "Pat", "last_name": last_name, "address1": "1 Mill Lane", "city": "Leeds",
            "state_or_province": "West Yorkshire", "postal_code": "LS1 4DY", "country_code": "GB",
        }  # fmt: skip
        body = {**person, "company": f"{last_name} Ltd", "phone": "0113 496 0000", "addresses": [place]}
        number = int(self._bridge.api("POST", "/v3/customers", [body])["data"][0]["id"])
        rows = self._bridge.api("GET", f"/v3/customers/addresses?customer_id:in={number}")["data"]
        self._address_ids[number] = rows[0]["id"]
        return number

    def stock_up(self, name: str, sku: str) -> int:
        """A new product."""
        body = {
            "name": name, "sku": sku, "type": "physical", "price": 12.5, "weight": 1,
            "inventory_tracking": "product", "inventory_level": 50,
        }  # fmt: skip
        return int(self._bridge.api("POST", "/v3/catalog/products", body)["data"]["id"])

    def order(self, customer: int, product: int, email: str) -> int:
        """A customer buys two of a product."""
        address = {
            "first_name": "Pat", "last_name": "Buyer", "email": email, "street_1": "1 Mill Lane", "city": "Leeds",
            "state": "West Yorkshire", "zip": "LS1 4DY", "country": "United Kingdom", "country_iso2": "GB",
        }  # fmt: skip
        body = {"customer_id": customer, "status_id": 11, "billing_address": address}
        return int(self._bridge.place({**body, "products": [{"product_id": product, "quantity": 2}]})["id"])

    def edit_customer(self, number: int, values: Mapping[str, str]) -> None:
        """Change a customer, or the address of theirs that counts."""
        person = {name: text for name, text in values.items() if name not in ADDRESS}
        place = {ADDRESS[name]: text for name, text in values.items() if name in ADDRESS}
        if person:
            self._bridge.api("PUT", "/v3/customers", [{"id": number, **person}])
        if place:
            self._bridge.api("PUT", "/v3/customers/addresses", [{"id": self._address_ids[number], **place}])

    def edit_product(self, number: int, values: Mapping[str, str]) -> None:
        """Change a product."""
        body: dict[str, Any] = {GOODS[name]: text for name, text in values.items()}
        body |= {name: float(body[name]) for name in ("price",) if name in body}
        body |= {name: int(body[name]) for name in ("inventory_level",) if name in body}
        self._bridge.api("PUT", f"/v3/catalog/products/{number}", body)

    def edit_order(self, number: int, values: Mapping[str, str]) -> None:
        """Move an order's status, or send what is left of it off."""
        if "status" in values:
            statuses = {row["name"]: row["id"] for row in self._bridge.api("GET", "/v2/order_statuses")}
            self._bridge.api("PUT", f"/v2/orders/{number}", {"status_id": statuses[values["status"]]})
        if "tracking_number" in values:
            self._ship(number, values["tracking_number"])

    def delete_customer(self, number: int) -> None:
        self._bridge.api("DELETE", f"/v3/customers?id:in={number}")

    def rows(self, name: str) -> list[Json]:
        """What is stored of an object."""
        rows: list[Json] = requests.get(f"{self._bridge.store_url}/_sandbox/records/{name}", timeout=30).json()
        return rows

    def everything(self) -> dict[str, list[Json]]:
        """All that is stored of what we carry."""
        return {name: self.rows(name) for name in ("customers", "products", "orders")}

    def webhooks(self, action: str, times: int = 1) -> None:
        """Pause, resume, double or shuffle the store's webhooks."""
        address = f"{self._bridge.store_url}/_sandbox/webhooks/{action}"
        requests.post(address, json={"times": times}, timeout=30).raise_for_status()

    def settle(self) -> None:
        """Wait until every webhook has been delivered."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            counts = requests.get(f"{self._bridge.store_url}/_sandbox/webhooks", timeout=30).json()
            if not any(counts[name] for name in ("queued", "in_flight", "retrying")):
                assert not counts["given_up"], counts
                return
            time.sleep(0.01)
        raise AssertionError(f"webhooks are never delivered: {counts}")

    def _ship(self, number: int, tracking_number: str) -> None:
        lines = self._bridge.api("GET", f"/v2/orders/{number}/products")
        left = {row["id"]: row["quantity"] - row["quantity_shipped"] for row in lines}
        items = [{"order_product_id": line, "quantity": count} for line, count in left.items() if count > 0]
        path = f"/v2/orders/{number}/shipments"
        done = [] if items else self._bridge.api("GET", path)
        body: dict[str, Any] = {"tracking_number": tracking_number}
        if items:
            body |= {"order_address_id": lines[0]["order_address_id"], "items": items}
            self._bridge.api("POST", path, body)
        elif done:
            self._bridge.api("PUT", f"{path}/{done[-1]['id']}", body)
