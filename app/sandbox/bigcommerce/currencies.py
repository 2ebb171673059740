"""The store's currencies, and amounts in another one than its own."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from .dates import now, rfc2822
from .errors import ApiError
from .records import Json, rounded
from .state import DEFAULT_CURRENCY, State

RATE_DIGITS = Decimal("1e-10")
WRITABLE = ("auto_update", "currency_exchange_rate", "decimal_places", "enabled", "is_transactional", "name", "token")
NO_RATE = "1.0000000000"


def add(state: State, code: str, symbol: str, rate: str, places: int = 2) -> Json:
    """A currency that shoppers may pay in; the first one is the store's own."""
    number = state.next_id("currencies")
    state.currencies[number] = {
        "id": number,
        "is_default": number == 1,
        "currency_code": code,
        "name": code,
        "currency_exchange_rate": rate,
        "auto_update": False,
        "is_transactional": True,
        "enabled": True,
        "token": symbol,
        "token_location": "left",
        "decimal_token": ".",
        "thousands_token": ",",
        "decimal_places": places,
        "default_for_country_codes": [],
        "last_updated": rfc2822(now()),
    }
    return state.currencies[number]


def update(row: Json, body: Json) -> Json:
    """Another rate, or other settings; orders keep the rate they were placed at."""
    changes = {name: body[name] for name in WRITABLE if name in body}
    if "currency_exchange_rate" in changes:
        changes["currency_exchange_rate"] = f"{_rate(changes['currency_exchange_rate']):.10f}"
    if row["is_default"] and ("currency_exchange_rate" in changes or changes.get("enabled") is False):
        raise ApiError(409, "The default currency has the rate 1 and cannot be disabled.")
    row.update(changes, last_updated=rfc2822(now()))
    return row


def _rate(value: object) -> Decimal:
    try:
        rate = Decimal(str(value)).quantize(RATE_DIGITS)
    except InvalidOperation:
        rate = Decimal(0)
    if rate <= 0:
        raise ApiError(400, "The field 'currency_exchange_rate' is invalid.")
    return rate


def payable(state: State, code: str) -> Json | None:
    """The currency of a code, if shoppers can pay in it."""
    row = state.currency(code)
    return row if row and row["enabled"] and row["is_transactional"] else None


def rate(state: State, code: str) -> str:
    """How much of a currency one unit of the store's own buys."""
    row = state.currency(code)
    return str(row["currency_exchange_rate"]) if row else NO_RATE


def converted(state: State, amount: Decimal, code: str) -> Decimal:
    """An amount of the store's own currency in another one, rounded to its smallest unit."""
    row = state.currency(code)
    if row is None or code == DEFAULT_CURRENCY:
        return amount
    return rounded(amount * Decimal(row["currency_exchange_rate"]), row["decimal_places"])
