"""Does what the plan says in the stand-in store: as shoppers do, and as staff do over its API."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import requests

from app.chaos.plan import GUEST, OPEN_STATUSES, STATUSES, Event, Kind
from app.demo import people
from app.demo.people import MadeUp

COUNTRY = "United Kingdom"
QUOTA = 20_000  # calls in 30 s: staff in the control panel do not spend the store's API quota
PRODUCTS = 5  # of those that the stand-in starts with
TIMEOUT = 60
Json = dict[str, Any]


class ShopBroke(Exception):
    """The stand-in store did not do what the plan says."""


class Shop:
    """The store; the plan's numbers of customers and orders by its own."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._http = requests.Session()
        self._http.headers.update({"X-Auth-Token": "sandbox-bc-token", "User-Agent": "chaos-shop/1"})
        self.customers: dict[int, int] = {}
        self.orders: dict[int, int] = {}
        self._do = {
            Kind.REGISTER: self._register, Kind.EDIT_CUSTOMER: self._edit_customer, Kind.PLACE: self._place,
            Kind.EDIT_ORDER: self._edit_order, Kind.MOVE_ORDER: self._move, Kind.REFUND: self._refund,
        }  # fmt: skip

    def open(self, seed: int, copies: int, spread_s: float) -> None:
        """Let people in; webhooks come one to `copies` times and shuffled from now on."""
        self._control("plan", {"quota": QUOTA})
        self._control("webhooks/disorder", {"copies": copies, "spread_s": spread_s, "seed": seed})

    def do(self, event: Event) -> None:
        """One event of the store's. Raises ShopBroke."""
        self._do[event.kind](event)

    def email(self, customer: int) -> str:
        """Of a customer of the plan."""
        return _customer(customer).email

    def drop_hooks(self) -> int:
        """What waits to be delivered is lost, as after days of failing; how many hooks that deactivates."""
        return int(self._control("webhooks/give_up", {})["deactivated"])

    def webhooks(self) -> Json:
        """Where the deliveries are."""
        counts: Json = self._answer(self._http.get(f"{self._url}/_sandbox/webhooks", timeout=TIMEOUT))
        return counts

    def rows(self, name: str) -> list[Json]:
        """All that is stored of an object."""
        found: list[Json] = self._answer(self._http.get(f"{self._url}/_sandbox/records/{name}", timeout=TIMEOUT))
        return found

    def _register(self, event: Event) -> None:
        person = _customer(event.customer)
        address = {
            "first_name": person.first_name, "last_name": person.last_name, "address1": person.street,
            "city": person.city, "state_or_province": person.state, "postal_code": person.postal_code,
            "country_code": person.country_code, "phone": person.phone,
        }  # fmt: skip
        body = {
            "first_name": person.first_name, "last_name": person.last_name, "email": person.email,
            "phone": person.phone, "company": person.company, "addresses": [address],
        }  # fmt: skip
        self.customers[event.customer] = int(self._control("customers", [body])[0]["id"])

    def _edit_customer(self, event: Event) -> None:
        # Names alone: phones are what people of the CRMs edit, and who wins is not the question here.
        field = ("first_name", "last_name")[event.value % 2]
        name = f"{getattr(_customer(event.customer), field)} {event.value}"
        self._api("PUT", "/v3/customers", [{"id": self.customers[event.customer], field: name}])

    def _place(self, event: Event) -> None:
        guest = event.customer == GUEST
        person = people.guest(f"c{event.order}", COUNTRY) if guest else _customer(event.customer)
        cents = 2000 + event.value % 9000
        goods = [
            {"product_id": 1 + event.value % PRODUCTS, "quantity": 1 + event.value % 3, **_both("price", cents)},
            {"name": "Engraving", "quantity": 1, **_both("price", event.value % 700)},
        ]
        body = {
            "customer_id": 0 if guest else self.customers[event.customer],
            "status_id": OPEN_STATUSES[event.value % len(OPEN_STATUSES)],
            "billing_address": _billing(person), "products": goods, "default_currency_code": "GBP",
            **_both("shipping_cost", event.value % 500),
        }  # fmt: skip
        self.orders[event.order] = int(self._control("orders", body)["id"])

    def _edit_order(self, event: Event) -> None:
        line = {"name": f"Extra {event.value}", "quantity": 1, **_both("price", event.value % 800)}
        ways: list[Json] = [
            _both("shipping_cost", event.value % 900), {"discount_amount": str(Decimal(event.value % 300) / 100)},
            {"products": [line]}, {"staff_notes": f"Note {event.value}"},
        ]  # fmt: skip
        self._api("PUT", f"/v2/orders/{self.orders[event.order]}", ways[event.value % len(ways)])

    def _move(self, event: Event) -> None:
        status = STATUSES[event.value % len(STATUSES)]
        self._api("PUT", f"/v2/orders/{self.orders[event.order]}", {"status_id": status})

    def _refund(self, event: Event) -> None:
        number, amount = self.orders[event.order], (100 + event.value % 400) / 100
        items = [{"item_type": "ORDER", "item_id": number, "amount": amount, "reason": "chaos"}]
        payments = [{"provider_id": "custom", "amount": amount, "offline": True}]
        self._control(f"orders/{number}/refunds", {"items": items, "payments": payments})

    def _control(self, path: str, body: Any) -> Any:
        return self._answer(self._http.post(f"{self._url}/_sandbox/{path}", json=body, timeout=TIMEOUT))

    def _api(self, method: str, path: str, body: Any) -> Any:
        url = f"{self._url}/stores/sandbox1{path}"
        return self._answer(self._http.request(method, url, json=body, timeout=TIMEOUT))

    def _answer(self, answer: requests.Response) -> Any:
        if not answer.ok:
            raise ShopBroke(f"{answer.request.method} {answer.url}: {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else None


def refunded(rows: Iterable[Json]) -> dict[int, Decimal]:
    """What was paid back, by order."""
    found: dict[int, Decimal] = {}
    for row in rows:
        found[row["order_id"]] = found.get(row["order_id"], Decimal(0)) + Decimal(str(row["total_amount"]))
    return found


def _customer(number: int) -> MadeUp:
    return people.customer(f"c{number}", COUNTRY)


def _both(prefix: str, cents: int) -> Json:
    amount = str(Decimal(cents) / 100)
    return {f"{prefix}_ex_tax": amount, f"{prefix}_inc_tax": amount}


def _billing(person: MadeUp) -> Json:
    return {
        "first_name": person.first_name, "last_name": person.last_name, "company": person.company,
        "street_1": person.street, "city": person.city, "state": person.state, "zip": person.postal_code,
        "country": person.country, "country_iso2": person.country_code, "phone": person.phone, "email": person.email,
    }  # fmt: skip
