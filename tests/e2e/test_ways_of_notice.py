"""How each CRM's changes reach the store: by its own notices, and by asking where these fail."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import requests
from sqlalchemy import func, select

from app.connectors.base import Ref
from app.connectors.registry import VENDORS
from app.models import Cursor, Delivery, State
from app.sync import notices
from tests.e2e.conftest import Bridge
from tests.e2e.in_step import Writes
from tests.e2e.served import bridge_to
from tests.e2e.two_ways import SWITCHES, TwoWays
from worker import listener

PATIENCE = 60.0  # seconds for what is told to arrive
PHONE = "+44 20 7946 0999"


@pytest.fixture
def sides(request: pytest.FixtureRequest, sqlite_url: str, redis_url: str) -> Iterator[TwoWays]:
    """A store and a CRM in step; nobody asks for changes but who is told to."""
    with bridge_to(request.param, sqlite_url, redis_url, **SWITCHES) as bridge:
        made = TwoWays(bridge, seed=7)
        made.begin()
        yield made


@contextmanager
def listening(bridge: Bridge) -> Iterator[None]:
    """The listener process's own loop; it is listening once it knows where the stream stands."""
    stop = threading.Event()
    thread = threading.Thread(target=listener.run, args=(bridge.runtime, stop), daemon=True)
    thread.start()

    def has_cursor() -> bool:
        with bridge.runtime.database.reading() as session:
            return session.get(Cursor, (bridge.connection_id, notices.STREAM)) is not None

    _wait(has_cursor)
    yield
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


@pytest.mark.parametrize("sides", ["salesforce"], indirect=True)
def test_salesforce_tells_by_its_stream(sides: TwoWays) -> None:
    sides.crm.control("org", pubsub_keepalive_seconds=0.2)
    with listening(sides.bridge):
        customer = _edit(sides)
        _wait(lambda: _told(sides) > 0)
    _check(sides, customer)


@pytest.mark.parametrize("sides", ["sugarcrm"], indirect=True)
def test_sugarcrm_tells_by_its_hooks(sides: TwoWays) -> None:
    customer = _edit(sides)
    sides.crm.control("cron")
    _wait(lambda: _told(sides) > 0)
    _check(sides, customer)


@pytest.mark.parametrize("sides", ["sap-sales-cloud"], indirect=True)
@pytest.mark.parametrize("form", ["external", "btp"])
def test_sap_tells_by_event_notifications(sides: TwoWays, form: str) -> None:
    address = notices.address(sides.bridge.runtime, sides.bridge.connection_id)
    sides.crm.control("event_notifications", url=address, form=form, duplicate=1)
    customer = _edit(sides)
    _wait(lambda: len(_sent(sides)) >= 2)
    assert {one["status"] for one in _sent(sides)} == {200}
    assert _told(sides) == 1, "the double is no news"
    _check(sides, customer)


@pytest.mark.parametrize("sides", sorted(VENDORS), indirect=True)
def test_what_is_not_told_is_found_by_asking(sides: TwoWays) -> None:
    customer = _edit(sides)
    sides.poll()
    assert _told(sides) == 1
    _check(sides, customer)


def _edit(sides: TwoWays) -> int:
    """Somebody of the CRM gives a person another phone number."""
    customer = sides.customers[-1]
    [place] = [link for link in sides.links() if (link.kind, link.our_id) == ("customer", str(customer))]
    sides.crm.edit(Ref(place.their_kind, place.their_id), {"phone": PHONE})
    return customer


def _check(sides: TwoWays, customer: int) -> None:
    """It is carried with one write, and its own notices cause no other."""
    before = sides.writes()
    sides.come_to_rest()
    [row] = [row for row in sides.store.rows("customers") if row["id"] == customer]
    assert row["phone"] == PHONE
    assert sides.writes().since(before) == Writes(0, 1)
    assert sides.idle_round() == Writes(0, 0)


def _told(sides: TwoWays) -> int:
    """How many changes of the CRM wait to be followed."""
    with sides.bridge.runtime.database.reading() as session:
        waiting = select(func.count()).where(Delivery.kind.startswith("crm:"), Delivery.state == State.WAITING)
        return session.scalar(waiting) or 0


def _sent(sides: TwoWays) -> list[dict[str, object]]:
    found = requests.get(f"{sides.bridge.crm_url}/_sandbox/event_notifications", timeout=30).json()
    sent: list[dict[str, object]] = found["sent"]
    return sent


def _wait(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < until, "nothing comes"
        time.sleep(0.02)
