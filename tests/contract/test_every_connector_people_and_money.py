"""One person is one contact, and every amount agrees, in every CRM."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.connectors.lists import totals
from app.domain import Charge, ChargeKind, Order
from app.domain.order import Stage
from tests.contract import checks
from tests.contract.rig import Ability, Rig
from tests.contract.samples import D, buyer, couponed, guest, line, order, person, refunded, sale, stranger

MAIL = "jane1@example.com"
SHOUTED = "Jane1@Example.COM"


def bought(number: int, email: str) -> Order:
    """An order of a guest."""
    return order(number, buyer=guest(email, first_name="Jane 1", last_name="Doe 1"))


# ---- people


def test_a_guest_who_registers_stays_one(rig: Rig) -> None:
    rig.good(bought(1, MAIL))
    there = rig.only("customer").id
    rig.good(person(1))
    one = rig.only("customer")
    assert (one.id, one.key, one.shows) == (there, "1", "Jane 1")
    rig.good(bought(2, MAIL), sale(3, buyer=buyer(1)))
    rig.links.clear()
    rig.good(bought(4, MAIL), sale(5, buyer=buyer(1)), attempt=2)
    assert rig.only("customer").key == "1" and len(rig.there("order")) == 5


def test_a_guest_and_a_customer_of_one_batch_are_one(rig: Rig) -> None:
    rig.good(bought(1, MAIL), sale(2, buyer=buyer(1)), order(3, buyer=stranger(3)))
    assert sorted(one.key for one in rig.there("customer"))[0] == "1" and len(rig.there("customer")) == 2


@pytest.mark.parametrize("first", [MAIL, SHOUTED])
def test_two_spellings_of_an_e_mail_are_one_person(rig: Rig, first: str) -> None:
    other = SHOUTED if first == MAIL else MAIL
    rig.good(bought(1, first))
    rig.good(bought(2, other))
    rig.links.clear()
    rig.good(bought(3, other), attempt=2)
    rig.good(replace(person(1), email=other))
    assert rig.only("customer").key == "1" and len(rig.there("order")) == 3


def test_two_spellings_in_one_batch_are_one_person(rig: Rig) -> None:
    rig.good(bought(1, MAIL), bought(2, SHOUTED), sale(3, buyer=replace(buyer(1), email=SHOUTED)))
    assert rig.only("customer").key == "1"


@pytest.mark.parametrize("spelling", ["jane1@example.com", "JANE1@EXAMPLE.COM", SHOUTED])
def test_somebody_whom_people_there_know_is_adopted(rig: Rig, spelling: str) -> None:
    if spelling == SHOUTED:
        rig.need(Ability.ANY_SPELLING)
    there = rig.person(spelling)
    rig.good(bought(1, MAIL))
    assert rig.only("customer").id == there
    rig.good(person(1))
    one = rig.only("customer")
    assert (one.id, one.key, one.shows) == (there, "1", "Jane 1")


def test_an_order_never_overwrites_its_buyer(rig: Rig) -> None:
    rig.good(replace(person(1), first_name="Janet"))
    rig.good(sale(1))
    assert rig.only("customer").shows == "Janet"


@pytest.mark.parametrize("email", ["o'brien+*%_\\x@example.com", "jane*@example.com", "x_y@example.com"])
def test_marks_of_their_query_language_are_mere_characters(rig: Rig, email: str) -> None:
    rig.good(bought(1, "janet@example.com"), bought(2, "xay@example.com"))
    rig.good(bought(3, email))
    assert len(rig.there("customer")) == 3
    rig.links.clear()
    rig.good(bought(3, email), bought(4, email), attempt=2)
    assert len(rig.there("customer")) == 3


# ---- money


def test_total_refund_tax_coupon(rig: Rig) -> None:
    record = couponed(1)
    assert sum(one.amount for one in record.settled()) == record.total
    rig.good(record)
    money = rig.money("1")
    assert (money.currency, money.gross, money.refunded) == ("GBP", D("14.33"), D(0))
    rig.good(refunded(record, "5.00"))
    rig.good(refunded(record, "5.00", "2.01"))
    money = rig.money("1")
    assert (money.gross, money.refunded) == (D("14.33"), D("7.01")) and rig.totals() == {"GBP": D("7.32")}
    rig.links.clear()
    rig.good(refunded(record, "5.00", "2.01"), attempt=2)
    assert rig.totals() == {"GBP": D("7.32")} and len(rig.there("order")) == 1


def test_all_of_it_given_back(rig: Rig) -> None:
    rig.good(refunded(sale(1), "29.99"))
    assert rig.money("1").refunded == D("29.99") and rig.totals() == {"GBP": 0}


def test_tax_alone_is_changed(rig: Rig) -> None:
    rig.good(sale(1))
    charges = (Charge(ChargeKind.SHIPPING, D("4.99")), Charge(ChargeKind.TAX, D("3.33")))
    rig.good(order(1, buyer=buyer(1), charges=charges))
    assert rig.money("1").gross == D("28.32") and rig.totals() == {"GBP": D("28.32")}


def test_currencies_with_and_without_decimals(rig: Rig) -> None:
    rig.currencies()
    yen = order(1, line(100, "1000", 3), buyer=buyer(1), currency="JPY", charges=(), total=D("999"))
    euro = sale(2, currency="EUR")
    rig.good(yen, euro, sale(3))
    assert {rig.money(str(n)).currency: rig.money(str(n)).gross for n in (1, 2, 3)} == {
        "JPY": D("999"), "EUR": D("29.99"), "GBP": D("29.99"),
    }  # fmt: skip
    rig.good(refunded(yen, "333"))
    assert rig.totals() == {"JPY": D("666"), "EUR": D("29.99"), "GBP": D("29.99")}


def test_nothing_to_pay(rig: Rig) -> None:
    free = order(1, buyer=buyer(1), charges=(), total=D("0.00"))
    rig.good(free)
    assert rig.money("1").gross == 0 and totals(rig.target.sales()) == {"orders": 1, "totals": {"GBP": 0}}


def test_the_sum_is_that_of_the_orders(rig: Rig) -> None:
    checks.adds_up(rig)


def test_what_is_cancelled_or_deleted_comes_to_nothing(rig: Rig) -> None:
    rig.good(sale(1), sale(2), sale(3), couponed(4))
    rig.good(replace(sale(2), stage=Stage.CANCELLED, status="Cancelled"), replace(sale(3), is_deleted=True))
    assert sum(rig.totals().values()) == sale(1).net + couponed(4).net
    rig.good(sale(2), sale(3))
    assert rig.totals() == {"GBP": 3 * sale(1).net + couponed(4).net}


def test_what_was_never_a_sale_is_not_made(rig: Rig) -> None:
    rig.good(sale(1, stage=Stage.INCOMPLETE))
    assert rig.there("order") == rig.there("customer") == [] and totals(rig.target.sales())["orders"] == 0
