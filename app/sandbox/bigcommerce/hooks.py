"""Webhook subscriptions in V3 and V2."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from flask import Blueprint, g, jsonify, request
from flask.typing import ResponseReturnValue

from .dates import now
from .envelope import json_object, v2_list, v3_list, v3_one
from .errors import ApiError, invalid
from .records import Json
from .state import STORE_HASH, Hook, State
from .webhooks import Deliveries

MOST_PER_SCOPE = 10
EXCEPTION_SCOPE = "store/hook/deliveryException"
SCOPE_START = "store/"


def blueprints(state: State, deliveries: Deliveries) -> list[Blueprint]:
    """The routes of both versions."""
    v3 = Blueprint("hooks_v3", __name__, url_prefix=f"/stores/{state.store_hash}/v3/hooks")
    v2 = Blueprint("hooks_v2", __name__, url_prefix=f"/stores/{state.store_hash}/v2/hooks")
    _admin(v3, state, deliveries)
    for routes, shown in ((v3, v3_one), (v2, lambda data: (jsonify(data), 200))):
        _item(routes, state, shown)

    @v3.get("")
    def list_v3() -> ResponseReturnValue:
        return v3_list(_filtered(state), show)

    @v2.get("")
    def list_v2() -> ResponseReturnValue:
        return v2_list(_filtered(state), show)

    @v3.post("")
    def create_v3() -> ResponseReturnValue:
        return v3_one(show(create(state, json_object())))

    @v2.post("")
    def create_v2() -> ResponseReturnValue:
        return jsonify(show(create(state, json_object()))), 201

    return [v3, v2]


def _item(routes: Blueprint, state: State, shown: Callable[[Json], ResponseReturnValue]) -> None:
    @routes.get("/<int:number>")
    def get_hook(number: int) -> ResponseReturnValue:
        return shown(show(_find(state, number)))

    @routes.put("/<int:number>")
    def update_hook(number: int) -> ResponseReturnValue:
        return shown(show(_update(state, _find(state, number), json_object())))

    @routes.delete("/<int:number>")
    def delete_hook(number: int) -> ResponseReturnValue:
        hook = _find(state, number)
        del state.hooks[number]
        return shown(show(hook))  # 200 with the hook, not 204


def _admin(routes: Blueprint, state: State, deliveries: Deliveries) -> None:
    @routes.get("/admin")
    def admin() -> ResponseReturnValue:
        rows = [{**show(hook), "status": hook.status} for hook in _filtered(state)]
        blocked = deliveries.blocked_domains()
        return v3_one({"emails": state.hook_emails, "hooks_list": rows, "blocked_domains": blocked})

    @routes.put("/admin")
    def set_emails() -> ResponseReturnValue:
        emails = json_object().get("emails")
        if not isinstance(emails, list):
            raise invalid("emails", "The emails are required.")
        state.hook_emails = [str(email) for email in emails]
        return "", 204


def show(hook: Hook) -> Json:
    """A hook."""
    return {
        "id": hook.id,
        "client_id": hook.account.client_id,
        "store_hash": STORE_HASH,
        "scope": hook.scope,
        "destination": hook.destination,
        "headers": hook.headers,
        "is_active": hook.is_active,
        "created_at": int(hook.created.timestamp()),
        "updated_at": int(hook.updated.timestamp()),
    }


def create(state: State, body: Json) -> Hook:
    """Subscribe the calling account."""
    missing = {name: "missing field" for name in ("scope", "destination") if not body.get(name)}
    if missing:
        raise ApiError(422, errors=missing)
    scope, destination = str(body["scope"]), str(body["destination"])
    _check(body, scope, destination)
    _check_limits(state, scope, destination, None)
    moment = now()
    hook = Hook(
        id=state.next_id("hooks"),
        account=g.account,
        scope=scope,
        destination=destination,
        headers=body.get("headers") or None,
        created=moment,
        updated=moment,
        last_activity=time.monotonic(),
        fires_from=time.monotonic() + state.settings.hook_delay_s,
        is_active=body.get("is_active", True),
    )
    hook.status = "active" if hook.is_active else "inactive"
    state.hooks[hook.id] = hook
    return hook


def _check(body: Json, scope: str, destination: str) -> None:
    if not scope.startswith(SCOPE_START):
        raise invalid("scope", "The scope is not known.")
    url = urlsplit(destination)
    # The stand-in alone takes plain http to this machine, so that an app under development can be reached.
    local = url.scheme == "http" and is_loopback(url.hostname or "")
    if not local and (url.scheme != "https" or url.port not in (None, 443) or not url.hostname):
        raise invalid("destination", "The destination must be an https address on port 443.")
    headers = body.get("headers")
    if headers is not None and not (
        isinstance(headers, dict) and all(isinstance(value, str) for value in headers.values())
    ):
        raise invalid("headers", "The headers must be a map of names to texts.")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_limits(state: State, scope: str, destination: str, own_id: int | None) -> None:
    own = [hook for hook in state.hooks.values() if hook.account.name == g.account.name and hook.id != own_id]
    same = [hook for hook in own if hook.scope == scope]
    # Which status a violation gets is not documented.
    if any(hook.destination == destination for hook in same):
        raise ApiError(409, "A hook with this scope and destination exists.", {"destination": "duplicate"})
    if len(same) >= (1 if scope == EXCEPTION_SCOPE else MOST_PER_SCOPE):
        raise invalid("scope", f"At most {MOST_PER_SCOPE} hooks of one scope fit.")
    if scope == EXCEPTION_SCOPE and any(hook.destination == destination for hook in own):
        raise invalid("destination", "Delivery exceptions need a destination of their own.")


def _update(state: State, hook: Hook, body: Json) -> Hook:
    known = {"scope", "destination", "is_active", "headers"} & body.keys()
    if not known:
        raise ApiError(422, "Nothing to change.", {"": "at least one field is needed"})
    scope, destination = str(body.get("scope", hook.scope)), str(body.get("destination", hook.destination))
    _check(body, scope, destination)
    _check_limits(state, scope, destination, hook.id)
    hook.scope, hook.destination = scope, destination
    if "headers" in body:
        hook.headers = body["headers"] or None
    if "is_active" in body:
        hook.is_active = bool(body["is_active"])
        hook.status = "active" if hook.is_active else "inactive"
    hook.updated, hook.last_activity = now(), time.monotonic()
    return hook


def _find(state: State, number: int) -> Hook:
    hook = state.hooks.get(number)
    if hook is None or hook.account.name != g.account.name:
        raise ApiError(404)
    return hook


def _filtered(state: State) -> list[Hook]:
    args = request.args
    found = [hook for hook in state.hooks.values() if hook.account.name == g.account.name]
    if args.get("is_active"):
        wanted = args["is_active"].lower() in ("1", "true")
        found = [hook for hook in found if hook.is_active == wanted]
    for name in ("scope", "destination"):
        if args.get(name):
            found = [hook for hook in found if getattr(hook, name) == args[name]]
    return found
