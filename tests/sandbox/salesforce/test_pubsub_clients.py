"""Other people's clients of the Pub/Sub API, unchanged but for the host: one in Python, one for Node."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pysfpubsub.pubsub
import pytest
import requests
from simple_salesforce.api import Salesforce

from app.sandbox.salesforce import create_app
from tests.sandbox.conftest import NodeClient, Serve
from tests.sandbox.salesforce.test_clients import PlainHttp
from tests.sandbox.salesforce.tls import tls_relay

EVENT = {"name": "BC_Order_Status__e", "fields": {"Order__c": "Text", "Total__c": {"type": "Number", "scale": 2}}}
TOPIC = "/event/BC_Order_Status__e"
USER: dict[str, Any] = {"username": "admin@sandbox.example", "password": "sandbox-password"}


@dataclass
class Served:
    """A stand-in with TLS in front of its Pub/Sub API."""

    base: str
    port: int
    certificate: Path


@pytest.fixture
def served(serve: Serve, tmp_path: Path) -> Iterator[Served]:
    base = serve(create_app, seed="empty")
    requests.post(f"{base}/_sandbox/events/platform", json=EVENT, timeout=10).raise_for_status()
    target = requests.get(f"{base}/_sandbox/pubsub", timeout=10).json()["target"]
    with tls_relay(target, tmp_path) as (port, certificate):
        yield Served(base, port, certificate)


class Enough(Exception):
    """Thrown out of the client's endless subscription."""


def login(served: Served) -> Any:
    """A client for one subscription: its subscriptions share a semaphore."""
    client = pysfpubsub.pubsub.Client(served.base, **USER, grpc_host="127.0.0.1", grpc_port=served.port)
    client.auth()
    return client


def subscribe(served: Served, topic: str, replay: tuple[str, bytes], count: int) -> list[tuple[dict[str, Any], bytes]]:
    client = login(served)
    found: list[tuple[dict[str, Any], bytes]] = []

    def callback(answer: Any, who: Any) -> None:
        for event in answer.events:
            record = who.decode(who.get_schema_json(event.event.schema_id), event.event.payload)
            found.append((record, event.replay_id))
        if len(found) >= count:
            raise Enough
        if answer.pending_num_requested == 0:
            who.release_subscription_semaphore()

    with pytest.raises(Enough):
        client.subscribe(topic, *replay, 2, callback)
    client.release_subscription_semaphore()
    return found


def test_pysfpubsub(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    trusted = grpc.ssl_channel_credentials(served.certificate.read_bytes())
    monkeypatch.setattr(pysfpubsub.pubsub, "secure_channel_credentials", trusted)
    client = login(served)
    session = requests.Session()
    session.mount("https://", PlainHttp(served.base))
    salesforce: Any = Salesforce(**USER, security_token="", session=session)
    accounts = [salesforce.Account.create({"Name": f"A{n}"})["id"] for n in range(5)]
    found = subscribe(served, "/data/AccountChangeEvent", ("EARLIEST", b""), 5)
    assert [record["ChangeEventHeader"]["recordIds"] for record, _ in found] == [[one] for one in accounts]
    again = subscribe(served, "/data/ChangeEvents", ("CUSTOM", found[1][1]), 3)
    assert [record["Name"] for record, _ in again] == ["A2", "A3", "A4"]
    topic = client.get_topic(TOPIC)
    record = {"CreatedDate": 1_700_000_000_000, "CreatedById": "005", "Order__c": "7", "Total__c": 1.5}
    event = client.format_payload(client.get_schema_json(topic.schema_id), topic.schema_id, record)
    published = client.publish(TOPIC, [event])
    ((received, replay),) = subscribe(served, TOPIC, ("EARLIEST", b""), 1)
    assert (received, replay) == (record, published.results[0].replay_id)


def test_salesforce_pubsub_api_client(served: Served, node_client: NodeClient) -> None:
    done = node_client("pubsub.js", [served.base, str(served.port)])
    assert done.returncode == 0, done.stderr
    out = json.loads(done.stdout)
    create, update, delete = out["changes"]
    assert create["ChangeEventHeader"]["recordIds"] == [out["contact"]]
    assert (create["Name"]["FirstName"], create["Email"]) == ("Olivia", "o@h.example")
    header = update["ChangeEventHeader"]
    assert set(header["changedFields"]) == {"LastModifiedDate", "Title", "Name.FirstName", "MailingAddress.City"}
    assert header["nulledFields"] == ["Name.FirstName"]
    assert delete["ChangeEventHeader"]["changeType"] == "DELETE"
    assert out["replayed"] == ["UPDATE", "DELETE"]
    assert out["published"]["correlationKey"] == "correlation-1"
    assert (out["batch"], out["events"]) == (2, ["7", "7", "7"])
    assert out["eventReplay"] == out["published"]["replayId"]
