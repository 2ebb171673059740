"""Customers and guests: their contact and account, found, followed, or made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.connectors.base import ADOPTED, Flag, Key, Known, Ref
from app.connectors.sugarcrm.addresses import blanked, emails, filled, postal, stamp, with_primary
from app.connectors.sugarcrm.context import (
    CONVERTED,
    Context,
    account_type,
    claim,
    conversion,
    group_type,
    is_converted,
)
from app.connectors.sugarcrm.facts import Facts, Row
from app.connectors.sugarcrm.lookup import EMAIL, Wants
from app.connectors.sugarcrm.mappings import ACCOUNT, CONTACT
from app.connectors.sugarcrm.schema import ACCOUNTS, CONTACTS, LEADS
from app.connectors.sugarcrm.steps import Plan, Step
from app.connectors.sugarcrm.views import PersonView
from app.domain import Customer
from app.domain.customer import GUEST, fold
from app.mapping import payload

AGAIN = "again"  # in the id of an account that takes a deleted one's place


@dataclass
class Buyer(Plan):
    """The steps of a person, and where an order finds them."""

    account_id: str = ""
    contact_id: str = ""


def wants(customer: Customer, known: Mapping[Key, Known], facts: Facts, into: Wants) -> None:
    """Look for a person by place, key and e-mail."""
    for our_id in (customer.id, *customer.aliases):
        into.record(CONTACTS, our_id, facts)
        into.record(ACCOUNTS, our_id, facts)
    into.record(ACCOUNTS, f"{AGAIN}:{customer.id}", facts)
    into.add(CONTACTS, EMAIL, PersonView(customer).email)
    contact, account, lead = (_known(kind, customer, known) for kind in ("customer", "account", "lead"))
    if lead is not None:
        into.add(LEADS, "id", lead.ref.id)
    if contact is not None:
        into.add(CONTACTS, "id", contact.ref.id)
        into.add(ACCOUNTS, "id", *(one for one in contact.children if one))
    if account is not None:
        into.add(ACCOUNTS, "id", account.ref.id)


def is_linked(customer: Customer, known: Mapping[Key, Known], gone: frozenset[Key]) -> bool:
    """Whether an order needs to look nothing up."""
    contact, account = (_known(kind, customer, known) for kind in ("customer", "account"))
    if contact is None or {("customer", customer.id), ("account", customer.id)} & gone:
        return False
    return account is not None or bool(contact.children)


def plan(customer: Customer, context: Context, *, for_sale: bool = False) -> Buyer:
    """Link first, then key, then e-mail; who is incomplete is created but never overwritten."""
    planned = Buyer()
    view = PersonView(customer)
    if view.has_bad_email:
        words = f"SugarCRM takes no such e-mail address as {customer.email!r}; the record has none there."
        planned.flags.append(Flag("INVALID_EMAIL", words))
    if not context.looked:
        _linked(customer, context, planned)
        return planned
    row = _contact(customer, context, planned, for_sale=for_sale)
    _account(view, context, planned, row, for_sale=for_sale)
    if row is not None:
        _adopt(view, context, planned, row)
    elif ("customer", customer.id) not in planned.gone | context.gone:
        _create(view, context, planned)
    _convert_lead(customer, context, planned)
    return planned


def content(customer: Customer, facts: Facts) -> Row:
    """All that would be sent of a customer, for the fingerprint."""
    view = PersonView(customer)
    contact = {**contact_body(view, facts, creating=True), **with_primary(view.email)}
    return {"account": account_body(view, facts), "contact": contact, "company": customer.company_id}


def account_body(view: PersonView, facts: Facts, *, blank: bool = False) -> Row:
    """The fields of a customer's own account; `blank`: also those that are empty in the store."""
    row = {
        **payload(ACCOUNT, view, creating=True),
        **postal("billing", view.customer.billing),
        **postal("shipping", view.customer.shipping),
    }
    return facts.fitting(ACCOUNTS, blanked(row) if blank else filled(row))


def contact_body(view: PersonView, facts: Facts, *, creating: bool, blank: bool = False) -> Row:
    """The fields of a contact but for its e-mail addresses."""
    row = payload(CONTACT, view, creating=creating)
    if creating:  # the account's addresses follow the store; a contact's own belong to those who call there
        row |= {
            **postal("primary", view.customer.billing),
            "lead_source": facts.choice("Contacts.lead_source", "Web Site"),
        }
    return facts.fitting(CONTACTS, blanked(row) if blank else filled(row))


def _known(kind: str, customer: Customer, known: Mapping[Key, Known]) -> Known | None:
    """Where a person lives, under their own id or the guest's they were."""
    return next((known[(kind, i)] for i in (customer.id, *customer.aliases) if (kind, i) in known), None)


def _is_shared(kind: str, customer: Customer, context: Context) -> bool:
    """Whether both sides' versions were merged before this: then what is empty is meant to be."""
    return bool(context.switches.get("customer_edits")) and _known(kind, customer, context.known) is not None


def _linked(customer: Customer, context: Context, planned: Buyer) -> None:
    contact, account = (_known(kind, customer, context.known) for kind in ("customer", "account"))
    if contact is not None and ("customer", customer.id) not in context.gone:
        planned.contact_id = contact.ref.id
        planned.made[("customer", customer.id)] = contact
    company = context.place(("company", customer.company_id)) if customer.company_id else None
    if company is not None:
        account = Known(company.ref, ADOPTED)
    if account is not None:
        planned.account_id = account.ref.id
        planned.made[("account", customer.id)] = account
    elif contact is not None and contact.children:
        planned.account_id = contact.children[0]
    relied = ("account", customer.id) if company is None else ("company", customer.company_id)
    planned.uses[relied] = planned.account_id


# ---- the contact


def _contact(customer: Customer, context: Context, planned: Buyer, *, for_sale: bool) -> Row | None:
    """The person's record: at its place, else where merging left it, else found; None: there is none."""
    key = ("customer", customer.id)
    place = _known("customer", customer, context.known)
    if place is not None and key not in context.gone:
        row = context.found.by_id(CONTACTS, place.ref.id)
        if row is not None:
            return row
    elif key in context.gone and not for_sale:
        return None
    found = _choose(customer, context, planned)
    if found is None and place is not None and key not in context.gone:
        planned.gone.add(key)
        words = (
            f"The contact of {customer.name} is deleted in SugarCRM or out of the user's sight; it is not made anew."
        )
        planned.flags.append(Flag("DELETED_THERE", words))
    return found


def _ids(customer: Customer, facts: Facts) -> tuple[str, ...]:
    return tuple(facts.key(our_id) for our_id in (customer.id, *customer.aliases))


def _is_others(module: str, row: Row, customer: Customer, facts: Facts) -> bool:
    """Whether a record carries somebody else's key: another customer's, another store's, another integration's."""
    keys = facts.keys_of(module, row)
    return bool(keys) and not set(keys) & set(_ids(customer, facts))


def _is_registered(row: Row, facts: Facts) -> bool:
    """Whether a contact is a customer of this store; of another's, nothing speaks against their being one person."""
    our_id = facts.our_id(facts.keys_of(CONTACTS, row))
    return bool(our_id) and not our_id.startswith(GUEST)


def _choose(customer: Customer, context: Context, planned: Buyer) -> Row | None:
    found, facts = context.found, context.facts
    for our_id in (customer.id, *customer.aliases):
        row = found.record(CONTACTS, our_id, facts)
        if row is not None:
            return row
    email = PersonView(customer).email
    namesakes = found.having(CONTACTS, EMAIL, fold(email)) if email else []
    free = [row for row in namesakes if customer.is_guest or not _is_registered(row, facts)]
    if len(namesakes) > 1 or len(free) < len(namesakes):
        words = f"{len(namesakes)} contacts there have the e-mail address {customer.email}; merge them in SugarCRM."
        planned.flags.append(Flag("AMBIGUOUS_PERSON", words))
    unclaimed = (row for row in free if not facts.keys_of(CONTACTS, row))
    return next(unclaimed, free[0] if free else None)


def _create(view: PersonView, context: Context, planned: Buyer) -> None:
    customer, facts = view.customer, context.facts
    body = {
        **contact_body(view, facts, creating=True),
        **with_primary(view.email),
        **facts.keyed(CONTACTS, customer.id),
        **context.owner("account"),
        "account_id": planned.account_id,
    }
    planned.contact_id = context.new_id(CONTACTS, customer.id)
    planned.steps.append(
        Step(
            "POST", CONTACTS, planned.contact_id, filled(body),
            makes=(("customer", customer.id),), children=(planned.account_id,),
        )
    )  # fmt: skip


def _adopt(view: PersonView, context: Context, planned: Buyer, row: Row) -> None:
    """Somebody who is already there: gets our key and what the store knows.

    Who has somebody else's key is used, but neither claimed nor written: two would overwrite each other's for ever.
    """
    customer, facts = view.customer, context.facts
    planned.contact_id = str(row["id"])
    if _is_others(CONTACTS, row, customer, facts):
        return
    place = Known(Ref(CONTACTS, planned.contact_id), (planned.account_id,) if planned.account_id else ())
    planned.made[("customer", customer.id)] = place
    body: Row = {}
    if not _meets("customer", CONTACTS, customer, context, planned, row) and customer.complete:
        blank = _is_shared("customer", customer, context)
        body = {**contact_body(view, facts, creating=False, blank=blank), **_new_emails(view.email, row)}
    if planned.account_id and (not row.get("account_id") or _moves(customer, context, planned.account_id, row)):
        body["account_id"] = planned.account_id
    claims = claim(CONTACTS, planned.contact_id, customer.id, row, body, facts)
    if body:
        made = (("customer", customer.id),)
        read_at = stamp(body, row)
        planned.steps.append(
            Step("PUT", CONTACTS, planned.contact_id, body, makes=made, children=place.children, read_at=read_at)
        )
    planned.steps += claims  # after what must find the record as it was read


def _meets(kind: str, module: str, customer: Customer, context: Context, planned: Buyer, row: Row) -> bool:
    """Whether nobody has compared somebody's record there with ours yet: only linked, for now."""
    if not context.meets((kind, customer.id), module, row, _known(kind, customer, context.known)):
        return False
    planned.met.add((kind, customer.id), is_ours=context.is_ours(module, row, customer.id, *customer.aliases))
    return True


def _new_emails(email: str, row: Row) -> Row:
    """The e-mail field, if the primary address is another one there."""
    there = emails(row)
    if there and fold(str(there[0].get("email_address") or "")) == fold(email) and there[0].get("primary_address"):
        return {}
    return with_primary(email, there)


def _moves(customer: Customer, context: Context, account_id: str, row: Row) -> bool:
    """Whether the store says that a contact belongs to a company."""
    company = context.place(("company", customer.company_id)) if customer.company_id else None
    return company is not None and company.ref.id == account_id != row.get("account_id")


# ---- the account


def _account(view: PersonView, context: Context, planned: Buyer, contact: Row | None, *, for_sale: bool) -> None:
    """The company's, else the one at its place, else the contact's, else a new one."""
    customer, found = view.customer, context.found
    key = ("account", customer.id)
    company = context.place(("company", customer.company_id)) if customer.company_id else None
    if company is not None:
        _use_account(planned, customer, Known(company.ref, ADOPTED))
        return
    place = None if key in context.gone else _known("account", customer, context.known)
    row = (
        found.by_id(ACCOUNTS, place.ref.id) if place is not None else found.record(ACCOUNTS, customer.id, context.facts)
    )
    if row is not None and key not in context.gone:
        _own_account(view, context, planned, row, place)
    elif contact is not None and contact.get("account_id"):  # where people, or merging accounts, put the contact
        _use_account(planned, customer, Known(Ref(ACCOUNTS, str(contact["account_id"])), ADOPTED))
    elif place is not None or key in context.gone:
        _account_gone(view, context, planned, for_sale=for_sale)
    elif ("customer", customer.id) not in planned.gone | context.gone or for_sale:
        _new_account(view, context, planned, customer.id)


def _use_account(planned: Buyer, customer: Customer, place: Known) -> None:
    planned.account_id = place.ref.id
    planned.made[("account", customer.id)] = place


def _own_account(view: PersonView, context: Context, planned: Buyer, row: Row, place: Known | None) -> None:
    customer, facts = view.customer, context.facts
    adopted = place is not None and place.children == ADOPTED
    own = not adopted and not _is_others(ACCOUNTS, row, customer, facts)
    _use_account(planned, customer, Known(Ref(ACCOUNTS, str(row["id"])), () if own else ADOPTED))
    is_met = own and _meets("account", ACCOUNTS, customer, context, planned, row)
    if own and customer.complete and not is_met:
        body = account_body(view, facts, blank=_is_shared("account", customer, context))
        body |= group_type(customer, context)
        planned.steps += claim(ACCOUNTS, str(row["id"]), customer.id, row, body, facts)
        planned.steps.append(Step("PUT", ACCOUNTS, str(row["id"]), body, makes=(("account", customer.id),)))


def _account_gone(view: PersonView, context: Context, planned: Buyer, *, for_sale: bool) -> None:
    customer = view.customer
    again = context.found.record(ACCOUNTS, f"{AGAIN}:{customer.id}", context.facts)
    if again is not None:
        _use_account(planned, customer, Known(Ref(ACCOUNTS, str(again["id"]))))
    elif for_sale:  # every opportunity has one
        _new_account(view, context, planned, f"{AGAIN}:{customer.id}")
        words = f"The account of {customer.name} was deleted in SugarCRM; a new one was made for this order."
        planned.flags.append(Flag("RECREATED", words))
    elif ("account", customer.id) not in context.gone:
        planned.gone.add(("account", customer.id))


def _new_account(view: PersonView, context: Context, planned: Buyer, our_id: str) -> None:
    facts, customer = context.facts, view.customer
    body = {
        **account_body(view, facts),
        **facts.keyed(ACCOUNTS, our_id),
        **context.owner("account"),
        **account_type(customer, context),
    }
    planned.account_id = context.new_id(ACCOUNTS, our_id)
    planned.steps.append(Step("POST", ACCOUNTS, planned.account_id, filled(body), makes=(("account", customer.id),)))


# ---- the lead that somebody was


def _convert_lead(customer: Customer, context: Context, planned: Buyer) -> None:
    place, key = _known("lead", customer, context.known), ("lead", customer.id)
    if place is None or place.children == CONVERTED or key in context.gone or not planned.contact_id:
        return
    if is_converted(context.found.by_id(LEADS, place.ref.id)):
        planned.made[key] = Known(place.ref, CONVERTED)
        return
    planned.steps.append(conversion(place.ref.id, (key,), context, planned.contact_id, planned.account_id))
