"""A step is one row to write; a plan is all the rows that one record of ours asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

from app.connectors.base import Flag, Key, Known
from app.connectors.meetings import Meetings
from app.errors import StorelineError


class Level(IntEnum):
    """The order in which rows must be written."""

    ACCOUNT = 0
    CONTACT = 1
    PRODUCT = 2
    PRICE = 3
    DEACTIVATE = 4  # an active order takes no edits
    ORDER = 5
    REMOVE = 6  # lines that are no more, before others take their external id
    ITEM = 7
    ACTIVATE = 8  # Status alone: Salesforce refuses other changes with it
    OPPORTUNITY = 9
    LEAD = 10
    ACTIVITY = 11  # about all of the above


Identity = tuple[Level, str, str, str]
Switches = Mapping[str, bool]  # the merchant's, by the options' names


@dataclass(frozen=True)
class Step:
    """One row: upserted by the external id `key`, updated by record id where `key` is empty, or deleted."""

    level: Level
    object: str
    value: str
    body: dict[str, Any] = field(default_factory=dict)
    key: str = ""
    delete: bool = False
    assumed: bool = False  # we believe that the row is there; if not, what we know is stale
    new: bool = False  # we believe that the row is not there; if it is, there is more that we do not know
    insist: bool = False  # save it although a duplicate rule warns
    beside: bool = False  # of a linked record that nobody compared for this write
    optional: bool = False  # the record does without it where Salesforce refuses it
    makes: tuple[Key, ...] = ()  # what of ours lives where this row does
    children: tuple[str, ...] = ()
    subject: str = ""  # a line's token, a variant's id

    @property
    def identity(self) -> Identity:
        return (self.level, self.object, self.key, self.value)

    @property
    def row(self) -> dict[str, Any]:
        """The row with its key, as a collection wants it."""
        return {"attributes": {"type": self.object}, self.key or "id": self.value, **self.body}


@dataclass(frozen=True)
class Result:
    """What became of a step."""

    id: str = ""
    error: StorelineError | None = None
    matches: tuple[str, ...] = ()  # records that a duplicate rule found
    received: Any = None
    unsent: bool = False  # the call before which Salesforce became unreachable


@dataclass
class Plan:
    """The steps of one record, and what is known about it without writing."""

    steps: list[Step] = field(default_factory=list)
    made: dict[Key, Known] = field(default_factory=dict)
    flags: list[Flag] = field(default_factory=list)
    error: StorelineError | None = None  # why there is nothing to try
    met: Meetings = field(default_factory=Meetings)  # what was found and is only linked so far

    def add(self, other: Plan) -> None:
        """Take in a part; a row that is already in the plan stays as it is."""
        there = {step.identity for step in self.steps}
        self.steps += [step for step in other.steps if step.identity not in there]
        self.made.update(other.made)
        self.met.take(other.met)
        self.flags += [flag for flag in other.flags if flag not in self.flags]
