"""Queries: conditions, literals, relationships, aggregates, paging, errors."""

from __future__ import annotations

from datetime import date

import pytest

from app.sandbox.salesforce.soql_dates import day_range
from tests.sandbox.salesforce.conftest import Client, soql


@pytest.fixture
def shop(sf: Client) -> Client:
    sf.add_field("Account", "Tags__c", type="MultiselectPicklist")
    sf.add_field("Account", "Joined__c", type="Date")
    people = (("Ann", "a;b", "2026-01-05", 100), ("Bob's", "b", "2026-02-10", None), ("Cé_c%", None, None, 300))
    for name, tags, joined, revenue in people:
        account = sf.create("Account", Name=name, Tags__c=tags, Joined__c=joined, AnnualRevenue=revenue)
        for n in range(2):
            sf.create("Contact", LastName=f"{name}{n}", AccountId=account, Title="Boss" if n else None)
    return sf


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ("Name = 'ann'", ["Ann"]),
        ("Name != 'ANN'", ["Bob's", "Cé_c%"]),
        ("Name = 'Bob\\'s'", ["Bob's"]),
        ("Name LIKE 'b%'", ["Bob's"]),
        ("Name LIKE '%\\_c\\%'", ["Cé_c%"]),
        ("Name LIKE 'An_'", ["Ann"]),
        ("Name IN ('Ann', 'Nobody')", ["Ann"]),
        ("Name NOT IN ('Ann')", ["Bob's", "Cé_c%"]),
        ("NOT Name = 'Ann'", ["Bob's", "Cé_c%"]),
        ("(NOT Name LIKE 'A%') AND AnnualRevenue = null", ["Bob's"]),
        ("AnnualRevenue > 100", ["Cé_c%"]),
        ("AnnualRevenue >= 100 AND AnnualRevenue <= 300.0", ["Ann", "Cé_c%"]),
        ("AnnualRevenue < 300 OR Name = 'Bob\\'s'", ["Ann", "Bob's"]),
        ("AnnualRevenue != null", ["Ann", "Cé_c%"]),
        ("Tags__c INCLUDES ('a;b')", ["Ann"]),
        ("Tags__c INCLUDES ('a', 'b')", ["Ann", "Bob's"]),
        ("Tags__c EXCLUDES ('a')", ["Bob's", "Cé_c%"]),
        ("Joined__c > 2026-01-05", ["Bob's"]),
        ("Joined__c = null", ["Cé_c%"]),
        ("CALENDAR_MONTH(Joined__c) = 2", ["Bob's"]),
        ("CreatedDate = TODAY", ["Ann", "Bob's", "Cé_c%"]),
        ("CreatedDate = LAST_N_DAYS:3", ["Ann", "Bob's", "Cé_c%"]),
        ("CreatedDate < TODAY", []),
        ("CreatedDate >= 2026-01-01T00:00:00Z", ["Ann", "Bob's", "Cé_c%"]),
        ("CreatedDate > 2100-01-01T00:00:00+02:00", []),
        ("Id IN (SELECT AccountId FROM Contact WHERE LastName = 'Ann0')", ["Ann"]),
        ("Id NOT IN (SELECT AccountId FROM Contact WHERE LastName LIKE 'Ann%')", ["Bob's", "Cé_c%"]),
        ("Owner.Username = 'admin@sandbox.example' AND Name = 'Ann'", ["Ann"]),
        ("a.Name = 'Ann'", ["Ann"]),
    ],
)
def test_conditions(shop: Client, where: str, names: list[str]) -> None:
    rows = shop.rows(soql("SELECT Name FROM Account a", f"WHERE {where}", "ORDER BY Name"))
    assert [row["Name"] for row in rows] == names


def test_parents_children_and_aliases(shop: Client) -> None:
    statement = "SELECT Id, LastName, Account.Owner.Name, account.name FROM Contact WHERE Account.Name = 'Ann' LIMIT 1"
    row = shop.query(statement)["records"][0]
    assert list(row) == ["attributes", "Id", "LastName", "Account"]
    assert row["Account"]["Owner"]["Name"] == "Ada Admin"
    assert row["Account"]["attributes"]["type"] == "Account"
    inner = "(SELECT LastName FROM Contacts WHERE Title = 'Boss' ORDER BY LastName), (SELECT Id FROM Orders)"
    account = shop.query(soql("SELECT Name,", inner, "FROM Account WHERE Name = 'Ann'"))["records"][0]
    assert account["Contacts"]["totalSize"] == 1
    assert account["Contacts"]["records"][0]["LastName"] == "Ann1"
    assert account["Orders"] is None
    case = shop.create("Case", Subject="S")
    assert shop.rows(soql("SELECT Contact.Name FROM Case", f"WHERE Id = '{case}'")) == [{"Contact": None}]


def test_polymorphic_lookup(shop: Client) -> None:
    account = shop.rows("SELECT Id FROM Account WHERE Name = 'Ann'")[0]["Id"]
    shop.create("Task", Subject="Call", WhatId=account)
    assert shop.rows("SELECT What.Name FROM Task")[0]["What"]["Name"] == "Ann"


def test_order_limit_offset_and_nulls(shop: Client) -> None:
    rows = shop.rows("SELECT Name FROM Account ORDER BY AnnualRevenue DESC NULLS LAST, Name")
    assert [r["Name"] for r in rows] == ["Cé_c%", "Ann", "Bob's"]
    assert shop.rows("SELECT Name FROM Account ORDER BY AnnualRevenue")[0] == {"Name": "Bob's"}
    assert [r["Name"] for r in shop.rows("SELECT Name FROM Account ORDER BY Name LIMIT 1 OFFSET 1")] == ["Bob's"]
    assert shop.refused(shop.call("GET", "query?q=SELECT+Id+FROM+Account+LIMIT+1+OFFSET+2001"))


def test_counts_and_groups(shop: Client) -> None:
    assert shop.query("SELECT COUNT() FROM Contact") == {"totalSize": 6, "done": True, "records": []}
    statement = (
        "SELECT Account.Name who, COUNT(Id) n, MAX(LastName) FROM Contact GROUP BY Account.Name "
        "HAVING COUNT(Id) > 1 ORDER BY Account.Name DESC"
    )
    found = shop.query(statement)["records"]
    assert found[0] == {"attributes": {"type": "AggregateResult"}, "who": "Cé_c%", "n": 2, "expr0": "Cé_c%1"}
    totals = shop.rows("SELECT SUM(AnnualRevenue), AVG(AnnualRevenue) mean, COUNT_DISTINCT(Name) FROM Account")
    assert totals == [{"expr0": 400.0, "mean": 200.0, "expr1": 3}]
    assert shop.rows("SELECT COUNT(Id) FROM Order") == [{"expr0": 0}]


def test_all_fields_function(shop: Client) -> None:
    row = shop.rows("SELECT FIELDS(CUSTOM) FROM Account WHERE Name = 'Ann' LIMIT 200")[0]
    assert row == {"Tags__c": "a;b", "Joined__c": "2026-01-05"}
    assert shop.call("GET", "query?q=SELECT+FIELDS(ALL)+FROM+Account").status_code == 400


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("SELEC Id FROM Account", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Account WHERE Name = 'open", "MALFORMED_QUERY"),
        ("SELECT Nope FROM Account", "INVALID_FIELD"),
        ("SELECT Nope.Name FROM Account", "INVALID_FIELD"),
        ("SELECT Id FROM Nope", "INVALID_TYPE"),
        ("SELECT Id FROM Account WHERE AnnualRevenue = '5'", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Name = 5", "INVALID_FIELD"),
        ("SELECT Id FROM Account WHERE Name INCLUDES ('a')", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Name, COUNT(Id) FROM Account", "MALFORMED_QUERY"),
        ("SELECT Id, (SELECT Id FROM Nopes) FROM Account", "INVALID_TYPE"),
    ],
)
def test_errors(shop: Client, statement: str, code: str) -> None:
    answer = shop.call("GET", "query?q=" + statement.replace(" ", "+"))
    assert shop.refused(answer)["errorCode"] == code


def test_paging_and_stale_cursor(sf: Client) -> None:
    for start in range(0, 450, 150):
        records = [{"attributes": {"type": "Account"}, "Name": f"A{n:03}"} for n in range(start, start + 150)]
        sf.call("POST", "composite/sobjects", {"records": records})
    hint = {"Sforce_Query_Options": "batchSize=200"}
    page = sf.get("query?q=SELECT+Name+FROM+Account+ORDER+BY+Name", **hint)
    assert (page["totalSize"], page["done"], len(page["records"])) == (450, False, 200)
    names = [row["Name"] for row in page["records"]]
    while not page["done"]:
        page = sf.get(page["nextRecordsUrl"])
        names += [row["Name"] for row in page["records"]]
    assert names == [f"A{n:03}" for n in range(450)]
    error = sf.refused(sf.call("GET", "query/01g000000000000-2000"))
    assert error["errorCode"] == "INVALID_QUERY_LOCATOR"


@pytest.mark.parametrize(
    ("literal", "first", "after"),
    [
        ("today", "2026-03-15", "2026-03-16"),
        ("yesterday", "2026-03-14", "2026-03-15"),
        ("this_week", "2026-03-15", "2026-03-22"),
        ("last_month", "2026-02-01", "2026-03-01"),
        ("this_quarter", "2026-01-01", "2026-04-01"),
        ("next_quarter", "2026-04-01", "2026-07-01"),
        ("last_year", "2025-01-01", "2026-01-01"),
        ("last_n_days:2", "2026-03-13", "2026-03-16"),
        ("next_n_days:2", "2026-03-16", "2026-03-18"),
        ("last_n_months:3", "2025-12-01", "2026-03-01"),
        ("next_n_weeks:1", "2026-03-22", "2026-03-29"),
        ("n_days_ago:1", "2026-03-14", "2026-03-15"),
    ],
)
def test_date_literals(literal: str, first: str, after: str) -> None:
    found = day_range(literal, date(2026, 3, 15))  # a Sunday
    assert found == (date.fromisoformat(first), date.fromisoformat(after))
