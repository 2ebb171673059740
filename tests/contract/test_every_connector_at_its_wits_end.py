"""What a connector could not mend within one run is told: nothing is lost in silence, and the next run starts over."""

from __future__ import annotations

import importlib
from dataclasses import replace

import pytest

from tests.contract.rig import Rig
from tests.contract.salesforce.rig import SalesforceRig
from tests.contract.samples import SAMPLES, goods, line, sale
from tests.contract.sap_sales_cloud.rig import SapRig
from tests.contract.sugarcrm.rig import SugarRig

WRITERS = {
    "salesforce": "app.connectors.salesforce.writer",
    "sap-sales-cloud": "app.connectors.sap_sales_cloud.writer",
    "sugarcrm": "app.connectors.sugarcrm.writer",
}


def few_rounds(monkeypatch: pytest.MonkeyPatch, rig: Rig, number: int) -> None:
    monkeypatch.setattr(importlib.import_module(WRITERS[rig.vendor]), "ROUNDS", number)


def stumble(rig: Rig) -> None:
    """An order of the product 77 meets something that takes a second round to mend."""
    rig.good(goods(77))
    product = rig.only("product").id
    match rig:
        case SapRig():
            rig.remove("product", product)
        case SugarRig():  # the id that we choose is a deleted record's
            rig.good(sale(1))
            rig.remove("order", rig.only("order").id)
            del rig.links[("order", "1")]
        case SalesforceRig():
            rig.remove("product", product)


@pytest.mark.parametrize("rounds", [1, 2])
def test_out_of_rounds_is_an_error(rig: Rig, monkeypatch: pytest.MonkeyPatch, rounds: int) -> None:
    stumble(rig)
    few_rounds(monkeypatch, rig, rounds)
    [outcome] = rig.write(sale(1))
    arrived = len(rig.there("order"))
    assert arrived == (outcome.error is None), "an order is lost in silence, or reported as lost though it is there"
    assert rounds > 1 or outcome.error is not None, "nothing had to be mended"
    assert (("order", "1") in outcome.made) == bool(arrived)
    monkeypatch.undo()
    rig.open()
    rig.good(sale(1), attempt=2)
    assert rig.only("order").shows == SAMPLES["order"].before(1)


def test_neighbours_of_what_could_not_be_mended_arrive(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    stumble(rig)
    few_rounds(monkeypatch, rig, 1)
    bad, good = rig.write(sale(1), replace(sale(2), lines=(line(2, variant=78),)))
    arrived = {one.key for one in rig.there("order")}
    assert good.error is None and arrived == {"2", *(["1"] if bad.error is None else [])}
