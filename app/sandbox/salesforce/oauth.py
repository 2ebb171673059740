"""`/services/oauth2/*`: the login page, tokens, introspection, revocation."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.sandbox.salesforce.grants import Grants, password_fits, user_by_name
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.sessions import CLIENT_ID, CODE_LIFE, Code, OAuthError, identity_url, new_refresh_token

SCOPES = frozenset({"api", "refresh_token", "offline_access", "openid", "id", "full", "profile", "email", "web"})
REQUEST_FIELDS = (
    "response_type",
    "client_id",
    "redirect_uri",
    "scope",
    "state",
    "code_challenge",
    "code_challenge_method",
    "nonce",
    "prompt",
    "display",
    "login_hint",
)


def known_callback(org: Org, uri: str) -> bool:
    """Registered are the app's own callback and everything on loopback."""
    if uri == f"{org.options.app_url}/oauth/salesforce/callback":
        return True
    return urlsplit(uri).hostname in ("localhost", "127.0.0.1", "::1")


def routes(org: Org) -> Blueprint:
    """The login and approval page."""
    oauth = Blueprint("oauth", __name__, url_prefix="/services/oauth2")

    @oauth.get("/authorize")
    def authorize() -> ResponseReturnValue:
        # A script drives the page so: GET it, then POST to the same path a form of `username`, `password`,
        # `decision` (`approve`, the default, or `deny`) and the hidden fields of the page, which are the query
        # parameters unchanged; the answer is 302 to redirect_uri with `code` and `state`, or `error`.
        fields = {name: request.values.get(name, "") for name in REQUEST_FIELDS}
        problem = _problem(org, fields)
        if problem is not None:
            return problem
        return _login_page(fields, "")

    @oauth.post("/authorize")
    def approve() -> ResponseReturnValue:
        fields = {name: request.values.get(name, "") for name in REQUEST_FIELDS}
        problem = _problem(org, fields)
        if problem is not None:
            return problem
        if request.form.get("decision") == "deny":
            return _back(fields, error="access_denied", error_description="end-user denied authorization")
        with org.lock:
            user = user_by_name(org, request.form.get("username", ""))
            if user is None or not password_fits(request.form.get("password", "")):
                return _login_page(fields, "Please check your username and password.")
            code = "aPrx" + new_refresh_token()[7:]
            scope = " ".join(s for s in fields["scope"].split() if s in SCOPES) or "api refresh_token"
            org.sessions.codes[code] = Code(
                user["Id"],
                fields["redirect_uri"],
                scope,
                fields["code_challenge"],
                fields["nonce"],
                org.now() + CODE_LIFE,
            )
        return _back(fields, code=code)

    return oauth


def token_routes(org: Org) -> Blueprint:
    """Getting, examining and ending tokens."""
    oauth = Blueprint("oauth_tokens", __name__, url_prefix="/services/oauth2")
    grants = Grants(org)

    @oauth.errorhandler(OAuthError)
    def refused(error: OAuthError) -> ResponseReturnValue:
        return jsonify(error=error.error, error_description=error.description), error.status

    @oauth.post("/token")
    def token() -> ResponseReturnValue:
        with org.lock:
            answer = grants.answer(request.values.to_dict())
        return jsonify(answer), 200, {"Cache-Control": "no-cache, no-store"}

    @oauth.route("/revoke", methods=["GET", "POST"])
    def revoke() -> ResponseReturnValue:
        with org.lock:
            if not org.sessions.revoke(request.values.get("token", "")):
                raise OAuthError("unsupported_token_type", "this token type is not supported")
        return "", 200

    @oauth.post("/introspect")
    def introspect() -> ResponseReturnValue:
        form = request.values.to_dict()
        with org.lock:
            grants.check_client(form)
            return jsonify(introspection(org, form.get("token", "")))

    return oauth


def _problem(org: Org, fields: dict[str, str]) -> ResponseReturnValue | None:
    if fields["client_id"] != CLIENT_ID:
        return _error_page("invalid_client_id", "client identifier invalid")
    if not known_callback(org, fields["redirect_uri"]):
        return _error_page("redirect_uri_mismatch", "redirect_uri must match configuration")
    if fields["response_type"] != "code":
        return _back(fields, error="unsupported_response_type", error_description="response type not supported")
    if set(fields["scope"].split()) - SCOPES:
        return _back(fields, error="invalid_scope", error_description="the requested scope is not allowed")
    if fields["code_challenge_method"] not in ("", "S256"):
        return _back(fields, error="invalid_request", error_description="invalid code challenge method")
    if fields["prompt"] == "none":
        return _back(fields, error="immediate_unsuccessful", error_description="the user is not logged in")
    return None


def _back(fields: dict[str, str], **answer: str) -> Response:
    if fields["state"]:
        answer["state"] = fields["state"]
    joint = "&" if "?" in fields["redirect_uri"] else "?"
    response = redirect(f"{fields['redirect_uri']}{joint}{urlencode(answer)}")
    return Response(response=b"", status=302, headers={"Location": response.headers["Location"]})


def _login_page(fields: dict[str, str], problem: str) -> ResponseReturnValue:
    return render_template("authorize.html", fields=fields, problem=problem)


def _error_page(error: str, description: str) -> ResponseReturnValue:
    return render_template("oauth_error.html", error=error, description=description), 400


def introspection(org: Org, token: str) -> dict[str, Any]:
    """What is known of a token; only `active: false` for a dead one."""
    sessions = org.sessions
    session = sessions.by_token.get(token)
    if session is not None and session.expires_at > org.now() and (session.family is None or session.family.alive):
        kind, user_id, scope = "access_token", session.user_id, session.scope
        issued, ends = int(session.issued_at.timestamp()), int(session.expires_at.timestamp())
    else:
        family = next((f for f in sessions.families if f.current == token and f.alive), None)
        if family is None:
            return {"active": False}
        kind, user_id, scope = "refresh_token", family.user_id, family.scope
        issued = int(family.used_at.timestamp())
        ends = issued + org.switches.refresh_idle_days * 86_400
    user = org.db.get(user_id) or {}
    return {
        "active": True,
        "scope": scope,
        "client_id": CLIENT_ID,
        "username": user.get("Username"),
        "sub": identity_url(org, user_id),
        "token_type": kind,
        "exp": ends,
        "iat": issued,
        "nbf": issued,
    }
