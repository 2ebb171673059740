"""Values of a record that a person may have sent in another form than the store has them; never amounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.domain.cart import Cart
from app.domain.company import Company
from app.domain.customer import Address, Customer
from app.domain.fields import PERSON, POSTAL
from app.domain.order import Order, OrderLine
from app.domain.product import Product, Variant
from app.domain.record import Record

SHIPPING = "shipping."  # before a field of the address that goods go to
LINE, VARIANT = "line.", "variant."  # before <id>.name or <id>.sku
_ADDRESSEE = ("first_name", "last_name", "company", "phone", *POSTAL)
_NAMES = ("first_name", "last_name", "company", "phone")  # that an order repeats in its billing address
_GOODS = ("name", "sku")


def person_of(record: Record) -> str:
    """Our id of the person whom a record is about; "" if it is about nobody."""
    match record:
        case Customer():
            return record.id
        case Order() | Cart():
            return record.buyer.id
    return ""


def values(record: Record) -> dict[str, str]:
    """The values that may be corrected, by name: the person's, the addresses', the goods' names."""
    match record:
        case Customer():
            return {**_of(record, PERSON), **_of(record.billing, POSTAL), **_shipping(record.shipping)}
        case Order():
            goods = {
                f"{LINE}{line.id}.{name}": text for line in record.lines for name, text in _of(line, _GOODS).items()
            }
            return {**_of(record.buyer, PERSON), **_of(record.billing, POSTAL), **_shipping(record.shipping), **goods}
        case Cart():
            return _of(record.buyer, PERSON)
        case Company():
            return {**_of(record, ("name", "email", "phone")), **_of(record.address, POSTAL)}
        case Product():
            parts = {
                f"{VARIANT}{one.id}.{name}": text for one in record.variants for name, text in _of(one, _GOODS).items()
            }
            return {"name": record.name, **parts}
    return {}


def corrected(record: Record, new: Mapping[str, str]) -> Record:
    """The record with these values in place of its own; what a record repeats elsewhere is replaced there too."""
    match record:
        case Customer():
            return _person(record, values(record), new)
        case Order():
            return _order(record, new)
        case Cart():
            return replace(record, buyer=_person(record.buyer, values(record), new))
        case Company():
            return replace(
                record, **_given(new, ("name", "email", "phone")), address=_address(record.address, _given(new, POSTAL))
            )
        case Product():
            return _product(record, new)
    return record


def _of(thing: object, names: tuple[str, ...]) -> dict[str, str]:
    return {name: str(getattr(thing, name)) for name in names}


def _shipping(address: Address) -> dict[str, str]:
    return {SHIPPING + name: text for name, text in _of(address, _ADDRESSEE).items()}


def _given(new: Mapping[str, str], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: new[name] for name in names if name in new}


def _address(address: Address, new: Mapping[str, Any]) -> Address:
    # The country's name goes by its code: whoever reads the address finds it.
    moved = new.get("country_code", address.country_code) != address.country_code
    return replace(address, **new, country="" if moved else address.country)


def _where_same(address: Address, before: Mapping[str, str], new: Mapping[str, str]) -> Address:
    """The address with new values in whichever fields repeat the old ones."""
    return _address(
        address, {name: text for name, text in new.items() if getattr(address, name) == before.get(name, "")}
    )


def _person(person: Customer, before: Mapping[str, str], new: Mapping[str, str]) -> Customer:
    """`before`: the values that `new` stands for; the addresses that come with a person may hold others."""
    plain = _given(new, (*_NAMES, *POSTAL))
    own = {name: text for name, text in _given(new, PERSON).items() if getattr(person, name) == before.get(name)}
    goods_go_to = {name.removeprefix(SHIPPING): text for name, text in new.items() if name.startswith(SHIPPING)}
    shipped = {name.removeprefix(SHIPPING): text for name, text in before.items() if name.startswith(SHIPPING)}
    return replace(
        person,
        **own,
        billing=_where_same(person.billing, before, plain),
        shipping=_where_same(person.shipping, shipped, goods_go_to),
    )


def _order(order: Order, new: Mapping[str, str]) -> Order:
    before = values(order)
    goods_go_to = {name.removeprefix(SHIPPING): text for name, text in new.items() if name.startswith(SHIPPING)}
    return replace(
        order,
        buyer=_person(order.buyer, before, new),
        billing=_where_same(order.billing, before, _given(new, (*_NAMES, *POSTAL))),
        shipping=_address(order.shipping, goods_go_to),
        lines=tuple(_line(line, new) for line in order.lines),
    )


def _line(line: OrderLine, new: Mapping[str, str]) -> OrderLine:
    return replace(line, **_part(f"{LINE}{line.id}.", new))


def _product(product: Product, new: Mapping[str, str]) -> Product:
    name = new.get("name", product.name)
    return replace(
        product, name=name, variants=tuple(_variant(one, product.name, name, new) for one in product.variants)
    )


def _variant(one: Variant, before: str, name: str, new: Mapping[str, str]) -> Variant:
    """A variant's name begins with its product's."""
    bears = name + one.name.removeprefix(before) if one.name.startswith(before) else one.name
    return replace(one, **{"name": bears, **_part(f"{VARIANT}{one.id}.", new)})


def _part(prefix: str, new: Mapping[str, str]) -> dict[str, Any]:
    return {name: new[prefix + name] for name in _GOODS if prefix + name in new}
