"""The fields of a record that may be corrected, as a form shows them, and whether what was typed in will do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from marshmallow import ValidationError, validate

from app.api.limits import storable
from app.connectors.countries import code_of
from app.connectors.registry import VENDORS
from app.domain import Record
from app.domain.correctable import LINE, SHIPPING, VARIANT, values

LONGEST = 255  # characters of a corrected value
_MAX_LENGTH = re.compile(r"max(?:imum)? length(?: of)?[ =]+(\d+)", re.IGNORECASE)  # as the vendors put it
_LABELS = {
    "first_name": "First name", "last_name": "Last name", "email": "E-mail", "company": "Company", "phone": "Phone",
    "street_1": "Street", "street_2": "Street, second line", "city": "City", "state": "State or region",
    "postal_code": "Postal code", "country_code": "Country", "name": "Name", "sku": "SKU",
}  # fmt: skip
_email = validate.Email(error="This is not an e-mail address.")


def form(record: Record, standing: Mapping[str, str], vendor: str, field: str, message: str) -> list[dict[str, Any]]:
    """The fields with the store's values and what is `standing` in their place.

    `field` and `message`: what the vendor says is wrong.
    """
    held = values(record)
    wrong = _culprits(vendor, field, held)
    length = _MAX_LENGTH.search(message)
    return [
        {
            "name": name,
            "label": _label(name, held),
            "value": text,
            "corrected": standing.get(name),
            "is_culprit": name in wrong,
            "max_length": int(length[1]) if length and name in wrong else None,
            "type": _type(name),
        }
        for name, text in held.items()
    ]


def read(record: Record, given: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The values that may be kept, and the errors of the others, by name."""
    held, good, errors = values(record), {}, {}
    for name, text in given.items():
        try:
            if name not in held:
                raise ValidationError("This record has no such field.")
            # The store's own value again needs no check: it takes a correction back.
            good[name] = text if text == held[name] else _checked(name, text.strip())
        except ValidationError as error:
            errors[name] = str(error.messages[0])
    return good, errors


def _checked(name: str, text: str) -> str:
    storable(text)
    if len(text) > LONGEST:
        raise ValidationError(f"At most {LONGEST} characters.")
    match _type(name):
        case "email":
            _email(text)
        case "country":
            code = code_of(text)
            if text and not code:
                raise ValidationError("This is no country; its code of two letters will do.")
            return code
    return text


def _culprits(vendor: str, field: str, held: Mapping[str, str]) -> set[str]:
    patterns = [ours for theirs in field.split(",") for ours in VENDORS[vendor].fields_named(theirs)]
    return {name for name in held for pattern in patterns if fnmatchcase(name, pattern)}


def _type(name: str) -> str:
    kind = name.rpartition(".")[2]
    return {"email": "email", "country_code": "country"}.get(kind, "text")


def _label(name: str, held: Mapping[str, str]) -> str:
    prefix, _, kind = name.rpartition(".")
    label = _LABELS[kind]
    if name.startswith(SHIPPING):
        return f"Ship to: {label.lower()}"
    if name.startswith((LINE, VARIANT)):
        return f"“{held[prefix + '.name']}”: {label if kind == 'sku' else label.lower()}"
    return label
