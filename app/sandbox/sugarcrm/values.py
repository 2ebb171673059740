"""Values on their way in and out: text as clients send it, and as the API shows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from app.sandbox.sugarcrm.emails import truth
from app.sandbox.sugarcrm.errors import invalid
from app.sandbox.sugarcrm.fields import MONEY_TYPES, Field

SIX = Decimal("0.000001")
EMPTY = (None, "")
MOST = Decimal(10) ** 20


def as_decimal(value: Any) -> Decimal:
    """A number with six decimals; ValueError if it is none or too large."""
    try:
        number = Decimal(str(value).replace(",", ""))
        if not number.is_finite() or abs(number) >= MOST:
            raise ValueError(value)
        return number.quantize(SIX)
    except InvalidOperation as error:
        raise ValueError(value) from error


def as_moment(value: Any, zone: tzinfo) -> datetime:
    """An instant in UTC to the second; text without an offset is in the user's zone."""
    moment = datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC).replace(microsecond=0)


def as_day(value: Any) -> str:
    """A date as YYYY-MM-DD; the time of a date-time is dropped."""
    return date.fromisoformat(str(value)[:10]).isoformat()


def _as_int(value: Any) -> int:
    return int(Decimal(str(value)))


def _as_text(value: Any) -> str:
    if isinstance(value, (dict, list)):
        raise TypeError(value)
    return {True: "1", False: ""}.get(value, str(value)) if isinstance(value, bool) else str(value)


def coerce(field: Field, value: Any, zone: tzinfo, module: str, *, truncate: bool = True) -> Any:
    """A value as it is stored; 422 invalid_parameter naming the field when it cannot be one."""
    if field.type == "bool":
        return truth(value)
    if value in EMPTY:
        return None
    try:
        return _coerced(field, value, zone, truncate)
    except (ValueError, TypeError, ArithmeticError) as error:
        raise invalid(f"Invalid field value: {field.name} in module: {module}") from error


def _coerced(field: Field, value: Any, zone: tzinfo, truncate: bool) -> Any:
    if field.type in MONEY_TYPES:
        return as_decimal(value)
    if field.type == "int":
        return _as_int(value)
    if field.type == "float":
        return float(value)
    if field.type == "datetime":
        return as_moment(value, zone)
    if field.type == "date":
        return as_day(value)
    text = _as_text(value)
    if field.len and len(text) > field.len:
        if not truncate:
            raise ValueError(value)
        return text[: field.len]
    return text


def _show_decimal(value: Any, zone: tzinfo) -> str | None:
    return None if value is None else f"{value:.6f}"


def _show_moment(value: Any, zone: tzinfo) -> str:
    return "" if value is None else value.astimezone(zone).isoformat()


def _show_text(value: Any, zone: tzinfo) -> Any:
    return "" if value is None else value


def _show_as_is(value: Any, zone: tzinfo) -> Any:
    return value


Shower = Callable[[Any, tzinfo], Any]
_SHOWERS: dict[str, Shower] = {
    "currency": _show_decimal,
    "decimal": _show_decimal,
    "datetime": _show_moment,
    "date": _show_text,
    "int": _show_as_is,
    "float": _show_as_is,
    "bool": _show_as_is,
}


def shower(field: Field) -> Shower:
    """How the values of a field are shown."""
    return _SHOWERS.get(field.type, _show_text)
