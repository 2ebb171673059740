"""SAP Sales Cloud's refusals: SAP's own code is mostly empty, so the connector names them by status and words."""

from __future__ import annotations

from app.catalogue import causes as c
from app.catalogue.causes import Entry

_STATUS = "SAP's OData guide and its own samples: statuses"
_WORDS = "status 400 by SAP's OData guide; the words as the stand-in has them, the tenant's may differ"
_QUOTED = "words quoted in SAP's OData guide"
_LOCK = "SAP Community and support: locked by a user"
_THREADS = "SAP note on parallel API threads"

ENTRIES = {
    "PROPERTY_NOT_FOUND": Entry(c.FIELD, c.DATA, _QUOTED),
    "VALUE_MISSING": Entry(c.REQUIRED, c.DATA, _QUOTED),
    "VALUE_TOO_LONG": Entry(c.LONG, c.DATA, _WORDS),
    "VALUE_INVALID": Entry(c.VALUE, c.DATA, _WORDS),
    "NUMBER_INVALID": Entry(c.DATE_OR_NUMBER, c.DATA, _WORDS),
    "PROPERTY_READ_ONLY": Entry(c.FIELD, c.DATA, "flags of the service's $metadata: creatable, updatable"),
    "FILTER_INVALID": Entry(c.OURS, c.DATA, "SAP's OData guide: $filter"),
    "ALREADY_THERE": Entry(c.SAME_KEY, c.DATA, _WORDS),
    "PARTNER_INVALID": Entry(c.PARTNER, c.DATA, _WORDS),
    "PRODUCT_INVALID": Entry(c.PRODUCT, c.DATA, _WORDS),
    "STATUS_INVALID": Entry(c.STATUS, c.DATA, _WORDS),
    "NEGATIVE_AMOUNT": Entry(c.NEGATIVE, c.DATA, _WORDS),
    "BATCH_TOO_LARGE": Entry(c.OURS, c.DATA, "SAP's OData guide: $batch"),
    "NOT_JSON": Entry(c.OURS, c.DATA, _WORDS),
    "IN_APPROVAL": Entry(c.APPROVAL, c.WAIT, "SAP note on approval statuses"),
    "LOCKED": Entry(c.BUSY, c.WAIT, _LOCK),
    "PRECONDITION_FAILED": Entry(c.BUSY, c.WAIT, "SAP's OData guide: ETag and If-Match"),
    "HTTP_400": Entry(c.BAD_DATA, c.DATA, _STATUS),
    "HTTP_401": Entry(c.RECONNECT_IT, c.RECONNECT, _STATUS),
    "HTTP_403": Entry(c.RIGHTS, c.MAPPING, _STATUS),
    "HTTP_404": Entry(c.GONE, c.DATA, _STATUS),
    "HTTP_405": Entry(c.OURS, c.DATA, _STATUS),
    "HTTP_415": Entry(c.OURS, c.DATA, _STATUS),
    "HTTP_429": Entry(c.DOWN, c.WAIT, _THREADS),
    "HTTP_500": Entry(c.DOWN, c.WAIT, _STATUS),
    "HTTP_502": Entry(c.GATEWAY, c.WAIT, _STATUS),
    "HTTP_503": Entry(c.DOWN, c.WAIT, _STATUS),
    "HTTP_504": Entry(c.GATEWAY, c.WAIT, _STATUS),
}
