"""Sugar's sign-in: the password grant of a local user, with refresh tokens that rotate."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from app.config import Settings
from app.connectors.access import FormField, Grant
from app.connectors.addresses import checked_url
from app.connectors.sugarcrm.client import VERSION, Answer, content
from app.connectors.sugarcrm.errors import EXPIRED, is_own, translate
from app.db import now
from app.errors import Reauthorize, Rejected, StorelineError
from app.http import HttpSession

BAD_LOGIN = "need_login"
_KEPT = ("url", "username", "password", "client_id", "client_secret")

FORM = (
    FormField("url", "Address", "The address that you open SugarCRM at, for example https://acme.sugarondemand.com."),
    FormField(
        "username", "User name",
        "A local user for Storeline alone (no single sign-on), for what it changes is taken for Storeline's own work; "
        "an administrator, so that keys and hooks can be kept.",
    ),
    FormField("password", "Password", secret=True),
    FormField("client_id", "OAuth key", "`sugar`, or the key of your own under Admin > OAuth Keys.", default="sugar"),
    FormField("client_secret", "OAuth secret", "Empty for the key `sugar`.", secret=True, required=False),
)  # fmt: skip


class SugarAuthorizer:
    """The token endpoint. Raises Reauthorize, Rejected or Retryable."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def sign_in(self, form: Mapping[str, str]) -> Grant:
        """Tokens for what was typed in; everything that signs in again becomes the grant's refresh token."""
        address = checked_url(self._settings, form.get("url", "")).partition("/rest/")[0]
        kept = {name: form.get(name, "").strip() for name in _KEPT}
        kept |= {"url": address, "password": form.get("password", ""), "client_id": kept["client_id"] or "sugar"}
        answer = self._token(kept, self._password(kept))
        if answer.error is not None:
            raise self._refusal(answer)
        grant = self._grant(kept, answer.body)
        user = self._me(grant)
        return Grant(
            grant.access_token, grant.refresh_token, grant.account_id, grant.instance_url, user.get("type", ""),
            grant.expires_at, urlsplit(address).hostname or "",
        )  # fmt: skip

    def refresh(self, refresh_token: str, environment: str, instance_url: str) -> Grant:
        """New tokens by the rotating token; where that is dead, once by the password."""
        kept = _read(refresh_token)
        answer = self._token(kept, {"grant_type": "refresh_token", "refresh_token": str(kept.get("refresh_token", ""))})
        if answer.status in (400, 401):
            answer = self._token(kept, self._password(kept))
        if answer.error is not None:
            raise answer.error
        return self._grant(kept, answer.body)

    def revoke(self, token: str, environment: str, instance_url: str) -> None:
        """Log out; a session that is over is success."""
        kept = _read(token)
        answer = self._token(kept, {"grant_type": "refresh_token", "refresh_token": str(kept.get("refresh_token", ""))})
        if answer.status in (400, 401):
            return
        if answer.error is not None:
            raise answer.error
        with suppress(Rejected):
            self._post(kept["url"], "oauth2/logout", {}, str(answer.body["access_token"]))

    def _password(self, kept: Mapping[str, str]) -> dict[str, str]:
        return {"grant_type": "password", "username": kept["username"], "password": kept["password"]}

    def _token(self, kept: Mapping[str, str], grant: Mapping[str, str]) -> Answer:
        client = {"client_id": kept["client_id"], "client_secret": kept["client_secret"]}
        return self._post(
            kept["url"], "oauth2/token", {**grant, **client, "platform": self._settings.sugarcrm_platform}
        )

    def _post(self, address: str, path: str, body: Mapping[str, str], token: str = "") -> Answer:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        with HttpSession() as session:
            response = session.request(
                "POST", f"{address}/rest/{VERSION}/{path}", json=dict(body), headers=headers, allow_redirects=False
            )
        return Answer(response.status_code, content(response), response.headers.get("Retry-After", ""))

    def _me(self, grant: Grant) -> dict[str, Any]:
        with HttpSession() as session:
            response = session.request(
                "GET", f"{grant.instance_url}/rest/{VERSION}/me",
                headers={"Authorization": f"Bearer {grant.access_token}"}, allow_redirects=False,
            )  # fmt: skip
        answer = Answer(response.status_code, content(response))
        if answer.error is not None:
            raise answer.error
        user: dict[str, Any] = answer.body["current_user"]
        return user

    def _grant(self, kept: Mapping[str, str], body: Any) -> Grant:
        if not isinstance(body, dict) or not body.get("access_token"):
            raise Rejected("There is no SugarCRM at this address.", code="NO_SUGARCRM", field="url")
        secret = {**{name: kept[name] for name in _KEPT}, "refresh_token": str(body.get("refresh_token") or "")}
        parts = urlsplit(kept["url"])
        return Grant(
            access_token=str(body["access_token"]),
            refresh_token=json.dumps(secret),
            account_id=f"{parts.netloc}{parts.path}".casefold(),
            instance_url=kept["url"],
            expires_at=now() + timedelta(seconds=int(body.get("expires_in") or 3600)),
        )

    def _refusal(self, answer: Answer) -> StorelineError:
        error = translate(answer.status, answer.body, answer.retry_after)
        if "platform" in error.message.casefold() or "platform" in error.code.casefold():
            platform = self._settings.sugarcrm_platform
            words = f"SugarCRM does not know the platform {platform!r}: add it under Admin > Configure API Platforms."
            return Rejected(words, code=error.code, status=error.status)
        if error.code in (BAD_LOGIN, EXPIRED) or isinstance(error, Reauthorize):
            return Rejected(
                f"SugarCRM did not accept the user name and password: {error.message}", code=error.code,
                field="password", status=error.status,
            )  # fmt: skip
        if not is_own(answer.body) and answer.status < 500 and answer.status != 429:
            return Rejected("There is no SugarCRM at this address.", code="NO_SUGARCRM", field="url")
        return error


def _read(refresh_token: str) -> dict[str, str]:
    try:
        kept = json.loads(refresh_token)
    except ValueError:
        kept = None
    if not isinstance(kept, dict) or not all(isinstance(kept.get(name), str) for name in _KEPT):
        raise Reauthorize("What was kept of the sign-in cannot be read; please connect again.", code="NO_REFRESH_TOKEN")
    return kept
