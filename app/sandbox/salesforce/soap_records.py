"""SOAP calls on records that REST has no resource for: `merge()`, `convertLead()`, `undelete()`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from app.sandbox.salesforce.conversion import CONVERTED_STATUS, Conversion, convert
from app.sandbox.salesforce.dml import Writer
from app.sandbox.salesforce.errors import ApiError
from app.sandbox.salesforce.merges import merge

Element = etree._Element
Values = Iterable[tuple[str, Any]]


def _text(element: Element, name: str) -> str:
    return element.findtext(f"{{*}}{name}") or ""


def _merge(writer: Writer, request: Element) -> Values:
    master = request.find("{*}masterRecord")
    if master is None:
        raise ApiError("MISSING_ARGUMENT", "masterRecord is missing")
    losers = [one.text or "" for one in request.findall("{*}recordToMergeIds")]
    fields: dict[str, Any] = {name: None for name in (one.text or "" for one in master.findall("{*}fieldsToNull"))}
    for child in master:
        name = etree.QName(child).localname
        if name not in ("type", "Id", "id", "fieldsToNull"):
            fields[name] = child.text
    master_id = _text(master, "Id") or _text(master, "id")
    moved = merge(writer, _sobject(master), master_id, losers, fields)
    yield "id", master_id
    yield from (("mergedRecordIds", one) for one in losers)
    yield from (("updatedRelatedIds", one) for one in moved)


def _sobject(record: Element) -> str:
    kind = next((v for k, v in record.attrib.items() if etree.QName(str(k)).localname == "type"), "")
    return (_text(record, "type") or str(kind)).rpartition(":")[2]


def _convert(writer: Writer, wanted: Element) -> Values:
    made = convert(
        writer,
        Conversion(
            lead_id=_text(wanted, "leadId"),
            status=_text(wanted, "convertedStatus") or CONVERTED_STATUS,
            account_id=_text(wanted, "accountId"),
            contact_id=_text(wanted, "contactId"),
            create_opportunity=_text(wanted, "doNotCreateOpportunity") != "true",
            opportunity_name=_text(wanted, "opportunityName"),
            owner_id=_text(wanted, "ownerId"),
        ),
    )
    yield "accountId", made.account_id
    yield "contactId", made.contact_id
    yield "leadId", made.lead_id
    yield "opportunityId", made.opportunity_id


def _undelete(writer: Writer, wanted: Element) -> Values:
    yield "id", writer.undelete(wanted.text or "")


# call → the element repeated for each unit of work, and what is done with it
CALLS: dict[str, tuple[str, Callable[[Writer, Element], Values]]] = {
    "merge": ("request", _merge),
    "convertLead": ("leadConverts", _convert),
    "undelete": ("ids", _undelete),
}


def answer(writer: Writer, called: Element) -> str:
    """The response element of a call; each unit of work has its own result."""
    name = str(etree.QName(called).localname)
    unit, work = CALLS[name]
    results = "".join(_result(writer, work, one) for one in called.findall(f"{{*}}{unit}"))
    return f"<{name}Response>{results}</{name}Response>"


def _result(writer: Writer, work: Callable[[Writer, Element], Values], wanted: Element) -> str:
    try:
        values = [*work(writer, wanted), ("success", "true")]
    except ApiError as error:
        told = f"<message>{escape(error.message)}</message><statusCode>{error.code}</statusCode>"
        return f"<result><errors>{told}</errors><success>false</success></result>"
    inner = "".join(f"<{k}>{escape(v)}</{k}>" for k, v in values if v is not None)
    return f"<result>{inner}</result>"
