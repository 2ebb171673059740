"""Every vendor's account for the suite that runs over all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from app.connectors.registry import VENDORS
from app.sandbox import salesforce, sap_sales_cloud, sugarcrm
from tests.contract.rig import Rig
from tests.contract.salesforce.rig import SalesforceRig
from tests.contract.sap_sales_cloud.rig import SapRig
from tests.contract.sugarcrm.rig import SugarRig
from tests.sandbox.conftest import serving

RIGS = {
    rig.vendor: (rig, create_app)
    for rig, create_app in (
        (SalesforceRig, salesforce.create_app),
        (SapRig, sap_sales_cloud.create_app),
        (SugarRig, sugarcrm.create_app),
    )
}

GetRig = Callable[[str], Rig]


@pytest.fixture(scope="session")
def rigs() -> Iterator[GetRig]:
    """One stand-in of each vendor for all tests of a process."""
    with ExitStack() as stack:
        made: dict[str, Rig] = {}

        def get(vendor: str) -> Rig:
            if vendor not in made:
                kind, create_app = RIGS[vendor]
                made[vendor] = kind(stack.enter_context(serving(create_app, seed="empty")))
            return made[vendor]

        yield get


@pytest.fixture(params=sorted(VENDORS))
def rig(request: pytest.FixtureRequest, rigs: GetRig) -> Rig:
    """A fresh, connected account of every vendor there is."""
    found = rigs(request.param)
    found.spoil = None
    assert found.start().missing == ()
    return found
