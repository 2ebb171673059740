"""Rows as the CSV of a job."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from typing import Any

import pytest

from app.connectors.salesforce.bulk_csv import cell, files, fits
from app.connectors.salesforce.names import Names
from app.connectors.salesforce.steps import Level, Step

BARE = Names()


def step(value: str = "s1-1", *, key: str = "BC_Customer_Id__c", **body: Any) -> Step:
    return Step(Level.CONTACT, "Contact", value, body, key=key)


def table(*steps: Step, names: Names = BARE) -> list[list[str]]:
    [(_, content)] = files(steps, names, 1_000_000)
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "#N/A"),
        ("", "#N/A"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (12.5, "12.5"),
        (1e-7, "0.0000001"),
        (1e16, "10000000000000000"),
        (Decimal("1E+3"), "1000"),
        ("2026-03-01", "2026-03-01"),
        ("2026-03-01T23:30:00.000+0000", "2026-03-01T23:30:00.000+0000"),
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        (' "x", y ', ' "x", y '),
    ],
)
def test_cells(value: Any, text: str) -> None:
    assert cell(value) == text
    assert table(step(Value=value))[1][1] == text


def test_columns_are_those_of_all_rows_and_an_absent_one_is_empty() -> None:
    rows = table(step("a", Name="x"), step("b", Phone=None))
    assert rows == [["BC_Customer_Id__c", "Name", "Phone"], ["a", "x", ""], ["b", "", "#N/A"]]


def test_references_and_the_namespace() -> None:
    reference = step(Account={"BC_Customer_Id__c": "s1-9"}, BC_Customer_Group__c="VIP")
    assert table(reference, names=Names("acme"))[0] == [
        "acme__BC_Customer_Id__c", "Account.acme__BC_Customer_Id__c", "acme__BC_Customer_Group__c",
    ]  # fmt: skip


def test_updates_go_by_the_record_s_id() -> None:
    assert table(step("003A", key="", LastName="x")) == [["Id", "LastName"], ["003A", "x"]]


def test_rows_of_one_parent_stand_together() -> None:
    steps = [step(str(n), AccountId=f"001{n % 3}") for n in range(9)]
    parents = [row[1] for row in table(*steps)[1:]]
    assert parents == sorted(parents)


def test_a_file_is_never_too_large_and_none_is_lost() -> None:
    steps = [step(f"s1-{n}", Name="Ж" * 50) for n in range(100)]
    parts = list(files(steps, BARE, 1_000))
    assert max(len(content) for _, content in parts) <= 1_000
    assert sorted(one.value for part, _ in parts for one in part) == sorted(one.value for one in steps)
    assert len({content.split(b"\n")[0] for _, content in parts}) == 1


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"Name": "x", "Account": {"Id__c": "1"}}, True),
        ({"Name": "#N/A"}, False),  # would empty the field
        ({"Account": {"A__c": "1", "B__c": "2"}}, False),
        ({"Lines": ["1"]}, False),
    ],
)
def test_what_a_csv_cannot_carry(body: dict[str, Any], expected: bool) -> None:
    assert fits(step(**body)) is expected
