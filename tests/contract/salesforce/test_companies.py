"""Companies, customer groups, owners, categories, stock."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from app.connectors.base import Outcome, Ref
from app.domain import Address, Record, Variant
from tests.contract.salesforce.more import cart, company
from tests.contract.salesforce.org import Org
from tests.contract.salesforce.records import customer, guest, order, product


def test_a_company_is_an_account_once(org: Org) -> None:
    [outcome] = org.write(company())
    row = org.row("Account")
    assert outcome.error is None and outcome.made[("company", "5")].ref.id == row["Id"]
    assert (row["Name"], row["Phone"], row["BC_Company_Id__c"], row["BillingCity"]) == ("Acme", "020", "s1-5", "London")
    org.write(company(name="Acme plc"))
    org.links.clear()
    [again] = org.write(company(name="Acme plc"), attempt=2)
    assert again.error is None and org.row("Account")["Name"] == "Acme plc"
    assert org.gone("company", "5").error is None and len(org.rows("Account")) == 1


def test_a_company_that_they_know(org: Org) -> None:
    there = org.make("Account", Name="ACME")
    [outcome] = org.write(company())
    assert outcome.error is None and outcome.flags == () and org.row("Account")["Id"] == there
    assert org.row("Account")["BC_Company_Id__c"] == "s1-5"
    for _ in range(2):
        org.make("Account", Name="Globex")
    [outcome] = org.write(company(6, "Globex"))
    assert outcome.error is None and [flag.code for flag in outcome.flags] == ["AMBIGUOUS_COMPANY"]
    assert len(org.rows("Account")) == 4


def test_contacts_go_into_their_companys_account(org: Org) -> None:
    org.write(company())
    account = org.row("Account")["Id"]
    org.write(customer(company_id="5", company="Acme"))
    assert org.row("Contact")["AccountId"] == account and len(org.rows("Account")) == 1
    org.write(customer(company_id="5", company="Other", first_name="Janet"))
    assert org.row("Account")["Name"] == "Acme" and org.row("Contact")["FirstName"] == "Janet"
    org.write(order(1, buyer=replace(customer(company_id="5"), complete=False)))
    assert org.row("Order")["AccountId"] == account


def test_who_was_there_before_the_company_moves(org: Org) -> None:
    org.write(customer(42), customer(43, "kim@example.com", first_name="Kim", last_name="Roe"))
    [outcome] = org.write(company(customer_ids=("42", "44")))
    account = org.row("Account", BC_Company_Id__c="s1-5")["Id"]
    assert outcome.error is None and org.row("Contact", FirstName="Jane")["AccountId"] == account
    [outcome] = org.write(customer(43, "kim@example.com", first_name="Kim", last_name="Roe", company_id="5"))
    assert outcome.error is None and {row["AccountId"] for row in org.rows("Contact")} == {account}
    assert outcome.made[("account", "43")].ref.id == account


def test_members_who_are_moved_are_to_be_looked_at(org: Org) -> None:
    org.write(customer(42), customer(43, "kim@example.com", first_name="Kim", last_name="Roe"), company())
    moved = Ref("Contact", org.row("Contact", FirstName="Jane")["Id"])
    [outcome] = org.write(company(customer_ids=("42", "44")))
    assert outcome.error is None and outcome.touched == (moved,)
    [again] = org.write(company(customer_ids=("42", "44"), phone="1"))
    assert again.error is None and again.touched == ()
    [own] = org.write(customer(43, "kim@example.com", first_name="Kim", last_name="Roe", company_id="5"))
    assert own.error is None and own.touched == ()  # the engine compares what it is asked to write


def test_members_moved_by_a_try_that_failed_are_looked_at_too(org: Org) -> None:
    org.write(customer(42), company())
    account = org.row("Account", BC_Company_Id__c="s1-5")["Id"]
    moved = Ref("Contact", org.row("Contact")["Id"])
    org.control("lock", ids=[account], times=1)
    outcomes = org.write(company(customer_ids=("42",)), company(6, "Globex"))
    assert [outcome.error for outcome in outcomes] == [None, None]
    assert [outcome.touched for outcome in outcomes] == [(moved,), ()]
    assert org.row("Contact")["AccountId"] == account


def test_a_deleted_company_is_not_made_anew(org: Org) -> None:
    org.write(company())
    org.api("DELETE", f"/sobjects/Account/{org.row('Account')['Id']}")
    [outcome] = org.write(company(phone="1"))
    assert outcome.error is None and outcome.gone == {("company", "5")} and org.rows("Account") == []


def test_a_deleted_member_moves_nowhere(org: Org) -> None:
    org.write(customer(42), customer(43, "kim@example.com", first_name="Kim", last_name="Roe"))
    org.api("DELETE", f"/sobjects/Contact/{org.row('Contact', FirstName='Kim')['Id']}")
    [outcome] = org.write(company(customer_ids=("42", "43")))
    assert outcome.error is None and outcome.gone == {("customer", "43")}
    assert org.row("Contact")["AccountId"] == org.row("Account", BC_Company_Id__c="s1-5")["Id"]


def test_groups(org: Org) -> None:
    org.write(customer(group="customer - direct"))
    assert org.row("Contact")["BC_Customer_Group__c"] == "customer - direct" and org.row("Account")["Type"] is None
    org.switches["groups_as_account_type"] = True
    org.open()
    org.write(customer(group="customer - direct"))
    assert org.row("Account")["Type"] == "Customer - Direct"
    org.write(customer(group="Wholesale"))
    row = org.row("Account")
    assert (row["Type"], row["BC_Customer_Group__c"]) == ("Customer - Direct", "Wholesale")


def test_owners_of_what_is_made(org: Org) -> None:
    assert org.target is not None
    [admin, *others] = sorted(org.target.users(), key=lambda user: user.email != "admin@sandbox.example")
    owner = others[0].id
    org.switches |= {"carts_as_opportunities": True, "opportunities": True}
    org.open()

    def write(record: Record) -> Outcome:
        assert org.target is not None
        [outcome] = org.target.upsert_many(
            [replace(org.as_write(record), owners={"account": owner, "lead": owner, "opportunity": owner})]
        )
        org.links.update(outcome.made)
        return outcome

    records: list[Record] = [
        customer(),
        cart(buyer=customer()),
        cart("c-2", guest("a@example.com")),
        order(1),
        company(),
    ]
    assert {write(record).error for record in records} == {None}
    for name in ("Account", "Contact", "Lead", "Opportunity"):
        assert {row["OwnerId"] for row in org.rows(name)} == {owner}, name
    account = org.row("Account", Name="Jane Doe")["Id"]
    org.api("PATCH", f"/sobjects/Account/{account}", {"OwnerId": admin.id})
    write(customer(phone="1"))
    assert org.row("Account", Id=account)["OwnerId"] == admin.id


def test_categories_and_stock(org: Org) -> None:
    variant = Variant("70", "7", "S", "Mug", Decimal(3), "GBP", category="Kitchen / Mugs", stock=0)
    org.write(replace(product(7, 70), variants=(variant,)))
    assert (org.row("Product2")["Family"], org.row("Product2")["BC_Stock__c"]) == ("Kitchen / Mugs", 0)
    org.facts["families"] = ["Kitchen"]
    org.open()
    org.write(replace(product(7, 70), variants=(replace(variant, category="Toys", stock=5),)))
    assert (org.row("Product2")["Family"], org.row("Product2")["BC_Stock__c"]) == ("Kitchen / Mugs", 5)


def test_what_an_order_says_of_itself(org: Org) -> None:
    record = order(
        1, channel="Outlet", channel_id="3", store_currency="USD", store_rate=Decimal("1.25"), billing=Address()
    )
    org.write(record)
    row = org.row("Order")
    assert (row["BC_Channel__c"], row["BC_Channel_Id__c"], row["BC_Store_Currency__c"]) == ("Outlet", "3", "USD")
    assert row["BC_Exchange_Rate__c"] == 1.25 and row["BC_Tracking_Number__c"] is None
