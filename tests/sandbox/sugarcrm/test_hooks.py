"""Web logic hooks: snapshots queued when something happens, sent once at the next tick."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox.sugarcrm.conftest import LINE, Client
from tests.sandbox.sugarcrm.receiver import Receiver


def hook(sugar: Client, receiver: Receiver, module: str, event: str, method: str = "POST") -> Any:
    return sugar.create(
        "WebLogicHooks", name=f"{module} {event}", webhook_target_module=module, request_method=method,
        url=f"{receiver.url}/{module}/{event}", trigger_event=event,
    )  # fmt: skip


def test_saves(sugar: Client, receiver: Receiver) -> None:
    hook(sugar, receiver, "Contacts", "after_save")
    made = sugar.create("Contacts", last_name="A", email=[{"email_address": "a@x.example"}])
    sugar.update("Contacts", made["id"], title="Boss")
    assert receiver.got == []
    assert sugar.http.get("/_sandbox/cron").get_json()["waiting"] == 2
    sent = sugar.control("cron")["sent"]
    assert [s["status"] for s in sent] == [200, 200]
    created, changed = sorted((g["body"] for g in receiver.got), key=lambda b: bool(b["isUpdate"]))
    assert (created["bean"], created["isUpdate"], created["dataChanges"]) == ("Contact", False, [])
    assert (created["data"]["title"], created["data"]["email"][0]["email_address"]) == ("", "a@x.example")
    assert created["data"]["modified_user_link"]["full_name"] == "Ada Admin"
    assert changed["dataChanges"] == {
        "title": {"field_name": "title", "data_type": "varchar", "before": "", "after": "Boss"}
    }
    assert {g["path"] for g in receiver.got} == {"/Contacts/after_save"}
    assert sugar.control("cron")["sent"] == []


def test_times_in_the_actors_zone(sugar: Client, sally: Client, receiver: Receiver) -> None:
    hook(sugar, receiver, "Accounts", "after_save")
    sally.create("Accounts", name="A")
    sugar.control("cron")
    assert receiver.got[0]["body"]["data"]["date_modified"][-6:] in ("-05:00", "-04:00")


def test_deletions_relationships_and_logins(sugar: Client, receiver: Receiver) -> None:
    account, contact = sugar.create("Accounts", name="A"), sugar.create("Contacts", last_name="C")
    for module, event in (
        ("Accounts", "after_delete"), ("Accounts", "after_relationship_add"), ("Contacts", "after_relationship_delete"),
        ("Users", "after_login"), ("Users", "after_login_failed"),
    ):  # fmt: skip
        hook(sugar, receiver, module, event)
    path = f"Accounts/{account['id']}/link/contacts/{contact['id']}"
    sugar.good("POST", path)
    sugar.good("DELETE", path)
    sugar.good("DELETE", f"Accounts/{account['id']}")
    sugar.login("api")
    sugar.login("api", password="wrong")
    sugar.control("cron")
    found = {g["path"]: g["body"] for g in receiver.got}
    assert found["/Accounts/after_delete"]["data"]["id"] == account["id"]
    related = found["/Accounts/after_relationship_add"]
    assert (related["related_module"], related["related_id"], related["link"]) == (
        "Contacts",
        contact["id"],
        "contacts",
    )
    assert found["/Contacts/after_relationship_delete"]["related_id"] == account["id"]
    assert found["/Users/after_login"]["bean"] == "User"
    assert "/Users/after_login_failed" in found


def test_roll_ups_are_saves_too(sugar: Client, receiver: Receiver) -> None:
    hook(sugar, receiver, "Opportunities", "after_save")
    sugar.opportunity({"likely_case": "3", **LINE})
    sugar.control("cron")
    amounts = {g["body"]["isUpdate"]: g["body"]["data"]["amount"] for g in receiver.got}
    assert amounts == {False: "0.000000", True: "3.000000"}


def test_failed_deliveries_are_lost(sugar: Client, receiver: Receiver) -> None:
    made = hook(sugar, receiver, "Accounts", "after_save", "PUT")
    receiver.answer = (500, {})
    sugar.create("Accounts", name="A")
    assert [s["status"] for s in sugar.control("cron")["sent"]] == [500]
    assert sugar.control("cron")["sent"] == []
    sugar.update("WebLogicHooks", made["id"], url="http://127.0.0.1:1/")
    sugar.create("Accounts", name="B")
    (lost,) = sugar.control("cron")["sent"]
    assert (lost["status"], lost["error"], receiver.got[0]["method"]) == (0, "ConnectionError", "PUT")
    sugar.good("DELETE", f"WebLogicHooks/{made['id']}")
    sugar.create("Accounts", name="C")
    assert sugar.http.get("/_sandbox/cron").get_json()["waiting"] == 0


def test_bean_names_are_a_switch(sugar: Client, receiver: Receiver) -> None:
    hook(sugar, receiver, "Cases", "after_save")
    sugar.create("Cases", name="K")
    sugar.control("settings", bean_names={"Cases": "aCase"})
    sugar.create("Cases", name="L")
    sugar.control("cron")
    assert {g["body"]["bean"] for g in receiver.got} == {"Case", "aCase"}


@pytest.mark.timeout(30)
def test_the_clock_sends_by_itself(sugar_with: Callable[..., Client], receiver: Receiver) -> None:
    sugar = sugar_with(speed=600.0)
    hook(sugar, receiver, "Accounts", "after_save")
    sugar.create("Accounts", name="A")
    while not receiver.got:
        sugar.get("ping")
    assert receiver.got[0]["body"]["data"]["name"] == "A"
