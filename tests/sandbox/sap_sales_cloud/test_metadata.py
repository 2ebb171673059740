"""`$metadata`, the service document, code lists, extension fields."""

from __future__ import annotations

from typing import Any

from lxml import etree

from tests.sandbox.sap_sales_cloud.conftest import ROOT, Client

NS = {
    "edm": "http://schemas.microsoft.com/ado/2008/09/edm",
    "m": "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata",
}
SAP = "{http://www.sap.com/Protocols/SAPData}"
C4C = "{http://www.sap.com/Protocols/C4CData}"


def document(sap: Client, query: str = "") -> Any:
    answer = sap.call("GET", f"$metadata{query}")
    assert (answer.status_code, answer.mimetype) == (200, "application/xml")
    return etree.fromstring(answer.data)


def prop(root: Any, entity: str, name: str) -> Any:
    return root.find(f".//edm:EntityType[@Name='{entity}']/edm:Property[@Name='{name}']", NS)


def flags(root: Any, entity: str, name: str) -> tuple[str | None, ...]:
    return tuple(prop(root, entity, name).get(SAP + flag) for flag in ("creatable", "updatable", "filterable"))


def test_flags_lengths_and_types_are_the_vendors(sap: Client) -> None:
    root = document(sap)
    (schema,) = root.iterfind(".//edm:Schema", NS)
    assert schema.get("Namespace") == "c4codata"
    assert flags(root, "CorporateAccount", "ExternalID") == ("false", "false", "true")
    assert flags(root, "CorporateAccount", "UUID") == ("true", "false", "true")
    assert flags(root, "Contact", "ContactUUID") == ("false", "false", "true")
    assert flags(root, "Opportunity", "ExternalID") == ("false", "true", "true")
    key = prop(root, "CorporateAccount", "ObjectID")
    assert (key.get("Type"), key.get("MaxLength"), key.get("Nullable")) == ("Edm.String", "70", "false")
    etag = prop(root, "CustomerOrder", "ETag")
    assert (etag.get("Type"), etag.get("Precision"), etag.get("ConcurrencyMode")) == (
        "Edm.DateTimeOffset",
        "7",
        "Fixed",
    )
    quantity = prop(root, "OpportunityItem", "Quantity")
    assert (quantity.get("Precision"), quantity.get("Scale")) == ("31", "14")
    assert prop(root, "CorporateAccount", "Name").get("Nullable") == "false"
    assert prop(root, "CorporateAccount", "Street").get("MaxLength") == "60"
    assert prop(root, "Opportunity", "ProductRecepientPartyID") is not None


def test_value_helps_contexts_and_parents(sap: Client) -> None:
    root = document(sap)
    state = prop(root, "CorporateAccount", "StateCode")
    assert state.get(C4C + "value-help") == "CorporateAccountStateCodeCollection"
    assert state.get(C4C + "context-property") == "CountryCode"
    assert state.get(SAP + "text") == "StateCodeText"
    assert prop(root, "CustomerOrderItem", "SalesOrderID").get(C4C + "is-parent-internal-key") == "true"
    child = root.find(".//edm:EntityType[@Name='CustomerOrderItem']", NS)
    assert child.get(C4C + "parent-entity-type") == "CustomerOrder"
    sets = {one.get("Name"): one for one in root.iterfind(".//edm:EntitySet", NS)}
    for name in ("CorporateAccount", "IndividualCustomer", "Contact", "BusinessUser"):
        assert sets[name + "Collection"].get(SAP + "deletable") == "false"
    assert sets["OpportunityCollection"].get(SAP + "deletable") == "true"
    assert sets["CorporateAccountStateCodeCollection"].get("EntityType") == "c4codata.ContextualCodeList"
    assert {"OpportunityTextCollectionCollection", "TasksCollection"} <= set(sets)


def test_every_navigation_has_its_association_and_set(sap: Client) -> None:
    root = document(sap)
    associations = {one.get("Name"): one for one in root.iterfind(".//edm:Association", NS)}
    ends = {
        name: {end.get("Role"): end.get("Type") for end in one.iterfind("edm:End", NS)}
        for name, one in associations.items()
    }
    used = [one for one in root.iterfind(".//edm:AssociationSet", NS)]
    assert {one.get("Association").removeprefix("c4codata.") for one in used} == set(associations)
    for entity in root.iterfind(".//edm:EntityType", NS):
        for nav in entity.iterfind("edm:NavigationProperty", NS):
            roles = ends[nav.get("Relationship").removeprefix("c4codata.")]
            assert roles[nav.get("FromRole")] == f"c4codata.{entity.get('Name')}"
            assert nav.get("ToRole") in roles
    assert "CorporateAccount_CorporateAccountAddress" in associations


def test_a_part_and_labels(sap: Client) -> None:
    root = document(sap, "?$filter=Opportunity,ServiceRequest&sap-label=true")
    names = {one.get("Name") for one in root.iterfind(".//edm:EntityType", NS)}
    assert {"Opportunity", "OpportunityItem", "ServiceRequest"} <= names
    assert "CorporateAccount" not in names
    assert prop(root, "Opportunity", "ProspectPartyID").get(SAP + "label") == "Prospect Party ID"
    assert "Nope" in sap.refused(sap.call("GET", "$metadata?$filter=Nope"))


def test_function_imports_are_listed(sap: Client) -> None:
    found = {one.get("Name"): one for one in document(sap).iterfind(".//edm:FunctionImport", NS)}
    convert = found["ConvertLeadToOpportunity"]
    assert convert.get(f"{{{NS['m']}}}HttpMethod") == "POST"
    assert convert.get("ReturnType") == "c4codata.Opportunity"
    assert "CorporateAccountQueryByElements" in found


def test_service_document_catalogue_and_root(sap: Client) -> None:
    names = sap.call("GET", ROOT).get_json()["d"]["EntitySets"]
    assert {"CorporateAccountCollection", "CustomerOrderItemCollection"} <= set(names)
    xml = sap.call("GET", ROOT, Accept="*/*")
    assert (xml.status_code, xml.mimetype) == (200, "application/atomsvc+xml")
    moved = sap.call("GET", ROOT.rstrip("/"))
    assert moved.status_code == 307 and moved.headers["Location"].endswith(ROOT)
    listed = sap.get("/sap/c4c/odata/v1/odataservicecatalog/ODataServiceCollection")
    assert [one["ID"] for one in listed] == ["c4codataapi"]


def test_code_lists_and_their_contexts(sap: Client) -> None:
    rows = sap.ask("OpportunityLifeCycleStatusCodeCollection")
    assert {row["Code"]: row["Description"] for row in rows}["2"] == "In Process"
    states = sap.ask("CorporateAccountStateCodeCollection", "Context eq 'US' and Code eq 'CA'")
    assert [row["Description"] for row in states] == ["California"]
    one = sap.get("CorporateAccountStateCodeCollection(Context='DE',Code='09')")
    assert one["Description"] == "Bayern"
    german = sap.get("CorporateAccountCountryCodeCollection('DE')", Accept_Language="de-DE")
    assert german["Description"] == "Deutschland"
    assert sap.call("GET", "CorporateAccountCountryCodeCollection/$count").text.isdigit()
    assert sap.call("POST", "CorporateAccountCountryCodeCollection", {}).status_code == 405


def test_extension_fields_join_the_service(sap: Client) -> None:
    made = sap.control("fields", entity="CustomerOrder", name="ShopKey", type="String", length=30)
    assert made.get_json() == {"name": "ShopKey_KUT"}
    assert prop(document(sap), "CustomerOrder", "ShopKey_KUT").get("MaxLength") == "30"
    order = sap.order(ShopKey_KUT="store:1")
    found = sap.ask("CustomerOrderCollection", "ShopKey_KUT eq 'store:1'")
    assert [row["ObjectID"] for row in found] == [order["ObjectID"]]
    assert "maximum length" in sap.refused(sap.patch("CustomerOrderCollection", order["ObjectID"],
                                                     {"ShopKey_KUT": "x" * 31}))  # fmt: skip
    wrong = sap.http.post("/_sandbox/fields", json={"entity": "Nope", "name": "X"})
    assert wrong.status_code == 422
