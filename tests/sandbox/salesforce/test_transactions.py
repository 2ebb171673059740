"""Whatever is written and rolled back leaves no trace; writers at the same time make no doubles."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from app.sandbox.kit import Options
from app.sandbox.salesforce import create_app
from app.sandbox.salesforce.dml import Writer
from app.sandbox.salesforce.errors import ApiError
from app.sandbox.salesforce.org import Org
from app.sandbox.salesforce.seed import seed
from app.sandbox.salesforce.soql_syntax import Parser
from app.sandbox.salesforce.store import Table
from app.sandbox.salesforce.tooling import make_field
from tests.sandbox.conftest import Serve
from tests.sandbox.salesforce.conftest import LOGIN

KEY = {"type": "Text", "label": "Key", "length": 20, "externalId": True, "unique": True}
STEP = st.tuples(
    st.sampled_from(["insert", "update", "delete", "bad"]), st.integers(0, 5), st.sampled_from(["a", "b", "c", ""])
)


def snapshot(table: Table) -> tuple[Any, Any, Any]:
    index = {value: [row["Id"] for row in table.find("Key__c", value)] for value in ("a", "b", "c")}
    return dict(table.rows), dict(table.bin), index


def step(writer: Writer, kind: str, which: int, key: str) -> None:
    account = writer.org.schema.typed("Account")
    ids = list(writer.db.tables["Account"].rows)
    try:
        if kind == "insert" or not ids:
            writer.insert(account, {"Name": f"N{which}", "Key__c": key})
        elif kind == "update":
            writer.update(account, ids[which % len(ids)], {"Key__c": key, "Phone": str(which)})
        elif kind == "delete":
            writer.delete(ids[which % len(ids)])
        else:
            writer.update(account, ids[which % len(ids)], {"Key__c": key, "Name": None})
    except ApiError as refused:
        assert refused.code in ("DUPLICATE_VALUE", "REQUIRED_FIELD_MISSING")


@settings(max_examples=60, deadline=None)
@given(kept=st.lists(STEP, max_size=8), undone=st.lists(STEP, max_size=12))
def test_rollback_restores_rows_and_indexes(
    kept: list[tuple[str, int, str]], undone: list[tuple[str, int, str]]
) -> None:
    org = Org(Options(seed="empty"))
    seed(org)
    org.add_field("Account", make_field("Key__c", KEY))
    writer = Writer(org, next(iter(org.db.tables["User"].rows)))
    for one in kept:
        step(writer, *one)
    org.db.commit()
    before = snapshot(org.db.tables["Account"])
    for one in undone:
        step(writer, *one)
    org.db.rollback()
    assert snapshot(org.db.tables["Account"]) == before


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from("SELECT Id , ( ) FROM Account WHERE Name = 'x' AND NOT IN LIMIT 5 ORDER BY".split())))
def test_any_words_are_a_query_or_refused(words: list[str]) -> None:
    try:
        query = Parser(" ".join(words)).query()
    except ApiError as refused:
        assert refused.code == "MALFORMED_QUERY"
    else:
        assert query.source


def test_simultaneous_upserts_make_one_record(serve: Serve) -> None:
    base = serve(create_app, seed="empty")
    form = {"grant_type": "password", **LOGIN}
    token = requests.post(f"{base}/services/oauth2/token", data=form, timeout=10).json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    data = f"{base}/services/data/v66.0"
    field = {"FullName": "Contact.Key__c", "Metadata": KEY}
    requests.post(f"{data}/tooling/sobjects/CustomField", json=field, headers=headers, timeout=10).raise_for_status()

    def upsert(n: int) -> int:
        url = f"{data}/sobjects/Contact/Key__c/same"
        return requests.patch(url, json={"LastName": f"L{n}"}, headers=headers, timeout=10).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(upsert, range(24)))
    assert sorted(statuses) == [200] * 23 + [201]
    assert len(requests.get(f"{base}/_sandbox/records/Contact", timeout=10).json()) == 1
