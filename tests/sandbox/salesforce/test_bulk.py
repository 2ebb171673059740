"""Bulk API 2.0: ingest and query."""

from __future__ import annotations

import csv
import io
import time
from typing import Any

import pytest

from tests.sandbox.salesforce.conftest import DATA, Client


def send(sf: Client, job: dict[str, Any], content: str) -> dict[str, Any]:
    """Run one job to its end; the job as last seen."""
    opened = sf.call("POST", "jobs/ingest", job)
    assert opened.status_code == 200, opened.get_json()
    job_id = opened.get_json()["id"]
    headers = {"Authorization": f"Bearer {sf.token}", "Content-Type": "text/csv"}
    put = sf.http.put(f"/{opened.get_json()['contentUrl']}", data=content.encode(), headers=headers)
    assert (put.status_code, put.data) == (201, b"")
    closed = sf.call("PATCH", f"jobs/ingest/{job_id}", {"state": "UploadComplete"})
    assert closed.get_json()["state"] in ("UploadComplete", "InProgress", "JobComplete")
    return wait(sf, job_id)


def wait(sf: Client, job_id: str) -> dict[str, Any]:
    for _ in range(6000):
        found: dict[str, Any] = sf.get(f"jobs/ingest/{job_id}")
        if found["state"] in ("JobComplete", "Failed", "Aborted"):
            return found
        time.sleep(0.01)
    raise AssertionError(found)


def table(sf: Client, job_id: str, which: str) -> list[dict[str, str]]:
    answer = sf.call("GET", f"jobs/ingest/{job_id}/{which}")
    assert answer.content_type.startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_upsert_with_failures_and_lookups(sf: Client) -> None:
    sf.add_key("Account", "Key__c")
    sf.add_key("Contact", "Key__c")
    account = sf.create("Account", Name="A", Key__c="a")
    sf.create("Contact", LastName="Old", Key__c="1", Title="kept", Phone="1")
    text = 'Key__c,LastName,Title,Phone,Account.Key__c\n1,"New, name",,#N/A,a\n2,Second,,,\n3,,,,\n4,Fourth,,,nobody\n'
    job = {"object": "Contact", "operation": "upsert", "externalIdFieldName": "Key__c", "lineEnding": "LF"}
    done = send(sf, job, text)
    assert (done["state"], done["numberRecordsProcessed"], done["numberRecordsFailed"]) == ("JobComplete", 4, 2)
    good = {row["Key__c"]: row for row in table(sf, done["id"], "successfulResults")}
    assert (good["1"]["sf__Created"], good["2"]["sf__Created"]) == ("false", "true")
    bad = {row["Key__c"]: row["sf__Error"] for row in table(sf, done["id"], "FAILEDresults")}
    assert bad["3"] == "REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --"
    assert bad["4"].startswith("INVALID_FIELD:Foreign key external ID: nobody")
    assert table(sf, done["id"], "unprocessedRecords") == []
    row = next(c for c in sf.stored("Contact") if c["Key__c"] == "1")
    assert (row["LastName"], row["Title"], row["Phone"], row["AccountId"]) == ("New, name", "kept", None, account)
    assert sf.call("DELETE", f"jobs/ingest/{done['id']}").status_code == 204
    assert sf.call("GET", f"jobs/ingest/{done['id']}").status_code == 404


def test_insert_update_delete(sf: Client) -> None:
    made = send(sf, {"object": "account", "operation": "insert", "columnDelimiter": "PIPE"}, "Name|Phone\nA|1\nB|2\n")
    answer = sf.call("GET", f"jobs/ingest/{made['id']}/successfulResults").text
    ids = [row["sf__Id"] for row in csv.DictReader(io.StringIO(answer), delimiter="|")]
    assert len(ids) == 2
    send(sf, {"object": "Account", "operation": "update"}, f"Id,Phone\n{ids[0]},9\n")
    assert {a["Phone"] for a in sf.stored("Account")} >= {"9"}
    gone = send(sf, {"object": "Account", "operation": "delete"}, f"Id\n{ids[0]}\n001dL0000009999\n")
    assert gone["numberRecordsFailed"] == 1
    assert [a["Id"] for a in sf.stored("Account")] == [ids[1]]


def test_line_endings_must_agree(sf: Client) -> None:
    failed = send(sf, {"object": "Account", "operation": "insert", "lineEnding": "CRLF"}, "Name\nA\n")
    assert (failed["state"], sf.stored("Account")) == ("Failed", [])
    assert failed["errorMessage"]
    good = send(sf, {"object": "Account", "operation": "insert", "lineEnding": "CRLF"}, "Name\r\nA\r\n")
    assert good["state"] == "JobComplete"


@pytest.mark.parametrize(
    "job",
    [
        {"object": "Nope", "operation": "insert"},
        {"object": "Account", "operation": "merge"},
        {"object": "Account", "operation": "upsert", "externalIdFieldName": "Phone"},
        {"object": "Account", "operation": "insert", "columnDelimiter": "COLON"},
    ],
)
def test_wrong_jobs(sf: Client, job: dict[str, str]) -> None:
    assert sf.refused(sf.call("POST", "jobs/ingest", job))["errorCode"] == "INVALIDJOB"


def test_job_states(sf: Client) -> None:
    opened = sf.call("POST", "jobs/ingest/", {"object": "Account", "operation": "insert"}).get_json()
    assert (opened["state"], opened["apiVersion"]) == ("Open", 66.0)
    url = f"jobs/ingest/{opened['id']}"
    assert sf.refused(sf.call("PATCH", url, {"state": "UploadComplete"}))["errorCode"] == "INVALIDJOBSTATE"
    assert sf.refused(sf.call("DELETE", url))["errorCode"] == "INVALIDJOBSTATE"
    assert sf.call("PATCH", url, {"state": "Aborted"}).get_json()["state"] == "Aborted"
    assert [j["id"] for j in sf.get("jobs/ingest")["records"]] == [opened["id"]]


def test_locked_rows_fail_singly(sf: Client) -> None:
    account = sf.create("Account", Name="A")
    sf.http.post("/_sandbox/lock", json={"ids": [account], "times": 1})
    done = send(sf, {"object": "Contact", "operation": "insert"}, f"LastName,AccountId\nX,{account}\nY,{account}\n")
    (bad,) = table(sf, done["id"], "failedResults")
    assert bad["sf__Error"].startswith("UNABLE_TO_LOCK_ROW:")
    assert len(sf.stored("Contact")) == 1


def test_query_job_pages(sf: Client) -> None:
    for n in range(5):
        sf.create("Contact", LastName=f"L{n}", Account=None, Title='a "quoted", title')
    job = {"operation": "query", "query": "SELECT Id, LastName, Title, Account.Name FROM Contact ORDER BY LastName"}
    opened = sf.call("POST", "jobs/query", job).get_json()
    assert opened["state"] == "UploadComplete"
    url = f"jobs/query/{opened['id']}"
    assert sf.get(url)["numberRecordsProcessed"] == 5
    first = sf.call("GET", f"{url}/results?maxRecords=3")
    assert first.headers["Sforce-NumberOfRecords"] == "3"
    second = sf.call("GET", f"{DATA}/{url}/results?maxRecords=3&locator={first.headers['Sforce-Locator']}")
    assert second.headers["Sforce-Locator"] == "null"
    rows = [*csv.DictReader(io.StringIO(first.text)), *csv.DictReader(io.StringIO(second.text))]
    assert [row["LastName"] for row in rows] == [f"L{n}" for n in range(5)]
    assert (rows[0]["Title"], rows[0]["Account.Name"]) == ('a "quoted", title', "")
    for refused in ("SELECT COUNT(Id) FROM Contact", "SELECT Id FROM Contact LIMIT 1 OFFSET 1"):
        assert sf.call("POST", "jobs/query", {"operation": "query", "query": refused}).status_code == 400
