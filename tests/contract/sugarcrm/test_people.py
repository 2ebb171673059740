"""One person, one contact: links, keys, e-mail addresses, companies, leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.connectors.lists import totals
from app.connectors.sugarcrm.client import Answer, Request
from tests.contract.sugarcrm.conftest import MakeInstance
from tests.contract.sugarcrm.instance import Instance
from tests.contract.sugarcrm.records import HOME, buyer, company, customer, guest, order, registered


def emails(row: dict[str, object]) -> list[tuple[str, bool]]:
    found = row["email"]
    assert isinstance(found, list)
    return [(one["email_address"], one["primary_address"]) for one in found]


def test_create_repeat_update(sugar: Instance) -> None:
    sugar.good(customer(company="Doe Ltd"))
    assert (sugar.row("Accounts")["name"], sugar.row("Contacts")["last_name"]) == ("Doe Ltd", "Doe")
    assert sugar.row("Contacts")["account_id"] == sugar.row("Accounts")["id"]
    assert sugar.row("Contacts")["primary_address_city"] == sugar.row("Accounts")["billing_address_city"] == "London"
    assert (sugar.row("Contacts")["sync_key"], sugar.row("Accounts")["sync_key"]) == ("s1-42", "s1-42")
    sugar.good(customer(company="Doe Ltd"))
    sugar.links.clear()
    [linked] = sugar.good(customer(company="Doe plc", phone="555"), attempt=2)
    assert linked.ours == {("customer", "42"), ("account", "42")} and sugar.row("Accounts")["name"] == "Doe Ltd"
    sugar.good(customer(company="Doe plc", phone="555"))
    assert (sugar.row("Accounts")["name"], sugar.row("Contacts")["phone_work"]) == ("Doe plc", "555")


def test_lost_links_make_no_doubles_even_on_a_first_attempt(sugar: Instance) -> None:
    sugar.good(order(1), order(2, buyer=buyer()))
    sugar.links.clear()
    sugar.good(order(1, status="Shipped"), order(2, buyer=buyer()))
    assert len(sugar.rows("Opportunities")) == 2 and len(sugar.rows("RevenueLineItems")) == 6
    assert len(sugar.rows("Contacts")) == len(sugar.rows("Accounts")) == 1


def test_addresses_that_people_added_stay(sugar: Instance) -> None:
    sugar.good(customer())
    contact = sugar.row("Contacts")["id"]
    added = [
        {"email_address": "jane@example.com", "primary_address": True},
        {"email_address": "private@example.com", "primary_address": False, "opt_out": True},
    ]
    sugar.api("PUT", f"/Contacts/{contact}", {"email": added})
    sugar.good(customer(first_name="Janet"))
    assert emails(sugar.row("Contacts")) == [("jane@example.com", True), ("private@example.com", False)]
    sugar.good(customer(email="new@example.com"))
    row = sugar.row("Contacts")
    assert sorted(emails(row)) == [
        ("jane@example.com", False), ("new@example.com", True), ("private@example.com", False),
    ]  # fmt: skip
    assert [one["opt_out"] for one in row["email"] if one["email_address"] == "private@example.com"] == [True]


def test_an_address_that_is_added_meanwhile_stays(sugar: Instance) -> None:
    sugar.good(customer())
    contact = sugar.row("Contacts")["id"]
    send = sugar.crm.client.many

    def meddled(requests: Sequence[Request]) -> list[Answer]:
        if any(one.method == "PUT" for one in requests):
            sugar.crm.client.many = send  # type: ignore[method-assign]  # once
            sugar.control("clock", advance_seconds=5)
            added = [
                {"email_address": "jane@example.com", "primary_address": True}, {"email_address": "added@example.com"},
            ]  # fmt: skip
            sugar.api("PUT", f"/Contacts/{contact}", {"email": added})
        return send(requests)

    sugar.crm.client.many = meddled  # type: ignore[method-assign]  # somebody saves between our reading and writing
    sugar.good(customer(email="new@example.com"))
    assert {one for one, _ in emails(sugar.row("Contacts"))} == {
        "jane@example.com", "added@example.com", "new@example.com",
    }  # fmt: skip


def test_what_the_store_does_not_know_is_blanked_only_where_both_sides_were_merged(sugar: Instance) -> None:
    sugar.switches["customer_edits"] = False
    sugar.open()
    sugar.good(customer())
    contact = sugar.row("Contacts")["id"]
    sugar.api("PUT", f"/Contacts/{contact}", {"phone_mobile": "1", "phone_work": "2"})
    nameless = customer(billing=replace(HOME, phone=""), first_name="Janet")
    sugar.good(nameless)
    row = sugar.row("Contacts")
    assert (row["first_name"], row["phone_mobile"], row["phone_work"]) == ("Janet", "1", "2")
    sugar.switches["customer_edits"] = True
    sugar.open()
    sugar.good(nameless)
    assert (sugar.row("Contacts")["phone_mobile"], sugar.row("Contacts")["phone_work"]) == ("1", "")


def test_a_guest_registers(sugar: Instance) -> None:
    sugar.good(order(buyer=guest()))
    sugar.good(customer())
    assert sugar.row("Contacts")["sync_key"] == "s1-42" == sugar.row("Accounts")["sync_key"]
    sugar.links = {key: place for key, place in sugar.links.items() if not key[1].startswith("guest:")}
    [again] = sugar.good(order(1002, buyer=guest()))
    assert ("customer", "guest:jane@example.com") not in again.made
    assert len(sugar.rows("Contacts")) == 1 and sugar.row("Contacts")["sync_key"] == "s1-42"


def test_a_guest_and_a_customer_of_one_e_mail_in_one_batch_are_one(sugar: Instance) -> None:
    sugar.good(order(1, buyer=guest()), order(2, buyer=buyer()), order(3, buyer=guest("x@example.com")))
    assert {row["sync_key"] for row in sugar.rows("Contacts")} == {"s1-42", "s1-guest:x@example.com"}
    assert len({row["account_id"] for row in sugar.rows("Opportunities")}) == 2


def test_an_order_never_overwrites_its_buyer(sugar: Instance) -> None:
    sugar.good(customer(first_name="Janet"))
    sugar.good(order(buyer=buyer(first_name="J.")))
    assert sugar.row("Contacts")["first_name"] == "Janet"
    assert sugar.row("Opportunities")["account_id"] == sugar.row("Accounts")["id"]


def test_a_contact_with_the_same_e_mail_is_adopted_with_its_account(sugar: Instance) -> None:
    account = sugar.make("Accounts", name="Acme")
    there = [{"email_address": "JANE@example.com", "primary_address": True}]
    contact = sugar.make("Contacts", last_name="Doe", email=there, account_id=account)
    [outcome] = sugar.good(customer())
    assert outcome.flags == () and outcome.matched == {("customer", "42")}
    row = sugar.row("Contacts")
    assert (row["id"], row["sync_key"], row["first_name"]) == (contact, "s1-42", "")  # only linked so far
    sugar.good(customer(first_name="Janet"))
    assert sugar.row("Accounts")["name"] == "Acme" and sugar.row("Contacts")["first_name"] == "Janet"
    sugar.good(order(buyer=buyer()))
    assert sugar.row("Opportunities")["account_id"] == account


def test_somebody_elses_key_is_used_and_never_claimed(sugar: Instance) -> None:
    there = [{"email_address": "jane@example.com", "primary_address": True}]
    contact = sugar.make("Contacts", last_name="Roe", email=there, sync_key="erp:7")
    [outcome] = sugar.good(customer())
    assert ("customer", "42") not in outcome.made
    assert (sugar.row("Contacts")["sync_key"], sugar.row("Contacts")["last_name"]) == ("erp:7", "Roe")
    sugar.good(order(buyer=buyer()))
    [linked] = sugar.api("GET", f"/Opportunities/{sugar.row('Opportunities')['id']}/link/contacts")["records"]
    assert linked["id"] == contact


def test_several_matches_take_the_oldest_and_ask_for_a_merge(sugar: Instance) -> None:
    there = [{"email_address": "jane@example.com", "primary_address": True}]
    oldest = sugar.make("Contacts", last_name="Doe", email=there)
    sugar.control("clock", advance_seconds=60)
    sugar.make("Contacts", last_name="Doe-Smith", email=there)
    [outcome] = sugar.good(order())
    assert [flag.code for flag in outcome.flags] == ["AMBIGUOUS_PERSON"]
    assert outcome.made[("customer", "guest:jane@example.com")].ref.id == oldest


def test_two_customers_with_one_e_mail_stay_two(sugar: Instance) -> None:
    sugar.good(customer(42))
    [outcome] = sugar.good(customer(43))
    assert [flag.code for flag in outcome.flags] == ["AMBIGUOUS_PERSON"]
    assert {row["sync_key"] for row in sugar.rows("Contacts")} == {"s1-42", "s1-43"}


def test_two_stores_share_an_instance(sugar: Instance) -> None:
    other = sugar.other("s2")
    sugar.good(order(1, buyer=buyer()))
    other.good(order(1, buyer=buyer(), total=order(1).total))
    assert {row["sync_key"] for row in sugar.rows("Opportunities")} == {"s1-1", "s2-1"}
    assert len(sugar.rows("Contacts")) == 1 and sugar.row("Contacts")["sync_key"] == "s1-42"
    assert totals(sugar.crm.sales())["orders"] == totals(other.crm.sales())["orders"] == 1


def test_a_bad_e_mail_address_does_not_lose_the_record(sugar: Instance) -> None:
    [outcome] = sugar.good(customer(email="no address"))
    assert [flag.code for flag in outcome.flags] == ["INVALID_EMAIL"]
    assert sugar.row("Contacts")["email"] == []


def test_a_company_and_its_people(sugar: Instance) -> None:
    sugar.good(customer(42, company="Acme"))
    sugar.good(company(5, 42))
    acme = sugar.row("Accounts", sync_key="s1-company-5")
    assert (acme["name"], acme["billing_address_city"], acme["account_type"]) == ("Acme Ltd", "London", "Customer")
    assert sugar.row("Contacts")["account_id"] == acme["id"]
    sugar.good(customer(43, "roe@example.com", company_id="5"))
    assert len(sugar.rows("Accounts")) == 2  # none for the colleague
    sugar.good(order(buyer=buyer(43, email="roe@example.com", company_id="5")))
    assert sugar.row("Opportunities")["account_id"] == acme["id"]
    sugar.good(company(5, 42, 43, phone="556"))
    assert sugar.row("Accounts", sync_key="s1-company-5")["phone_office"] == "556"


def test_a_company_that_people_there_know_is_adopted(sugar: Instance) -> None:
    there = sugar.make("Accounts", name="ACME LTD", industry="Retail")
    sugar.good(company(5))
    row = sugar.row("Accounts")
    assert (row["id"], row["sync_key"], row["industry"]) == (there, "s1-company-5", "Retail")


def test_groups_become_account_types_where_the_list_has_them(special: MakeInstance) -> None:
    sugar = special(options=("groups_as_account_type",), fields=True)
    sugar.good(customer(1, "a@example.com", group="reseller"), customer(2, "b@example.com", group="Gold"))
    types = {row["sync_key"]: (row["account_type"], row["bc_group_c"]) for row in sugar.rows("Accounts")}
    assert types == {"s1-1": ("Reseller", "reseller"), "s1-2": ("Customer", "Gold")}


def test_a_registration_is_a_lead_until_the_first_order(special: MakeInstance) -> None:
    sugar = special(options=("registrations_as_leads",))
    sugar.good(registered(phone="1"))
    sugar.good(registered(phone="2"))
    lead = sugar.row("Leads")
    assert (lead["sync_key"], lead["status"], lead["phone_work"]) == ("s1-42", "New", "2")
    assert sugar.rows("Contacts") == []
    sugar.good(order(1, buyer=buyer()))
    lead, contact = sugar.row("Leads"), sugar.row("Contacts")
    assert (lead["status"], lead["converted"], lead["contact_id"]) == ("Converted", True, contact["id"])
    modified = lead["date_modified"]
    sugar.control("clock", advance_seconds=60)
    sugar.good(order(2, buyer=buyer()))
    sugar.good(customer(has_ordered=True))
    assert sugar.row("Leads")["date_modified"] == modified and len(sugar.rows("Contacts")) == 1


def test_a_registration_that_people_converted_is_a_contact(special: MakeInstance) -> None:
    sugar = special(options=("registrations_as_leads",))
    sugar.good(registered())
    lead = sugar.row("Leads")["id"]
    sugar.api("POST", f"/Leads/{lead}/convert", {"modules": {"Contacts": {}, "Accounts": {"name": "Doe"}}})
    [outcome] = sugar.good(registered(phone="7"))
    assert outcome.made[("lead", "42")].children == ("converted",)
    contact = sugar.row("Contacts")
    assert (contact["sync_key"], outcome.matched) == (
        "s1-42",
        frozenset({("customer", "42")}),
    )  # theirs, and only linked so far
    sugar.good(registered(phone="7"))
    assert sugar.row("Contacts")["phone_work"] == "7"
    assert sugar.row("Leads")["phone_work"] != "7"


def test_a_registration_that_people_deleted_is_not_made_anew(special: MakeInstance) -> None:
    sugar = special(options=("registrations_as_leads",))
    sugar.good(registered())
    sugar.api("DELETE", f"/Leads/{sugar.row('Leads')['id']}")
    [outcome] = sugar.good(registered(phone="7"))
    assert outcome.gone == {("lead", "42")} and sugar.rows("Leads") == [] == sugar.rows("Contacts")
    sugar.good(order(1, buyer=buyer()))
    assert len(sugar.rows("Contacts")) == 1


def test_a_registration_of_a_known_contact_is_no_lead(special: MakeInstance) -> None:
    sugar = special(options=("registrations_as_leads",))
    sugar.make("Contacts", last_name="Doe", email=[{"email_address": "jane@example.com", "primary_address": True}])
    sugar.good(registered())
    assert sugar.rows("Leads") == [] and sugar.row("Contacts")["sync_key"] == "s1-42"


def test_owners_are_set_when_records_are_made(sugar: Instance) -> None:
    user = next(one for one in sugar.crm.users() if one.id != sugar.facts["user_id"])
    write = replace(sugar.as_write(order(1)), owners={"account": user.id, "opportunity": user.id})
    [outcome] = sugar.crm.upsert_many([write])
    assert outcome.error is None
    owners = {module: sugar.row(module)["assigned_user_id"] for module in ("Accounts", "Contacts", "Opportunities")}
    assert set(owners.values()) == {user.id}
