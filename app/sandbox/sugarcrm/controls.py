"""The stand-in's own switches under `/_sandbox`, beside those every stand-in has."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from app.sandbox.sugarcrm.api import Api
from app.sandbox.sugarcrm.errors import ApiError
from app.sandbox.sugarcrm.mass import merge
from app.sandbox.sugarcrm.metadata import field_view


def routes(api: Api) -> Blueprint:
    """Settings, sessions, clock."""
    control = Blueprint("sugarcrm_control", __name__, url_prefix="/_sandbox")
    site = api.site

    @control.get("/settings")
    def show_settings() -> ResponseReturnValue:
        with site.lock:
            return jsonify(site.settings())

    @control.post("/settings")
    def change_settings() -> ResponseReturnValue:
        with site.lock:
            try:
                site.switch(request.get_json())
            except KeyError as unknown:
                return jsonify(error=f"no setting {unknown}"), 422
            except ValueError as bad:
                return jsonify(error=str(bad)), 422
            return jsonify(site.settings())

    @control.post("/session/expire")
    def expire_sessions() -> ResponseReturnValue:
        with site.lock:
            site.sessions.expire_all()
        return "", 204

    @control.post("/clock")
    def send_ahead() -> ResponseReturnValue:
        with site.lock:
            site.ahead += timedelta(seconds=float(request.get_json()["advance_seconds"]))
            return jsonify(now=site.now().isoformat())

    return control


def record_routes(api: Api) -> Blueprint:
    """Fields, merges, the scheduler."""
    control = Blueprint("sugarcrm_records", __name__, url_prefix="/_sandbox")
    site = api.site

    @control.errorhandler(ApiError)
    def refused(error: ApiError) -> ResponseReturnValue:
        return jsonify(error.body()), error.status

    @control.post("/fields")
    def add_field() -> ResponseReturnValue:
        # {"module", "name", "type", "len"?, "values"?, "label"?, "required"?}: what an administrator does in Studio
        body = dict(request.get_json())
        with site.lock:
            made = site.add_field(body.pop("module"), body.pop("name"), body.pop("type", "varchar"), **body)
            return jsonify(field_view(made))

    @control.post("/merge")
    def merge_records() -> ResponseReturnValue:
        # {"module", "winner", "losers", "user"?}: what that user does in the UI
        body = request.get_json()
        with site.lock:
            user = site.user_named(body.get("user", "sally"))
            actor = site.actor(user) if user else site.administrator()
            return jsonify(merge(api, actor, body["module"], body["winner"], body["losers"]))

    @control.post("/cron")
    def run_cron() -> ResponseReturnValue:
        return jsonify(sent=api.scheduler.tick())

    @control.get("/cron")
    def show_cron() -> ResponseReturnValue:
        return jsonify(waiting=api.scheduler.waiting, sent=api.scheduler.sent)

    return control
