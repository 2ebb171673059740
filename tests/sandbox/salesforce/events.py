"""A subscriber of the Salesforce stand-in made of other people's stubs and Avro reader."""

from __future__ import annotations

import io
import json
import queue
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import avro.io
import avro.schema
import grpc
import pytest
from pysfpubsub import pubsub_api_pb2 as pb2
from pysfpubsub.pubsub_api_pb2_grpc import PubSubStub

from tests.sandbox.salesforce.conftest import Client

SECONDS = 20  # after which a stream that should have delivered fails its test
PREFIX = "sfdc.platform.eventbus.grpc."


class Stream:
    """One open subscription."""

    def __init__(self, subscriber: Subscriber, topic: str, **first: Any) -> None:
        self._subscriber = subscriber
        self._requests: queue.Queue[Any] = queue.Queue()
        self.ask(topic_name=topic, **first)
        requests = iter(self._requests.get, None)
        self._call = subscriber.stub.Subscribe(requests, metadata=subscriber.metadata, timeout=SECONDS)

    def ask(self, **request: Any) -> None:
        self._requests.put(pb2.FetchRequest(**request))

    def answer(self) -> Any:
        return next(self._call)

    def events(self, count: int) -> list[dict[str, Any]]:
        """The next events, decoded; their number is exactly the one wanted."""
        found: list[dict[str, Any]] = []
        while len(found) < count:
            found += [self._subscriber.decode(event) for event in self.answer().events]
        assert len(found) == count
        return found

    def refusal(self) -> tuple[str, str]:
        """Status and error code that the stream ends with."""
        with pytest.raises(grpc.RpcError) as refused:
            while True:
                self.answer()
        return told(refused.value)

    def close(self) -> None:
        self._requests.put(None)
        self._call.cancel()


def told(refused: Any) -> tuple[str, str]:
    trailers = dict(refused.trailing_metadata())
    assert trailers["rpc-id"]
    return refused.code().name, trailers["error-code"].removeprefix(PREFIX)


class Subscriber:
    """Logged in as the admin of an org."""

    def __init__(self, sf: Client) -> None:
        self.sf = sf
        self.target = sf.http.get("/_sandbox/pubsub").get_json()["target"]
        self.channel = grpc.insecure_channel(self.target)
        self.stub = PubSubStub(self.channel)
        self.schemas: dict[str, Any] = {}
        self.streams: list[Stream] = []

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        org = self.sf.token.split("!")[0]
        return (("accesstoken", self.sf.token), ("instanceurl", "http://127.0.0.1:9102"), ("tenantid", org))

    def subscribe(self, topic: str, **first: Any) -> Stream:
        self.streams.append(Stream(self, topic, **{"num_requested": 100, **first}))
        return self.streams[-1]

    def everything(self, topic: str, count: int) -> list[dict[str, Any]]:
        """All events retained, which are so many."""
        stream = self.subscribe(topic, replay_preset=pb2.EARLIEST, num_requested=count + 1 if count < 100 else 100)
        found = stream.events(count)
        stream.close()
        return found

    def schema(self, schema_id: str) -> dict[str, Any]:
        if schema_id not in self.schemas:
            info = self.stub.GetSchema(pb2.SchemaRequest(schema_id=schema_id), metadata=self.metadata)
            self.schemas[schema_id] = json.loads(info.schema_json)
        found: dict[str, Any] = self.schemas[schema_id]
        return found

    def topic(self, name: str) -> Any:
        return self.stub.GetTopic(pb2.TopicRequest(topic_name=name), metadata=self.metadata)

    def decode(self, event: Any) -> dict[str, Any]:
        """The record without its nulls; names for bitmaps."""
        schema = self.schema(event.event.schema_id)
        parsed = avro.schema.parse(json.dumps(schema))
        source = io.BytesIO(event.event.payload)
        record: Any = avro.io.DatumReader(parsed).read(avro.io.BinaryDecoder(source))
        assert source.read() == b""
        found = {name: value for name, value in record.items() if value is not None}
        header = found.get("ChangeEventHeader", {})
        for name in ("changedFields", "nulledFields", "diffFields"):
            if name in header:
                header[name] = sorted(names_of(schema["fields"], header[name]))
        return {**found, "replay_id": event.replay_id, "id": event.event.id, "schema_id": event.event.schema_id}

    def encode(self, schema_id: str, record: dict[str, Any]) -> bytes:
        out = io.BytesIO()
        parsed = avro.schema.parse(json.dumps(self.schema(schema_id)))
        avro.io.DatumWriter(parsed).write(record, avro.io.BinaryEncoder(out))
        return out.getvalue()

    def close(self) -> None:
        for stream in self.streams:
            stream.close()
        self.channel.close()


def names_of(fields: list[dict[str, Any]], bitmaps: list[str]) -> Iterator[str]:
    """Field names of bitmaps; parts of compounds with a dot."""
    for bitmap in bitmaps:
        parent, dash, bits = bitmap.rpartition("-")
        number, below = int(bits, 16), fields
        if dash:
            kinds = fields[int(parent)]["type"]
            record = next((k for k in kinds if isinstance(k, dict)), None) or _named(fields, kinds[-1])
            below = record["fields"]
        prefix = f"{fields[int(parent)]['name']}." if dash else ""
        yield from (prefix + f["name"] for i, f in enumerate(below) if number >> i & 1)
        assert number >> len(below) == 0


def _named(fields: list[dict[str, Any]], name: str) -> dict[str, Any]:
    kinds = [kind for f in fields if isinstance(f["type"], list) for kind in f["type"] if isinstance(kind, dict)]
    return next(kind for kind in kinds if kind["name"] == name)


@contextmanager
def subscriber(sf: Client) -> Iterator[Subscriber]:
    """A subscriber whose streams and server end with the block."""
    made = Subscriber(sf)
    try:
        yield made
    finally:
        made.close()
        for companion in sf.http.application.extensions["sandbox_companions"]:
            companion.stop()
