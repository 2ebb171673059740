"""`$metadata` as XML, written from the schema of this tenant."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree

from app.sandbox.sap_sales_cloud import codes
from app.sandbox.sap_sales_cloud.calls import Call, Outcome, listed
from app.sandbox.sap_sales_cloud.errors import XML_TYPE, bad
from app.sandbox.sap_sales_cloud.model import EntityType, Property
from app.sandbox.sap_sales_cloud.schema import CODE_LIST, CONTEXTUAL_CODE_LIST, Schema, code_set
from app.sandbox.sap_sales_cloud.tenant import Tenant

EDMX = "http://schemas.microsoft.com/ado/2007/06/edmx"
EDM = "http://schemas.microsoft.com/ado/2008/09/edm"
META = "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"
SAP = "http://www.sap.com/Protocols/SAPData"
C4C = "http://www.sap.com/Protocols/C4CData"
NAMESPACE = "c4codata"
_MAP: Any = {None: EDM}


def answer(tenant: Tenant, call: Call) -> Outcome:
    """The document, whole or of the entity types that `$filter` lists."""
    wanted = listed(call.query.get("$filter", ""))
    schema = tenant.schema
    for name in wanted:
        if name not in schema.entities:
            raise bad(f"Entity type '{name}' not found")
    names = {child for name in wanted for child in (name, *schema.entities[name].children)} or set(schema.entities)
    body = document(schema, names, call.query.get("sap-label", "").lower() == "true")
    return Outcome(200, lambda: body, XML_TYPE)


def document(schema: Schema, names: set[str], labels: bool) -> bytes:
    """The EDMX of some entity types and what they need."""
    root = etree.Element(f"{{{EDMX}}}Edmx", nsmap={"edmx": EDMX, "m": META, "sap": SAP, "c4c": C4C}, Version="1.0")
    services = etree.SubElement(root, f"{{{EDMX}}}DataServices")
    services.set(f"{{{META}}}DataServiceVersion", "2.0")
    body = etree.SubElement(services, f"{{{EDM}}}Schema", nsmap=_MAP, Namespace=NAMESPACE)
    shown = [one for one in schema.entities.values() if one.name in names]
    for one in shown:
        _entity_type(body, schema, one, names, labels)
    for shared in (CODE_LIST, CONTEXTUAL_CODE_LIST):
        _code_list_type(body, shared)
    pairs = list(_pairs(schema, shown, names))
    for parent, child, name in pairs:
        _association(body, parent, child, name)
    _container(body, schema, shown, pairs)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="utf-8"))


def _pairs(schema: Schema, shown: list[EntityType], names: set[str]) -> Any:
    """Source, target and association of every relation: a child's with its parent, and links between objects."""
    for one in shown:
        for nav in schema.navigations[one.name].values():
            if nav.target in names and nav.target != one.parent:
                yield one.name, nav.target, f"{one.name}_{nav.name}"


def _flags(element: Any, **flags: bool) -> None:
    for name, value in flags.items():
        element.set(f"{{{SAP}}}{name}", "true" if value else "false")


def _entity_type(body: Any, schema: Schema, one: EntityType, names: set[str], labels: bool) -> None:
    element = etree.SubElement(body, f"{{{EDM}}}EntityType", Name=one.name)
    if one.parent:
        element.set(f"{{{C4C}}}parent-entity-type", one.parent)
    key = etree.SubElement(element, f"{{{EDM}}}Key")
    etree.SubElement(key, f"{{{EDM}}}PropertyRef", Name="ObjectID")
    for prop in one.properties.values():
        _property(element, one, prop, labels)
    for nav in schema.navigations[one.name].values():
        if nav.target not in names:
            continue
        down = nav.target != one.parent
        name = f"{one.name}_{nav.name}" if down else f"{one.parent}_{one.name}"
        ends = ("Source", "Target") if down else ("Target", "Source")
        etree.SubElement(
            element, f"{{{EDM}}}NavigationProperty", Name=nav.name, Relationship=f"{NAMESPACE}.{name}",
            FromRole=ends[0], ToRole=ends[1],
        )  # fmt: skip


def _property(element: Any, owner: EntityType, prop: Property, labels: bool) -> None:
    made = etree.SubElement(element, f"{{{EDM}}}Property", _facets(prop))
    _flags(made, creatable=prop.creatable, updatable=prop.updatable, filterable=prop.filterable)
    if labels:
        made.set(f"{{{SAP}}}label", label(prop.name))
    if prop.name + "Text" in owner.properties:
        made.set(f"{{{SAP}}}text", prop.name + "Text")
    if prop.edm == "Edm.DateTime":
        made.set(f"{{{SAP}}}display-format", "Date")
    if prop.codes and (codes.entries(prop.codes) is not None or codes.contextual(prop.codes) is not None):
        made.set(f"{{{C4C}}}value-help", code_set(owner, prop))
    if prop.context:
        made.set(f"{{{C4C}}}context-property", prop.context)
    if prop.parent_key:
        made.set(f"{{{C4C}}}is-parent-internal-key", "true")


def _facets(prop: Property) -> dict[str, str]:
    facets = {"Name": prop.name, "Type": prop.edm, "Nullable": "true" if prop.nullable else "false"}
    if prop.length:
        facets |= {"MaxLength": str(prop.length), "FixedLength": "false"}
    if prop.precision:
        facets["Precision"] = str(prop.precision)
    if prop.scale:
        facets["Scale"] = str(prop.scale)
    if prop.name == "ETag":
        facets["ConcurrencyMode"] = "Fixed"
    return facets


def _code_list_type(body: Any, one: EntityType) -> None:
    element = etree.SubElement(body, f"{{{EDM}}}EntityType", Name=one.name)
    element.set(f"{{{SAP}}}semantics", "fixed-values")
    key = etree.SubElement(element, f"{{{EDM}}}Key")
    for name in one.key:
        etree.SubElement(key, f"{{{EDM}}}PropertyRef", Name=name)
    for prop in one.properties.values():
        _property(element, one, prop, labels=False)


def _association(body: Any, parent: str, child: str, name: str) -> None:
    element = etree.SubElement(body, f"{{{EDM}}}Association", Name=name)
    to_one = name in ("Contact_CorporateAccount", "BusinessUser_EmployeeBasicData")
    for role, target, multiplicity in (("Source", parent, "1"), ("Target", child, "0..1" if to_one else "*")):
        etree.SubElement(
            element, f"{{{EDM}}}End", Type=f"{NAMESPACE}.{target}", Multiplicity=multiplicity, Role=role
        )  # fmt: skip


def _container(body: Any, schema: Schema, shown: list[EntityType], pairs: list[tuple[str, str, str]]) -> None:
    container = etree.SubElement(body, f"{{{EDM}}}EntityContainer", Name=NAMESPACE)
    container.set(f"{{{META}}}IsDefaultEntityContainer", "true")
    own = {one.name: one for one in shown}
    lists = {
        code_set(one, prop) for one in shown for prop in one.properties.values() if code_set(one, prop) in schema.sets
    }
    for name, one in schema.sets.items():
        if one.code_list and name in lists:
            made = _set(container, name, one.name)
            _flags(made, creatable=False, updatable=False, deletable=False)
            made.set(f"{{{SAP}}}semantics", "fixed-values")
        elif one.name in own:
            made = _set(container, name, one.name)
            _flags(made, creatable=one.creatable, updatable=one.updatable, deletable=one.deletable)
    for parent, child, name in pairs:
        ends = etree.SubElement(
            container, f"{{{EDM}}}AssociationSet", Name=f"{name}Set", Association=f"{NAMESPACE}.{name}"
        )
        for role, target in (("Source", parent), ("Target", child)):
            etree.SubElement(ends, f"{{{EDM}}}End", EntitySet=schema.entities[target].set_name, Role=role)
    _functions(container, schema, own)


def _set(container: Any, name: str, type_name: str) -> Any:
    return etree.SubElement(container, f"{{{EDM}}}EntitySet", Name=name, EntityType=f"{NAMESPACE}.{type_name}")


def _functions(container: Any, schema: Schema, own: dict[str, EntityType]) -> None:
    for function in schema.functions.values():
        if function.returns not in own:
            continue
        returned = f"{NAMESPACE}.{function.returns}"
        made = etree.SubElement(
            container, f"{{{EDM}}}FunctionImport", Name=function.name,
            ReturnType=f"Collection({returned})" if function.many else returned,
            EntitySet=own[function.returns].set_name,
        )  # fmt: skip
        made.set(f"{{{META}}}HttpMethod", function.method)
        for name in function.parameters:
            etree.SubElement(
                made, f"{{{EDM}}}Parameter", Name=name, Type="Edm.String", Mode="In",
                Nullable="true" if function.many else "false",
            )  # fmt: skip


def label(name: str) -> str:
    """`BuyerPartyID` → `Buyer Party ID`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.removesuffix("_KUT"))
