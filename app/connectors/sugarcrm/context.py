"""What all planners share: what is known while they plan, keys for what is there, leads that are converted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.connectors.base import Key, Known
from app.connectors.sugarcrm.addresses import filled
from app.connectors.sugarcrm.facts import Facts, Row
from app.connectors.sugarcrm.lookup import Found
from app.connectors.sugarcrm.schema import ACCOUNTS, CONTACTS, LEADS, OPPORTUNITIES, SYNC_KEY, TEMPLATES
from app.connectors.sugarcrm.steps import Step
from app.domain import Customer
from app.domain.customer import GUEST

CONVERTED = ("converted",)  # children of a lead's link
_PEOPLE = ("customer_edits",)
# The options by which what people change in a module goes to the store: before it is written over, it is compared.
EDITS = {ACCOUNTS: _PEOPLE, CONTACTS: _PEOPLE, LEADS: _PEOPLE, TEMPLATES: ("product_edits", "stock_edits")}


@dataclass(frozen=True)
class Context:
    """What is known while records are planned; `looked`: `found` is all that is there of this one."""

    known: Mapping[Key, Known]
    gone: frozenset[Key]
    found: Found
    facts: Facts
    switches: Mapping[str, bool] = field(default_factory=dict)
    owners: Mapping[str, str] = field(default_factory=dict)
    looked: bool = False
    converts: bool = True  # the instance has the call that converts a lead
    retry: int = 0  # ids that we chose were in use by deleted records
    met: frozenset[Key] = frozenset()  # records that an earlier try of this write found and linked

    def place(self, key: Key) -> Known | None:
        """A known place that is not gone."""
        return None if key in self.gone else self.known.get(key)

    def meets(self, key: Key, module: str, row: Row, linked: Known | None) -> bool:
        """Whether nobody has compared a record that was found with ours yet; `linked`: where we believe ours to be."""
        if not any(self.switches.get(option) for option in EDITS[module]):
            return False
        return key in self.met or linked is None or linked.ref.id != row["id"]

    def is_ours(self, module: str, row: Row, *our_ids: str) -> bool:
        """Whether we made a record for one of these, and so chose its id, and nobody else has changed it since; our key
        alone may be on one of people's."""
        is_made = row["id"] in (self.facts.new_id(module, our_id) for our_id in our_ids)
        return is_made and row.get("modified_user_id") == self.facts.user_id

    def owner(self, kind: str) -> Row:
        """Who is to own what is made: account (and its contacts), lead, or opportunity (and what hangs on it)."""
        user = self.owners.get(kind) or self.owners.get("")
        return {"assigned_user_id": user} if user else {}

    def new_id(self, module: str, our_id: str) -> str:
        """The id for a new record; another one where the first belongs to a deleted record."""
        return self.facts.new_id(module, f"{our_id}#{self.retry}" if self.retry else our_id)


def claim(module: str, record_id: str, our_id: str, row: Row, body: Row, facts: Facts) -> list[Step]:
    """Our key on a record that has none, or still a guest's; the sync key has a call of its own, for administrators."""
    key = facts.key(our_id)
    names = [name for name in facts.key_fields(module) if row.get(name) != key]
    if our_id.startswith(GUEST) and facts.our_id(facts.keys_of(module, row)):
        return []  # a guest never takes a registered customer's place
    if facts.is_admin and SYNC_KEY in names:
        names.remove(SYNC_KEY)
        body |= dict.fromkeys(names, key)
        return [Step("PUT", module, record_id, {"sync_key_field_value": key}, action="key")]
    body |= dict.fromkeys(names, key)
    return []


def account_type(customer: Customer, context: Context) -> Row:
    """A new account's type: the customer's group where the list has it and the merchant wants it, else Customer."""
    usual = context.facts.choice("Accounts.account_type", "Customer")
    return group_type(customer, context) or ({"account_type": usual} if usual else {})


def group_type(customer: Customer, context: Context) -> Row:
    """The customer's group as a type, where the list has it and the merchant wants it; any other type is people's."""
    if not customer.group or not context.switches.get("groups_as_account_type"):
        return {}
    found = context.facts.choice("Accounts.account_type", customer.group)
    return {"account_type": found} if found else {}


def is_converted(lead: Mapping[str, Any] | None) -> bool:
    """Whether people, or we, converted a lead; it stays as a record, and is not to be written any more."""
    return lead is not None and lead.get("converted") in (True, 1, "1", "true")


def conversion(
    lead_id: str, makes: tuple[Key, ...], context: Context, contact_id: str, account_id: str, deal_id: str = ""
) -> Step:
    """Convert a lead into records that are there; without the call for it, what the call would have written."""
    into = {CONTACTS: contact_id, ACCOUNTS: account_id, OPPORTUNITIES: deal_id}
    if context.converts:
        body: Row = {"modules": {module: {"id": one} for module, one in into.items() if one}}
        return Step("POST", LEADS, lead_id, body, action="convert", makes=makes, children=CONVERTED)
    names = ("contact_id", "account_id", "opportunity_id")
    status = context.facts.choice("Leads.status", "Converted")
    body = filled({"converted": True, "status": status, **dict(zip(names, into.values(), strict=True))})
    return Step("PUT", LEADS, lead_id, body, makes=makes, children=CONVERTED)
