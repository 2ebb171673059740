"""What the engine asks of a vendor account, whichever vendor it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol

from app.connectors.lists import Heads, Sale, Span
from app.domain import Record
from app.domain.fields import Fields
from app.errors import Rejected, StorelineError

Payload = dict[str, Any]
Since = datetime | None


@dataclass(frozen=True)
class Ref:
    """Where a record lives at a vendor."""

    kind: str  # the vendor's own word: "Contact", "customers"
    id: str


ADOPTED = ("adopted",)  # instead of children: of an account that was there before us, or that several share


@dataclass(frozen=True)
class Known:
    """What we remember of a record there: its place, and the keys of the rows below it that we wrote last."""

    ref: Ref
    children: tuple[str, ...] = ()

    @property
    def is_adopted(self) -> bool:
        """Whether it is somebody else's: used, but neither written by us nor compared with ours."""
        return self.children == ADOPTED


Key = tuple[str, str]  # (kind, our id): ("customer", "42"), ("variant", "77"), ("account", "42")


@dataclass(frozen=True)
class Write:
    """One record to bring over. `record` None: it is gone from the store, so archive it there.

    `known` has what we know of this record and of those it refers to. `attempt` counts from 1: on a first attempt
    nothing of an unknown record can be there already. `gone` names records that somebody deleted there: an update must
    do without them and make none of them anew. `owners` has who is to own what is made, by the CRM's own word for
    the object ("Account"), else under "". `emptied` has fields that the store had and has no more: they are to be
    empty there too, while what the store never had is left as it is.
    """

    kind: str
    id: str
    record: Record | None
    known: Mapping[Key, Known] = field(default_factory=dict)
    attempt: int = 1
    gone: frozenset[Key] = frozenset()
    owners: Mapping[str, str] = field(default_factory=dict)
    emptied: Mapping[Key, frozenset[str]] = field(default_factory=dict)

    @property
    def place(self) -> Known | None:
        return self.known.get((self.kind, self.id))


@dataclass(frozen=True)
class Flag:
    """Something that a person should look at although the record arrived."""

    code: str
    message: str


@dataclass(frozen=True)
class Outcome:
    """What became of one write.

    `made` holds every place that was written or found for it, the record's own included, also where `error` says that
    the rest failed. `gone`: known places that turned out to be deleted there; they are not made again. `matched`:
    records that were found (by e-mail, say) and only linked, yet to be compared; `ours`: those of them that we alone
    made and changed. `touched`: written beside the one asked for, and not compared. `sent`, `received`: for the audit.
    """

    made: Mapping[Key, Known] = field(default_factory=dict)
    gone: frozenset[Key] = frozenset()
    error: StorelineError | None = None
    flags: tuple[Flag, ...] = ()
    sent: Any = None
    received: Any = None
    matched: frozenset[Key] = frozenset()
    ours: frozenset[Key] = frozenset()
    touched: tuple[Ref, ...] = ()


TO_CRM, TO_STORE = "to_crm", "to_store"


@dataclass(frozen=True)
class Option:
    """A switch of a connector that the merchant sees."""

    name: str  # "orders": the key in the connection's settings
    label: str
    help: str
    kinds: tuple[str, ...]  # record kinds that it lets through; () for a mere option
    direction: str = TO_CRM
    default: bool = True


@dataclass(frozen=True)
class Theirs:
    """A record as the CRM holds it now, in our names for its fields.

    `fields` has only what this connector can carry back, "" where theirs is empty. `is_echo`: it was last changed by
    our own user or client, as far as the vendor tells. `merged_into`: the record that took its place when people
    merged it.
    `store_id` is our id as the record itself tells it (an external id), "" if it tells none.
    """

    ref: Ref
    fields: Fields
    modified_at: datetime
    is_echo: bool = False
    merged_into: Ref | None = None
    store_id: str = ""


@dataclass(frozen=True)
class Seen:
    """That a record there changed, as a list of changes tells it."""

    ref: Ref
    modified_at: datetime
    is_echo: bool = False  # changed last by ourselves


@dataclass(frozen=True)
class Changes:
    """A page of changed records, and where the next one starts; `cursor` is the connector's own, kept as it is."""

    seen: tuple[Seen, ...]
    cursor: str
    more: bool = False


@dataclass(frozen=True)
class Notice:
    """What a CRM told us by itself: which of its records changed, no more than a hint.

    `cursor` is where to go on listening after it. `resync` names kinds of theirs for which the vendor says that it did
    not tell everything: these are to be looked through.
    """

    event_id: str
    scope: str  # the vendor's own word for what happened; "" if it only tells the cursor
    refs: tuple[Ref, ...] = ()
    cursor: str = ""
    resync: tuple[str, ...] = ()
    body: str = ""
    by: str = ""  # who made the change, in the CRM's own way of naming people; "" if it does not say


@dataclass(frozen=True)
class Named:
    """Whom a record of a CRM names: a person, their account, e-mail addresses (folded)."""

    contact: Ref | None = None
    account: Ref | None = None
    emails: tuple[str, ...] = ()


@dataclass(frozen=True)
class CrmUser:
    """Somebody of the CRM who can own records."""

    id: str
    name: str
    email: str = ""


@dataclass(frozen=True)
class Preparation:
    """What a connector found or made in the account when it was connected, in words for a person."""

    created: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()  # nothing can be sent without these
    advice: tuple[str, ...] = ()  # what would make more possible, or better
    facts: Mapping[str, Any] = field(default_factory=dict)  # kept with the connection and handed back on opening
    acts_as: tuple[str, ...] = ()  # how the CRM names us on what we change


@dataclass(frozen=True)
class Event:
    """A vendor's notice, verified and read: which records it says have changed.

    `refs` are (kind, our id); empty with `known` false for a scope that we do not know: kept, not refused.
    """

    account_id: str
    event_id: str
    scope: str
    refs: tuple[Key, ...]
    known: bool
    body: str


@dataclass(frozen=True)
class Edit:
    """Some fields of a record of the store that are to become what the CRM has.

    `record` is the record as just fetched, None to create one. `kind` and `id` are ours: customer, company, order,
    product (then `values` is by the variant's key).
    """

    kind: str
    id: str
    values: Mapping[Key, Fields]
    record: Record | None = None


@dataclass(frozen=True)
class Edited:
    """What became of an edit; `id` is the store's, also of a record that was created or found.

    `waits` names fields that the store takes only together with another one, which is not given yet.
    """

    id: str
    error: StorelineError | None = None
    sent: Any = None
    received: Any = None
    waits: frozenset[str] = frozenset()


class Source(Protocol):
    """A vendor account that records are read from. Raises the errors of app.errors and no others."""

    name: ClassVar[str]

    @property
    def calls(self) -> int:
        """API calls made so far."""

    def fetch_many(
        self, kind: str, ids: Sequence[str], changed_since: Since = None, parcels_since: Since = None
    ) -> Mapping[str, Record | Rejected | None]:
        """The records as they are now, by our id; None: gone; Rejected: one that cannot be read.

        `changed_since`: all of them changed after it. Orders placed before `parcels_since` come without their parcels.
        """

    def count(self, kind: str, span: Span) -> int:
        """How many records a list has, in one call."""

    def page(self, kind: str, span: Span, cursor: str = "") -> Heads:
        """A page of a list, oldest first, in one call. What changes meanwhile may come twice; nothing is left out."""

    def sales(self, since: datetime, until: datetime) -> Iterator[Sale]:
        """Every order that was placed in a range and is a sale there now."""

    def update_many(self, edits: Sequence[Edit]) -> list[Edited]:
        """Carry fields back into the store, in as few calls as it allows; one answer per edit, in order.

        An edit without a record creates a customer, or finds the one with this e-mail. An error of the whole call
        (throttled, expired) is raised.
        """

    def check(self) -> None:
        """One cheap call that succeeds if the account lets us in. Raises as any call does."""


class Target(Protocol):
    """A vendor account that records are written to. Raises the errors of app.errors and no others."""

    name: ClassVar[str]
    label: ClassVar[str]
    options: ClassVar[tuple[Option, ...]]
    batch: ClassVar[dict[str, int]]  # how many records of a kind one upsert_many or read_many takes at best
    loads: ClassVar[Mapping[str, int]]  # of history, where that differs
    inward: ClassVar[Mapping[str, str]]  # kinds of theirs that we follow -> the kind of our link: "Contact": "customer"

    @property
    def calls(self) -> int:
        """API calls made so far."""

    def refers_to(self, record: Record) -> tuple[Key, ...]:
        """Whatever upserting this record can make use of knowing."""

    def refers_to_gone(self, kind: str, record_id: str) -> tuple[Key, ...]:
        """Whatever archiving a record can make use of knowing besides its own place."""

    def digest(self, record: Record) -> str:
        """Fingerprint of what would be sent: the same as last time means nothing to send."""

    def upsert_many(self, writes: Sequence[Write]) -> list[Outcome]:
        """Update at the known place, or find, or create by our external id; twice leaves one.

        One outcome per write, in order. An error of the whole call (throttled, expired, gone) is raised.
        """

    def check(self) -> None:
        """One cheap call that succeeds if the account lets us in. Raises as any call does."""

    def prepare(self) -> Preparation:
        """Make or check what we rely on in the account: objects, fields, permissions."""

    def sales(self, since: datetime | None = None, until: datetime | None = None) -> Iterator[Sale]:
        """The CRM's own records of our orders that were placed in a range, one by one; nothing for what is over.

        Where the CRM cannot tell by the date, more come. One that it holds twice comes twice; one gone need not come.
        """

    def shown(self, record: Record) -> Mapping[Key, Fields]:
        """What the CRM will hold of the record's fields once it is written, by our key: cut and converted as there.

        Only fields that this connector can also read back; the keys are those of the links it makes.
        """

    def read_many(self, kind: str, ids: Sequence[str]) -> Mapping[str, Theirs | Rejected | None]:
        """Records of one kind of theirs as they are now, by their id; None: deleted there, nothing took its place."""

    def changes(self, kind: str, cursor: str) -> Changes:
        """A page of what changed of a kind of theirs since the cursor, oldest first; "" starts now, with no records.

        By the vendor's clock, with an overlap: a change may be told twice, and none is missed.
        """

    def subscribe(self, address: str) -> str:
        """Ask to be told of changes at our address, to which more may be added; a problem in words, else ""."""

    def unsubscribe(self, address: str) -> None:
        """No longer be told there; nothing there is success."""

    def users(self) -> Sequence[CrmUser]:
        """Who can own records there."""


class Listener(Protocol):
    """A stream of notices that the vendor keeps open. Raises the errors of app.errors."""

    def listen(self, cursor: str) -> Iterator[Sequence[Notice]]:
        """Notices after the cursor ("": new ones only), those that come together, for ever; quiet: a cursor alone."""

    def close(self) -> None:
        """End the stream from another thread."""
