"""Makes or checks what we rely on in an org: fields and permissions; the rest is inquired."""

from __future__ import annotations

from app.connectors.base import Preparation
from app.connectors.salesforce.client import Client
from app.connectors.salesforce.errors import of_entry
from app.connectors.salesforce.inquiry import Described, acting_user, inquire
from app.connectors.salesforce.schema import FIELDS, OBJECTS, OPTIONAL_OBJECTS, CustomField
from app.connectors.salesforce.values import literal
from app.errors import NotFound, Rejected

PERMISSION_SET = "Storeline"
ROWS = 200  # of a collection


def prepare(client: Client) -> Preparation:
    """Create what can be created, name what is missing in words, and find out what kind of org it is."""
    described = _describe(client)
    created: list[str] = []
    missing = [_missing_object(name) for name in OBJECTS if name not in described and name not in OPTIONAL_OBJECTS]
    advice = [_missing_object(name) for name in OPTIONAL_OBJECTS if name not in described]
    problems: dict[str, str] = {}
    absent = _absent(described)
    if absent and client.names.namespace:
        problems = dict.fromkeys(absent, "install the Storeline package, or its newer version")
    elif absent:
        fields = [field for field in FIELDS if field.full_name in absent]
        problems = _create(client, fields, created)
        problems |= _permit(client, fields)
        described = _describe(client)
    for field in FIELDS:
        words = _trouble(field, described, problems)
        if words:
            (missing if field.needed else advice).append(words)
    advice += _coarse(described)
    facts = inquire(client, described, missing)
    return Preparation(tuple(created), tuple(missing), tuple(advice), facts.to_json())


def _missing_object(name: str) -> str:
    if name in ("Order", "OrderItem"):
        return "Orders are not enabled: switch them on in Setup, Order Settings."
    return f"The object {name} is not there or not visible to the connected user."


def _describe(client: Client) -> Described:
    described: Described = {}
    for name in OBJECTS:
        try:
            answer = client.get(f"/sobjects/{name}/describe")
        except NotFound:
            continue
        # Names inside values are as Salesforce knows them; ours are bare.
        described[name] = {field["name"].removeprefix(client.names.prefix): field for field in answer["fields"]}
    return described


def _absent(described: Described) -> list[str]:
    return [
        field.full_name for field in FIELDS if field.object in described and field.name not in described[field.object]
    ]


def _trouble(field: CustomField, described: Described, problems: dict[str, str]) -> str:
    """What is the matter with a field, of an object that is there."""
    if field.object not in described:
        return ""
    found = described[field.object].get(field.name)
    if found is None:
        remedy = problems.get(field.full_name, "check it")
        return f"The field {field.full_name} ({field.label}) is not there or not visible: {remedy}."
    return "" if found["updateable"] else f"The connected user may not write the field {field.full_name}."


def _coarse(described: Described) -> list[str]:
    """Amounts in fields made by an older version of ours, which kept two decimals."""
    found = [
        field.full_name
        for field in FIELDS
        if field.metadata["type"] == "Currency"
        and described.get(field.object, {}).get(field.name, field.metadata)["scale"] < field.metadata["scale"]
    ]
    words = f"Give these fields 4 decimal places in Setup, for currencies of three: {', '.join(found)}."
    return [words] if found else []


def _create(client: Client, fields: list[CustomField], created: list[str]) -> dict[str, str]:
    problems: dict[str, str] = {}
    for field in fields:
        for home in filter(None, (field.home, field.object)):
            body = {"FullName": f"{home}.{field.name}", "Metadata": field.metadata}
            try:
                client.post("/tooling/sobjects/CustomField", body)
                created.append(field.full_name)
                problems.pop(field.full_name, None)
                break
            except Rejected as error:  # also: it is there, and hidden from the user until permitted
                if error.code != "DUPLICATE_DEVELOPER_NAME":
                    problems[field.full_name] = error.message
    return problems


def _permit(client: Client, fields: list[CustomField]) -> dict[str, str]:
    """New fields are visible to nobody: a permission set of ours shows them to the connected user."""
    problems = {}
    try:
        permission_set = _permission_set(client)
        for start in range(0, len(fields), ROWS):
            part = fields[start : start + ROWS]
            records = [_permission(permission_set, field) for field in part]
            answers = client.post("/composite/sobjects", {"allOrNone": False, "records": records})
            for field, answer in zip(part, answers, strict=True):
                error = of_entry((answer.get("errors") or [{}])[0])
                if not answer.get("success") and error.code != "DUPLICATE_VALUE":
                    problems[field.full_name] = error.message
    except Rejected as error:
        problems = {field.full_name: error.message for field in fields}
    return problems


def _permission(permission_set: str, field: CustomField) -> dict[str, object]:
    return {
        "attributes": {"type": "FieldPermissions"},
        "ParentId": permission_set,
        "SobjectType": field.object,
        "Field": field.full_name,
        "PermissionsRead": True,
        "PermissionsEdit": True,
    }


def _permission_set(client: Client) -> str:
    rows = client.query(f"SELECT Id FROM PermissionSet WHERE Name = {literal(PERMISSION_SET)}")
    if rows:
        permission_set = str(rows[0]["Id"])
    else:
        body = {"Name": PERMISSION_SET, "Label": PERMISSION_SET}
        permission_set = str(client.post("/sobjects/PermissionSet", body)["id"])
    user = acting_user(client)
    where = f"AssigneeId = {literal(user)} AND PermissionSetId = {literal(permission_set)}"
    if not client.query(f"SELECT Id FROM PermissionSetAssignment WHERE {where}"):
        client.post("/sobjects/PermissionSetAssignment", {"AssigneeId": user, "PermissionSetId": permission_set})
    return permission_set
