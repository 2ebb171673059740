"""Bulk requests in all their dialects."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.sandbox.sugarcrm.conftest import Client, post

BODY = {"name": "A"}
TEXT = json.dumps(BODY)


@pytest.mark.parametrize(
    "entry",
    [
        {"url": "v11_24/Accounts", "method": "POST", "data": TEXT},
        {"url": "/v11_24/Accounts", "method": "POST", "data": BODY},
        {"url": "/v10/Accounts", "method": "post", "data": TEXT, "headers": ["Content-Type: application/json"]},
        {"url": "v11.24/Accounts", "type": "POST", "data": TEXT, "headers": {"X-Test": "1"}},
        {"url": "//v11_5//Accounts/", "method": "POST", "data": TEXT, "headers": []},
    ],
)
def test_dialects(sugar: Client, entry: dict[str, Any]) -> None:
    (answer,) = sugar.bulk(entry)
    assert (answer["status"], answer["status_text"], answer["contents"]["name"]) == (200, "OK", "A")
    assert sugar.stored("Accounts")[0]["name"] == "A"


def test_order_statuses_and_one_call(sugar: Client) -> None:
    sugar.http.delete("/_sandbox/calls")
    answers = sugar.bulk(
        post("Accounts", {"name": "A", "id": "a"}),
        {"url": "v11_24/Accounts/nope"},
        {"url": "v11_24/Accounts/a?fields=name"},
        {"url": "v11_24/Accounts?filter[0][name]=A&fields=id", "method": "GET"},
        {"url": "v11_99/Accounts"},
        {"url": "v11_24/bulk", "method": "POST", "data": "{}"},
        "nonsense",
    )
    assert [a["status"] for a in answers] == [200, 404, 200, 200, 301, 404, 301]
    assert answers[1]["contents"]["error"] == "not_found"
    assert answers[3]["contents"]["records"][0]["id"] == "a"
    calls = sugar.http.get("/_sandbox/calls").get_json()
    assert (calls["count"], calls["counts"]["by_status"]) == (1, {"POST 200": 1})


def test_an_entry_may_have_its_own_token(sugar: Client, sally: Client) -> None:
    entry = {**post("Accounts", {"name": "Hers"}), "headers": [f"OAuth-Token: {sally.token}"]}
    (answer,) = sugar.bulk(entry)
    assert answer["contents"]["created_by"] == "seed_sally_id"
    (refused,) = sugar.bulk({**entry, "headers": {"OAuth-Token": "bad"}})
    assert (refused["status"], refused["contents"]["error"]) == (401, "invalid_grant")


def test_what_is_refused(sugar: Client) -> None:
    assert sugar.refused("POST", "bulk", {}) == (422, "missing_parameter")
    sugar.token = ""
    assert sugar.refused("POST", "bulk", {"requests": []}) == (401, "need_login")
    answer = sugar.http.post("/rest/v11_24/oauth2/token", data="{nonsense", content_type="application/json")
    assert (answer.status_code, answer.get_json()["error"]) == (422, "invalid_parameter")
