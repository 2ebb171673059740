"""What people there changed: lists of changes by the tenant's clock, records as they are now, in our names."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.connectors.base import Changes, Key, Ref, Seen, Theirs
from app.connectors.sap_sales_cloud import companies, leads, names, orders, people, products
from app.connectors.sap_sales_cloud.addresses import postal, read_postal
from app.connectors.sap_sales_cloud.client import Client
from app.connectors.sap_sales_cloud.facts import Facts
from app.connectors.sap_sales_cloud.lookup import Found, Wants, identifications, is_active
from app.connectors.sap_sales_cloud.lookup import ask as look_up
from app.connectors.sap_sales_cloud.odata import Row, clean, moment, query, read_date, read_number, set_name
from app.domain import Company, Customer, Order, Product, Record
from app.domain.fields import Fields, price_text
from app.errors import Rejected

INWARD: Mapping[str, str] = {
    names.CUSTOMER: "customer",
    names.CONTACT: "customer",
    names.ACCOUNT: "company",
    names.LEAD: "lead",
    names.PRODUCT: "variant",
    names.ORDER: "order",
}
PAGE = 200
OVERLAP = timedelta(minutes=2)  # a change may become visible after a later one
_CLOCK = "EntityLastChangedOn"


# ---- what changed


@dataclass(frozen=True)
class Cursor:
    """From when on, and how many rows at once; `start` is where the first of these pages began."""

    since: datetime
    top: int = PAGE
    start: datetime | None = None

    @classmethod
    def read(cls, text: str) -> Cursor:
        kept = json.loads(text)
        since = datetime.fromisoformat(kept["since"])
        return cls(since, int(kept["top"]), datetime.fromisoformat(kept.get("start", kept["since"])))

    def to_json(self) -> str:
        start = self.start or self.since
        return json.dumps({"since": self.since.isoformat(), "top": self.top, "start": start.isoformat()})


def changes(client: Client, facts: Facts, kind: str, cursor: str) -> Changes:
    """A page of changed records. Pages go by time and not by number, for rows move to the end as they change.

    The next page begins with the last second of this one, which is told twice; where a single second fills a page,
    the next one is larger.
    """
    if not cursor:
        client.get("?$format=json")
        return Changes((), Cursor(_second(client.clock) - OVERLAP).to_json())
    at = Cursor.read(cursor)
    path = query(
        set_name(kind),
        filter=f"{_CLOCK} ge {moment(at.since)}",
        orderby=f"{_CLOCK} asc",
        top=str(at.top),
        format="json",
    )
    found = list(client.all(path))
    told = tuple(Seen(Ref(kind, str(row["ObjectID"])), modified_at(row), is_echo(row, facts)) for row in found)
    if len(found) < at.top:
        # What became visible late may be older than the last page.
        return Changes(told, Cursor(max(at.start or at.since, _second(client.clock) - OVERLAP)).to_json())
    last = _second(max(map(modified_at, found)))
    following = Cursor(last, start=at.start) if last > at.since else Cursor(at.since, at.top * 2, at.start)
    return Changes(told, following.to_json(), more=True)


def modified_at(row: Row) -> datetime:
    """When the record or a part of it was changed last."""
    return read_date(row.get(_CLOCK)) or datetime(1970, 1, 1, tzinfo=UTC)


def is_echo(row: Row, facts: Facts) -> bool:
    """Whether our own user changed it last."""
    return any(facts.is_ours(row.get(name)) for name in names.CHANGED_BY)


def _second(at: datetime) -> datetime:
    """Filters go by whole seconds."""
    return at.replace(microsecond=0)


# ---- what it is now


def read_many(client: Client, facts: Facts, kind: str, ids: Sequence[str]) -> dict[str, Theirs | Rejected | None]:
    """Records by id; None: gone or obsolete, with no active record in its place."""
    wants = Wants()
    wants.add(kind, "ObjectID", *ids)
    found = look_up(client, wants, facts)
    there = {one: found.by_id(kind, one) for one in ids}
    ended = {one: row for one, row in there.items() if row is not None and not is_active(kind, row)}
    winners = _winners(client, facts, kind, ended)
    answer: dict[str, Theirs | Rejected | None] = {}
    for one, row in there.items():
        if one in ended:
            answer[one] = _theirs(kind, *winners[one], facts, merged=True) if one in winners else None
        else:
            answer[one] = _theirs(kind, kind, row, facts) if row is not None else None
    return answer


def read_fields(kind: str, row: Row, facts: Facts) -> dict[str, str]:
    """Our names for what a record there says."""
    match kind:
        case names.CUSTOMER:
            return {**_person(row), "company": _text(row, "CareOfName"), **read_postal(row, facts)}
        case names.CONTACT:
            return _person(row)
        case names.LEAD:
            return leads.read(row)
        case names.ACCOUNT:
            return {
                "name": companies.read_name(row),
                "email": _text(row, "Email"),
                "phone": _text(row, "Phone"),
                **read_postal(row, facts),
            }
        case names.PRODUCT:
            extended = _extended(row, names.PRODUCT, ("price", "stock"), facts)
            if extended.get("price"):
                extended["price"] = price_text(read_number(extended["price"]), facts.currency)
            return {"name": _text(row, "Description"), **extended}
        case _:
            return _extended(row, names.ORDER, ("status", "tracking_number", "carrier"), facts)


def shown(record: Record, facts: Facts) -> dict[Key, Fields]:
    """What read_fields() gives of a record that has just been written."""
    schema = facts.schema
    match record:
        case Customer():
            kind = names.CONTACT if record.company_id else names.CUSTOMER
            row = schema.created(kind, _written(record, kind, facts))
            lead = schema.created(names.LEAD, {name: clean(value) for name, value in leads.person(record).items()})
            return {
                ("customer", record.id): read_fields(kind, row, facts),
                ("lead", record.id): read_fields(names.LEAD, lead, facts),
            }
        case Company():
            row = schema.created(names.ACCOUNT, companies.body(record, facts, set()))
            return {("company", record.id): read_fields(names.ACCOUNT, row, facts)}
        case Product():
            bodies = {one: schema.created(names.PRODUCT, products.body(one, facts)) for one in record.variants}
            return {("variant", one.id): read_fields(names.PRODUCT, row, facts) for one, row in bodies.items()}
        case Order():
            given = read_fields(names.ORDER, schema.created(names.ORDER, orders.extensions(record, facts)), facts)
            return {("order", record.id): given} if given else {}
    return {}


def _written(customer: Customer, kind: str, facts: Facts) -> dict[str, str]:
    row = people.person(customer)
    if kind == names.CUSTOMER:
        row |= {**postal(customer.billing, facts), "CareOfName": customer.company.strip()}
    return {name: clean(value) for name, value in row.items()}


def _theirs(kind: str, entity: str, row: Row, facts: Facts, *, merged: bool = False) -> Theirs:
    ref = Ref(entity, str(row["ObjectID"]))
    return Theirs(
        ref=ref,
        fields=read_fields(entity, row, facts),
        modified_at=modified_at(row),
        is_echo=is_echo(row, facts),
        merged_into=ref if merged else None,
        store_id=_store_id(entity, row, facts),
    )


def _store_id(entity: str, row: Row, facts: Facts) -> str:
    extension = facts.extension(entity, "key")
    external = [*identifications(entity, row, facts), *([_text(row, extension)] if extension else [])]
    if entity == names.ORDER:
        external = [_text(row, "BuyerID")]
    ids = (facts.our_id(one).removeprefix("company-") for one in external)
    return next(filter(None, ids), "")


def _winners(client: Client, facts: Facts, kind: str, ended: Mapping[str, Row]) -> dict[str, tuple[str, Row]]:
    """What took the place of obsolete records: the only active one with the same identification or e-mail.

    SAP does not tell whom a record was merged into.
    """
    if not ended or kind not in (names.CUSTOMER, names.CONTACT, names.ACCOUNT):
        return {}
    wants = Wants()
    for row in ended.values():
        wants.add(kind, "Email", *people.spellings(_text(row, "Email")))
        if kind in names.KEYS and facts.id_type:
            wants.add(names.KEYS[kind], "IDNumber", *identifications(kind, row, facts))
    found = look_up(client, wants, facts)
    winners = {}
    for one, row in ended.items():
        alive = [*_by_number(kind, row, found, facts), *found.where(kind, "Email", _text(row, "Email"))]
        active = {str(other["ObjectID"]): other for other in alive if is_active(kind, other)}
        if len(active) == 1:
            winners[one] = (kind, next(iter(active.values())))
    return winners


def _by_number(kind: str, row: Row, found: Found, facts: Facts) -> list[Row]:
    if kind not in names.KEYS:
        return []
    numbers = identifications(kind, row, facts)
    children = [child for number in numbers for child in found.where(names.KEYS[kind], "IDNumber", number)]
    parents = (found.by_id(kind, _text(child, "ParentObjectID")) for child in children)
    return [parent for parent in parents if parent is not None]


def _person(row: Row) -> dict[str, str]:
    return {
        "first_name": _text(row, "FirstName"),
        "last_name": _text(row, "LastName"),
        "email": _text(row, "Email"),
        "phone": _text(row, "Phone"),
    }


def _extended(row: Row, entity: str, words: Sequence[str], facts: Facts) -> dict[str, str]:
    fields = {word: facts.extension(entity, word) for word in words}
    return {word: _text(row, name) for word, name in fields.items() if name}


def _text(row: Row, name: str) -> str:
    return str(row.get(name) or "").strip()
