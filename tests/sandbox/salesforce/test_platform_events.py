"""Platform events: defined by a package, published as records, gone once published."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.salesforce.conftest import Client
from tests.sandbox.salesforce.events import Subscriber, subscriber

NAME = "BC_Order_Status__e"
TOPIC = f"/event/{NAME}"


@pytest.fixture
def ps(sf: Client) -> Iterator[Subscriber]:
    with subscriber(sf) as made:
        yield made


def define(sf: Client, **more: Any) -> None:
    fields = {
        "Order__c": {"type": "Text", "required": True},
        "Total__c": {"type": "Number", "scale": 2},
        "Paid__c": "Checkbox",
    }
    made = sf.http.post("/_sandbox/events/platform", json={"name": NAME, "fields": fields, **more})
    assert made.status_code == 201, made.get_json()


def test_publish_by_rest(ps: Subscriber) -> None:
    sf = ps.sf
    define(sf)
    answer = sf.call("POST", f"sobjects/{NAME}", {"Order__c": "100", "Total__c": 12.5})
    body = answer.get_json()
    assert (answer.status_code, body["success"]) == (201, True)
    (error,) = body["errors"]
    assert (error["statusCode"], error["fields"], body["id"][0]) == ("OPERATION_ENQUEUED", [], "e")
    (event,) = ps.everything(TOPIC, 1)
    assert (event["Order__c"], event["Total__c"], event["Paid__c"]) == ("100", 12.5, False)
    assert event["id"] == error["message"]
    assert event["CreatedById"].startswith("005") and event["CreatedDate"] > 1_700_000_000_000
    assert sf.stored(NAME) == []
    described = sf.get(f"sobjects/{NAME}/describe")
    assert {"ReplayId", "EventUuid", "Order__c"} <= {f["name"] for f in described["fields"]}
    assert sf.refused(sf.call("POST", f"sobjects/{NAME}", {"Total__c": 1}))["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert sf.refused(sf.call("POST", f"sobjects/{NAME}", {"Nope__c": 1}))["errorCode"] == "INVALID_FIELD"


def test_publish_many_and_roll_back(ps: Subscriber) -> None:
    sf = ps.sf
    define(sf)
    record = {"attributes": {"type": NAME}}
    good, bad = {**record, "Order__c": "1"}, record
    outcomes = sf.call("POST", "composite/sobjects", {"records": [good, bad]}).get_json()
    assert [one["errors"][0]["statusCode"] for one in outcomes] == ["OPERATION_ENQUEUED", "REQUIRED_FIELD_MISSING"]
    sf.call("POST", "composite/sobjects", {"allOrNone": True, "records": [{**good, "Order__c": "2"}, bad]})
    steps = [
        {"method": "POST", "url": f"/services/data/v66.0/sobjects/{NAME}", "referenceId": f"r{n}",
         "body": {"Order__c": str(n)}}
        for n in (3, 4)
    ]  # fmt: skip
    answers = sf.call("POST", "composite", {"compositeRequest": steps}).get_json()["compositeResponse"]
    assert [a["body"]["errors"][0]["statusCode"] for a in answers] == ["OPERATION_ENQUEUED"] * 2
    assert [event["Order__c"] for event in ps.everything(TOPIC, 3)] == ["1", "3", "4"]


def test_published_at_once_whatever_becomes_of_the_rest(ps: Subscriber) -> None:
    define(ps.sf, behavior="PublishImmediately")
    record = {"attributes": {"type": NAME}}
    ps.sf.call("POST", "composite/sobjects", {"allOrNone": True, "records": [{**record, "Order__c": "2"}, record]})
    assert [event["Order__c"] for event in ps.everything(TOPIC, 1)] == ["2"]
    assert ps.sf.stored(NAME) == []


def test_defined_by_the_tooling_api_with_a_namespace(ps: Subscriber) -> None:
    sf = ps.sf
    sf.switch(namespace="store")
    meta = {"label": "Status", "publishBehavior": "PublishAfterCommit", "eventType": "HighVolume"}
    made = sf.call("POST", "tooling/sobjects/CustomObject", {"FullName": NAME, "Metadata": meta})
    assert made.status_code == 201, made.get_json()
    field = sf.add_field(f"store__{NAME}", "Order__c")
    assert field.status_code == 201, field.get_json()
    sf.create(f"store__{NAME}", store__Order__c="9")
    assert [event["store__Order__c"] for event in ps.everything(f"/event/store__{NAME}", 1)] == ["9"]
    channel = {"FullName": "All__chn", "Metadata": {"channelType": "event", "label": "All"}}
    assert sf.call("POST", "tooling/sobjects/PlatformEventChannel", channel).status_code == 201
    member = {"eventChannel": "store__All__chn", "selectedEntity": f"store__{NAME}"}
    body = {"FullName": "M", "Metadata": member}
    assert sf.call("POST", "tooling/sobjects/PlatformEventChannelMember", body).status_code == 201
    sf.create(f"store__{NAME}", store__Order__c="10")
    assert [event["store__Order__c"] for event in ps.everything("/event/store__All__chn", 1)] == ["10"]
    again = sf.call("POST", "tooling/sobjects/CustomObject", {"FullName": NAME, "Metadata": meta})
    assert sf.refused(again)["errorCode"] == "DUPLICATE_DEVELOPER_NAME"
    other = sf.call("POST", "tooling/sobjects/CustomObject", {"FullName": "Thing__c", "Metadata": meta})
    assert sf.refused(other)["errorCode"] == "INVALID_TYPE"
