"""What scripts and tests steer under `/_sandbox`, beside what every stand-in has."""

from __future__ import annotations

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from .disorder import Disorder
from .envelope import json_object
from .errors import ApiError
from .installs import Installs, Refused
from .records import Json
from .state import State
from .webhooks import Deliveries

PLAN_KEYS = {"quota", "window_ms", "eaten", "retry_after", "hook_delay_s", "tax_rate"}


def blueprint(state: State, deliveries: Deliveries, installs: Installs) -> Blueprint:
    """All control routes of this stand-in."""
    routes = Blueprint("controls", __name__, url_prefix="/_sandbox")
    _plan(routes, state)
    _webhooks(routes, deliveries)
    _app(routes, state, installs)
    _people(routes, state, installs)
    _settings(routes, state)

    @routes.errorhandler(Refused)
    def refused(error: Refused) -> ResponseReturnValue:
        return jsonify(error=str(error)), 409

    @routes.errorhandler(ApiError)
    def bad(error: ApiError) -> ResponseReturnValue:
        return jsonify(error=error.title, errors=error.errors), error.status

    return routes


def _plan(routes: Blueprint, state: State) -> None:
    @routes.get("/plan")
    def plan() -> ResponseReturnValue:
        limit = state.rate_limit
        return jsonify(quota=limit.quota, window_ms=limit.window_ms, eaten=limit.eaten, enforced=limit.enforced)

    @routes.post("/plan")
    def change_plan() -> ResponseReturnValue:
        body = json_object()
        if set(body) - PLAN_KEYS:
            raise ApiError(422, f"Known keys: {', '.join(sorted(PLAN_KEYS))}")
        state.rate_limit.change(*(body.get(name) for name in ("quota", "window_ms", "eaten", "retry_after")))
        state.settings.change({name: body[name] for name in ("hook_delay_s", "tax_rate") if name in body})
        return "", 204


def _settings(routes: Blueprint, state: State) -> None:
    """What the store's plan and settings decide, and what is not documented, so that either way can be tried."""

    @routes.get("/settings")
    def settings() -> ResponseReturnValue:
        return jsonify(state.settings.shown())

    @routes.post("/settings")
    def change_settings() -> ResponseReturnValue:
        state.settings.change(json_object())
        return jsonify(state.settings.shown())


def _webhooks(routes: Blueprint, deliveries: Deliveries) -> None:
    @routes.get("/webhooks")
    def counts() -> ResponseReturnValue:
        return jsonify(**deliveries.counts(), blocked_domains=deliveries.blocked_domains())

    @routes.post("/webhooks/disorder")
    def disturb() -> ResponseReturnValue:
        deliveries.disturb(Disorder.read(json_object()))
        return "", 204

    @routes.post("/webhooks/give_up")
    def give_up() -> ResponseReturnValue:
        return jsonify(deactivated=deliveries.give_up())

    @routes.post("/webhooks/<action>")
    def act(action: str) -> ResponseReturnValue:
        times = int((request.get_json(silent=True) or {}).get("times", 1))
        actions = {
            "pause": lambda: deliveries.pause(True),
            "resume": lambda: deliveries.pause(False),
            "duplicate": lambda: deliveries.double(times),
            "shuffle": lambda: deliveries.shuffle(times),
        }
        if action not in actions:
            raise ApiError(404)
        actions[action]()
        return "", 204


def _app(routes: Blueprint, state: State, installs: Installs) -> None:
    @routes.get("/app")
    def app() -> ResponseReturnValue:
        shown = {name: getattr(state.app, name) for name in state.app.__dataclass_fields__ if name != "client_secret"}
        there = state.installation
        return jsonify(**shown, installed=there is not None, needs_consent=installs.needs_consent())

    @routes.put("/app")
    def change_app() -> ResponseReturnValue:
        installs.change_app(json_object())
        return "", 204

    @routes.post("/scopes")
    def change_scopes() -> ResponseReturnValue:
        installs.change_app({"scopes": json_object().get("scopes", "")})
        return "", 204

    _callbacks(routes, state, installs)


def _callbacks(routes: Blueprint, state: State, installs: Installs) -> None:
    @routes.post("/install")
    def install() -> ResponseReturnValue:
        body: Json = request.get_json(silent=True) or {}
        url = installs.accept(installs.user(body.get("user", "owner")), bool(body.get("external")))
        return jsonify(url=url)

    @routes.get("/load_url")
    def load_url() -> ResponseReturnValue:
        args = request.args
        channel = int(args["channel_id"]) if args.get("channel_id") else None
        return jsonify(url=installs.load_url(installs.user(args.get("user", "owner")), args.get("url", "/"), channel))

    @routes.post("/uninstall")
    def uninstall() -> ResponseReturnValue:
        body: Json = request.get_json(silent=True) or {}
        return jsonify(installs.uninstall(installs.user(body.get("user", "owner"))))

    @routes.route("/frame", methods=["GET", "POST"])
    def frame() -> ResponseReturnValue:
        # What the framed app told the control panel over JSChannel.
        if request.method == "GET":
            return jsonify(state.frame_messages)
        state.frame_messages.append(json_object())
        return "", 204


def _people(routes: Blueprint, state: State, installs: Installs) -> None:
    @routes.post("/users")
    def add_user() -> ResponseReturnValue:
        body = json_object()
        if not body.get("name") or not body.get("email"):
            raise ApiError(422, "A user needs a name and an email.")
        user = installs.add_user(body["name"], body["email"], body.get("role", "staff"))
        return jsonify(id=user.id, email=user.email, name=user.name, role=user.role), 201

    @routes.post("/remove_user")
    def remove_user() -> ResponseReturnValue:
        return jsonify(installs.remove_user(installs.user(json_object().get("user_id", ""))))

    @routes.post("/owner")
    def change_owner() -> ResponseReturnValue:
        body = json_object()
        installs.change_owner(installs.user(str(body.get("user_id") or body.get("email"))))
        return jsonify(owner=state.owner.email)
