"""Every call of a connector goes through its gate, once each, whatever it is for."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import requests

from app.connectors.lists import totals
from tests.contract.gated import Counting
from tests.contract.rig import Ability, Rig
from tests.contract.samples import SAMPLES, order, person, stranger


def calls(rig: Rig) -> int:
    """As the stand-in counted them."""
    return int(requests.get(f"{rig.url}/_sandbox/calls", timeout=10).json()["count"])


def gated(rig: Rig) -> Counting:
    """The account with a gate that counts, and a stand-in that begins to count."""
    gate, place = Counting(), vars(rig.place)
    account: Any = place["account"]
    place["account"] = replace(account, gate=gate)
    rig.open_all()
    rig.place.forget_calls()
    return gate


def test_whatever_it_is_for(rig: Rig) -> None:
    gate = gated(rig)
    for sample in SAMPLES.values():
        if sample.kind != "category" or Ability.CATEGORIES not in rig.lacks:
            rig.good(sample.make(1))
    rig.good(*(order(number, buyer=stranger(number)) for number in range(10, 20)))
    kind = next(theirs for theirs, ours in rig.target.inward.items() if ours == "customer")
    rig.target.changes(kind, "")
    rig.target.read_many(kind, [rig.there("customer")[0].id])
    rig.target.users()
    rig.target.check()
    rig.target.prepare()
    totals(rig.target.sales())
    assert len(gate.entered) == len(gate.told_of) == calls(rig) > 10


def test_a_read_that_is_tried_again_is_counted_again(rig: Rig) -> None:
    gate = gated(rig)
    rig.place.control("fail", kind="reset", times=1, method="GET")
    rig.target.check()
    assert len(gate.entered) == len(gate.told_of) == calls(rig) == 2


def test_a_call_that_is_lost_is_counted(rig: Rig) -> None:
    gate = gated(rig)
    rig.place.control("fail", status=503, times=1)
    rig.attempted(person(1))
    assert len(gate.entered) == len(gate.told_of) == calls(rig) >= 1
