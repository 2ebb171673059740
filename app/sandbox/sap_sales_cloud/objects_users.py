"""Business users and employees."""

from app.sandbox.sap_sales_cloud.model import entity

ENTITIES = (
    entity(
        "BusinessUser",
        """
f     EmployeeID:20 EmployeeUUID:guid UserID:40 TechnicalUserID:40 IdentityUUID:guid BusinessPartnerID:10
f     BusinessPartnerFormattedName:480 EmailURI:255 CreatedOn:dto EntityLastChangedOn:dto UserCreatedBy:480
uf    UserLockedIndicator:bool UserValidityStartDate:dt UserValidityEndDate:dt TimeZoneCode:10@time_zones
f     DepartmentName:80 CompanyName:80 ManagerName:80 DecimalFormatCode:15 DateFormatCode:15 TimeFormatCode:15
f     LogonLanguageCode:2@languages UserCountedIndicator:bool PasswordPolicyCode:15
f     PasswordInactiveIndicator:bool PasswordLockedIndicator:bool UserAccountTypeCode:15 UserChangedBy:255
f     UserChangedOn:dto
""",
        human="UserID",
        creatable=False,
        deletable=False,
    ),
    entity(
        "BusinessUserBusinessRoleAssignment",
        """
cf    BusinessRoleID:60
f     EmployeeID:20 EntityLastChangedOn:dto
""",
        parent="BusinessUser",
        parent_human="UserID",
    ),
    entity(
        "Employee",
        """
f     EmployeeID:20 UUID:guid UserID:40 IdentityUUID:guid BusinessPartnerID:10 BusinessPartnerFormattedName:480
cuf   FirstName:40 LastName:40 Email:255 TitleCode:4@titles GenderCode:1@genders
cuf   RegionCode:6@states^CountryCode UserValidityStartDate:dt UserValidityEndDate:dt UserLockedIndicator:bool
cuf   GlobalUserID:60 EmployeeValidityStartDate:dt EmployeeValidityEndDate:dt AcademicTitleCode:15
cuf   MiddleName:80 SecondLastName:80 NickName:80 LanguageCode:2@languages NationalityCountryCode:3@countries
cuf   BirthName:80 BirthDate:dt BirthPlace:255 CountryCode:3@countries CareOfName:80 AddressLine1:255
cuf   AddressLine2:255 HouseNumber:255 Street:255 AddressLine4:255 AddressLine5:255 District:255 City:255
cuf   DifferentCity:255 PostalCode:15 County:255 CompanyPostalCode:15 POBox:255 POBoxPostalCode:15
cuf   POBoxCountryCode:3@countries POBoxRegionCode:15 POBoxCity:255 TimeZoneCode:10@time_zones
cuf   TaxJurisdictionCode:15 Building:255 Floor:255 Room:255 InhouseMail:255 OfficePhoneNumber:255
cuf   MobilePhoneNumber:255 FaxNumber:255 UserPasswordPolicyCode:15 UserCountedIndicator:bool
f     MaritalStatusCode:15 FormattedPostalAddressDescription:255 NormalisedOfficePhoneNumber:255
f     NormalisedMobilePhoneNumber:255 CreatedOn:dto CreatedBy:255 CreatedByIdentityUUID:guid ChangedOn:dto
f     ChangedBy:255 ChangedByIdentityUUID:guid EntityLastChangedOn:dto
""",
        human="EmployeeID",
        creatable=False,
        deletable=False,
    ),
    entity(
        "EmployeeUserBusinessRoleAssignment",
        """
f     BusinessRoleID:60 UserID:40 EntityLastChangedOn:dto
""",
        parent="Employee",
        parent_human="EmployeeID",
        creatable=False,
        updatable=False,
        deletable=False,
    ),
)
