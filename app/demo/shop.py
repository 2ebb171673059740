"""Places the plan in the stand-in store through its API, as shoppers and staff would have."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from decimal import Decimal
from email.utils import format_datetime
from itertools import islice
from typing import Any

import requests

from app.demo import people
from app.demo.people import MadeUp
from app.demo.plan import Plan, PlannedOrder, PlannedRefund, Product, cents

CURRENCY = "GBP"
COMPLETED = 10
OVER = (5, 6)  # cancelled, declined
CUSTOMERS_A_CALL = 10
THREADS = 4
QUOTA = 20_000  # calls in 30 s: shoppers do not spend the store's API quota

Progress = Callable[[str, int, int], None]


class ShopError(Exception):
    """The store refused what the demo wanted to place."""


class Refused(ShopError):
    """The store answered 422: it cannot do this with this order."""


class Shop:
    """The stand-in store with what is in it by now."""

    def __init__(self, url: str, progress: Progress) -> None:
        self._url = url
        self._progress = progress
        self._session = requests.Session()
        self._session.headers.update(
            {"X-Auth-Token": "sandbox-bc-token", "Accept": "application/json", "User-Agent": "demo-shop/1"}
        )
        self._products: dict[str, int] = {}
        self._customers: dict[str, int] = {}
        self._orders: dict[str, dict[str, Any]] = {}  # invoice number -> the order as placed
        self.refunds = 0
        self.refused_refunds = 0

    def open(self) -> None:
        """Let people in; before anybody calls, for who knows the quota believes in it until its window ends."""
        requests.post(f"{self._url}/_sandbox/plan", json={"quota": QUOTA}, timeout=10).raise_for_status()

    def place(self, plan: Plan) -> None:
        """Catalogue, customers, then orders and refunds in the order of time."""
        with ThreadPoolExecutor(THREADS) as threads:
            for number, (code, product_id) in enumerate(threads.map(self._create_product, plan.products), 1):
                self._products[code] = product_id
                self._progress("products", number, len(plan.products))
        for start in _chunks(plan.customers.items(), CUSTOMERS_A_CALL):
            self._create_customers(start)
            self._progress("customers", len(self._customers), len(plan.customers))
        for number, step in enumerate(plan.steps, 1):
            if isinstance(step, PlannedOrder):
                self._create_order(step)
            else:
                self._try_refund(step)
            self._progress("orders and refunds", number, len(plan.steps))

    def expected(self) -> tuple[int, dict[str, Decimal]]:
        """Orders that must reach a CRM and their net per currency, as the store's API tells them now.

        Those that were cancelled or declined count for nothing.
        """
        orders = list(self._all_orders())
        refunded: dict[int, Decimal] = {}
        for refund in self._all_refunds():
            refunded[refund["order_id"]] = refunded.get(refund["order_id"], Decimal(0)) + Decimal(
                str(refund["total_amount"])
            )
        totals: dict[str, Decimal] = {}
        for order in orders:
            if order["status_id"] in OVER:
                continue
            net = Decimal(order["total_inc_tax"]) - refunded.get(order["id"], Decimal(0))
            code = order["default_currency_code"]
            totals[code] = totals.get(code, Decimal(0)) + net
        return len(orders), {code: cents(total) for code, total in totals.items()}

    def _create_product(self, product: Product) -> tuple[str, int]:
        body = {
            "name": product.name[:250],
            "sku": product.code,
            "type": "physical",
            "weight": 0,
            "price": float(product.price),
        }
        return product.code, self._call("POST", "/v3/catalog/products", body)["data"]["id"]

    def _create_customers(self, rows: list[tuple[str, str]]) -> None:
        body = []
        for number, country in rows:
            person = people.customer(number, country)
            address = {
                **_names(person), "address1": person.street, "city": person.city, "state_or_province": person.state,
                "postal_code": person.postal_code, "country_code": person.country_code, "phone": person.phone,
            }  # fmt: skip
            body.append({**_names(person), "email": person.email, "phone": person.phone, "addresses": [address]})
        for (number, _), made in zip(rows, self._call("POST", "/v3/customers", body)["data"], strict=True):
            self._customers[number] = made["id"]

    def _create_order(self, step: PlannedOrder) -> None:
        invoice = step.invoice
        if invoice.customer:
            person, customer_id = people.customer(invoice.customer, invoice.country), self._customers[invoice.customer]
        else:
            person, customer_id = people.guest(invoice.number, invoice.country), 0
        goods = [
            {"product_id": self._products[line.code], "quantity": line.quantity, **_both("price", line.unit_price)}
            for line in step.goods
        ]
        fees = [
            {
                "type": "custom_fee",
                "display_name_customer": name,
                "display_name_merchant": name,
                **_both("cost", amount),
            }
            for name, amount in step.fees
        ]
        # The store's sums keep fractions of a cent, which no one can pay: its total is set where prices have them.
        total = _both("total", step.total) if step.has_fractions else {}
        body = {
            "customer_id": customer_id, "status_id": COMPLETED, "date_created": format_datetime(invoice.placed_at),
            "billing_address": _billing(person), "default_currency_code": CURRENCY, "products": goods or [_nothing()],
            "staff_notes": f"Invoice {invoice.number}", "payment_method": "Manual",
            "discount_amount": str(step.discount), "fees": fees, **_both("shipping_cost", step.shipping), **total,
        }  # fmt: skip
        self._orders[invoice.number] = self._call("POST", "/v2/orders", body)

    def _try_refund(self, step: PlannedRefund) -> None:
        try:
            self._create_refund(step)
        except Refused:
            self.refused_refunds += 1
        else:
            self.refunds += 1

    def _create_refund(self, step: PlannedRefund) -> None:
        order_id = self._orders[step.order.invoice.number]["id"]
        lines = self._order_lines(order_id)
        items: list[dict[str, Any]] = [
            {
                "item_type": "PRODUCT",
                "item_id": lines[position]["id"],
                "quantity": quantity,
                "reason": step.invoice.number,
            }
            for position, quantity in step.goods.items()
        ]
        if step.amount:
            items.append(
                {"item_type": "ORDER", "item_id": order_id, "amount": float(step.amount), "reason": step.invoice.number}
            )
        actions = f"/v3/orders/{order_id}/payment_actions"
        quote = self._call("POST", f"{actions}/refund_quotes", {"items": items})["data"]
        payments = quote["refund_methods"][0]
        self._call("POST", f"{actions}/refunds", {"items": items, "payments": payments})

    def _order_lines(self, order_id: int) -> list[dict[str, Any]]:
        return list(self._pages(f"/v2/orders/{order_id}/products", {}))

    def _all_orders(self) -> Iterable[dict[str, Any]]:
        return (order for order in self._pages("/v2/orders", {"sort": "id:asc"}) if order["status_id"] != 0)

    def _all_refunds(self) -> Iterable[dict[str, Any]]:
        page = 1
        while True:
            answer = self._call("GET", f"/v3/orders/payment_actions/refunds?page={page}&limit=250")
            yield from answer["data"]
            if page >= answer["meta"]["pagination"]["total_pages"]:
                return
            page += 1

    def _pages(self, path: str, query: dict[str, Any]) -> Iterable[dict[str, Any]]:
        page = 1
        while True:
            words = "&".join(f"{key}={value}" for key, value in {**query, "limit": 250, "page": page}.items())
            rows = self._call("GET", f"{path}?{words}")
            yield from rows or ()
            if not rows or len(rows) < 250:
                return
            page += 1

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        while True:
            answer = self._session.request(method, f"{self._url}/stores/sandbox1{path}", json=body, timeout=60)
            if answer.status_code != 429:
                break
            time.sleep(int(answer.headers.get("X-Rate-Limit-Time-Reset-Ms", 1000)) / 1000)
        if not answer.ok:
            error = Refused if answer.status_code == requests.codes.unprocessable_entity else ShopError
            raise error(f"{method} {path} answered {answer.status_code}: {answer.text[:500]}")
        return answer.json() if answer.content else None


def _names(person: MadeUp) -> dict[str, str]:
    names = asdict(person)
    return {key: names[key] for key in ("first_name", "last_name", "company")}


def _billing(person: MadeUp) -> dict[str, str]:
    return {
        **_names(person), "street_1": person.street, "city": person.city, "state": person.state,
        "zip": person.postal_code, "country": person.country, "country_iso2": person.country_code,
        "phone": person.phone, "email": person.email,
    }  # fmt: skip


def _both(prefix: str, amount: Decimal) -> dict[str, str]:
    """The file knows no tax: with and without it are the same."""
    return {f"{prefix}_ex_tax": str(amount), f"{prefix}_inc_tax": str(amount)}


def _nothing() -> dict[str, Any]:
    """An order needs a line; one of charges alone gets a custom one."""
    return {"name": "Charges only", "quantity": 1, **_both("price", Decimal(0))}


def _chunks(items: Iterable[tuple[str, str]], size: int) -> Iterable[list[tuple[str, str]]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
