"""Leads and opportunities."""

from app.sandbox.sap_sales_cloud.model import Party, entity
from app.sandbox.sap_sales_cloud.objects_accounts import TEXT

REFERENCE = """
cuf!  ID:35 TypeCode:15@document_types
cuf   BusinessTransactionDocumentRelationshipRoleCode:3@document_roles
cuf   BusinessTransactionDocumentReferenceBusinessSystemID:32
"""
PARTY = """
cuf!  PartyID:60 RoleCode:10@party_roles
cuf   RoleCategoryCode:10 MainIndicator:bool
f     PartyName:480 EntityLastChangedOn:dto
"""
PARTY_ID = {"PartyID": Party("any", "PartyName")}
OF_LEAD = {"parent": "Lead", "parent_human": "LeadID"}
OF_OPPORTUNITY = {"parent": "Opportunity", "parent_human": "OpportunityID"}

ENTITIES = (
    entity(
        "Lead",
        """
f     ID:35
cuf!  Name:255
cuf   AccountPartyID:60 ContactID:60 QualificationLevelCode:2@lead_qualifications UserStatusCode:5@lead_statuses=01
cuf   ResultReasonCode:3@result_reasons OriginTypeCode:3@origins PriorityCode:1@priorities=3 StartDate:dto EndDate:dto
cuf   ExpectedRevenueAmount:amount ExpectedRevenueCurrencyCode:3@currencies ExternalID:35 Note:text Score:int
cuf   OwnerPartyID:60 OwnerPartyIDSales:60 Company:80 ContactFirstName:40 ContactLastName:40 ContactEMail:255
cuf   ContactPhone:40 ContactMobile:40 ContactNote:text AccountNote:text GroupCode:4
cuf   IndividualCustomerGivenName:40 IndividualCustomerFamilyName:40 IndividualCustomerEMail:255
cuf   IndividualCustomerAddressCountry:3 IndividualCustomerAddressState:6 IndividualCustomerAddressPostalCode:10
cuf   AccountCity:40 AccountCountry:3 AccountState:6 AccountPostalAddressElementsStreetPostalCode:10 AccountEMail:255
f     AccountPartyUUID:guid AccountPartyName:480 ContactUUID:guid ContactName:480 LifeCycleStatusCode:2@lead_life=1
f     ApprovalStatusCode:2@approval_statuses=1 ConsistencyStatusCode:2@consistency=3 OwnerPartyName:480
f     OwnerSalesName:480 CreationDateTime:dto LastChangeDateTime:dto
cuf   NameLanguageCode:2@languages ContactMiddleName:80 IndividualCustomerMiddleName:80 CampaignID:60
cuf   OwnerPartyUUID:guid EmployeeResponsibleUUID:guid OwnerUUIDSales:255 MarketingUnitPartyID:60
cuf   MarketingUnitPartyUUID:guid MarketingName:80 SalesUnitPartyID:60 SalesUnitPartyUUID:guid
cuf   SalesOrganisationID:60 SalesOrganisationUUID:guid DistributionChannelCode:2@distribution_channels
cuf   DivisionCode:2@divisions SalesOfficeID:60 SalesOfficeUUID:guid SalesGroupID:60 SalesGroupUUID:guid
cuf   SurveyTotalScoreValue:int SalesTerritoryID:60 SalesTerritoryUUID:guid CompanySecondName:80
cuf   CompanyThirdName:80 CompanyFourthName:80 AccountPostalAddressElementsHouseID:60
cuf   AccountPostalAddressElementsStreetPrefix:255 AccountPostalAddressElementsAdditionalStreetPrefixName:80
cuf   AccountPostalAddressElementsStreetName:80 AccountPostalAddressElementsStreetSufix:255
cuf   AccountPostalAddressElementsAdditionalStreetSuffixName:80 AccountPostalAddressElementsPOBoxID:60
cuf   AccountPostalAddressElementsCountyName:80 AccountPhone:255 AccountFax:255 AccountMobile:255
cuf   AccountWebsite:255 AccountLatitudeMeasure:qty AccountLatitudeMeasureUnitCode:3@units
cuf   AccountLongitudeMeasure:qty AccountLongitudeMeasureUnitCode:3@units AccountLegalForm:255
cuf   OrganisationAccountABCClassificationCode:15 OrganisationAccountIndustrialSectorCode:15 AccountDUNS:255
cuf   OrganisationAccountContactAllowedCode:15 AccountCorrespondenceLanguageCode:2@languages
cuf   ContactFormOfAddressCode:15 ContactFunctionalTitleName:80 ContactAcademicTitleCode:15
cuf   ContactAdditionalAcademicTitleCode:15 ContactNickName:80 ContactCorrespondenceLanguageCode:2@languages
cuf   ContactGenderCode:15 BusinessPartnerRelationshipBusinessPartnerFunctionTypeCode:15
cuf   BusinessPartnerRelationshipBusinessPartnerFunctionalAreaCode:15 ContactDepartmentName:80
cuf   BusinessPartnerRelationshipContactVIPReasonCode:15 ContactAllowedCode:15
cuf   BusinessPartnerRelationshipEngagementScoreNumberValue:255 ContactBuildingID:60 ContactFloorID:60
cuf   ContactRoomID:60 ContactFacsimileFormattedNumberDescription:255 ContactEMailUsageDeniedIndicator:255
cuf   IndividualCustomerABCClassificationCode:15 IndividualCustomerGenderCode:15 IndividualCustomerPhone:255
cuf   IndividualCustomerFax:255 IndividualCustomerMobile:255 IndividualCustomerAddressHouseID:60
cuf   IndividualCustomerAddressStreetName:80 IndividualCustomerAddressCity:255
cuf   IndividualCustomerAddressCountyName:80 IndividualCustomerNationalityCountryCode:3@countries
cuf   IndividualCustomerBirthDate:dt IndividualCustomerFormOfAddressCode:15
cuf   IndividualCustomerAcademicTitleCode:15 IndividualCustomerOccupationCode:15
cuf   IndividualCustomerContactAllowedCode:15 IndividualCustomerNonVerbalCommunicationLanguageCode:2@languages
cuf   IndividualCustomerInitialsName:80 AccountPreferredCommunicationMediumTypeCode:15
cuf   IndividualCustomerNamePrefixCode:15
f     SalesUnitName:80 CreationIdentityUUID:guid LastChangeIdentityUUID:guid SalesTerritoryName:80
f     ContactMaritalStatusCode:15 IndividualCustomerMaritalStatusCode:15 AccountLifeCycleStatusCode:15
f     MainContactLifeCycleStatusCode:15 CreatedBy:255 LastChangedBy:255 EntityLastChangedOn:dto
""",
        human="ID",
        numbers="lead",
        business_object="Lead",
        parties={
            "AccountPartyID": Party("any", "AccountPartyName"),
            "ContactID": Party("contact", "ContactName"),
            "OwnerPartyID": Party("employee", "OwnerPartyName"),
            "OwnerPartyIDSales": Party("employee", "OwnerSalesName"),
        },
    ),
    entity(
        "LeadItem",
        """
cuf   ID:10 ProductID:60 Description:40 Quantity:qty unitCode:3@units
f     UUID:guid ProductUUID:guid ProductName:255 ProductCategoryDescription:255
cuf   languageCode:2@languages ProductCategoryInternalID:60
f     EntityLastChangedOn:dto
""",
        position="ID",
        **OF_LEAD,
    ),
    entity("LeadParty", PARTY, parties=PARTY_ID, **OF_LEAD),
    entity("LeadTextCollection", TEXT, **OF_LEAD),
    entity("LeadBusinessTransactionDocumentReference", REFERENCE, **OF_LEAD),
    entity(
        "Opportunity",
        """
cf    ID:35 ProcessingTypeCode:4@opportunity_types=OPPT
uf    ExternalID:35
f     UUID:guid
cuf!  Name:255 ProspectPartyID:60 MainEmployeeResponsiblePartyID:60
cuf   PrimaryContactPartyID:60 LifeCycleStatusCode:2@opportunity_statuses=1
cuf   ExternalUserStatusCode:5@opportunity_user_statuses^ProcessingTypeCode ResultReasonCode:3@result_reasons
cuf   SalesCycleCode:3@sales_cycles=001 SalesCyclePhaseCode:3@sales_phases=001 SalesCyclePhaseStartDate:dto
cuf   ProbabilityPercent:pct ExpectedRevenueAmount:amount ExpectedRevenueAmountCurrencyCode:3@currencies
cuf   HeaderRevenueSchedule:bool SalesRevenueForecastRelevanceIndicator:bool ExpectedProcessingStartDate:dto
cuf   ExpectedProcessingEndDate:dto ExpectedRevenueStartDate:dto ExpectedRevenueEndDate:dto
cuf   PriorityCode:1@priorities=3 OriginTypeCode:3@origins GroupCode:4@opportunity_groups
cuf   SalesForecastCategoryCode:4@forecast_categories SalesUnitPartyID:60 SalesOrganisationID:20
cuf   DistributionChannelCode:2@distribution_channels DivisionCode:2@divisions SalesOfficeID:20 SalesGroupID:20
cuf   SalesTerritoryID:6 EndBuyerPartyID:60 ProductRecepientPartyID:60 PayerPartyID:60 BillToPartyID:60
cuf   SellerPartyID:60 ApproverPartyID:60
f     TotalExpectedNetAmount:amount TotalExpectedNetAmountAmountCurrencyCode:3@currencies
f     WeightedExpectedNetAmount:amount WeightedExpectedNetAmountCurrencyCode:3@currencies
f     ProspectPartyName:480 PrimaryContactPartyName:480 MainEmployeeResponsiblePartyName:480 EndBuyerPartyName:480
f     ProductRecipientPartyName:480 PayerPartyName:480 BillToPartyName:480 SalesUnityPartyName:480
f     ApprovalStatusCode:2@approval_statuses=1 ConsistencyStatusCode:2@consistency=3
f     CreationDateTime:dto LastChangeDateTime:dto
cuf   ProcessStatusValidSinceDate:dto ProspectBudgetAmount:amount ProspectBudgetAmountCurrencyCode:3@currencies
cuf   Score:int SalesOrganisationName:80 SalesOfficeName:80 SalesGroupName:80 BestConnectedColleague:255
cuf   DealScore:qty DealScoreReason:255 FirstEmailReceivedOn:255 FirstEmailSentOn:255
cuf   LastDataHugSyncDateTime:dto LastEmailReceivedFrom:255 LastEmailReceivedOn:255 LastEmailSentBy:255
cuf   LastEmailSentOn:255 LastMeetingOn:255 NextMeetingOn:255 NumberOfColleagues:int NumberOfMeetings:int
cuf   NumberOfOtherPeopleAtCompany:int NumberOfReceivedEmails:int NumberOfSentEmails:int
cuf   AutoCreateContacts:bool HugRank:int ExternalProbabilityPercent:pct
f     PhaseProgressEvaluationStatusCode:15 SellerPartyName:80 ApproverPartyName:80 SalesTerritoryName:80
f     CreationDate:dt LastChangeDate:dt CreatedBy:255 LastChangedBy:255 CreatedByUUID:guid
f     LastChangedByUUID:guid EntityLastChangedOn:dto
""",
        human="ID",
        numbers="opportunity",
        business_object="Opportunity",
        unique=("ID",),
        parties={
            "ProspectPartyID": Party("customer", "ProspectPartyName"),
            "PrimaryContactPartyID": Party("contact", "PrimaryContactPartyName"),
            "MainEmployeeResponsiblePartyID": Party("employee", "MainEmployeeResponsiblePartyName"),
            "EndBuyerPartyID": Party("any", "EndBuyerPartyName"),
            "ProductRecepientPartyID": Party("any", "ProductRecipientPartyName"),
            "PayerPartyID": Party("any", "PayerPartyName"),
            "BillToPartyID": Party("any", "BillToPartyName"),
            "ApproverPartyID": Party("employee"),
        },
    ),
    entity(
        "OpportunityItem",
        """
cf    ID:10
cuf   ProductID:60 Description:40 Quantity:qty QuantityUnitCode:3@units ExpectedNetAmount:amount
cuf   ExpectedNetAmountCurrencyCode:3@currencies StartDate:dto EndDate:dto ProductCategoryInternalID:40
f     NetAmount:amount NetAmountCurrencyCode:3@currencies EntityLastChangedOn:dto
""",
        position="ID",
        **OF_OPPORTUNITY,
    ),
    entity("OpportunityParty", PARTY, parties=PARTY_ID, **OF_OPPORTUNITY),
    entity(
        "OpportunityProspectPartyContactParty",
        """
cuf!  OpportunityPartyContactPartyID:60
cuf   OpportunityPartyContactMainIndicator:bool RoleCode:10@party_roles=23
f     OpportunityPartyContactName:480
""",
        parties={"OpportunityPartyContactPartyID": Party("contact", "OpportunityPartyContactName")},
        **OF_OPPORTUNITY,
    ),
    entity(
        "OpportunitySalesTeamParty",
        """
cuf!  PartyID:60
cuf   RoleCode:10@party_roles MainIndicator:bool
f     PartyName:480 EntityLastChangedOn:dto
""",
        parties={"PartyID": Party("employee", "PartyName")},
        **OF_OPPORTUNITY,
    ),
    entity("OpportunityTextCollection", TEXT, **OF_OPPORTUNITY),
    entity("OpportunityBusinessTransactionDocumentReference", REFERENCE, **OF_OPPORTUNITY),
)
