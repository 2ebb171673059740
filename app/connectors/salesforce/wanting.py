"""What has to be looked up before a write can be planned."""

from __future__ import annotations

from collections.abc import Sequence

from app.connectors.salesforce import carts, leads, people, products
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.found import Found, Wants
from app.connectors.salesforce.jobs import Job
from app.connectors.salesforce.schema import OBJECTS
from app.connectors.salesforce.steps import Switches
from app.connectors.salesforce.values import settled
from app.connectors.salesforce.views import PersonView
from app.domain import Cart, Company, Customer, Message, Order, Product, Variant
from app.domain.customer import fold


def wants(job: Job, facts: Facts, switches: Switches, into: Wants) -> None:
    """Add what this write has to look for."""
    record = job.write.record
    if (job.write.kind, job.write.id) in job.write.gone:
        return
    match record:
        case Customer():
            _want_customer(job, record, facts, switches, into)
        case Product():
            for variant in record.variants:
                _want_variant(job, variant, facts, into)
        case Order():
            _want_order(job, record, facts, switches, into)
        case Cart():
            _want_cart(job, record, facts, switches, into)
        case Company() if ("company", record.id) not in job.known:
            into.companies.add(facts.external_id(record.id))
            into.company_names |= {record.name.strip()} - {""}
        case Message() if ("order", record.order_id) not in job.known:
            into.orders.add(facts.external_id(record.order_id))
    _want_again(job, facts, into)


def follow_up(jobs: Sequence[Job], found: Found, facts: Facts) -> Wants:
    """Whom the first answers lead to: who was kept in a merge, what leads became, buyers of recovered carts."""
    asked = Wants()
    asked.person_ids |= {winner for job in jobs for winner in job.preferred}
    for job in jobs:
        record = job.write.record
        for lead in leads.of(job, found, facts):
            if lead.is_converted:
                asked.person_ids |= {lead.account_id if facts.person_accounts else lead.contact_id} - {""}
            elif isinstance(record, Cart) and record.is_recovered and lead.email:
                asked.emails.add(fold(lead.email))
    there = {i for person in found.people for i in (person.contact_id, person.account_id)}
    asked.person_ids -= there
    asked.emails -= {fold(person.email) for person in found.people}
    return asked


def vanished(job: Job) -> list[str]:
    """Variants that we brought there and that the product has no longer."""
    write, record = job.write, job.write.record
    if write.kind != "product" or write.place is None:
        return []
    here = {variant.id for variant in record.variants} if isinstance(record, Product) else set()
    return [variant_id for variant_id in write.place.children if variant_id not in here]


def _want_customer(job: Job, customer: Customer, facts: Facts, switches: Switches, into: Wants) -> None:
    if not leads.is_mere_lead(job, customer, switches, facts):
        _want_person(job, customer, facts, into)
    _want_lead(job, customer, facts, switches, into)


def _want_order(job: Job, order: Order, facts: Facts, switches: Switches, into: Wants) -> None:
    if job.is_archive:
        return
    _want_person(job, order.buyer, facts, into)
    _want_lead(job, order.buyer, facts, switches, into)
    for line in settled(order):
        _want_variant(job, products.variant_of(line, order.currency, job.unusable), facts, into)


def _want_cart(job: Job, cart: Cart, facts: Facts, switches: Switches, into: Wants) -> None:
    place = job.known.get(("cart", cart.id))
    if place is None and job.is_unsure:
        into.carts.add(facts.external_id(cart.id))
    if place is None and carts.is_for_a_contact(cart, switches):
        _want_person(job, cart.buyer, facts, into)
    if place is not None and place.ref.kind == "Lead" and cart.is_recovered:
        into.lead_ids.add(place.ref.id)


def _want_again(job: Job, facts: Facts, into: Wants) -> None:
    """After a surprise, or after an attempt that died."""
    if job.fresh:
        into.variants |= {facts.external_id(variant_id) for variant_id in vanished(job)}
        known = (place.ref for key, place in job.write.known.items() if key[0] != "activity")
        into.places |= {ref for ref in known if ref.kind in OBJECTS}
    if job.write.kind == "order" and job.is_unsure:
        into.orders.add(facts.external_id(job.write.id))
        if job.is_archive or ("opportunity", job.write.id) in job.write.known:
            into.opportunities.add(facts.external_id(job.write.id))


def _want_person(job: Job, customer: Customer, facts: Facts, into: Wants) -> None:
    if not people.is_linked(customer, job.known, facts) or job.contacts:
        into.person(customer, PersonView(customer).email, facts)
        place = job.known.get(("customer", customer.id))
        into.person_ids |= {place.ref.id} if place is not None else set()
    into.person_ids |= set(job.contacts)
    into.account_ids |= set(job.accounts)


def _want_lead(job: Job, customer: Customer, facts: Facts, switches: Switches, into: Wants) -> None:
    place = leads.place(job, customer)
    if people.is_linked(customer, job.known, facts):
        return  # the lead has been converted, or somebody was told why not
    if place is not None and not leads.is_mere_lead(job, customer, switches, facts):
        into.lead_ids.add(place.ref.id)
    elif place is None and job.is_unsure and leads.is_wanted(switches, facts) and not customer.is_guest:
        into.registrations.add(facts.external_id(customer.id))


def _want_variant(job: Job, variant: Variant, facts: Facts, into: Wants) -> None:
    if not products.is_linked(variant, job.known, facts):
        into.variants.add(facts.external_id(variant.id))
        if variant.sku and variant.product_id:
            into.skus.add(variant.sku)
