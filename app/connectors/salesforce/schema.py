"""The custom fields that we rely on, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

OBJECTS = ("Account", "Contact", "Lead", "Product2", "PricebookEntry", "Order", "OrderItem", "Opportunity", "Task")
OPTIONAL_OBJECTS = ("Lead", "Opportunity", "Task")  # single options need these

ADDRESS = ("Street", "City", "PostalCode", "State", "Country")


@dataclass(frozen=True)
class CustomField:
    """One field; `metadata` as the Tooling API's CustomField has it."""

    object: str
    name: str
    label: str
    kind: tuple[tuple[str, Any], ...]
    needed: bool = True  # nothing can be sent without it
    home: str = ""  # the object that it is defined on, where that is another one

    @property
    def full_name(self) -> str:
        return f"{self.object}.{self.name}"

    @property
    def metadata(self) -> dict[str, Any]:
        return {"label": self.label, **dict(self.kind)}


_ID = (("type", "Text"), ("length", 255), ("externalId", True), ("unique", True), ("caseSensitive", True))
# Salesforce does not say whether an activity's field may be unique; only what upserts need is asked for.
_ACTIVITY_ID = (("type", "Text"), ("length", 255), ("externalId", True))
# As many decimals as the store's own amounts have: there are currencies of three.
_MONEY = (("type", "Currency"), ("precision", 18), ("scale", 4))


def _number(scale: int) -> tuple[tuple[str, Any], ...]:
    return (("type", "Number"), ("precision", 18), ("scale", scale))


def _text(length: int) -> tuple[tuple[str, Any], ...]:
    return (("type", "Text"), ("length", length))


FIELDS = (
    CustomField("Account", "BC_Customer_Id__c", "BigCommerce Customer", _ID),
    CustomField("Account", "BC_Company_Id__c", "BigCommerce Company", _ID, needed=False),
    CustomField("Account", "BC_Customer_Group__c", "Customer Group", _text(255), needed=False),
    CustomField("Contact", "BC_Customer_Id__c", "BigCommerce Customer", _ID),
    CustomField("Contact", "BC_Customer_Group__c", "Customer Group", _text(255), needed=False),
    CustomField("Lead", "BC_Customer_Id__c", "BigCommerce Customer", _ID, needed=False),
    CustomField("Lead", "BC_Cart_Id__c", "BigCommerce Cart", _ID, needed=False),
    CustomField("Lead", "BC_Amount__c", "Cart Amount", _MONEY, needed=False),
    CustomField("Lead", "BC_Currency__c", "Cart Currency", _text(3), needed=False),
    CustomField("Product2", "BC_Variant_Id__c", "BigCommerce Variant", _ID),
    CustomField("Product2", "BC_Stock__c", "Stock", _number(0), needed=False),
    CustomField("PricebookEntry", "BC_Price_Id__c", "BigCommerce Price", _ID),
    CustomField("Opportunity", "BC_Order_Id__c", "BigCommerce Order", _ID),
    CustomField("Opportunity", "BC_Cart_Id__c", "BigCommerce Cart", _ID, needed=False),
    CustomField("Task", "BC_Activity_Id__c", "BigCommerce Activity", _ACTIVITY_ID, needed=False, home="Activity"),
    CustomField("OrderItem", "BC_Line_Id__c", "BigCommerce Line", _ID),
    CustomField("Order", "BC_Order_Id__c", "BigCommerce Order", _ID),
    CustomField("Order", "BC_Total__c", "Total", _MONEY),
    CustomField("Order", "BC_Refunded__c", "Refunded", _MONEY),
    CustomField("Order", "BC_Net__c", "Net Total", _MONEY),
    CustomField("Order", "BC_Shipping__c", "Shipping", _MONEY),
    CustomField("Order", "BC_Handling__c", "Handling", _MONEY),
    CustomField("Order", "BC_Gift_Wrap__c", "Gift Wrap", _MONEY),
    CustomField("Order", "BC_Fees__c", "Fees", _MONEY),
    CustomField("Order", "BC_Tax__c", "Tax", _MONEY),
    CustomField("Order", "BC_Discount__c", "Discount", _MONEY),
    CustomField("Order", "BC_Store_Credit__c", "Store Credit Used", _MONEY),
    CustomField("Order", "BC_Gift_Certificates__c", "Gift Certificates Used", _MONEY),
    CustomField("Order", "BC_Coupon_Codes__c", "Coupon Codes", _text(255)),
    CustomField("Order", "BC_Currency__c", "Order Currency", _text(3)),
    CustomField("Order", "BC_Store_Currency__c", "Store Currency", _text(3), needed=False),
    CustomField("Order", "BC_Exchange_Rate__c", "Exchange Rate", _number(8), needed=False),
    CustomField("Order", "BC_Status__c", "Store Status", _text(100)),
    CustomField("Order", "BC_Archived__c", "Gone From the Store", (("type", "Checkbox"), ("defaultValue", "false"))),
    CustomField("Order", "BC_Placed_At__c", "Placed At", (("type", "DateTime"),)),
    CustomField("Order", "BC_Channel_Id__c", "Channel Number", _text(32)),
    CustomField("Order", "BC_Channel__c", "Channel", _text(255), needed=False),
    CustomField("Order", "BC_Tracking_Number__c", "Tracking Number", _text(255), needed=False),
    CustomField("Order", "BC_Carrier__c", "Carrier", _text(255), needed=False),
    CustomField("Order", "BC_Shipped_At__c", "Shipped At", (("type", "DateTime"),), needed=False),
    CustomField("Order", "BC_Payment_Method__c", "Payment Method", _text(255)),
)

# Standard fields that we write where we may; an administrator may have hidden them.
OPTIONAL = {
    "Account": ("Phone", "Type", *(f"{kind}{part}" for kind in ("Billing", "Shipping") for part in ADDRESS)),
    "Contact": ("FirstName", "Email", "Phone", *(f"Mailing{part}" for part in ADDRESS)),
    "Lead": (
        "FirstName", "Email", "Phone", "LeadSource", "Description", *ADDRESS,
    ),
    "Product2": ("ProductCode", "StockKeepingUnit", "Description", "DisplayUrl", "Family"),
    "Order": (
        "Name", "OrderReferenceNumber", "PoNumber", "Description", "BillToContactId",
        *(f"{kind}{part}" for kind in ("Billing", "Shipping") for part in ADDRESS),
    ),
    "OrderItem": ("Description",),
    "Opportunity": ("Amount", "Description", "LeadSource"),
    "Task": ("Description", "ActivityDate"),
}  # fmt: skip
