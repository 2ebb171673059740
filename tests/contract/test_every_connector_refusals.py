"""What a vendor refuses, met through its stand-in: the connector's word for it has an entry in the catalogue."""

from __future__ import annotations

import pytest
import requests

from app.catalogue import VENDORS, explain
from app.connectors.registry import VENDORS as CRMS
from app.errors import Rejected, StorelineError
from tests.contract.rig import Rig
from tests.contract.samples import sale, stranger
from tests.unit.catalogue import answers
from tests.unit.catalogue.test_catalogue import translated

ANSWERS = {"salesforce": answers.SALESFORCE, "sap-sales-cloud": answers.SAP, "sugarcrm": answers.SUGARCRM}
OFTEN = 6  # calls in a row that are refused: more than a client makes for one


def test_every_refusal_on_the_wire_is_an_entry(rig: Rig) -> None:
    known = VENDORS[rig.vendor]
    found: dict[str, str] = {}
    for code, (status, body) in ANSWERS[rig.vendor].items():
        if status in (200, 300, 401) or code in ("invalid_client", "inactive_user"):
            continue  # a call renews its session first, and of a check nobody gets several records
        fault = {"status": status, "times": OFTEN, "body": body}
        requests.post(f"{rig.url}/_sandbox/fail", json=fault, timeout=10).raise_for_status()
        with pytest.raises(StorelineError) as caught:
            rig.target.check()
        requests.delete(f"{rig.url}/_sandbox/fail", timeout=10)
        if (caught.value.code, caught.value.remedy) != (code, known[code].remedy):
            found[code] = f"{caught.value.code} {caught.value.remedy}"
    assert found == {}


def test_what_the_account_itself_refuses_is_an_entry(rig: Rig) -> None:
    rig.refuse()
    [outcome] = rig.write(rig.bad(sale(1, buyer=stranger(1))))
    error = outcome.error
    assert isinstance(error, Rejected)
    assert error.code in VENDORS[rig.vendor]
    assert explain(error.code, error.remedy, vendor=rig.vendor).words
    assert error.field == rig.field_of_bad()


NAMES = {
    "salesforce": {
        "Email": "email", "PersonEmail": "email", "LastName": "last_name", "BillingCountryCode": "country_code",
        "PersonMailingStreet": "street_1", "ShippingCity": "shipping.city", "StockKeepingUnit": "variant.*.sku",
        "Contact.Phone": "phone",
    },
    "sap-sales-cloud": {
        "Email": "email", "BusinessPartner/Email": "email", "LastName": "last_name", "CountryCode": "country_code",
        "StreetPostalCode": "postal_code", "IndividualCustomerFamilyName": "last_name", "ProductID": "variant.*.sku",
        "IndividualCustomerAddressCity": "city",
    },
    "sugarcrm": {
        "email1": "email", "email": "email", "last_name": "last_name", "primary_address_country": "country_code",
        "shipping_address_city": "shipping.city", "mft_part_num": "variant.*.sku", "phone_work": "phone",
    },
}  # fmt: skip


@pytest.mark.parametrize("vendor", sorted(CRMS))
def test_a_field_of_theirs_is_known_by_our_name(vendor: str) -> None:
    named = CRMS[vendor].fields_named
    assert {theirs: ours for theirs, ours in NAMES[vendor].items() if ours not in named(theirs)} == {}
    assert named("Nothing__c") == named("") == ()


@pytest.mark.parametrize("vendor", sorted(CRMS))
def test_an_address_that_is_refused_is_told_at_its_field(vendor: str) -> None:
    """By whatever words: the form has to show where to type."""
    status, body = {
        "salesforce": answers.SALESFORCE["INVALID_EMAIL_ADDRESS"],
        "sap-sales-cloud": answers.odata("Invalid value 'jane@shop' for property 'Email' of type Edm.String"),
        "sugarcrm": answers.SUGARCRM["invalid_parameter"],
    }[vendor]
    error = translated(vendor, status, body)
    assert "email" in CRMS[vendor].fields_named(error.field)
