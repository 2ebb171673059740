"""The harder half of the way back: shared and adopted accounts, first meetings, decisions, restored records."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.connectors import registry
from app.connectors.access import Grant
from app.connectors.base import ADOPTED, Changes, Key, Known, Notice, Outcome, Ref, Theirs, Write
from app.db import now
from app.errors import Reauthorize, Rejected, Retryable
from app.models import Conflict, ConflictState, ConnectionState, Cursor, Link, LinkState, State
from app.sync import accounts, conflicts, links, notices, patience, polling
from tests.unit.sync.conftest import World
from tests.unit.sync.test_both_ways import ANN, THEIRS, held, linked, links_of, listed, ours, rules, told

__all__ = ["linked"]


def row(world: World, key: Key) -> Link:
    with world.runtime.database.reading() as session:
        return session.scalars(select(Link).where(Link.kind == key[0], Link.our_id == key[1])).one()


def test_an_adopted_record_is_never_compared(linked: World) -> None:
    with linked.runtime.database.transaction() as session:
        link = session.scalars(select(Link).where(Link.kind == "customer")).one()
        link.children = list(ADOPTED)
    linked.crm.edit(THEIRS, phone="corporate")
    told(linked)
    ours(linked, first_name="Anna")
    linked.flush()
    assert held(linked).phone == "111"
    assert not linked.store.edits


def test_an_account_that_people_merged_belongs_to_nobody(world: World) -> None:
    with world.runtime.database.transaction() as session:
        places = {("account", str(n)): Known(Ref("Account", f"a{n}")) for n in (1, 2)}
        links.save(session, world.connection_id, places)
        assert links.follow(session, world.connection_id, ("account", "1"), Ref("Account", "a2"))
    assert {tuple(row(world, ("account", str(n))).children) for n in (1, 2)} == {ADOPTED}


def test_who_is_only_matched_is_compared_before_anything_is_written(world: World) -> None:
    """A rep's contact of the same e-mail has another phone; the CRM's word counts for phones."""
    rules(world, phone="crm")
    world.store.put(replace(ANN, phone="shop"))
    ref = Ref("Customer", THEIRS)
    upsert = world.crm.upsert_many

    def matching(writes: list[Write]) -> list[Outcome]:
        if writes[0].place is not None:
            return upsert(writes)
        shown = world.crm.shown(replace(ANN, phone="0800 DIRECT", last_name=""))[("customer", "7")]
        world.crm.people[THEIRS] = replace(_theirs(world), fields=shown)
        made = {("customer", "7"): Known(ref)}
        return [Outcome(made=made, matched=frozenset(made)) for _ in writes]

    world.crm.upsert_many = matching  # type: ignore[method-assign,assignment]  # as a connector that finds by e-mail
    world.notice("customer", 7)
    world.flush()
    assert world.crm.people[THEIRS].fields["phone"] == "0800 DIRECT"
    assert held(world).phone == "0800 DIRECT"
    assert world.crm.people[THEIRS].fields["last_name"] == "Lee"  # theirs was empty
    assert [one.result for one in world.deliveries(State.DONE)][-1] == "written"


def _theirs(world: World) -> Theirs:
    return Theirs(Ref("Customer", THEIRS), {}, world.crm.clock + timedelta(seconds=1))


def test_the_buyer_whom_an_order_made_is_no_conflict(world: World) -> None:
    """The order's address told one name, the customer's own record tells another; nobody edited anything."""
    rep = linked_by_an_order(world, is_echo=True)
    world.notice("customer", 7)
    world.flush()
    assert not listed(world, *ConflictState)
    assert world.crm.people[THEIRS].fields["phone"] == "111"
    assert rep == "from the order"


def test_a_rep_who_edited_the_buyer_since_is_heard(world: World) -> None:
    linked_by_an_order(world, is_echo=False)
    world.notice("customer", 7)
    world.flush()
    assert [(one.field, one.theirs) for one in listed(world, ConflictState.OPEN)] == [("phone", "from the order")]


def linked_by_an_order(world: World, *, is_echo: bool) -> str:
    world.store.put(ANN)
    ref = Ref("Customer", THEIRS)
    with world.runtime.database.transaction() as session:
        links.save(session, world.connection_id, {("customer", "7"): Known(ref)})
    fields = {**world.crm.shown(ANN)[("customer", "7")], "phone": "from the order"}
    world.crm.people[THEIRS] = Theirs(ref, fields, world.crm.clock, is_echo=is_echo)
    return fields["phone"]


def test_a_merge_found_by_a_write_does_not_lose_the_stores_edit(linked: World) -> None:
    winner = Ref("Customer", "winner")
    linked.crm.people["winner"] = replace(linked.crm.people[THEIRS], ref=winner)
    linked.crm.people[THEIRS] = replace(linked.crm.people[THEIRS], merged_into=winner)
    ours(linked, phone="333")
    linked.flush()
    [conflict] = listed(linked, ConflictState.OPEN)  # nobody ever agreed on the winner's values
    assert (conflict.field, conflict.ours, conflict.theirs) == ("phone", "333", "111")


def test_a_switch_turned_off_and_on_leaves_no_old_agreement(linked: World) -> None:
    _switch(linked, False)
    ours(linked, phone="333")
    linked.flush()
    _switch(linked, True)
    linked.crm.edit(THEIRS, phone="111")  # back to what it was long ago
    told(linked)
    assert held(linked).phone == "111"
    assert not listed(linked, *ConflictState)


def test_a_decision_is_good_for_what_the_person_saw(linked: World) -> None:
    linked.crm.edit(THEIRS, phone="222")
    ours(linked, phone="333")
    linked.flush()
    [conflict] = listed(linked, ConflictState.OPEN)
    conflicts.decide(linked.runtime, linked.store_id, [conflict.id], "crm", 5)
    ours(linked, phone="444")  # before anything is carried out
    linked.flush()
    assert (held(linked).phone, linked.crm.people[THEIRS].fields["phone"]) == ("444", "222")
    [again] = listed(linked, ConflictState.OPEN)
    assert (again.ours, again.winner) == ("444", "")


def test_a_decision_that_cannot_be_carried_out_is_over(linked: World) -> None:
    linked.crm.edit(THEIRS, phone="222")
    ours(linked, phone="333")
    linked.flush()
    linked.change(lambda connection: setattr(connection, "switches", {"customer_edits": False}))
    [conflict] = listed(linked, ConflictState.OPEN)
    assert conflicts.decide(linked.runtime, linked.store_id, [conflict.id], "crm", 5) == 1
    assert [one.winner for one in listed(linked, ConflictState.SETTLED)] == ["crm"]


def test_a_deletion_there_ends_its_conflicts(linked: World) -> None:
    linked.crm.edit(THEIRS, phone="222")
    ours(linked, phone="333")
    linked.flush()
    del linked.crm.people[THEIRS]
    told(linked)
    assert not listed(linked, ConflictState.OPEN, ConflictState.DECIDED)


def test_what_people_restore_lives_again(linked: World) -> None:
    kept = linked.crm.people.pop(THEIRS)
    told(linked)
    assert links_of(linked)["7"].state == LinkState.GONE
    linked.crm.people[THEIRS] = kept
    linked.crm.edit(THEIRS, phone="222")
    told(linked)
    linked.flush()
    assert links_of(linked)["7"].state == LinkState.LIVE
    assert (held(linked).phone, linked.crm.created[("customer", "7")]) == ("222", 1)


def test_another_account_starts_with_an_empty_memory(linked: World) -> None:
    linked.crm.edit(THEIRS, phone="222")
    ours(linked, phone="333")
    linked.flush()
    polling.poll(linked.runtime, linked.connection_id)
    notices.receive(linked.runtime, linked.connection_id, [Notice("x", "changed", (Ref("Customer", THEIRS),))])
    linked.change(lambda connection: setattr(connection, "owners", [{"owners": ["u1"]}]))
    linked.change(lambda connection: setattr(connection, "state", ConnectionState.DISCONNECTED))
    accounts.keep(linked.runtime, linked.store_id, "salesforce", "production", Grant("t", account_id="00D-other"))
    with linked.runtime.database.reading() as session:
        assert not session.scalars(select(Cursor)).all()
        assert not session.scalars(select(Conflict)).all()
        assert not session.scalars(select(Link)).all()
    assert [one.kind for one in linked.deliveries(State.WAITING)] == []
    assert linked.connection().owners == []


def test_a_kind_that_cannot_be_read_keeps_no_other_back(linked: World, monkeypatch: pytest.MonkeyPatch) -> None:
    polling.poll(linked.runtime, linked.connection_id)
    vendor = registry.VENDORS["salesforce"]
    monkeypatch.setitem(registry.VENDORS, "salesforce", replace(vendor, follows={"Bad": "bad", "Customer": "customer"}))
    changes = linked.crm.changes

    def picky(kind: str, cursor: str) -> Changes:
        if kind == "Bad":
            raise Rejected("No such kind.")
        return changes(kind, cursor)

    monkeypatch.setattr(linked.crm, "changes", picky)
    linked.crm.edit(THEIRS, phone="222")
    _due(linked)
    polling.poll(linked.runtime, linked.connection_id)
    linked.flush()
    assert held(linked).phone == "222"


def test_a_poll_respects_the_vendors_wish_to_wait(linked: World) -> None:
    linked.change(lambda connection: setattr(connection, "hold_until", now() + timedelta(hours=1)))
    polling.poll(linked.runtime, linked.connection_id)
    with linked.runtime.database.reading() as session:
        assert not session.scalars(select(Cursor)).all()


def test_nothing_travels_back_that_is_not_sent(linked: World) -> None:
    off = {"customers": False, "customer_edits": True}
    linked.change(lambda connection: setattr(connection, "switches", off))
    rules(linked, phone="bigcommerce")
    linked.crm.edit(THEIRS, phone="222")
    told(linked)
    assert (held(linked).phone, listed(linked, *ConflictState)) == ("111", [])


def test_characters_that_are_no_text_are_left_out(linked: World) -> None:
    linked.crm.edit(THEIRS, phone="2\x0022", first_name="An\ud800n")
    told(linked)
    assert (held(linked).phone, held(linked).first_name) == ("222", "An?n")


def test_our_own_people_of_another_store_are_no_new_customers(linked: World) -> None:
    linked.change(lambda connection: setattr(connection, "switches", {"new_contacts": True}))
    fields = {"first_name": "Bo", "last_name": "Ek", "email": "bo@x.example", "phone": ""}
    stranger = replace(
        linked.crm.people[THEIRS], ref=Ref("Customer", "other"), store_id="", is_echo=True, fields=fields
    )
    linked.crm.people["other"] = stranger
    told(linked, "other")
    assert not linked.store.edits
    linked.crm.people["other"] = replace(stranger, is_echo=False, store_id="999")  # an id that the store does not have
    linked.store.records[("customer", "999")] = replace(ANN, id="999", email="somebody@else.example")
    told(linked, "other")
    assert [edit.record for edit in linked.store.edits] == [None]  # made as somebody new


@pytest.mark.parametrize(
    ("error", "state"),
    [(Reauthorize("Log in."), ConnectionState.REAUTHORIZE), (Retryable("Slow.", retry_after=now()), "live")],
)
def test_an_error_of_the_account_is_not_the_records(
    world: World, error: Reauthorize | Retryable, state: ConnectionState
) -> None:
    if isinstance(error, Retryable):
        error.retry_after = now() + timedelta(hours=1)
    world.store.put(ANN)
    world.crm.refuse = lambda write: error
    world.notice("customer", 7)
    world.flush()
    [waiting] = world.deliveries(State.WAITING)
    assert (waiting.attempts, world.connection().state) == (0, state)
    assert isinstance(error, Reauthorize) or world.connection().hold_until is not None


def test_what_was_written_beside_is_looked_at(world: World) -> None:
    world.store.put(ANN)
    upsert = world.crm.upsert_many
    beside = (Ref("Customer", "beside"),)
    world.crm.upsert_many = lambda writes: [replace(o, touched=beside) for o in upsert(writes)]  # type: ignore[method-assign]
    world.notice("customer", 7)
    world.flush()
    assert ("crm:Customer", "beside") in {(one.kind, one.record_id) for one in world.deliveries()}


def test_patience_ends() -> None:
    release = threading.Event()
    started = time.monotonic()
    with pytest.raises(Retryable):
        patience.within(0.1, lambda: release.wait(30))
    assert time.monotonic() - started < 20
    release.set()
    assert patience.within(5, lambda: 7) == 7
    with pytest.raises(Rejected):
        patience.within(5, lambda: (_ for _ in ()).throw(Rejected("no")))


def _due(world: World) -> None:
    with world.runtime.database.transaction() as session:
        for cursor in session.scalars(select(Cursor)):
            cursor.read_at = cursor.read_at.replace(year=2020)


def _switch(world: World, on: bool) -> None:
    world.change(lambda connection: setattr(connection, "switches", {"customer_edits": on}))
