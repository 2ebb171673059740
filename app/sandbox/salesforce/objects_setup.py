"""Users, the org itself and its set-up objects as data."""

from __future__ import annotations

from app.sandbox.salesforce.fields import (
    CURRENCY,
    Field,
    SObject,
    address,
    flag,
    number,
    pick,
    readonly,
    ref,
    sobject,
    text,
    whole,
)

USER = sobject(
    "User",
    "005",
    Field("Username", "string", length=80, required=True, id_lookup=True),
    text("LastName", 80, required=True),
    text("FirstName", 40),
    readonly(text("Name", 121)),
    Field("Email", "email", length=128, required=True),
    text("Alias", 8),
    text("CommunityNickname", 40),
    text("Title", 80),
    flag("IsActive"),
    text("TimeZoneSidKey", 40),
    text("LocaleSidKey", 40),
    text("LanguageLocaleKey", 40),
    text("EmailEncodingKey", 40),
    pick("UserType", "Standard", createable=False, updateable=False),
    ref("ProfileId", "Profile"),
    CURRENCY,
    writable=False,
)

ORGANIZATION = sobject(
    "Organization",
    "00D",
    text("Name", 80),
    address(""),
    text("OrganizationType", 40),
    flag("IsSandbox"),
    text("InstanceName", 5),
    text("NamespacePrefix", 15),
    text("DefaultLocaleSidKey", 40),
    text("LanguageLocaleKey", 40),
    text("TimeZoneSidKey", 40),
    pick("DefaultCurrencyIsoCode", "USD", switch="multi_currency"),
    writable=False,
)

RECORD_TYPE = sobject(
    "RecordType",
    "012",
    text("Name", 80, required=True),
    text("DeveloperName", 80, required=True),
    text("SobjectType", 40, required=True),
    flag("IsActive", True),
    flag("IsPersonType", createable=False, updateable=False, switch="person_accounts"),
    text("Description", 255),
)

PROFILE = sobject("Profile", "00e", text("Name", 255), text("UserType", 40), writable=False)

PERMISSION_SET = sobject(
    "PermissionSet",
    "0PS",
    text("Name", 80, required=True, unique=True),
    text("Label", 80, required=True),
    text("Description", 255),
    ref("ProfileId", "Profile", createable=False, updateable=False),
    flag("IsOwnedByProfile", createable=False, updateable=False),
    flag("IsCustom", True, createable=False, updateable=False),
    soft_delete=False,
)

ASSIGNMENT = sobject(
    "PermissionSetAssignment",
    "0Pa",
    ref("AssigneeId", "User", required=True, children="PermissionSetAssignments", updateable=False),
    ref("PermissionSetId", "PermissionSet", required=True, children="Assignments", cascade=True, updateable=False),
    flag("IsActive", True, createable=False, updateable=False),
    name_field="Id",
    soft_delete=False,
)

FIELD_PERMISSIONS = sobject(
    "FieldPermissions",
    "01k",
    ref("ParentId", "PermissionSet", required=True, children="FieldPerms", cascade=True, updateable=False),
    text("SobjectType", 40, required=True, updateable=False),
    text("Field", 255, required=True, updateable=False),
    flag("PermissionsRead"),
    flag("PermissionsEdit"),
    name_field="Id",
    soft_delete=False,
    indexes=("Field",),
)

CURRENCY_TYPE = sobject(
    "CurrencyType",
    "01L",
    text("IsoCode", 3, required=True),
    number("ConversionRate", 18, 6),
    whole("DecimalPlaces", 1),
    flag("IsActive", True),
    flag("IsCorporate"),
    name_field="IsoCode",
    switch="multi_currency",
    soft_delete=False,
)

SETUP: tuple[SObject, ...] = (
    USER,
    ORGANIZATION,
    RECORD_TYPE,
    PROFILE,
    PERMISSION_SET,
    ASSIGNMENT,
    FIELD_PERMISSIONS,
    CURRENCY_TYPE,
)
