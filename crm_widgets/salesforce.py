"""The panel's way in from Salesforce: a Canvas app that is opened by a signed request."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, request

from app.connectors.base import Ref
from app.domain.customer import fold
from app.log import get_logger
from app.runtime import runtime
from app.ui import session
from crm_widgets import canvas, pages, panel
from crm_widgets.subject import SUPPORT, Launch, Subject

VENDOR = "salesforce"
LARGEST = 256 * 1024  # bytes of a signed request with its form around it; real ones have 2 to 6 kB
# Key prefixes of the standard objects (Object Reference), for records whose type is not told.
PREFIXES = {"001": "Account", "003": "Contact", "006": "Opportunity", "500": "Case", "801": "Order"}

blueprint = Blueprint("salesforce_panel", __name__)
session.public(blueprint, "the request is signed by Salesforce with our consumer secret")
log = get_logger()


@blueprint.post("/panels/salesforce")
def launch() -> Response:
    """Verify the launch and answer with the whole panel."""
    request.max_content_length = LARGEST
    settings = runtime().settings
    try:
        content = canvas.verify(request.form.get("signed_request", ""), settings.salesforce_client_secret)
    except canvas.Forged as error:
        log.warning("panel refused", vendor=VENDOR, reason=str(error))
        return pages.refused(settings.salesforce_frame_ancestors)
    return panel.opened(read(content, settings.salesforce_frame_ancestors))


@blueprint.errorhandler(Exception)
def failed(error: Exception) -> Response:
    """Whatever goes wrong, the frame shows a page of ours."""
    settings = current_app.extensions["storeline"].settings
    return pages.failed(error, settings.salesforce_frame_ancestors)


def read(content: dict[str, Any], ancestors: str) -> Launch:
    """A verified signed request as a launch."""
    user = canvas.part(content, "context", "user")
    parameters = canvas.part(content, "context", "environment", "parameters")
    return Launch(
        vendor=VENDOR,
        account_id=canvas.record_id(canvas.part(content, "context", "organization").get("organizationId")),
        user=canvas.record_id(user.get("userId")),
        locale=str(user.get("locale") or ""),
        timezone=str(user.get("timeZone") or ""),
        subject=subject(canvas.part(content, "context", "environment", "record"), parameters),
        origin=str(canvas.part(content, "client").get("instanceUrl") or ""),
        ancestors=ancestors,
        store_hash=str(parameters.get("store") or ""),
    )


def subject(record: dict[str, Any], parameters: dict[str, Any]) -> Subject:
    """What the panel stands on. A page layout fills `record`; other placements send `parameters`."""
    fields = {str(key).casefold(): value for source in (parameters, record) for key, value in source.items() if value}
    here = canvas.record_id(fields.get("id") or fields.get("recordid"))
    told = canvas.part(record, "attributes").get("type") or fields.get("object") or fields.get("objectapiname")
    kind = str(told or PREFIXES.get(here[:3], ""))
    contact = canvas.record_id(
        fields.get("contactid") or fields.get("personcontactid") or fields.get("billtocontactid")
    )
    account = canvas.record_id(fields.get("accountid"))
    return Subject(
        Ref(kind, here),
        Ref("Contact", contact) if contact else None,
        Ref("Account", account) if account and kind != "Account" else None,
        _emails(fields, contact),
        SUPPORT if kind == "Case" else "",
    )


def _emails(fields: dict[str, Any], contact: str) -> tuple[str, ...]:
    """The person's addresses. What a visitor typed into a web form only counts while no contact is known."""
    names = ["email", "personemail", "contactemail", *([] if contact else ["suppliedemail"])]
    found = (fold(str(fields.get(name, ""))) for name in names)
    return tuple(dict.fromkeys(email for email in found if "@" in email))
