"""Big groups of rows go as Bulk API 2.0 jobs, and end as they would by Composite, whatever happens on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest

from app.connectors.access import PLAIN, Bucket, Reading
from app.connectors.salesforce import bulk
from app.connectors.salesforce.bulk_jobs import Pace
from app.connectors.salesforce.client import Client
from app.connectors.salesforce.steps import Level, Step
from app.db import now
from app.errors import Rejected, Retryable
from tests.contract.salesforce.org import Org
from tests.contract.salesforce.records import product

KEY = "BC_Customer_Id__c"
FAST = Pace(first=0.1, most=0.2, patience=5)


def accounts(number: int, **more: Any) -> list[Step]:
    return [
        Step(Level.ACCOUNT, "Account", f"s1-{n}", {"Name": f"Account {n}", "Phone": "01", **more}, key=KEY)
        for n in range(number)
    ]


def contacts(number: int) -> list[Step]:
    return [
        Step(Level.CONTACT, "Contact", f"s1-{n}", {"LastName": f"Person {n}", "Account": {KEY: f"s1-{n}"}}, key=KEY)
        for n in range(number)
    ]


def client(org: Org) -> Client:
    assert org.target is not None
    return org.target.client


def load(org: Org, steps: Sequence[Step], least: int = 20, pace: Pace = FAST) -> bulk.Results:
    return bulk.run(client(org), steps, least, pace)


def loads_until_done(org: Org, steps: Sequence[Step]) -> int:
    """As the engine does it: what was cut off is done again."""
    for number in range(1, 6):
        with suppress(Retryable):
            if not any(result.error for result in load(org, steps).values()):
                return number
    pytest.fail("they never arrived")


def kinds(calls: Sequence[str]) -> Counter[str]:
    """How often a job was created, uploaded, looked at, and so on."""
    found = Counter[str]()
    for call in calls:
        method, _, path = call.partition(" ")
        found[f"{method} {path.rpartition('/')[2] if path.count('/') > 3 else path[:12].rstrip('/')}"] += 1
    return found


def is_clean(org: Org) -> bool:
    """Whether no job is left behind."""
    return not org.api("GET", "/jobs/ingest")["records"]


def test_ten_thousand_rows_with_their_parents(org: Org) -> None:
    results = load(org, [*contacts(5_000), *accounts(5_000)], pace=Pace(0.5, 1, 60))
    rows = {row["Id"]: row for row in org.rows("Account")}
    people = org.rows("Contact")
    assert len(rows) == len(people) == 5_000
    assert {rows[one["AccountId"]][KEY] == one[KEY] for one in people} == {True}
    assert {result.id for result in results.values()} == rows.keys() | {one["Id"] for one in people}
    assert {(one.error, one.received["created"]) for one in results.values()} == {(None, True)}
    calls = org.calls()
    assert not [call for call in calls if "composite" in call]
    assert len([call for call in calls if not call.startswith("GET")]) == 8  # each: create, upload, close, delete
    assert is_clean(org)


def test_known_places_are_updated_by_id_and_emptied(org: Org) -> None:
    made = load(org, accounts(30))
    steps = [
        Step(Level.ACCOUNT, "Account", made[step.identity].id, {"Name": f"New {step.value}", "Phone": None})
        for step in accounts(30)
    ]
    results = load(org, steps)
    assert {result.error for result in results.values()} == {None}
    assert {(row["Name"], row["Phone"]) for row in org.rows("Account")} == {(f"New s1-{n}", None) for n in range(30)}
    assert not [call for call in org.calls() if "composite" in call]


def test_what_a_row_does_not_name_stays(org: Org) -> None:
    load(org, accounts(30))
    some = [
        Step(step.level, step.object, step.value, {"Name": f"Renamed {step.value}"}, key=KEY) for step in accounts(30)
    ]
    load(org, [*some[:15], *accounts(30, Phone="02")[15:]])
    found = {(row["Name"].startswith("Renamed"), row["Phone"]) for row in org.rows("Account")}
    assert found == {(True, "01"), (False, "02")}


def test_every_script_and_line_arrives(org: Org) -> None:
    name = 'Zoë, "Ж"; 日本\nsecond line'
    steps = [Step(s.level, s.object, s.value, {**s.body, "Name": f"{name} {s.value}"}, key=KEY) for s in accounts(30)]
    load(org, steps)
    assert {row["Name"] for row in org.rows("Account")} == {f"{name} s1-{n}" for n in range(30)}


def test_few_rows_need_no_job(org: Org) -> None:
    load(org, [*accounts(20), *contacts(20)])
    assert org.calls() == ["POST /composite"]


def test_one_bad_row_says_why_and_keeps_back_no_other(org: Org) -> None:
    steps = accounts(30)
    steps[7].body["Name"] = ""
    results = load(org, steps)
    failed = {identity[3]: result.error for identity, result in results.items() if result.error}
    assert list(failed) == ["s1-7"]
    error = failed["s1-7"]
    assert isinstance(error, Rejected) and (error.code, error.field) == ("REQUIRED_FIELD_MISSING", "Name")
    assert len(org.rows("Account")) == 29
    assert kinds(org.calls())["POST /composite"] == 1


def test_a_parent_that_failed_is_tried_before_its_children(org: Org) -> None:
    load(org, accounts(30))
    org.control("lock", object="Account", times=3)
    results = load(org, [*accounts(30, Phone="02"), *contacts(30)])
    assert {result.error for result in results.values()} == {None}
    assert {row["Phone"] for row in org.rows("Account")} == {"02"}
    assert len(org.rows("Contact")) == 30


def test_what_insists_goes_by_composite(org: Org) -> None:
    insisting = [Step(s.level, s.object, f"s2-{s.value}", s.body, key=KEY, insist=True) for s in accounts(30)]
    load(org, insisting)
    assert {call.partition(" ")[2] for call in org.calls()} == {"/composite"}


def test_a_job_that_is_refused_ends_by_composite(org: Org) -> None:
    steps = accounts(30, Nonsense__c="x")
    results = load(org, steps)
    assert {getattr(result.error, "code", "") for result in results.values()} == {"INVALID_FIELD"}
    for status, match, method in ((400, "/jobs/ingest", "POST"), (403, "/batches", "PUT"), (400, "/jobs/", "PATCH")):
        body = [{"errorCode": "INVALIDJOB", "message": "no"}]
        org.control("fail", status=status, match=match, method=method, body=body, times=1)
        results = load(org, accounts(30))
        assert {result.error for result in results.values()} == {None}, match
        assert len(org.rows("Account")) == 30
    assert is_clean(org)


@pytest.mark.parametrize(
    ("method", "match", "when"),
    [
        ("POST", "/jobs/ingest", "before"),
        ("POST", "/jobs/ingest", "after"),
        ("PUT", "/batches", "before"),
        ("PUT", "/batches", "after"),
        ("PATCH", "/jobs/ingest", "before"),
        ("PATCH", "/jobs/ingest", "after"),
        ("GET", "/successfulResults", "before"),
        ("DELETE", "/jobs/ingest", "before"),
    ],
)
def test_broken_off_anywhere_it_is_done_again_and_nothing_doubles(org: Org, method: str, match: str, when: str) -> None:
    steps = [*accounts(30), *contacts(30)]
    org.control("fail", kind="reset", method=method, match=match, when=when, times=2)
    assert loads_until_done(org, steps) <= 3
    assert len(org.rows("Account")) == len(org.rows("Contact")) == 30


class Killed(BaseException):
    """The end of a worker: from some call on it makes no other."""


@dataclass
class Ending:
    """A gate that lets so many calls through."""

    error: BaseException
    left: int

    def enter(self, bucket: Bucket = PLAIN) -> None:
        self.left -= 1
        if self.left < 0:
            raise self.error

    def told(self, reading: Reading) -> None:
        """Nothing is counted here."""


@pytest.mark.parametrize("calls", range(12))
def test_killed_before_any_call_nothing_is_lost_or_doubled(org: Org, calls: int) -> None:
    steps = [*accounts(30), *contacts(30)]
    doomed = Client(org.settings, replace(org.account, gate=Ending(Killed(), calls)))
    with pytest.raises(Killed):
        bulk.run(doomed, steps, 20, FAST)
    assert loads_until_done(org, steps) <= 2  # the job of who died may still be at the same rows
    assert len(org.rows("Account")) == len(org.rows("Contact")) == 30


@pytest.mark.parametrize("calls", range(12))
def test_without_calls_left_what_was_made_is_remembered_and_the_rest_waits(org: Org, calls: int) -> None:
    steps = [*accounts(30), *contacts(30)]
    spent = Retryable("No calls are left.", code="BUDGET", retry_after=now())
    client = Client(org.settings, replace(org.account, gate=Ending(spent, calls)))
    try:
        results = bulk.run(client, steps, 20, FAST)
    except Retryable as error:
        assert error is spent
        results = {}
    made = {result.id for result in results.values() if result.error is None}
    assert made in (set(), ids(org, "Account"), ids(org, "Account") | ids(org, "Contact"))
    assert {result.error for result in results.values()} <= {None, spent}
    assert loads_until_done(org, steps) <= 2
    assert len(org.rows("Account")) == len(org.rows("Contact")) == 30


def ids(org: Org, name: str) -> set[str]:
    return {row["Id"] for row in org.rows(name)}


def test_a_job_that_takes_too_long_is_given_up(org: Org) -> None:
    busy = {"id": "x", "state": "InProgress"}
    org.control("fail", status=200, method="GET", match="/jobs/ingest/", body=busy, times=1000)
    with pytest.raises(Retryable) as caught:
        load(org, accounts(30), pace=Pace(0.05, 0.1, 0.3))
    assert caught.value.code == "BULK_TIMEOUT"
    assert caught.value.retry_after is None


def test_what_was_made_before_a_cut_is_remembered(org: Org) -> None:
    org.control("fail", kind="reset", method="POST", match="/jobs/ingest", when="before", times=1)
    small = [Step(Level.ACCOUNT, "Account", "s9-1", {"Name": "First"}, key=KEY, insist=True)]
    results = load(org, [*small, *contacts(30)])
    assert results[small[0].identity].id == org.row("Account", Name="First")["Id"]
    cut = [result for identity, result in results.items() if identity[1] == "Contact"]
    assert {(type(result.error), result.unsent) for result in cut} == {(Retryable, True)}


def test_a_look_that_fails_does_not_lose_the_job(org: Org) -> None:
    org.control("fail", status=503, method="GET", match="/jobs/ingest/", times=2)
    results = load(org, accounts(30))
    assert {result.error for result in results.values()} == {None}


def test_a_gateway_s_page_is_no_result(org: Org) -> None:
    org.control("fail", status=200, method="GET", match="/successfulResults", body="<html></html>", times=1)
    with pytest.raises(Retryable):
        load(org, accounts(30))
    assert is_clean(org)


def test_a_session_that_ends_meanwhile_is_renewed(org: Org) -> None:
    org.control("session/expire")
    results = load(org, accounts(30))
    assert {result.error for result in results.values()} == {None}
    assert org.renewals == 1


def test_a_load_of_products_with_many_variants_goes_as_jobs(org: Org) -> None:
    products = [product(n, *range(n * 1000, n * 1000 + 420)) for n in range(1, 21)]
    outcomes = org.write(*products)
    assert {outcome.error for outcome in outcomes} == {None}
    calls = org.calls()
    assert calls.count("POST /jobs/ingest") == 2
    assert len([call for call in calls if "jobs" in call]) <= 2 * bulk.CALLS
    rows = {row["Id"]: row["BC_Variant_Id__c"] for row in org.rows("Product2")}
    assert set(rows.values()) >= {f"s1-{one.id}" for made in products for one in made.variants}
    prices = [row for row in org.rows("PricebookEntry") if row["BC_Price_Id__c"] in set(rows.values())]
    assert {(rows[row["Product2Id"]] == row["BC_Price_Id__c"], row["UnitPrice"]) for row in prices} == {(True, 10.0)}
    assert len(prices) == 20 * 420
    assert {("variant", one.id) for made in products for one in made.variants} <= org.links.keys()
