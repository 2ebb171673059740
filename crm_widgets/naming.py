"""Whom a record of a CRM names: by our own links where these tell, else by asking the CRM, once in a while."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from app.connectors import registry
from app.connectors.base import Named, Ref
from app.errors import Retryable
from app.models import Connection
from app.runtime import Runtime
from app.sync import connections

EXTENSION = "storeline-naming"
WAIT = 1.0  # seconds that a person waits for the CRM's answer; a later one is there for the next opening
KEPT, FAILED_KEPT = 600.0, 30.0  # seconds that an answer counts, and that a CRM which failed is left alone
MOST = 5_000  # answers
WORKERS = 4


@dataclass(frozen=True)
class _Question:
    asked_at: float  # monotonic
    answer: Future[Named | None]

    @property
    def is_fresh(self) -> bool:
        failed = self.answer.done() and self.answer.exception() is not None
        return time.monotonic() < self.asked_at + (FAILED_KEPT if failed else KEPT)


class Naming:
    """The questions of one process."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._lock = threading.Lock()
        self._questions: OrderedDict[tuple[int, Ref], _Question] = OrderedDict()
        self._workers = ThreadPoolExecutor(WORKERS, "naming")

    def ask(self, connection_id: int, ref: Ref) -> Named | None:
        """Whom the record names; None: the CRM has no such record. Raises the errors of app.errors."""
        try:
            return self._question(connection_id, ref).answer.result(WAIT)
        except TimeoutError:
            raise Retryable("The CRM did not answer in time.", code="TIMEOUT") from None

    def _question(self, connection_id: int, ref: Ref) -> _Question:
        key = (connection_id, ref)
        with self._lock:
            found = self._questions.get(key)
            if found is None or not found.is_fresh:
                found = _Question(time.monotonic(), self._workers.submit(self._answer, connection_id, ref))
                self._questions[key] = found
                self._questions.move_to_end(key)
                while len(self._questions) > MOST:
                    self._questions.popitem(last=False)
            return found

    def _answer(self, connection_id: int, ref: Ref) -> Named | None:
        with self._runtime.database.reading() as session:
            vendor = registry.VENDORS[session.get_one(Connection, connection_id).vendor]
        if vendor.named is None:
            return None
        account = connections.open_account(self._runtime, connection_id)
        return vendor.named(self._runtime.settings, account, ref)
