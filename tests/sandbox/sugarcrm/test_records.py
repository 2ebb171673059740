"""Records: values in and out, lists, e-mails, teams, tags, conflicts, audit."""

from __future__ import annotations

import pytest

from tests.sandbox.sugarcrm.conftest import Client


def test_create_read_change_delete(sugar: Client) -> None:
    row = sugar.create("Accounts", name="Acme", id="own-id", industry="Retail", nonsense="x", created_by="sally")
    assert (row["id"], row["_module"], row["_acl"], row["created_by"]) == ("own-id", "Accounts", {"fields": {}}, "1")
    assert "nonsense" not in row
    changed = sugar.update("Accounts", "own-id", phone_office="1")
    assert (changed["phone_office"], changed["industry"]) == ("1", "Retail")
    assert sugar.refused("POST", "Accounts", {"id": "own-id", "name": "Again"}) == (422, "invalid_parameter")
    assert sugar.good("DELETE", "Accounts/own-id/") == {"id": "own-id"}
    assert sugar.refused("GET", "Accounts/own-id") == (404, "not_found")
    assert sugar.get("Accounts")["records"] == []
    (gone,) = sugar.get("Accounts?deleted=1")["records"]
    assert (gone["id"], gone["deleted"]) == ("own-id", True)
    sugar.control("settings", deleted_argument=False)
    assert sugar.get("Accounts?deleted=1")["records"] == []


def test_pages_and_the_cap(sugar: Client) -> None:
    for n in range(45):
        sugar.create("Accounts", name=f"A{n:02}")
    first = sugar.get("Accounts?order_by=name:ASC&fields=name")
    assert (len(first["records"]), first["next_offset"], first["records"][0]["name"]) == (20, 20, "A00")
    assert set(first["records"][0]) == {"id", "date_modified", "name", "_acl", "_module"}
    last = sugar.get("Accounts?order_by=name&offset=40")
    assert (len(last["records"]), last["next_offset"]) == (5, -1)
    assert sugar.get("Accounts?order_by=name:DESC&max_num=1")["records"][0]["name"] == "A44"
    assert (sugar.get("Accounts/count"), sugar.get("Accounts/filter/count")) == ({"record_count": 45},) * 2
    sugar.control("settings", max_num_cap=30)
    assert sugar.get("Accounts?max_num=1000")["next_offset"] == 30
    assert sugar.refused("GET", "Accounts?order_by=nope") == (422, "invalid_parameter")


def test_fields_with_links(demo: Client) -> None:
    asked = 'name,{"name":"contacts","fields":["last_name"],"order_by":"last_name:desc"}'
    answer = demo.good("GET", f"Accounts?fields={asked}&filter[0][name]=Fjord %26 Pine")
    assert answer["records"][0]["contacts"]["records"][0]["last_name"] == "Solberg"
    body = {"fields": ["name", {"name": "contacts", "fields": ["last_name"]}], "max_num": 1}
    assert demo.good("POST", "Accounts/filter", body)["records"][0]["contacts"]["next_offset"] == -1


def test_values(sugar: Client) -> None:
    row = sugar.create(
        "Campaigns",
        name="C",
        budget=1234.5,
        end_date="2026-12-24T10:00:00Z",
        impressions="7",
        currency_id="currency_gbp",
    )
    assert (row["budget"], row["end_date"], row["impressions"]) == ("1234.500000", "2026-12-24", 7)
    assert (row["currency_id"], row["base_rate"]) == ("currency_gbp", "0.800000")
    task = sugar.create("Tasks", name="T", date_due="2026-07-01T10:23:28.000-04:00")
    assert task["date_due"] == "2026-07-01T14:23:28+00:00"
    for module, body in (
        ("Campaigns", {"budget": "much"}),
        ("Tasks", {"date_due": "soon"}),
        ("Accounts", {"name": {}}),
    ):
        assert sugar.refused("POST", module, {"name": "x", **body}) == (422, "invalid_parameter")
    assert len(sugar.create("Accounts", name="x" * 200)["name"]) == 150
    sugar.control("settings", truncate=False)
    assert sugar.refused("POST", "Accounts", {"name": "x" * 200}) == (422, "invalid_parameter")


def test_times_are_in_the_users_zone(sugar: Client, sally: Client) -> None:
    row = sugar.create("Tasks", name="T", date_due="2026-07-01T12:00:00Z")
    assert sally.get(f"Tasks/{row['id']}")["date_due"] == "2026-07-01T08:00:00-04:00"
    assert sally.create("Tasks", name="U", date_due="2026-01-01T08:00:00")["date_due"].endswith("-05:00")


def test_required_is_a_switch(sugar: Client) -> None:
    assert sugar.create("Opportunities", name="Only a name")["id"]
    sugar.control("settings", required="strict", opps_view_by="Opportunities", strict_dropdowns=True)
    assert sugar.refused("POST", "Opportunities", {"name": "Only a name"}) == (422, "missing_parameter")
    assert sugar.refused("POST", "Contacts", {"first_name": "A"}) == (422, "missing_parameter")
    assert sugar.refused("POST", "Leads", {"last_name": "A", "status": "Odd"}) == (422, "invalid_parameter")


def test_emails_share_one_table(sugar: Client) -> None:
    rows = [{"email_address": "One@x.example"}, {"email_address": "two@x.example", "primary_address": True}]
    contact = sugar.create("Contacts", last_name="A", email=rows)
    assert [(e["email_address"], e["primary_address"]) for e in contact["email"]] == [
        ("One@x.example", False), ("two@x.example", True),
    ]  # fmt: skip
    assert (contact["email1"], contact["email2"]) == ("two@x.example", "One@x.example")
    lead = sugar.create("Leads", last_name="B", email=[{"email_address": "one@X.example", "opt_out": "1"}])
    assert lead["email"][0]["email_address_id"] == contact["email"][0]["email_address_id"]
    assert sugar.get(f"Contacts/{contact['id']}")["email"][0]["opt_out"] is True
    replaced = sugar.update("Contacts", contact["id"], email=[{"email_address": "three@x.example"}])
    assert [e["email_address"] for e in replaced["email"]] == ["three@x.example"]
    assert replaced["email"][0]["primary_address"] is True
    old_way = sugar.update("Contacts", contact["id"], email1="four@x.example")
    assert [e["email_address"] for e in old_way["email"]] == ["four@x.example"]
    assert sugar.found("Contacts", {"email": "FOUR@x.example"}) == ["A"]
    assert sugar.found("Contacts", {"email": "three@x.example"}) == []


def test_teams_hide_records(sugar: Client, sally: Client) -> None:
    shared = sugar.create("Accounts", name="Shared")
    assert [(t["id"], t["primary"]) for t in shared["team_name"]] == [("1", True)]
    teams = [{"id": "team_max"}, {"id": "team_admin", "primary": True}]
    hidden = sugar.create("Accounts", name="Hidden", team_name=teams)
    assert (hidden["team_id"], hidden["team_name"][0]["name"]) == ("team_admin", "Ada")
    assert sally.refused("GET", f"Accounts/{hidden['id']}") == (404, "not_found")
    assert [r["name"] for r in sally.get("Accounts")["records"]] == ["Shared"]
    params = {"uid": [hidden["id"]], "team_name": [{"id": "team_sally"}], "team_name_type": "add"}
    sugar.good("PUT", "Accounts/MassUpdate", {"massupdate_params": params})
    assert len(sally.get(f"Accounts/{hidden['id']}")["team_name"]) == 3


def test_tags_favourites_and_following(sugar: Client) -> None:
    row = sugar.create("Accounts", name="A", tag=["VIP", "shop"])
    assert [t["name"] for t in row["tag"]] == ["VIP", "shop"]
    other = sugar.create("Accounts", name="B", tag=["vip"])
    assert other["tag"][0]["id"] == row["tag"][0]["id"]
    assert sugar.found("Accounts", {"tag": {"$in": ["shop"]}}) == ["A"]
    assert sugar.good("PUT", f"Accounts/{row['id']}/favorite")["my_favorite"] is True
    sugar.good("POST", f"Accounts/{other['id']}/subscribe")
    assert sugar.found("Accounts", favorites=1) == ["A"]
    assert sugar.found("Accounts", {"$following": ""}) == ["B"]
    assert sugar.get("me/following") == [{"module": "Accounts", "record": other["id"]}]
    assert sugar.good("DELETE", f"Accounts/{row['id']}/favorite")["my_favorite"] is False


def test_conflicts(sugar: Client) -> None:
    row = sugar.create("Accounts", name="A")
    path, read = f"Accounts/{row['id']}", row["date_modified"]
    assert sugar.good("PUT", path, {"name": "B"}, X_TIMESTAMP=read)["name"] == "B"
    sugar.control("clock", advance_seconds=5)
    sugar.update("Accounts", row["id"], name="C")
    answer = sugar.call("PUT", path, {"name": "D"}, X_TIMESTAMP=read)
    assert (answer.status_code, answer.get_json()["error"]) == (409, "edit_conflict")
    assert answer.get_json()["record"]["name"] == "C"
    assert sugar.update("Accounts", row["id"], name="E")["name"] == "E"


def test_audit_and_lookalikes(sugar: Client) -> None:
    row = sugar.create("Contacts", first_name="Ann", last_name="Lee", email=[{"email_address": "a@x.example"}])
    sugar.update("Contacts", row["id"], title="Boss")
    (entry,) = sugar.get(f"Contacts/{row['id']}/audit")["records"]
    assert (entry["field_name"], entry["before"], entry["after"]) == ("title", "", "Boss")
    same = sugar.good("POST", "Contacts/duplicateCheck", {"first_name": "ann", "last_name": "lee"})
    assert [r["id"] for r in same["records"]] == [row["id"]]
    by_mail = sugar.good("POST", "Contacts/duplicateCheck", {"email": [{"email_address": "A@x.example"}]})
    assert len(by_mail["records"]) == 1


def test_recently_viewed(sugar: Client) -> None:
    row = sugar.create("Accounts", name="Seen")
    sugar.create("Accounts", name="Unseen")
    sugar.get(f"Accounts/{row['id']}?viewed=1")
    assert [r["name"] for r in sugar.get("Accounts/recent")["records"]] == ["Seen"]
    assert sugar.found("Accounts", {"$tracker": "-7 DAY"}) == ["Seen"]


def test_mass_changes(sugar: Client) -> None:
    ids = [sugar.create("Leads", last_name=f"L{n}")["id"] for n in range(3)]
    body = {"massupdate_params": {"uid": [*ids[:2], "nope"], "status": "Dead"}}
    assert sugar.good("PUT", "Leads/MassUpdate", body) == {"status": "done", "failed": 1}
    assert sugar.found("Leads", {"status": "Dead"}) == ["L0", "L1"]
    sugar.good("DELETE", "Leads/MassUpdate", {"massupdate_params": {"uid": ids}})
    assert sugar.stored("Leads") == []


def test_search_over_modules(demo: Client) -> None:
    found = demo.get("globalsearch?q=fjord&module_list=Accounts,Contacts")
    assert {r["_module"] for r in found["records"]} == {"Accounts", "Contacts"}
    assert found["total"] == 2
    demo.control("settings", search_delay_seconds=60)
    assert demo.good("POST", "globalsearch", {"q": "fjord"})["records"] == []


def test_files_of_notes(sugar: Client) -> None:
    account = sugar.create("Accounts", name="A")
    note = sugar.create("Notes", name="N", parent_type="Accounts", parent_id=account["id"])
    assert note["parent_name"] == "A"
    path = f"/rest/v11_24/Notes/{note['id']}/file/filename"
    headers = {"OAuth-Token": sugar.token}
    answer = sugar.http.put(f"{path}?filename=a.txt", data=b"hello", headers=headers)
    assert answer.get_json()["filename"]["name"] == "a.txt"
    assert sugar.http.get(path, headers=headers).data == b"hello"
    (stored,) = sugar.stored("Notes")
    assert (stored["filename"], stored["file_mime_type"], stored["file_size"]) == ("a.txt", "text/plain", 5)
    assert sugar.good("DELETE", path)["record"]["filename"] == ""
    assert sugar.refused("GET", path) == (404, "not_found")


@pytest.mark.parametrize(
    ("module", "body"),
    [
        ("ProductTemplates", {"name": "P"}), ("Users", {"last_name": "U"}), ("Teams", {"name": "T"}),
        ("Currencies", {"name": "C"}), ("WebLogicHooks", {"name": "H"}),
    ],
)  # fmt: skip
def test_what_only_administrators_may_write(sugar: Client, sally: Client, module: str, body: dict[str, str]) -> None:
    assert sally.refused("POST", module, body) == (403, "not_authorized")
    assert sugar.create(module, **body)["id"]
