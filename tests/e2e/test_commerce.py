"""Carts, registrations, groups and companies of a store, in every CRM that there is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.connectors.registry import VENDORS
from tests.e2e.crms import LOST, OPEN, WON, Deal, Lead
from tests.e2e.shop import Shop, open_shop

ANN = "Ann@Mail.example"
ACME = {
    "companyName": "Acme", "companyEmail": "office@acme.example", "companyPhone": "0113 1",
    "adminFirstName": "Bo", "adminLastName": "Ek", "adminEmail": "bo@acme.example",
    "addressLine1": "1 Dock", "city": "Leeds", "zipCode": "LS1 1AA", "country": "United Kingdom",
}  # fmt: skip


@pytest.fixture(params=sorted(VENDORS))
def shop(request: pytest.FixtureRequest, sqlite_url: str, redis_url: str) -> Iterator[Shop]:
    """One with each CRM."""
    with open_shop(request.param, sqlite_url, redis_url) as opened:
        yield opened


def test_a_guests_cart_is_a_lead_until_it_is_an_order(shop: Shop) -> None:
    shop.fill()  # of nobody
    bought, left = shop.fill(email=ANN), shop.fill(email="left@mail.example")
    shop.sync()
    leads, people = shop.crm.leads(), shop.crm.people()
    assert (sorted(leads), people) == ([Lead(ANN, OPEN), Lead("left@mail.example", OPEN)], [])
    shop.act("POST", f"/carts/{bought}/convert", {"status_id": 11})
    shop.bridge.api("DELETE", f"/v3/carts/{left}")
    shop.sync()
    after = [Lead(ANN, WON, ANN), Lead("left@mail.example", LOST)]
    assert sorted(shop.crm.leads()) == after
    assert [person.email for person in shop.crm.people()] == [ANN]
    assert len(shop.crm.accounts()) == len(shop.crm.sales()) == 1
    assert len(shop.crm.deals()) == (1 if shop.crm.sales_are_deals else 0)
    shop.repeat()
    assert sorted(shop.crm.leads()) == after and len(shop.crm.people()) == len(shop.crm.sales()) == 1


def test_the_cart_of_a_known_contact_is_the_opportunity_that_its_order_takes_over(shop: Shop) -> None:
    shop.switch(carts_as_opportunities=True)  # also where orders make none of their own
    customer_id = shop.register(ANN)
    shop.sync()
    bought, left = (shop.fill(customer_id=customer_id) for _ in range(2))
    shop.fill(email="stranger@mail.example")
    shop.sync()
    assert [deal.state for deal in shop.crm.deals()] == [OPEN, OPEN]
    assert shop.crm.leads() == [Lead("stranger@mail.example", OPEN)]
    amount = shop.crm.deals()[0].amount
    order = shop.act("POST", f"/carts/{bought}/convert", {"status_id": 11})
    shop.bridge.api("DELETE", f"/v3/carts/{left}")
    shop.sync()
    shop.repeat()
    deals = [Deal(WON, amount, str(order["id"])), Deal(LOST, amount, "")]
    assert sorted(shop.crm.deals(), key=lambda deal: deal.state, reverse=True) == deals
    assert [person.email for person in shop.crm.people()] == [ANN] and len(shop.crm.leads()) == 1


@pytest.mark.parametrize("as_lead", [False, True])
def test_who_registers_is_a_contact_or_a_lead_until_the_first_order(shop: Shop, as_lead: bool) -> None:
    shop.switch(registrations_as_leads=as_lead)
    customer_id = shop.register(ANN)
    shop.sync()
    assert shop.crm.leads() == ([Lead(ANN, OPEN)] if as_lead else [])
    assert len(shop.crm.people()) == len(shop.crm.accounts()) == (0 if as_lead else 1)
    shop.place(ANN, customer_id=customer_id)
    shop.sync()
    shop.bridge.api("PUT", "/v3/customers", [{"id": customer_id, "phone": "0123"}])
    shop.sync()
    shop.repeat()
    assert shop.crm.leads() == ([Lead(ANN, WON, ANN)] if as_lead else [])
    assert [person.email for person in shop.crm.people()] == [ANN] and len(shop.crm.accounts()) == 1


def test_a_customers_group_is_shown_and_followed(shop: Shop) -> None:
    shop.switch(groups_as_account_type=True)
    first, second = shop.crm.account_types
    shown = {first: first, second: second, "No such type": second}
    groups = {name: shop.bridge.api("POST", "/v2/customer_groups", {"name": name})["id"] for name in shown}
    customer_id = shop.register(ANN, customer_group_id=groups[first])
    for name, group_id in groups.items():
        shop.bridge.api("PUT", "/v3/customers", [{"id": customer_id, "customer_group_id": group_id}])
        shop.sync()
        [person] = shop.crm.people()
        assert (person.group, shop.crm.types()) == (name, [shown[name]])


def test_a_company_is_an_account_with_its_buyers_and_their_orders(shop: Shop) -> None:
    company = shop.act("POST", "/companies", ACME)
    company_id = company["companyId"]
    shop.b2b("PUT", f"/companies/{company_id}/status", {"companyStatus": 1})
    [admin] = shop.b2b("GET", f"/users?companyId={company_id}")
    shop.place("bo@acme.example", customer_id=admin["customerId"])
    shop.sync()
    assert [(person.email, person.account) for person in shop.crm.people()] == [("bo@acme.example", "Acme")]
    assert shop.crm.accounts() == ["Acme"]
    shop.b2b("PUT", f"/companies/{company_id}", {"companyName": "Acme & Sons"})
    second = {"firstName": "Cy", "lastName": "Fox", "email": "cy@acme.example", "companyId": company_id}
    user = shop.b2b("POST", "/users", second)
    shop.sync()
    assert {(person.email, person.account) for person in shop.crm.people()} == {
        ("bo@acme.example", "Acme & Sons"), ("cy@acme.example", "Acme & Sons"),
    }  # fmt: skip
    shop.place("cy@acme.example", customer_id=user["bcId"])
    shop.sync()
    assert [sale.account for sale in shop.crm.sales()] == ["Acme & Sons"] * 2
    assert shop.crm.accounts() == ["Acme & Sons"]
    shop.b2b("DELETE", f"/users/{user['userId']}")
    shop.sync()
    shop.repeat()
    # Who no longer buys for a company still is somebody there: taking them out of its account is for people.
    assert sorted(person.email for person in shop.crm.people()) == ["bo@acme.example", "cy@acme.example"]
    assert shop.crm.accounts() == ["Acme & Sons"] and len(shop.crm.sales()) == 2


def test_a_customer_who_joins_a_company_buys_on_its_account_from_then_on(shop: Shop) -> None:
    customer_id = shop.register(ANN)
    shop.place(ANN, customer_id=customer_id)
    shop.sync()
    company_id = shop.act("POST", "/companies", ACME)["companyId"]
    person = {"firstName": "Rosa", "lastName": "Núñez", "email": ANN, "companyId": company_id}
    shop.b2b("POST", "/users", person)
    shop.sync()
    second = shop.place(ANN, customer_id=customer_id)["id"]
    shop.sync()
    shop.repeat()
    assert {sale.account for sale in shop.crm.sales() if sale.number == str(second)} == {"Acme"}
    assert sorted(person.email for person in shop.crm.people()) == [ANN, "bo@acme.example"]
