"""One subscription: its credit, its place in the log, and the answers it is due."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import grpc

from app.sandbox.salesforce.events.bus import Bus, Entry, Produced, replay_id
from app.sandbox.salesforce.events.messages import ConsumerEvent, FetchResponse, ProducerEvent
from app.sandbox.salesforce.events.refusals import Refusal, rpc_id

MOST_CREDIT = 100
MOST_BYTES = 2_000_000  # of one answer; clients take 4 MB


class Stream:
    """What one `Subscribe` call has asked for and not yet had."""

    def __init__(self, bus: Bus, topic: str, position: int, keepalive: float, check: Callable[[], None]) -> None:
        self.topic = topic
        self.credit = 0
        self._bus = bus
        self._position = position
        self._keepalive = keepalive
        self._check = check  # raises Refusal when the caller may no longer listen
        self._breaks = bus.breaks
        self._closed = False  # by the client
        self._asked_all = False  # the client sends no more requests
        self._refusal: Refusal | None = None

    def ask(self, request: Any) -> None:
        """More credit; a Refusal ends the stream."""
        if request.topic_name not in ("", self.topic):
            raise Refusal(grpc.StatusCode.INVALID_ARGUMENT, "subscription.fetch.topic.changed", "another topic name")
        if request.num_requested <= 0:
            message = "num_requested must be greater than 0"
            raise Refusal(grpc.StatusCode.INVALID_ARGUMENT, "subscription.fetch.requested.events.invalid", message)
        with self._bus.changed:
            self.credit = min(MOST_CREDIT, self.credit + request.num_requested)
            self._bus.changed.notify_all()

    def take_requests(self, requests: Iterable[Any]) -> None:
        """Follow the client's further requests to their end."""
        try:
            for request in requests:
                self.ask(request)
        except Refusal as refusal:
            self._refusal = refusal
        except grpc.RpcError:
            self._closed = True
        with self._bus.changed:
            self._asked_all = True
            self._bus.changed.notify_all()

    def close(self) -> None:
        """The client is gone."""
        with self._bus.changed:
            self._closed = True
            self._bus.changed.notify_all()

    def responses(self) -> Iterator[Any]:
        """Everything to send, waiting in between; raises Refusal."""
        due = time.monotonic() + self._keepalive
        while not self._closed:
            with self._bus.changed:
                found = self._read()
                if not found and not self._is_over() and time.monotonic() < due:
                    self._bus.changed.wait(due - time.monotonic())
                    continue
            self._check_end()
            if found:
                yield from self._batches(found)
            elif self._asked_all:
                return
            elif self.credit:
                yield self._response([], replay_id(self._position - 1))
            due = time.monotonic() + self._keepalive

    def _read(self) -> list[tuple[int, Entry]]:
        if not self.credit or self._is_broken():
            return []
        found, self._position = self._bus.read(self._position, self.topic, self.credit)
        return found

    def _is_broken(self) -> bool:
        return self._bus.breaks != self._breaks

    def _is_over(self) -> bool:
        return self._closed or self._asked_all or self._refusal is not None or self._is_broken()

    def _check_end(self) -> None:
        if self._refusal is not None:
            raise self._refusal
        if self._is_broken():
            raise Refusal(grpc.StatusCode.UNAVAILABLE, "service.unavailable", "RST_STREAM closed stream. HTTP/2 error")
        self._check()

    def _batches(self, found: list[tuple[int, Entry]]) -> Iterator[Any]:
        batch: list[Any] = []
        size = 0
        for position, entry in found:
            produced = entry.content.produce(self.topic)
            self._bus.schemas.setdefault(produced.shape.id, produced.shape)
            batch.append(_event(produced, position))
            size += len(produced.payload)
            if size >= MOST_BYTES or position == found[-1][0]:
                with self._bus.changed:
                    self.credit -= len(batch)
                yield self._response(batch, replay_id(position))
                batch, size = [], 0

    def _response(self, events: list[Any], latest: bytes) -> Any:
        return FetchResponse(
            events=events, latest_replay_id=latest, rpc_id=rpc_id(), pending_num_requested=self.credit
        )  # fmt: skip


def _event(produced: Produced, position: int) -> Any:
    event = ProducerEvent(id=produced.id, schema_id=produced.shape.id, payload=produced.payload)
    return ConsumerEvent(event=event, replay_id=replay_id(position))
