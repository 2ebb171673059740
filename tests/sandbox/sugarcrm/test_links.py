"""Relationships: every verb, roles, nested writes in depth, activities, merging."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.sugarcrm.conftest import Client


def names(client: Client, path: str) -> list[str]:
    """Names behind a link, sorted."""
    return sorted(r["name"] for r in client.get(path)["records"])


def test_every_verb(sugar: Client) -> None:
    account = sugar.create("Accounts", name="A")
    contact = sugar.create("Contacts", last_name="C")
    deal = sugar.create("Opportunities", name="O")
    base = f"Opportunities/{deal['id']}/link"
    role = {"opportunity_role": "Influencer"}
    both = sugar.good("POST", f"{base}/contacts/{contact['id']}", role)
    assert (both["record"]["id"], both["related_record"]["opportunity_role"]) == (deal["id"], "Influencer")
    sugar.good("PUT", f"{base}/contacts/{contact['id']}", {"opportunity_role": "Other"})
    assert sugar.get(f"{base}/contacts")["records"][0]["opportunity_role"] == "Other"
    made = sugar.good("POST", f"{base}/contacts", {"last_name": "New", **role})
    assert made["related_record"]["opportunity_role"] == "Influencer"
    many = sugar.good("POST", base, {"link_name": "accounts", "ids": [account["id"]]})
    assert (many["record"]["account_name"], len(many["related_records"])) == ("A", 1)
    assert names(sugar, f"{base}/contacts") == ["C", "New"]
    assert names(sugar, f"Contacts/{contact['id']}/link/opportunities") == ["O"]
    assert sugar.get(f"{base}/contacts/count") == {"record_count": 2, "has_more": False}
    assert sugar.get(f"{base}/contacts/leancount?max_num=1") == {"record_count": 1, "has_more": True}
    sugar.good("DELETE", f"{base}/contacts/{contact['id']}")
    assert names(sugar, f"{base}/contacts") == ["New"]
    assert sugar.refused("DELETE", f"{base}/contacts/{contact['id']}") == (404, "not_found")
    assert sugar.refused("GET", f"{base}/nothing") == (404, "not_found")
    assert sugar.refused("POST", base, {"ids": []}) == (422, "missing_parameter")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("Accounts", {"name": "B", "contacts": {"create": True}}),
        ("Accounts", {"name": "B", "contacts": {"create": ["text"]}}),
        ("Accounts", {"name": "B", "contacts": {"add": [5]}}),
        ("Accounts/a/link", {"link_name": "contacts", "ids": 5}),
        ("globalsearch", {"q": "x", "module_list": {"a": 1}}),
        ("globalsearch", {"q": "x", "offset": "many"}),
    ],
)
def test_malformed_bodies(sugar: Client, path: str, body: dict[str, Any]) -> None:
    sugar.create("Accounts", name="A", id="a")
    assert sugar.refused("POST", path, body) == (422, "invalid_parameter")


def test_a_contacts_accounts(sugar: Client) -> None:
    first, second = (sugar.create("Accounts", name=n)["id"] for n in "AB")
    contact = sugar.create("Contacts", last_name="C", account_id=first)
    path = f"Contacts/{contact['id']}"
    sugar.good("POST", f"{path}/link/accounts/{second}")
    assert sugar.get(path)["account_name"] == "A"
    assert names(sugar, f"{path}/link/accounts") == ["A", "B"]
    moved = sugar.update("Contacts", contact["id"], account_id=second)
    assert (moved["account_name"], names(sugar, f"{path}/link/accounts")) == ("B", ["B"])
    sugar.good("DELETE", f"Accounts/{second}")
    assert sugar.get(path)["account_id"] == ""


def test_nested_writes_in_depth(sugar: Client) -> None:
    known = sugar.create("Contacts", last_name="Known")
    account = sugar.create(
        "Accounts",
        name="A",
        contacts={"create": [{"last_name": "Made", "notes": {"create": [{"name": "N"}]}}], "add": [known["id"]]},
        opportunities={
            "create": [{"name": "O", "contacts": {"add": [{"id": known["id"], "opportunity_role": "Other"}]}}]
        },
    )
    assert names(sugar, f"Accounts/{account['id']}/link/contacts") == ["Known", "Made"]
    (deal,) = sugar.stored("Opportunities")
    assert deal["account_id"] == account["id"]
    assert sugar.get(f"Opportunities/{deal['id']}/link/contacts")["records"][0]["opportunity_role"] == "Other"
    (note,) = sugar.stored("Notes")
    assert sugar.get(f"Contacts/{note['contact_id']}")["name"] == "Made"
    sugar.update("Accounts", account["id"], contacts={"delete": [known["id"]]})
    assert names(sugar, f"Accounts/{account['id']}/link/contacts") == ["Made"]


@pytest.mark.parametrize("module", ["Tasks", "Notes", "Calls", "Meetings"])
def test_activities_hang_on_a_parent(sugar: Client, module: str) -> None:
    case = sugar.create("Cases", name="Broken mug")
    start = {"date_start": "2026-12-01T10:00:00Z", "duration_hours": 1, "duration_minutes": 30}
    made = sugar.create(module, name="Talk", parent_type="Cases", parent_id=case["id"], **start)
    assert made["parent_name"] == "Broken mug"
    if module in ("Calls", "Meetings"):
        assert made["date_end"] == "2026-12-01T11:30:00+00:00"
    assert names(sugar, f"Cases/{case['id']}/link/{module.lower()}") == ["Talk"]
    born = sugar.good("POST", f"Cases/{case['id']}/link/{module.lower()}", {"name": "Again"})["related_record"]
    assert (born["parent_type"], born["parent_id"]) == ("Cases", case["id"])


def test_attachments_of_notes(sugar: Client) -> None:
    note = sugar.create("Notes", name="N", attachments={"create": [{"name": "a.pdf"}]})
    assert names(sugar, f"Notes/{note['id']}/link/attachments") == ["a.pdf"]


def test_cases_are_numbered(sugar: Client) -> None:
    first, second = sugar.create("Cases", name="1", case_number=99), sugar.create("Cases", name="2")
    assert (first["case_number"], second["case_number"], first["priority"]) == (1, 2, "P2")
    assert sugar.update("Cases", first["id"], status="Closed")["resolved_datetime"]


def test_merging(sugar: Client) -> None:
    winner = sugar.create("Contacts", last_name="Keep", email=[{"email_address": "keep@x.example"}])
    account = sugar.create("Accounts", name="A")
    loser = sugar.create(
        "Contacts", last_name="Gone", account_id=account["id"], email=[{"email_address": "gone@x.example"}],
        notes={"create": [{"name": "N"}]}, cases={"create": [{"name": "K"}]},
    )  # fmt: skip
    merged = sugar.control("merge", module="Contacts", winner=winner["id"], losers=[loser["id"]])
    assert [e["email_address"] for e in merged["email"]] == ["keep@x.example", "gone@x.example"]
    assert (merged["account_id"], merged["modified_user_id"]) == (account["id"], "seed_sally_id")
    assert sugar.stored("Notes")[0]["contact_id"] == winner["id"]
    assert names(sugar, f"Contacts/{winner['id']}/link/cases") == ["K"]
    assert sugar.refused("GET", f"Contacts/{loser['id']}") == (404, "not_found")


def test_leads_are_converted(sugar: Client) -> None:
    lead = sugar.create(
        "Leads", first_name="Ann", last_name="Lee", account_name="Lee Ltd", email=[{"email_address": "a@x.example"}]
    )
    body = {"modules": {"Contacts": {"title": "Boss"}, "Accounts": {}, "Opportunities": {"name": "First order"}}}
    answer = sugar.good("POST", f"Leads/{lead['id']}/convert", body)
    assert [r["_module"] for r in answer["modules"]] == ["Leads", "Accounts", "Contacts", "Opportunities"]
    (contact,) = sugar.stored("Contacts")
    assert (contact["title"], contact["email1"], contact["account_name"]) == ("Boss", "a@x.example", "Lee Ltd")
    (kept,) = sugar.stored("Leads")
    assert (kept["status"], kept["converted"], kept["contact_id"]) == ("Converted", True, contact["id"])
    assert sugar.refused("POST", f"Leads/{lead['id']}/convert", body) == (422, "invalid_parameter")
