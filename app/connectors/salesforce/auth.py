"""Salesforce's OAuth: web-server flow with PKCE, refresh with rotation, revoke."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import urlsplit

import requests
from requests_oauthlib import OAuth2Session

from app.config import Settings
from app.connectors.access import Authorization, Grant
from app.connectors.salesforce.errors import foreign, is_oauth
from app.errors import Reauthorize, Rejected, Retryable
from app.http import HttpSession

AUTHORIZE = "/services/oauth2/authorize"
SCOPES = ("api", "refresh_token", "id")
SANDBOX_HOST = "https://test.salesforce.com"
PRODUCTION_HOST = "https://login.salesforce.com"
_ALREADY_ENDED = frozenset({"invalid_token", "unsupported_token_type"})


class SalesforceAuthorizer:
    """The OAuth endpoints of the login hosts. Raises Reauthorize, Rejected or Retryable."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def authorize_url(self, authorization: Authorization) -> str:
        """Where to send the browser."""
        client = OAuth2Session(
            self._settings.salesforce_client_id, redirect_uri=authorization.redirect_uri, scope=list(SCOPES)
        )
        url, _ = client.authorization_url(
            PRODUCTION_HOST + AUTHORIZE,
            state=authorization.state,
            code_challenge=_challenge(authorization.verifier),
            code_challenge_method="S256",
        )
        # Only the query is the library's: it refuses to name the stand-in, which speaks plain http.
        return f"{self._host(authorization.environment)}{AUTHORIZE}?{urlsplit(url).query}"

    def exchange(self, authorization: Authorization, code: str) -> Grant:
        """The code of a callback for tokens."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": authorization.redirect_uri,
            "code_verifier": authorization.verifier,
        }
        return self._grant(self._host(authorization.environment), form)

    def refresh(self, refresh_token: str, environment: str, instance_url: str) -> Grant:
        """New tokens; with rotation the old refresh token is dead, and its reuse would end the authorisation."""
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return self._grant(self._host(environment), form)

    def revoke(self, token: str, environment: str, instance_url: str) -> None:
        """End an authorisation; already ended is success."""
        response = self._post(self._host(environment) + "/services/oauth2/revoke", {"token": token})
        error = _content(response).get("error", "")
        if response.status_code >= 300 and error not in _ALREADY_ENDED:
            raise _refusal(response)

    def _grant(self, host: str, form: dict[str, str]) -> Grant:
        secret = {
            "client_id": self._settings.salesforce_client_id,
            "client_secret": self._settings.salesforce_client_secret,
        }
        response = self._post(host + "/services/oauth2/token", {**form, **secret})
        if response.status_code >= 300:
            raise _refusal(response)
        answer = _content(response)
        if not answer:
            raise foreign(response.status_code)
        if not answer.get("access_token") or not answer.get("instance_url"):
            raise Rejected("Salesforce's answer holds no access token.", code="INVALID_TOKEN_ANSWER")
        return Grant(
            access_token=answer["access_token"],
            refresh_token=answer.get("refresh_token"),
            account_id=_organization(answer.get("id", "")),
            instance_url=answer["instance_url"].rstrip("/"),
            scope=answer.get("scope", ""),
        )

    def _post(self, url: str, form: dict[str, str]) -> requests.Response:
        # Not OAuth2Session.fetch_token: it refuses plain http, which the stand-in speaks, for the whole process.
        with HttpSession() as session:
            return session.request("POST", url, data=form, allow_redirects=False)

    def _host(self, environment: str) -> str:
        host = self._settings.salesforce_login_url.rstrip("/")
        return SANDBOX_HOST if environment == "sandbox" and host == PRODUCTION_HOST else host


def _challenge(verifier: str) -> str:
    """S256 of RFC 7636."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _organization(identity_url: str) -> str:
    """The org's 18-character id out of `https://host/id/<org>/<user>`."""
    parts = urlsplit(identity_url).path.strip("/").split("/")
    return parts[1] if len(parts) == 3 and parts[0] == "id" else ""


def _content(response: requests.Response) -> dict[str, Any]:
    try:
        content = response.json() if response.content else {}
    except requests.JSONDecodeError:
        content = {}
    return content if isinstance(content, dict) else {}


def _refusal(response: requests.Response) -> Exception:
    content = _content(response)
    code, status = str(content.get("error") or ""), response.status_code
    message = str(content.get("error_description") or f"Salesforce answered {status}.")
    if code == "rate_limit_exceeded":
        return Retryable(message, code=code, status=status)
    if not is_oauth(content, status):
        return foreign(status)
    return (Rejected if code.startswith("invalid_client") else Reauthorize)(message, code=code, status=status)
