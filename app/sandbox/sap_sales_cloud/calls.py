"""One operation on the service, alone or as a part of a batch, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote

from app.sandbox.sap_sales_cloud.errors import bad
from app.sandbox.sap_sales_cloud.users import User

OPTIONS = frozenset(
    {"$filter", "$select", "$orderby", "$top", "$skip", "$count", "$inlinecount", "$expand", "$search", "$format"}
    | {"$skiptoken"}
)


@dataclass(frozen=True)
class Call:
    """A request below the service root; `path` is decoded, `base` is the root with its trailing slash."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]  # names in lower case
    body: bytes
    base: str
    user: User
    human_keys: bool = False  # the service whose keys are the ids that people see
    in_batch: bool = False
    references: dict[str, str] = field(default_factory=dict)  # Content-ID → path of what it made

    @property
    def wants_json(self) -> bool:
        """Whether the answer is to be JSON: `$format`, else Accept, else as the body came."""
        asked = self.query.get("$format")
        if asked is not None:
            return asked == "json"
        accept = self.headers.get("accept", "")
        if "json" in accept:
            return True
        return accept in ("", "*/*") and "json" in self.headers.get("content-type", "")

    @property
    def language(self) -> str:
        """The language of descriptions, of those that the tenant has."""
        asked = self.headers.get("accept-language", "en")[:2].lower()
        return asked if asked in ("en", "de", "fr", "es") else "en"

    @property
    def shows_texts(self) -> bool:
        """Whether descriptions of codes are wanted."""
        return self.headers.get("odata-no-codedescs", "").lower() != "true"


@dataclass
class Outcome:
    """A status and what will be its body, written only after the change is saved."""

    status: int
    body: Callable[[], str | bytes] | None = None
    content_type: str = ""
    headers: Callable[[], dict[str, str]] | None = None
    made: str = ""  # the path of what a POST made


def parse_query(text: str) -> dict[str, str]:
    """Query options; `%24top` counts as `$top`. 400 for system options that do not exist or come twice."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        if name.startswith("$") and name not in OPTIONS:
            raise bad(f"Invalid system query option '{name}'")
        if name.startswith("$") and name in found:
            raise bad(f"System query option '{name}' must be specified at most once")
        found[name] = value
    return found


def number(query: dict[str, str], name: str) -> int | None:
    """A non-negative number of the query; None if it is not there."""
    text = query.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise bad(f"Invalid value '{text}' for {name}")
    return int(text)


def split_target(target: str) -> tuple[str, str]:
    """Decoded path and raw query of a relative URL."""
    path, _, query = target.partition("?")
    return unquote(path), query


def listed(text: str) -> list[str]:
    """The items of a comma list."""
    return [item.strip() for item in text.split(",") if item.strip()]


Body = dict[str, Any]
