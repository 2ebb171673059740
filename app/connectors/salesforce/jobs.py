"""A write under way: what to look up for it, the rows it asks for, and what has been learnt about it so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.connectors.base import Flag, Key, Known, Outcome, Ref, Write
from app.connectors.salesforce import orders, people, products
from app.connectors.salesforce.errors import CASUALTIES
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.lookup import Found, Wants
from app.connectors.salesforce.steps import Identity, Level, Plan, Result, Step
from app.connectors.salesforce.views import PersonView
from app.domain import Customer, Order, Product, Variant
from app.domain.customer import fold
from app.domain.order import SettledLine, Stage
from app.errors import NotFound, StorelineError, Unsupported


@dataclass
class Job:
    """One write, and how it is to be planned after what its earlier tries met."""

    write: Write
    known: dict[Key, Known] = field(default_factory=dict)
    fresh: bool = False  # what we knew was stale: everything is looked up
    reachable: bool = True  # false: without the e-mail address
    accounts: tuple[str, ...] = ()  # what a duplicate rule told us to use
    contacts: tuple[str, ...] = ()
    unusable: dict[str, str] = field(default_factory=dict)  # variant, or line:<key> -> Salesforce's words
    flags: list[Flag] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.known = dict(self.known or self.write.known)

    @property
    def is_archive(self) -> bool:
        record = self.write.record
        return record is None or (isinstance(record, Order) and record.is_deleted)

    @property
    def is_unsure(self) -> bool:
        """Whether an attempt that died, or somebody there, may have left more or less than we know of."""
        return self.fresh or self.write.attempt > 1

    def forget(self) -> None:
        """What we knew is stale."""
        self.known, self.fresh = {}, True


def unite(jobs: Sequence[Job]) -> None:
    """A guest and a registered customer of one e-mail in one batch are one person: both know what either knows."""
    registered: dict[str, tuple[Job, Customer]] = {}
    for job in jobs:
        buyer = _buyer(job)
        if buyer is not None and buyer.email and not buyer.is_guest:
            registered.setdefault(fold(buyer.email), (job, buyer))
    for job in jobs:
        buyer, order = _buyer(job), job.write.record
        if buyer is None or not buyer.is_guest or not isinstance(order, Order) or fold(buyer.email) not in registered:
            continue
        other, customer = registered[fold(buyer.email)]
        job.write = replace(job.write, record=replace(order, buyer=replace(buyer, id=customer.id)))
        theirs = {key: place for key, place in other.known.items() if key[0] in ("customer", "account")}
        other.known = {
            **{key: place for key, place in job.known.items() if key[0] in ("customer", "account")},
            **other.known,
        }
        job.known = {**job.known, **theirs}


def _buyer(job: Job) -> Customer | None:
    record = job.write.record
    return record.buyer if isinstance(record, Order) else record if isinstance(record, Customer) else None


def wants(job: Job, facts: Facts, into: Wants) -> None:
    """What has to be looked up before this can be planned."""
    record = job.write.record
    if isinstance(record, Customer):
        _want_person(job, record, facts, into)
    elif isinstance(record, Product):
        for variant in record.variants:
            _want_variant(job, variant, facts, into)
    if job.fresh:
        into.variants |= {facts.external_id(variant_id) for variant_id in _vanished(job)}
    if job.write.kind == "order" and job.is_unsure:
        into.orders.add(facts.external_id(job.write.id))
        if job.is_archive:
            into.opportunities.add(facts.external_id(job.write.id))
    if isinstance(record, Order) and not job.is_archive:
        _want_person(job, record.buyer, facts, into)
        for line in record.settled():
            _want_variant(job, products.variant_of(line, record.currency, job.unusable), facts, into)


def plan(job: Job, found: Found, facts: Facts, switches: Mapping[str, bool]) -> Plan:
    """The rows that this write asks for, given what is known and found."""
    write, record = job.write, job.write.record
    if write.kind == "order":
        return _order(job, found, facts, switches.get("opportunities", False))
    if write.kind == "product":
        product = record if isinstance(record, Product) else Product(write.id, "", ())
        planned = products.catalogued(product, products.Context(job.known, found, facts))
        planned.add(products.ended(_vanished(job), found, facts, looked_up=job.fresh))
        return planned
    if write.kind == "customer":
        # Nothing there says "archived": the person and their history stay.
        return people.plan(record, _context(job, found, facts)) if isinstance(record, Customer) else Plan()
    raise Unsupported(f"Salesforce has no place for a {write.kind}.")


def settle(job: Job, planned: Plan, results: Mapping[Identity, Result]) -> Outcome:
    """What became of a write."""
    made = dict(planned.made)
    for step in planned.steps:
        result = results.get(step.identity)
        if result is not None and result.error is None:
            ref = Ref(step.object, result.id)
            made.update({key: Known(ref, step.children or _children(made, key)) for key in step.makes})
    if job.write.kind == "order":
        _settle_lines(job, planned, results, made)
    elif job.write.kind == "product":
        _settle_product(job, planned, results, made)
    failure = first_failure(planned, results)
    return Outcome(
        made={key: place for key, place in made.items() if job.write.known.get(key) != place},
        error=failure[1].error if failure else None,
        flags=tuple(dict.fromkeys([*planned.flags, *job.flags])),
        sent=[_sent(step) for step in planned.steps],
        received=[results[step.identity].received for step in planned.steps if step.identity in results],
    )


def failures(planned: Plan, results: Mapping[Identity, Result]) -> list[tuple[Step, Result]]:
    """The steps that failed of themselves, in order; else those that fell with another's failure."""
    failed: list[tuple[Step, Result, StorelineError]] = []
    for step in sorted(planned.steps, key=lambda step: step.level):
        result = results.get(step.identity)
        if result is not None and result.error is not None:
            failed.append((step, result, result.error))
    undone = [(step, result) for step, result, error in failed if error.code in CASUALTIES]
    causes = [(step, result) for step, result, error in failed if error.code not in CASUALTIES]
    # A line to delete that is not there any more is no failure, unless all else was undone for it.
    return causes if undone and causes else undone or [(s, r) for s, r in causes if not _is_harmless(s, r)]


def first_failure(planned: Plan, results: Mapping[Identity, Result]) -> tuple[Step, Result] | None:
    """The failure that a person should read."""
    return next(iter(failures(planned, results)), None)


def _is_harmless(step: Step, result: Result) -> bool:
    return step.delete and isinstance(result.error, NotFound)


def _want_person(job: Job, customer: Customer, facts: Facts, into: Wants) -> None:
    if not people.is_linked(customer, job.known, facts) or job.contacts:
        into.person(customer, PersonView(customer).email, facts)
    into.person_ids |= set(job.contacts)
    into.account_ids |= set(job.accounts)


def _want_variant(job: Job, variant: Variant, facts: Facts, into: Wants) -> None:
    if not products.is_linked(variant, job.known, facts):
        into.variants.add(facts.external_id(variant.id))
        if variant.sku and variant.product_id:
            into.skus.add(variant.sku)


def _vanished(job: Job) -> list[str]:
    """Variants that we brought there and that the product has no longer."""
    write, record = job.write, job.write.record
    if write.kind != "product" or write.place is None:
        return []
    here = {variant.id for variant in record.variants} if isinstance(record, Product) else set()
    return [variant_id for variant_id in write.place.children if variant_id not in here]


def _context(job: Job, found: Found, facts: Facts) -> people.Context:
    return people.Context(job.known, found, facts, job.reachable, job.accounts, job.contacts)


def _order(job: Job, found: Found, facts: Facts, opportunity: bool) -> Plan:
    record = job.write.record
    place = orders.found_place(job.write.id, found, facts) if job.is_unsure else job.known.get(("order", job.write.id))
    if job.is_archive or not isinstance(record, Order):
        beside = job.known.get(("opportunity", job.write.id)) or orders.found_opportunity(job.write.id, found, facts)
        return orders.archive(job.write.id, place, beside, facts)
    if place is None and record.stage is Stage.INCOMPLETE:
        return Plan()  # never was there, and need not be
    facts.need_orders()
    planned = Plan()
    buyer = people.plan(record.buyer, _context(job, found, facts))
    planned.add(buyer)
    context = products.Context(job.known, found, facts)
    sold = []
    for line in record.settled():
        variant = products.variant_of(line, record.currency, job.unusable)
        part = products.sold(variant, context)
        planned.add(part)
        sold.append(orders.Sold(line, variant, part.refers))
        planned.flags += _placeholder_flags(job, line)
    planned.add(orders.plan(record, place, sold, buyer.refers, facts, opportunity))
    return planned


def _placeholder_flags(job: Job, line: SettledLine) -> list[Flag]:
    variant = line.line.variant_id if line.line is not None else ""
    words = job.unusable.get(f"line:{line.key}") or (job.unusable.get(variant) if variant else None)
    if words is None:
        return []
    return [Flag("PLACEHOLDER_LINE", f"The line {line.name!r} is on the placeholder product: {words}")]


def _children(made: Mapping[Key, Known], key: Key) -> tuple[str, ...]:
    return made[key].children if key in made else ()


def _settle_lines(job: Job, planned: Plan, results: Mapping[Identity, Result], made: dict[Key, Known]) -> None:
    key = ("order", job.write.id)
    if key not in made:
        return
    children = list(made[key].children)
    for step in planned.steps:
        result = results.get(step.identity)
        if result is None or (result.error is not None and not _is_harmless(step, result)):
            continue
        if step.level is Level.REMOVE and step.subject in children:
            children.remove(step.subject)
        if step.level is Level.ITEM and step.subject not in children:
            children.append(step.subject)
    made[key] = Known(made[key].ref, tuple(children))


def _settle_product(job: Job, planned: Plan, results: Mapping[Identity, Result], made: dict[Key, Known]) -> None:
    """A product's place is its first variant's; below it are the variants that are active there."""
    record = job.write.record
    if not isinstance(record, Product):
        return
    places = {**job.known, **made}
    there = [variant.id for variant in record.variants if ("variant", variant.id) in places]
    if there:
        still = [
            s.subject for s in planned.steps if s.assumed and s.subject and results.get(s.identity, Result()).error
        ]
        made[("product", record.id)] = Known(places[("variant", there[0])].ref, (*there, *still))


def _sent(step: Step) -> dict[str, object]:
    where = {"object": step.object, step.key or "id": step.value}
    return {**where, "delete": True} if step.delete else {**where, "body": step.body}
