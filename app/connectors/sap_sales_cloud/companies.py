"""Companies of the store as corporate accounts."""

from __future__ import annotations

import textwrap
from typing import Any

from app.connectors.base import Flag
from app.connectors.sap_sales_cloud import names
from app.connectors.sap_sales_cloud.addresses import postal
from app.connectors.sap_sales_cloud.batch import Operation
from app.connectors.sap_sales_cloud.facts import ACTIVE, Facts
from app.connectors.sap_sales_cloud.lookup import Found, Wants, identifications, is_active
from app.connectors.sap_sales_cloud.odata import Row, clean, path, set_name, version
from app.connectors.sap_sales_cloud.people import DELETED, Context, changed
from app.connectors.sap_sales_cloud.steps import Change, Job, Plan, place_of
from app.domain import Company, CompanyStatus
from app.domain.customer import fold

NAMES = ("Name", "AdditionalName", "AdditionalName2", "AdditionalName3")  # 40 characters each
_LINE = 40
_BARRED = (CompanyStatus.REJECTED, CompanyStatus.INACTIVE)


def want(job: Job, company: Company, facts: Facts, into: Wants) -> None:
    """The linked account, or what may be the company."""
    place = job.place("company", company.id)
    if place is not None:
        into.add(names.ACCOUNT, "ObjectID", place.ref.id)
    into.uuid(names.ACCOUNT, facts.uuid("company", company.id))
    if facts.id_type:
        into.add(names.ACCOUNT_KEY, "IDNumber", _external(company, facts))
    into.add(names.ACCOUNT, "Name", name_lines(company.name)["Name"])


def plan(company: Company, context: Context) -> Plan:
    """Link first, then our key, then the only account of this name and e-mail or postal code."""
    planned, job, facts = Plan(), context.job, context.facts
    key = ("company", company.id)
    place = job.place(*key)
    if key in job.write.gone:
        return planned
    row = _linked(company, context)
    if row is None and place is not None:
        planned.gone.add(key)
        words = f"{company.name} was made obsolete in SAP; the account is not made again."
        planned.flags.append(Flag(DELETED, words))
        return planned
    theirs = _alike(company, context.found, facts) if row is None else None
    row = row or theirs
    if row is None:
        planned.changes.append(_creation(company, context))
        return planned
    there = planned.made[key] = place_of(names.ACCOUNT, row)
    operations = _claim(company, row, facts)
    patch = changed(names.ACCOUNT, body(company, facts, job.dropped), row, facts)
    if context.is_shared and job.meets(key, row, company.id):
        planned.met.add(key, is_ours=theirs is None and facts.is_untouched(row))
    elif patch:
        operations.insert(0, Operation("PATCH", path(names.ACCOUNT, there.ref.id), patch, version(row)))
    if operations:
        identity = f"company:{company.id}"
        planned.changes.append(Change(identity, names.ACCOUNT, tuple(operations), place=there, makes=(key,)))
    return planned


def body(company: Company, facts: Facts, dropped: set[str]) -> dict[str, Any]:
    """A company's properties; what the store does not know is left as it is there."""
    row = {
        **name_lines(company.name),
        "Email": company.email.strip(),
        "Phone": (company.phone or company.address.phone).strip(),
        **postal(company.address, facts),
    }
    if company.status in _BARRED and facts.code("blocked"):
        row["LifeCycleStatusCode"] = facts.code("blocked")
    return {name: clean(value) for name, value in row.items() if value and name not in dropped}


def name_lines(name: str) -> dict[str, str]:
    """A long name over the four lines that an account has for it."""
    lines = textwrap.wrap(" ".join(name.split()), _LINE) or [names.UNKNOWN]
    return dict(zip(NAMES, lines, strict=False))


def read_name(row: Row) -> str:
    """The name over all of its lines."""
    return " ".join(filter(None, (str(row.get(line) or "") for line in NAMES)))


def _external(company: Company, facts: Facts) -> str:
    return facts.external_id(f"company-{company.id}")


def _linked(company: Company, context: Context) -> Row | None:
    found, facts = context.found, context.facts
    place = context.job.place("company", company.id)
    at_place = found.by_id(names.ACCOUNT, place.ref.id) if place is not None else None
    numbers = found.where(names.ACCOUNT_KEY, "IDNumber", _external(company, facts))
    parents = (found.by_id(names.ACCOUNT, str(n.get("ParentObjectID"))) for n in numbers)
    uuid = facts.uuid("company", company.id)
    candidates = (at_place, *found.where(names.ACCOUNT, "UUID", uuid), *parents)
    return next((row for row in candidates if row is not None and is_active(names.ACCOUNT, row)), None)


def _alike(company: Company, found: Found, facts: Facts) -> Row | None:
    """Two companies of a store are two, whatever they have in common."""
    named = found.where(names.ACCOUNT, "Name", name_lines(company.name)["Name"])
    email, postal_code = fold(company.email), fold(company.address.postal_code)
    alike = [
        row
        for row in named
        if is_active(names.ACCOUNT, row)
        and not identifications(names.ACCOUNT, row, facts)
        and fold(read_name(row)) == fold(" ".join(company.name.split()))
        and ((email and email == fold(str(row.get("Email") or "")))
             or (postal_code and postal_code == fold(str(row.get("StreetPostalCode") or ""))))
    ]  # fmt: skip
    return alike[0] if len(alike) == 1 else None


def _claim(company: Company, row: Row, facts: Facts) -> list[Operation]:
    if not facts.id_type or _external(company, facts) in identifications(names.ACCOUNT, row, facts):
        return []
    made = {"IDTypeCode": facts.id_type, "IDNumber": _external(company, facts)}
    child = facts.schema.created(names.ACCOUNT_KEY, made) | {"ParentObjectID": row["ObjectID"]}
    return [Operation("POST", set_name(names.ACCOUNT_KEY), child)]


def _creation(company: Company, context: Context) -> Change:
    facts = context.facts
    made = {"RoleCode": facts.role, "LifeCycleStatusCode": ACTIVE, **body(company, facts, context.job.dropped)}
    made |= context.owner("account")
    uuid = facts.uuid("company", company.id)
    if not context.found.where(names.ACCOUNT, "UUID", uuid):
        made["UUID"] = uuid
    if facts.id_type:
        made[names.ACCOUNT_KEY] = [{"IDTypeCode": facts.id_type, "IDNumber": _external(company, facts)}]
    operation = Operation("POST", set_name(names.ACCOUNT), facts.schema.created(names.ACCOUNT, made))
    return Change(f"company:{company.id}", names.ACCOUNT, (operation,), makes=(("company", company.id),))
