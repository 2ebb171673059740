"""Which of our values a field of Salesforce's shows: so that a person can correct the one that was refused."""

from __future__ import annotations

_PLACES = {
    "Street": ("street_1", "street_2"), "City": ("city",), "State": ("state",), "StateCode": ("state",),
    "PostalCode": ("postal_code",), "Country": ("country_code",), "CountryCode": ("country_code",),
}  # fmt: skip
_PLAIN = {
    "Email": ("email",), "PersonEmail": ("email",), "FirstName": ("first_name",), "LastName": ("last_name",),
    "Name": ("name", "company", "last_name", "first_name", "variant.*.name"), "Company": ("company",),
    "Phone": ("phone",), "PersonHomePhone": ("phone",), "MobilePhone": ("phone",),
    "Description": ("line.*.name", "variant.*.name"), "ProductCode": ("variant.*.sku", "line.*.sku"),
    "StockKeepingUnit": ("variant.*.sku", "line.*.sku"),
    **_PLACES,  # a lead's address has no prefix
}  # fmt: skip
_BILLING, _SHIPPING = ("PersonMailing", "Mailing", "Billing"), ("PersonOther", "Other", "Shipping")


def fields_named(theirs: str) -> tuple[str, ...]:
    """Our names for a field of theirs; `*` stands for any id. Nothing for what we do not write."""
    name = theirs.strip().rpartition(".")[2]
    for prefix in _BILLING:
        if name.startswith(prefix) and name.removeprefix(prefix) in _PLACES:
            return _PLACES[name.removeprefix(prefix)]
    for prefix in _SHIPPING:
        if name.startswith(prefix) and name.removeprefix(prefix) in _PLACES:
            return tuple(f"shipping.{ours}" for ours in _PLACES[name.removeprefix(prefix)])
    return _PLAIN.get(name, ())
