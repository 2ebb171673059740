"""Tickets and products."""

from app.sandbox.sap_sales_cloud.model import Party, entity

OF_TICKET = {"parent": "ServiceRequest", "parent_human": "ServiceRequestID"}
OF_PRODUCT = {"parent": "Product", "parent_human": "ProductID"}

ENTITIES = (
    entity(
        "ServiceRequest",
        """
cf    ID:35
f     UUID:guid
cuf   ProcessingTypeCode:4@ticket_types=SRRQ Name:255 ServicePriorityCode:1@priorities=3
cuf   ServiceRequestUserLifeCycleStatusCode:2@ticket_statuses=1 EscalationStatusCode:2@escalations=1
cf    DataOriginTypeCode:3@data_origins=1
f     ServiceRequestLifeCycleStatusCode:2@ticket_life=1
cuf   BuyerPartyID:60 BuyerMainContactPartyID:60 ReportedPartyID:60 ProcessorPartyID:60 ServiceSupportTeamPartyID:60
cuf   ProductRecipientPartyID:60 ProductID:60 SerialID:30 ServiceIssueCategoryID:40 IncidentServiceIssueCategoryID:40
cuf   CauseServiceIssueCategoryID:40 ObjectServiceIssueCategoryID:40
cuf   RequestInitialReceiptdatetimecontent:33 RequestInitialReceipttimeZoneCode:10@time_zones
cuf   CompleteDuedatetimeContent:33 CompleteDuetimeZoneCode:10@time_zones
cuf   ResolvedOnDateTime:33 ResolvedOntimeZoneCode:10@time_zones
cuf   SalesOrderID:35 SalesOrderUUID:guid MainTicketID:35 ContractID:35 SalesOrganisationID:20
cuf   DistributionChannelCode:2@distribution_channels DivisionCode:2@divisions SalesTerritoryID:6
f     BuyerPartyName:480 BuyerMainContactPartyName:480 ReportedPartyName:480 ProcessorPartyName:480
f     CreationDateTime:dto CreatedBy:480 LastChangeDateTime:dto LastChangedBy:480 EntityLastChangedOn:dto
""",
        human="ID",
        numbers="ticket",
        business_object="ServiceRequest",
        unique=("ID",),
        parties={
            "BuyerPartyID": Party("customer", "BuyerPartyName"),
            "BuyerMainContactPartyID": Party("contact", "BuyerMainContactPartyName"),
            "ReportedPartyID": Party("any", "ReportedPartyName"),
            "ProcessorPartyID": Party("employee", "ProcessorPartyName"),
            "ProductRecipientPartyID": Party("any"),
        },
    ),
    entity(
        "ServiceRequestItem",
        """
cf    ID:10
cuf   ProductID:60 Description:40 PlannedQuantity:qty PlannedQuantityUnitCode:3@units ActualQuantity:qty
cuf   ActualQuantityUnitCode:3@units
cf    ProductIDExternalKey:100
f     EntityLastChangedOn:dto
""",
        position="ID",
        **OF_TICKET,
    ),
    entity(
        "ServiceRequestTextCollection",
        """
cuf   Text:text TypeCode:5@text_types LanguageCode:2@languages
cuf!  FormattedText:text AuthorID:20
f     AuthorUUID:guid AuthorName:480 CreatedOn:dto CreatedBy:480 UpdatedOn:dto EntityLastChangedOn:dto
""",
        **OF_TICKET,
    ),
    entity(
        "ServiceRequestBusinessTransactionDocumentReference",
        """
cuf!  ID:35
cuf   TypeCode:15@document_types RoleCode:3@document_roles BusinessSystemID:32
""",
        **OF_TICKET,
    ),
    entity(
        "ServiceRequestParty",
        """
cuf!  PartyID:60 RoleCode:10@party_roles
cuf   MainIndicator:bool
f     PartyName:480
""",
        parties={"PartyID": Party("any", "PartyName")},
        **OF_TICKET,
    ),
    entity(
        "Product",
        """
cf    ProductID:40
f     UUID:guid
cf!   Language:2@languages=EN
cuf!  Description:40 BaseUOM:3@units=EA
cuf   ProductCategoryID:20 Status:2@product_statuses=2 Usage:2@product_usages Division:2@divisions
f     ExternalID:100 ExternalSystem:32 CreatedBy:480 LastChangedBy:480 CreatedOn:dto LastChangedOn:dto
f     CreatedByUUID:guid LastChangedByUUID:guid EntityLastChangedOn:dto
""",
        human="ProductID",
        numbers="product",
        business_object="Product",
        unique=("ProductID",),
    ),
    entity(
        "ProductOtherDescriptions",
        """
cf!   Language:2@languages
cuf!  Description:40
""",
        **OF_PRODUCT,
    ),
    entity(
        "ProductSalesProcessInformation",
        """
cf!   SalesOrganisationID:20 DistributionChannel:2@distribution_channels
cuf!  Status:2@product_statuses
cuf   SalesUoM:3@units MinimumOrderQuantity:qty PricingProductID:40
""",
        **OF_PRODUCT,
    ),
    entity(
        "ProductTextCollection",
        """
cuf   Text:text TypeCode:5@text_types LanguageCode:2@languages
f     CreatedOn:dto CreatedBy:480 EntityLastChangedOn:dto
""",
        **OF_PRODUCT,
    ),
    entity(
        "ProductlGlobalTradeItemNumber",
        """
cuf!  GlobalTradeItemNumber:14 UOM:3@units
cuf   MainIndicator:bool
""",
        **OF_PRODUCT,
    ),
)
