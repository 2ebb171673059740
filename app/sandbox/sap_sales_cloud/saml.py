"""The token endpoint: a signed SAML 2 assertion against an access token that acts as a named person."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from cryptography import x509
from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from lxml import etree
from signxml.exceptions import InvalidInput, InvalidSignature
from signxml.verifier import XMLVerifier

from app.sandbox.sap_sales_cloud import access, values
from app.sandbox.sap_sales_cloud.tenant import Tenant
from app.sandbox.sap_sales_cloud.users import USERS

PATH = "/sap/bc/sec/oauth2/token"
GRANT = "urn:ietf:params:oauth:grant-type:saml2-bearer"
SCOPE = "UIWC:CC_HOME"
_NS = {"saml": "urn:oasis:names:tc:SAML:2.0:assertion"}


class GrantError(Exception):
    """The endpoint's refusal: OAuth error code and words."""

    def __init__(self, code: str, words: str, status: int = 400) -> None:
        super().__init__(words)
        self.code = code
        self.words = words
        self.status = status


def routes(tenant: Tenant) -> Blueprint:
    """The token endpoint."""
    blueprint = Blueprint("sap_oauth", __name__)

    @blueprint.post(PATH)
    def token() -> ResponseReturnValue:
        try:
            with tenant.lock:
                return _granted(tenant)
        except GrantError as error:
            return jsonify(error=error.code, error_description=error.words), error.status

    return blueprint


def _granted(tenant: Tenant) -> ResponseReturnValue:
    client, secret = access.basic(request)
    if not client or tenant.switches.oauth_clients.get(client) != secret:
        raise GrantError("invalid_client", "Client authentication failed", 401)
    form = request.form
    if form.get("grant_type") == "refresh_token":
        user = tenant.sessions.refreshed(form.get("refresh_token", ""))
        if user is None:
            raise GrantError("invalid_grant", "The refresh token is invalid")
    elif form.get("grant_type") == GRANT:
        if form.get("client_id", client) != client:
            raise GrantError("invalid_request", "client_id differs from the authenticated client")
        if form.get("scope", SCOPE) != SCOPE:
            raise GrantError("invalid_scope", f"The scope is not {SCOPE}")
        user = person(tenant, form.get("assertion", ""), request.base_url)
    else:
        raise GrantError("unsupported_grant_type", "The grant type is not supported")
    seconds = tenant.switches.token_seconds
    token, refresh = tenant.sessions.bearer(user, seconds)
    return jsonify(
        access_token=token, token_type="Bearer", expires_in=str(seconds), scope=SCOPE, refresh_token=refresh
    )  # fmt: skip


def person(tenant: Tenant, assertion: str, endpoint: str) -> str:
    """The user whom a signed assertion names; GrantError says what is wrong with it."""
    try:
        raw = base64.b64decode(
            assertion.replace("-", "+").replace("_", "/") + "=" * (-len(assertion) % 4), validate=True
        )
    except (binascii.Error, ValueError) as error:
        raise GrantError("invalid_request", "The assertion is not base64") from error
    signed = _verified(tenant, raw)
    switches = tenant.switches
    if _text(signed, "saml:Issuer") != switches.saml_issuer:
        raise GrantError("invalid_grant", "The issuer is not a registered identity provider")
    audience = switches.saml_audience or tenant.options.url
    if audience not in [one.text for one in signed.iterfind(".//saml:Audience", _NS)]:
        raise GrantError("invalid_grant", f"The audience is not {audience}")
    _check_confirmation(tenant, signed, endpoint)
    name = _text(signed, "saml:Subject/saml:NameID").casefold()
    found = [u for u in USERS.values() if name in (u.id.casefold(), u.email.casefold()) and not u.technical]
    if not found:
        raise GrantError("invalid_grant", "The subject is not a user of this tenant")
    return found[0].id


def _verified(tenant: Tenant, raw: bytes) -> Any:
    """The part of the document that the registered certificate's signature covers."""
    if not tenant.switches.saml_certificate:
        raise GrantError("invalid_grant", "No identity provider is registered")
    certificate = x509.load_pem_x509_certificate(tenant.switches.saml_certificate.encode())
    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        document = etree.fromstring(raw, parser)
        result = XMLVerifier().verify(document, x509_cert=certificate, id_attribute="ID")
    except (InvalidSignature, InvalidInput, etree.XMLSyntaxError, ValueError) as error:
        raise GrantError("invalid_grant", "The signature of the assertion is not valid") from error
    results = result if isinstance(result, list) else [result]
    signed = results[0].signed_xml
    if signed is None or etree.QName(signed).localname != "Assertion":
        raise GrantError("invalid_grant", "The signature does not cover the assertion")
    return signed


def _check_confirmation(tenant: Tenant, signed: Any, endpoint: str) -> None:
    data = signed.find("saml:Subject/saml:SubjectConfirmation/saml:SubjectConfirmationData", _NS)
    if data is None or data.get("Recipient") not in (endpoint, tenant.options.url + PATH):
        raise GrantError("invalid_grant", "The recipient is not this token endpoint")
    now = tenant.now()
    conditions = signed.find("saml:Conditions", _NS)
    ends = [one.get("NotOnOrAfter") for one in (data, conditions) if one is not None and one.get("NotOnOrAfter")]
    try:
        expired = not ends or any(values.ticks_of(end) <= now for end in ends)
    except ValueError as error:
        raise GrantError("invalid_grant", "NotOnOrAfter is no moment") from error
    if expired:
        raise GrantError("invalid_grant", "The assertion has expired")


def _text(signed: Any, path: str) -> str:
    found = signed.find(path, _NS)
    return (found.text or "").strip() if found is not None else ""
