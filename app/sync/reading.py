"""Records of the store as they are now; our own copies of them are refreshed on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from app.connectors.base import Source
from app.db import now
from app.domain import Order, Record
from app.errors import Misconfigured, Reauthorize, Rejected, Retryable, StorelineError
from app.runtime import Runtime
from app.sync import backfills, breaker, copies, deliveries, erased, links
from app.sync.deliveries import Batch

# A notice may come before the change it tells of is visible under a later modification time.
MARGIN = timedelta(minutes=2)
STORE_WAIT = timedelta(minutes=10)  # until a store that refused us is asked again; installing it again ends the wait


def of_batch(
    runtime: Runtime, batch: Batch, source: Source, ids: Sequence[str]
) -> tuple[dict[str, Record | None], dict[str, Rejected]]:
    """The records of a batch. Those of history did not just change, and were shipped long ago."""
    own = (runtime, batch.store_id, source, batch.kind)
    if batch.priority < deliveries.HISTORY:
        return read(*own, ids, batch.oldest - MARGIN)
    records, unreadable = read(*own, ids, parcels_since=backfills.parcels_since(runtime, batch.deliveries))
    bare = [one.id for one in records.values() if isinstance(one, Order) and not one.parcels_known]
    with runtime.database.reading() as session:
        linked = links.states(session, batch.connection_id, [(batch.kind, one) for one in bare])
    if linked:  # what people there see of their parcels is compared
        more, odd = read(*own, [our_id for _, our_id in linked])
        return {**records, **more}, {**unreadable, **odd}
    return records, unreadable


def read(
    runtime: Runtime,
    store_id: int,
    source: Source,
    kind: str,
    ids: Sequence[str],
    changed_since: datetime | None = None,
    parcels_since: datetime | None = None,
) -> tuple[dict[str, Record | None], dict[str, Rejected]]:
    """Records by the id they were asked by (None: gone), and apart from them what cannot be read.

    That the store does not let us in is no fault of the records, nor of the CRM's connection: raises Retryable.
    """
    fetched = erased.hold_back(
        runtime, store_id, _fetch(runtime, store_id, source, kind, ids, changed_since, parcels_since)
    )
    records = {key: one for key, one in fetched.items() if not isinstance(one, Rejected)}
    unreadable = {key: one for key, one in fetched.items() if isinstance(one, Rejected)}
    with runtime.database.transaction() as session:
        records = copies.with_parcels(session, store_id, records)
        copies.keep(session, store_id, (record for record in records.values() if record is not None))
        copies.forget(session, store_id, kind, (key for key, record in records.items() if record is None))
        return copies.enrich(session, store_id, records), unreadable


def _fetch(
    runtime: Runtime,
    store_id: int,
    source: Source,
    kind: str,
    ids: Sequence[str],
    changed_since: datetime | None,
    parcels_since: datetime | None,
) -> Mapping[str, Record | Rejected | None]:
    try:
        return source.fetch_many(kind, ids, changed_since=changed_since, parcels_since=parcels_since)
    except (Reauthorize, Misconfigured) as error:
        if isinstance(error, Reauthorize) and _lets_us_in(source):
            raise Retryable(error.message, code=error.code, status=error.status) from error
        breaker.store_refused(runtime, store_id, error)
        words = "BigCommerce does not let us read the store; open Storeline in the control panel to grant access."
        raise Retryable(words, code=error.code, status=error.status, retry_after=now() + STORE_WAIT) from error


def _lets_us_in(source: Source) -> bool:
    """Whether the store takes our token after all: one refusal among good answers is no word about it."""
    try:
        source.check()
    except StorelineError:
        return False
    return True
