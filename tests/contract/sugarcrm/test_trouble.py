"""What goes wrong, and what of it heals within the run."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.connectors.base import Write
from app.connectors.lists import totals
from app.errors import Misconfigured, Reauthorize, Retryable
from tests.contract.sugarcrm.conftest import MakeInstance
from tests.contract.sugarcrm.instance import Instance
from tests.contract.sugarcrm.records import buyer, changed, customer, line, order, product

D = Decimal


def test_maintenance_is_html(sugar: Instance) -> None:
    sugar.control("fail", status=503, match="/bulk", body="<html>Down for maintenance</html>")
    with pytest.raises(Retryable) as caught:
        sugar.write(order(1))
    assert caught.value.retry_after is not None and caught.value.code == "HTTP_503"


def test_a_session_that_ends_for_good_is_told(sugar: Instance) -> None:
    for _ in range(2):
        sugar.control("fail", status=401, match="/bulk", body={"error": "need_login", "error_message": "No."})
    with pytest.raises(Reauthorize):
        sugar.write(order(1))
    assert sugar.renewals == 0


def answers(*parts: tuple[int, object]) -> list[dict[str, object]]:
    """What a bulk brings back."""
    return [{"status": status, "contents": contents, "headers": {}, "status_text": ""} for status, contents in parts]


@pytest.mark.parametrize("said", ["Invalid field value: product_template_id", "product_template_id does not exist"])
def test_lines_whose_products_are_refused_go_without(sugar: Instance, said: str) -> None:
    sugar.good(customer(), product(7, 77))
    account = sugar.row("Accounts")["id"]
    refusal = {"error": "invalid_parameter", "error_message": said}
    nothing = {"next_offset": -1, "records": []}
    sugar.control(
        "fail", status=200, match="/bulk",
        body=answers((422, refusal), (200, nothing), (200, {**nothing, "records": [{"id": account}]})),
    )  # fmt: skip
    [outcome] = sugar.good(order(1, line(5), buyer=buyer()))
    assert [flag.code for flag in outcome.flags] == ["PLACEHOLDER_LINE"]
    assert "product_template_id" in outcome.flags[0].message
    assert totals(sugar.crm.sales())["totals"] == {"GBP": D("29.99")}
    assert {row["product_template_id"] for row in sugar.rows("RevenueLineItems")} == {""}
    [mended] = sugar.good(order(1, line(5), buyer=buyer()))
    assert mended.flags == ()
    template = sugar.row("ProductTemplates")["id"]
    assert sugar.row("RevenueLineItems", sync_key="s1-1-5")["product_template_id"] == template


def test_a_line_whose_product_was_deleted_goes_without(sugar: Instance) -> None:
    sugar.good(customer(), product(7, 77))
    sugar.gone.add(("variant", "77"))
    [outcome] = sugar.good(order(1, line(5), buyer=buyer()))
    assert [flag.code for flag in outcome.flags] == ["PLACEHOLDER_LINE"]
    assert totals(sugar.crm.sales())["totals"] == {"GBP": D("29.99")}


def test_strict_instances_take_all_that_we_make(special: MakeInstance) -> None:
    sugar = special(required="strict", strict_dropdowns=True, unique_sync_keys=True, options=("quotes", "activities"))
    sugar.good(product(7, 77))
    sugar.good(order(1, buyer=buyer()))
    sugar.good(changed(order(1, buyer=buyer()), lines=(line(5), line(6))))
    assert len(sugar.rows("Opportunities")) == 1


def test_a_line_item_that_somebody_deleted_comes_again(sugar: Instance) -> None:
    first = order(1, line(5), line(6, variant=78))
    sugar.good(first)
    sugar.api("DELETE", f"/RevenueLineItems/{sugar.row('RevenueLineItems', sync_key='s1-1-6')['id']}")
    sugar.good(changed(first, lines=(line(5), line(6, "30.00", variant=78))))
    assert totals(sugar.crm.sales())["totals"] == {"GBP": D("59.99")} and len(sugar.rows("RevenueLineItems")) == 4


def test_a_deleted_contact_is_not_made_anew_and_orders_do_without(sugar: Instance) -> None:
    sugar.good(customer())
    sugar.api("DELETE", f"/Contacts/{sugar.row('Contacts')['id']}")
    [outcome] = sugar.good(customer(phone="1"))
    assert outcome.gone == {("customer", "42")} and sugar.rows("Contacts") == []
    sugar.good(order(1, buyer=buyer()))
    assert sugar.rows("Contacts") == []
    assert sugar.row("Opportunities")["account_id"] == sugar.row("Accounts")["id"]


def test_an_order_meets_a_deleted_contact(sugar: Instance) -> None:
    sugar.good(customer())
    sugar.api("DELETE", f"/Contacts/{sugar.row('Contacts')['id']}")
    [outcome] = sugar.good(order(1, buyer=buyer()))
    assert outcome.gone == {("customer", "42")} and sugar.rows("Contacts") == []
    assert len(sugar.rows("Opportunities")) == 1


def test_an_order_meets_a_deleted_account(sugar: Instance) -> None:
    sugar.good(customer())
    sugar.api("DELETE", f"/Accounts/{sugar.row('Accounts')['id']}")
    [outcome] = sugar.good(order(1, buyer=buyer()))
    assert outcome.gone == frozenset() and "RECREATED" in [flag.code for flag in outcome.flags]
    account = sugar.row("Accounts")
    assert outcome.made[("account", "42")].ref.id == account["id"]
    assert sugar.row("Opportunities")["account_id"] == account["id"]
    sugar.good(order(2, buyer=buyer()))
    assert {row["account_id"] for row in sugar.rows("Opportunities")} == {account["id"]}


def test_a_customer_without_their_account_gets_no_other(sugar: Instance) -> None:
    sugar.good(customer())
    sugar.api("DELETE", f"/Accounts/{sugar.row('Accounts')['id']}")
    [outcome] = sugar.good(customer(phone="1"))
    assert outcome.gone == {("account", "42")} and sugar.rows("Accounts") == []
    assert sugar.row("Contacts")["phone_work"] == "1"
    sugar.good(order(1, buyer=buyer()), order(2, buyer=buyer()))  # a sale must arrive
    assert {row["account_id"] for row in sugar.rows("Opportunities")} == {sugar.row("Accounts")["id"]}


def test_merged_accounts_are_followed_by_orders(sugar: Instance) -> None:
    sugar.good(customer())
    loser, winner = sugar.row("Accounts")["id"], sugar.make("Accounts", name="Doe Household")
    sugar.control("merge", module="Accounts", winner=winner, losers=[loser])
    [outcome] = sugar.good(order(1, buyer=buyer()))
    assert sugar.row("Opportunities")["account_id"] == winner and len(sugar.rows("Accounts")) == 1
    assert outcome.made[("account", "42")].ref.id == winner


def test_an_id_of_a_deleted_record_is_not_used_again(sugar: Instance) -> None:
    sugar.good(order(1))
    sugar.api("DELETE", f"/Opportunities/{sugar.row('Opportunities')['id']}")
    sugar.links.clear()  # the merchant asked for it to be made again
    sugar.good(order(1))
    assert totals(sugar.crm.sales()) == {"orders": 1, "totals": {"GBP": D("29.99")}}


def test_a_token_that_dies_within_a_bulk(sugar: Instance) -> None:
    expired = {"error": "invalid_grant", "error_message": "expired"}
    fault = [{"contents": expired, "status": 401, "status_text": "Unauthorized", "headers": {}}]
    sugar.good(customer(), product(7, 77))
    sugar.control("fail", status=200, match="/bulk", body=fault)
    sugar.crm.upsert_many([Write("product", "7", product(7, 77, price="11.00"), sugar.as_write(product(7, 77)).known)])
    assert sugar.renewals == 1 and D(sugar.row("ProductTemplates")["discount_price"]) == D("11")


def test_pages_that_the_server_keeps_short(special: MakeInstance) -> None:
    sugar = special(max_num_cap=2)
    orders = [order(n, line(5), line(6), buyer=buyer(n, email=f"b{n}@example.com")) for n in range(1, 6)]
    sugar.good(*orders)
    sugar.good(*(changed(one, lines=(line(5), line(7))) for one in orders))
    sugar.good(*orders, attempt=2)
    assert len(sugar.rows("RevenueLineItems")) == 20
    assert totals(sugar.crm.sales()) == {"orders": 5, "totals": {"GBP": D("249.95")}}


def test_something_else_that_answers(sugar: Instance) -> None:
    sugar.control("fail", status=200, match="/bulk", body="<html>Sign in to the network</html>")
    with pytest.raises(Retryable) as caught:
        sugar.write(order(1))
    assert caught.value.code == "NO_JSON"


@pytest.mark.parametrize("status", [302, 401, 403, 404])
def test_a_gateway_that_answers_kills_no_record(sugar: Instance, status: int) -> None:
    sugar.good(order(1))
    cursor = sugar.crm.changes("Contacts", "").cursor
    for call in (
        sugar.crm.check, lambda: sugar.write(order(2)), lambda: sugar.write(changed(order(1), status="Shipped")),
        lambda: sugar.crm.changes("Contacts", cursor), lambda: totals(sugar.crm.sales()), sugar.crm.users,
    ):  # fmt: skip
        html = {"Content-Type": "text/html"}
        sugar.control("fail", status=status, match="/rest", body="<html>nginx</html>", headers=html)
        with pytest.raises(Retryable) as caught:
            call()
        assert caught.value.code == f"HTTP_{status}"
    assert sugar.renewals == 0
    sugar.good(order(2), changed(order(1), status="Shipped"), attempt=2)
    assert len(sugar.rows("Opportunities")) == 2


def test_users_without_administration_work_too(special: MakeInstance) -> None:
    sugar = special(user="sally")
    assert sugar.facts["is_admin"] is False
    sugar.good(order(1), order(2, buyer=buyer()))
    sugar.links.clear()
    sugar.good(order(1, status="Shipped"), order(2, buyer=buyer()), attempt=2)
    assert len(sugar.rows("Opportunities")) == 2 and len(sugar.rows("Contacts")) == 1
    assert totals(sugar.crm.sales()) == {"orders": 2, "totals": {"GBP": D("59.98")}}
    assert "administrators" in sugar.crm.subscribe("https://app.example/webhooks/sugarcrm/secret")


def test_a_module_that_the_user_does_not_see_is_named(bare: Instance) -> None:
    bare.connect()
    bare.facts["modules"] = [module for module in bare.facts["modules"] if module != "Opportunities"]
    bare.open()
    [outcome] = bare.write(order(1))
    assert isinstance(outcome.error, Misconfigured) and "Opportunities" in outcome.error.message
