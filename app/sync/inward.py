"""From a CRM to the store: what people changed there is read, compared, carried back; deletions are followed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from app.connectors.base import Edit, Flag, Key, Known, Outcome, Ref, Source, Target, Theirs
from app.domain import Customer, Record, to_json
from app.domain.customer import GUEST, fold
from app.errors import Rejected
from app.models import LinkState
from app.runtime import Runtime
from app.sync import conflicts, corrections, deliveries, erased, links, pairs, reading, reservations
from app.sync.deliveries import SKIPPED, Batch
from app.sync.outcomes import ERASED, Settled
from app.sync.pairs import InStep, There
from app.sync.reservations import Reserved

# Which record of the store a link of this kind belongs to, and the kind by which the store is asked for it.
RECORDS = {**pairs.OWNERS, "variant": "variant"}
NEW = "new_customer"  # the option that lets new people of the CRM into the store
# How a delivery ends whose record was compared with ours, in the fields that might travel.
CARRIED, CONFLICT, UNCHANGED = "carried", "conflict", "unchanged"


@dataclass
class Work:
    """One batch of changed records of a CRM, while it is carried."""

    batch: Batch
    terms: pairs.Terms
    theirs: Mapping[str, Theirs | Rejected | None]
    linked: Mapping[str, list[Key]]
    settled: dict[str, Settled] = field(default_factory=dict)


def carry(runtime: Runtime, batch: Batch, source: Source, target: Target) -> dict[str, Settled]:
    """Bring the store into step with records of the CRM; those that another batch works on step aside."""
    reserved = Reserved(runtime, batch)
    ids = reserved.take(_of_links(batch, _linked(runtime, batch, [one.record_id for one in batch.deliveries])))
    found = target.read_many(batch.their_kind, ids) if ids else {}
    theirs = {record_id: _clean(found.get(record_id)) for record_id in ids}
    # Who was linked meanwhile is reserved as such; whom nobody knows yet, by e-mail: an order may be bringing them.
    linked = _linked(runtime, batch, ids)
    ids = reserved.take(_of_links(batch, linked, theirs))
    terms = pairs.terms(runtime, batch.connection_id)
    theirs = {record_id: theirs[record_id] for record_id in ids}
    work = Work(batch, terms, theirs, _linked(runtime, batch, ids))
    _follow(runtime, work)
    _restore(runtime, work)
    _edit(runtime, work, source, target)
    _welcome(runtime, work, source, target)
    return {record_id: work.settled.get(record_id, Settled(SKIPPED)) for record_id in ids}


def _linked(runtime: Runtime, batch: Batch, ids: list[str]) -> dict[str, list[Key]]:
    with runtime.database.reading() as session:
        found = links.theirs(session, batch.connection_id, batch.their_kind, ids)
    return {record_id: found.get(record_id, []) for record_id in ids}


def _of_links(
    batch: Batch, linked: Mapping[str, list[Key]], theirs: Mapping[str, Theirs | Rejected | None] | None = None
) -> dict[str, set[str]]:
    """The subjects of records of the CRM: themselves, ours that are linked with them, else whoever has their e-mail."""
    wanted = {their_id: {reservations.own(batch.kind, their_id)} for their_id in linked}
    for their_id, keys in linked.items():
        for kind, our_id in keys:
            owner = RECORDS.get(kind, kind)
            is_person = owner == "customer"
            wanted[their_id] |= set(reservations.person(our_id)) if is_person else {reservations.own(owner, our_id)}
        one = (theirs or {}).get(their_id)
        if not keys and isinstance(one, Theirs):
            wanted[their_id] |= set(reservations.address(one.fields.get("email", "")))
    return wanted


def _follow(runtime: Runtime, work: Work) -> None:
    """What is gone there, or became part of another record, is remembered so."""
    gone: set[Key] = set()
    merged: dict[Key, Ref] = {}
    for record_id, theirs in work.theirs.items():
        keys = work.linked.get(record_id, [])
        if isinstance(theirs, Rejected):
            work.settled[record_id] = Settled("failed", Outcome(error=theirs))
        elif theirs is None:
            gone |= set(keys)
            work.settled[record_id] = Settled("followed" if keys else SKIPPED)
        elif theirs.merged_into is not None:
            merged |= dict.fromkeys(keys, theirs.merged_into)
            work.settled[record_id] = Settled("followed" if keys else SKIPPED)
    pairs.follow(runtime, work.batch.connection_id, There({}, frozenset(gone), merged, {}))


def _clean(one: Theirs | Rejected | None) -> Theirs | Rejected | None:
    return pairs.storable(one) if isinstance(one, Theirs) else one


def _restore(runtime: Runtime, work: Work) -> None:
    """What people there had deleted and took back lives again, and is brought into step."""
    alive = {
        key: record_id
        for record_id, one in work.theirs.items()
        if isinstance(one, Theirs) and one.merged_into is None
        for key in work.linked.get(record_id, ())
    }
    batch = work.batch
    with runtime.database.transaction() as session:
        back = [
            key for key, state in links.states(session, batch.connection_id, alive).items() if state is LinkState.GONE
        ]
        links.restore(session, batch.connection_id, back)
        for key in back:
            if key[0] in pairs.OWNERS:
                own = (batch.store_id, batch.connection_id, pairs.OWNERS[key[0]], key[1])
                deliveries.request(session, *own, batch.origin(alive[key]))


def _edit(runtime: Runtime, work: Work, source: Source, target: Target) -> None:
    """Fields of linked records."""
    theirs: dict[Key, Theirs] = {}
    owners: dict[str, dict[str, set[str]]] = {}  # how the store is asked -> our id -> their ids
    left, adopted = _left_alone(runtime, work), _adopted(runtime, work)
    for record_id, one in work.theirs.items():
        if not isinstance(one, Theirs) or record_id in work.settled:
            continue
        keys = [key for key in work.linked.get(record_id, []) if key[0] in RECORDS and work.terms.of(key[0])]
        keys = [key for key in keys if not key[1].startswith(GUEST)]  # a guest is no record of the store
        keys = [key for key in keys if (RECORDS[key[0]], key[1]) not in left and key not in adopted]
        if work.linked.get(record_id):
            work.settled[record_id] = Settled(UNCHANGED if keys else SKIPPED)
        for key in keys:
            theirs[key] = one
            owners.setdefault(RECORDS[key[0]], {}).setdefault(key[1], set()).add(record_id)
    there = There(theirs, frozenset(), {}, {})
    for kind, ids in owners.items():
        fetched, asked_by = _fetch(runtime, work, source, kind, ids)
        applied = corrections.apply(runtime, work.batch.connection_id, fetched)
        records = {our_id: record for our_id, record in applied.records.items() if record is not None}
        own = (runtime, work.batch.connection_id, source, target)
        stepped = pairs.step(*own, records.values(), there, work.terms, applied.originals)
        for our_id, in_step in stepped.items():
            _conclude(runtime, work, target, records[our_id], in_step, there, asked_by[our_id])


def _left_alone(runtime: Runtime, work: Work) -> set[Key]:
    """Records of ours that were deleted or merged there: what is left of them (an account) is followed no more than
    it is written."""
    keys = {(RECORDS[kind], our_id) for found in work.linked.values() for kind, our_id in found if kind in RECORDS}
    with runtime.database.reading() as session:
        states = links.states(session, work.batch.connection_id, keys)
    return {key for key, state in states.items() if state is not LinkState.LIVE}


def _adopted(runtime: Runtime, work: Work) -> set[Key]:
    linked = [key for found in work.linked.values() for key in found]
    with runtime.database.reading() as session:
        return links.adopted(session, work.batch.connection_id, linked)


def _fetch(
    runtime: Runtime, work: Work, source: Source, kind: str, ids: Mapping[str, set[str]]
) -> tuple[dict[str, Record], dict[str, set[str]]]:
    """The store's records by their own id, and which changes there each is asked for by."""
    fetched, unreadable = reading.read(runtime, work.batch.store_id, source, kind, list(ids))
    for our_id, error in unreadable.items():
        work.settled.update({record_id: Settled("failed", Outcome(error=error)) for record_id in ids[our_id]})
    records: dict[str, Record] = {}
    asked_by: dict[str, set[str]] = {}
    for our_id, record in fetched.items():
        if record is not None:
            records[record.id] = record
            asked_by.setdefault(record.id, set()).update(ids[our_id])
    return records, asked_by


def _conclude(
    runtime: Runtime, work: Work, target: Target, record: Record, one: InStep, there: There, asked_by: set[str]
) -> None:
    batch = work.batch
    outcome = Outcome(error=one.error)
    if one.edited is not None:
        flags = one.flags if one.error is None else ()
        outcome = Outcome(error=one.error, flags=flags, sent=one.edited.sent, received=one.edited.received)
    result = CARRIED if one.edited is not None else CONFLICT if one.is_open else UNCHANGED
    work.settled.update({record_id: Settled(result, outcome, record) for record_id in asked_by})
    if one.error is not None:
        return
    key = (record.kind, record.id)
    with runtime.database.transaction() as session:
        page = links.Page(session, batch.connection_id, one.parts)
        parts = pairs.conclude(page, one, is_crm_written=False)
        conflicts.note(session, batch.connection_id, [(one.record, parts)], there.theirs)
        if one.must_follow:
            links.disagree(session, batch.connection_id, [key])
            origin = batch.origin(min(asked_by))
            deliveries.request(session, batch.store_id, batch.connection_id, *key, origin)
        elif one.edited is not None and links.digests(session, batch.connection_id, [key]).get(key) == target.digest(
            record
        ):
            # The store's notice of our own edit finds both sides in step.
            links.agree(session, batch.connection_id, {key: target.digest(one.expected)})


def _welcome(runtime: Runtime, work: Work, source: Source, target: Target) -> None:
    """People whom the store does not know yet, if the merchant wants them."""
    if NEW not in work.terms.kinds or target.inward.get(work.batch.their_kind) != "customer":
        return
    for record_id, theirs in work.theirs.items():
        if isinstance(theirs, Theirs) and record_id not in work.settled:
            work.settled[record_id] = _make(runtime, work.batch, source, theirs)


def _make(runtime: Runtime, batch: Batch, source: Source, theirs: Theirs) -> Settled:
    if not theirs.fields.get("email"):
        words = "A person without an e-mail address cannot be a customer of the store."
        return Settled(SKIPPED, Outcome(flags=(Flag("NO_EMAIL", words),)))
    with runtime.database.reading() as session:
        if erased.is_erased(session, batch.store_id, theirs.fields["email"]):
            return Settled(ERASED)
    if theirs.is_echo and not theirs.store_id:
        return Settled(SKIPPED)  # made by ourselves, for another store on this account
    our_id = _told(runtime, batch, source, theirs)
    if not our_id:
        [edited] = source.update_many([Edit("customer", "", {("customer", ""): theirs.fields})])
        if edited.error is not None:
            return Settled("failed", Outcome(error=edited.error, sent=edited.sent, received=edited.received))
        our_id = edited.id
    with runtime.database.transaction() as session:
        return _link(session, batch, our_id, theirs)


def _told(runtime: Runtime, batch: Batch, source: Source, theirs: Theirs) -> str:
    """The customer whom the record itself names, if the store knows them by this e-mail."""
    our_id = theirs.store_id
    if not our_id or our_id.startswith(GUEST):
        return ""
    records, _ = reading.read(runtime, batch.store_id, source, "customer", [our_id])
    found = corrections.apply(runtime, batch.connection_id, records).records.get(our_id)
    same = isinstance(found, Customer) and fold(found.email) == fold(theirs.fields["email"])
    return our_id if same else ""


def _link(session: Session, batch: Batch, our_id: str, theirs: Theirs) -> Settled:
    key = ("customer", our_id)
    known = links.known(session, batch.store_id, batch.connection_id, [key])
    if key in known and known[key].ref != theirs.ref:
        words = f"This customer of the store is {known[key].ref.id} there already; merge the two."
        return Settled(SKIPPED, Outcome(flags=(Flag("POSSIBLE_DUPLICATE", words),)))
    links.save(session, batch.connection_id, {key: Known(theirs.ref)}, frozenset({key}))
    # Whatever else belongs to a customer there (our id on it, an account) is brought by the way out.
    deliveries.request(session, batch.store_id, batch.connection_id, *key, batch.origin(theirs.ref.id))
    return Settled(CARRIED, Outcome(sent=to_json(dict(theirs.fields))))
