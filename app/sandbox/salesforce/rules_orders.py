"""Orders and their items: price books, activation, totals, reductions."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from app.sandbox.salesforce.dml import AFTER, AFTER_DELETE, BEFORE, BEFORE_DELETE, Writer, changed
from app.sandbox.salesforce.errors import ApiError
from app.sandbox.salesforce.store import Row

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
# set or worked out together with Status, so not an edit of the user
STATUS_FIELDS = {"Status", "StatusCode", "ActivatedDate", "ActivatedById"}


def status_group(writer: Writer, status: str | None) -> str:
    """Draft or Activated: the group the org put the status in."""
    for group, statuses in writer.org.switches.order_statuses.items():
        if status in statuses:
            return group
    return "Draft"


def integrity(message: str, field: str) -> ApiError:
    """FIELD_INTEGRITY_EXCEPTION, worded as Salesforce does."""
    return ApiError("FIELD_INTEGRITY_EXCEPTION", f"field integrity exception: {field} ({message})", [field])


def before_order(writer: Writer, old: Row | None, new: Row) -> None:
    """Draft first; Status alone when activating; little else afterwards."""
    new["StatusCode"] = status_group(writer, new.get("Status"))
    if old is None:
        _new_order(writer, new)
        return
    edits = changed(old, new) - STATUS_FIELDS
    if "Pricebook2Id" in edits and old.get("Pricebook2Id"):
        raise integrity("price book can't be changed once set", "Pricebook2Id")
    if "CurrencyIsoCode" in edits:
        raise integrity("currency can't be changed", "CurrencyIsoCode")
    if new["StatusCode"] == "Activated" and old["StatusCode"] == "Draft":
        _activate(writer, new, edits)
    elif new["StatusCode"] == "Draft" and old["StatusCode"] == "Activated":
        _deactivate(writer, new)
    elif new["StatusCode"] == "Activated" and edits:
        _edit_activated(writer, edits)
    if new.get("EndDate") and new["EndDate"] < new["EffectiveDate"]:
        raise integrity("End date can't be earlier than the start date", "EndDate")


def _new_order(writer: Writer, new: Row) -> None:
    if new["StatusCode"] != "Draft":
        message = "Choose a valid order status and save your changes. Ask your admin for details."
        raise ApiError("FAILED_ACTIVATION", message, ["Status"])
    if new.get("IsReductionOrder"):
        original = writer.db.get(new.get("OriginalOrderId"))
        if not writer.org.switches.reduction_orders:
            raise ApiError("INVALID_FIELD_FOR_INSERT_UPDATE", "Reduction orders are not enabled", ["IsReductionOrder"])
        if original is None or original["StatusCode"] != "Activated":
            raise integrity("a reduction order needs an activated original order", "OriginalOrderId")
    new["TotalAmount"] = ZERO


def _activate(writer: Writer, new: Row, edits: set[str]) -> None:
    if edits:
        message = f"When you activate an order, Status is the only field you can change: {', '.join(sorted(edits))}"
        raise ApiError("FAILED_ACTIVATION", message, sorted(edits))
    if not writer.db.children("OrderItem", "OrderId", new["Id"]):
        raise ApiError("FAILED_ACTIVATION", "An order must have at least one product.", [])
    new["ActivatedDate"] = writer.org.stamp()
    new["ActivatedById"] = writer.user_id


def _deactivate(writer: Writer, new: Row) -> None:
    if writer.db.children("Order", "OriginalOrderId", new["Id"]):
        raise integrity("an order with reduction orders can't be deactivated", "Status")
    new["ActivatedDate"] = new["ActivatedById"] = None


def _edit_activated(writer: Writer, edits: set[str]) -> None:
    if edits & {"AccountId", "ContractId"}:
        raise integrity("can't be changed on an activated order", sorted(edits & {"AccountId", "ContractId"})[0])
    if not writer.org.switches.edit_activated:
        message = "You don't have permission to edit activated orders."
        raise ApiError("INSUFFICIENT_ACCESS_OR_READONLY", message, sorted(edits))


def before_item(writer: Writer, old: Row | None, new: Row) -> None:
    """An item of the order's own price book, on a draft order, with its total worked out."""
    order = writer.db.get(new["OrderId"]) or {}
    entry = writer.db.get(new["PricebookEntryId"]) or {}
    if old is None:
        _need_draft(order, "add")
        _check_entry(writer, order, entry)
        new["Product2Id"] = entry.get("Product2Id")
        new["ListPrice"] = entry.get("UnitPrice")
        if new.get("CurrencyIsoCode"):
            new["CurrencyIsoCode"] = order.get("CurrencyIsoCode")
    elif order.get("StatusCode") == "Activated" and changed(old, new) and not writer.org.switches.edit_activated:
        message = "You don't have permission to edit the products of activated orders."
        raise ApiError("INSUFFICIENT_ACCESS_OR_READONLY", message, sorted(changed(old, new)))
    _check_amounts(writer, order, new)
    new["TotalPrice"] = (new["UnitPrice"] * new["Quantity"]).quantize(CENT, ROUND_HALF_UP)
    if old is None or old["Quantity"] != new["Quantity"]:
        new["AvailableQuantity"] = new["Quantity"]


def _need_draft(order: Row, verb: str) -> None:
    if order.get("StatusCode") == "Activated":
        raise ApiError("FIELD_INTEGRITY_EXCEPTION", f"You can't {verb} products of an activated order.", ["OrderId"])


def _check_entry(writer: Writer, order: Row, entry: Row) -> None:
    if not order.get("Pricebook2Id"):
        raise integrity("the order has no price book", "PricebookEntryId")
    if entry.get("Pricebook2Id") != order["Pricebook2Id"]:
        raise integrity(
            "pricebook entry is in a different pricebook than the one assigned to the order", "PricebookEntryId"
        )
    if not entry.get("IsActive"):
        raise integrity("pricebook entry is inactive", "PricebookEntryId")
    if writer.org.switches.multi_currency and entry.get("CurrencyIsoCode") != order.get("CurrencyIsoCode"):
        raise integrity("pricebook entry currency doesn't match the order's", "PricebookEntryId")


def _check_amounts(writer: Writer, order: Row, new: Row) -> None:
    if new["UnitPrice"] < 0 and not writer.org.switches.negative_prices:
        message = f"Unit Price: value outside of valid range on numeric field: {new['UnitPrice']}"
        raise ApiError("NUMBER_OUTSIDE_VALID_RANGE", message, ["UnitPrice"])
    if not order.get("IsReductionOrder"):
        if new["Quantity"] <= 0:
            raise integrity("Quantity must be greater than zero", "Quantity")
        return
    original = writer.db.get(new.get("OriginalOrderItemId"))
    if original is None or new["Quantity"] >= 0 or -new["Quantity"] > original["AvailableQuantity"]:
        raise integrity("Quantity must be negative and within the available quantity", "Quantity")


def after_item(writer: Writer, old: Row | None, new: Row) -> None:
    """The order's total follows its items; a reduction uses up the original item."""
    before = old["TotalPrice"] if old else ZERO
    _add_to_total(writer, new["OrderId"], new["TotalPrice"] - before)
    original = writer.db.get(new.get("OriginalOrderItemId"))
    if original is not None and old is None:
        writer.set(original, AvailableQuantity=original["AvailableQuantity"] + new["Quantity"])


def _add_to_total(writer: Writer, order_id: str, amount: Decimal) -> None:
    order = writer.db.get(order_id)
    if order is not None and amount:
        writer.set(order, TotalAmount=order["TotalAmount"] + amount)


def before_delete_item(writer: Writer, row: Row) -> None:
    """Items of an activated order stay."""
    _need_draft(writer.db.get(row["OrderId"]) or {}, "delete")


def after_delete_item(writer: Writer, row: Row) -> None:
    """The total without the item."""
    _add_to_total(writer, row["OrderId"], -row["TotalPrice"])


def before_delete_order(writer: Writer, row: Row) -> None:
    """Only drafts can be deleted."""
    if row["StatusCode"] != "Draft":
        raise ApiError("DELETE_FAILED", "You can't delete an activated order.", [])


BEFORE["Order"] = [before_order]
BEFORE["OrderItem"] = [before_item]
AFTER["OrderItem"] = [after_item]
BEFORE_DELETE["OrderItem"] = [before_delete_item]
AFTER_DELETE["OrderItem"] = [after_delete_item]
BEFORE_DELETE["Order"] = [before_delete_order]
