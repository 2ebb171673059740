"""The answers of the describe calls."""

from __future__ import annotations

from typing import Any

from app.sandbox.salesforce.fields import NUMBER_TYPES, Field, SObject
from app.sandbox.salesforce.schema import Schema
from app.sandbox.salesforce.store import Row

_SOAP_TYPES = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "address": "urn:address",
    **dict.fromkeys(NUMBER_TYPES, "xsd:double"),
}


def soap_type(field: Field) -> str:
    """The SOAP type of a field; text where nothing else fits."""
    return _SOAP_TYPES.get(field.type, "xsd:string")


_SAME_FOR_EVERY_FIELD: dict[str, Any] = {
    "aiPredictionField": False,
    "calculatedFormula": None,
    "controllerName": None,
    "defaultValueFormula": None,
    "dependentPicklist": False,
    "deprecatedAndHidden": False,
    "displayLocationInDecimal": False,
    "encrypted": False,
    "extraTypeInfo": None,
    "filteredLookupInfo": None,
    "highScaleNumber": False,
    "htmlFormatted": False,
    "inlineHelpText": None,
    "mask": None,
    "maskType": None,
    "queryByDistance": False,
    "referenceTargetField": None,
    "relationshipOrder": None,
    "restrictedDelete": False,
    "searchPrefilterable": False,
    "writeRequiresMasterRead": False,
}


def _value_answer(field: Field, value: str) -> dict[str, Any]:
    default = value == field.default
    return {"active": True, "defaultValue": default, "label": value, "validFor": None, "value": value}


def field_answer(field: Field, name_field: str) -> dict[str, Any]:
    """One entry of `fields` with every attribute clients read."""
    return {
        **_SAME_FOR_EVERY_FIELD,
        "aggregatable": field.type not in ("textarea", "address"),
        "autoNumber": field.auto_number,
        "byteLength": field.length * 3,
        "calculated": field.calculated,
        "cascadeDelete": field.cascade and field.required,
        "caseSensitive": field.case_sensitive,
        "compoundFieldName": field.compound or None,
        "createable": field.createable,
        "custom": field.custom,
        "defaultValue": field.default,
        "defaultedOnCreate": field.default is not None or field.name in ("OwnerId",) or not field.createable,
        "digits": field.precision if field.type == "int" else 0,
        "externalId": field.external_id,
        "filterable": field.type not in ("address",) and field.length < 32000,
        "groupable": field.type in ("string", "picklist", "reference", "id", "boolean", "date", "email", "phone"),
        "idLookup": field.id_lookup or field.external_id,
        "label": field.title,
        "length": field.length,
        "name": field.name,
        "nameField": field.name == name_field,
        "namePointing": len(field.refers_to) > 1,
        "nillable": not field.required and field.type not in ("boolean", "id") and not field.name.startswith("System"),
        "permissionable": field.custom or not field.required,
        "picklistValues": [_value_answer(field, value) for value in field.values],
        "polymorphicForeignKey": len(field.refers_to) > 1,
        "precision": 0 if field.type == "int" else field.precision,
        "referenceTo": list(field.refers_to),
        "relationshipName": field.relationship or None,
        "restrictedPicklist": field.restricted,
        "scale": field.scale,
        "soapType": soap_type(field),
        "sortable": field.type not in ("textarea", "address"),
        "type": field.type,
        "unique": field.unique,
        "updateable": field.updateable,
    }


_SAME_FOR_EVERY_OBJECT: dict[str, Any] = {
    "activateable": False,
    "associateEntityType": None,
    "associateParentEntity": None,
    "customSetting": False,
    "deepCloneable": False,
    "deprecatedAndHidden": False,
    "feedEnabled": False,
    "hasSubtypes": False,
    "isInterface": False,
    "isSubtype": False,
    "layoutable": True,
    "mruEnabled": True,
    "queryable": True,
    "replicateable": True,
    "retrieveable": True,
    "searchable": True,
    "triggerable": True,
}


def sobject_answer(sobject: SObject, base: str) -> dict[str, Any]:
    """One entry of the global describe; `base` is the path up to the version."""
    url = f"{base}/sobjects/{sobject.name}"
    return {
        **_SAME_FOR_EVERY_OBJECT,
        "createable": sobject.writable,
        "custom": sobject.name.endswith(("__c", "__e")),
        "deletable": sobject.writable,
        "keyPrefix": sobject.prefix,
        "label": sobject.label,
        "labelPlural": sobject.plural,
        "mergeable": sobject.name in ("Account", "Contact", "Lead"),
        "name": sobject.name,
        "undeletable": sobject.soft_delete,
        "updateable": sobject.writable,
        "urls": {
            "sobject": url,
            "describe": f"{url}/describe",
            "rowTemplate": f"{url}/{{ID}}",
            "layouts": f"{url}/describe/layouts",
            "compactLayouts": f"{url}/describe/compactLayouts",
            "approvalLayouts": f"{url}/describe/approvalLayouts",
            "quickActions": f"{url}/quickActions",
            "listviews": f"{url}/listviews",
        },
    }


def full_answer(schema: Schema, sobject: SObject, record_types: list[Row], base: str) -> dict[str, Any]:
    """The whole describe of one object."""
    return {
        **sobject_answer(sobject, base),
        "actionOverrides": [],
        "childRelationships": [
            {
                "cascadeDelete": field.cascade,
                "childSObject": child.name,
                "deprecatedAndHidden": False,
                "field": field.name,
                "junctionIdListNames": [],
                "junctionReferenceTo": [],
                "relationshipName": field.children or None,
                "restrictedDelete": False,
            }
            for child, field in schema.children_of(sobject.name)
        ],
        "compactLayoutable": True,
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [field_answer(f, sobject.name_field) for f in sobject.fields.values()],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": [record_type_answer(row, base, sobject.name) for row in [*record_types, MASTER]],
        "searchLayoutable": True,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [{"label": "All records", "name": "everything"}],
    }


MASTER: Row = {"Id": "012000000000000AAA", "Name": "Master", "DeveloperName": "Master", "IsActive": True}


def record_type_answer(row: Row, base: str, sobject: str) -> dict[str, Any]:
    """One entry of `recordTypeInfos`."""
    master = row is MASTER
    return {
        "active": row["IsActive"],
        "available": True,
        "defaultRecordTypeMapping": master or row.get("DeveloperName") == "Business_Account",
        "developerName": row["DeveloperName"],
        "master": master,
        "name": row["Name"],
        "recordTypeId": row["Id"],
        "urls": {"layout": f"{base}/sobjects/{sobject}/describe/layouts/{row['Id']}"},
    }
