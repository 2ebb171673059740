"""The suite can fail: connectors that break one rule each do not pass it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.connectors.base import Target
from tests.contract import checks, spoiled
from tests.contract.rig import Rig
from tests.contract.samples import SAMPLES, person

Check = Callable[[Rig], Any]


def of(kind: str, check: Callable[..., None]) -> Check:
    return lambda rig: check(rig, SAMPLES[kind])


def spares_neighbours(rig: Rig) -> None:
    checks.spares_neighbours(rig, checks.FEWER, checks.FEWER_BAD)


def tells_edits(rig: Rig) -> None:
    rig.good(person(1))
    kind = rig.links[("customer", "1")].ref.kind
    rig.start()
    checks.tells_edits(rig, kind, SAMPLES["customer"])


# Which rule each of them breaks; all others it keeps.
BROKEN: dict[Callable[[Target], Target], Check] = {
    spoiled.Doubling: of("order", checks.repeats),
    spoiled.Losing: spares_neighbours,
    spoiled.Silent: spares_neighbours,
    spoiled.AllOrNothing: spares_neighbours,
    spoiled.OneByOne: spares_neighbours,
    spoiled.Stubborn: of("order", checks.follows_deletion),
    spoiled.Frozen: of("customer", checks.updates),
    spoiled.ACentOff: checks.adds_up,
    spoiled.Unaware: tells_edits,
    spoiled.Deaf: tells_edits,
}


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken.__name__)
def test_a_connector_that_breaks_a_rule_is_refused(rig: Rig, broken: Callable[[Target], Target]) -> None:
    rig.spoil = broken
    with pytest.raises(AssertionError):
        BROKEN[broken](rig)


def test_one_that_only_passes_everything_on_is_taken(rig: Rig) -> None:
    rig.spoil = spoiled.Spoiled
    for check in (
        of("order", checks.creates),
        of("customer", checks.updates),
        checks.adds_up,
        tells_edits,
        spares_neighbours,
    ):
        rig.start()
        check(rig)
