"""Records of the store as they are now; our own copies of them are refreshed on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from app.connectors.base import Source
from app.db import now
from app.domain import Record
from app.errors import Misconfigured, Reauthorize, Rejected, Retryable
from app.runtime import Runtime
from app.sync import breaker, copies

STORE_WAIT = timedelta(minutes=10)  # until a store that refused us is asked again; installing it again ends the wait


def read(
    runtime: Runtime,
    store_id: int,
    source: Source,
    kind: str,
    ids: Sequence[str],
    changed_since: datetime | None = None,
) -> tuple[dict[str, Record | None], dict[str, Rejected]]:
    """Records by the id they were asked by (None: gone), and apart from them what cannot be read.

    That the store does not let us in is no fault of the records, nor of the CRM's connection: raises Retryable.
    """
    fetched = _fetch(runtime, store_id, source, kind, ids, changed_since)
    records = {key: one for key, one in fetched.items() if not isinstance(one, Rejected)}
    unreadable = {key: one for key, one in fetched.items() if isinstance(one, Rejected)}
    with runtime.database.transaction() as session:
        copies.keep(session, store_id, (record for record in records.values() if record is not None))
        copies.forget(session, store_id, kind, (key for key, record in records.items() if record is None))
        return copies.enrich(session, store_id, records), unreadable


def _fetch(
    runtime: Runtime, store_id: int, source: Source, kind: str, ids: Sequence[str], changed_since: datetime | None
) -> Mapping[str, Record | Rejected | None]:
    try:
        return source.fetch_many(kind, ids, changed_since=changed_since)
    except (Reauthorize, Misconfigured) as error:
        breaker.store_refused(runtime, store_id, error)
        words = "BigCommerce does not let us read the store; open Storeline in the control panel to grant access."
        raise Retryable(words, code=error.code, status=error.status, retry_after=now() + STORE_WAIT) from error
