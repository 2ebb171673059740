"""After a store is uninstalled: its data are deleted on a stated day, and a receipt without any of them says so."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Delete, Select, Table, delete, select, tuple_, update
from sqlalchemy.orm import Session

from app.db import now
from app.log import get_logger
from app.models import Attempt, Base, Connection, Delivery, Store, StoreState, UninstallReceipt
from app.runtime import Runtime

PATH = "/receipts"
DAY = "%d %B %Y"
PORTION = 2000  # rows a transaction

log = get_logger()


@dataclass(frozen=True)
class Receipt:
    """What its page says."""

    store_hash: str
    uninstalled_at: datetime
    tokens_ended_at: datetime | None
    delete_at: datetime
    deleted_at: datetime | None
    cancelled_at: datetime | None
    counts: dict[str, int]


def address(runtime: Runtime, store: Store) -> str:
    """Where the receipt of this installation will be once it is uninstalled."""
    return runtime.settings.absolute(f"{PATH}/{_code(store)}")


def write(runtime: Runtime, session: Session, store: Store) -> None:
    """Within the transaction that uninstalls a store, so that no data go without one."""
    days = int(runtime.settings.uninstall_days)
    session.add(
        UninstallReceipt(
            store_hash=store.store_hash,
            code_hash=_hashed(_code(store)),
            uninstalled_at=now(),
            delete_at=now() + timedelta(days=days),
        )
    )


def tokens_ended(session: Session, store_hash: str) -> None:
    """Nothing of what the store had authorised is left."""
    open_ones = (UninstallReceipt.store_hash == store_hash, UninstallReceipt.tokens_ended_at.is_(None))
    session.execute(update(UninstallReceipt).where(*open_ones).values(tokens_ended_at=now()))


def cancel(session: Session, store_hash: str) -> None:
    """The store was installed again before its day: its data stay."""
    pending = (UninstallReceipt.deleted_at.is_(None), UninstallReceipt.cancelled_at.is_(None))
    mine = UninstallReceipt.store_hash == store_hash
    session.execute(update(UninstallReceipt).where(mine, *pending).values(cancelled_at=now()))


def words(receipt: Receipt) -> str:
    """A receipt in one sentence."""
    rows = sum(receipt.counts.values())
    if receipt.cancelled_at is not None:
        deleted = f"{rows:,} rows had been deleted by then" if rows else "nothing was deleted"
        return f"installed again on {receipt.cancelled_at:{DAY}}; {deleted}."
    since = f"uninstalled on {receipt.uninstalled_at:{DAY}}"
    if receipt.deleted_at is not None:
        return f"{since}, all {rows:,} rows deleted on {receipt.deleted_at:{DAY}}."
    return f"{since}; all data will be deleted on {receipt.delete_at:{DAY}}."


def find(session: Session, code: str) -> Receipt | None:
    """The receipt of a code; None: there is none."""
    row = session.scalar(select(UninstallReceipt).where(UninstallReceipt.code_hash == _hashed(code)))
    return _receipt(row) if row is not None else None


def listed(session: Session, store_hash: str = "") -> list[Receipt]:
    """All receipts, or those of one store, the newest first."""
    query = select(UninstallReceipt).order_by(UninstallReceipt.id.desc())
    wanted = query.where(UninstallReceipt.store_hash == store_hash) if store_hash else query
    return [_receipt(row) for row in session.scalars(wanted)]


def due() -> Select[int]:
    """The numbers of receipts whose day has come."""
    pending = (UninstallReceipt.deleted_at.is_(None), UninstallReceipt.cancelled_at.is_(None))
    return select(UninstallReceipt.id).where(*pending, UninstallReceipt.delete_at <= now())


def carry_out(runtime: Runtime, receipt_id: int) -> None:
    """Delete the store and everything below it, in portions; safe to run again after dying anywhere."""
    with runtime.database.reading() as session:
        receipt = session.get_one(UninstallReceipt, receipt_id)
        if receipt.deleted_at is not None or receipt.cancelled_at is not None:
            return
        gone = (Store.store_hash == receipt.store_hash, Store.state == StoreState.UNINSTALLED)
        store_id = session.scalar(select(Store.id).where(*gone))
    for table, portion in _portions(store_id) if store_id is not None else ():
        while number := _delete(runtime, receipt_id, store_id or 0, table.name, portion):
            log.info("deleted", receipt=receipt_id, table=table.name, rows=number)
    with runtime.database.transaction() as session:
        receipt = session.get_one(UninstallReceipt, receipt_id, with_for_update=True)
        if receipt.cancelled_at is None:
            receipt.deleted_at = now()


def _delete(runtime: Runtime, receipt_id: int, store_id: int, table: str, portion: Delete) -> int:
    with runtime.database.transaction() as session:
        # Whoever installs it again meanwhile waits here, or is waited for, and keeps what is left.
        store = session.get(Store, store_id, with_for_update=True)
        if store is None or store.state != StoreState.UNINSTALLED:
            return 0
        number = int(session.execute(portion).rowcount)  # type: ignore[attr-defined]  # of a DELETE
        if number:
            receipt = session.get_one(UninstallReceipt, receipt_id)
            receipt.counts = {**receipt.counts, table: receipt.counts.get(table, 0) + number}
        return number


def _portions(store_id: int) -> Iterator[tuple[Table, Delete]]:
    """A DELETE of some rows per table, those that refer to others first; the store itself is the last."""
    for table in reversed(Base.metadata.sorted_tables):
        mine = _belongs(table, store_id)
        if mine is not None:
            key = tuple_(*table.primary_key.columns)
            some = select(*table.primary_key.columns).where(mine).limit(PORTION)
            yield table, delete(table).where(key.in_(some))


def _belongs(table: Table, store_id: int) -> ColumnElement[bool] | None:
    """Whether a row is below this store; None for tables that belong to no store."""
    columns = table.columns
    if table.name == Store.__tablename__:
        return columns.id == store_id
    if "store_id" in columns:
        return columns.store_id == store_id
    if "connection_id" in columns:
        return columns.connection_id.in_(select(Connection.id).where(Connection.store_id == store_id))
    if table.name == Attempt.__tablename__:
        return columns.delivery_id.in_(select(Delivery.id).where(Delivery.store_id == store_id))
    return None


def _code(store: Store) -> str:
    """Of one installation: the next one has another."""
    told = f"receipt:{store.installed_at.isoformat()}"
    return hmac.new(store.salt.encode(), told.encode(), hashlib.sha256).hexdigest()[:32]


def _hashed(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def _receipt(row: UninstallReceipt) -> Receipt:
    return Receipt(
        row.store_hash, row.uninstalled_at, row.tokens_ended_at, row.delete_at, row.deleted_at, row.cancelled_at,
        dict(row.counts),
    )  # fmt: skip
