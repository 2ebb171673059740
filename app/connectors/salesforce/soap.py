"""Lead conversion, which Salesforce offers over SOAP alone: `convertLead()` of the partner endpoint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from app.connectors.salesforce.client import CLIENT, Client
from app.connectors.salesforce.errors import foreign, of_entry
from app.errors import StorelineError

CONVERSIONS = 100  # per call
_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_PARTNER = "urn:partner.soap.sforce.com"
_SAFE = etree.XMLParser(resolve_entities=False, no_network=True)
Element = etree._Element


@dataclass(frozen=True)
class Conversion:
    """A lead that becomes a person: one who is there already, or a new one."""

    lead_id: str
    status: str
    account_id: str = ""
    contact_id: str = ""


@dataclass(frozen=True)
class Converted:
    """What a lead became, or why it did not."""

    account_id: str = ""
    contact_id: str = ""
    error: StorelineError | None = None


def convert(client: Client, conversions: Sequence[Conversion]) -> list[Converted]:
    """Convert leads without an opportunity; one answer each, in order. An error of a call is raised."""
    done: list[Converted] = []
    for start in range(0, len(conversions), CONVERSIONS):
        part = conversions[start : start + CONVERSIONS]
        answer = client.soap(lambda token, part=part: _request(token, part))  # type: ignore[misc]  # bound early
        results = _results(answer)
        if len(results) != len(part):
            raise foreign(200)
        done += [_read(result) for result in results]
    return done


def _results(answer: bytes) -> list[Element]:
    try:
        return list(etree.fromstring(answer, _SAFE).iterfind(".//{*}convertLeadResponse/{*}result"))
    except etree.XMLSyntaxError:
        return []


def _request(token: str, conversions: Sequence[Conversion]) -> bytes:
    envelope = etree.Element(etree.QName(_ENVELOPE, "Envelope"), nsmap={"soapenv": _ENVELOPE, "u": _PARTNER})
    header = _below(envelope, _ENVELOPE, "Header")
    _below(_below(header, _PARTNER, "SessionHeader"), _PARTNER, "sessionId", token)
    _below(_below(header, _PARTNER, "CallOptions"), _PARTNER, "client", CLIENT)
    call = _below(_below(envelope, _ENVELOPE, "Body"), _PARTNER, "convertLead")
    for one in conversions:
        unit = _below(call, _PARTNER, "leadConverts")
        values = {  # in the order of the WSDL
            "accountId": one.account_id, "contactId": one.contact_id, "convertedStatus": one.status,
            "doNotCreateOpportunity": "true", "leadId": one.lead_id, "overwriteLeadSource": "false",
            "sendNotificationEmail": "false",
        }  # fmt: skip
        for name, value in values.items():
            if value:
                _below(unit, _PARTNER, name, value)
    return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")


def _below(parent: Element, namespace: str, name: str, text: str | None = None) -> Element:
    element = etree.SubElement(parent, etree.QName(namespace, name))
    element.text = text
    return element


def _read(result: Element) -> Converted:
    if (result.findtext("{*}success") or "") == "true":
        return Converted(result.findtext("{*}accountId") or "", result.findtext("{*}contactId") or "")
    code = result.findtext("{*}errors/{*}statusCode") or ""
    words = result.findtext("{*}errors/{*}message") or "Salesforce did not convert the lead."
    return Converted(error=of_entry({"statusCode": code, "message": words}))
