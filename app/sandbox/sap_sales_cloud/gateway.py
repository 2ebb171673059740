"""The HTTP door of the OData service: roots, users, tokens, single calls and batches."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from flask import Blueprint, Response, json, redirect, request
from flask.typing import ResponseReturnValue

from app.sandbox.sap_sales_cloud import access, errors
from app.sandbox.sap_sales_cloud.batch import Batch
from app.sandbox.sap_sales_cloud.calls import Call, Outcome, parse_query
from app.sandbox.sap_sales_cloud.errors import ApiError, missing
from app.sandbox.sap_sales_cloud.saving import Save, saving
from app.sandbox.sap_sales_cloud.service import WRITES, Service
from app.sandbox.sap_sales_cloud.tenant import Tenant

PREFIX = "/sap/c4c/odata"
CATALOGUE = "/v1/odataservicecatalog/ODataServiceCollection"
_ROOT = re.compile(r"/sap/c4c/odata(?:-sso)?/(uid/)?v1/c4codataapi(/.*)?", re.DOTALL)
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "MERGE", "DELETE", "OPTIONS"]
MAX_PARALLEL = 10
PARALLEL = "storeline.parallel"  # how many calls run, in the WSGI environment


class Gateway:
    """One tenant's service over HTTP."""

    def __init__(self, tenant: Tenant, saved: Callable[[Save], None]) -> None:
        self._tenant = tenant
        self._saved = saved
        self._service = Service(tenant)

    def handle(self) -> ResponseReturnValue:
        """Answer the current request."""
        started = time.monotonic()
        try:
            answer = self._answer()
        except ApiError as error:
            answer = refusal(error)
        answer.headers["dataserviceversion"] = "2.0"
        answer.headers["cache-control"] = "no-cache, no-store"
        answer.headers["c4c-odata-response-time"] = f"{int((time.monotonic() - started) * 1000)} ms"
        return answer

    def _answer(self) -> Response:
        tenant = self._tenant
        if tenant.options.limits and request.environ.get(PARALLEL, 0) > MAX_PARALLEL:
            status = tenant.switches.overload_status
            raise ApiError(status, "Too many parallel requests", headers={"Retry-After": "1"})
        with tenant.lock:
            caller = access.identify(tenant, request)
            token = access.token_headers(tenant, request, caller)
            access.check_token(tenant, request, caller)
        if request.path.endswith(CATALOGUE):
            return self._catalogue()
        matched = _ROOT.fullmatch(request.path)
        if matched is None:
            raise missing("Service not found")
        human, path = matched.groups()
        if path is None:
            return _redirected()
        try:
            answer = self._dispatch(self._call(caller, path, bool(human)))
        except ApiError as error:
            is_harmless = request.method == "HEAD" and error.status == 405
            answer = Response(status=200) if is_harmless else refusal(error)
        for name, value in token:
            answer.headers.add(name, value)
        return answer

    def _call(self, caller: access.Caller, path: str, human: bool) -> Call:
        method = "GET" if request.method == "HEAD" else request.method
        if method == "POST":
            method = request.headers.get("X-HTTP-Method", method).upper()
        root = request.path[: len(request.path) - len(path)]
        return Call(
            method, path, parse_query(request.query_string.decode("utf-8", "replace")),
            {name.lower(): value for name, value in request.headers.items()}, request.get_data(),
            f"{request.host_url.rstrip('/')}{root}/", caller.user, human,
        )  # fmt: skip

    def _dispatch(self, call: Call) -> Response:
        if call.path.strip("/") == "$batch":
            if call.method != "POST":
                raise ApiError(405, "$batch needs POST")
            body, kind = Batch(self._tenant, call, self._saved).run()
            return Response(body, 202, content_type=kind)
        with self._tenant.lock:
            if call.method not in WRITES:
                return written(self._service.handle(call, None))
            with saving(self._tenant, call.user, self._saved) as save:
                outcome = self._service.handle(call, save)
            return written(outcome)

    def _catalogue(self) -> Response:
        root = request.host_url.rstrip("/") + PREFIX + "/v1/c4codataapi/"
        one = {"ID": "c4codataapi", "Description": "c4codataapi", "ServiceUrl": root}
        found = [{**one, "MetadataUrl": root + "$metadata"}]
        return Response(json.dumps({"d": {"results": found}}), content_type=errors.JSON_TYPE)


def _redirected() -> Response:
    query = f"?{request.query_string.decode()}" if request.query_string else ""
    target = redirect(f"{request.base_url}/{query}", 307)
    return Response(target.get_data(), 307, headers={"Location": str(target.location)})


def written(outcome: Outcome) -> Response:
    """An outcome as an HTTP answer."""
    answer = Response(outcome.body() if outcome.body else b"", outcome.status)
    if outcome.body:
        answer.headers["Content-Type"] = outcome.content_type
    else:
        del answer.headers["Content-Type"]
    for name, value in (outcome.headers() if outcome.headers else {}).items():
        answer.headers[name] = value
    return answer


def refusal(error: ApiError) -> Response:
    """An error as JSON where JSON was asked for or sent, else as XML."""
    accept, sent = request.headers.get("Accept", ""), request.headers.get("Content-Type", "")
    as_json = "json" in accept or request.args.get("$format") == "json" or ("json" in sent and accept in ("", "*/*"))
    body = errors.as_json(error) if as_json else errors.as_xml(error)
    kind = errors.JSON_TYPE if as_json else errors.XML_TYPE
    return Response(body, error.status, headers=error.headers, content_type=kind)


def routes(gateway: Gateway) -> Blueprint:
    """Everything below `/sap/c4c/odata`."""
    blueprint = Blueprint("sap_odata", __name__)
    for prefix in (PREFIX, PREFIX + "-sso"):
        blueprint.add_url_rule(
            f"{prefix}/<path:rest>", f"odata_{len(prefix)}", lambda rest: gateway.handle(), methods=METHODS,
            provide_automatic_options=False,
        )  # fmt: skip
    return blueprint
