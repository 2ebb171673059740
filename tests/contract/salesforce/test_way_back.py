"""Reading back: what is shown is what comes back; changes, deletions, merges; users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

import pytest

from app.connectors.base import Changes, Ref, Theirs
from app.connectors.salesforce import changes
from app.connectors.salesforce.connector import Salesforce
from app.domain import Address, Record, Variant
from app.domain.fields import fields
from app.errors import Unsupported
from tests.contract.salesforce.conftest import MakeOrg
from tests.contract.salesforce.more import company, shipment
from tests.contract.salesforce.org import Org
from tests.contract.salesforce.records import HOME, customer, line, order, product

OTHER = "005000000000001AAA"  # some user who is not we
US = Address("Jane", "Doe", "", "1 Main St", "Apt 2", "Austin", "Texas", "73301", "United States", "US")


def target(org: Org) -> Salesforce:
    assert org.target is not None
    return org.target


def read(org: Org, kind: str, record_id: str) -> Theirs:
    found = target(org).read_many(kind, [record_id])[record_id]
    assert isinstance(found, Theirs)
    return found


def shown_and_read(org: Org, record: Record) -> list[tuple[Mapping[str, str], Mapping[str, str]]]:
    """Both views of a record that was just written, for every link that it made."""
    pairs = []
    for key, shown in target(org).shown(record).items():
        if key in org.links:
            place = org.links[key].ref
            pairs.append((shown, read(org, place.kind, place.id).fields))
    assert pairs
    return pairs


@pytest.mark.parametrize("country_picklists", [False, True])
@pytest.mark.parametrize(
    "record",
    [
        customer(billing=US, shipping=US, phone="555", company="Doe Ltd"),
        customer(first_name="", last_name="", company="x" * 300, billing=replace(HOME, street_1="s" * 300)),
        customer(billing=replace(HOME, street_2="Flat 2", city=" London ")),
        customer(billing=Address(country="Nowhere", country_code="ZZ", city="c" * 50)),
        product(7, 70, 71, price="10.005"),
        replace(product(8, 80), variants=(Variant("80", "8", "S", "Thing", Decimal("3"), "GBP", stock=12),)),
        company(),
        order(1001, shipments=(shipment(1), shipment(2))),
        order(1002, status="s" * 120),
    ],
    ids=lambda record: f"{record.kind}-{record.id}",
)
def test_what_is_shown_is_what_comes_back(special: MakeOrg, record: Record, country_picklists: bool) -> None:
    org = special(state_country_picklists=country_picklists)
    [outcome] = org.write(record)
    assert outcome.error is None
    for shown, theirs in shown_and_read(org, record):
        assert shown == theirs


def test_a_plain_record_is_shown_as_the_store_has_it(org: Org) -> None:
    record = customer(company="Doe Ltd", billing=US, phone="555")
    ours = fields(record)[("customer", "42")]
    found = target(org).shown(record)
    together = {**found[("customer", "42")], **found[("account", "42")]}
    assert together == ours == found[("lead", "42")]


@pytest.mark.parametrize(
    ("typed", "code"),
    [("Deutschland", "DE"), ("The Netherlands", "NL"), ("Republic of Ireland", "IE"), ("Utopia", None), (None, "")],
)
def test_a_country_that_we_do_not_know_is_none_that_was_emptied(org: Org, typed: str | None, code: str | None) -> None:
    org.write(customer(billing=US))
    account = org.row("Account")["Id"]
    org.api("PATCH", f"/sobjects/Account/{account}", {"BillingCountry": typed})
    found = read(org, "Account", account).fields
    assert found.get("country_code") == code and found["city"] == "Austin"


def test_a_state_that_we_do_not_know_is_none_that_was_emptied(special: MakeOrg) -> None:
    org = special(state_country_picklists=True)
    texas = {"states": {"US": {"texas": "TX"}}, "state_names": {"US": {"TX": "Texas"}}}
    org.facts |= {"countries": ["US"], **texas}
    org.open()
    org.write(customer(billing=US))
    account = org.row("Account")["Id"]
    assert read(org, "Account", account).fields["state"] == "Texas"
    org.facts["state_names"] = {"US": {}}
    org.open()
    assert "state" not in read(org, "Account", account).fields
    org.api("PATCH", f"/sobjects/Account/{account}", {"BillingStateCode": None})
    assert read(org, "Account", account).fields["state"] == ""


def test_person_accounts_hold_all_in_one(special: MakeOrg) -> None:
    org = special(person_accounts=True)
    record = customer(billing=US, phone="555")
    org.write(record)
    [(shown, theirs)] = shown_and_read(org, record)
    assert shown == theirs and (theirs["email"], theirs["city"]) == ("jane@example.com", "Austin")


def test_records_tell_whose_they_are(org: Org) -> None:
    org.write(customer(), product(7, 70))
    contact, account = org.row("Contact")["Id"], org.row("Account")["Id"]
    found = read(org, "Contact", contact)
    assert (found.ref, found.store_id, found.is_echo) == (Ref("Contact", contact), "42", True)
    assert read(org, "Account", account).store_id == "42"
    assert read(org, "Product2", org.row("Product2")["Id"]).store_id == "70"
    other = org.other("s2")
    assert read(other, "Contact", contact).store_id == ""
    org.facts["user"] = OTHER
    org.open()
    assert read(org, "Contact", contact).is_echo is False


def test_read_many_is_few_calls(org: Org) -> None:
    ids = [str(row["id"]) for row in _contacts(org, 200)]
    org.forget_calls()
    assert len(target(org).read_many("Contact", ids)) == 200 and len(org.calls()) == 1
    org.write(*(product(n, n * 10) for n in range(1, 31)))
    org.forget_calls()
    found = target(org).read_many("Product2", [row["Id"] for row in org.rows("Product2")])
    assert {one.fields["price"] for one in found.values() if isinstance(one, Theirs)} == {"10.00"}
    assert len(org.calls()) == 2


def test_what_is_deleted_and_what_was_merged(org: Org) -> None:
    account = org.make("Account", Name="Acme")
    first, second, third, fourth = (org.make("Contact", LastName=f"N{n}", AccountId=account) for n in range(4))
    org.control("merge", object="Contact", master=second, losers=[first])
    org.control("merge", object="Contact", master=third, losers=[second])
    org.api("DELETE", f"/sobjects/Contact/{fourth}")
    found = target(org).read_many("Contact", [first, third, fourth, "003000000000000AAA"])
    assert found[fourth] is None and found["003000000000000AAA"] is None
    merged, kept = found[first], found[third]
    assert isinstance(merged, Theirs) and isinstance(kept, Theirs) and kept.merged_into is None
    assert merged.merged_into == Ref("Contact", third) and merged.fields["last_name"] == "N2"
    assert merged.ref == Ref("Contact", first)


def test_a_converted_lead_is_the_contact_that_it_became(org: Org) -> None:
    lead = org.make("Lead", FirstName="Jane", LastName="Doe", Company="Acme", Email="jane@example.com")
    assert read(org, "Lead", lead).fields["company"] == "Acme"
    org.control("convert_lead", id=lead, create_opportunity=False)
    found = read(org, "Lead", lead)
    assert found.merged_into == Ref("Contact", org.row("Contact")["Id"]) and found.fields["email"] == "jane@example.com"


# ---- changes


def poll(org: Org, kind: str, cursor: str) -> tuple[list[str], str]:
    """All pages of changes; the ids, and the cursor after them."""
    seen: list[str] = []
    for _ in range(50):
        page: Changes = target(org).changes(kind, cursor)
        seen += [one.ref.id for one in page.seen]
        cursor = page.cursor
        if not page.more:
            return seen, cursor
    raise AssertionError("it never ends")


def test_changes_begin_now(org: Org) -> None:
    org.make("Contact", LastName="Before")
    org.control("clock", advance_seconds=600)
    page = target(org).changes("Contact", "")
    assert page.seen == () and not page.more and page.cursor


def test_changes_and_deletions_are_told(org: Org) -> None:
    _, cursor = poll(org, "Contact", "")
    first, second = (org.make("Contact", LastName=name) for name in ("A", "B"))
    org.api("DELETE", f"/sobjects/Contact/{second}")
    page = target(org).changes("Contact", cursor)
    assert {one.ref for one in page.seen} == {Ref("Contact", first), Ref("Contact", second)}
    assert {one.ref.id: one.is_echo for one in page.seen} == {first: True, second: False}  # by our own user here
    seen, _ = poll(org, "Contact", page.cursor)
    assert set(seen) == {first, second}  # what is recent is told again


def test_an_entrys_change_is_its_products(org: Org) -> None:
    org.write(product(7, 70, 71))
    org.control("clock", advance_seconds=600)
    _, cursor = poll(org, "Product2", "")
    entry = org.row("PricebookEntry", BC_Price_Id__c="s1-71")
    org.api("PATCH", f"/sobjects/PricebookEntry/{entry['Id']}", {"UnitPrice": 12})
    org.forget_calls()
    page = target(org).changes("Product2", cursor)
    assert entry["Product2Id"] in {one.ref.id for one in page.seen} and len(org.calls()) == 1
    assert {one.ref.kind for one in page.seen} == {"Product2"}


def test_pages_go_on_within_one_second(org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "PAGE", 40)
    _, cursor = poll(org, "Contact", "")
    made = {str(row["id"]) for row in _contacts(org, 100)}
    page = target(org).changes("Contact", cursor)
    assert page.more and len(page.seen) == 40
    seen, cursor = poll(org, "Contact", cursor)
    assert set(seen) == made and len(seen) == 100
    more = org.make("Contact", LastName="Later")
    assert more in poll(org, "Contact", cursor)[0]


@pytest.mark.parametrize("size", [3, 500])
def test_what_becomes_visible_late_is_told(org: Org, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """A long transaction's rows have a time before those that were read already, in pages or at once."""
    monkeypatch.setattr(changes, "PAGE", size)
    _, cursor = poll(org, "Account", "")
    org.control("clock", advance_seconds=60)
    for number in range(10):
        org.make("Account", Name=f"Account {number}")
    _, cursor = poll(org, "Account", cursor)
    org.control("clock", advance_seconds=-30)
    late = org.make("Account", Name="Late")
    assert late in poll(org, "Account", cursor)[0]


def test_other_kinds_do_not_go_back(org: Org) -> None:
    with pytest.raises(Unsupported):
        target(org).changes("Case", "")
    with pytest.raises(Unsupported):
        target(org).read_many("Case", [])


def test_users_and_addresses(org: Org) -> None:
    users = target(org).users()
    assert "admin@sandbox.example" in {user.email for user in users} and all(user.name for user in users)
    assert target(org).subscribe("https://x.example") == ""
    target(org).unsubscribe("https://x.example")


def _contacts(org: Org, count: int) -> list[dict[str, object]]:
    records = [{"attributes": {"type": "Contact"}, "LastName": f"N{n}"} for n in range(count)]
    made: list[dict[str, object]] = org.api("POST", "/composite/sobjects", {"records": records})
    return made


def test_lines_do_not_disturb(org: Org) -> None:
    [outcome] = org.write(order(1, line(5), shipments=(shipment(),)))
    assert outcome.error is None
    row = org.row("Order")
    assert (row["BC_Tracking_Number__c"], row["BC_Carrier__c"]) == ("TRACK-1", "Royal Mail")
