"""The stand-in's own switches under `/_sandbox`, beside those every stand-in has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from app.sandbox.salesforce.canvas import context_of, sign
from app.sandbox.salesforce.conversion import Conversion, convert
from app.sandbox.salesforce.dml import SaveOptions, Writer
from app.sandbox.salesforce.errors import ApiError
from app.sandbox.salesforce.events.capture import Caller, commit
from app.sandbox.salesforce.merges import merge
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.seed import settle
from app.sandbox.salesforce.tooling import make_field


def routes(org: Org) -> Blueprint:
    """Org switches, row locks, sessions."""
    control = Blueprint("salesforce_control", __name__, url_prefix="/_sandbox")

    @control.get("/org")
    def show_org() -> ResponseReturnValue:
        with org.lock:
            return jsonify(org.state())

    @control.post("/org")
    def switch_org() -> ResponseReturnValue:
        try:
            org.switch(request.get_json())
            settle(org)
        except KeyError as unknown:
            return jsonify(error=f"no switch {unknown}"), 422
        return jsonify(org.state())

    @control.post("/session/expire")
    def expire_sessions() -> ResponseReturnValue:
        with org.lock:
            org.sessions.expire_all()
        return "", 204

    @control.post("/lock")
    def lock_rows() -> ResponseReturnValue:
        body = request.get_json()
        org.add_row_lock(body.get("ids", []), body.get("object", ""), int(body.get("times", 1)))
        return "", 204

    return control


def time_routes(org: Org) -> Blueprint:
    """Clock and allowance, which tests send ahead."""
    control = Blueprint("salesforce_time", __name__, url_prefix="/_sandbox")

    @control.post("/clock")
    def send_ahead() -> ResponseReturnValue:
        with org.lock:
            org.ahead += timedelta(seconds=float(request.get_json()["advance_seconds"]))
            return jsonify(now=org.stamp())

    @control.post("/usage")
    def set_usage() -> ResponseReturnValue:
        with org.lock:
            org.used = int(request.get_json()["used"])
        return "", 204

    return control


def record_routes(org: Org) -> Blueprint:
    """Fields as a package installs them, and signed requests for scripts."""
    control = Blueprint("salesforce_records", __name__, url_prefix="/_sandbox")

    @control.post("/fields")
    def install_field() -> ResponseReturnValue:
        # {"object": "Order", "name": "ns__BC_Id__c", "metadata": {...}}: as an installed package brings it
        body = request.get_json()
        try:
            with org.lock:
                org.add_field(org.schema.need(body["object"]).name, make_field(body["name"], body["metadata"]))
        except ApiError as error:
            return jsonify(error.rest()), error.status
        return "", 204

    @control.post("/empty")
    def empty() -> ResponseReturnValue:
        # {"objects": [...]}: their records are gone as if they had never been; fields, sessions and switches stay
        with org.lock:
            org.row_locks.clear()
            for name in request.get_json()["objects"]:
                org.db.tables[org.schema.need(name).name].clear()
        return "", 204

    @control.get("/signed_request")
    def signed_request() -> ResponseReturnValue:
        with org.lock:
            try:
                context = context_of(org, request.args["object"], request.args["id"])
            except ApiError as error:
                return jsonify(error.rest()), error.status
        return jsonify(signed_request=sign(context), context=context)

    return control


def user_routes(org: Org) -> Blueprint:
    """What people do in the org by hand: merge, convert, undelete."""
    control = Blueprint("salesforce_users", __name__, url_prefix="/_sandbox")

    @control.post("/merge")
    def merge_records() -> ResponseReturnValue:
        # {"object", "master", "losers": [..], "fields"?: values the master takes}
        def work(writer: Writer, body: dict[str, Any]) -> dict[str, Any]:
            return {"moved": merge(writer, body["object"], body["master"], body["losers"], body.get("fields", {}))}

        return _by_hand(org, work)

    @control.post("/convert_lead")
    def convert_lead() -> ResponseReturnValue:
        def work(writer: Writer, body: dict[str, Any]) -> dict[str, Any]:
            wanted = Conversion(body["id"], create_opportunity=bool(body.get("create_opportunity", True)))
            return asdict(convert(writer, wanted))

        return _by_hand(org, work)

    @control.post("/undelete")
    def undelete() -> ResponseReturnValue:
        def work(writer: Writer, body: dict[str, Any]) -> dict[str, Any]:
            return {"ids": [writer.undelete(one) for one in body["ids"]]}

        return _by_hand(org, work)

    return control


def _by_hand(org: Org, work: Callable[[Writer, dict[str, Any]], dict[str, Any]]) -> ResponseReturnValue:
    with org.lock:
        writer = Writer(org, next(iter(org.db.tables["User"].rows)), SaveOptions(allow_duplicates=True))
        try:
            done = work(writer, request.get_json())
        except ApiError as error:
            org.db.rollback()
            return jsonify(error.rest()), error.status
        commit(org, Caller(writer.user_id))
    return jsonify(done)
