"""Entities, extension fields and keys by name: data, and how our own ids look there."""

from __future__ import annotations

import hashlib
import re
from uuid import NAMESPACE_URL, uuid5

from app.connectors.sap_sales_cloud.odata import clean
from app.domain.text import cut, units

CUSTOMER, CONTACT, ACCOUNT = "IndividualCustomer", "Contact", "CorporateAccount"
ORDER, ITEM, ORDER_TEXT = "CustomerOrder", "CustomerOrderItem", "CustomerOrderTextCollection"
OPPORTUNITY, OPPORTUNITY_ITEM = "Opportunity", "OpportunityItem"
REFERENCE = "OpportunityBusinessTransactionDocumentReference"
LEAD, LEAD_ITEM, TASK, TASK_TEXT, PRODUCT = "Lead", "LeadItem", "Tasks", "TasksTextCollection", "Product"
SALES_INFORMATION = "ProductSalesProcessInformation"
CUSTOMER_KEY, ACCOUNT_KEY = "IndividualCustomerIdentification", "CorporateAccountIdentification"

ENTITIES = (
    CUSTOMER, CUSTOMER_KEY, CONTACT, ACCOUNT, ACCOUNT_KEY, ORDER, ITEM, ORDER_TEXT, OPPORTUNITY, OPPORTUNITY_ITEM,
    REFERENCE, LEAD, LEAD_ITEM, TASK, TASK_TEXT, PRODUCT, SALES_INFORMATION,
)  # fmt: skip
REQUIRED = (CUSTOMER, ORDER, ITEM, PRODUCT)

# Our names of what may become empty on a person: a last name is needed, and states stand in two fields.
PERSON = {
    "first_name": "FirstName", "email": "Email", "phone": "Phone", "company": "CareOfName", "street_1": "Street",
    "street_2": "AddressLine4", "city": "City", "state": "County", "postal_code": "StreetPostalCode",
}  # fmt: skip
KEYS = {CUSTOMER: CUSTOMER_KEY, ACCOUNT: ACCOUNT_KEY}  # the child that holds our id
HUMAN = {
    CUSTOMER: "CustomerID", CONTACT: "ContactID", ACCOUNT: "AccountID", ORDER: "ID", OPPORTUNITY: "ID", LEAD: "ID",
    TASK: "ID", PRODUCT: "ProductID",
}  # fmt: skip
STATUS = {CUSTOMER: "LifeCycleStatusCode", CONTACT: "StatusCode", ACCOUNT: "LifeCycleStatusCode", PRODUCT: "Status"}
CREATED_BY = "CreatedBy"
CHANGED_BY = ("ChangedBy", "LastChangedBy")  # who changed a record last; which of them, depends on the entity

# Key-user fields (text) that are used where the administrator made them: entity -> our word -> field.
EXTENSIONS = {
    CUSTOMER: {"group": "BCGroup_KUT"},
    CONTACT: {"key": "BCExternalID_KUT", "group": "BCGroup_KUT"},
    LEAD: {"key": "BCExternalID_KUT"},
    TASK: {"key": "BCExternalID_KUT"},
    PRODUCT: {"price": "BCPrice_KUT", "stock": "BCStock_KUT"},
    ORDER: {
        "status": "BCStatus_KUT",
        "tracking_number": "BCTrackingNumber_KUT",
        "carrier": "BCCarrier_KUT",
        "channel": "BCChannel_KUT",
        "store_currency": "BCStoreCurrency_KUT",
        "total": "BCTotal_KUT",
        "refunded": "BCRefunded_KUT",
        "net": "BCNet_KUT",
    },
}

UNKNOWN = "Unknown"
PLACEHOLDER = "STORELINE-ITEM"
REFUND = "STORELINE-REFUND"
PRODUCT_ID = 40  # characters
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/ -]*")


def charge_id(kind: str) -> str:
    """The product that a charge is sold as."""
    return "STORELINE-" + kind.upper().replace("_", "-")


def external_id(store: str, our_id: str, length: int = 60) -> str:
    """A store's id as an external id; a longer one ends in its hash. It begins with the store: several may share a
    tenant, and their numbers all begin at 1."""
    whole = clean(f"{store}-{our_id}").replace("*", "_")
    if units(whole) <= length:
        return whole
    digest = hashlib.sha256(whole.encode()).hexdigest()[:16]
    return cut(whole, length - len(digest)) + digest


def record_uuid(tenant: str, store: str, kind: str, our_id: str) -> str:
    """The UUID that a record of ours is made with: the same one for the same record, always."""
    return str(uuid5(NAMESPACE_URL, f"storeline:{tenant}:{store}:{kind}:{our_id}"))


def product_id(store: str, variant_id: str, sku: str) -> str:
    """The product id of a variant: its SKU where SAP can hold and find it, else our key."""
    wanted = sku.strip()
    if len(wanted) <= PRODUCT_ID and _PLAIN.fullmatch(wanted):
        return wanted
    return external_id(store, variant_id, PRODUCT_ID)
