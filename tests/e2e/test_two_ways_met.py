"""People of a CRM knew the store's customers before it was connected: nothing of what they typed is lost unsaid."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.connectors.registry import VENDORS
from app.models import ConflictState, Connection
from tests.e2e.in_step import Writes
from tests.e2e.served import bridge_to
from tests.e2e.two_ways import RULES, SWITCHES
from tests.e2e.two_ways_met import MET, Met

EDITS = 60
STILL = Writes(0, 0)


@pytest.fixture(params=sorted(VENDORS))
def met(request: pytest.FixtureRequest, sqlite_url: str, redis_url: str) -> Iterator[Met]:
    """A store whose customers a CRM knew."""
    with bridge_to(str(request.param), sqlite_url, redis_url, **{**SWITCHES, "new_contacts": False}) as bridge:
        sides = Met(bridge, seed=20261122)
        sides.begin()
        yield sides


def test_what_people_typed_before_stands_or_is_listed(met: Met) -> None:
    links = met.met()
    assert len(links) == MET and met.dead() == []
    open_ones = {(row.our_id, row.field): row for row in met.conflicts(ConflictState.OPEN)}
    for contact, typed in met.typed.items():
        now, our_id = met.words_of(contact), links[contact].our_id
        assert (now["first_name"], now["phone"]) == (typed["first_name"], typed["phone"])
        assert {field: open_ones[(our_id, field)].theirs for field in ("first_name", "phone")} == {
            field: typed[field] for field in ("first_name", "phone")
        }
        assert now["last_name"] != typed["last_name"]  # which the store owns by rule, as is said
    taken = {row.theirs for row in met.conflicts(ConflictState.SETTLED) if row.settled_by == "rule: bigcommerce"}
    assert {typed["last_name"] for typed in met.typed.values()} <= taken
    assert (met.unequal(), met.doubles(), met.strays(), met.leaked()) == ([], [], [], [])
    assert met.idle_round() == STILL


def test_a_persons_word_ends_first_meetings(met: Met) -> None:
    assert met.decide("crm") >= 2 * MET
    met.come_to_rest()
    here = {str(row["id"]): row for row in met.store.rows("customers")}
    for contact, link in met.met().items():
        typed = met.typed[contact]
        assert (here[link.our_id]["first_name"], here[link.our_id]["phone"]) == (typed["first_name"], typed["phone"])
    assert (met.differences(), met.conflicts(ConflictState.OPEN), met.leaked()) == ([], [], [])


def test_random_edits_among_acquaintances_end_in_step(met: Met) -> None:
    met.run(EDITS // 3)
    met.switch(on=False)
    met.run(EDITS // 2)
    met.come_to_rest()
    met.switch(on=True)
    met.merge_accounts()
    met.run(EDITS)
    met.come_to_rest()
    assert (met.unequal(), met.dead(), met.leaked()) == ([], [], [])
    assert (met.doubles(), met.strays(), met.shared()) == ([], [], [])
    assert met.conflicts(ConflictState.OPEN)
    assert [met.idle_round(), met.idle_round()] == [STILL, STILL]


def test_a_company_keeps_its_data_whatever_its_people_do_in_the_store(met: Met) -> None:
    met.store.edit_customer(met.clerk, {"company": "Mine", "street_1": "9 Home Road", "phone": "0700"})
    met.come_to_rest()
    met.crm.edit(met.contact, {"first_name": "Clara"})
    met.come_to_rest()
    here = next(row for row in met.store.rows("customers") if row["id"] == met.clerk)
    names = met.crm.names[met.contact.kind]
    there = next(row for row in met.crm.rows(met.contact.kind) if met.contact.id in row.values())
    assert (here["first_name"], here["company"], there[names["first_name"]]) == ("Clara", "Mine", "Clara")
    assert met.leaked() == []


def test_what_people_bring_back_is_in_step_again(met: Met) -> None:
    number = met.delete_and_restore()
    if number is None:
        pytest.skip("nothing can be brought back there")
    met.store.edit_customer(number, {"phone": "0123 456"})
    met.come_to_rest()
    assert (met.unequal(), met.doubles(), met.dead()) == ([], [], [])
    [link] = [one for one in met.links() if (one.kind, one.our_id) == ("customer", str(number))]
    assert met.words_of(link.their_id)["phone"] == "0123 456"


def test_the_crms_word_counts_from_the_first_meeting_on(met: Met) -> None:
    """By rule, and without anybody having to choose."""
    with met.bridge.runtime.database.transaction() as session:
        rules = {kind: {**fields, "phone": "crm"} for kind, fields in RULES.items()}
        session.get_one(Connection, met.bridge.connection_id).rules = rules
    made = met.crm.make({"first_name": "Di", "last_name": "Rect", "email": "late@shop.example", "phone": "0800 LATE"})
    number = met.store.register("late@shop.example", "Latecomer")
    met.come_to_rest()
    here = next(row for row in met.store.rows("customers") if row["id"] == number)
    assert (here["phone"], met.words_of(made)["phone"]) == ("0800 LATE", "0800 LATE")
    assert met.dead() == []
