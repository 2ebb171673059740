"""A record that Salesforce refuses, mended by a person, over the real connectors and both stand-ins."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from app.connectors.base import Event
from app.connectors.registry import VENDORS
from app.models import Delivery, State
from app.sync import flush, inbox, mending
from tests.contract.salesforce.test_engine import BUYER, SOLD, Bridge, as_somebody, bridge

__all__ = ["bridge"]  # the fixture
RULE = {
    "object": "Contact", "where": "LastName = 'Doe'", "message": "Write the last name in full.", "field": "LastName",
}  # fmt: skip


def dead(bridge: Bridge) -> list[Delivery]:
    with bridge.runtime.database.reading() as session:
        return list(session.scalars(select(Delivery).where(Delivery.state == State.DEAD)))


def refused(bridge: Bridge, kind: str, record_id: Any) -> Delivery:
    """The record is told and Salesforce does not take it."""
    event = Event("sandbox1", "1", f"store/{kind}/updated", ((kind, str(record_id)),), True, "{}")
    inbox.receive(bridge.runtime, "bigcommerce", event)
    flush.flush(bridge.runtime, bridge.connection_id)
    (found,) = dead(bridge)
    return found


def correct(bridge: Bridge, delivery: Delivery, **new: str) -> None:
    record = mending.as_it_is(bridge.runtime, delivery)
    mending.correct(bridge.runtime, delivery, record, new, "owner@shop.example")
    flush.flush(bridge.runtime, bridge.connection_id)


def test_an_order_arrives_with_the_corrected_name_and_its_own_total(bridge: Bridge) -> None:
    bridge.org.control("org", validation_rules=[RULE])
    made = bridge.api("POST", "/v2/orders", {"billing_address": BUYER, "products": SOLD, "status_id": 11})
    delivery = refused(bridge, "order", made["id"])
    assert delivery.error_code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert "last_name" in VENDORS["salesforce"].fields_named(delivery.error_field)
    correct(bridge, delivery, last_name="Doe-Smith")
    assert dead(bridge) == []
    [contact] = bridge.org.rows("Contact")
    assert (contact["LastName"], contact["FirstName"]) == ("Doe-Smith", "Jane")
    [order] = bridge.org.rows("Order")
    assert order["TotalAmount"] == float(made["total_inc_tax"])
    assert bridge.api("GET", f"/v2/orders/{made['id']}")["billing_address"]["last_name"] == "Doe"


def test_a_corrected_customer_who_is_edited_there_keeps_the_stores_own_name(bridge: Bridge) -> None:
    bridge.org.control("org", validation_rules=[RULE])
    person = {"email": "jane@example.com", "first_name": "Jane", "last_name": "Doe", "phone": "1"}
    [made] = bridge.api("POST", "/v3/customers", [person])["data"]
    correct(bridge, refused(bridge, "customer", made["id"]), last_name="Doe-Smith")
    [contact] = bridge.org.rows("Contact")
    assert contact["LastName"] == "Doe-Smith"
    bridge.poll()
    bridge.org.control("org", validation_rules=[])
    as_somebody(bridge.org)
    bridge.org.api("PATCH", f"/sobjects/Contact/{contact['Id']}", {"Phone": "999"})
    bridge.poll()
    stored = bridge.stored(str(made["id"]))
    assert (stored["phone"], stored["last_name"]) == ("999", "Doe")
    [contact] = bridge.org.rows("Contact")
    assert (contact["LastName"], contact["Phone"]) == ("Doe-Smith", "999")
