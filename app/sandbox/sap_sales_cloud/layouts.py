"""What the record pages show of each object."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Related:
    """A list on a record page: rows of `entity` whose `far` equals the record's `near`."""

    title: str
    entity: str
    columns: tuple[str, ...]
    near: str = "ObjectID"
    far: str = "ParentObjectID"


@dataclass(frozen=True)
class Layout:
    """The pages of one object."""

    title: str
    one: str
    icon: str
    heading: str
    columns: tuple[str, ...]
    header: tuple[str, ...]
    details: tuple[str, ...]
    related: tuple[Related, ...]
    buyer: str = ""  # of a document: its account


ORDER = ("ID", "BuyerID", "DateTime", "OrderExternalLifeCycleStatusCode", "NetAmount", "TaxAmount", "GrossAmount")
OPPORTUNITY = ("ID", "Name", "LifeCycleStatusCode", "ExpectedRevenueAmount", "ExpectedProcessingEndDate")
TICKET = ("ID", "Name", "ServiceRequestUserLifeCycleStatusCode", "ServicePriorityCode", "SalesOrderID")
ADDRESS = ("MainIndicator", "Street", "HouseNumber", "StreetPostalCode", "City", "StateCode", "CountryCode")
PLACE = ("Street", "HouseNumber", "StreetPostalCode", "City", "StateCode", "CountryCode", "Phone", "Mobile", "Email")


def _documents(near: str) -> tuple[Related, ...]:
    return (
        Related("Sales Orders", "CustomerOrder", ORDER, near, "BuyerPartyID"),
        Related("Opportunities", "Opportunity", OPPORTUNITY, near, "ProspectPartyID"),
        Related("Tickets", "ServiceRequest", TICKET, near, "BuyerPartyID"),
    )


def _notes(entity: str) -> Related:
    return Related("Notes", f"{entity}TextCollection", ("Text", "TypeCode", "CreatedOn", "CreatedBy"))


def _identification(entity: str) -> Related:
    return Related("Identification", f"{entity}Identification", ("IDTypeCode", "IDNumber", "ResponsibleInstitution"))


LABELS = {
    "OrderExternalLifeCycleStatusCode": "Status",
    "LifeCycleStatusCode": "Status",
    "ServiceRequestUserLifeCycleStatusCode": "Status",
    "StatusCode": "Status",
    "ServicePriorityCode": "Priority",
    "BuyerPartyID": "Account",
    "BuyerPartyName": "Account Name",
    "ProspectPartyID": "Account",
    "ProspectPartyName": "Account Name",
    "BuyerID": "External Reference",
    "ItemListCancellationStatusCode": "Cancellation",
    "CalculationStatusCode": "Pricing",
    "ApprovalStatusCode": "Approval",
    "EmployeeResponsiblePartyName": "Owner",
    "MainEmployeeResponsiblePartyName": "Owner",
    "SalesTermsCancellationReasonCode": "Reason for Cancellation",
    "BusinessPartnerFormattedName": "Name",
    "StreetPostalCode": "Postal Code",
    "EntityLastChangedOn": "Changed On",
}
LAYOUTS = {
    "CorporateAccount": Layout(
        "Accounts",
        "Account",
        "A",
        "BusinessPartnerFormattedName",
        ("AccountID", "BusinessPartnerFormattedName", "City", "CountryCode", "LifeCycleStatusCode", "ChangedOn"),
        ("LifeCycleStatusCode", "RoleCode", "Phone", "Email", "OwnerID"),
        ("AccountID", *PLACE, "WebSite", "IndustrialSectorCode", "CreatedBy", "CreationOn", "ChangedBy", "ChangedOn"),
        (
            *_documents("AccountID"),
            Related(
                "Contacts", "CorporateAccountHasContactPerson", ("ContactID", "ContactFormattedName", "Email", "Phone")
            ),
            Related("Addresses", "CorporateAccountAddress", ADDRESS),
            _identification("CorporateAccount"),
            _notes("CorporateAccount"),
        ),
    ),
    "IndividualCustomer": Layout(
        "Individual Customers",
        "Individual Customer",
        "C",
        "FormattedName",
        ("CustomerID", "FormattedName", "Email", "City", "CountryCode", "LifeCycleStatusCode", "ChangedOn"),
        ("LifeCycleStatusCode", "RoleCode", "Phone", "Email", "OwnerID"),
        ("CustomerID", *PLACE, "BirthDate", "CreatedBy", "CreationOn", "ChangedBy", "ChangedOn"),
        (
            *_documents("CustomerID"),
            Related("Addresses", "IndividualCustomerAddress", ADDRESS),
            _identification("IndividualCustomer"),
            _notes("IndividualCustomer"),
        ),
    ),
    "Contact": Layout(
        "Contacts",
        "Contact",
        "P",
        "Name",
        ("ContactID", "Name", "AccountID", "AccountFormattedName", "Email", "StatusCode", "ChangedOn"),
        ("StatusCode", "AccountID", "AccountFormattedName", "Phone", "Email"),
        ("ContactID", "JobTitle", "DepartmentCode", "Mobile", "BusinessAddressCity", "BusinessAddressCountryCode",
         "CreatedBy", "CreationOn", "ChangedBy", "ChangedOn"),
        (
            Related("Accounts", "ContactIsContactPersonFor",
                    ("AccountID", "AccountFormattedName", "ReverseMainIndicator", "JobTitle")),
            Related("Sales Orders", "CustomerOrder", ORDER, "ContactID", "BuyerContactPartyID"),
            Related("Opportunities", "Opportunity", OPPORTUNITY, "ContactID", "PrimaryContactPartyID"),
            Related("Tickets", "ServiceRequest", TICKET, "ContactID", "BuyerMainContactPartyID"),
            _notes("Contact"),
        ),
    ),
    "Opportunity": Layout(
        "Opportunities",
        "Opportunity",
        "O",
        "Name",
        ("ID", "Name", "ProspectPartyName", "LifeCycleStatusCode", "ExpectedRevenueAmount", "LastChangeDateTime"),
        ("LifeCycleStatusCode", "ProspectPartyID", "ProspectPartyName", "SalesCyclePhaseCode", "ExpectedRevenueAmount"),
        ("ID", "ExternalID", "MainEmployeeResponsiblePartyName", "PrimaryContactPartyName", "ProbabilityPercent",
         "TotalExpectedNetAmount", "WeightedExpectedNetAmount", "ExpectedProcessingEndDate", "ApprovalStatusCode",
         "CreatedBy", "CreationDateTime", "LastChangedBy", "LastChangeDateTime"),
        (
            Related("Products", "OpportunityItem", ("ID", "ProductID", "Description", "Quantity", "ExpectedNetAmount")),
            Related("Document References", "OpportunityBusinessTransactionDocumentReference", ("ID", "TypeCode")),
            _notes("Opportunity"),
        ),
        buyer="ProspectPartyID",
    ),
    "CustomerOrder": Layout(
        "Sales Orders",
        "Sales Order",
        "S",
        "Name",
        ("ID", "BuyerID", "BuyerPartyName", "OrderExternalLifeCycleStatusCode", "NetAmount", "GrossAmount", "DateTime"),
        ("OrderExternalLifeCycleStatusCode", "BuyerPartyID", "BuyerPartyName", "BuyerID", "GrossAmount"),
        ("ID", "DateTime", "NetAmount", "TaxAmount", "CalculationStatusCode", "ItemListCancellationStatusCode",
         "CancellationReasonCode", "ApprovalStatusCode", "EmployeeResponsiblePartyName", "ProductRecipientPartyName",
         "CreatedBy", "LastChangedBy", "EntityLastChangedOn"),
        (
            Related("Items", "CustomerOrderItem",
                    ("ID", "ProductID", "Description", "Quantity", "NetPriceAmount", "NetAmount", "TaxAmount",
                     "SalesTermsCancellationReasonCode")),
            Related("Parties", "CustomerOrderParty",
                    ("RoleCode", "PartyID", "PartyName", "StreetName", "HouseID", "StreetPostalCode", "CityName",
                     "CountryCode")),
            _notes("CustomerOrder"),
        ),
        buyer="BuyerPartyID",
    ),
    "ServiceRequest": Layout(
        "Tickets",
        "Ticket",
        "T",
        "Name",
        ("ID", "Name", "BuyerPartyName", "ServiceRequestUserLifeCycleStatusCode", "ServicePriorityCode",
         "LastChangeDateTime"),
        ("ServiceRequestUserLifeCycleStatusCode", "ServicePriorityCode", "BuyerPartyID", "BuyerPartyName",
         "ProcessorPartyName"),
        ("ID", "DataOriginTypeCode", "BuyerMainContactPartyID", "SalesOrderID", "ProductID", "EscalationStatusCode",
         "CreatedBy", "CreationDateTime", "LastChangedBy", "LastChangeDateTime"),
        (
            Related("Products", "ServiceRequestItem", ("ID", "ProductID", "Description", "PlannedQuantity")),
            _notes("ServiceRequest"),
        ),
        buyer="BuyerPartyID",
    ),
}  # fmt: skip
