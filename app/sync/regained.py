"""What people of a CRM changed while it could not come back is asked for once it can."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from app.connectors.registry import VENDORS
from app.models import Connection, Delivery, State
from app.sync import deliveries, pairs
from app.sync.deliveries import SKIPPED
from app.sync.inward import CARRIED, CONFLICT, NEW, UNCHANGED
from app.sync.pairs import Terms

CHUNK = 500  # records a statement
LINKS = {"account": ("account", "company")}  # kinds of links that may be to a kind of theirs, if it is more than one
COMPARED = frozenset({CARRIED, CONFLICT, UNCHANGED})


def ask(session: Session, connection: Connection, before: Terms) -> None:
    """Ask once more for the records whose last delivery knew of less that may come back; `before`: the old terms."""
    after = pairs.terms_of(connection)
    # Nobody reads the old terms from here on: whoever has read them is running by now, and seen to be.
    session.flush()
    for their_kind, our_kind in VENDORS[connection.vendor].follows.items():
        results = _outdated(LINKS.get(our_kind, (our_kind,)), before, after)
        if our_kind == "customer" and NEW in after.kinds - before.kinds:
            results |= {SKIPPED}
        if results:
            _ask(session, connection, deliveries.inward(their_kind), results)


def _outdated(kinds: Collection[str], before: Terms, after: Terms) -> frozenset[str]:
    """How deliveries have ended that the new terms may let end otherwise: what had fields already was compared in
    these alone."""
    grown = [kind for kind in kinds if after.fields.get(kind, frozenset()) - before.fields.get(kind, frozenset())]
    compared = COMPARED if any(before.fields.get(kind) for kind in grown) else frozenset()
    return compared | {SKIPPED} if grown else frozenset()


def _ask(session: Session, connection: Connection, kind: str, results: Collection[str]) -> None:
    own = (Delivery.connection_id == connection.id, Delivery.kind == kind)
    last = select(func.max(Delivery.id)).where(*own).group_by(Delivery.record_id)
    ended = and_(Delivery.state == State.DONE, Delivery.result.in_(results))
    query = select(Delivery.record_id, Delivery.correlation_id).where(
        *own, Delivery.id.in_(last), or_(ended, Delivery.state == State.RUNNING)
    )
    found = session.execute(query).all()
    for start in range(0, len(found), CHUNK):
        wanted = {row.record_id: row.correlation_id for row in found[start : start + CHUNK]}
        deliveries.request_many(session, connection.store_id, connection.id, kind, wanted)
