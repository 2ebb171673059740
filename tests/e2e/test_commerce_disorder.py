"""The same end whatever way the store's webhooks come; and what is switched off costs nothing."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from app.connectors.base import TO_CRM
from app.connectors.registry import VENDORS
from tests.e2e.shop import Shop, open_shop

ALL = {
    "opportunities": True, "carts_as_opportunities": True, "registrations_as_leads": True, "messages": True,
    "activities": True, "groups_as_account_type": True, "quotes": True,
}  # fmt: skip
SEED = 1  # of the disorder
BO, ANN, RAY = "bo@acme.example", "ann@mail.example", "ray@mail.example"
Snapshot = dict[str, list[str]]


def live(shop: Shop) -> None:
    """A few weeks of a small shop; webhooks are let in at every step."""
    admin = {"adminFirstName": "Bo", "adminLastName": "Ek", "adminEmail": BO, "country": "United Kingdom"}
    body = {"companyName": "Acme", "companyEmail": "office@acme.example", "companyPhone": "0113 1", **admin}
    customer_id = shop.register(RAY)
    company_id = shop.act("POST", "/companies", body)["companyId"]
    carts = [shop.fill(email=ANN), shop.fill(email="gone@mail.example"), shop.fill()]
    shop.sync()
    first = shop.act("POST", f"/carts/{carts[0]}/convert", {"status_id": 11})["id"]
    shop.bridge.api("DELETE", f"/v3/carts/{carts[1]}")
    second = shop.place(RAY, customer_id=customer_id, default_currency_code="EUR")["id"]
    shop.act("POST", f"/orders/{second}/messages", {"message": "Hello", "subject": "Hello"})
    shop.sync()
    shop.ship(second, 1, tracking_number="T-1", shipping_provider="ups")
    shop.b2b("PUT", f"/companies/{company_id}", {"companyName": "Acme & Sons"})
    third = shop.place("cancelled@mail.example")["id"]
    kept = shop.fill(customer_id=customer_id)
    shop.sync()
    shop.ship(second, 1, tracking_number="T-2", shipping_provider="ups")
    shop.set_status(third, 5)
    shop.act("POST", f"/carts/{kept}/convert", {"status_id": 11})
    payments = [{"provider_id": "custom", "amount": 5.0, "offline": True}]
    shop.act("POST", f"/orders/{first}/refunds", {"items": [{"item_type": "ORDER", "item_id": first, "amount": 5.0}],
                                                  "payments": payments})  # fmt: skip
    shop.sync()


def snapshot(shop: Shop) -> Snapshot:
    """All that the CRM holds of it."""
    crm = shop.crm
    kinds: dict[str, list[Any]] = {
        "people": crm.people(), "leads": crm.leads(), "sales": crm.sales(), "deals": crm.deals(),
        "accounts": crm.accounts(), "activities": crm.activities(), "totals": [shop.totals()],
    }  # fmt: skip
    return {name: sorted(map(str, rows)) for name, rows in kinds.items()}


@pytest.fixture(params=sorted(VENDORS))
def vendor(request: pytest.FixtureRequest) -> str:
    """Each CRM."""
    return str(request.param)


def test_doubled_and_shuffled_webhooks_come_to_the_same(
    vendor: str, sqlite_template: Path, tmp_path: Path, redis_url: str
) -> None:
    ends = []
    for seed in (None, SEED):
        path = tmp_path / f"{seed}.db"
        shutil.copy(sqlite_template, path)
        with open_shop(vendor, f"sqlite:///{path}", redis_url) as shop:
            shop.seed = seed
            shop.switch(**ALL)
            live(shop)
            shop.repeat()
            assert shop.totals() == shop.due()
            ends.append(snapshot(shop))
    assert ends[0]["people"] and ends[0]["activities"] and len(ends[0]["sales"]) == 4
    assert ends[1] == ends[0]


def test_what_is_switched_off_is_not_made_and_costs_no_call(vendor: str, sqlite_url: str, redis_url: str) -> None:
    with open_shop(vendor, sqlite_url, redis_url) as shop:
        off = {option.name: False for option in VENDORS[vendor].options if option.direction == TO_CRM}
        shop.switch(**off)
        before = snapshot(shop)
        shop.bridge.forget_calls()
        live(shop)
        assert shop.bridge.calls(shop.bridge.crm_url) == shop.bridge.calls(shop.bridge.store_url) == {}
        shop.switch(orders=True)
        assert snapshot(shop) == before
        shop.repeat()
        assert len(shop.crm.sales()) == 4 and shop.crm.leads() == [] == shop.crm.activities()
        assert len(shop.crm.deals()) == (4 if shop.crm.sales_are_deals else 0)
