"""BigCommerce's HTTP statuses: it has no other codes."""

from __future__ import annotations

from app.catalogue import causes as c
from app.catalogue.causes import Entry

_STATUS = "BigCommerce developer documentation, API status codes"
_BATCH = "BigCommerce developer documentation, customers and variants: sizes of a batch"
_LIMITS = "BigCommerce developer documentation, rate limits"

ENTRIES = {
    "BC_400": Entry(c.OURS, c.DATA, _STATUS),
    "BC_401": Entry(c.STORE, c.RECONNECT, _STATUS),
    "BC_403": Entry(c.STORE, c.RECONNECT, _STATUS),
    "BC_SCOPE": Entry(c.SCOPE, c.MAPPING, "seen in public: 403 about a required scope"),
    "BC_404": Entry(c.GONE, c.DATA, _STATUS),
    "BC_405": Entry(c.OURS, c.DATA, _STATUS),
    "BC_406": Entry(c.OURS, c.DATA, _STATUS),
    "BC_409": Entry(c.SAME_KEY_HERE, c.DATA, _STATUS),
    "BC_413": Entry(c.OURS, c.DATA, _BATCH),
    "BC_415": Entry(c.OURS, c.DATA, _STATUS),
    "BC_422": Entry(c.STORE_REFUSED, c.DATA, _STATUS),
    "BC_423": Entry(c.BUSY_HERE, c.WAIT, _STATUS),
    "BC_429": Entry(c.SLOW_DOWN, c.WAIT, _LIMITS),
    "BC_500": Entry(c.DOWN, c.WAIT, _STATUS),
    "BC_502": Entry(c.DOWN, c.WAIT, _STATUS),
    "BC_503": Entry(c.CLOSED, c.WAIT, _STATUS),
    "BC_504": Entry(c.DOWN, c.WAIT, _STATUS),
    "BC_507": Entry(c.PLAN, c.WAIT, _STATUS),
}
