"""A seeded share of all calls goes wrong, in every way that was asked for, and only for whom it was asked for."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient

from app.chaos.mixes import MIXES
from app.sandbox.catalogue import SANDBOXES
from app.sandbox.kit import Options

from .conftest import Serve

PATH = "/stores/sandbox1/v2/orders/count"
HEADERS = {"X-Auth-Token": "sandbox-bc-token", "Accept": "application/json", "User-Agent": "Storeline/1"}


def start(name: str = "bigcommerce") -> FlaskClient:
    return SANDBOXES[name].create_app(Options(limits=False)).test_client()


def statuses(client: FlaskClient, calls: int, **headers: str) -> list[int]:
    return [client.get(PATH, headers={**HEADERS, **headers}).status_code for _ in range(calls)]


def ask(standin: FlaskClient, /, **body: Any) -> None:
    answer = standin.post("/_sandbox/fail", json=body)
    assert answer.status_code == 204, answer.get_data(as_text=True)


def test_a_share_of_the_calls_fails_the_same_for_the_same_seed() -> None:
    mix = [{"status": 500, "weight": 3}, {"status": 429, "headers": {"X-Retry-After": "2"}}]
    runs = []
    for seed in (1, 1, 2):
        client = start()
        ask(client, share=0.1, seed=seed, mix=mix, client="Storeline")
        runs.append(statuses(client, 1000))
    assert runs[0] == runs[1] != runs[2]
    counts = Counter(runs[0])
    assert counts.keys() == {200, 429, 500}
    assert 70 <= 1000 - counts[200] <= 130
    assert counts[500] > counts[429]
    counted = {str(status): number for status, number in Counter(runs[2]).items() if status != 200}
    assert client.get("/_sandbox/fail").get_json() == counted


def test_others_are_spared_and_an_end_is_an_end() -> None:
    client = start()
    ask(client, share=1, mix=[{"status": 502, "body": "<html>gateway</html>"}], client="Storeline")
    answer = client.get(PATH, headers=HEADERS)
    assert (answer.status_code, answer.mimetype) == (502, "text/html")
    assert answer.get_data(as_text=True) == "<html>gateway</html>"
    assert statuses(client, 3, **{"User-Agent": "chaos-shop/1"}) == [200] * 3
    client.delete("/_sandbox/fail")
    assert statuses(client, 3) == [200] * 3
    assert client.get("/_sandbox/fail").get_json() == {"502": 1}


def test_a_way_is_meant_for_some_calls_and_spares_others() -> None:
    client = start()
    ask(client, share=1, mix=[{"status": 423, "match": "/v2/", "unless": "count"}])
    assert statuses(client, 2) == [200, 200]
    assert client.get("/stores/sandbox1/v2/orders", headers=HEADERS).status_code == 423


def test_a_token_expires_only_once_it_has_worked_and_stays_expired() -> None:
    client = start("salesforce")
    form = {
        "grant_type": "password", "client_id": "sandbox-client", "client_secret": "sandbox-secret",
        "username": "admin@sandbox.example", "password": "sandbox-password",
    }  # fmt: skip

    def called(token: str) -> int:
        return client.get("/services/data/v66.0/limits", headers={"Authorization": f"Bearer {token}"}).status_code

    def given() -> str:
        return str(client.post("/services/oauth2/token", data=form).get_json()["access_token"])

    first = given()
    ask(client, share=1, mix=[{"kind": "expired"}])
    assert [called(first) for _ in range(3)] == [200, 401, 401]
    second = given()
    assert called(second) == 200
    client.delete("/_sandbox/fail")
    assert (called(first), called(second)) == (401, 200)


def test_a_call_whose_answer_is_lost_has_taken_effect(serve: Serve) -> None:
    url = serve(SANDBOXES["bigcommerce"].create_app, limits=False)
    requests.post(f"{url}/_sandbox/fail", json={"share": 1, "mix": [{"kind": "reset", "when": "after"}]}, timeout=10)
    with pytest.raises(requests.ConnectionError):
        requests.post(f"{url}/stores/sandbox1/v3/customers", json=[PERSON], headers=HEADERS, timeout=10)
    emails = {row["email"] for row in requests.get(f"{url}/_sandbox/records/customers", timeout=10).json()}
    assert PERSON["email"] in emails


PERSON = {"first_name": "Ada", "last_name": "Byron", "email": "ada@lost.example"}


@pytest.mark.parametrize(
    "body",
    [
        {"share": 2, "mix": []},
        {"share": 0.1, "mix": [{"what": 1}]},
        {"share": 0.1, "times": 1},
        {"status": 500, "often": 1},
        {"kind": "explosion"},
        {"status": 500, "when": "later"},
    ],
)
def test_what_is_not_understood_is_refused(body: dict[str, Any]) -> None:
    answer = start().post("/_sandbox/fail", json=body)
    assert answer.status_code == 422
    assert answer.get_json()["error"]


@pytest.mark.parametrize("name", sorted(MIXES))
def test_every_way_of_the_chaos_run_is_one_that_the_stand_in_can(name: str) -> None:
    ask(start(name), share=0.1, mix=MIXES[name])
    assert any(way.get("when") == "after" for way in MIXES[name])
