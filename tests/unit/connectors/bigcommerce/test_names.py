"""Names behind ids: of categories in a big store, and what a store does not let us read."""

from __future__ import annotations

from typing import Any

import pytest
import responses

from app.connectors.bigcommerce.client import B2B, Client
from app.connectors.bigcommerce.hooks import Hooks
from app.connectors.bigcommerce.names import Names
from app.connectors.bigcommerce.states import state_name
from app.errors import Rejected, Retryable

BASE = "https://api.bigcommerce.com/stores/abc123"
CATEGORIES = f"{BASE}/v3/catalog/trees/categories"
B2B_BASE = "https://b2b.example/api/v3/io"
match = responses.matchers.query_param_matcher


def client() -> Client:
    return Client("https://api.bigcommerce.com", "abc123", "token")


def rows(*found: tuple[int, int, str], pages: int = 1) -> dict[str, Any]:
    data = [{"category_id": number, "parent_id": parent, "name": name} for number, parent, name in found]
    return {"data": data, "meta": {"pagination": {"total_pages": pages}}}


@responses.activate
def test_a_big_tree_is_read_level_by_level_and_no_further() -> None:
    responses.get(CATEGORIES, json=rows((1, 0, "Root"), pages=3), match=[match({"limit": "250", "page": "1"})])
    for ids, found in (
        ("900,901", [(900, 800, "Leaf")]),
        ("800", [(800, 700, "Branch")]),
        ("700", [(700, 1, "Bough")]),
    ):
        query = {"category_id:in": ids, "limit": "250", "page": "1"}
        responses.get(CATEGORIES, json=rows(*found), match=[match(query)])
    names = Names(client())
    names.categories.load([900, 901, 0])
    leaf = names.categories.get(900)
    assert leaf is not None
    assert leaf.path == "Root / Bough / Branch / Leaf"
    assert names.categories.get(901) is None
    assert len(responses.calls) == 4
    names.categories.load([800])
    assert len(responses.calls) == 4


@responses.activate
def test_categories_that_stand_in_a_circle_end() -> None:
    responses.get(CATEGORIES, json=rows((1, 2, "A"), (2, 1, "B")))
    names = Names(client())
    names.categories.load([1])
    category = names.categories.get(1)
    assert category is not None
    assert category.path == "B / A"


@responses.activate
def test_no_categories_no_call() -> None:
    Names(client()).categories.load([0])
    assert len(responses.calls) == 0


@responses.activate
def test_channels_without_the_scope_are_nameless_and_asked_for_once() -> None:
    title = "You don't have a required scope to access the endpoint"
    responses.get(f"{BASE}/v3/channels", status=403, json={"status": 403, "title": title})
    names = Names(client())
    assert [names.channel(number) for number in ("1", "2", "3")] == ["", "", ""]
    assert len(responses.calls) == 1


@responses.activate
def test_a_throttled_list_of_names_is_no_empty_one() -> None:
    responses.get(f"{BASE}/v3/channels", status=429, json={"status": 429, "title": "Too many requests"})
    with pytest.raises(Retryable):
        Names(client()).channel("2")


@responses.activate
def test_lists_of_the_edition_are_read_to_their_end() -> None:
    for offset, count, total in ((0, 100, 130), (100, 30, 130)):
        body = {"code": 200, "data": [{"id": offset + n} for n in range(count)]}
        body["meta"] = {"message": "SUCCESS", "pagination": {"totalCount": total, "limit": 100, "offset": offset}}
        query = {"companyId": "7", "limit": "100", "offset": str(offset)}
        responses.get(f"{B2B_BASE}/users", json=body, match=[match(query)])
    found = list(B2B(B2B_BASE, "abc123", "token").rows("/users", {"companyId": 7}))
    assert [row["id"] for row in found] == list(range(130))
    assert responses.calls[0].request.headers["X-Store-Hash"] == "abc123"
    assert responses.calls[0].request.headers["X-Auth-Token"] == "token"


@responses.activate
def test_the_edition_says_when_to_come_back_and_what_is_wrong() -> None:
    body = {"code": 429, "data": {}, "meta": {"message": "Slow down"}}
    headers = {"X-Request-Window-Resets-After": "12.5 s"}
    responses.get(f"{B2B_BASE}/companies/1", status=429, json=body, headers=headers)
    with pytest.raises(Retryable, match="Slow down") as throttled:
        B2B(B2B_BASE, "abc123", "token").get("/companies/1")
    assert throttled.value.retry_after is not None


@responses.activate
def test_hooks_of_the_edition_may_be_refused_and_no_others() -> None:
    responses.post(f"{BASE}/v3/hooks", status=403, json={"status": 403, "title": "No B2B Edition"})
    hooks = Hooks(client())
    hooks.create("store/company/created", "https://storeline.example/hook")
    with pytest.raises(Rejected):
        hooks.create("store/order/created", "https://storeline.example/hook")


@responses.activate
def test_a_hook_of_the_edition_that_exists_is_told() -> None:
    responses.post(f"{BASE}/v3/hooks", status=409, json={"status": 409, "title": "Exists"})
    with pytest.raises(Rejected):
        Hooks(client()).create("store/company/created", "https://storeline.example/hook")


@pytest.mark.parametrize(
    ("text", "country", "name"),
    [
        ("CA", "US", "California"), ("ca", "us", "California"), ("NSW", "AU", "New South Wales"),
        ("QC", "CA", "Quebec"),
        ("California", "US", "California"), ("CA", "", "CA"), ("ZZ", "US", "ZZ"), ("", "US", ""), ("Rio", "ES", "Rio"),
    ],
)  # fmt: skip
def test_states_in_full(text: str, country: str, name: str) -> None:
    assert state_name(text, country) == name
