"""Who in the CRM owns what we make there: the merchant's rules, the first that fits, taking turns."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy.orm import Session

from app.domain import Cart, Company, Customer, Order, Record
from app.domain.customer import Address
from app.models import Connection

OBJECTS = ("account", "lead", "opportunity")


def choose(session: Session, connection_id: int, record: Record) -> dict[str, str]:
    """The owner of each object that the record may make there; no entry where no rule fits.

    A rule: `{"object": one of OBJECTS or "*", "countries": [...], "groups": [...], "at_least": "100.00",
    "owners": [user ids]}`; conditions that are absent or empty hold for everybody. Several owners take turns.
    """
    connection = session.get_one(Connection, connection_id, with_for_update=True)
    if not connection.owners:
        return {}
    turns = dict(connection.turns)
    found: dict[str, str] = {}
    chosen: dict[int, str] = {}
    for name in OBJECTS:
        for number, rule in enumerate(connection.owners):
            if rule.get("object", "*") in ("*", name) and rule.get("owners") and _fits(rule, record):
                # One record is one turn, whichever of its objects the rule is asked for.
                if number not in chosen:
                    turn = int(turns.get(str(number), 0))
                    chosen[number] = str(rule["owners"][turn % len(rule["owners"])])
                    turns[str(number)] = turn + 1
                found[name] = chosen[number]
                break
    connection.turns = turns
    return found


def _fits(rule: Mapping[str, Any], record: Record) -> bool:
    countries = {str(code).upper() for code in rule.get("countries") or ()}
    groups = {str(name).casefold() for name in rule.get("groups") or ()}
    if countries and _country(record) not in countries:
        return False
    if groups and _group(record).casefold() not in groups:
        return False
    least = str(rule.get("at_least") or "")
    return not least or _value(record) >= _amount(least)


def _country(record: Record) -> str:
    match record:
        case Customer():
            place = record.billing
        case Order():
            place = record.billing if record.billing.country_code else record.shipping
        case Cart():
            place = record.buyer.billing
        case Company():
            place = record.address
        case _:
            place = Address()
    return place.country_code.upper()


def _group(record: Record) -> str:
    match record:
        case Customer():
            return record.group
        case Order() | Cart():
            return record.buyer.group
        case _:
            return ""


def _value(record: Record) -> Decimal:
    match record:
        case Order():
            return record.total
        case Cart():
            return record.amount
        case _:
            return Decimal(0)


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal(0)
