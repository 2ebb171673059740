"""People edit on both sides: who wins, what is listed, and that nothing goes round in circles."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from app.connectors.base import Notice, Ref
from app.db import now
from app.domain import Customer
from app.errors import Rejected
from app.models import Conflict, ConflictState, Cursor, Link, LinkState, State
from app.sync import conflicts, notices, polling
from tests.fakes import T0, order
from tests.unit.sync.conftest import World

ANN = Customer("7", "ann@shop.example", "Ann", "Lee", phone="111", modified_at=T0)
THEIRS = "crm-customer-7"


@pytest.fixture
def linked(world: World) -> World:
    """A customer whom both sides know."""
    world.store.put(ANN)
    world.notice("customer", 7)
    world.flush()
    assert world.deliveries(State.DONE)[0].result == "written"
    return world


def told(world: World, *ids: str) -> None:
    world.events += 1
    refs = tuple(Ref("Customer", their_id) for their_id in ids or (THEIRS,))
    notices.receive(world.runtime, world.connection_id, [Notice(f"n-{world.events}", "Customer changed", refs)])
    world.flush()


def ours(world: World, **changes: Any) -> None:
    """As the shopper, or the store's staff."""
    world.store.clock = world.crm.clock = max(world.store.clock, world.crm.clock)
    now_held = held(world)
    world.store.put(replace(now_held, **changes, modified_at=world.store.clock))
    world.notice("customer", 7)


def held(world: World) -> Customer:
    found = world.store.records[("customer", "7")]
    assert isinstance(found, Customer)
    return found


def listed(world: World, *states: ConflictState) -> list[Conflict]:
    with world.runtime.database.reading() as session:
        return [row for row in session.scalars(select(Conflict).order_by(Conflict.id)) if row.state in states]


def links_of(world: World) -> dict[str, Link]:
    with world.runtime.database.reading() as session:
        return {row.our_id: row for row in session.query(Link).filter_by(kind="customer").order_by(Link.id)}


def rules(world: World, **rule: str) -> None:
    world.change(lambda connection: setattr(connection, "rules", {"customer": rule}))


def test_an_edit_there_reaches_the_store_and_does_not_come_back(linked: World) -> None:
    linked.crm.edit(THEIRS, phone="222")
    told(linked)
    assert held(linked).phone == "222"
    writes = len(linked.crm.writes)
    linked.notice("customer", 7)  # the store's own notice of what we wrote
    linked.flush()
    assert linked.deliveries(State.DONE)[-1].result == "unchanged"
    assert len(linked.crm.writes) == writes
    told(linked)
    assert len(linked.store.edits) == 1


def test_edits_of_different_fields_on_both_sides_both_arrive(linked: World) -> None:
    linked.crm.edit(THEIRS, phone="222")
    ours(linked, first_name="Anna")
    linked.flush()
    assert (held(linked).first_name, held(linked).phone) == ("Anna", "222")
    assert linked.crm.people[THEIRS].fields["first_name"] == "Anna"
    assert linked.crm.people[THEIRS].fields["phone"] == "222"
    assert not listed(linked, ConflictState.OPEN, ConflictState.SETTLED)


@pytest.mark.parametrize("first", ["store", "crm"])
def test_edits_of_one_field_on_both_sides_are_a_conflict_that_a_person_settles(linked: World, first: str) -> None:
    linked.crm.edit(THEIRS, phone="222")
    ours(linked, phone="333")
    if first == "store":
        linked.flush()
        told(linked)
    else:
        told(linked)
        linked.flush()
    assert (held(linked).phone, linked.crm.people[THEIRS].fields["phone"]) == ("333", "222")
    [row] = listed(linked, ConflictState.OPEN)
    assert (row.field, row.ours, row.theirs, row.agreed) == ("phone", "333", "222", "111")
    winner, value = ("crm", "222") if first == "store" else ("bigcommerce", "333")
    assert conflicts.decide(linked.runtime, linked.store_id, [row.id], winner, 5) == 1
    linked.flush()
    assert (held(linked).phone, linked.crm.people[THEIRS].fields["phone"]) == (value, value)
    [settled] = listed(linked, ConflictState.SETTLED)
    assert (settled.winner, settled.settled_by) == (winner, "user: 5")
    assert not listed(linked, ConflictState.OPEN, ConflictState.DECIDED)


def test_an_open_conflict_keeps_no_other_field_back(linked: World) -> None:
    linked.crm.edit(THEIRS, phone="222")
    ours(linked, phone="333")
    linked.flush()
    ours(linked, last_name="Long")
    linked.flush()
    assert linked.crm.people[THEIRS].fields["last_name"] == "Long"
    assert linked.crm.people[THEIRS].fields["phone"] == "222"


def test_the_same_edit_on_both_sides_is_no_conflict(linked: World) -> None:
    linked.crm.edit(THEIRS, phone="222")
    ours(linked, phone="222")
    linked.flush()
    assert not listed(linked, *ConflictState)


@pytest.mark.parametrize(("rule", "kept"), [("bigcommerce", "333"), ("crm", "222"), ("latest", "333")])
def test_a_rule_settles_conflicts_and_lists_both_values(linked: World, rule: str, kept: str) -> None:
    rules(linked, phone=rule)
    linked.crm.edit(THEIRS, phone="222")
    linked.crm.clock = linked.store.clock = linked.crm.people[THEIRS].modified_at.replace(year=2027)
    ours(linked, phone="333")
    linked.flush()
    assert (held(linked).phone, linked.crm.people[THEIRS].fields["phone"]) == (kept, kept)
    [row] = listed(linked, ConflictState.SETTLED)
    assert (row.ours, row.theirs, row.settled_by) == ("333", "222", f"rule: {rule}")


def test_an_edit_of_what_the_store_owns_is_taken_back_and_listed(linked: World) -> None:
    rules(linked, **{"*": "bigcommerce"})
    linked.crm.edit(THEIRS, phone="222")
    told(linked)
    linked.flush()
    assert (held(linked).phone, linked.crm.people[THEIRS].fields["phone"]) == ("111", "111")
    [row] = listed(linked, ConflictState.SETTLED)
    assert (row.theirs, row.winner) == ("222", "bigcommerce")


def test_fill_if_empty_fills_and_never_overwrites(linked: World) -> None:
    rules(linked, phone="fill_if_empty")
    linked.crm.edit(THEIRS, phone="222")
    told(linked)
    assert held(linked).phone == "111"
    ours(linked, phone="")
    linked.flush()
    assert held(linked).phone == "222"


def test_on_create_only_lets_either_side_keep_its_own(linked: World) -> None:
    rules(linked, phone="on_create_only")
    linked.crm.edit(THEIRS, phone="222")
    ours(linked, phone="333", last_name="Long")
    linked.flush()
    assert (held(linked).phone, linked.crm.people[THEIRS].fields["phone"]) == ("333", "222")
    assert linked.crm.people[THEIRS].fields["last_name"] == "Long"


def test_what_is_cut_there_does_not_come_back_cut(linked: World) -> None:
    long = "Wolfeschlegelsteinhausenbergerdorff"
    ours(linked, last_name=long)
    linked.flush()
    assert linked.crm.people[THEIRS].fields["last_name"] == long[:20]
    linked.crm.edit(THEIRS, phone="222")
    told(linked)
    assert (held(linked).last_name, held(linked).phone) == (long, "222")


def test_what_was_deleted_there_is_not_made_anew(linked: World) -> None:
    del linked.crm.people[THEIRS]
    told(linked)
    assert links_of(linked)["7"].state == LinkState.GONE
    ours(linked, phone="333")
    linked.flush()
    last = linked.deliveries(State.DONE)[-1]
    assert (last.result, last.flags[0]["code"]) == ("skipped", "DELETED_THERE")
    assert linked.crm.created[("customer", "7")] == 1


def test_a_deletion_is_noticed_by_the_next_write_too(linked: World) -> None:
    del linked.crm.people[THEIRS]
    ours(linked, phone="333")
    linked.flush()
    assert links_of(linked)["7"].state == LinkState.GONE
    assert linked.crm.created[("customer", "7")] == 1


def test_a_merge_there_is_followed(linked: World) -> None:
    winner = Ref("Customer", "winner")
    linked.crm.people["winner"] = replace(linked.crm.people[THEIRS], ref=winner)
    linked.crm.people[THEIRS] = replace(linked.crm.people[THEIRS], merged_into=winner)
    told(linked)
    link = links_of(linked)["7"]
    assert (link.their_id, link.state) == ("winner", LinkState.LIVE)


def test_two_customers_who_became_one_there_do_not_fight(linked: World) -> None:
    linked.store.put(replace(ANN, id="8", email="other@shop.example", first_name="Anneliese"))
    linked.notice("customer", 8)
    linked.flush()
    winner = Ref("Customer", "crm-customer-8")
    linked.crm.people[THEIRS] = replace(linked.crm.people[THEIRS], merged_into=winner)
    told(linked)
    assert links_of(linked)["7"].state == LinkState.MERGED
    ours(linked, phone="999")
    linked.flush()
    assert linked.deliveries(State.DONE)[-1].flags[0]["code"] == "MERGED_THERE"
    assert linked.crm.people["crm-customer-8"].fields["phone"] == "111"
    linked.store.put(order(5, customer="7"))
    linked.notice("order", 5)
    linked.flush()
    assert linked.deliveries(State.DONE)[-1].result == "written"


def test_new_people_come_in_only_if_wanted(linked: World) -> None:
    stranger = replace(
        linked.crm.people[THEIRS], ref=Ref("Customer", "new-1"), store_id="", is_echo=False,
        fields={"first_name": "Bo", "last_name": "Ek", "email": "bo@x.example", "phone": ""},
    )  # fmt: skip
    linked.crm.people["new-1"] = stranger
    told(linked, "new-1")
    assert not linked.store.edits
    linked.change(lambda connection: setattr(connection, "switches", {"new_contacts": True}))
    told(linked, "new-1")
    [edit] = linked.store.edits
    assert (edit.record, edit.values[("customer", "")]["email"]) == (None, "bo@x.example")
    assert [link.their_id for link in links_of(linked).values()] == [THEIRS, "new-1"]
    linked.flush()
    told(linked, "new-1")
    assert len(linked.store.edits) == 1
    assert sum(linked.crm.created.values()) == 1  # only Ann was made by us


def test_what_the_store_refuses_is_dead_with_its_words(linked: World) -> None:
    linked.store.refuse = lambda edit: Rejected("The phone is too long.", code="BC_422", field="phone")
    linked.crm.edit(THEIRS, phone="2" * 60)
    told(linked)
    [dead] = linked.deliveries(State.DEAD)
    assert (dead.kind, dead.record_id, dead.error_field) == ("crm:Customer", THEIRS, "phone")
    assert held(linked).phone == "111"
    linked.store.refuse = lambda edit: None
    linked.crm.edit(THEIRS, phone="222")
    told(linked)
    assert held(linked).phone == "222"


def test_what_the_store_refuses_keeps_nothing_else_back(linked: World) -> None:
    linked.store.refuse = lambda edit: Rejected("The phone is none.", code="BC_422", field="phone")
    linked.crm.edit(THEIRS, phone="+++")
    ours(linked, last_name="Long")
    linked.flush()
    last = linked.deliveries(State.DONE)[-1]
    assert (last.result, last.flags[0]["code"]) == ("written", "NOT_TAKEN")
    assert linked.crm.people[THEIRS].fields["last_name"] == "Long"
    assert linked.crm.people[THEIRS].fields["phone"] == "+++"
    writes = len(linked.crm.writes)
    linked.notice("customer", 7)
    linked.flush()
    assert len(linked.crm.writes) == writes
    linked.store.refuse = lambda edit: None
    told(linked)
    assert held(linked).phone == "+++"  # nobody has taken it for agreed


def test_what_the_store_takes_only_with_something_else_waits(linked: World) -> None:
    linked.store.waits = frozenset({"phone"})
    linked.crm.edit(THEIRS, phone="222", first_name="Anna")
    told(linked)
    [carried] = linked.deliveries(State.DONE)[-1:]
    assert (carried.result, carried.flags[0]["code"]) == ("carried", "WAITS")
    assert (held(linked).first_name, held(linked).phone) == ("Anna", "111")
    ours(linked, last_name="Long")
    linked.flush()
    assert linked.crm.people[THEIRS].fields["phone"] == "222"
    linked.store.waits = frozenset()
    told(linked)
    assert held(linked).phone == "222"


def test_the_option_off_lets_nothing_back_but_follows_deletions(linked: World) -> None:
    linked.change(lambda connection: setattr(connection, "switches", {"customer_edits": False}))
    linked.crm.edit(THEIRS, phone="222")
    told(linked)
    assert held(linked).phone == "111"
    reads = len(linked.crm.reads)
    ours(linked, phone="333")
    linked.flush()
    assert linked.crm.people[THEIRS].fields["phone"] == "333"
    assert len(linked.crm.reads) == reads  # nothing is read before a write
    del linked.crm.people[THEIRS]
    told(linked)
    assert links_of(linked)["7"].state == LinkState.GONE


def test_polling_finds_edits_and_leaves_our_own_out(linked: World) -> None:
    polling.poll(linked.runtime, linked.connection_id)  # from now on
    ours(linked, phone="333")
    linked.flush()  # our own write there
    _again(linked)
    reads = len(linked.crm.reads)
    linked.flush()
    assert len(linked.crm.reads) == reads
    linked.crm.edit(THEIRS, phone="444")
    _again(linked)
    linked.flush()
    assert held(linked).phone == "444"


def test_polling_tells_two_edits_of_one_second(linked: World) -> None:
    polling.poll(linked.runtime, linked.connection_id)
    linked.crm.clock = now().replace(microsecond=0)
    for phone in ("444", "555"):
        linked.crm.edit(THEIRS, phone=phone)
        linked.crm.people[THEIRS] = replace(linked.crm.people[THEIRS], modified_at=linked.crm.clock)
        _again(linked)
        linked.flush()
        assert held(linked).phone == phone


def test_a_notice_told_twice_is_one(linked: World) -> None:
    notice = Notice("once", "Customer changed", (Ref("Customer", THEIRS),))
    assert notices.receive(linked.runtime, linked.connection_id, [notice, notice]) == 1
    assert notices.receive(linked.runtime, linked.connection_id, [notice]) == 0
    assert len(linked.deliveries(State.WAITING)) == 1


def test_owners_take_turns(world: World) -> None:
    rule = {"object": "account", "countries": ["GB"], "owners": ["u1", "u2"]}
    world.change(lambda connection: setattr(connection, "owners", [rule]))
    for number in range(1, 4):
        billing = replace(ANN.billing, country_code="GB" if number < 3 else "DE")
        world.store.put(replace(ANN, id=str(number), email=f"{number}@x.example", billing=billing))
        world.notice("customer", number)
    world.flush()
    assert world.crm.owners == [{"account": "u1"}, {"account": "u2"}, {}]


def _again(world: World) -> None:
    """As if the time of the next poll had come."""
    with world.runtime.database.transaction() as session:
        for cursor in session.scalars(select(Cursor)):
            cursor.read_at = cursor.read_at.replace(year=2020)
    polling.poll(world.runtime, world.connection_id)
