"""The store: its goods, the plans' orders in it, what happens to these, and what it says of them in the end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from typing import Any

import requests

from tests.golden.draft import GOODS, SHIPPED, Event, Json, Person, Plan

TOKEN = {"X-Auth-Token": "sandbox-bc-token"}
PAGE = 250
QUOTA = 1_000_000  # calls in 30 s: shoppers and staff do not spend the store's API quota, as these here do
SALES = (2, 3, 4, 8, 9, 10, 11, 13, 14)  # statuses of what was paid or accepted: of the rest, nothing counts
OVER = (5, 6)  # cancelled, declined


@dataclass(frozen=True)
class Owed:
    """An order as the store's own API tells of it; `net` is what is left of the total after refunds that were paid."""

    id: str
    currency: str
    total: Decimal
    refunded: Decimal
    status_id: int
    is_archived: bool

    @property
    def net(self) -> Decimal:
        return self.total - self.refunded

    @property
    def is_sale(self) -> bool:
        return self.status_id in SALES and not self.is_archived


@dataclass
class Placed:
    """A plan and what became of it in the store; the last of its orders is the one that things happen to."""

    plan: Plan
    orders: list[int] = field(default_factory=list)
    customer: int = 0
    own_product: int = 0
    was_a_sale: set[int] = field(default_factory=set)  # orders that were more than a cart at some time

    @property
    def order(self) -> int:
        return self.orders[0]


class Store:
    """The stand-in through its API, and through what only its own storefront and control panel can do."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.headers.update({**TOKEN, "Accept": "application/json", "User-Agent": "golden/1"})
        self._goods: list[int] = []
        self.act("POST", "/plan", {"quota": QUOTA})

    def stock_up(self) -> None:
        """The catalogue: goods that all orders share."""
        rows = [
            {"name": f"Good {n}", "sku": f"G-{n:03}", "type": "digital" if n % 9 == 8 else "physical",
             "price": n + 0.95, "weight": 1} for n in range(GOODS)
        ]  # fmt: skip
        self._goods = [row["id"] for row in self.act("POST", "/products", rows)]

    def place(self, plan: Plan) -> Placed:
        """The order, after whoever and whatever it needs."""
        placed, person, body = Placed(plan), plan.person, dict(plan.body)
        if plan.own_product:
            own: Json = {"name": f"Own {plan.number}", "sku": f"OWN-{plan.number}", "type": "physical"}
            own |= {"price": 5, "weight": 1}
            placed.own_product = self.act("POST", "/products", [own])[0]["id"]
        if person.is_registered:
            placed.customer = self._register(person, person.account_email or person.email)
        is_deleted_first = body.pop("delete_first", False)
        body |= {"billing_address": _billing(person), "customer_id": 0 if person.as_guest else placed.customer}
        body["products"] = [self._line(line, placed) for line in body["products"]]
        placed.orders.append(self.act("POST", "/orders", body)["id"])
        if is_deleted_first:
            self._delete_product(placed, {})
        return placed

    def happen(self, placed: Placed, event: Event) -> None:
        """One event."""
        getattr(self, f"_{event.kind}")(placed, dict(event.details))

    def owed(self) -> dict[str, Owed]:
        """All orders, archived ones too, as the store's API tells them."""
        refunded: dict[int, Decimal] = {}
        for refund in self._pages("/v3/orders/payment_actions/refunds"):
            paid = [Decimal(str(one["amount"])) for one in refund["payments"] if not one["is_declined"]]
            refunded[refund["order_id"]] = refunded.get(refund["order_id"], Decimal(0)) + sum(paid, Decimal(0))
        rows = [*self._pages("/v2/orders"), *self._pages("/v2/orders", is_deleted="true")]
        return {
            str(row["id"]): Owed(
                str(row["id"]), row["default_currency_code"], Decimal(row["total_inc_tax"]),
                refunded.get(row["id"], Decimal(0)), row["status_id"], row["is_deleted"],
            )
            for row in rows
        }  # fmt: skip

    def webhooks(self) -> dict[str, int]:
        """How many are on their way."""
        counts: dict[str, int] = self._session.get(f"{self._url}/_sandbox/webhooks", timeout=30).json()
        return counts

    def act(self, method: str, path: str, body: Any = None) -> Any:
        """What a shopper does in the storefront, or the store by itself."""
        return self._call(method, f"/_sandbox{path}", body)

    def api(self, method: str, path: str, body: Any = None) -> Any:
        """A call of the store's API, as staff or another app would make it."""
        return self._call(method, f"/stores/sandbox1{path}", body)

    # ---- what happens to an order

    def _again(self, placed: Placed, _: Json) -> None:
        """The same person buys once more, by their account."""
        person = placed.plan.person
        line = {"product_id": self._goods[1], "quantity": 1, "price_ex_tax": "10.00", "price_inc_tax": "12.00"}
        body = {"billing_address": _billing(person), "customer_id": placed.customer, "products": [line]}
        placed.orders.append(self.act("POST", "/orders", {**body, "status_id": 11})["id"])

    def _register(self, person: Person, email: str) -> int:
        names = {"first_name": person.first_name or "A", "last_name": person.last_name or "B", "email": email}
        return int(self.act("POST", "/customers", [names])[0]["id"])

    def _join(self, placed: Placed, details: Json) -> None:
        placed.customer = self._register(placed.plan.person, details["email"])

    def _claim(self, placed: Placed, _: Json) -> None:
        self._edit(placed, {"customer_id": placed.customer})

    def _change_email(self, placed: Placed, details: Json) -> None:
        self.api("PUT", "/v3/customers", [{"id": placed.customer, **details}])

    def _edit(self, placed: Placed, details: Json) -> None:
        self.api("PUT", f"/v2/orders/{placed.order}", details)

    def _touch(self, placed: Placed, _: Json) -> None:
        self._edit(placed, {"staff_notes": "Looked at"})

    def _set_status(self, placed: Placed, details: Json) -> None:
        self._edit(placed, details)

    def _add_line(self, placed: Placed, details: Json) -> None:
        self._edit(placed, {"products": [details]})

    def _edit_line(self, placed: Placed, details: Json) -> None:
        line = self._lines(placed)[details.pop("position")]
        self._edit(placed, {"products": [{"id": line["id"], **details}]})

    def _remove_line(self, placed: Placed, details: Json) -> None:
        line = self._lines(placed)[details["position"]]
        self._edit(placed, {"products": [{"id": line["id"], "quantity": 0}]})

    def _delete_product(self, placed: Placed, _: Json) -> None:
        self.api("DELETE", f"/v3/catalog/products/{placed.own_product}")

    def _ship(self, placed: Placed, _: Json) -> None:
        lines = [line for line in self._lines(placed) if line["order_address_id"]]
        if not lines:  # nothing that could be sent
            self._edit(placed, {"status_id": SHIPPED})
            return
        by_address: dict[int, list[Json]] = {}
        for line in lines:
            item = {"order_product_id": line["id"], "quantity": line["quantity"]}
            by_address.setdefault(line["order_address_id"], []).append(item)
        for number, (address, items) in enumerate(by_address.items()):
            body = {"order_address_id": address, "items": items, "tracking_number": f"T{placed.order}-{number}"}
            self.api("POST", f"/v2/orders/{placed.order}/shipments", {**body, "shipping_provider": "fedex"})

    def _archive(self, placed: Placed, _: Json) -> None:
        self.api("DELETE", f"/v2/orders/{placed.order}")

    # ---- refunds

    def _refund_piece(self, placed: Placed, _: Json) -> None:
        line = max(self._lines(placed), key=lambda one: Decimal(one["discounted_total_inc_tax"]))
        self._refund(placed, [{"item_type": "PRODUCT", "item_id": line["id"], "quantity": 1}])

    def _refund_shipping(self, placed: Placed, _: Json) -> None:
        address = self.api("GET", f"/v2/orders/{placed.order}/shipping_addresses")
        order = self.api("GET", f"/v2/orders/{placed.order}")
        item = {"item_type": "SHIPPING", "item_id": address[0]["id"] if address else placed.order}
        self._refund(placed, [{**item, "amount": float(order["shipping_cost_inc_tax"])}])

    def _refund_cost(self, placed: Placed, details: Json) -> None:
        order, kind = self.api("GET", f"/v2/orders/{placed.order}?include=fees"), details["cost"]
        worth = {"HANDLING": order["handling_cost_inc_tax"], "FEE": order["fees"][0]["cost_inc_tax"]}
        item = {"item_type": kind, "item_id": order["fees"][0]["id"] if kind == "FEE" else placed.order}
        if Decimal(worth.get(kind, order["total_tax"])):
            self._refund(placed, [{**item, "amount": float(worth.get(kind, order["total_tax"]))}])

    def _refund_share(self, placed: Placed, details: Json) -> None:
        """A share of what is left of the order."""
        order, places = self.api("GET", f"/v2/orders/{placed.order}"), placed.plan.body["default_currency_code"]
        done = self.api("GET", f"/v3/orders/{placed.order}/payment_actions/refunds")["data"]
        paid = [one for refund in done for one in refund["payments"] if not one["is_declined"]]
        left = Decimal(order["total_inc_tax"]) - sum((Decimal(str(one["amount"])) for one in paid), Decimal(0))
        unit = Decimal(1).scaleb(-{"JPY": 0, "KWD": 3}.get(places, 2))
        share = left * Decimal(details["share"])
        worth = left if details["share"] == "1" else share.quantize(unit, ROUND_DOWN)
        if worth:
            item = {"item_type": "ORDER", "item_id": placed.order, "amount": float(worth), "reason": "Too small ✂"}
            self._refund(placed, [item], declined=details.get("declined", False))

    def _refund(self, placed: Placed, items: list[Json], *, declined: bool = False) -> None:
        quote = self.api("POST", f"/v3/orders/{placed.order}/payment_actions/refund_quotes", {"items": items})["data"]
        body = {"items": items, "payments": quote["refund_methods"][0]}
        if declined:
            self.act("POST", f"/orders/{placed.order}/refunds", {**body, "declined": True})
        else:
            self.api("POST", f"/v3/orders/{placed.order}/payment_actions/refunds", body)

    # ---- calls

    def _line(self, line: Mapping[str, Any], placed: Placed) -> Json:
        body = dict(line)
        good = body.pop("goods", None)
        if good is not None:
            body["product_id"] = placed.own_product if good == "own" else self._goods[good]
        return body

    def _lines(self, placed: Placed) -> list[Json]:
        return list(self._pages(f"/v2/orders/{placed.order}/products"))

    def _pages(self, path: str, **query: str) -> Iterator[Json]:
        page = 1
        while True:
            words = "&".join(f"{k}={v}" for k, v in {**query, "limit": PAGE, "page": page}.items())
            answer = self.api("GET", f"{path}?{words}") or []
            rows = answer["data"] if isinstance(answer, dict) else answer
            yield from rows
            if len(rows) < PAGE:
                return
            page += 1

    def _call(self, method: str, path: str, body: Any) -> Any:
        answer = self._session.request(method, f"{self._url}{path}", json=body, timeout=120)
        assert answer.ok, (method, path, answer.status_code, answer.text[:300])
        return answer.json() if answer.content else None


def _billing(person: Person) -> Json:
    return {
        "first_name": person.first_name, "last_name": person.last_name, "company": person.company,
        "email": person.email, "street_1": person.street, "city": person.city, "state": "Kent", "zip": "CT1 1AA",
        "country": "United Kingdom", "country_iso2": "GB", "phone": "+44 20 7946 0101",
    }  # fmt: skip
