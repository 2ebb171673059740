"""Carries writes: many share a batch, each record's own save fails or holds by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.connectors.base import Flag, Known, Outcome, Write
from app.connectors.sap_sales_cloud import lookup, names, orders, products
from app.connectors.sap_sales_cloud.batch import Answer, Operation
from app.connectors.sap_sales_cloud.client import Client
from app.connectors.sap_sales_cloud.errors import translate
from app.connectors.sap_sales_cloud.facts import Facts
from app.connectors.sap_sales_cloud.jobs import Planner, unite
from app.connectors.sap_sales_cloud.odata import rows
from app.connectors.sap_sales_cloud.people import DELETED
from app.connectors.sap_sales_cloud.remedies import cure
from app.connectors.sap_sales_cloud.steps import Change, Job, Result, place_of, unique
from app.domain import Order, Product
from app.errors import Misconfigured, NotFound, Rejected, Retryable
from app.log import get_logger

ROUNDS = 8  # tries of one record within one run, each after another remedy
# What people edit, and what of it each kind is compared with before it is written.
EDITED = frozenset({names.CUSTOMER, names.CONTACT, names.ACCOUNT, names.PRODUCT, names.ORDER})
COMPARED = {
    "customer": {names.CUSTOMER, names.CONTACT}, "company": {names.ACCOUNT}, "product": {names.PRODUCT},
    "order": {names.ORDER},
}  # fmt: skip

log = get_logger()


@dataclass(frozen=True)
class Writer:
    """Writes to one tenant with its facts and the merchant's switches."""

    client: Client
    facts: Facts
    switches: Mapping[str, bool]

    def carry(self, writes: Sequence[Write]) -> list[Outcome]:
        """One outcome per write; an outage is raised, unless something was written before it and must be remembered."""
        jobs = [Job(write) for write in writes]
        unite(jobs)
        pending = jobs
        for _ in range(ROUNDS):
            try:
                self._round(pending)
            except Retryable as error:
                if not any(job.received for job in jobs):
                    raise
                for job in pending:
                    if not job.done and job.error is None:
                        job.error = error
                break
            pending = [job for job in pending if cure(job)]
            if not pending:
                break
            log.info("again", records=len(pending))
        for job in pending:  # out of rounds, or out of reach
            job.error = job.error or job.mended
        return [job.outcome() for job in jobs]

    def _round(self, jobs: Sequence[Job]) -> None:
        planner = Planner(self.facts, self.switches)
        for job in jobs:
            job.done = False
        found = lookup.ask(self.client, planner.wants(jobs), self.facts)
        for job in jobs:
            planned = planner.parties(job, found)
            job.take(planned)
            job.changes = planned.changes
        # A product's id is our choice, so an order can name it in the call that makes it; a person's is not.
        if any(change.entity != names.PRODUCT for job in jobs for change in job.changes):
            self._run(jobs)
        for job in jobs:
            if job.error is None:
                planned = planner.documents(job, found)
                job.take(planned)
                job.changes = [*job.changes, *planned.changes]
        self._run(jobs)
        for job in jobs:
            job.changes = planner.follow_ups(job, found) if job.error is None else job.changes
        self._run([job for job in jobs if job.error is None])
        for job in jobs:
            self._settle(job)

    def _run(self, jobs: Sequence[Job]) -> None:
        """Save the changes of the stage; each job learns what became of its own."""
        changes = unique(change for job in jobs if job.error is None for change in job.changes)
        # A product's change comes before the orders that name it.
        changes.sort(key=lambda change: change.entity != names.PRODUCT)
        answers = self.client.batch([change.operations for change in changes])
        results = {c.identity: _result(c, answer) for c, answer in zip(changes, answers, strict=True)}
        for job in jobs:
            if job.error is None:
                for change in job.changes:
                    _absorb(job, change, results[change.identity])
            if job.error is None:
                job.changes = []

    def _settle(self, job: Job) -> None:
        record = job.write.record
        if isinstance(record, Order) and job.error is None:
            job.flags += orders.check(record, job)
        if isinstance(record, Product):
            place = products.place_of_product(record, job)
            if place is not None:
                job.made[("product", record.id)] = place
        job.done = True


def _result(change: Change, answers: Sequence[Answer]) -> Result:
    bad = next((answer for answer in answers if not answer.ok), None)
    received = [{"status": answer.status, "body": answer.body} for answer in answers]
    if bad is not None:
        return Result(error=translate(bad.status, bad.body, bad.headers), received=received)
    if change.place is not None:
        return Result(place=change.place, received=received)
    made = rows(answers[0].body) if answers else []
    if not made or "ObjectID" not in made[0]:
        words = "SAP's answer does not tell what was made."
        return Result(error=Retryable(words, code="BATCH_ANSWER"), received=received)
    place = place_of(change.entity, made[0])
    return Result(place=Known(place.ref, (*place.children, *change.marks)), row=made[0], received=received)


def _absorb(job: Job, change: Change, result: Result) -> None:
    job.sent += [_sent(operation) for operation in change.operations]
    job.received += result.received
    if result.error is None and result.place is not None:
        job.made.update(dict.fromkeys(change.makes, result.place))
        if change.place is not None and change.entity in EDITED - COMPARED.get(job.write.kind, set()):
            job.touched[change.place.ref] = None
        job.rows[change.identity] = result.row
        return
    is_data = isinstance(result.error, Rejected) and not isinstance(result.error, Misconfigured)
    if isinstance(result.error, NotFound) and change.place is not None and len(change.operations) == 1:
        job.gone.update(change.makes)
        job.flags.append(Flag(DELETED, f"{change.entity} {change.place.ref.id} was deleted in SAP meanwhile."))
    elif change.entity == names.LEAD and job.write.kind == "order" and is_data and result.error is not None:
        job.flags.append(Flag("LEAD_OPEN", f"The lead of the buyer could not be closed: {result.error.message}"))
    elif change.variant and job.write.kind == "order" and is_data and result.error is not None:
        job.unusable[change.variant] = result.error.message
        job.mended, job.stumbled = result.error, True
    else:
        job.error = job.error or result.error


def _sent(operation: Operation) -> dict[str, object]:
    return {"method": operation.method, "path": operation.path, "body": operation.body}
