"""One person, one contact: links, external ids, e-mail addresses, duplicate rules."""

from __future__ import annotations

from dataclasses import replace

from app.domain import Address, Customer
from tests.contract.salesforce.conftest import MakeOrg
from tests.contract.salesforce.org import Org
from tests.contract.salesforce.records import HOME, customer, guest, order

WRITE = "POST /composite"


def test_create_repeat_update(org: Org) -> None:
    [outcome] = org.write(customer(company="Doe Ltd"))
    assert outcome.error is None
    assert (org.row("Account")["Name"], org.row("Contact")["LastName"]) == ("Doe Ltd", "Doe")
    assert org.row("Contact")["MailingCity"] == "London"
    org.write(customer(company="Doe Ltd"))
    org.links.clear()
    org.write(customer(company="Doe plc", phone="555"), attempt=2)
    assert (org.row("Account")["Name"], org.row("Contact")["Phone"]) == ("Doe plc", "555")


def test_what_the_store_does_not_know_is_not_blanked(org: Org) -> None:
    org.write(customer())
    contact = org.row("Contact")
    org.api("PATCH", f"/sobjects/Contact/{contact['Id']}", {"MobilePhone": "1", "Phone": "2"})
    org.write(customer(billing=replace(HOME, phone=""), first_name="Janet"))
    contact = org.row("Contact")
    assert (contact["FirstName"], contact["MobilePhone"], contact["Phone"]) == ("Janet", "1", "2")


def test_a_guest_registers(org: Org) -> None:
    org.write(order(buyer=guest()))
    [outcome] = org.write(customer())
    assert outcome.error is None
    assert org.row("Contact")["BC_Customer_Id__c"] == "s1-42" and org.row("Account")["BC_Customer_Id__c"] == "s1-42"
    org.calls()
    org.links = {key: place for key, place in org.links.items() if not key[1].startswith("guest:")}
    [again] = org.write(order(1002, buyer=guest()))
    assert again.error is None and ("customer", "guest:jane@example.com") not in again.made
    assert len(org.rows("Contact")) == 1 and org.row("Contact")["BC_Customer_Id__c"] == "s1-42"
    assert {row["BillToContactId"] for row in org.rows("Order")} == {org.row("Contact")["Id"]}


def test_a_guest_registers_without_a_link_to_the_guest(org: Org) -> None:
    org.write(order(buyer=guest()))
    org.links.clear()
    [outcome] = org.write(customer())
    assert outcome.error is None and outcome.flags == ()
    assert len(org.rows("Contact")) == len(org.rows("Account")) == 1
    assert org.row("Contact")["BC_Customer_Id__c"] == "s1-42"


def test_a_guest_and_a_customer_of_one_e_mail_in_one_batch_are_one(org: Org) -> None:
    registered = replace(customer(), complete=False)
    outcomes = org.write(order(1, buyer=guest()), order(2, buyer=registered), order(3, buyer=guest("x@example.com")))
    assert [outcome.error for outcome in outcomes] == [None] * 3
    assert {row["BC_Customer_Id__c"] for row in org.rows("Contact")} == {"s1-42", "s1-guest:x@example.com"}
    jane = org.row("Contact", Email="jane@example.com")
    assert [row["BillToContactId"] == jane["Id"] for row in org.rows("Order")] == [True, True, False]


def test_an_order_never_overwrites_its_buyer(org: Org) -> None:
    org.write(customer(first_name="Janet"))
    org.write(order(buyer=replace(customer(first_name="J."), complete=False)))
    assert org.row("Contact")["FirstName"] == "Janet"
    assert org.row("Order")["AccountId"] == org.row("Account")["Id"]


def test_a_contact_with_the_same_e_mail_is_adopted_with_its_account(org: Org) -> None:
    account = org.make("Account", Name="Acme")
    contact = org.make("Contact", LastName="Doe", Email="JANE@example.com", AccountId=account)
    [outcome] = org.write(customer())
    assert outcome.error is None and outcome.flags == ()
    assert org.row("Contact")["BC_Customer_Id__c"] == "s1-42" and org.row("Contact")["FirstName"] == "Jane"
    assert org.row("Account")["Name"] == "Acme"
    org.write(customer(first_name="Janet"))
    assert org.row("Account")["Name"] == "Acme" and org.row("Contact")["FirstName"] == "Janet"
    org.write(order(buyer=replace(customer(), complete=False)))
    assert (org.row("Order")["AccountId"], org.row("Order")["BillToContactId"]) == (account, contact)
    # a colleague at the same account
    org.make("Contact", LastName="Roe", Email="roe@example.com", AccountId=account)
    [other] = org.write(customer(43, "roe@example.com", first_name="", last_name="Roe"))
    assert other.error is None and len(org.rows("Account")) == 1


def test_a_private_contact_gets_an_account(org: Org) -> None:
    contact = org.make("Contact", LastName="Doe", Email="jane@example.com")
    [outcome] = org.write(order())
    assert outcome.error is None
    assert org.row("Contact")["Id"] == contact
    assert org.row("Contact")["AccountId"] == org.row("Account")["Id"] == org.row("Order")["AccountId"]


def test_several_matches_take_the_oldest_and_ask_for_a_merge(org: Org) -> None:
    account = org.make("Account", Name="Acme")
    oldest = org.make("Contact", LastName="Doe", Email="jane@example.com", AccountId=account)
    org.control("clock", advance_seconds=60)
    org.make("Contact", LastName="Doe-Smith", Email="jane@example.com", AccountId=account)
    [outcome] = org.write(order())
    assert outcome.error is None
    assert [flag.code for flag in outcome.flags] == ["AMBIGUOUS_PERSON"]
    assert org.row("Order")["BillToContactId"] == oldest


def test_two_customers_with_one_e_mail_stay_two(special: MakeOrg) -> None:
    org = special(duplicate_rules="off")
    org.write(customer(42))
    [outcome] = org.write(customer(43))
    assert outcome.error is None
    assert [flag.code for flag in outcome.flags] == ["AMBIGUOUS_PERSON"]
    assert {row["BC_Customer_Id__c"] for row in org.rows("Contact")} == {"s1-42", "s1-43"}


def test_a_duplicate_rule_names_the_record_to_use(org: Org) -> None:
    account = org.make("Account", Name="Doe Family")
    there = org.make("Contact", FirstName="Jane", LastName="Doe", Phone="0123", AccountId=account)
    [outcome] = org.write(customer())
    assert outcome.error is None
    contact = org.row("Contact")
    assert (contact["Id"], contact["BC_Customer_Id__c"]) == (there, "s1-42")
    assert contact["Email"] == "jane@example.com" and contact["AccountId"] == account


def test_a_duplicate_account_is_used_and_left_as_it_is(org: Org) -> None:
    account = org.make("Account", Name="Jane Doe", BillingPostalCode="N1 1AA", Phone="999")
    [outcome] = org.write(order(buyer=guest(first_name="Jane")))
    assert outcome.error is None
    assert org.row("Account")["Id"] == account == org.row("Order")["AccountId"]
    assert org.row("Account")["Phone"] == "999" and org.row("Contact")["AccountId"] == account


def test_duplicates_of_a_batch_are_adopted_together(org: Org) -> None:
    for n in range(30):
        account = org.make("Account", Name=f"House {n}")
        org.make("Contact", FirstName="Jane", LastName=f"Doe {n}", Phone="0123", AccountId=account)
    org.forget_calls()
    outcomes = org.write(*(customer(n, f"c{n}@example.com", last_name=f"Doe {n}") for n in range(30)))
    assert {outcome.error for outcome in outcomes} == {None}
    assert len(org.calls()) == 4
    assert len(org.rows("Contact")) == 30 and len({row["BC_Customer_Id__c"] for row in org.rows("Contact")}) == 30


def test_customers_of_one_name_in_one_town_stay_two_whatever_a_duplicate_rule_says(org: Org) -> None:
    twins = customer(42), customer(43, email="other.jane@example.com")
    first, second = org.write(*twins)
    assert (first.error, second.error) == (None, None)
    assert {row["BC_Customer_Id__c"] for row in org.rows("Contact")} == {"s1-42", "s1-43"}
    assert len({row["AccountId"] for row in org.rows("Contact")}) == 2
    assert [flag.code for flag in (*first.flags, *second.flags)] == ["POSSIBLE_DUPLICATE"]
    [again] = org.write(order(1001, buyer=guest("third.jane@example.com", first_name="Jane")))
    assert again.error is None and [flag.code for flag in again.flags] == ["POSSIBLE_DUPLICATE"]
    assert len(org.rows("Contact")) == 3


def test_a_customer_is_written_over_although_a_namesake_is_there(org: Org) -> None:
    twins = [customer(n, f"jane.{n}@example.com", phone="+44 1 000") for n in (42, 43)]
    org.write(*twins)
    moved = [replace(one, email=f"new.{one.id}@example.com", phone="+44 1 999") for one in twins]
    for _ in range(2):
        assert {outcome.error for outcome in org.write(*moved)} == {None}
    assert {row["Email"] for row in org.rows("Contact")} == {"new.42@example.com", "new.43@example.com"}


def test_namesakes_of_a_batch_cost_one_more_round(org: Org) -> None:
    org.write(order(1, buyer=guest("first@example.com", first_name="Jane")))
    org.forget_calls()
    outcomes = org.write(*(order(n, buyer=guest(f"g{n}@example.com", first_name="Jane")) for n in range(11, 36)))
    assert {outcome.error for outcome in outcomes} == {None}
    assert len(org.calls()) <= 4  # a look-up and a write, twice
    assert len(org.rows("Account")) == len(org.rows("Contact")) == 26


def test_a_rule_that_blocks_asks_a_person(special: MakeOrg) -> None:
    org = special(duplicate_rules="block")
    assert org.write(customer(42))[0].error is None
    [outcome] = org.write(customer(43, email="other.jane@example.com"))
    assert outcome.error is not None and outcome.error.code == "DUPLICATES_DETECTED"
    assert [row["BC_Customer_Id__c"] for row in org.rows("Contact")] == ["s1-42"]


def test_odd_names_and_addresses(org: Org) -> None:
    odd = customer(email="nobody", first_name="", last_name="", billing=Address(city="x" * 60))
    [outcome] = org.write(odd)
    assert outcome.error is None
    assert [flag.code for flag in outcome.flags] == ["INVALID_EMAIL"]
    contact = org.row("Contact")
    assert (contact["LastName"], contact["Email"], len(contact["MailingCity"])) == ("nobody", None, 40)
    long = guest("a" * 300 + "@example.com")
    [outcome] = org.write(order(buyer=long))
    assert outcome.error is None and len(org.rows("Contact")) == 2


def test_a_batch_of_customers_is_a_look_up_and_a_write(org: Org) -> None:
    def everyone(first: str) -> list[Customer]:
        return [customer(n, f"c{n}@example.com", first_name=first, last_name=f"N{n}") for n in range(120)]

    outcomes = org.write(*everyone("A"))
    assert {outcome.error for outcome in outcomes} == {None}
    assert org.calls() == [WRITE, WRITE] and len(org.rows("Contact")) == 120
    org.write(*everyone("B"))
    assert org.calls() == [WRITE]
    assert {row["FirstName"] for row in org.rows("Contact")} == {"B"}


def test_a_deleted_contact_stays_deleted(org: Org) -> None:
    org.write(customer())
    org.api("DELETE", f"/sobjects/Account/{org.row('Account')['Id']}")
    assert org.rows("Contact") == []
    [outcome] = org.write(customer(first_name="Janet"))
    assert outcome.error is None and [flag.code for flag in outcome.flags] == ["DELETED_THERE"]
    assert outcome.gone == {("customer", "42"), ("account", "42")} and outcome.made == {}
    assert org.rows("Contact") == org.rows("Account") == []


def test_person_accounts(special: MakeOrg) -> None:
    org = special(person_accounts=True)
    [outcome] = org.write(order(buyer=guest()))
    assert outcome.error is None
    account = org.row("Account")
    assert (account["IsPersonAccount"], account["PersonEmail"]) == (True, "jane@example.com")
    assert org.row("Order")["AccountId"] == account["Id"]
    [outcome] = org.write(customer(first_name="Janet"))
    assert outcome.error is None
    account = org.row("Account")
    assert (account["BC_Customer_Id__c"], account["FirstName"]) == ("s1-42", "Janet")
    org.links.clear()
    org.write(customer(first_name="Jo"), attempt=2)
    assert org.row("Account")["FirstName"] == "Jo"
    assert len(org.rows("Contact")) == 1


def test_a_person_account_with_the_same_e_mail_is_adopted(special: MakeOrg) -> None:
    org = special(person_accounts=True)
    there = org.make("Account", LastName="D", PersonEmail="jane@example.com")
    [outcome] = org.write(order(buyer=guest()))
    assert outcome.error is None and org.row("Account")["LastName"] == "D"
    assert outcome.made[("account", "guest:jane@example.com")].ref.id == there
