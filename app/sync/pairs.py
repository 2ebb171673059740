"""Records that both sides may edit: compared with what they last agreed on, brought into step, disagreements listed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from app.connectors.base import TO_STORE, Edit, Edited, Flag, Key, Ref, Source, Target, Theirs
from app.domain import Record
from app.domain.fields import Fields, fields, with_fields
from app.errors import Rejected, StorelineError
from app.mapping.merge import Agreed, Decision, Merged, Rule, Versions, merge, rule_for
from app.models import Connection
from app.runtime import Runtime
from app.sync import conflicts, connections, deliveries, links
from app.sync.links import Page

# Which record of the store a link belongs to whose number is the record's own.
OWNERS = {"customer": "customer", "account": "customer", "lead": "customer", "company": "company", "order": "order"}


@dataclass(frozen=True)
class Terms:
    """What may travel back on a connection, and by whose leave: kinds of records, fields by link kind, rules by kind
    and field."""

    kinds: frozenset[str]
    fields: Mapping[str, frozenset[str]]
    rules: Mapping[str, Mapping[str, str]]

    def of(self, kind: str) -> dict[str, Rule]:
        """The rules of a kind's fields."""
        return {name: rule_for(self.rules, kind, name) for name in self.fields.get(kind, ())}


@dataclass
class InStep:
    """A record after both versions were merged.

    `record` is what the CRM is to be given, `expected` what the store will then hold.
    """

    record: Record
    expected: Record
    parts: Mapping[Key, Merged]
    edited: Edited | None = None

    @property
    def error(self) -> StorelineError | None:
        return self.edited.error if self.edited else None

    def refused(self, key: Key) -> set[str]:
        """The fields of a part that the store was given and has not taken."""
        if self.edited is None:
            return set()
        given = set(self.parts[key].to_store)
        return given if self.error is not None else given & self.edited.waits

    @property
    def is_taken(self) -> bool:
        """Whether the store has taken over all that it was given."""
        return not any(self.refused(key) for key in self.parts)

    @property
    def flags(self) -> tuple[Flag, ...]:
        """What a person should know of values that the store has not taken."""
        names = sorted(set().union(*(self.refused(key) for key in self.parts)))
        if not names:
            return ()
        if self.error is not None:
            return (
                Flag("NOT_TAKEN", f"The store did not take {', '.join(names)} as it is there: {self.error.message}"),
            )
        return (
            Flag("WAITS", f"The store does not take {', '.join(names)} alone; it waits there for what is missing."),
        )

    @property
    def emptied(self) -> dict[Key, frozenset[str]]:
        """Fields that people of the store have emptied, and in which the CRM has to follow."""
        found = {
            key: frozenset(name for name in part.to_crm if not part.agreed.ours.get(name))
            for key, part in self.parts.items()
        }
        return {key: names for key, names in found.items() if names}

    @property
    def must_follow(self) -> bool:
        """Whether the CRM has to follow the store in some field."""
        return any(part.to_crm for part in self.parts.values())

    @property
    def is_open(self) -> bool:
        """Whether a person has to choose in some field."""
        return any(not clash.winner for part in self.parts.values() for clash in part.clashes)


@dataclass(frozen=True)
class There:
    """What the CRM has of linked records: the ones that live, and our keys of those that are gone or merged away."""

    theirs: Mapping[Key, Theirs]
    gone: frozenset[Key]
    merged: Mapping[Key, Ref]
    errors: Mapping[Key, Rejected]


def terms(runtime: Runtime, connection_id: int) -> Terms:
    """The terms as the merchant has them now."""
    with runtime.database.reading() as session:
        # Whoever is changing them is waited for: what already went by the old ones they ask for again.
        return terms_of(session.get_one(Connection, connection_id, with_for_update={"read": True}))


def terms_of(connection: Connection) -> Terms:
    """The terms of a connection."""
    vendor, chosen = connection.vendor, connection.switches
    kinds = frozenset(connections.wanted_kinds(vendor, chosen, TO_STORE))
    return Terms(kinds, connections.fields_back(vendor, chosen), connection.rules)


def look(target: Target, places: Mapping[Key, Ref]) -> There:
    """Read linked records of the CRM, in few calls."""
    by_kind: dict[str, dict[str, list[Key]]] = {}
    for key, ref in places.items():
        by_kind.setdefault(ref.kind, {}).setdefault(ref.id, []).append(key)
    theirs: dict[Key, Theirs] = {}
    gone: set[Key] = set()
    merged: dict[Key, Ref] = {}
    errors: dict[Key, Rejected] = {}
    for kind, ids in by_kind.items():
        found = target.read_many(kind, list(ids))
        for their_id, keys in ids.items():
            one = found.get(their_id)
            for key in keys:
                if one is None:
                    gone.add(key)
                elif isinstance(one, Rejected):
                    errors[key] = one
                elif one.merged_into is not None:
                    merged[key] = one.merged_into
                else:
                    theirs[key] = storable(one)
    return There(theirs, frozenset(gone), merged, errors)


def storable(theirs: Theirs) -> Theirs:
    """Without characters that are no text to a database or to the store: NUL, halves of surrogate pairs."""
    clean = {name: text.replace("\0", "").encode("utf-8", "replace").decode() for name, text in theirs.fields.items()}
    return replace(theirs, fields=clean)


def follow(runtime: Runtime, connection_id: int, there: There) -> None:
    """Remember what people there deleted or merged; what now stands for a merged record is to be compared."""
    if not there.gone and not there.merged:
        return
    with runtime.database.transaction() as session:
        store_id = session.get_one(Connection, connection_id).store_id
        links.bury(session, connection_id, there.gone)
        for key, winner in there.merged.items():
            if links.follow(session, connection_id, key, winner) and key[0] in OWNERS:
                record = (OWNERS[key[0]], key[1])
                deliveries.request(session, store_id, connection_id, *record, uuid.uuid4().hex)
        conflicts.close(session, connection_id, [*there.gone, *there.merged], "the record there is gone")


def step(
    runtime: Runtime,
    connection_id: int,
    source: Source,
    target: Target,
    records: Iterable[Record],
    there: There,
    terms: Terms,
    originals: Mapping[str, Record] | None = None,
) -> dict[str, InStep]:
    """Merge both versions of each record and carry back into the store what it has to take over.

    By record id. `originals`: as the store has records that people corrected; an edit is made of these, so that no
    correction travels back. Raises what a whole call of the store raises.
    """
    drafts = {record.id: record for record in records}
    keys = [key for record in drafts.values() for key in fields(record) if key in there.theirs]
    with runtime.database.reading() as session:
        store_id = session.get_one(Connection, connection_id).store_id
        agreed = links.agreements(session, store_id, connection_id, {key: there.theirs[key].ref for key in keys})
        decided = conflicts.decided(session, connection_id, keys)
    stepped: dict[str, InStep] = {}
    edits: list[Edit] = []
    for record_id, record in drafts.items():
        parts = _merge(record, target, there, terms, agreed, decided)
        stepped[record_id] = _in_step(record, parts)
        to_store = {key: part.to_store for key, part in parts.items() if part.to_store}
        if to_store:
            edits.append(Edit(record.kind, record_id, to_store, (originals or {}).get(record_id, record)))
    for edit, edited in zip(edits, source.update_many(edits) if edits else (), strict=True):
        stepped[edit.id].edited = edited
    return stepped


def conclude(page: Page, stepped: InStep, *, is_crm_written: bool) -> dict[Key, Merged]:
    """Remember what is agreed now; what is not, for the list of conflicts.

    Where the CRM has not been given yet what it must follow, or the store did not take what it was given, the old
    agreement stays in force: whoever looks at the record again comes to the same conclusion.
    """
    before = page.agreements(stepped.parts)
    parts: dict[Key, Merged] = {}
    for key, part in stepped.parts.items():
        late = stepped.refused(key) | (set() if is_crm_written else set(part.to_crm))
        parts[key] = _without(part, before.get(key, Agreed()), late) if late else part
    page.agree_on({key: part.agreed for key, part in parts.items()})
    return parts


def _merge(
    record: Record,
    target: Target,
    there: There,
    terms: Terms,
    agreed: Mapping[Key, Agreed],
    decided: Mapping[Key, Mapping[str, Decision]],
) -> dict[Key, Merged]:
    ours, shown = fields(record), target.shown(record)
    parts: dict[Key, Merged] = {}
    for key, values in ours.items():
        rules = terms.of(key[0])
        if key not in there.theirs or key not in shown or not rules:
            continue
        theirs = there.theirs[key]
        versions = Versions(
            _shared(values, shown[key]),
            theirs.fields,
            shown[key],
            getattr(record, "modified_at", None),
            theirs.modified_at,
            theirs.is_echo,
        )
        before = agreed.get(key, Agreed())
        parts[key] = merge(before, versions, rules, decided.get(key))
    return parts


def _shared(values: Fields, shown: Fields) -> Fields:
    return {name: text for name, text in values.items() if name in shown}


def _in_step(record: Record, parts: Mapping[Key, Merged]) -> InStep:
    stands = {key: part.stands for key, part in parts.items() if part.stands}
    to_store = {key: part.to_store for key, part in parts.items() if part.to_store}
    return InStep(with_fields(record, stands), with_fields(record, to_store), parts)


def _without(part: Merged, before: Agreed, late: set[str]) -> Merged:
    """As if the fields in which a side has yet to follow had not been looked at."""
    agreed = Agreed(
        {**_but(part.agreed.ours, late), **_only(before.ours, late)},
        {**_but(part.agreed.theirs, late), **_only(before.theirs, late)},
        part.agreed.is_own,
    )
    clashes = tuple(clash for clash in part.clashes if clash.field not in late)
    return replace(part, clashes=clashes, agreed=agreed, to_crm=tuple({*part.to_crm, *late}))


def _but(values: Fields, names: set[str]) -> dict[str, str]:
    return {name: text for name, text in values.items() if name not in names}


def _only(values: Fields, names: set[str]) -> dict[str, str]:
    return {name: text for name, text in values.items() if name in names}


def agreed_after_write(record: Record, target: Target) -> dict[Key, Agreed]:
    """What both sides agree on once a record was written whole, so that later edits are seen as such.

    Whatever the switches are: one that is turned on later must not find an old agreement.
    """
    shown = target.shown(record)
    ours = fields(record)
    return {key: Agreed(_shared(ours[key], shown[key]), dict(shown[key])) for key in shown if key in ours}
