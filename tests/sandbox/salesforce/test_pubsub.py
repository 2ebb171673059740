"""The Pub/Sub API: who gets in, credit, replay, keep-alives, how streams end, publishing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from pysfpubsub import pubsub_api_pb2 as pb2

from app.sandbox.salesforce.events.avro import Shape, record_schema
from app.sandbox.salesforce.events.bus import BadReplayId, Bus, Entry, replay_id
from app.sandbox.salesforce.events.platform import Relayed
from tests.sandbox.salesforce.conftest import Client
from tests.sandbox.salesforce.events import Subscriber, subscriber, told

ACCOUNTS = "/data/AccountChangeEvent"
EVENT = {"name": "BC_Order_Status__e", "fields": {"Order__c": "Text", "Total__c": {"type": "Number", "scale": 2}}}
TOPIC = "/event/BC_Order_Status__e"


@pytest.fixture
def ps(sf: Client) -> Iterator[Subscriber]:
    with subscriber(sf) as made:
        yield made


def accounts(ps: Subscriber, count: int) -> list[str]:
    return [ps.sf.create("Account", Name=f"A{n}") for n in range(count)]


def ids(events: list[dict[str, Any]]) -> list[str]:
    return [event["ChangeEventHeader"]["recordIds"][0] for event in events]


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def streams(ps: Subscriber) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ps.sf.http.get("/_sandbox/events").get_json()["streams"]
    return found


@pytest.mark.parametrize("changed", [{"accesstoken": "wrong"}, {"tenantid": "00D000000000000"}, {"tenantid": ""},
                                     {"instanceurl": "https://else.example"}])  # fmt: skip
def test_every_call_is_authenticated(ps: Subscriber, changed: dict[str, str]) -> None:
    sent = tuple({**dict(ps.metadata), **changed}.items())
    calls: tuple[Callable[[], Any], ...] = (
        lambda: ps.stub.GetTopic(pb2.TopicRequest(topic_name=ACCOUNTS), metadata=sent),
        lambda: ps.stub.GetSchema(pb2.SchemaRequest(schema_id="x"), metadata=sent),
        lambda: ps.stub.Publish(pb2.PublishRequest(topic_name=TOPIC), metadata=sent),
        lambda: next(ps.stub.Subscribe(iter([pb2.FetchRequest(topic_name=ACCOUNTS)]), metadata=sent)),
        lambda: next(ps.stub.PublishStream(iter([pb2.PublishRequest(topic_name=TOPIC)]), metadata=sent)),
    )
    for call in calls:
        with pytest.raises(grpc.RpcError) as refused:
            call()
        status, code = told(refused.value)
        assert status == "UNAUTHENTICATED" and code.startswith("service.auth.")


def test_expired_sessions_do_not_get_in_and_end_streams_if_so_switched(ps: Subscriber) -> None:
    stays = ps.subscribe(ACCOUNTS)
    until(lambda: len(streams(ps)) == 1)
    ps.sf.http.post("/_sandbox/session/expire")
    with pytest.raises(grpc.RpcError) as refused:
        ps.topic(ACCOUNTS)
    assert told(refused.value) == ("UNAUTHENTICATED", "service.auth.error")
    ps.sf.login()
    accounts(ps, 1)
    assert len(stays.events(1)) == 1
    ps.sf.switch(pubsub_ends_expired=True)
    accounts(ps, 1)
    assert stays.refusal() == ("UNAUTHENTICATED", "service.auth.error")


def test_credit_is_used_up_topped_up_and_capped(ps: Subscriber) -> None:
    stream = ps.subscribe(ACCOUNTS, replay_preset=pb2.EARLIEST, num_requested=2)
    made = accounts(ps, 5)
    assert ids(stream.events(2)) == made[:2]
    stream.ask(num_requested=2)
    stream.ask(num_requested=70)
    stream.ask(num_requested=70)
    assert ids(stream.events(3)) == made[2:]
    until(lambda: streams(ps)[0]["credit"] >= 97)  # three were taken before or after the cap
    stream.ask(num_requested=500)
    until(lambda: streams(ps) == [{"topic": ACCOUNTS, "credit": 100}])
    accounts(ps, 1)
    assert stream.answer().pending_num_requested == 99


def test_more_than_a_hundred_wait_for_credit(ps: Subscriber) -> None:
    stream = ps.subscribe(ACCOUNTS, num_requested=1)
    until(lambda: len(streams(ps)) == 1)
    stream.ask(num_requested=100)
    until(lambda: streams(ps)[0]["credit"] == 100)
    records = [{"attributes": {"type": "Account"}, "Name": f"A{n}"} for n in range(150)]
    ps.sf.call("POST", "composite/sobjects", {"records": records})
    first = stream.events(100)
    stream.ask(num_requested=100)
    assert len({*ids(first), *ids(stream.events(50))}) == 150
    assert first[0]["ChangeEventHeader"]["sequenceNumber"] == 1
    assert len({event["ChangeEventHeader"]["transactionKey"] for event in first}) == 1


def test_replay(ps: Subscriber) -> None:
    before = accounts(ps, 3)
    newest = ps.subscribe(ACCOUNTS, replay_preset=pb2.LATEST)
    until(lambda: len(streams(ps)) == 1)
    after = accounts(ps, 2)
    assert ids(newest.events(2)) == after
    events = ps.everything(ACCOUNTS, 5)
    assert ids(events) == before + after
    replays = [event["replay_id"] for event in events]
    assert replays == sorted(set(replays)) and {len(r) for r in replays} == {8}
    custom = ps.subscribe(ACCOUNTS, replay_preset=pb2.CUSTOM, replay_id=replays[1])
    assert ids(custom.events(3)) == [*before[2:], *after]
    custom.ask(num_requested=1, replay_preset=pb2.EARLIEST)  # a preset counts in the first request only
    more = accounts(ps, 1)
    assert ids(custom.events(1)) == more
    assert [event["id"] for event in ps.everything(ACCOUNTS, 6)][:5] == [event["id"] for event in events]


def test_bad_replay_ids(ps: Subscriber) -> None:
    accounts(ps, 2)
    good = ps.everything(ACCOUNTS, 2)[1]["replay_id"]
    assert ps.subscribe(ACCOUNTS, replay_preset=pb2.CUSTOM, replay_id=b"xx").refusal() == (
        "INVALID_ARGUMENT", "subscription.fetch.replayid.validation.failed",
    )  # fmt: skip
    corrupted = ("INVALID_ARGUMENT", "subscription.fetch.replayid.corrupted")
    odd = (int.from_bytes(good) + 1).to_bytes(8)
    assert ps.subscribe(ACCOUNTS, replay_preset=pb2.CUSTOM, replay_id=odd).refusal() == corrupted
    ps.sf.http.post("/_sandbox/events/expire")
    assert ps.subscribe(ACCOUNTS, replay_preset=pb2.CUSTOM, replay_id=good).refusal() == corrupted
    made = accounts(ps, 1)
    assert ids(ps.everything(ACCOUNTS, 1)) == made


def test_retention_is_72_hours_and_a_reset_forgets(ps: Subscriber) -> None:
    accounts(ps, 1)
    old = ps.everything(ACCOUNTS, 1)[0]["replay_id"]
    ps.sf.http.post("/_sandbox/clock", json={"advance_seconds": 71 * 3600})
    ps.sf.login()
    made = accounts(ps, 1)
    assert len(ps.everything(ACCOUNTS, 2)) == 2
    ps.sf.http.post("/_sandbox/clock", json={"advance_seconds": 2 * 3600})
    ps.sf.login()
    assert ids(ps.everything(ACCOUNTS, 1)) == made
    assert ids(ps.subscribe(ACCOUNTS, replay_preset=pb2.CUSTOM, replay_id=old).events(1)) == made
    ps.sf.http.post("/_sandbox/events/fail", json={"method": "GetTopic"})
    ps.sf.http.post("/_sandbox/reset")
    ps.sf.login()
    shown = ps.sf.http.get("/_sandbox/events").get_json()
    assert (shown["retained"], shown["calls"]) == (0, {})
    assert ps.topic(ACCOUNTS).topic_name == ACCOUNTS
    assert ps.subscribe(ACCOUNTS, replay_preset=pb2.CUSTOM, replay_id=old).refusal()[0] == "INVALID_ARGUMENT"


def test_the_log_keeps_the_newest_two_hundred_thousand() -> None:
    bus, topic = Bus(), frozenset({ACCOUNTS})
    shape = Shape(record_schema("X", []))
    entry = Entry(topic, datetime.now(UTC), Relayed("id", shape, b""))
    bus.append([entry] * 209_999)
    assert (len(bus), bus.after(replay_id(1))) == (209_999, 2)
    bus.append([entry])
    assert (len(bus), bus.earliest(), bus.end) == (200_000, 10_001, 210_001)
    assert bus.after(replay_id(10_000)) == 10_001
    for lost in (9_999, 210_001):
        with pytest.raises(BadReplayId):
            bus.after(replay_id(lost))
    with bus.changed:
        found, then = bus.read(5, ACCOUNTS, 3)
    assert ([at for at, _ in found], then) == ([10_001, 10_002, 10_003], 10_004)


def test_keepalive_tells_where_the_log_ends(sf_with: Callable[..., Client]) -> None:
    with subscriber(sf_with(speed=2700)) as ps:
        stream = ps.subscribe("/data/ContactChangeEvent")
        first = stream.answer()
        assert (list(first.events), first.pending_num_requested) == ([], 100)
        accounts(ps, 2)  # not of this topic, yet the replay id moves on
        until(lambda: stream.answer().latest_replay_id > first.latest_replay_id)
        newest = stream.answer().latest_replay_id
        contact = ps.sf.create("Contact", LastName="L")
        again = ps.subscribe("/data/ContactChangeEvent", replay_preset=pb2.CUSTOM, replay_id=newest)
        assert ids(again.events(1)) == [contact]


def test_streams_end_as_asked(ps: Subscriber) -> None:
    stream = ps.subscribe(ACCOUNTS)
    stream.ask(topic_name="/data/ContactChangeEvent", num_requested=1)
    assert stream.refusal()[0] == "INVALID_ARGUMENT"
    assert ps.subscribe(ACCOUNTS, num_requested=0).refusal()[0] == "INVALID_ARGUMENT"
    assert ps.subscribe("/data/NopeChangeEvent").refusal() == ("NOT_FOUND", "topic.not.found")
    broken = [ps.subscribe(ACCOUNTS), ps.subscribe("/data/ChangeEvents")]
    until(lambda: len(streams(ps)) == 2)
    ps.sf.http.post("/_sandbox/events/break")
    assert [one.refusal() for one in broken] == [("UNAVAILABLE", "service.unavailable")] * 2
    asked = {"status": "RESOURCE_EXHAUSTED", "code": "concurrent.client.limit.exceeded", "method": "Subscribe"}
    ps.sf.http.post("/_sandbox/events/fail", json=asked)
    assert ps.topic(ACCOUNTS).can_subscribe
    assert ps.subscribe(ACCOUNTS).refusal() == (asked["status"], asked["code"])
    last = ps.subscribe(ACCOUNTS)
    until(lambda: len(streams(ps)) == 1)
    last.close()
    until(lambda: streams(ps) == [])


def test_the_server_leaves_no_thread_behind(sf: Client) -> None:
    with subscriber(sf) as ps:
        accounts(ps, 1)
        ps.everything(ACCOUNTS, 1)
        ps.subscribe(ACCOUNTS)
        until(lambda: len(streams(ps)) == 1)
        assert all(thread.daemon for thread in threading.enumerate() if thread is not threading.main_thread())
    until(lambda: sf.http.get("/_sandbox/events").get_json()["streams"] == [])


def test_publish(ps: Subscriber) -> None:
    assert ps.sf.http.post("/_sandbox/events/platform", json=EVENT).status_code == 201
    topic = ps.topic(TOPIC)
    assert (topic.can_publish, topic.can_subscribe, ps.topic(ACCOUNTS).can_publish) == (True, True, False)
    stream = ps.subscribe(TOPIC)
    until(lambda: len(streams(ps)) == 1)
    record = {"CreatedDate": 1_700_000_000_000, "CreatedById": "005", "Order__c": "7", "Total__c": 1.5}
    good = {"id": "k1", "schema_id": topic.schema_id, "payload": ps.encode(topic.schema_id, record)}
    bad = [
        {**good, "id": "k2", "payload": b"\xff"},
        {**good, "id": "k3", "schema_id": ps.topic(ACCOUNTS).schema_id},
        {**good, "id": "k4", "payload": good["payload"] + b"x" * 1_100_000},
    ]
    answer = ps.stub.Publish(pb2.PublishRequest(topic_name=TOPIC, events=[good, *bad]), metadata=ps.metadata)
    assert [r.correlation_key for r in answer.results] == ["k1", "k2", "k3", "k4"]
    assert [r.error.code for r in answer.results] == [0, 1, 1, 1]
    (event,) = stream.events(1)
    assert {name: event[name] for name in record} == record
    assert (event["replay_id"], event["id"]) == (answer.results[0].replay_id, "k1")
    requests = [pb2.PublishRequest(topic_name=TOPIC, events=[{**good, "id": key}]) for key in ("s1", "s2")]
    answers = ps.stub.PublishStream(iter(requests), metadata=ps.metadata)
    assert [r.correlation_key for a in answers for r in a.results] == ["s1", "s2"]
    with pytest.raises(grpc.RpcError) as refused:
        ps.stub.Publish(pb2.PublishRequest(topic_name=ACCOUNTS, events=[good]), metadata=ps.metadata)
    assert refused.value.code() == grpc.StatusCode.PERMISSION_DENIED
