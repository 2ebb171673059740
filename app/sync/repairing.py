"""Orders that differ are brought anew: asked for in a way that nothing known of them keeps them from being written."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.connectors.base import Known, Ref
from app.db import now
from app.models import Connection, Delivery, Difference, DifferenceKind, Link, LinkState, State
from app.sync import deliveries, links

ORDER = "order"
NOT_AGAIN = timedelta(hours=20)  # what did not help is tried again the next night
CHUNK = 500  # ids a query


def repair(session: Session, connection: Connection, differences: Iterable[Difference], *, by_hand: bool) -> int:
    """Ask for a delivery of every order that one can mend; how many.

    By itself it leaves alone what failed for good, what was asked for not long ago, and what people in the CRM
    deleted; a person may ask for all of these.
    An order that is there twice is for people alone: we cannot know which of the records they work with.
    """
    found = {one.order_id: one for one in differences if one.kind != DifferenceKind.TWICE and one.order_id.isdigit()}
    rows = _links(session, connection.id, list(found))
    in_vain = set() if by_hand else _in_vain(session, connection.id, found)
    asked = []
    for order_id, one in found.items():
        link = rows.get(order_id)
        state = link.state if link is not None else LinkState.LIVE
        if order_id in in_vain or state == LinkState.MERGED or (state == LinkState.GONE and not by_hand):
            continue
        _doubt(session, connection.id, one, link)
        correlation_id = uuid.uuid4().hex
        deliveries.request(session, connection.store_id, connection.id, ORDER, order_id, correlation_id)
        asked.append(order_id)
    _look_first(session, connection.id, asked)
    return len(asked)


def _in_vain(session: Session, connection_id: int, differences: Mapping[str, Difference]) -> set[str]:
    """Orders that a person has to see to, or that were brought since they were found to differ, less than a day ago."""
    found: set[str] = set()
    ids, lately = list(differences), now() - NOT_AGAIN
    for start in range(0, len(ids), CHUNK):
        query = select(Delivery.record_id, Delivery.state, Delivery.created_at).where(
            Delivery.connection_id == connection_id,
            Delivery.kind == ORDER,
            Delivery.record_id.in_(ids[start : start + CHUNK]),
        )
        for order_id, state, created_at in session.execute(query):
            is_late = created_at >= max(lately, differences[order_id].found_at)
            found |= {order_id} if state == State.DEAD or (is_late and state == State.DONE) else set()
    return found


def _doubt(session: Session, connection_id: int, one: Difference, link: Link | None) -> None:
    """Let go of what would have the order pass for being in step, or written to where it is not any more."""
    key = (ORDER, one.order_id)
    if one.kind == DifferenceKind.MISSING:
        links.forget(session, connection_id, [key])
    elif link is not None:
        links.disagree(session, connection_id, [key])
    elif one.kind == DifferenceKind.EXTRA and one.their_id:  # ours by its key, though we do not remember it
        links.save(session, connection_id, {key: Known(Ref(one.their_kind, one.their_id))})


def _look_first(session: Session, connection_id: int, ids: Sequence[str]) -> None:
    """What we do not know of may be there all the same."""
    for start in range(0, len(ids), CHUNK):
        session.execute(
            update(Delivery)
            .where(
                Delivery.connection_id == connection_id,
                Delivery.kind == ORDER,
                Delivery.record_id.in_(ids[start : start + CHUNK]),
                Delivery.state == State.WAITING,
            )
            .values(tried=True)
            .execution_options(synchronize_session=False)
        )


def _links(session: Session, connection_id: int, ids: Sequence[str]) -> dict[str, Link]:
    found: dict[str, Link] = {}
    for start in range(0, len(ids), CHUNK):
        query = select(Link).where(
            Link.connection_id == connection_id, Link.kind == ORDER, Link.our_id.in_(ids[start : start + CHUNK])
        )
        found.update({row.our_id: row for row in session.scalars(query)})
    return found
