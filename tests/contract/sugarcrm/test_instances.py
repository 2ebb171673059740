"""Instances differ: whatever an administrator chose, amounts agree and nothing is doubled."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.connectors.lists import totals
from tests.contract.sugarcrm.conftest import MakeInstance
from tests.contract.sugarcrm.records import (
    HOME,
    buyer,
    cancelled,
    cart,
    changed,
    company,
    customer,
    line,
    order,
    product,
    refund,
)

D = Decimal
EVERYTHING = ("quotes", "activities", "carts_as_opportunities", "registrations_as_leads", "groups_as_account_type")


@pytest.mark.parametrize(
    "settings",
    [
        {"required": "strict", "strict_dropdowns": True, "truncate": False},
        {"lost_lines_count": False, "close_date": "earliest"},
        {"likely_from_price": True, "cascade_fields": False},
        {"list_base_currency": False, "deleted_argument": False, "max_num_cap": 3},
        {"unique_sync_keys": False},
        {"opps_view_by": "Opportunities", "required": "strict"},
    ],
    ids=str,
)
def test_a_whole_story(special: MakeInstance, settings: dict[str, Any]) -> None:
    sugar = special(options=EVERYTHING, fields=True, **settings)
    long = customer(
        43, "long@example.com", first_name="F" * 300, last_name="L" * 300, company="C" * 300, phone="1" * 200,
        group="G" * 300, has_ordered=True,
        billing=replace(HOME, street_1="S" * 300, state="T" * 200, postal_code="9" * 50),
    )  # fmt: skip
    sugar.good(customer(has_ordered=True), long, customer(44, "new@example.com"))
    sugar.good(company(5, 42))
    sugar.good(product(7, 77, 78))
    sugar.good(cart(who=buyer()), cart("c2", buyer(99, email="x@example.com")))
    first = order(1, line(5), line(6, "30.00", variant=78), buyer=buyer(), cart_id="c1", customer_message="M" * 5000)
    second = order(2, replace(line(5), name="N" * 600), buyer=replace(long, complete=False))
    third = order(3, buyer=replace(customer(44, "new@example.com"), complete=False))
    sugar.good(first, second, third)
    refunded = replace(first, refunds=(refund(1, "10.00", "R" * 500), refund(2, "1.99")))
    sugar.good(refunded, cancelled(second))
    sugar.good(changed(refunded, lines=(line(5, "25.00"),)), third)
    sugar.good(cart(who=buyer(), order_id="1"))
    net = changed(refunded, lines=(line(5, "25.00"),)).net + third.net
    assert totals(sugar.crm.sales()) == {"orders": 3, "totals": {"GBP": net}}
    # and once more from nothing known, as after a disaster
    sugar.links.clear()
    sugar.good(customer(has_ordered=True), long, customer(44, "new@example.com", has_ordered=True), attempt=2)
    sugar.good(company(5, 42), attempt=2)
    sugar.good(product(7, 77, 78), attempt=2)
    sugar.good(changed(refunded, lines=(line(5, "25.00"),)), cancelled(second), third, attempt=2)
    assert totals(sugar.crm.sales()) == {"orders": 3, "totals": {"GBP": net}}
    counts = {module: len(sugar.rows(module)) for module in ("Contacts", "Opportunities", "ProductTemplates", "Quotes")}
    assert counts == {"Contacts": 3, "Opportunities": 3, "ProductTemplates": 2, "Quotes": 3}
    assert len(sugar.rows("Accounts")) == 4 and len(sugar.rows("Leads")) == 2
