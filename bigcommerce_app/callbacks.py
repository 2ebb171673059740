"""BigCommerce's four callbacks: auth, load, uninstall, remove_user."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from app.config import Settings
from app.connectors import registry
from app.connectors.access import Account
from app.connectors.bigcommerce import auth
from app.connectors.bigcommerce.auth import Claims, Installation
from app.connectors.bigcommerce.connector import BigCommerce, StoreInfo
from app.errors import Retryable, StorelineError, Untrusted
from app.log import get_logger
from app.models import Connection, ConnectionState
from app.runtime import Runtime, runtime
from app.sync import stores
from app.ui import session
from bigcommerce_app import page

AUTH_PATH = "/bigcommerce/auth"

blueprint = Blueprint("bigcommerce", __name__, template_folder="templates")
session.public(blueprint, "a one-time code that we exchange ourselves, or a payload signed with the client secret")
log = get_logger()


class ScopesMissing(Exception):
    """The store did not grant all that we need."""

    def __init__(self, scopes: list[str]) -> None:
        super().__init__(", ".join(scopes))
        self.scopes = scopes


@blueprint.get(AUTH_PATH)
def authorize() -> ResponseReturnValue:
    """The merchant installs the app, or grants anew: exchange the code, take the store in, show the app."""
    settings = runtime().settings
    answer, done = _install(settings)
    if "external_install" not in request.args:
        return answer
    # Started outside of the control panel, in a window too small for the app: BigCommerce closes it.
    end = "succeeded" if done else "failed"
    return redirect(f"{settings.bigcommerce_login_url}/app/{settings.bigcommerce_client_id}/install/{end}")


@blueprint.get("/bigcommerce/load")
def load() -> ResponseReturnValue:
    """A person of the store's staff opens the app."""
    settings = runtime().settings
    claims = _claims()
    visit = stores.load(runtime(), claims)
    if visit is None:
        log.warning("payload refused", reason="UNKNOWN_STORE", path=request.path)
        return page.failed(
            settings,
            401,
            "Storeline is not installed in this store",
            "We have no access to this store any more.",
            advice="Please uninstall Storeline under Apps, My Apps, and install it again.",
        )
    _look_again(visit.store_id)
    return page.app(settings, visit, claims.url, claims.channel_id)


@blueprint.get("/bigcommerce/uninstall")
def uninstall() -> ResponseReturnValue:
    """BigCommerce's server says that the app was removed."""
    return _obey(stores.uninstall)


@blueprint.get("/bigcommerce/remove_user")
def remove_user() -> ResponseReturnValue:
    """BigCommerce's server says that a person may not open the app any more."""
    return _obey(stores.remove_user)


@blueprint.get(page.CLEAN_PATH)
def reload() -> ResponseReturnValue:
    """The address that the page shows; loading it again brings no signed payload."""
    return page.failed(
        runtime().settings, 401, "Storeline was reloaded", "For your safety every visit starts in the control panel."
    )


@blueprint.errorhandler(Untrusted)
def refused(error: Untrusted) -> ResponseReturnValue:
    """Somebody without a valid payload; neither the payload nor the address goes into the log."""
    log.warning("payload refused", reason=error.code, path=request.path)
    return page.failed(
        runtime().settings, 401, "This visit could not be verified", "The link that opened Storeline is not valid."
    )


@blueprint.errorhandler(Exception)
def broken(error: Exception) -> ResponseReturnValue:
    """Our own failure: the frame shows a page, the log has the rest."""
    if isinstance(error, HTTPException):
        return error
    log.error("callback failed", path=request.path, exc_info=error)
    return page.failed(
        runtime().settings, 500, "Something went wrong", "The problem is ours, and it has been recorded."
    )


def _install(settings: Settings) -> tuple[Response, bool]:
    """The page to show, and whether the store is installed now."""
    try:
        installation = _exchange(settings)
    except ScopesMissing as error:
        log.warning("scopes missing", scopes=error.scopes)
        return _scopes_missing(settings, error.scopes), False
    except StorelineError as error:
        log.warning("install failed", code=error.code, status=error.status)
        return _not_installed(settings, error), False
    visit = stores.install(runtime(), installation, _info(settings, installation))
    runtime().bell.start("hooks", visit.store_id)  # if Redis is away, the clock does it
    return page.app(settings, visit, "/"), True


def _exchange(settings: Settings) -> Installation:
    """The callback's code for a token. Raises Untrusted, ScopesMissing, Rejected or Retryable."""
    given = {name: request.args.get(name, "") for name in ("code", "scope", "context")}
    if not all(given.values()):
        raise Untrusted("The address of the installation is incomplete.", code="INCOMPLETE")
    installation = auth.exchange(
        settings, given["code"], given["scope"], given["context"], settings.absolute(AUTH_PATH)
    )
    missing = auth.missing_scopes(installation.grant.scope)
    if missing:
        raise ScopesMissing(missing)
    return installation


def _info(settings: Settings, installation: Installation) -> StoreInfo | None:
    """What the store says of itself; the `hooks` job asks again, so an installation never fails for this."""
    grant = installation.grant
    try:
        return BigCommerce(settings, Account(grant.access_token, grant.account_id, store=grant.account_id)).store_info()
    except StorelineError as error:
        log.warning("store information", code=error.code)
        return None


def _look_again(store_id: int) -> None:
    """A store that refused us, or that was not asked yet, is asked again, now that somebody looks."""
    with runtime().database.reading() as db:
        state = db.scalar(
            select(Connection.state).where(Connection.store_id == store_id, Connection.vendor == registry.SOURCE)
        )
    if state != ConnectionState.LIVE:
        runtime().bell.start("hooks", store_id)


def _obey(action: Callable[[Runtime, Claims], None]) -> ResponseReturnValue:
    """What BigCommerce's server tells us, if it is BigCommerce's server."""
    try:
        action(runtime(), _claims())
    except Untrusted as error:
        log.warning("payload refused", reason=error.code, path=request.path)
        return "", 401
    return "", 204


def _claims() -> Claims:
    return auth.verify_payload(runtime().settings, request.args.get("signed_payload_jwt", ""))


def _scopes_missing(settings: Settings, scopes: list[str]) -> Response:
    return page.failed(
        settings,
        403,
        "Storeline needs more permissions",
        "The store did not grant everything that Storeline needs to read its orders:",
        items=scopes,
        advice="Please install Storeline again and accept all permissions.",
    )


def _not_installed(settings: Settings, error: StorelineError) -> Response:
    if isinstance(error, Retryable):
        message, status = "BigCommerce did not answer in time.", 503
    else:
        message, status = "BigCommerce did not accept the installation; its link works only once.", 400
    advice = "Please start the installation again from the Apps page of your control panel."
    return page.failed(settings, status, "Storeline could not be installed", message, advice=advice)
