"""The one door out: sessions with time-outs, short retries of safe calls, and a log line without secrets."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ProtocolError
from urllib3.util.retry import Retry

from app.errors import Retryable
from app.log import get_logger

CONNECT_TIMEOUT = 5.0  # seconds
READ_TIMEOUT = 60.0  # seconds; a vendor may work on a call for minutes, we ask again long before
USER_AGENT = "Storeline/0.3"

log = get_logger()


SAFE = frozenset({"GET", "HEAD"})


class Meter(Protocol):
    """What is asked before every call that reaches a vendor, and told after it."""

    def enter(self, method: str, url: str) -> None:
        """Before each call. Raises Retryable where it may not be made now."""

    def told(self, response: requests.Response | None) -> None:
        """After each call; None: there was no answer."""


class HttpSession(requests.Session):
    """A requests session that always has a time-out, retries only what is safe to repeat, and counts its calls.

    Raises Retryable where the network failed; any answer, whatever its status, is returned.
    """

    def __init__(self, *, read_timeout: float = READ_TIMEOUT, purpose: str = "", meter: Meter | None = None) -> None:
        super().__init__()
        self.calls = 0
        self._meter = meter
        self._timeout = (CONNECT_TIMEOUT, read_timeout)
        agent = f"{USER_AGENT} ({purpose})" if purpose else USER_AGENT
        self.headers.update({"User-Agent": agent, "Accept": "application/json"})
        # Only a connection that never carried the request: whether a lost write took effect is the engine's question,
        # and reads are tried again below, where they are counted. Long waits are the engine's too, so that no worker
        # sleeps on a Retry-After.
        retry = Retry(
            total=2, connect=2, status=0, other=0, allowed_methods={"TRACE"}, backoff_factor=0.2,
            backoff_jitter=0.2, respect_retry_after_header=False,
        )  # fmt: skip
        for scheme in ("http://", "https://"):
            self.mount(scheme, HTTPAdapter(max_retries=retry, pool_maxsize=10))

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs.setdefault("timeout", self._timeout)
        verb, path = str(method).upper(), str(url).partition("?")[0]
        try:
            return self._metered(verb, path, lambda: super(HttpSession, self).request(method, url, *args, **kwargs))
        except requests.RequestException as error:
            if verb not in SAFE or not _broke_while_reading(error):
                raise _explained(error) from error
        try:
            return self._metered(verb, path, lambda: super(HttpSession, self).request(method, url, *args, **kwargs))
        except requests.RequestException as error:
            raise _explained(error) from error

    def _metered(self, method: str, path: str, call: Callable[[], requests.Response]) -> requests.Response:
        if self._meter is not None:
            self._meter.enter(method, path)
        started, response = time.monotonic(), None
        self.calls += 1
        try:
            response = call()
        finally:
            if self._meter is not None:
                self._meter.told(response)
        log.info(
            "call", method=method, path=path, status=response.status_code, ms=round(1000 * (time.monotonic() - started))
        )
        return response


def _broke_while_reading(error: requests.RequestException) -> bool:
    """Whether the vendor may have got the request, and its answer is what was lost."""
    cause = error.args[0] if error.args else None
    return isinstance(error, requests.ReadTimeout) or isinstance(cause, ProtocolError)


def _explained(error: requests.RequestException) -> Retryable:
    if isinstance(error, requests.Timeout):
        return Retryable("The vendor did not answer in time.", code="TIMEOUT")
    return Retryable("The connection to the vendor broke.", code="CONNECTION")
