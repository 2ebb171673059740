"""A guest buys and registers afterwards, as somebody else: one person there, whom nobody is asked about."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.connectors.base import Ref
from app.connectors.registry import VENDORS
from app.models import ConflictState
from tests.e2e.in_step import Writes
from tests.e2e.served import bridge_to
from tests.e2e.two_ways import SWITCHES, TwoWays

EMAIL = "pat@shop.example"


@pytest.fixture(params=sorted(VENDORS))
def sides(request: pytest.FixtureRequest, sqlite_url: str, redis_url: str) -> Iterator[TwoWays]:
    """A store and a CRM."""
    with bridge_to(str(request.param), sqlite_url, redis_url, **{**SWITCHES, "new_contacts": False}) as bridge:
        yield TwoWays(bridge, seed=1)


def test_who_registers_after_buying_is_no_conflict_and_comes_back(sides: TwoWays) -> None:
    """Other words for the name, the phone and the company than her order had; then people there edit them."""
    product = sides.store.stock_up("Teapot", "TEA")
    sides.come_to_rest()
    sides.store.order(0, product, EMAIL)
    sides.come_to_rest()
    number = sides.store.register(EMAIL, "Registered")
    sides.customers.append(number)
    sides.come_to_rest()
    assert (sides.conflicts(*ConflictState), sides.doubles(), sides.dead()) == ([], [], [])
    assert [one for one in sides.differences() if one.kind != "variant"] == []  # whose stock no CRM is told of
    kinds = {"customer", "account"} & set(sides.crm.kinds)
    people = [link for link in sides.links() if link.kind in kinds]
    assert sorted((link.kind, link.our_id) for link in people) == sorted((kind, str(number)) for kind in kinds)
    own = {link.kind: Ref(link.their_kind, link.their_id) for link in people}
    sides.crm.edit(own["customer"], {"phone": "555"})
    sides.crm.edit(own.get("account", own["customer"]), {"city": "York"})
    sides.come_to_rest()
    [here] = sides.store.rows("customers")
    [place] = sides.bridge.api("GET", f"/v3/customers/addresses?customer_id:in={number}")["data"]
    assert (here["phone"], place["city"]) == ("555", "York")
    sides.idle_round()  # which tells of the stock
    assert sides.idle_round() == Writes(0, 0)
