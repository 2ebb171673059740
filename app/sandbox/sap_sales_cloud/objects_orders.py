"""Sales orders, which this API calls customer orders."""

from app.sandbox.sap_sales_cloud.model import Party, entity
from app.sandbox.sap_sales_cloud.objects_accounts import TEXT
from app.sandbox.sap_sales_cloud.objects_sales import REFERENCE

CHILD = {"parent": "CustomerOrder", "parent_human": "SalesOrderID"}

ENTITIES = (
    entity(
        "CustomerOrder",
        """
f     ID:35
cuf   BuyerID:35 Name:255 LanguageCode:2@languages
cf    ProcessingTypeCode:4@order_types=OR
cuf!  BuyerPartyID:60
cuf   BuyerContactPartyID:60 ProductRecipientPartyID:60 EmployeeResponsiblePartyID:60 SalesUnitPartyID:60
cuf   SalesOrganisationID:20 DistributionChannelCode:2@distribution_channels DivisionCode:2@divisions SalesOfficeID:20
cuf   SalesGroupID:20 SalesTerritoryID:6 CurrencyCode:3@currencies PriceDateTime:dto DateTime:dto
cuf   RequestedFulfillmentStartDateTime:33 timeZoneCode:10@time_zones=UTC DeliveryPriorityCode:1@priorities=3
cuf   OrderReasonCode:3@order_reasons CancellationReasonCode:2@cancellation_reasons
cuf   FulfilmentBlockingReasonCode:2@blocking InvoicingBlockingReasonCode:2@blocking
cuf   Simulate:bool SubmitForApproval:bool Transfer:bool WithdrawFromApproval:bool SetAsCompleted:bool
f     NetAmount:amount NetAmountCurrencyCode:3@currencies GrossAmount:amount GrossAmountCurrencyCode:3@currencies
f     TaxAmount:amount TaxAmountCurrencyCode:3@currencies
f     InformationLifeCycleStatusCode:2@information_life=AC OrderExternalLifeCycleStatusCode:2@order_statuses=1
f     ItemListCancellationStatusCode:1@cancellation_statuses=1 ItemListFulfilmentProcessingStatusCode:1@fulfilment=1
f     OverallBlockingStatusCode:1@blocking_statuses=1 CalculationStatusCode:2@calculation=1
f     ReplicationProcessingStatusCode:2@replication=1 ConsistencyStatusCode:2@consistency=3
f     ApprovalStatusCode:2@approval_statuses=1
f     BuyerPartyName:480 BuyerContactPartyName:480 ProductRecipientPartyName:480 EmployeeResponsiblePartyName:480
f     InternalPricingCalculationStatusCode:2 PricingProcedureCode:6
cuf   ClassificationCode:15 TransferLocationName:80
cuf   ExternalPriceDocumentBaseBusinessTransactionDocumentUUID:guid MaintenanceModeInternalOnlyMainDiscount:qty
cuf   InternalPricingProcedureCode:15 NetWeightMeasure:qty NetWeightUnitCode:3@units GrossWeightMeasure:qty
cuf   GrossWeightUnitCode:3@units VolumeMeasure:qty VolumeUnitCode:3@units PlantPartyID:60
f     LastChangeDate:dt PlantPartyName:80 CreatedBy:255 LastChangedBy:255 CreationIdentityUUID:guid
f     LastChangeIdentityUUID:guid EntityLastChangedOn:dto
""",
        human="ID",
        numbers="order",
        business_object="CustomerOrder",
        parties={
            "BuyerPartyID": Party("customer", "BuyerPartyName"),
            "BuyerContactPartyID": Party("contact", "BuyerContactPartyName"),
            "ProductRecipientPartyID": Party("any", "ProductRecipientPartyName"),
            "EmployeeResponsiblePartyID": Party("employee", "EmployeeResponsiblePartyName"),
        },
    ),
    entity(
        "CustomerOrderItem",
        """
cuf   Description:40 languageCode:2@languages=EN
cf    ID:10 ParentItemID:10
cuf   ProcessingTypeCode:4@order_item_types=ORN ProductID:60 ProductInternalID:60 ProductBuyerID:60 BuyerID:35
cuf   Quantity:qty QuantityMeasureUnitCode:3@units=EA NetPriceAmount:amount NetPriceAmountCurrencyCode:3@currencies
cuf   NetPriceBaseQuantity:qty NetPriceBaseQuantityunitCode:3@units NetAmount:amount
cuf   NetAmountCurrencyCode:3@currencies TaxAmount:amount TaxAmountCurrencyCode:3@currencies StartDateTime:dto
cuf   TimeZoneCode:10@time_zones SalesTermsCancellationReasonCode:2@cancellation_reasons
f     LifeCycleStatusCode:2@item_statuses=1 CancellationStatusCode:1@cancellation_statuses=1
f     FulfilmentProcessingStatusCode:1@fulfilment=1 InvoiceProcessingStatusCode:1@fulfilment=1
f     CreationDate:dt PlantName:80 EntityLastChangedOn:dto
cuf   ProductStandardID:60 MaintenanceModeInternalOnlyItemMainDiscount:qty
cuf   ItemProductRecipientBusinessPartnerInternalID:60 NetWeightMeasure:qty NetWeightUnitCode:3@units
cuf   GrossWeightMeasure:qty GrossWeightUnitCode:3@units VolumeMeasure:qty VolumeUnitCode:3@units
cuf   PlantPartyID:60
""",
        position="ID",
        **CHILD,
    ),
    entity(
        "CustomerOrderParty",
        """
cuf!  PartyID:60 RoleCode:10@party_roles
cuf   MainIndicator:bool FirstLineName:40 SecondLineName:40 ThirdLineName:40 FourthLineName:40 CareOfName:40
cuf   CityName:40 CountryCode:3@countries RegionCode:6@states^CountryCode HouseID:10 StreetName:60
cuf   StreetPostalCode:10 ConventionalPhone:40 MobilePhone:40 Fax:40 Email:255 Web:1280
f     PartyName:480
cuf   TimeZoneCode:10@time_zones PreferredCommunicationMediumTypeCode:15 CountyName:80 DistrictName:80
cuf   StreetPrefixName:80 AdditionalStreetPrefixName:80 StreetSuffixName:80 AdditionalStreetSuffixName:80
cuf   POBoxIndicator:bool POBoxID:60 POBoxPostalCode:15 POBoxDeviatingCityName:80
cuf   POBoxDeviatingCountryCode:3@countries POBoxDeviatingRegionCode:15
""",
        parties={"PartyID": Party("any", "PartyName")},
        **CHILD,
    ),
    entity("CustomerOrderTextCollection", TEXT, **CHILD),
    entity("CustomerOrderBusinessTransactionDocumentReference", REFERENCE, **CHILD),
    entity("CustomerOrderCashDiscountTerms", "\ncuf   Code:4\n", **CHILD),
)
