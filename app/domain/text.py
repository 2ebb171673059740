"""Texts as fields of limited length take them."""

from __future__ import annotations

_ASTRAL = 0xFFFF  # a character beyond this is two units of UTF-16


def units(text: str) -> int:
    """Length in UTF-16 units: as Java and ABAP count, and never less than what counts characters."""
    return len(text) if text.isascii() else len(text) + sum(ord(char) > _ASTRAL for char in text)


def cut(text: str, length: int) -> str:
    """The text as far as it fits so many UTF-16 units; no character is halved."""
    if units(text) <= length:
        return text
    kept = text[:length]
    while units(kept) > length:
        kept = kept[: len(kept) - max(1, (units(kept) - length) // 2)]
    return kept
