"""Countries by whatever name people type."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from functools import cache

import pycountry
from babel import Locale

_LANGUAGES = ("de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da", "nb", "fi", "cs", "tr", "el", "ja", "zh")
_OTHER_NAMES = {
    "america": "US", "u.s.": "US", "u.s.a.": "US", "usa": "US", "great britain": "GB", "britain": "GB", "uk": "GB",
    "u.k.": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB", "eire": "IE",
    "republic of ireland": "IE", "holland": "NL", "republic of korea": "KR", "russia": "RU", "burma": "MM",
    "democratic people's republic of korea": "KP", "kosovo": "XK", "macedonia": "MK", "swaziland": "SZ",
    "ivory coast": "CI", "cape verde": "CV", "east timor": "TL", "vatican": "VA", "uae": "AE", "brasil": "BR",
    "people's republic of china": "CN", "turkey": "TR", "macau": "MO", "schweiz": "CH", "suisse": "CH",
    "svizzera": "CH",
}  # fmt: skip


def code_of(name: str) -> str:
    """The ISO 3166 code of a country by its code or a name of it; "" for what is none that we know."""
    text = name.strip()
    if text.upper() in _codes():
        return text.upper()
    return _names().get(_plain(text), "")


def country_field(text: str) -> dict[str, str]:
    """The field `country_code` of an address there; none at all for a name that we do not know, for it is not empty."""
    code = code_of(text)
    return {"country_code": code} if code or not text.strip() else {}


@cache
def _codes() -> frozenset[str]:
    return frozenset(code for code in map(str, Locale("en").territories) if re.fullmatch("[A-Z]{2}", code))


@cache
def _names() -> dict[str, str]:
    """English and official names first; of other languages only what is one country's in all of them."""
    foreign: defaultdict[str, set[str]] = defaultdict(set)
    for language in _LANGUAGES:
        for name, code in _territories(language):
            foreign[name].add(code)
    own = {name: next(iter(codes)) for name, codes in foreign.items() if len(codes) == 1}
    return {**own, **dict(_official()), **dict(_territories("en")), **{_plain(k): v for k, v in _OTHER_NAMES.items()}}


def _territories(language: str) -> Iterator[tuple[str, str]]:
    yield from ((_plain(name), code) for code, name in Locale(language).territories.items() if code in _codes())


def _official() -> Iterator[tuple[str, str]]:
    for country in pycountry.countries:
        yield country.alpha_3.casefold(), country.alpha_2
        for kind in ("name", "official_name", "common_name"):
            name = getattr(country, kind, "")
            if name:
                yield _plain(name), country.alpha_2


def _plain(name: str) -> str:
    """A name without case, accents, punctuation and articles; `&` is and."""
    parts = unicodedata.normalize("NFKD", name.casefold().replace("&", " and "))
    letters = "".join(c for c in parts if not unicodedata.combining(c)).replace(".", "")
    return re.sub(r"[\W_]+", " ", letters).strip().removeprefix("the ")
