"""More records of history go together than of what happens now."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from app.domain import Customer
from app.models import Delivery
from app.sync import deliveries
from app.sync.claims import Sizes
from tests.unit.sync.conftest import World

SIZES = Sizes({"customer": 2, "order": 2}, loads={"customer": 7})
LIVE, HISTORY = deliveries.PRIORITIES["customer"], deliveries.PRIORITIES["customer"] + deliveries.HISTORY


@pytest.mark.parametrize(
    ("kind", "priority", "attempts", "size"),
    [
        ("customer", LIVE, 0, 2),
        ("customer", HISTORY, 0, 7),
        ("customer", HISTORY, 1, 1),
        ("order", deliveries.PRIORITIES["order"] + deliveries.HISTORY, 0, 2),
        ("product", HISTORY, 0, 1),
    ],
)
def test_sizes(kind: str, priority: int, attempts: int, size: int) -> None:
    assert SIZES.of(kind, priority, attempts) == size


def test_after_an_outage_history_goes_slowly_as_well() -> None:
    assert Sizes(SIZES.by_kind, 3, loads=SIZES.loads).of("customer", HISTORY) == 3


def test_a_flush_takes_history_by_the_load_and_news_by_the_batch(world: World) -> None:
    world.crm.batch = {"customer": 2}  # type: ignore[misc]  # of this one alone
    world.crm.loads = {"customer": 7}  # type: ignore[misc]  # of this one alone
    for number in range(1, 11):
        world.store.put(Customer(str(number), f"p{number}@example.com", last_name="Doe"))
    world.notice("customer", *range(1, 11))
    with world.runtime.database.transaction() as session:
        session.execute(update(Delivery).where(Delivery.record_id.not_in(["1", "2", "3"])).values(priority=HISTORY))
    world.flush()
    assert [len(ids) for ids in world.crm.writes] == [2, 1, 7]
