"""Who a person is in the org: by external id, by e-mail, by what a duplicate rule told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.connectors.base import Flag, Key, Known
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.found import Found, FoundPerson
from app.connectors.salesforce.steps import Plan
from app.domain import Customer
from app.domain.customer import GUEST, fold

AMBIGUOUS = "AMBIGUOUS_PERSON"
ALIKE = "POSSIBLE_DUPLICATE"


@dataclass
class PersonPlan(Plan):
    """The rows of a person, and how an order refers to them."""

    refers: dict[str, Any] = field(default_factory=dict)  # the fields of the order's row


@dataclass(frozen=True)
class Context:
    """What is known while a person is planned; `accounts`: what a duplicate rule told us to use."""

    known: Mapping[Key, Known]
    found: Found
    facts: Facts
    reachable: bool = True
    accounts: tuple[str, ...] = ()
    contacts: tuple[str, ...] = ()
    gone: frozenset[Key] = frozenset()
    preferred: frozenset[str] = frozenset()  # ids of people who took the place of those that we knew
    owners: Mapping[str, str] = field(default_factory=dict)
    emptied: Mapping[Key, frozenset[str]] = field(default_factory=dict)  # what the store had and has no more
    typed: bool = False  # a customer's group is the type of the account
    shared: bool = False  # what people there edit goes to the store, so it is compared before it is written over
    met: frozenset[Key] = frozenset()  # records that an earlier try of this write found and linked

    def meets(self, key: Key, place: Known, *our_ids: str) -> bool:
        """Whether nobody has compared a record that was found with ours yet; `our_ids`: by which it would be linked."""
        linked = {self.known[(key[0], our_id)].ref for our_id in our_ids if (key[0], our_id) in self.known}
        return self.shared and (key in self.met or place.ref not in linked)

    def owner(self, name: str) -> dict[str, str]:
        """Who is to own a new record of an object."""
        return owner(self.owners, name)


def owner(owners: Mapping[str, str], name: str) -> dict[str, str]:
    """The field that says who is to own a new record of an object; nothing where nobody is chosen."""
    user = owners.get(name) or owners.get(name.lower()) or owners.get("")
    return {"OwnerId": user} if user else {}


def place_of(kind: str, customer: Customer, known: Mapping[Key, Known]) -> Known | None:
    """Where a person lives, under their own id or the guest's they were."""
    return next((known[(kind, i)] for i in (customer.id, *customer.aliases) if (kind, i) in known), None)


def is_gone(kind: str, customer: Customer, context: Context) -> bool:
    """Whether somebody there deleted the person."""
    return any((kind, i) in context.gone for i in (customer.id, *customer.aliases))


def ids(customer: Customer, facts: Facts) -> tuple[str, ...]:
    """The external ids that this person may have."""
    return tuple(facts.external_id(our_id) for our_id in (customer.id, *customer.aliases))


def is_others(external: str, customer: Customer, facts: Facts) -> bool:
    """Whether an external id is somebody else's: another customer's, or of another store."""
    return external not in ("", *ids(customer, facts))


def _is_registered(person: FoundPerson, facts: Facts) -> bool:
    """Whether somebody is a customer of this store; of another's, nothing speaks against their being one person."""
    return facts.is_ours(person.external) and not facts.our_id(person.external).startswith(GUEST)


def choose(customer: Customer, context: Context, planned: Plan) -> FoundPerson | None:
    """The person there whom the customer is; flags whatever a person should look at."""
    people = context.found.people
    place = place_of("customer", customer, context.known)
    wanted = {*context.preferred, *((place.ref.id,) if place else ())}
    for person in people:
        if {person.contact_id, person.account_id} & wanted:
            return person
    for our_id in ids(customer, context.facts):
        for person in people:
            if person.external == our_id:
                return person
    told = [person for person in people if {person.contact_id, person.account_id} & set(context.contacts)]
    email = fold(customer.email)
    # A duplicate rule goes by names and addresses: what it found may be another customer of the store.
    unclaimed = [person for person in told if not person.external]
    namesakes = [person for person in people if email and fold(person.email) == email] or unclaimed
    free = [person for person in namesakes if customer.is_guest or not _is_registered(person, context.facts)]
    if len(namesakes) > 1 or len(free) < len(namesakes):
        message = f"{len(namesakes)} records there match {customer.email or customer.name}; merge them in Salesforce."
        planned.flags.append(Flag(AMBIGUOUS, message))
    elif not free and _is_claimed(customer, told, context):
        message = f"Salesforce takes {customer.name} for another customer, of this store or of another one; both stay."
        planned.flags.append(Flag(ALIKE, message))
    return free[0] if free else None


def _is_claimed(customer: Customer, told: list[FoundPerson], context: Context) -> bool:
    """Whether a duplicate rule told us of records that are other customers', of whichever store."""
    accounts = (context.found.accounts.get(account_id, "") for account_id in context.accounts)
    claimed = (*accounts, *(person.external for person in told))
    return any(is_others(external, customer, context.facts) for external in claimed)


def free_account(customer: Customer, context: Context) -> str | None:
    """The oldest of the accounts that a duplicate rule told us of, unless they are other customers'."""
    accounts = context.found.accounts
    told = (i for i in accounts if i in context.accounts)
    return next((i for i in told if not is_others(accounts[i], customer, context.facts)), None)
