"""States by their full names, as BigCommerce wants them; people in a CRM also write codes."""

from __future__ import annotations

import re

import pycountry

CODE = re.compile(r"[A-Za-z0-9]{1,3}")


def state_name(text: str, country_code: str) -> str:
    """The name of a state (ISO 3166-2) if this is its code within the country, else the text as it is."""
    if not CODE.fullmatch(text) or not country_code:
        return text
    code = f"{country_code}-{text}".upper()
    found = pycountry.subdivisions.get(code=code)  # type: ignore[no-untyped-call]  # the library's types are partial
    return str(found.name) if found else text


def state_code(text: str, country_code: str) -> str:
    """The code of a state within its country by its name; "" for what is none that we know."""
    found = pycountry.subdivisions.get(country_code=country_code)  # type: ignore[no-untyped-call]  # as above
    name = text.casefold()
    return next((str(one.code).partition("-")[2] for one in found or () if str(one.name).casefold() == name), "")
