"""Postal addresses and e-mail addresses, there and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.connectors.countries import country_field
from app.domain import Address
from app.domain.customer import fold

Row = dict[str, Any]

_LENGTHS = {"street": 150, "city": 100, "state": 100, "postalcode": 20, "country": 255}
_SAME = {"email_address", "opt_out", "invalid_email"}


def postal(prefix: str, address: Address) -> Row:
    """The fields of one address; country and state are free text there."""
    parts = {
        "street": address.street,
        "city": address.city,
        "state": address.state,
        "postalcode": address.postal_code,
        "country": address.country or address.country_code,
    }
    return {f"{prefix}_address_{name}": value.strip()[: _LENGTHS[name]] for name, value in parts.items()}


def read_postal(prefix: str, row: Mapping[str, Any]) -> dict[str, str]:
    """Our names for an address there; what country a name of no country means is left open."""
    street = text(row, f"{prefix}_address_street").replace("\r\n", "\n").partition("\n")
    return {
        "street_1": street[0].strip(),
        "street_2": street[2].strip(),
        "city": text(row, f"{prefix}_address_city"),
        "state": text(row, f"{prefix}_address_state"),
        "postal_code": text(row, f"{prefix}_address_postalcode"),
        **country_field(text(row, f"{prefix}_address_country")),
    }


def text(row: Mapping[str, Any], name: str) -> str:
    """A field as text, "" where it is empty."""
    value = row.get(name)
    return "" if value is None else str(value).strip()


def filled(row: Mapping[str, Any]) -> Row:
    """A row without its empty fields: what the store does not know is not blanked there."""
    return {name: value for name, value in row.items() if value not in (None, "")}


def blanked(row: Mapping[str, Any]) -> Row:
    """A row whose empty fields empty those there."""
    return {name: "" if value is None else value for name, value in row.items()}


def emails(row: Mapping[str, Any]) -> list[Row]:
    """The e-mail rows of a record; an old server may give none."""
    found = row.get("email")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def primary(row: Mapping[str, Any]) -> str:
    """The primary address of a record, else its first."""
    rows = emails(row)
    chosen = next(
        (one for one in rows if one.get("primary_address") in (True, 1, "1", "true")), rows[0] if rows else {}
    )
    return text(chosen, "email_address")


def has_email(row: Mapping[str, Any], email: str) -> bool:
    """Whether one of a record's addresses is this one."""
    return bool(email) and any(fold(text(one, "email_address")) == fold(email) for one in emails(row))


def stamp(body: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    """When a record was changed last, if its e-mail addresses are to be replaced by what was read of them."""
    return text(row, "date_modified") if "email" in body else ""


def with_primary(email: str, there: Sequence[Mapping[str, Any]] = ()) -> Row:
    """The `email` field with this address first; sending it replaces all, so what people added there is sent along.

    Opted out and invalid go by the address, for every record that has it: they are only handed back as they were read.
    """
    if not email:
        return {}
    own = next((dict(one) for one in there if fold(text(one, "email_address")) == fold(email)), {})
    kept = {name: value for name, value in own.items() if name in _SAME}
    others = [
        {**{name: value for name, value in one.items() if name in _SAME}, "primary_address": False}
        for one in there
        if fold(text(one, "email_address")) != fold(email)
    ]
    return {"email": [{**kept, "email_address": email, "primary_address": True}, *others]}
