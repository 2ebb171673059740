"""Corrected values: sent in place of the store's, for the person's other records too, until the store's change."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from app.connectors.base import Notice, Ref, Write
from app.domain import Customer, Order, Product, Record
from app.domain.company import Company
from app.domain.correctable import corrected, values
from app.domain.customer import Address
from app.domain.product import Variant
from app.errors import Rejected, StorelineError
from app.models import CartCopy, Correction, Delivery, State
from app.sync import corrections, mending, notices
from tests.fakes import T0, order
from tests.unit.sync.conftest import World

BAD, GOOD = "ann@shop", "ann@shop.example"
ANN = Customer("7", BAD, "Ann", "Lee", phone="111", modified_at=T0)


def refuses_bad_addresses(write: Write) -> StorelineError | None:
    held = write.record.buyer.email if isinstance(write.record, Order) else getattr(write.record, "email", "")
    return None if held.endswith(".example") else Rejected("no address", code="INVALID_EMAIL_ADDRESS", field="Email")


def an_order(number: int, email: str = BAD, person: str = "7") -> Order:
    return order(number, buyer=Customer(person, email, "Ann", "Lee", complete=False))


@pytest.fixture
def refused(world: World) -> World:
    """Ann and her order, both dead over her address."""
    world.crm.refuse = refuses_bad_addresses
    world.store.put(ANN)
    world.store.put(an_order(1))
    world.notice("customer", 7)
    world.notice("order", 1)
    world.flush()
    assert [one.state for one in world.deliveries()] == [State.DEAD, State.DEAD]
    return world


def of_kind(world: World, kind: str) -> Delivery:
    return next(one for one in world.deliveries(State.DEAD, State.DONE) if one.kind == kind)


def correct(world: World, delivery: Delivery, **new: str) -> None:
    record = mending.as_it_is(world.runtime, delivery)
    assert mending.correct(world.runtime, delivery, record, new, "owner@shop.example") == 1
    world.flush()


def kept(world: World) -> list[tuple[str, str, str]]:
    with world.runtime.database.reading() as session:
        return [(row.kind, row.record_id, row.field) for row in session.scalars(select(Correction))]


def flags(world: World, kind: str, record_id: str) -> list[str]:
    newest = [one for one in world.deliveries(State.DONE) if (one.kind, one.record_id) == (kind, record_id)][-1]
    return [flag["code"] for flag in newest.flags]


def test_the_corrected_value_is_sent_and_the_store_is_left_alone(refused: World) -> None:
    correct(refused, of_kind(refused, "order"), email=GOOD)
    assert refused.crm.rows[("order", "1")]["buyer"]["email"] == GOOD
    assert refused.store.edits == []
    assert flags(refused, "order", "1") == ["CORRECTED"]
    assert refused.crm.created[("order", "1")] == 1


def test_it_holds_for_the_persons_other_records(refused: World) -> None:
    correct(refused, of_kind(refused, "order"), email=GOOD)
    refused.store.put(an_order(2))
    refused.store.put(an_order(3, person="8"))  # somebody else with the same typing error
    refused.notice("order", 2, 3)
    refused.notice("customer", 7)
    refused.flush()
    assert refused.crm.rows[("order", "2")]["buyer"]["email"] == GOOD
    assert refused.crm.rows[("customer", "7")]["email"] == GOOD
    assert ("order", "3") not in refused.crm.rows


def test_another_value_of_the_same_person_is_sent_as_it_is(refused: World) -> None:
    correct(refused, of_kind(refused, "order"), email=GOOD)
    refused.store.put(an_order(2, "ann@work.example"))
    refused.notice("order", 2)
    refused.flush()
    assert refused.crm.rows[("order", "2")]["buyer"]["email"] == "ann@work.example"
    assert kept(refused) == [("order", "1", "email")]  # the order that it was made on still has the old one


def test_the_stores_own_change_ends_it(refused: World) -> None:
    correct(refused, of_kind(refused, "customer"), email=GOOD)
    refused.store.put(replace(ANN, email="ann@new.example"))
    refused.notice("customer", 7)
    refused.flush()
    assert refused.crm.rows[("customer", "7")]["email"] == "ann@new.example"
    assert kept(refused) == []
    assert flags(refused, "customer", "7") == ["CORRECTION_OVER"]


def test_once_the_store_has_the_right_value_it_ends_in_silence(refused: World) -> None:
    correct(refused, of_kind(refused, "customer"), email=GOOD)
    refused.store.put(replace(ANN, email=GOOD))
    refused.notice("customer", 7)
    refused.flush()
    assert (kept(refused), flags(refused, "customer", "7")) == ([], [])
    assert refused.deliveries(State.DONE)[-1].result == "unchanged"


def test_what_is_taken_back_is_the_stores_again(refused: World) -> None:
    refused.crm.refuse = lambda write: None
    correct(refused, of_kind(refused, "customer"), phone="222")
    assert refused.crm.rows[("customer", "7")]["phone"] == "222"
    assert mending.take_back(refused.runtime, of_kind(refused, "customer")) == 1
    refused.flush()
    assert refused.crm.rows[("customer", "7")]["phone"] == "111"
    assert kept(refused) == []


def test_what_holds_by_another_record_is_taken_back_too(refused: World) -> None:
    correct(refused, of_kind(refused, "order"), email=GOOD)
    refused.notice("customer", 7)
    refused.flush()
    mending.take_back(refused.runtime, of_kind(refused, "customer"))
    assert kept(refused) == []


def test_the_stores_value_typed_in_ends_it_wherever_it_was_made(refused: World) -> None:
    correct(refused, of_kind(refused, "order"), email=GOOD)
    refused.notice("customer", 7)
    refused.flush()
    assert refused.crm.rows[("customer", "7")]["email"] == GOOD
    correct(refused, of_kind(refused, "customer"), email=BAD)
    assert kept(refused) == []
    assert [one.error_code for one in refused.deliveries(State.DEAD)] == ["INVALID_EMAIL_ADDRESS"]


def test_on_a_cart_it_is_taken_back_as_well(refused: World) -> None:
    correct(refused, of_kind(refused, "customer"), email=GOOD)
    with refused.runtime.database.transaction() as session:
        cart = {"cart_id": "c-1", "customer_id": "7", "document": {}}
        session.add(CartCopy(store_id=refused.store_id, **cart))
        session.flush()
        corrections.drop(session, refused.store_id, refused.connection_id, ("product", "7"))
        corrections.drop(session, refused.store_id, refused.connection_id, ("cart", "c-2"))
    assert kept(refused) == [("customer", "7", "email")]
    with refused.runtime.database.transaction() as session:
        corrections.drop(session, refused.store_id, refused.connection_id, ("cart", "c-1"))
    assert kept(refused) == []


def test_a_correction_is_for_one_crm_only(refused: World) -> None:
    correct(refused, of_kind(refused, "customer"), email=GOOD)
    assert corrections.apply(refused.runtime, refused.connection_id + 1, {"7": ANN}).records == {"7": ANN}


# ---- both ways


def told(world: World) -> None:
    world.events += 1
    ref = Ref("Customer", "crm-customer-7")
    notices.receive(world.runtime, world.connection_id, [Notice(f"n-{world.events}", "changed", (ref,))])
    world.flush()


@pytest.fixture
def mended(refused: World) -> World:
    """Ann is in the CRM under her corrected address."""
    correct(refused, of_kind(refused, "customer"), email=GOOD)
    refused.store.edits.clear()
    return refused


def test_it_does_not_travel_back_into_the_store(mended: World) -> None:
    told(mended)
    mended.notice("customer", 7)
    mended.flush()
    assert mended.store.edits == []
    assert mended.store.records[("customer", "7")] == ANN
    assert mended.crm.people["crm-customer-7"].fields["email"] == GOOD


def test_another_field_that_people_edit_there_travels_alone(mended: World) -> None:
    mended.crm.edit("crm-customer-7", phone="999")
    told(mended)
    (edit,) = mended.store.edits
    assert edit.values == {("customer", "7"): {"phone": "999"}}
    # As the store has it: whatever is written whole holds no correction.
    assert isinstance(edit.record, Customer)
    assert edit.record.email == BAD
    held: Any = mended.store.records[("customer", "7")]
    assert (held.email, held.phone) == (BAD, "999")
    mended.notice("customer", 7)
    mended.flush()
    assert mended.crm.people["crm-customer-7"].fields["email"] == GOOD
    assert kept(mended) == [("customer", "7", "email")]


def test_the_same_field_edited_there_is_the_stores_value_from_then_on(mended: World) -> None:
    mended.crm.edit("crm-customer-7", email="ann@third.example")
    told(mended)
    held: Any = mended.store.records[("customer", "7")]
    assert held.email == "ann@third.example"
    mended.notice("customer", 7)
    mended.flush()
    assert mended.crm.people["crm-customer-7"].fields["email"] == "ann@third.example"
    assert kept(mended) == []


def test_an_edit_in_the_store_of_another_field_keeps_it(mended: World) -> None:
    mended.store.put(replace(ANN, phone="555"))
    mended.notice("customer", 7)
    mended.flush()
    shown = mended.crm.people["crm-customer-7"].fields
    assert (shown["phone"], shown["email"]) == ("555", GOOD)


# ---- what may be corrected

BATH = Address("Ann", "Lee", "Tea Ltd", "1 Old St", "", "Bath", "Somerset", "BA1", "United Kingdom", "GB")
TEAS = tuple(
    Variant(number, "5", sku, name, Decimal(1), "GBP")
    for number, sku, name in (("77", "TEA", "Tea"), ("78", "T2", "Tea green"))
)
RECORDS: list[Record] = [
    replace(ANN, billing=BATH, shipping=BATH),
    order(1, billing=BATH, shipping=BATH),
    Company("3", "Tea Ltd", "tea@shop.example", address=BATH),
    Product("5", "Tea", TEAS),
]


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.kind)
def test_every_value_can_be_corrected_alone(record: Record) -> None:
    held = values(record)
    assert held
    for name in held:
        if name == "name" and isinstance(record, Product):
            continue
        after = values(corrected(record, {name: "XX"}))
        assert {key for key in held if after[key] != held[key]} == {name}
        assert after[name] == "XX"


def test_a_products_name_is_in_its_variants_names() -> None:
    after = values(corrected(RECORDS[3], {"name": "Chai", "variant.78.sku": "C2"}))
    assert after == {
        "name": "Chai", "variant.77.name": "Chai", "variant.77.sku": "TEA", "variant.78.name": "Chai green",
        "variant.78.sku": "C2",
    }  # fmt: skip


def test_what_an_order_repeats_is_corrected_where_it_is_repeated() -> None:
    sold = replace(order(1, buyer=replace(ANN, billing=BATH)), billing=BATH, shipping=BATH)
    after = corrected(sold, {"first_name": "Anna", "country_code": "IE"})
    assert isinstance(after, Order)
    assert (after.buyer.first_name, after.billing.first_name, after.shipping.first_name) == ("Anna", "Anna", "Ann")
    assert [(one.country, one.country_code) for one in (after.billing, after.buyer.billing, after.shipping)] == [
        ("", "IE"), ("", "IE"), ("United Kingdom", "GB"),
    ]  # fmt: skip
    assert after.total == sold.total
