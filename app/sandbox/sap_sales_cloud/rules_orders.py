"""What the tenant does by itself with sales orders: parties, prices, cancellation, actions."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from app.sandbox.sap_sales_cloud import partners
from app.sandbox.sap_sales_cloud.errors import bad
from app.sandbox.sap_sales_cloud.saving import Save, before, settling
from app.sandbox.sap_sales_cloud.store import Row

ZERO = Decimal(0)
CENT = Decimal("0.01")
ACTIONS = ("Simulate", "SubmitForApproval", "WithdrawFromApproval", "Transfer", "SetAsCompleted")
NOT_STARTED, IN_APPROVAL, REJECTED, IN_REVISION, WITHDRAWN = "1", "3", "5", "6", "7"
NOT_CALCULATED, CALCULATED = "1", "3"
COMPLETED = "3"
ACCOUNT, SHIP_TO, BILL_TO, PAYER, OWNER = "1001", "1005", "10", "8", "39"
# the partner's address as the order's party shows it
PARTY_ADDRESS = {
    "CityName": "City",
    "CountryCode": "CountryCode",
    "RegionCode": "StateCode",
    "HouseID": "HouseNumber",
    "StreetName": "Street",
    "StreetPostalCode": "StreetPostalCode",
    "ConventionalPhone": "Phone",
    "MobilePhone": "Mobile",
    "Email": "Email",
}


@before("CustomerOrder")
def act(save: Save, old: Row | None, new: Row) -> None:
    """A switch written true does its action and reads false again."""
    asked = [name for name in ACTIONS if new.pop(name, False)]
    status = new.get("ApprovalStatusCode")
    if "SubmitForApproval" in asked:
        if status not in (NOT_STARTED, IN_REVISION, WITHDRAWN, REJECTED):
            raise bad("The sales order cannot be submitted for approval in its current status")
        new["ApprovalStatusCode"] = IN_APPROVAL
    if "WithdrawFromApproval" in asked:
        if status != IN_APPROVAL:
            raise bad("The sales order is not in approval")
        new["ApprovalStatusCode"] = WITHDRAWN
    if "SetAsCompleted" in asked:
        new["OrderExternalLifeCycleStatusCode"] = COMPLETED
    if "Transfer" in asked:
        new["ReplicationProcessingStatusCode"] = "2"
    new["DateTime"] = new.get("DateTime") or save.stamp
    new["PriceDateTime"] = new.get("PriceDateTime") or new["DateTime"]
    new["CurrencyCode"] = new.get("CurrencyCode") or "USD"


@before("CustomerOrderItem")
def price_item(save: Save, old: Row | None, new: Row) -> None:
    """The caller's amounts are kept, or ignored where the tenant prices itself."""
    switches = save.tenant.switches
    if switches.order_item_needs_product and not new.get("ProductID"):
        raise bad("Enter a product; ProductID is mandatory for sales order items")
    new["ProductInternalID"] = new.get("ProductID") or ""
    new["CancellationStatusCode"] = "3" if new.get("SalesTermsCancellationReasonCode") else "1"
    amounts = ("NetPriceAmount", "NetAmount", "TaxAmount")
    if switches.order_pricing == "tenant":
        new.update(dict.fromkeys(amounts, ZERO) | dict.fromkeys([f"{name}CurrencyCode" for name in amounts], ""))
        return
    if not switches.negative_prices and any((new.get(name) or ZERO) < 0 for name in amounts):
        raise bad("Negative amounts are not allowed")
    price = new.get("NetPriceAmount")
    moved = old is None or any(old.get(name) != new.get(name) for name in ("NetPriceAmount", "Quantity"))
    if price is not None and moved and ("NetAmount" not in save.sent or new.get("NetAmount") is None):
        quantity = new.get("Quantity") if new.get("Quantity") is not None else Decimal(1)
        base = new.get("NetPriceBaseQuantity") or Decimal(1)
        new["NetAmount"] = (price * quantity / base).quantize(CENT, ROUND_HALF_UP)
    header = save.tenant.table("CustomerOrder").rows.get(new["ParentObjectID"], {})
    for name in amounts:
        _check_currency(new, name, header.get("CurrencyCode") or "")


def _check_currency(item: Row, name: str, currency: str) -> None:
    code = f"{name}CurrencyCode"
    if item.get(name) is not None and not item.get(code):
        item[code] = currency
    if item.get(code) and currency and item[code] != currency:
        raise bad(f"{code} {item[code]} differs from the currency of the sales order, {currency}")


@settling("CustomerOrder")
def sum_order(save: Save, row: Row) -> None:
    """Header amounts are the items' sums; cancellation follows header and items."""
    tenant = save.tenant
    _follow_currency(save, row)
    items = tenant.children("CustomerOrderItem", row)
    priced = [one for one in items if one.get("NetAmount") is not None] if _prices_kept(save) else []
    counted = [
        one for one in priced
        if tenant.switches.cancelled_items_in_totals or not one.get("SalesTermsCancellationReasonCode")
    ]  # fmt: skip
    net = sum((one.get("NetAmount") or ZERO for one in counted), ZERO)
    tax = sum((one.get("TaxAmount") or ZERO for one in counted), ZERO)
    currency = row["CurrencyCode"] if priced else ""
    cancelled = [one for one in items if one.get("SalesTermsCancellationReasonCode")]
    whole = bool(row.get("CancellationReasonCode")) or (bool(items) and len(cancelled) == len(items))
    sums = {
        "NetAmount": net,
        "TaxAmount": tax,
        "GrossAmount": net + tax,
        **dict.fromkeys(("NetAmountCurrencyCode", "TaxAmountCurrencyCode", "GrossAmountCurrencyCode"), currency),
        "CalculationStatusCode": CALCULATED if priced else NOT_CALCULATED,
        "ItemListCancellationStatusCode": "3" if whole else "2" if cancelled else "1",
    }
    tenant.table("CustomerOrder").put({**row, **sums})


def _follow_currency(save: Save, order: Row) -> None:
    """The items' amounts are in the order's currency, also when that changes."""
    entity = save.tenant.schema.entities["CustomerOrderItem"]
    codes = ("NetPriceAmountCurrencyCode", "NetAmountCurrencyCode", "TaxAmountCurrencyCode")
    for one in save.tenant.children(entity.name, order):
        moved = {
            code: order["CurrencyCode"] for code in codes if one.get(code) not in (None, "", order["CurrencyCode"])
        }
        if moved:
            save.put(entity, {**one, **moved})


def _prices_kept(save: Save) -> bool:
    return save.tenant.switches.order_pricing == "external"


@settling("CustomerOrder")
def complete_parties(save: Save, row: Row) -> None:
    """The parties that the header names or implies, with their own addresses; those sent stay as sent."""
    touch = save.touched[row["ObjectID"]]
    if not touch.whole:
        return
    buyer = row["BuyerPartyID"]
    wanted = {
        ACCOUNT: buyer,
        SHIP_TO: row.get("ProductRecipientPartyID") or buyer,
        BILL_TO: buyer,
        PAYER: buyer,
        OWNER: row.get("EmployeeResponsiblePartyID") or "",
    }
    known = {one["RoleCode"]: one for one in save.tenant.children("CustomerOrderParty", row)}
    for role, partner_id in wanted.items():
        found = known.get(role)
        moved = role in (ACCOUNT, SHIP_TO, OWNER) and touch.etag is not None
        if partner_id and (found is None or (moved and found["PartyID"] != partner_id)):
            _put_party(save, row, role, partner_id, found)


def _put_party(save: Save, order: Row, role: str, partner_id: str, old: Row | None) -> None:
    entity = save.tenant.schema.entities["CustomerOrderParty"]
    partner = partners.find(save.tenant, "any", partner_id) or {}
    address = {name: partner.get(there) or "" for name, there in PARTY_ADDRESS.items()}
    key = old["ObjectID"] if old else save.tenant.new_object_id()
    save.put(entity, {**address, "ObjectID": key, "ParentObjectID": order["ObjectID"], "SalesOrderID": order["ID"],
                      "PartyID": partner_id, "RoleCode": role, "MainIndicator": True,
                      "FirstLineName": partners.name_of(partner)[:40]})  # fmt: skip


@before("CustomerOrderParty")
def fill_party(save: Save, old: Row | None, new: Row) -> None:
    """A party sent without an address shows the partner's own."""
    if old is None and not any(new.get(name) for name in (*PARTY_ADDRESS, "FirstLineName")):
        partner = partners.find(save.tenant, "any", new["PartyID"]) or {}
        new.update({name: partner.get(there) or "" for name, there in PARTY_ADDRESS.items()})
        new["FirstLineName"] = partners.name_of(partner)[:40]
