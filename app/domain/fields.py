"""Records as named text values: the form in which two sides are compared and single fields travel back."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from app.domain.company import Company
from app.domain.customer import Address, Customer
from app.domain.money import rounded
from app.domain.order import Order, Shipment
from app.domain.product import Product, Variant
from app.domain.record import Record

Fields = Mapping[str, str]  # field name -> value, "" for none; amounts as plain decimals
Key = tuple[str, str]

PERSON = ("first_name", "last_name", "email", "company", "phone")
POSTAL = ("street_1", "street_2", "city", "state", "postal_code", "country_code")
CUSTOMER = (*PERSON, *POSTAL)
COMPANY = ("name", "email", "phone", *POSTAL)
VARIANT = ("name", "price", "stock")
ORDER = ("status", "tracking_number", "carrier")


def fields(record: Record) -> dict[Key, Fields]:
    """Every comparable part of a record, by our key. A customer's parts are all under both `customer` and `account`."""
    match record:
        case Customer():
            values = {**_named(record, PERSON), **_named(record.billing, POSTAL)}
            return {(kind, record.id): values for kind in ("customer", "account", "lead")}
        case Company():
            return {
                ("company", record.id): {**_named(record, ("name", "email", "phone")), **_named(record.address, POSTAL)}
            }
        case Product():
            return {("variant", variant.id): _variant(variant) for variant in record.variants}
        case Order():
            return {("order", record.id): _order(record)}
        case _:
            return {}


def with_fields(record: Record, values: Mapping[Key, Fields]) -> Record:
    """The record with some of its fields replaced; what cannot be read as the field's type stays as it is."""
    match record:
        case Customer():
            given = {
                k: v for kind in ("lead", "account", "customer") for k, v in values.get((kind, record.id), {}).items()
            }
            return replace(record, **_only(given, PERSON), billing=_address(record.billing, given))
        case Company():
            named = values.get(("company", record.id), {})
            return replace(record, **_only(named, ("name", "email", "phone")), address=_address(record.address, named))
        case Product():
            variants = (_variant_with(variant, values.get(("variant", variant.id), {})) for variant in record.variants)
            return replace(record, variants=tuple(variants))
        case Order():
            told = values.get(("order", record.id), {})
            return replace(record, **_only(told, ("status",)), shipments=_parcels(record, told))
        case _:
            return record


def price_text(amount: Decimal, currency: str) -> str:
    """A price as it is compared."""
    return f"{rounded(amount, currency):f}"


def _named(thing: object, names: tuple[str, ...]) -> dict[str, str]:
    return {name: getattr(thing, name).strip() for name in names}


def _variant(variant: Variant) -> dict[str, str]:
    stock = "" if variant.stock is None else str(variant.stock)
    return {"name": variant.name, "price": price_text(variant.price, variant.currency), "stock": stock}


def _order(order: Order) -> dict[str, str]:
    last = order.shipments[-1] if order.shipments else None
    values = {
        "status": order.status,
        "tracking_number": last.tracking_number if last else "",
        "carrier": last.carrier if last else "",
    }
    return {name: value for name, value in values.items() if name not in order.unknown}


def _only(given: Fields, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: text for name, text in given.items() if name in names}


def _address(address: Address, given: Fields) -> Address:
    own = _only(given, POSTAL)
    # The country's name goes by its code: whoever reads the record again finds it.
    moved = own.get("country_code", address.country_code) != address.country_code
    return replace(address, **own, country="" if moved else address.country)


def _parcels(order: Order, given: Fields) -> tuple[Shipment, ...]:
    """The last parcel is the one that an order's fields tell of; one that only a CRM knows has no id."""
    own = _only(given, ("tracking_number", "carrier"))
    if order.shipments:
        return (*order.shipments[:-1], replace(order.shipments[-1], **own))
    return (Shipment("", order.modified_at, **own),) if any(own.values()) else ()


def _variant_with(variant: Variant, given: Fields) -> Variant:
    own: dict[str, Any] = _only(given, ("name",))
    with suppress(InvalidOperation):
        own |= {"price": Decimal(given["price"])} if given.get("price") else {}
    with suppress(ValueError):
        own |= {"stock": int(given["stock"])} if given.get("stock") else {}
    return replace(variant, **own)
