"""Customers and guests: the rows of their account and contact, or of their person account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.connectors.base import Flag, Key, Known, Ref
from app.connectors.salesforce.addresses import address, filled
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.lookup import Found, FoundPerson
from app.connectors.salesforce.mappings import ACCOUNT, CONTACT, CUSTOMER_ID, PERSON_ACCOUNT
from app.connectors.salesforce.steps import Level, Plan, Step
from app.connectors.salesforce.views import PersonView
from app.domain import Customer
from app.domain.customer import GUEST, fold
from app.mapping import payload

ADOPTED = ("adopted",)  # children of an account link: it was there before us, we never write it
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


def plan(customer: Customer, context: Context) -> PersonPlan:
    """Link first, then external id, then e-mail; who is incomplete is created but never overwritten."""
    view = PersonView(customer, context.reachable)
    planned = PersonPlan()
    if view.has_bad_email:
        message = f"Salesforce does not take the e-mail address {customer.email!r}; the record has none there."
        planned.flags.append(Flag("INVALID_EMAIL", message))
    if context.facts.person_accounts:
        _person_account(view, context, planned)
    else:
        _business(view, context, planned)
    return planned


def is_linked(customer: Customer, known: Mapping[Key, Known], facts: Facts) -> bool:
    """Whether nothing needs to be looked up."""
    place = _place("customer", customer, known)
    return place is not None and (
        facts.person_accounts or bool(place.children) or _place("account", customer, known) is not None
    )


def content(customer: Customer, facts: Facts) -> dict[str, Any]:
    """All that would be sent of a customer, for the fingerprint."""
    view = PersonView(customer)
    if facts.person_accounts:
        return {"person": _person_body(view, facts)}
    return {"account": _account_body(view, facts), "contact": _contact_body(view, facts)}


def _account_body(view: PersonView, facts: Facts) -> dict[str, Any]:
    billing, shipping = view.customer.billing, view.customer.shipping
    parts = {**address("Billing", billing, facts), **address("Shipping", shipping, facts)}
    return filled({**payload(ACCOUNT.fields, view, creating=True), **parts})


def _contact_body(view: PersonView, facts: Facts) -> dict[str, Any]:
    parts = address("Mailing", view.customer.billing, facts)
    return filled({**payload(CONTACT.fields, view, creating=True), **parts})


def _person_body(view: PersonView, facts: Facts) -> dict[str, Any]:
    billing, shipping = view.customer.billing, view.customer.shipping
    parts = {**address("Billing", billing, facts), **address("Shipping", shipping, facts)}
    if not facts.state_codes:
        parts |= address("PersonMailing", billing, facts)
    return filled({**payload(PERSON_ACCOUNT.fields, view, creating=True), **parts})


def _place(kind: str, customer: Customer, known: Mapping[Key, Known]) -> Known | None:
    """Where a person lives, under their own id or the guest's they were."""
    return next((known[(kind, i)] for i in (customer.id, *customer.aliases) if (kind, i) in known), None)


def _owns(customer: Customer, facts: Facts) -> dict[str, Any]:
    """Our id on a row that may still have the guest's; a guest never takes a registered customer's place."""
    return {} if customer.is_guest else {CUSTOMER_ID: facts.external_id(customer.id)}


# ---- accounts with contacts


def _business(view: PersonView, context: Context, planned: PersonPlan) -> None:
    customer = view.customer
    contact = _place("customer", customer, context.known)
    if contact is not None and is_linked(customer, context.known, context.facts):
        _linked(view, context, planned, contact)
        return
    person = _choose(customer, context, planned)
    if person is None:
        _create(view, context, planned)
    else:
        _adopt(view, context, planned, person)


def _linked(view: PersonView, context: Context, planned: PersonPlan, contact: Known) -> None:
    customer = view.customer
    account = _place("account", customer, context.known)
    account_id = account.ref.id if account else contact.children[0]
    planned.refers = {"AccountId": account_id, "BillToContactId": contact.ref.id}
    planned.made[("customer", customer.id)] = contact
    if account is not None:
        planned.made[("account", customer.id)] = account
    if not customer.complete:
        return
    if account is not None and account.children != ADOPTED:
        body = {**_account_body(view, context.facts), **_owns(customer, context.facts)}
        planned.steps.append(Step(Level.ACCOUNT, "Account", account_id, body, assumed=True))
    body = {**_contact_body(view, context.facts), **_owns(customer, context.facts)}
    makes, children = (("customer", customer.id),), (account_id,)
    planned.steps.append(
        Step(Level.CONTACT, "Contact", contact.ref.id, body, assumed=True, makes=makes, children=children)
    )


def _create(view: PersonView, context: Context, planned: PersonPlan) -> None:
    customer, value = view.customer, context.facts.external_id(view.customer.id)
    account_id = _free_account(customer, context)
    if account_id is not None:
        refers: dict[str, Any] = {"AccountId": account_id}
        planned.made[("account", customer.id)] = Known(Ref("Account", account_id), ADOPTED)
    else:
        refers = {"Account": {CUSTOMER_ID: value}}
        planned.steps.append(replace(_new_account(view, context.facts), insist=bool(context.accounts)))
    body = {**_contact_body(view, context.facts), **refers}
    makes, insist = (("customer", customer.id),), bool(context.contacts)
    planned.steps.append(Step(Level.CONTACT, "Contact", value, body, key=CUSTOMER_ID, makes=makes, insist=insist))
    planned.refers = {**refers, "BillToContact": {CUSTOMER_ID: value}}


def _new_account(view: PersonView, facts: Facts) -> Step:
    value = facts.external_id(view.customer.id)
    makes = (("account", view.customer.id),)
    return Step(Level.ACCOUNT, "Account", value, _account_body(view, facts), key=CUSTOMER_ID, makes=makes)


def _adopt(view: PersonView, context: Context, planned: PersonPlan, person: FoundPerson) -> None:
    """Somebody who is already there: our id is written on the contact, the account stays as it is.

    Who has somebody else's id (another store's on the same org) is used, but neither claimed nor written: two stores
    would overwrite each other's for ever.
    """
    customer, value = view.customer, context.facts.external_id(view.customer.id)
    taken = _is_others(person.external, customer, context.facts)  # somebody else's: used, not claimed
    body: dict[str, Any] = {} if taken else {CUSTOMER_ID: value}
    if customer.complete and not taken:
        body |= _contact_body(view, context.facts)
    if person.account_id:
        refers: dict[str, Any] = {"AccountId": person.account_id}
        _known_account(view, context, planned, person)
    else:
        refers = {"Account": {CUSTOMER_ID: value}}
        planned.steps.append(_new_account(view, context.facts))
        body |= refers
    planned.refers = {**refers, "BillToContactId": person.contact_id}
    children = (person.account_id,) if person.account_id else ()
    place = Known(Ref("Contact", person.contact_id), children)
    if body in ({}, {CUSTOMER_ID: person.external}):
        if not taken:
            planned.made[("customer", customer.id)] = place
        return
    makes = () if taken else (("customer", customer.id),)
    planned.steps.append(Step(Level.CONTACT, "Contact", person.contact_id, body, makes=makes, children=children))


def _known_account(view: PersonView, context: Context, planned: PersonPlan, person: FoundPerson) -> None:
    customer = view.customer
    key, ref = ("account", customer.id), Ref("Account", person.account_id)
    if person.account_external not in _ids(customer, context.facts):
        planned.made[key] = Known(ref, ADOPTED)
        return
    planned.made[key] = Known(ref)
    if customer.complete:
        body = {**_account_body(view, context.facts), **_owns(customer, context.facts)}
        planned.steps.append(Step(Level.ACCOUNT, "Account", person.account_id, body, makes=(key,)))


# ---- person accounts


def _person_account(view: PersonView, context: Context, planned: PersonPlan) -> None:
    customer, value = view.customer, context.facts.external_id(view.customer.id)
    key, facts = ("customer", customer.id), context.facts
    both = (key, ("account", customer.id))
    place = _place("customer", customer, context.known)
    linked = place is not None
    if place is None:
        person = _choose(customer, context, planned)
        if person is not None:
            place = Known(Ref("Account", person.account_id))
            if _is_others(person.external, customer, context.facts):
                planned.refers = {"AccountId": person.account_id}
                return
    if place is None:
        record_type = {"RecordTypeId": facts.person_record_type} if facts.person_record_type else {}
        body = {**record_type, **_person_body(view, facts)}
        insist = bool(context.contacts)
        planned.steps.append(Step(Level.ACCOUNT, "Account", value, body, key=CUSTOMER_ID, makes=both, insist=insist))
        planned.refers = {"Account": {CUSTOMER_ID: value}}
        return
    planned.refers = {"AccountId": place.ref.id}
    planned.made.update(dict.fromkeys(both, place))
    if customer.complete or not linked:
        body = {**(_person_body(view, facts) if customer.complete else {}), CUSTOMER_ID: value}
        planned.steps.append(Step(Level.ACCOUNT, "Account", place.ref.id, body, assumed=linked, makes=both))


# ---- who it is


def _ids(customer: Customer, facts: Facts) -> tuple[str, ...]:
    """The external ids that this person may have."""
    return tuple(facts.external_id(our_id) for our_id in (customer.id, *customer.aliases))


def _is_others(external: str, customer: Customer, facts: Facts) -> bool:
    """Whether an external id is somebody else's: another customer's, or of another store."""
    return external not in ("", *_ids(customer, facts))


def _is_registered(person: FoundPerson, facts: Facts) -> bool:
    """Whether somebody is a customer of this store; of another's, nothing speaks against their being one person."""
    return facts.is_ours(person.external) and not facts.our_id(person.external).startswith(GUEST)


def _choose(customer: Customer, context: Context, planned: PersonPlan) -> FoundPerson | None:
    people = context.found.people
    for our_id in _ids(customer, context.facts):
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
    return any(_is_others(external, customer, context.facts) for external in claimed)


def _free_account(customer: Customer, context: Context) -> str | None:
    """The oldest of the accounts that a duplicate rule told us of, unless they are other customers'."""
    accounts = context.found.accounts
    told = (i for i in accounts if i in context.accounts)
    return next((i for i in told if not _is_others(accounts[i], customer, context.facts)), None)
