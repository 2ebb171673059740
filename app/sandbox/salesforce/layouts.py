"""What the record and list pages show of each object, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class RelatedList:
    """Records shown below their parent."""

    title: str
    sobject: str
    field: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    """What the pages of an object show."""

    icon: str  # letters and colour of the object's icon
    color: str
    highlights: tuple[str, ...]
    details: tuple[str, ...]
    columns: tuple[str, ...]
    related: tuple[RelatedList, ...] = ()


ORDER_COLUMNS = ("OrderNumber", "Status", "EffectiveDate", "TotalAmount")
CASE_COLUMNS = ("CaseNumber", "Subject", "Status", "Priority")
DEAL_COLUMNS = ("Name", "StageName", "Amount", "CloseDate")
LAYOUTS: dict[str, Layout] = {
    "Account": Layout(
        "A",
        "#5867e8",
        ("Type", "Phone", "Website", "OwnerId", "Industry"),
        (
            "Name",
            "ParentId",
            "Phone",
            "PersonEmail",
            "Website",
            "Type",
            "Industry",
            "BillingAddress",
            "ShippingAddress",
            "OwnerId",
            "CreatedDate",
            "LastModifiedDate",
        ),
        ("Name", "Phone", "BillingCity", "BillingCountry", "OwnerId"),
        (
            RelatedList("Orders", "Order", "AccountId", ORDER_COLUMNS),
            RelatedList("Contacts", "Contact", "AccountId", ("Name", "Title", "Email", "Phone")),
            RelatedList("Cases", "Case", "AccountId", CASE_COLUMNS),
            RelatedList("Opportunities", "Opportunity", "AccountId", DEAL_COLUMNS),
        ),
    ),
    "Contact": Layout(
        "C",
        "#9602c7",
        ("Title", "AccountId", "Phone", "Email", "OwnerId"),
        (
            "Name",
            "AccountId",
            "Title",
            "Department",
            "Email",
            "Phone",
            "MobilePhone",
            "MailingAddress",
            "LeadSource",
            "OwnerId",
            "CreatedDate",
            "LastModifiedDate",
        ),
        ("Name", "AccountId", "Email", "Phone", "OwnerId"),
        (
            RelatedList("Cases", "Case", "ContactId", CASE_COLUMNS),
            RelatedList("Orders billed to", "Order", "BillToContactId", ORDER_COLUMNS),
        ),
    ),
    "Opportunity": Layout(
        "O",
        "#ff5d2d",
        ("AccountId", "CloseDate", "Amount", "StageName", "OwnerId"),
        (
            "Name",
            "AccountId",
            "Type",
            "LeadSource",
            "StageName",
            "Probability",
            "Amount",
            "ExpectedRevenue",
            "CloseDate",
            "NextStep",
            "OwnerId",
            "CreatedDate",
        ),
        ("Name", "AccountId", "StageName", "Amount", "CloseDate"),
        (
            RelatedList(
                "Products",
                "OpportunityLineItem",
                "OpportunityId",
                ("Product2Id", "Quantity", "UnitPrice", "TotalPrice"),
            ),
            RelatedList("Contact Roles", "OpportunityContactRole", "OpportunityId", ("ContactId", "Role", "IsPrimary")),
            RelatedList("Orders", "Order", "OpportunityId", ORDER_COLUMNS),
        ),
    ),
    "Order": Layout(
        "O",
        "#769ed9",
        ("AccountId", "Status", "EffectiveDate", "TotalAmount", "OwnerId"),
        (
            "OrderNumber",
            "Name",
            "AccountId",
            "BillToContactId",
            "EffectiveDate",
            "Status",
            "TotalAmount",
            "PoNumber",
            "BillingAddress",
            "ShippingAddress",
            "Pricebook2Id",
            "ActivatedDate",
            "Description",
            "CreatedDate",
        ),
        ("OrderNumber", "Name", "AccountId", "Status", "EffectiveDate", "TotalAmount"),
        (
            RelatedList(
                "Order Products",
                "OrderItem",
                "OrderId",
                ("Product2Id", "Quantity", "UnitPrice", "TotalPrice", "Description"),
            ),
        ),
    ),
    "Case": Layout(
        "C",
        "#ff538a",
        ("Priority", "Status", "ContactId", "Origin", "OwnerId"),
        (
            "CaseNumber",
            "Subject",
            "Status",
            "Priority",
            "Origin",
            "Type",
            "Reason",
            "ContactId",
            "AccountId",
            "SuppliedName",
            "SuppliedEmail",
            "SuppliedPhone",
            "Description",
            "CreatedDate",
            "ClosedDate",
        ),
        ("CaseNumber", "Subject", "ContactId", "Status", "Priority", "CreatedDate"),
    ),
}
CANVAS_OBJECTS = ("Account", "Contact", "Opportunity", "Order", "Case")
