"""A write under way: what to look up for it, the steps it asks for, and what has been learnt about it so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from app.connectors.base import Flag, Key, Known, Outcome, Ref, Write
from app.connectors.meetings import Meetings
from app.connectors.sugarcrm import activities, carts, companies, orders, people, products, quotes
from app.connectors.sugarcrm.context import CONVERTED, Context, conversion
from app.connectors.sugarcrm.facts import Facts
from app.connectors.sugarcrm.lookup import Found, Wants
from app.connectors.sugarcrm.people import Buyer
from app.connectors.sugarcrm.schema import (
    ACCOUNTS,
    CONTACTS,
    LEADS,
    NOTES,
    OPPORTUNITIES,
    QUOTES,
    RLIS,
    TASKS,
    TEMPLATES,
)
from app.connectors.sugarcrm.steps import Plan, Step
from app.domain import Cart, Category, Company, Customer, Message, Order, Product
from app.domain.customer import fold
from app.domain.order import Stage
from app.errors import StorelineError, Unsupported

DELETED = "DELETED_THERE"
# Modules that people edit, and which of them each kind is compared with before it is written.
EDITED = frozenset({ACCOUNTS, CONTACTS, LEADS, OPPORTUNITIES, TEMPLATES})
COMPARED = {
    "customer": {ACCOUNTS, CONTACTS, LEADS}, "company": {ACCOUNTS}, "product": {TEMPLATES}, "order": {OPPORTUNITIES},
}  # fmt: skip


@dataclass
class Job:
    """One write, and how it is to be planned after what its earlier tries met."""

    write: Write
    switches: Mapping[str, bool]
    fresh: bool = False  # what we knew was stale: everything is looked up
    refusal: str = ""  # what was said of line items with their products: they go without
    retry: int = 0
    conflicts: int = 0
    looked: bool = False
    made: dict[Key, Known] = field(default_factory=dict)
    gone: set[Key] = field(default_factory=set)
    met: Meetings = field(default_factory=Meetings)  # what was found and only linked
    flags: list[Flag] = field(default_factory=list)
    sent: list[Any] = field(default_factory=list)
    received: list[Any] = field(default_factory=list)
    failed: list[tuple[Step, StorelineError]] = field(default_factory=list)  # steps of the last try
    wrote: bool = False
    touched: dict[Ref, None] = field(default_factory=dict)
    error: StorelineError | None = None

    @property
    def is_archive(self) -> bool:
        record = self.write.record
        return record is None or (isinstance(record, Order) and record.is_deleted)

    @property
    def is_unsure(self) -> bool:
        """Whether an attempt that died, or somebody there, may have left more or less than we know of."""
        return self.fresh or self.write.attempt > 1

    @property
    def key(self) -> Key:
        return (self.write.kind, self.write.id)

    @property
    def known(self) -> dict[Key, Known]:
        """What was known and has been made since."""
        return {**self.write.known, **self.made}

    @property
    def all_gone(self) -> frozenset[Key]:
        return self.write.gone | self.gone

    @property
    def outcome(self) -> Outcome:
        """What became of the write."""
        flags = list(self.flags)
        if self.refusal and self.error is None:
            words = f"SugarCRM refused the lines with their products, so they are without: {self.refusal}"
            flags.append(Flag(orders.PLACEHOLDER, words))
        changed = {key: place for key, place in self.made.items() if self.write.known.get(key) != place}
        return Outcome(
            made={key: place for key, place in changed.items() if key not in self.gone},
            gone=frozenset(self.gone),
            error=self.error,
            flags=tuple(dict.fromkeys(flags)),
            sent=self.sent,
            received=self.received,
            touched=tuple(self.touched),
            matched=frozenset(self.met.matched - self.gone),
            ours=frozenset(self.met.ours - self.gone),
        )

    def has_written(self, step: Step) -> None:
        """A step took effect; what people may have edited in a record that it changed by the way is yet to be seen."""
        self.wrote = True
        is_new = step.method == "POST" and not step.action
        if not is_new and step.module in EDITED - COMPARED.get(self.write.kind, set()):
            self.touched[Ref(step.module, step.id)] = None

    def context(self, found: Found, facts: Facts, *, converts: bool) -> Context:
        """As the planners want it."""
        return Context(
            self.known, self.all_gone, found, facts, self.switches, self.write.owners, self.looked, converts,
            self.retry, frozenset(self.met.matched),
        )  # fmt: skip


def unite(jobs: Sequence[Job]) -> None:
    """A guest and a registered customer of one e-mail in one batch are one person, with the customer's id."""
    registered: dict[str, tuple[str, Mapping[Key, Known]]] = {}
    for job in jobs:
        record = job.write.record
        buyer = record.buyer if isinstance(record, Order | Cart) else None
        if buyer is not None and buyer.email and not buyer.is_guest:
            registered.setdefault(fold(buyer.email), (buyer.id, job.write.known))
    for job in jobs:
        record = job.write.record
        if not isinstance(record, Order) or not record.buyer.is_guest or fold(record.buyer.email) not in registered:
            continue
        our_id, known = registered[fold(record.buyer.email)]
        theirs = {key: place for key, place in known.items() if key[0] in ("customer", "account")}
        order = replace(record, buyer=replace(record.buyer, id=our_id))
        job.write = replace(job.write, record=order, known={**theirs, **job.write.known})


def wants(job: Job, facts: Facts, into: Wants) -> None:
    """What has to be looked up before this can be planned."""
    record, known = job.write.record, job.known
    match record:
        case Order() if not record.is_deleted:
            _want_order(job, record, facts, into)
        case Customer():
            job.looked = True
            people.wants(record, known, facts, into)
            if job.switches.get("registrations_as_leads") and not record.has_ordered:
                carts.want_lead(record, known, facts, into)
        case Product():
            products.wants(record, known, facts, into)
        case Company():
            companies.wants(record, known, facts, into)
        case Cart():
            carts.wants(record, known, facts, into, unsure=job.is_unsure)
        case Category():
            products.want_category(record, known, facts, into)
        case Message() if job.is_unsure:
            into.record(NOTES, f"message-{record.id}", facts)
    if job.write.kind == "order":
        _want_opportunity(job, facts, into)


def _want_order(job: Job, order: Order, facts: Facts, into: Wants) -> None:
    job.looked = job.fresh or not people.is_linked(order.buyer, job.known, job.all_gone)
    if job.looked:
        people.wants(order.buyer, job.known, facts, into)
    if job.is_unsure and job.switches.get("activities"):
        for _, our_id in activities.keys(order):
            into.record(TASKS, our_id, facts)


def _want_opportunity(job: Job, facts: Facts, into: Wants) -> None:
    if not (job.looked or job.is_unsure):
        return
    into.record(OPPORTUNITIES, job.write.id, facts)
    place = job.known.get(job.key)
    if place is not None:
        into.add(OPPORTUNITIES, "id", place.ref.id)
    if job.switches.get("quotes"):
        into.record(QUOTES, quotes.PREFIX + job.write.id, facts)


def want_below(job: Job, found: Found, facts: Facts, into: Wants) -> str:
    """The rows below what was found: line items; and the quote whose bundles are to be read, "" for none."""
    if job.write.kind != "order":
        return ""
    place, row = job.known.get(job.key), found.record(OPPORTUNITIES, job.write.id, facts)
    deal = place.ref.id if place is not None else str(row["id"]) if row is not None else ""
    if deal and facts.rli and (job.is_unsure or place is None or not orders.knows_lines(place, facts)):
        into.add(RLIS, "opportunity_id", deal)
    if not job.switches.get("quotes"):
        return ""
    known = job.known.get(("quote", job.write.id))
    if known is not None:
        return known.ref.id if job.is_unsure else ""
    quote = found.record(QUOTES, quotes.PREFIX + job.write.id, facts)
    return str(quote["id"]) if quote is not None else ""


def plan(job: Job, context: Context) -> Plan:
    """The steps that this write asks for, given what is known and found."""
    record, place = job.write.record, context.place(job.key)
    context.facts.need_modules()
    match record:
        case Order():
            return _order(job, record, context)
        case Customer():
            return _customer(job, record, context)
        case Product():
            return products.plan(record, place, context)
        case Company():
            return companies.plan(record, context)
        case Cart():
            return carts.plan(record, place, context)
        case Category():
            return products.plan_category(record, context)
        case Message():
            return activities.of_message(record, context)
        case None:
            return _archived(job, place, context)
    raise Unsupported(f"SugarCRM has no place for a {job.write.kind}.")


def _customer(job: Job, customer: Customer, context: Context) -> Plan:
    if job.key in context.gone:
        return Plan(flags=[Flag(DELETED, f"The contact of {customer.name} was deleted in SugarCRM.")])
    if job.switches.get("registrations_as_leads") and not customer.has_ordered:
        lead = carts.register(customer, context)
        if lead is not None:
            return lead
    return people.plan(customer, context)


def _archived(job: Job, place: Known | None, context: Context) -> Plan:
    """Nothing is deleted: a person's history, a company and a category stay as they are."""
    kind, our_id = job.key
    if kind == "order":
        return _archived_order(job, context)
    if kind == "cart" and place is not None:
        return carts.forget(our_id, place, context)
    if kind == "product" and place is not None:
        return products.plan(Product(our_id, "", ()), place, context)
    return Plan()


def _archived_order(job: Job, context: Context) -> Plan:
    planned, place = Plan(), _order_place(job, context)
    if place is not None:
        planned.add(orders.archive(job.write.id, place, context.facts))
    quote = quotes.place(job.write.id, context, unsure=job.is_unsure)
    if quote is not None:
        planned.add(quotes.archive(job.write.id, quote, context.facts))
    return planned


def _order_place(job: Job, context: Context) -> Known | None:
    """Where the order is, and its line items there; in doubt as looked up."""
    facts, found = context.facts, context.found
    place, row = context.place(job.key), found.record(OPPORTUNITIES, job.write.id, facts)
    if place is not None and not job.is_unsure and orders.knows_lines(place, facts):
        return place
    if place is not None:
        row = found.by_id(OPPORTUNITIES, place.ref.id) or (None if job.fresh else {"id": place.ref.id})
    if row is None or job.key in context.gone:
        return None
    lines = (line for line in found.rows[RLIS].values() if line.get("opportunity_id") == row["id"])
    return orders.found_place(row, lines, job.write.id, facts)


def _order(job: Job, order: Order, context: Context) -> Plan:
    if job.is_archive:
        return _archived_order(job, context)
    planned, place = Plan(), _order_place(job, context)
    if job.key in context.gone or (place is None and job.key in job.known):
        planned.gone |= {job.key} - job.write.gone
        words = f"The opportunity of order {order.id} was deleted in SugarCRM; it is not made anew."
        planned.flags.append(Flag(DELETED, words))
        return planned
    cart = context.place(("cart", order.cart_id)) if order.cart_id else None
    if place is None and cart is not None and cart.ref.kind == OPPORTUNITIES:
        place = Known(Ref(OPPORTUNITIES, cart.ref.id), cart.children)
    if place is None and order.stage is Stage.INCOMPLETE:
        return planned  # never was there, and need not be
    buyer = people.plan(order.buyer, context, for_sale=True)
    planned.add(buyer)
    deal = orders.plan(order, place, buyer, context, plain=bool(job.refusal))
    planned.add(deal)
    planned.lines = deal.lines
    opportunity = place.ref.id if place is not None else context.new_id(OPPORTUNITIES, order.id)
    if cart is not None and cart.ref.kind == LEADS and cart.children != CONVERTED and buyer.contact_id:
        made = (("cart", order.cart_id),)
        planned.steps.append(conversion(cart.ref.id, made, context, buyer.contact_id, buyer.account_id, opportunity))
    planned.add(_beside(job, order, buyer, opportunity, context))
    return planned


def _beside(job: Job, order: Order, buyer: Buyer, opportunity: str, context: Context) -> Plan:
    """What the merchant wants beside the opportunity."""
    planned = Plan()
    if job.switches.get("quotes") and QUOTES in context.facts.modules:
        quote = quotes.place(order.id, context, unsure=job.is_unsure)
        planned.add(quotes.plan(order, quote, buyer, opportunity, context))
    if job.switches.get("activities"):
        planned.add(activities.of_order(order, opportunity, buyer.contact_id, context))
    return planned


def settle_product(job: Job, lost: Sequence[Step]) -> None:
    """A product's place is its first variant's; below it are the variants that are available there."""
    record = job.write.record
    if not isinstance(record, Product):
        return
    places = {key: place for key, place in job.known.items() if key not in job.all_gone}
    there = [f"{one.id}|{places[key].ref.id}" for one in record.variants if (key := ("variant", one.id)) in places]
    still = [step.subject for step in lost if step.module == TEMPLATES and step.subject]
    if there:
        first = places[("variant", there[0].partition("|")[0])].ref
        job.made[job.key] = Known(first, (*there, *still))
