"""Individual customers and contacts."""

from app.sandbox.sap_sales_cloud.model import Party, entity
from app.sandbox.sap_sales_cloud.objects_accounts import (
    ADDRESS,
    IDENTIFICATION,
    ROLES,
    SALES_DATA,
    TAX_NUMBER,
    TEAM,
    TEXT,
)

CHILD = {"parent": "IndividualCustomer", "parent_human": "CustomerID"}
OF_CONTACT = {"parent": "Contact", "parent_human": "ContactID"}

ENTITIES = (
    entity(
        "IndividualCustomer",
        f"""
cf    CustomerID:10 UUID:guid
f     ExternalID:100 ExternalSystem:32
cuf!  RoleCode:6@account_roles=CRM000
cuf   LifeCycleStatusCode:2@partner_statuses=2 FirstName:40 MiddleName:40
cuf!  LastName:40
cuf   AdditionalLastName:40 NickName:40 TitleCode:4@titles AcademicTitleCode:4 GenderCode:1@genders BirthDate:dt
cuf   NationalityCountryCode:3@countries MaritalStatusCode:1@marital_statuses ProfessionCode:4 Initials:10
cuf   CustomerABCClassificationCode:1@abc_classes ContactPermissionCode:1@permissions NamePrefixCode:4
cuf   OrderBlockingReasonCode:2@blocking DeliveryBlockingReasonCode:2@blocking BillingBlockingReasonCode:2@blocking
cuf   SalesSupportBlockingIndicator:bool OwnerID:20 OwnerUUID:guid EmailInvalidIndicator:bool
f     FormattedName:480 CreationOn:dto ChangedOn:dto CreatedBy:480 ChangedBy:480
{ADDRESS.strip()}
cuf   BirthName:80 POBoxDeviatingStateCode:15 TaxJurisdictionCode:15 RecommendedVisitingFrequency:255
cuf   VisitDuration:255 LastVisitingDate:dt NextVisitingDate:dt LatestRecommendedVisitingDate:dt
f     CreatedByIdentityUUID:guid ChangedByIdentityUUID:guid EntityLastChangedOn:dto
""",
        human="CustomerID",
        numbers="partner",
        deletable=False,
        business_object="IndividualCustomer",
        parties={"OwnerID": Party("employee")},
        unique=("CustomerID", "UUID"),
    ),
    entity(
        "IndividualCustomerAddress",
        f"""
{ROLES.strip()}
{ADDRESS.strip()}
f     FormattedAddressFirstLineDescription:255 FormattedAddressSecondLineDescription:255
f     FormattedAddressThirdLineDescription:255 FormattedAddressFourthLineDescription:255
f     FormattedPostalAddressFirstLineDescription:255 FormattedPostalAddressSecondLineDescription:255
f     FormattedPostalAddressThirdLineDescription:255
cuf   POBoxDeviatingStateCode:15 Latitude:qty Longitude:qty EmailInvalidIndicator:bool
""",
        **CHILD,
    ),
    entity("IndividualCustomerTeam", TEAM, parties={"EmployeeID": Party("employee")}, **CHILD),
    entity("IndividualCustomerSalesData", SALES_DATA, **CHILD),
    entity("IndividualCustomerIdentification", IDENTIFICATION, **CHILD),
    entity("IndividualCustomerTaxNumber", TAX_NUMBER, **CHILD),
    entity("IndividualCustomerTextCollection", TEXT, **CHILD),
    entity(
        "Contact",
        """
cf    ContactID:10
f     ContactUUID:guid ExternalID:100 ExternalSystem:32
cuf   StatusCode:2@partner_statuses=2 FirstName:40
cuf!  LastName:40
cuf   MiddleName:40 TitleCode:4@titles GenderCode:1@genders LanguageCode:2@languages BirthDate:dt AccountID:10
cuf   AccountUUID:guid JobTitle:40 FunctionCode:4@functions DepartmentCode:4@departments Department:40
cuf   VIPContactCode:1@vip Phone:40 Mobile:40 Fax:40 Email:255 EmailInvalidIndicator:bool
cuf   ContactOwnerID:20 ContactOwnerUUID:guid BestReachedByCode:3@channels MaritalStatusCode:1@marital_statuses
cuf   ContactPermissionCode:1@permissions
f     Name:480 AccountFormattedName:480 BusinessAddressCountryCode:3@countries
f     BusinessAddressStateCode:6@states^BusinessAddressCountryCode
f     BusinessAddressCity:40 BusinessAddressStreet:60 BusinessAddressHouseNumber:10 BusinessAddressStreetPostalCode:10
f     CreationOn:dto ChangedOn:dto CreatedBy:480 ChangedBy:480 NormalisedPhone:40 NormalisedMobile:40
f     BusinessAddressStateCodeTextUpdatable:255
cuf   AcademicTitleCode:15 AdditionalAcademicTitleCode:15 NamePrefixCode:15 AdditionalFamilyName:80
cuf   Initials:255 NickName:80 BirthName:80 ProfessionCode:15 PerceptionOfCompanyCode:15 DeviatingFullName:80
cuf   Building:255 Floor:255 Room:255
f     FormattedPostalAddressDescription:255 CreatedByIdentityUUID:guid ChangedByIdentityUUID:guid
f     EntityLastChangedOn:dto
""",
        human="ContactID",
        numbers="partner",
        deletable=False,
        business_object="Contact",
        parties={"AccountID": Party("account", "AccountFormattedName"), "ContactOwnerID": Party("employee")},
        unique=("ContactID",),
    ),
    entity(
        "ContactIsContactPersonFor",
        """
cf!   AccountID:10
cuf   ReverseMainIndicator:bool JobTitle:40 FunctionCode:4@functions DepartmentCode:4@departments Department:40
cuf   Email:255 Phone:40 Mobile:40 Fax:40 VIPReasonCode:1@vip EmailInvalidIndicator:bool
f     AccountFormattedName:480
cuf   Building:255 Floor:255 Room:255 BestReachedByCode:15 OrganisationAddressUUID:guid
f     EntityLastChangedOn:dto
""",
        parties={"AccountID": Party("account", "AccountFormattedName")},
        **OF_CONTACT,
    ),
    entity("ContactPersonalAddress", ADDRESS, **OF_CONTACT),
    entity("ContactTextCollection", TEXT, **OF_CONTACT),
)
