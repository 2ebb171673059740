"""Whose orders a record shows, and what they come to."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from app.domain import Charge, ChargeKind, Customer, Discount, Refund
from app.domain.order import Stage
from tests.web.panels.conftest import Panel
from tests.web.panels.world import ACCOUNT, CONTACT, JANE, START, World, guest, line, order

OPPORTUNITY = "006xx000004TmiQAAS"
CASE = "500xx000004TmiQAAS"
ORDER = "801xx000004TmiQAAS"


@pytest.fixture
def panels_database(database_url: str) -> str:
    """Each database in turn."""
    return database_url


class TestSubjects:
    """From every kind of record to the buyer."""

    @pytest.fixture(autouse=True)
    def shop(self, world: World) -> None:
        self.store = world.store()
        self.connection = world.connection(self.store)
        world.person(self.store, JANE)
        world.link(self.connection, "customer", "42", "Contact", CONTACT)
        world.link(self.connection, "account", "42", "Account", ACCOUNT)
        world.link(self.connection, "order", "2", "Order", ORDER)
        world.link(self.connection, "opportunity", "1", "Opportunity", OPPORTUNITY)
        world.orders(self.store, order(1), order(2), order(3), order(9, guest("else@example.com")))

    def test_contact(self, panel: Panel) -> None:
        assert panel.open(kind="Contact", record_id=CONTACT).orders == ["3", "2", "1"]

    def test_account(self, panel: Panel) -> None:
        assert panel.open(kind="Account", record_id=ACCOUNT).orders == ["3", "2", "1"]

    def test_order_comes_first_and_once(self, panel: Panel) -> None:
        shown = panel.open(kind="Order", record_id=ORDER)
        assert shown.orders == ["2", "3", "1"]
        assert "This record's order" in shown.text
        assert panel.fetch(shown.token).orders == ["2", "3", "1"]

    def test_opportunity_made_of_an_order(self, panel: Panel) -> None:
        assert panel.open(kind="Opportunity", record_id=OPPORTUNITY).orders == ["1", "3", "2"]

    def test_opportunity_of_a_salesperson_by_its_account(self, panel: Panel) -> None:
        shown = panel.open(kind="Opportunity", record_id="006xx000004Tmi9AAC", AccountId=ACCOUNT)
        assert shown.orders == ["3", "2", "1"]
        assert "orders of the account" in shown.text

    def test_case_by_its_contact(self, panel: Panel) -> None:
        assert panel.open(kind="Case", record_id=CASE, ContactId=CONTACT).orders == ["3", "2", "1"]

    def test_case_by_its_account(self, panel: Panel) -> None:
        assert panel.open(kind="Case", record_id=CASE, AccountId=ACCOUNT).orders == ["3", "2", "1"]

    def test_case_by_the_contacts_email(self, panel: Panel) -> None:
        shown = panel.open(
            kind="Case", record_id=CASE, ContactId="003xx000004TmiZAAS", ContactEmail="JANE@Example.com "
        )
        assert shown.orders == ["3", "2", "1"]
        assert "found by e-mail address jane@example.com" in shown.text

    def test_case_by_what_a_visitor_typed_while_no_contact_is_known(self, panel: Panel) -> None:
        shown = panel.open(kind="Case", record_id=CASE, SuppliedEmail="Else@example.com")
        assert shown.orders == ["9"]
        shown = panel.open(kind="Case", record_id=CASE, ContactId=CONTACT, SuppliedEmail="else@example.com")
        assert shown.orders == ["3", "2", "1"]

    def test_the_account_is_not_asked_when_the_contact_is_known(self, world: World, panel: Panel) -> None:
        world.link(self.connection, "customer", "77", "Contact", "003xx000004Tmi7AAC")
        world.orders(self.store, order(7, Customer("77", "bob@example.com", "Bob", "Ross")))
        shown = panel.open(kind="Case", record_id=CASE, ContactId="003xx000004Tmi7AAC", AccountId=ACCOUNT)
        assert shown.orders == ["7"]

    def test_kind_by_the_prefix_where_only_parameters_come(self, panel: Panel) -> None:
        message_fields = {"parameters": {"recordId": CONTACT[:15]}}
        assert panel.open(kind="", record_id="", **message_fields).orders == ["3", "2", "1"]

    def test_person_account(self, world: World, panel: Panel) -> None:
        world.link(self.connection, "customer", "50", "Account", "001xx000003DGWjAAO")
        world.orders(self.store, order(50, Customer("50", "p@example.com", "Pat", "Person")))
        assert panel.open(kind="Account", record_id="001xx000003DGWjAAO").orders == ["50"]

    @pytest.mark.parametrize("kind", ["Contact", "Account", "Case", "Lead", "Opportunity", "Thing__c"])
    def test_a_stranger_has_no_orders(self, panel: Panel, kind: str) -> None:
        shown = panel.open(kind=kind, record_id="a00xx0000000001AAA", Email="nobody@example.com")
        assert shown.status == 200 and shown.orders == [] and shown.figures == {}
        assert "No orders yet" in shown.text

    def test_no_record_at_all(self, panel: Panel) -> None:
        assert panel.open(kind="", record_id="").orders == []

    def test_a_link_of_another_kind_with_this_id_counts_not(self, panel: Panel) -> None:
        assert panel.open(kind="Account", record_id=CONTACT).orders == []


def test_a_guest_is_found_by_email(world: World, panel: Panel) -> None:
    store = world.store()
    world.connection(store)
    world.orders(store, order(1, guest("Gail@Example.com")), order(2, guest("other@example.com")))
    shown = panel.open(Email="GAIL@example.com")
    assert shown.orders == ["1"]
    assert shown.figures["Orders"] == ["1"]


def test_a_linked_guest_needs_no_email_on_the_record(world: World, panel: Panel) -> None:
    store = world.store()
    connection = world.connection(store)
    world.link(connection, "customer", "guest:gail@example.com", "Contact", CONTACT)
    world.orders(store, order(1, guest("gail@example.com")))
    assert panel.open().orders == ["1"]


def test_orders_from_before_the_registration_stay(world: World, panel: Panel) -> None:
    store = world.store()
    connection = world.connection(store)
    world.link(connection, "customer", "42", "Contact", CONTACT)
    world.person(store, JANE)
    world.orders(store, order(1, guest("jane@example.com")), order(2), order(3, guest("JANE@example.com")))
    shown = panel.open()
    assert shown.orders == ["3", "2", "1"]
    assert shown.figures["Orders"] == ["3"]  # found by id and by e-mail, counted once


@pytest.mark.parametrize("customers", [3, 40])
def test_an_account_of_a_company_has_many_buyers(world: World, panel: Panel, customers: int) -> None:
    store = world.store()
    connection = world.connection(store)
    buyers = [Customer(str(n), f"buyer{n}@acme.example", "Buyer", str(n)) for n in range(customers)]
    for buyer in buyers:
        world.person(store, buyer)
        world.link(connection, "account", buyer.id, "Account", ACCOUNT)
    world.orders(store, *(order(1000 + n, buyers[n % customers]) for n in range(25)))
    world.orders(store, order(2000, guest("buyer1@acme.example")), order(2001, guest("else@example.com")))
    shown = panel.open(kind="Account", record_id=ACCOUNT)
    assert shown.orders == ["2000", *(str(n) for n in range(1024, 1015, -1))]
    second = panel.fetch(shown.token, after=shown.following)
    assert second.orders == [str(n) for n in range(1015, 1005, -1)]
    assert shown.figures["Orders"] == ["26"]
    assert f"{customers} customers" in shown.text


class TestStoresOfOneOrg:
    """Two stores of one org are two histories."""

    @pytest.fixture(autouse=True)
    def shops(self, world: World) -> None:
        self.first, self.second = world.store("First"), world.store("Second")
        connections = [world.connection(store) for store in (self.first, self.second)]
        for store, connection in zip((self.first, self.second), connections, strict=True):
            world.person(store, JANE)
            world.link(connection, "customer", "42", "Contact", CONTACT)
        world.link(connections[1], "customer", "77", "Contact", "003xx000004Tmi7AAC")
        bob = Customer("77", "bob@example.com", "Bob", "Ross")
        world.orders(self.first, order(1), order(5, Customer("77", "x@example.com", "Xena", "X")))
        world.orders(self.second, order(1, total=Decimal(99)), order(2), order(3, bob))

    def tokens(self, panel: Panel) -> list[str]:
        return [str(token) for token in panel.open().tree.xpath("//nav//button/@data-token")]

    def test_each_bearer_shows_its_own_store(self, panel: Panel) -> None:
        first, second = self.tokens(panel)
        assert panel.fetch(first, part="content").orders == ["1"]
        assert "£25.00" in panel.fetch(first, part="content").text
        assert panel.fetch(second, part="content").orders == ["2", "1"]
        assert "£99.00" in panel.fetch(second, part="order", id="1").text
        assert panel.fetch(first, part="order", id="2").status == 404

    def test_the_store_that_knows_the_record_is_shown(self, panel: Panel) -> None:
        assert panel.open().orders == ["1"]
        assert panel.open(record_id="003xx000004Tmi7AAC").orders == ["3"]

    def test_a_panel_placed_for_one_store_shows_no_other(self, panel: Panel) -> None:
        shown = panel.open(parameters={"store": self.second.store_hash})
        assert shown.orders == ["2", "1"]
        assert not shown.tree.xpath("//nav")

    def test_another_orgs_store_is_no_neighbour(self, world: World, panel: Panel) -> None:
        elsewhere = world.store("Elsewhere")
        world.connection(elsewhere, org="00Dxx0000009999EAA")
        world.orders(elsewhere, order(8))
        assert "Elsewhere" not in panel.open().html
        assert panel.open(org="00Dxx0000009999EAA", Email="jane@example.com").orders == ["8"]


class TestFigures:
    """What the orders come to."""

    @pytest.fixture(autouse=True)
    def shop(self, world: World) -> None:
        self.store = world.store()
        world.link(world.connection(self.store), "customer", "42", "Contact", CONTACT)

    def refund(self, amount: str) -> tuple[Refund, ...]:
        return (Refund("1", Decimal(amount), START, "broken"),)

    def test_net_of_refunds_and_only_of_sales(self, world: World, panel: Panel) -> None:
        world.orders(
            self.store,
            order(1, total=Decimal("10.10")),
            order(2, total=Decimal("20.20"), refunds=self.refund("5.05")),
            order(3, total=Decimal(1000), stage=Stage.PENDING),
            order(4, total=Decimal(2000), stage=Stage.CANCELLED),
            order(5, total=Decimal(4000), stage=Stage.INCOMPLETE),
            order(6, total=Decimal(8000), is_deleted=True),
        )
        shown = panel.open()
        assert shown.figures == {
            "Orders": ["3 + 1 cancelled"],
            "Lifetime value": ["£25.25"],
            "Average order": ["£12.63"],
            "Refunds": ["£5.05 on 1 order"],
            "Last order": ["Jan 1, 2026"],
        }
        assert shown.orders == ["4", "3", "2", "1"]

    def test_per_currency_with_its_own_decimals(self, world: World, panel: Panel) -> None:
        world.orders(
            self.store,
            order(1, total=Decimal(1500), currency="JPY", lines=[line(amount="1500")]),
            order(2, total=Decimal(2501), currency="JPY", lines=[line(amount="2501")]),
            order(3, total=Decimal("1.005"), currency="KWD", lines=[line(amount="1.005")]),
        )
        shown = panel.open()
        assert shown.figures["Lifetime value"] == ["¥4,001", "KWD 1.005"]
        assert shown.figures["Average order"][0] == "¥2,001"
        assert "¥1,500" in shown.text and "1,500.00" not in shown.text

    def test_cents_do_not_drift(self, world: World, panel: Panel) -> None:
        world.orders(self.store, *(order(n, total=Decimal("0.10")) for n in range(1000)))
        assert panel.open().figures["Lifetime value"] == ["£100.00"]


class TestRow:
    """What a row says."""

    @pytest.fixture(autouse=True)
    def shop(self, world: World) -> None:
        self.store = world.store()
        world.link(world.connection(self.store), "customer", "42", "Contact", CONTACT)

    def test_day_in_the_users_time_zone_and_locale(self, world: World, panel: Panel) -> None:
        placed = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
        world.orders(self.store, order(1, placed_at=placed, total=Decimal("1234.50")))
        shown = panel.open(locale="en_US", timezone="America/Los_Angeles")
        assert "Feb 28, 2026" in shown.text and "£1,234.50" in shown.text
        shown = panel.open(locale="de_DE", timezone="Europe/Berlin")
        assert "01.03.2026" in shown.text and "1.234,50 £" in shown.text.replace("\xa0", " ")
        shown = panel.open(locale="en_IE_EURO", timezone="Europe/Berlin")
        assert "1 Mar 2026" in shown.text

    @pytest.mark.parametrize(
        ("locale", "zone"), [("", ""), ("xx_YY", "Mars/Olympus"), ("../../etc", "../../etc/passwd")]
    )
    def test_unknown_locale_and_zone_fall_back(self, world: World, panel: Panel, locale: str, zone: str) -> None:
        world.orders(self.store, order(1))
        assert "Jan 1, 2026" in panel.open(locale=locale, timezone=zone).text

    def test_goods_charges_discounts_refunds_and_the_way_to_the_store(self, world: World, panel: Panel) -> None:
        world.orders(
            self.store,
            order(
                1001,
                lines=[line("Blue mug", "MUG-B", 3, "30.00")],
                charges=(Charge(ChargeKind.SHIPPING, Decimal("4.50")), Charge(ChargeKind.TAX, Decimal("6.10"))),
                discounts=(Discount(Decimal(3), "SAVE3", "Ten off"),),
                total=Decimal("37.60"),
                refunds=(Refund("9", Decimal("10.00"), START, "Arrived broken"),),
                payment_method="Card",
                status="Partially Refunded",
            ),
        )
        shown = panel.open()
        for text in ("3 × Blue mug MUG-B", "£30.00", "Shipping", "£4.50", "Tax", "£6.10", "Ten off SAVE3", "-£3.00",
                     "Partially Refunded", "Arrived broken", "-£10.00", "£27.60", "Paid by Card"):  # fmt: skip
            assert text in shown.text, text
        assert shown.tree.xpath("//li//a/@href") == ["https://store-s1.mybigcommerce.com/manage/orders/1001"]

    def test_many_lines_come_on_demand(self, world: World, panel: Panel) -> None:
        lines = [line(f"Thing {n}", f"T{n}", 1, "1.00", n) for n in range(40)]
        world.orders(self.store, order(1, lines=lines))
        shown = panel.open()
        assert "Thing 5" in shown.text and "Thing 6" not in shown.text and "Show all 40 items" in shown.text
        whole = panel.fetch(shown.token, part="order", id="1")
        assert "Thing 39" in whole.text and "Show all" not in whole.text

    def test_somebody_elses_order_cannot_be_opened(self, world: World, panel: Panel) -> None:
        world.orders(self.store, order(1), order(2, guest("else@example.com")))
        token = panel.open().token
        assert panel.fetch(token, part="order", id="1").status == 200
        assert panel.fetch(token, part="order", id="2").status == 404

    def test_a_store_address_that_is_no_web_address_is_no_link(self, world: World, panel: Panel) -> None:
        with world.runtime.database.transaction() as session:
            session.connection().exec_driver_sql("UPDATE stores SET control_panel_url = 'javascript:alert(1)//'")
        world.orders(self.store, order(1))
        assert not panel.open().tree.xpath("//a")


def test_hostile_texts_stay_texts(world: World, panel: Panel) -> None:
    evil = '<script>alert(1)</script><img src=x onerror=alert(2)>"\' onmouseover="x'
    store = world.store(evil)
    connection = world.connection(store)
    other = world.store(f"Two{evil}")
    world.connection(other)
    buyer = Customer("42", 'e"<b>@example.com', evil, evil)
    world.person(store, buyer)
    world.link(connection, "customer", "42", "Contact", CONTACT)
    world.orders(
        store,
        order(
            1, buyer, [line(evil, evil)], status=evil[:100], payment_method=evil,
            charges=(Charge(ChargeKind.FEE, Decimal(1), evil),), discounts=(Discount(Decimal(1), evil, evil),),
            refunds=(Refund("1", Decimal(1), START, evil),),
        ),
    )  # fmt: skip
    message: dict[str, Any] = {
        "parameters": {"x": "</script><script>alert(3)</script>"},
        "Email": "</script><script>alert(4)</script>@x.example",
    }
    for shown in (panel.open(**message), panel.fetch(panel.open().token, q=evil), panel.fetch(panel.open().token)):
        assert shown.status == 200
        scripts = [script for script in shown.tree.xpath("//script") if not script.get("nonce")]
        assert scripts == []
        assert shown.tree.xpath("//img") == []
        assert not shown.tree.xpath("//*[@onerror or @onmouseover or @onclick or @style]")
    assert "<script>alert(1)</script>" in panel.open().text
