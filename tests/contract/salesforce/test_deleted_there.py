"""What people in the CRM deleted or merged is followed, never made anew."""

from __future__ import annotations

from dataclasses import replace

from app.connectors.base import Key, Outcome, Write
from tests.contract.salesforce.conftest import MakeOrg
from tests.contract.salesforce.org import Org
from tests.contract.salesforce.records import customer, guest, line, order, product


def write_without(org: Org, record: object, *gone: Key) -> Outcome:
    """A write by an engine that remembers what was deleted there."""
    assert org.target is not None
    planned = org.as_write(record)  # type: ignore[arg-type]  # a record
    known = {key: place for key, place in planned.known.items() if key not in gone}
    [outcome] = org.target.upsert_many([Write(planned.kind, planned.id, planned.record, known, gone=frozenset(gone))])
    org.links.update(outcome.made)
    return outcome


def codes(outcome: Outcome) -> list[str]:
    return [flag.code for flag in outcome.flags]


def test_an_order_of_a_deleted_contact_is_written_on_the_account(org: Org) -> None:
    org.write(customer())
    org.api("DELETE", f"/sobjects/Contact/{org.row('Contact')['Id']}")
    buyer = replace(customer(), complete=False)
    [outcome] = org.write(order(1, buyer=buyer))
    assert outcome.error is None and outcome.gone == {("customer", "42")}
    assert org.row("Order")["AccountId"] == org.row("Account")["Id"] and org.row("Order")["BillToContactId"] is None
    assert org.rows("Contact") == []
    assert write_without(org, order(2, buyer=buyer), ("customer", "42")).error is None
    assert org.rows("Contact") == [] and len(org.rows("Order")) == 2


def test_an_order_needs_a_buyer(org: Org) -> None:
    org.write(customer())
    org.api("DELETE", f"/sobjects/Account/{org.row('Account')['Id']}")
    [outcome] = org.write(order(1, buyer=replace(customer(), complete=False)))
    assert outcome.error is None and codes(outcome) == ["RECREATED"] and outcome.gone == frozenset()
    assert org.row("Order")["BillToContactId"] == org.row("Contact")["Id"]


def test_orders_of_deleted_buyers_in_a_batch(org: Org) -> None:
    buyers = [guest(f"g{n}@example.com", first_name=f"G{n}") for n in range(4)]
    org.write(*(order(n, buyer=buyers[n]) for n in range(4)))
    org.api("DELETE", f"/sobjects/Contact/{org.row('Contact', FirstName='G1')['Id']}")
    outcomes = org.write(*(order(10 + n, buyer=buyers[n]) for n in range(4)))
    assert [outcome.error for outcome in outcomes] == [None] * 4
    assert [outcome.gone for outcome in outcomes][1] == {("customer", "guest:g1@example.com")}
    assert len(org.rows("Order")) == 8 and len(org.rows("Contact")) == 3
    assert {row["Status"] for row in org.rows("Order")} == {"Activated"}


def test_a_merged_contact_is_who_was_kept(org: Org) -> None:
    org.write(customer())
    account = org.row("Account")["Id"]
    loser = org.row("Contact")["Id"]
    winner = org.make("Contact", FirstName="J.", LastName="Doe", Email="other@example.com", AccountId=account)
    org.control("merge", object="Contact", master=winner, losers=[loser])
    [outcome] = org.write(customer(first_name="Janet"))
    assert outcome.error is None and outcome.gone == frozenset()
    assert outcome.made[("customer", "42")].ref.id == winner
    contact = org.row("Contact")
    assert (contact["Id"], contact["FirstName"], contact["BC_Customer_Id__c"]) == (winner, "Janet", "s1-42")


def test_a_contact_merged_into_another_customer_is_used_and_not_claimed(special: MakeOrg) -> None:
    org = special(duplicate_rules="off")
    org.write(customer(42), customer(43, "kim@example.com", first_name="Kim"))
    loser, winner = (org.row("Contact", BC_Customer_Id__c=f"s1-{n}")["Id"] for n in (42, 43))
    org.control("merge", object="Contact", master=winner, losers=[loser])
    [outcome] = org.write(order(1, buyer=replace(customer(42), complete=False)))
    assert outcome.error is None and org.row("Order")["BillToContactId"] == winner
    assert org.row("Contact")["BC_Customer_Id__c"] == "s1-43" and ("customer", "42") not in outcome.made


def test_merged_accounts(org: Org) -> None:
    org.write(customer())
    loser = org.row("Account")["Id"]
    winner = org.make("Account", Name="The Does")
    org.control("merge", object="Account", master=winner, losers=[loser])
    outcomes = org.write(customer(first_name="Janet"), order(1, buyer=replace(customer(), complete=False)))
    assert [outcome.error for outcome in outcomes] == [None, None]
    assert org.row("Order")["AccountId"] == winner == org.row("Contact")["AccountId"]
    assert len(org.rows("Account")) == 1


def test_a_deleted_product_is_not_made_anew(org: Org) -> None:
    org.write(product(7, 70, 71))
    org.api("DELETE", f"/sobjects/Product2/{org.row('Product2', BC_Variant_Id__c='s1-70')['Id']}")
    [outcome] = org.write(product(7, 70, 71, price="12.00"))
    assert outcome.error is None and outcome.gone == {("variant", "70")} and codes(outcome) == ["DELETED_THERE"]
    assert [row["BC_Variant_Id__c"] for row in org.rows("Product2")] == ["s1-71"]
    assert org.row("PricebookEntry")["UnitPrice"] == 12.0
    org.api("DELETE", f"/sobjects/Product2/{org.row('Product2')['Id']}")
    outcome = write_without(org, product(7, 70, 71, price="13.00"), ("variant", "70"))
    assert outcome.gone == {("variant", "71"), ("product", "7")} and org.rows("Product2") == []


def test_a_line_of_a_deleted_product_is_a_placeholder(org: Org) -> None:
    org.write(product(7, 70))
    org.api("DELETE", f"/sobjects/Product2/{org.row('Product2')['Id']}")
    [outcome] = org.write(order(1, line(5, variant=70)))
    assert outcome.error is None and outcome.gone == {("variant", "70")} and codes(outcome) == ["PLACEHOLDER_LINE"]
    placeholder = org.row("Product2", BC_Variant_Id__c="s1-placeholder")["Id"]
    assert org.row("OrderItem", BC_Line_Id__c="s1-1-5")["Product2Id"] == placeholder
    assert org.row("Order")["TotalAmount"] == 29.99
    outcome = write_without(org, order(2, line(5, variant=70)), ("variant", "70"))
    assert outcome.error is None and codes(outcome) == ["PLACEHOLDER_LINE"]
    assert "s1-70" not in {row["BC_Variant_Id__c"] for row in org.rows("Product2")}


def test_our_own_products_are_made_anew(org: Org) -> None:
    org.write(order(1))
    org.control("org", validation_rules=[])
    for row in org.rows("Order"):
        org.api("PATCH", f"/sobjects/Order/{row['Id']}", {"Status": "Draft"})
        org.api("DELETE", f"/sobjects/Order/{row['Id']}")
    org.api("DELETE", f"/sobjects/Product2/{org.row('Product2', BC_Variant_Id__c='s1-charge:tax')['Id']}")
    [outcome] = org.write(order(2))
    assert outcome.error is None and outcome.gone == frozenset() and outcome.flags == ()
    assert org.row("Order")["TotalAmount"] == 29.99
