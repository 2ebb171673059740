"""Leads: carts that nobody has paid, and people who registered and have not bought."""

from __future__ import annotations

from typing import Any

from app.connectors.base import Flag, Key, Known
from app.connectors.sap_sales_cloud import names
from app.connectors.sap_sales_cloud.addresses import postal
from app.connectors.sap_sales_cloud.batch import Operation
from app.connectors.sap_sales_cloud.facts import Facts
from app.connectors.sap_sales_cloud.lookup import Found, Wants
from app.connectors.sap_sales_cloud.odata import Row, clean, literal, number, path, set_name, version
from app.connectors.sap_sales_cloud.people import DELETED, changed, last_name
from app.connectors.sap_sales_cloud.steps import Change, Job, Plan, contact_id, party_id, place_of
from app.domain import Cart, Customer

CONVERTED = ("converted",)  # below a lead's place: it is won, its customer named, nothing more is to be done with it
_EXTERNAL = 35
_PERSON = (
    "IndividualCustomerGivenName", "IndividualCustomerFamilyName", "IndividualCustomerEMail", "IndividualCustomerPhone",
)  # fmt: skip
_FALLBACK = {"lead_won": "03", "lead_lost": "04"}  # where the list of codes could not be read


def want(job: Job, key: Key, facts: Facts, into: Wants) -> None:
    """Read what is linked; after a failed attempt it may be there."""
    place = job.place(*key)
    if place is not None and place.ref.kind == names.LEAD:
        into.add(names.LEAD, "ObjectID", place.ref.id)
    elif place is None:
        name, value = _external(key, facts)
        if name:
            into.add(names.LEAD, name, value)


def find(job: Job, key: Key, found: Found, facts: Facts) -> Row | None:
    """The lead there."""
    place = job.place(*key)
    if place is not None:
        return found.by_id(names.LEAD, place.ref.id)
    name, value = _external(key, facts)
    return next(iter(found.where(names.LEAD, name, value)), None) if name else None


def cart(record: Cart, job: Job, found: Found, facts: Facts) -> Plan:
    """The lead of a cart that is still open."""
    lines = "\n".join(f"{line.quantity} x {line.name} ({line.sku})" for line in record.lines)
    body = {
        "Name": f"Cart of {record.buyer.name}",
        "ExpectedRevenueAmount": number(record.amount),
        "ExpectedRevenueCurrencyCode": record.currency,
        "Note": lines,
        **_whom(record.buyer, job, facts),
    }
    return _write(job, ("cart", record.id), body, found, facts)


def registration(customer: Customer, job: Job, found: Found, facts: Facts, *, shared: bool) -> Plan:
    """The lead of somebody who registered. `shared`: what people there edit is compared before it is written over."""
    key = ("lead", customer.id)
    row = find(job, key, found, facts)
    if shared and row is not None and key not in job.write.gone and job.meets(key, row, customer.id):
        planned = Plan(made={key: place_of(names.LEAD, row)})
        planned.met.add(key, is_ours=facts.is_untouched(row))
        return planned
    body = {"Name": f"Registration of {customer.name}", **_whom(customer, job, facts)}
    return _write(job, key, body, found, facts)


def conversion(there: Known, makes: tuple[Key, ...]) -> Change:
    """SAP's own conversion, which answers with the opportunity that it made."""
    operation = Operation("POST", f"ConvertLeadToOpportunity?LeadObjectID={literal(there.ref.id)}", {})
    return Change(f"convert:{there.ref.id}", names.OPPORTUNITY, (operation,), makes=makes)


def closed(key: Key, there: Known, word: str, facts: Facts, party: Known | None = None) -> Change:
    """A lead at its end, `word` "lead_won" or "lead_lost"; won by an account or customer who is there now."""
    patch = {"UserStatusCode": facts.code(word) or _FALLBACK[word], "AccountPartyID": party_id(party)}
    body = {name: value for name, value in patch.items() if value and facts.schema.changes(names.LEAD, name)}
    operation = Operation("PATCH", path(names.LEAD, there.ref.id), body)
    is_over = word == "lead_won" and ("AccountPartyID" in body or key[0] != "cart")
    place = Known(there.ref, CONVERTED) if is_over else there
    return Change(f"lead:{there.ref.id}", names.LEAD, (operation,), place=place, makes=(key,))


def is_open(place: Known | None) -> bool:
    """Whether a lead waits for its order, or for the customer who placed it."""
    return place is not None and place.ref.kind == names.LEAD and place.children != CONVERTED


def _write(job: Job, key: Key, body: dict[str, Any], found: Found, facts: Facts) -> Plan:
    planned = Plan()
    row = find(job, key, found, facts)
    wanted = {name: clean(value) for name, value in body.items() if value and name not in job.dropped}
    if key in job.write.gone:
        return planned
    if row is None and job.place(*key) is not None:
        planned.gone.add(key)
        planned.flags.append(Flag(DELETED, f"The lead “{wanted['Name']}” was deleted in SAP; it is not made again."))
    elif row is None:
        name, value = _external(key, facts)
        owner = job.owner("lead") or facts.employee
        made = {**wanted, **({name: value} if name else {}), **({"OwnerPartyID": owner} if owner else {})}
        operation = Operation("POST", set_name(names.LEAD), facts.schema.created(names.LEAD, made))
        planned.changes.append(Change(f"lead:{'-'.join(key)}", names.LEAD, (operation,), makes=(key,)))
    else:
        place = planned.made[key] = place_of(names.LEAD, row)
        patch = changed(names.LEAD, wanted, row, facts)
        if patch:
            operation = Operation("PATCH", path(names.LEAD, place.ref.id), patch, version(row))
            planned.changes.append(Change(f"lead:{'-'.join(key)}", names.LEAD, (operation,), place=place, makes=(key,)))
    return planned


def _external(key: Key, facts: Facts) -> tuple[str, str]:
    """The property that holds our key, and the key; ("", "") where the tenant lets us write none."""
    our_id = f"{key[0]}-{key[1]}"
    extension = facts.extension(names.LEAD, "key")
    if extension:
        return extension, facts.external_id(our_id)
    if facts.schema.takes(names.LEAD, "ExternalID"):
        return "ExternalID", facts.external_id(our_id, _EXTERNAL)
    return "", ""


def _whom(customer: Customer, job: Job, facts: Facts) -> dict[str, Any]:
    """Somebody who is there by number, anybody else in words."""
    if party_id(job.party):
        return {"AccountPartyID": party_id(job.party), "ContactID": contact_id(job.party)}
    address = postal(customer.billing, facts)
    return {
        **person(customer),
        "IndividualCustomerAddressStreetName": address["Street"],
        "IndividualCustomerAddressCity": address["City"],
        "IndividualCustomerAddressPostalCode": address["StreetPostalCode"],
        "IndividualCustomerAddressCountry": address["CountryCode"],
        "IndividualCustomerAddressState": address["StateCode"],
        "Company": customer.company,
    }


def person(customer: Customer) -> dict[str, str]:
    """Somebody in words, as far as it can be read back."""
    return {
        "IndividualCustomerGivenName": customer.first_name,
        "IndividualCustomerFamilyName": last_name(customer),
        "IndividualCustomerEMail": customer.email,
        "IndividualCustomerPhone": customer.phone or customer.billing.phone,
    }


def read(row: Row) -> dict[str, str]:
    """The person of a lead in our names; of one that names its customer by number nothing is a lead's own."""
    if row.get("AccountPartyID"):
        return {}
    named = zip(("first_name", "last_name", "email", "phone"), _PERSON, strict=True)
    return {name: str(row.get(theirs) or "") for name, theirs in named}
