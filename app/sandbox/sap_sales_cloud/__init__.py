"""The stand-in for SAP Sales Cloud V1 (Cloud for Customer): its OData v2 service, tokens, events and record pages."""

from __future__ import annotations

from typing import Any

from flask import Flask

from app.sandbox.kit import Control, Options
from app.sandbox.sap_sales_cloud import (
    controls,
    gateway,
    pages,
    rules_orders,
    rules_partners,
    rules_sales,
    saml,
)
from app.sandbox.sap_sales_cloud.calls import Call
from app.sandbox.sap_sales_cloud.gateway import Gateway
from app.sandbox.sap_sales_cloud.notifications import Notifier
from app.sandbox.sap_sales_cloud.parallel import Parallel
from app.sandbox.sap_sales_cloud.representation import Shape
from app.sandbox.sap_sales_cloud.seed import seed
from app.sandbox.sap_sales_cloud.store import Row
from app.sandbox.sap_sales_cloud.tenant import Tenant
from app.sandbox.sap_sales_cloud.users import USERS

__all__ = ["create_app"]

NAME = "sap-sales-cloud"
PORT = 9104
# imported for the rules they register
RULE_MODULES = (rules_orders, rules_partners, rules_sales)
# the words a failure asked for by a test is reported in, unless the test gives its own
_FAULTS = {
    400: "CorporateAccount is locked by user Mike Summers",
    401: "Unauthorized",
    403: "CSRF token validation failed",
    412: "The resource was changed by another user; the ETag does not match",
    429: "Too many requests",
    503: "Service Unavailable",
}


class SeededTenant:
    """What the control routes need of the tenant."""

    def __init__(self, tenant: Tenant, notifier: Notifier) -> None:
        self._tenant = tenant
        self._notifier = notifier
        seed(tenant)

    def records(self, name: str) -> list[Row] | None:
        """All live rows of an entity with all their properties."""
        tenant = self._tenant
        with tenant.lock:
            entity = tenant.schema.find(name)
            if entity is None:
                return None
            call = Call("GET", "", {}, {"accept": "application/json"}, b"", "", USERS["sandbox"])
            shape = Shape(tenant, call, entity, {}, list(entity.properties))
            rows = [shape.show(row) for row in tenant.table(entity).rows.values()]
        return [{key: value for key, value in row.items() if key != "__metadata"} for row in rows]

    def reset(self) -> None:
        """Back to the seed."""
        with self._tenant.lock:
            self._notifier.subscriptions.clear()
            self._notifier.sent.clear()
            self._tenant.reset()
            seed(self._tenant)


def create_app(options: Options) -> Flask:
    """A stand-in of its own, with nothing shared between two of them."""
    app = Flask(__name__)
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    app.json.sort_keys = False  # type: ignore[attr-defined]  # of the default provider
    tenant = Tenant(options)
    notifier = Notifier(tenant)
    for blueprint in (
        gateway.routes(Gateway(tenant, notifier.saved)),
        saml.routes(tenant),
        controls.notification_routes(tenant, notifier),
        controls.record_routes(tenant, notifier),
        controls.document_routes(tenant, notifier),
        pages.routes(tenant),
    ):
        app.register_blueprint(blueprint)
    Control(app, SeededTenant(tenant, notifier), options, is_api, fault_body)
    parallel = Parallel(app.wsgi_app, is_api)
    app.register_blueprint(controls.routes(tenant, parallel))
    app.wsgi_app = parallel  # type: ignore[method-assign]  # Flask's documented way to add middleware
    return app


def is_api(path: str) -> bool:
    """Whether a path belongs to the vendor's API."""
    return path.startswith(("/sap/c4c/odata", "/sap/bc/sec/oauth2"))


def fault_body(path: str, status: int) -> Any:
    """The vendor's words for a failure of that status."""
    message = _FAULTS.get(status, f"HTTP {status}")
    return {"error": {"code": "", "message": {"lang": "en", "value": message}}}
