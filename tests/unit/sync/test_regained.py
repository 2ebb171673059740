"""Switches that turn while a batch of the CRM's records is under way: no edit is lost between old and new terms."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late

import pytest

from app.api.transitions import apply_switches
from app.models import Connection
from app.runtime import Runtime
from app.sync import pairs
from app.sync.pairs import Terms
from tests.unit.sync.conftest import World
from tests.unit.sync.test_both_ways import THEIRS, held, linked, told

__all__ = ["linked"]


def test_an_edit_that_was_read_by_the_old_terms_arrives_after_all(
    linked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked.change(lambda connection: setattr(connection, "switches", {"customer_edits": False}))
    linked.crm.edit(THEIRS, phone="222")
    terms = pairs.terms

    def switched_just_then(runtime: Runtime, connection_id: int) -> Terms:
        found = terms(runtime, connection_id)
        with runtime.database.transaction() as session:
            apply_switches(session, session.get_one(Connection, connection_id), {"customer_edits": True})
        return found

    monkeypatch.setattr(pairs, "terms", switched_just_then)
    told(linked)
    assert held(linked).phone == "222"
    assert [one.result for one in linked.deliveries() if one.kind == "crm:Customer"] == ["skipped", "carried"]


def test_who_asks_for_the_terms_while_they_change_waits_for_the_new_ones(world: World) -> None:
    """SQLite has one writer: a batch that is claimed after the switch began is claimed after it has ended."""
    database = world.runtime.database
    if database.engine.dialect.name == "sqlite":
        pytest.skip("nothing runs beside a switch there")
    with ThreadPoolExecutor(1) as beside:
        with database.transaction() as session:
            apply_switches(session, session.get_one(Connection, world.connection_id), {"customer_edits": False})
            asked = beside.submit(pairs.terms, world.runtime, world.connection_id)
            with pytest.raises(Late):
                asked.result(0.2)
        assert asked.result(30).fields == {}
