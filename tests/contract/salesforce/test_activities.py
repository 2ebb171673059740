"""Tasks: what happened to an order, and messages about it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.contract.salesforce.conftest import MakeOrg
from tests.contract.salesforce.more import message, refund, shipment
from tests.contract.salesforce.org import Org
from tests.contract.salesforce.records import customer, guest, order

WRITE = "POST /composite"


@pytest.fixture
def told(org: Org) -> Org:
    """An org that is told what happens to orders."""
    org.switches["activities"] = True
    org.open()
    return org


def subjects(org: Org) -> list[str]:
    return sorted(task["Subject"] for task in org.rows("Task"))


def test_each_is_told_once_in_the_orders_own_call(told: Org) -> None:
    told.write(order(1001))
    assert told.calls() == [WRITE, WRITE]
    [task] = told.rows("Task")
    assert (task["Subject"], task["Status"], task["ActivityDate"]) == ("Order #1001 placed", "Completed", "2026-03-01")
    assert task["WhatId"] == told.row("Order")["Id"] and task["WhoId"] == told.row("Contact")["Id"]
    told.write(order(1001))
    assert len(told.rows("Task")) == 1
    later = order(1001, status="Shipped", status_id=2, refunds=(refund(),), shipments=(shipment(),))
    told.calls()
    [outcome] = told.write(later)
    assert outcome.error is None and told.calls() == [WRITE]
    assert subjects(told) == [
        "Order #1001 placed", "Order #1001: 5.00 GBP refunded", "Order #1001: Shipped", "Order #1001: shipment 1",
    ]  # fmt: skip
    assert "Royal Mail TRACK-1" in told.row("Task", Subject="Order #1001: shipment 1")["Description"]
    told.write(later)
    told.links.clear()
    told.write(later, attempt=2)
    assert len(told.rows("Task")) == 4


def test_back_in_its_first_status_nothing_is_told_again(told: Org) -> None:
    told.write(order(1001))
    told.write(order(1001, status="Shipped", status_id=2))
    told.write(order(1001))
    assert subjects(told) == ["Order #1001 placed", "Order #1001: Shipped"]


def test_a_batch_is_told_in_few_calls(told: Org) -> None:
    told.write(order(1))
    told.calls()
    outcomes = told.write(*(order(n, buyer=guest(f"g{n}@example.com")) for n in range(2, 27)))
    assert {outcome.error for outcome in outcomes} == {None} and len(told.rows("Task")) == 26
    assert len(told.calls()) <= 3


def test_off_costs_nothing(org: Org) -> None:
    org.write(order(1001, refunds=(refund(),)))
    assert org.rows("Task") == [] and org.target is not None
    assert not [key for key in org.target.refers_to(order(1001)) if key[0] == "activity"]


def test_a_task_that_is_refused_loses_no_order(told: Org) -> None:
    rule = {"object": "Task", "where": "Status = 'Completed'", "message": "No tasks here", "field": "Status"}
    told.control("org", validation_rules=[rule])
    [alone] = told.write(order(1))
    together = told.write(order(2), order(3))
    for outcome in (alone, *together):
        assert outcome.error is None and [flag.code for flag in outcome.flags] == ["LEFT_OUT"]
    assert {row["Status"] for row in told.rows("Order")} == {"Activated"} and told.rows("Task") == []


def test_person_accounts_are_told_of_too(special: MakeOrg) -> None:
    org = special(person_accounts=True)
    org.switches["activities"] = True
    org.open()
    [outcome] = org.write(order(1001))
    assert outcome.error is None and org.row("Task")["WhatId"] == org.row("Order")["Id"]


def test_messages(org: Org) -> None:
    org.write(order(1001, buyer=replace(customer(), complete=False)))
    org.calls()
    [outcome] = org.write(message(customer_id="42"))
    assert outcome.error is None and org.calls() == [WRITE]
    task = org.row("Task")
    assert task["Subject"] == "Message of the customer on order #1001: Where is it?"
    assert (task["Description"], task["Status"]) == ("I wait.", "Completed")
    assert task["WhatId"] == org.row("Order")["Id"] and task["WhoId"] == org.row("Contact")["Id"]
    org.write(message(customer_id="42"))
    assert len(org.rows("Task")) == 1
    org.links.clear()
    org.write(message(customer_id="42"), attempt=2)
    assert len(org.rows("Task")) == 1 and org.row("Task")["WhatId"] == org.row("Order")["Id"]
    assert org.gone("message", "1001-1").error is None and len(org.rows("Task")) == 1


def test_a_message_is_on_the_deal(org: Org) -> None:
    org.switches["opportunities"] = True
    org.open()
    org.write(order(1001))
    org.write(message(), message(2, by_staff=True), message(3, order_id="7"))
    tasks = {task["BC_Activity_Id__c"]: task for task in org.rows("Task")}
    assert tasks["s1-message-1001-1"]["WhatId"] == org.row("Opportunity")["Id"]
    assert "of the store" in tasks["s1-message-1001-2"]["Subject"] and tasks["s1-message-7-3"]["WhatId"] is None
