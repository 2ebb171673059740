"""Corporate accounts and what hangs on them."""

from app.sandbox.sap_sales_cloud.model import Party, entity

ADDRESS = """
cuf   CountryCode:3@countries StateCode:6@states^CountryCode CareOfName:40 AddressLine1:40 AddressLine2:40
cuf   HouseNumber:10 AdditionalHouseNumber:10 Street:60 AddressLine4:40 AddressLine5:40 District:40 City:40
cuf   DifferentCity:40 StreetPostalCode:10 County:40 CompanyPostalCode:10 POBoxIndicator:bool POBox:10
cuf   POBoxPostalCode:10 POBoxDeviatingCountryCode:3@countries POBoxDeviatingCity:40 TimeZoneCode:10@time_zones
cuf   Building:10 Floor:10 Room:10 Phone:40 Mobile:40 Fax:40 Email:255 WebSite:1280
cuf   BestReachedByCode:3@channels LanguageCode:2@languages
f     NormalisedPhone:40 NormalisedMobile:40 FormattedPostalAddressDescription:480
"""

SALES_DATA = """
cf!   SalesOrganisationID:20 DistributionChannelCode:2@distribution_channels
cf    DivisionCode:2@divisions
cuf   CurrencyCode:3@currencies PaymentTermsCode:4 CustomerGroupCode:2 PriceListCode:2
cuf   IncotermsClassificationCode:3@incoterms OrderBlockingReasonCode:2@blocking DeliveryBlockingReasonCode:2@blocking
cuf   BillingBlockingReasonCode:2@blocking SalesGroupID:20 SalesOfficeID:20
"""
TEAM = """
cuf   EmployeeID:20 MainIndicator:bool StartDate:dt EndDate:dt SalesOrganisationID:20
cuf   DistributionChannelCode:2@distribution_channels DivisionCode:2@divisions
cuf!  PartyRoleCode:10@party_roles
"""
IDENTIFICATION = """
cf!   IDTypeCode:6@identification_types
cuf!  IDNumber:60
cuf   ResponsibleInstitution:40 ValidFrom:dt ValidTo:dt EntryDate:dt CountryCode:3@countries
"""
TAX_NUMBER = """
cuf!  CountryCode:3@countries TaxTypeCode:2 TaxID:20
"""
TEXT = """
cuf   Text:text TypeCode:5@text_types LanguageCode:2@languages
f     CreatedOn:dto CreatedBy:80 UpdatedOn:dto LastUpdatedBy:80 AuthorName:80 EntityLastChangedOn:dto
"""
ROLES = """
cuf   MainIndicator:bool ShipTo:bool DefaultShipTo:bool BillTo:bool DefaultBillTo:bool
"""
CHILD = {"parent": "CorporateAccount", "parent_human": "AccountID"}

ENTITIES = (
    entity(
        "CorporateAccount",
        f"""
cf    AccountID:10 UUID:guid
f     ExternalID:100 ExternalSystem:32
cuf!  RoleCode:6@account_roles=CRM000 Name:40
cuf   LifeCycleStatusCode:2@partner_statuses=2 AdditionalName:40 AdditionalName2:40 AdditionalName3:40
cuf   CustomerABCClassificationCode:1@abc_classes IndustrialSectorCode:10@industries LegalFormCode:2 DUNSID:60
cuf   ContactPermissionCode:1@permissions OrderBlockingReasonCode:2@blocking DeliveryBlockingReasonCode:2@blocking
cuf   BillingBlockingReasonCode:2@blocking SalesSupportBlockingIndicator:bool OwnerID:20 OwnerUUID:guid
f     ParentAccountID:10 BusinessPartnerFormattedName:480 CreationOn:dto ChangedOn:dto CreatedBy:480 ChangedBy:480
{ADDRESS.strip()}
cuf   NielsenRegionCode:15 CurrentDefaultAddressUUID:guid POBoxDeviatingRegionCode:15
cuf   LegalCompetenceIndicator:bool RecommendedVisitingFrequency:255 VisitDuration:255 LastVisitingDate:dt
cuf   NextVisitingDate:dt LatestRecommendedVisitingDate:dt
f     CreatedByIdentityUUID:guid ChangedByIdentityUUID:guid EntityLastChangedOn:dto
""",
        human="AccountID",
        numbers="partner",
        deletable=False,
        business_object="Account",
        parties={"OwnerID": Party("employee")},
        unique=("AccountID", "UUID"),
    ),
    entity(
        "CorporateAccountAddress",
        f"""
cf    UUID:guid
{ROLES.strip()}
{ADDRESS.strip()}
cuf   Latitude:qty Longitude:qty
""",
        **CHILD,
    ),
    entity(
        "CorporateAccountHasContactPerson",
        """
cf!   ContactID:10
cuf   MainIndicator:bool FunctionCode:4@functions DepartmentCode:4@departments JobTitle:40 Department:40 Email:255
cuf   Phone:40 Mobile:40 Fax:40 VIPReasonCode:1@vip
f     ContactFormattedName:480 EntityLastChangedOn:dto
""",
        parties={"ContactID": Party("contact", "ContactFormattedName")},
        **CHILD,
    ),
    entity("CorporateAccountTeam", TEAM, parties={"EmployeeID": Party("employee")}, **CHILD),
    entity("CorporateAccountSalesData", SALES_DATA, **CHILD),
    entity("CorporateAccountIdentification", IDENTIFICATION, **CHILD),
    entity("CorporateAccountTaxNumber", TAX_NUMBER, **CHILD),
    entity("CorporateAccountTextCollection", TEXT, **CHILD),
)
