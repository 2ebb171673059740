"""The stand-in for Salesforce: an org with its OAuth, REST, Composite, Bulk and Tooling APIs and record pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, request
from flask.typing import ResponseReturnValue

from app.sandbox.kit import Control, Options, accompany
from app.sandbox.salesforce import (
    checks,
    control,
    data_api,
    duplicates,
    identity,
    lightning,
    oauth,
    rules_orders,
    rules_people,
    rules_sales,
    soap,
)
from app.sandbox.salesforce.events import control as events_control
from app.sandbox.salesforce.events.server import PubSubServer
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.seed import seed
from app.sandbox.salesforce.store import Row

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

__all__ = ["create_app"]

# imported for the rules they register
RULE_MODULES = (checks, duplicates, rules_orders, rules_people, rules_sales)
PORT = 9102
_SLASHES = re.compile(r"/{2,}")
_DATA = "/services/data"
# the words a failure asked for by a test is reported in, unless the test gives its own
_FAULTS = {
    400: ("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records: 0"),
    401: ("INVALID_SESSION_ID", "Session expired or invalid"),
    403: ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."),
    404: ("NOT_FOUND", "The requested resource does not exist"),
    500: ("UNKNOWN_EXCEPTION", "An unexpected error occurred."),
    503: ("SERVER_UNAVAILABLE", "Service Unavailable"),
}


class SeededOrg:
    """What the control routes need of the org."""

    def __init__(self, org: Org, pubsub: PubSubServer) -> None:
        self._org = org
        self._pubsub = pubsub
        seed(org)

    def records(self, name: str) -> list[Row] | None:
        """All live records of an object."""
        return self._org.records(name)

    def reset(self) -> None:
        """Back to the seed."""
        with self._org.lock:
            self._org.reset()
            self._pubsub.service.reset()
            seed(self._org)


def create_app(options: Options) -> Flask:
    """A stand-in of its own, with nothing shared between two of them."""
    app = Flask(__name__)
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    app.json.sort_keys = False  # type: ignore[attr-defined]  # of the default provider
    org = Org(options)
    pubsub = PubSubServer(org)
    accompany(app, pubsub)
    for blueprint in (
        *(module.routes(org) for module in (oauth, identity, soap, control, lightning)),
        oauth.token_routes(org),
        identity.discovery_routes(org),
        control.time_routes(org),
        control.record_routes(org),
        control.user_routes(org),
        lightning.record_routes(org),
        events_control.routes(org, pubsub),
        events_control.making_routes(org),
    ):
        app.register_blueprint(blueprint)
    Control(app, SeededOrg(org, pubsub), options, is_api, fault_body)

    @app.before_request
    def data() -> ResponseReturnValue | None:
        path = request.path
        return data_api.handle(org) if path == _DATA or path.startswith(_DATA + "/") else None

    app.wsgi_app = squeezed(app.wsgi_app)  # type: ignore[method-assign,assignment]  # Flask's documented way to add middleware
    return app


def is_api(path: str) -> bool:
    """Whether a path belongs to the vendor's API; the login page does not."""
    return path.startswith(("/services/", "/id/")) and path != "/services/oauth2/authorize"


def fault_body(path: str, status: int) -> Any:
    """The vendor's words for a failure of that status, in the shape of the API asked."""
    code, message = _FAULTS.get(status, ("UNKNOWN_EXCEPTION", f"HTTP {status}"))
    if path.startswith("/services/oauth2/"):
        return {"error": "invalid_grant" if status == 400 else "unavailable", "error_description": message}
    return [{"message": message, "errorCode": code}]


def squeezed(
    inner: Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]],
) -> Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]:
    """Doubled slashes count as one, without a redirect."""

    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ["PATH_INFO"] = _SLASHES.sub("/", environ["PATH_INFO"])
        return inner(environ, start_response)

    return application
