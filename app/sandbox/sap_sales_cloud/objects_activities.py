"""Tasks and appointments."""

from app.sandbox.sap_sales_cloud.model import Party, entity
from app.sandbox.sap_sales_cloud.objects_accounts import TEXT
from app.sandbox.sap_sales_cloud.objects_sales import REFERENCE

OF_TASK = {"parent": "Tasks", "parent_human": "TaskID"}
OF_APPOINTMENT = {"parent": "Appointment", "parent_human": "AppointmentID"}
INVOLVED = """
cuf!  PartyID:60
cuf   RoleCode:10@party_roles RoleCategoryCode:10 MainIndicator:bool
f     ID:35 PartyName:480 PartyTypeCode:15@partner_types
"""

ENTITIES = (
    entity(
        "Tasks",
        """
f     DocumentType:4@activity_types=0006 ID:35 UUID:guid
cuf!  Subject:255
cuf   Status:2@activity_statuses=1 StartDateTime:dto StartDatetimeZoneCode:10@time_zones=UTC DueDateTime:dto
cuf   DueDatetimeZoneCode:10@time_zones=UTC PriorityCode:1@priorities=3 Category:4@activity_categories
cuf   ProcessorPartyID:60 MainEmployeeResponsiblePartyID:60 MainAccountPartyID:60 MainContactPartyID:60
cuf   CompletionPercent:pct2 ActivityList:10 SalesTerritoryID:6 SalesOrganisationID:20
cuf   DataOriginTypeCode:3@data_origins=1
f     CompletionDateTime:dto ReportedDateTime:dto LastChangeDateTime:dto ChangedBy:480
f     Account:480 AccountUUID:guid Owner:480 PrimaryContact:480 PrimaryContactUUID:guid Processor:480
f     ProcessorEmailURI:255 ProcessorPartyName:480 ProcessorUUID:guid
cuf   PlannedDuration:255 ActualDuration:255 DistributionChannelCode:2@distribution_channels
cuf   DivisionCode:2@divisions
f     SalesTerritoryName:80 OwnerUUID:guid EntityLastChangedOn:dto CreatedBySSI:255@open
""",
        human="ID",
        numbers="activity",
        business_object="ActivityTask",
        parties={
            "MainAccountPartyID": Party("customer", "Account"),
            "MainContactPartyID": Party("contact", "PrimaryContact"),
            "MainEmployeeResponsiblePartyID": Party("employee", "Owner"),
            "ProcessorPartyID": Party("employee", "Processor"),
        },
    ),
    entity("TasksTextCollection", TEXT, **OF_TASK),
    entity("TasksInvolvedParties", INVOLVED, parties={"PartyID": Party("any", "PartyName")}, **OF_TASK),
    entity("TasksBTDReference", REFERENCE, **OF_TASK),
    entity(
        "Appointment",
        """
f     DocumentType:4@activity_types=0001 ID:35 UUID:guid
cuf!  Subject:255 StartDate:dto EndDate:dto
cuf   LifeCycleStatusCode:2@activity_statuses=1 StartDatetimeZoneCode:10@time_zones=UTC
cuf   EnddatetimeZoneCode:10@time_zones=UTC FullDayIndicator:bool OrganizerPartyID:60 OwnerPartyID:60
cuf   MainAccountPartyID:60 MainContactPartyID:60 Location:255 Priority:1@priorities=3
cuf   Category:4@activity_categories GroupwareItemID:255 InformationSensitivityCode:1@sensitivities
cuf   AvailabilityCode:1@availabilities Draft:bool SalesTerritoryID:6 DataOriginTypeCode:3@data_origins=1
f     Account:40 Owner:40 PrimaryContact:40 AccountName:480 OwnerName:480 PrimaryContactName:480 OrganizerUUID:guid
f     OrganizerName:480 OrganizerPartyName:480 OrganizerEmailURI:255 ReportedDateTime:dto LastChangeDateTime:dto
cuf   SalesTerritoryUUID:guid SalesOrganisation:255 DistributionChannel:255@open Division:255@open
cuf   VisitTourPlanUUID:guid AdditionalLocationName:80 CompletionPercent:pct2 Phone:255 VisitTypeCode:15
cuf   OccurrenceDate:dto RecurrenceActGroupwareID:60 RecurringBusinessActivityNodeID:60
cuf   CollaborationChannelCode:15 CollaborationURL:255
f     SalesTerritoryName:80 ChangedBy:255 CreatedBy:255 CreatedOn:dto EntityLastChangedOn:dto
f     CreatedBySSI:255@open
""",
        human="ID",
        numbers="activity",
        business_object="Appointment",
        parties={
            "MainAccountPartyID": Party("customer", "AccountName"),
            "MainContactPartyID": Party("contact", "PrimaryContactName"),
            "OwnerPartyID": Party("employee", "OwnerName"),
            "OrganizerPartyID": Party("any", "OrganizerName"),
        },
    ),
    entity(
        "AppointmentInvolvedParties",
        f"""
{INVOLVED.strip()}
f     Address:255 EMail:255 Name:80 PartyEmailURI:255 PartyUUID:guid Phone:255 StartDate:dto
""",
        parties={"PartyID": Party("any", "PartyName")},
        **OF_APPOINTMENT,
    ),
    entity("AppointmentTextCollection", TEXT, **OF_APPOINTMENT),
)
