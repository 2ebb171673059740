"""Paging and search."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from app.domain import Address
from crm_widgets import search
from tests.web.panels.conftest import Panel
from tests.web.panels.world import CONTACT, JANE, START, World, copy_of, guest, line, order

CASE = "500xx000004TmiQAAS"


@pytest.fixture
def panels_database(database_url: str) -> str:
    """Each database in turn."""
    return database_url


@pytest.fixture
def shop(world: World) -> World:
    """A store whose Jane is linked."""
    store = world.store()
    world.person(store, JANE)
    world.link(world.connection(store), "customer", "42", "Contact", CONTACT)
    return world


def store_of(world: World) -> int:
    """The only store's id."""
    return 1


def pages(panel: Panel, token: str, following: str, **parameters: str) -> list[list[str]]:
    """All further pages."""
    found = []
    while following:
        shown = panel.fetch(token, after=following, **parameters)
        assert shown.status == 200
        found.append(shown.orders)
        following = shown.following
    return found


def add(world: World, *orders: object) -> None:
    """Orders of the only store."""
    with world.runtime.database.transaction() as session:
        store = session.connection().exec_driver_sql("SELECT id FROM stores").scalar_one()
        fake = type("Row", (), {"id": store})()
        session.add_all([copy_of(fake, one) for one in orders])  # type: ignore[arg-type]  # only its id is read


def test_every_order_once_newest_first(shop: World, panel: Panel) -> None:
    # Some as a guest, some at the very same moment: what keyset paging trips over.
    orders = [
        order(n, guest("jane@example.com") if n % 3 else JANE, placed_at=START + timedelta(minutes=n // 4))
        for n in range(1000, 1047)
    ]
    add(shop, *orders)
    shown = panel.open()
    rest = pages(panel, shown.token, shown.following)
    assert [len(page) for page in rest] == [10, 10, 10, 7]
    assert shown.orders + [number for page in rest for number in page] == [str(n) for n in range(1046, 999, -1)]


@pytest.mark.parametrize(("count", "button"), [(0, False), (1, False), (10, False), (11, True)])
def test_the_button_is_there_when_there_is_more(shop: World, panel: Panel, count: int, button: bool) -> None:
    add(shop, *(order(n) for n in range(count)))
    shown = panel.open()
    assert len(shown.orders) == min(count, 10)
    assert bool(shown.following) is button


def test_an_order_placed_meanwhile_shifts_nothing(shop: World, panel: Panel) -> None:
    add(shop, *(order(n) for n in range(100, 115)))
    shown = panel.open()
    add(shop, order(200))
    assert panel.fetch(shown.token, after=shown.following).orders == ["104", "103", "102", "101", "100"]


@pytest.mark.parametrize("after", ["x", "1", ".1", "1.", "99999999999999999999999999.1", "-9e9.1", "nan.1", "'; --.1"])
def test_a_position_that_is_none_is_a_400(shop: World, panel: Panel, after: str) -> None:
    shown = panel.fetch(panel.open().token, after=after)
    assert shown.status == 400 and "cannot be shown" in shown.text


def test_an_unknown_part_is_a_400(shop: World, panel: Panel) -> None:
    assert panel.fetch(panel.open().token, part="everything").status == 400


def test_ten_thousand_orders(shop: World, panel: Panel) -> None:
    add(shop, *(order(n, lines=[line(sku=f"SKU-{n}")]) for n in range(10_000)))
    shown = panel.open()
    assert shown.orders == [str(n) for n in range(9999, 9989, -1)]
    assert shown.figures["Orders"] == ["10,000"]
    assert len(shown.response.data) < 50_000
    found = panel.fetch(shown.token, q="sku-17")
    assert found.orders[:2] == ["1799", "1798"] or found.following
    # Beyond what one request reads, the search goes on where it stopped.
    first = panel.fetch(shown.token, q="SKU-42 ")
    numbers = first.orders + [n for page in pages(panel, shown.token, first.following, q="SKU-42") for n in page]
    assert numbers == [str(n) for n in range(9999, -1, -1) if str(n).startswith("42")]


def test_the_largest_first_page_is_below_50_kb(shop: World, panel: Panel) -> None:
    long = "A product's name as some shops like them, with every word that a search might be for, " * 5
    lines = [line(long, "SKU-" + "X" * 200, number=n) for n in range(200)]
    address = Address(city="Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch" * 3, country="United Kingdom")
    add(shop, *(order(n, lines=lines, status="S" * 100, shipping=address, payment_method=long[:60]) for n in range(20)))
    assert len(panel.open().response.data) < 50_000


class TestSearch:
    """Within the buyer's orders; on a case also beyond."""

    @pytest.fixture(autouse=True)
    def goods(self, shop: World) -> None:
        add(
            shop,
            order(101, lines=[line("Café crème MUG", "MUG-RED")]),
            order(102, lines=[line("T-shirt 50% wool", "TS_1")], external_order_id="PO-77"),
            order(
                103, replace(JANE, phone="+44 (0)20 7946-0018"), billing=Address(city="Örebro", postal_code="701 11")
            ),
            order(104, guest("else@example.com", "Elsa"), [line("Café crème MUG", "MUG-RED")]),
        )

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("101", ["101"]),
            ("#101", ["101"]),
            (" 101 ", ["101"]),
            ("mug-red", ["101"]),
            ("red", ["101"]),
            ("mug", ["103", "101"]),
            ("CAFÉ", ["101"]),
            ("crème m", ["101"]),
            ("50%", ["102"]),
            ("ts_1", ["102"]),
            ("%", ["102"]),
            ("po-77", ["102"]),
            ("örebro", ["103"]),
            ("7946 0018", ["103", "102", "101"]),
            ("(020) 79460018", ["103", "102", "101"]),
            ("7946 0019", []),
            ("jane doe", ["103", "102", "101"]),
            ("nothing like that", []),
            ('"lines"', []),
            ("104", []),
            ("else@example.com", []),
            ("", ["103", "102", "101"]),
            ("   ", ["103", "102", "101"]),
        ],
    )
    def test_a_salesperson_searches_this_buyers_orders(self, panel: Panel, query: str, expected: list[str]) -> None:
        shown = panel.fetch(panel.open().token, q=query)
        assert shown.status == 200
        assert shown.orders == expected
        assert ("Nothing found" in shown.text) is (expected == [])

    @pytest.mark.parametrize("query", ["104", "#104", "ELSE@example.com"])
    def test_support_also_finds_others_by_number_and_email(self, panel: Panel, query: str) -> None:
        token = panel.open(kind="Case", record_id=CASE, ContactId=CONTACT).token
        shown = panel.fetch(token, q=query)
        assert shown.orders == ["104"]
        assert "Orders of other customers" in shown.text and "Elsa" in shown.text
        assert panel.fetch(token, part="order", id="104").status == 200

    def test_support_without_any_buyer_can_still_search(self, panel: Panel) -> None:
        shown = panel.open(kind="Case", record_id=CASE)
        assert shown.orders == [] and shown.tree.xpath("//input[@id='q']")
        assert panel.fetch(shown.token, q="102").orders == ["102"]

    def test_an_own_order_is_not_listed_twice(self, panel: Panel) -> None:
        token = panel.open(kind="Case", record_id=CASE, ContactId=CONTACT).token
        assert panel.fetch(token, q="101").orders == ["101"]
        assert panel.fetch(token, q="jane@example.com").orders == ["103", "102", "101"]

    def test_another_stores_order_is_found_by_nobody(self, shop: World, panel: Panel) -> None:
        other = shop.store("Other")
        shop.orders(other, order(555))
        token = panel.open(kind="Case", record_id=CASE, ContactId=CONTACT).token
        assert panel.fetch(token, q="555").orders == []
        assert panel.fetch(token, part="order", id="555").status == 404

    def test_a_very_long_text_is_cut(self, panel: Panel) -> None:
        assert panel.fetch(panel.open().token, q="x" * 5000).status == 200


def test_search_reads_no_farther_than_it_says(shop: World, panel: Panel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "FARTHEST", 20)
    monkeypatch.setattr(search, "CHUNK", 7)
    add(shop, *(order(n) for n in range(50)))
    add(shop, order(50, lines=[line(sku="RARE")], placed_at=START - timedelta(days=1)))
    shown = panel.fetch(panel.open().token, q="rare")
    assert shown.orders == [] and "20 orders were searched" in shown.text
    assert "have not been searched yet" in shown.text
    assert pages(panel, panel.open().token, shown.following, q="rare") == [[], ["50"]]
