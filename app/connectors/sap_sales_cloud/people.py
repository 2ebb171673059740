"""Customers and guests: individual customers, or contacts of the company that they buy for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.connectors.base import Flag, Key, Known
from app.connectors.sap_sales_cloud import names
from app.connectors.sap_sales_cloud.addresses import postal
from app.connectors.sap_sales_cloud.batch import Operation
from app.connectors.sap_sales_cloud.facts import ACTIVE, Facts
from app.connectors.sap_sales_cloud.lookup import Found, Wants, claims_of, identifications, is_active, is_registered
from app.connectors.sap_sales_cloud.odata import Row, clean, is_same, path, set_name, version
from app.connectors.sap_sales_cloud.steps import Change, Job, Plan, is_complete, place_of
from app.domain import Customer
from app.domain.customer import fold

AMBIGUOUS, DELETED, RECREATED = "AMBIGUOUS_PERSON", "DELETED_THERE", "RECREATED"
BAD_EMAIL = "INVALID_EMAIL"
# What a new value makes untrue: our street has its house number in it, a state is a code or a county's name.
_SUPERSEDED = (("Street", "HouseNumber"), ("StateCode", "County"), ("County", "StateCode"))


@dataclass
class PersonPlan(Plan):
    """The changes of a person; `place` where it is there already."""

    place: Known | None = None


@dataclass(frozen=True)
class Context:
    """What is known while a person is planned."""

    job: Job
    found: Found
    facts: Facts
    switches: Mapping[str, bool] = field(default_factory=dict)

    @property
    def known(self) -> Mapping[Key, Known]:
        return self.job.known

    @property
    def is_shared(self) -> bool:
        """Whether what people there edit goes to the store, so that it is compared before it is written over."""
        return bool(self.switches.get("customer_edits"))

    def owner(self, word: str) -> dict[str, str]:
        """Who is to own what is made."""
        owner = self.job.owner(word)
        return {"OwnerID": owner} if owner and "OwnerID" not in self.job.dropped else {}


def want(job: Job, customer: Customer, facts: Facts, into: Wants, *, overwrite: bool) -> None:
    """What has to be looked up before this can be planned."""
    place = linked(customer, job.known)
    if place is not None and not is_read(job, place, overwrite=overwrite):
        return
    if place is not None:
        into.add(place.ref.kind, "ObjectID", place.ref.id)
    if customer.company_id and ("company", customer.company_id) not in job.known:
        into.uuid(names.ACCOUNT, facts.uuid("company", customer.company_id))
    ids = ids_of(customer)
    into.uuid(names.CUSTOMER, *(facts.uuid("customer", our_id) for our_id in ids))
    if facts.id_type:
        into.add(names.CUSTOMER_KEY, "IDNumber", *map(facts.external_id, ids))
    key = facts.extension(names.CONTACT, "key")
    if key:
        into.add(names.CONTACT, key, *map(facts.external_id, ids))
    for entity in (names.CUSTOMER, names.CONTACT):
        into.add(entity, "Email", *spellings(customer.email))


def is_read(job: Job, place: Known, *, overwrite: bool) -> bool:
    """Whether a linked person is looked at: to be written, to learn the number, or for an order, which is looked for.

    SAP takes orders of obsolete customers; and whom people there merged, their documents went along.
    """
    return overwrite or not is_complete(place) or job.write.kind == "order"


def spellings(email: str) -> set[str]:
    """An e-mail address as people may have typed it: whether a filter minds the case is not documented."""
    folded = fold(email)
    local, at, domain = folded.rpartition("@")
    locals_ = (local.upper(), local.capitalize(), local.title())
    return {email.strip(), folded, folded.upper(), *(f"{one}{at}{domain}" for one in locals_)}


def plan(customer: Customer, context: Context, *, overwrite: bool) -> PersonPlan:
    """Link first, then our key, then e-mail; who is incomplete is created but never overwritten."""
    job, key = context.job, ("customer", customer.id)
    planned = PersonPlan()
    place = linked(customer, context.known)
    if overwrite and key in job.write.gone:
        return planned
    if place is not None:
        row = there(place, context)
        if not is_read(job, place, overwrite=overwrite):
            planned.place = planned.made[key] = place
            return planned
        if row is not None:
            _adopt(customer, place.ref.kind, row, context, planned, overwrite=overwrite)
            return planned
        moved = choose(customer, context, planned)
        if overwrite and moved is None:
            _deleted(customer, planned)
            return planned
        planned.gone |= set() if moved else {key}
    found = choose(customer, context, planned)
    if found is not None:
        _adopt(customer, *found, context, planned, overwrite=overwrite)
        return planned
    if place is not None or key in job.write.gone or _was_there(customer, context):
        words = f"{customer.name} had been deleted or made obsolete in SAP; a sale made the record anew."
        planned.flags.append(Flag(RECREATED, words))
        planned.gone.discard(key)
    planned.changes.append(_creation(customer, context))
    return planned


def linked(customer: Customer, known: Mapping[Key, Known]) -> Known | None:
    """Where a person lives, under their own id or the guest's they were."""
    return next((known[("customer", i)] for i in ids_of(customer) if ("customer", i) in known), None)


def ids_of(customer: Customer) -> tuple[str, ...]:
    return (customer.id, *customer.aliases)


def there(place: Known, context: Context) -> Row | None:
    """The record at a place, unless it is gone or obsolete."""
    row = context.found.by_id(place.ref.kind, place.ref.id)
    return row if row is not None and is_active(place.ref.kind, row) else None


def _was_there(customer: Customer, context: Context) -> bool:
    """Whether what we made is obsolete now."""
    return bool(context.found.where(names.CUSTOMER, "UUID", context.facts.uuid("customer", customer.id)))


def company(customer: Customer, context: Context) -> str:
    """AccountID of the company that a customer buys for; "" if there is none that we know."""
    if not customer.company_id:
        return ""
    place = context.job.place("company", customer.company_id)
    if place is not None and place.children:
        return place.children[0]
    uuid = context.facts.uuid("company", customer.company_id)
    there = context.found.where(names.ACCOUNT, "UUID", uuid)
    return str(there[0]["AccountID"]) if there and is_active(names.ACCOUNT, there[0]) else ""


def _deleted(customer: Customer, planned: Plan) -> None:
    planned.gone.add(("customer", customer.id))
    words = f"{customer.name} was deleted or made obsolete in SAP; the record is not made again."
    planned.flags.append(Flag(DELETED, words))


# ---- who it is


def choose(customer: Customer, context: Context, planned: Plan) -> tuple[str, Row] | None:
    """The record of a person that is not linked: by our key, else the only unclaimed one with the e-mail."""
    mine = next(_by_key(customer, context), None)
    if mine is not None:
        return mine
    namesakes = [
        (entity, row)
        for entity in (names.CUSTOMER, names.CONTACT)
        for row in context.found.where(entity, "Email", customer.email)
        if is_active(entity, row) and (entity == names.CUSTOMER or row.get("AccountID"))
    ]
    free = [one for one in namesakes if customer.is_guest or not is_registered(*one, context.facts)]
    if len(namesakes) > 1 or len(free) < len(namesakes):
        words = f"{len(namesakes)} records in SAP match {customer.email}; merge them there."
        if not any(flag.code == AMBIGUOUS for flag in planned.flags):
            planned.flags.append(Flag(AMBIGUOUS, words))
    own = [one for one in free if not claims_of(*one, context.facts)]
    return next(iter([*own, *free]), None)


def _by_key(customer: Customer, context: Context) -> Iterator[tuple[str, Row]]:
    facts, found = context.facts, context.found
    extension = facts.extension(names.CONTACT, "key")
    for our_id in ids_of(customer):
        external = facts.external_id(our_id)
        rows = found.where(names.CUSTOMER, "UUID", facts.uuid("customer", our_id))
        numbers = found.where(names.CUSTOMER_KEY, "IDNumber", external)
        parents = (found.by_id(names.CUSTOMER, str(n.get("ParentObjectID"))) for n in numbers)
        candidates = [(names.CUSTOMER, row) for row in (*rows, *filter(None, parents))]
        if extension:
            candidates += [(names.CONTACT, row) for row in found.where(names.CONTACT, extension, external)]
        yield from (one for one in candidates if is_active(*one))


# ---- what is written


def _adopt(
    customer: Customer, entity: str, row: Row, context: Context, planned: PersonPlan, *, overwrite: bool
) -> None:
    """Somebody who is there: claimed by our key unless it is somebody else's, written only by the customer's own."""
    facts, key = context.facts, ("customer", customer.id)
    place = planned.place = place_of(entity, row)
    mine = set(map(facts.external_id, ids_of(customer)))
    claims = claims_of(entity, row, facts)
    others = any(claim not in mine for claim in claims) and not mine & set(claims)
    if others or not _can_tell(customer, entity, row, context):
        return  # used, neither claimed nor written
    planned.made[key] = place
    operations = _claim(customer, entity, row, context)
    is_met = context.is_shared and context.job.meets(key, row, *ids_of(customer))
    if is_met:
        planned.met.add(key, is_ours=_is_ours(customer, entity, row, facts))
    if overwrite:
        wanted = body(customer, entity, context)
        if is_met:
            wanted = {name: text for name, text in wanted.items() if name == facts.extension(entity, "key")}
        patch = changed(entity, wanted, row, facts)
        if patch:
            operations.insert(0, Operation("PATCH", path(entity, place.ref.id), patch, version(row)))
            place = place_of(entity, {**row, **patch})
            planned.place = planned.made[key] = place
    if operations:
        planned.changes.append(Change(_identity(customer, facts), entity, tuple(operations), place=place, makes=(key,)))


def _is_ours(customer: Customer, entity: str, row: Row, facts: Facts) -> bool:
    """Whether we made the record for this customer, and nobody else has changed it since."""
    ids = ids_of(customer)
    is_known = bool(set(map(facts.external_id, ids)) & set(claims_of(entity, row, facts)))
    is_known |= str(row.get("UUID", "")).casefold() in (facts.uuid("customer", our_id) for our_id in ids)
    return is_known and facts.is_untouched(row)


def _can_tell(customer: Customer, entity: str, row: Row, context: Context) -> bool:
    """Whether a record can be known to be no other store's: where customers cannot carry our id, only ours can."""
    facts = context.facts
    if entity != names.CUSTOMER or facts.id_type or facts.extension(entity, "key"):
        return True
    place = linked(customer, context.known)
    own = (facts.uuid("customer", our_id) for our_id in ids_of(customer))
    is_linked = place is not None and place.ref.id == row["ObjectID"]
    return is_linked or str(row.get("UUID") or "").casefold() in own


def _claim(customer: Customer, entity: str, row: Row, context: Context) -> list[Operation]:
    """Our id on the record: a guest's becomes the registered customer's, never the other way."""
    facts, child = context.facts, names.KEYS.get(entity, "")
    if not child or not facts.id_type:
        return []
    numbers = identifications(entity, row, facts)
    wanted = facts.external_id(customer.id)
    alias = next((facts.external_id(i) for i in customer.aliases if facts.external_id(i) in numbers), "")
    if wanted in numbers or (customer.is_guest and numbers):
        return []
    if alias:
        return [Operation("PATCH", path(child, numbers[alias]), {"IDNumber": wanted})]
    if str(row.get("UUID", "")).casefold() in (facts.uuid("customer", i) for i in ids_of(customer)) and not numbers:
        return []  # made by us, while the tenant had no such identification or somebody took it off
    made = {"ParentObjectID": row["ObjectID"], "IDTypeCode": facts.id_type, "IDNumber": wanted}
    return [Operation("POST", set_name(child), facts.schema.created(child, made) | {"ParentObjectID": row["ObjectID"]})]


def _creation(customer: Customer, context: Context) -> Change:
    facts = context.facts
    entity = names.CONTACT if company(customer, context) else names.CUSTOMER
    made = body(customer, entity, context) | {names.STATUS[entity]: ACTIVE}
    uuid = facts.uuid("customer", customer.id)
    if entity == names.CUSTOMER:
        made |= {"RoleCode": made.get("RoleCode", facts.role)} | context.owner("account")
        if not context.found.where(entity, "UUID", uuid):  # else an obsolete record keeps it
            made["UUID"] = uuid
        if facts.id_type:
            number = {"IDTypeCode": facts.id_type, "IDNumber": facts.external_id(customer.id)}
            made[names.CUSTOMER_KEY] = [number]
    elif context.owner("account"):
        made["ContactOwnerID"] = context.owner("account")["OwnerID"]
    operation = Operation("POST", set_name(entity), facts.schema.created(entity, made))
    return Change(_identity(customer, facts), entity, (operation,), makes=(("customer", customer.id),))


def _identity(customer: Customer, facts: Facts) -> str:
    return f"person:{facts.uuid('customer', customer.id)}"


def body(customer: Customer, entity: str, context: Context) -> dict[str, Any]:
    """A person's properties; what the store does not know is left as it is there, what it knew no more is emptied."""
    facts, dropped = context.facts, context.job.dropped
    gone = context.job.write.emptied.get(("customer", customer.id), frozenset())
    emptied = {names.PERSON[name] for name in gone if name in names.PERSON}
    row: dict[str, Any] = person(customer)
    if entity == names.CUSTOMER:
        row |= postal(customer.billing, facts)
        row["CareOfName"] = customer.company.strip()
        if context.switches.get("groups_as_account_type"):
            row["RoleCode"] = facts.roles.get(customer.group.casefold(), "")
    else:
        row["AccountID"] = company(customer, context)
    row |= _extensions(customer, entity, facts)
    return {name: clean(value) for name, value in row.items() if (value or name in emptied) and name not in dropped}


def person(customer: Customer) -> dict[str, str]:
    """What individual customers and contacts have in common."""
    return {
        "FirstName": customer.first_name.strip() if customer.last_name.strip() else "",
        "LastName": last_name(customer),
        "Email": customer.email.strip(),
        "Phone": (customer.phone or customer.billing.phone).strip(),
    }


def _extensions(customer: Customer, entity: str, facts: Facts) -> dict[str, str]:
    values = {"group": customer.group, "key": facts.external_id(customer.id)}
    names_ = {word: facts.extension(entity, word) for word in values}
    return {name: values[word] for word, name in names_.items() if name}


def content(customer: Customer, facts: Facts) -> dict[str, Any]:
    """All that would be sent of a customer, for the fingerprint."""
    values = (customer.first_name, last_name(customer), customer.email, customer.phone or customer.billing.phone)
    bonds = (customer.company, customer.company_id, customer.group, customer.has_ordered)
    return {"person": values, "bonds": bonds, "address": postal(customer.billing, facts)}


def last_name(customer: Customer) -> str:
    """SAP requires one: the only name there is, or what stands before the @."""
    local = customer.email.partition("@")[0].strip()
    return customer.last_name.strip() or customer.first_name.strip() or local or names.UNKNOWN


def changed(entity: str, body: Mapping[str, Any], row: Row, facts: Facts) -> dict[str, Any]:
    """Of a body what differs from the record there and can be changed."""
    updates = facts.schema.updated(entity, body)
    patch = {name: value for name, value in updates.items() if not is_same(value, row.get(name))}
    for ours, stale in _SUPERSEDED:
        if ours in patch and row.get(stale) and stale not in body:
            patch[stale] = ""
    return patch
