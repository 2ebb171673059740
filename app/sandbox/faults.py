"""Which calls of a stand-in go wrong, and how: the next few, one after another, or a seeded share of all."""

from __future__ import annotations

import random
import threading
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any, Literal

KINDS = ("status", "timeout", "reset", "expired")
SHARE_KEYS = frozenset({"share", "seed", "mix", "client"})


@dataclass
class Fault:
    """The next `times` calls whose method and path contain `match` go wrong."""

    status: int = 500
    times: int = 1
    match: str = ""
    method: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    kind: Literal["status", "timeout", "reset", "expired"] = "status"
    when: Literal["before", "after"] = "before"  # "after": the call takes effect, its answer is lost
    seconds: float = 30.0  # how long a time-out holds the connection open
    unless: str = ""  # paths that contain this are spared
    weight: int = 1  # in a mix: how often it comes, compared with the others

    @property
    def name(self) -> str:
        """What is counted: "429", "reset after"."""
        what = str(self.status) if self.kind == "status" else self.kind
        garbage = " garbage" if self.kind == "status" and self.status < 300 else ""
        return what + garbage + (" after" if self.when == "after" else "")

    def hits(self, method: str, path: str) -> bool:
        """Whether it is meant for a call."""
        spared = bool(self.unless) and self.unless in path
        return self.match in path and not spared and self.method in ("", method)


@dataclass(frozen=True)
class Share:
    """A part of all calls of a client ("": of everybody) goes wrong, each in one of the ways of a mix."""

    share: float
    mix: tuple[Fault, ...]
    client: str = ""


class Faults:
    """What was asked for under `/_sandbox/fail`, and what came of it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: list[Fault] = []
        self._share = Share(0, ())
        self._random = random.Random(1)
        self._seen: set[str] = set()  # tokens that were good for a call
        self._dead: set[str] = set()  # tokens that were told to have expired
        self._counts: Counter[str] = Counter()

    def add(self, body: dict[str, Any]) -> None:
        """A fault for the next calls, or a share of all. Raises ValueError in words."""
        if "share" in body:
            self._set_share(body)
            return
        fault = _fault(body)
        with self._lock:
            self._next.append(fault)

    def clear(self) -> None:
        """Nothing goes wrong any more; expired tokens stay so."""
        with self._lock:
            self._next.clear()
            self._share = Share(0, ())

    def forget(self) -> None:
        """As if there had never been any."""
        self.clear()
        with self._lock:
            for record in (self._seen, self._dead, self._counts):
                record.clear()

    def counts(self) -> dict[str, int]:
        """How many calls went wrong, by the name of the fault."""
        with self._lock:
            return dict(self._counts)

    def take(self, method: str, path: str, client: str = "", token: str = "") -> Fault | None:
        """What happens to a call; `token`: what it proves itself with."""
        with self._lock:
            fault = self._of_next(method, path) or self._of_share(method, path, client, token)
            if fault is not None:
                self._counts[fault.name] += 1
            return fault

    def _of_next(self, method: str, path: str) -> Fault | None:
        for fault in self._next:
            if fault.hits(method, path):
                fault.times -= 1
                if fault.times <= 0:
                    self._next.remove(fault)
                return fault
        return None

    def _of_share(self, method: str, path: str, client: str, token: str) -> Fault | None:
        if token in self._dead:
            return Fault(401, kind="expired")
        is_known = token in self._seen
        self._seen |= {token} - {""}
        if not self._share.share or self._share.client not in ("", client):
            return None
        if self._random.random() >= self._share.share:
            return None
        # A token that was just given is good for a call: only one that worked can run out.
        ways = [way for way in self._share.mix if way.hits(method, path) and (way.kind != "expired" or is_known)]
        if not ways:
            return None
        [chosen] = self._random.choices(ways, [way.weight for way in ways])
        if chosen.kind == "expired":
            self._dead.add(token)
        return replace(chosen)

    def _set_share(self, body: dict[str, Any]) -> None:
        _refuse_unknown(body, SHARE_KEYS)
        share, mix = float(body["share"]), tuple(_fault(way) for way in body.get("mix") or [{}])
        if not 0 <= share <= 1:
            raise ValueError("share is a number from 0 to 1")
        with self._lock:
            self._share = Share(share, mix, str(body.get("client", "")))
            self._random = random.Random(int(body.get("seed", 1)))


def _fault(body: dict[str, Any]) -> Fault:
    _refuse_unknown(body, frozenset(Fault.__dataclass_fields__))
    fault = Fault(**body)
    if fault.kind not in KINDS or fault.when not in ("before", "after"):
        raise ValueError(f"kind is one of {', '.join(KINDS)}, when is before or after")
    if fault.kind == "expired":
        fault.status, fault.when = 401, "before"
    return fault


def _refuse_unknown(body: dict[str, Any], known: frozenset[str]) -> None:
    unknown = set(body) - known
    if unknown:
        raise ValueError(f"unknown keys: {', '.join(sorted(unknown))}")
