"""What the instance says of itself and of its user."""

from __future__ import annotations

from tests.sandbox.sugarcrm.conftest import Client


def test_me(sugar: Client, sally: Client) -> None:
    admin, user = (c.get("me")["current_user"] for c in (sugar, sally))
    assert (admin["type"], user["type"], user["full_name"]) == ("admin", "user", "Sally Bronsen")
    assert (admin["preferences"]["timezone"], user["preferences"]["timezone"]) == ("UTC", "America/New_York")
    assert {t["name"] for t in user["my_teams"]} == {"Global", "Sally"}


def test_preferences_move_the_user(sugar: Client) -> None:
    assert sugar.create("Accounts", name="A")["date_modified"].endswith("+00:00")
    sugar.good("PUT", "me/preference/timezone", {"value": "Asia/Tokyo"})
    assert sugar.get("me/preference/timezone") == "Asia/Tokyo"
    assert sugar.create("Accounts", name="B")["date_modified"].endswith("+09:00")


def test_fields(sugar: Client) -> None:
    found = sugar.get("metadata?type_filter=modules&module_filter=Accounts,Opportunities,Contacts")
    assert set(found["modules"]) == {"Accounts", "Opportunities", "Contacts"}
    fields = found["modules"]["Accounts"]["fields"]
    assert (fields["name"]["type"], fields["name"]["len"], fields["name"]["required"]) == ("name", 150, True)
    assert fields["account_type"]["options"] == "account_type_dom"
    assert (fields["contacts"]["type"], fields["contacts"]["module"]) == ("link", "Contacts")
    assert fields["date_modified"]["readonly"] is True
    relate = found["modules"]["Contacts"]["fields"]["account_name"]
    assert (relate["type"], relate["id_name"], relate["module"], relate["source"]) == (
        "relate", "account_id", "Accounts", "non-db",
    )  # fmt: skip
    assert found["modules"]["Opportunities"]["fields"]["amount"]["calculated"] is True


def test_module_list_server_and_currencies(demo: Client) -> None:
    found = demo.get("metadata?type_filter=full_module_list,server_info,currencies")
    assert set(found) >= {"full_module_list", "server_info", "currencies", "_hash"}
    assert "modules" not in found
    assert "_hash" in found["full_module_list"]
    assert {"Accounts", "RevenueLineItems", "Quotes"} <= set(found["full_module_list"])
    assert found["currencies"]["-99"]["conversion_rate"] == "1.000000"
    assert {row["iso4217"] for row in found["currencies"].values()} == {"USD", "EUR", "GBP"}
    assert demo.get("ServerInfo")["flavor"] == "ENT"
    assert {r["iso4217"] for r in demo.get("Currencies")["records"]} == {"USD", "EUR", "GBP"}
    demo.control("settings", list_base_currency=False)
    assert {r["iso4217"] for r in demo.get("Currencies")["records"]} == {"EUR", "GBP"}


def test_both_modes_of_opportunities(sugar: Client) -> None:
    def mode() -> str:
        found: str = sugar.get("metadata?module_filter=Opportunities")["modules"]["Opportunities"]["config"][
            "opps_view_by"
        ]
        return found

    assert mode() == "RevenueLineItems"
    before = sugar.get("metadata/_hash")
    sugar.control("settings", opps_view_by="Opportunities")
    assert mode() == "Opportunities"
    assert sugar.get("metadata/_hash") != before
    assert "RevenueLineItems" not in sugar.get("metadata")["full_module_list"]
    assert sugar.refused("GET", "RevenueLineItems") == (404, "not_found")


def test_dropdowns(sugar: Client) -> None:
    assert sugar.get("Cases/enum/priority") == {"P1": "High", "P2": "Medium", "P3": "Low"}
    assert sugar.refused("GET", "Cases/enum/name") == (404, "not_found")
    strings = sugar.get("lang/en_us")["app_list_strings"]
    assert strings["sales_stage_dom"]["Closed Won"] == "Closed Won"
    assert sugar.http.get("/rest/v11_24/metadata/public").status_code == 200


def test_custom_fields(sugar: Client) -> None:
    row = sugar.create("Accounts", name="A", bc_id_c="ignored")
    assert "bc_id_c" not in row
    made = sugar.control("fields", module="Accounts", name="bc_id", type="varchar", len=40)
    assert (made["name"], made["len"], made["source"]) == ("bc_id_c", 40, "custom_fields")
    sugar.control("fields", module="Accounts", name="spent_c", type="currency")
    sugar.control("fields", module="Accounts", name="tier_c", type="enum", values=["Gold", "Tin"])
    assert sugar.update("Accounts", row["id"], bc_id_c="7", spent_c=12)["spent_c"] == "12.000000"
    assert sugar.found("Accounts", {"bc_id_c": "7"}) == ["A"]
    fields = sugar.get("metadata?module_filter=Accounts")["modules"]["Accounts"]["fields"]
    assert fields["tier_c"]["options"] == "tier_c_list"
    assert sugar.get("Accounts/enum/tier_c") == {"Gold": "Gold", "Tin": "Tin"}
    assert sugar.http.post("/_sandbox/fields", json={"module": "No", "name": "x"}).status_code == 422
