"""What holds for the whole API: access, errors, headers, limits, the controls every stand-in has."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.sandbox.bigcommerce import create_app
from app.sandbox.kit import Options

from .conftest import STORE, Api


def test_a_missing_or_wrong_token_is_401_in_the_words_of_the_version(client: FlaskClient) -> None:
    v3 = Api(client, "wrong")("GET", "/v3/customers")
    assert (v3.status_code, v3.get_json()["status"]) == (401, 401)
    assert {"status", "title", "type"} <= v3.get_json().keys()
    v2 = client.get(f"{STORE}/v2/orders")
    assert (v2.status_code, v2.get_json()[0].keys()) == (401, {"status", "message"})


def test_another_store_in_the_address_is_403(client: FlaskClient, api: Api) -> None:
    answer = client.get("/stores/other/v3/customers", headers=api.headers)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v3/nothing", 404), ("GET", "/v2/orders/9999", 404), ("PATCH", "/v3/customers", 405)],
)
def test_unknown_paths_and_methods(api: Api, method: str, path: str, status: int) -> None:
    answer = api(method, path)
    assert answer.status_code == status
    body: Any = answer.get_json()
    assert (body[0] if isinstance(body, list) else body)["status"] == status


def test_bodies_must_be_json(client: FlaskClient, api: Api) -> None:
    def send(path: str, data: str, content_type: str | None, accept: str = "application/json") -> int:
        headers = {**api.headers, "Accept": accept}
        return client.post(f"{STORE}{path}", data=data, content_type=content_type, headers=headers).status_code

    assert send("/v3/customers", "[]", "text/plain") == 415
    assert send("/v2/orders", "{}", None) == 400
    assert send("/v2/orders", "{not json", "application/json") == 400
    assert send("/v2/orders", "{}", "application/json", accept="application/xml") == 406


def test_paging_out_of_bounds_is_422(api: Api) -> None:
    assert api("GET", "/v3/customers?limit=251").status_code == 422
    assert api("GET", "/v3/customers?page=0").status_code == 422


def test_v3_lists_have_links_that_are_query_strings(api: Api) -> None:
    body = api.get("/v3/catalog/products?limit=5&page=2&is_visible=true")
    pages = body["meta"]["pagination"]
    assert (pages["total"], pages["count"], pages["total_pages"], pages["current_page"]) == (12, 5, 3, 2)
    assert pages["links"]["next"] == "?is_visible=true&page=3&limit=5"
    assert pages["links"]["previous"].startswith("?")
    assert api.get("/v3/catalog/products?name=nothing")["data"] == []


def test_big_answers_are_compressed_when_asked(api: Api) -> None:
    answer = api("GET", "/v3/catalog/products", **{"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(json.loads(gzip.decompress(answer.data))["data"]) == 12


def limited(quota: int, **more: Any) -> Api:
    """A stand-in with a small plan."""
    client = create_app(Options(port=9101)).test_client()
    client.post("/_sandbox/plan", json={"quota": quota, "window_ms": 60_000, **more})
    return Api(client)


def test_the_quota_is_counted_down_and_then_answers_429() -> None:
    api = limited(3)
    left = [api("GET", "/v2/time").headers["X-Rate-Limit-Requests-Left"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    refused = api("GET", "/v3/customers")
    assert refused.status_code == 429
    assert refused.get_json()["title"] == "Too many requests"
    assert int(refused.headers["X-Retry-After"]) >= 1
    assert 0 < int(refused.headers["X-Rate-Limit-Time-Reset-Ms"]) <= 60_000
    assert refused.headers["X-Rate-Limit-Requests-Quota"] == "3"
    assert refused.headers["X-Rate-Limit-Time-Window-Ms"] == "60000"


def test_another_app_eats_from_the_same_quota() -> None:
    api = limited(5, eaten=4, retry_after=False)
    assert api("GET", "/v2/time").headers["X-Rate-Limit-Requests-Left"] == "0"
    refused = api("GET", "/v2/time")
    assert refused.status_code == 429
    assert "X-Retry-After" not in refused.headers


def test_a_window_refills() -> None:
    api = limited(1)
    api("GET", "/v2/time")
    assert api("GET", "/v2/time").status_code == 429
    api.client.post("/_sandbox/plan", json={"quota": 150, "window_ms": 30_000})
    assert api("GET", "/v2/time").headers["X-Rate-Limit-Requests-Left"] == "149"


def test_without_limits_the_headers_stay(api: Api) -> None:
    for _ in range(200):
        answer = api("GET", "/v2/time")
    assert answer.status_code == 200
    assert answer.headers["X-Rate-Limit-Requests-Left"] == "150"


def test_calls_are_counted_and_fail_on_request(client: FlaskClient, api: Api) -> None:
    client.post("/_sandbox/fail", json={"status": 429, "times": 1, "match": "/orders"})
    overloaded = api("GET", "/v2/orders")
    assert overloaded.status_code == 429
    assert "X-Rate-Limit-Requests-Left" not in overloaded.headers  # the platform is overloaded, not the quota used
    assert overloaded.get_json()[0]["status"] == 429
    assert api("GET", "/v2/orders").status_code == 204
    calls = client.get("/_sandbox/calls").get_json()
    assert calls["count"] == 2
    assert [call["status"] for call in calls["calls"]] == [429, 204]


def test_reset_goes_back_to_the_seed(client: FlaskClient, api: Api) -> None:
    api.order()
    api("DELETE", "/v3/catalog/products?id:in=1,2,3")
    client.post("/_sandbox/reset")
    assert client.get("/_sandbox/records/orders").get_json() == []
    assert len(client.get("/_sandbox/records/products").get_json()) == 12
    assert len(client.get("/_sandbox/records/customers").get_json()) == 6
    assert client.get("/_sandbox/records/unknown").status_code == 404


def test_an_empty_store_has_currencies_and_a_channel_but_no_goods() -> None:
    api = Api(create_app(Options(limits=False, seed="empty")).test_client())
    assert api.get("/v3/catalog/products")["data"] == []
    assert api.get("/v3/customers")["data"] == []
    assert [row["currency_code"] for row in api.get("/v2/currencies")] == ["GBP", "USD", "EUR", "JPY", "KWD"]
    assert api.get("/v3/channels")["data"][0]["id"] == 1


def test_store_information(api: Api) -> None:
    store = api.get("/v2/store")
    assert (store["id"], store["store_id"], store["currency"], store["logo"]) == ("sandbox1", 1000001, "GBP", [])
    assert isinstance(api.get("/v2/time")["time"], int)
