"""Tokens: grants, rotation, one session per user and platform, transports, versions, errors."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.sugarcrm.conftest import LOGIN, REST, Client

FORM = "application/x-www-form-urlencoded"


def test_the_documented_answer(sugar: Client) -> None:
    answer = sugar.login()
    assert (answer["expires_in"], answer["token_type"], answer["scope"]) == (3600, "bearer", None)
    assert answer["refresh_expires_in"] == 1_209_600
    assert len({answer["access_token"], answer["refresh_token"], answer["download_token"]}) == 3


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ('{"grant_type":"password","client_id":"sugar","username":"admin","password":"sandbox-password"}', None),
        ('{"grant_type":"password","client_id":"sugar","username":"admin","password":"sandbox-password"}', FORM),
        ("grant_type=password&client_id=sugar&client_secret=&username=admin&password=sandbox-password", FORM),
    ],
)
def test_every_encoding_of_the_body(sugar: Client, content: str, kind: str | None) -> None:
    answer = sugar.http.post(f"{REST}/oauth2/token/", data=content, content_type=kind, headers={"OAuth-Token": "admin"})
    assert answer.status_code == 200


def test_wrong_credentials(sugar: Client) -> None:
    for wrong in ({"password": "x"}, {"username": "nobody"}, {"client_id": "other"}):
        answer = sugar.http.post(f"{REST}/oauth2/token", json={**LOGIN, "username": "admin", **wrong})
        assert (answer.status_code, answer.get_json()["error"]) == (401, "need_login")
    sugar.control("settings", oauth_keys={"own": "secret"})
    assert "access_token" in sugar.login(client_id="own", client_secret="secret")
    assert sugar.login(client_id="own", client_secret="wrong")["error"] == "need_login"


def test_platforms(sugar: Client) -> None:
    body = {**LOGIN, "username": "admin", "platform": "unheard-of"}
    answer = sugar.http.post(f"{REST}/oauth2/token", json=body)
    assert (answer.status_code, answer.get_json()["error"]) == (422, "invalid_parameter")
    sugar.control("settings", platforms=["unheard-of"])
    assert sugar.http.post(f"{REST}/oauth2/token?platform=base&platform=unheard-of", json=body).status_code == 200
    sugar.control("settings", platforms=[], disable_unknown_platforms=False)
    assert "access_token" in sugar.login("anything")


def test_one_session_per_user_and_platform(sugar: Client, sally: Client) -> None:
    first = sugar.token
    sugar.login("api")
    assert sugar.get("ping") == "pong"
    sugar.token = sugar.login("storeline")["access_token"]
    assert sugar.get("ping") == "pong"
    sugar.token = first
    assert sugar.refused("GET", "ping") == (401, "invalid_grant")
    assert sally.get("ping") == "pong"


def test_refresh_rotates(sugar: Client) -> None:
    first = sugar.login()

    def refresh(token: str) -> Any:
        body = {"grant_type": "refresh_token", "client_id": "sugar", "refresh_token": token, "platform": "storeline"}
        return sugar.http.post(f"{REST}/oauth2/token", json=body)

    sugar.token = first["access_token"]
    sugar.http.post("/_sandbox/session/expire")
    assert sugar.refused("GET", "me") == (401, "invalid_grant")
    second = refresh(first["refresh_token"]).get_json()
    sugar.token = second["access_token"]
    assert sugar.get("ping") == "pong"
    used = refresh(first["refresh_token"])
    assert (used.status_code, used.get_json()["error"]) == (401, "invalid_grant")
    third = refresh(second["refresh_token"]).get_json()
    assert sugar.refused("GET", "ping") == (401, "invalid_grant")
    sugar.control("clock", advance_seconds=1_209_601)
    assert refresh(third["refresh_token"]).status_code == 401


def test_a_token_lives_an_hour(sugar: Client) -> None:
    sugar.control("clock", advance_seconds=3500)
    assert sugar.get("ping") == "pong"
    sugar.control("clock", advance_seconds=101)
    assert sugar.refused("GET", "ping") == (401, "invalid_grant")


def test_three_transports(sugar: Client) -> None:
    for headers, query in (
        ({"OAuth-Token": sugar.token}, ""),
        ({"Authorization": f"Bearer {sugar.token}"}, ""),
        ({}, f"?oauth_token={sugar.token}"),
    ):
        assert sugar.http.get(f"{REST}/ping{query}", headers=headers).get_json() == "pong"
    nobody = sugar.http.get(f"{REST}/ping")
    assert (nobody.status_code, nobody.get_json()["error"]) == (401, "need_login")


@pytest.mark.parametrize("body", [None, {"token": "t", "refresh_token": "r"}, []])
def test_logout(sugar: Client, body: Any) -> None:
    assert sugar.good("POST", "oauth2/logout", body) == {"success": True}
    assert sugar.refused("GET", "ping") == (401, "invalid_grant")


def test_new_users_can_log_in_and_inactive_ones_cannot(sugar: Client) -> None:
    made = sugar.create("Users", user_name="api", last_name="User", timezone="Asia/Tokyo")
    account = sugar.create("Accounts", name="A")
    api = Client("api", sugar)
    assert api.get(f"Accounts/{account['id']}")["date_modified"].endswith("+09:00")
    sugar.update("Users", made["id"], status="Inactive")
    assert api.refused("GET", "ping") == (401, "invalid_grant")
    assert api.login()["error"] == "need_login"


def test_sudo(sugar: Client, sally: Client) -> None:
    token = sugar.good("POST", "oauth2/sudo/sally", {"platform": "storeline", "client_id": "sugar"})["access_token"]
    assert sally.get("ping") == "pong"
    as_sally = Client("sally", sugar)
    as_sally.token = token
    assert as_sally.get("me")["current_user"]["user_name"] == "sally"
    assert sugar.get("me")["current_user"]["user_name"] == "admin"
    assert as_sally.refused("POST", "oauth2/sudo/admin", {}) == (403, "not_authorized")


@pytest.mark.parametrize(
    "path",
    [
        "/rest/v10/ping",
        "/rest/v11/ping",
        "/rest/v11_5/ping/",
        "/rest/v11.24/ping",
        "/rest//v10//ping",
        "/sugar/rest/v11_24/ping",
    ],
)
def test_versions_and_paths(sugar: Client, path: str) -> None:
    assert sugar.good("GET", path) == "pong"


def test_the_version_in_the_accept_header(sugar: Client) -> None:
    accept = "application/vnd.sugarcrm.core+json; version=11.24"
    assert sugar.good("GET", "/rest/ping", Accept=accept) == "pong"
    assert sugar.refused("GET", "/rest/v11_24/ping", Accept=accept) == (301, "incorrect_version")
    for path in ("/rest/v12/ping", "/rest/v11_99/ping", "/rest/v4_1/ping", "/rest/ping"):
        answer = sugar.call("GET", path)
        assert (answer.status_code, answer.get_json()["error"]) == (301, "incorrect_version")
        assert "Location" not in answer.headers


def test_errors_have_labels(sugar: Client) -> None:
    assert sugar.refused("GET", "Nonsense") == (404, "not_found")
    assert sugar.refused("GET", "Accounts/nope") == (404, "not_found")
    assert sugar.refused("PATCH", "Accounts/1/2/3/4") == (404, "no_method")
    assert sugar.refused("GET", "ping", X_Metadata_Hash="old") == (412, "metadata_out_of_date")


def test_faults_have_sugars_words(sugar: Client) -> None:
    for status, words in ((503, "maintenance"), (500, "fatal_error"), (429, "too_many_requests")):
        sugar.control("fail", status=status, headers={"Retry-After": "3"} if status == 429 else {})
        answer = sugar.call("GET", "ping")
        assert answer.status_code == status
        assert words in answer.get_data(as_text=True)
        assert answer.is_json == (status != 503)
        assert answer.headers.get("Retry-After") == ("3" if status == 429 else None)
    assert sugar.get("ping") == "pong"
