"""Calls, answers, and which handler takes a call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from werkzeug.datastructures import FileStorage

from app.sandbox.sugarcrm.errors import ApiError
from app.sandbox.sugarcrm.sessions import Session
from app.sandbox.sugarcrm.site import Actor


@dataclass
class Call:
    """One API call, whether it came alone or in a bulk request."""

    method: str
    path: tuple[str, ...]  # after the version, decoded
    version: str = "v11_24"
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    raw: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case
    files: Mapping[str, FileStorage] = field(default_factory=dict)
    session: Session | None = None
    user: Actor | None = None

    @property
    def actor(self) -> Actor:
        """Who calls; 401 need_login if nobody is logged in."""
        if self.user is None:
            raise ApiError("need_login", "No valid authentication for user.")
        return self.user

    @property
    def data(self) -> dict[str, Any]:
        """The body as an object; a bare array or nothing is an empty one."""
        return self.body if isinstance(self.body, dict) else {}

    @property
    def args(self) -> dict[str, Any]:
        """Query and body together, the body wins; nulls count as absent."""
        return {k: v for k, v in {**self.query, **self.data}.items() if v is not None}


@dataclass(frozen=True)
class Answer:
    """A body and a status; `body` as bytes is sent as it is."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[..., Any]


class Route(NamedTuple):
    """A verb and a path whose parts in angle brackets are handed to the handler."""

    method: str
    pattern: str
    handler: Handler
    public: bool = False  # needs no login
    locked: bool = True  # the instance is locked while it runs
    writes: bool = False


class Router:
    """All routes; a literal part wins over a placeholder."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self._routes: dict[tuple[str, int], list[tuple[tuple[str, ...], Route]]] = defaultdict(list)
        for route in routes:
            parts = tuple(route.pattern.split("/"))
            self._routes[route.method, len(parts)].append((parts, route))
        for found in self._routes.values():
            found.sort(key=lambda one: [part.startswith("<") for part in one[0]])

    def find(self, method: str, path: tuple[str, ...]) -> tuple[Route, dict[str, str]]:
        """The route of a call and its placeholders; 404 no_method otherwise."""
        for parts, route in self._routes[method, len(path)]:
            params = _match(parts, path)
            if params is not None:
                return route, params
        raise ApiError("no_method", f"Could not find a route with {len(path)} elements")


def _match(parts: tuple[str, ...], path: tuple[str, ...]) -> dict[str, str] | None:
    params = {}
    for part, given in zip(parts, path, strict=True):
        if part.startswith("<"):
            params[part[1:-1]] = given
        elif part != given:
            return None
    return params
