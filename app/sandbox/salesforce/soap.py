"""The SOAP endpoints: `login()` and `logout()`, which older clients start with, and a few calls on records."""

from __future__ import annotations

from xml.sax.saxutils import escape

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from lxml import etree

from app.sandbox.salesforce import soap_records
from app.sandbox.salesforce.dml import Writer
from app.sandbox.salesforce.errors import ApiError
from app.sandbox.salesforce.events.capture import Caller, commit, origin
from app.sandbox.salesforce.grants import password_fits, user_by_name
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.sessions import org_id
from app.sandbox.salesforce.store import Row

LAST_VERSION_WITH_LOGIN = 64
_SAFE = etree.XMLParser(resolve_entities=False, no_network=True)
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" '
    'xmlns:sf="urn:fault.partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    "<soapenv:Body>{}</soapenv:Body></soapenv:Envelope>"
)


def fault(code: str, message: str) -> Response:
    """A SOAP fault: HTTP 500."""
    detail = f"<sf:exceptionCode>{code}</sf:exceptionCode><sf:exceptionMessage>{escape(message)}</sf:exceptionMessage>"
    body = (
        f"<soapenv:Fault><faultcode>sf:{code}</faultcode><faultstring>{code}: {escape(message)}</faultstring>"
        f'<detail><sf:LoginFault xsi:type="sf:LoginFault">{detail}</sf:LoginFault></detail></soapenv:Fault>'
    )
    return Response(_ENVELOPE.format(body), status=500, mimetype="text/xml")


def login_answer(org: Org, user: Row, kind: str, version: str) -> str:
    """The session of a user who logged in, as XML."""
    session = org.sessions.open(org_id(org), user["Id"], "full", org.now(), org.switches.session_seconds)
    values = {
        "metadataServerUrl": f"{org.url}/services/Soap/m/{version}/{org_id(org)[:15]}",
        "passwordExpired": "false",
        "sandbox": "false",
        "serverUrl": f"{org.url}/services/Soap/{kind}/{version}/{org_id(org)[:15]}",
        "sessionId": session.token,
        "userId": user["Id"],
    }
    about = user_info(org, user)
    info = f"<userInfo>{_elements(about)}</userInfo>"
    return _ENVELOPE.format(f"<loginResponse><result>{_elements(values)}{info}</result></loginResponse>")


def user_info(org: Org, user: Row) -> dict[str, object]:
    """The GetUserInfoResult, in the order of the WSDL: some clients count elements."""
    organization = org.db.get(org_id(org)) or {}
    switches = org.switches
    return {
        "accessibilityMode": "false",
        "chatterExternal": "false",
        "currencySymbol": switches.currency,
        "orgAttachmentFileSizeLimit": 5_242_880,
        "orgDefaultCurrencyIsoCode": switches.currency,
        "orgDefaultCurrencyLocale": user["LocaleSidKey"],
        "orgDisallowHtmlAttachments": "false",
        "orgHasPersonAccounts": str(switches.person_accounts).lower(),
        "organizationId": org_id(org),
        "organizationMultiCurrency": str(switches.multi_currency).lower(),
        "organizationName": organization.get("Name"),
        "profileId": user.get("ProfileId") or "",
        "roleId": "",
        "sessionSecondsValid": switches.session_seconds,
        "userDefaultCurrencyIsoCode": switches.currency,
        "userEmail": user["Email"],
        "userFullName": user["Name"],
        "userId": user["Id"],
        "userLanguage": user["LanguageLocaleKey"],
        "userLocale": user["LocaleSidKey"],
        "userName": user["Username"],
        "userTimeZone": user["TimeZoneSidKey"],
        "userType": "Standard",
        "userUiSkin": "Theme3",
    }


def _elements(values: dict[str, object]) -> str:
    return "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in values.items())


def routes(org: Org) -> Blueprint:
    """The SOAP endpoints of one org."""
    blueprint = Blueprint("soap", __name__)

    @blueprint.post("/services/Soap/<kind>/<version>")
    @blueprint.post("/services/Soap/<kind>/<version>/<organization>")
    def soap(kind: str, version: str, organization: str = "") -> ResponseReturnValue:
        try:
            tree = etree.fromstring(request.get_data(), _SAFE)
        except etree.XMLSyntaxError:
            return fault("INVALID_SOAP", "malformed envelope")
        known = ("login", "logout", *soap_records.CALLS)
        called = next((e for e in tree.iter("{*}*") if etree.QName(e).localname in known), None)
        if called is None:
            return fault("INVALID_OPERATION", f"the stand-in knows {', '.join(known)}")
        name = etree.QName(called).localname
        with org.lock:
            if name == "login":
                return _login(org, called, kind, version)
            if name == "logout":
                org.sessions.revoke(_session_id(tree))
                return Response(_ENVELOPE.format("<logoutResponse/>"), mimetype="text/xml")
            return _records(org, tree, called, version)

    return blueprint


def _session_id(tree: etree._Element) -> str:
    return (tree.findtext(".//{*}sessionId") or "").strip()


def _login(org: Org, called: etree._Element, kind: str, version: str) -> Response:
    if float(version) > LAST_VERSION_WITH_LOGIN:
        return fault("UNSUPPORTED_API_VERSION", "login() is not available in this version")
    user = user_by_name(org, called.findtext("{*}username") or "")
    if user is None or not password_fits(called.findtext("{*}password") or ""):
        return fault("INVALID_LOGIN", "Invalid username, password, security token; or user locked out.")
    return Response(login_answer(org, user, kind, version), mimetype="text/xml")


def _records(org: Org, tree: etree._Element, called: etree._Element, version: str) -> Response:
    session = org.sessions.find(_session_id(tree), org.now(), org.switches.session_seconds)
    if session is None:
        return fault("INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader: Illegal Session")
    try:
        org.count_call()
    except ApiError as error:
        return fault(error.code, error.message)
    client = tree.findtext(".//{*}CallOptions/{*}client") or ""
    body = soap_records.answer(Writer(org, session.user_id), called)
    commit(org, Caller(session.user_id, origin("soap", version, f"client={client}" if client else "")))
    return Response(_ENVELOPE.format(body), mimetype="text/xml")
