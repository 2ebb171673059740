"""Carries writes: many share calls, and whatever fails there is mended, tried together again, and then alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from app.connectors.base import Outcome, Write
from app.connectors.salesforce import bulk, composite, leads, lookup, orders
from app.connectors.salesforce.client import Client
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.found import Wants
from app.connectors.salesforce.jobs import Job, unite
from app.connectors.salesforce.planning import plan
from app.connectors.salesforce.remedies import cure, mend, was_there
from app.connectors.salesforce.settling import settle
from app.connectors.salesforce.steps import Identity, Level, Plan, Result, Step, Switches
from app.connectors.salesforce.wanting import follow_up, wants
from app.errors import Misconfigured, Retryable
from app.log import get_logger

ROUNDS = 6  # tries of one record alone within one run, each after another remedy

log = get_logger()


@dataclass(frozen=True)
class Writer:
    """Writes to one org with its facts and the merchant's switches."""

    client: Client
    facts: Facts
    switches: Switches

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
        pending, cut = self._share(jobs, outcomes, list(range(len(jobs))))
        if pending and cut is None:
            try:
                pending, cut = self._share(jobs, outcomes, pending)
            except Retryable as error:  # what the first try made must be remembered
                cut = error
        rest = [index for index, outcome in enumerate(outcomes) if index in pending or outcome.error is not None]
        rest = [index for index in rest if not isinstance(outcomes[index].error, Misconfigured)]
        cut = cut or self._rest_alone(jobs, outcomes, rest)
        if cut is None:
            self._take_back(jobs, outcomes)
        for index in rest:
            outcomes[index] = _put_off(outcomes[index], cut)
        return outcomes

    def _share(
        self, jobs: list[Job], outcomes: list[Outcome], pending: list[int]
    ) -> tuple[list[int], Retryable | None]:
        """One try; which may pass when they are tried again, and what has made Salesforce unreachable, if it is."""
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
        return again, _cut(results)

    def _rest_alone(self, jobs: list[Job], outcomes: list[Outcome], rest: list[int]) -> Retryable | None:
        """Try each alone and take it off `rest`; the error if Salesforce takes no more calls: what is left waits."""
        while rest:
            job, outcome = jobs[rest[0]], outcomes[rest[0]]
            log.info("alone", kind=job.write.kind, id=job.write.id, code=outcome.error.code if outcome.error else "")
            try:
                alone = self.alone(job)
            except Retryable as error:
                return error
            outcomes[rest.pop(0)] = replace(alone, made={**outcome.made, **alone.made})
        return None

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
        asked = Wants()
        for job in jobs:
            wants(job, self.facts, self.switches, asked)
        found = lookup.ask(self.client, asked, self.facts)
        for job in jobs:
            job.learn(found, self.facts)
        found = lookup.ask(self.client, follow_up(jobs, found, self.facts), self.facts, found)
        leads.convert_all(self.client, jobs, found, self.facts)
        return [plan(job, found, self.facts, self.switches) for job in jobs]

    def _apart(self, steps: Sequence[Step]) -> dict[Identity, Result]:
        results = self._run(steps, atomic=False)
        cut = _cut(results)
        if cut is not None:  # half an answer would look as if nothing could be cured
            raise cut
        return results

    def _run(self, steps: Sequence[Step], *, atomic: bool) -> dict[Identity, Result]:
        # Two records may ask for the same row: a guest who ordered twice.
        unique = {step.identity: step for step in reversed(steps)}
        rows = [replace(step, body=self.facts.writable(step.object, step.body)) for step in unique.values()]
        return composite.run(self.client, rows[::-1], atomic=True) if atomic else bulk.run(self.client, rows[::-1])


def _cut(results: Mapping[Identity, Result]) -> Retryable | None:
    """What made Salesforce unreachable before all steps were sent."""
    unsent = (result.error for result in results.values() if result.unsent)
    return next((error for error in unsent if isinstance(error, Retryable)), None)


def _put_off(outcome: Outcome, cut: Retryable | None) -> Outcome:
    """A remedy may yet cure what failed, so it is not for a person before that has been tried."""
    return outcome if isinstance(outcome.error, Retryable) else replace(outcome, error=_interrupted(cut))


def _interrupted(cut: Retryable | None) -> Retryable:
    words = "Salesforce became unreachable while the record was being mended."
    return Retryable(words, code="INTERRUPTED", retry_after=cut.retry_after if cut else None)
