"""Statuses and tracking numbers carried into the store's orders, and what that costs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.connectors.base import Edit, Edited
from app.connectors.bigcommerce.connector import BigCommerce
from app.domain.fields import fields
from app.errors import NotFound, Rejected, Retryable
from tests.contract.bigcommerce.conftest import Shop, order_of

GOODS = [{"product_id": 1, "quantity": 3}, {"product_id": 2, "quantity": 1}]


def physical(shop: Shop, **more: Any) -> int:
    return shop.place(products=GOODS, shipping_addresses=[{"city": "Leeds"}], status_id=11, **more)


def change(shop: Shop, source: BigCommerce, number: int, **values: str) -> tuple[Edited, int]:
    """Edit an order as it is now; the answer, and the calls that it took."""
    record = order_of(source, number)
    shop.forget_calls()
    before = source.calls
    [answer] = source.update_many([Edit("order", str(number), {("order", str(number)): values}, record)])
    return answer, source.calls - before


def shown(source: BigCommerce, number: int) -> dict[str, str]:
    return dict(fields(order_of(source, number))[("order", str(number))])


def test_a_status_is_found_by_any_of_its_names(shop: Shop, source: BigCommerce) -> None:
    number = physical(shop)
    answer, calls = change(shop, source, number, status=" awaiting SHIPMENT ")
    assert (answer.error, calls) == (None, 2)  # the store's statuses, the write
    assert answer.sent == [{"status_id": 9}]
    assert order_of(source, number).status_id == 9
    answer, calls = change(shop, source, number, status="completed")
    assert (answer.error, calls) == (None, 1)
    assert order_of(source, number).status_id == 10


def test_the_same_status_is_not_written(shop: Shop, source: BigCommerce) -> None:
    number = physical(shop)
    assert change(shop, source, number, status="Awaiting Fulfillment")[1] == 0
    change(shop, source, number, status="awaiting fulfillment")
    assert shop.writes() == []


def test_an_unknown_status_is_refused_with_the_list_and_sends_nothing_off(shop: Shop, source: BigCommerce) -> None:
    number = physical(shop)
    answer, _ = change(shop, source, number, status="Sent", tracking_number="RM1")
    assert isinstance(answer.error, Rejected)
    assert "Awaiting Fulfillment, " in answer.error.message
    assert shop.writes() == []


@pytest.mark.parametrize("sets_status", [True, False])
@pytest.mark.parametrize("status", ["", "Shipped", "Completed"])
def test_a_tracking_number_ships_all_that_is_left(
    shop: Shop, source: BigCommerce, status: str, sets_status: bool
) -> None:
    shop.sandbox("POST", "/settings", {"shipments_set_status": sets_status})
    number = physical(shop)
    values = {"tracking_number": "1Z999", "carrier": "UPS", **({"status": status} if status else {})}
    answer, calls = change(shop, source, number, **values)
    assert answer.error is None
    order = order_of(source, number)
    (shipment,) = order.shipments
    assert (shipment.tracking_number, shipment.carrier, shipment.pieces) == ("1Z999", "UPS", 4)
    assert order.status == (status or ("Shipped" if sets_status else "Awaiting Fulfillment"))
    writes = [path for _, path in shop.writes()]
    puts = 1 if status == "Completed" or (status and not sets_status) else 0
    assert writes == [f"/v2/orders/{number}/shipments", *[f"/v2/orders/{number}"] * puts]
    assert calls == 2 + (2 + puts if status else 0)  # lines, parcel; statuses, the order's own now, the status
    # Once more, as if the answer had been lost: nothing is left to do.
    answer, calls = change(shop, source, number, **values)
    assert (answer.error, answer.sent, calls) == (None, None, 0)


def test_every_place_gets_a_parcel_and_what_was_sent_meanwhile_goes_once(shop: Shop, source: BigCommerce) -> None:
    places = [{"city": "Leeds"}, {"city": "York"}]
    lines = [GOODS[0], {**GOODS[1], "address": 1}]
    number = shop.check_out(products=lines, shipping_addresses=places, status_id=11)
    record = order_of(source, number)
    first, second = shop.call("GET", f"/v2/orders/{number}/products")
    assert first["order_address_id"] != second["order_address_id"]
    # Somebody is quicker than we are with the first one.
    items = [{"order_product_id": first["id"], "quantity": 3}]
    body = {"order_address_id": first["order_address_id"], "tracking_number": "RM1", "items": items}
    shop.call("POST", f"/v2/orders/{number}/shipments", body)
    values = {("order", str(number)): {"tracking_number": "RM1"}}
    [answer] = source.update_many([Edit("order", str(number), values, record)])
    assert answer.error is None
    parcels = shop.call("GET", f"/v2/orders/{number}/shipments")
    assert [(row["order_address_id"], row["items"][0]["quantity"]) for row in parcels] == [
        (first["order_address_id"], 3), (second["order_address_id"], 1),
    ]  # fmt: skip
    other = shop.check_out(products=lines, shipping_addresses=places, status_id=11)
    change(shop, source, other, tracking_number="RM2")
    assert shop.writes() == [("POST", f"/v2/orders/{other}/shipments")] * 2


def test_a_parcel_whose_answer_was_lost_is_not_sent_twice(shop: Shop, source: BigCommerce) -> None:
    number = physical(shop)
    shop.sandbox("POST", "/fail", {"kind": "reset", "match": "/shipments", "method": "POST", "when": "after"})
    with pytest.raises(Retryable):
        change(shop, source, number, tracking_number="RM1", status="Shipped")
    answer, _ = change(shop, source, number, tracking_number="RM1", status="Shipped")
    assert (answer.error, answer.sent) == (None, None)
    assert len(shop.call("GET", f"/v2/orders/{number}/shipments")) == 1


def test_what_was_shipped_before_stays_and_the_rest_follows(shop: Shop, source: BigCommerce) -> None:
    number = physical(shop)
    line = shop.call("GET", f"/v2/orders/{number}/products")[0]
    items = [{"order_product_id": line["id"], "quantity": 2}]
    body = {"order_address_id": line["order_address_id"], "tracking_number": "RM1", "items": items}
    shop.call("POST", f"/v2/orders/{number}/shipments", body)
    answer, calls = change(shop, source, number, tracking_number="RM2", carrier="Royal Mail")
    assert (answer.error, calls) == (None, 3)  # shipments, lines, the parcel
    assert [(one.tracking_number, one.pieces) for one in order_of(source, number).shipments] == [("RM1", 2), ("RM2", 2)]
    # A number of before that comes back late: it is there already.
    answer, _ = change(shop, source, number, tracking_number="RM1")
    assert (answer.error, answer.sent) == (None, None)


def test_a_number_or_carrier_is_corrected_where_nothing_is_left_to_ship(shop: Shop, source: BigCommerce) -> None:
    number = physical(shop)
    change(shop, source, number, tracking_number="RM1", carrier="Royal Mail")
    answer, _ = change(shop, source, number, tracking_number="RM2")
    assert answer.error is None
    assert shown(source, number) == {"status": "Shipped", "tracking_number": "RM2", "carrier": "Royal Mail"}
    parcel = shop.call("GET", f"/v2/orders/{number}/shipments")[0]
    shop.call("PUT", f"/v2/orders/{number}/shipments/{parcel['id']}", {"comments": "Leave at the door"})
    answer, calls = change(shop, source, number, carrier="Bike Bros")
    assert (answer.error, calls) == (None, 2)
    assert shown(source, number) == {"status": "Shipped", "tracking_number": "RM2", "carrier": "Bike Bros"}
    (parcel,) = shop.call("GET", f"/v2/orders/{number}/shipments")
    assert parcel["comments"] == "Carrier: Bike Bros\nLeave at the door"
    change(shop, source, number, carrier="UPS")
    (parcel,) = shop.call("GET", f"/v2/orders/{number}/shipments")
    assert (parcel["shipping_provider"], parcel["comments"]) == ("ups", "Leave at the door")


def test_an_unknown_carrier_is_named_in_the_comments_and_read_from_there(shop: Shop, source: BigCommerce) -> None:
    number = physical(shop)
    answer, _ = change(shop, source, number, tracking_number="BB1", carrier="Bike Bros")
    assert answer.error is None
    (parcel,) = shop.call("GET", f"/v2/orders/{number}/shipments")
    assert (parcel["shipping_provider"], parcel["tracking_carrier"]) == ("", "")
    assert shown(source, number)["carrier"] == "Bike Bros"


def test_a_carrier_alone_waits_for_its_number(shop: Shop, source: BigCommerce) -> None:
    answer, calls = change(shop, source, physical(shop), carrier="UPS")
    assert (answer.error, answer.sent, answer.waits, calls) == (None, None, frozenset({"carrier"}), 0)


def test_a_tracking_number_is_not_taken_away(shop: Shop, source: BigCommerce) -> None:
    number = physical(shop)
    change(shop, source, number, tracking_number="RM1", carrier="UPS")
    answer, _ = change(shop, source, number, tracking_number="", status="Completed")
    assert isinstance(answer.error, Rejected)
    assert answer.error.field == "tracking_number"
    assert shown(source, number) == {"status": "Completed", "tracking_number": "RM1", "carrier": "UPS"}


def test_what_cannot_be_shipped_is_told(shop: Shop, source: BigCommerce) -> None:
    ebook = {"name": "Book", "type": "digital", "weight": 0, "price": 10}
    made = shop.call("POST", "/v3/catalog/products", ebook)["data"]["id"]
    number = shop.place(products=[{"product_id": made, "quantity": 1}])
    answer, _ = change(shop, source, number, tracking_number="RM1")
    assert isinstance(answer.error, Rejected)
    assert "nothing in this order" in answer.error.message
    record = replace(order_of(source, number), id="999999")
    [answer] = source.update_many([Edit("order", "999999", {("order", "999999"): {"status": "Shipped"}}, record)])
    assert isinstance(answer.error, NotFound)


def test_a_number_too_long_is_the_stores_refusal(shop: Shop, source: BigCommerce) -> None:
    answer, _ = change(shop, source, physical(shop), tracking_number="9" * 51)
    assert isinstance(answer.error, Rejected)
    assert answer.error.status == 400
