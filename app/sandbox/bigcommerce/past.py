"""Years of trade at once: customers and orders with dates of the past, without a webhook for any."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from decimal import Decimal

from . import customers, orders
from .dates import iso, now
from .records import Json, Order
from .seed import PLACES, PRODUCTS
from .state import State

PER_CUSTOMER = 4  # orders until the next customer registers
GUESTS = 0.2  # share of the orders
MOST_LINES, MOST_PIECES = 5, 4
STATUSES, WEIGHTS = (10, 2, 11, 5, 0), (86, 6, 4, 3, 1)  # completed, shipped, awaiting, cancelled, incomplete
COUNTRIES = {"GB": "United Kingdom", "FR": "France", "DE": "Germany", "IE": "Ireland"}
FIRST_NAMES = ("Ada", "Boris", "Chloé", "Dieter", "Erin", "Farah", "George", "Hana")
LAST_NAMES = ("Marsh", "Khan", "Lefèvre", "Voß", "O'Neill", "Haddad", "Smith", "Novák")


def load(state: State, number: int, seed: int, days: int) -> Json:
    """So many orders over so many days until yesterday, oldest first; what was made."""
    chance = random.Random(seed)
    begin = now() - timedelta(days=days + 1)
    step = timedelta(days=days) / max(number, 1)
    known: list[Json] = []
    first = last = 0
    with state.in_silence():
        for place in range(number):
            at = begin + place * step
            if place % PER_CUSTOMER == 0:
                known.append(_customer(state, chance, place, at))
            order = _order(state, chance, place, known, at)
            first, last = first or order.id, order.id
    return {"customers": len(known), "orders": number, "first_id": first, "last_id": last}


def _customer(state: State, chance: random.Random, number: int, at: datetime) -> Json:
    body = {"email": f"customer{number}@history.example", **_name(chance), "phone": "", "company": ""}
    [made] = customers.create_many(state, [body])
    made["date_created"] = made["date_modified"] = iso(at.replace(microsecond=0))
    return made


def _order(state: State, chance: random.Random, number: int, known: list[Json], at: datetime) -> Order:
    customer = None if chance.random() < GUESTS else chance.choice(known)
    email = customer["email"] if customer else f"guest{number}@history.example"
    body: Json = {
        "customer_id": customer["id"] if customer else 0,
        "status_id": chance.choices(STATUSES, WEIGHTS)[0],
        "date_created": iso(at.replace(microsecond=0)),
        "billing_address": {**_place(chance), **_name(chance, customer), "email": email},
        "products": [_line(chance) for _ in range(chance.randint(1, MOST_LINES))],
        "base_shipping_cost": f"{chance.choice((0, 3.95, 4.95))}",
    }
    order = orders.create(state, body)
    order.modified = order.created
    return order


def _name(chance: random.Random, customer: Json | None = None) -> Json:
    if customer is not None:
        return {"first_name": customer["first_name"], "last_name": customer["last_name"]}
    return {"first_name": chance.choice(FIRST_NAMES), "last_name": chance.choice(LAST_NAMES)}


def _place(chance: random.Random) -> Json:
    street, city, county, postcode, country = chance.choice(PLACES)
    return {
        "street_1": street, "city": city, "state": county, "zip": postcode, "country": COUNTRIES[country],
        "country_iso2": country,
    }  # fmt: skip


def _line(chance: random.Random) -> Json:
    name, sku, price, *_ = chance.choice(PRODUCTS)
    net = Decimal(str(price))
    gross = (net * Decimal("1.2")).quantize(Decimal("0.01"))
    return {
        "name": name, "sku": sku, "quantity": chance.randint(1, MOST_PIECES), "price_ex_tax": str(net),
        "price_inc_tax": str(gross),
    }  # fmt: skip
