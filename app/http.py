"""The one door out: sessions with time-outs, short retries of safe calls, and a log line without secrets."""

from __future__ import annotations

import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from app.errors import Retryable
from app.log import get_logger

CONNECT_TIMEOUT = 5.0  # seconds
READ_TIMEOUT = 60.0  # seconds; a vendor may work on a call for minutes, we ask again long before
USER_AGENT = "Storeline/0.2"

log = get_logger()


class HttpSession(requests.Session):
    """A requests session that always has a time-out, retries only what is safe to repeat, and counts its calls.

    Raises Retryable where the network failed; any answer, whatever its status, is returned.
    """

    def __init__(self, *, read_timeout: float = READ_TIMEOUT, purpose: str = "") -> None:
        super().__init__()
        self.calls = 0
        self._timeout = (CONNECT_TIMEOUT, read_timeout)
        agent = f"{USER_AGENT} ({purpose})" if purpose else USER_AGENT
        self.headers.update({"User-Agent": agent, "Accept": "application/json"})
        # Only a connection that never carried the request, and reads: whether a lost write took effect is the
        # engine's question. Long waits are the engine's too, so that no worker sleeps on a Retry-After.
        retry = Retry(
            total=2, connect=2, read=1, status=0, other=0, allowed_methods={"GET", "HEAD"}, backoff_factor=0.2,
            backoff_jitter=0.2, respect_retry_after_header=False,
        )  # fmt: skip
        for scheme in ("http://", "https://"):
            self.mount(scheme, HTTPAdapter(max_retries=retry, pool_maxsize=10))

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        kwargs.setdefault("timeout", self._timeout)
        started = time.monotonic()
        self.calls += 1
        path = str(url).partition("?")[0]
        try:
            response = super().request(method, url, *args, **kwargs)
        except requests.Timeout as error:
            raise Retryable("The vendor did not answer in time.", code="TIMEOUT") from error
        except requests.RequestException as error:
            raise Retryable("The connection to the vendor broke.", code="CONNECTION") from error
        log.info(
            "call", method=method, path=path, status=response.status_code, ms=round(1000 * (time.monotonic() - started))
        )
        return response
