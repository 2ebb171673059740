"""From a commit to events: what the journal says has changed goes to the log, unencoded."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from app.sandbox.salesforce.events.avro import milliseconds
from app.sandbox.salesforce.events.bus import Entry
from app.sandbox.salesforce.events.change_shape import ChangeShape
from app.sandbox.salesforce.events.changes import Change, Gap, Transaction
from app.sandbox.salesforce.events.feeds import Feed
from app.sandbox.salesforce.events.platform import Published
from app.sandbox.salesforce.events.platform_shape import EventShape
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.store import Row, Table, Undo

_CLIENT = re.compile(r"(?:^|[,;\s])client=([^,;\s]+)", re.IGNORECASE)


@dataclass(frozen=True)
class Caller:
    """Who commits, by which API."""

    user_id: str
    origin: str = ""  # empty: by hand


def origin(api: str, version: str, call_options: str = "") -> str:
    """The changeOrigin of a call; the client's name only if it gave one."""
    named = _CLIENT.search(call_options)
    return f"com/salesforce/api/{api}/{version}" + (f";client={named[1]}" if named else "")


def commit(org: Org, caller: Caller) -> None:
    """Make what was written final and tell subscribers."""
    journal = org.db.take()
    if journal:
        publish(org, _entries(org, begin(org, caller), journal))


def begin(org: Org, caller: Caller) -> Transaction:
    """A transaction with its key and number."""
    org.bus.commits += 1
    at = milliseconds(org.now())
    key = str(uuid.uuid4())
    return Transaction(key, org.bus.commits, at, caller.user_id, caller.origin, org.switches.cdc_differences)


def publish(org: Org, entries: list[Entry]) -> int:
    """Add to the log; the position of the first."""
    return org.bus.append(entries) if entries else org.bus.end


def _net(journal: list[Undo]) -> Iterator[tuple[Table, str, Row | None, Row | None]]:
    """Each record once, with its live and deleted row as they were before."""
    seen: set[tuple[str, str]] = set()
    for table, row_id, live, binned in journal:
        if (table.name, row_id) not in seen:
            seen.add((table.name, row_id))
            yield table, row_id, live, binned


def _type(before: Row | None, binned: Row | None, after: Row | None) -> str | None:
    if before is not None:
        return None if after is before else "DELETE" if after is None else "UPDATE"
    if after is None:
        return None
    return "CREATE" if binned is None else "UNDELETE"


def _entries(org: Org, transaction: Transaction, journal: list[Undo]) -> list[Entry]:
    entries: list[Entry] = []
    now = org.now()
    for table, row_id, before, binned in _net(journal):
        after = table.rows.get(row_id)
        kind = _type(before, binned, after)
        feed = org.feed(table.name) if kind else None
        if kind is None or feed is None:
            continue
        if isinstance(feed.shape, EventShape):
            table.rows.pop(row_id, None)
            entries.append(Entry(feed.topics, now, Published(feed.shape, after or {})))
        else:
            sequence = len(entries) + 1
            change = Change(transaction, sequence, feed, feed.shape, kind, row_id, before, after)
            entries.append(Entry(feed.topics, now, change))
    return entries


def announce_gap(org: Org, entity: str, kind: str, ids: list[str]) -> bool:
    """A gap or overflow event; False when nobody could hear it."""
    feed: Feed | None = org.feed(entity)
    if feed is None or not isinstance(feed.shape, ChangeShape):
        return False
    transaction = begin(org, Caller(next(iter(org.db.tables["User"].rows))))
    content = Gap(transaction, 1, feed.shape, kind, tuple(ids))
    publish(org, [Entry(feed.topics, org.now(), content)])
    return True
