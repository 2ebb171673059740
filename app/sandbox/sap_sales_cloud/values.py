"""Values on the wire and in memory: moments are kept in ticks of 100 nanoseconds, amounts as Decimal."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from app.sandbox.sap_sales_cloud.errors import bad
from app.sandbox.sap_sales_cloud.model import Property

TICKS = 10_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = re.compile(r"/Date\((-?\d+)(?:[+-]\d+)?\)/")
_ISO = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,7}))?)?(Z|[+-]\d{2}:?\d{2})?")
_TIME = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.\d+)?S)?")
EMPTY = {"Edm.String": "", "Edm.Boolean": False, "Edm.Int32": 0, "Edm.Decimal": Decimal(0)}


def ticks_of(text: str) -> int:
    """Ticks since 1970 of an ISO 8601 moment, taken as UTC without a zone; ValueError if it is none."""
    matched = _ISO.fullmatch(text)
    if matched is None:
        raise ValueError(text)
    day, clock, fraction, zone = matched.groups()
    moment = datetime.fromisoformat(f"{day}T{clock or '00:00'}{(zone or 'Z').replace('Z', '+00:00')}")
    seconds = (moment - _EPOCH) // timedelta(seconds=1)
    return seconds * TICKS + int((fraction or "").ljust(7, "0"))


def iso(ticks: int, digits: int = 0) -> str:
    """An ISO 8601 moment in UTC with that many fractional digits."""
    moment = _EPOCH + timedelta(seconds=ticks // TICKS)
    fraction = f"{ticks % TICKS:07d}"[:digits]
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + (f".{fraction}" if digits else "") + "Z"


def etag_of(ticks: int) -> str:
    """The weak ETag of a version."""
    return f"W/\"datetimeoffset'{iso(ticks, 7).replace(':', '%3A')}'\""


def parse(prop: Property, value: Any) -> Any:
    """A value of a request body as it is kept; 400 if it does not fit the property."""
    if value is None:
        return EMPTY.get(prop.edm)
    reader = _READERS.get(prop.edm)
    try:
        found = reader(value) if reader else value
    except (ValueError, TypeError, OverflowError, InvalidOperation) as error:
        raise bad(f"Invalid value {value!r:.80} for property '{prop.name}' of type {prop.edm}") from error
    if prop.length and isinstance(found, str) and _units(found) > prop.length:
        raise bad(f"Value for property '{prop.name}' exceeds the maximum length of {prop.length} characters")
    if isinstance(found, Decimal):
        _check_digits(prop, found)
    return found


def _check_digits(prop: Property, value: Decimal) -> None:
    exponent = value.normalize().as_tuple().exponent
    if not isinstance(exponent, int) or -exponent > prop.scale or value.adjusted() >= prop.precision - prop.scale:
        raise bad(f"Value '{value}' of property '{prop.name}' exceeds precision {prop.precision}, scale {prop.scale}")


def _units(text: str) -> int:
    """Length in UTF-16 units (assumed: not documented, but ABAP's strings are made of these)."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    if not value.isascii():
        value.encode()  # half a surrogate pair is no text
    return value


def _moment(value: Any) -> int:
    matched = _MS.fullmatch(_text(value))
    if matched:
        seconds, rest = divmod(int(matched.group(1)), 1000)
        moment = _EPOCH + timedelta(seconds=seconds)  # OverflowError beyond the years 1 to 9999
        return (moment - _EPOCH) // timedelta(seconds=1) * TICKS + rest * (TICKS // 1000)
    return ticks_of(value)


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise TypeError(value)
    found = Decimal(value)
    if not found.is_finite():
        raise ValueError(value)
    return found


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 2**31:
        raise TypeError(value)
    return value


def _guid(value: Any) -> str | None:
    return guid(_text(value)) if value else None


def _time(value: Any) -> str:
    matched = _TIME.fullmatch(_text(value))
    if matched is None or value == "PT":
        raise ValueError(value)
    hours, minutes, seconds = (int(part or 0) for part in matched.groups())
    return f"PT{hours:02d}H{minutes:02d}M{seconds:02d}S"


_READERS = {
    "Edm.String": _text,
    "Edm.DateTime": _moment,
    "Edm.DateTimeOffset": _moment,
    "Edm.Decimal": _decimal,
    "Edm.Boolean": _boolean,
    "Edm.Int32": _integer,
    "Edm.Guid": _guid,
    "Edm.Time": _time,
}


def guid(text: str) -> str:
    """A GUID as the vendor writes it: capitals with dashes; ValueError if it is none."""
    return str(uuid.UUID(text)).upper()


def show(prop: Property, value: Any) -> Any:
    """A kept value as JSON."""
    if value is None:
        value = EMPTY.get(prop.edm)
        if value is None:
            return None
    if prop.precision == 7:
        return f"/Date({value // (TICKS // 1000)})/"
    if prop.edm == "Edm.Decimal":
        return f"{value:.{prop.scale}f}"
    return value


def atom(prop: Property, value: Any) -> str | None:
    """A kept value as the text of an XML element; None: null."""
    shown = show(prop, value)
    if shown is None:
        return None
    if prop.precision == 7 and value is not None:
        return iso(value, 7) if prop.edm == "Edm.DateTimeOffset" else iso(value).rstrip("Z")
    return str(shown).lower() if isinstance(shown, bool) else str(shown)
