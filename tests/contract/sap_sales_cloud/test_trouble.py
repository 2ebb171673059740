"""What goes wrong: throttling, lost answers, locks, approvals, roles, somebody else's changes, bad values."""

from __future__ import annotations

import base64
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
import requests

from app.config import Settings
from app.connectors.access import Account
from app.connectors.base import Known
from app.connectors.lists import totals
from app.connectors.sap_sales_cloud.auth import SapAuthorizer
from app.connectors.sap_sales_cloud.connector import SapSalesCloud
from app.errors import Misconfigured, Reauthorize, Rejected, Retryable
from tests.contract.salesforce.records import changed, customer, guest, line, order
from tests.contract.sap_sales_cloud.tenant import PASSWORD, Tenant

D = Decimal


def fail(tenant: Tenant, **how: Any) -> None:
    tenant.control("fail", match="$batch", **how)


@pytest.mark.parametrize(
    ("status", "kind"), [(429, Retryable), (503, Retryable), (500, Retryable), (401, Reauthorize), (403, Misconfigured)]
)
def test_a_refused_call_is_an_error_of_the_call(tenant: Tenant, status: int, kind: type[Exception]) -> None:
    fail(tenant, status=status, times=3, headers={"Retry-After": "30"})
    with pytest.raises(kind) as caught:
        tenant.write(order())
    waits = isinstance(caught.value, Retryable) and caught.value.retry_after is not None
    assert waits == (status in (429, 503))


def fail_at(tenant: Tenant, number: int, **how: Any) -> None:
    """The n-th batch from now on goes wrong."""
    told = 0

    def count(response: requests.Response, *_: Any, **__: Any) -> None:
        nonlocal told
        told += str(response.url).endswith("$batch")
        if told == number - 1:
            told += 100
            fail(tenant, **how)

    if number == 1:
        fail(tenant, **how)
    else:
        tenant.sap.client._session.hooks["response"].append(count)


def test_a_throttled_second_call_keeps_what_was_made(tenant: Tenant) -> None:
    fail_at(tenant, 3, status=429, headers={"Retry-After": "30"})
    [outcome] = tenant.write(order())
    assert isinstance(outcome.error, Retryable) and outcome.error.retry_after is not None
    assert ("customer", "guest:jane@example.com") in outcome.made
    [outcome] = tenant.write(order(), attempt=2)
    assert outcome.error is None and len(tenant.rows("CustomerOrder")) == 1


def test_a_locked_record_waits_and_its_neighbours_do_not(tenant: Tenant) -> None:
    tenant.write(order(1), order(2))
    there = tenant.row("CustomerOrder", BuyerID="s1-1")
    tenant.control("lock", entity="CustomerOrder", id=there["ObjectID"], times=1)
    edited = [changed(order(n), lines=(line(n * 100, "40.00"),)) for n in (1, 2)]
    first, second = tenant.write(*edited)
    assert isinstance(first.error, Retryable) and first.error.code == "LOCKED" and first.error.retry_after is None
    assert second.error is None
    [again] = tenant.write(edited[0], attempt=2)
    assert again.error is None and totals(tenant.sap.sales())["totals"] == {"GBP": D("49.99") * 2}


def test_a_document_in_approval_is_left_alone(tenant: Tenant) -> None:
    tenant.write(order())
    there = tenant.row("CustomerOrder")["ObjectID"]
    tenant.control("approve", entity="CustomerOrder", id=there, status="in_approval")
    [outcome] = tenant.write(changed(order(), lines=(line(100100, "40.00"),)))
    assert isinstance(outcome.error, Retryable)
    assert (outcome.error.code, outcome.error.retry_after) == ("IN_APPROVAL", None)
    tenant.control("approve", entity="CustomerOrder", id=there, status="approved")
    [outcome] = tenant.write(changed(order(), lines=(line(100100, "40.00"),)), attempt=2)
    assert outcome.error is None and totals(tenant.sap.sales())["totals"] == {"GBP": D("49.99")}
    assert not any("Approval" in name for sent in outcome.sent for name in sent["body"] or {})


def test_a_change_at_the_same_moment_is_read_again_and_merged(tenant: Tenant) -> None:
    tenant.write(customer())
    there = tenant.row("IndividualCustomer")["ObjectID"]
    done = False

    def meddle(response: requests.Response, *_: Any, **__: Any) -> None:
        nonlocal done
        if not done:
            done = True
            tenant.edit("IndividualCustomer", there, Mobile="1")

    tenant.sap.client._session.hooks["response"].append(meddle)
    [outcome] = tenant.write(customer(first_name="Janet"))
    assert outcome.error is None
    assert [answer["status"] for answer in outcome.received] == [412, 204]
    person = tenant.row("IndividualCustomer")
    assert (person["FirstName"], person["Mobile"]) == ("Janet", "1")


def test_a_role_without_opportunities_is_for_the_administrator(bare: Tenant) -> None:
    bare.control("settings", denied={"sandbox": ["Opportunity"]})
    bare.connect()
    bare.open(opportunities=True)
    [outcome] = bare.write(order())
    assert isinstance(outcome.error, Misconfigured) and "business role" in outcome.error.message
    assert ("order", "1001") in outcome.made and len(bare.rows("CustomerOrder")) == 1


def test_a_buyer_whom_we_know_wrongly_is_looked_up_again(tenant: Tenant) -> None:
    tenant.write(order(1))
    key = ("customer", "guest:jane@example.com")
    tenant.links[key] = Known(tenant.links[key].ref, ("9999999",))
    [outcome] = tenant.write(order(2))
    assert outcome.error is None and len(tenant.rows("IndividualCustomer")) == 1
    assert outcome.made[key].children == (tenant.row("IndividualCustomer")["CustomerID"],)


def test_a_link_without_the_number_is_read(tenant: Tenant) -> None:
    tenant.write(order(1))
    key = ("customer", "guest:jane@example.com")
    tenant.links[key] = Known(tenant.links[key].ref)
    [outcome] = tenant.write(order(2))
    assert outcome.error is None and len(tenant.rows("IndividualCustomer")) == 1


def test_the_parts_of_a_batch_are_limited(bare: Tenant) -> None:
    bare.connect()
    settings = Settings(allow_private_hosts="1", sap_batch_parts="10")
    bare.target = SapSalesCloud(settings, bare.account)
    outcomes = bare.write(*(order(n, buyer=guest(f"g{n}@example.com")) for n in range(25)))
    assert {outcome.error for outcome in outcomes} == {None}
    assert len(bare.calls()) == 1 + 3 + 3


def test_more_changes_than_a_call_may_hold_go_in_several(bare: Tenant) -> None:
    bare.control("settings", batch_parts=10)
    bare.connect()
    bare.target = SapSalesCloud(Settings(allow_private_hosts="1", sap_batch_parts="10"), bare.account)
    long = order(1, *(line(n, variant=77) for n in range(100, 125)))
    assert [outcome.error for outcome in bare.write(long, order(2))] == [None, None]
    dearer = changed(long, lines=tuple(replace(one, amount=D("30.00"), list_price=D("15.00")) for one in long.lines))
    outcomes = bare.write(dearer, changed(order(2), status="Shipped"), order(3))
    assert [outcome.error for outcome in outcomes] == [None, None, None]
    assert totals(bare.sap.sales()) == {"orders": 3, "totals": {"GBP": dearer.net + 2 * order(2).net}}
    other = changed(long, lines=long.lines[:2])
    fail_at(bare, 3, status=500)  # after the read and the first ten
    with pytest.raises(Retryable):
        bare.write(other)
    assert 2 < len(bare.items(1)) < 27
    [outcome] = bare.write(other, attempt=2)
    assert outcome.error is None and totals(bare.sap.sales())["totals"] == {"GBP": other.net + 2 * order(2).net}


def test_business_users_need_a_csrf_token_once(bare: Tenant) -> None:
    bare.connect("mike")
    [outcome] = bare.write(order())
    assert outcome.error is None
    calls = bare.calls()
    assert calls.count("GET ") == 1 and calls.count("POST $batch") == 4
    bare.control("session/expire")
    [outcome] = bare.write(order(2))
    assert outcome.error is None and bare.calls() == ["POST $batch", "GET ", "POST $batch", "POST $batch"]


def test_signing_in(bare: Tenant) -> None:
    authorizer = SapAuthorizer(bare.settings)
    form = {"url": bare.url + "/sap/public/ap/ui", "username": "sandbox", "password": PASSWORD}
    grant = authorizer.sign_in(form)
    assert grant.instance_url == bare.url and base64.b64decode(grant.access_token).decode() == f"sandbox:{PASSWORD}"
    assert PASSWORD not in repr(grant)
    with pytest.raises(Rejected) as caught:
        authorizer.sign_in({**form, "password": "wrong"})
    assert (caught.value.field, "any more" in caught.value.message) == ("password", False)
    with pytest.raises(Rejected) as caught:
        authorizer.sign_in({**form, "username": ""})
    assert caught.value.field == "username"
    with pytest.raises(Rejected):
        SapAuthorizer(Settings()).sign_in(form)
    with pytest.raises(Reauthorize):
        authorizer.refresh("", "production", bare.url)


@pytest.mark.parametrize("status", [302, 401, 403, 404])
def test_a_gateway_that_answers_kills_no_record(tenant: Tenant, status: int) -> None:
    tenant.write(order(1))
    cursor = tenant.sap.changes("CustomerOrder", "").cursor
    calls = (
        tenant.sap.check, tenant.sap.prepare, lambda: tenant.write(order(2)), tenant.sap.users,
        lambda: totals(tenant.sap.sales()),
        lambda: tenant.sap.changes("CustomerOrder", cursor),
    )  # fmt: skip
    for call in calls:
        html = {"Content-Type": "text/html"}
        tenant.control("fail", status=status, match="/", body="<html>nginx</html>", headers=html)
        with pytest.raises(Retryable) as caught:
            call()
        assert caught.value.code == f"HTTP_{status}"
    [outcome] = tenant.write(order(2), attempt=2)
    assert outcome.error is None and len(tenant.rows("CustomerOrder")) == 2


@pytest.mark.parametrize("body", ["<html>Maintenance</html>", [], "", "{"])
def test_a_page_in_the_place_of_an_answer_is_no_success(tenant: Tenant, body: Any) -> None:
    cursor = tenant.sap.changes("CustomerOrder", "").cursor
    calls = (
        tenant.sap.check, tenant.sap.prepare, lambda: tenant.write(order(2)), tenant.sap.users,
        lambda: totals(tenant.sap.sales()),
        lambda: tenant.sap.changes("CustomerOrder", ""), lambda: tenant.sap.changes("CustomerOrder", cursor),
    )  # fmt: skip
    for call in calls:
        tenant.control("fail", status=200, match="/", body=body, headers={"Content-Type": "text/html"})
        with pytest.raises(Retryable) as caught:
            call()
        assert caught.value.code in ("NO_JSON", "BATCH_ANSWER")
    tenant.control("fail", status=200, match="metadata", body="<html/>", headers={"Content-Type": "text/html"})
    with pytest.raises(Retryable):
        tenant.sap.prepare()


def test_another_account_is_refused_at_check(tenant: Tenant) -> None:
    tenant.sap.check()
    wrong = Account(
        access_token=base64.b64encode(b"sandbox:x").decode(), account_id="x", store="s1", instance_url=tenant.url
    )
    with pytest.raises(Reauthorize):
        SapSalesCloud(tenant.settings, wrong).check()


def test_preparing_again_makes_nothing_new(tenant: Tenant) -> None:
    again = tenant.prepare()
    assert again.created == () and again.missing == () and again.facts["id_type"] == "SHOP"
    assert any("BCStatus" in words for words in again.advice)
    assert replace(tenant.account, facts=again.facts).facts == tenant.facts


def test_a_tenant_without_our_identification_type_goes_by_the_uuid(bare: Tenant) -> None:
    bare.connect()
    bare.facts["id_type"] = ""
    bare.open()
    bare.write(customer(), order(1, buyer=replace(customer(), complete=False)))
    bare.links.clear()
    [outcome] = bare.write(customer(email="other@example.com"), attempt=2)
    assert outcome.error is None and len(bare.rows("IndividualCustomer")) == 1
    assert bare.rows("IndividualCustomerIdentification") == []


def test_two_stores_without_the_identification_type_leave_each_others_customers_alone(tenant: Tenant) -> None:
    tenant.facts["id_type"] = ""
    tenant.open()
    other = replace(tenant, store="s2", links={}, target=None)
    other.account = replace(tenant.account, store="s2")
    other.open()
    tenant.write(customer(42, first_name="Jane"))
    [outcome] = other.write(customer(7, first_name="Janet"))
    assert outcome.error is None and outcome.made == {}
    [outcome] = other.write(order(1, buyer=replace(customer(7), complete=False)))
    person = tenant.row("IndividualCustomer")
    assert outcome.error is None and tenant.row("CustomerOrder")["BuyerPartyID"] == person["CustomerID"]
    tenant.write(customer(42, first_name="Joan"))
    tenant.links.clear()
    for _ in range(2):  # linked, then written
        tenant.write(customer(42, first_name="Joan", phone="9"), attempt=2)
    assert [(row["FirstName"], row["Phone"]) for row in tenant.rows("IndividualCustomer")] == [("Joan", "9")]


def test_who_lacks_the_identification_type_is_told_what_that_means(tenant: Tenant) -> None:
    settings = replace(tenant.settings, sap_id_type="XYZ")
    advice = SapSalesCloud(settings, tenant.account).prepare().advice
    assert any("'XYZ'" in words and "not updated" in words for words in advice)
