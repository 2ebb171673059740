"""The filter grammar, by POST and in PHP's brackets."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from app.sandbox.kit import Options
from app.sandbox.sugarcrm.api import Api
from app.sandbox.sugarcrm.filters import Compiler
from tests.sandbox.sugarcrm.conftest import Client

ROWS: list[dict[str, Any]] = [
    {"name": "Anna's", "industry": "Retail", "employees": "10", "description": "first"},
    {"name": "bertha", "industry": "Media", "employees": "25"},
    {"name": "Carlo", "industry": "Retail", "employees": "3", "website": "c.example"},
    {"name": "Dora"},
]


@pytest.fixture
def shop(sugar: Client) -> Client:
    for row in ROWS:
        sugar.create("Accounts", **row)
    return sugar


@pytest.mark.parametrize(
    ("element", "names"),
    [
        ({"name": "CARLO"}, ["Carlo"]),
        ({"name": {"$equals": "Carlo"}}, ["Carlo"]),
        ({"name": {"$not_equals": "Carlo"}}, ["Anna's", "Dora", "bertha"]),
        ({"name": {"$in": ["dora", "Carlo"]}}, ["Carlo", "Dora"]),
        ({"name": {"$not_in": ["dora", "Carlo"]}}, ["Anna's", "bertha"]),
        ({"name": {"$contains": "AR"}}, ["Carlo"]),
        ({"name": {"$not_contains": "r"}}, ["Anna's"]),
        ({"name": {"$starts": "a"}}, ["Anna's"]),
        ({"name": {"$ends": "A"}}, ["Dora", "bertha"]),
        ({"website": {"$is_null": ""}}, ["Anna's", "Dora", "bertha"]),
        ({"website": {"$not_null": ""}}, ["Carlo"]),
        ({"website": {"$empty": ""}, "industry": {"$not_empty": ""}}, ["Anna's", "bertha"]),
        ({"industry": ["Media", "Retail"]}, ["Anna's", "Carlo", "bertha"]),
        ({"name": {"$gt": "bertha", "$lt": "dora"}}, ["Carlo"]),
        ({"name": {"$gte": "bertha"}}, ["Carlo", "Dora", "bertha"]),
        ({"name": {"$lte": "bertha"}}, ["Anna's", "bertha"]),
        ({"name": {"$between": ["b", "d"]}}, ["Carlo", "bertha"]),
        ({"$or": [{"name": "Dora"}, {"$and": [{"industry": "Retail"}, {"website": "c.example"}]}]}, ["Carlo", "Dora"]),
        ({"$or": [{"name": "Dora"}, {"name": "Carlo"}]}, ["Carlo", "Dora"]),
        ({"$owner": ""}, []),
        ({"$creator": ""}, ["Anna's", "Carlo", "Dora", "bertha"]),
        ({"date_entered": {"$dateRange": "today"}}, ["Anna's", "Carlo", "Dora", "bertha"]),
        ({"date_entered": {"$dateRange": "last_year"}}, []),
    ],
)
def test_operators(shop: Client, element: dict[str, Any], names: list[str]) -> None:
    assert shop.found("Accounts", element) == names
    counted = shop.good("POST", "Accounts/filter/count", {"filter": [element]})
    assert counted == {"record_count": len(names)}


def test_elements_are_anded_and_a_lone_object_is_taken(shop: Client) -> None:
    assert shop.found("Accounts", {"industry": "Retail"}, {"name": {"$starts": "C"}}) == ["Carlo"]
    answer = shop.good("POST", "Accounts/filter", {"filter": {"name": "Dora"}, "fields": "name"})
    assert [r["name"] for r in answer["records"]] == ["Dora"]


@pytest.mark.parametrize(
    "query",
    [
        "filter[0][name][$starts]=C",
        quote("filter[0][name][$starts]") + "=C",
        "filter=" + quote('[{"name":{"$starts":"C"}}]'),
        "filter[0][$or][0][name]=Carlo&filter[0][$or][1][name]=Nobody",
        "filter[0][$and][0][name][$in][]=Carlo&filter[0][$and][0][name][$in][]=x&filter[1][industry]=Retail",
    ],
)
def test_brackets(shop: Client, query: str) -> None:
    for path in ("Accounts", "Accounts/filter"):
        assert [r["name"] for r in shop.get(f"{path}?{query}")["records"]] == ["Carlo"]


@pytest.mark.parametrize(
    "element",
    [
        {"nope": 1}, {"name": {"$nope": 1}}, {"$nope": ""}, {"date_modified": {"$gte": "soon"}}, "text",
        {"date_entered": {"$dateRange": "someday"}}, {"name": {"$between": ["a"]}}, {"nolink.name": "x"}, {"$or": {}},
        {"$tracker": "a while"},
    ],
)  # fmt: skip
def test_what_is_refused(shop: Client, element: Any) -> None:
    assert shop.refused("POST", "Accounts/filter", {"filter": [element]}) == (422, "invalid_parameter")


def test_related_fields_and_relate_names(demo: Client) -> None:
    assert demo.found("Contacts", {"accounts.industry": "Hospitality"}) == ["Ingrid Solberg"]
    assert demo.found("Contacts", {"account_name": {"$starts": "Fjord"}}) == ["Ingrid Solberg"]
    assert demo.found("Accounts", {"contacts.last_name": "Weber"}) == ["Northwind Interiors"]
    assert demo.found("Accounts", {"contacts.email": "ingrid@fjordpine.example"}) == ["Fjord & Pine"]
    assert demo.found("Opportunities", {"account_name": "Harbour Lane Gifts"}) == ["Spring window display"]


def test_emails(demo: Client) -> None:
    assert demo.found("Contacts", {"email": "OLIVIA.marsh@harbourlane.example"}) == ["Olivia Marsh"]
    assert demo.found("Contacts", {"email_addresses.email_address": {"$starts": "tom"}}) == ["Tom Weber"]
    assert demo.found("Contacts", {"email1": {"$in": ["ingrid@fjordpine.example"]}}) == ["Ingrid Solberg"]
    assert demo.found("Contacts", {"email": {"$not_equals": "ingrid@fjordpine.example"}}) == [
        "Olivia Marsh",
        "Tom Weber",
    ]


def test_polling_by_date_modified(sugar: Client) -> None:
    first = sugar.create("Accounts", name="Early")
    sugar.control("clock", advance_seconds=100)
    second = sugar.create("Accounts", name="Late")
    for stamp in (second["date_modified"], second["date_modified"].replace("+00:00", ".000Z")):
        assert sugar.found("Accounts", {"date_modified": {"$gte": stamp}}, order_by="date_modified:ASC") == ["Late"]
    assert sugar.found("Accounts", {"date_modified": {"$gt": second["date_modified"]}}) == []
    sugar.control("clock", advance_seconds=100)
    sugar.update("Accounts", first["id"], name="Early again")
    sugar.good("DELETE", f"Accounts/{second['id']}")
    element = {"date_modified": {"$gt": second["date_modified"]}}
    answer = sugar.good(
        "POST", "Accounts/filter", {"filter": [element], "deleted": True, "order_by": "date_modified,id"}
    )
    assert {r["id"]: r.get("deleted", False) for r in answer["records"]} == {first["id"]: False, second["id"]: True}


def test_dates_compare_as_days_and_instants(sugar: Client) -> None:
    for name, day in (("A", "2026-01-31"), ("B", "2026-02-01")):
        sugar.create("Campaigns", name=name, end_date=day)
        sugar.create("Tasks", name=name, date_due=f"{day}T23:30:00-05:00")
    assert sugar.found("Campaigns", {"end_date": {"$dateBetween": ["2026-01-01", "2026-01-31"]}}) == ["A"]
    assert sugar.found("Tasks", {"date_due": {"$dateBetween": ["2026-02-01", "2026-02-01"]}}) == ["A"]
    assert sugar.found("Tasks", {"date_due": {"$lt": "2026-02-02T00:00:00Z"}}) == ["A"]


@pytest.mark.parametrize(
    ("module", "given", "size"),
    [
        ("Accounts", [{"sync_key": "k3"}], 1),
        ("Accounts", [{"created_by": "1"}, {"sync_key": {"$in": ["k3", "k4", "none"]}}], 2),
        ("Accounts", [{"own_c": "7"}], 1),
        ("Accounts", [{"$or": [{"name": "A1"}, {"id": "x"}]}], 2),
        ("Accounts", [{"$or": [{"name": "A1"}, {"website": "x"}]}], None),
        ("Accounts", [{"contacts.email": "c@x.example"}], 1),
        ("Contacts", [{"email": "C@x.example"}], 1),
        ("Contacts", [{"accounts.name": "a2"}], 1),
        ("Accounts", [{"website": "x"}], None),
    ],
)
def test_indexes_narrow_the_search(module: str, given: Any, size: int | None) -> None:
    """How many records a filter looks at, of a hundred; None: all of them."""
    api = Api(Options(port=9103, seed="empty"))
    actor = api.site.administrator()
    api.site.add_field("Accounts", "own", "int")
    for n in range(100):
        api.linker.create(actor, "Accounts", {"name": f"A{n}", "sync_key": f"k{n}", "own_c": n})
    account = api.site.tables["Accounts"].find("sync_key", "k2")[0]["id"]
    api.linker.create(actor, "Contacts", {"last_name": "C", "account_id": account, "email1": "c@x.example"})
    candidates = Compiler(api.site, api.linker, actor, module).compile(given).candidates
    assert (candidates.size if candidates else None) == size
