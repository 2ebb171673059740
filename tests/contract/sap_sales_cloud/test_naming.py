"""Whom a record of SAP Sales Cloud names."""

from __future__ import annotations

import pytest

from app.connectors.base import Named, Ref
from app.connectors.sap_sales_cloud.naming import named
from tests.contract.sap_sales_cloud.tenant import Json, Tenant


def ask(tenant: Tenant, kind: str, record_id: str) -> Named | None:
    return named(tenant.settings, tenant.account, Ref(kind, record_id))


def ref(kind: str, row: Json) -> Ref:
    return Ref(kind, row["ObjectID"])


@pytest.fixture
def ann(tenant: Tenant) -> Json:
    """A person."""
    return tenant.make("IndividualCustomer", FirstName="Ann", LastName="O'Hara", Email="Ann@Example.com",
                       CountryCode="GB", RoleCode="CRM000")  # fmt: skip


@pytest.fixture
def acme(tenant: Tenant) -> Json:
    """A company."""
    return tenant.make("CorporateAccount", Name="Acme", Email="office@acme.example", CountryCode="GB",
                       RoleCode="CRM000")  # fmt: skip


@pytest.fixture
def bob(tenant: Tenant, acme: Json) -> Json:
    """The company's contact."""
    return tenant.make("Contact", FirstName="Bob", LastName="Buyer", Email="bob@acme.example",
                       AccountID=acme["AccountID"])  # fmt: skip


def test_people_and_companies_name_themselves(tenant: Tenant, ann: Json, acme: Json, bob: Json) -> None:
    assert ask(tenant, "IndividualCustomer", ann["ObjectID"]) == Named(None, None, ("ann@example.com",))
    assert ask(tenant, "CorporateAccount", acme["ObjectID"]) == Named(None, None, ("office@acme.example",))
    assert ask(tenant, "Contact", bob["ObjectID"]) == Named(
        None, ref("CorporateAccount", acme), ("bob@acme.example",)
    )  # fmt: skip


def test_a_ticket_names_a_person_or_a_company_and_its_contact(tenant: Tenant, ann: Json, acme: Json, bob: Json) -> None:
    ticket = tenant.make("ServiceRequest", Name="Broken", ProcessingTypeCode="SRRQ", BuyerPartyID=ann["CustomerID"])
    tenant.forget_calls()
    expected = Named(ref("IndividualCustomer", ann), None, ("ann@example.com",))
    assert ask(tenant, "ServiceRequest", ticket["ObjectID"]) == expected
    other = tenant.make("ServiceRequest", Name="Late", ProcessingTypeCode="SRRQ", BuyerPartyID=acme["AccountID"],
                        BuyerMainContactPartyID=bob["ContactID"])  # fmt: skip
    expected = Named(ref("Contact", bob), ref("CorporateAccount", acme), ("bob@acme.example",))
    assert ask(tenant, "ServiceRequest", other["ObjectID"]) == expected


def test_a_lead_names_whom_somebody_typed_in(tenant: Tenant) -> None:
    lead = tenant.make("Lead", Name="Fair", IndividualCustomerFamilyName="New", IndividualCustomerEMail="new@x.example")
    found = ask(tenant, "Lead", lead["ObjectID"])
    assert found is not None and found.emails == ("new@x.example",)


def test_an_opportunity_names_its_prospect(tenant: Tenant, ann: Json) -> None:
    deal = tenant.make("Opportunity", Name="Deal", ProspectPartyID=ann["CustomerID"],
                       MainEmployeeResponsiblePartyID="8000000001")  # fmt: skip
    found = ask(tenant, "Opportunity", deal["ObjectID"])
    assert found == Named(ref("IndividualCustomer", ann), None, ("ann@example.com",))


@pytest.mark.parametrize("kind", ["IndividualCustomer", "ServiceRequest", "Employee", "No('such')"])
@pytest.mark.parametrize("record_id", ["nobody' or ObjectID ne '", "*", ""])
def test_what_is_not_there(tenant: Tenant, ann: Json, kind: str, record_id: str) -> None:
    assert ask(tenant, kind, record_id) is None
