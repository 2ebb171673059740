"""Search among a buyer's orders: number, SKU, product, coupon, name, e-mail, phone; for support also beyond them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from app.domain.customer import fold, guest_id
from app.models import OrderCopy
from crm_widgets import history
from crm_widgets.history import PAGE, Buyer, Page, Position

CHUNK = 500  # orders read at once
FARTHEST = 5_000  # orders that one request reads through; the next one goes on from there
LONGEST = 100  # characters of a search text
_PHONE = re.compile(r"\+?[\d ()/.-]{7,}")


@dataclass(frozen=True)
class Found:
    """What was found. `elsewhere`: other people's orders; `searched`: so many were read, and others are left."""

    page: Page = field(default_factory=Page)
    elsewhere: tuple[OrderCopy, ...] = ()
    searched: int = 0


@dataclass(frozen=True)
class Term:
    """A search text in the forms it is compared in."""

    text: str  # folded
    digits: str  # of what looks like a phone number
    words: tuple[str, ...]  # all of which are in the stored JSON text of a match; empty: cannot be told beforehand

    @classmethod
    def of(cls, text: str) -> Term:
        """Read what a person typed."""
        folded = " ".join(text.split())[:LONGEST].casefold().removeprefix("#")
        digits = re.sub(r"\D", "", folded).lstrip("0") if _PHONE.fullmatch(folded) else ""
        # SQLite holds other than ASCII escaped, PostgreSQL as it is; a phone number is spaced in any way.
        plain = folded.isascii() and not digits
        return cls(folded, digits, tuple(json.dumps(word)[1:-1] for word in folded.split()) if plain else ())


def search(
    session: Session, store_id: int, buyer: Buyer, text: str, *, beyond: bool, after: Position | None = None
) -> Found:
    """The buyer's matching orders, newest first; `beyond`: also anybody's whose number or e-mail this exactly is."""
    term = Term.of(text)
    if not term.text:
        return Found(history.page(session, store_id, buyer, after))
    hits: list[tuple[str, Position]] = []
    following, searched = None, 0
    for place, order_id, matches in _scan(session, store_id, buyer, term, after):
        searched += 1
        if matches:
            hits.append((order_id, place))
        if len(hits) > PAGE:
            hits.pop()
            following = hits[-1][1]
            break
        if searched == FARTHEST:
            following = place  # the rest waits for the next request
            break
    page = Page(history.fetch(session, store_id, [order_id for order_id, _ in hits]), following)
    elsewhere = _elsewhere(session, store_id, buyer, term) if beyond and after is None else ()
    return Found(page, elsewhere, searched if searched == FARTHEST else 0)


def _scan(
    session: Session, store_id: int, buyer: Buyer, term: Term, after: Position | None
) -> Iterator[tuple[Position, str, bool]]:
    """Every order of the buyer after a position, newest first, and whether it matches."""
    while True:
        keys = history.keys(session, store_id, buyer, after, CHUNK)
        texts = select(OrderCopy.order_id, cast(OrderCopy.document, Text)).where(
            OrderCopy.store_id == store_id, OrderCopy.order_id.in_([key.order_id for key in keys])
        )
        stored = {order_id: text for order_id, text in session.execute(texts)}
        for key in keys:
            after = key
            yield key, key.order_id, _matches(stored.get(key.order_id, ""), key.order_id, term)
        if len(keys) < CHUNK:
            return


def _matches(stored: str, order_id: str, term: Term) -> bool:
    if order_id == term.text:
        return True
    # Reading JSON costs twenty times what looking for a text in it does.
    folded = stored.casefold()
    if not all(word in folded for word in term.words):
        return False
    document = json.loads(stored or "{}")
    if term.digits and any(term.digits in re.sub(r"\D", "", phone) for phone in _phones(document)):
        return True
    return any(term.text in value.casefold() for value in _texts(document))


def _texts(document: dict[str, Any]) -> Iterator[str]:
    """What a person would look for in an order."""
    for line in document.get("lines", ()):
        yield from (line["name"], line["sku"])
    yield from (discount["code"] for discount in document.get("discounts", ()))
    buyer = document.get("buyer", {})
    yield from (buyer.get("email", ""), f"{buyer.get('first_name', '')} {buyer.get('last_name', '')}")
    for address in (document.get("billing", {}), document.get("shipping", {})):
        yield f"{address.get('first_name', '')} {address.get('last_name', '')}"
        yield from (address.get(name, "") for name in ("company", "city", "postal_code"))
    yield document.get("external_order_id", "")


def _phones(document: dict[str, Any]) -> Iterator[str]:
    for part in ("buyer", "billing", "shipping"):
        yield document.get(part, {}).get("phone", "")


def _elsewhere(session: Session, store_id: int, buyer: Buyer, term: Term) -> tuple[OrderCopy, ...]:
    """Orders of other people by exact number or e-mail address, both of which are indexed."""
    if "@" in term.text:
        email = fold(term.text)
        other = Buyer((guest_id(email),), (email,), by="email")
        found = history.page(session, store_id, other).orders
    else:
        found = history.fetch(session, store_id, [term.text])
    return tuple(order for order in found if not buyer.owns(order))
