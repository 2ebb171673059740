"""`$batch`: order, atomic change sets, references, what is refused inside."""

from __future__ import annotations

from tests.sandbox.sap_sales_cloud.conftest import (
    ROOT,
    Client,
    batch,
    change_set,
    http_part,
    http_request,
    objects,
    statuses,
)

ACCOUNT = {"RoleCode": "CRM000", "Name": "Batch"}


def test_reads_and_changes_in_order(sap: Client) -> None:
    first = sap.account(Name="First", City="A", CountryCode="DE")
    key = first["ObjectID"]
    listed, changed, after, missing = batch(
        sap,
        http_part(http_request("GET", "CorporateAccountCollection/?%24top=3&$filter=Name%20eq%20'First'") + "\r\n"),
        change_set(
            http_request("POST", "CorporateAccountCollection", ACCOUNT),
            http_request("PATCH", f"{ROOT}CorporateAccountCollection('{key}')", {"City": "B"}),
        ),
        http_part(http_request("GET", f"http://localhost{ROOT}CorporateAccountCollection('{key}')?$format=json")),
        http_part(http_request("GET", "CorporateAccountCollection('nope')")),
    )
    assert statuses(listed) == [200]
    assert objects(listed)[0]["d"]["results"][0]["Name"] == "First"
    assert statuses(changed) == [201, 204]
    assert "multipart/mixed; boundary=" in changed and "Content-ID: 2" in changed
    assert "location: http://localhost/sap/c4c/odata/v1/c4codataapi/CorporateAccountCollection('" in changed
    assert objects(after)[0]["d"]["results"]["City"] == "B"
    assert statuses(missing) == [404]


def test_a_change_set_is_all_or_nothing(sap: Client) -> None:
    failed, good = batch(
        sap,
        change_set(
            http_request("POST", "CorporateAccountCollection", ACCOUNT),
            http_request("POST", "CorporateAccountCollection", {"Name": "no role"}),
            http_request("POST", "CorporateAccountCollection", ACCOUNT),
        ),
        change_set(http_request("POST", "CorporateAccountCollection", {**ACCOUNT, "Name": "Good"})),
    )
    assert statuses(failed) == [400]
    assert "RoleCode" in objects(failed)[0]["error"]["message"]["value"]
    assert statuses(good) == [201]
    assert [row["Name"] for row in sap.stored("CorporateAccount")] == ["Good"]
    assert len(sap.ask("CorporateAccountCollection", "Name eq 'Batch'")) == 0


def test_a_document_and_its_items_in_one_save(sap: Client) -> None:
    order = sap.order({"NetAmount": "1"}, {"NetAmount": "2"})
    first, second = sap.ask("CustomerOrderItemCollection", f"ParentObjectID eq '{order['ObjectID']}'")
    etag = sap.etag("CustomerOrderCollection", order)
    item = "CustomerOrderItemCollection('{}')"
    inner = [
        http_request("PATCH", item.format(first["ObjectID"]), {"NetAmount": "10"}, If_Match=etag),
        http_request("DELETE", item.format(second["ObjectID"]), If_Match=etag),
        http_request("PATCH", f"CustomerOrderCollection('{order['ObjectID']}')", {"Name": "Edited"}, If_Match=etag),
    ]
    (done,) = batch(sap, change_set(*inner))
    assert statuses(done) == [204, 204, 204]
    edited = sap.get(f"CustomerOrderCollection('{order['ObjectID']}')")
    assert (edited["NetAmount"], edited["Name"]) == ("10.000000", "Edited")
    (stale,) = batch(sap, change_set(*inner))
    assert statuses(stale) == [412]


def test_content_id_references_are_a_switch(sap: Client) -> None:
    buyer = sap.account()["AccountID"]
    body = {"Name": "Cart", "ProspectPartyID": buyer, "MainEmployeeResponsiblePartyID": "8000000001"}
    inner = (
        http_request("POST", "OpportunityCollection", body),
        http_request("PATCH", "$1", {"ExternalID": "store:1"}),
    )
    (refused,) = batch(sap, change_set(*inner))
    assert statuses(refused) == [404] and sap.stored("Opportunity") == []
    sap.set(content_id_references=True)
    (done,) = batch(sap, change_set(*inner))
    assert statuses(done) == [201, 204]
    assert [row["ExternalID"] for row in sap.stored("Opportunity")] == ["store:1"]


def test_what_a_batch_refuses(sap: Client) -> None:
    search, outside, inside = batch(
        sap,
        http_part(http_request("GET", "CorporateAccountCollection?$search=x")),
        http_part(http_request("POST", "CorporateAccountCollection", ACCOUNT)),
        change_set(http_request("GET", "CorporateAccountCollection")),
    )
    assert [statuses(part) for part in (search, outside, inside)] == [[400], [400], [400]]
    for content_type, body in (("application/json", "{}"), ("multipart/mixed; boundary=x", "nothing")):
        answer = sap.http.post(
            ROOT + "$batch", data=body, auth=("sandbox", "sandbox-password"), content_type=content_type
        )  # fmt: skip
        assert answer.status_code == 400
    assert sap.stored("CorporateAccount") == []


def test_errors_are_xml_where_json_was_not_asked_for(sap: Client) -> None:
    (part,) = batch(sap, http_part("GET NopeCollection HTTP/1.1\r\n\r\n\r\n"))
    assert statuses(part) == [404] and "<error" in part


def test_line_ends_of_every_kind(sap: Client) -> None:
    text = "--b\nContent-Type: application/http\n\nGET CorporateAccountCollection/$count HTTP/1.1\n\n\n--b--"
    answer = sap.http.post(
        ROOT + "$batch", data=text, auth=("sandbox", "sandbox-password"), content_type='multipart/mixed; boundary="b"'
    )
    assert statuses(answer.text) == [200]


def test_too_many_parts(sap: Client) -> None:
    sap.set(batch_parts=2)
    parts = batch(sap, *[http_part(http_request("GET", "ProductCollection"))] * 3)
    assert [statuses(part) for part in parts] == [[200], [200], [400]]


def test_the_newest_reads_see_the_change_sets_before_them(sap: Client) -> None:
    made, found = batch(
        sap,
        change_set(http_request("POST", "CorporateAccountCollection", ACCOUNT)),
        http_part(http_request("GET", "CorporateAccountCollection/$count")),
    )
    assert statuses(made) == [201] and found.rstrip().endswith("\r\n\r\n1")
