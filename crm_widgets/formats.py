"""Dates and amounts as the CRM user reads them."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime
from babel.numbers import NumberPattern, format_decimal

from app.domain.money import decimals, rounded

FALLBACK = Locale("en", "US")
_TOUCHING = re.compile(r"(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])")  # a code in the place of a sign needs room


@dataclass(frozen=True)
class Formats:
    """The formats of one user."""

    locale: Locale
    zone: ZoneInfo

    @classmethod
    def of(cls, locale: str, *zones: str) -> Formats:
        """Of a locale's name (`de_DE`, `en_IE_EURO`) and the first of the time zones that there is."""
        return cls(_locale(locale), next((zone for zone in map(_zone, zones) if zone), ZoneInfo("UTC")))

    def money(self, amount: Decimal | str, currency: str) -> str:
        """An amount with its currency, in the currency's own number of decimals (ISO 4217)."""
        pattern = _pattern(self.locale, decimals(currency))
        exact = rounded(Decimal(amount), currency)
        text = pattern.apply(exact, self.locale, currency=currency, currency_digits=False)
        return _TOUCHING.sub("\N{NO-BREAK SPACE}", text)

    def number(self, value: int) -> str:
        """A whole number."""
        return format_decimal(value, locale=self.locale)

    def date(self, value: datetime | str) -> str:
        """A day, in the user's time zone."""
        return format_date(self._local(value), "medium", locale=self.locale)

    def exact(self, value: datetime | str) -> str:
        """Day and time, in the user's time zone, which is named."""
        moment = format_datetime(self._local(value), "medium", tzinfo=self.zone, locale=self.locale)
        return f"{moment} ({self.zone.key})"

    def _local(self, value: datetime | str) -> datetime:
        return (datetime.fromisoformat(value) if isinstance(value, str) else value).astimezone(self.zone)


@lru_cache(256)
def _pattern(locale: Locale, places: int) -> NumberPattern:
    # CLDR rounds some currencies to what is in use, an order's total is exact.
    pattern: NumberPattern = copy.copy(locale.currency_formats["standard"])
    pattern.frac_prec = (places, places)
    return pattern


@lru_cache(256)
def _locale(name: str) -> Locale:
    for candidate in (name, "_".join(name.split("_")[:2]), name.split("_")[0]):
        try:
            return Locale.parse(candidate)
        except (UnknownLocaleError, ValueError):
            continue
    return FALLBACK


@lru_cache(256)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
