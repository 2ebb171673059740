"""What both sides hold, compared: what differs, what is doubled, what is missing, what was written."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, select

from app.connectors.base import ADOPTED, Key, Ref, Source, Target, Theirs
from app.domain.customer import fold
from app.domain.fields import fields
from app.errors import Rejected
from app.models import Attempt, Conflict, ConflictState, Delivery, Link, LinkState, State
from app.sync import connections, pairs
from app.sync.inward import RECORDS
from tests.e2e.conftest import Bridge
from tests.e2e.crm_people import PEOPLE
from tests.e2e.store_people import StorePeople

Parts = dict[Key, dict[str, str]]


@dataclass(frozen=True)
class Writes:
    """How often something was written on each side."""

    to_crm: int
    to_store: int

    @property
    def all(self) -> int:
        return self.to_crm + self.to_store

    def since(self, earlier: Writes) -> Writes:
        return Writes(self.to_crm - earlier.to_crm, self.to_store - earlier.to_store)


@dataclass(frozen=True)
class Difference:
    """A field that both sides show otherwise."""

    kind: str
    our_id: str
    field: str
    ours: str
    theirs: str


class Inspection:
    """One store and one CRM, looked at from outside the engine."""

    def __init__(self, bridge: Bridge) -> None:
        self.bridge = bridge
        self.store = StorePeople(bridge)
        self.crm = PEOPLE[bridge.vendor](bridge.crm_url)
        self.gone_there: set[int] = set()  # customers whom people of the CRM deleted or merged

    def writes(self) -> Writes:
        """Records written so far there, and calls that wrote something here."""
        with self.bridge.runtime.database.reading() as session:
            sent = session.scalars(select(Attempt.sent).where(Attempt.result.in_(("written", "archived"))))
            to_crm = sum(map(bool, sent))  # a connector may look and find nothing to send
        counts = self.bridge.calls(self.bridge.store_url)
        return Writes(to_crm, sum(number for method, number in counts.items() if method != "GET"))

    def taken_up(self) -> int:
        """How often a record was held to need writing there, whether or not the connector then found a difference."""
        with self.bridge.runtime.database.reading() as session:
            held = select(func.count()).where(Attempt.result.in_(("written", "archived")))
            return session.scalar(held) or 0

    def unequal(self) -> list[Difference]:
        """Fields in which both sides differ although they are linked and nobody was told."""
        with self.bridge.runtime.database.reading() as session:
            rows = session.scalars(select(Conflict).where(Conflict.state == ConflictState.OPEN))
            listed = {Difference(row.kind, row.our_id, row.field, row.ours, row.theirs) for row in rows}
        return [one for one in self.differences() if one not in listed]

    def differences(self) -> list[Difference]:
        """Fields in which both sides differ, of all that may be edited on both."""
        runtime, bridge = self.bridge.runtime, self.bridge
        terms = pairs.terms(runtime, bridge.connection_id)
        target = connections.open_target(runtime, bridge.connection_id)
        source = connections.open_source(runtime, bridge.store_id)
        own = [link for link in self.links() if tuple(link.children) != ADOPTED]
        links = {(link.kind, link.our_id): link for link in own if terms.of(link.kind)}
        ours, shown = _ours(source, target, list(links))
        theirs = _theirs(target, [Ref(link.their_kind, link.their_id) for link in links.values()])
        found: list[Difference] = []
        for key, link in links.items():
            there = theirs[Ref(link.their_kind, link.their_id)]
            if key not in ours or _is_orphan(key, links):
                continue
            assert isinstance(there, Theirs), f"{key} is linked with what is not there: {there}"
            for name in terms.of(key[0]):
                if name in shown[key] and there.fields.get(name) not in (None, shown[key][name], ours[key].get(name)):
                    found.append(Difference(*key, name, ours[key][name], there.fields[name]))
        return found

    def doubles(self) -> list[str]:
        """Records of the CRM that stand for the same record of ours, and people with one address."""
        doubled: list[str] = []
        for kind in {kind for name, kind in self.crm.kinds.items() if name != "account"}:
            alive = self._alive(kind)
            ours = Counter(one.store_id for one in alive if one.store_id)
            addresses = Counter(fold(one.fields["email"]) for one in alive if one.fields.get("email"))
            doubled += [f"{kind} {name}" for name, number in (ours + addresses).items() if number > 1]
        addresses = Counter(fold(row["email"]) for row in self.store.rows("customers"))
        return doubled + [f"customer {name}" for name, number in addresses.items() if number > 1]

    def strays(self) -> list[str]:
        """People of one side whom the other one lacks although nobody deleted or merged them there."""
        alive = self._alive(self.crm.kinds["person"])
        here = {str(row["id"]) for row in self.store.rows("customers")}
        lacking = here - {one.store_id for one in alive} - set(map(str, self.gone_there))
        return [f"store {one}" for one in sorted(lacking)] + [f"CRM {one.ref.id}" for one in alive if not one.store_id]

    def conflicts(self, *states: ConflictState) -> list[Conflict]:
        """Those in these states."""
        with self.bridge.runtime.database.reading() as session:
            return list(session.scalars(select(Conflict).where(Conflict.state.in_(states)).order_by(Conflict.id)))

    def dead(self) -> list[str]:
        """What is for a person now, in words."""
        with self.bridge.runtime.database.reading() as session:
            rows = session.scalars(select(Delivery).where(Delivery.state == State.DEAD))
            return [f"{row.kind} {row.record_id}: {row.error_code} {row.error_message}" for row in rows]

    def links(self) -> list[Link]:
        """The places of all that is alive on both sides."""
        with self.bridge.runtime.database.reading() as session:
            query = select(Link).where(Link.connection_id == self.bridge.connection_id, Link.state == LinkState.LIVE)
            return list(session.scalars(query.order_by(Link.kind, Link.our_id)))

    def _alive(self, kind: str) -> list[Theirs]:
        """The records of a kind that nobody deleted or merged away."""
        target = connections.open_target(self.bridge.runtime, self.bridge.connection_id)
        ids = [str(row.get("Id") or row.get("id") or row.get("ObjectID")) for row in self.crm.rows(kind)]
        found = target.read_many(kind, ids).values()
        return [one for one in found if isinstance(one, Theirs) and one.merged_into is None]

    def waiting(self) -> int:
        with self.bridge.runtime.database.reading() as session:
            states = (State.WAITING, State.RUNNING)
            return session.scalar(select(func.count()).where(Delivery.state.in_(states))) or 0


def _ours(source: Source, target: Target, keys: list[Key]) -> tuple[Parts, Parts]:
    """What the store holds, and what the CRM should show of it; without what is gone from the store."""
    ours: Parts = {}
    shown: Parts = {}
    for kind in sorted({RECORDS[key[0]] for key in keys}):
        ids = sorted({key[1] for key in keys if RECORDS[key[0]] == kind and key[1].isdigit()})
        for record in source.fetch_many(kind, ids).values():
            if record is None:
                continue
            assert not isinstance(record, Rejected), record
            ours |= {key: dict(values) for key, values in fields(record).items()}
            shown |= {key: dict(values) for key, values in target.shown(record).items()}
    return {key: values for key, values in ours.items() if key in shown}, shown


def _theirs(target: Target, refs: list[Ref]) -> dict[Ref, Theirs | Rejected | None]:
    found: dict[Ref, Theirs | Rejected | None] = {}
    for kind in sorted({ref.kind for ref in refs}):
        ids = [ref.id for ref in refs if ref.kind == kind]
        found |= {Ref(kind, one): theirs for one, theirs in target.read_many(kind, ids).items()}
    return found


def _is_orphan(key: Key, links: dict[Key, Link]) -> bool:
    """Whether it belongs to a person who was deleted or merged there, and so is written no more."""
    return key[0] == "account" and ("customer", key[1]) not in links
