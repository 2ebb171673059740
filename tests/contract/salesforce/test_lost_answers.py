"""What is found there and not linked: of what people have typed on it nothing is written over."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import requests

from app.connectors.base import Theirs
from tests.contract.salesforce.conftest import MakeOrg
from tests.contract.salesforce.org import REP, Org, token_of
from tests.contract.salesforce.records import customer, guest, order
from tests.contract.samples import company

CALLED = {"Phone": "0800 REP"}
PERSONS = {"LastName": "Direct", "PersonEmail": "jane@example.com", **CALLED}


def as_rep(org: Org, method: str, path: str, body: dict[str, Any]) -> Any:
    """A call of somebody else's than ours."""
    headers = {"Authorization": f"Bearer {token_of(org.url, REP)}"}
    answer = requests.request(
        method, f"{org.url}/services/data/v66.0/sobjects/{path}", json=body, headers=headers, timeout=10
    )
    assert answer.ok, answer.text
    return answer.json() if answer.content else None


def is_echo(org: Org, account_id: str) -> bool:
    """Whether an account was last changed by ourselves."""
    assert org.target is not None
    found = org.target.read_many("Account", [account_id])[account_id]
    assert isinstance(found, Theirs)
    return found.is_echo


@pytest.fixture
def persons(special: MakeOrg) -> Org:
    """An org whose customers are person accounts."""
    org = special(person_accounts=True)
    org.switches["customer_edits"] = True
    org.open()
    return org


@pytest.fixture
def shared(org: Org) -> Org:
    """An org whose people's edits come back."""
    org.switches.update(customer_edits=True)
    org.open()
    return org


@pytest.mark.parametrize("is_edited", [True, False])
def test_a_person_account(persons: Org, is_edited: bool) -> None:
    persons.write(customer(phone="1"))
    there = persons.links[("account", "42")].ref
    if is_edited:
        as_rep(persons, "PATCH", f"Account/{there.id}", CALLED)
    persons.links.clear()
    [outcome] = persons.write(customer(phone="2"), attempt=2)
    assert outcome.matched == {("account", "42")} and outcome.ours == (frozenset() if is_edited else outcome.matched)
    assert persons.row("Account")["Phone"] == ("0800 REP" if is_edited else "1")
    assert is_echo(persons, there.id) is not is_edited


def test_an_order_meets_peoples_own_person_account(persons: Org) -> None:
    as_rep(persons, "POST", "Account", PERSONS)
    [outcome] = persons.write(order(buyer=replace(customer(), complete=False)))
    assert (outcome.matched, outcome.ours) == (frozenset({("account", "42")}), frozenset())
    assert persons.row("Account")["Phone"] == "0800 REP"


def test_a_guest_who_registered(shared: Org) -> None:
    shared.write(order(buyer=guest()))
    as_rep(shared, "PATCH", f"Contact/{shared.row('Contact')['Id']}", CALLED)
    shared.links.clear()
    [outcome] = shared.write(customer(phone="1"))
    assert ("customer", "42") in outcome.matched - outcome.ours
    assert shared.row("Contact")["Phone"] == "0800 REP"


@pytest.mark.parametrize("is_edited", [True, False])
def test_the_lead_of_a_registration(shared: Org, is_edited: bool) -> None:
    shared.switches.update(registrations_as_leads=True)
    shared.open()
    shared.write(customer(phone="1"))
    if is_edited:
        as_rep(shared, "PATCH", f"Lead/{shared.row('Lead')['Id']}", CALLED)
    shared.links.clear()
    [outcome] = shared.write(customer(phone="2"), attempt=2)
    assert outcome.matched == {("lead", "42")} and outcome.ours == (frozenset() if is_edited else outcome.matched)
    assert shared.row("Lead")["Phone"] == ("0800 REP" if is_edited else "1")
    shared.write(customer(phone="2"))
    assert shared.row("Lead")["Phone"] == "2"


def test_a_company(shared: Org) -> None:
    """To link it writes nothing: else we were the last to change it, as if nobody else had."""
    shared.switches.update(companies=True)
    shared.open()
    shared.write(company(1))
    there = shared.links[("company", "1")].ref
    as_rep(shared, "PATCH", f"Account/{there.id}", CALLED)
    shared.links.clear()
    [outcome] = shared.write(company(1), attempt=2)
    assert (outcome.matched, outcome.ours) == (frozenset({("company", "1")}), frozenset())
    assert shared.links[("company", "1")].ref == there
    assert not is_echo(shared, there.id)
