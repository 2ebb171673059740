"""Which of our values a property of SAP's shows: so that a person can correct the one that was refused."""

from __future__ import annotations

_NAMES = {
    "Email": ("email",), "FirstName": ("first_name",), "GivenName": ("first_name",), "LastName": ("last_name",),
    "FamilyName": ("last_name",), "Phone": ("phone",), "Mobile": ("phone",), "Name": ("name", "company", "last_name"),
    "AdditionalName": ("company",), "CareOfName": ("company",), "Street": ("street_1",), "StreetName": ("street_1",),
    "HouseNumber": ("street_1",), "AddressLine1": ("street_2",), "AddressLine2": ("street_2",),
    "AddressLine4": ("street_2",), "AddressLine5": ("street_2",), "City": ("city",), "State": ("state",),
    "StateCode": ("state",), "PostalCode": ("postal_code",), "StreetPostalCode": ("postal_code",),
    "Country": ("country_code",), "CountryCode": ("country_code",),
    "Description": ("line.*.name", "variant.*.name", "name"), "ProductID": ("variant.*.sku", "line.*.sku"),
}  # fmt: skip
_BEFORE = ("IndividualCustomerAddress", "IndividualCustomer", "Company", "Contact", "Account")  # in a lead's


def fields_named(theirs: str) -> tuple[str, ...]:
    """Our names for a property of theirs ("City", "BusinessPartner/Email"); `*` stands for any id."""
    name = theirs.strip().rpartition("/")[2]
    for prefix in ("", *_BEFORE):
        if name.startswith(prefix) and name.removeprefix(prefix) in _NAMES:
            return _NAMES[name.removeprefix(prefix)]
    return ()
