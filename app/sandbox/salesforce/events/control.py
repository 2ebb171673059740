"""`/_sandbox` routes for events: where the Pub/Sub API listens, gaps, breaks, expiry, platform events."""

from __future__ import annotations

from typing import Any

import grpc
from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from app.sandbox.salesforce.errors import ApiError
from app.sandbox.salesforce.events.avro import CHANGE_TYPES
from app.sandbox.salesforce.events.capture import announce_gap
from app.sandbox.salesforce.events.changes import OVERFLOW_ID
from app.sandbox.salesforce.events.platform import define
from app.sandbox.salesforce.events.server import PubSubServer
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.tooling import make_field

FAULT = {"status": "UNAVAILABLE", "code": "service.unavailable", "method": "", "times": 1}


def routes(org: Org, server: PubSubServer) -> Blueprint:
    """Where to listen, and what goes wrong there."""
    control = Blueprint("salesforce_events", __name__, url_prefix="/_sandbox")

    @control.get("/pubsub")
    def pubsub() -> ResponseReturnValue:
        return jsonify(port=server.port, target=f"{org.options.host}:{server.port}")

    @control.get("/events")
    def show() -> ResponseReturnValue:
        streams = [{"topic": s.topic, "credit": s.credit} for s in list(server.service.streams)]
        return jsonify(retained=len(org.bus), streams=streams, calls=dict(server.service.calls))

    @control.post("/events/break")
    def break_streams() -> ResponseReturnValue:
        org.bus.break_streams()
        return "", 204

    @control.post("/events/expire")
    def expire() -> ResponseReturnValue:
        org.bus.clear()
        return "", 204

    @control.post("/events/fail")
    def fail() -> ResponseReturnValue:
        # the next calls end with a gRPC status: {"status": "RESOURCE_EXHAUSTED", "code": ..., "method": "Subscribe"}
        fault: dict[str, Any] = {**FAULT, **request.get_json()}
        if set(fault) != set(FAULT) or fault["status"] not in grpc.StatusCode.__members__:
            return jsonify(error=f"known keys: {', '.join(FAULT)}; status is a gRPC status code"), 422
        server.service.faults.append(fault)
        return "", 204

    return control


def making_routes(org: Org) -> Blueprint:
    """Events made by hand."""
    control = Blueprint("salesforce_events_made", __name__, url_prefix="/_sandbox/events")

    @control.post("/gap")
    def gap() -> ResponseReturnValue:
        body = request.get_json()
        kind = str(body.get("type", "GAP_UPDATE"))
        if kind not in CHANGE_TYPES or not kind.startswith("GAP_"):
            return jsonify(error=f"no gap type {kind}"), 422
        return _announced(org, body["entity"], kind, list(body["ids"]))

    @control.post("/overflow")
    def overflow() -> ResponseReturnValue:
        return _announced(org, request.get_json()["entity"], "GAP_OVERFLOW", [OVERFLOW_ID])

    @control.post("/platform")
    def platform() -> ResponseReturnValue:
        # {"name": "X__e", "fields": {"A__c": "Text", "B__c": {"type": "Number", "scale": 2}}, "behavior"?}
        body = request.get_json()
        try:
            fields = [make_field(name, _metadata(name, given)) for name, given in body.get("fields", {}).items()]
            behavior = str(body.get("behavior", "PublishAfterCommit"))
            with org.lock:
                made = define(org, body["name"], str(body.get("label", body["name"])), behavior, fields)
        except ApiError as error:
            return jsonify(error.rest()), error.status
        return jsonify(name=made.name, topic=f"/event/{made.name}"), 201

    return control


def _metadata(name: str, given: Any) -> dict[str, Any]:
    return {"label": name, "length": 255, **(given if isinstance(given, dict) else {"type": given})}


def _announced(org: Org, entity: str, kind: str, ids: list[str]) -> ResponseReturnValue:
    with org.lock:
        if not announce_gap(org, entity, kind, ids):
            return jsonify(error=f"{entity} is not selected"), 422
    return "", 204
