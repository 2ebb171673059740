"""Carries writes: many share calls, and whatever fails there is mended, tried together again, and then alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from app.connectors.base import Outcome, Write
from app.connectors.salesforce import composite, lookup, orders
from app.connectors.salesforce.client import Client
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.jobs import Job, plan, settle, unite, wants
from app.connectors.salesforce.remedies import cure, mend, was_there
from app.connectors.salesforce.steps import Identity, Level, Plan, Result, Step
from app.errors import Misconfigured, Retryable
from app.log import get_logger

ROUNDS = 6  # tries of one record alone within one run, each after another remedy

log = get_logger()


@dataclass(frozen=True)
class Writer:
    """Writes to one org with its facts and the merchant's switches."""

    client: Client
    facts: Facts
    switches: Mapping[str, bool]

    def alone(self, job: Job) -> Outcome:
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

    def together(self, writes: Sequence[Write]) -> list[Outcome]:
        """Each on its own merits: one record's failure leaves the others as they are."""
        jobs = [Job(write) for write in writes]
        unite(jobs)
        outcomes = [Outcome()] * len(jobs)
        pending, away = self._share(jobs, outcomes, list(range(len(jobs))))
        if pending and not away:
            try:
                pending, away = self._share(jobs, outcomes, pending)
            except Retryable:  # what the first try made must be remembered
                away = True
        if away:
            for index in pending:
                outcomes[index] = replace(outcomes[index], error=outcomes[index].error or _interrupted())
        elif self._rest_alone(jobs, outcomes):
            self._take_back(jobs, outcomes)
        return outcomes

    def _share(self, jobs: list[Job], outcomes: list[Outcome], pending: list[int]) -> tuple[list[int], bool]:
        """One try; which may pass when they are tried again, and whether Salesforce has become unreachable."""
        plans = self._plans([jobs[index] for index in pending])
        results = self._run([step for planned in plans for step in planned.steps], atomic=False)
        again = []
        for index, planned in zip(pending, plans, strict=True):
            job = jobs[index]
            outcome = settle(job, planned, results)
            outcomes[index] = replace(outcome, made={**outcomes[index].made, **outcome.made})
            if was_there(job, planned, results):
                again.append(index)
            elif outcome.error is not None:
                job.known.update(outcome.made)
                if mend(job, planned, results):
                    again.append(index)
        return again, any(result.unsent for result in results.values())

    def _rest_alone(self, jobs: list[Job], outcomes: list[Outcome]) -> bool:
        """Those that failed; False if Salesforce takes no more calls: then they wait."""
        for index, (job, outcome) in enumerate(zip(jobs, outcomes, strict=True)):
            if outcome.error is None or isinstance(outcome.error, Misconfigured):
                continue
            log.info("alone", kind=job.write.kind, id=job.write.id, code=outcome.error.code)
            try:
                alone = self.alone(job)
            except Retryable:
                return False
            outcomes[index] = replace(alone, made={**outcome.made, **alone.made})
        return True

    def _take_back(self, jobs: Sequence[Job], outcomes: Sequence[Outcome]) -> None:
        """A batch activates all its orders: those whose lines failed become drafts again."""
        steps = []
        for job, outcome in zip(jobs, outcomes, strict=True):
            place = {**job.known, **outcome.made}.get(("order", job.write.id))
            if outcome.error is not None and job.write.kind == "order" and place is not None:
                steps.append(orders.status(Level.DEACTIVATE, place.ref.id, self.facts.draft))
        with suppress(Retryable):  # the next attempt begins with that
            self._apart(steps)

    def _plans(self, jobs: Sequence[Job]) -> list[Plan]:
        asked = lookup.Wants()
        for job in jobs:
            wants(job, self.facts, asked)
        found = lookup.ask(self.client, asked, self.facts)
        return [plan(job, found, self.facts, self.switches) for job in jobs]

    def _apart(self, steps: Sequence[Step]) -> dict[Identity, Result]:
        return self._run(steps, atomic=False)

    def _run(self, steps: Sequence[Step], *, atomic: bool) -> dict[Identity, Result]:
        # Two records may ask for the same row: a guest who ordered twice.
        unique = {step.identity: step for step in reversed(steps)}
        rows = [replace(step, body=self.facts.writable(step.object, step.body)) for step in unique.values()]
        return composite.run(self.client, rows[::-1], atomic=atomic)


def _interrupted() -> Retryable:
    return Retryable("Salesforce became unreachable while the record was being mended.", code="INTERRUPTED")
