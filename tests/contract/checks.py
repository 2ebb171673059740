"""What every connector must do, as functions that fail by assertion: for good connectors and for spoiled ones."""

from __future__ import annotations

from app.connectors.base import Seen
from app.connectors.lists import totals
from app.errors import Rejected
from tests.contract.rig import Rig, There
from tests.contract.samples import Sample, sale, stranger

HUNDRED, BAD = 100, (17, 50, 99)
FEWER, FEWER_BAD = 25, (7, 20)


def first(rig: Rig, sample: Sample, number: int = 1) -> None:
    """What has to be there before a record of this kind."""
    for record in sample.first(number):
        rig.good(record)


def keyed(sample: Sample, number: int) -> str:
    """The record's id as its kind has it."""
    return str(sample.make(number).id)


def seen_as(there: There, sample: Sample, number: int, shows: str) -> None:
    """That one record there is the sample."""
    assert (there.key, there.shows) == (keyed(sample, number), shows)


def creates(rig: Rig, sample: Sample) -> None:
    """One record, with our key, and its place told."""
    first(rig, sample)
    [outcome] = rig.good(sample.make(1))
    there = rig.only(sample.kind)
    seen_as(there, sample, 1, sample.before(1))
    place = outcome.made[(sample.kind, keyed(sample, 1))]
    assert sample.kind == "product" or place.ref.id == there.id


def repeats(rig: Rig, sample: Sample) -> None:
    """Written again with links, and without: nothing is doubled, and the place is found again."""
    first(rig, sample)
    [made] = rig.good(sample.make(1))
    census = rig.census()
    rig.good(sample.make(1))
    assert rig.census() == census
    rig.links.clear()
    [found] = rig.good(sample.make(1), attempt=2)
    assert rig.census() == census
    seen_as(rig.only(sample.kind), sample, 1, sample.before(1))
    key = (sample.kind, keyed(sample, 1))
    assert found.made[key].ref == made.made[key].ref


def updates(rig: Rig, sample: Sample) -> None:
    """An edit changes that record and no other."""
    for number in (1, 2):
        first(rig, sample, number)
        rig.good(sample.make(number))
    census = rig.census()
    rig.good(sample.edit(sample.make(1)))
    rows = {one.key: one.shows for one in rig.there(sample.kind)}
    assert rows == {keyed(sample, 1): sample.after, keyed(sample, 2): sample.before(2)}
    rig.links.clear()
    for _ in range(2):  # found again they are linked, so that the engine can compare them; then they are written
        rig.good(sample.make(1), sample.make(2), attempt=2)
    rows = {one.key: one.shows for one in rig.there(sample.kind)}
    assert rows == {keyed(sample, n): sample.before(n) for n in (1, 2)} and rig.census() == census


def follows_deletion(rig: Rig, sample: Sample) -> None:
    """What a person deleted is reported as gone, and not made anew."""
    first(rig, sample)
    rig.good(sample.make(1))
    rig.remove(sample.kind, rig.only(sample.kind).id)
    [outcome] = rig.good(sample.edit(sample.make(1)))
    assert rig.there(sample.kind) == []
    if sample.kind != "message":  # sent once: of what is linked nothing is asked any more
        our_id = keyed(sample, 1)
        assert outcome.gone & {(sample.kind, our_id), ("variant", our_id)}
        assert "DELETED_THERE" in [flag.code for flag in outcome.flags]


def spares_neighbours(rig: Rig, many: int = HUNDRED, bad: tuple[int, ...] = BAD) -> None:
    """A hundred orders with three bad ones: 97 arrive, the three are told by field, in few calls."""
    rig.good(sale(1000))
    rig.refuse()
    orders = [sale(number, buyer=stranger(number)) for number in range(1, many + 1)]
    for number in bad:
        orders[number - 1] = rig.bad(orders[number - 1])
    rig.place.forget_calls()
    outcomes = rig.write(*orders)
    calls = rig.calls()
    assert calls <= rig.most_calls, calls
    errors = {number: outcome.error for number, outcome in enumerate(outcomes, 1) if outcome.error is not None}
    assert tuple(errors) == bad
    assert all(isinstance(error, Rejected) and error.field == rig.field_of_bad() for error in errors.values())
    arrived = {one.key: one.shows for one in rig.there("order") if int(one.key) not in (*bad, 1000)}
    assert arrived == {str(n): "29.99" for n in range(1, many + 1) if n not in bad}
    assert len(rig.there("customer")) >= many - len(bad) + 1


def adds_up(rig: Rig) -> None:
    """The connector's own sum is that of the orders, and follows their edits."""
    orders = [sale(number) for number in range(1, 6)]
    rig.good(*orders)
    assert totals(rig.target.sales())["orders"] == 5
    assert rig.totals() == {"GBP": sum(one.net for one in orders)}


def tells_edits(rig: Rig, kind: str, sample: Sample) -> None:
    """Our own write is an echo; what a person did is none, and is told once."""
    cursor = rig.target.changes(kind, "").cursor
    rig.good(sample.make(1))
    there = rig.only(sample.kind).id
    ours, cursor = drained(rig, kind, cursor)
    assert {one.is_echo for one in ours if one.ref.id == there} == {True}
    expected = rig.edit(sample.kind, there)
    theirs, cursor = drained(rig, kind, cursor)
    edits = {one for one in theirs if one.ref.id == there and not one.is_echo}
    assert len(edits) == 1
    found = rig.target.read_many(kind, [there])[there]
    assert found is not None and not isinstance(found, Rejected) and not found.is_echo
    assert expected.items() <= dict(found.fields).items()
    again = {one for one in drained(rig, kind, cursor)[0] if one.ref.id == there and not one.is_echo}
    assert again <= edits


def drained(rig: Rig, kind: str, cursor: str) -> tuple[list[Seen], str]:
    """All pages of changes since the cursor."""
    seen: list[Seen] = []
    for _ in range(200):
        page = rig.target.changes(kind, cursor)
        seen += page.seen
        assert page.cursor
        cursor = page.cursor
        if not page.more:
            return seen, cursor
    raise AssertionError("the pages have no end")
