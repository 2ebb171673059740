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
    country = str(row.get("CountryCode") or "")
    code = str(row.get("StateCode") or "")
    state = facts.states.get(country, {}).get(code, code) or str(row.get("County") or "")
    street = " ".join(filter(None, (str(row.get("Street") or ""), str(row.get("HouseNumber") or ""))))
    return {
        "street_1": street,
        "street_2": str(row.get("AddressLine4") or ""),
        "city": str(row.get("City") or ""),
        "state": state,
        "postal_code": str(row.get("StreetPostalCode") or ""),
        "country_code": country,
    }
