"""What goes wrong, and what of it heals within the run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from app.connectors.base import Write
from app.db import now
from app.errors import Misconfigured, Rejected, Retryable, Unsupported
from tests.contract.salesforce.org import Org
from tests.contract.salesforce.records import changed, customer, guest, line, order, product

WRITE = "POST /composite"


def rule(name: str, where: str) -> dict[str, str]:
    return {"object": name, "where": where, "message": f"{name} refused", "field": "Description"}


@contextmanager
def cut(org: Org, at: int, **fault: object) -> Iterator[None]:
    """The composite call of this number goes wrong, counted from 1."""
    assert org.target is not None
    post, posts = org.target.client.post, 0

    def counted(path: str, body: dict[str, object]) -> object:
        nonlocal posts
        posts += 1
        if posts == at:
            org.control("fail", times=1, **fault)
        return post(path, body)

    org.target.client.post = counted  # type: ignore[method-assign]  # to fail in between
    yield
    org.target.client.post = post  # type: ignore[method-assign]  # likewise
    assert posts >= at


def test_a_failing_product_does_not_lose_the_order(org: Org) -> None:
    org.control("org", validation_rules=[rule("Product2", "ProductCode = 'SKU-78' OR ProductCode = 'SKU-79'")])
    [outcome] = org.write(order(1, line(5), line(6, variant=78), line(7, variant=79)))
    assert outcome.error is None
    assert [flag.code for flag in outcome.flags] == ["PLACEHOLDER_LINE"] * 2
    assert "Thing 78" in outcome.flags[0].message and "Product2 refused" in outcome.flags[0].message
    assert org.row("Order")["TotalAmount"] == 69.99 and org.row("Order")["Status"] == "Activated"
    placeholder = org.row("Product2", BC_Variant_Id__c="s1-placeholder")["Id"]
    moved = [item["Description"] for item in org.rows("OrderItem") if item["Product2Id"] == placeholder]
    assert moved == ["Thing 78", "Thing 79"]
    # mended: the lines go to their products
    org.control("org", validation_rules=[])
    [outcome] = org.write(order(1, line(5), line(6, variant=78), line(7, variant=79)))
    assert outcome.error is None and outcome.flags == ()
    assert placeholder not in {item["Product2Id"] for item in org.rows("OrderItem")}
    assert org.row("Order")["TotalAmount"] == 69.99


def test_an_inactive_price_does_not_lose_the_order(org: Org) -> None:
    org.write(order(1))
    entry = org.row("PricebookEntry", BC_Price_Id__c="s1-77")
    org.api("PATCH", f"/sobjects/PricebookEntry/{entry['Id']}", {"IsActive": False})
    [outcome] = org.write(order(2))
    assert outcome.error is None
    assert [flag.code for flag in outcome.flags] == ["PLACEHOLDER_LINE"]
    assert {row["TotalAmount"] for row in org.rows("Order")} == {29.99}


def test_lines_without_a_product_are_placeholders_without_a_flag(org: Org) -> None:
    [outcome] = org.write(order(1, line(5, product_id="", variant_id="")))
    assert outcome.error is None and outcome.flags == ()
    assert org.row("Order")["TotalAmount"] == 29.99


def test_one_bad_line_in_a_batch(org: Org) -> None:
    org.write(order(1))
    org.control("org", validation_rules=[rule("OrderItem", "Quantity = 13")])
    orders = [order(n, line(n * 10, "13.00", 13) if n == 4 else line(n * 10)) for n in range(2, 8)]
    outcomes = org.write(*orders)
    assert [outcome.error is None for outcome in outcomes] == [True, True, False, True, True, True]
    error = outcomes[2].error
    assert isinstance(error, Rejected) and error.message == "OrderItem refused" and error.field == "Description"
    assert [row["Name"] for row in org.rows("Order") if row["Status"] == "Draft"] == ["#4"]
    org.control("org", validation_rules=[])
    [again] = org.write(orders[2], attempt=2)
    assert again.error is None
    assert {row["TotalAmount"] for row in org.rows("Order")} == {29.99, 22.99}
    assert {row["Status"] for row in org.rows("Order")} == {"Activated"}


def test_a_locked_row_in_a_batch_heals_alone(org: Org) -> None:
    org.write(order(1))
    org.control("lock", object="OrderItem", times=1)
    outcomes = org.write(*(order(n) for n in range(2, 6)))
    assert [outcome.error for outcome in outcomes] == [None] * 4
    assert {row["TotalAmount"] for row in org.rows("Order")} == {29.99}
    assert {row["Status"] for row in org.rows("Order")} == {"Activated"}


def test_a_locked_row_waits(org: Org) -> None:
    org.control("lock", object="Order", times=1)
    [outcome] = org.write(order(1))
    assert isinstance(outcome.error, Retryable) and outcome.error.code == "UNABLE_TO_LOCK_ROW"
    assert org.rows("Order") == [] and org.rows("Contact") == []
    [again] = org.write(order(1), attempt=2)
    assert again.error is None


def test_the_order_is_gone_upstream(org: Org) -> None:
    org.write(order(1))
    row = org.row("Order")
    org.api("PATCH", f"/sobjects/Order/{row['Id']}", {"Status": "Draft"})
    org.api("DELETE", f"/sobjects/Order/{row['Id']}")
    [outcome] = org.write(order(1, status="Shipped"))
    assert outcome.error is None and outcome.gone == {("order", "1")} and outcome.made == {}
    assert [flag.code for flag in outcome.flags] == ["DELETED_THERE"]
    assert org.rows("Order") == org.rows("OrderItem") == []


def test_an_item_is_gone_upstream(org: Org) -> None:
    org.write(order(1, line(5), line(6)))
    row = org.row("Order")
    org.api("PATCH", f"/sobjects/Order/{row['Id']}", {"Status": "Draft"})
    for item in org.rows("OrderItem"):
        if item["BC_Line_Id__c"] in ("s1-1-5", "s1-1-6"):
            org.api("DELETE", f"/sobjects/OrderItem/{item['Id']}")
    # one was to be changed, one to be removed
    [outcome] = org.write(changed(order(1, line(5), line(6)), lines=(line(5),)))
    assert outcome.error is None
    assert {item["BC_Line_Id__c"] for item in org.rows("OrderItem")} == {"s1-1-5", "s1-1-shipping", "s1-1-tax"}


def test_gone_upstream_in_a_batch(org: Org) -> None:
    org.write(*(order(n) for n in range(1, 4)))
    row = org.row("Order", Name="#2")
    org.api("PATCH", f"/sobjects/Order/{row['Id']}", {"Status": "Draft"})
    org.api("DELETE", f"/sobjects/Order/{row['Id']}")
    outcomes = org.write(*(order(n, status="Shipped") for n in range(1, 4)))
    assert [outcome.error for outcome in outcomes] == [None] * 3
    assert [outcome.gone for outcome in outcomes] == [frozenset(), {("order", "2")}, frozenset()]
    assert {row["Name"]: row["BC_Status__c"] for row in org.rows("Order")} == {"#1": "Shipped", "#3": "Shipped"}
    assert {row["Status"] for row in org.rows("Order")} == {"Activated"} and len(org.rows("OrderItem")) == 6


def test_the_daily_limit_waits_for_an_hour(org: Org) -> None:
    org.control("usage", used=103_000)
    with pytest.raises(Retryable) as refused:
        org.write(order(1))
    assert refused.value.retry_after is not None
    assert timedelta(minutes=50) < refused.value.retry_after - now() < timedelta(minutes=70)
    assert org.target is not None and org.target.client.limit is not None
    assert org.target.client.limit.used == org.target.client.limit.maximum == 103_000


@pytest.mark.parametrize("fault", [{"status": 503}, {"kind": "reset"}])
def test_a_failing_server_waits(org: Org, fault: dict[str, object]) -> None:
    org.control("fail", times=9, **fault)
    with pytest.raises(Retryable) as failed:
        org.write(order(1))
    assert failed.value.retry_after is None


def test_a_batch_cut_short_keeps_what_was_made(org: Org) -> None:
    org.write(order(1))
    many = [order(n, *(line(n * 100 + k) for k in range(20)), buyer=guest(f"g{n}@example.com")) for n in range(2, 102)]
    with cut(org, 3, status=503):  # the look-up, a first write, then nothing more
        outcomes = org.write(*many)
    assert {type(outcome.error) for outcome in outcomes} == {Retryable}
    assert all(("order", record.id) in outcome.made for record, outcome in zip(many, outcomes, strict=True))
    left = [record for record, outcome in zip(many, outcomes, strict=True) if outcome.error]
    again = org.write(*left, attempt=2)
    assert {outcome.error for outcome in again} == {None}
    assert len(org.rows("Order")) == 101 and len(org.rows("OrderItem")) == 100 * 22 + 3
    assert {row["Status"] for row in org.rows("Order")} == {"Activated"}


def test_a_batch_whose_mending_is_cut_short_waits(org: Org) -> None:
    org.write(order(1), order(2))
    org.links.clear()
    with cut(org, 3, status=503):  # the look-up, the write, then the look-up of what was there
        outcomes = org.write(*(changed(order(n), lines=(line(9),)) for n in (1, 2)))
    assert {type(outcome.error) for outcome in outcomes} == {Retryable}
    assert all(outcome.made for outcome in outcomes)
    outcomes = org.write(*(changed(order(n), lines=(line(9),)) for n in (1, 2)), attempt=2)
    assert {outcome.error for outcome in outcomes} == {None} and len(org.rows("OrderItem")) == 6


@pytest.mark.parametrize("at", [3, 4, 5, 6, 7])
def test_a_cut_before_the_remedy_buries_nobody(org: Org, at: int) -> None:
    org.write(order(1))
    org.control("org", validation_rules=[rule("Product2", "ProductCode = 'SKU-78'")])
    batch = [order(2), order(3, line(30, variant=78)), order(4), order(5, line(50, variant=78))]
    with cut(org, at, kind="reset"):
        outcomes = org.write(*batch)
    assert all(outcome.error is None or isinstance(outcome.error, Retryable) for outcome in outcomes)
    assert [outcomes[index].error for index in (0, 2)] == [None, None]
    assert isinstance(outcomes[3].error, Retryable)
    assert "Product2 refused" in str(outcomes[3].received)
    left = [record for record, outcome in zip(batch, outcomes, strict=True) if outcome.error]
    again = [outcome for record in left for outcome in org.write(record, attempt=2)]
    assert [outcome.error for outcome in again] == [None] * len(left)
    assert again[-1].flags[0].code == "PLACEHOLDER_LINE"
    assert {(row["TotalAmount"], row["Status"]) for row in org.rows("Order")} == {(29.99, "Activated")}
    assert len(org.rows("Order")) == 5 and len(org.rows("OrderItem")) == 15


@pytest.mark.parametrize("at", [3, 4])
def test_a_cut_before_a_duplicate_is_adopted_buries_nobody(org: Org, at: int) -> None:
    for n in (1, 2):
        account = org.make("Account", Name=f"House {n}")
        org.make("Contact", FirstName="Jane", LastName=f"Doe {n}", Phone="0123", AccountId=account)
    batch = [customer(n, f"c{n}@example.com", last_name=f"Doe {n}") for n in (1, 2)]
    with cut(org, at, kind="reset"):
        outcomes = org.write(*batch)
    assert [outcome.error.code for outcome in outcomes if outcome.error] == ["INTERRUPTED"] * 2
    assert all("DUPLICATES_DETECTED" in str(outcome.received) for outcome in outcomes)
    assert [outcome.error for outcome in org.write(*batch, attempt=2)] == [None, None]
    assert {row["BC_Customer_Id__c"] for row in org.rows("Contact")} == {"s1-1", "s1-2"}


def test_a_daily_limit_met_while_mending_is_waited_for(org: Org) -> None:
    org.write(order(1))
    org.control("org", validation_rules=[rule("Product2", "ProductCode = 'SKU-78'")])
    exceeded = {"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}
    with cut(org, 3, status=403, body=[exceeded]):
        outcomes = org.write(order(2), order(3, line(30, variant=78)))
    error = outcomes[1].error
    assert outcomes[0].error is None and isinstance(error, Retryable) and error.retry_after is not None


def test_a_missing_field_is_a_matter_of_the_mapping(org: Org) -> None:
    org.namespace = "other"
    org.open()
    with pytest.raises(Misconfigured) as refused:
        org.write(order(1))
    assert "check again" in refused.value.message.lower() and "SELECT" not in refused.value.message
    assert "BC_Customer_Id__c" in refused.value.message and refused.value.code == "INVALID_FIELD"


def test_not_prepared(org: Org) -> None:
    for facts, words in (({}, "price book"), ({"pricebook": "01s"}, "Orders are not enabled")):
        org.facts = dict(facts)
        org.open()
        with pytest.raises(Misconfigured, match=words) as refused:
            org.write(order(1))
        assert refused.value.message.endswith("check again.")


def test_characters_that_no_call_can_carry(org: Org) -> None:
    odd = customer(email="", first_name="J\0ane", last_name="D\ud800oe")
    [outcome] = org.write(odd, attempt=2)
    assert outcome.error is None
    assert (org.row("Contact")["FirstName"], org.row("Contact")["LastName"]) == ("Jane", "D?oe")
    [outcome] = org.write(order(1, replace(line(5), sku="S\udfff"), buyer=guest("a\0\ud800@example.com")))
    assert outcome.error is None


def test_sent_and_received_hold_the_records_own_rows(org: Org) -> None:
    outcomes = org.write(order(1), order(2, buyer=guest("b@example.com")))
    sent = str(outcomes[1].sent)
    assert "b@example.com" in sent and "jane@example.com" not in sent
    assert org.account.access_token not in sent + str(outcomes[1].received)


def test_the_same_record_twice_in_a_batch(org: Org) -> None:
    outcomes = org.write(product(1), product(1))
    assert [outcome.error for outcome in outcomes] == [None, None] and len(org.rows("Product2")) == 1


def test_a_kind_that_has_no_place(org: Org) -> None:
    assert org.target is not None
    with pytest.raises(Unsupported):
        org.target.upsert_many([Write("category", "1", None)])
