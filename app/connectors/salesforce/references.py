"""What a record refers to, and all that would be sent of it."""

from __future__ import annotations

from typing import Any

from app.connectors.base import Key
from app.connectors.salesforce import activities, carts, companies, leads, orders, people, products
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.steps import Switches
from app.connectors.salesforce.values import settled
from app.domain import Cart, Company, Customer, Message, Order, Product, Record
from app.errors import Unsupported


def of(record: Record, switches: Switches) -> tuple[Key, ...]:
    """Whatever writing the record can make use of knowing."""
    match record:
        case Customer():
            return _person(record)
        case Product():
            return tuple(("variant", variant.id) for variant in record.variants)
        case Order():
            return _order(record, switches)
        case Cart():
            deal = (("order", record.order_id), ("opportunity", record.order_id)) if record.order_id else ()
            return (*_person(record.buyer), *deal)
        case Company():
            return tuple(("customer", customer_id) for customer_id in record.customer_ids)
        case Message():
            person = (("customer", record.customer_id),) if record.customer_id else ()
            return (("order", record.order_id), ("opportunity", record.order_id), *person)
    return ()


def content(record: Record, facts: Facts, switches: Switches) -> Any:
    """All that would be sent of a record, for its fingerprint."""
    match record:
        case Customer():
            row = people.content(record, facts, typed=switches.get("groups_as_account_type", False))
            return row if record.has_ordered or not switches.get(leads.OPTION) else {**row, "lead": True}
        case Product():
            return products.content(record, facts)
        case Order():
            row = orders.content(record, facts, switches.get("opportunities", False))
            told = [key[1] for key in activities.keys(record)] if switches.get(activities.OPTION) else []
            return {**row, "activities": told} if told else row
        case Cart():
            return carts.content(record)
        case Company():
            return companies.content(record, facts)
        case Message():
            return activities.message_content(record)
    raise Unsupported(f"Salesforce has no place for a {record.kind}.")


def _person(customer: Customer) -> tuple[Key, ...]:
    keys = [(kind, i) for i in (customer.id, *customer.aliases) for kind in ("customer", "account")]
    if not customer.is_guest:
        keys.append(("lead", customer.id))
    if customer.company_id:
        keys.append(("company", customer.company_id))
    return tuple(keys)


def _order(order: Order, switches: Switches) -> tuple[Key, ...]:
    sold = (products.variant_of(line, order.currency, {}).id for line in settled(order))
    keys = [*_person(order.buyer), *(("variant", variant) for variant in sold)]
    keys += [("variant", products.PLACEHOLDER), ("opportunity", order.id)]
    keys += [("cart", order.cart_id)] if order.cart_id else []
    keys += activities.keys(order) if switches.get(activities.OPTION) else ()
    return tuple(dict.fromkeys(keys))
