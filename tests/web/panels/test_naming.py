"""Asking a CRM whom its records name: seldom, briefly, and again after it has failed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from app.config import Settings
from app.connectors import registry
from app.connectors.access import Account, Grant
from app.connectors.base import Named, Ref
from app.errors import Reauthorize, Retryable
from app.models import Connection
from app.sync import connections
from crm_widgets import naming
from crm_widgets.naming import Naming
from tests.web.panels.world import World

REF = Ref("Contacts", "c-1")
JANE = Named(None, None, ("jane@example.com",))


class Crm:
    """A CRM whose answers a test decides."""

    def __init__(self) -> None:
        self.asked: list[Ref] = []
        self.answer: Callable[[], Named | None] = lambda: JANE

    def named(self, settings: Settings, account: Account, ref: Ref) -> Named | None:
        assert account.access_token == "token"
        self.asked.append(ref)
        return self.answer()


@pytest.fixture
def crm(monkeypatch: pytest.MonkeyPatch) -> Crm:
    crm = Crm()
    monkeypatch.setitem(registry.VENDORS, "sugarcrm", replace(registry.VENDORS["sugarcrm"], named=crm.named))
    return crm


@pytest.fixture
def side(world: World) -> Connection:
    side = world.crm(world.store(), "sugarcrm")
    with world.runtime.database.transaction() as session:
        row = session.get_one(Connection, side.id)
        connections.save_grant(world.runtime, session, row, Grant("token", instance_url=side.instance_url))
    return side


@pytest.fixture
def asking(world: World) -> Naming:
    return Naming(world.runtime)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Send the clock ahead."""

    def send(seconds: float) -> None:
        ahead = time.monotonic() + seconds
        monkeypatch.setattr(naming, "time", SimpleNamespace(monotonic=lambda: ahead))

    return send


def raising(error: Exception) -> Callable[[], Any]:
    def fail() -> Any:
        raise error

    return fail


def test_an_answer_is_kept_for_a_while(
    crm: Crm, side: Connection, asking: Naming, later: Callable[[float], None]
) -> None:
    assert [asking.ask(side.id, REF) for _ in range(3)] == [JANE] * 3
    assert crm.asked == [REF]
    crm.answer = lambda: None
    later(naming.KEPT + 1)
    assert asking.ask(side.id, REF) is None and len(crm.asked) == 2


def test_each_connection_and_record_has_its_own(world: World, crm: Crm, side: Connection, asking: Naming) -> None:
    asking.ask(side.id, REF)
    asking.ask(side.id, Ref("Cases", "c-1"))
    other = world.crm(world.store(), "sugarcrm")
    with pytest.raises(Reauthorize):  # which has no token
        asking.ask(other.id, REF)
    assert crm.asked == [REF, Ref("Cases", "c-1")]


def test_a_failure_is_not_repeated_at_once(
    crm: Crm, side: Connection, asking: Naming, later: Callable[[float], None]
) -> None:
    crm.answer = raising(Retryable("down"))
    for _ in range(3):
        with pytest.raises(Retryable, match="down"):
            asking.ask(side.id, REF)
    assert len(crm.asked) == 1
    crm.answer = lambda: JANE
    later(naming.FAILED_KEPT + 1)
    assert asking.ask(side.id, REF) == JANE


def test_a_slow_answer_is_there_for_the_next_one(
    crm: Crm, side: Connection, asking: Naming, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived = threading.Event()
    crm.answer = lambda: JANE if arrived.wait(20) else None
    monkeypatch.setattr(naming, "WAIT", 0.05)
    for _ in range(2):
        with pytest.raises(Retryable):
            asking.ask(side.id, REF)
    arrived.set()
    monkeypatch.setattr(naming, "WAIT", 10.0)
    assert asking.ask(side.id, REF) == JANE
    assert crm.asked == [REF]


def test_no_more_than_some_are_kept(
    crm: Crm, side: Connection, asking: Naming, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(naming, "MOST", 2)
    for name in ("a", "b", "c", "c", "a"):
        asking.ask(side.id, Ref("Contacts", name))
    assert [ref.id for ref in crm.asked] == ["a", "b", "c", "a"]


def test_a_vendor_that_cannot_be_asked_names_nobody(world: World, asking: Naming) -> None:
    assert asking.ask(world.connection(world.store()).id, REF) is None
