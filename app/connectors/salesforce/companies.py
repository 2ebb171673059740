"""Companies as business accounts, into which the contacts go who buy for them."""

from __future__ import annotations

from typing import Any

from app.connectors.base import Flag, Known, Ref
from app.connectors.salesforce.addresses import address, filled
from app.connectors.salesforce.choosing import Context
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.found import FoundCompany, Mark
from app.connectors.salesforce.mappings import COMPANY, COMPANY_ID
from app.connectors.salesforce.steps import Level, Plan, Step
from app.domain import Company
from app.mapping import payload


def plan(company: Company, context: Context) -> Plan:
    """Link first, then external id, then the only account of the same name that is no company's, then a new one."""
    facts, key = context.facts, ("company", company.id)
    planned = Plan(error=facts.lack(f"Account.{COMPANY_ID}"))
    if planned.error is not None:
        return planned
    external, row = facts.external_id(company.id), body(company, facts)
    found = None if key in context.known else _found(company, context, planned)
    place = Known(Ref("Account", found.id)) if found is not None else context.known.get(key)
    if place is None:
        row |= context.owner("Account")
        # Whoever a duplicate rule would name has been looked at.
        step = Step(Level.ACCOUNT, "Account", external, row, key=COMPANY_ID, insist=True, makes=(key,))
        refers: dict[str, Any] = {"Account": {COMPANY_ID: external}}
    else:
        mark = found.mark if found is not None else Mark()
        if context.meets(key, place, company.id):
            planned.met.add(key, is_ours=mark.is_ours(facts, company.id))
            row = {}
        is_new = key not in context.known or key in context.met
        row |= {COMPANY_ID: external} if is_new and mark.external != external else {}
        planned.made[key] = place
        step = Step(Level.ACCOUNT, "Account", place.ref.id, row, assumed=True, makes=(key,))
        refers = {"AccountId": place.ref.id}
    planned.steps += [step] if step.body else []
    planned.steps += _members(company, place, refers, context)
    return planned


def content(company: Company, facts: Facts) -> dict[str, Any]:
    """All that would be sent of a company, for the fingerprint."""
    return {**body(company, facts), "members": sorted(company.customer_ids)}


def body(company: Company, facts: Facts) -> dict[str, Any]:
    """The fields of its account."""
    parts = address("Billing", company.address, facts)
    return filled({**payload(COMPANY.fields, company, creating=True), **parts})


def _found(company: Company, context: Context, planned: Plan) -> FoundCompany | None:
    external, name = context.facts.external_id(company.id), company.name.strip().casefold()
    companies = context.found.companies
    ours = [one for one in companies if one.external == external]
    alike = [one for one in companies if not one.external and one.name.strip().casefold() == name]
    if not ours and len(alike) > 1:
        message = f"{len(alike)} accounts there are named {company.name!r}; there is one more now: merge them."
        planned.flags.append(Flag("AMBIGUOUS_COMPANY", message))
    chosen = ours or (alike if len(alike) == 1 else [])
    return chosen[0] if chosen else None


def _members(company: Company, place: Known | None, refers: dict[str, Any], context: Context) -> list[Step]:
    """Contacts that are in another account so far."""
    steps = []
    for customer_id in company.customer_ids:
        contact = context.known.get(("customer", customer_id))
        if contact is None or contact.ref.kind != "Contact" or (place and contact.children == (place.ref.id,)):
            continue
        makes, children = (("customer", customer_id),), (place.ref.id,) if place else ()
        step = Step(
            Level.CONTACT, "Contact", contact.ref.id, dict(refers), optional=True, beside=True, makes=makes,
            children=children,
        )  # fmt: skip
        steps.append(step)
    return steps
