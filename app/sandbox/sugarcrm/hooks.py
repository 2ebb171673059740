"""Web logic hooks: queued as a snapshot when something happens, sent once at the next run of the scheduler."""

from __future__ import annotations

import json
import random
import threading
import time
from dataclasses import dataclass
from typing import Any

import requests

from app.sandbox.sugarcrm.site import Actor, Site
from app.sandbox.sugarcrm.store import Row
from app.sandbox.sugarcrm.views import hook_view

TICK_SECONDS = 60.0
TIMEOUT_SECONDS = 10.0
KEPT = 1000


@dataclass(frozen=True)
class Job:
    """One call waiting for the scheduler."""

    method: str
    url: str
    body: bytes


class Scheduler:
    """The job queue and the cron that empties it; a tick is only planned while something waits."""

    def __init__(self, speed: float) -> None:
        self._interval = TICK_SECONDS / speed
        self._started = time.monotonic()
        self._lock = threading.Lock()
        self._waiting: list[Job] = []
        self._planned = False
        self._random = random.Random(1)
        self.sent: list[dict[str, Any]] = []

    def add(self, job: Job) -> None:
        """One more call for the next tick."""
        with self._lock:
            self._waiting.append(job)
            if self._planned:
                return
            self._planned = True
        past = (time.monotonic() - self._started) % self._interval
        timer = threading.Timer(self._interval - past, self.tick)
        timer.daemon = True
        timer.start()

    @property
    def waiting(self) -> int:
        """How many calls wait."""
        with self._lock:
            return len(self._waiting)

    def clear(self) -> None:
        """Forget what waits and what was sent."""
        with self._lock:
            self._waiting.clear()
            self.sent.clear()

    def tick(self) -> list[dict[str, Any]]:
        """Send all that waits, in no order; what fails is lost."""
        with self._lock:
            jobs, self._waiting = self._waiting, []
            self._planned = False
        self._random.shuffle(jobs)
        with requests.Session() as session:
            done = [_send(session, job) for job in jobs]
        with self._lock:
            self.sent = (self.sent + done)[-KEPT:]
        return done


def _send(session: requests.Session, job: Job) -> dict[str, Any]:
    outcome: dict[str, Any] = {"method": job.method, "url": job.url}
    headers = {"Content-Type": "application/json", "User-Agent": "SugarCRM WebLogicHook"}
    try:
        answer = session.request(job.method, job.url, data=job.body, headers=headers, timeout=TIMEOUT_SECONDS)
    except requests.RequestException as error:
        return {**outcome, "status": 0, "error": type(error).__name__}
    return {**outcome, "status": answer.status_code}


class Hooks:
    """Turns events into jobs."""

    def __init__(self, site: Site, scheduler: Scheduler) -> None:
        self._site = site
        self.scheduler = scheduler

    def wanted(self, module: str, event: str) -> list[Row]:
        """The hooks of a module for an event."""
        table = self._site.tables["WebLogicHooks"]
        if not table.rows:
            return []
        return [h for h in table.find("webhook_target_module", module) if h["trigger_event"] == event]

    def fire(self, actor: Actor, module: str, event: str, row: Row, /, **more: Any) -> None:
        """Queue a snapshot for every hook of the event."""
        hooks = self.wanted(module, event)
        if not hooks:
            return
        bean = self._site.switches.bean_names.get(module) or self._site.schema.modules[module].singular
        body = {"bean": bean, "data": hook_view(self._site, actor, module, row), **more}
        sent = json.dumps(body).encode()
        for hook in hooks:
            self.scheduler.add(Job(hook["request_method"] or "POST", hook["url"] or "", sent))
