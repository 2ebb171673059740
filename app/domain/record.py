"""What every record has in common, and its plain JSON form."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar, Protocol


class Record(Protocol):
    """A record of ours, known by its kind and the store's own id."""

    kind: ClassVar[str]  # "order": in deliveries, links and switches

    @property
    def id(self) -> str:
        """The id in the store, as text."""


def to_json(value: Any) -> Any:
    """Plain JSON data of a record or any part of it; amounts as text, times as ISO 8601."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
    match value:
        case Enum():
            return value.value
        case Decimal():
            return str(value)
        case datetime():
            return value.isoformat()
        case tuple() | list():
            return [to_json(item) for item in value]
        case dict():
            return {str(key): to_json(item) for key, item in value.items()}
        case _:
            return value


def digest(value: Any) -> str:
    """A short fingerprint of a record or payload: equal values, equal digests."""
    text = json.dumps(to_json(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
