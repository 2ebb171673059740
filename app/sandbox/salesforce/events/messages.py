"""The interface `eventbus.v1` of the Pub/Sub API as data, and the message classes made of it.

The classes live in a descriptor pool of their own: a client in the same process has its own copy of the same names.
"""

from __future__ import annotations

from typing import Any

from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

PACKAGE = "eventbus.v1"
SERVICE = f"{PACKAGE}.PubSub"

_SCALARS = {
    "string": FieldDescriptorProto.TYPE_STRING,
    "bytes": FieldDescriptorProto.TYPE_BYTES,
    "bool": FieldDescriptorProto.TYPE_BOOL,
    "int32": FieldDescriptorProto.TYPE_INT32,
    "int64": FieldDescriptorProto.TYPE_INT64,
}
ENUMS = {"ErrorCode": ("UNKNOWN", "PUBLISH", "COMMIT"), "ReplayPreset": ("LATEST", "EARLIEST", "CUSTOM")}
# fields in the order of their numbers, which begin at 1; `*` repeats
MESSAGES = {
    "TopicInfo": "topic_name tenant_guid can_publish:bool can_subscribe:bool schema_id rpc_id",
    "TopicRequest": "topic_name",
    "EventHeader": "key value:bytes",
    "ProducerEvent": "id schema_id payload:bytes headers:*EventHeader",
    "ConsumerEvent": "event:ProducerEvent replay_id:bytes",
    "PublishResult": "replay_id:bytes error:Error correlation_key",
    "Error": "code:ErrorCode msg",
    "FetchRequest": "topic_name replay_preset:ReplayPreset replay_id:bytes num_requested:int32 auth_refresh",
    "FetchResponse": "events:*ConsumerEvent latest_replay_id:bytes rpc_id pending_num_requested:int32",
    "SchemaRequest": "schema_id",
    "SchemaInfo": "schema_json schema_id rpc_id",
    "PublishRequest": "topic_name events:*ProducerEvent auth_refresh",
    "PublishResponse": "results:*PublishResult schema_id rpc_id",
}


def _field(number: int, text: str) -> FieldDescriptorProto:
    name, _, kind = text.partition(":")
    label = FieldDescriptorProto.LABEL_REPEATED if kind.startswith("*") else FieldDescriptorProto.LABEL_OPTIONAL
    made = FieldDescriptorProto(name=name, number=number, label=label)
    kind = kind.removeprefix("*") or "string"
    if kind in _SCALARS:
        made.type = _SCALARS[kind]
    else:
        made.type = FieldDescriptorProto.TYPE_ENUM if kind in ENUMS else FieldDescriptorProto.TYPE_MESSAGE
        made.type_name = f".{PACKAGE}.{kind}"
    return made


def _file() -> FileDescriptorProto:
    file = FileDescriptorProto(name="sandbox_pubsub.proto", package=PACKAGE, syntax="proto3")
    for name, values in ENUMS.items():
        enum = file.enum_type.add(name=name)
        for number, value in enumerate(values):
            enum.value.add(name=value, number=number)
    for name, fields in MESSAGES.items():
        numbered = [_field(number, text) for number, text in enumerate(fields.split(), 1)]
        file.message_type.append(DescriptorProto(name=name, field=numbered))
    return file


_POOL = DescriptorPool()
_POOL.Add(_file())


def _message(name: str) -> Any:  # its attributes are those of MESSAGES
    return GetMessageClass(_POOL.FindMessageTypeByName(f"{PACKAGE}.{name}"))


TopicInfo, TopicRequest = _message("TopicInfo"), _message("TopicRequest")
ProducerEvent, ConsumerEvent = _message("ProducerEvent"), _message("ConsumerEvent")
FetchRequest, FetchResponse = _message("FetchRequest"), _message("FetchResponse")
SchemaRequest, SchemaInfo = _message("SchemaRequest"), _message("SchemaInfo")
PublishRequest, PublishResponse = _message("PublishRequest"), _message("PublishResponse")
PublishResult, Error = _message("PublishResult"), _message("Error")
LATEST, EARLIEST, CUSTOM = range(3)
PUBLISH_ERROR = 1
