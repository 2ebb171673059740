"""Keys, `$filter` and the other query options, paging, formats."""

from __future__ import annotations

import pytest

from tests.sandbox.sap_sales_cloud.conftest import ROOT, Client

ACCOUNTS = "CorporateAccountCollection"


@pytest.fixture
def three(sap: Client) -> Client:
    for name, city, mail in (("Alpha", "Bonn", "a@x.example"), ("Beta", "Bonn", "b@x.example"), ("O'Hara", "Ulm", "")):
        sap.account(Name=name, City=city, Email=mail, CountryCode="DE")
    return sap


def names(sap: Client, where: str, **options: object) -> list[str]:
    return [row["Name"] for row in sap.ask(ACCOUNTS, where, **options)]


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        ("Name eq 'Alpha'", ["Alpha"]),
        ("Name eq 'O''Hara'", ["O'Hara"]),
        ("Name eq 'alpha'", []),
        ("Name eq '*a*'", ["Alpha", "Beta", "O'Hara"]),
        ("Email eq '*@x.example' and City eq 'Bonn'", ["Alpha", "Beta"]),
        ("startswith(Name,'Al')", ["Alpha"]),
        ("endswith(Name,'ta') eq true", ["Beta"]),
        ("substringof('Har',Name)", ["O'Hara"]),
        ("(Name eq 'Alpha' or Name eq 'Beta') and (City eq 'Bonn')", ["Alpha", "Beta"]),
        ("((Name eq 'Beta'))", ["Beta"]),
        ("Name gt 'Alpha' and Name le 'Beta'", ["Beta"]),
        ("Email eq ''", ["O'Hara"]),
        ("SalesSupportBlockingIndicator eq false", ["Alpha", "Beta", "O'Hara"]),
        ("CreationOn ge datetimeoffset'2020-01-01T00:00:00Z'", ["Alpha", "Beta", "O'Hara"]),
        ("EntityLastChangedOn lt datetimeoffset'2020-01-01T00:00:00Z'", []),
        ("BusinessPartnerFormattedName eq 'Beta'", ["Beta"]),
    ],
)
def test_filters(three: Client, where: str, wanted: list[str]) -> None:
    assert names(three, where) == wanted


@pytest.mark.parametrize(
    "where",
    [
        "Name eq 'Alpha' or City eq 'Ulm'",
        "(Name eq 'Alpha' and City eq 'Bonn') or Name eq 'Beta'",
        "Nope eq '1'",
        "RoleCodeText eq 'Customer'",
        "Name ne 'Alpha'",
        "not (Name eq 'Alpha')",
        "tolower(Name) eq 'alpha'",
        "startswith('Al',Name)",
        "Name eq Alpha",
        "Name eq 5",
        "CreationOn ge datetime'2020-01-01T00:00:00'",
        "CreationOn ge '2020-01-01'",
        "UUID eq 'x'",
        "UUID eq guid'x'",
        "CorporateAccountAddress/City eq 'Bonn'",
        "Name eq 'Alpha",
        "Name eq 'Alpha' and",
        "(" * 60 + "Name eq 'A'" + ")" * 60,
    ],
)
def test_filters_that_the_vendor_does_not_take(three: Client, where: str) -> None:
    assert three.refused(three.call("GET", f"{ACCOUNTS}?$filter={where}"))


def test_look_up_by_uuid_and_many_ids(three: Client) -> None:
    rows = three.ask(ACCOUNTS)
    uuid = rows[1]["UUID"]
    assert names(three, f"UUID eq guid'{uuid.lower()}'") == ["Beta"]
    wanted = " or ".join(f"ObjectID eq '{row['ObjectID']}'" for row in rows)
    assert names(three, f"({wanted})", top=5000) == ["Alpha", "Beta", "O'Hara"]
    three.set(filter_ignores_case=True, filter_ne=True)
    assert names(three, "Email eq 'A@X.example'") == ["Alpha"]
    assert names(three, "Name ne 'Alpha'") == ["Beta", "O'Hara"]


def test_keys_in_both_forms(three: Client) -> None:
    row = three.ask(ACCOUNTS)[0]
    key = row["ObjectID"]
    for path in (
        f"{ACCOUNTS}('{key}')",
        f"{ACCOUNTS}(ObjectID='{key}')",
        f"{ACCOUNTS}('{key}')/",
        f"{ACCOUNTS}(%27{key}%27)",
    ):
        assert three.get(path)["Name"] == "Alpha"
    assert three.get(f"{ACCOUNTS}('{key}')/Name") == {"Name": "Alpha"}
    assert three.call("GET", f"{ACCOUNTS}('{key}')/Name/$value").text == "Alpha"
    assert three.call("GET", f"{ACCOUNTS}('nope')").status_code == 404
    assert three.call("GET", "NopeCollection").status_code == 404
    assert three.call("GET", f"{ACCOUNTS}({key})").status_code == 400
    human = three.get(f"/sap/c4c/odata/uid/v1/c4codataapi/{ACCOUNTS}('{row['AccountID']}')")
    assert human["Name"] == "Alpha" and f"('{row['AccountID']}')" in human["__metadata"]["uri"]


def test_options(three: Client) -> None:
    assert names(three, "", orderby="City desc,Name desc") == ["O'Hara", "Beta", "Alpha"]
    assert names(three, "", orderby="Name", skip=1, top=1) == ["Beta"]
    (row,) = three.ask(ACCOUNTS, "Name eq 'Beta'", select="Name,City")
    assert set(row) == {"__metadata", "Name", "City"}
    assert three.call("GET", f"{ACCOUNTS}/$count?$filter=City eq 'Bonn'").text == "2"
    page = three.call("GET", f"{ACCOUNTS}/?%24top=1&%24inlinecount=allpages").get_json()["d"]
    assert page["__count"] == "3" and len(page["results"]) == 1 and "__next" not in page
    for wrong in ("$top=x", "$top=-1", "$orderby=Nope", "$select=Nope", "$expand=Nope", "$foo=1", "$inlinecount=all"):
        assert three.call("GET", f"{ACCOUNTS}?{wrong}").status_code == 400, wrong


def test_expand_and_navigation(three: Client) -> None:
    row = three.ask(ACCOUNTS, "Name eq 'Alpha'", expand="CorporateAccountAddress")[0]
    assert [one["City"] for one in row["CorporateAccountAddress"]] == ["Bonn"]
    assert row["CorporateAccountTeam"]["__deferred"]["uri"].endswith("/CorporateAccountTeam")
    path = f"{ACCOUNTS}('{row['ObjectID']}')/CorporateAccountAddress"
    (address,) = three.get(path)
    assert address["AccountID"] == row["AccountID"]
    up = three.get(f"CorporateAccountAddressCollection('{address['ObjectID']}')?$expand=CorporateAccount")
    assert up["CorporateAccount"]["Name"] == "Alpha"
    assert three.call("GET", path + "/$count").text == "1"
    three.set(expanded_as_array=False)
    row = three.ask(ACCOUNTS, "Name eq 'Alpha'", expand="CorporateAccountAddress")[0]
    assert len(row["CorporateAccountAddress"]["results"]) == 1


def test_search(three: Client) -> None:
    assert names(three, "", search="alpha") == ["Alpha"]
    assert names(three, "", search="'bonn beta'") == ["Beta"]
    assert names(three, "", search="Alp") == []
    assert names(three, "City eq 'Bonn'", search="*a", orderby="Name desc") == ["Beta", "Alpha"]
    assert "ouble quotes" in three.refused(three.call("GET", f'{ACCOUNTS}?$search="Alpha"'))


def test_pages_of_a_thousand_with_a_way_on(sap: Client) -> None:
    sap.set(page_size=10)
    made = sap.account(Name="Big")
    for n in range(25):
        sap.make("CorporateAccountTextCollectionCollection", ParentObjectID=made["ObjectID"], Text=f"note {n}")
    path, seen = "CorporateAccountTextCollectionCollection?$filter=AccountID eq '*'&$orderby=Text", []
    for _ in range(3):
        page = sap.call("GET", path).get_json()["d"]
        seen += [row["Text"] for row in page["results"]]
        path = page.get("__next", "").replace("http://localhost", "")
        if len(seen) == 10:
            assert path.endswith("$skiptoken=11") and path.startswith(ROOT)
    assert (len(set(seen)), path) == (25, "")
    assert len(sap.ask("CorporateAccountTextCollectionCollection", top=25)) == 25


def test_the_format_is_atom_unless_json_is_asked_for(three: Client) -> None:
    path = f"{ACCOUNTS}?$top=1&$inlinecount=allpages"
    feed = three.call("GET", path, Accept="*/*")
    assert feed.mimetype == "application/atom+xml" and "<d:Name>Alpha</d:Name>" in feed.text
    assert "<m:count>3</m:count>" in feed.text
    key = three.ask(ACCOUNTS)[0]["ObjectID"]
    entry = three.call("GET", f"{ACCOUNTS}('{key}')", Accept="*/*")
    assert 'type="entry"' in entry.headers["Content-Type"] or "type=entry" in entry.headers["Content-Type"]
    assert three.call("GET", path + "&$format=json", Accept="*/*").is_json
    refused = three.call("GET", "NopeCollection", Accept="*/*")
    assert refused.mimetype == "application/xml" and "<message" in refused.text


def test_how_values_read(sap: Client) -> None:
    order = sap.order({"NetAmount": "12.50", "Quantity": "2"}, RequestedFulfillmentStartDateTime="2026-01-01T00:00:00Z")
    assert order["NetAmount"] == "12.500000"
    assert order["CreationDate" if "CreationDate" in order else "DateTime"].startswith("/Date(")
    assert order["RequestedFulfillmentStartDateTime"] == "2026-01-01T00:00:00Z"
    assert order["CurrencyCodeText"] == "British Pound"
    assert (order["Simulate"], order["BuyerID"], order["ID"][0]) == (False, "", "9")
    (item,) = sap.ask("CustomerOrderItemCollection", f"ParentObjectID eq '{order['ObjectID']}'")
    assert item["Quantity"] == "2.00000000000000"
    users = sap.ask("BusinessUserCollection", "UserID eq 'MIKE'")
    assert users[0]["UserValidityEndDate"] == "/Date(253402214400000)/"
    assert users[0]["BusinessPartnerID"] == "8000000001"
    customer = sap.make(
        "IndividualCustomerCollection", RoleCode="CRM000", LastName="S", BirthDate="1980-02-03T00:00:00"
    )
    assert customer["BirthDate"] == "/Date(318384000000)/"
    bare = sap.call("GET", f"CustomerOrderCollection('{order['ObjectID']}')", odata_no_codedescs="true")
    assert "CurrencyCodeText" not in bare.get_json()["d"]["results"]


def test_single_entities_under_results_or_plain(sap: Client) -> None:
    key = sap.account()["ObjectID"]
    assert "results" in sap.call("GET", f"{ACCOUNTS}('{key}')").get_json()["d"]
    sap.set(single_results=False)
    assert sap.call("GET", f"{ACCOUNTS}('{key}')").get_json()["d"]["ObjectID"] == key
    made = sap.call("POST", ACCOUNTS, {"RoleCode": "CRM000", "Name": "x"}).get_json()["d"]
    assert made["Name"] == "x"
