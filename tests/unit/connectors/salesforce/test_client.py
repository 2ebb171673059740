"""The HTTP door: headers, renewal, errors, limits, names."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import responses
from responses.matchers import header_matcher

from app.config import Settings
from app.connectors.access import Account
from app.connectors.salesforce.client import Client, Limit
from app.connectors.salesforce.errors import matches, of_entry, translate
from app.db import now
from app.errors import Misconfigured, NotFound, Reauthorize, Rejected, Retryable, StorelineError

URL = "https://acme.my.salesforce.com"
DATA = f"{URL}/services/data/v66.0"


def client(renew: Any = None, **settings: str) -> Client:
    return Client(Settings(**settings), Account("first", "00D", store="s1", instance_url=URL + "/", renew=renew))


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("UNABLE_TO_LOCK_ROW", Retryable),
        ("SERVER_UNAVAILABLE", Retryable),
        ("UNKNOWN_EXCEPTION", Retryable),
        ("REQUIRED_FIELD_MISSING", Rejected),
        ("STRING_TOO_LONG", Rejected),
        ("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", Rejected),
        ("FIELD_CUSTOM_VALIDATION_EXCEPTION", Rejected),
        ("SOMETHING_NEW", Rejected),
        ("INVALID_FIELD", Misconfigured),
        ("INVALID_TYPE", Misconfigured),
        ("INSUFFICIENT_ACCESS_OR_READONLY", Misconfigured),
        ("ENTITY_IS_DELETED", NotFound),
        ("INVALID_CROSS_REFERENCE_KEY", NotFound),
        ("INVALID_SESSION_ID", Reauthorize),
    ],
)
def test_the_table_of_errors(code: str, kind: type[StorelineError]) -> None:
    rest = translate([{"errorCode": code, "message": "words", "fields": ["A", "B"]}], 400)
    row = of_entry({"statusCode": code, "message": "words", "fields": ["A", "B"]})
    for error in (rest, row):
        assert type(error) is kind and (error.code, error.message) == (code, "words")
        assert error.field == ("A, B" if isinstance(error, Rejected) and kind is not Reauthorize else "")


def test_a_foreign_key_without_a_record_is_not_a_missing_field() -> None:
    message = "Foreign key external ID: 42 not found for field BC_Customer_Id__c in entity Account"
    assert type(of_entry({"statusCode": "INVALID_FIELD", "message": message})) is NotFound


@pytest.mark.parametrize(
    ("message", "pause"),
    [
        ("TotalRequests Limit exceeded.", timedelta(hours=1)),
        ("ConcurrentPerOrgLongTxn Limit exceeded.", timedelta(seconds=15)),
    ],
)
def test_both_kinds_of_limit(message: str, pause: timedelta) -> None:
    error = translate([{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": message}], 403)
    assert isinstance(error, Retryable) and error.retry_after is not None
    assert abs(error.retry_after - now() - pause) < timedelta(seconds=5)


def test_only_throttling_names_a_time() -> None:
    for body in (None, {"error": "Too Many Requests"}):
        unnamed = translate(body, 429)
        assert isinstance(unnamed, Retryable) and unnamed.retry_after is not None
        assert unnamed.retry_after - now() < timedelta(minutes=1)
    for status in (500, 502, 503):
        failing = translate([{"errorCode": "SERVER_UNAVAILABLE", "message": "busy"}], status)
        assert isinstance(failing, Retryable) and failing.retry_after is None


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (None, 502, Retryable),
        (None, 503, Retryable),
        ([], 500, Retryable),
        (None, 302, Retryable),
        (None, 400, Retryable),
        (None, 401, Retryable),
        (None, 403, Retryable),
        ("<html>", 404, Retryable),
        ({"message": "no route matched"}, 404, Retryable),
        ([{"message": "no route matched"}], 404, Retryable),
        ([{"errorCode": "NOT_FOUND", "message": "no"}], 404, NotFound),
        ([{"errorCode": "FUNCTIONALITY_NOT_ENABLED", "message": "no"}], 403, Misconfigured),
        (None, 300, Retryable),
        ({"error": "Service Unavailable", "status": 503}, 503, Retryable),
        ({"error": "Bad Gateway"}, 502, Retryable),
        ({"error": "Unauthorized"}, 401, Retryable),
        ({"error": "invalid_grant"}, 503, Retryable),
        (["/services/data/v66.0/sobjects/Order/801", "/services/data/v66.0/sobjects/Order/802"], 300, Rejected),
        ({"error": "invalid_grant", "error_description": "expired"}, 400, Reauthorize),
    ],
)
def test_bodies_that_are_no_array_of_errors(body: Any, status: int, kind: type[StorelineError]) -> None:
    assert type(translate(body, status)) is kind


@pytest.mark.parametrize("key", ["duplicateResut", "duplicateResult"])
def test_the_matches_of_a_duplicate_rule(key: str) -> None:
    found = {"matchResults": [{"matchRecords": [{"record": {"Id": "003A"}}, {"record": {"Id": "003B"}}]}]}
    assert matches([{"errorCode": "DUPLICATES_DETECTED", key: found}]) == ("003A", "003B")
    assert matches(None) == matches([{"errorCode": "X"}]) == ()


@responses.activate
def test_headers_and_the_limit() -> None:
    wanted = {"Authorization": "Bearer first", "Sforce-Call-Options": "client=storeline"}
    responses.get(
        f"{DATA}/limits",
        json={},
        headers={"Sforce-Limit-Info": "api-usage=18/5000; per-app-api-usage=17/250(appName=x)"},
        match=[header_matcher(wanted)],
    )
    opened = client()
    assert opened.limit is None
    opened.get("/limits")
    assert opened.limit == Limit(17, 250)  # what our app has left is less than what the org has


@responses.activate
def test_a_dead_session_is_renewed_once_per_call() -> None:
    responses.get(
        f"{DATA}/limits", status=401, json=[{"errorCode": "INVALID_SESSION_ID", "message": "Session expired"}]
    )
    responses.get(f"{DATA}/limits", json={"a": 1}, match=[header_matcher({"Authorization": "Bearer second"})])
    refused: list[str] = []

    def renew(token: str) -> str:
        refused.append(token)
        return "second"

    opened = client(renew)
    assert opened.get("/limits") == {"a": 1} and opened.get("/limits") == {"a": 1}
    assert refused == ["first"]


@responses.activate
def test_a_dead_session_that_cannot_be_renewed() -> None:
    responses.get(f"{DATA}/limits", status=401, body="Bad_OAuth_Token")
    for opened in (client(), client(lambda refused: "second")):
        with pytest.raises(Reauthorize):
            opened.get("/limits")
    assert len(responses.calls) == 3


@responses.activate
def test_pages_are_followed() -> None:
    first = {"records": [{"Id": "1"}], "done": False, "nextRecordsUrl": "/services/data/v66.0/query/01g-2000"}
    responses.get(f"{DATA}/query", json=first)
    responses.get(f"{DATA}/query/01g-2000", json={"records": [{"Id": "2"}], "done": True})
    assert [row["Id"] for row in client().query("SELECT Id FROM Order")] == ["1", "2"]


@responses.activate
def test_names_carry_the_namespace_on_the_wire_only() -> None:
    row = {"records": [{"ns__BC_Order_Id__c": "1", "Description": "ns__BC_Order_Id__c"}], "done": True}
    responses.get(f"{DATA}/query", json=row)
    responses.post(f"{DATA}/x", json=[])
    opened = client(salesforce_namespace="ns")
    assert opened.query("SELECT BC_Order_Id__c FROM Order") == [
        {"BC_Order_Id__c": "1", "Description": "ns__BC_Order_Id__c"}
    ]
    assert "ns__BC_Order_Id__c" in str(responses.calls[0].request.url)
    opened.post("/x", {"records": [{"BC_Total__c": 1, "Name": "BC_Total__c"}]})
    assert responses.calls[1].request.body == b'{"records": [{"ns__BC_Total__c": 1, "Name": "BC_Total__c"}]}'
