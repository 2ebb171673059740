"""Upserts and relationships by external key."""

from __future__ import annotations

from tests.sandbox.sugarcrm.conftest import Client

KEY = "bc%3Astore%2F1%3Acustomer%3A7"
PLAIN = "bc:store/1:customer:7"


def test_upserts(sugar: Client) -> None:
    made = sugar.good("PATCH", f"Contacts/sync_key/{KEY}", {"last_name": "A"}, 201)
    again = sugar.good("PATCH", f"Contacts/sync_key/{KEY}", {"title": "Boss"})
    assert made == again == {"record": made["record"]}
    (row,) = sugar.stored("Contacts")
    assert (row["id"], row["sync_key"], row["title"], row["last_name"]) == (made["record"], PLAIN, "Boss", "A")
    named = sugar.good("PATCH", f"integrate/Contacts/sync_key/{KEY}", {"title": "B", "fields": "title,last_name"})
    assert named == {"record": {"title": "B", "last_name": "A"}}
    by_body = sugar.good("PATCH", "integrate/Contacts", {"sync_key_field_value": "k2", "last_name": "Z"}, 201)
    assert sugar.get("integrate/Contacts?sync_key_field_value=k2")["record"]["id"] == by_body["record"]
    assert sugar.good("PUT", "Contacts/sync_key/k3", {"last_name": "Y"}, 201)["record"]


def test_upserts_bring_nested_records(sugar: Client) -> None:
    line = {"name": "L", "likely_case": "3", "sales_stage": "Closed Won", "date_closed": "2026-12-01"}
    made = sugar.good("PATCH", "Opportunities/sync_key/o1", {"name": "O", "revenuelineitems": {"create": [line]}}, 201)
    assert sugar.get(f"Opportunities/{made['record']}")["amount"] == "3.000000"


def test_reading_and_deleting(sugar: Client) -> None:
    made = sugar.good("PATCH", "Accounts/sync_key/k", {"name": "A"}, 201)
    assert sugar.get("integrate/Accounts/sync_key/k")["record"]["name"] == "A"
    assert sugar.good("DELETE", "integrate/Accounts/sync_key/k") == {"record": made["record"]}
    assert sugar.refused("GET", "integrate/Accounts/sync_key/k") == (404, "not_found")
    assert sugar.refused("DELETE", "integrate/Accounts", {"sync_key_field_value": "k"}) == (404, "not_found")
    assert sugar.refused("PATCH", "integrate/Accounts", {"name": "A"}) == (422, "missing_parameter")


def test_only_put_gives_a_record_its_key(sugar: Client) -> None:
    row = sugar.create("Accounts", name="Known")
    sugar.good("PATCH", "Accounts/sync_key/k", {"name": "Known"}, 201)
    assert len(sugar.stored("Accounts")) == 2
    other = sugar.create("Accounts", name="Other")
    assert sugar.good("PUT", f"integrate/Accounts/{row['id']}", {"sync_key_field_value": "k2"}) == {"success": True}
    assert sugar.good("PUT", f"integrate/Accounts/{other['id']}/sync_key/k3") == {"success": True}
    assert sugar.good("PATCH", "Accounts/sync_key/k2", {"phone_office": "1"}) == {"record": row["id"]}
    assert sugar.refused("PUT", f"integrate/Accounts/{other['id']}/sync_key/k2") == (422, "invalid_parameter")
    assert sugar.refused("PUT", "integrate/Accounts/nope/sync_key/k9") == (404, "not_found")


def test_other_key_fields(sugar: Client) -> None:
    sugar.control("fields", module="Accounts", name="erp_c", type="varchar")
    made = sugar.good("PATCH", "integrate/Accounts/erp_c/E1", {"name": "A"}, 201)
    assert sugar.good("PATCH", "integrate/Accounts/erp_c/E1", {"name": "B"}) == made
    assert sugar.refused("PATCH", "integrate/Accounts/ownership/E1", {}) == (422, "invalid_parameter")


def test_administrators_only(sugar: Client, sally: Client) -> None:
    for method, path in (
        ("PATCH", "Accounts/sync_key/k"), ("GET", "integrate/Accounts/sync_key/k"),
        ("PUT", "integrate/Accounts/1/sync_key/k"),
        ("DELETE", "integrate/Accounts/sync_key/k"), ("POST", "Accounts/a/link_by_sync_keys/contacts/b"),
    ):  # fmt: skip
        assert sally.refused(method, path, {}) == (403, "not_authorized")
    assert sugar.stored("Accounts") == []


def test_relating_by_keys(sugar: Client) -> None:
    left = sugar.good("PATCH", "Accounts/sync_key/a", {"name": "A"}, 201)["record"]
    right = sugar.good("PATCH", "Contacts/sync_key/c", {"last_name": "C"}, 201)["record"]
    path = "Accounts/a/link_by_sync_keys/contacts/c"
    assert sugar.good("POST", path) == {"record": left, "related_record": right}
    assert sugar.get(f"Contacts/{right}")["account_id"] == left
    assert sugar.good("DELETE", path)["related_record"] == right
    sugar.good("POST", "integrate/Accounts/sync_key/a/link/contacts/sync_key/c")
    assert sugar.get(f"Contacts/{right}")["account_id"] == left
    assert sugar.refused("POST", "Accounts/a/link_by_sync_keys/contacts/x") == (422, "invalid_parameter")
