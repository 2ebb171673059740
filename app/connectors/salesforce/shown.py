"""What an org will hold of a record's fields once it is written: the rows that we send, read as if they came back."""

from __future__ import annotations

from collections.abc import Mapping

from app.connectors.base import Key
from app.connectors.salesforce import companies, fielding, leads, people, products
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.mappings import ORDER
from app.connectors.salesforce.views import OrderView, PersonView
from app.domain import Company, Customer, Order, Product, Record
from app.domain.fields import Fields
from app.mapping import payload


def of(record: Record, facts: Facts) -> Mapping[Key, Fields]:
    """By the keys of the links that writing the record makes."""
    match record:
        case Customer():
            return _customer(record, facts)
        case Company():
            row = facts.writable("Account", companies.body(record, facts))
            return {("company", record.id): fielding.fields(fielding.COMPANY, row, facts)}
        case Product():
            return {
                ("variant", variant.id): _variant(product, price, variant.currency, facts)
                for variant, (product, price) in zip(record.variants, products.rows(record, facts), strict=True)
            }
        case Order():
            row = facts.writable("Order", payload(ORDER.fields, OrderView(record), creating=True))
            return {("order", record.id): fielding.fields("Order", row, facts)}
    return {}


def _customer(customer: Customer, facts: Facts) -> dict[Key, Fields]:
    rows = people.content(customer, facts)
    lead = facts.writable("Lead", leads.body(PersonView(customer), facts))
    found: dict[Key, Fields] = {("lead", customer.id): fielding.fields("Lead", lead, facts)}
    if facts.person_accounts:  # both links lead to the one record
        row = facts.writable("Account", rows["person"])
        return {**found, ("account", customer.id): fielding.fields("PersonAccount", row, facts)}
    account = facts.writable("Account", rows["account"])
    contact = facts.writable("Contact", rows["contact"])
    return {
        **found,
        ("customer", customer.id): fielding.fields("Contact", contact, facts),
        ("account", customer.id): fielding.fields("Account", account, facts),
    }


def _variant(product: Mapping[str, object], price: Mapping[str, object], currency: str, facts: Facts) -> Fields:
    row = facts.writable("Product2", product)
    return {**fielding.fields("Product2", row, facts), **fielding.price(price["UnitPrice"], currency)}
