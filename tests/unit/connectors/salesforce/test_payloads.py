"""What our records look like as rows."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import Settings
from app.connectors.access import Account, Authorization
from app.connectors.salesforce.auth import SalesforceAuthorizer
from app.connectors.salesforce.connector import Salesforce
from app.connectors.salesforce.facts import Facts
from app.connectors.salesforce.found import Found
from app.connectors.salesforce.inquiry import states
from app.connectors.salesforce.orders import Deal, Sold, plan
from app.connectors.salesforce.people import content
from app.connectors.salesforce.products import variant_of
from app.connectors.salesforce.steps import Level
from app.connectors.salesforce.values import external_id, literal, moment, valid_email
from app.domain import Charge, ChargeKind, Customer, Discount, Order, OrderLine, Refund
from app.domain.order import Stage

AT = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
D = Decimal


def target(**switches: bool) -> Salesforce:
    account = Account("token", "00D", store="s1", instance_url="https://x.example", switches=switches)
    return Salesforce(Settings(), account)


def an_order(**more: object) -> Order:
    line = OrderLine("9", "Mug", "MUG", 3, D("30.00"), D("10.00"), product_id="5", variant_id="55")
    values: dict[str, object] = {
        "id": "1001",
        "status_id": 11,
        "status": "Awaiting Fulfillment",
        "stage": Stage.SALE,
        "buyer": Customer("42", "jane@example.com", "Jane", "Doe", complete=False),
        "placed_at": AT,
        "modified_at": AT,
        "currency": "GBP",
        "total": D("31.99"),
        "lines": (line,),
        "charges": (Charge(ChargeKind.SHIPPING, D("4.99")),),
        "discounts": (Discount(D("3.00"), "SAVE3"),),
        **more,
    }
    return Order(**values)  # type: ignore[arg-type]  # a test's values


def sold(order: Order) -> list[Sold]:
    lines = []
    for line in order.settled():
        variant = variant_of(line, order.currency, {})
        lines.append(Sold(line, variant, {"PricebookEntry": {"BC_Price_Id__c": variant.id}}))
    return lines


def test_the_steps_of_a_new_order() -> None:
    order = an_order(refunds=(Refund("1", D("1.99"), AT),))
    facts = Facts(store="s1", pricebook="01s", orders=True)
    planned = plan(order, None, sold(order), {"AccountId": "001"}, facts, Deal(True), {})
    assert [step.level for step in planned.steps] == [
        Level.ORDER, Level.ITEM, Level.ITEM, Level.ACTIVATE, Level.OPPORTUNITY,
    ]  # fmt: skip
    header, *items, activation, opportunity = [step.body for step in planned.steps]
    assert header["Status"] == "Draft" and activation == {"Status": "Activated"}
    assert (header["BC_Total__c"], header["BC_Refunded__c"], header["BC_Net__c"]) == (31.99, 1.99, 30.0)
    assert (header["BC_Discount__c"], header["BC_Coupon_Codes__c"]) == (3.0, "SAVE3")
    assert (header["EffectiveDate"], header["BC_Placed_At__c"]) == ("2026-03-01", "2026-03-01T23:30:00.000+0000")
    assert items[0]["Order"] == {"BC_Order_Id__c": "s1-1001"}
    assert sum(D(str(item["Quantity"])) * D(str(item["UnitPrice"])) for item in items) == order.total
    assert opportunity["Amount"] == 30.0 and opportunity["AccountId"] == "001"


@given(
    st.lists(st.tuples(st.integers(1, 9), st.decimals("0.01", "999.99", places=2)), min_size=1, max_size=6),
    st.decimals("0", "9999.99", places=2),
)
def test_the_items_sum_to_the_total_to_the_cent(goods: list[tuple[int, Decimal]], total: Decimal) -> None:
    lines = tuple(
        OrderLine(str(n), "x" * 300, "S", quantity, amount, product_id="1", variant_id=str(n))
        for n, (quantity, amount) in enumerate(goods)
    )
    order = an_order(lines=lines, total=total)
    planned = plan(order, None, sold(order), {}, Facts(store="s1"), Deal(), {})
    items = [step for step in planned.steps if step.level is Level.ITEM]
    assert sum(D(str(step.body["Quantity"])) * D(str(step.body["UnitPrice"])) for step in items) == total
    assert len({step.value for step in items}) == len(items)
    assert all(len(step.body["Description"]) <= 255 for step in items)


def test_what_an_order_refers_to() -> None:
    keys = target().refers_to(an_order())
    assert set(keys) == {
        ("customer", "42"), ("account", "42"), ("customer", "guest:jane@example.com"),
        ("account", "guest:jane@example.com"), ("variant", "55"), ("variant", "charge:shipping"),
        ("variant", "placeholder"), ("opportunity", "1001"), ("lead", "42"),
    }  # fmt: skip


@pytest.mark.parametrize(
    "edit",
    [
        {"status": "Shipped"},
        {"stage": Stage.PENDING},
        {"total": D("31.98")},
        {"refunds": (Refund("1", D(1), AT),)},
        {"is_deleted": True},
        {"buyer": Customer("43", "other@example.com", complete=False)},
    ],
)
def test_the_digest_changes_with_what_is_sent(edit: dict[str, object]) -> None:
    assert target().digest(an_order()) == target().digest(an_order())
    assert target().digest(an_order()) != target().digest(an_order(**edit))


def test_the_digest_ignores_what_is_not_sent() -> None:
    assert target().digest(an_order()) == target().digest(an_order(modified_at=AT.replace(year=2027)))
    assert target().digest(an_order()) != target(opportunities=True).digest(an_order())


def test_a_customers_rows() -> None:
    rows = content(Customer("42", " jane@example.com", "Jane", "", phone="1"), Facts())
    assert rows["contact"] == {"LastName": "Jane", "Email": "jane@example.com", "Phone": "1"}
    assert rows["account"] == {"Name": "Jane", "Phone": "1"}
    assert content(Customer("42", "", company="Acme"), Facts())["account"]["Name"] == "Acme"
    assert content(Customer("42", ""), Facts())["contact"] == {"LastName": "Unknown"}


def test_nothing_found_is_nothing_adopted() -> None:
    assert Found().product("1", "SKU") is None and Found().price("01t", "1", "") is None


def test_values() -> None:
    assert literal('O\'Neil \\ "x"\n') == "'O\\'Neil \\\\ \\\"x\\\"\\n'"
    assert moment(AT) == "2026-03-01T23:30:00.000+0000"
    assert valid_email("a.b+c@ex-ample.co.uk") and not valid_email("a@b") and not valid_email("a b@example.com")
    assert not valid_email("a" * 80 + "@example.com")


def test_external_ids() -> None:
    assert external_id("s1", "42") == "s1-42"
    long = [external_id(store, "guest:" + "a" * length) for store in ("s1", "s2") for length in (300, 301)]
    assert {len(one) for one in long} == {255} and len(set(long)) == 4
    assert [one[:9] for one in long] == ["s1-guest:"] * 2 + ["s2-guest:"] * 2
    assert external_id("s1", "guest:" + "a" * 246) == "s1-guest:" + "a" * 246
    facts = Facts(store="s1")
    assert facts.is_ours("s1-42") and not facts.is_ours("s12-42") and not facts.is_ours("42")
    assert (facts.our_id("s1-42"), facts.our_id("s2-42"), facts.our_id("")) == ("42", "s2-42", "")
    assert "store" not in facts.to_json() and Facts.read({"store": "s2"}, "s1").store == "s1"


def test_text_that_no_call_can_carry() -> None:
    text = "a\0b\ud800c"
    assert external_id("s1", text) == "s1-ab?c" and literal(text) == "'ab?c'"
    assert Facts().writable("Contact", {"LastName": text, "DoNotCall": True}) == {"LastName": "ab?c", "DoNotCall": True}


def test_states_belong_to_countries() -> None:
    def state(code: str, label: str, countries: int) -> dict[str, object]:
        return {"value": code, "label": label, "validFor": base64.b64encode(bytes([countries])).decode()}

    described: dict[str, dict[str, Any]] = {
        "BillingCountryCode": {"picklistValues": [{"value": code} for code in ("AU", "US", "CA")]},
        "BillingStateCode": {
            "picklistValues": [
                state("WA", "Western Australia", 0b10000000),
                state("WA", "Washington", 0b01000000),
                state("ON", "Ontario", 0b00100000),
            ]
        },
    }
    found = states(described)
    assert found["AU"] == {"western australia": "WA", "wa": "WA"}
    assert found["US"] == {"washington": "WA", "wa": "WA"} and found["CA"]["ontario"] == "ON"


def test_the_address_of_the_login_page() -> None:
    authorizer = SalesforceAuthorizer(Settings())
    asked = Authorization("https://app.example/oauth/salesforce/callback", "state", "v" * 64)
    url = urlsplit(authorizer.authorize_url(asked))
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert (url.hostname, url.path) == ("login.salesforce.com", "/services/oauth2/authorize")
    assert query["code_challenge_method"] == "S256" and "=" not in query["code_challenge"]
    assert (query["state"], query["response_type"], query["redirect_uri"]) == ("state", "code", asked.redirect_uri)
    assert {"api", "refresh_token"} <= set(query["scope"].split())
    sandbox = urlsplit(authorizer.authorize_url(replace(asked, environment="sandbox")))
    assert sandbox.hostname == "test.salesforce.com"
    own = SalesforceAuthorizer(Settings(salesforce_login_url="http://127.0.0.1:9102"))
    assert own.authorize_url(replace(asked, environment="sandbox")).startswith("http://127.0.0.1:9102/services/")
