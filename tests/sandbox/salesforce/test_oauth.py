"""Every way to a token, and what ends it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from werkzeug.test import TestResponse

from tests.sandbox.salesforce.conftest import LOGIN, Client

CALLBACK = "http://localhost:8000/oauth/salesforce/callback"
APP = {"client_id": "sandbox-client", "client_secret": "sandbox-secret"}
VERIFIER = "v" * 171  # as long as jsforce makes them
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def authorize(sf: Client, **changes: str) -> TestResponse:
    """The approve page as a script drives it: its hidden fields, a user name and a password."""
    query = {
        "response_type": "code",
        "client_id": "sandbox-client",
        "redirect_uri": CALLBACK,
        "scope": "api refresh_token",
        "state": "xyz",
        "code_challenge": CHALLENGE,
        **changes,
    }
    page = sf.http.get(f"/services/oauth2/authorize?{urlencode(query)}")
    if page.status_code != 200:
        return page
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page.text))
    user = {"username": LOGIN["username"], "password": LOGIN["password"]}
    return sf.http.post("/services/oauth2/authorize", data={**hidden, **user, **changes})


def returned(answer: TestResponse) -> dict[str, str]:
    assert answer.status_code == 302
    return {k: v[0] for k, v in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def token(sf: Client, form: dict[str, str], status: int = 200) -> Any:
    answer = sf.http.post("/services/oauth2/token", data={**APP, **form})
    assert answer.status_code == status, answer.get_json()
    return answer.get_json()


def redeem(sf: Client, status: int = 200, **changes: str) -> Any:
    code = returned(authorize(sf))["code"]
    form = {"code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER, **changes}
    return token(sf, {"grant_type": "authorization_code", **form}, status)


def works(sf: Client, access_token: str) -> bool:
    headers = {"Authorization": f"OAuth {access_token}"}
    return sf.http.get("/services/data/v66.0/limits", headers=headers).status_code == 200


def refresh(sf: Client, refresh_token: str, status: int = 200) -> Any:
    return token(sf, {"grant_type": "refresh_token", "refresh_token": refresh_token}, status)


def test_web_server_flow(sf: Client) -> None:
    back = returned(authorize(sf))
    assert back["state"] == "xyz"
    answer = redeem(sf)
    assert "expires_in" not in answer
    assert isinstance(answer["issued_at"], str)
    assert len(answer["issued_at"]) == 13
    organization, user = answer["id"].split("/")[-2:]
    assert (len(organization), len(user)) == (18, 18)
    assert answer["access_token"].split("!")[0] == organization[:15]
    proof = hmac.new(b"sandbox-secret", (answer["id"] + answer["issued_at"]).encode(), hashlib.sha256).digest()
    assert answer["signature"] == base64.b64encode(proof).decode()
    assert works(sf, answer["access_token"])


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_verifier": "wrong"}, "invalid_request"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"redirect_uri": "http://localhost/other"}, "redirect_uri_mismatch"),
        ({"client_secret": "wrong"}, "invalid_client"),
        ({"client_secret": ""}, "invalid_client"),
        ({"client_id": "wrong"}, "invalid_client_id"),
        ({"code": "wrong"}, "invalid_grant"),
    ],
)
def test_code_is_not_redeemed(sf: Client, changes: dict[str, str], error: str) -> None:
    answer = redeem(sf, 400, **changes)
    assert answer.keys() == {"error", "error_description"}
    assert answer["error"] == error


def test_code_works_once_and_its_replay_ends_the_session(sf: Client) -> None:
    code = returned(authorize(sf))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    first = token(sf, form)
    assert token(sf, form, 400)["error"] == "invalid_grant"
    assert not works(sf, first["access_token"])


def test_authorize_refuses(sf: Client) -> None:
    assert authorize(sf, redirect_uri="https://evil.example/cb").status_code == 400
    assert authorize(sf, client_id="other").status_code == 400
    assert returned(authorize(sf, response_type="token"))["error"] == "unsupported_response_type"
    assert returned(authorize(sf, scope="everything"))["error"] == "invalid_scope"
    assert returned(authorize(sf, code_challenge_method="plain"))["error"] == "invalid_request"
    assert returned(authorize(sf, decision="deny")) == {
        "error": "access_denied",
        "error_description": "end-user denied authorization",
        "state": "xyz",
    }
    wrong = authorize(sf, password="wrong")
    assert (wrong.status_code, "check your username" in wrong.text) == (200, True)


def test_rotation_and_reuse_kill_the_family(sf: Client) -> None:
    first = redeem(sf)
    second = refresh(sf, first["refresh_token"])
    assert second["refresh_token"] != first["refresh_token"]
    assert refresh(sf, first["refresh_token"], 400)["error_description"] == "expired access/refresh token"
    refresh(sf, second["refresh_token"], 400)
    assert not works(sf, second["access_token"])


def test_without_rotation_the_token_stays(sf: Client) -> None:
    sf.switch(rotation=False, instance_url="http://moved.example")
    first = redeem(sf)
    again = refresh(sf, first["refresh_token"])
    assert "refresh_token" not in again
    assert again["instance_url"] == "http://moved.example"
    refresh(sf, first["refresh_token"])


def test_idle_limit_sixth_approval_and_addresses(sf: Client) -> None:
    first = redeem(sf)
    for _ in range(5):
        last = redeem(sf)
    refresh(sf, first["refresh_token"], 400)
    sf.http.post("/_sandbox/clock", json={"advance_seconds": 31 * 86_400})
    refresh(sf, last["refresh_token"], 400)
    sf.switch(ip_allow_list=["10.0.0.0/8"])
    assert redeem(sf, 400)["error_description"] == "ip restricted"
    sf.switch(ip_allow_list=["127.0.0.1/32"])
    assert redeem(sf)["access_token"]


def test_scope_without_refresh_token_gives_none(sf: Client) -> None:
    code = returned(authorize(sf, scope="api openid"))["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    answer = token(sf, form)
    assert "refresh_token" not in answer
    assert jwt.decode(answer["id_token"], options={"verify_signature": False})["aud"] == "sandbox-client"


def test_session_expiry(sf: Client) -> None:
    answer = redeem(sf)
    sf.http.post("/_sandbox/session/expire")
    dead = sf.call("GET", "limits")
    assert sf.refused(dead, 401) == {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}
    fresh = refresh(sf, answer["refresh_token"])
    sf.http.post("/_sandbox/clock", json={"advance_seconds": 7100})
    assert works(sf, fresh["access_token"])  # and slides
    sf.http.post("/_sandbox/clock", json={"advance_seconds": 7100})
    assert works(sf, fresh["access_token"])
    sf.http.post("/_sandbox/clock", json={"advance_seconds": 7300})
    assert not works(sf, fresh["access_token"])
    bare = sf.http.get("/services/data/v66.0/limits")
    assert sf.refused(bare, 401)["errorCode"] == "INVALID_AUTH_HEADER"


def test_jwt_bearer(sf: Client) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    grant = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"}

    def assertion(**changes: Any) -> str:
        claims = {
            "iss": "sandbox-client",
            "sub": LOGIN["username"],
            "aud": "https://login.salesforce.com",
            "exp": "4102444800",
        }
        return jwt.encode({**claims, **changes}, key, algorithm="RS256")

    assert token(sf, {**grant, "assertion": assertion()}, 400)["error_description"] == (
        "user hasn't approved this consumer"
    )
    sf.switch(jwt_public_key=public.decode())
    answer = token(sf, {**grant, "assertion": assertion()})
    assert works(sf, answer["access_token"])
    assert "refresh_token" not in answer
    wrong = token(sf, {**grant, "assertion": assertion(aud="https://elsewhere.example")}, 400)
    assert wrong["error_description"] == "Audience validation failed"
    assert token(sf, {**grant, "assertion": assertion(exp=1)}, 400)["error"] == "invalid_grant"


def test_client_credentials(sf: Client) -> None:
    basic = base64.b64encode(b"sandbox-client:sandbox-secret").decode()
    form = {"grant_type": "client_credentials"}
    answer = sf.http.post("/services/oauth2/token", data=form, headers={"Authorization": f"Basic {basic}"})
    assert works(sf, answer.get_json()["access_token"])
    on_login_host = sf.http.post(
        "/services/oauth2/token", data={**APP, **form}, base_url="https://login.salesforce.com"
    )
    assert on_login_host.get_json()["error_description"] == "request not supported on this domain"
    sf.switch(run_as="")
    assert token(sf, form, 400)["error_description"] == "no client credentials user enabled"
    assert token(sf, {"grant_type": "magic"}, 400)["error"] == "unsupported_grant_type"


def test_introspect_and_revoke(sf: Client) -> None:
    answer = redeem(sf)

    def introspect(value: str) -> Any:
        return sf.http.post("/services/oauth2/introspect", data={**APP, "token": value}).get_json()

    live = introspect(answer["access_token"])
    assert (live["active"], live["username"], live["sub"]) == (True, LOGIN["username"], answer["id"])
    assert introspect(answer["refresh_token"])["token_type"] == "refresh_token"
    assert sf.http.post("/services/oauth2/revoke", data={"token": answer["refresh_token"]}).status_code == 200
    assert introspect(answer["access_token"]) == {"active": False}
    assert not works(sf, answer["access_token"])
    assert sf.http.post("/services/oauth2/revoke", data={"token": "unknown"}).status_code == 400


def test_userinfo_and_identity(sf: Client) -> None:
    headers = {"Authorization": f"Bearer {sf.token}"}
    info = sf.http.get("/services/oauth2/userinfo", headers=headers).get_json()
    assert info["preferred_username"] == LOGIN["username"]
    assert "{version}" in info["urls"]["rest"]
    path = urlsplit(info["sub"]).path
    assert sf.http.get(f"{path}?oauth_token={sf.token}").get_json()["user_id"] == info["user_id"]
    bad = sf.http.get("/services/oauth2/userinfo", headers={"Authorization": "Bearer no"})
    assert (bad.status_code, bad.text) == (403, "Bad_OAuth_Token")
