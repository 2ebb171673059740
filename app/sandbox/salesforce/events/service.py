"""The calls of the Pub/Sub API."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

import grpc

from app.sandbox.salesforce.events import messages
from app.sandbox.salesforce.events.bus import BadReplayId, replay_id
from app.sandbox.salesforce.events.feeds import Topic
from app.sandbox.salesforce.events.messages import PublishResponse, PublishResult, SchemaInfo, TopicInfo
from app.sandbox.salesforce.events.platform import Relayed
from app.sandbox.salesforce.events.platform_shape import EventShape
from app.sandbox.salesforce.events.refusals import Refusal, abort, rpc_id
from app.sandbox.salesforce.events.stream import Stream
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.sessions import org_id

RETENTION_HOURS = 72
MOST_EVENT_BYTES = 1_048_576
HEADERS = ("accesstoken", "instanceurl", "tenantid")
Context = grpc.ServicerContext


class PubSub:
    """What the org answers over gRPC."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self.streams: list[Stream] = []
        self.calls: Counter[str] = Counter()
        self.faults: list[dict[str, Any]] = []  # for the next calls, see POST /_sandbox/events/fail

    def reset(self) -> None:
        """Forget calls and faults."""
        self.calls.clear()
        self.faults.clear()

    def handlers(self) -> grpc.GenericRpcHandler:
        """The service as grpc serves it."""
        made = {
            "GetTopic": self._one(self._get_topic, "GetTopic", messages.TopicRequest),
            "GetSchema": self._one(self._get_schema, "GetSchema", messages.SchemaRequest),
            "Publish": self._one(self._publish, "Publish", messages.PublishRequest),
            "PublishStream": self._many(self._publish_stream, "PublishStream", messages.PublishRequest),
            "Subscribe": self._many(self._subscribe, "Subscribe", messages.FetchRequest),
        }
        return grpc.method_handlers_generic_handler(messages.SERVICE, made)

    def _one(self, call: Callable[[Any], Any], name: str, request: Any) -> grpc.RpcMethodHandler[Any, Any]:
        def answer(given: Any, context: Context) -> Any:
            try:
                self._admit(name, context)
                return call(given)
            except Refusal as refusal:
                abort(context, refusal)

        return grpc.unary_unary_rpc_method_handler(answer, request.FromString, _serialized)

    def _many(
        self, call: Callable[[Iterator[Any], Context], Iterator[Any]], name: str, request: Any
    ) -> grpc.RpcMethodHandler[Any, Any]:
        def answer(given: Iterator[Any], context: Context) -> Iterator[Any]:
            try:
                self._admit(name, context)
                yield from call(given, context)
            except Refusal as refusal:
                abort(context, refusal)
            except grpc.RpcError:
                return  # the client has gone

        return grpc.stream_stream_rpc_method_handler(answer, request.FromString, _serialized)

    def _admit(self, name: str, context: Context) -> None:
        self.calls[name] += 1
        time.sleep(self._org.options.latency_ms / 1000)
        for fault in self.faults:
            if fault["method"] in ("", name):
                fault["times"] -= 1
                if fault["times"] <= 0:
                    self.faults.remove(fault)
                raise Refusal(grpc.StatusCode[fault["status"]], fault["code"], "asked for by the test")
        self._check_session(dict(context.invocation_metadata()))

    def _check_session(self, sent: dict[str, Any]) -> None:
        missing = [name for name in HEADERS if not sent.get(name)]
        if missing:
            raise Refusal(grpc.StatusCode.UNAUTHENTICATED, "service.auth.headers.invalid", f"missing: {missing}")
        org = self._org
        with org.lock:
            session = org.sessions.find(sent["accesstoken"], org.now(), org.switches.session_seconds)
            is_ours = sent["tenantid"][:15] == org_id(org)[:15]
        hosts = {urlsplit(url).netloc for url in (org.url, org.options.url)}
        if session is None or not is_ours or urlsplit(sent["instanceurl"]).netloc not in hosts:
            message = "An authentication exception occurred. Provide valid authentication."
            raise Refusal(grpc.StatusCode.UNAUTHENTICATED, "service.auth.error", message)

    def _topic(self, name: str) -> Topic:
        with self._org.lock:
            found = self._org.topic(name)
        if found is None:
            raise Refusal(grpc.StatusCode.NOT_FOUND, "topic.not.found", f"no topic {name}")
        self._org.bus.schemas.setdefault(found.shape.id, found.shape)
        return found

    def _get_topic(self, request: Any) -> Any:
        topic = self._topic(request.topic_name)
        return TopicInfo(
            topic_name=topic.name,
            tenant_guid=f"core/sandbox/{org_id(self._org)}",
            can_publish=topic.can_publish,
            can_subscribe=True,
            schema_id=topic.shape.id,
            rpc_id=rpc_id(),
        )

    def _get_schema(self, request: Any) -> Any:
        shape = self._org.bus.schemas.get(request.schema_id)
        if shape is None:
            raise Refusal(grpc.StatusCode.NOT_FOUND, "schema.not.found", f"no schema {request.schema_id}")
        return SchemaInfo(schema_json=shape.json, schema_id=shape.id, rpc_id=rpc_id())

    def _subscribe(self, requests: Iterator[Any], context: Context) -> Iterator[Any]:
        org, first = self._org, next(requests, None)
        if first is None:
            return
        topic = self._topic(first.topic_name)
        sent = dict(context.invocation_metadata())
        keepalive = org.switches.pubsub_keepalive_seconds / org.options.speed

        def check() -> None:
            if org.switches.pubsub_ends_expired:
                self._check_session(sent)

        stream = Stream(org.bus, topic.name, self._start(first), keepalive, check)
        stream.ask(first)
        threading.Thread(target=stream.take_requests, args=(requests,), daemon=True).start()
        context.add_callback(stream.close)
        self.streams.append(stream)
        try:
            yield from stream.responses()
        finally:
            self.streams.remove(stream)

    def _start(self, request: Any) -> int:
        org = self._org
        with org.lock:
            org.expire_events(RETENTION_HOURS)
        if request.replay_preset == messages.EARLIEST:
            return org.bus.earliest()
        if request.replay_preset == messages.LATEST:
            return org.bus.end
        try:
            return org.bus.after(request.replay_id)
        except BadReplayId as bad:
            code = "validation.failed" if bad.malformed else "corrupted"
            message = "The Replay ID validation failed. Ensure that the Replay ID is valid."
            raise Refusal(
                grpc.StatusCode.INVALID_ARGUMENT, f"subscription.fetch.replayid.{code}", message
            ) from None  # fmt: skip

    def _publish_stream(self, requests: Iterable[Any], context: Context) -> Iterator[Any]:
        name = ""
        for request in requests:
            if name and request.topic_name not in ("", name):
                raise Refusal(grpc.StatusCode.INVALID_ARGUMENT, "publish.topic.changed", "another topic name")
            name = name or request.topic_name
            yield self._publish(messages.PublishRequest(topic_name=name, events=request.events))

    def _publish(self, request: Any) -> Any:
        topic = self._topic(request.topic_name)
        if not topic.can_publish:
            message = f"{topic.name} can't be published to"
            raise Refusal(grpc.StatusCode.PERMISSION_DENIED, "publish.topic.not.publishable", message)
        if not request.events:
            raise Refusal(grpc.StatusCode.INVALID_ARGUMENT, "publish.events.missing", "no events")
        results = [self._publish_one(topic, event) for event in request.events]
        return PublishResponse(results=results, schema_id=topic.shape.id, rpc_id=rpc_id())

    def _publish_one(self, topic: Topic, event: Any) -> Any:
        shape = self._org.bus.schemas.get(event.schema_id)
        try:
            if not isinstance(shape, EventShape) or shape.name != topic.name.removeprefix("/event/"):
                raise ValueError(f"schema {event.schema_id!r} is not one of {topic.name}")
            if len(event.payload) > MOST_EVENT_BYTES:
                raise ValueError("the event is larger than 1 MB")
            record = shape.decode(event.payload)
            missing = [name for name in shape.required if record.get(name) is None]
            if missing:
                raise ValueError(f"Required fields are missing: {missing}")
        except ValueError as wrong:
            error = messages.Error(code=messages.PUBLISH_ERROR, msg=str(wrong))
            return PublishResult(error=error, correlation_key=event.id)
        with self._org.lock:
            feed = self._org.feed(shape.name)
            topics = feed.topics if feed else frozenset({topic.name})
            at = self._org.relay(topics, Relayed(event.id or rpc_id(), shape, event.payload))
        return PublishResult(replay_id=replay_id(at), correlation_key=event.id)


def _serialized(message: Any) -> bytes:
    data: bytes = message.SerializeToString()
    return data
