"""Their fields by our names: the same reading of a row that we write and of one that we are given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from app.connectors.countries import country_field
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.mappings import COMPANY_ID
from app.domain.fields import price_text

Row = Mapping[str, Any]

COMPANY = "company"  # an account that is a company of the store; all others are customers'
_NAMES = {
    "Contact": {"first_name": "FirstName", "last_name": "LastName", "email": "Email", "phone": "Phone"},
    "Lead": {
        "first_name": "FirstName", "last_name": "LastName", "email": "Email", "phone": "Phone", "company": "Company",
    },
    "Account": {"company": "Name"},
    COMPANY: {"name": "Name", "phone": "Phone"},
    "PersonAccount": {
        "first_name": "FirstName", "last_name": "LastName", "email": "PersonEmail", "phone": "Phone",
    },
    "Product2": {"name": "Name", "stock": "BC_Stock__c"},
    "Order": {"status": "BC_Status__c", "tracking_number": "BC_Tracking_Number__c", "carrier": "BC_Carrier__c"},
}  # fmt: skip
_ADDRESSES = {"Lead": "", "Account": "Billing", COMPANY: "Billing", "PersonAccount": "Billing"}
_OBJECTS = {COMPANY: "Account", "PersonAccount": "Account"}


def names(form: str, facts: Facts) -> dict[str, str]:
    """Our names of what a form of record holds, and theirs; what is hidden there does not travel."""
    sobject = _OBJECTS.get(form, form)
    return {ours: theirs for ours, theirs in _NAMES[form].items() if facts.has(f"{sobject}.{theirs}")}


def columns(sobject: str, facts: Facts) -> list[str]:
    """All fields of an object that have to be read."""
    forms = [form for form in _NAMES if _OBJECTS.get(form, form) == sobject]
    forms = [form for form in forms if form != "PersonAccount" or facts.person_accounts]
    found = {theirs for form in forms for theirs in names(form, facts).values()}
    found |= {name for form in forms if form in _ADDRESSES for name in _address(_ADDRESSES[form], facts).values()}
    return sorted(found)


def account_form(row: Row, facts: Facts) -> str:
    """What an account is to us."""
    if facts.is_ours(row.get(COMPANY_ID) or ""):
        return COMPANY
    return "PersonAccount" if facts.person_accounts and row.get("IsPersonAccount") else "Account"


def fields(form: str, row: Row, facts: Facts) -> dict[str, str]:
    """What a row holds, by our names."""
    found = {ours: _text(row.get(theirs)) for ours, theirs in names(form, facts).items()}
    if form in _ADDRESSES:
        found |= _postal(_ADDRESSES[form], row, facts)
    return found


def blanks(form: str, ours: Iterable[str], facts: Facts) -> dict[str, None]:
    """The columns of some of our fields, emptied."""
    own = names(form, facts) | (_address(_ADDRESSES[form], facts) if form in _ADDRESSES else {})
    columns_ = (own.get("street" if name.startswith("street_") else name) for name in ours)
    return {name: None for name in columns_ if name is not None}


def price(amount: Any, currency: str) -> dict[str, str]:
    """A standard price; none: nothing to compare."""
    return {} if amount is None else {"price": price_text(Decimal(str(amount)), currency)}


def _address(prefix: str, facts: Facts) -> dict[str, str]:
    parts = {"street": "Street", "city": "City", "postal_code": "PostalCode"}
    code = "Code" if facts.state_codes else ""
    parts |= {"state": f"State{code}", "country_code": f"Country{code}"}
    sobject = "Account" if prefix == "Billing" else "Lead"
    plain = {ours: f"{prefix}{part}" for ours, part in parts.items()}
    return {ours: name for ours, name in plain.items() if facts.has(f"{sobject}.{name}")}


def _postal(prefix: str, row: Row, facts: Facts) -> dict[str, str]:
    found = {ours: _text(row.get(theirs)) for ours, theirs in _address(prefix, facts).items()}
    if "street" in found:
        first, _, second = found.pop("street").replace("\r\n", "\n").partition("\n")
        found |= {"street_1": first.strip(), "street_2": second.replace("\n", " ").strip()}
    if "country_code" in found and not facts.state_codes:
        found |= country_field(found.pop("country_code"))
    if found.get("state") and facts.state_codes:
        found |= _state_field(found.get("country_code", ""), found.pop("state"), facts)
    return found


def _state_field(country: str, code: str, facts: Facts) -> dict[str, str]:
    """The name of a state; none at all for a code that we do not know, for it is not empty."""
    name = facts.state_names.get(country, {}).get(code)
    return {"state": name} if name else {}


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()
