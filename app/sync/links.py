"""Which of their ids is which of ours, committed at once, whatever fails later."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import and_, delete, insert, or_, select, tuple_
from sqlalchemy.orm import Session

from app.connectors.base import ADOPTED, Key, Known, Outcome, Ref, Write
from app.db import now
from app.domain.customer import GUEST
from app.domain.fields import fields
from app.mapping.merge import Agreed
from app.models import Link, LinkState, Person

PERSONAL = ("customer", "account")  # kinds whose our_id is a customer's
SHARED = "account"  # several customers may belong to one account there
CHUNK = 200  # keys a query
COLUMNS = tuple(column.key for column in Link.__table__.columns if not column.primary_key)


def known(session: Session, store_id: int, connection_id: int, keys: Iterable[Key]) -> dict[Key, Known]:
    """Where these records live there. A person without a link of their own is found by their other ids."""
    wanted = list(dict.fromkeys(keys))
    others = _others(session, store_id, wanted)
    rows = {
        key: row
        for key, row in _rows(session, connection_id, [*wanted, *others]).items()
        if row.state != LinkState.GONE
    }
    found = {key: rows[key] for key in wanted if key in rows}
    for other, key in others.items():
        if other in rows:
            found.setdefault(key, rows[other])
    return {key: Known(Ref(row.their_kind, row.their_id), tuple(row.children)) for key, row in found.items()}


def states(session: Session, connection_id: int, keys: Iterable[Key]) -> dict[Key, LinkState]:
    """What became of these records there, as far as we know of them at all."""
    return {key: LinkState(row.state) for key, row in _rows(session, connection_id, list(keys)).items()}


def theirs(session: Session, connection_id: int, kind: str, ids: Iterable[str]) -> dict[str, list[Key]]:
    """Our keys of records of one kind of theirs, by their id; also of those that were gone, for people restore things.

    Those that were merged away are left out.
    """
    found: dict[str, list[Key]] = {}
    wanted = list(ids)
    for start in range(0, len(wanted), CHUNK):
        query = select(Link.their_id, Link.kind, Link.our_id).where(
            Link.connection_id == connection_id,
            Link.their_kind == kind,
            Link.their_id.in_(wanted[start : start + CHUNK]),
            Link.state != LinkState.MERGED,
        )
        for their_id, our_kind, our_id in session.execute(query):
            found.setdefault(their_id, []).append((our_kind, our_id))
    return found


def revive(session: Session, connection_id: int, keys: Iterable[Key]) -> None:
    """A person wants these to be made anew after all."""
    for row in _rows(session, connection_id, list(keys)).values():
        if row.state == LinkState.GONE:
            session.delete(row)


def follow(session: Session, connection_id: int, key: Key, winner: Ref) -> bool:
    """People there merged a record into another one; whether its link stays a live one.

    Who is linked with the winner already stays its only master; an account of several is nobody's to write.
    """
    row = _rows(session, connection_id, [key]).get(key)
    if row is None:
        return False
    others = [
        other
        for other in _by_theirs(session, connection_id, [(key[0], winner)]).values()
        if (other.kind, other.our_id) != key
    ]
    is_taken = bool(others) and key[0] != SHARED
    row.state = LinkState.MERGED if is_taken else LinkState.LIVE
    row.their_kind, row.their_id, row.digest, row.agreed = winner.kind, winner.id, "", {}
    if others and key[0] == SHARED:
        for shared in (row, *others):
            shared.children, shared.agreed = list(ADOPTED), {}
    session.flush()
    return not is_taken


def restore(session: Session, connection_id: int, keys: Iterable[Key]) -> None:
    """People there restored what they had deleted."""
    for row in _rows(session, connection_id, list(keys)).values():
        if row.state == LinkState.GONE:
            row.state, row.digest = LinkState.LIVE, ""


def digests(session: Session, connection_id: int, keys: Iterable[Key]) -> dict[Key, str]:
    """The fingerprints of what both sides last agreed on."""
    return {key: row.digest for key, row in _rows(session, connection_id, list(keys)).items()}


def disagree(session: Session, connection_id: int, keys: Iterable[Key]) -> None:
    """From now on we do not know what both sides agree on: a write is under way, and may end anywhere."""
    for row in _rows(session, connection_id, list(keys)).values():
        row.digest = ""


def adopted(session: Session, connection_id: int, keys: Iterable[Key]) -> set[Key]:
    """Those whose record there is somebody else's."""
    wanted = list(keys)
    return Page(session, connection_id, wanted).adopted(wanted)


def agreements(session: Session, store_id: int, connection_id: int, places: Mapping[Key, Ref]) -> dict[Key, Agreed]:
    """The fields at which both sides were last in step.

    A person without a link of their own stands where their other id does: who registers is still the guest of before.
    """
    found = Page(session, connection_id, places).agreements(places)
    others = _others(session, store_id, [key for key in places if key not in found])
    if others:
        page = Page(session, connection_id, others)
        there = page.agreements(other for other, key in others.items() if page.is_at(other, places[key]))
        for other, agreed in there.items():
            found.setdefault(others[other], agreed)
    return found


def agree(session: Session, connection_id: int, digests: Mapping[Key, str]) -> None:
    """Both sides hold this now."""
    Page(session, connection_id, digests).agree(digests)


def bury(session: Session, connection_id: int, keys: Iterable[Key]) -> None:
    """Somebody there deleted these: they are not made anew."""
    wanted = list(keys)
    Page(session, connection_id, wanted).bury(wanted)


def save(
    session: Session, connection_id: int, made: Mapping[Key, Known], matched: frozenset[Key] = frozenset()
) -> None:
    """Remember places; those that were `matched` are people's own records, the other new ones are of our making."""
    page = Page(session, connection_id, made, made.items())
    page.save(made, matched)
    page.write()


def taken_over(states: Mapping[Key, LinkState], write: Write, outcome: Outcome) -> Outcome:
    """With the places where a person was known by another id so far: to a connector they are no news."""
    if outcome.error is not None or write.record is None:
        return outcome
    own = {key for key in fields(write.record) if key not in states} - outcome.gone
    places = {key: place for key, place in write.known.items() if key in own}
    return replace(outcome, made={**places, **outcome.made})


def forget(session: Session, connection_id: int, keys: Iterable[Key]) -> None:
    """Drop links whose other end is gone."""
    for kind, our_id in keys:
        session.execute(
            delete(Link).where(Link.connection_id == connection_id, Link.kind == kind, Link.our_id == our_id)
        )


class Page:
    """The links of many records, read at once; `write` puts in new ones, what changes goes with the session's flush.

    `made`: the places that may be saved.
    """

    def __init__(
        self, session: Session, connection_id: int, keys: Iterable[Key], made: Iterable[tuple[Key, Known]] = ()
    ) -> None:
        self._session, self._connection_id = session, connection_id
        self._new: list[Link] = []
        self._rows = _rows(session, connection_id, list(dict.fromkeys(keys)))
        places = dict.fromkeys((key[0], place.ref) for key, place in made)
        self._theirs = _by_theirs(session, connection_id, list(places))

    def adopted(self, keys: Iterable[Key]) -> set[Key]:
        """Those whose record there is somebody else's: never written, and so never compared."""
        return {key for key, row in self._of(keys) if tuple(row.children) == ADOPTED}

    def agreements(self, keys: Iterable[Key]) -> dict[Key, Agreed]:
        """The fields at which both sides were last in step."""
        return {
            key: Agreed(row.agreed.get("ours", {}), row.agreed.get("theirs", {}), row.agreed.get("is_own", False))
            for key, row in self._of(keys)
        }

    def is_at(self, key: Key, ref: Ref) -> bool:
        """Whether this record lives there."""
        row = self._rows.get(key)
        return row is not None and row.state == LinkState.LIVE and Ref(row.their_kind, row.their_id) == ref

    def agree_on(self, agreed: Mapping[Key, Agreed]) -> None:
        """Both sides are in step at these values."""
        for key, row in self._of(agreed):
            one = agreed[key]
            row.agreed = {"ours": dict(one.ours), "theirs": dict(one.theirs), "is_own": one.is_own}

    def agree(self, digests: Mapping[Key, str]) -> None:
        """Both sides hold this now."""
        for key, row in self._of(digests):
            row.digest = digests[key]

    def bury(self, keys: Iterable[Key]) -> None:
        """Somebody there deleted these: they are not made anew."""
        buried = [row for _, row in self._of(keys)]
        for row in buried:
            row.state, row.digest = LinkState.GONE, ""
        if buried:
            self._flush()  # before anything new can take their place

    def save(self, made: Mapping[Key, Known], matched: frozenset[Key] = frozenset()) -> None:
        """Remember places; those that were `matched` are people's own records, the other new ones are of our making."""
        for key, place in made.items():
            other = self._other(key, place)
            if other is not None:
                if key[1].startswith(GUEST):
                    continue  # the registered customer's link stands; the guest finds it by e-mail
                self._drop(other)  # the guest has registered
            row = self._rows.get(key)
            if row is None:
                guest = other if other is not None and other.our_id.startswith(GUEST) else None
                agreed = guest.agreed if guest is not None else {"is_own": key not in matched}
                self._rows[key] = row = self._made(key, place, agreed)
            else:
                if key in matched and (row.their_kind, row.their_id) != (place.ref.kind, place.ref.id):
                    row.agreed = {**row.agreed, "is_own": False}
                self._move(row, place.ref)
            row.linked_at, row.children = now(), list(place.children)
            self._theirs[(key[0], place.ref)] = row

    def write(self) -> None:
        """Put in what is new, in one statement; the page is over with that."""
        self._session.flush()
        rows = [{name: getattr(one, name) for name in COLUMNS} for one in self._new]
        if rows:
            self._session.execute(insert(Link), rows)

    def _flush(self) -> None:
        self._session.add_all(self._new)
        self._new.clear()
        self._session.flush()

    def _of(self, keys: Iterable[Key]) -> Iterator[tuple[Key, Link]]:
        return ((key, self._rows[key]) for key in keys if key in self._rows)

    def _other(self, key: Key, place: Known) -> Link | None:
        """Another record of ours that has this place alone; of accounts, which may be shared, a guest's own."""
        other = self._theirs.get((key[0], place.ref))
        if other is None or other.our_id == key[1] or other.state != LinkState.LIVE:
            return None
        is_guests_own = other.our_id.startswith(GUEST) and ADOPTED not in (tuple(other.children), place.children)
        if key[0] == SHARED and (key[1].startswith(GUEST) or not is_guests_own):
            return None
        return other if (other.their_kind, other.their_id) == (place.ref.kind, place.ref.id) else None

    def _made(self, key: Key, place: Known, agreed: dict[str, Any]) -> Link:
        row = Link(
            connection_id=self._connection_id, kind=key[0], our_id=key[1], their_kind=place.ref.kind,
            their_id=place.ref.id, state=LinkState.LIVE, digest="", agreed=agreed,
        )  # fmt: skip
        self._new.append(row)
        return row

    def _move(self, row: Link, ref: Ref) -> None:
        if (row.their_kind, row.their_id) == (ref.kind, ref.id):
            return
        row.state = LinkState.LIVE  # found or made elsewhere
        row.their_kind, row.their_id = ref.kind, ref.id
        self._flush()  # before anything new can take the place that it leaves

    def _drop(self, row: Link) -> None:
        self._flush()  # it may be as new
        self._session.delete(row)
        self._session.flush()
        self._rows.pop((row.kind, row.our_id), None)


def _rows(session: Session, connection_id: int, keys: list[Key]) -> dict[Key, Link]:
    found: dict[Key, Link] = {}
    for start in range(0, len(keys), CHUNK):
        part = keys[start : start + CHUNK]
        query = select(Link).where(Link.connection_id == connection_id, tuple_(Link.kind, Link.our_id).in_(part))
        found.update({(row.kind, row.our_id): row for row in session.scalars(query)})
    return found


def _by_theirs(session: Session, connection_id: int, refs: list[tuple[str, Ref]]) -> dict[tuple[str, Ref], Link]:
    found: dict[tuple[str, Ref], Link] = {}
    for start in range(0, len(refs), CHUNK):
        part = [(kind, ref.kind, ref.id) for kind, ref in refs[start : start + CHUNK]]
        query = select(Link).where(
            Link.connection_id == connection_id,
            tuple_(Link.kind, Link.their_kind, Link.their_id).in_(part),
            Link.state == LinkState.LIVE,
        )
        found.update({(row.kind, Ref(row.their_kind, row.their_id)): row for row in session.scalars(query)})
    return found


def _others(session: Session, store_id: int, keys: Iterable[Key]) -> dict[Key, Key]:
    """The keys of the same persons' other ids, and whose they are."""
    people = [key for key in keys if key[0] in PERSONAL]
    namesakes = _namesakes(session, store_id, {our_id for _, our_id in people})
    return {(kind, other): (kind, our_id) for kind, our_id in people for other in namesakes.get(our_id, ())}


def _namesakes(session: Session, store_id: int, ids: set[str]) -> dict[str, list[str]]:
    """Other ids of the same person in this store: guest and registered customer share an e-mail."""
    if not ids:
        return {}
    guests = {our_id.removeprefix(GUEST): our_id for our_id in ids if our_id.startswith(GUEST)}
    registered = [our_id for our_id in ids if not our_id.startswith(GUEST)]
    found: dict[str, list[str]] = {}
    people = select(Person.customer_id, Person.email).where(
        Person.store_id == store_id,
        Person.email != "",
        or_(
            and_(Person.email.in_(list(guests)), ~Person.customer_id.startswith(GUEST)),
            Person.customer_id.in_(registered),
        ),
    )
    for customer_id, email in session.execute(people):
        if email in guests:
            found.setdefault(guests[email], []).append(customer_id)
        if customer_id in ids:
            found.setdefault(customer_id, []).append(GUEST + email)
    return found
