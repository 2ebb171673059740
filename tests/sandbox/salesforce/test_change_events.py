"""Change data capture: what each write is told as, whoever made it, and what is not told."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pysfpubsub import pubsub_api_pb2 as pb2

from tests.sandbox.salesforce.conftest import Client
from tests.sandbox.salesforce.events import Subscriber, subscriber

ALL = "/data/ChangeEvents"


@pytest.fixture
def ps(sf: Client) -> Iterator[Subscriber]:
    with subscriber(sf) as made:
        yield made


def headers(ps: Subscriber, count: int, topic: str = ALL) -> list[dict[str, Any]]:
    return [event["ChangeEventHeader"] for event in ps.everything(topic, count)]


def told(ps: Subscriber, count: int, topic: str = ALL) -> list[tuple[str, str, list[str]]]:
    return [(h["entityName"], h["changeType"], h["recordIds"]) for h in headers(ps, count, topic)]


def test_create_update_delete_of_a_person(ps: Subscriber) -> None:
    sf = ps.sf
    contact = sf.create("Contact", LastName="Marsh", FirstName="Olivia", MailingCity="Bristol", Birthdate="1990-01-02")
    sf.patch("Contact", contact, FirstName=None, MailingCity="Bath", MailingStreet="1 Lane", Birthdate=None, Title="Dr")
    sf.delete("Contact", contact)
    create, update, delete = ps.everything("/data/ContactChangeEvent", 3)
    header = create["ChangeEventHeader"]
    assert (header["entityName"], header["changeType"], header["recordIds"]) == ("Contact", "CREATE", [contact])
    assert (header["changedFields"], header["nulledFields"], header["diffFields"]) == ([], [], [])
    assert (header["sequenceNumber"], header["commitUser"]) == (1, create["OwnerId"])
    assert abs(header["commitTimestamp"] / 1000 - time.time()) < 60
    name = {"Salutation": None, "FirstName": "Olivia", "LastName": "Marsh"}
    assert {k: create["Name"][k] for k in name} == name
    assert create["MailingAddress"]["City"] == "Bristol"
    assert create["Birthdate"] == 631_238_400_000
    assert abs(create["CreatedDate"] - header["commitTimestamp"]) < 2000
    assert create["HasOptedOutOfEmail"] is False
    assert not {"Id", "SystemModstamp", "IsDeleted", "Email", "FirstName", "MailingCity"} & set(create)
    header = update["ChangeEventHeader"]
    changed = {"Name.FirstName", "MailingAddress.City", "MailingAddress.Street", "Birthdate", "Title"}
    assert set(header["changedFields"]) == {*changed, "LastModifiedDate"}
    assert header["nulledFields"] == ["Birthdate", "Name.FirstName"]
    assert set(update) - {"replay_id", "id", "schema_id"} == {
        "ChangeEventHeader", "MailingAddress", "Title", "LastModifiedDate",
    }  # fmt: skip
    assert update["MailingAddress"]["State"] is None
    assert delete["ChangeEventHeader"]["changeType"] == "DELETE"
    assert set(delete) == {"ChangeEventHeader", "replay_id", "id", "schema_id"}
    numbers = [e["ChangeEventHeader"]["commitNumber"] for e in (create, update, delete)]
    assert numbers == sorted(set(numbers))


def test_the_name_of_a_business_is_text(ps: Subscriber) -> None:
    account = ps.sf.create("Account", Name="Harbour Lane", AnnualRevenue=12)
    ps.sf.patch("Account", account, Name="Harbour Lane Gifts")
    create, update = ps.everything("/data/AccountChangeEvent", 2)
    assert (create["Name"], create["AnnualRevenue"]) == ("Harbour Lane", 12.0)
    assert (update["Name"], update["ChangeEventHeader"]["changedFields"]) == (
        "Harbour Lane Gifts", ["LastModifiedDate", "Name"],
    )  # fmt: skip


def test_person_accounts_are_told_twice(ps: Subscriber) -> None:
    ps.sf.switch(person_accounts=True)
    person = ps.sf.create("Account", LastName="Marsh", PersonEmail="a@b.example")
    ps.sf.patch("Account", person, PersonEmail="c@d.example")
    ps.sf.patch("Account", person, Rating="Hot")
    events = ps.everything(ALL, 6)
    kinds = [(e["ChangeEventHeader"]["entityName"], e["ChangeEventHeader"]["changeType"]) for e in events]
    assert kinds == [("Account", "CREATE"), ("Contact", "CREATE")] + [("Account", "UPDATE"), ("Contact", "UPDATE")] * 2
    assert events[0]["Name"]["LastName"] == "Marsh"
    assert "PersonEmail" not in events[0] and events[1]["Email"] == "a@b.example"
    changed = [e["ChangeEventHeader"]["changedFields"] for e in events[2:]]
    only = ["LastModifiedDate"]
    assert changed == [only, ["Email", *only], [*only, "Rating"], only]


def test_origin_tells_client_and_api(ps: Subscriber) -> None:
    sf = ps.sf
    sf.call("POST", "sobjects/Account", {"Name": "A"}, Sforce_Call_Options="client=storeline")
    sf.call("POST", "/services/data/v58.0/sobjects/Account", {"Name": "B"})
    body = {"compositeRequest": [{"method": "POST", "url": "/services/data/v66.0/sobjects/Account",
                                  "referenceId": "a", "body": {"Name": "C"}}]}  # fmt: skip
    sf.call("POST", "composite", body, Sforce_Call_Options="defaultNamespace=x, client=other")
    origins = [header["changeOrigin"] for header in headers(ps, 3)]
    assert origins == [f"com/salesforce/api/rest/{v}" for v in ("66.0;client=storeline", "58.0", "66.0;client=other")]


def test_bulk_jobs_are_told_with_their_own_origin(ps: Subscriber) -> None:
    sf = ps.sf
    job = {"operation": "insert", "object": "Account", "contentType": "CSV"}
    made = sf.call("POST", "jobs/ingest", job, Sforce_Call_Options="client=storeline").get_json()
    path = f"/services/data/v66.0/jobs/ingest/{made['id']}"
    rows = "Name\n" + "".join(f"B{n}\n" for n in range(250)) + "x" * 300 + "\n"
    sf.http.put(f"{path}/batches", data=rows, headers={"Authorization": f"Bearer {sf.token}"})
    stream = ps.subscribe("/data/AccountChangeEvent", replay_preset=pb2.EARLIEST)
    sf.call("PATCH", path, {"state": "UploadComplete"})
    found = stream.events(100)
    stream.ask(num_requested=100)
    found += stream.events(100)
    stream.ask(num_requested=100)
    found += stream.events(50)
    assert {e["ChangeEventHeader"]["changeOrigin"] for e in found} == {
        "com/salesforce/api/bulkapi/66.0;client=storeline"
    }
    assert len({e["ChangeEventHeader"]["transactionKey"] for e in found}) == 2  # 200 rows each


def test_what_is_undone_is_not_told(ps: Subscriber) -> None:
    sf = ps.sf
    records = [{"attributes": {"type": "Account"}, "Name": "Good"}, {"attributes": {"type": "Account"}}]
    sf.call("POST", "composite/sobjects", {"allOrNone": True, "records": records})
    sf.call("POST", "sobjects/Account", {"Nope": 1})
    body = {"Name": "A"}
    steps = [
        {"method": "POST", "url": "/services/data/v66.0/sobjects/Account", "referenceId": "a", "body": body},
        {"method": "DELETE", "url": "/services/data/v66.0/sobjects/Account/@{a.id}", "referenceId": "d"},
    ]
    sf.call("POST", "composite", {"compositeRequest": steps})
    assert sf.http.get("/_sandbox/events").get_json()["retained"] == 0
    sf.call("POST", "composite/sobjects", {"records": records})
    assert [kind for _, kind, _ in told(ps, 1)] == ["CREATE"]


def test_a_transaction_tells_each_record_once_in_order(ps: Subscriber) -> None:
    sf = ps.sf
    entry = sf.entry(price=10)
    order = sf.order()
    sf.http.post("/_sandbox/events/expire")
    item = {"attributes": {"type": "OrderItem"}, "OrderId": order, "PricebookEntryId": entry, "UnitPrice": 10}
    sf.call("POST", "composite/sobjects", {"records": [{**item, "Quantity": 1}, {**item, "Quantity": 2}]})
    events = ps.everything(ALL, 3)
    found = [(e["ChangeEventHeader"]["entityName"], e["ChangeEventHeader"]["sequenceNumber"]) for e in events]
    assert found == [("OrderItem", 1), ("Order", 2), ("OrderItem", 3)]
    assert len({e["ChangeEventHeader"]["transactionKey"] for e in events}) == 1
    assert (events[0]["TotalPrice"], events[1]["TotalAmount"]) == (10.0, 30.0)
    assert "Status" not in events[1]


def test_price_book_entries_lack_system_fields_when_created(ps: Subscriber) -> None:
    entry = ps.sf.entry(price=10)
    ps.sf.patch("PricebookEntry", entry, UnitPrice=11)
    create, update = ps.everything("/data/PricebookEntryChangeEvent", 2)
    assert create["UnitPrice"] == 10.0 and not {"CreatedDate", "LastModifiedDate", "CreatedById"} & set(create)
    assert update["UnitPrice"] == 11.0 and update["LastModifiedDate"]


def test_cascades_and_undelete(ps: Subscriber) -> None:
    sf = ps.sf
    account = sf.create("Account", Name="A")
    contact = sf.create("Contact", LastName="L", AccountId=account)
    case = sf.create("Case", ContactId=contact)
    sf.http.post("/_sandbox/events/expire")
    sf.delete("Account", account)
    gone = {("Contact", "DELETE", contact), ("Account", "DELETE", account), ("Case", "UPDATE", case)}
    assert {(name, kind, ids[0]) for name, kind, ids in told(ps, 3)} == gone
    assert sf.http.post("/_sandbox/undelete", json={"ids": [account]}).status_code == 200
    back = ps.everything(ALL, 5)[3:]
    kinds = [(e["ChangeEventHeader"]["entityName"], e["ChangeEventHeader"]["changeType"]) for e in back]
    assert kinds == [("Account", "UNDELETE"), ("Contact", "UNDELETE")]
    assert (back[0]["Name"], back[0]["ChangeEventHeader"]["changeOrigin"]) == ("A", "")
    assert [row["AccountId"] for row in sf.stored("Contact")] == [account]


def test_only_selected_objects_are_told(ps: Subscriber) -> None:
    ps.sf.switch(cdc_entities=["Contact"])
    ps.sf.create("Account", Name="A")
    contact = ps.sf.create("Contact", LastName="L")
    assert told(ps, 1) == [("Contact", "CREATE", [contact])]
    assert ps.topic("/data/AccountChangeEvent").can_subscribe
    assert ps.sf.http.post("/_sandbox/events/gap", json={"entity": "Account", "ids": ["x"]}).status_code == 422


def test_gaps_and_overflow(ps: Subscriber) -> None:
    sf = ps.sf
    assert sf.http.post("/_sandbox/events/gap", json={"entity": "Order", "ids": ["801a", "801b"]}).status_code == 204
    sf.http.post("/_sandbox/events/gap", json={"entity": "Lead", "ids": ["00Qa"], "type": "GAP_DELETE"})
    sf.http.post("/_sandbox/events/overflow", json={"entity": "Contact"})
    assert told(ps, 3) == [
        ("Order", "GAP_UPDATE", ["801a", "801b"]),
        ("Lead", "GAP_DELETE", ["00Qa"]),
        ("Contact", "GAP_OVERFLOW", ["000000000000000AAA"]),
    ]
    assert told(ps, 1, "/data/OrderChangeEvent")[0][1] == "GAP_UPDATE"
    assert sf.http.post("/_sandbox/events/gap", json={"entity": "Order", "ids": [], "type": "X"}).status_code == 422


def test_long_texts_go_as_differences(ps: Subscriber) -> None:
    old, new = "a line\n" * 300, "a line\n" * 299 + "another line"
    account = ps.sf.create("Account", Name="A", Description=old)
    ps.sf.patch("Account", account, Description=new)
    create, update = ps.everything("/data/AccountChangeEvent", 2)
    assert create["Description"] == old
    assert update["ChangeEventHeader"]["diffFields"] == ["Description"]
    assert "Description" in update["ChangeEventHeader"]["changedFields"]
    assert update["Description"].startswith(f"--- \n+++ {hashlib.sha256(new.encode()).hexdigest()}\n@@")
    assert "+another line" in update["Description"] and len(update["Description"]) < 200
    ps.sf.switch(cdc_differences=False)
    ps.sf.patch("Account", account, Description=old)
    assert ps.everything("/data/AccountChangeEvent", 3)[2]["Description"] == old


def test_an_event_too_large_becomes_a_gap(ps: Subscriber) -> None:
    for number in range(33):
        meta = {"type": "LongTextArea", "length": 32000}
        assert ps.sf.add_field("Account", f"Long{number}__c", **meta).status_code == 201
    texts = {f"Long{number}__c": "x" * 32000 for number in range(33)}
    account = ps.sf.create("Account", Name="A", **texts)
    assert told(ps, 1) == [("Account", "GAP_CREATE", [account])]


def test_the_schema_changes_with_the_object_and_old_events_keep_theirs(ps: Subscriber) -> None:
    account = ps.sf.create("Account", Name="A")
    first = ps.topic("/data/AccountChangeEvent").schema_id
    assert ps.sf.add_field("Account", "BC_Key__c").status_code == 201
    ps.sf.patch("Account", account, BC_Key__c="k")
    second = ps.topic("/data/AccountChangeEvent").schema_id
    assert first != second
    events = ps.everything("/data/AccountChangeEvent", 2)
    assert [event["schema_id"] for event in events] == [first, second]
    assert events[1]["BC_Key__c"] == "k"
    assert events[1]["ChangeEventHeader"]["changedFields"] == ["BC_Key__c", "LastModifiedDate"]
    schema = ps.schema(second)
    assert (schema["namespace"], schema["name"]) == ("com.sforce.eventbus", "AccountChangeEvent")
    assert schema["fields"][0]["name"] == "ChangeEventHeader"


def tooling(sf: Client, kind: str, name: str, **meta: Any) -> Any:
    return sf.call("POST", f"tooling/sobjects/{kind}", {"FullName": name, "Metadata": meta})


def test_custom_channels_enrich_updates_and_deletes(ps: Subscriber) -> None:
    sf = ps.sf
    sf.switch(cdc_entities=[])
    sf.add_key("Account", "BC_Key__c")
    made = tooling(sf, "PlatformEventChannel", "Storeline__chn", channelType="data", label="Storeline")
    assert made.status_code == 201, made.get_json()
    member = {"eventChannel": "Storeline__chn", "selectedEntity": "AccountChangeEvent"}
    enriched = [{"name": "BC_Key__c"}, {"name": "Name"}]
    kept = tooling(sf, "PlatformEventChannelMember", "Storeline_A", **member, enrichedFields=enriched)
    assert kept.status_code == 201, kept.get_json()
    account = sf.create("Account", Name="A", BC_Key__c="k1")
    sf.patch("Account", account, Phone="1")
    sf.delete("Account", account)
    sf.create("Contact", LastName="L")
    create, update, delete = ps.everything("/data/Storeline__chn", 3)
    assert (create["BC_Key__c"], update["BC_Key__c"], delete["BC_Key__c"]) == ("k1", "k1", "k1")
    assert (update["Name"], delete["Name"]) == ("A", "A")
    assert update["ChangeEventHeader"]["changedFields"] == ["LastModifiedDate", "Phone"]
    assert sf.rows("SELECT Id FROM Account") == []
    found = sf.query("SELECT Id, FullName FROM PlatformEventChannelMember", "tooling/query")["records"]
    assert [row["FullName"] for row in found] == ["Storeline_A"]
    assert tooling(sf, "PlatformEventChannelMember", "Again", **member).status_code == 400
    many = [{"name": f"Billing{n}"} for n in range(11)]
    contact = {**member, "selectedEntity": "ContactChangeEvent"}
    refused = tooling(sf, "PlatformEventChannelMember", "Many", **contact, enrichedFields=many)
    assert sf.refused(refused)["errorCode"] == "LIMIT_EXCEEDED"
    gone = sf.call("DELETE", f"tooling/sobjects/PlatformEventChannelMember/{kept.get_json()['id']}")
    assert gone.status_code == 204
    sf.create("Account", Name="B")
    assert len(ps.everything("/data/Storeline__chn", 3)) == 3


def test_switching_features_and_seeding_tell_nothing(ps: Subscriber) -> None:
    account = ps.sf.create("Account", Name="A")
    ps.sf.switch(multi_currency=True)
    assert [row["CurrencyIsoCode"] for row in ps.sf.stored("Account")] == ["GBP"]
    assert told(ps, 1) == [("Account", "CREATE", [account])]
    assert ps.sf.stored("Account")[0]["Id"] == account
