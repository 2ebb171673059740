"""Carries writes: all share bulk calls; whatever fails there is mended and tried together again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from app.connectors.base import Flag, Key, Known, Outcome, Ref, Write
from app.connectors.sugarcrm import orders
from app.connectors.sugarcrm.client import BULK, Answer, Client, Request, filtered
from app.connectors.sugarcrm.context import CONVERTED
from app.connectors.sugarcrm.errors import is_of_the_instance, is_there_already
from app.connectors.sugarcrm.facts import Facts
from app.connectors.sugarcrm.jobs import DELETED, Job, plan, settle_product, unite, want_below, wants
from app.connectors.sugarcrm.lookup import FIELDS, Found, Row, Wants, find
from app.connectors.sugarcrm.schema import ACCOUNTS, BUNDLES, LEADS, OPPORTUNITIES, RLIS, SYNC_KEY
from app.connectors.sugarcrm.steps import Identity, Plan, Results, Step
from app.domain import Order
from app.errors import Misconfigured, NotFound, Reauthorize, Rejected, Retryable, StorelineError

ROUNDS = 5  # tries of one record within one run, each after another remedy


@dataclass
class Sent:
    """What a bulk brought: answers by step, line items read back, accounts that are not there."""

    results: Results = field(default_factory=dict)
    lines: list[Row] = field(default_factory=list)
    were_read: bool = False
    absent: set[str] = field(default_factory=set)


class Writer:
    """Writes to one instance with its facts and the merchant's switches."""

    def __init__(self, client: Client, facts: Facts, switches: Mapping[str, bool]) -> None:
        self._client = client
        self._facts = facts
        self._switches = switches
        self._converts = True

    def write(self, writes: Sequence[Write]) -> list[Outcome]:
        """Each on its own merits: one record's failure leaves the others as they are.

        What is about the whole instance is raised, unless something was written before it and must be remembered.
        """
        jobs = [Job(write, self._switches) for write in writes]
        unite(jobs)
        pending = jobs
        for _ in range(ROUNDS):
            try:
                pending = self._round(pending)
            except (Retryable, Reauthorize) as error:
                if not any(job.wrote for job in jobs):
                    raise
                for job in pending:
                    job.error = error
                break
            if not pending:
                break
        else:
            for job in pending:
                _give_up(job)
        return [job.outcome for job in jobs]

    def _round(self, jobs: Sequence[Job]) -> list[Job]:
        """Carry jobs once; those that are worth another try."""
        found = self._find(jobs)
        plans: list[tuple[Job, Plan]] = []
        for job in jobs:
            job.error = None
            try:
                plans.append((job, plan(job, job.context(found, self._facts, converts=self._converts))))
            except StorelineError as error:
                job.error = error
        sent = self._send([planned for _, planned in plans])
        return [job for job, planned in plans if self._settle(job, planned, sent)]

    def _find(self, jobs: Sequence[Job]) -> Found:
        wanted, below, quotes = Wants(), Wants(), []
        for job in jobs:
            wants(job, self._facts, wanted)
        found = find(self._client, wanted, self._facts) if wanted.values else Found()
        for job in jobs:
            quotes.append(want_below(job, found, self._facts, below))
        if below.values:
            find(self._client, below, self._facts, found)
        self._bundles([quote for quote in quotes if quote], found)
        return found

    def _bundles(self, quotes: Sequence[str], found: Found) -> None:
        requests = [Request("GET", f"Quotes/{quote}/link/product_bundles?fields=id&max_num=100") for quote in quotes]
        for quote, answer in zip(quotes, self._client.many(requests), strict=True):
            for row in answer.body["records"] if answer.error is None else ():
                found.rows[BUNDLES][str(row["id"])] = {"id": row["id"], "quote_id": quote}

    # ---- sending

    def _send(self, plans: Sequence[Plan]) -> Sent:
        """All steps in order, each once, and with the last of them what has to be read back."""
        steps: dict[Identity, Step] = {}
        for planned in plans:
            for step in planned.calls:
                steps.setdefault(step.identity, step)
        sent = Sent()
        if not steps:
            return sent
        checks = self._checks(plans, steps)
        requests = [*(step.request for step in steps.values()), *checks.values()]
        answers = self._answers(requests)
        sent.results = dict(zip(steps, answers, strict=False))
        errors = [answer.error for answer in sent.results.values()]
        of_the_instance = next(filter(is_of_the_instance, errors), None)
        if of_the_instance is not None and None not in errors:
            raise of_the_instance
        with suppress(Retryable, Reauthorize):  # what was written is remembered; the next call meets it again
            self._read_checks(checks, answers[len(steps) :], sent)
            self._rekey(steps, sent.results)
        return sent

    def _checks(self, plans: Sequence[Plan], steps: Mapping[Identity, Step]) -> dict[str, Request]:
        """Reads that ride along: the line items that were made, and whether the accounts that we rely on are there."""
        checks = {}
        deals = sorted({planned.lines for planned in plans if planned.lines})
        if deals:
            fields = ("id", *FIELDS[RLIS], *self._facts.key_fields(RLIS))
            checks[RLIS] = filtered(RLIS, [{"opportunity_id": {"$in": deals}}], fields)
        made = {step.id for step in steps.values() if step.method == "POST"}
        relied = {account for planned in plans for account in planned.uses.values() if account} - made
        if relied:
            checks[ACCOUNTS] = filtered(ACCOUNTS, [{"id": {"$in": sorted(relied)}}], ("id",))
        return checks

    def _answers(self, requests: Sequence[Request]) -> list[Answer]:
        """What a later call would have said if the vendor became unreachable stands for what it was to carry."""
        answers: list[Answer] = []
        for start in range(0, len(requests), BULK):
            part = requests[start : start + BULK]
            try:
                answers += self._client.many(part)
            except (Retryable, Reauthorize) as error:
                if not answers:
                    raise
                answers += [Answer.missing(error)] * (len(requests) - len(answers))
                break
        return answers

    def _read_checks(self, checks: Mapping[str, Request], answers: Sequence[Answer], sent: Sent) -> None:
        for (module, request), answer in zip(checks.items(), answers, strict=True):
            if answer.error is not None:
                continue
            rows = list(self._client.rows(request, answer))
            if module == RLIS:
                sent.lines, sent.were_read = rows, True
            else:
                wanted = request.body["filter"][0]["id"]["$in"]
                sent.absent = set(wanted) - {str(row["id"]) for row in rows}

    def _rekey(self, steps: Mapping[Identity, Step], results: Results) -> None:
        """Sync keys that a create did not take are given by their own call, which is the administrators'."""
        unkeyed = [
            Step("PUT", step.module, step.id, {"sync_key_field_value": step.body[SYNC_KEY]}, action="key")
            for identity, step in steps.items()
            if step.method == "POST" and _lost_key(step, results[identity])
        ]
        if unkeyed and self._facts.is_admin:
            self._client.many([step.request for step in unkeyed])

    # ---- settling

    def _settle(self, job: Job, planned: Plan, sent: Sent) -> bool:
        """Take in what came back; whether the job is to be tried again."""
        job.flags += planned.flags
        job.gone |= planned.gone
        job.made.update(planned.made)
        job.met.take(planned.met)
        job.failed = []
        for step in planned.calls:
            answer = sent.results[step.identity]
            job.sent.append({"call": f"{step.request.method} {step.request.path}", "body": step.body})
            job.received.append(answer.body if answer.status >= 300 else {"status": answer.status})
            if answer.error is not None and not _was_converted(step, answer.error):
                job.failed.append((step, answer.error))
                continue
            job.has_written(step)
            for key in step.makes:
                job.made[key] = _place(step, answer, job.known.get(key))
        if job.write.kind == "order":
            self._settle_lines(job, planned, sent)
        again = self._remedy(job, planned, sent)
        if not again:
            _conclude(job)
            settle_product(job, [step for step, _ in job.failed])
        return again

    def _remedy(self, job: Job, planned: Plan, sent: Sent) -> bool:
        """Learn from what failed; whether another try may go better."""
        learnt = [self._learn(job, step, error) for step, error in job.failed]
        absent = {key for key, account in planned.uses.items() if account in sent.absent}
        if absent and not job.fresh:
            job.fresh = True
            return True
        return any(learnt)

    def _learn(self, job: Job, step: Step, error: StorelineError) -> bool:
        if is_of_the_instance(error):
            return False
        if step.action == "convert" and self._converts and isinstance(error, NotFound | Misconfigured):
            self._converts = False
            return True
        if step.method == "POST" and not step.action and is_there_already(error, step.id):
            # Looked up and not found: it belongs to a record that was deleted.
            job.retry += job.fresh
            job.fresh = True
            return job.retry < ROUNDS
        if step.read_at and error.code == "edit_conflict":
            job.conflicts += 1  # somebody was quicker: it is read again
            return job.conflicts < ROUNDS
        if step.module not in (OPPORTUNITIES, RLIS) or not isinstance(error, Rejected) or step.method == "DELETE":
            return False
        if isinstance(error, NotFound):
            was_fresh, job.fresh = job.fresh, True
            return not was_fresh
        if isinstance(error, Misconfigured) or job.refusal or not orders.refers_to_products(step):
            return False
        job.fresh, job.refusal = True, error.message
        return True

    def _settle_lines(self, job: Job, planned: Plan, sent: Sent) -> None:
        """Which line items are there now, as far as we know."""
        place = job.made.get(job.key)
        if place is None or not self._facts.rli:
            return
        tokens = {token.split("|")[0]: token for token in place.children if "|" in token}
        for step in planned.calls:
            answer = sent.results[step.identity]
            if step.module != RLIS or not step.subject or (answer.error is not None and step.method != "DELETE"):
                continue
            key = step.subject.split("|")[0]
            if step.method == "DELETE":
                tokens.pop(key, None)
            else:
                tokens[key] = step.subject
        children: tuple[str, ...] = tuple(tokens.values())
        if planned.lines and isinstance(job.write.record, Order):
            children = self._read_back(job, job.write.record, place, sent)
        job.made[job.key] = Known(place.ref, children)

    def _read_back(self, job: Job, order: Order, place: Known, sent: Sent) -> tuple[str, ...]:
        if not sent.were_read:
            return orders.UNKNOWN
        context = job.context(Found(), self._facts, converts=True)
        items = orders.lines(order, context, plain=bool(job.refusal))
        rows = [row for row in sent.lines if row.get("opportunity_id") == place.ref.id]
        tokens = orders.settled_lines(items, rows, order.id, self._facts)
        return tuple(map(str, tokens)) if len(tokens) == len(items) else orders.UNKNOWN


def _lost_key(step: Step, answer: Answer) -> bool:
    body = answer.body if isinstance(answer.body, dict) else {}
    key = step.body.get(SYNC_KEY)
    return bool(key) and answer.error is None and SYNC_KEY in body and body[SYNC_KEY] != key


def _was_converted(step: Step, error: StorelineError) -> bool:
    """Whether a conversion failed because somebody was quicker."""
    return step.action == "convert" and error.status == 422 and "already" in error.message


def _place(step: Step, answer: Answer, before: Known | None) -> Known:
    body = answer.body if isinstance(answer.body, dict) else {}
    record = step.id if step.action else str(body.get("id") or step.id)
    children = step.children or (before.children if before is not None else ())
    return Known(Ref(step.module, record), children)


def _conclude(job: Job) -> None:
    """Of what failed: what is deleted there is gone, a key not kept is a flag, the first of the rest an error."""
    for step, error in job.failed:
        if is_of_the_instance(error):
            job.error = job.error or error
        elif step.action == "key" and not isinstance(error, Retryable):
            words = f"SugarCRM did not keep our key on {step.module} {step.id}: {error.message}"
            job.flags.append(Flag("KEY_NOT_KEPT", words))
        elif isinstance(error, NotFound) and step.method == "DELETE":
            continue
        elif isinstance(error, NotFound) and step.method == "PUT" and step.makes:
            _bury(job, step.makes)
        elif isinstance(error, NotFound) and step.method == "PUT" and job.is_archive:
            continue
        elif step.module == LEADS and step.children == CONVERTED:
            job.flags.append(Flag("NOT_CONVERTED", f"The lead could not be converted: {error.message}"))
        elif job.error is None and job.key not in job.gone:
            job.error = error


def _give_up(job: Job) -> None:
    """Out of rounds: the last try's refusals stand."""
    _conclude(job)
    settle_product(job, [step for step, _ in job.failed])
    if job.error is None and job.key not in job.gone:
        words = "What the record refers to changes in SugarCRM while it is written; it is tried again."
        job.error = Retryable(words, code="UNSETTLED")


def _bury(job: Job, keys: Sequence[Key]) -> None:
    job.gone |= set(keys)
    words = "It is deleted in SugarCRM or out of the connected user's sight; it is not made anew."
    job.flags.append(Flag(DELETED, words))
