"""What to look for in an org, and what was found there."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, fields

from app.connectors.base import Known, Ref
from app.connectors.salesforce.facts import Facts
from app.domain import Customer
from app.domain.customer import fold


@dataclass
class Wants:
    """What to look for."""

    customers: set[str] = field(default_factory=set)  # external ids, as all that is not said to be other
    emails: set[str] = field(default_factory=set)
    person_ids: set[str] = field(default_factory=set)  # their ids, as a duplicate rule or a link told
    account_ids: set[str] = field(default_factory=set)
    companies: set[str] = field(default_factory=set)
    company_names: set[str] = field(default_factory=set)
    variants: set[str] = field(default_factory=set)
    skus: set[str] = field(default_factory=set)
    orders: set[str] = field(default_factory=set)
    opportunities: set[str] = field(default_factory=set)  # external ids of their orders
    carts: set[str] = field(default_factory=set)
    lead_ids: set[str] = field(default_factory=set)
    registrations: set[str] = field(default_factory=set)  # external ids of customers who may be leads
    places: set[Ref] = field(default_factory=set)  # whether these are still there

    def person(self, customer: Customer, email: str, facts: Facts) -> None:
        """Look for a person by id and e-mail."""
        self.customers |= {facts.external_id(our_id) for our_id in (customer.id, *customer.aliases)}
        if email:
            self.emails.add(fold(email))

    def __bool__(self) -> bool:
        return any(getattr(self, one.name) for one in fields(self))


@dataclass(frozen=True)
class Mark:
    """By what a record is known as ours: the external id on it, and the users who made it and changed it last."""

    external: str = ""
    hands: frozenset[str] = frozenset()

    def is_ours(self, facts: Facts, *our_ids: str) -> bool:
        """Whether we made it for one of these, and nobody else has changed it since."""
        return self.hands == {facts.user} != {""} and self.external in map(facts.external_id, our_ids)


@dataclass(frozen=True)
class FoundPerson:
    """A contact, or a person account."""

    contact_id: str
    account_id: str
    external: str
    email: str
    account_external: str
    hands: frozenset[str] = frozenset()
    account_hands: frozenset[str] = frozenset()

    @property
    def mark(self) -> Mark:
        return Mark(self.external, self.hands)

    @property
    def account_mark(self) -> Mark:
        return Mark(self.account_external, self.account_hands)


@dataclass(frozen=True)
class FoundLead:
    """A lead; once it is converted, what it became."""

    id: str
    email: str
    external: str  # the customer's external id on it
    cart_external: str
    is_converted: bool
    account_id: str = ""
    contact_id: str = ""
    hands: frozenset[str] = frozenset()


@dataclass(frozen=True)
class FoundCompany:
    """A business account; `external` is a company's external id."""

    id: str
    name: str
    mark: Mark

    @property
    def external(self) -> str:
        return self.mark.external


@dataclass(frozen=True)
class FoundProduct:
    """A product; `external` is the variant's external id, if it has one: of this store, of another, or anybody's."""

    id: str
    code: str
    mark: Mark

    @property
    def external(self) -> str:
        return self.mark.external


@dataclass(frozen=True)
class FoundPrice:
    """A standard price."""

    id: str
    product_id: str
    external: str
    currency: str


@dataclass
class Found:
    """What there is, people the oldest first."""

    people: list[FoundPerson] = field(default_factory=list)
    accounts: dict[str, str] = field(default_factory=dict)  # id -> customer's external id on it
    companies: list[FoundCompany] = field(default_factory=list)
    leads: list[FoundLead] = field(default_factory=list)
    products: list[FoundProduct] = field(default_factory=list)
    prices: dict[str, list[FoundPrice]] = field(default_factory=lambda: defaultdict(list))
    orders: dict[str, str] = field(default_factory=dict)  # external id -> id
    opportunities: dict[str, str] = field(default_factory=dict)  # external id of the order -> id
    carts: dict[str, Ref] = field(default_factory=dict)  # external id -> its lead or opportunity
    items: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))  # order -> line -> variant
    asked: set[Ref] = field(default_factory=set)  # the places of which we asked whether they are there
    alive: set[Ref] = field(default_factory=set)
    winners: dict[str, str] = field(default_factory=dict)  # id of who was merged away -> id of who was kept

    def product(self, external: str, sku: str) -> FoundProduct | None:
        """The product of a variant: the one with its external id, else the only one with its SKU that is nobody's."""
        for product in self.products:
            if product.external == external:
                return product
        free = [p for p in self.products if sku and p.code.casefold() == sku.casefold() and not p.external]
        return free[0] if len(free) == 1 else None

    def price(self, product_id: str, external: str, currency: str) -> FoundPrice | None:
        """The standard price of a product with this external id, else in this currency."""
        prices = self.prices.get(product_id, [])
        exact = [price for price in prices if price.external == external]
        return next(iter([*exact, *(price for price in prices if price.currency == currency)]), None)

    def is_dead(self, place: Known | None) -> bool:
        """Whether a place that was asked for is there no longer."""
        return place is not None and place.ref in self.asked - self.alive

    def winner(self, ref: Ref) -> str:
        """Who was kept when this one was merged away; "" if it was not."""
        winner, seen = self.winners.get(ref.id, ""), {ref.id}
        while winner in self.winners and winner not in seen:
            seen.add(winner)
            winner = self.winners[winner]
        return winner
