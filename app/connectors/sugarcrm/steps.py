"""Steps: the calls a record asks for, in the order in which they have to happen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.connectors.base import Flag, Key, Known
from app.connectors.meetings import Meetings
from app.connectors.sugarcrm.client import Answer, Request

Identity = tuple[str, str, str, str]


@dataclass(frozen=True)
class Step:
    """One sub-request on one record, known by an id that is its own or chosen by us."""

    method: str  # POST makes, PUT changes, DELETE deletes
    module: str
    id: str
    body: dict[str, Any] = field(default_factory=dict)
    action: str = ""  # below the record: "convert"; "key" gives a record its sync key
    makes: tuple[Key, ...] = ()  # what of ours lives there
    children: tuple[str, ...] = ()
    subject: str = ""  # a line's key
    read_at: str = ""  # date_modified of what the body was made of

    @property
    def identity(self) -> Identity:
        return (self.method, self.module, self.id, self.action)

    @property
    def request(self) -> Request:
        """As it is sent."""
        if self.action == "key":
            return Request("PUT", f"integrate/{self.module}/{self.id}", self.body)
        if self.action:
            return Request(self.method, f"{self.module}/{self.id}/{self.action}", self.body)
        if self.method == "POST":
            return Request("POST", self.module, {"id": self.id, **self.body})
        return Request(self.method, f"{self.module}/{self.id}", self.body or None, self.read_at)


@dataclass
class Plan:
    """The steps of one record, and what is known about it without writing."""

    steps: list[Step] = field(default_factory=list)
    made: dict[Key, Known] = field(default_factory=dict)
    gone: set[Key] = field(default_factory=set)
    flags: list[Flag] = field(default_factory=list)
    uses: dict[Key, str] = field(default_factory=dict)  # accounts that we believe to be there, by our key
    lines: str = ""  # the opportunity whose line items are read back
    met: Meetings = field(default_factory=Meetings)  # what was found and is only linked so far

    @property
    def calls(self) -> list[Step]:
        """The steps that there is something to say in."""
        return [step for step in self.steps if step.body or step.method != "PUT"]

    def add(self, other: Plan) -> None:
        """Take in a part."""
        self.steps += other.steps
        self.made.update(other.made)
        self.gone |= other.gone
        self.flags += [flag for flag in other.flags if flag not in self.flags]
        self.uses.update(other.uses)
        self.met.take(other.met)


Results = dict[Identity, Answer]
