"""The login host: the token exchange and the pages of an installation begun outside the control panel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from .installs import Installs, Refused
from .state import Code, State

FIELDS = ("client_id", "client_secret", "code", "scope", "context", "grant_type", "redirect_uri")


class OAuthError(Exception):
    """A refusal of the token endpoint. Its form is not documented; this is OAuth's own."""

    def __init__(self, status: int, error: str, description: str) -> None:
        self.status, self.error, self.description = status, error, description
        super().__init__(description)


def blueprint(state: State, installs: Installs) -> Blueprint:
    """All routes of this host."""
    routes = Blueprint("login", __name__)

    @routes.post("/oauth2/token")
    def token() -> ResponseReturnValue:
        code = _spendable(state, _fields())
        return jsonify(installs.exchange(code))

    @routes.errorhandler(OAuthError)
    def refused(error: OAuthError) -> tuple[Response, int]:
        return jsonify(error=error.error, error_description=error.description), error.status

    @routes.get("/app/<client_id>/install")
    def consent(client_id: str) -> ResponseReturnValue:
        if client_id != state.app.client_id:
            return render_template("outcome.html", good=False, app=state.app), 404
        return render_template("external_install.html", app=state.app, users=state.users.values())

    @routes.post("/app/<client_id>/install")
    def accept(client_id: str) -> ResponseReturnValue:
        try:
            return redirect(installs.accept(installs.user(request.form.get("user", "owner")), external=True))
        except Refused:
            return redirect(f"/app/{client_id}/install/failed")

    @routes.get("/app/<client_id>/install/succeeded")
    def succeeded(client_id: str) -> ResponseReturnValue:
        return render_template("outcome.html", good=True, app=state.app)

    @routes.get("/app/<client_id>/install/failed")
    def failed(client_id: str) -> ResponseReturnValue:
        return render_template("outcome.html", good=False, app=state.app)

    return routes


def _fields() -> dict[str, str]:
    # JSON as documented, or a form as the official Python client sends.
    body: Mapping[str, Any] = (request.get_json(silent=True) or {}) if request.is_json else request.form
    fields = {name: str(body.get(name) or "") for name in FIELDS}
    basic = request.authorization
    if basic is not None and basic.type == "basic":
        fields["client_id"] = fields["client_id"] or str(basic.username or "")
        fields["client_secret"] = fields["client_secret"] or str(basic.password or "")
    return fields


def _spendable(state: State, fields: dict[str, str]) -> Code:
    if fields["grant_type"] != "authorization_code":
        raise OAuthError(400, "unsupported_grant_type", "The grant_type must be authorization_code.")
    app = state.app
    if (fields["client_id"], fields["client_secret"]) != (app.client_id, app.client_secret):
        raise OAuthError(401, "invalid_client", "The client credentials are not valid.")
    code = state.codes.get(fields["code"])
    if code is None or code.used:
        raise OAuthError(400, "invalid_grant", "The code is not valid.")
    if fields["redirect_uri"] != app.auth_url:
        raise OAuthError(400, "invalid_grant", "The redirect_uri is not the registered one.")
    if fields["context"] != f"stores/{state.store_hash}":
        raise OAuthError(400, "invalid_grant", "The context is not the code's store.")
    if set(fields["scope"].split()) != set(code.scope.split()):
        raise OAuthError(400, "invalid_scope", "The scope is not the accepted one.")
    return code
