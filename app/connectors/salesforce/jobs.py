"""A write under way: what is known for it, and what has been learnt about it so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from app.connectors.base import Flag, Key, Known, Ref, Write
from app.connectors.meetings import Meetings
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.found import Found, FoundPerson
from app.connectors.salesforce.products import is_own
from app.connectors.salesforce.steps import Identity
from app.domain import Cart, Customer, Order
from app.domain.customer import fold
from app.errors import StorelineError

PERSONAL = ("customer", "account")
_LOOKED_UP = ("order", "variant", "product")  # what hangs on these must be looked up with them


@dataclass
class Job:
    """One write, and how it is to be planned after what its earlier tries met."""

    write: Write
    known: dict[Key, Known] = field(default_factory=dict)
    fresh: bool = False  # what we knew was stale: everything is looked up
    reachable: bool = True  # false: without the e-mail address
    accounts: tuple[str, ...] = ()  # what a duplicate rule told us to use
    contacts: tuple[str, ...] = ()
    preferred: set[str] = field(default_factory=set)  # ids of people who took the place of those that we knew
    lost: set[Key] = field(default_factory=set)  # what turned out to be deleted there
    unusable: dict[str, str] = field(default_factory=dict)  # variant, or line:<key> -> Salesforce's words
    dropped: set[Identity] = field(default_factory=set)  # optional rows that Salesforce refused
    flags: list[Flag] = field(default_factory=list)
    touched: dict[Ref, None] = field(default_factory=dict)  # linked records that were written without a comparison
    met: Meetings = field(default_factory=Meetings)  # what was found and only linked
    halt: StorelineError | None = None  # why it cannot be tried now

    def __post_init__(self) -> None:
        known = self.known or self.write.known
        self.known = {key: place for key, place in known.items() if key not in self.write.gone}
        self._without_products(self.write.gone)

    @property
    def is_archive(self) -> bool:
        record = self.write.record
        return record is None or (isinstance(record, Order) and record.is_deleted)

    @property
    def is_unsure(self) -> bool:
        """Whether an attempt that died, or somebody there, may have left more or less than we know of."""
        return self.fresh or self.write.attempt > 1

    @property
    def gone(self) -> frozenset[Key]:
        """What somebody deleted there: not used, not made anew."""
        return self.write.gone | self.lost

    @property
    def person(self) -> Customer | None:
        """Whom the record is about."""
        record = self.write.record
        return record.buyer if isinstance(record, Order | Cart) else record if isinstance(record, Customer) else None

    def forget(self) -> None:
        """What we knew is stale."""
        self.known, self.fresh = {}, True

    def learn(self, found: Found, facts: Facts) -> None:
        """Once all that we knew has been looked for: what is there is known again, the rest is lost or merged away."""
        if not self.fresh:
            return
        for key, place in self.write.known.items():
            if key in self.write.gone or key[0] in ("activity", "product"):
                continue
            winner = found.winner(place.ref) if found.is_dead(place) else ""
            if winner:
                self.preferred.add(winner)
                if key[0] not in PERSONAL:
                    self.known[key] = Known(Ref(place.ref.kind, winner), place.children)
            elif not found.is_dead(place):
                self.known |= {} if key[0] in _LOOKED_UP else {key: place}
            elif not _is_elsewhere(key, found, facts) and not is_own(key[1]):
                self.lost.add(key)
        self._without_products(self.lost)
        self.known |= {key: place for key, place in self.write.known.items() if key[0] == "activity"}

    def _without_products(self, gone: set[Key] | frozenset[Key]) -> None:
        for kind, our_id in gone:
            if kind == "variant" and self.write.kind == "order":
                self.unusable.setdefault(our_id, "somebody deleted its product in Salesforce.")


def _is_elsewhere(key: Key, found: Found, facts: Facts) -> bool:
    """Whether another record there says by its external id that it is this one."""
    kind, external = key[0], facts.external_id(key[1])
    match kind:
        case "order":
            return external in found.orders
        case "opportunity":
            return external in found.opportunities
        case "cart":
            return external in found.carts
        case "variant":
            return found.product(external, "") is not None
        case "company":
            return any(company.external == external for company in found.companies)
        case "customer" | "account":
            return any(person.external == external for person in found.people)
    return False


def unite(jobs: Sequence[Job]) -> None:
    """A guest and a registered customer of one e-mail in one batch are one person: both know what either knows."""
    registered: dict[str, tuple[Job, Customer]] = {}
    for job in jobs:
        buyer = job.person
        if buyer is not None and buyer.email and not buyer.is_guest:
            registered.setdefault(fold(buyer.email), (job, buyer))
    for job in jobs:
        buyer, order = job.person, job.write.record
        if buyer is None or not buyer.is_guest or not isinstance(order, Order) or fold(buyer.email) not in registered:
            continue
        other, customer = registered[fold(buyer.email)]
        job.write = replace(job.write, record=replace(order, buyer=replace(buyer, id=customer.id)))
        theirs = {key: place for key, place in other.known.items() if key[0] in PERSONAL}
        other.known = {**{key: place for key, place in job.known.items() if key[0] in PERSONAL}, **other.known}
        job.known = {**job.known, **theirs}


def take_in(found: Found, person: FoundPerson) -> None:
    """Somebody who came to be after the look-up."""
    found.people = [one for one in found.people if one.contact_id != person.contact_id] + [person]
