"""A change is one save; a plan is what one record of ours asks for; a job is a record under way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.connectors.base import Flag, Key, Known, Outcome, Ref, Write
from app.connectors.meetings import Meetings
from app.connectors.sap_sales_cloud.batch import Operation
from app.connectors.sap_sales_cloud.names import CONTACT, HUMAN
from app.connectors.sap_sales_cloud.odata import Row
from app.domain import Cart, Customer, Order
from app.errors import StorelineError

_REFERRED = ("customer", "company", "variant")


@dataclass(frozen=True)
class Change:
    """The writes of one change set: all or nothing. The first one makes or changes the entity that it is about."""

    identity: str  # the same for the same record of ours: two writes may ask for one buyer
    entity: str
    operations: tuple[Operation, ...]
    place: Known | None = None  # None: the first operation makes it
    makes: tuple[Key, ...] = ()
    variant: str = ""  # what a product's change is for
    marks: tuple[str, ...] = ()  # what the place of what it makes is to remember besides its number


@dataclass(frozen=True)
class Result:
    """What became of a change."""

    place: Known | None = None
    row: Row = field(default_factory=dict)
    error: StorelineError | None = None
    received: Any = None


@dataclass
class Plan:
    """Changes, and what is known without any."""

    changes: list[Change] = field(default_factory=list)
    made: dict[Key, Known] = field(default_factory=dict)
    gone: set[Key] = field(default_factory=set)
    flags: list[Flag] = field(default_factory=list)
    error: StorelineError | None = None
    met: Meetings = field(default_factory=Meetings)  # what was found and is only linked so far

    def add(self, other: Plan) -> None:
        """Take in a part."""
        self.changes += other.changes
        self.made |= other.made
        self.gone |= other.gone
        self.flags += other.flags
        self.error = self.error or other.error
        self.met.take(other.met)


@dataclass
class Job:
    """One write, and what has been learnt about it so far."""

    write: Write
    known: dict[Key, Known] = field(default_factory=dict)
    dropped: set[str] = field(default_factory=set)  # properties that SAP refused and that the record can do without
    unusable: dict[str, str] = field(default_factory=dict)  # variant, or line:<key> -> SAP's words
    tried: set[str] = field(default_factory=set)  # remedies
    party: Known | None = None  # the buyer's place
    made: dict[Key, Known] = field(default_factory=dict)
    gone: set[Key] = field(default_factory=set)
    met: Meetings = field(default_factory=Meetings)
    touched: dict[Ref, None] = field(default_factory=dict)  # written by the way, and not compared
    flags: list[Flag] = field(default_factory=list)
    sent: list[Any] = field(default_factory=list)
    received: list[Any] = field(default_factory=list)
    error: StorelineError | None = None
    mended: StorelineError | None = None  # what the try under way is to heal
    changes: list[Change] = field(default_factory=list)  # of the stage under way
    rows: dict[str, Row] = field(default_factory=dict)  # what was made, by the change's identity
    stumbled: bool = False  # over a product: another one is in its place from now on
    done: bool = False

    def __post_init__(self) -> None:
        self.known = {key: place for key, place in self.write.known.items() if key not in self.write.gone}

    def owner(self, *words: str) -> str:
        """Who is to own what is made, by the first of the words that somebody was chosen for."""
        return next((self.write.owners[word] for word in (*words, "") if self.write.owners.get(word)), "")

    @property
    def person(self) -> Customer | None:
        """Whom the record is about."""
        record = self.write.record
        if isinstance(record, Customer):
            return record
        return record.buyer if isinstance(record, Order | Cart) else None

    def place(self, *key: str) -> Known | None:
        """Where something lives, as far as we know by now."""
        kind, our_id = key
        found = self.made.get((kind, our_id)) or self.known.get((kind, our_id))
        return None if (kind, our_id) in self.gone else found

    def meets(self, key: Key, row: Row, *our_ids: str) -> bool:
        """Whether nobody has compared a record that was found with ours yet: it is linked by none of our ids."""
        linked = (self.write.known.get((key[0], our_id)) for our_id in our_ids)
        return key in self.met.matched or all(place is None or place.ref.id != row["ObjectID"] for place in linked)

    def take(self, plan: Plan) -> None:
        """What a plan knows without its changes."""
        self.made |= plan.made
        self.gone |= plan.gone
        self.flags += plan.flags
        self.error = self.error or plan.error
        self.met.take(plan.met)

    def forget(self) -> None:
        """What we knew of those whom the record refers to is stale; of the record's own places each read tells."""
        self.known = {key: place for key, place in self.known.items() if key[0] not in _REFERRED}
        self.made = {key: place for key, place in self.made.items() if key[0] not in _REFERRED}
        self.party = None

    def outcome(self) -> Outcome:
        """What became of it."""
        known, gone = self.write.known, self.gone
        made = {key: place for key, place in self.made.items() if known.get(key) != place and key not in gone}
        flags = tuple(dict.fromkeys(self.flags))
        return Outcome(
            made=made,
            gone=frozenset(self.gone),
            error=self.error,
            flags=flags,
            sent=self.sent,
            received=self.received,
            touched=tuple(self.touched),
            matched=frozenset(self.met.matched - gone),
            ours=frozenset(self.met.ours - gone),
        )


def place_of(entity: str, row: Mapping[str, Any]) -> Known:
    """A place with the human ids that documents refer to: of a contact also its account's."""
    names = (HUMAN[entity], "AccountID") if entity == CONTACT else (HUMAN[entity],) if entity in HUMAN else ()
    return Known(Ref(entity, str(row["ObjectID"])), tuple(str(row.get(name) or "") for name in names))


def party_id(place: Known | None) -> str:
    """The account or individual customer that a document names, for a place of either or of a contact."""
    if place is None or not place.children:
        return ""
    return place.children[-1]


def contact_id(place: Known | None) -> str:
    """The contact that a document names beside it."""
    return place.children[0] if place is not None and place.ref.kind == CONTACT and place.children else ""


def is_complete(place: Known) -> bool:
    """Whether a document can refer to it without looking it up."""
    return bool(place.children) and all(place.children) and (place.ref.kind != CONTACT or len(place.children) == 2)


def unique(changes: Iterable[Change]) -> list[Change]:
    """Each change once, in order."""
    return list({change.identity: change for change in changes}.values())
