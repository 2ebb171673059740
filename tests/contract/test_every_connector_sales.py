"""Orders told one by one, with what they come to and when they were placed: what both sides are compared by."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from app.connectors.lists import Sale
from app.domain import Order
from app.domain.order import Stage
from tests.contract.rig import Rig
from tests.contract.samples import refunded, sale

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
D = Decimal


def placed(number: int, at: datetime) -> Order:
    return replace(sale(number), placed_at=at)


def told(rig: Rig, since: datetime | None = None, until: datetime | None = None) -> list[Sale]:
    return sorted(rig.target.sales(since, until), key=lambda one: one.order_id)


def numbers(rig: Rig, since: datetime | None, until: datetime | None) -> list[str]:
    """Whatever more a CRM tells that cannot look by the date is sorted out by the date that it tells."""
    return [
        one.order_id
        for one in told(rig, since, until)
        if (since or one.placed_at) <= one.placed_at and (until is None or one.placed_at < until)
    ]


def test_each_order_with_its_amount_its_date_and_its_place(rig: Rig) -> None:
    rig.prepare_fully()
    rig.good(placed(1, AT), placed(2, AT + DAY), refunded(placed(3, AT + DAY), "5.00"))
    first, second, third = told(rig)
    assert [one.order_id for one in (first, second, third)] == ["1", "2", "3"]
    assert [one.net for one in (first, second, third)] == [D("29.99"), D("29.99"), D("24.99")]
    assert {one.currency for one in (first, second, third)} == {"GBP"}
    assert [one.placed_at for one in (first, second, third)] == [AT, AT + DAY, AT + DAY]
    place = rig.links[("order", "1")].ref
    assert (first.their_kind, first.their_id) == (place.kind, place.id)


def test_those_of_a_range(rig: Rig) -> None:
    rig.prepare_fully()
    rig.good(*(placed(number, AT + number * DAY) for number in range(1, 6)))
    assert numbers(rig, AT + 2 * DAY, AT + 4 * DAY) == ["2", "3"]
    assert numbers(rig, AT + 2 * DAY + SECOND, None) == ["3", "4", "5"]
    assert numbers(rig, None, AT + 2 * DAY + SECOND) == ["1", "2"]
    assert told(rig, AT + 20 * DAY, AT + 30 * DAY) == []


def test_without_a_field_for_the_moment_the_day_is_told(rig: Rig) -> None:
    rig.good(*(placed(number, AT + number * DAY) for number in range(1, 4)))
    found = {one.order_id for one in rig.target.sales(AT + 2 * DAY, AT + 2 * DAY + SECOND)}
    assert "2" in found
    assert all(abs(one.placed_at - (AT + int(one.order_id) * DAY)) <= DAY for one in told(rig))


def test_what_is_over_comes_to_nothing(rig: Rig) -> None:
    rig.good(sale(1), sale(2), sale(3), sale(4))
    rig.good(replace(sale(2), stage=Stage.CANCELLED, status="Cancelled"), replace(sale(3), is_deleted=True))
    rig.archive("order", "4")
    assert {one.order_id: one.net for one in told(rig) if one.net} == {"1": D("29.99")}
    assert {one.order_id for one in told(rig)} >= {"1", "2"}


def test_what_people_deleted_is_not_told(rig: Rig) -> None:
    rig.good(sale(1), sale(2))
    rig.remove("order", rig.links[("order", "1")].ref.id)
    assert [one.order_id for one in told(rig)] == ["2"]


def test_pages_tell_each_order_once(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.good(*(placed(number, AT + number * SECOND) for number in range(1, 8)))
    for name, size in rig.pages:
        monkeypatch.setattr(name, size)
    assert Counter(one.order_id for one in rig.target.sales(AT, AT + DAY)) == Counter(map(str, range(1, 8)))
