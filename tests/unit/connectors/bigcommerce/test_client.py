"""Every answer of BigCommerce in our words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests
import responses

from app.connectors.bigcommerce.client import Client
from app.db import now
from app.errors import Misconfigured, NotFound, Reauthorize, Rejected, Retryable, StorelineError

BASE = "https://api.bigcommerce.com/stores/abc123"
LIMITS = {
    "X-Rate-Limit-Time-Window-Ms": "30000",
    "X-Rate-Limit-Time-Reset-Ms": "15000",
    "X-Rate-Limit-Requests-Quota": "150",
    "X-Rate-Limit-Requests-Left": "35",
}


@pytest.fixture
def client() -> Client:
    return Client("https://api.bigcommerce.com", "abc123", "the-token")


ERRORS: list[tuple[int, Any, type[StorelineError]]] = [
    (401, {"status": 401, "title": "Unauthorized"}, Reauthorize),
    (403, {"status": 403, "title": "You don't have a required scope to access the endpoint"}, Misconfigured),
    (403, {"status": 403, "title": "Forbidden"}, Reauthorize),
    (404, [{"status": 404, "message": "The requested resource was not found."}], NotFound),
    (400, [{"status": 400, "message": "The field 'x' is invalid.", "details": {"x": "bad"}}], Rejected),
    (409, {"status": 409, "title": "Duplicate", "errors": {}}, Rejected),
    (413, {"status": 413, "title": "Too many"}, Rejected),
    (422, {"status": 422, "title": "Invalid", "errors": {".x": "is required"}}, Rejected),
    (404, {"status": 404, "title": "Not found", "type": "about:blank"}, NotFound),
    (404, {"code": 404, "data": {}, "meta": {"message": "Company not found"}}, NotFound),
    (401, {"error": "invalid_client", "error_description": "unknown"}, Reauthorize),
    (418, {"status": 418, "title": "A teapot"}, Rejected),
    # not BigCommerce itself, but what stands before it
    (301, "", Retryable),
    (302, {"status": 302, "title": "Moved"}, Retryable),
    (400, "<html>", Retryable),
    (401, "<html>", Retryable),
    (403, "<html>", Retryable),
    (403, {"message": "Forbidden"}, Retryable),
    (404, "<html>", Retryable),
    (404, "", Retryable),
    (404, {"message": "no route matched"}, Retryable),
    (404, {"status": 404, "error": "Not Found", "path": "/"}, Retryable),
    (404, {"status": 503, "title": "Unavailable"}, Retryable),
    (404, [], Retryable),
    (423, {"title": "Locked"}, Retryable),
    (500, "<html>", Retryable),
    (502, "", Retryable),
    (503, "", Retryable),
    (504, "", Retryable),
    (507, {"title": "Limit reached"}, Retryable),
]


@responses.activate
@pytest.mark.parametrize(("status", "body", "kind"), ERRORS)
def test_an_error_by_its_remedy(client: Client, status: int, body: Any, kind: type[StorelineError]) -> None:
    answer = {"body": body} if isinstance(body, str) else {"json": body}
    responses.get(f"{BASE}/v2/orders/1", status=status, **answer)
    with pytest.raises(kind) as caught:
        client.get("/v2/orders/1")
    assert type(caught.value) is kind
    code = "BC_SCOPE" if kind is Misconfigured else f"BC_{status}"
    assert (caught.value.status, caught.value.code) == (status, code)
    assert caught.value.message


@responses.activate
@pytest.mark.parametrize(
    ("body", "message", "field"),
    [
        ([{"status": 400, "message": "Bad", "details": {"zip": "short"}}], "Bad", "zip"),
        ({"title": "Invalid", "errors": {"zip": "is short"}}, "Invalid is short", "zip"),
        ({"error": "invalid_grant", "error_description": "code used"}, "code used", ""),
        ([], "BigCommerce answered 422.", ""),
        ("nothing", "BigCommerce answered 422.", ""),
    ],
)
def test_the_vendors_words_and_field(client: Client, body: Any, message: str, field: str) -> None:
    responses.post(f"{BASE}/v3/hooks", status=422, json=body)
    with pytest.raises(Rejected) as caught:
        client.post("/v3/hooks", {})
    assert (caught.value.message, caught.value.field) == (message, field)


@responses.activate
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"X-Retry-After": "15", **LIMITS}, 15), ({"X-Rate-Limit-Time-Reset-Ms": "9000"}, 9), ({}, None)],
)
def test_when_to_come_back_after_429(client: Client, headers: dict[str, str], seconds: int | None) -> None:
    responses.get(f"{BASE}/v2/time", status=429, json={"status": 429}, headers=headers)
    before = now()
    with pytest.raises(Retryable) as caught:
        client.get("/v2/time")
    after = caught.value.retry_after
    if seconds is None:
        assert after is None
    else:
        assert after is not None
        assert before + timedelta(seconds=seconds) <= after <= now() + timedelta(seconds=seconds)


@responses.activate
@pytest.mark.parametrize(
    ("body", "is_held"),
    [("<html>Service Unavailable</html>", False), ('{"status": 503, "title": "Maintenance"}', True)],
)
def test_maintenance_holds_the_store_a_gateway_in_trouble_does_not(client: Client, body: str, is_held: bool) -> None:
    responses.get(f"{BASE}/v2/time", status=503, body=body)
    with pytest.raises(Retryable) as caught:
        client.get("/v2/time")
    assert (caught.value.retry_after is not None) is is_held


@responses.activate
def test_the_last_known_quota_is_kept(client: Client) -> None:
    responses.get(f"{BASE}/v2/time", json={"time": 1}, headers=LIMITS)
    responses.get(f"{BASE}/v2/time", json={"time": 2})
    client.get("/v2/time")
    client.get("/v2/time")
    assert client.quota is not None
    assert (client.quota.left, client.quota.quota, client.quota.window_ms) == (35, 150, 30000)
    assert client.calls == 2


@responses.activate
def test_the_token_goes_by_its_own_header_and_never_to_another_host(client: Client) -> None:
    responses.get(f"{BASE}/v2/time", status=302, headers={"Location": "https://evil.example/"})
    with pytest.raises(Retryable):
        client.get("/v2/time")
    (call,) = responses.calls
    assert call.request.headers["X-Auth-Token"] == "the-token"
    assert "Authorization" not in call.request.headers


@responses.activate
def test_what_breaks_on_the_way_is_retryable(client: Client) -> None:
    responses.get(f"{BASE}/v2/time", body=requests.ConnectionError())
    responses.get(f"{BASE}/v2/store", body="<html>proxy</html>", status=200)
    for path in ("/v2/time", "/v2/store"):
        with pytest.raises(Retryable):
            client.get(path)


@responses.activate
@pytest.mark.parametrize("body", [{}, {"status": "maintenance"}, {"data": None}, "soon", [1]])
def test_what_is_no_list_is_not_taken_for_an_empty_one(client: Client, body: Any) -> None:
    responses.get(f"{BASE}/v2/orders", json=body)
    responses.get(f"{BASE}/v3/customers", json=body)
    if not isinstance(body, list):
        with pytest.raises(Retryable):
            list(client.pages_v2("/v2/orders", {}))
    with pytest.raises(Retryable):
        list(client.rows_v3("/v3/customers", {}))


@responses.activate
def test_v2_lists_end_with_nothing_or_a_short_page(client: Client) -> None:
    full = [{"id": n} for n in range(250)]
    match = responses.matchers.query_param_matcher
    responses.get(f"{BASE}/v2/orders", json=full, match=[match({"limit": "250", "page": "1"})])
    responses.get(f"{BASE}/v2/orders", status=204, match=[match({"limit": "250", "page": "2"})])
    assert [len(page) for page in client.pages_v2("/v2/orders", {})] == [250]


@responses.activate
def test_v3_lists_tell_their_pages_and_may_be_empty(client: Client) -> None:
    match = responses.matchers.query_param_matcher
    for page in (1, 2):
        responses.get(
            f"{BASE}/v3/customers",
            json={"data": [{"id": page}], "meta": {"pagination": {"total_pages": 2, "current_page": page}}},
            match=[match({"id:in": "1,2", "limit": "250", "page": str(page)})],
        )
    responses.get(f"{BASE}/v3/hooks", status=204)
    assert [row["id"] for row in client.rows_v3("/v3/customers", {"id:in": "1,2"})] == [1, 2]
    assert list(client.rows_v3("/v3/hooks", {})) == []


@responses.activate
def test_half_characters_and_nul_do_not_get_in(client: Client) -> None:
    cut = '"customer_message": "late \\ud83d", "lines": [{"x": "\\udc00"}]'
    body = f'{{{cut}, "name": "a\\u0000b", "fine": "\\ud83d\\ude00"}}'
    responses.get(f"{BASE}/v2/orders/1", body=body, content_type="application/json")
    assert client.get("/v2/orders/1") == {
        "customer_message": "late ?",
        "name": "ab",
        "fine": "😀",
        "lines": [{"x": "?"}],
    }
