"""Event notifications: what a consumer subscribed to is sent soon after a save, from a thread of its own."""

from __future__ import annotations

import queue
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests

from app.sandbox.sap_sales_cloud import values
from app.sandbox.sap_sales_cloud.saving import Save, Touch
from app.sandbox.sap_sales_cloud.tenant import Tenant

ATTEMPTS = 3
TIMEOUT = 5.0  # seconds
PAUSE = 1.0  # seconds before another attempt; the vendor's own policy is not known
KEPT = 1_000
FORMS = ("external", "btp")


@dataclass
class Subscription:
    """A consumer, the business objects it wants, and the faults that a test asks for."""

    url: str
    username: str = ""
    password: str = ""
    objects: tuple[str, ...] = ()  # `Account` or `Account.Root.Updated`; none: everything
    form: str = "external"
    duplicate: int = 0  # how often every message comes again
    drop: int = 0  # how many of the next messages get lost
    enhanced: bool = False  # with the changed fields

    def wants(self, event_type: str) -> bool:
        """Whether it subscribed to an event."""
        return not self.objects or any(event_type == name or event_type.startswith(name + ".") for name in self.objects)


@dataclass
class Notifier:
    """Sends what happens to whoever subscribed."""

    tenant: Tenant
    subscriptions: list[Subscription] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    _waiting: queue.SimpleQueue[tuple[Subscription, dict[str, Any]]] = field(default_factory=queue.SimpleQueue)
    _thread: threading.Thread | None = None

    def saved(self, save: Save) -> None:
        """Hear of a save; under the tenant's lock."""
        if not self.subscriptions:
            return
        for object_id, touch in save.touched.items():
            if touch.root.business_object:
                self._publish(object_id, touch, save)

    def _publish(self, object_id: str, touch: Touch, save: Save) -> None:
        event_type = f"{touch.root.business_object}.Root.{touch.kind}"
        for one in self.subscriptions:
            if not one.wants(event_type):
                continue
            if one.drop > 0:
                one.drop -= 1
                continue
            body = message(self.tenant, one, event_type, object_id, touch, save)
            for _ in range(1 + one.duplicate):
                self._waiting.put((one, body))
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True, name="sap-notifications")
            self._thread.start()

    def _run(self) -> None:
        while True:
            one, body = self._waiting.get()
            status = self._deliver(one, body)
            if len(self.sent) < KEPT:
                self.sent.append({"url": one.url, "status": status, "body": body})

    def _deliver(self, one: Subscription, body: dict[str, Any]) -> int:
        auth = (one.username, one.password) if one.username else None
        kind = "application/cloudevents+json" if one.form == "btp" else "application/json"
        status = 0
        for attempt in range(ATTEMPTS):
            if attempt:
                time.sleep(PAUSE / self.tenant.options.speed)
            try:
                answer = requests.post(one.url, json=body, auth=auth, timeout=TIMEOUT, headers={"Content-Type": kind})
            except requests.RequestException:
                continue
            status = answer.status_code
            if answer.ok:
                break
        return status


def message(
    tenant: Tenant, one: Subscription, event_type: str, object_id: str, touch: Touch, save: Save
) -> dict[str, Any]:
    """The body of one notification, in the consumer's form."""
    data: dict[str, Any] = {"root-entity-id": object_id, "entity-id": object_id}
    if one.enhanced:
        data["Changes"] = [_change(object_id, touch, save)]
    moment, event_id = values.iso(save.stamp, 3), str(uuid.uuid4())
    if one.form == "btp":
        head = {"specversion": "1.0", "type": event_type, "source": tenant.options.url, "id": event_id, "time": moment}
        return {**head, "datacontenttype": "application/json", "data": data}
    return {"event-type": event_type, "event-id": event_id, "event-time": moment, "data": data}


def _change(object_id: str, touch: Touch, save: Save) -> Mapping[str, Any]:
    fields = [
        {"Fieldname": name, "Old": "" if old is None else str(old), "New": "" if new is None else str(new)}
        for name, (old, new) in touch.fields.items()
    ]
    return {
        "node": "Root", "nodeID": object_id, "ParentNodeID": "", "Modification": touch.kind,
        "ChangedBy": save.user.name, "ChangedFields": fields,
    }  # fmt: skip
