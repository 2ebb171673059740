"""Packing steps into composite calls."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.connectors.salesforce.composite import COLLECTIONS, ROWS, SUBREQUESTS, Call, pack
from app.connectors.salesforce.steps import Level, Step

OBJECTS = {
    Level.ACCOUNT: "Account",
    Level.CONTACT: "Contact",
    Level.PRODUCT: "Product2",
    Level.PRICE: "PricebookEntry",
    Level.DEACTIVATE: "Order",
    Level.ORDER: "Order",
    Level.REMOVE: "OrderItem",
    Level.ITEM: "OrderItem",
    Level.ACTIVATE: "Order",
    Level.OPPORTUNITY: "Opportunity",
    Level.LEAD: "Lead",
    Level.ACTIVITY: "Task",
}


def rows(level: Level, count: int, *, by_id: bool = False) -> list[Step]:
    key = "" if by_id else "BC_Id__c"
    delete = level is Level.REMOVE
    return [Step(level, OBJECTS[level], f"{level}-{n}", {"Name": n}, key=key, delete=delete) for n in range(count)]


def collections(call: Call) -> int:
    return sum(subrequest.collection for subrequest in call)


@st.composite
def batches(draw: st.DrawFn) -> list[Step]:
    steps: list[Step] = []
    for level in draw(st.lists(st.sampled_from(Level), unique=True, max_size=8)):
        most = 30 if level is Level.REMOVE else 450
        steps += rows(level, draw(st.integers(1, most)))
        if level is not Level.REMOVE and draw(st.booleans()):
            steps += rows(level, draw(st.integers(1, 40)), by_id=True)
    return draw(st.permutations(steps)) if len(steps) < 50 else steps


@given(batches(), st.booleans())
def test_every_call_keeps_the_limits_and_every_step_is_sent_once_in_order(steps: list[Step], singles: bool) -> None:
    calls = pack(steps, prefer_singles=singles)
    sent = [step for call in calls for subrequest in call for step in subrequest.steps]
    assert sorted(step.identity for step in sent) == sorted(step.identity for step in steps)
    assert [step.level for step in sent] == sorted(step.level for step in steps)
    for call in calls:
        assert 1 <= len(call) <= SUBREQUESTS and collections(call) <= COLLECTIONS
        for subrequest in call:
            assert len(subrequest.steps) <= (ROWS if subrequest.collection else 1)
            assert len({(step.object, step.key) for step in subrequest.steps}) == 1
            assert not (subrequest.collection and subrequest.steps[0].delete)


@given(st.lists(st.integers(1, 300), min_size=1, max_size=8))
def test_never_more_calls_than_collections_alone_would_take(counts: list[int]) -> None:
    levels = [level for level in Level if level is not Level.REMOVE]
    steps = [step for level, count in zip(levels, counts, strict=False) for step in rows(level, count)]
    needed = sum(-(-count // ROWS) for count in counts)
    assert len(pack(steps)) <= -(-needed // COLLECTIONS)


def test_small_groups_travel_row_by_row_where_that_saves_a_call() -> None:
    big = [Level.ACCOUNT, Level.CONTACT, Level.ORDER, Level.ITEM, Level.ACTIVATE]
    steps = [*rows(Level.PRODUCT, 10), *rows(Level.PRICE, 10), *(step for level in big for step in rows(level, 25))]
    [call] = pack(steps)
    assert collections(call) == 5 and len(call) == 25
    assert len(pack([*steps, *rows(Level.OPPORTUNITY, 1)])) == 2


def test_a_lone_order_prefers_single_rows() -> None:
    steps = [*rows(Level.ACCOUNT, 1), *rows(Level.CONTACT, 1), *rows(Level.ORDER, 1), *rows(Level.ITEM, 8)]
    [call] = pack(steps, prefer_singles=True)
    assert collections(call) == 0 and len(call) == 11
    [call] = pack([*steps, *rows(Level.OPPORTUNITY, 40)], prefer_singles=True)
    assert collections(call) == 1 and len(call) == 12


def test_nothing_to_send_is_no_call() -> None:
    assert pack([]) == []
