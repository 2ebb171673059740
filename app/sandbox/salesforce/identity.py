"""Who a token belongs to: userinfo, identity URLs, discovery."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.sessions import Session, identity_url, org_id
from app.sandbox.salesforce.store import Row

SERVICES = {
    "enterprise": "/services/Soap/c/{version}/",
    "metadata": "/services/Soap/m/{version}/",
    "partner": "/services/Soap/u/{version}/",
    "rest": "/services/data/v{version}/",
    "sobjects": "/services/data/v{version}/sobjects/",
    "search": "/services/data/v{version}/search/",
    "query": "/services/data/v{version}/query/",
    "recent": "/services/data/v{version}/recent/",
    "tooling_rest": "/services/data/v{version}/tooling/",
    "feeds": "/services/data/v{version}/chatter/feeds",
    "groups": "/services/data/v{version}/chatter/groups",
    "users": "/services/data/v{version}/chatter/users",
    "feed_items": "/services/data/v{version}/chatter/feed-items",
}


def bearer(org: Org) -> Session | None:
    """The live session of the request; `Bearer` and the older `OAuth` scheme are accepted."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() not in ("bearer", "oauth"):
        token = request.values.get("oauth_token", "")
    return org.sessions.find(token.strip(), org.now(), org.switches.session_seconds)


def service_urls(org: Org, user: Row) -> dict[str, str]:
    """Where the services are; `{version}` is left for the client to fill in."""
    urls = {name: org.url + path for name, path in SERVICES.items()}
    return {**urls, "profile": f"{org.url}/{user['Id']}", "custom_domain": org.url}


def userinfo(org: Org, user: Row) -> dict[str, Any]:
    """The OpenID Connect answer."""
    photo = f"{org.url}/profilephoto/005/F"
    return {
        "sub": identity_url(org, user["Id"]),
        "user_id": user["Id"],
        "organization_id": org_id(org),
        "preferred_username": user["Username"],
        "nickname": user.get("CommunityNickname"),
        "name": user["Name"],
        "email": user["Email"],
        "email_verified": True,
        "given_name": user.get("FirstName"),
        "family_name": user["LastName"],
        "zoneinfo": user["TimeZoneSidKey"],
        "photos": {"picture": photo, "thumbnail": photo},
        "profile": f"{org.url}/{user['Id']}",
        "picture": photo,
        "address": {},
        "urls": service_urls(org, user),
        "active": bool(user.get("IsActive")),
        "user_type": "STANDARD",
        "language": user["LanguageLocaleKey"],
        "locale": user["LocaleSidKey"],
        "utcOffset": 0,
        "updated_at": user["LastModifiedDate"],
        "is_app_installed": True,
    }


def identity(org: Org, user: Row) -> dict[str, Any]:
    """The answer of the identity URL."""
    info = userinfo(org, user)
    same = ("user_id", "organization_id", "email", "photos", "urls", "active", "user_type", "language", "locale")
    return {
        "id": info["sub"],
        "asserted_user": True,
        **{name: info[name] for name in same},
        "username": user["Username"],
        "nick_name": user.get("CommunityNickname"),
        "display_name": user["Name"],
        "first_name": user.get("FirstName"),
        "last_name": user["LastName"],
        "timezone": user["TimeZoneSidKey"],
        "status": {"created_date": None, "body": None},
        "utcOffset": 0,
        "last_modified_date": user["LastModifiedDate"],
        "is_app_installed": True,
    }


def routes(org: Org) -> Blueprint:
    """The identity endpoints of one org."""
    blueprint = Blueprint("identity", __name__)

    def bad_token() -> Response:
        # not REST's array: plain text, and 403
        return Response("Bad_OAuth_Token", status=403, mimetype="text/plain")

    @blueprint.route("/services/oauth2/userinfo", methods=["GET", "POST"])
    def show_userinfo() -> ResponseReturnValue:
        with org.lock:
            session = bearer(org)
            user = org.db.get(session.user_id) if session else None
            return jsonify(userinfo(org, user)) if user else bad_token()

    @blueprint.get("/id/<organization>/<user_id>")
    def show_identity(organization: str, user_id: str) -> ResponseReturnValue:
        with org.lock:
            session = bearer(org)
            user = org.db.get(user_id)
            if session is None or user is None or organization[:15] != org_id(org)[:15]:
                return bad_token()
            return jsonify(identity(org, user))

    return blueprint


def discovery_routes(org: Org) -> Blueprint:
    """The OpenID discovery document."""
    blueprint = Blueprint("discovery", __name__)

    @blueprint.get("/.well-known/openid-configuration")
    def discovery() -> ResponseReturnValue:
        base = org.options.url
        return jsonify(
            issuer=base,
            authorization_endpoint=f"{base}/services/oauth2/authorize",
            token_endpoint=f"{base}/services/oauth2/token",
            revocation_endpoint=f"{base}/services/oauth2/revoke",
            userinfo_endpoint=f"{base}/services/oauth2/userinfo",
            introspection_endpoint=f"{base}/services/oauth2/introspect",
            scopes_supported=["api", "refresh_token", "offline_access", "openid", "id", "full"],
            response_types_supported=["code"],
            subject_types_supported=["public"],
            token_endpoint_auth_methods_supported=["client_secret_post", "client_secret_basic"],
        )

    return blueprint
