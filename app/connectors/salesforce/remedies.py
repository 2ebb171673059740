"""What can be done at once about a write that Salesforce refused; everything else is an error for a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from app.connectors.salesforce.jobs import Job
from app.connectors.salesforce.products import is_own
from app.connectors.salesforce.settling import failures, left_out
from app.connectors.salesforce.steps import Identity, Level, Plan, Result, Step
from app.errors import Misconfigured, NotFound, Rejected

Run = Callable[[Sequence[Step]], Mapping[Identity, Result]]

# A row was taken for existing that is not, or for new that is there.
_STALE = frozenset(
    "INVALID_FIELD_FOR_INSERT_UPDATE DUPLICATE_VALUE MULTIPLE_CHOICES CANNOT_UPDATE_CONVERTED_LEAD".split()
)
_PRODUCTS = (Level.PRODUCT, Level.PRICE)


def cure(job: Job, planned: Plan, results: Mapping[Identity, Result], run_apart: Run) -> bool:
    """Change how the job is planned so that another try may pass; False: nothing (more) can be done."""
    return mend(job, planned, results) or _replace(job, planned, failures(planned, results), run_apart)


def mend(job: Job, planned: Plan, results: Mapping[Identity, Result]) -> bool:
    """The remedies that cost no call of their own. A refused person makes all below look stale: that is last."""
    failed = failures(planned, results)
    return any(remedy(job, failed) for remedy in (_adopt, _drop_email, _look_again, _do_without))


def was_there(job: Job, planned: Plan, results: Mapping[Identity, Result]) -> bool:
    """Whether an order that we took for new was there: it may have lines that we do not know, so it is looked up."""
    if job.fresh or not any(_is_surprise(step, results.get(step.identity)) for step in planned.steps):
        return False
    job.forget()
    return True


def _is_surprise(step: Step, result: Result | None) -> bool:
    return (
        step.new
        and result is not None
        and isinstance(result.received, Mapping)
        and not result.received.get("created", True)
    )


Failed = Sequence[tuple[Step, Result]]


def _look_again(job: Job, failed: Failed) -> bool:
    if job.fresh or not any(_is_stale(step, result) for step, result in failed):
        return False
    job.forget()
    return True


def _is_stale(step: Step, result: Result) -> bool:
    error = result.error
    if error is None:
        return False
    missing = step.assumed and error.code == "REQUIRED_FIELD_MISSING"
    return missing or isinstance(error, NotFound) or error.code in _STALE


def _adopt(job: Job, failed: Failed) -> bool:
    for step, result in failed:
        if result.error is None or result.error.code != "DUPLICATES_DETECTED" or not result.matches:
            continue
        if step.level is Level.ACCOUNT and result.matches[0].startswith("001") and not job.accounts:
            job.accounts = job.contacts = result.matches
            return True
        if step.level in (Level.ACCOUNT, Level.CONTACT) and not set(result.matches) <= set(job.contacts):
            job.contacts = (*job.contacts, *result.matches)
            return True
    return False


def _drop_email(job: Job, failed: Failed) -> bool:
    if not job.reachable or not any(
        result.error and result.error.code == "INVALID_EMAIL_ADDRESS" for _, result in failed
    ):
        return False
    job.reachable = False
    return True


def _do_without(job: Job, failed: Failed) -> bool:
    """Rows that are not missed are left out, and said to be."""
    before = len(job.dropped)
    for step, result in failed:
        if step.optional and isinstance(result.error, Rejected):
            job.dropped.add(step.identity)
            job.flags.append(left_out(step, result.error))
    return len(job.dropped) > before


def _replace(job: Job, planned: Plan, failed: Failed, run_apart: Run) -> bool:
    """One bad line never loses the order: it goes on the placeholder product."""
    if job.write.kind != "order":
        return False
    before = len(job.unusable)
    if any(step.level in _PRODUCTS for step, _ in failed):
        _try_products(job, planned, run_apart)
    for step, result in failed:
        if step.level is Level.ITEM and _is_data(result):
            line, _, variant = step.subject.partition("=")
            _give_up(job, f"line:{line}", variant, result)
    return len(job.unusable) > before


def _try_products(job: Job, planned: Plan, run_apart: Run) -> None:
    """Write the products alone, so that one call tells which of them fail."""
    steps = [step for step in planned.steps if step.level in _PRODUCTS]
    results = run_apart(steps)
    for step in steps:
        result = results.get(step.identity)
        if result is not None and _is_data(result):
            _give_up(job, step.subject, step.subject, result)


def _is_data(result: Result) -> bool:
    """Refused for what the row says, not for what we may do at all."""
    return isinstance(result.error, Rejected) and not isinstance(result.error, Misconfigured)


def _give_up(job: Job, subject: str, variant: str, result: Result) -> None:
    if result.error is not None and not is_own(variant):
        job.unusable.setdefault(subject, result.error.message)
