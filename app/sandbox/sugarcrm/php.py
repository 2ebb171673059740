"""PHP's ways: query strings with brackets, and arrays written as PHP text."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote_plus

_PART = re.compile(r"\[([^\]]*)\]")
_TOKEN = re.compile(
    r"""\s+|//[^\n]*|\#[^\n]*|/\*.*?\*/|(?P<string>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")|(?P<number>-?\d+(?:\.\d+)?)"""
    r"""|(?P<word>[A-Za-z_\\$][\w\\$]*)|(?P<sign>=>|.)""",
    re.DOTALL,
)


def parse_query(query: str) -> dict[str, Any]:
    """`filter[0][name][$starts]=A` nested; maps keyed 0, 1, 2… become lists; of a repeated name the last wins."""
    found: dict[str, Any] = {}
    for pair in query.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            _put(found, unquote_plus(name), unquote_plus(value))
    return {name: _listed(value) for name, value in found.items()}


def _put(found: dict[str, Any], name: str, value: str) -> None:
    first, bracket, rest = name.partition("[")
    parts = [first, *(_PART.findall(bracket + rest) if bracket else ())]
    here = found
    for part in parts[:-1]:
        deeper = here.get(part or str(len(here)))
        if not isinstance(deeper, dict):
            deeper = here[part or str(len(here))] = {}
        here = deeper
    here[parts[-1] or str(len(here))] = value


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {name: _listed(one) for name, one in value.items()}
    return list(inner.values()) if list(inner) == [str(n) for n in range(len(inner))] else inner


class PhpSyntaxError(ValueError):
    """The text is no PHP array."""


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens = [(m.lastgroup, m.group()) for m in _TOKEN.finditer(text) if m.lastgroup]
        self._at = 0

    def peek(self) -> tuple[str | None, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else (None, "")

    def take(self) -> tuple[str | None, str]:
        token = self.peek()
        self._at += 1
        return token

    def value(self) -> Any:
        kind, text = self.take()
        if kind == "string":
            found: Any = re.sub(r"\\(.)", r"\1", text[1:-1])
        elif kind == "number":
            found = float(text) if "." in text else int(text)
        elif text == "[" or (kind == "word" and text.lower() == "array" and self.take()[1] == "("):
            found = self.items("]" if text == "[" else ")")
        elif kind == "word":
            found = {"true": True, "false": False, "null": None}.get(text.lower(), text)
        else:
            raise PhpSyntaxError(f"unexpected {text!r}")
        if self.peek()[1] == ".":  # strings put together
            self.take()
            found = f"{found}{self.value()}"
        return found

    def items(self, end: str) -> Any:
        found: dict[Any, Any] = {}
        while self.peek()[1] != end:
            value = self.value()
            if self.peek()[1] == "=>":
                self.take()
                found[value] = self.value()
            else:
                found[len(found)] = value
            if self.peek()[1] == ",":
                self.take()
        self.take()
        return list(found.values()) if list(found) == list(range(len(found))) else found


def php_array(text: str, variable: str = "") -> Any:
    """The array that a PHP file returns or gives to `$variable`; {} without one. PhpSyntaxError for bad PHP."""
    start = rf"\${variable}\s*=\s*" if variable else r"\breturn\s+|\$\w+\s*=\s*"
    found = re.search(start + r"(?=\[|array\s*\()", text)
    return _Reader(text[found.end() :]).value() if found else {}
