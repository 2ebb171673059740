"""Lists of a store's records, counted and walked page by page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app.connectors.bigcommerce import listing
from app.connectors.bigcommerce.connector import BigCommerce
from app.connectors.lists import Head, Span
from app.errors import Unsupported
from tests.contract.bigcommerce.conftest import Shop

ALL = Span()


def walk(source: BigCommerce, kind: str, span: Span = ALL) -> Iterator[list[Head]]:
    """The pages of a list until its end."""
    cursor, more = "", True
    while more:
        page = source.page(kind, span, cursor)
        cursor, more = page.cursor, page.more
        yield list(page.heads)


def ids(source: BigCommerce, kind: str, span: Span = ALL) -> list[int]:
    return [int(head.id) for heads in walk(source, kind, span) for head in heads]


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE", 3)
    monkeypatch.setattr(listing, "B2B_PAGE", 2)


def test_orders_of_a_range_are_counted_and_listed_by_their_real_dates(shop: Shop, source: BigCommerce) -> None:
    at = datetime(2024, 3, 1, 12, tzinfo=UTC)
    placed = [shop.place(date_created=(at + timedelta(days=day)).isoformat()) for day in range(5)]
    span = Span(at + timedelta(days=1), at + timedelta(days=3))
    assert source.count("order", span) == 3
    assert source.calls == 1
    heads = source.page("order", span).heads
    assert [int(head.id) for head in heads] == placed[1:4]
    assert [head.created_at for head in heads] == [at + timedelta(days=day) for day in (1, 2, 3)]
    assert source.calls == 2


def test_an_order_with_parcels_is_known_from_the_list(shop: Shop, source: BigCommerce) -> None:
    for status in (11, 2, 10):
        shop.place(status_id=status)
    assert [head.has_parcels for head in source.page("order", Span()).heads] == [False, True, False]


def test_several_statuses_and_channels_and_a_least_total(shop: Shop, source: BigCommerce) -> None:
    pending, shipped, done = (shop.place(status_id=status) for status in (1, 2, 10))
    dear = shop.place(status_id=10, products=[
        {"name": "Thing", "quantity": 1, "price_ex_tax": "500.00", "price_inc_tax": "600.00"}
    ])  # fmt: skip
    ours = {pending, shipped, done, dear}
    for filters, expected in (
        ({"status": ("2", "10")}, {shipped, done, dear}),
        ({"status": ("1",)}, {pending}),
        ({"channel": ("1",)}, ours),
        ({"channel": ("1", "2"), "status": ("2", "1")}, {shipped, pending}),
        ({"min_total": ("500.00",)}, {dear}),
    ):
        span = Span(filters=filters)
        found = ids(source, "order", span)
        assert set(found) & ours == expected
        assert source.count("order", span) == len(found)


@pytest.mark.usefixtures("small_pages")
@pytest.mark.parametrize("kind", ["order", "product", "customer"])
def test_every_page_goes_on_where_the_last_one_ended(shop: Shop, source: BigCommerce, kind: str) -> None:
    for _ in range(4):
        shop.place()
    pages = list(walk(source, kind))
    found = [head.id for heads in pages for head in heads]
    assert len(pages) > 1
    assert len(set(found)) == source.count(kind, Span())
    assert list(dict.fromkeys(found)) == sorted(dict.fromkeys(found), key=int)


@pytest.mark.usefixtures("small_pages")
def test_customers_who_were_all_made_in_one_second_are_all_listed(shop: Shop, source: BigCommerce) -> None:
    before = set(shop.state.customers)
    for number in range(8):
        shop.call("POST", "/v3/customers", [
            {"email": f"crowd{number}@shop.example", "first_name": "One", "last_name": str(number)}
        ])  # fmt: skip
    made = set(shop.state.customers) - before
    for number in made:
        shop.state.customers[number]["date_created"] = "2020-05-05T05:05:05+00:00"
    span = Span(datetime(2020, 5, 5, tzinfo=UTC), datetime(2020, 5, 6, tzinfo=UTC))
    assert set(ids(source, "customer", span)) == made
    assert source.count("customer", span) == 8


@pytest.mark.usefixtures("small_pages")
def test_what_changed_since_is_listed_whenever_it_was_made(shop: Shop, source: BigCommerce) -> None:
    old = shop.place(date_created="Wed, 01 Dec 2010 08:26:00 +0000")
    since = datetime.now(UTC) - timedelta(seconds=5)
    for kind, number in (("order", old), ("product", 1), ("customer", 1)):
        assert number not in ids(source, kind, Span(since + timedelta(hours=1), by="modified"))
    shop.call("PUT", f"/v2/orders/{old}", {"status_id": 11})
    shop.call("PUT", "/v3/customers", [{"id": 1, "phone": "1"}])
    shop.call("PUT", "/v3/catalog/products/1", {"name": "Another"})
    for kind, number in (("order", old), ("product", 1), ("customer", 1)):
        assert number in ids(source, kind, Span(since, by="modified"))


@pytest.mark.usefixtures("small_pages")
def test_companies_are_listed_also_when_one_changes_meanwhile(shop: Shop, source: BigCommerce) -> None:
    made = [shop.b2b("POST", "/companies", {
        "companyName": f"Firm {number}", "companyEmail": f"firm{number}@b2b.example", "companyPhone": "1",
        "country": "United Kingdom", "adminFirstName": "A", "adminLastName": "B",
        "adminEmail": f"admin{number}@b2b.example",
    })["companyId"] for number in range(5)]  # fmt: skip
    for step, number in enumerate(made):
        shop.state.companies[number]["modified"] = 1_700_000_000 + 10 * step
    found = set[int]()
    pages = walk(source, "company")
    found.update(int(head.id) for head in next(pages))
    shop.state.companies[made[0]]["modified"] = 1_700_001_000  # it moves behind all others
    found.update(int(head.id) for heads in pages for head in heads)
    assert set(made) <= found
    assert source.count("company", Span()) >= 5


def test_a_store_without_the_b2b_edition_has_no_companies(shop: Shop, source: BigCommerce) -> None:
    shop.state.settings.b2b = False
    try:
        assert source.count("company", Span()) == 0
        assert ids(source, "company") == []
    finally:
        shop.state.settings.b2b = True


def test_kinds_without_a_list_are_refused(source: BigCommerce) -> None:
    with pytest.raises(Unsupported):
        source.page("message", Span())
