"""`POST /webhooks/<vendor>/<secret>`: hooks of CRMs that sign nothing. What they say is a hint, never data."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.connectors.registry import VENDORS
from app.errors import Rejected
from app.log import get_logger
from app.runtime import runtime
from app.sync import notices
from app.sync.notices import is_storable
from app.ui import session

LARGEST = 1024 * 1024  # bytes; some send the whole record along

blueprint = Blueprint("crm_webhooks", __name__)
session.public(blueprint, "the address holds a secret that only this connection's CRM was told")
log = get_logger()


@blueprint.post("/webhooks/<string:vendor>/<string:key>", defaults={"rest": ""})
@blueprint.post("/webhooks/<string:vendor>/<string:key>/<path:rest>")
def receive(vendor: str, key: str, rest: str) -> ResponseReturnValue:
    """200 once the notice is durable; 404 for an address of nobody's, 400 for a body that says nothing."""
    request.max_content_length = LARGEST
    known = VENDORS.get(vendor)
    if known is None or known.notice is None:
        return "", 404
    current = runtime()
    connection_id = notices.by_key(current, vendor, key)
    if connection_id is None:
        log.warning("webhook refused", vendor=vendor, reason="ADDRESS")
        return "", 404
    try:
        notice = known.notice(rest, request.get_data(cache=False))
        if not all(is_storable(ref.kind) and is_storable(ref.id) for ref in notice.refs):
            raise Rejected("The ids are no text.", code="MALFORMED")
    except (Rejected, RecursionError) as error:
        log.warning("webhook malformed", vendor=vendor, reason=type(error).__name__)
        return "", 400
    notices.receive(current, connection_id, [notice])
    return "", 200
