"""Both sides' own records, compared: what was lost, what was doubled."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from app.chaos.crms import Crm, Person, Sale
from app.chaos.shop import Shop, refunded

OVER = ("Cancelled", "Declined")
Json = dict[str, Any]


@dataclass(frozen=True)
class Expected:
    """What a CRM has to hold."""

    sales: tuple[Sale, ...]
    people: tuple[Person, ...]
    lost_here: tuple[str, ...] = ()  # what people of the CRMs typed and the store does not have


@dataclass(frozen=True)
class Verdict:
    """What is wrong in one CRM, each in words."""

    lost: tuple[str, ...]
    doubled: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        return not self.lost and not self.doubled


def expected(shop: Shop, typed: Mapping[str, str] | None = None) -> Expected:
    """By the store's records: every order and customer of the plan. `typed`: the last phone by e-mail, in a CRM."""
    back = refunded(shop.rows("refunds"))
    orders, customers = set(shop.orders.values()), set(shop.customers.values())
    people = [_person(row) for row in shop.rows("customers") if row["id"] in customers]
    meant = [replace(one, phone=(typed or {}).get(one.email, one.phone)) for one in people]
    return Expected(
        tuple(_sale(row, back) for row in shop.rows("orders") if row["id"] in orders),
        tuple(meant),
        tuple(
            f"{one.email} has {here.phone} in the store, {one.phone} was typed in a CRM"
            for one, here in zip(meant, people, strict=True)
            if _plain(one) != _plain(here)
        ),
    )


def compare(wanted: Expected, crm: Crm) -> Verdict:
    """A CRM against what it has to hold."""
    sales, people = crm.sales(), crm.people()
    lost = [*wanted.lost_here, *_lost_sales(wanted.sales, sales), *_lost_people(wanted.people, people)]
    doubled = [
        *(f"order {one} is there {n} times" for one, n in _several(sale.order for sale in sales)),
        *(f"{one} is there {n} times" for one, n in _several(person.email.casefold() for person in people)),
    ]
    return Verdict(tuple(lost), tuple(doubled))


def _lost_sales(wanted: Sequence[Sale], found: Sequence[Sale]) -> Iterable[str]:
    there: Mapping[str, Sale] = {sale.order: sale for sale in found}
    for sale in wanted:
        if sale.order not in there:
            yield f"order {sale.order} is not there"
        elif there[sale.order] != sale:
            yield f"order {sale.order} is {_told(there[sale.order])} there, {_told(sale)} in the store"


def _lost_people(wanted: Sequence[Person], found: Sequence[Person]) -> Iterable[str]:
    there = {person.email.casefold(): _plain(person) for person in found}
    for person in wanted:
        seen = there.get(person.email.casefold())
        if seen is None:
            yield f"{person.email} is not there"
        elif seen != _plain(person):
            yield f"{person.email} is {seen} there, {_plain(person)} is right"


def _several(keys: Iterable[str]) -> list[tuple[str, int]]:
    return [(key, number) for key, number in Counter(filter(None, keys)).items() if number > 1]


def _sale(row: Json, back: Mapping[int, Decimal]) -> Sale:
    net = Decimal(str(row["total_inc_tax"])) - back.get(row["id"], Decimal(0))
    return Sale(str(row["id"]), None if row["status"] in OVER else net, row["status"])


def _person(row: Json) -> Person:
    return Person(row["email"], row["first_name"], row["last_name"], row["phone"])


def _plain(person: Person) -> tuple[str, str, str]:
    """What counts of a person, whatever a CRM does to the form of a number."""
    return person.first_name.strip(), person.last_name.strip(), re.sub(r"\D", "", person.phone)


def _told(sale: Sale) -> str:
    return f"{sale.status} ({'nothing' if sale.net is None else f'{sale.net:.2f}'})"
