"""Writes in batches, of which BigCommerce refuses all for the sake of one: the bad one is found by halving."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from app.connectors.base import Payload
from app.errors import Misconfigured, Reauthorize, Rejected

Sent = dict[str, Payload]  # bodies by a key of ours
Answers = dict[str, Payload | Rejected | None]


def send(write: Callable[[list[Payload]], Any], bodies: Sent, most: int, key: Callable[[Payload], str]) -> Answers:
    """The answer to every body by its key: the row that was written, why it was not, None: it is not in the answer.

    `key` finds the body's key in a row of the answer. Raises what concerns all: an error of the token, of time.
    """
    names = list(bodies)
    answers: Answers = {}
    for start in range(0, len(names), most):
        answers |= _part(write, bodies, names[start : start + most], key)
    return answers


def _part(
    write: Callable[[list[Payload]], Any], bodies: Sent, names: Sequence[str], key: Callable[[Payload], str]
) -> Answers:
    try:
        reply = write([bodies[name] for name in names])
    except (Reauthorize, Misconfigured):
        raise
    except Rejected as error:
        if len(names) == 1:
            return {names[0]: error}
        half = len(names) // 2
        return _part(write, bodies, names[:half], key) | _part(write, bodies, names[half:], key)
    rows = {key(row): row for row in (reply or {}).get("data") or () if isinstance(row, dict)}
    answers: Answers = {name: rows.get(name) for name in names}
    missing = [name for name in names if answers[name] is None]
    if missing and len(names) > 1:  # 207: some were written; each of the others says by itself what is wrong
        for name in missing:
            answers |= _part(write, bodies, [name], key)
    return answers
