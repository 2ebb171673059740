"""What became of a write: places made or lost, the failure that a person should read."""

from __future__ import annotations

from collections.abc import Mapping

from app.connectors.base import Flag, Key, Known, Outcome, Ref
from app.connectors.salesforce.errors import CASUALTIES
from app.connectors.salesforce.jobs import Job
from app.connectors.salesforce.products import FAMILY
from app.connectors.salesforce.steps import Identity, Level, Plan, Result, Step
from app.domain import Product
from app.errors import NotFound, Rejected, StorelineError


def settle(job: Job, planned: Plan, results: Mapping[Identity, Result]) -> Outcome:
    """What became of a write."""
    made = dict(planned.made)
    for step in planned.steps:
        result = results.get(step.identity)
        if result is not None and result.error is None:
            ref = Ref(step.object, result.id)
            made.update({key: Known(ref, step.children or _children(made, key)) for key in step.makes})
            job.touched |= {ref: None} if step.beside else {}
    if job.write.kind == "order":
        _settle_lines(job, planned, results, made)
    elif job.write.kind == "product":
        _settle_product(job, planned, results, made)
    failure = first_failure(planned, results)
    job.met.take(planned.met.of(made))
    return Outcome(
        made={key: place for key, place in made.items() if job.write.known.get(key) != place},
        gone=frozenset(key for key in _lost(job) if key not in made),
        touched=tuple(job.touched),
        matched=frozenset(job.met.matched),
        ours=frozenset(job.met.ours),
        error=failure[1].error if failure else planned.error,
        flags=tuple(dict.fromkeys([*planned.flags, *job.flags, *_left_out(planned, results)])),
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
    # A row that is not missed is no failure, unless all else was undone for it.
    return causes if undone and causes else undone or [(s, r) for s, r in causes if not _is_harmless(s, r)]


def first_failure(planned: Plan, results: Mapping[Identity, Result]) -> tuple[Step, Result] | None:
    """The failure that a person should read."""
    return next(iter(failures(planned, results)), None)


def left_out(step: Step, error: StorelineError) -> Flag:
    """That a row is missing which the record can do without."""
    return Flag("LEFT_OUT", f"Salesforce did not take a record of {step.object}: {error.message}")


def _left_out(planned: Plan, results: Mapping[Identity, Result]) -> list[Flag]:
    flags = []
    for step in planned.steps:
        error = results.get(step.identity, Result()).error
        if step.optional and error is not None and error.code not in CASUALTIES:
            flags.append(left_out(step, error))
    return flags


def _is_harmless(step: Step, result: Result) -> bool:
    if step.delete:
        return isinstance(result.error, NotFound)
    # That it is gone is worth a look: a record that we knew may have been deleted or merged.
    return step.optional and isinstance(result.error, Rejected) and not isinstance(result.error, NotFound)


def _lost(job: Job) -> set[Key]:
    """Also the product of which no variant is left."""
    record = job.write.record
    if isinstance(record, Product) and job.lost:
        ids = {variant.id for variant in record.variants}
        if ids <= {our_id for kind, our_id in job.gone if kind == "variant"}:
            return {*job.lost, ("product", record.id)}
    return job.lost


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
        made[("product", record.id)] = Known(Ref(FAMILY, places[("variant", there[0])].ref.id), (*there, *still))


def _sent(step: Step) -> dict[str, object]:
    where = {"object": step.object, step.key or "id": step.value}
    return {**where, "delete": True} if step.delete else {**where, "body": step.body}
