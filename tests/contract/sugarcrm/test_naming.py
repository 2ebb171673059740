"""Whom a record of SugarCRM names."""

from __future__ import annotations

import pytest

from app.connectors.base import Named, Ref
from app.connectors.sugarcrm.naming import named
from tests.contract.sugarcrm.instance import Instance

MAIL = [{"email_address": "Ann@Example.com", "primary_address": True}, {"email_address": "ann@home.example"}]
BOTH = ("ann@example.com", "ann@home.example")


def ask(sugar: Instance, kind: str, record_id: str) -> Named | None:
    return named(sugar.settings, sugar.account, Ref(kind, record_id))


@pytest.fixture
def people(sugar: Instance) -> tuple[str, str]:
    """An account and a contact of it."""
    account = sugar.make("Accounts", name="Acme", email=[{"email_address": "office@acme.example"}])
    return account, sugar.make("Contacts", last_name="Ann", email=MAIL, account_id=account)


def test_people_and_accounts_name_themselves(sugar: Instance, people: tuple[str, str]) -> None:
    account, contact = people
    assert ask(sugar, "Contacts", contact) == Named(None, Ref("Accounts", account), BOTH)
    assert ask(sugar, "Accounts", account) == Named(None, None, ("office@acme.example",))
    lead = sugar.make("Leads", last_name="New", email=MAIL[:1])
    assert ask(sugar, "Leads", lead) == Named(None, None, BOTH[:1])


def test_a_case_names_its_primary_contact(sugar: Instance, people: tuple[str, str]) -> None:
    account, contact = people
    case = sugar.make("Cases", name="Broken", account_id=account, primary_contact_id=contact)
    sugar.forget_calls()
    assert ask(sugar, "Cases", case) == Named(Ref("Contacts", contact), Ref("Accounts", account), BOTH)
    assert len(sugar.calls()) <= 5  # two of them are the parts of a bulk call


def test_an_opportunity_names_a_linked_contact(sugar: Instance, people: tuple[str, str]) -> None:
    account, contact = people
    deal = sugar.make("Opportunities", name="Deal", account_id=account, date_closed="2026-12-01")
    assert ask(sugar, "Opportunities", deal) == Named(None, Ref("Accounts", account), ())
    sugar.api("POST", f"/Opportunities/{deal}/link/contacts/{contact}")
    assert ask(sugar, "Opportunities", deal) == Named(Ref("Contacts", contact), Ref("Accounts", account), BOTH)


@pytest.mark.parametrize("kind", ["Contacts", "Cases", "Users", "No/such"])
def test_what_is_not_there(sugar: Instance, kind: str) -> None:
    assert ask(sugar, kind, "../../no/such") is None
