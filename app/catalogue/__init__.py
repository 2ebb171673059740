"""The catalogue of error codes: what happened, what to do, who can; the vendors' and our own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from app.catalogue import bigcommerce, salesforce, sap_sales_cloud, sugarcrm
from app.catalogue import causes as c
from app.catalogue.causes import Entry, Explanation
from app.catalogue.flags import FLAGS
from app.catalogue.own import OWN

VENDORS: Mapping[str, Mapping[str, Entry]] = {
    "bigcommerce": bigcommerce.ENTRIES,
    "salesforce": salesforce.ENTRIES,
    "sap-sales-cloud": sap_sales_cloud.ENTRIES,
    "sugarcrm": sugarcrm.ENTRIES,
}
BY_REMEDY = {c.WAIT: c.DOWN, c.DATA: c.BAD_DATA, c.MAPPING: c.FIELD, c.RECONNECT: c.RECONNECT_IT, c.BUG: c.OURS}
EXHAUSTED = "It was tried many times over hours without success. Press Replay; if it fails again, ask support."
UNKNOWN_FLAG = Explanation("The record arrived, but something about it is worth a look.", "Read what is said.", c.ADMIN)

__all__ = ["BY_REMEDY", "EXHAUSTED", "FLAGS", "OWN", "VENDORS", "Entry", "Explanation", "explain", "explain_flag"]


def explain(code: str, remedy: str, *, vendor: str = "", dead: bool = False) -> Explanation:
    """The explanation of a code, else of a kind of remedy.

    `vendor`: whose connection it is, for several use the same code. `dead`: what should have healed by itself did not.
    """
    found = _cause(code, vendor) or BY_REMEDY.get(remedy, c.OURS)
    return replace(found, advice=EXHAUSTED, who=c.MERCHANT) if dead and found.who == c.NOBODY else found


def explain_flag(code: str) -> Explanation:
    """What a flag means for people."""
    return FLAGS.get(code, UNKNOWN_FLAG)


def _cause(code: str, vendor: str) -> Explanation | None:
    # Either end may have refused: the CRM, or the store that the record came from.
    entry = VENDORS.get(vendor, {}).get(code) or bigcommerce.ENTRIES.get(code)
    return entry.cause if entry is not None else OWN.get(code)
