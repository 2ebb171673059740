"""The Tooling API, as far as a connector uses it: create custom fields, look at fields and objects."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from app.sandbox.salesforce import tooling_events
from app.sandbox.salesforce.api import Answer, Call, resource
from app.sandbox.salesforce.errors import ApiError, not_found
from app.sandbox.salesforce.fields import Field, SObject
from app.sandbox.salesforce.ids import make_id, to_18
from app.sandbox.salesforce.soql import attributes
from app.sandbox.salesforce.soql_syntax import Compare, Literal, Logic, Parser

MOST_EXTERNAL_IDS = 25
_NAME = re.compile(r"(?:[A-Za-z]\w*__)?[A-Za-z][A-Za-z0-9_]*__c")
Maker = Callable[[str, dict[str, Any]], Field]


def _text(name: str, meta: dict[str, Any]) -> Field:
    length = int(meta.get("length") or 0)
    if not 1 <= length <= 255:
        raise ApiError("FIELD_INTEGRITY_EXCEPTION", "Length must be between 1 and 255 for this field", ["length"])
    return Field(name, "string", length=length)


def _long(name: str, meta: dict[str, Any]) -> Field:
    return Field(name, "textarea", length=int(meta.get("length") or 255))


def _number(kind: str) -> Maker:
    def make(name: str, meta: dict[str, Any]) -> Field:
        return Field(name, kind, precision=int(meta.get("precision") or 18), scale=int(meta.get("scale") or 0))

    return make


def _plain(kind: str, length: int = 0) -> Maker:
    return lambda name, meta: Field(name, kind, length=length)


def _flag(name: str, meta: dict[str, Any]) -> Field:
    return Field(name, "boolean", default=str(meta.get("defaultValue")).lower() == "true")


def _choice(kind: str) -> Maker:
    def make(name: str, meta: dict[str, Any]) -> Field:
        values = meta.get("valueSet") or {}
        listed = (values.get("valueSetDefinition") or {}).get("value") or []
        names = tuple(str(v.get("valueName") or v.get("fullName")) for v in listed)
        default = next((str(v.get("valueName") or v.get("fullName")) for v in listed if v.get("default")), None)
        return Field(name, kind, length=255, values=names, restricted=bool(values.get("restricted")), default=default)

    return make


def _lookup(name: str, meta: dict[str, Any]) -> Field:
    target = str(meta.get("referenceTo"))
    children = f"{meta['relationshipName']}__r" if meta.get("relationshipName") else ""
    relationship = name.removesuffix("__c") + "__r"
    return Field(name, "reference", length=18, refers_to=(target,), relationship=relationship, children=children)


MAKERS: dict[str, Maker] = {
    "Text": _text,
    "TextArea": _plain("textarea", 255),
    "LongTextArea": _long,
    "Html": _long,
    "Number": _number("double"),
    "Currency": _number("currency"),
    "Percent": _number("percent"),
    "Checkbox": _flag,
    "Date": _plain("date"),
    "DateTime": _plain("datetime"),
    "Email": _plain("email", 80),
    "Phone": _plain("phone", 40),
    "Url": _plain("url", 255),
    "Picklist": _choice("picklist"),
    "MultiselectPicklist": _choice("multipicklist"),
    "Lookup": _lookup,
}


@resource("tooling")
def tooling(call: Call) -> Answer:
    """All below `tooling`."""
    rest = call.segments[1:]
    if not rest:
        return Answer(200, {name: f"{call.base}/tooling/{name}" for name in ("query", "sobjects")})
    if rest[0].lower() == "query" and call.method == "GET":
        return _query(call)
    kind = rest[1].lower() if len(rest) > 1 else ""
    if rest[0].lower() != "sobjects" or kind not in ("customfield", *tooling_events.CREATORS):
        raise not_found()
    if len(rest) == 2 and call.method == "POST":
        return _create(call) if kind == "customfield" else tooling_events.create(call, kind)
    if len(rest) == 3 and call.method == "GET":
        return _one(call, kind, rest[2])
    if len(rest) == 3 and call.method == "DELETE" and kind.startswith("platformevent"):
        return tooling_events.remove(call, rest[2])
    raise not_found()


def _one(call: Call, kind: str, record_id: str) -> Answer:
    name, source = SOURCES[kind]
    for row in source(call):
        if row["Id"] == to_18(record_id):
            return Answer(200, {"attributes": _attributes(call, name, row), **row})
    raise not_found()


def _create(call: Call) -> Answer:
    body = call.mapping()
    full_name, meta = str(body.get("FullName") or ""), body.get("Metadata")
    if not isinstance(meta, dict):
        raise ApiError("REQUIRED_FIELD_MISSING", "Required fields are missing: [Metadata]", ["Metadata"])
    sobject, name = _split(call, full_name)
    if sobject.find(name) is not None or (sobject.name, name) in call.org.schema.hidden:
        message = f"There is already a field named {name.removesuffix('__c')} on {sobject.label}."
        raise ApiError("DUPLICATE_DEVELOPER_NAME", message, ["DeveloperName"])
    field = make_field(name, meta)
    if field.external_id and sum(f.external_id for f in sobject.fields.values()) >= MOST_EXTERNAL_IDS:
        raise ApiError("LIMIT_EXCEEDED", f"{sobject.label} has {MOST_EXTERNAL_IDS} external id fields already")
    call.org.add_field(sobject.name, field)
    record_id = _field_id(call, sobject.name, name)
    return Answer(201, {"id": record_id, "success": True, "errors": [], "warnings": [], "infos": []})


def _split(call: Call, full_name: str) -> tuple[SObject, str]:
    object_name, _, name = full_name.partition(".")
    sobject = call.org.schema.find(object_name)
    if sobject is None:
        raise ApiError("INVALID_TYPE", f"Cannot find object: {object_name}", ["FullName"])
    if not _NAME.fullmatch(name) or "__" in name.removesuffix("__c").partition("__")[2]:
        message = f"The field name {name} can only contain alphanumeric characters and must end in __c"
        raise ApiError("INVALID_FULL_NAME", message, ["FullName"])
    namespace = call.org.switches.namespace
    if namespace and not name.startswith(f"{namespace}__"):
        name = f"{namespace}__{name}"
    return sobject, name


def make_field(name: str, meta: dict[str, Any]) -> Field:
    """A custom field from its metadata."""
    maker = MAKERS.get(str(meta.get("type")))
    if maker is None:
        raise ApiError("FIELD_INTEGRITY_EXCEPTION", f"unknown or unsupported type: {meta.get('type')}", ["type"])
    if not meta.get("label"):
        raise ApiError("REQUIRED_FIELD_MISSING", "Required fields are missing: [Label]", ["label"])
    made = maker(name, meta)
    external, unique = bool(meta.get("externalId")), bool(meta.get("unique"))
    if (external or unique) and made.type not in ("string", "double", "email"):
        raise ApiError("FIELD_INTEGRITY_EXCEPTION", f"a field of type {meta['type']} can't be an external id or unique")
    return Field(
        **{
            **{slot: getattr(made, slot) for slot in Field.__slots__},
            "label": str(meta["label"]),
            "custom": True,
            "external_id": external,
            "id_lookup": external,
            "unique": unique,
            "case_sensitive": bool(meta.get("caseSensitive")),
            "required": bool(meta.get("required")),
        }
    )


def _field_id(call: Call, sobject: str, name: str) -> str:
    names = [(s, f.name) for s, f in call.org.schema.custom]
    return make_id("00N", names.index((sobject, name)) + 1)


def custom_fields(call: Call) -> list[dict[str, Any]]:
    """All custom fields as Tooling records."""
    rows = []
    for at, (sobject, field) in enumerate(call.org.schema.custom, 1):
        *namespace, developer_name = field.name.removesuffix("__c").split("__")
        rows.append(
            {
                "Id": make_id("00N", at),
                "DeveloperName": developer_name,
                "NamespacePrefix": namespace[0] if namespace else None,
                "TableEnumOrId": sobject,
                "EntityDefinitionId": sobject,
                "FullName": f"{sobject}.{field.name}",
                "Metadata": {"label": field.title, "externalId": field.external_id, "unique": field.unique},
            }
        )
    return rows


def entities(call: Call) -> list[dict[str, Any]]:
    """All objects as EntityDefinition records."""
    return [
        {
            "Id": make_id("000", at),
            "DurableId": s.name,
            "QualifiedApiName": s.name,
            "DeveloperName": s.name,
            "Label": s.label,
            "PluralLabel": s.plural,
            "KeyPrefix": s.prefix,
            "IsCustomizable": True,
        }
        for at, s in enumerate(call.org.schema, 1)
    ]


def field_definitions(call: Call) -> list[dict[str, Any]]:
    """All fields as FieldDefinition records."""
    return [
        {
            "Id": f"{s.name}.{f.name}",
            "DurableId": f"{s.name}.{f.name}",
            "QualifiedApiName": f.name,
            "DeveloperName": f.name.removesuffix("__c"),
            "EntityDefinitionId": s.name,
            "Label": f.title,
            "DataType": f.type,
            "Length": f.length,
            "IsIndexed": f.indexed,
        }
        for s in call.org.schema
        for f in s.fields.values()
    ]


SOURCES: dict[str, tuple[str, Callable[[Call], list[dict[str, Any]]]]] = {
    "customfield": ("CustomField", custom_fields),
    "entitydefinition": ("EntityDefinition", entities),
    "fielddefinition": ("FieldDefinition", field_definitions),
    "platformeventchannel": ("PlatformEventChannel", tooling_events.channels),
    "platformeventchannelmember": ("PlatformEventChannelMember", tooling_events.members),
    "customobject": ("CustomObject", tooling_events.objects),
}


def _attributes(call: Call, kind: str, row: dict[str, Any]) -> dict[str, str]:
    return attributes(f"{call.base}/tooling", kind, row["Id"])


def _query(call: Call) -> Answer:
    query = Parser(call.params.get("q", "")).query()
    if query.source.lower() not in SOURCES:
        raise ApiError("INVALID_TYPE", f"sObject type '{query.source}' is not supported.")
    kind, source = SOURCES[query.source.lower()]
    found = [row for row in source(call) if _matches(row, query.where)]
    if query.just_count:
        return Answer(200, {"size": len(found), "totalSize": len(found), "done": True, "records": []})
    names = [s.what[-1] for s in query.selected if isinstance(s.what, tuple)]
    records = [{"attributes": _attributes(call, kind, row), **{n: _column(row, n) for n in names}} for row in found]
    end = None if query.limit is None else query.limit
    records = records[:end]
    return Answer(
        200,
        {
            "size": len(records),
            "totalSize": len(records),
            "done": True,
            "queryLocator": None,
            "entityTypeName": kind,
            "records": records,
        },
    )


def _column(row: dict[str, Any], name: str) -> Any:
    aliases = {"entitydefinition.qualifiedapiname": "EntityDefinitionId"}
    lower = {key.lower(): value for key, value in row.items()}
    wanted = aliases.get(name.lower(), name).lower()
    if wanted not in lower:
        raise ApiError("INVALID_FIELD", f"No such column '{name}'")
    return lower[wanted]


def _matches(row: dict[str, Any], tree: Compare | Logic | None) -> bool:
    if tree is None:
        return True
    if isinstance(tree, Logic):
        results = [_matches(row, part) for part in tree.parts]
        return not results[0] if tree.op == "not" else all(results) if tree.op == "and" else any(results)
    path = tree.left if isinstance(tree.left, tuple) else tree.left.path
    found = str(_column(row, ".".join(path)) or "").lower()
    literals = tree.right if isinstance(tree.right, list) else [tree.right]
    values = [str(one.value or "").lower() for one in literals if isinstance(one, Literal)]
    if tree.op == "like":
        pattern = re.escape(values[0]).replace("%", ".*")
        return re.fullmatch(pattern, found) is not None
    return (found in values) is (tree.op in ("=", "in"))
