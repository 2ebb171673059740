"""Texts as fields of limited length take them."""

from __future__ import annotations

_CODEC, _SIZE = "utf-16-le", 2  # whose units are of two bytes


def units(text: str) -> int:
    """Length in UTF-16 units: as Java and ABAP count, and never less than what counts characters."""
    return len(text) if text.isascii() else len(_encoded(text)) // _SIZE


def cut(text: str, length: int) -> str:
    """The text as far as it fits so many UTF-16 units; no character is halved."""
    kept = text[:length]
    if kept.isascii() or len(encoded := _encoded(kept)) <= length * _SIZE:
        return kept
    kept = encoded[: length * _SIZE].decode(_CODEC, "surrogatepass")
    return kept if text.startswith(kept) else kept[:-1]


def _encoded(text: str) -> bytes:
    return text.encode(_CODEC, "surrogatepass")
