"""Values: what a field accepts, how it is kept, how the API shows it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from app.sandbox.salesforce.errors import ApiError
from app.sandbox.salesforce.fields import NUMBER_TYPES, TEXT_TYPES, Field
from app.sandbox.salesforce.ids import to_18
from app.sandbox.salesforce.store import Row

_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
MOMENT_FORMAT = "%Y-%m-%dT%H:%M:%S.000+0000"


def moment_text(at: datetime) -> str:
    """A date-time as the API writes it; sorts as text."""
    return at.astimezone(UTC).strftime(MOMENT_FORMAT)


def parse_moment(value: str) -> datetime:
    """An ISO 8601 date-time, offset with or without colon; none means UTC. Raises ValueError."""
    at = datetime.fromisoformat(value.strip())
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _unreadable(kind: str, value: Any) -> ApiError:
    shown = {True: "TRUE", False: "FALSE"}.get(value) if isinstance(value, bool) else None
    token = f"VALUE_{shown}" if shown else "VALUE_STRING" if isinstance(value, str) else "VALUE_NUMBER_INT"
    if isinstance(value, dict | list):
        token = "START_OBJECT" if isinstance(value, dict) else "START_ARRAY"
    message = (
        f"Cannot deserialize instance of {kind} from {token} value {value} or request may be missing a required field"
    )
    return ApiError("JSON_PARSER_ERROR", message)


def _units(text: str) -> int:
    """Length in UTF-16 units (assumed: not documented, but the platform's own strings are Java's)."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _text(field: Field, value: Any) -> Any:
    if not isinstance(value, str):
        raise _unreadable("string", value)
    value = value.strip() if field.type != "textarea" else value
    if _units(value) > field.length > 0:
        shown = value if len(value) < 256 else value[:255]
        message = f"{field.title}: data value too large: {shown} (max length={field.length})"
        raise ApiError("STRING_TOO_LONG", message, [field.name])
    return value or None


def _email(field: Field, value: Any) -> Any:
    found = _text(field, value)
    if found is not None and not _EMAIL.fullmatch(found):
        raise ApiError("INVALID_EMAIL_ADDRESS", f"{field.title}: invalid email address: {found}", [field.name])
    return found


def _choice(field: Field, value: Any) -> Any:
    found = _text(field, value)
    if found is None or not field.restricted:
        return found
    for allowed in field.values:
        if allowed.casefold() == found.casefold():
            return allowed
    message = f"{field.title}: bad value for restricted picklist field: {found}"
    raise ApiError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, [field.name])


def _choices(field: Field, value: Any) -> Any:
    found = _text(field, value)
    return ";".join(_choice(field, one) for one in found.split(";")) if found else None


def _number(field: Field, value: Any) -> Any:
    if isinstance(value, bool):
        raise _unreadable("double", value)
    try:
        exact = Decimal(str(value).strip())
    except InvalidOperation:
        raise _unreadable("double", value) from None
    if not exact.is_finite() or abs(exact) >= Decimal(10) ** max(field.precision - field.scale, 1):
        message = f"{field.title}: value outside of valid range on numeric field: {value}"
        raise ApiError("NUMBER_OUTSIDE_VALID_RANGE", message, [field.name])
    return exact.quantize(Decimal(1).scaleb(-field.scale), ROUND_HALF_UP)


def _whole(field: Field, value: Any) -> Any:
    exact = _number(field, value)
    if exact != exact.to_integral_value():
        raise _unreadable("int", value)
    return int(exact)


def _flag(field: Field, value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false", "1", "0"):
        return value.lower() in ("true", "1")
    raise _unreadable("boolean", value)


def _date(field: Field, value: Any) -> Any:
    if not isinstance(value, str):
        raise _unreadable("date", value)
    try:
        return date.fromisoformat(value[:10]).isoformat() if _DATE.match(value) else _bad_date(value)
    except ValueError:
        raise _unreadable("date", value) from None


def _bad_date(value: str) -> str:
    raise ValueError(value)


def _moment(field: Field, value: Any) -> Any:
    if not isinstance(value, str):
        raise _unreadable("datetime", value)
    try:
        return moment_text(parse_moment(value))
    except ValueError:
        raise _unreadable("datetime", value) from None


def _reference(field: Field, value: Any) -> Any:
    found = to_18(value) if isinstance(value, str) else None
    if found is None:
        raise ApiError("MALFORMED_ID", f"{field.title}: id value of incorrect type: {value}", [field.name])
    return found


_READERS: dict[str, Callable[[Field, Any], Any]] = {
    **dict.fromkeys(TEXT_TYPES, _text),
    **dict.fromkeys(NUMBER_TYPES, _number),
    "email": _email,
    "picklist": _choice,
    "multipicklist": _choices,
    "int": _whole,
    "boolean": _flag,
    "date": _date,
    "datetime": _moment,
    "reference": _reference,
    "id": _reference,
}


def read(field: Field, value: Any) -> Any:
    """A value from outside as it is kept; the field's own error otherwise."""
    if value is None or value == "":
        return False if field.type == "boolean" else None
    return _READERS[field.type](field, value)


def show(field: Field, row: Row) -> Any:
    """A kept value as the API shows it."""
    if field.type == "address":
        return _address(field, row)
    value = row.get(field.name)
    if isinstance(value, Decimal):
        return float(value)
    return False if value is None and field.type == "boolean" else value


def _address(field: Field, row: Row) -> dict[str, Any] | None:
    prefix = field.name.removesuffix("Address")
    shown = {part[len(prefix) :]: row.get(part) for part in field.parts}
    if not any(shown.values()):
        return None
    shown["GeocodeAccuracy"] = None
    return {
        key[:1].lower() + key[1:]: float(value) if isinstance(value, Decimal) else value
        for key, value in sorted(shown.items())
        if not key.endswith("Code") or key == "PostalCode" or value is not None
    }
