"""Customers and guests: the rows of their account and contact, or of their person account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.connectors.base import ADOPTED, Flag, Key, Known, Ref
from app.connectors.salesforce import fielding
from app.connectors.salesforce.addresses import address, filled
from app.connectors.salesforce.choosing import (
    Context,
    PersonPlan,
    choose,
    free_account,
    ids,
    is_gone,
    is_others,
    place_of,
)
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.found import FoundPerson, Mark
from app.connectors.salesforce.mappings import ACCOUNT, CONTACT, CUSTOMER_ID, PERSON_ACCOUNT
from app.connectors.salesforce.steps import Level, Step
from app.connectors.salesforce.views import PersonView
from app.domain import Customer
from app.mapping import payload


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
    place = place_of("customer", customer, known)
    return place is not None and (
        facts.person_accounts or bool(place.children) or place_of("account", customer, known) is not None
    )


def content(customer: Customer, facts: Facts, *, typed: bool = False) -> dict[str, Any]:
    """All that would be sent of a customer, for the fingerprint."""
    view = PersonView(customer)
    company = {"company": customer.company_id} if customer.company_id else {}
    if facts.person_accounts:
        return {"person": _person_body(view, facts, typed)}
    return {"account": _account_body(view, facts, typed), "contact": _contact_body(view, facts), **company}


def _account_body(view: PersonView, facts: Facts, typed: bool) -> dict[str, Any]:
    billing, shipping = view.customer.billing, view.customer.shipping
    parts = {**address("Billing", billing, facts), **address("Shipping", shipping, facts)}
    return filled({**payload(ACCOUNT.fields, view, creating=True), **parts, **_type(view, facts, typed)})


def _type(view: PersonView, facts: Facts, typed: bool) -> dict[str, Any]:
    group = view.group.casefold()
    kind = next((kind for kind in facts.account_types if kind.casefold() == group), None)
    return {"Type": kind} if typed and kind else {}


def _contact_body(view: PersonView, facts: Facts) -> dict[str, Any]:
    parts = address("Mailing", view.customer.billing, facts)
    return filled({**payload(CONTACT.fields, view, creating=True), **parts})


def _person_body(view: PersonView, facts: Facts, typed: bool) -> dict[str, Any]:
    billing, shipping = view.customer.billing, view.customer.shipping
    parts = {**address("Billing", billing, facts), **address("Shipping", shipping, facts)}
    if not facts.state_codes:
        parts |= address("PersonMailing", billing, facts)
    return filled({**payload(PERSON_ACCOUNT.fields, view, creating=True), **parts, **_type(view, facts, typed)})


def _emptied(kind: str, form: str, customer: Customer, context: Context) -> dict[str, Any]:
    """What the store had of a record and has no more."""
    return fielding.blanks(form, context.emptied.get((kind, customer.id), frozenset()), context.facts)


def _owns(customer: Customer, facts: Facts) -> dict[str, Any]:
    """Our id on a row that may still have the guest's; a guest never takes a registered customer's place."""
    return {} if customer.is_guest else {CUSTOMER_ID: facts.external_id(customer.id)}


# ---- accounts with contacts


def _business(view: PersonView, context: Context, planned: PersonPlan) -> None:
    customer = view.customer
    contact = place_of("customer", customer, context.known)
    if contact is not None and is_linked(customer, context.known, context.facts):
        _linked(view, context, planned, contact)
        return
    account = place_of("account", customer, context.known)
    if is_gone("customer", customer, context) and account is not None:  # a sale needs no more than the account
        planned.refers = {"AccountId": account.ref.id}
        return
    person = choose(customer, context, planned)
    if person is None:
        _create(view, context, planned)
        _tell_recreated(customer, context, planned)
    else:
        _adopt(view, context, planned, person)


def _linked(view: PersonView, context: Context, planned: PersonPlan, contact: Known) -> None:
    customer, key = view.customer, ("customer", view.customer.id)
    account = place_of("account", customer, context.known)
    account_id = account.ref.id if account else contact.children[0]
    company = _company(customer, context)
    moves = company is not None and contact.children != (company.ref.id,)
    if company is not None and (moves or company.ref.id != account_id):
        account, account_id = company, company.ref.id
    planned.refers = {"AccountId": account_id, "BillToContactId": contact.ref.id}
    planned.made[key] = contact
    if account is not None:
        planned.made[("account", customer.id)] = account
    if not customer.complete:
        return
    if account is not None and account.children != ADOPTED:
        body = {**_account_body(view, context.facts, context.typed), **_owns(customer, context.facts)}
        body = {**_emptied("account", "Account", customer, context), **body}
        # A duplicate rule also warns of what an update makes alike; this record is already known to be the customer's.
        planned.steps.append(Step(Level.ACCOUNT, "Account", account_id, body, assumed=True, insist=True))
    body = _owns(customer, context.facts) | ({"AccountId": account_id} if moves else {})
    if not _is_met(key, customer, contact, Mark(), context, planned):
        emptied = _emptied("customer", "Contact", customer, context)
        body = {**emptied, **_contact_body(view, context.facts), **body}
    makes, children = (key,), (account_id,)
    planned.steps.append(
        Step(Level.CONTACT, "Contact", contact.ref.id, body, assumed=True, insist=True, makes=makes, children=children)
    )


def _company(customer: Customer, context: Context) -> Known | None:
    """The account of the company that the customer buys for: never written on a customer's behalf."""
    place = context.known.get(("company", customer.company_id)) if customer.company_id else None
    return Known(place.ref, ADOPTED) if place is not None else None


def _tell_recreated(customer: Customer, context: Context, planned: PersonPlan) -> None:
    if is_gone("customer", customer, context):
        message = f"Somebody deleted {customer.name} in Salesforce; the sale needed a buyer, so there is one again."
        planned.flags.append(Flag("RECREATED", message))


def _create(view: PersonView, context: Context, planned: PersonPlan) -> None:
    customer, value = view.customer, context.facts.external_id(view.customer.id)
    company = _company(customer, context)
    account_id = company.ref.id if company else free_account(customer, context)
    if account_id is not None:
        refers: dict[str, Any] = {"AccountId": account_id}
        planned.made[("account", customer.id)] = Known(Ref("Account", account_id), ADOPTED)
    else:
        refers = {"Account": {CUSTOMER_ID: value}}
        planned.steps.append(replace(_new_account(view, context), insist=bool(context.accounts)))
    body = {**_contact_body(view, context.facts), **refers, **context.owner("Account")}
    makes, insist = (("customer", customer.id),), bool(context.contacts)
    planned.steps.append(Step(Level.CONTACT, "Contact", value, body, key=CUSTOMER_ID, makes=makes, insist=insist))
    planned.refers = {**refers, "BillToContact": {CUSTOMER_ID: value}}


def _new_account(view: PersonView, context: Context) -> Step:
    value = context.facts.external_id(view.customer.id)
    makes = (("account", view.customer.id),)
    body = {**_account_body(view, context.facts, context.typed), **context.owner("Account")}
    return Step(Level.ACCOUNT, "Account", value, body, key=CUSTOMER_ID, makes=makes)


def _adopt(view: PersonView, context: Context, planned: PersonPlan, person: FoundPerson) -> None:
    """Somebody who is already there: our id is written on the contact, the account stays as it is.

    Who has somebody else's id (another store's on the same org) is used, but neither claimed nor written: two stores
    would overwrite each other's for ever.
    """
    customer, value = view.customer, context.facts.external_id(view.customer.id)
    taken = is_others(person.external, customer, context.facts)  # somebody else's: used, not claimed
    body: dict[str, Any] = {} if taken else {CUSTOMER_ID: value}
    key, children = ("customer", customer.id), (person.account_id,) if person.account_id else ()
    place = Known(Ref("Contact", person.contact_id), children)
    is_met = not taken and _is_met(key, customer, place, person.mark, context, planned)
    if not taken and customer.complete and not is_met:
        body |= _contact_body(view, context.facts)
    if person.account_id:
        refers: dict[str, Any] = {"AccountId": person.account_id}
        _known_account(view, context, planned, person)
    else:
        refers = {"Account": {CUSTOMER_ID: value}}
        planned.steps.append(_new_account(view, context))
        body |= refers
    planned.refers = {**refers, "BillToContactId": person.contact_id}
    if body in ({}, {CUSTOMER_ID: person.external}):
        planned.made |= {} if taken else {key: place}
        return
    makes = () if taken else (key,)
    beside = not customer.complete and place_of("customer", customer, context.known) is not None
    step = Step(Level.CONTACT, "Contact", person.contact_id, body, beside=beside, makes=makes, children=children)
    planned.steps.append(replace(step, insist=True))


def _is_met(key: Key, customer: Customer, place: Known, mark: Mark, context: Context, planned: PersonPlan) -> bool:
    """Whether nobody has compared somebody there with ours yet: only linked, for now."""
    our_ids = (customer.id, *customer.aliases)
    if not context.meets(key, place, *our_ids):
        return False
    planned.met.add(key, is_ours=mark.is_ours(context.facts, *our_ids))
    return True


def _known_account(view: PersonView, context: Context, planned: PersonPlan, person: FoundPerson) -> None:
    customer = view.customer
    key, ref = ("account", customer.id), Ref("Account", person.account_id)
    if person.account_external not in ids(customer, context.facts):
        planned.made[key] = Known(ref, ADOPTED)
        return
    place = planned.made[key] = Known(ref)
    is_met = _is_met(key, customer, place, person.account_mark, context, planned)
    if customer.complete and not is_met:
        body = {**_account_body(view, context.facts, context.typed), **_owns(customer, context.facts)}
        planned.steps.append(Step(Level.ACCOUNT, "Account", person.account_id, body, insist=True, makes=(key,)))


# ---- person accounts


def _person_account(view: PersonView, context: Context, planned: PersonPlan) -> None:
    customer, value = view.customer, context.facts.external_id(view.customer.id)
    key, facts = ("customer", customer.id), context.facts
    both = (key, ("account", customer.id))
    place = place_of("customer", customer, context.known)
    linked, mark = place is not None, Mark()
    if place is None:
        person = choose(customer, context, planned)
        if person is not None:
            place, mark = Known(Ref("Account", person.account_id)), person.mark
            if is_others(person.external, customer, context.facts):
                planned.refers = {"AccountId": person.account_id}
                return
    if place is None:
        record_type = {"RecordTypeId": facts.person_record_type} if facts.person_record_type else {}
        body = {**record_type, **_person_body(view, facts, context.typed), **context.owner("Account")}
        insist = bool(context.contacts)
        planned.steps.append(Step(Level.ACCOUNT, "Account", value, body, key=CUSTOMER_ID, makes=both, insist=insist))
        planned.refers = {"Account": {CUSTOMER_ID: value}}
        _tell_recreated(customer, context, planned)
        return
    planned.refers = {"AccountId": place.ref.id}
    planned.made.update(dict.fromkeys(both, place))
    is_met = _is_met(both[1], customer, place, mark, context, planned)
    if customer.complete or not linked:
        body = {CUSTOMER_ID: value}
        if customer.complete and not is_met:
            emptied = _emptied("account", "PersonAccount", customer, context)
            body = {**emptied, **_person_body(view, facts, context.typed), **body}
        if body != {CUSTOMER_ID: mark.external}:
            planned.steps.append(Step(Level.ACCOUNT, "Account", place.ref.id, body, assumed=linked, makes=both))
