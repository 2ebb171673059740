"""Which attribute of ours goes to which field there: data only. Sources are the views of views.py."""

from __future__ import annotations

from app.connectors.salesforce.values import day, moment, number
from app.mapping import Field, Mapping, Write

CUSTOMER_ID = "BC_Customer_Id__c"
VARIANT_ID = "BC_Variant_Id__c"
PRICE_ID = "BC_Price_Id__c"
ORDER_ID = "BC_Order_Id__c"
COMPANY_ID = "BC_Company_Id__c"
CART_ID = "BC_Cart_Id__c"
ACTIVITY_ID = "BC_Activity_Id__c"
ARCHIVED = "BC_Archived__c"
LINE_ID = "BC_Line_Id__c"

ACCOUNT = Mapping(
    "customer",
    "Account",
    CUSTOMER_ID,
    (
        Field("account_name", "Name", length=255),
        Field("phone", "Phone", length=40),
        Field("group", "BC_Customer_Group__c", length=255),
    ),
    label="Customers' accounts",
)

CONTACT = Mapping(
    "customer",
    "Contact",
    CUSTOMER_ID,
    (
        Field("first_name", "FirstName", length=40),
        Field("last_name", "LastName", length=80),
        Field("email", "Email", length=80),
        Field("phone", "Phone", length=40),
        Field("group", "BC_Customer_Group__c", length=255),
    ),
    label="Customers and guests",
)

PERSON_ACCOUNT = Mapping(
    "customer",
    "Account",
    CUSTOMER_ID,
    (
        Field("first_name", "FirstName", length=40),
        Field("last_name", "LastName", length=80),
        Field("email", "PersonEmail", length=80),
        Field("phone", "Phone", length=40),
        Field("group", "BC_Customer_Group__c", length=255),
    ),
    label="Customers and guests (person accounts)",
)

LEAD = Mapping(
    "customer",
    "Lead",
    CUSTOMER_ID,
    (
        Field("first_name", "FirstName", length=40),
        Field("last_name", "LastName", length=80),
        Field("lead_company", "Company", length=255),
        Field("email", "Email", length=80),
        Field("phone", "Phone", length=40),
    ),
    label="Registrations without an order",
)

CART = Mapping(
    "cart",
    "Lead",
    CART_ID,
    (
        Field("amount", "BC_Amount__c", number),
        Field("currency", "BC_Currency__c", length=3),
        Field("description", "Description", length=32000),
    ),
    label="Carts as leads",
)

CART_OPPORTUNITY = Mapping(
    "cart",
    "Opportunity",
    CART_ID,
    (
        Field("opportunity_name", "Name", length=120),
        Field("amount", "Amount", number),
        Field("description", "Description", length=32000),
        Field("closes_at", "CloseDate", day),
    ),
    label="Carts as opportunities",
)

COMPANY = Mapping(
    "company",
    "Account",
    COMPANY_ID,
    (
        Field("name", "Name", default="Company", length=255),
        Field("phone", "Phone", length=40),
    ),
    label="Companies",
)

ACTIVITY = Mapping(
    "activity",
    "Task",
    ACTIVITY_ID,
    (
        Field("subject", "Subject", length=255),
        Field("text", "Description", length=32000),
        Field("at", "ActivityDate", day),
    ),
    label="Activities and messages",
)

PRODUCT = Mapping(
    "variant",
    "Product2",
    VARIANT_ID,
    (
        Field("name", "Name", default="Product", length=255),
        Field("sku", "ProductCode", length=255),
        Field("sku", "StockKeepingUnit", length=180),
        Field("description", "Description", length=4000),
        Field("url", "DisplayUrl", length=255),
        Field("active", "IsActive"),
        Field("category", "Family", length=255),
        Field("stock", "BC_Stock__c"),
    ),
    label="Variants",
    gone=(("IsActive", False),),
)

PRICE = Mapping(
    "variant",
    "PricebookEntry",
    PRICE_ID,
    (
        Field("price", "UnitPrice", number),
        Field("active", "IsActive"),
    ),
    label="Standard prices",
    gone=(("IsActive", False),),
)

ORDER = Mapping(
    "order",
    "Order",
    ORDER_ID,
    (
        Field("number", "Name", length=80),
        Field("number", "OrderReferenceNumber", length=80, write=Write.ON_CREATE),
        Field("external_order_id", "PoNumber", length=80),
        Field("placed_at", "EffectiveDate", day),
        Field("customer_message", "Description", length=32000),
        Field("total", "BC_Total__c", number),
        Field("refunded", "BC_Refunded__c", number),
        Field("counted", "BC_Net__c", number),
        Field("shipping_cost", "BC_Shipping__c", number),
        Field("handling", "BC_Handling__c", number),
        Field("gift_wrap", "BC_Gift_Wrap__c", number),
        Field("fees", "BC_Fees__c", number),
        Field("tax", "BC_Tax__c", number),
        Field("discount", "BC_Discount__c", number),
        Field("store_credit", "BC_Store_Credit__c", number),
        Field("gift_certificates", "BC_Gift_Certificates__c", number),
        Field("coupon_codes", "BC_Coupon_Codes__c", length=255),
        Field("currency", "BC_Currency__c", length=3),
        Field("status", "BC_Status__c", length=100),
        Field("is_deleted", ARCHIVED),
        Field("placed_at", "BC_Placed_At__c", moment),
        Field("channel_id", "BC_Channel_Id__c", length=32),
        Field("channel", "BC_Channel__c", length=255),
        Field("store_currency", "BC_Store_Currency__c", length=3),
        Field("store_rate", "BC_Exchange_Rate__c", number),
        Field("tracking_number", "BC_Tracking_Number__c", length=255),
        Field("carrier", "BC_Carrier__c", length=255),
        Field("shipped_at", "BC_Shipped_At__c", moment),
        Field("payment_method", "BC_Payment_Method__c", length=255),
    ),
    label="Orders",
    gone=(("BC_Status__c", "Archived"), (ARCHIVED, True)),
)

ITEM = Mapping(
    "line",
    "OrderItem",
    LINE_ID,
    (
        Field("quantity", "Quantity", float),
        Field("unit_price", "UnitPrice", number),
        Field("name", "Description", length=255),
    ),
    label="Order lines",
)

OPPORTUNITY = Mapping(
    "order",
    "Opportunity",
    ORDER_ID,
    (
        Field("opportunity_name", "Name", length=120),
        Field("net", "Amount", number),
        Field("placed_at", "CloseDate", day),
    ),
    label="Opportunities",
)
