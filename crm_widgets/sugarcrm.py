"""The panel's way in from SugarCRM: our package there asks for a launch, the frame uses it up."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue

from app.connectors.base import Named, Ref
from app.errors import StorelineError
from app.log import get_logger
from app.models import Connection
from app.runtime import Runtime, runtime
from app.ui import session
from crm_widgets import exchange, history, launches, naming, pages, panel
from crm_widgets.subject import SUPPORT, Launch, Subject

VENDOR = "sugarcrm"
CASES = "Cases"
MODULES = ("Accounts", "Contacts", "Leads", "Opportunities", CASES)
LAUNCH = "/panels/sugarcrm/launch"
LONGEST = 64  # characters of an id
NO_PROOF = "Storeline does not know this package (any more). Install the one that Storeline offers for this connection."

blueprint = Blueprint("sugarcrm_panel", __name__)
session.public(blueprint, "launches bear the connection's secret, frames a token that is good once")
log = get_logger()


@blueprint.post(LAUNCH)
def launch() -> ResponseReturnValue:
    """From Sugar's server, which has checked that the user may see the record: the address for the frame."""
    running, body = runtime(), exchange.body()
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    given = secret.strip() if scheme.lower() == "bearer" else ""
    with running.database.reading() as reading:
        side = launches.authenticated(running, reading, VENDOR, exchange.text(body, "instance"), given)
    if side is None:
        log.warning("panel refused", vendor=VENDOR, reason="no secret of a connection")
        return _problem(401, NO_PROOF)
    record = Ref(exchange.text(body, "module", LONGEST), exchange.text(body, "record_id", LONGEST))
    user = exchange.text(body, "user_id", LONGEST)
    if record.kind not in MODULES or not record.id or not user:
        return _problem(422, "A launch names a module that has a panel, a record_id and a user_id.")
    opening = {
        "subject": _subject(running, side, record).dump(),
        "locale": exchange.text(body, "locale", LONGEST),
        "timezone": exchange.text(body, "timezone", LONGEST),
    }
    token = launches.start(running, side.id, user, opening)
    return exchange.answer({"url": running.settings.absolute(f"/panels/sugarcrm?{urlencode({'token': token})}")})


@blueprint.get("/panels/sugarcrm")
def opened() -> Response:
    """The panel, for a token that nobody has used."""
    running, token = runtime(), request.args.get("token", "")
    taken = launches.take(running, VENDOR, token)
    with running.database.reading() as reading:
        site = launches.frame(reading, token)
    if taken is None:
        log.warning("panel refused", vendor=VENDOR, reason="launch unknown, over or used")
        return pages.refused(site, VENDOR)
    return panel.opened(
        Launch(
            vendor=VENDOR,
            account_id="",
            user=taken.user_id,
            locale=taken.opening["locale"] or _browsers_language(),
            timezone=taken.opening["timezone"],
            subject=Subject.load(taken.opening["subject"]),
            origin=site,
            ancestors="",
            connection_id=taken.connection_id,
        )
    )


@blueprint.errorhandler(Exception)
def failed(error: Exception) -> ResponseReturnValue:
    """Sugar's server is told in JSON, the frame by a page."""
    if request.path == LAUNCH:
        return _problem(pages.status_of(error), exchange.words_of(error, "Storeline could not do this."))
    return pages.failed(error, "", VENDOR)


def _subject(running: Runtime, side: Connection, record: Ref) -> Subject:
    """What the panel is about. Sugar is asked for the people of a record that our links do not know."""
    purpose = SUPPORT if record.kind == CASES else ""
    with running.database.reading() as reading:
        if history.is_linked(reading, side.id, record):
            return Subject(record, purpose=purpose)
    asked: naming.Naming = current_app.extensions[naming.EXTENSION]
    try:
        named = asked.ask(side.id, record) or Named()
    except StorelineError as error:  # the panel opens in any case; support can search
        log.warning("naming", vendor=VENDOR, connection=side.id, code=error.code)
        named = Named()
    account = named.account if record.kind != "Accounts" else None
    return Subject(record, named.contact, account, named.emails, purpose)


def _browsers_language() -> str:
    return (request.accept_languages.best or "").replace("-", "_")


def _problem(status: int, words: str) -> Response:
    """In Sugar's own form of errors, for the package to pass on."""
    return exchange.answer({"error": "storeline", "error_message": words}, status)
