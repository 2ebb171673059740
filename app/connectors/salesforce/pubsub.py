"""The Pub/Sub API: its messages, and calls over gRPC with a session's metadata.

Messages and numbers are those of Salesforce's `pubsub_api.proto`, as far as a subscriber needs them.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from typing import Any

import grpc
from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

from app.connectors.access import Account

CREDIT = 100  # the most events that may be outstanding
LATEST, EARLIEST, CUSTOM = 0, 1, 2  # ReplayPreset
PLAIN = "http://"  # an endpoint without TLS: a stand-in's
_PACKAGE = "eventbus.v1"
_TIMEOUT = 30.0  # seconds, of calls that have one answer
_BYTES = 8 * 1024 * 1024  # of one answer
# name -> field -> (number, type); a message's name: that message, many of it with a star
_MESSAGES: dict[str, dict[str, tuple[int, str]]] = {
    "ProducerEvent": {"id": (1, "string"), "schema_id": (2, "string"), "payload": (3, "bytes")},
    "ConsumerEvent": {"event": (1, "ProducerEvent"), "replay_id": (2, "bytes")},
    "FetchRequest": {
        "topic_name": (1, "string"), "replay_preset": (2, "int32"), "replay_id": (3, "bytes"),
        "num_requested": (4, "int32"),
    },
    "FetchResponse": {
        "events": (1, "*ConsumerEvent"), "latest_replay_id": (2, "bytes"), "rpc_id": (3, "string"),
        "pending_num_requested": (4, "int32"),
    },
    "SchemaRequest": {"schema_id": (1, "string")},
    "SchemaInfo": {"schema_json": (1, "string"), "schema_id": (2, "string"), "rpc_id": (3, "string")},
}  # fmt: skip
# An enum travels as the number that it is.
_TYPES = {"string": Field.TYPE_STRING, "bytes": Field.TYPE_BYTES, "int32": Field.TYPE_INT32}


def _classes() -> dict[str, Any]:
    file = FileDescriptorProto(name="storeline/pubsub_api.proto", package=_PACKAGE, syntax="proto3")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for field, (number, kind) in fields.items():
            one = kind.removeprefix("*")
            label = Field.LABEL_REPEATED if kind != one else Field.LABEL_OPTIONAL
            made = message.field.add(name=field, number=number, label=label)
            made.type = _TYPES.get(one, Field.TYPE_MESSAGE)
            if one not in _TYPES:
                made.type_name = f".{_PACKAGE}.{one}"
    pool = DescriptorPool()  # of our own: others in the process may know the same names
    pool.Add(file)
    return {name: GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{name}")) for name in _MESSAGES}


_CLASSES = _classes()


class Stream:
    """One subscription: its answers, and the credit that keeps them coming."""

    def __init__(self, call: Callable[..., Any], first: Any, metadata: tuple[tuple[str, str], ...]) -> None:
        self._requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._requests.put(first)
        self._topic = first.topic_name
        self._call = call(iter(self._requests.get, None), metadata=metadata)

    def __iter__(self) -> Iterator[Any]:
        """FetchResponses as they come; raises grpc.RpcError."""
        return iter(self._call)

    def more(self, events: int) -> None:
        """Credit for so many events more."""
        if events:
            self._requests.put(_CLASSES["FetchRequest"](topic_name=self._topic, num_requested=events))

    def cancel(self) -> None:
        """End it."""
        self._requests.put(None)
        self._call.cancel()


class PubSub:
    """The endpoint, for one org. Raises grpc.RpcError."""

    def __init__(self, endpoint: str, account: Account) -> None:
        self._account = account
        options = (("grpc.max_receive_message_length", _BYTES),)
        if endpoint.startswith(PLAIN):
            self._channel = grpc.insecure_channel(endpoint.removeprefix(PLAIN).rstrip("/"), options)
        else:
            self._channel = grpc.secure_channel(endpoint, grpc.ssl_channel_credentials(), options)
        self._subscribe = self._channel.stream_stream(
            f"/{_PACKAGE}.PubSub/Subscribe",
            request_serializer=_CLASSES["FetchRequest"].SerializeToString,
            response_deserializer=_CLASSES["FetchResponse"].FromString,
        )
        self._get_schema = self._channel.unary_unary(
            f"/{_PACKAGE}.PubSub/GetSchema",
            request_serializer=_CLASSES["SchemaRequest"].SerializeToString,
            response_deserializer=_CLASSES["SchemaInfo"].FromString,
        )

    def subscribe(self, topic: str, preset: int, replay_id: bytes, token: str) -> Stream:
        """A stream of a topic's events: new ones, all that are kept, or those after a replay id."""
        request = _CLASSES["FetchRequest"](
            topic_name=topic, replay_preset=preset, replay_id=replay_id, num_requested=CREDIT
        )
        return Stream(self._subscribe, request, self._metadata(token))

    def schema(self, schema_id: str, token: str) -> str:
        """The Avro schema of an event, as JSON."""
        request = _CLASSES["SchemaRequest"](schema_id=schema_id)
        return str(self._get_schema(request, metadata=self._metadata(token), timeout=_TIMEOUT).schema_json)

    def close(self) -> None:
        """End all streams."""
        self._channel.close()

    def _metadata(self, token: str) -> tuple[tuple[str, str], ...]:
        return (
            ("accesstoken", token),
            ("instanceurl", self._account.instance_url),
            ("tenantid", self._account.account_id),
        )
