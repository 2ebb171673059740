"""Salesforce as a target of the engine."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from typing import Any, ClassVar

from app.config import Settings
from app.connectors.base import Account, Key, Option, Outcome, Preparation, Write
from app.connectors.salesforce import composite, lookup, orders, people, prepare, products
from app.connectors.salesforce.client import Client
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.jobs import Job, plan, settle, unite, wants
from app.connectors.salesforce.mappings import ORDER, ORDER_ID
from app.connectors.salesforce.remedies import cure, was_there
from app.connectors.salesforce.steps import Identity, Level, Plan, Result, Step
from app.domain import Customer, Order, Product, Record
from app.domain.record import digest
from app.errors import Misconfigured, Retryable, Unsupported
from app.log import get_logger

log = get_logger()
ROUNDS = 6  # tries of one record within one run, each after another remedy


class Salesforce:
    """One authorised org."""

    name: ClassVar[str] = "salesforce"
    label: ClassVar[str] = "Salesforce"
    options: ClassVar[tuple[Option, ...]] = (
        Option("orders", "Orders", "Orders with their lines, activated once they are sales.", ("order",)),
        Option("customers", "Customers", "Customers as contacts with an account.", ("customer",)),
        Option("products", "Products", "Variants as products with their standard price.", ("product",)),
        Option(
            "opportunities", "Opportunities", "An opportunity beside every order, won once the order is a sale.",
            kinds=(),
            default=False,
        ),
    )  # fmt: skip
    batch: ClassVar[dict[str, int]] = {"order": 100, "customer": 200, "product": 100}

    def __init__(self, settings: Settings, account: Account) -> None:
        self.client = Client(settings, account)
        self._facts = Facts.read(account.facts)
        self._switches = account.switches

    @property
    def calls(self) -> int:
        return self.client.calls

    def refers_to(self, record: Record) -> tuple[Key, ...]:
        """Buyer and account, variants and charges, the opportunity."""
        match record:
            case Customer():
                return tuple((kind, i) for i in (record.id, *record.aliases) for kind in ("customer", "account"))
            case Product():
                return tuple(("variant", variant.id) for variant in record.variants)
            case Order():
                sold = (products.variant_of(line, record.currency, {}).id for line in record.settled())
                variants = [("variant", variant) for variant in sold]
                spare = (("variant", products.PLACEHOLDER), ("opportunity", record.id))
                return tuple(dict.fromkeys((*self.refers_to(record.buyer), *variants, *spare)))
        return ()

    def digest(self, record: Record) -> str:
        """Fingerprint of what would be sent."""
        match record:
            case Customer():
                return digest(people.content(record, self._facts))
            case Product():
                return digest(products.content(record))
            case Order():
                return digest(orders.content(record, self._facts, self._switches.get("opportunities", False)))
        raise Unsupported(f"Salesforce has no place for a {record.kind}.")

    def upsert_many(self, writes: Sequence[Write]) -> list[Outcome]:
        """One write alone is atomic; many share collections, and those that fail there are written again alone."""
        jobs = [Job(write) for write in writes]
        if len(jobs) == 1:
            return [self._alone(jobs[0])]
        unite(jobs)
        plans = self._plans(jobs)
        results = self._run([step for planned in plans for step in planned.steps], atomic=False)
        outcomes = [settle(job, planned, results) for job, planned in zip(jobs, plans, strict=True)]
        away = any(result.unsent for result in results.values())
        for index, (job, planned, outcome) in enumerate(zip(jobs, plans, outcomes, strict=True)):
            surprised = was_there(job, planned, results)
            if away or not (surprised or _may_pass_alone(outcome)):
                continue
            if not surprised:
                job.known.update(outcome.made)
            why = outcome.error.code if outcome.error else "WAS_THERE"
            log.info("alone", kind=job.write.kind, id=job.write.id, code=why)
            try:
                again = self._alone(job)
            except Retryable:
                away = True  # Salesforce takes no more calls now: what failed waits
                continue
            made = {**outcome.made, **again.made}
            outcomes[index] = Outcome(made, again.error, again.flags, again.sent, again.received)
        if not away:
            self._take_back(jobs, outcomes)
        return outcomes

    def prepare(self) -> Preparation:
        """Fields, permissions, price book; what of it is missing, in words."""
        return prepare.prepare(self.client)

    def totals(self) -> dict[str, Any]:
        """Our orders as Salesforce holds them; those archived there are no longer the store's."""
        archived = dict(ORDER.gone)["BC_Status__c"]
        rows = self.client.query(
            f"SELECT Id, BC_Currency__c, TotalAmount, BC_Refunded__c FROM Order "  # noqa: S608
            f"WHERE {ORDER_ID} != null AND BC_Status__c != '{archived}'"
        )
        totals: dict[str, Decimal] = {}
        for row in rows:
            net = Decimal(str(row["TotalAmount"] or 0)) - Decimal(str(row["BC_Refunded__c"] or 0))
            currency = row["BC_Currency__c"] or ""
            totals[currency] = totals.get(currency, Decimal(0)) + net
        return {"orders": len(rows), "totals": totals}

    def _alone(self, job: Job) -> Outcome:
        """All or nothing, tried again after each remedy that the answer suggests."""
        for _ in range(ROUNDS):
            [planned] = self._plans([job])
            results = self._run(planned.steps, atomic=True)
            outcome = settle(job, planned, results)
            if was_there(job, planned, results):
                continue
            if outcome.error is None:
                break
            job.known.update(outcome.made)  # a call that is not wholly undone leaves something behind
            if not cure(job, planned, results, self._apart):
                break
        return outcome

    def _take_back(self, jobs: Sequence[Job], outcomes: Sequence[Outcome]) -> None:
        """A batch activates all its orders: those whose lines failed become drafts again."""
        steps = []
        for job, outcome in zip(jobs, outcomes, strict=True):
            place = {**job.known, **outcome.made}.get(("order", job.write.id))
            if outcome.error is not None and job.write.kind == "order" and place is not None:
                steps.append(orders.status(Level.DEACTIVATE, place.ref.id, self._facts.draft))
        with suppress(Retryable):  # the next attempt begins with that
            self._apart(steps)

    def _plans(self, jobs: Sequence[Job]) -> list[Plan]:
        asked = lookup.Wants()
        for job in jobs:
            wants(job, self._facts, asked)
        found = lookup.ask(self.client, asked, self._facts)
        return [plan(job, found, self._facts, self._switches) for job in jobs]

    def _apart(self, steps: Sequence[Step]) -> dict[Identity, Result]:
        return self._run(steps, atomic=False)

    def _run(self, steps: Sequence[Step], *, atomic: bool) -> dict[Identity, Result]:
        # Two records may ask for the same row: a guest who ordered twice.
        unique = {step.identity: step for step in reversed(steps)}
        rows = [replace(step, body=self._facts.writable(step.object, step.body)) for step in unique.values()]
        return composite.run(self.client, rows[::-1], atomic=atomic)


def _may_pass_alone(outcome: Outcome) -> bool:
    return outcome.error is not None and not isinstance(outcome.error, Misconfigured)
