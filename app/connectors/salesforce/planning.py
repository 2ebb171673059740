"""The rows that a write asks for, given what is known and found."""

from __future__ import annotations

from collections.abc import Callable

from app.connectors.base import Flag, Known
from app.connectors.salesforce import activities, carts, companies, leads, orders, people, products
from app.connectors.salesforce.choosing import Context
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.found import Found
from app.connectors.salesforce.jobs import Job
from app.connectors.salesforce.steps import Plan, Switches
from app.connectors.salesforce.values import settled
from app.connectors.salesforce.wanting import vanished
from app.domain import Cart, Company, Customer, Message, Order, Product
from app.domain.order import SettledLine, Stage
from app.errors import Unsupported


def plan(job: Job, found: Found, facts: Facts, switches: Switches) -> Plan:
    """All rows of a write, without those that Salesforce refused and that it can do without."""
    planner = _PLANNERS.get(job.write.kind)
    if planner is None:
        raise Unsupported(f"Salesforce has no place for a {job.write.kind}.")
    if (job.write.kind, job.write.id) in job.gone and not job.is_archive:
        return Plan(flags=[Flag("DELETED_THERE", "Somebody deleted it in Salesforce; it is not made anew.")])
    if job.halt is not None:
        return Plan(error=job.halt)
    planned = planner(job, found, facts, switches)
    planned.steps = [step for step in planned.steps if step.identity not in job.dropped]
    return planned


def _context(job: Job, found: Found, facts: Facts, switches: Switches) -> Context:
    return Context(
        job.known, found, facts, job.reachable, job.accounts, job.contacts,
        gone=job.gone, preferred=frozenset(job.preferred), owners=job.write.owners, emptied=job.write.emptied,
        typed=switches.get("groups_as_account_type", False),
        shared=job.write.kind != "cart" and switches.get("customer_edits", False),
        met=frozenset(job.met.matched),
    )  # fmt: skip


def _customer(job: Job, found: Found, facts: Facts, switches: Switches) -> Plan:
    record = job.write.record
    if not isinstance(record, Customer):
        return Plan()  # nothing there says "archived": the person and their history stay
    context = _context(job, found, facts, switches)
    if leads.is_lead(job, record, context, switches):
        return leads.plan(job, record, context)
    return people.plan(record, context)


def _product(job: Job, found: Found, facts: Facts, switches: Switches) -> Plan:
    record = job.write.record
    product = record if isinstance(record, Product) else Product(job.write.id, "", ())
    shared = any(switches.get(option, False) for option in ("product_edits", "stock_edits"))
    context = products.Context(job.known, found, facts, job.gone, shared, frozenset(job.met.matched))
    planned = products.catalogued(product, context)
    planned.add(products.ended(vanished(job), found, facts, looked_up=job.fresh))
    return planned


def _order(job: Job, found: Found, facts: Facts, switches: Switches) -> Plan:
    record, order_id = job.write.record, job.write.id
    place = orders.found_place(order_id, found, facts) if job.is_unsure else job.known.get(("order", order_id))
    beside = job.known.get(("opportunity", order_id)) or orders.found_opportunity(order_id, found, facts)
    if job.is_archive or not isinstance(record, Order):
        return orders.archive(order_id, place, beside, facts)
    if place is None and record.stage is Stage.INCOMPLETE:
        return Plan()  # never was there, and need not be
    facts.need_orders()
    planned = Plan()
    buyer = people.plan(record.buyer, _context(job, found, facts, switches))
    planned.add(buyer)
    sold = _sold(job, record, found, facts, planned)
    cart = job.known.get(("cart", record.cart_id))
    taken = cart if cart is not None and cart.ref.kind == "Opportunity" else None
    wanted = (switches.get("opportunities", False) or taken is not None) and ("opportunity", order_id) not in job.gone
    deal = orders.Deal(wanted, beside, taken)
    planned.add(orders.plan(record, place, sold, buyer.refers, facts, deal, job.write.owners))
    if switches.get(activities.OPTION, False):
        planned.add(activities.of_order(record, place, buyer.refers, job.known, facts))
    return planned


def _sold(job: Job, order: Order, found: Found, facts: Facts, planned: Plan) -> list[orders.Sold]:
    context = products.Context(job.known, found, facts)
    sold = []
    for line in settled(order):
        variant = products.variant_of(line, order.currency, job.unusable)
        part = products.sold(variant, context)
        planned.add(part)
        sold.append(orders.Sold(line, variant, part.refers))
        planned.flags += _placeholder_flags(job, line)
    return sold


def _placeholder_flags(job: Job, line: SettledLine) -> list[Flag]:
    variant = line.line.variant_id if line.line is not None else ""
    words = job.unusable.get(f"line:{line.key}") or (job.unusable.get(variant) if variant else None)
    if words is None:
        return []
    return [Flag("PLACEHOLDER_LINE", f"The line {line.name!r} is on the placeholder product: {words}")]


def _cart(job: Job, found: Found, facts: Facts, switches: Switches) -> Plan:
    place = job.known.get(("cart", job.write.id)) or _found_cart(job, found, facts)
    record = job.write.record
    if not isinstance(record, Cart):
        return carts.archive(place, facts)
    return carts.plan(job, record, place, _context(job, found, facts, switches), switches)


def _found_cart(job: Job, found: Found, facts: Facts) -> Known | None:
    ref = found.carts.get(facts.external_id(job.write.id))
    return Known(ref) if ref else None


def _company(job: Job, found: Found, facts: Facts, switches: Switches) -> Plan:
    record = job.write.record
    if not isinstance(record, Company):
        return Plan()  # as with people
    return companies.plan(record, _context(job, found, facts, switches))


def _message(job: Job, found: Found, facts: Facts, switches: Switches) -> Plan:
    record = job.write.record
    if not isinstance(record, Message):
        return Plan()  # what was told stays told
    return activities.of_message(record, job.known, found, facts)


_PLANNERS: dict[str, Callable[[Job, Found, Facts, Switches], Plan]] = {
    "customer": _customer,
    "product": _product,
    "order": _order,
    "cart": _cart,
    "company": _company,
    "message": _message,
}
