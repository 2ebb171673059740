"""Carts that were left, as leads; of a known contact, where the merchant wants it so, as opportunities."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.connectors.base import Known
from app.connectors.salesforce import leads, people
from app.connectors.salesforce.addresses import filled
from app.connectors.salesforce.choosing import Context, choose, ids, owner, place_of
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.jobs import Job
from app.connectors.salesforce.mappings import CART, CART_ID, CART_OPPORTUNITY, ORDER_ID
from app.connectors.salesforce.steps import Level, Plan, Step, Switches
from app.connectors.salesforce.views import CartView, PersonView
from app.domain import Cart
from app.mapping import payload

OPTION = "carts_as_opportunities"


def is_for_a_contact(cart: Cart, switches: Switches) -> bool:
    """Whether somebody is to be looked up, to whom an opportunity might belong."""
    return bool(switches.get(OPTION)) and not cart.is_recovered and bool(cart.buyer.email)


def plan(job: Job, cart: Cart, place: Known | None, context: Context, switches: Switches) -> Plan:
    """The rows of a cart in the state it is in; nobody that has no name is made a lead."""
    planned = Plan(made={("cart", cart.id): place} if place is not None else {})
    if cart.is_recovered:
        if place is not None and place.ref.kind == "Opportunity":
            planned.steps = _recovered(job, cart, place, context.facts)
        elif _is_new(cart, context):  # the lead, converted by now, knew less of its person than the order does
            planned.add(people.plan(replace(cart.buyer, complete=True), context))
        return planned
    if place is not None:
        is_lead = place.ref.kind == "Lead"
        planned.steps.append(_lead_again(cart, place, context) if is_lead else _opportunity_again(cart, place))
        return planned
    if not cart.buyer.email:
        return planned
    planned.error = context.facts.lack(f"Lead.{CART_ID}")
    if planned.error is not None:
        return planned
    is_deal = is_for_a_contact(cart, switches) and context.facts.has(f"Opportunity.{CART_ID}")
    buyer = _contact(cart, context) if is_deal else None
    planned.steps.append(_opportunity(cart, buyer, context) if buyer else _lead(cart, context))
    return planned


def archive(place: Known | None, facts: Facts) -> Plan:
    """A cart that was emptied or given up."""
    if place is None:
        return Plan()
    if place.ref.kind == "Lead":
        # Somebody there may have converted the lead: it takes no change any more, and needs none.
        return Plan([Step(Level.LEAD, "Lead", place.ref.id, {"Status": facts.lead_lost}, optional=True)])
    return Plan([Step(Level.OPPORTUNITY, "Opportunity", place.ref.id, {"StageName": facts.stage_lost})])


def content(cart: Cart) -> dict[str, Any]:
    """All that would be sent of a cart, for the fingerprint."""
    view = CartView(cart)
    return {
        **payload(CART.fields, view, creating=True),
        "name": view.opportunity_name,
        "buyer": cart.buyer.email,
        "order": cart.order_id,
    }


def _recovered(job: Job, cart: Cart, place: Known, facts: Facts) -> list[Step]:
    """The order takes the opportunity over, also where it came first; where it has another one, this one is lost."""
    deal = job.known.get(("opportunity", cart.order_id))
    if deal is not None:
        if deal.ref == place.ref:
            return []
        body = {"StageName": facts.stage_lost}
        return [Step(Level.OPPORTUNITY, "Opportunity", place.ref.id, body, assumed=True)]
    if ("order", cart.order_id) not in job.known:
        return []
    body = {"StageName": facts.stage_won, ORDER_ID: facts.external_id(cart.order_id)}
    makes = (("opportunity", cart.order_id),)
    return [Step(Level.OPPORTUNITY, "Opportunity", place.ref.id, body, assumed=True, makes=makes)]


def _is_new(cart: Cart, context: Context) -> bool:
    """Whether the buyer came into being by the conversion just now, and nobody there has touched the record yet."""
    person = choose(cart.buyer, context, Plan()) if cart.buyer.email else None
    if person is None or person.external or person.contact_id not in context.preferred:
        return False
    return person.account_external in ids(cart.buyer, context.facts)


def _contact(cart: Cart, context: Context) -> dict[str, str] | None:
    """The buyer's account, if they are there."""
    account = place_of("account", cart.buyer, context.known)
    if account is not None and place_of("customer", cart.buyer, context.known) is not None:
        return {"AccountId": account.ref.id}
    person = choose(cart.buyer, context, Plan())
    return {"AccountId": person.account_id} if person is not None and person.account_id else None


def _lead(cart: Cart, context: Context) -> Step:
    facts = context.facts
    view = PersonView(cart.buyer, context.reachable)
    row = {**leads.body(view, facts), **_lead_body(cart), **leads.source(facts), **owner(context.owners, "Lead")}
    row |= {"CurrencyIsoCode": cart.currency} if facts.multi_currency and cart.currency else {}
    makes = (("cart", cart.id),)
    return Step(Level.LEAD, "Lead", facts.external_id(cart.id), row, key=CART_ID, insist=True, makes=makes)


def _lead_again(cart: Cart, place: Known, context: Context) -> Step:
    # A lead that somebody there converted takes no change any more, and needs none.
    makes = (("cart", cart.id),)
    return Step(Level.LEAD, "Lead", place.ref.id, _lead_body(cart), assumed=True, optional=True, makes=makes)


def _lead_body(cart: Cart) -> dict[str, Any]:
    return filled(payload(CART.fields, CartView(cart), creating=True))


def _opportunity(cart: Cart, buyer: dict[str, str], context: Context) -> Step:
    facts = context.facts
    row = {**payload(CART_OPPORTUNITY.fields, CartView(cart), creating=True), "StageName": facts.stage_open, **buyer}
    row |= leads.source(facts) | owner(context.owners, "Opportunity")
    row |= {"CurrencyIsoCode": cart.currency} if facts.multi_currency and cart.currency else {}
    makes = (("cart", cart.id),)
    external = facts.external_id(cart.id)
    return Step(Level.OPPORTUNITY, "Opportunity", external, row, key=CART_ID, makes=makes)


def _opportunity_again(cart: Cart, place: Known) -> Step:
    row = payload(CART_OPPORTUNITY.fields, CartView(cart), creating=True)
    makes = (("cart", cart.id),)
    return Step(Level.OPPORTUNITY, "Opportunity", place.ref.id, row, assumed=True, makes=makes)
