"""Connecting and preparing an org."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.connectors.lists import totals
from app.connectors.salesforce.auth import SalesforceAuthorizer
from app.connectors.salesforce.schema import FIELDS
from app.domain import Record
from app.errors import Misconfigured, Reauthorize, Rejected, Retryable
from tests.contract.salesforce.more import cart, company, message, shipment
from tests.contract.salesforce.org import Org
from tests.contract.salesforce.records import customer, order, product


def test_a_fresh_org_gets_its_fields_once(bare: Org) -> None:
    first = bare.connect()
    assert len(first.created) == len(FIELDS) and first.missing == ()
    facts = json.loads(json.dumps(first.facts))
    assert (facts["organization_name"], facts["orders"], facts["multi_currency"]) == ("Sandbox Org", True, False)
    assert facts["pricebook"].startswith("01s") and (facts["draft"], facts["activated"]) == ("Draft", "Activated")
    assert bare.account.account_id.startswith("00D") and len(bare.account.account_id) == 18
    assert bare.connect().created == ()


def test_fields_are_shown_to_the_user_by_a_permission_set(bare: Org) -> None:
    bare.control("org", field_level_security=True)
    assert bare.connect().missing == ()
    [permission_set] = [row for row in bare.rows("PermissionSet") if row["Name"] == "Storeline"]
    shown = [row for row in bare.rows("FieldPermissions") if row["ParentId"] == permission_set["Id"]]
    assert {row["Field"] for row in shown} == {field.full_name for field in FIELDS}
    assert permission_set["Id"] in {row["PermissionSetId"] for row in bare.rows("PermissionSetAssignment")}
    assert bare.write(order())[0].error is None
    assert bare.connect().created == ()


def test_amounts_with_too_few_decimals_are_told(bare: Org) -> None:
    kind = {"type": "Currency", "precision": 18, "scale": 2, "label": "Net Total"}
    bare.control("fields", object="Order", name="BC_Net__c", metadata=kind)
    [words] = [words for words in bare.connect().advice if "decimal places" in words]
    assert "Order.BC_Net__c" in words and "BC_Total__c" not in words


def test_orders_that_are_not_enabled_are_named(bare: Org) -> None:
    bare.control("org", orders_enabled=False)
    preparation = bare.connect()
    assert any("Orders are not enabled" in words for words in preparation.missing)
    with pytest.raises(Misconfigured):
        bare.write(order())
    [outcome] = bare.write(customer())
    assert outcome.error is None


def test_own_status_labels(bare: Org) -> None:
    bare.control("org", order_statuses={"Draft": ["Draft", "On hold"], "Activated": ["Activated", "Shipped"]})
    assert bare.connect().missing == ()
    bare.control("org", order_statuses={"Draft": ["Neu"], "Activated": ["Aktiv"]})
    preparation = bare.connect()  # the groups of the labels can not be read from this org
    assert [words for words in preparation.missing if "Order Status" in words]
    assert (bare.facts["draft"], bare.facts["activated"]) == ("Neu", "Aktiv")
    assert bare.write(order())[0].error is None
    assert bare.row("Order")["Status"] == "Aktiv"


def test_a_packages_namespace(bare: Org) -> None:
    for field in FIELDS:
        bare.control("fields", object=field.object, name=f"acme__{field.name}", metadata=field.metadata)
    bare.namespace = "acme"
    preparation = bare.connect()
    assert (preparation.created, preparation.missing) == ((), ())
    [outcome] = bare.write(order())
    assert outcome.error is None
    row = bare.row("Order")
    assert row["acme__BC_Total__c"] == 29.99 and "BC_Total__c" not in row
    bare.links.clear()
    assert bare.write(order(), attempt=2)[0].error is None
    assert len(bare.rows("Order")) == 1
    assert bare.target is not None and totals(bare.target.sales())["orders"] == 1


def test_a_package_that_is_not_installed_is_named(bare: Org) -> None:
    bare.namespace = "acme"
    preparation = bare.connect()
    assert len(preparation.missing) == len([field for field in FIELDS if field.needed])
    assert len(preparation.missing) + len(preparation.advice) == len(FIELDS)
    assert all("install" in words for words in (*preparation.missing, *preparation.advice))


def test_what_only_options_need_is_done_without(bare: Org) -> None:
    for field in FIELDS:
        if field.needed:
            bare.control("fields", object=field.object, name=f"acme__{field.name}", metadata=field.metadata)
    bare.namespace = "acme"  # an older version of the package
    preparation = bare.connect()
    assert preparation.missing == () and len(preparation.advice) == len([f for f in FIELDS if not f.needed])
    bare.switches |= {"activities": True, "registrations_as_leads": True, "carts_as_opportunities": True}
    bare.open()
    records: list[Record] = [
        customer(group="Gold"), order(shipments=(shipment(),), channel="Outlet"), replace(order(), status="Shipped"),
        product(7, 70),
    ]  # fmt: skip
    assert [bare.write(record)[0].error for record in records] == [None] * 4
    assert bare.write(order(2), attempt=2)[0].error is None and bare.gone("order", "2").error is None
    assert bare.rows("Lead") == bare.rows("Task") == []
    [first, second, third] = [bare.write(record)[0] for record in (cart(), company(), message())]
    for outcome in (first, second, third, *bare.write(cart(), cart("c-2"), attempt=2)):
        assert isinstance(outcome.error, Rejected) and outcome.error.code == "NOT_PREPARED"
    assert bare.target is not None
    for kind in bare.target.inward:
        ids = [row["Id"] for row in bare.rows(kind)]
        assert set(bare.target.read_many(kind, ids)) == set(ids)


def test_state_and_country_picklists(bare: Org) -> None:
    bare.control("org", state_country_picklists=True)
    preparation = bare.connect()
    assert preparation.facts["state_codes"] is True
    bare.facts |= {"countries": ["GB", "US"], "states": {"GB": {"greater london": "LND"}, "US": {}}}
    bare.open()
    [outcome] = bare.write(order())
    assert outcome.error is None
    row = bare.row("Order")
    assert (row["BillingCountryCode"], row["BillingStateCode"], row["BillingCity"]) == ("GB", "LND", "London")
    bare.facts |= {"countries": [], "states": {}}
    bare.open()
    assert bare.write(order(1002))[0].error is None
    assert bare.row("Order", Name="#1002")["BillingCountryCode"] is None


def test_hidden_standard_fields_are_left_out(org: Org) -> None:
    assert org.facts["hidden"] == []
    org.facts["hidden"] = ["Order.PoNumber", "Order.BillToContactId", "Contact.Phone", "Product2.StockKeepingUnit"]
    org.open()
    [outcome] = org.write(order(external_order_id="PO-1"))
    assert outcome.error is None
    assert org.row("Order")["PoNumber"] is None and org.row("Order")["BillToContactId"] is None
    assert org.row("Contact")["Phone"] is None and org.row("Account")["Phone"] == "0123"


# ---- authorisation


def test_refresh_tokens_rotate(org: Org) -> None:
    authorizer = SalesforceAuthorizer(org.settings)
    first = org.refresh_token
    grant = authorizer.refresh(first, "production", org.url)
    assert grant.refresh_token not in (None, first) and grant.instance_url == org.url
    with pytest.raises(Reauthorize):  # using it twice ends the authorisation
        authorizer.refresh(first, "production", org.url)
    assert grant.refresh_token is not None
    with pytest.raises(Reauthorize):
        authorizer.refresh(grant.refresh_token, "production", org.url)


def test_without_rotation_the_refresh_token_stays(org: Org) -> None:
    org.control("org", rotation=False)
    assert SalesforceAuthorizer(org.settings).refresh(org.refresh_token, "production", org.url).refresh_token is None


def test_revoking_ends_the_authorisation_and_twice_is_fine(org: Org) -> None:
    authorizer = SalesforceAuthorizer(org.settings)
    authorizer.revoke(org.refresh_token, "production", org.url)
    authorizer.revoke(org.refresh_token, "production", org.url)
    with pytest.raises(Reauthorize):
        authorizer.refresh(org.refresh_token, "production", org.url)


def test_a_refused_code(org: Org) -> None:
    with pytest.raises(Reauthorize):
        SalesforceAuthorizer(org.settings).exchange(org.authorization, "nonsense")


def test_a_failing_login_host_waits(org: Org) -> None:
    org.control("fail", status=503, match="/oauth2/token")
    with pytest.raises(Retryable):
        SalesforceAuthorizer(org.settings).refresh(org.refresh_token, "production", org.url)


def test_consent_refused(org: Org) -> None:
    assert "error=access_denied" in org.authorize("deny")
