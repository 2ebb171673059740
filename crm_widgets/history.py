"""A buyer's orders and what they come to, out of our own copies: a few indexed queries and no vendor call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, Subquery, and_, func, or_, select, union, union_all
from sqlalchemy.orm import Session

from app.connectors.base import Ref
from app.domain.customer import GUEST, guest_id
from app.domain.money import rounded
from app.domain.order import Stage
from app.models import CartCopy, Link, OrderCopy, Person
from crm_widgets.subject import Subject

PAGE = 10  # orders
FEW = 12  # ids and addresses of one buyer; a person has two or three, an account of a company may have hundreds
MOST_KEYS = 2_000
OPEN_CARTS = 3
PERSONAL = ("customer", "account", "lead")  # kinds of links whose our_id is a customer's
ORDERS = ("order", "opportunity", "quote")  # and an order's
TELLING = (*PERSONAL, *ORDERS, "company", "cart")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Buyer:
    """Whose orders are shown: the store's customer ids and folded e-mail addresses of one person.

    `order_ids` are the orders that the record itself stands for. `by` says how we know: "link", "email", "account" or
    "" for nobody.
    """

    customer_ids: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    name: str = ""
    order_ids: tuple[str, ...] = ()
    by: str = ""

    def owns(self, order: OrderCopy) -> bool:
        """Whether an order is one of this buyer's."""
        return order.customer_id in self.customer_ids or order.email in self.emails


@dataclass(frozen=True)
class Sum:
    """What the orders of one currency come to. Pending ones count as orders, but are no value yet."""

    currency: str
    orders: int
    sales: int
    net: Decimal
    refunded: Decimal
    refunds: int  # orders with a refund

    @property
    def average(self) -> Decimal:
        """Net value of a sale."""
        return rounded(self.net / self.sales, self.currency) if self.sales else Decimal(0)


@dataclass(frozen=True)
class Figures:
    """The key figures of a buyer, the currency with the most orders first."""

    sums: tuple[Sum, ...] = ()
    last_order: datetime | None = None
    first_order: datetime | None = None
    cancelled: int = 0

    @property
    def orders(self) -> int:
        return sum(one.orders for one in self.sums)

    @property
    def refunds(self) -> int:
        return sum(one.refunds for one in self.sums)


@dataclass(frozen=True)
class Position:
    """A place in the list, newest first: after this order."""

    placed_at: datetime
    order_id: str

    @classmethod
    def parse(cls, text: str) -> Position:
        """Back from `str`; raises ValueError."""
        micros, dot, order_id = text.partition(".")
        if not dot or not order_id:
            raise ValueError("no position")
        try:
            return cls(EPOCH + timedelta(microseconds=int(micros)), order_id)
        except OverflowError as error:
            raise ValueError("no position") from error

    @classmethod
    def of(cls, order: OrderCopy) -> Position:
        """The place of an order."""
        return cls(order.placed_at, order.order_id)

    def __str__(self) -> str:
        return f"{(self.placed_at - EPOCH) // timedelta(microseconds=1)}.{self.order_id}"


@dataclass(frozen=True)
class Page:
    """A page of orders, and where the next one starts."""

    orders: tuple[OrderCopy, ...] = ()
    following: Position | None = None


def find(session: Session, store_id: int, connection_id: int, subject: Subject) -> Buyer:
    """The buyer behind a record: by link, by e-mail address, and only then by the account that it belongs to."""
    buyer = _buyer(session, store_id, connection_id, subject.person, subject.emails)
    if not buyer.by and subject.account:
        buyer = _buyer(session, store_id, connection_id, (subject.account,), ())
        return replace(buyer, by=buyer.by and "account")
    return buyer


def figures(session: Session, store_id: int, buyer: Buyer) -> Figures:
    """Counts and sums over all the buyer's orders, in one pass over them."""
    if not buyer.by:
        return Figures()
    rows = session.execute(_sums(store_id, buyer)).all()
    sums: dict[str, Sum] = {}
    for currency, stage, count, total, refunded, refunds, _, _ in rows:
        if stage == Stage.CANCELLED:
            continue
        one = sums.get(currency, Sum(currency, 0, 0, Decimal(0), Decimal(0), 0))
        sales, net = (count, total - refunded) if stage == Stage.SALE else (0, Decimal(0))
        sums[currency] = Sum(
            currency,
            one.orders + count,
            one.sales + sales,
            rounded(one.net + net, currency),
            rounded(one.refunded + refunded, currency),
            one.refunds + refunds,
        )
    times = [(row[6], row[7]) for row in rows if row.stage != Stage.CANCELLED]
    return Figures(
        tuple(sorted(sums.values(), key=lambda one: (-one.orders, one.currency))),
        max((last for _, last in times), default=None),
        min((first for first, _ in times), default=None),
        sum(row[2] for row in rows if row.stage == Stage.CANCELLED),
    )


def page(session: Session, store_id: int, buyer: Buyer, after: Position | None = None, size: int = PAGE) -> Page:
    """The buyer's orders after a position, newest first."""
    found = keys(session, store_id, buyer, after, size + 1)
    orders = fetch(session, store_id, [key.order_id for key in found[:size]])
    return Page(orders, found[size - 1] if len(found) > size else None)


def fetch(session: Session, store_id: int, order_ids: Sequence[str]) -> tuple[OrderCopy, ...]:
    """Orders of a store that are to be seen, by their ids, newest first."""
    if not order_ids:
        return ()
    found = session.scalars(
        select(OrderCopy).where(OrderCopy.store_id == store_id, OrderCopy.order_id.in_(order_ids), _visible())
    )
    # Sorted here: with an ORDER BY SQLite may walk the store's orders by date instead of taking these by their key.
    return tuple(sorted(found, key=lambda order: (order.placed_at, order.order_id), reverse=True))


def is_linked(session: Session, connection_id: int, place: Ref) -> bool:
    """Whether our links tell whom a record is about."""
    return bool(_links(session, connection_id, (place,)))


def open_carts(session: Session, store_id: int, buyer: Buyer) -> tuple[CartCopy, ...]:
    """What the buyer has in carts and has not bought, the newest first."""
    if not buyer.by:
        return ()
    whose = or_(CartCopy.customer_id.in_(buyer.customer_ids), CartCopy.email.in_(buyer.emails))
    is_open = and_(CartCopy.order_id == "", CartCopy.deleted.is_(False), CartCopy.amount > 0)
    newest = (CartCopy.modified_at.desc(), CartCopy.cart_id)
    return tuple(
        session.scalars(
            select(CartCopy).where(CartCopy.store_id == store_id, whose, is_open).order_by(*newest).limit(OPEN_CARTS)
        )
    )


def _buyer(
    session: Session, store_id: int, connection_id: int, places: Sequence[Ref], emails: tuple[str, ...]
) -> Buyer:
    links = _links(session, connection_id, places)
    order_ids = tuple(dict.fromkeys(link.our_id for link in links if link.kind in ORDERS))
    orders: list[OrderCopy | CartCopy] = [*fetch(session, store_id, order_ids), *_carts(session, store_id, links)]
    ids = {link.our_id for link in links if link.kind in PERSONAL}
    ids.update(order.customer_id for order in orders)
    ids.update(_members(session, store_id, links))
    known = {email.removeprefix(GUEST) for email in ids if email.startswith(GUEST)}
    known.update(order.email for order in orders if order.customer_id.startswith(GUEST))
    known.update(emails)
    people = _people(session, store_id, ids, known)
    ids.update(person.customer_id for person in people)
    known.update(person.email for person in people)
    known.discard("")
    ids.discard("")
    ids.update(guest_id(email) for email in known)  # the guest that they once were
    buyer = Buyer(tuple(sorted(ids)[:MOST_KEYS]), tuple(sorted(known)[:MOST_KEYS]), _name(people), order_ids, "link")
    if links:
        return buyer
    return replace(buyer, by="email") if people or keys(session, store_id, buyer, None, 1) else Buyer()


def _name(people: Sequence[Person]) -> str:
    """The name of the buyer, or how many they are. A guest who registered is the same one."""
    registered = [person for person in people if not person.customer_id.startswith(GUEST)] or list(people)
    addresses = {person.email or person.customer_id for person in registered}
    if len(addresses) > 1:
        return f"{len(addresses)} customers"
    return next((person.name for person in registered if person.name), "")


def _links(session: Session, connection_id: int, places: Sequence[Ref]) -> Sequence[Link]:
    known = [and_(Link.their_kind == place.kind, Link.their_id == place.id) for place in places if place.id]
    if not known:
        return ()
    telling = and_(Link.connection_id == connection_id, Link.kind.in_(TELLING), or_(*known))
    return session.scalars(select(Link).where(telling)).all()


def _carts(session: Session, store_id: int, links: Sequence[Link]) -> Sequence[CartCopy]:
    """The carts that a record stands for: their buyers are its person."""
    ids = [link.our_id for link in links if link.kind == "cart"]
    if not ids:
        return ()
    return session.scalars(select(CartCopy).where(CartCopy.store_id == store_id, CartCopy.cart_id.in_(ids))).all()


def _members(session: Session, store_id: int, links: Sequence[Link]) -> Sequence[str]:
    """Who buys for the companies that a record stands for."""
    companies = [link.our_id for link in links if link.kind == "company"]
    if not companies:
        return ()
    members = select(Person.customer_id).where(Person.store_id == store_id, Person.company_id.in_(companies))
    return session.scalars(members.limit(MOST_KEYS)).all()


def _people(session: Session, store_id: int, ids: set[str], emails: set[str]) -> Sequence[Person]:
    named = [Person.customer_id.in_(ids)] if ids else []
    named += [Person.email.in_(emails - {""})] if emails - {""} else []
    if not named:
        return ()
    return session.scalars(select(Person).where(Person.store_id == store_id, or_(*named))).all()


def keys(session: Session, store_id: int, buyer: Buyer, after: Position | None, size: int) -> list[Position]:
    """Where the next orders are, newest first."""
    arms = [OrderCopy.customer_id == id_ for id_ in buyer.customer_ids]
    arms += [OrderCopy.email == email for email in buyer.emails]
    if not arms:
        return []
    if len(arms) <= FEW:
        # One limited, index-ordered query per id: sorting all of a buyer's orders would grow with them.
        found = union(*(select(_newest(store_id, arm, after, size)) for arm in arms))
    else:
        by_id, by_email = OrderCopy.customer_id.in_(buyer.customer_ids), OrderCopy.email.in_(buyer.emails)
        found = union(*(_plain(store_id, arm, after) for arm in (by_id, by_email)))
    places = [Position(placed_at, order_id) for order_id, placed_at in session.execute(found)]
    return sorted(places, key=lambda place: (place.placed_at, place.order_id), reverse=True)[:size]


def _plain(store_id: int, arm: ColumnElement[bool], after: Position | None) -> Select[str, datetime]:
    return select(OrderCopy.order_id, OrderCopy.placed_at).where(
        OrderCopy.store_id == store_id, arm, _visible(), *_before(after)
    )


def _newest(store_id: int, arm: ColumnElement[bool], after: Position | None, size: int) -> Subquery:
    newest = (OrderCopy.placed_at.desc(), OrderCopy.order_id.desc())
    return _plain(store_id, arm, after).order_by(*newest).limit(size).subquery()


def _before(after: Position | None) -> tuple[ColumnElement[bool], ...]:
    if after is None:
        return ()
    older = or_(OrderCopy.placed_at < after.placed_at, OrderCopy.order_id < after.order_id)
    return (OrderCopy.placed_at <= after.placed_at, older)


def _sums(store_id: int, buyer: Buyer) -> CompoundSelect[Any]:
    """Counts and sums by currency and stage, in two arms that share no order.

    With both conditions in one query SQLite may read all the store's orders instead of two indexes.
    """
    by_id = OrderCopy.customer_id.in_(buyer.customer_ids)
    by_email = and_(OrderCopy.email.in_(buyer.emails), OrderCopy.customer_id.not_in(buyer.customer_ids))
    arms = [
        select(
            OrderCopy.currency,
            OrderCopy.stage,
            func.count(),
            func.sum(OrderCopy.total),
            func.sum(OrderCopy.refunded),
            func.count().filter(OrderCopy.refunded > 0),
            func.min(OrderCopy.placed_at),
            func.max(OrderCopy.placed_at),
        )
        .where(OrderCopy.store_id == store_id, _visible(), arm)
        .group_by(OrderCopy.currency, OrderCopy.stage)
        for arm in (by_id, by_email)
    ]
    return union_all(*arms)


def _visible() -> ColumnElement[bool]:
    """A cart that never became a sale is no order."""
    return and_(OrderCopy.deleted.is_(False), OrderCopy.stage != Stage.INCOMPLETE)
