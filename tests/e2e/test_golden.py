"""Every class of hard orders in every CRM that there is; `python -m tests.bench golden` carries the whole set."""

from __future__ import annotations

import pytest

from app.connectors.registry import VENDORS
from tests.golden.classes import CLASSES
from tests.golden.generator import generate
from tests.golden.run import opened

SEED = 4


@pytest.mark.parametrize("vendor", sorted(VENDORS))
def test_orders_are_right_after_every_event(vendor: str, sqlite_url: str, redis_url: str) -> None:
    plans = generate(SEED, least=len(CLASSES), each=1, rare=1)
    assert {name for plan in plans for name in plan.classes} == {one.name for one in CLASSES}
    with opened(vendor, sqlite_url, redis_url, SEED) as golden:
        rounds = golden.run(plans)
    assert [words for one in rounds for words in one.wrong] == []
    assert len(rounds) > 4 and rounds[-1].orders > len(plans)  # some of the buyers came back
