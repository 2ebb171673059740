"""Values, keys, filters and envelopes of OData v2 as SAP Cloud for Customer speaks it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote, urlsplit

from app.connectors.sap_sales_cloud.errors import no_answer

Row = dict[str, Any]

SERVICE = "/sap/c4c/odata/v1/c4codataapi/"  # the slash at its end is required
VALUES = 50  # alternatives of a filter: mass queries are known to work, addresses are not endless
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DATE = re.compile(r"/Date\((-?\d+)(?:[+-]\d+)?\)/")


def literal(text: str) -> str:
    """A string of a filter; never hand it a `*`, which is a wildcard there: see is_literal()."""
    return "'" + clean(text).replace("'", "''") + "'"


def is_literal(text: str) -> bool:
    """Whether a filter can look for exactly this text."""
    return bool(text) and "*" not in text


def guid(value: str) -> str:
    """A GUID of a filter."""
    return f"guid'{value}'"


def moment(at: datetime) -> str:
    """A point in time of a filter, in UTC to the second."""
    return f"datetimeoffset'{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}'"


def either(name: str, values: Iterable[str]) -> Iterator[str]:
    """Conditions that a property has one of the values (already literals); `or` is for one property only."""
    wanted = sorted(set(values))
    for start in range(0, len(wanted), VALUES):
        yield "(" + " or ".join(f"{name} eq {value}" for value in wanted[start : start + VALUES]) + ")"


def query(entity_set: str, **options: str) -> str:
    """The path of a list; the options' names come without their `$`."""
    given = "&".join(f"${name}={quote(value, safe='')}" for name, value in options.items() if value)
    return f"{entity_set}?{given}" if given else entity_set


def path(entity: str, object_id: str) -> str:
    """The path of one entity; keys are not always hexadecimal."""
    return f"{set_name(entity)}('{quote(object_id, safe='')}')"


def set_name(entity: str) -> str:
    """The set of an entity type: notes end in `CollectionCollection`."""
    return f"{entity}Collection"


def date(at: datetime) -> str:
    """A point in time as it is written."""
    return f"/Date({(at - _EPOCH) // timedelta(milliseconds=1)})/"


def read_date(value: Any) -> datetime | None:
    """A point in time as it is read; None if there is none."""
    found = _DATE.fullmatch(value) if isinstance(value, str) else None
    return _EPOCH + timedelta(milliseconds=int(found[1])) if found else None


def number(amount: Decimal) -> str:
    """An amount as it is written: text, never a float."""
    return f"{amount:f}"


def read_number(value: Any) -> Decimal:
    """An amount as it is read; 0 if there is none."""
    try:
        return Decimal(str(value)) if value not in (None, "") else Decimal(0)
    except InvalidOperation:
        return Decimal(0)


def rows(body: Any) -> list[Row]:
    """The entities of a list, or of an expanded navigation; one entity comes alone under `results`, or bare.

    Raises Retryable where something else than JSON came.
    """
    if isinstance(body, str):
        raise no_answer()
    inner = body.get("d", body) if isinstance(body, Mapping) else body
    found = inner.get("results", inner) if isinstance(inner, Mapping) else inner
    if isinstance(found, Mapping):
        return [] if "__deferred" in found or not found else [dict(found)]
    return [dict(row) for row in found or ()]


def following(body: Any) -> str:
    """The path of the next page, below the service; "" if this was the last."""
    address = str(((body or {}).get("d") or {}).get("__next") or "")
    parts = urlsplit(address)
    tail = parts.path.rpartition(SERVICE.rstrip("/").rpartition("/")[2] + "/")[2]
    return f"{tail}?{parts.query}" if address else ""


def version(row: Mapping[str, Any]) -> str:
    """The version for If-Match, byte for byte: the `ETag` property has lost four digits."""
    return str((row.get("__metadata") or {}).get("etag") or "")


def is_same(ours: Any, theirs: Any) -> bool:
    """Whether a value is there already, in whichever of its forms."""
    if ours == theirs or (ours in (None, "") and theirs in (None, "")):
        return True
    if read_date(ours) is not None:
        return read_date(ours) == read_date(theirs)
    try:
        return Decimal(str(ours)) == Decimal(str(theirs)) and "." in f"{ours}{theirs}"
    except InvalidOperation:
        return False


def clean(text: str) -> str:
    """Text without what no call can carry: control characters, halves of a surrogate pair."""
    kept = "".join(c for c in text if c >= " " or c in "\n\r\t")
    return kept.encode("utf-8", "replace").decode()
