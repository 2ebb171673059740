"""Logging in and out: password and refresh grants, acting for another user."""

from __future__ import annotations

from typing import Any

from app.sandbox.sugarcrm.api import Api
from app.sandbox.sugarcrm.errors import ApiError, forbidden, missing
from app.sandbox.sugarcrm.router import Call, Route
from app.sandbox.sugarcrm.sessions import ACCESS_SECONDS, REFRESH_SECONDS, Session
from app.sandbox.sugarcrm.store import Row

PLATFORM_OF_PAGES = "base"
PASSWORD = "sandbox-password"  # of every user


class OAuth:
    """The handlers."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._site = api.site

    def token(self, call: Call) -> Row:
        """A token for a password or a refresh token; the old session of user and platform ends."""
        args = call.args
        grants = {"password": self._password, "refresh_token": self._refresh}
        grant = grants.get(str(args.get("grant_type")))
        if grant is None:
            raise (
                missing("grant_type")
                if not args.get("grant_type")
                else ApiError("invalid_parameter", "Invalid grant_type parameter or parameter missing")
            )
        self._check_client(args)
        return token_answer(grant(args))

    def _check_client(self, args: dict[str, Any]) -> None:
        known = self._site.switches.oauth_keys
        if str(args.get("client_id", "")) not in known:
            raise ApiError("need_login", "The client credentials are invalid")
        if known[args["client_id"]] and known[args["client_id"]] != args.get("client_secret"):
            raise ApiError("need_login", "The client credentials are invalid")

    def _platform(self, args: dict[str, Any]) -> str:
        switches = self._site.switches
        platform = str(args.get("platform") or "base")
        if switches.disable_unknown_platforms and platform not in switches.platforms:
            message = f"Unknown platform: {platform}. It must be registered by an administrator."
            raise ApiError(switches.unknown_platform_label, message, status=switches.unknown_platform_status)
        return platform

    def _password(self, args: dict[str, Any]) -> Session:
        platform = self._platform(args)
        user = self._site.user_named(str(args.get("username", "")))
        if user is None or user["status"] != "Active" or args.get("password") != PASSWORD:
            if user is not None:
                self._api.hooks.fire(self._site.actor(user), "Users", "after_login_failed", user)
            raise ApiError("need_login", "You must specify a valid username and password.")
        session = self._site.sessions.open(user["id"], platform, str(args["client_id"]), self._site.now())
        self._api.hooks.fire(self._site.actor(user), "Users", "after_login", user)
        return session

    def _refresh(self, args: dict[str, Any]) -> Session:
        sessions, now = self._site.sessions, self._site.now()
        old = sessions.refreshable(str(args.get("refresh_token", "")), now)
        if old is None or old.user_id not in self._site.tables["Users"].rows:
            raise ApiError("invalid_grant", "Invalid refresh token")
        sessions.end(old)
        return sessions.open(old.user_id, old.platform, old.client_id, now)

    def logout(self, call: Call) -> Row:
        """End the session; its refresh token dies with it."""
        actor = call.actor
        if call.session:
            self._site.sessions.end(call.session)
        self._api.hooks.fire(actor, "Users", "after_logout", actor.user)
        return {"success": True}

    def sudo(self, call: Call, user_name: str) -> Row:
        """A further token, of another user; the caller keeps his own. Administrators only."""
        if not call.actor.admin:
            raise forbidden("Only administrators may act for another user.")
        user = self._site.user_named(user_name)
        if user is None or user["status"] != "Active":
            raise ApiError("need_login", f"Could not find user: {user_name}")
        platform, client = self._platform(call.args), str(call.args.get("client_id", "sugar"))
        return token_answer(self._site.sessions.open(user["id"], platform, client, self._site.now(), extra=True))


def token_answer(session: Session) -> Row:
    """The documented answer."""
    return {
        "access_token": session.access_token,
        "expires_in": ACCESS_SECONDS,
        "token_type": "bearer",
        "scope": None,
        "refresh_token": session.refresh_token,
        "refresh_expires_in": REFRESH_SECONDS,
        "download_token": session.download_token,
    }


def routes(api: Api) -> list[Route]:
    """Sessions."""
    handlers = OAuth(api)
    return [
        Route("POST", "oauth2/token", handlers.token, public=True),
        Route("POST", "oauth2/logout", handlers.logout),
        Route("POST", "oauth2/sudo/<user_name>", handlers.sudo),
    ]
