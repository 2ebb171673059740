"""Companies as accounts, with the contacts who buy for them."""

from __future__ import annotations

from collections.abc import Mapping

from app.connectors.base import Flag, Key, Known, Ref
from app.connectors.sugarcrm.addresses import emails, filled, postal, stamp, with_primary
from app.connectors.sugarcrm.context import Context, account_type, claim
from app.connectors.sugarcrm.facts import Facts, Row
from app.connectors.sugarcrm.lookup import EMAIL, Wants
from app.connectors.sugarcrm.mappings import COMPANY
from app.connectors.sugarcrm.schema import ACCOUNTS, CONTACTS
from app.connectors.sugarcrm.steps import Plan, Step
from app.connectors.sugarcrm.values import valid_email
from app.domain import Company, Customer
from app.mapping import payload

PREFIX = "company-"  # in keys, so that a company and a customer of one number differ


def wants(company: Company, known: Mapping[Key, Known], facts: Facts, into: Wants) -> None:
    """Look for a company at its place, by key, e-mail and name."""
    into.record(ACCOUNTS, PREFIX + company.id, facts)
    into.add(ACCOUNTS, EMAIL, _email(company))
    into.add(ACCOUNTS, "name", company.name)
    place = known.get(("company", company.id))
    if place is not None:
        into.add(ACCOUNTS, "id", place.ref.id)


def plan(company: Company, context: Context) -> Plan:
    """The company's account, and its known contacts moved into it."""
    planned, facts, key = Plan(), context.facts, ("company", company.id)
    place = context.place(key)
    if key in context.gone:
        return planned
    row = context.found.by_id(ACCOUNTS, place.ref.id) if place is not None else _found(company, context, planned)
    if row is None and place is not None:
        planned.gone.add(key)
        planned.flags.append(Flag("DELETED_THERE", f"The account of {company.name} is deleted in SugarCRM."))
        return planned
    fields = body(company, facts)
    if row is None:
        account = context.new_id(ACCOUNTS, PREFIX + company.id)
        fields |= {**facts.keyed(ACCOUNTS, PREFIX + company.id), **context.owner("account")}
        fields |= {**account_type(Customer("", ""), context), **with_primary(_email(company))}
        planned.steps.append(Step("POST", ACCOUNTS, account, filled(fields), makes=(key,)))
    else:
        account = str(row["id"])
        planned.made[key] = Known(Ref(ACCOUNTS, account))
        if not _is_others(company, row, facts):
            if context.meets(key, ACCOUNTS, row, place):
                planned.met.add(key, is_ours=context.is_ours(ACCOUNTS, row, PREFIX + company.id))
                fields = {}
            else:
                fields |= with_primary(_email(company), emails(row))
            claims = claim(ACCOUNTS, account, PREFIX + company.id, row, fields, facts)
            planned.steps.append(Step("PUT", ACCOUNTS, account, fields, makes=(key,), read_at=stamp(fields, row)))
            planned.steps += claims
    _move_contacts(company, account, context, planned)
    return planned


def body(company: Company, facts: Facts) -> Row:
    """The account's fields."""
    return facts.fitting(
        ACCOUNTS, filled({**payload(COMPANY, company, creating=True), **postal("billing", company.address)})
    )


def content(company: Company, facts: Facts) -> Row:
    """All that would be sent of a company, for the fingerprint."""
    return {**body(company, facts), "email": _email(company), "people": sorted(company.customer_ids)}


def _email(company: Company) -> str:
    return company.email.strip() if valid_email(company.email.strip()) else ""


def _is_others(company: Company, row: Row, facts: Facts) -> bool:
    keys = facts.keys_of(ACCOUNTS, row)
    return bool(keys) and facts.key(PREFIX + company.id) not in keys


def _found(company: Company, context: Context, planned: Plan) -> Row | None:
    facts, found = context.facts, context.found
    own = found.record(ACCOUNTS, PREFIX + company.id, facts)
    if own is not None:
        return own
    email = _email(company)
    alike = (found.having(ACCOUNTS, EMAIL, email) if email else []) or found.having(ACCOUNTS, "name", company.name)
    free = [row for row in alike if not facts.keys_of(ACCOUNTS, row)]
    if len(free) > 1:
        words = f"{len(free)} accounts there are called {company.name}; the oldest is used. Merge them in SugarCRM."
        planned.flags.append(Flag("AMBIGUOUS_COMPANY", words))
    return free[0] if free else None


def _move_contacts(company: Company, account: str, context: Context, planned: Plan) -> None:
    for customer_id in company.customer_ids:
        key = ("customer", customer_id)
        place = context.place(key)
        if place is not None and place.children[:1] != (account,):
            planned.steps.append(
                Step("PUT", CONTACTS, place.ref.id, {"account_id": account}, makes=(key,), children=(account,))
            )
            planned.made[key] = place
