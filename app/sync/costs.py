"""What a record of history costs on a connection: as measured by its former backfills, else by its batch sizes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.connectors.registry import SOURCE, VENDORS
from app.db import now
from app.models import Backfill, Connection, Usage
from app.runtime import Runtime
from app.sync import allowances, budgets, connections
from app.sync.forecast import Limits, Ratio
from app.sync.lanes import Lane

LISTED = 250  # records that one call lists
CALLS = {"order": 5.5}  # to the CRM for a batch of its own size, as counted; of other kinds:
FEW = 3.0
READS = {"order": 3.0, "customer": 1.0, "product": 2.0}  # calls to the store for a batch
COMPANY_READS = 3.0  # calls to the store for one company
CALL, WORK = 0.3, 0.01  # seconds for a call, and for what we ourselves do with a record
ALONE = 20  # records of kinds for which the CRM names no number
STANDARD = (150, 30.0)  # calls and seconds of a store's window on BigCommerce's smallest plans
SLOWEST = 0.1  # calls a second
ENOUGH = 100  # records of which a measurement is believed


def label_of(runtime: Runtime, connection_id: int) -> str:
    """What people call the CRM of a connection."""
    with runtime.database.reading() as session:
        return VENDORS[session.get_one(Connection, connection_id).vendor].label


def ratios(runtime: Runtime, connection_id: int, kinds: Iterable[str]) -> dict[str, Ratio]:
    """By kind, parcels apart."""
    target = connections.open_target(runtime, connection_id)
    sizes = {**target.batch, **target.loads}
    with runtime.database.reading() as session:
        measured = _measured(session, connection_id)
        at_once = VENDORS[session.get_one(Connection, connection_id).vendor].at_once
    return {kind: measured.get(kind) or _stated(kind, sizes.get(kind, ALONE), at_once) for kind in kinds}


def _stated(kind: str, size: int, at_once: int) -> Ratio:
    reads = COMPANY_READS if kind == "company" else READS[kind] / size
    store, crm = reads + 1 / LISTED, CALLS.get(kind, FEW) / size
    return Ratio(store, crm, (store + crm) * CALL / at_once + WORK)


def _measured(session: Session, connection_id: int) -> dict[str, Ratio]:
    """Of the newest backfill that loaded enough of a kind."""
    query = select(Backfill).where(Backfill.connection_id == connection_id).order_by(Backfill.id)
    found: dict[str, Ratio] = {}
    for row in session.scalars(query):
        for kind, noted in row.progress.items():
            ratio = _ratio(noted)
            if ratio is not None:
                found[kind] = ratio
    return found


def _ratio(noted: Mapping[str, Any]) -> Ratio | None:
    seconds, number, store, crm = noted.get("took") or (0.0, 0, 0, 0)
    if number < ENOUGH:
        return None
    is_whole = noted.get("listed") and not noted.get("mark")
    if is_whole:  # the last orders' parcels were called for, and are foreseen apart
        store = max(store - (noted.get("parcels") or 0), 0)
        seconds = max(seconds - (noted.get("tail") or (0.0, 0))[0], 0.0)
    return Ratio(store / number, crm / number, seconds / number)


def calls_so_far(session: Session, row: Backfill) -> list[int]:
    """Calls to the store and to the CRM that were counted since the backfill began, whatever they were for."""
    own = select(Connection.id).where(Connection.store_id == row.store_id, Connection.vendor == SOURCE)
    since = (row.started_at or row.created_at).replace(minute=0, second=0, microsecond=0)
    query = select(func.coalesce(func.sum(Usage.calls), 0)).where(Usage.hour >= since)
    store = session.scalar(query.where(Usage.connection_id.in_(own)))
    crm = session.scalar(query.where(Usage.connection_id == row.connection_id))
    return [int(store or 0), int(crm or 0)]


def limits(runtime: Runtime, store_id: int, connection_id: int) -> Limits:
    """What history may call: of the store's window its part, of the CRM's day what the merchant gives it."""
    with runtime.database.reading() as session:
        own = select(Connection.id).where(Connection.store_id == store_id, Connection.vendor == SOURCE)
        window = budgets.window(runtime, session.scalars(own).one())
        day = allowances.day(session, connection_id)
    quota, seconds = (window.quota, window.seconds) if window is not None else STANDARD
    share = max(min(int(runtime.settings.history_share), 100), 1) / 100
    per_second = max(quota * share / seconds, SLOWEST) if seconds else SLOWEST
    return Limits(per_second, day.room(Lane.HISTORY, now()), day.limit(Lane.HISTORY))
