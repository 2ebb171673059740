"""Resource paths: sets, keys in both forms, navigation, properties."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from app.sandbox.sap_sales_cloud.errors import bad, missing

_SEGMENT = re.compile(r"([$\w.]+)(?:\((.*)\))?", re.DOTALL)
_PARTS = re.compile(r"((?:[^/']|'(?:[^']|'')*')+)")
_NAMED = re.compile(r"\s*(\w+)\s*=\s*('(?:[^']|'')*'|guid'[^']*'|[^,']+)\s*(?:,|$)")


@dataclass(frozen=True)
class Segment:
    """One part of a path: a name and, if there are parentheses, its key by property ('' for the bare form)."""

    name: str
    key: dict[str, str] | None = field(default=None)


def parse(path: str) -> list[Segment]:
    """The segments of a path below the service root; slashes at its ends do not count."""
    found = []
    for part in _PARTS.findall(path.strip("/")):
        matched = _SEGMENT.fullmatch(part)
        if matched is None:
            raise missing(f"Resource not found for the segment '{part}'")
        name, key = matched.groups()
        found.append(Segment(name, None if key is None else _key(key)))
    return found


def _key(text: str) -> dict[str, str]:
    if not text.strip():
        raise bad("The key is empty")
    if "=" not in text or text.startswith("'"):
        return {"": _literal(text)}
    found = {name: _literal(value) for name, value in _NAMED.findall(text)}
    if not found or _NAMED.sub("", text).strip():
        raise bad(f"Invalid key predicate '{text}'")
    return found


def _literal(text: str) -> str:
    text = text.strip().removeprefix("guid")
    if len(text) >= 2 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    raise bad(f"Invalid key predicate '{text}'; text belongs in single quotes")


def quoted(value: str) -> str:
    """A text literal of a URL."""
    return "'" + value.replace("'", "''") + "'"
