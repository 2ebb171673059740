"""Registrations as leads, converted with the first order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.connectors.base import Ref
from app.errors import Retryable
from tests.contract.salesforce.conftest import MakeOrg
from tests.contract.salesforce.more import cart, recovered
from tests.contract.salesforce.org import Org
from tests.contract.salesforce.records import customer, guest, order

WRITE = "POST /composite"


@pytest.fixture
def leads(org: Org) -> Org:
    """An org where registrations are leads."""
    org.switches["registrations_as_leads"] = True
    org.open()
    return org


def test_a_registration_is_a_lead_once(leads: Org) -> None:
    [outcome] = leads.write(customer(company="Doe Ltd"))
    assert outcome.error is None and leads.calls() == [WRITE, WRITE]
    lead = leads.row("Lead")
    assert (lead["Company"], lead["BC_Customer_Id__c"]) == ("Doe Ltd", "s1-42")
    assert outcome.made == {("lead", "42"): leads.links[("lead", "42")]} and leads.rows("Contact") == []
    leads.write(customer(first_name="Janet"))
    assert leads.calls() == [WRITE] and leads.row("Lead")["FirstName"] == "Janet"
    leads.links.clear()
    leads.write(customer(), attempt=2)
    assert leads.row("Lead")["Id"] == lead["Id"]


def test_whom_they_know_is_no_lead(leads: Org) -> None:
    leads.make("Contact", LastName="Doe", Email="jane@example.com", AccountId=leads.make("Account", Name="Acme"))
    [outcome] = leads.write(customer())
    assert outcome.error is None and leads.rows("Lead") == []
    assert leads.row("Contact")["BC_Customer_Id__c"] == "s1-42"
    leads.write(customer(43, "kim@example.com", has_ordered=True))
    assert leads.rows("Lead") == [] and len(leads.rows("Contact")) == 2


@pytest.mark.parametrize("by_order", [True, False])
def test_the_first_order_converts_the_lead(leads: Org, by_order: bool) -> None:
    leads.write(customer())
    buyer = replace(customer(), complete=False, has_ordered=True)
    [outcome] = leads.write(order(1001, buyer=buyer) if by_order else replace(customer(), has_ordered=True))
    assert outcome.error is None and outcome.flags == ()
    lead, contact = leads.row("Lead"), leads.row("Contact")
    assert lead["IsConverted"] is True and lead["ConvertedContactId"] == contact["Id"]
    assert contact["BC_Customer_Id__c"] == "s1-42" and leads.rows("Opportunity") == []
    assert outcome.made[("customer", "42")].ref.id == contact["Id"]
    assert outcome.made[("account", "42")].ref.id == leads.row("Account")["Id"]
    # The engine has compared a customer's lead before it writes the customer, not before it writes an order.
    assert outcome.touched == ((Ref("Lead", lead["Id"]),) if by_order else ())
    leads.write(customer(first_name="Janet", has_ordered=True))
    assert leads.row("Contact")["FirstName"] == "Janet" and leads.row("Account")["BC_Customer_Id__c"] == "s1-42"
    assert len(leads.rows("Contact")) == len(leads.rows("Account")) == 1
    leads.write(order(1002, buyer=buyer))
    leads.forget_calls()
    leads.write(order(1003, buyer=buyer))
    assert leads.calls() == [WRITE]


def test_a_conversion_whose_answer_was_lost_is_not_repeated(leads: Org) -> None:
    leads.write(customer())
    leads.control("convert_lead", id=leads.row("Lead")["Id"], create_opportunity=False)
    buyer = replace(customer(), complete=False, has_ordered=True)
    [outcome] = leads.write(order(1001, buyer=buyer), attempt=2)
    assert outcome.error is None and outcome.flags == ()
    assert outcome.touched == (Ref("Lead", leads.row("Lead")["Id"]),)
    assert leads.row("Contact")["BC_Customer_Id__c"] == "s1-42" and len(leads.rows("Account")) == 1
    assert leads.row("Order")["BillToContactId"] == leads.row("Contact")["Id"]


def test_a_batch_of_first_orders_is_one_conversion(leads: Org) -> None:
    people = [customer(n, f"c{n}@example.com", first_name=f"F{n}", last_name=f"L{n}") for n in range(1, 26)]
    leads.write(*people)
    leads.forget_calls()
    orders = [order(n, buyer=replace(one, complete=False, has_ordered=True)) for n, one in enumerate(people, 1)]
    outcomes = leads.write(*orders)
    assert {outcome.error for outcome in outcomes} == {None}
    assert len(leads.calls()) <= 3  # look-up, conversion, write
    assert len(leads.rows("Contact")) == 25 and all(lead["IsConverted"] for lead in leads.rows("Lead"))


def test_an_expired_session_is_renewed_for_a_conversion(leads: Org) -> None:
    leads.write(customer())
    assert leads.target is not None
    post = leads.target.client.soap

    def expired(request: object) -> bytes:
        leads.control("session/expire")
        return post(request)  # type: ignore[arg-type]  # passed on

    leads.target.client.soap = expired  # type: ignore[method-assign]  # to fail in between
    [outcome] = leads.write(order(1001, buyer=replace(customer(), complete=False, has_ordered=True)))
    assert outcome.error is None and leads.renewals == 1 and leads.row("Lead")["IsConverted"] is True


def test_a_deleted_lead_is_not_made_anew_but_a_sale_arrives(leads: Org) -> None:
    leads.write(customer())
    leads.api("DELETE", f"/sobjects/Lead/{leads.row('Lead')['Id']}")
    [outcome] = leads.write(customer(first_name="Janet"))
    assert outcome.error is None and outcome.gone == {("lead", "42")} and leads.rows("Lead") == []
    [outcome] = leads.write(order(1001, buyer=replace(customer(), complete=False, has_ordered=True)))
    assert outcome.error is None and leads.row("Order")["Status"] == "Activated" and len(leads.rows("Contact")) == 1


def test_a_lead_that_somebody_converted_is_their_contact(leads: Org) -> None:
    leads.write(customer())
    leads.control("convert_lead", id=leads.row("Lead")["Id"], create_opportunity=False)
    for record in (customer(first_name="Janet"), customer(first_name="Jo")):
        [outcome] = leads.write(record)
        assert outcome.error is None and outcome.flags == ()
        contact = leads.row("Contact")
        assert (contact["FirstName"], contact["BC_Customer_Id__c"]) == (record.first_name, "s1-42")


def test_a_lead_that_was_merged_is_the_one_that_was_kept(leads: Org) -> None:
    leads.write(customer())
    winner = leads.make("Lead", LastName="D", Company="Other")
    leads.control("merge", object="Lead", master=winner, losers=[leads.row("Lead", LastName="Doe")["Id"]])
    [outcome] = leads.write(customer(first_name="Janet"))
    assert outcome.error is None and outcome.made[("lead", "42")].ref.id == winner
    assert leads.row("Lead")["FirstName"] == "Janet"


def answer(code: str) -> bytes:
    """The refusal of one conversion, as the SOAP API words it."""
    error = f"<errors><message>Not now</message><statusCode>{code}</statusCode></errors><success>false</success>"
    body = f"<convertLeadResponse><result>{error}</result></convertLeadResponse>"
    envelope = '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com">'
    return f"{envelope}<e:Body>{body}</e:Body></e:Envelope>".encode()


@pytest.mark.parametrize("code", ["FIELD_CUSTOM_VALIDATION_EXCEPTION", "DUPLICATES_DETECTED"])
def test_a_conversion_that_is_refused_loses_no_sale(leads: Org, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    leads.write(customer())
    assert leads.target is not None
    monkeypatch.setattr(leads.target.client, "soap", lambda request: answer(code))
    [outcome] = leads.write(order(1001, buyer=replace(customer(), complete=False, has_ordered=True)))
    assert outcome.error is None and [flag.code for flag in outcome.flags] == ["LEAD_NOT_CONVERTED"]
    assert leads.row("Order")["Status"] == "Activated" and leads.row("Lead")["IsConverted"] is False


@pytest.mark.parametrize("by_order", [True, False])
def test_a_person_without_account_is_not_doubled_by_a_conversion(leads: Org, by_order: bool) -> None:
    leads.write(customer() if by_order else cart("c-2", guest("jane@example.com")))
    there = leads.make("Contact", LastName="Roe", FirstName="Janet", Email="jane@example.com")
    buyer = replace(customer(), complete=False, has_ordered=True)
    [outcome] = leads.write(order(1001, buyer=buyer) if by_order else recovered("c-2"))
    assert outcome.error is None and [flag.code for flag in outcome.flags] == ["LEAD_NOT_CONVERTED"]
    assert "has no account" in outcome.flags[0].message
    assert [row["Id"] for row in leads.rows("Contact")] == [there] and leads.row("Lead")["IsConverted"] is False
    if by_order:
        assert leads.row("Contact")["AccountId"] == leads.row("Order")["AccountId"]


def test_a_locked_lead_waits(leads: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    leads.write(customer())
    buyer = replace(customer(), complete=False, has_ordered=True)
    assert leads.target is not None
    with monkeypatch.context() as locked:
        locked.setattr(leads.target.client, "soap", lambda request: answer("UNABLE_TO_LOCK_ROW"))
        [outcome] = leads.write(order(1001, buyer=buyer))
        assert isinstance(outcome.error, Retryable) and leads.rows("Contact") == leads.rows("Order") == []
    outcomes = leads.write(order(1001, buyer=buyer), order(1002), attempt=2)
    assert [outcome.error for outcome in outcomes] == [None, None] and leads.row("Lead")["IsConverted"] is True
    assert len(leads.rows("Contact")) == 1


def test_a_throttled_conversion_waits(leads: Org) -> None:
    leads.write(customer())
    assert leads.target is not None
    post = leads.target.client.soap

    def throttled(request: object) -> bytes:
        leads.control("usage", used=103_000)
        return post(request)  # type: ignore[arg-type]  # passed on

    leads.target.client.soap = throttled  # type: ignore[method-assign]  # to fail in between
    with pytest.raises(Retryable) as refused:
        leads.write(order(1001, buyer=replace(customer(), complete=False, has_ordered=True)))
    assert refused.value.code == "REQUEST_LIMIT_EXCEEDED" and refused.value.retry_after is not None


def test_with_person_accounts_registrations_are_persons(special: MakeOrg) -> None:
    org = special(person_accounts=True)
    org.switches["registrations_as_leads"] = True
    org.open()
    org.write(customer())
    [outcome] = org.write(order(1, buyer=replace(customer(), complete=False, has_ordered=True)))
    assert outcome.error is None and len(org.rows("Account")) == 1
