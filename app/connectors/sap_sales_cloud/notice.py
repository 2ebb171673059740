"""Event notifications, in the form for external consumers and as CloudEvents: a hint that something changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from app.connectors.base import Notice, Ref
from app.connectors.sap_sales_cloud.names import ACCOUNT, CONTACT, CUSTOMER, LEAD, OPPORTUNITY, ORDER, PRODUCT
from app.errors import Rejected

# Business objects by their names in notifications, which are not those of the entities. Only some have been seen.
OBJECTS: Mapping[str, str] = {
    "account": ACCOUNT,
    "corporateaccount": ACCOUNT,
    "individualcustomer": CUSTOMER,
    "contact": CONTACT,
    "customerorder": ORDER,
    "salesorder": ORDER,
    "opportunity": OPPORTUNITY,
    "lead": LEAD,
    "product": PRODUCT,
    "material": PRODUCT,
}


def read(_path: str, body: bytes) -> Notice:
    """A notification; nothing of it is proof of anything. Raises Rejected if the body is none."""
    try:
        event = json.loads(body)
    except ValueError:
        event = None
    data = event.get("data") if isinstance(event, dict) else None
    if not isinstance(event, dict) or not isinstance(data, dict):
        raise Rejected("This is no event notification.", code="NOTIFICATION")
    scope = _text(event, "event-type", "eventType", "type")
    event_id = _text(event, "event-id", "eventId", "id") or hashlib.sha256(body).hexdigest()[:32]
    object_id = _text(data, "root-entity-id", "rootEntityId", "entity-id", "entityId")
    entity = _entity(scope)
    refs = (Ref(entity, object_id),) if entity and object_id else ()
    return Notice(event_id, scope, refs, body=body.decode("utf-8", "replace"))


def _entity(scope: str) -> str:
    """The entity of `Account.Root.Updated`, whatever a CloudEvents type has before it."""
    return next((OBJECTS[part] for part in scope.casefold().split(".") if part in OBJECTS), "")


def _text(values: Mapping[str, Any], *names: str) -> str:
    return next((str(values[name]) for name in names if values.get(name)), "")
