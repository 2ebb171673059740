"""Whoever goes by an e-mail address: every id under which we hold something of theirs."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeVar

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.domain.customer import fold, guest_id
from app.models import CartCopy, Connection, Link, OrderCopy, Person, Store
from app.sync import deliveries

T = TypeVar("T")
PERSONAL = ("customer", "account", "lead")  # kinds of links that are a person's, by their customer id
PORTION = 500  # rows a query
# What no address goes on with, as JSON writes it: blanks between lines are a letter there.
_BEFORE, _AFTER = r"(?:(?<![\w.!#$%&'*+/=?^`{|}~-])|(?<=\\[nrt]))", r"(?![\w-]|\.\w)"


@dataclass(frozen=True)
class Subject:
    """A person of one store. `places`: kind and id of their records in the CRMs, by connection."""

    store_id: int
    email: str  # folded
    customer_ids: frozenset[str]
    order_ids: frozenset[str]
    cart_ids: frozenset[str]
    places: frozenset[tuple[int, str, str]]

    def __or__(self, other: Subject) -> Subject:
        """All that is known of them, also of what was erased in between."""
        return replace(
            self,
            customer_ids=self.customer_ids | other.customer_ids,
            order_ids=self.order_ids | other.order_ids,
            cart_ids=self.cart_ids | other.cart_ids,
            places=self.places | other.places,
        )

    def dump(self) -> str:
        """As text, to go on with later."""
        known = (self.customer_ids, self.order_ids, self.cart_ids, self.places)
        return json.dumps([self.store_id, self.email, *(sorted(ids) for ids in known)])

    @classmethod
    def load(cls, text: str) -> Subject:
        """What `dump` wrote."""
        store_id, email, customers, orders, carts, places = json.loads(text)
        return cls(
            store_id, email, frozenset(customers), frozenset(orders), frozenset(carts), frozenset(map(tuple, places))
        )

    def is_another(self, text: str) -> bool:
        """Whether a text that holds the address holds it only as a part of longer ones, which are other people's."""
        found = text.lower()
        return self.email in found and not re.search(_BEFORE + re.escape(self.email) + _AFTER, found)

    def records(self) -> Iterator[tuple[str, frozenset[str]]]:
        """The ids of their records by kind; theirs in the CRMs apart."""
        yield from (("customer", self.customer_ids), ("order", self.order_ids), ("cart", self.cart_ids))

    def changes(self) -> Iterator[tuple[int, str, str]]:
        """Connection, kind and id of the deliveries that bring their records from there."""
        yield from ((number, deliveries.inward(kind), their_id) for number, kind, their_id in sorted(self.places))


def of(session: Session, store_id: int, email: str) -> Subject:
    """The person of an address, also of one that we know nothing of."""
    address = fold(email)
    customer_ids = {guest_id(address)}
    customer_ids |= set(
        session.scalars(select(Person.customer_id).where(Person.store_id == store_id, Person.email == address))
    )
    mine = (OrderCopy.store_id == store_id, OrderCopy.email == address)
    customer_ids |= set(session.scalars(select(OrderCopy.customer_id).where(*mine).distinct()))
    orders, carts = set[str](), set[str]()
    for some in portions(customer_ids):
        orders |= set(
            session.scalars(
                select(OrderCopy.order_id).where(
                    OrderCopy.store_id == store_id, or_(OrderCopy.email == address, OrderCopy.customer_id.in_(some))
                )
            )
        )
        carts |= set(
            session.scalars(
                select(CartCopy.cart_id).where(
                    CartCopy.store_id == store_id, or_(CartCopy.email == address, CartCopy.customer_id.in_(some))
                )
            )
        )
    places = _places(session, store_id, customer_ids)
    return Subject(store_id, address, frozenset(customer_ids), frozenset(orders), frozenset(carts), frozenset(places))


def search(session: Session, store_id: int, text: str, first: int, size: int) -> tuple[int, list[tuple[Person, int]]]:
    """How many people match a part of a name or an address, and a page of them with their number of orders."""
    wanted = [Person.store_id == store_id, Person.deleted.is_(False), Person.email != ""]
    if text.strip():
        wanted.append(
            or_(
                Person.email.contains(fold(text), autoescape=True), Person.name.icontains(text.strip(), autoescape=True)
            )
        )
    total = session.scalar(select(func.count()).select_from(Person).where(*wanted)) or 0
    page = select(Person).where(*wanted).order_by(Person.email, Person.customer_id).offset(first).limit(size)
    people = list(session.scalars(page))
    counts: dict[str, int] = {}
    query = (
        select(OrderCopy.customer_id, func.count())
        .where(OrderCopy.store_id == store_id, OrderCopy.customer_id.in_([one.customer_id for one in people]))
        .group_by(OrderCopy.customer_id)
    )
    for customer_id, number in session.execute(query):
        counts[customer_id] = number
    return total, [(one, counts.get(one.customer_id, 0)) for one in people]


def fingerprint(store: Store, email: str) -> str:
    """By which a person is known again without being named; keyed, so that nobody finds it by trying all addresses
    without the key."""
    return hmac.new(store.salt.encode(), fold(email).encode(), hashlib.sha256).hexdigest()


def portions(values: Iterable[T], size: int = PORTION) -> Iterator[Sequence[T]]:
    """The values in lists that a query can hold."""
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some


def _places(session: Session, store_id: int, customer_ids: Iterable[str]) -> set[tuple[int, str, str]]:
    found: set[tuple[int, str, str]] = set()
    for some in portions(customer_ids):
        query = (
            select(Link.connection_id, Link.their_kind, Link.their_id)
            .join(Connection, Connection.id == Link.connection_id)
            .where(Connection.store_id == store_id, Link.kind.in_(PERSONAL), Link.our_id.in_(some))
        )
        found |= {(number, kind, their_id) for number, kind, their_id in session.execute(query)}
    return found
