"""Long lists are read as Bulk API 2.0 query jobs, with the same result as page by page."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.connectors.lists import Sale
from app.connectors.salesforce import bulk_query
from app.connectors.salesforce.bulk_jobs import Pace
from app.connectors.salesforce.client import Client
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.sales import between
from app.domain.order import Stage
from app.errors import Retryable
from tests.contract.salesforce.org import Org
from tests.contract.salesforce.records import PLACED, guest, line, order

SOQL = "SELECT Id, Name, Phone, AnnualRevenue, IsDeleted FROM Account ORDER BY Name"
FAST = Pace(first=0.05, most=0.1, patience=5)


@pytest.fixture
def client(org: Org) -> Client:
    for number in range(9):
        org.make("Account", Name=f'Zoë, "{number}"\nЖ', Phone=str(number) if number % 2 else None, AnnualRevenue=1.5)
    org.forget_calls()
    assert org.target is not None
    return org.target.client


def read(client: Client, many: int = 4, part: int = 4, pace: Pace = FAST) -> list[dict[str, Any]]:
    return [dict(row) for row in bulk_query.rows(client, SOQL, many, part, pace)]


def test_page_after_page_and_the_job_is_gone(org: Org, client: Client) -> None:
    rows = read(client)
    assert [(row["Name"], row["Phone"]) for row in rows] == [
        (f'Zoë, "{number}"\nЖ', str(number) if number % 2 else "") for number in range(9)
    ]
    assert {row["Id"] for row in rows} == {row["Id"] for row in org.rows("Account")}
    calls = org.calls()
    assert len([call for call in calls if call.endswith("/results")]) == 3
    assert calls[-1].startswith("DELETE /jobs/query/")
    assert org.api("GET", "/jobs/query")["records"] == []


def test_few_rows_take_one_call(org: Org, client: Client) -> None:
    assert len(read(client, many=9)) == 9
    assert org.calls() == ["GET /query"]


def test_without_a_job_it_goes_on_page_by_page(org: Org, client: Client) -> None:
    refused = [{"errorCode": "INVALIDJOB", "message": "no"}]
    org.control("fail", status=400, method="POST", match="/jobs/query", body=refused, times=1)
    assert len(read(client)) == 9
    failed = {"id": "x", "state": "Failed"}
    org.control("fail", status=200, method="GET", match="/jobs/query/", body=failed, times=1)
    assert len(read(client)) == 9
    busy = {"id": "x", "state": "InProgress"}
    org.control("fail", status=200, method="GET", match="/jobs/query/", body=busy, times=100)
    assert len(read(client, pace=Pace(0.05, 0.1, 0.2))) == 9


def test_what_breaks_off_in_the_middle_is_told(org: Org, client: Client) -> None:
    rows = bulk_query.rows(client, SOQL, 4, 4, FAST)
    for _ in range(4):
        next(rows)
    org.control("fail", status=503, match="/results", times=1)
    with pytest.raises(Retryable):
        list(rows)
    assert org.api("GET", "/jobs/query")["records"] == []


def test_sales_are_the_same_either_way(org: Org) -> None:
    stages = [Stage.SALE, Stage.CANCELLED, Stage.PENDING] * 2
    for number, stage in enumerate(stages, 1):
        org.write(order(number, line(number, f"{number}.25"), buyer=guest(f"p{number}@example.com"), stage=stage))
    target = org.open()

    def sales(many: int) -> list[Sale]:
        found = between(target.client, Facts.read(org.facts, org.store), PLACED, None, many)
        return sorted(found, key=lambda sale: sale.order_id)

    by_pages = sales(6)
    assert [sale.order_id for sale in by_pages] == [str(number) for number in range(1, 7)]
    assert Decimal(0) in {sale.net for sale in by_pages}
    org.forget_calls()
    assert sales(5) == by_pages
    assert len([call for call in org.calls() if call.endswith("/results")]) == 1
