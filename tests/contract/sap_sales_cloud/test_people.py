"""One person, one record: links, external ids, e-mail addresses, companies, owners."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.domain import Address, Company, CompanyStatus, Customer
from tests.contract.salesforce.records import HOME, customer, guest, order
from tests.contract.sap_sales_cloud.tenant import Tenant

WRITE = "POST $batch"
US = Address("Jane", "Doe", "", "1 Main St", "Apt 4", "Springfield", "Illinois", "62701", "United States", "US", "555")


def company(number: int = 5, name: str = "Acme Ltd", **more: object) -> Company:
    values = {"email": "buying@acme.example", "phone": "0999", "address": HOME, **more}
    return Company(str(number), name, **values)  # type: ignore[arg-type]  # a test's own values


def numbers(tenant: Tenant, entity: str = "IndividualCustomer") -> list[str]:
    return sorted(row["IDNumber"] for row in tenant.rows(f"{entity}Identification"))


def test_create_repeat_update(tenant: Tenant) -> None:
    [outcome] = tenant.write(customer(billing=US, company="Doe & Co"))
    assert outcome.error is None and tenant.calls() == [WRITE, WRITE]
    person = tenant.row("IndividualCustomer")
    assert (person["FirstName"], person["LastName"], person["Email"]) == ("Jane", "Doe", "jane@example.com")
    assert (person["Street"], person["AddressLine4"], person["StateCode"]) == ("1 Main St", "Apt 4", "IL")
    assert (person["CareOfName"], person["LifeCycleStatusCode"]) == ("Doe & Co", "2")
    assert numbers(tenant) == ["s1-42"]
    tenant.write(customer(billing=US, company="Doe & Co"))
    assert tenant.calls() == [WRITE]
    tenant.links.clear()
    [linked] = tenant.write(customer(billing=US, phone="777"), attempt=2)
    assert linked.error is None and tenant.row("IndividualCustomer")["Phone"] == "555"
    [outcome] = tenant.write(customer(billing=US, phone="777"))
    assert outcome.error is None and tenant.row("IndividualCustomer")["Phone"] == "777"
    patches = [sent for sent in outcome.sent if sent["method"] == "PATCH"]
    assert [sent["body"] for sent in patches] == [{"Phone": "777"}]


def test_what_the_store_does_not_know_is_not_blanked(tenant: Tenant) -> None:
    tenant.write(customer())
    there = tenant.row("IndividualCustomer")["ObjectID"]
    tenant.edit("IndividualCustomer", there, Mobile="1", Phone="2")
    tenant.write(customer(billing=replace(HOME, phone=""), first_name="Janet"))
    person = tenant.row("IndividualCustomer")
    assert (person["FirstName"], person["Mobile"], person["Phone"]) == ("Janet", "1", "2")


def test_a_new_street_or_state_takes_the_old_parts_along(tenant: Tenant) -> None:
    tenant.write(customer(billing=US))
    there = tenant.row("IndividualCustomer")["ObjectID"]
    tenant.edit("IndividualCustomer", there, Street="Main Street", HouseNumber="1")
    tenant.write(customer(billing=replace(US, street_1="2 Oak Ave", state="Somewhere")))
    person = tenant.row("IndividualCustomer")
    assert (person["Street"], person["HouseNumber"]) == ("2 Oak Ave", "")
    assert (person["StateCode"], person["County"]) == ("", "Somewhere")


def test_a_guest_registers(tenant: Tenant) -> None:
    tenant.write(order(buyer=guest()))
    assert numbers(tenant) == ["s1-guest:jane@example.com"]
    [outcome] = tenant.write(customer())
    assert outcome.error is None and outcome.flags == ()
    assert numbers(tenant) == ["s1-42"] and len(tenant.rows("IndividualCustomer")) == 1
    tenant.links.clear()
    tenant.write(order(1002, buyer=guest()))
    assert len(tenant.rows("IndividualCustomer")) == 1 and numbers(tenant) == ["s1-42"]


def test_a_guest_and_a_customer_of_one_e_mail_in_one_batch_are_one(tenant: Tenant) -> None:
    registered = replace(customer(), complete=False)
    outcomes = tenant.write(order(1, buyer=guest()), order(2, buyer=registered), order(3, buyer=guest("x@example.com")))
    assert [outcome.error for outcome in outcomes] == [None] * 3
    assert numbers(tenant) == ["s1-42", "s1-guest:x@example.com"]


def test_somebody_with_the_same_e_mail_is_adopted(tenant: Tenant) -> None:
    there = tenant.make("IndividualCustomer", LastName="D", Email="JANE@example.com", RoleCode="CRM000")
    [outcome] = tenant.write(order(buyer=guest()))
    assert outcome.error is None and outcome.flags == ()
    assert tenant.row("CustomerOrder")["BuyerPartyID"] == there["CustomerID"]
    assert tenant.row("IndividualCustomer")["LastName"] == "D" and numbers(tenant) == ["s1-guest:jane@example.com"]
    tenant.write(customer())
    assert tenant.row("IndividualCustomer")["LastName"] == "Doe" and numbers(tenant) == ["s1-42"]


def test_a_contact_with_the_same_e_mail_buys_for_its_account(tenant: Tenant) -> None:
    account = tenant.make("CorporateAccount", Name="Acme", RoleCode="CRM000")
    contact = tenant.make("Contact", LastName="Doe", Email="jane@example.com", AccountID=account["AccountID"])
    [outcome] = tenant.write(order(buyer=guest()))
    assert outcome.error is None
    there = tenant.row("CustomerOrder")
    assert (there["BuyerPartyID"], there["BuyerContactPartyID"]) == (account["AccountID"], contact["ContactID"])
    assert tenant.rows("IndividualCustomer") == []
    tenant.calls()
    tenant.write(order(2, buyer=guest()))
    assert tenant.calls() == [WRITE] * 2


def test_several_matches_take_the_oldest_and_ask_for_a_merge(tenant: Tenant) -> None:
    oldest = tenant.make("IndividualCustomer", LastName="D", Email="jane@example.com", RoleCode="CRM000")
    tenant.make("IndividualCustomer", LastName="E", Email="jane@example.com", RoleCode="CRM000")
    [outcome] = tenant.write(order())
    assert outcome.error is None and [flag.code for flag in outcome.flags] == ["AMBIGUOUS_PERSON"]
    assert tenant.row("CustomerOrder")["BuyerPartyID"] == oldest["CustomerID"]


def test_two_customers_with_one_e_mail_stay_two(tenant: Tenant) -> None:
    tenant.write(customer(42))
    [outcome] = tenant.write(customer(43))
    assert outcome.error is None and [flag.code for flag in outcome.flags] == ["AMBIGUOUS_PERSON"]
    assert numbers(tenant) == ["s1-42", "s1-43"]


def test_another_stores_customer_is_used_but_not_claimed(tenant: Tenant) -> None:
    there = tenant.make("IndividualCustomer", LastName="D", Email="jane@example.com", RoleCode="CRM000")
    body = {"ParentObjectID": there["ObjectID"], "IDTypeCode": "SHOP", "IDNumber": "s2-9"}
    tenant.api("POST", "IndividualCustomerIdentificationCollection", body)
    [outcome] = tenant.write(order(buyer=guest()))
    assert outcome.error is None and ("customer", "guest:jane@example.com") not in outcome.made
    assert tenant.row("CustomerOrder")["BuyerPartyID"] == there["CustomerID"]
    assert numbers(tenant) == ["s2-9"] and tenant.row("IndividualCustomer")["LastName"] == "D"


def test_odd_names_and_addresses(tenant: Tenant) -> None:
    odd = customer(email="no*body", first_name="", last_name="", billing=Address(city="x" * 60, country_code="QX"))
    [outcome] = tenant.write(odd, customer(7, "o'hara@example.com", last_name="O'Hara \U0001f600"))[:1]
    assert outcome.error is None
    person = tenant.row("IndividualCustomer", LastName="no*body")
    assert (len(person["City"]), person["CountryCode"]) == (40, "")
    tenant.links.clear()
    [outcome] = tenant.write(customer(7, "o'hara@example.com", first_name="Pat"), attempt=2)
    assert outcome.error is None and len(tenant.rows("IndividualCustomer")) == 2


def test_a_batch_of_customers_is_a_look_up_and_a_write(tenant: Tenant) -> None:
    def everyone(first: str) -> list[Customer]:
        return [customer(n, f"c{n}@example.com", first_name=first, last_name=f"N{n}") for n in range(60)]

    assert {outcome.error for outcome in tenant.write(*everyone("A"))} == {None}
    assert tenant.calls() == [WRITE, WRITE] and len(tenant.rows("IndividualCustomer")) == 60
    assert {outcome.error for outcome in tenant.write(*everyone("B"))} == {None}
    assert tenant.calls() == [WRITE, WRITE]
    assert {row["FirstName"] for row in tenant.rows("IndividualCustomer")} == {"B"}


def test_who_was_made_obsolete_is_not_made_again(tenant: Tenant) -> None:
    tenant.write(customer())
    there = tenant.row("IndividualCustomer")["ObjectID"]
    tenant.edit("IndividualCustomer", there, LifeCycleStatusCode="4")
    [outcome] = tenant.write(customer(first_name="Janet"))
    assert outcome.error is None and outcome.gone == {("customer", "42")}
    assert [flag.code for flag in outcome.flags] == ["DELETED_THERE"]
    assert len(tenant.rows("IndividualCustomer")) == 1
    [outcome] = tenant.write(customer(first_name="Janet"), gone=frozenset({("customer", "42")}))
    assert outcome.error is None and len(tenant.rows("IndividualCustomer")) == 1


def test_a_sale_makes_an_obsolete_buyer_anew(tenant: Tenant) -> None:
    tenant.write(order(1))
    old = tenant.row("IndividualCustomer")
    tenant.edit("IndividualCustomer", old["ObjectID"], LifeCycleStatusCode="4")
    [outcome] = tenant.write(order(2))
    assert outcome.error is None
    buyer = tenant.row("CustomerOrder", BuyerID="s1-2")["BuyerPartyID"]
    assert buyer != old["CustomerID"] and [flag.code for flag in outcome.flags] == ["RECREATED"]
    tenant.links.clear()
    [outcome] = tenant.write(order(3))
    assert outcome.flags == () and tenant.row("CustomerOrder", BuyerID="s1-3")["BuyerPartyID"] == buyer


def test_a_sale_goes_to_whoever_has_the_e_mail_of_a_deleted_buyer(tenant: Tenant) -> None:
    tenant.write(order(1))
    key = ("customer", "guest:jane@example.com")
    tenant.edit("IndividualCustomer", tenant.links.pop(key).ref.id, LifeCycleStatusCode="4")
    other = tenant.make("IndividualCustomer", LastName="Doe", Email="jane@example.com", RoleCode="CRM000")
    [outcome] = tenant.write(order(2), gone=frozenset({key}))
    assert outcome.error is None and outcome.flags == ()
    assert tenant.row("CustomerOrder", BuyerID="s1-2")["BuyerPartyID"] == other["CustomerID"]


def test_a_merged_customer_is_followed(tenant: Tenant) -> None:
    tenant.write(customer())
    loser = tenant.row("IndividualCustomer")
    winner = tenant.make("IndividualCustomer", LastName="Doe", Email="jane@example.com", RoleCode="CRM000")
    tenant.control("merge", entity="IndividualCustomer", winner=winner["ObjectID"], loser=loser["ObjectID"])
    [outcome] = tenant.write(customer(first_name="Janet"))
    assert outcome.error is None and outcome.gone == frozenset()
    assert outcome.matched == {("customer", "42")}  # nobody has compared the winner yet
    tenant.write(customer(first_name="Janet"))
    assert tenant.row("IndividualCustomer", LifeCycleStatusCode="2")["FirstName"] == "Janet"
    assert outcome.made[("customer", "42")].ref.id == winner["ObjectID"]


def test_a_company_and_its_people(tenant: Tenant) -> None:
    long = "The Very Long Company Name of Acme and Sons and Daughters, Limited"
    [outcome] = tenant.write(company(name=long))
    assert outcome.error is None
    account = tenant.row("CorporateAccount")
    assert f"{account['Name']} {account['AdditionalName']}" == long
    assert numbers(tenant, "CorporateAccount") == ["s1-company-5"]
    [outcome] = tenant.write(customer(company_id="5"))
    assert outcome.error is None
    contact = tenant.row("Contact")
    assert (contact["AccountID"], contact["LastName"]) == (account["AccountID"], "Doe")
    [outcome] = tenant.write(order(buyer=replace(customer(company_id="5"), complete=False)))
    assert outcome.error is None
    there = tenant.row("CustomerOrder")
    assert (there["BuyerPartyID"], there["BuyerContactPartyID"]) == (account["AccountID"], contact["ContactID"])
    tenant.write(company(name="Acme", status=CompanyStatus.INACTIVE))
    assert (tenant.row("CorporateAccount")["Name"], tenant.row("CorporateAccount")["LifeCycleStatusCode"]) == (
        "Acme",
        "3",
    )


def test_a_company_is_found_by_name_and_postal_code(tenant: Tenant) -> None:
    there = tenant.make("CorporateAccount", Name="Acme Ltd", RoleCode="CRM000", StreetPostalCode="N1 1AA")
    [outcome] = tenant.write(company())
    assert outcome.error is None and outcome.made[("company", "5")].ref.id == there["ObjectID"]
    [other] = tenant.write(company(6, address=HOME))
    assert other.error is None and len(tenant.rows("CorporateAccount")) == 2


def test_owners_are_set_on_what_is_made(tenant: Tenant) -> None:
    second = next(user for user in tenant.sap.users() if user.id != tenant.facts["employee"])
    assert second.name and "@" in second.email
    [outcome] = tenant.write(customer(), owners={"account": second.id})
    assert outcome.error is None
    tenant.write(order(), owners={"account": second.id})
    assert tenant.row("CustomerOrder")["EmployeeResponsiblePartyID"] == second.id


@pytest.mark.parametrize("on", [True, False])
def test_a_group_may_be_the_role(tenant: Tenant, on: bool) -> None:
    tenant.open(groups_as_account_type=on)
    tenant.write(customer(group="Shop Customer"))
    assert tenant.row("IndividualCustomer")["RoleCode"] == ("Z002" if on else "CRM000")


def test_orders_of_a_merged_buyer_stay_with_the_winner(tenant: Tenant) -> None:
    tenant.write(order())
    loser = tenant.row("IndividualCustomer")
    winner = tenant.make("IndividualCustomer", LastName="Doe", Email="jane@example.com", RoleCode="CRM000")
    tenant.control("merge", entity="IndividualCustomer", winner=winner["ObjectID"], loser=loser["ObjectID"])
    assert tenant.row("CustomerOrder")["BuyerPartyID"] == winner["CustomerID"]
    tenant.calls()
    [outcome] = tenant.write(order(charges=()))
    assert outcome.error is None and outcome.flags == ()
    assert tenant.row("CustomerOrder")["BuyerPartyID"] == winner["CustomerID"]
    assert outcome.made[("customer", "guest:jane@example.com")].ref.id == winner["ObjectID"]


def test_a_new_order_of_a_merged_buyer_goes_to_the_winner(tenant: Tenant) -> None:
    tenant.write(order(1))
    loser = tenant.row("IndividualCustomer")
    winner = tenant.make("IndividualCustomer", LastName="Doe", Email="jane@example.com", RoleCode="CRM000")
    tenant.control("merge", entity="IndividualCustomer", winner=winner["ObjectID"], loser=loser["ObjectID"])
    tenant.calls()
    [outcome] = tenant.write(order(2))
    assert outcome.error is None and outcome.flags == ()
    assert {row["BuyerPartyID"] for row in tenant.rows("CustomerOrder")} == {winner["CustomerID"]}
    tenant.calls()
    tenant.write(order(3))
    assert tenant.calls() == [WRITE] * 2
