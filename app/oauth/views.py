"""`/oauth/<vendor>/connect` and `/oauth/<vendor>/callback`."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, make_response, render_template, request
from flask import redirect as redirect_to
from flask.typing import ResponseReturnValue

from app.errors import Rejected, Retryable, StorelineError
from app.log import get_logger
from app.runtime import runtime
from app.sync import authorizations
from app.ui import headers
from app.ui.session import public

DENIED = "access_denied"

blueprint = Blueprint("oauth", __name__, template_folder="templates", url_prefix="/oauth")
public(blueprint, "verifies a one-time ticket, then state and cookie of the browser that used it")
log = get_logger()


@blueprint.get("/<vendor>/connect")
def ask(vendor: str) -> ResponseReturnValue:
    """Whose store is it that would get at the account? The ticket stays good."""
    ticket = request.args.get("ticket", "")
    invitation = authorizations.look(runtime(), vendor, ticket)
    response = make_response(render_template("oauth/ask.html", invitation=invitation, vendor=vendor, ticket=ticket))
    # A cross-site form would do without this page, so the answer must bring what only this page's visitor has.
    _remember(response, vendor, invitation.cookie, invitation.secret, authorizations.TICKET_LIFE, "Strict")
    # Browsers hold redirects against it too, and from its login page a vendor leads on to an organisation's own
    # domain or single sign-on, which nobody can list.
    return _private(response, forms=f"'self' {invitation.login_origin} https:")


@blueprint.post("/<vendor>/connect")
def connect(vendor: str) -> ResponseReturnValue:
    """Use the ticket, bind the flow to this browser, go to the vendor."""
    ticket = request.form.get("ticket", "")
    cookie = authorizations.ticket_cookie(ticket)
    target = authorizations.redirect(runtime(), vendor, ticket, request.cookies.get(cookie, ""))
    response = make_response(redirect_to(target.url, 303))
    response.delete_cookie(cookie, path=_path(vendor))
    # Lax: the vendor sends the browser back by a top-level GET.
    _remember(response, vendor, target.cookie, target.secret, authorizations.FLOW_LIFE, "Lax")
    return _private(response)


@blueprint.get("/<vendor>/callback")
def callback(vendor: str) -> ResponseReturnValue:
    """What the vendor's consent page came to."""
    state = request.args.get("state", "")
    cookie = authorizations.cookie_name(state)
    secret = request.cookies.get(cookie, "")
    error = request.args.get("error", "")
    if error:
        authorizations.abandon(runtime(), vendor, state, secret)
        raise _refused(error, request.args.get("error_description", ""))
    if not request.args.get("code"):
        raise Rejected("The answer holds no code. Start again from Storeline.", code="NO_CODE")
    connected = authorizations.finish(runtime(), vendor, state, secret, request.args["code"])
    log.info("connected", vendor=vendor, connection=connected.connection_id)
    nonce = headers.new_nonce()
    page = render_template("oauth/connected.html", connected=connected, clean_path=request.path, nonce=nonce)
    response = _private(make_response(page), nonce)
    response.delete_cookie(cookie, path=_path(vendor))
    return response


@blueprint.errorhandler(StorelineError)
def failed(error: StorelineError) -> ResponseReturnValue:
    """Every failure in words; the code in the address is of no use to anybody any more."""
    log.warning("connect", code=error.code)
    advice = "Wait a moment, then start again from Storeline." if isinstance(error, Retryable) else ""
    nonce = headers.new_nonce()
    page = render_template(
        "error.html", title="Not connected", message=error.message, advice=advice, clean_path=request.path, nonce=nonce
    )
    return _private(make_response(page, 404 if error.status == 404 else 400), nonce)


def _refused(error: str, description: str) -> Rejected:
    if error == DENIED:
        return Rejected("You did not allow Storeline to connect. Nothing was changed.", code=error)
    return Rejected(f"The connection was refused: {description or error}. Start again from Storeline.", code=error)


def _path(vendor: str) -> str:
    return f"/oauth/{vendor}/"


def _remember(response: Response, vendor: str, cookie: str, secret: str, life: timedelta, same_site: str) -> None:
    response.set_cookie(
        cookie,
        secret,
        max_age=int(life.total_seconds()),
        path=_path(vendor),
        secure=runtime().settings.public_url.startswith("https:"),
        httponly=True,
        samesite=same_site,
    )


def _private(response: Response, nonce: str = "", forms: str = "'none'") -> Response:
    return headers.secure(response, ancestors=headers.frame_ancestors(), nonce=nonce, forms=forms)
