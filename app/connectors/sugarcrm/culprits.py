"""Which of our values a field of SugarCRM's shows: so that a person can correct the one that was refused."""

from __future__ import annotations

_PLACES = {
    "street": ("street_1", "street_2"), "city": ("city",), "state": ("state",), "postalcode": ("postal_code",),
    "country": ("country_code",),
}  # fmt: skip
_PLAIN = {
    "email": ("email",), "email1": ("email",), "email_address": ("email",), "first_name": ("first_name",),
    "last_name": ("last_name",), "account_name": ("company",), "phone_work": ("phone",), "phone_office": ("phone",),
    "phone_mobile": ("phone",), "mft_part_num": ("variant.*.sku", "line.*.sku"),
    "name": ("name", "company", "last_name", "first_name", "variant.*.name", "line.*.name"),
}  # fmt: skip
_BILLING, _SHIPPING = ("primary_address_", "billing_address_"), ("alt_address_", "shipping_address_")


def fields_named(theirs: str) -> tuple[str, ...]:
    """Our names for a field of theirs; `*` stands for any id. Nothing for what we do not write."""
    name = theirs.strip()
    for prefix in _BILLING:
        if name.startswith(prefix):
            return _PLACES.get(name.removeprefix(prefix), ())
    for prefix in _SHIPPING:
        if name.startswith(prefix):
            return tuple(f"shipping.{ours}" for ours in _PLACES.get(name.removeprefix(prefix), ()))
    return _PLAIN.get(name, ())
