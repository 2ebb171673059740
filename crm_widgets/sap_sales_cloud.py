"""The panel's way in from SAP Sales Cloud: a mashup that signs nothing, so that each device is paired once."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, current_app, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import update

from app.connectors.base import Named, Ref
from app.db import now
from app.errors import Retryable, StorelineError, Untrusted
from app.log import get_logger
from app.models import Connection, PanelPass
from app.runtime import Runtime, runtime
from app.ui import passes, session
from crm_widgets import exchange, history, naming, pages, panel
from crm_widgets.subject import SUPPORT, Launch, Subject

VENDOR = "sap-sales-cloud"
PAGE = "/panels/sap-sales-cloud"
TICKET = "ServiceRequest"
OBJECTS = (
    "IndividualCustomer", "CorporateAccount", "Contact", "Lead", "Opportunity", "CustomerOrder", TICKET,
)  # fmt: skip
# Parted by the site that frames us, like the frame's storage: other sites' frames of us neither see nor send it.
COOKIE: dict[str, Any] = {
    "path": PAGE, "secure": True, "httponly": True, "samesite": "None", "partitioned": True
}  # fmt: skip
NOTHING = Subject(Ref("", ""))  # nothing known
SEEN_EVERY = timedelta(hours=1)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

blueprint = Blueprint("sap_sales_cloud_panel", __name__)
session.public(blueprint, "the page holds no data; what it asks for bears the secret of a paired device")
log = get_logger()


@blueprint.get(PAGE)
def shell() -> Response:
    """A page without data. Whatever the mashup's address names is a selector, and proves nothing."""
    running = runtime()
    tenant = request.args.get("tenant", "")
    with running.database.reading() as reading:
        side = passes.connection_of(reading, tenant, VENDOR)
    if side is None:
        return pages.not_connected(running.settings.sap_frame_ancestors, VENDOR)
    ancestors = f"{side.instance_url} {running.settings.sap_frame_ancestors}"
    config = {
        "tenant": tenant,
        "object": request.args.get("object", "")[: exchange.LONGEST],
        "id": request.args.get("id", "")[: exchange.LONGEST],
        "open": url_for(".opened"),
        "pair": url_for(".pair"),
        "orders": url_for("panels.orders"),
    }
    return pages.page("shell.html", ancestors, vendor=VENDOR, script=pages.script("pairing.js"), config=config)


@blueprint.post(f"{PAGE}/pair")
def pair() -> ResponseReturnValue:
    """A one-time code for the secret of a device."""
    body = exchange.body()
    side = _side(exchange.text(body, "tenant"))
    if side is None:
        raise Untrusted(passes.WRONG)
    device = passes.pair(runtime(), side.id, exchange.text(body, "code"))
    answer = exchange.answer({"device": device})
    if exchange.text(body, "keep") == "cookie":  # the browser lets a frame store nothing else
        answer.set_cookie(_cookie(side), device, max_age=passes.DEVICE_LIFE, **COOKIE)
    return answer


@blueprint.post(f"{PAGE}/open")
def opened() -> ResponseReturnValue:
    """The panel's inside and its bearer, for a paired device; empty for what is no record of this tenant."""
    running, body = runtime(), exchange.body()
    side = _side(exchange.text(body, "tenant"))
    if side is None:
        raise Untrusted(passes.ENDED)
    device = exchange.text(body, "device") or request.cookies.get(_cookie(side), "")
    if not device:
        return exchange.answer({"message": ""}, 401)  # nobody has entered a code yet
    try:
        with running.database.reading() as reading:
            held = passes.holder(reading, side.id, device)
    except Untrusted as error:
        refused = _refused(error)
        refused.set_cookie(_cookie(side), "", max_age=0, **COOKIE)
        return refused
    record = Ref(exchange.text(body, "object"), _record_id(exchange.text(body, "id")))
    inside = panel.exchanged(
        Launch(
            vendor=VENDOR,
            account_id="",
            user=held.user_id,
            locale=exchange.text(body, "locale").replace("-", "_"),
            timezone=exchange.text(body, "timezone"),
            subject=_subject(running, side, record),
            origin=side.instance_url,
            ancestors="",
            connection_id=side.id,
            pass_id=held.id,
        )
    )
    if inside is None:
        raise Untrusted(passes.ENDED)
    _seen(running, held)
    return exchange.answer(inside)


@blueprint.errorhandler(Exception)
def failed(error: Exception) -> ResponseReturnValue:
    """The page's script is told in JSON, the frame by a page."""
    if request.path == PAGE:
        return pages.failed(error, current_app.extensions["storeline"].settings.sap_frame_ancestors, VENDOR)
    match error:
        case Untrusted():
            return _refused(error)
        case Retryable():
            log.warning("panel refused", vendor=VENDOR, reason=error.code)
            answer = exchange.answer({"message": error.message}, 429)
            if error.retry_after is not None:
                answer.headers["Retry-After"] = str(max(1, round((error.retry_after - now()).total_seconds())))
            return answer
    words = exchange.words_of(error, "Something went wrong on our side. Try again in a moment.")
    return exchange.answer({"message": words}, pages.status_of(error))


def _refused(error: Untrusted) -> Response:
    log.warning("panel refused", vendor=VENDOR, reason=error.code)
    return exchange.answer({"message": error.message}, 401)


def _cookie(side: Connection) -> str:
    return f"storeline_device_{side.id}"


def _side(tenant: str) -> Connection | None:
    with runtime().database.reading() as reading:
        return passes.connection_of(reading, tenant, VENDOR)


def _subject(running: Runtime, side: Connection, record: Ref) -> Subject:
    """What the panel is about: a record that our links know, or else one that this tenant has, as it says itself."""
    if record.kind not in OBJECTS or not record.id:
        return NOTHING
    with running.database.reading() as reading:
        if history.is_linked(reading, side.id, record):
            return Subject(record)
    asked: naming.Naming = current_app.extensions[naming.EXTENSION]
    try:
        named: Named | None = asked.ask(side.id, record)
    except StorelineError as error:
        log.warning("naming", vendor=VENDOR, connection=side.id, code=error.code)
        return NOTHING
    if named is None:
        return NOTHING
    return Subject(record, named.contact, named.account, named.emails, SUPPORT if record.kind == TICKET else "")


def _seen(running: Runtime, held: PanelPass) -> None:
    """Note for the administrator that the device is in use; not at every opening, for it is a write."""
    if held.seen_at is not None and now() < held.seen_at + SEEN_EVERY:
        return
    with running.database.transaction() as writing:
        writing.execute(update(PanelPass).where(PanelPass.id == held.id).values(seen_at=now()))


def _record_id(text: str) -> str:
    """An ObjectID; mashups may be bound to the same number as a UUID."""
    return text.replace("-", "").upper() if _UUID.fullmatch(text) else text
