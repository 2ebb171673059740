"""Who may call what: the token, the store in the path, the scopes, the headers, the quota."""

from __future__ import annotations

import gzip
import math
import re

from flask import Flask, Response, current_app, g, jsonify, request
from werkzeug.exceptions import HTTPException

from . import errors
from .errors import ApiError
from .limits import OVER_CONCURRENCY
from .state import Account, State

API_PATH = re.compile(r"^/stores/(?P<hash>[^/]+)/(?:v2|v3|graphql)(?:/|$)")
READ_METHODS = {"GET", "HEAD"}
GZIP_FROM = 1400  # bytes: below this an answer fits one packet anyway

# Path after the version, the scopes of which one must be granted. `_read_only` also opens the reading methods.
SCOPES: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = (
    (re.compile(r"orders/\d+/transactions$"), ("store_v2_transactions",)),
    (re.compile(r"orders/(\d+/)?payment_actions/"), ("store_v2_orders", "store_v2_transactions")),
    (re.compile(r"(orders|order_statuses)(/|$)"), ("store_v2_orders",)),
    (re.compile(r"(customers|customer_groups)(/|$)"), ("store_v2_customers",)),
    (re.compile(r"(catalog|products|pricelists|categories)(/|$)"), ("store_v2_products",)),
    (re.compile(r"inventory/locations$"), ("store_locations",)),
    (re.compile(r"inventory(/|$)"), ("store_inventory",)),
    (re.compile(r"carts(/|$)"), ("store_cart",)),
    (re.compile(r"checkouts(/|$)"), ("store_checkout",)),
    (re.compile(r"channels(/|$)"), ("store_channel_settings",)),
    (re.compile(r"graphql$"), ("store_app_extensions_manage",)),
    (re.compile(r"(abandoned-carts|store|time|currencies|settings)(/|$)"), ("store_v2_information",)),
)


def is_api(path: str) -> bool:
    """Whether a path belongs to one of the vendor's APIs rather than to a page or the controls."""
    return path.startswith(("/stores/", "/oauth2/", errors.B2B_ROOT))


def guard(app: Flask, state: State) -> None:
    """Put the checks before, and the rate headers behind, every call of the API."""

    @app.before_request
    def check() -> Response | None:
        path = API_PATH.match(request.path)
        if path is None:
            return None
        account = state.account(request.headers.get("X-Auth-Token", ""))
        if account is None:
            raise ApiError(401)
        if path["hash"] != state.store_hash:
            raise ApiError(403, "The store in the address is not the token's store.")
        if not state.rate_limit.take() or request.environ.get(OVER_CONCURRENCY):
            return too_many(state)
        _check_scope(account)
        require_json()
        g.account = account
        return None

    @app.after_request
    def finish(response: Response) -> Response:
        if API_PATH.match(request.path):
            response.headers.update(state.rate_limit.headers())
            _compress(response)
        return response

    _word_errors(app)


def _word_errors(app: Flask) -> None:
    @app.errorhandler(ApiError)
    def refused(error: ApiError) -> tuple[Response, int]:
        return jsonify(errors.body(request.path, error.status, error.title, error.errors)), error.status

    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response | tuple[Response, int] | HTTPException:
        if not is_api(request.path):
            return error
        status = error.code or 500
        return jsonify(errors.body(request.path, status)), status


def too_many(state: State) -> Response:
    """A 429: the rate headers come with it, X-Retry-After (whole seconds) only on some plans."""
    response: Response = current_app.response_class(
        current_app.json.dumps(errors.body(request.path, 429)), status=429, mimetype="application/json"
    )
    if state.rate_limit.retry_after:
        reset_ms = int(state.rate_limit.headers()["X-Rate-Limit-Time-Reset-Ms"])
        response.headers["X-Retry-After"] = str(max(math.ceil(reset_ms / 1000), 1))
    return response


def _check_scope(account: Account) -> None:
    rest = re.sub(r"^/stores/[^/]+/((v2|v3)/?)?", "", request.path)
    for pattern, wanted in SCOPES:
        if pattern.match(rest):
            if not _granted(account, wanted):
                raise ApiError(403)
            return


def _granted(account: Account, wanted: tuple[str, ...]) -> bool:
    if account.scopes is None:
        return True
    allowed = set(wanted)
    if request.method in READ_METHODS:
        allowed |= {f"{scope}_read_only" for scope in wanted}
    return bool(allowed & account.scopes)


def require_json() -> None:
    """406 when the caller wants no JSON, 400 or 415 when it sends none."""
    if not request.accept_mimetypes.accept_json and request.accept_mimetypes:
        raise ApiError(406)
    if request.method in ("POST", "PUT") and request.content_length and not request.is_json:
        missing = not request.content_type
        raise ApiError(400 if missing and errors.is_v2(request.path) else 415)


def _compress(response: Response) -> None:
    asked = "gzip" in request.headers.get("Accept-Encoding", "")
    if asked and not response.is_streamed and (response.content_length or 0) >= GZIP_FROM:
        response.set_data(gzip.compress(response.get_data(), compresslevel=1))
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
