"""Carts: leads, or opportunities of known contacts, and what becomes of them."""

from __future__ import annotations

from decimal import Decimal

from app.connectors.lists import totals
from tests.contract.sugarcrm.conftest import MakeInstance
from tests.contract.sugarcrm.instance import Instance
from tests.contract.sugarcrm.records import buyer, cart, customer, guest, line, order

D = Decimal


def test_a_cart_is_a_lead(sugar: Instance) -> None:
    sugar.good(cart())
    lead = sugar.row("Leads")
    assert (lead["status"], lead["opportunity_amount"], lead["sync_key"]) == ("New", "20.00 GBP", "s1-cart-c1")
    assert "2 x Thing 77" in lead["description"] and lead["email"][0]["email_address"] == "jane@example.com"
    sugar.good(cart(amount=D("30.00")))
    assert sugar.row("Leads")["opportunity_amount"] == "30.00 GBP"
    sugar.links.clear()
    sugar.good(cart(), attempt=2)
    assert len(sugar.rows("Leads")) == 1


def test_a_cart_of_nobody_is_nothing(sugar: Instance) -> None:
    sugar.good(cart(who=guest("")))
    assert sugar.rows("Leads") == []


def test_a_recovered_cart_is_converted(sugar: Instance) -> None:
    sugar.good(cart())
    sugar.good(order(1, cart_id="c1"))
    lead = sugar.row("Leads")
    assert (lead["status"], lead["converted"]) == ("Converted", True)
    assert (lead["contact_id"], lead["account_id"]) == (sugar.row("Contacts")["id"], sugar.row("Accounts")["id"])
    assert lead["opportunity_id"] == sugar.row("Opportunities")["id"]
    sugar.calls()
    sugar.good(cart(order_id="1"))
    assert sugar.calls() == [] and len(sugar.rows("Opportunities")) == 1


def test_a_cart_that_is_recovered_before_its_order_arrives(sugar: Instance) -> None:
    sugar.good(cart())
    sugar.good(cart(order_id="1", who=guest(""), lines=()))
    assert sugar.row("Leads")["status"] == "Converted"
    sugar.good(order(1, cart_id="c1"))
    assert sugar.row("Leads")["opportunity_id"] == sugar.row("Opportunities")["id"]


def test_a_cart_whose_order_came_first(sugar: Instance) -> None:
    sugar.good(order(1, cart_id="c1"))
    sugar.good(cart())
    sugar.good(cart(order_id="1"))
    lead = sugar.row("Leads")
    assert (lead["converted"], lead["opportunity_id"]) == (True, sugar.row("Opportunities")["id"])


def test_without_the_call_that_converts_the_lead_says_so_itself(sugar: Instance) -> None:
    sugar.good(order(1, cart_id="c1"))
    sugar.good(cart())
    sugar.control("fail", status=404, match="/convert", body={"error": "no_method", "error_message": "none"})
    sugar.good(cart(order_id="1"))
    assert sugar.row("Leads")["status"] == "Converted"


def test_a_lead_that_people_converted_is_left_alone(sugar: Instance) -> None:
    sugar.good(cart(), cart("c2", guest("roe@example.com")))
    first, second = sugar.links[("cart", "c1")].ref.id, sugar.links[("cart", "c2")].ref.id
    for lead in (first, second):
        sugar.api("POST", f"/Leads/{lead}/convert", {"modules": {"Contacts": {}, "Accounts": {"name": "Doe"}}})
    sugar.good(cart(amount=D("99.00")))
    assert sugar.row("Leads", id=first)["opportunity_amount"] == "20.00 GBP"
    [outcome] = sugar.good(order(1, buyer=guest("roe@example.com"), cart_id="c2"))
    assert "NOT_CONVERTED" not in [flag.code for flag in outcome.flags]
    assert outcome.made[("cart", "c2")].children == ("converted",)
    assert len(sugar.rows("Contacts")) == 2


def test_a_lead_that_people_deleted_is_not_made_anew(sugar: Instance) -> None:
    sugar.good(cart())
    sugar.api("DELETE", f"/Leads/{sugar.row('Leads')['id']}")
    [outcome] = sugar.good(cart(amount=D("99.00")))
    assert outcome.gone == {("cart", "c1")} and sugar.rows("Leads") == []


def test_a_cart_that_is_gone_is_dead(sugar: Instance) -> None:
    sugar.good(cart())
    assert sugar.archive("cart", "c1").error is None
    assert sugar.row("Leads")["status"] == "Dead"


def test_the_cart_of_a_known_contact_becomes_the_orders_opportunity(special: MakeInstance) -> None:
    sugar = special(options=("carts_as_opportunities",))
    sugar.good(customer())
    sugar.good(cart(who=buyer()), cart("c2", guest("new@example.com")))
    deal = sugar.row("Opportunities")
    assert (D(deal["amount"]), deal["sales_stage"], deal["account_id"]) == (
        D("20"), "Proposal/Price Quote", sugar.row("Accounts")["id"],
    )  # fmt: skip
    assert len(sugar.rows("Leads")) == 1  # the stranger's
    assert totals(sugar.crm.sales()) == {"orders": 0, "totals": {}}
    sugar.good(cart(who=buyer(), amount=D("25.00")))
    assert D(sugar.row("Opportunities")["amount"]) == D("25")
    sugar.good(order(1, line(5), buyer=buyer(), cart_id="c1"))
    taken = sugar.row("Opportunities")
    assert (taken["id"], taken["name"], D(taken["amount"])) == (deal["id"], "Order 1", D("29.99"))
    assert taken["sync_key"] == "s1-1" and len(sugar.rows("RevenueLineItems")) == 3
    sugar.good(cart(who=buyer(), order_id="1"))
    assert totals(sugar.crm.sales()) == {"orders": 1, "totals": {"GBP": D("29.99")}}


def test_a_cart_whose_order_has_its_own_opportunity_is_lost(special: MakeInstance) -> None:
    sugar = special(options=("carts_as_opportunities",))
    sugar.good(customer())
    sugar.good(order(1, buyer=buyer()))
    sugar.good(cart(who=buyer()))
    sugar.good(cart(who=buyer(), order_id="1"))
    stages = {row["sync_key"]: row["sales_stage"] for row in sugar.rows("Opportunities")}
    assert stages == {"s1-1": "Closed Won", "s1-cart-c1": "Closed Lost"}
    assert totals(sugar.crm.sales()) == {"orders": 1, "totals": {"GBP": D("29.99")}}


def test_a_carts_opportunity_is_found_again(special: MakeInstance) -> None:
    sugar = special(options=("carts_as_opportunities",))
    sugar.good(customer())
    sugar.good(cart(who=buyer()))
    sugar.links = {key: place for key, place in sugar.links.items() if key[0] != "cart"}
    sugar.good(cart(who=buyer(), amount=D("21.00")), attempt=2)
    assert D(sugar.row("Opportunities")["amount"]) == D("21") and len(sugar.rows("RevenueLineItems")) == 1


def test_carts_as_opportunities_without_line_items(special: MakeInstance) -> None:
    sugar = special(options=("carts_as_opportunities",), opps_view_by="Opportunities")
    sugar.good(customer())
    sugar.good(cart(who=buyer()))
    assert D(sugar.row("Opportunities")["amount"]) == D("20")
    sugar.archive("cart", "c1")
    assert sugar.row("Opportunities")["sales_stage"] == "Closed Lost"
