"""What people change in a CRM, as every connector tells of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from app.connectors.base import Key, Theirs
from app.connectors.lists import totals
from app.domain import Address, Company, Customer, Order, Product, Record
from app.domain.fields import fields
from tests.contract import checks
from tests.contract.rig import Ability, Rig
from tests.contract.samples import SAMPLES, buyer, company, goods, line, message, order, person, sale, shipped

LONG = "Abc " * 100
SCRIPTS = "Ünïcødé Ελληνικά Кириллица עברית العربية हिन्दी ไทย 中文 日本語 한국어 🛒🇬🇧 e\u0301"
MARKS = "O'Brien \"x\" *y* %z% _a_ \\n {b} <i>c</i> &amp; ; -- ' OR 1=1"
BLANKS = "  two  words\t\u00a0 "
TEXTS = {"long": LONG, "scripts": SCRIPTS, "marks": MARKS, "blanks": BLANKS, "empty": ""}
ELSEWHERE = Address("", "", "", "", "", "", "", "", "Nowhere", "ZZ", "")


def home(text: str) -> Address:
    return Address(
        "Jane", "Doe", text, text, "Flat 2" if text else "", text, text, text, "United States", "US", text
    )  # fmt: skip


def people(text: str) -> Customer:
    return replace(
        person(1), first_name=text, last_name=text, company=text, phone=text, billing=home(text), shipping=home(text)
    )  # fmt: skip


def firms(text: str) -> Company:
    return Company("1", text or "Acme", "office@acme.example", text, home(text))


def things(text: str) -> Product:
    variant = goods(1).variants[0]
    return replace(goods(1), variants=(replace(variant, name=text or "Thing", description=text, category=text),))


def sales(text: str) -> Order:
    parcel = replace(shipped(sale(1)).shipments[0], tracking_number=text, carrier=text)
    return sale(1, status=text or "Shipped", shipments=(parcel,), customer_message=text, payment_method=text)


MAKERS: dict[str, Callable[[str], Record]] = {"customer": people, "company": firms, "product": things, "order": sales}


def read(rig: Rig, record: Record) -> dict[Key, tuple[Mapping[str, str], Theirs]]:
    """What the connector says is there of a record that was written, and what it reads: by the links that were made."""
    pairs = {}
    for key, shown in rig.target.shown(record).items():
        if key in rig.links:
            place = rig.links[key].ref
            theirs = rig.target.read_many(place.kind, [place.id])[place.id]
            assert isinstance(theirs, Theirs)
            pairs[key] = (shown, theirs)
    return pairs


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
@pytest.mark.parametrize("kind", MAKERS)
def test_what_is_shown_is_what_is_read(rig: Rig, kind: str, text: str) -> None:
    rig.prepare_fully()
    record = MAKERS[kind](text)
    rig.good(record)
    pairs = read(rig, record)
    assert pairs
    for key, (shown, theirs) in pairs.items():
        assert dict(theirs.fields) == dict(shown), key
        assert set(shown) <= set(fields(record)[key]) and theirs.is_echo
        assert theirs.merged_into is None
    rig.links.clear()
    census = rig.census()
    rig.good(record, attempt=2)  # found again, whatever it is called
    assert rig.census() == census
    again = read(rig, record)
    assert {key: dict(theirs.fields) for key, (_, theirs) in again.items()} == {
        key: dict(shown) for key, (shown, _) in pairs.items()
    }  # fmt: skip


@pytest.mark.parametrize("kind", MAKERS)
def test_nothing_is_shown_that_is_not_ours(rig: Rig, kind: str) -> None:
    record = SAMPLES[kind].make(1)
    if isinstance(record, Customer):
        record = replace(record, phone="555", company="Doe Ltd")  # else there are the address's and the person's own
    rig.good(record)
    for key, (shown, theirs) in read(rig, record).items():
        ours = fields(record)[key]
        assert {name: text for name, text in shown.items() if text != ours[name]} == {}, key
        assert theirs.store_id == (key[1] if key[0] == "variant" else record.id) or not theirs.store_id


def test_an_address_of_no_country_is_read_as_it_is_shown(rig: Rig) -> None:
    record = replace(person(1), billing=ELSEWHERE, phone="")
    rig.good(record)
    for key, (shown, theirs) in read(rig, record).items():
        assert dict(theirs.fields) == dict(shown), key


@pytest.mark.parametrize("text", [text for text in TEXTS.values() if text], ids=[name for name in TEXTS if TEXTS[name]])
def test_no_text_keeps_an_order_or_a_message_back(rig: Rig, text: str) -> None:
    rig.good(person(1))
    lines = (
        replace(line(100), name=text, sku=text),
        replace(line(101), name=text, sku=text, product_id="", variant_id=""),
    )
    record = order(1, *lines, buyer=replace(buyer(1), first_name=text, last_name=text), customer_message=text)
    said = replace(message(1), subject=text, text=text)
    for _ in range(2):
        rig.good(record)
        rig.good(said)
    rig.links.clear()
    rig.good(record, attempt=2)
    rig.good(said, attempt=2)
    assert rig.money("1").gross == record.total and len(rig.there("order")) == len(rig.there("message")) == 1
    assert rig.lines("1") == {settled.key for settled in record.settled()}


# ---- changes


def kind_of(rig: Rig, ours: str) -> str:
    """Their word for where the only sample of a kind of ours is."""
    record = SAMPLES[ours].make(1)
    rig.good(record)
    key = ("variant", record.id) if ours == "product" else (ours, record.id)
    kind = rig.links[key].ref.kind
    rig.start()
    return kind


@pytest.mark.parametrize("kind", ["customer", "product", "company"])
def test_an_edit_is_told_once_and_our_own_write_is_an_echo(rig: Rig, kind: str) -> None:
    checks.tells_edits(rig, kind_of(rig, kind), SAMPLES[kind])


@pytest.mark.parametrize("kind", ["customer", "company"])
def test_from_now_on_means_nothing_of_before(rig: Rig, kind: str) -> None:
    where = kind_of(rig, kind)
    start = rig.target.changes(where, "")
    assert start.seen == () and not start.more and start.cursor
    assert checks.drained(rig, where, start.cursor)[0] == []


@pytest.mark.parametrize("kind", ["customer", "product"])
def test_a_deletion_is_told_and_read(rig: Rig, kind: str) -> None:
    where = kind_of(rig, kind)
    rig.good(SAMPLES[kind].make(1), SAMPLES[kind].make(2))
    cursor = checks.drained(rig, where, rig.target.changes(where, "").cursor)[1]
    gone, kept = (next(one.id for one in rig.there(kind) if one.key == key) for key in ("1", "2"))
    rig.remove(kind, gone)
    assert gone in {one.ref.id for one in checks.drained(rig, where, cursor)[0]}
    found = rig.target.read_many(where, [gone, kept])
    assert found[gone] is None and isinstance(found[kept], Theirs)


def test_a_merge_is_told_with_who_was_kept(rig: Rig) -> None:
    rig.need(Ability.MERGES_TOLD)
    where = kind_of(rig, "customer")
    rig.good(person(1))
    cursor = rig.target.changes(where, "").cursor
    loser, winner = rig.only("customer").id, rig.person("jane1@example.com", last_name="Kept")
    rig.merge(winner, loser)
    assert loser in {one.ref.id for one in checks.drained(rig, where, cursor)[0]}
    found = rig.target.read_many(where, [loser])[loser]
    assert isinstance(found, Theirs) and found.merged_into is not None
    assert found.merged_into.id == winner and found.fields["last_name"] == "Kept"


def test_who_was_merged_away_is_followed_by_the_next_write(rig: Rig) -> None:
    rig.good(person(1))
    loser, winner = rig.only("customer").id, rig.person("jane1@example.com")
    rig.merge(winner, loser)
    [outcome] = rig.good(replace(person(1), first_name="Janet"))
    assert outcome.made[("customer", "1")].ref.id == winner and outcome.matched == {("customer", "1")}
    rig.good(replace(person(1), first_name="Janet"))  # once both versions were compared
    one = rig.only("customer")
    assert (one.id, one.shows) == (winner, "Janet")
    rig.good(sale(1))
    assert len(rig.there("customer")) == 1


# ---- pages


@pytest.fixture
def paged(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> Rig:
    """An account, and a connector, with very small pages."""
    for name, size in rig.pages:
        monkeypatch.setattr(name, size)
    return rig


def test_changes_come_in_pages_and_none_is_missed(paged: Rig) -> None:
    where = kind_of(paged, "company")
    cursor = paged.small(paged.target.changes(where, "").cursor)
    paged.good(*(company(number) for number in range(1, 11)))
    first = paged.target.changes(where, cursor)
    assert first.more and 0 < len(first.seen) < 10
    seen, cursor = checks.drained(paged, where, cursor)
    made = {one.id for one in paged.there("company")}
    assert {one.ref.id for one in seen} == made and len(made) == 10
    assert {one.is_echo for one in seen} == {True}
    moved = sorted(made)[0]
    paged.edit("company", moved)
    assert moved in {one.ref.id for one in checks.drained(paged, where, cursor)[0]}


def test_a_record_that_moves_between_two_pages_is_told(paged: Rig) -> None:
    where = kind_of(paged, "company")
    cursor = paged.small(paged.target.changes(where, "").cursor)
    paged.good(*(company(number) for number in range(1, 11)))
    first = paged.target.changes(where, cursor)
    moved = first.seen[0].ref.id
    paged.edit("company", moved)
    rest, cursor = checks.drained(paged, where, first.cursor)
    assert {one.ref.id for one in (*first.seen, *rest)} == {one.id for one in paged.there("company")}
    rest += checks.drained(paged, where, cursor)[0]  # at the latest
    assert moved in {one.ref.id for one in rest if not one.is_echo}


def test_users_and_sums_come_in_pages(paged: Rig) -> None:
    users = paged.target.users()
    assert len(users) > 2
    paged.small(paged.target.changes(next(iter(paged.target.inward)), "").cursor)
    paged.good(*(sale(number) for number in range(1, 6)))
    paged.place.forget_calls()
    assert totals(paged.target.sales())["orders"] == 5 and paged.calls() > 1
    paged.place.forget_calls()
    assert paged.target.users() == users and paged.calls() > 1


def test_many_are_read_in_few_calls(rig: Rig) -> None:
    rig.good(*(person(number) for number in range(1, 51)))
    where = next(theirs for theirs, ours in rig.target.inward.items() if ours == "customer")
    ids = [one.id for one in rig.there("customer")]
    rig.place.forget_calls()
    found = rig.target.read_many(where, ids)
    assert len(found) == 50 and all(isinstance(one, Theirs) for one in found.values()) and rig.calls() <= 2
    assert rig.target.read_many(where, []) == {}
