"""The stand-in for SugarCRM: an instance with its REST API, web logic hooks and record pages."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date

from app.sandbox.kit import Control, Options
from app.sandbox.sugarcrm import controls, pages
from app.sandbox.sugarcrm.api import Api
from app.sandbox.sugarcrm.server import REST, Server

__all__ = ["NAME", "PORT", "create_app"]

NAME = "sugarcrm"
PORT = 9103
_MAINTENANCE = (
    "<!doctype html><html><head><title>503 Service Unavailable</title></head>"
    "<body><h1>Sugar is down for maintenance</h1></body></html>"
)
# the words a failure asked for by a test is reported in, unless the test gives its own
_FAULTS: dict[int, Any] = {
    401: {"error": "invalid_grant", "error_message": "The access token provided is invalid."},
    403: {"error": "not_authorized", "error_message": "You are not authorized to perform this action."},
    404: {"error": "not_found", "error_message": "Could not find your requested record."},
    409: {"error": "edit_conflict", "error_message": "Edit conflict: the record was changed."},
    412: {"error": "metadata_out_of_date", "error_message": "User metadata is out of date"},
    413: {"error": "request_too_large", "error_message": "The request is too large"},
    422: {"error": "invalid_parameter", "error_message": "Invalid parameter"},
    429: {"error": "too_many_requests", "error_message": "Too many requests"},
    500: {"error": "fatal_error", "error_message": "Database failure. Please refer to sugarcrm.log for details."},
    502: {"error": "bad_gateway", "error_message": "Bad gateway"},
    503: _MAINTENANCE,
}


def create_app(options: Options) -> Flask:
    """A stand-in of its own, with nothing shared between two of them."""
    app = Flask(__name__)
    app.url_map.merge_slashes = False
    app.json.sort_keys = False  # type: ignore[attr-defined]  # of the default provider
    api = Api(options)
    server = Server(api)
    app.register_blueprint(controls.routes(api))
    app.register_blueprint(controls.record_routes(api))
    app.register_blueprint(pages.routes(api))
    Control(app, api, options, is_api, fault_body)

    @app.before_request
    def rest() -> ResponseReturnValue | None:
        return server.handle(request) if is_api(request.path) else None

    @app.after_request
    def dated(response: Response) -> Response:
        response.headers["Date"] = http_date(api.site.now())  # one clock, also when it is sent ahead
        return response

    @app.errorhandler(404)
    def nothing_here(error: HTTPException) -> ResponseReturnValue:
        return Response(f"Nothing here: {request.path}", 404, mimetype="text/plain")

    @app.errorhandler(500)
    def fatal_error(error: HTTPException) -> ResponseReturnValue:
        return jsonify(_FAULTS[500]), 500

    return app


def is_api(path: str) -> bool:
    """Whether a path belongs to the vendor's API, be the instance under a prefix or not."""
    return REST.match(path.replace("//", "/")) is not None and not path.startswith(("/_sandbox", "/modules"))


def fault_body(path: str, status: int) -> Any:
    """The vendor's words for a failure of that status; during maintenance a page."""
    return _FAULTS.get(status, {"error": "fatal_error", "error_message": f"HTTP {status}"})
