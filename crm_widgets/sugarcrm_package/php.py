"""Values as PHP text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def php(value: object, indent: str = "") -> str:
    """A value of PHP's short array syntax. In single quotes only the quote and the backslash mean anything."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
        case Mapping():
            return _array([f"{php(str(key))} => {php(one, indent + '    ')}" for key, one in value.items()], indent)
        case Sequence():
            return _array([php(one, indent + "    ") for one in value], indent)
    raise TypeError(f"{type(value).__name__} has no place in PHP text")


def _array(items: Sequence[str], indent: str) -> str:
    return "[\n" + "".join(f"{indent}    {item},\n" for item in items) + f"{indent}]" if items else "[]"
