"""Customers and companies changed and made in the store, and what that costs."""

from __future__ import annotations

from typing import Any

import pytest

from app.connectors.base import Edit, Edited
from app.connectors.bigcommerce.connector import BigCommerce
from app.domain import Company, Customer, Product
from app.domain.fields import fields
from app.errors import Misconfigured, NotFound, Rejected, Retryable, Unsupported
from tests.contract.bigcommerce.conftest import Shop

CUSTOMERS, ADDRESSES = "/v3/customers", "/v3/customers/addresses"


def read(source: BigCommerce, *ids: int) -> dict[str, Customer]:
    found = source.fetch_many("customer", [str(number) for number in ids])
    return {key: customer for key, customer in found.items() if isinstance(customer, Customer)}


def edit(customer: Customer, kind: str = "customer", **values: str) -> Edit:
    return Edit("customer", customer.id, {(kind, customer.id): values}, customer)


def read_raw(number: int) -> Customer:
    """A customer without a call."""
    return Customer(str(number), "amelia.marsh@shopper.example", "Amelia", "Marsh")


def new(email: str, **values: str) -> Edit:
    names = {"first_name": "Ann", "last_name": "Hill"}
    return Edit("customer", "", {("customer", ""): {**names, "email": email, **values}})


def row(shop: Shop, number: int) -> dict[str, Any]:
    found: dict[str, Any] = shop.call("GET", f"{CUSTOMERS}?id:in={number}&include=addresses")["data"][0]
    return found


def counted(shop: Shop, source: BigCommerce, *edits: Edit) -> tuple[list[Edited], int]:
    shop.forget_calls()
    before = source.calls
    answers = source.update_many(edits)
    return answers, source.calls - before


def test_a_customer_and_the_first_address_cost_two_writes(shop: Shop, source: BigCommerce) -> None:
    customer = read(source, 1)["1"]
    wanted = {"first_name": "Amelie", "phone": " 0123 ", "city": "York", "country_code": "IE", "last_name": "Marsh"}
    [answer], calls = counted(shop, source, edit(customer, **wanted))
    assert (answer.id, answer.error, calls) == ("1", None, 2)
    assert shop.writes() == [("PUT", CUSTOMERS), ("PUT", ADDRESSES)]
    assert answer.sent == {
        "customer": {"first_name": "Amelie", "phone": "0123"},
        "address": {"city": "York", "country_code": "IE"},
    }
    after = row(shop, 1)
    assert (after["first_name"], after["last_name"], after["phone"]) == ("Amelie", "Marsh", "0123")
    assert (after["addresses"][0]["city"], after["addresses"][0]["country"]) == ("York", "Ireland")
    again = fields(read(source, 1)["1"])[("customer", "1")]
    assert {name: again[name] for name in wanted} == {name: text.strip() for name, text in wanted.items()}


def test_codes_of_states_are_written_in_full(shop: Shop, source: BigCommerce) -> None:
    [answer], _ = counted(shop, source, edit(read(source, 1)["1"], state="ca", country_code="US"))
    assert answer.error is None
    assert row(shop, 1)["addresses"][0]["state_or_province"] == "California"
    [answer], _ = counted(shop, source, edit(read(source, 1)["1"], state="CA"))
    assert (answer.error, answer.sent) == (None, None)


def test_a_missing_scope_is_told_of_the_edits_it_keeps_back(shop: Shop, source: BigCommerce) -> None:
    record = source.fetch_many("product", ["1"])["1"]
    assert isinstance(record, Product)
    renamed = Edit("product", "1", {("variant", record.variants[0].id): {"name": "Tea Caddy"}}, record)
    body = {"status": 403, "title": "You don't have a required scope to access the endpoint"}
    shop.sandbox("POST", "/fail", {"status": 403, "match": CUSTOMERS, "body": body})
    person, product = source.update_many([edit(read_raw(1), first_name="Amelie"), renamed])
    assert isinstance(person.error, Misconfigured)
    assert (product.id, product.error) == ("1", None)


def test_what_is_equal_is_not_written(shop: Shop, source: BigCommerce) -> None:
    customer = read(source, 1)["1"]
    same = fields(customer)[("customer", "1")]
    [answer], calls = counted(shop, source, edit(customer, **same))
    assert (answer.error, answer.sent, calls) == (None, None, 0)


def test_an_account_carries_company_and_address(shop: Shop, source: BigCommerce) -> None:
    customer = read(source, 2)["2"]
    account, person = ("account", "2"), ("customer", "2")
    values = {account: {"company": "Khan Ltd", "street_1": "1 New Street"}, person: {"last_name": "Khan-Ali"}}
    [answer], _ = counted(shop, source, Edit("customer", "2", values, customer))
    assert answer.error is None
    after = row(shop, 2)
    assert (after["company"], after["last_name"], after["addresses"][0]["address1"]) == (
        "Khan Ltd", "Khan-Ali", "1 New Street",
    )  # fmt: skip


def test_a_customer_without_address_gets_one(shop: Shop, source: BigCommerce) -> None:
    made = shop.call("POST", CUSTOMERS, [{"email": "new@x.example", "first_name": "No", "last_name": "Where"}])
    number = made["data"][0]["id"]
    place = {
        "street_1": "2 Side Street", "city": "Hull", "state": "East Riding", "postal_code": "HU1", "country_code": "GB",
    }  # fmt: skip
    customer = read(source, number)[str(number)]
    [answer], calls = counted(shop, source, edit(customer, **place))
    assert (answer.error, calls) == (None, 1)
    (address,) = row(shop, number)["addresses"]
    assert (address["address1"], address["state_or_province"], address["first_name"]) == (
        "2 Side Street", "East Riding", "No",
    )  # fmt: skip
    # The same once more, as if the answer had been lost: left out of the reply, and found.
    [answer], calls = counted(shop, source, edit(customer, **place))
    assert (answer.error, calls) == (None, 2)
    assert len(row(shop, number)["addresses"]) == 1
    [answer], _ = counted(shop, source, edit(read(source, number)[str(number)], company="", phone=""))
    assert answer.error is None


def test_an_address_with_gaps_is_refused_in_the_stores_words(shop: Shop, source: BigCommerce) -> None:
    made = shop.call("POST", CUSTOMERS, [{"email": "new@x.example", "first_name": "No", "last_name": "Where"}])
    number = made["data"][0]["id"]
    [answer], _ = counted(shop, source, edit(read(source, number)[str(number)], city="Hull", first_name="Noa"))
    assert isinstance(answer.error, Rejected)
    assert answer.error.status == 422
    assert row(shop, number)["first_name"] == "Noa"


def test_an_address_that_would_become_like_another_one_is_told(shop: Shop, source: BigCommerce) -> None:
    first = row(shop, 1)["addresses"][0]
    twin = {name: first[name] for name in first if name not in ("id", "country")} | {"city": "York"}
    shop.call("POST", ADDRESSES, [twin])
    [answer], _ = counted(shop, source, edit(read(source, 1)["1"], city="York"))
    assert isinstance(answer.error, Rejected)
    assert answer.error.code == "BC_ADDRESS_TWIN"


def test_an_emptied_company_is_emptied_where_it_is_read_from(shop: Shop, source: BigCommerce) -> None:
    [answer], _ = counted(shop, source, edit(read(source, 1)["1"], company="", phone=""))
    assert answer.error is None
    after = read(source, 1)["1"]
    assert (after.company, after.phone) == ("", "")


def test_an_emptied_country_waits_for_another_one(shop: Shop, source: BigCommerce) -> None:
    customer = read(source, 1)["1"]
    before = row(shop, 1)["addresses"][0]
    [answer], calls = counted(shop, source, edit(customer, "account", country_code=""))
    assert (answer.error, answer.waits, answer.sent, calls) == (None, frozenset({"country_code"}), None, 0)
    [answer], _ = counted(shop, source, edit(customer, "account", country_code=" ", city="York"))
    assert (answer.error, answer.waits, answer.sent) == (
        None,
        frozenset({"country_code"}),
        {"address": {"city": "York"}},
    )
    after = row(shop, 1)["addresses"][0]
    assert (after["city"], after["country_code"]) == ("York", before["country_code"])


def test_an_emptied_address_takes_nobodys_way_to_sign_in(shop: Shop, source: BigCommerce) -> None:
    before, customer = row(shop, 1)["email"], read(source, 1)["1"]
    [answer], calls = counted(shop, source, edit(customer, email=" "))
    assert (answer.error, answer.waits, answer.sent, calls) == (None, frozenset({"email"}), None, 0)
    [answer], _ = counted(shop, source, edit(customer, email="", first_name="Amelie"))
    assert (answer.waits, answer.sent) == (frozenset({"email"}), {"customer": {"first_name": "Amelie"}})
    assert before and row(shop, 1)["email"] == before


def test_a_bad_one_of_many_is_found_and_spoils_no_other(shop: Shop, source: BigCommerce) -> None:
    bodies = [{"email": f"c{n}@x.example", "first_name": "C", "last_name": str(n)} for n in range(25)]
    ids = [shop.call("POST", CUSTOMERS, [body])["data"][0]["id"] for body in bodies]
    customers = read(source, *ids)
    edits = [edit(customer, first_name=f"New {number}") for number, customer in enumerate(customers.values())]
    answers, calls = counted(shop, source, *edits)
    assert calls == 3  # 10 + 10 + 5
    edits = [edit(customer, first_name=f"Newer {number}") for number, customer in enumerate(customers.values())]
    edits[7] = edit(customers[str(ids[7])], email="amelia.marsh@shopper.example")
    answers, calls = counted(shop, source, *edits)
    assert [place for place, answer in enumerate(answers) if answer.error] == [7]
    assert "already in use" in str(answers[7].error)
    assert calls == 3 + 6  # ten, halved until one is left
    assert [row(shop, ids[place])["first_name"] for place in (6, 7, 24)] == ["Newer 6", "New 7", "Newer 24"]


def test_a_call_that_fails_as_a_whole_is_raised(shop: Shop, source: BigCommerce) -> None:
    customer = read(source, 1)["1"]
    shop.sandbox("POST", "/fail", {"status": 429, "match": CUSTOMERS, "headers": {"X-Retry-After": "5"}})
    with pytest.raises(Retryable) as throttled:
        source.update_many([edit(customer, first_name="Amelie")])
    assert throttled.value.retry_after is not None


def test_new_people_are_made_and_known_ones_found(shop: Shop, source: BigCommerce) -> None:
    place = {
        "street_1": "2 Side Street", "city": "Hull", "state": "East Riding", "postal_code": "HU1", "country_code": "GB",
    }  # fmt: skip
    edits = [
        new("Ann@Hill.example", phone="0123", **place),
        new("AMELIA.Marsh@shopper.example"),
        new("ann@hill.example"),
        new("bo@hill.example", city="Hull"),
        new(""),
        new("c@hill.example", last_name=""),
    ]
    answers, calls = counted(shop, source, *edits)
    ann, amelia, ann_again, bo, nobody, nameless = answers
    assert (amelia.id, amelia.sent) == ("1", None)
    assert ann.id == ann_again.id != ""
    assert bo.id not in ("", ann.id)
    assert isinstance(nobody.error, Rejected)
    assert isinstance(nameless.error, Rejected)
    assert nameless.error.status == 422
    after = row(shop, int(ann.id))
    assert (after["email"].casefold(), after["last_name"]) == ("ann@hill.example", "Hill")
    assert row(shop, int(bo.id))["addresses"] == []
    # Once more finds all of them, and makes none.
    before = len(shop.sandbox("GET", "/records/customers"))
    again, calls = counted(shop, source, *edits[:4])
    assert [answer.id for answer in again] == [ann.id, "1", ann.id, bo.id]
    assert (calls, shop.writes()) == (1, [])
    assert len(shop.sandbox("GET", "/records/customers")) == before


def test_a_person_who_was_made_although_the_answer_was_lost_is_found(shop: Shop, source: BigCommerce) -> None:
    shop.sandbox("POST", "/fail", {"kind": "reset", "match": CUSTOMERS, "method": "POST", "when": "after"})
    with pytest.raises(Retryable):
        source.update_many([new("ann@hill.example")])
    [answer], _ = counted(shop, source, new("ann@hill.example"))
    assert answer.id
    emails = [customer["email"] for customer in shop.sandbox("GET", "/records/customers")]
    assert emails.count("ann@hill.example") == 1


def test_a_company_and_its_address(shop: Shop, source: BigCommerce) -> None:
    number = str(shop.sandbox("GET", "/records/companies")[0]["companyId"])
    company = source.fetch_many("company", [number])[number]
    assert isinstance(company, Company)
    place = {
        "street_1": "1 Dock Road", "city": "Hull", "state": "East Riding", "postal_code": "HU1", "country_code": "GB",
    }  # fmt: skip
    wanted = {"name": "Marsh & Daughters", "phone": "+44 2", **place}
    [answer], calls = counted(shop, source, Edit("company", number, {("company", number): wanted}, company))
    assert answer.error is None
    assert calls == 3  # the company, whose address it is, the address
    after = source.fetch_many("company", [number])[number]
    assert isinstance(after, Company)
    shown = fields(after)[("company", number)]
    assert {name: shown[name] for name in wanted} == wanted
    changed = {**wanted, "city": "York", "country_code": "IE"}
    [answer], calls = counted(shop, source, Edit("company", number, {("company", number): changed}, after))
    assert (answer.error, calls) == (None, 1)
    (address,) = shop.b2b("GET", f"/addresses?companyId={number}")
    assert (address["city"], address["countryName"], address["addressLine1"]) == ("York", "Ireland", "1 Dock Road")
    emptied = {("company", number): {"country_code": "", "name": "", "email": " ", "phone": ""}}
    [answer], calls = counted(shop, source, Edit("company", number, emptied, after))
    assert (answer.error, answer.sent, calls) == (None, None, 0)
    assert answer.waits == {"country_code", "name", "email", "phone"}
    for state, name, code in (("TX", "Texas", "TX"), ("Nowhere", "Nowhere", "")):
        moved = {("company", number): {"country_code": "US", "state": state}}
        [answer], _ = counted(shop, source, Edit("company", number, moved, after))
        (address,) = shop.b2b("GET", f"/addresses?companyId={number}")
        assert (answer.error, address["stateName"], address["stateCode"]) == (None, name, code)
    shop.sandbox("POST", "/settings", {"b2b": False})
    [answer], _ = counted(shop, source, Edit("company", number, {("company", number): {"name": "X"}}, after))
    assert isinstance(answer.error, Rejected)
    assert answer.error.code == "BC_NO_B2B"


def test_what_is_gone_and_what_cannot_be_written(shop: Shop, source: BigCommerce) -> None:
    gone = [Edit(kind, "999999", {}) for kind in ("company", "order", "product")]
    assert [type(answer.error) for answer in source.update_many(gone)] == [NotFound] * 3
    with pytest.raises(Unsupported):
        source.update_many([Edit("cart", "x", {})])
    assert source.update_many([]) == []
