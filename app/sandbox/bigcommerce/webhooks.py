"""The delivery engine: signed posts by a few threads, retries, blocked destinations, hooks given up."""

from __future__ import annotations

import base64
import hashlib
import heapq
import hmac
import itertools
import json
import random
import threading
import time
import uuid
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import urllib3

from .disorder import Disorder
from .records import Json
from .state import B2B_SCOPE, STORE_HASH, STORE_ID, Hook, State

RETRIES_S = (60, 180, 300, 600, 900, 1800, 3600, 7200, 21600, 50400, 86400)
SCALE_WINDOW_S = 120.0
LEAST_REQUESTS = 100
LEAST_SUCCESS = 0.9
BLOCK_S = 180.0
IDLE_S = 90 * 86400.0
TIMEOUT_S = 10.0  # not documented
THREADS = 16
EXCEPTION_EVERY_S = 600.0
WILL_RETRY, GIVEN_UP, BLOCKED = 90001, 90002, 90003
B2B_EVENTS = ("store/company/", "store/quote/")
JITTER_S = 0.5  # how far doubled or shuffled deliveries may wander


@dataclass(order=True)
class Message:
    """One delivery to one hook; its id stays the same over all attempts."""

    due: float
    number: int
    hook: Hook = field(compare=False)
    id: str = field(compare=False)
    body: bytes = field(compare=False)
    attempts: int = field(compare=False, default=0)


@dataclass
class Destination:
    """What is known about one destination's host."""

    window: deque[tuple[float, bool]] = field(default_factory=deque)
    blocked_until: float = 0.0
    last_exception: float = float("-inf")


class Deliveries:
    """A queue by due time, and threads that empty it."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._speed = state.options.speed
        self._ready = threading.Condition()
        self._queue: list[Message] = []
        self._numbers = itertools.count()
        self._destinations: dict[str, Destination] = {}
        self._counts: Counter[str] = Counter()
        self._double = self._shuffle = 0
        self._disorder = Disorder()
        self._paused = False
        self._random = random.Random(1)
        self._http = urllib3.PoolManager(num_pools=20, maxsize=THREADS, retries=False, timeout=TIMEOUT_S)
        self._threads = self._idle = 0

    # What the store calls

    def publish(self, scope: str, data: Any) -> None:
        """Queue one event for every active hook of its scope."""
        moment = time.monotonic()
        body: bytes | None = None
        for hook in list(self._state.hooks.values()):
            if not matches(hook.scope, scope) or hook.fires_from > moment or not may_hear(hook, scope):
                continue
            self._expire(hook, moment)
            if hook.is_active:
                body = body or payload(scope, data)
                self._enqueue(hook, body)

    def clear(self) -> None:
        """Forget all deliveries and what is known about destinations."""
        with self._ready:
            self._queue.clear()
            self._destinations.clear()
            self._counts.clear()
            self._double = self._shuffle = 0
            self._disorder = Disorder()
            self._paused = False

    def drop(self, hooks: list[Hook]) -> None:
        """Forget the deliveries of hooks that are gone."""
        gone = {id(hook) for hook in hooks}
        with self._ready:
            self._queue = [message for message in self._queue if id(message.hook) not in gone]
            heapq.heapify(self._queue)

    # What the control routes call

    def pause(self, paused: bool) -> None:
        """Hold or release the deliveries."""
        with self._ready:
            self._paused = paused
            self._ready.notify_all()

    def double(self, times: int) -> None:
        """Send the next deliveries twice each."""
        with self._ready:
            self._double = times

    def shuffle(self, times: int) -> None:
        """Send the next deliveries out of order."""
        with self._ready:
            self._shuffle = times

    def disturb(self, disorder: Disorder) -> None:
        """Send all that follows in this disorder."""
        with self._ready:
            self._disorder = disorder

    def give_up(self) -> int:
        """As if all that waits had failed for days: it is lost, its hooks are deactivated; how many were."""
        with self._ready:
            lost = self._queue[:]
            self._queue.clear()
            self._counts["given_up"] += len(lost)
        hooks = {id(message.hook): message.hook for message in lost if message.hook.is_active}
        for hook in hooks.values():
            hook.is_active, hook.status = False, "deactivated"
        return len(hooks)

    def counts(self) -> Json:
        """How many deliveries are where."""
        with self._ready:
            retrying = sum(message.attempts > 0 for message in self._queue)
            moment = time.monotonic()
            return {
                "queued": len(self._queue) - retrying,
                "in_flight": self._counts["in_flight"],
                "delivered": self._counts["delivered"],
                "failed": self._counts["failed"],
                "retrying": retrying,
                "given_up": self._counts["given_up"],
                "blocked": sum(place.blocked_until > moment for place in self._destinations.values()),
                "paused": self._paused,
            }

    def blocked_domains(self) -> list[Json]:
        """The destinations on the blocklist, as `/v3/hooks/admin` shows them."""
        moment = time.monotonic()
        reason = {"failure_description": "Too many deliveries failed.", "timestamp": int(time.time())}
        with self._ready:
            return [
                {
                    "destination": host,
                    "time_left": int((place.blocked_until - moment) * self._speed),
                    "reasons": [{**reason, "count": sum(not ok for _, ok in place.window)}],
                }
                for host, place in self._destinations.items()
                if place.blocked_until > moment
            ]

    # Inside

    def _expire(self, hook: Hook, moment: float) -> None:
        if moment - hook.last_activity > IDLE_S / self._speed:
            hook.is_active, hook.status = False, "inactive"

    def _enqueue(self, hook: Hook, body: bytes) -> None:
        with self._ready:
            moment, message_id = time.monotonic(), f"msg_{uuid.uuid4().hex}"
            for delay in self._delays():
                heapq.heappush(self._queue, Message(moment + delay, next(self._numbers), hook, message_id, body))
            self._wake()

    def _delays(self) -> list[float]:
        """Seconds until each copy of a delivery is sent."""
        delays = [delay / self._speed for delay in self._disorder.delays()]
        if self._shuffle > 0:
            self._shuffle -= 1
            delays[0] = self._random.uniform(0, JITTER_S)
        if self._double > 0:
            self._double -= 1
            delays.append(self._random.uniform(0, JITTER_S))
        return delays

    def _wake(self) -> None:
        # Threads appear when they are needed: most stand-ins in tests never deliver.
        if self._idle == 0 and self._threads < THREADS:
            self._threads += 1
            threading.Thread(target=self._work, daemon=True, name="webhooks").start()
        self._ready.notify()

    def _work(self) -> None:
        while True:
            message = self._take()
            try:
                self._attempt(message)
            finally:
                with self._ready:
                    self._counts["in_flight"] -= 1

    def _take(self) -> Message:
        with self._ready:
            while True:
                held = self._paused or not self._queue
                wait = None if held else self._queue[0].due - time.monotonic()
                if wait is not None and wait <= 0:
                    self._counts["in_flight"] += 1
                    return heapq.heappop(self._queue)
                self._idle += 1
                self._ready.wait(wait)
                self._idle -= 1

    def _attempt(self, message: Message) -> None:
        hook = message.hook
        if not hook.is_active or self._state.hooks.get(hook.id) is not hook:
            return
        place = self._place(hook.destination)
        if place.blocked_until > time.monotonic():
            self._retry(message, "The destination is blocked.")
            return
        delivered = self._post(message)
        self._note(hook, place, delivered)
        if not delivered:
            self._retry(message, "The destination did not answer with success.")

    def _place(self, destination: str) -> Destination:
        # The pages disagree whether one client or the whole domain is blocked; the worse is assumed.
        host = urlsplit(destination).netloc
        with self._ready:
            return self._destinations.setdefault(host, Destination())

    def _post(self, message: Message) -> bool:
        hook = message.hook
        # As Standard Webhooks has it, the timestamp is the attempt's; BigCommerce does not say.
        stamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "BigCommerce-Webhooks",
            **(hook.headers or {}),
            "webhook-id": message.id,
            "webhook-timestamp": stamp,
            "webhook-signature": sign(hook.account.secret, message.id, stamp, message.body),
        }
        for last in (False, True):
            try:
                answer = self._http.request(
                    "POST", hook.destination, body=message.body, headers=headers, redirect=False
                )
            except urllib3.exceptions.ProtocolError:
                # A kept connection that the other side closed meanwhile is no failure yet: once more on a new one.
                if last:
                    return False
            except urllib3.exceptions.HTTPError:
                return False
            else:
                return 200 <= answer.status < 300
        return False

    def _note(self, hook: Hook, place: Destination, delivered: bool) -> None:
        moment = time.monotonic()
        with self._ready:
            self._counts["delivered" if delivered else "failed"] += 1
            place.window.append((moment, delivered))
            while place.window and place.window[0][0] < moment - SCALE_WINDOW_S / self._speed:
                place.window.popleft()
            good = sum(ok for _, ok in place.window) if not delivered else 0
            enough = len(place.window) >= LEAST_REQUESTS
            block = not delivered and enough and good < LEAST_SUCCESS * len(place.window)
            if block:
                place.blocked_until = moment + BLOCK_S / self._speed
                place.window.clear()
        if delivered:
            hook.last_activity = moment
        if block:
            self._tell_exception(hook, BLOCKED, "The destination is blocked.")

    def _retry(self, message: Message, reason: str) -> None:
        hook = message.hook
        if message.attempts >= len(RETRIES_S):
            with self._ready:
                self._counts["given_up"] += 1
            hook.is_active, hook.status = False, "deactivated"
            self._tell_exception(hook, GIVEN_UP, reason)
            return
        message.due = time.monotonic() + RETRIES_S[message.attempts] / self._speed
        message.attempts += 1
        with self._ready:
            heapq.heappush(self._queue, message)
            self._wake()
        place = self._place(hook.destination)
        if time.monotonic() - place.last_exception >= EXCEPTION_EVERY_S / self._speed:
            place.last_exception = time.monotonic()
            self._tell_exception(hook, WILL_RETRY, reason)

    def _tell_exception(self, failed: Hook, code: int, reason: str) -> None:
        data = {"type": "webhook", "id": failed.id, "error_code": code, "message": reason}
        body = payload("store/hook/deliveryException", data)
        for hook in list(self._state.hooks.values()):
            same = hook.account.name == failed.account.name
            if same and hook is not failed and hook.is_active and hook.scope == "store/hook/deliveryException":
                self._enqueue(hook, body)


def matches(pattern: str, scope: str) -> bool:
    """Whether a hook's scope, maybe with a wildcard at its end, covers an event."""
    return pattern == scope or (pattern.endswith("/*") and scope.startswith(pattern[:-1]))


def may_hear(hook: Hook, scope: str) -> bool:
    """Events of B2B Edition need its scope on the token that made the hook."""
    scopes = hook.account.scopes
    return scopes is None or not scope.startswith(B2B_EVENTS) or B2B_SCOPE in scopes


def payload(scope: str, data: Any) -> bytes:
    """The body of a delivery; its hash covers the data alone, so two updates of one record share it."""
    digest = hashlib.sha1(json.dumps(data).encode(), usedforsecurity=False).hexdigest()
    event = {
        "scope": scope,
        "store_id": str(STORE_ID),
        "data": data,
        "hash": digest,
        "created_at": int(time.time()),
        "producer": f"stores/{STORE_HASH}",
    }
    return json.dumps(event, separators=(",", ":")).encode()


def sign(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """The Standard Webhooks signature with the client_secret's bytes as key."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
