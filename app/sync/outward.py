"""From the store to a CRM: write what differs from what both last agreed on, and remember where it went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from app.connectors.base import Flag, Key, Known, Outcome, Source, Target, Write
from app.domain import Cart, Customer, Order, Record
from app.domain.customer import fold
from app.domain.fields import fields
from app.domain.order import Stage
from app.errors import Misconfigured, NotFound, Reauthorize, Rejected, StorelineError
from app.mapping.merge import Agreed, Merged
from app.models import Connection, LinkState
from app.runtime import Runtime
from app.sync import (
    conflicts,
    corrections,
    deliveries,
    links,
    messages,
    owners,
    pairs,
    reading,
    touching,
)
from app.sync.corrections import Applied
from app.sync.deliveries import SKIPPED, Batch
from app.sync.links import Page
from app.sync.outcomes import Settled
from app.sync.pairs import InStep, There
from app.sync.reservations import Reserved

NOBODY = There({}, frozenset(), {}, {})


@dataclass
class Memory:
    """What we know of a batch's records before anything is sent."""

    refers: dict[str, tuple[Key, ...]]
    known: dict[Key, Known]
    states: dict[Key, LinkState]
    agreed: dict[Key, str]  # fingerprints
    unsure: set[str]
    channels: frozenset[str]


@dataclass
class Draft:
    """A record on its way, with what was merged into it."""

    record: Record | None
    fingerprint: str
    stepped: InStep | None = None
    owners: dict[str, str] = field(default_factory=dict)


def carry(runtime: Runtime, batch: Batch, source: Source, target: Target) -> dict[str, Settled]:
    """Read the records of a batch and bring them over; those that another batch works on step aside."""
    reserved = Reserved(runtime, batch)
    ids = reserved.take(touching.themselves(runtime, batch))  # before they are read, so that what is read stays true
    if not ids:
        return {}
    records, unreadable = reading.of_batch(runtime, batch, source, ids)
    failed = {record_id: Settled("failed", Outcome(error=error)) for record_id, error in unreadable.items()}
    early = messages.without_order(runtime, batch, records)
    ready = {record_id: record for record_id, record in records.items() if record_id not in early}
    return {**failed, **early, **load(runtime, batch, source, target, ready, reserved)}


def load(
    runtime: Runtime,
    batch: Batch,
    source: Source,
    target: Target,
    records: Mapping[str, Record | None],
    reserved: Reserved,
) -> dict[str, Settled]:
    """Write what differs from what both sides last agreed on; places are remembered before anything else happens."""
    applied = corrections.apply(runtime, batch.connection_id, records)
    kept = set(reserved.take(touching.contents(runtime, batch, records, applied.records)))
    ours = {record_id: record for record_id, record in applied.records.items() if record_id in kept}
    settled = _load(runtime, batch, source, target, replace(applied, records=ours))
    touching.learn(runtime, batch, settled)
    return {
        record_id: replace(one, outcome=replace(one.outcome, flags=(*one.outcome.flags, *applied.flags[record_id])))
        if applied.flags.get(record_id)
        else one
        for record_id, one in settled.items()
    }


def _load(runtime: Runtime, batch: Batch, source: Source, target: Target, applied: Applied) -> dict[str, Settled]:
    records = applied.records
    memory = _recall(runtime, batch, target, records)
    settled: dict[str, Settled] = {}
    drafts: dict[str, Draft] = {}
    for record_id, record in records.items():
        fingerprint = target.digest(record) if record is not None else "gone"
        result, flags = _needless(batch, memory, record_id, record, fingerprint)
        if result:
            settled[record_id] = Settled(result, Outcome(flags=flags), record)
        else:
            drafts[record_id] = Draft(record, fingerprint)
    there = _in_step(runtime, batch, source, target, memory, drafts, settled, applied.originals)
    _choose_owners(runtime, batch, memory, drafts)
    writes = [_write(batch, memory, there, record_id, draft) for record_id, draft in drafts.items()]
    writes.sort(key=_account)
    if writes:
        with runtime.database.transaction() as session:
            held = {delivery.record_id for delivery in deliveries.mine(session, batch)}
            writes = [write for write in writes if write.id in held]  # else somebody took us for dead, and writes it
            links.disagree(session, batch.connection_id, [(write.kind, write.id) for write in writes])
    outcomes = target.upsert_many(writes) if writes else []
    outcomes = [links.taken_over(memory.states, *pair) for pair in zip(writes, outcomes, strict=True)]
    _remember(runtime, batch, target, writes, outcomes, drafts, there)
    for write, outcome in zip(writes, outcomes, strict=True):
        result = "archived" if write.record is None else "written"
        stepped = drafts[write.id].stepped
        told = replace(outcome, flags=(*outcome.flags, *(stepped.flags if stepped is not None else ())))
        settled[write.id] = Settled(result, told, write.record)
    return settled


def _recall(runtime: Runtime, batch: Batch, target: Target, records: Mapping[str, Record | None]) -> Memory:
    refers = {record_id: _refers_to(target, batch.kind, record_id, record) for record_id, record in records.items()}
    own = [(batch.kind, record_id) for record_id in records]
    everything = [key for keys in refers.values() for key in keys]
    with runtime.database.reading() as session:
        agreed = links.digests(session, batch.connection_id, own)
        unsure = deliveries.failed_before(session, batch)
        memory = Memory(
            refers,
            links.known(session, batch.store_id, batch.connection_id, everything),
            links.states(session, batch.connection_id, everything),
            agreed,
            unsure,
            frozenset(map(str, session.get_one(Connection, batch.connection_id).channels)),
        )
    memory.unsure |= {delivery.record_id for delivery in batch.deliveries if delivery.tried}
    # A link without a fingerprint: a write of it was begun and never came to its end.
    memory.unsure |= {record_id for kind, record_id in own if agreed.get((kind, record_id)) == ""}
    return memory


def _needless(
    batch: Batch, memory: Memory, record_id: str, record: Record | None, fingerprint: str
) -> tuple[str, tuple[Flag, ...]]:
    """Why a record need not be written, in a word; "" if it must be."""
    key = (batch.kind, record_id)
    state = memory.states.get(key)
    if state is LinkState.GONE:
        words = "It was deleted there by somebody; it is not made anew. Replay it to have it made."
        return SKIPPED, (Flag("DELETED_THERE", words),) if record is not None else ()
    if state is LinkState.MERGED:
        return SKIPPED, (Flag("MERGED_THERE", "It was merged into another record there, which has its own master."),)
    is_linked = key in memory.known
    if not is_linked and not _is_worth_creating(record, memory.channels):
        return SKIPPED, ()
    if is_linked and memory.agreed.get(key) == fingerprint:
        return "unchanged", ()
    return "", ()


def _in_step(
    runtime: Runtime,
    batch: Batch,
    source: Source,
    target: Target,
    memory: Memory,
    drafts: dict[str, Draft],
    settled: dict[str, Settled],
    originals: Mapping[str, Record],
) -> There:
    """Look at the CRM's version of what people there may edit, before it is written over."""
    terms = pairs.terms(runtime, batch.connection_id)
    records = {record_id: draft.record for record_id, draft in drafts.items() if draft.record is not None}
    places = {
        key: memory.known[key].ref
        for record in records.values()
        for key in target.shown(record)
        if terms.of(key[0])
        and memory.states.get(key, LinkState.LIVE) is LinkState.LIVE  # without one: under the guest's id so far
        and key in memory.known
        and not memory.known[key].is_adopted
    }
    if not places:
        return NOBODY
    there = pairs.look(target, places)
    pairs.follow(runtime, batch.connection_id, there)
    memory.known.update({key: Known(winner) for key, winner in there.merged.items()})
    own = {record_id: (batch.kind, record_id) for record_id in records}
    for record_id, key in own.items():
        if key in there.gone or key in there.merged:
            settled[record_id] = Settled("followed", record=drafts.pop(record_id).record)
    alive = [record for record_id, record in records.items() if record_id in drafts]
    stepped = pairs.step(runtime, batch.connection_id, source, target, alive, there, terms, originals)
    for record_id, one in stepped.items():
        if one.error is not None and not _concerns_values(one.error):
            settled[record_id] = Settled("failed", Outcome(error=one.error), drafts.pop(record_id).record)
            continue
        expected = one.expected if one.is_taken else records[record_id]
        drafts[record_id] = Draft(one.record, target.digest(expected), one)
    return there


def _concerns_values(error: StorelineError) -> bool:
    """Whether the store refused what people of the CRM typed: that must not keep back what happens in the store."""
    return isinstance(error, Rejected) and not isinstance(error, Misconfigured | Reauthorize | NotFound)


def _choose_owners(runtime: Runtime, batch: Batch, memory: Memory, drafts: Mapping[str, Draft]) -> None:
    new = [draft for record_id, draft in drafts.items() if (batch.kind, record_id) not in memory.known and draft.record]
    with runtime.database.reading() as session:
        if not new or not session.get_one(Connection, batch.connection_id).owners:
            return
    with runtime.database.transaction() as session:
        for draft in new:
            if draft.record is not None:
                draft.owners = owners.choose(session, batch.connection_id, draft.record)


def _account(write: Write) -> tuple[str, str]:
    """Rows of one account stand side by side: a CRM that locks accounts meets each of them once."""
    record = write.record
    buyer = record if isinstance(record, Customer) else record.buyer if isinstance(record, Order | Cart) else None
    return (buyer.company_id or fold(buyer.company), buyer.id) if buyer is not None else ("", "")


def _write(batch: Batch, memory: Memory, there: There, record_id: str, draft: Draft) -> Write:
    refers = memory.refers[record_id]
    gone = {key for key in refers if memory.states.get(key) is LinkState.GONE} | (there.gone & set(refers))
    places = {key: memory.known[key] for key in refers if key in memory.known and key not in gone}
    return Write(
        batch.kind,
        record_id,
        draft.record,
        places,
        attempt=2 if record_id in memory.unsure else 1,
        gone=frozenset(gone),
        owners=draft.owners,
        emptied=draft.stepped.emptied if draft.stepped is not None else {},
    )


def _refers_to(target: Target, kind: str, record_id: str, record: Record | None) -> tuple[Key, ...]:
    others = target.refers_to_gone(kind, record_id) if record is None else target.refers_to(record)
    return ((kind, record_id), *others)


def _is_worth_creating(record: Record | None, channels: frozenset[str]) -> bool:
    """Nothing is made there of what is gone, of a cart of nobody or one that is a sale by now, nor of what never
    became a sale; nor of other storefronts' than those chosen."""
    if isinstance(record, Order | Cart) and channels and record.channel_id not in channels:
        return False
    if isinstance(record, Order):
        return record.stage is not Stage.INCOMPLETE and not record.is_deleted
    if isinstance(record, Cart):
        return bool(record.buyer.email) and not record.is_recovered
    return record is not None


def _remember(
    runtime: Runtime,
    batch: Batch,
    target: Target,
    writes: Sequence[Write],
    outcomes: Sequence[Outcome],
    drafts: Mapping[str, Draft],
    there: There,
) -> None:
    fresh = {write.id: pairs.agreed_after_write(write.record, target) for write in writes if write.record is not None}

    def keep(session: Session) -> None:
        ours = {delivery.record_id for delivery in deliveries.mine(session, batch)}
        # Of what a newer flush carries by now, its word counts.
        mine = [(write, outcome) for write, outcome in zip(writes, outcomes, strict=True) if write.id in ours]
        page = _page(session, batch, mine, drafts, fresh)
        concluded: list[tuple[Record, Mapping[Key, Merged]]] = []
        for write, outcome in mine:
            page.save(outcome.made, outcome.matched - outcome.ours)
            if outcome.gone:
                page.bury(outcome.gone)
                conflicts.note(session, batch.connection_id, concluded, there.theirs)
                concluded.clear()
                conflicts.close(session, batch.connection_id, outcome.gone, "the record there is gone")
            if outcome.error is None and (write.kind, write.id) not in outcome.gone and not _is_unseen(write, outcome):
                concluded += _agree(page, write, drafts[write.id], fresh.get(write.id, {}))
        page.write()
        conflicts.note(session, batch.connection_id, concluded, there.theirs)
        _look_again(session, batch, mine)

    runtime.database.transact(keep)


def _page(
    session: Session,
    batch: Batch,
    mine: Sequence[tuple[Write, Outcome]],
    drafts: Mapping[str, Draft],
    fresh: Mapping[str, Mapping[Key, Agreed]],
) -> Page:
    """All links that may change."""
    keys: list[Key] = []
    for write, outcome in mine:
        stepped = drafts[write.id].stepped
        keys += ((write.kind, write.id), *outcome.made, *outcome.gone, *fresh.get(write.id, ()))
        keys += stepped.parts if stepped is not None else ()
    return Page(session, batch.connection_id, keys, [place for _, outcome in mine for place in outcome.made.items()])


def _is_unseen(write: Write, outcome: Outcome) -> bool:
    """Whether a part was but linked with what was found there: compared, then, before it is written over."""
    parts = fields(write.record) if write.record is not None and outcome.matched else {}
    return not outcome.matched.isdisjoint({(write.kind, write.id), *parts})


def _agree(
    page: Page, write: Write, draft: Draft, fresh: Mapping[Key, Agreed]
) -> list[tuple[Record, Mapping[Key, Merged]]]:
    """The record with what was merged into it, if anything was."""
    page.agree({(write.kind, write.id): draft.fingerprint})
    if write.record is None:
        return []
    ours = {key: agreed for key, agreed in fresh.items() if key not in page.adopted(fresh)}
    if draft.stepped is None:
        page.agree_on(ours)
        return []
    parts = pairs.conclude(page, draft.stepped, is_crm_written=True)
    page.agree_on({key: agreed for key, agreed in ours.items() if key not in draft.stepped.parts})
    return [(draft.stepped.record, parts)]


def _look_again(session: Session, batch: Batch, mine: Sequence[tuple[Write, Outcome]]) -> None:
    """Ask for what was only linked so far, and for records beside which others were written: whatever people there had
    changed in them is looked for."""
    wanted: dict[str, dict[str, str]] = {}
    for write, outcome in mine:
        for ref in outcome.touched:
            wanted.setdefault(deliveries.inward(ref.kind), {})[ref.id] = batch.origin(write.id)
        if outcome.error is None and _is_unseen(write, outcome):
            wanted.setdefault(write.kind, {})[write.id] = batch.origin(write.id)
    for kind, asked in wanted.items():
        own = (batch.store_id, batch.connection_id, kind)
        deliveries.request_many(session, *own, asked, is_history=batch.priority >= deliveries.HISTORY)
