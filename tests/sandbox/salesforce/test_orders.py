"""Orders, items, activation, totals, price books."""

from __future__ import annotations

import pytest

from tests.sandbox.salesforce.conftest import DATA, Client


def order_row(sf: Client, order: str) -> dict[str, object]:
    row: dict[str, object] = sf.get(f"sobjects/Order/{order}?fields=Status,StatusCode,TotalAmount,ActivatedDate")
    return row


def test_items_add_up_and_follow_edits_and_deletes(sf: Client) -> None:
    order, entry = sf.order(), sf.entry(12.5)
    first = sf.create("OrderItem", OrderId=order, PricebookEntryId=entry, Quantity=3, UnitPrice=12.5)
    second = sf.create("OrderItem", OrderId=order, PricebookEntryId=entry, Quantity=1, UnitPrice=0.335)
    assert order_row(sf, order)["TotalAmount"] == 37.84
    assert sf.patch("OrderItem", first, Quantity=2).status_code == 204
    assert sf.delete("OrderItem", second).status_code == 204
    assert order_row(sf, order)["TotalAmount"] == 25.0
    item = sf.get(f"sobjects/OrderItem/{first}")
    assert (item["ListPrice"], item["TotalPrice"]) == (12.5, 25.0)
    assert item["Product2Id"] == sf.get(f"sobjects/PricebookEntry/{entry}")["Product2Id"]


def test_order_starts_as_draft_and_activates_by_status_alone(sf: Client) -> None:
    account = sf.create("Account", Name="B")
    refused = sf.call(
        "POST", "sobjects/Order", {"AccountId": account, "EffectiveDate": "2026-01-01", "Status": "Activated"}
    )
    assert sf.refused(refused)["errorCode"] == "FAILED_ACTIVATION"
    order = sf.order()
    empty = sf.refused(sf.patch("Order", order, Status="Activated"))
    assert (empty["errorCode"], empty["message"]) == ("FAILED_ACTIVATION", "An order must have at least one product.")
    sf.create("OrderItem", OrderId=order, PricebookEntryId=sf.entry(), Quantity=1, UnitPrice=1)
    assert sf.refused(sf.patch("Order", order, Status="Activated", Description="x"))["fields"] == ["Description"]
    assert order_row(sf, order)["Status"] == "Draft"
    assert sf.patch("Order", order, Status="Activated").status_code == 204
    assert order_row(sf, order)["ActivatedDate"] is not None


def test_activated_order_is_closed_to_items_until_it_is_a_draft_again(sf: Client) -> None:
    order, entry = sf.order(), sf.entry()
    item = sf.create("OrderItem", OrderId=order, PricebookEntryId=entry, Quantity=1, UnitPrice=5)
    sf.patch("Order", order, Status="Activated")
    new = {"OrderId": order, "PricebookEntryId": entry, "Quantity": 1, "UnitPrice": 1}
    assert sf.call("POST", "sobjects/OrderItem", new).status_code == 400
    assert sf.delete("OrderItem", item).status_code == 400
    assert sf.refused(sf.patch("OrderItem", item, UnitPrice=6))["errorCode"] == "INSUFFICIENT_ACCESS_OR_READONLY"
    assert sf.refused(sf.patch("Order", order, Description="x"))["errorCode"] == "INSUFFICIENT_ACCESS_OR_READONLY"
    assert sf.refused(sf.delete("Order", order))["errorCode"] == "DELETE_FAILED"
    assert order_row(sf, order)["TotalAmount"] == 5.0
    sf.switch(edit_activated=True)
    assert sf.patch("OrderItem", item, UnitPrice=6).status_code == 204
    assert sf.patch("Order", order, Status="Draft").status_code == 204
    assert order_row(sf, order)["ActivatedDate"] is None
    assert sf.call("POST", "sobjects/OrderItem", new).status_code == 201
    assert order_row(sf, order)["TotalAmount"] == 7.0


def test_activation_by_upsert_row_may_repeat_the_external_id(sf: Client) -> None:
    sf.add_key("Order", "BC_Order_Id__c")
    order = sf.order(BC_Order_Id__c="100")
    sf.create("OrderItem", OrderId=order, PricebookEntryId=sf.entry(), Quantity=1, UnitPrice=1)
    record = {"attributes": {"type": "Order"}, "BC_Order_Id__c": "100", "Status": "Activated"}
    answer = sf.call("PATCH", "composite/sobjects/Order/BC_Order_Id__c", {"records": [record]})
    assert answer.get_json() == [{"id": order, "success": True, "errors": [], "created": False}]
    assert order_row(sf, order)["StatusCode"] == "Activated"


def test_item_needs_a_price_book_on_the_order_and_an_active_entry_of_it(sf: Client) -> None:
    bare, entry = sf.order(Pricebook2Id=None), sf.entry()
    item = {"OrderId": bare, "PricebookEntryId": entry, "Quantity": 1, "UnitPrice": 1}
    assert sf.refused(sf.call("POST", "sobjects/OrderItem", item))["errorCode"] == "FIELD_INTEGRITY_EXCEPTION"
    other = sf.create("Pricebook2", Name="Other", IsActive=True)
    assert sf.patch("Order", bare, Pricebook2Id=other).status_code == 204
    assert "different pricebook" in sf.refused(sf.call("POST", "sobjects/OrderItem", item))["message"]
    assert sf.refused(sf.patch("Order", bare, Pricebook2Id=sf.book()))["fields"] == ["Pricebook2Id"]
    order = sf.order()
    sf.patch("PricebookEntry", entry, IsActive=False)
    assert "inactive" in sf.refused(sf.call("POST", "sobjects/OrderItem", {**item, "OrderId": order}))["message"]
    assert sf.refused(sf.patch("OrderItem", "802000000000000", PricebookEntryId=entry), 404)["errorCode"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"UnitPrice": -1}, "NUMBER_OUTSIDE_VALID_RANGE"),
        ({"Quantity": -1}, "FIELD_INTEGRITY_EXCEPTION"),
        ({"Quantity": None}, "REQUIRED_FIELD_MISSING"),
        ({"UnitPrice": None}, "REQUIRED_FIELD_MISSING"),
        ({"TotalPrice": 3}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
        ({"UnitPrice": "abc"}, "JSON_PARSER_ERROR"),
    ],
)
def test_wrong_item_is_refused(sf: Client, values: dict[str, object], code: str) -> None:
    item = {"OrderId": sf.order(), "PricebookEntryId": sf.entry(), "Quantity": 1, "UnitPrice": 1, **values}
    assert sf.refused(sf.call("POST", "sobjects/OrderItem", item))["errorCode"] == code
    assert sf.stored("OrderItem") == []


def test_negative_price_with_the_org_setting(sf: Client) -> None:
    sf.switch(negative_prices=True)
    order = sf.order()
    sf.create("OrderItem", OrderId=order, PricebookEntryId=sf.entry(), Quantity=1, UnitPrice=-4.5)
    assert order_row(sf, order)["TotalAmount"] == -4.5


def test_status_is_restricted_and_the_org_may_have_its_own(sf: Client) -> None:
    order = sf.order()
    assert sf.refused(sf.patch("Order", order, Status="Shipped"))["errorCode"] == (
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    )
    sf.switch(order_statuses={"Draft": ["Draft", "Waiting"], "Activated": ["Activated", "Shipped"]})
    sf.create("OrderItem", OrderId=order, PricebookEntryId=sf.entry(), Quantity=1, UnitPrice=1)
    assert sf.patch("Order", order, Status="Waiting").status_code == 204
    assert sf.patch("Order", order, Status="Shipped").status_code == 204
    assert order_row(sf, order)["StatusCode"] == "Activated"
    values = next(f for f in sf.get("sobjects/Order/describe")["fields"] if f["name"] == "Status")["picklistValues"]
    assert [v["value"] for v in values] == ["Draft", "Waiting", "Activated", "Shipped"]


def test_reduction_order_uses_up_the_original_item(sf: Client) -> None:
    sf.switch(reduction_orders=True)
    entry, order = sf.entry(), sf.order()
    item = sf.create("OrderItem", OrderId=order, PricebookEntryId=entry, Quantity=3, UnitPrice=2)
    sf.patch("Order", order, Status="Activated")
    reduction = sf.order(IsReductionOrder=True, OriginalOrderId=order)
    line = {"OrderId": reduction, "PricebookEntryId": entry, "OriginalOrderItemId": item, "UnitPrice": 2}
    assert sf.call("POST", "sobjects/OrderItem", {**line, "Quantity": -4}).status_code == 400
    sf.create("OrderItem", **{**line, "Quantity": -2})
    assert sf.get(f"sobjects/OrderItem/{item}")["AvailableQuantity"] == 1.0
    assert sf.refused(sf.patch("Order", order, Status="Draft"))["fields"] == ["Status"]


def test_orders_switched_off(sf: Client) -> None:
    sf.switch(orders_enabled=False)
    assert sf.call("GET", "sobjects/Order/describe").status_code == 404
    assert sf.refused(sf.call("GET", "query?q=SELECT+Id+FROM+Order"))["errorCode"] == "INVALID_TYPE"


def test_standard_price_first_and_one_entry_per_book(sf: Client) -> None:
    product, book = sf.create("Product2", Name="P"), sf.create("Pricebook2", Name="Retail", IsActive=True)
    custom = {"Product2Id": product, "Pricebook2Id": book, "UnitPrice": 9}
    assert sf.refused(sf.call("POST", "sobjects/PricebookEntry", custom))["errorCode"] == "STANDARD_PRICE_NOT_DEFINED"
    sf.create("PricebookEntry", **{**custom, "Pricebook2Id": sf.book()})
    entry = sf.create("PricebookEntry", **custom)
    assert sf.refused(sf.call("POST", "sobjects/PricebookEntry", custom))["errorCode"] == "DUPLICATE_VALUE"
    assert sf.get(f"sobjects/PricebookEntry/{entry}")["IsActive"] is False
    assert sf.get(f"sobjects/Product2/{product}")["IsActive"] is False
    standard = sf.create(
        "PricebookEntry", Product2Id=sf.create("Product2", Name="Q"), Pricebook2Id=sf.book(), UnitPrice=1
    )
    sf.patch("PricebookEntry", standard, UseStandardPrice=True)
    assert sf.refused(sf.patch("PricebookEntry", standard, UnitPrice=5))["errorCode"] == "FIELD_INTEGRITY_EXCEPTION"
    assert sf.refused(sf.call("POST", "sobjects/Pricebook2", {"Name": "S", "IsStandard": True}))["fields"] == [
        "IsStandard"
    ]


def test_currencies(sf: Client) -> None:
    assert sf.refused(sf.call("POST", "sobjects/Account", {"Name": "A", "CurrencyIsoCode": "EUR"}))["errorCode"] == (
        "INVALID_FIELD"
    )
    sf.switch(multi_currency=True)
    product = sf.create("Product2", Name="P", IsActive=True)
    dollars = {"Product2Id": product, "Pricebook2Id": sf.book(), "UnitPrice": 10, "IsActive": True}
    in_dollars = sf.create("PricebookEntry", **dollars)
    in_euros = sf.create("PricebookEntry", **{**dollars, "CurrencyIsoCode": "EUR"})
    order = sf.order(CurrencyIsoCode="EUR")
    item = {"OrderId": order, "Quantity": 1, "UnitPrice": 10}
    wrong = sf.call("POST", "sobjects/OrderItem", {**item, "PricebookEntryId": in_dollars})
    assert "currency" in sf.refused(wrong)["message"]
    made = sf.create("OrderItem", **{**item, "PricebookEntryId": in_euros})
    assert sf.get(f"sobjects/OrderItem/{made}")["CurrencyIsoCode"] == "EUR"
    assert sf.refused(sf.patch("Order", order, CurrencyIsoCode="USD"))["errorCode"] == "FIELD_INTEGRITY_EXCEPTION"
    assert {row["IsoCode"] for row in sf.rows("SELECT IsoCode FROM CurrencyType")} >= {"USD", "EUR"}


def test_opportunity_amount_is_the_sum_of_its_lines(sf: Client) -> None:
    deal = sf.create("Opportunity", Name="D", StageName="Prospecting", CloseDate="2026-12-31", Amount=1)
    entry = sf.entry(10)
    line = {"OpportunityId": deal, "PricebookEntryId": entry, "Quantity": 2}
    first = sf.create("OpportunityLineItem", **line, UnitPrice=7.5)
    second = sf.create("OpportunityLineItem", **line, TotalPrice=9)
    assert sf.get(f"sobjects/OpportunityLineItem/{second}")["UnitPrice"] == 4.5
    assert sf.patch("Opportunity", deal, Amount=999).status_code == 204
    row = sf.get(f"sobjects/Opportunity/{deal}")
    assert (row["Amount"], row["HasOpportunityLineItem"], row["Pricebook2Id"]) == (24.0, True, sf.book())
    for one in (first, second):
        sf.delete("OpportunityLineItem", one)
    assert sf.patch("Opportunity", deal, Amount=999, StageName="Closed Won").status_code == 204
    row = sf.get(f"sobjects/Opportunity/{deal}")
    assert (row["Amount"], row["IsWon"], row["Probability"]) == (999.0, True, 100.0)
    both = sf.call("POST", "sobjects/OpportunityLineItem", {**line, "UnitPrice": 1, "TotalPrice": 2})
    assert both.status_code == 400


def test_thousand_items_in_one_composite(sf: Client) -> None:
    sf.add_key("OrderItem", "BC_Line_Id__c")
    order, entry = sf.order(), sf.entry()

    def collection(n: int) -> dict[str, object]:
        records = [
            {
                "attributes": {"type": "OrderItem"},
                "BC_Line_Id__c": f"{n}-{i}",
                "OrderId": order,
                "PricebookEntryId": entry,
                "Quantity": 1,
                "UnitPrice": 0.01,
            }
            for i in range(200)
        ]
        url = f"{DATA}/composite/sobjects/OrderItem/BC_Line_Id__c"
        return {"method": "PATCH", "url": url, "referenceId": f"r{n}", "body": {"records": records}}

    answer = sf.call("POST", "composite", {"compositeRequest": [collection(n) for n in range(5)]})
    results = [row for sub in answer.get_json()["compositeResponse"] for row in sub["body"]]
    assert sum(row["success"] for row in results) == 1000
    assert order_row(sf, order)["TotalAmount"] == 10.0
    assert sf.http.get("/_sandbox/calls").get_json()["calls"][-2]["path"].endswith("/composite")
