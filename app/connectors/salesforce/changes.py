"""What changed in an org, by the clock of its SystemModstamp: page after page, deletions included."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.connectors.base import Changes, Ref, Seen
from app.connectors.salesforce.client import Client, Row
from app.connectors.salesforce.errors import translate
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.reading import INWARD
from app.connectors.salesforce.values import literal
from app.errors import Unsupported

PAGE = 500  # rows of one object
OVERLAP = timedelta(minutes=2)  # a transaction's rows may become visible this long after their time
# A price is a record of its own; whose change is its product's.
_SOURCES = {"Product2": (("Product2", "Id"), ("PricebookEntry", "Product2Id"))}


@dataclass(frozen=True)
class _Position:
    """How far an object has been read: all before this time, and of this time all up to this id.

    `since` is where its first page began: once all are read, what became visible late is looked for from there on.
    """

    at: datetime
    id: str = ""
    since: datetime | None = None

    @property
    def start(self) -> datetime:
        return self.since or self.at

    @property
    def condition(self) -> str:
        stamp = self.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        if not self.id:
            return f"SystemModstamp >= {stamp}"
        return f"(SystemModstamp > {stamp} OR (SystemModstamp = {stamp} AND Id > {literal(self.id)}))"


def page(client: Client, facts: Facts, kind: str, cursor: str) -> Changes:
    """Changes after the cursor; those of the last minutes are told again."""
    if kind not in INWARD:
        raise Unsupported(f"Nothing of Salesforce's {kind} goes back to the store.")
    sources = _SOURCES.get(kind, ((kind, "Id"),))
    if not cursor:
        client.get(f"{client.base}/")  # for its clock
        return Changes((), _dump({name: _Position(client.clock) for name, _ in sources}))
    positions = _load(cursor, sources)
    pages = _query(client, facts, sources, positions)
    seen: dict[tuple[str, datetime], Seen] = {}
    for (name, key), rows in zip(sources, pages, strict=True):
        for row in rows:
            one = _seen(kind, key, row, facts)
            same = seen.setdefault((one.ref.id, one.modified_at), one)
            if same.is_echo:  # a product and its price of one second may be of two people
                seen[(one.ref.id, one.modified_at)] = one
        if len(rows) == PAGE:
            positions[name] = _Position(_stamp(rows[-1]), rows[-1]["Id"], positions[name].start)
        else:
            positions[name] = _Position(max(positions[name].start, client.clock - OVERLAP))
    ordered = tuple(sorted(seen.values(), key=lambda one: one.modified_at))
    return Changes(ordered, _dump(positions), more=any(len(rows) == PAGE for rows in pages))


def _query(
    client: Client, facts: Facts, sources: Sequence[tuple[str, str]], positions: Mapping[str, _Position]
) -> list[list[Row]]:
    queries = [_soql(name, key, positions[name], facts) for name, key in sources]
    if len(queries) == 1:
        return [client.query(queries[0], deleted=True)]
    requests = [
        {"method": "GET", "url": client.query_path(soql, deleted=True), "referenceId": f"q{number}"}
        for number, soql in enumerate(queries)
    ]
    answers = client.composite(requests)
    pages: list[list[Row]] = []
    for request in requests:
        answer = answers[request["referenceId"]]
        if answer["httpStatusCode"] >= 300:
            raise translate(answer["body"], answer["httpStatusCode"])
        pages.append(list(client.rows(answer["body"])))
    return pages


def _soql(name: str, key: str, position: _Position, facts: Facts) -> str:
    where = position.condition
    if name == "PricebookEntry":
        where += f" AND Pricebook2Id = {literal(facts.pricebook)}"
    fields = ", ".join(dict.fromkeys(("Id", key, "SystemModstamp", "LastModifiedById", "IsDeleted")))
    return f"SELECT {fields} FROM {name} WHERE {where} ORDER BY SystemModstamp, Id LIMIT {PAGE}"


def _seen(kind: str, key: str, row: Row, facts: Facts) -> Seen:
    # We delete nothing of these kinds, whoever touched it last.
    is_echo = bool(facts.user) and row["LastModifiedById"] == facts.user and not row["IsDeleted"]
    return Seen(Ref(kind, row[key]), _stamp(row), is_echo)


def _stamp(row: Row) -> datetime:
    return datetime.fromisoformat(row["SystemModstamp"])


def _dump(positions: Mapping[str, _Position]) -> str:
    return json.dumps({name: [one.at.isoformat(), one.id, one.start.isoformat()] for name, one in positions.items()})


def _load(cursor: str, sources: Sequence[tuple[str, str]]) -> dict[str, _Position]:
    kept: dict[str, Any] = json.loads(cursor)
    return {name: _position(*kept[name]) for name, _ in sources}


def _position(at: str, record_id: str, since: str = "") -> _Position:
    """As it was dumped; cursors of before have no third part."""
    return _Position(datetime.fromisoformat(at), record_id, datetime.fromisoformat(since) if since else None)
