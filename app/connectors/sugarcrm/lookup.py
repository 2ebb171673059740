"""One bulk of filters that finds what may already be in the instance."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.connectors.sugarcrm.addresses import has_email
from app.connectors.sugarcrm.client import Client, Request, filtered
from app.connectors.sugarcrm.facts import Facts
from app.connectors.sugarcrm.schema import (
    ACCOUNTS,
    CATEGORIES,
    CONTACTS,
    LEADS,
    OPPORTUNITIES,
    QUOTES,
    RLIS,
    TEMPLATES,
)

Row = dict[str, Any]

KEY, EMAIL = "key", "email"  # conditions that are not merely a field
CHUNK = 200  # values a filter
_EDITOR = "modified_user_id"
FIELDS: Mapping[str, tuple[str, ...]] = {
    ACCOUNTS: ("name", "email", _EDITOR),
    CONTACTS: ("account_id", "email", _EDITOR),
    LEADS: ("email", "status", "converted", "contact_id", "account_id", _EDITOR),
    OPPORTUNITIES: ("name",),
    RLIS: ("opportunity_id", "name", "likely_case"),
    TEMPLATES: ("mft_part_num", "name", _EDITOR),
    CATEGORIES: ("name", "parent_id"),
    QUOTES: ("opportunity_id",),
}


@dataclass
class Wants:
    """What to look for: module -> field -> values."""

    values: dict[str, dict[str, dict[str, None]]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(dict))
    )

    def add(self, module: str, name: str, *values: str) -> None:
        """Look for records of a module by a field, by KEY or by EMAIL."""
        self.values[module][name].update(dict.fromkeys(value for value in values if value))

    def record(self, module: str, our_id: str, facts: Facts) -> None:
        """Look for one record of ours: by its key, and by the id that we chose for it."""
        self.add(module, KEY, facts.key(our_id))
        self.add(module, "id", facts.new_id(module, our_id))


@dataclass
class Found:
    """What is there, the oldest first."""

    rows: dict[str, dict[str, Row]] = field(default_factory=lambda: defaultdict(dict))  # module -> id -> record

    def by_id(self, module: str, record_id: str) -> Row | None:
        """The record with an id."""
        return self.rows[module].get(record_id)

    def record(self, module: str, our_id: str, facts: Facts) -> Row | None:
        """A record of ours: by its key, else by the id that we chose, unless somebody gave that another key."""
        key, rows = facts.key(our_id), self.rows[module].values()
        found = next((row for row in rows if key in facts.keys_of(module, row)), None)
        chosen = self.by_id(module, facts.new_id(module, our_id))
        return found or (chosen if chosen and not facts.keys_of(module, chosen) else None)

    def having(self, module: str, name: str, value: str) -> list[Row]:
        """Records with a value, in any case."""
        rows = self.rows[module].values()
        if name == EMAIL:
            return [row for row in rows if has_email(row, value)]
        return [row for row in rows if str(row.get(name) or "").casefold() == value.casefold()]


def find(client: Client, wants: Wants, facts: Facts, found: Found | None = None) -> Found:
    """All that is wanted, in one call as long as pages and bulks go."""
    found = found or Found()
    requests = [
        (module, request) for module in wants.values for request in _requests(module, wants.values[module], facts)
    ]
    answers = client.many([request for _, request in requests])
    for (module, request), answer in zip(requests, answers, strict=True):
        if answer.error is not None:
            raise answer.error
        for row in client.rows(request, answer):
            found.rows[module][str(row["id"])] = row
    return found


def _requests(module: str, wanted: Mapping[str, Mapping[str, None]], facts: Facts) -> Iterator[Request]:
    if facts.modules and module not in facts.modules:
        return
    fields = ("id", "date_entered", *FIELDS.get(module, ()), *facts.key_fields(module))
    conditions = [one for name, values in wanted.items() for one in _conditions(module, name, list(values), facts)]
    for start in range(0, len(conditions), CHUNK):
        yield filtered(module, [{"$or": conditions[start : start + CHUNK]}], fields)


def _conditions(module: str, name: str, values: list[str], facts: Facts) -> Iterator[Row]:
    if name == EMAIL:  # the pseudo field takes one address
        yield from ({EMAIL: value} for value in values)
        return
    for start in range(0, len(values), CHUNK):
        part = values[start : start + CHUNK]
        yield from ({one: {"$in": part}} for one in (facts.key_fields(module) if name == KEY else (name,)))
