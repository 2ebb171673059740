"""Whatever two sides hold: they end in step, or in a conflict that somebody can see; never in a circle."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.mapping.merge import BIGCOMMERCE, CRM, Agreed, Decision, Merged, Rule, Versions, merge

T0 = datetime(2026, 1, 1, tzinfo=UTC)
NAMES = ("phone", "name")
CUT = 4  # characters that the CRM of these tests keeps

values = st.sampled_from(["", "111", "222", "3333333", "4444444"])
fields = st.fixed_dictionaries(dict.fromkeys(NAMES, values))
rules = st.fixed_dictionaries({name: st.sampled_from(list(Rule)) for name in NAMES})
times = st.sampled_from([T0, T0 + timedelta(hours=1)])


def shown(ours: dict[str, str]) -> dict[str, str]:
    return {name: text[:CUT] for name, text in ours.items()}


def carried(versions: Versions, merged: Merged) -> Versions:
    """Both sides after what was decided is written, in the CRM as it shows things."""
    ours = {**versions.ours, **merged.to_store}
    theirs = {**versions.theirs, **{name: shown(ours)[name] for name in merged.to_crm}}
    return Versions(ours, theirs, shown(ours), versions.ours_at, versions.theirs_at)


@given(before=fields, ours=fields, theirs=fields, chosen=rules, ours_at=times, theirs_at=times, knew=st.booleans())
def test_a_merge_is_followed_by_silence(
    before: dict[str, str],
    ours: dict[str, str],
    theirs: dict[str, str],
    chosen: dict[str, Rule],
    ours_at: datetime,
    theirs_at: datetime,
    knew: bool,
) -> None:
    agreed = Agreed(before, shown(before)) if knew else Agreed()
    versions = Versions(ours, shown(theirs), shown(ours), ours_at, theirs_at)
    first = merge(agreed, versions, chosen)
    after = carried(versions, first)
    second = merge(first.agreed, after, chosen)
    still_open = {clash.field for clash in first.clashes if not clash.winner}
    assert not second.to_store
    assert not second.to_crm
    assert {clash.field for clash in second.clashes} == still_open
    for name in NAMES:
        may_differ = name in still_open or chosen[name] in (Rule.ON_CREATE_ONLY, Rule.FILL_IF_EMPTY)
        if knew and (ours[name] != before[name] or theirs[name][:CUT] != before[name][:CUT]) and not may_differ:
            assert after.theirs[name] in (after.shown[name], after.ours[name])


@given(before=fields, ours=fields, theirs=fields, winner=st.sampled_from([BIGCOMMERCE, CRM]))
def test_a_persons_word_ends_every_conflict(
    before: dict[str, str], ours: dict[str, str], theirs: dict[str, str], winner: str
) -> None:
    both = dict.fromkeys(NAMES, Rule.BOTH)
    versions = Versions(ours, shown(theirs), shown(ours))
    first = merge(Agreed(before, shown(before)), versions, both)
    open_fields = {clash.field for clash in first.clashes}
    words = {clash.field: Decision(winner, clash.ours, clash.theirs) for clash in first.clashes}
    settled = merge(first.agreed, carried(versions, first), both, words)
    assert all(clash.winner == winner for clash in settled.clashes)
    after = carried(carried(versions, first), settled)
    for name in open_fields:
        assert after.theirs[name] == (versions.theirs[name] if winner == CRM else shown(ours)[name])


def test_where_nothing_was_ever_agreed_empty_values_are_filled_and_others_are_for_a_person() -> None:
    versions = Versions({"phone": "111", "name": ""}, {"phone": "222", "name": "Ann"}, {"phone": "111", "name": ""})
    merged = merge(Agreed(), versions, dict.fromkeys(NAMES, Rule.BOTH))
    assert merged.to_store == {"name": "Ann"}
    assert [(clash.field, clash.winner) for clash in merged.clashes] == [("phone", "")]
    ruled = merge(Agreed(), versions, dict.fromkeys(NAMES, Rule.CRM))
    assert ruled.to_store == {"name": "Ann", "phone": "222"}


def test_a_word_about_other_values_counts_for_nothing() -> None:
    agreed, rules = Agreed({"phone": "1"}, {"phone": "1"}), {"phone": Rule.BOTH}
    versions = Versions({"phone": "4"}, {"phone": "2"}, {"phone": "4"})
    stale = merge(agreed, versions, rules, {"phone": Decision(CRM, "3", "2")})
    assert [clash.winner for clash in stale.clashes] == [""]
    good = merge(agreed, versions, rules, {"phone": Decision(CRM, "4", "2")})
    assert good.to_store == {"phone": "2"}


def test_the_latest_edit_wins_and_without_times_a_person_does() -> None:
    versions = Versions({"phone": "2"}, {"phone": "3"}, {"phone": "2"}, T0, T0 + timedelta(seconds=1))
    agreed = Agreed({"phone": "1"}, {"phone": "1"})
    assert merge(agreed, versions, {"phone": Rule.LATEST}).to_store == {"phone": "3"}
    timeless = merge(agreed, replace(versions, theirs_at=None), {"phone": Rule.LATEST})
    assert [clash.winner for clash in timeless.clashes] == [""]


def test_what_an_order_brought_along_is_not_emptied_by_a_customer_who_has_none() -> None:
    """The record is our own, made from an order's address; the customer's own record comes later and has no address."""
    rules = dict.fromkeys(NAMES, Rule.BOTH)
    ours, theirs = {"phone": "", "name": "222"}, {"phone": "111", "name": "333"}
    merged = merge(Agreed(is_own=True), Versions(ours, theirs, ours, T0, T0, is_echo=True), rules)
    assert (merged.to_crm, merged.to_store, merged.stands) == (("name",), {}, {"phone": "111"})
    again = merge(merged.agreed, Versions(ours, {"phone": "111", "name": "222"}, ours, T0, T0, is_echo=True), rules)
    assert (again.to_crm, again.to_store, again.clashes) == ((), {}, ())


def test_what_a_person_typed_stands_though_we_wrote_to_the_record_afterwards() -> None:
    """An order made the record, somebody edited its phone, then we wrote the rest: the edit still is a conflict."""
    rules = dict.fromkeys(NAMES, Rule.BOTH)
    ours, edited = {"phone": "111", "name": "New"}, {"phone": "999", "name": "Old"}
    seen = merge(Agreed(is_own=True), Versions(ours, edited, ours, T0, T0, is_echo=False), rules)
    assert {clash.field for clash in seen.clashes} == {"phone", "name"}
    again = merge(seen.agreed, Versions(ours, edited, ours, T0, T0, is_echo=True), rules)
    assert (again.to_crm, again.to_store, again.stands) == ((), {}, edited)
    assert again.clashes == seen.clashes
