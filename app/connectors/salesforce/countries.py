"""Countries by name, as orgs without country picklists hold them."""

from __future__ import annotations

from functools import cache

from babel import Locale

_OTHER_NAMES = {
    "united states of america": "US", "usa": "US", "u.s.a.": "US", "great britain": "GB", "uk": "GB", "england": "GB",
    "scotland": "GB", "wales": "GB", "northern ireland": "GB", "korea, republic of": "KR", "russian federation": "RU",
    "czech republic": "CZ", "viet nam": "VN", "iran, islamic republic of": "IR", "holland": "NL", "hong kong": "HK",
    "macau": "MO", "turkey": "TR", "burma": "MM",
}  # fmt: skip


def code_of(name: str) -> str:
    """The ISO 3166 code of a country's English name, or of its code; "" for one that nobody knows."""
    text = name.strip()
    if text.upper() in _codes():
        return text.upper()
    return _names().get(text.casefold(), "")


@cache
def _codes() -> frozenset[str]:
    return frozenset(code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha())


@cache
def _names() -> dict[str, str]:
    names = {str(name).casefold(): str(code) for code, name in Locale("en").territories.items() if code in _codes()}
    return {**names, **_OTHER_NAMES}
