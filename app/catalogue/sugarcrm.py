"""SugarCRM's error labels, and what a gateway before it answers."""

from __future__ import annotations

from app.catalogue import causes as c
from app.catalogue.causes import Entry

_TABLE = "SugarCRM developer guide, REST API exceptions"
_CLIENT = "SugarCRM's own client: label known, status assumed"
_GATEWAY = "no documented contract; gateways in front of an instance answer so"

ENTRIES = {
    "incorrect_version": Entry(c.VERSION, c.MAPPING, _TABLE),
    "need_login": Entry(c.RECONNECT_IT, c.RECONNECT, _TABLE),
    "invalid_grant": Entry(c.RECONNECT_IT, c.RECONNECT, _TABLE),
    "not_authorized": Entry(c.RIGHTS, c.MAPPING, _TABLE),
    "inactive_portal_user": Entry(c.RIGHTS, c.MAPPING, _TABLE),
    "portal_not_configured": Entry(c.RIGHTS, c.MAPPING, _TABLE),
    "no_method": Entry(c.VERSION, c.MAPPING, _TABLE),
    "not_found": Entry(c.GONE, c.DATA, _TABLE),
    "edit_conflict": Entry(c.BUSY, c.WAIT, _TABLE),
    "metadata_out_of_date": Entry(c.BUSY, c.WAIT, _TABLE),
    "request_too_large": Entry(c.OURS, c.DATA, _CLIENT),
    "missing_parameter": Entry(c.REQUIRED, c.DATA, _TABLE),
    "invalid_parameter": Entry(c.VALUE, c.DATA, _TABLE),
    "request_failure": Entry(c.DOWN, c.WAIT, _CLIENT),
    "client_outdated": Entry(c.VERSION, c.DATA, _CLIENT),
    "fatal_error": Entry(c.DOWN, c.WAIT, _TABLE),
    "bad_gateway": Entry(c.DOWN, c.WAIT, _CLIENT),
    "maintenance": Entry(c.DOWN, c.WAIT, _CLIENT),
    "service_unavailable": Entry(c.DOWN, c.WAIT, _CLIENT),
    "HTTP_401": Entry(c.GATEWAY, c.WAIT, _GATEWAY),
    "HTTP_403": Entry(c.GATEWAY, c.WAIT, _GATEWAY),
    "HTTP_404": Entry(c.GATEWAY, c.WAIT, _GATEWAY),
    "HTTP_413": Entry(c.GATEWAY, c.WAIT, _GATEWAY),
    "HTTP_429": Entry(c.DOWN, c.WAIT, _GATEWAY),
    "HTTP_500": Entry(c.DOWN, c.WAIT, _GATEWAY),
    "HTTP_502": Entry(c.GATEWAY, c.WAIT, _GATEWAY),
    "HTTP_503": Entry(c.GATEWAY, c.WAIT, _GATEWAY),
    "HTTP_504": Entry(c.GATEWAY, c.WAIT, _GATEWAY),
}
