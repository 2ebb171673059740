"""Postal addresses as SAP holds them: a state is a code of its country's list, where the country has one."""

from __future__ import annotations

from app.connectors.sap_sales_cloud.facts import Facts
from app.connectors.sap_sales_cloud.odata import Row
from app.domain import Address

PROPERTIES = ("Street", "HouseNumber", "AddressLine4", "City", "StreetPostalCode", "CountryCode", "StateCode", "County")


def postal(address: Address, facts: Facts) -> dict[str, str]:
    """The properties of an address; a state that the country's list lacks stands as the county."""
    country = address.country_code if not facts.countries or address.country_code in facts.countries else ""
    code = state_code(country, address.state, facts)
    return {
        "Street": address.street_1.strip(),
        "AddressLine4": address.street_2.strip(),
        "City": address.city.strip(),
        "StreetPostalCode": address.postal_code.strip(),
        "CountryCode": country,
        "StateCode": code,
        "County": "" if code else address.state.strip(),
    }


def state_code(country: str, state: str, facts: Facts) -> str:
    """The code of a state by its name or code; "" if the country's list has no such state."""
    wanted = state.strip().casefold()
    listed = facts.states.get(country, {}).items()
    return next((code for code, name in listed if wanted and wanted in (name.casefold(), code.casefold())), "")


def read_postal(row: Row, facts: Facts) -> dict[str, str]:
    """Our names for what an address there says."""
    own = {name: str(row.get(name) or "").strip() for name in PROPERTIES}
    country, code = own["CountryCode"], own["StateCode"]
    return {
        "street_1": " ".join(filter(None, (own["Street"], own["HouseNumber"]))),
        "street_2": own["AddressLine4"],
        "city": own["City"],
        "state": facts.states.get(country, {}).get(code, code) or own["County"],
        "postal_code": own["StreetPostalCode"],
        "country_code": country,
    }
