"""Postal addresses as the org wants them: free text, or codes where it has state and country picklists."""

from __future__ import annotations

from typing import Any

from app.connectors.salesforce.facts import Facts
from app.domain import Address
from app.domain.text import cut

_LENGTHS = {"Street": 255, "City": 40, "PostalCode": 20, "State": 80, "Country": 80}


def address(prefix: str, address: Address, facts: Facts) -> dict[str, Any]:
    """The fields of one address; a state or country that the org does not know is left out, never the record."""
    parts = {"Street": address.street, "City": address.city, "PostalCode": address.postal_code}
    if facts.state_codes:
        country = address.country_code if address.country_code in facts.countries else ""
        parts["CountryCode"] = country
        parts["StateCode"] = facts.states.get(country, {}).get(address.state.casefold(), "")
    else:
        parts["Country"] = address.country or address.country_code
        parts["State"] = address.state
    return {f"{prefix}{name}": cut(value, _LENGTHS.get(name, 80)) or None for name, value in parts.items()}


def filled(row: dict[str, Any]) -> dict[str, Any]:
    """A row without its empty fields: what the store does not know is not blanked there."""
    return {name: value for name, value in row.items() if value is not None}
