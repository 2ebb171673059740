"""Listens to an org over the Pub/Sub API: change data capture, and a platform event about orders."""

from __future__ import annotations

import json
import queue
import threading
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import grpc

from app.config import Settings
from app.connectors.access import Account
from app.connectors.base import Notice, Ref
from app.connectors.salesforce.client import Client
from app.connectors.salesforce.events import PRICE, Decoder, Told, Unreadable
from app.connectors.salesforce.pubsub import CUSTOM, EARLIEST, LATEST, PubSub, Stream
from app.connectors.salesforce.reading import INWARD
from app.connectors.salesforce.values import literal
from app.errors import Misconfigured, Reauthorize, Retryable, StorelineError
from app.log import get_logger

QUIET = 330.0  # seconds: Salesforce says something at least every 270
_WAITS = frozenset(
    (
        grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.ABORTED, grpc.StatusCode.CANCELLED,
    )
)  # fmt: skip

log = get_logger()


class SalesforceListener:
    """One stream per topic; the cursor is JSON of their replay ids in hex."""

    def __init__(self, settings: Settings, account: Account) -> None:
        topics = (settings.salesforce_cdc_topic, settings.salesforce_event_topic)
        self._topics = [topic for topic in topics if topic]
        self._account, self._token = account, account.access_token
        self._pubsub = PubSub(settings.salesforce_pubsub, account)
        self._client = Client(settings, account)
        self._decoder = Decoder(lambda schema_id: self._pubsub.schema(schema_id, self._token))
        self._inbox: queue.Queue[tuple[str, Stream | None, Any]] = queue.Queue()
        self._streams: dict[str, Stream] = {}
        self._positions: dict[str, str] = {}
        self._is_renewed = False  # since anything arrived
        self._closed = threading.Event()

    def listen(self, cursor: str) -> Iterator[Sequence[Notice]]:
        """Notices for ever, by answers; keep-alives and our own changes carry a cursor alone."""
        kept = json.loads(cursor) if cursor else {}
        self._positions = {topic: kept[topic] for topic in self._topics if topic in kept}
        for topic in self._topics:
            self._open(topic, LATEST)
        while not self._closed.is_set():
            try:
                topic, stream, arrived = self._inbox.get(timeout=QUIET)
            except queue.Empty:
                raise Retryable("Salesforce fell silent.", code="SILENT") from None
            if stream is not self._streams.get(topic) or self._closed.is_set():
                continue  # of a stream that was given up
            try:
                if isinstance(arrived, grpc.RpcError):
                    raise arrived
                yield from self._read(topic, arrived)
            except grpc.RpcError as error:
                yield from self._mend(topic, error)

    def close(self) -> None:
        """End the streams from another thread."""
        self._closed.set()
        for stream in list(self._streams.values()):
            stream.cancel()
        self._inbox.put(("", None, None))
        self._pubsub.close()

    def _open(self, topic: str, otherwise: int) -> None:
        """Subscribe after the position, where there is one."""
        position = self._positions.get(topic, "")
        before = self._streams.get(topic)
        if before is not None:
            before.cancel()
        preset = CUSTOM if position else otherwise
        stream = self._pubsub.subscribe(topic, preset, bytes.fromhex(position), self._token)
        self._streams[topic] = stream
        threading.Thread(target=self._follow, args=(topic, stream), name=f"pubsub-{topic}", daemon=True).start()

    def _follow(self, topic: str, stream: Stream) -> None:
        try:
            for response in stream:
                self._inbox.put((topic, stream, response))
            self._inbox.put((topic, stream, _Ended()))
        except grpc.RpcError as error:
            self._inbox.put((topic, stream, error))

    def _read(self, topic: str, response: Any) -> Iterator[Sequence[Notice]]:
        stream = self._streams[topic]
        before = dict(self._positions)
        try:
            notices = [self._notice(topic, event) for event in response.events]
        except (grpc.RpcError, StorelineError):
            self._positions = before  # nothing of this answer was told yet
            raise
        self._is_renewed = False
        if not notices:
            self._positions[topic] = response.latest_replay_id.hex()
            notices = [Notice("", "", cursor=self._cursor())]
        yield notices
        stream.more(len(response.events))

    def _notice(self, topic: str, event: Any) -> Notice:
        try:
            told = self._decoder.decode(event.event.schema_id, event.event.payload)
        except Unreadable as error:
            log.warning("event", topic=topic, error=str(error)[:200])
            told = Told(topic, resync=_kinds(topic))
        refs = (*told.refs, *self._products(told.prices))
        self._positions[topic] = replay_id = event.replay_id.hex()
        event_id = f"{topic}:{replay_id}" if told.scope else ""
        return Notice(event_id, told.scope, refs, self._cursor(), told.resync, told.body)

    def _products(self, prices: tuple[str, ...]) -> tuple[Ref, ...]:
        """The products of standard prices, whose update does not say whose they are."""
        if not prices:
            return ()
        wanted = ", ".join(map(literal, prices))
        rows = self._client.query(f"SELECT Product2Id FROM {PRICE} WHERE Id IN ({wanted})")
        return tuple(Ref("Product2", row["Product2Id"]) for row in rows)

    def _mend(self, topic: str, error: grpc.RpcError) -> Iterator[Sequence[Notice]]:
        """Subscribe again where that helps; raises what else has to happen."""
        if self._closed.is_set():
            return
        code, words, status = _told(error)
        if "replayid" in code and topic in self._positions:
            # What was missed meanwhile is looked for; what is still kept is told.
            del self._positions[topic]
            yield [Notice(f"{topic}:{uuid.uuid4().hex}", code, cursor=self._cursor(), resync=_kinds(topic))]
            self._open(topic, EARLIEST)
        elif status is grpc.StatusCode.UNAUTHENTICATED or "auth" in code:
            if self._is_renewed or self._account.renew is None:
                raise Reauthorize("Salesforce no longer accepts our session: connect again.", code=code) from error
            self._token, self._is_renewed = self._account.renew(self._token), True
            self._open(topic, LATEST)
        else:
            raise _refusal(topic, code, words, status) from error

    def _cursor(self) -> str:
        return json.dumps(self._positions, sort_keys=True)


class _Ended(grpc.RpcError):
    """A stream that Salesforce ended without an error."""


def _told(error: grpc.RpcError) -> tuple[str, str, grpc.StatusCode]:
    if not isinstance(error, grpc.Call):
        return "ENDED", "Salesforce ended the stream.", grpc.StatusCode.UNAVAILABLE
    trailers = {str(key): value for key, value in error.trailing_metadata() or ()}
    return str(trailers.get("error-code") or error.code().name), str(error.details() or ""), error.code()


def _refusal(topic: str, code: str, words: str, status: grpc.StatusCode) -> StorelineError:
    if status in _WAITS:
        return Retryable(words or "The stream broke.", code=code)
    return Misconfigured(f"Salesforce does not let us listen to {topic}: {words}", code=code)


def _kinds(topic: str) -> tuple[str, ...]:
    """The kinds of theirs that a topic tells of."""
    name = topic.rpartition("/")[2]
    if topic.startswith("/event/"):
        return ("Order",)
    entity = name.removesuffix("ChangeEvent")
    if entity == PRICE:
        return ("Product2",)
    return (entity,) if entity in INWARD else tuple(INWARD)
