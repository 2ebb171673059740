"""`POST /webhooks/bigcommerce`: plain Flask on raw bytes, for the signature is over these and speed counts."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.connectors.bigcommerce import events
from app.connectors.registry import SOURCE
from app.db import now
from app.errors import Rejected, Untrusted
from app.log import get_logger
from app.runtime import runtime
from app.sync import hooks, inbox
from app.ui import session

LARGEST = 64 * 1024  # bytes; a notice has some 300

blueprint = Blueprint("bigcommerce_webhooks", __name__)
session.public(blueprint, "every notice is signed with the client secret")
log = get_logger()


@blueprint.post(hooks.PATH)
def receive() -> ResponseReturnValue:
    """200 once the notice is durable; 401 if it is not genuine, 400 if it is none."""
    request.max_content_length = LARGEST
    body = request.get_data(cache=False)
    current = runtime()
    settings = current.settings
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        events.verify(settings.bigcommerce_client_secret, headers, body, int(settings.webhook_tolerance), now())
        event = events.read(body, headers["webhook-id"])
    except Untrusted as error:
        log.warning("webhook refused", reason=error.code, webhook=request.headers.get("webhook-id", "")[:80])
        return "", 401
    except Rejected as error:
        log.warning("webhook malformed", reason=error.code, field=error.field)
        return "", 400
    inbox.receive(current, SOURCE, event)
    return "", 200
