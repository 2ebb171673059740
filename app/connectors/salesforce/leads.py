"""Registrations that never bought, as leads; with the first order, or by a recovered cart, a lead is converted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.connectors.base import Flag, Known, Ref
from app.connectors.salesforce.addresses import address, filled
from app.connectors.salesforce.choosing import Context, PersonPlan, choose, owner, place_of
from app.connectors.salesforce.client import Client
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.found import Found, FoundLead, FoundPerson, Mark
from app.connectors.salesforce.jobs import Job, take_in
from app.connectors.salesforce.mappings import CUSTOMER_ID, LEAD
from app.connectors.salesforce.soap import Conversion, Converted, convert
from app.connectors.salesforce.steps import Level, Plan, Step, Switches
from app.connectors.salesforce.views import PersonView
from app.domain import Cart, Customer, Order
from app.domain.customer import fold
from app.domain.order import Stage
from app.errors import Retryable
from app.mapping import payload

OPTION = "registrations_as_leads"
NOT_CONVERTED = "LEAD_NOT_CONVERTED"


def place(job: Job, customer: Customer) -> Known | None:
    """The lead that the customer is, as far as we know."""
    found = job.known.get(("lead", customer.id))
    return found if found is not None and found.ref.kind == "Lead" else None


def is_wanted(switches: Switches, facts: Facts) -> bool:
    """Whether registrations are leads in this org: where customers are person accounts, these must come of them."""
    is_apt = not (facts.person_accounts and facts.lead_company)
    return bool(switches.get(OPTION)) and is_apt and facts.has(f"Lead.{CUSTOMER_ID}")


def is_mere_lead(job: Job, customer: Customer, switches: Switches, facts: Facts) -> bool:
    """Whether the customer is known as a lead and stays one: nobody needs to be looked up."""
    return is_wanted(switches, facts) and _may_be(job, customer) and place(job, customer) is not None


def is_lead(job: Job, customer: Customer, context: Context, switches: Switches) -> bool:
    """Whether the customer is to be a lead: nobody there is this person yet."""
    if not is_wanted(switches, context.facts) or not _may_be(job, customer):
        return False
    is_known = ("lead", customer.id) in job.gone or place(job, customer) is not None
    return is_known or choose(customer, context, Plan()) is None


def plan(job: Job, customer: Customer, context: Context) -> Plan:
    """The row of a registration."""
    if ("lead", customer.id) in job.gone:
        words = "Somebody deleted the lead in Salesforce; it is not made anew."
        return Plan(flags=[Flag("DELETED_THERE", words)])
    facts, key = context.facts, ("lead", customer.id)
    there = place(job, customer)
    view = PersonView(customer, context.reachable)
    row = body(view, facts)
    if there is not None:
        return Plan([Step(Level.LEAD, "Lead", there.ref.id, row, assumed=True, makes=(key,))], made={key: there})
    row |= source(facts) | owner(context.owners, "Lead")
    external = facts.external_id(customer.id)
    found = next((one for one in context.found.leads if one.external == external and not one.is_converted), None)
    if found is not None and context.meets(key, known := Known(Ref("Lead", found.id)), customer.id):
        planned = Plan(made={key: known})
        planned.met.add(key, is_ours=Mark(external, found.hands).is_ours(facts, customer.id))
        return planned
    return Plan([Step(Level.LEAD, "Lead", external, row, key=CUSTOMER_ID, insist=True, makes=(key,))])


def body(view: PersonView, facts: Facts) -> dict[str, Any]:
    """The fields of a person as a lead has them."""
    parts = address("", view.customer.billing, facts)
    row = filled({**payload(LEAD.fields, view, creating=True), **parts})
    if not facts.lead_company:
        row.pop("Company", None)
    return row


def source(facts: Facts) -> dict[str, str]:
    """Where a new lead comes from."""
    return {"LeadSource": facts.lead_source} if facts.lead_source else {}


def of(job: Job, found: Found, facts: Facts) -> list[FoundLead]:
    """The leads, as looked up, that this write turns into a person, or that somebody there turned into one."""
    customer, record = job.person, job.write.record
    if isinstance(record, Cart):
        cart = job.known.get(("cart", record.id))
        ids = {cart.ref.id} if cart is not None and record.is_recovered else set()
        return [lead for lead in found.leads if lead.id in ids]
    if customer is None:
        return []
    there, external = place(job, customer), facts.external_id(customer.id)
    leads = [lead for lead in found.leads if lead.external == external or (there and lead.id == there.ref.id)]
    return leads if _becomes_person(job) else [lead for lead in leads if lead.is_converted]


@dataclass
class _Turn:
    """A lead on its way to a person, and the writes that wait for it."""

    lead: FoundLead
    conversion: Conversion
    jobs: list[Job]


def convert_all(client: Client, jobs: Sequence[Job], found: Found, facts: Facts) -> None:
    """Convert the leads of all writes in one call, and take in whom they became."""
    turns: dict[str, _Turn] = {}
    for job in jobs:
        job.halt = None
        for lead in of(job, found, facts):
            if lead.is_converted:
                _touch(job, lead)
                job.preferred |= {lead.account_id if facts.person_accounts else lead.contact_id}
                job.known = {key: place for key, place in job.known.items() if key[0] != "lead"}
            elif lead.id in turns:
                turns[lead.id].jobs.append(job)
            else:
                person = _person(job, lead, found, facts)
                if person is not None and not person.account_id:  # a conversion would make the person once more
                    words = f"The contact {lead.email} in Salesforce has no account, which converting a lead needs."
                    job.flags.append(Flag(NOT_CONVERTED, words))
                    continue
                who = (person.account_id, person.contact_id) if person else ("", "")
                turns[lead.id] = _Turn(lead, Conversion(lead.id, facts.lead_converted, *who), [job])
    done = convert(client, [turn.conversion for turn in turns.values()])
    for turn, converted in zip(turns.values(), done, strict=True):
        for job in turn.jobs:
            _conclude(job, turn, converted, found, facts)


def _conclude(job: Job, turn: _Turn, converted: Converted, found: Found, facts: Facts) -> None:
    if isinstance(converted.error, Retryable):
        job.halt = converted.error  # a person made beside the lead would be a second one
    elif converted.error is not None:
        words = f"Salesforce did not convert the lead: {converted.error.message}"
        job.flags.append(Flag(NOT_CONVERTED, words))
    else:
        _touch(job, turn.lead)
        if not turn.conversion.contact_id:
            _take_in(job, turn.lead, converted.account_id, converted.contact_id, found, facts)


def _touch(job: Job, lead: FoundLead) -> None:
    """Whatever people had last written on it has gone over to the contact, and looks as if it were ours."""
    if isinstance(job.write.record, Order):
        job.touched |= {Ref("Lead", lead.id): None}


def _take_in(job: Job, lead: FoundLead, account_id: str, contact_id: str, found: Found, facts: Facts) -> None:
    # The account was made by the conversion, so it is as good as ours.
    customer = job.person
    ours = facts.external_id(customer.id) if customer is not None else ""
    take_in(found, FoundPerson(contact_id, account_id, "", lead.email, ours))
    job.preferred.add(contact_id)


def _person(job: Job, lead: FoundLead, found: Found, facts: Facts) -> FoundPerson | None:
    """Who the lead is, if somebody there is."""
    customer, record = job.person, job.write.record
    if customer is not None and not isinstance(record, Cart):
        contact = place_of("customer", customer, job.known)
        account = place_of("account", customer, job.known)
        if contact is not None and account is not None:
            return FoundPerson(contact.ref.id, account.ref.id, "", lead.email, "")
        return choose(customer, Context(job.known, found, facts), PersonPlan())
    email = fold(lead.email)
    return next((person for person in found.people if email and fold(person.email) == email), None)


def _may_be(job: Job, customer: Customer) -> bool:
    is_customer = job.write.kind == "customer" and not customer.is_guest and customer.complete
    known = place_of("customer", customer, job.known) is not None
    return is_customer and not customer.has_ordered and not known


def _becomes_person(job: Job) -> bool:
    record = job.write.record
    if isinstance(record, Order):
        return not job.is_archive and not (
            record.stage is Stage.INCOMPLETE and ("order", record.id) not in job.write.known
        )
    return isinstance(record, Customer) and record.has_ordered
