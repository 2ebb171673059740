"""How a connector's calls go through the gate of their connection: by which bucket, and what the answers tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from requests import Response

from app.connectors.access import PLAIN, Bucket, Gate, Reading


def nothing(response: Response) -> Reading:
    """Of vendors whose answers say nothing of limits."""
    return Reading()


def plain(method: str, url: str) -> Bucket:
    """Of vendors that only count calls by the day."""
    return PLAIN


@dataclass(frozen=True)
class Meter:
    """What a session asks before each call and tells after it. Enter raises Retryable where no call may be made."""

    gate: Gate
    read: Callable[[Response], Reading] = nothing
    bucket: Callable[[str, str], Bucket] = plain

    def enter(self, method: str, url: str) -> None:
        """Before each call."""
        self.gate.enter(self.bucket(method, url))

    def told(self, response: Response | None) -> None:
        """After each call; None: there was no answer."""
        self.gate.told(Reading() if response is None else self.read(response))


def meter(
    gate: Gate | None,
    read: Callable[[Response], Reading] = nothing,
    bucket: Callable[[str, str], Bucket] = plain,
) -> Meter | None:
    """The meter of a gate; None: nobody counts."""
    return None if gate is None else Meter(gate, read, bucket)
