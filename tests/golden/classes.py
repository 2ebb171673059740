"""What a class of hard orders is, and the list of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.golden.draft import Draft

Write = Callable[[Draft], None]


@dataclass(frozen=True)
class Class:
    """A class of orders; two that share a slot never meet in one order."""

    name: str
    module: str
    slots: tuple[str, ...]
    write: Write
    finish: Write | None  # what needs the lines to be there
    is_rare: bool


CLASSES: list[Class] = []


def _nothing(draft: Draft) -> None:
    """Leaves the draft as it is."""


def hard(*slots: str, late: bool = False, is_rare: bool = False) -> Callable[[Write], Write]:
    """Enters a class under its function's name; `late`: it is written once the lines are there."""

    def enter(write: Write) -> Write:
        early, finish = (_nothing, write) if late else (write, None)
        CLASSES.append(Class(write.__name__, write.__module__, slots, early, finish, is_rare))
        return write

    return enter
