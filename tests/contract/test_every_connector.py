"""The life of a record of every kind, in every CRM: made once, changed, archived, deleted by people."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from app.connectors.base import TO_CRM
from app.connectors.registry import VENDORS
from app.domain import Record
from tests.contract import checks
from tests.contract.conftest import RIGS
from tests.contract.rig import Ability, Rig
from tests.contract.samples import SAMPLES, Sample, buyer, cart, message, person, refunded, sale, shipped

# What vendors lack, and nothing else may be skipped.
LACKING = {
    "salesforce": {Ability.CATEGORIES, Ability.RETRY_AFTER},
    "sap-sales-cloud": {Ability.ANY_SPELLING, Ability.CATEGORIES, Ability.RENEWAL},
    "sugarcrm": {Ability.LOCKS, Ability.MERGES_TOLD},
}
EDITED = tuple(kind for kind in SAMPLES if kind != "message")  # a message is sent once
CLOSED = ("order", "product", "cart")  # what is seen to be over there once it is gone from the store


def sample_of(rig: Rig, kind: str) -> Sample:
    """The sample, if the vendor takes such records."""
    if kind == "category":
        rig.need(Ability.CATEGORIES)
    return SAMPLES[kind]


def test_every_vendor_has_a_rig_and_says_what_it_lacks() -> None:
    assert set(RIGS) == set(VENDORS)
    assert {name: set(rig.lacks) for name, (rig, _) in RIGS.items()} == LACKING
    assert all(reason for rig, _ in RIGS.values() for reason in rig.lacks.values())


def test_every_kind_of_every_vendor_has_a_sample() -> None:
    for vendor in VENDORS.values():
        kinds = {kind for option in vendor.options if option.direction == TO_CRM for kind in option.kinds}
        lacking = {"category"} if Ability.CATEGORIES in LACKING[vendor.name] else set()
        assert kinds == set(SAMPLES) - lacking, vendor.name


@pytest.mark.parametrize("kind", SAMPLES)
def test_create(rig: Rig, kind: str) -> None:
    checks.creates(rig, sample_of(rig, kind))


@pytest.mark.parametrize("kind", SAMPLES)
def test_repeat(rig: Rig, kind: str) -> None:
    checks.repeats(rig, sample_of(rig, kind))


@pytest.mark.parametrize("kind", EDITED)
def test_update(rig: Rig, kind: str) -> None:
    checks.updates(rig, sample_of(rig, kind))


@pytest.mark.parametrize("kind", [kind for kind in SAMPLES if kind != "category"])
def test_gone_upstream(rig: Rig, kind: str) -> None:
    checks.follows_deletion(rig, sample_of(rig, kind))


@pytest.mark.parametrize("kind", SAMPLES)
def test_archive_and_delete_twice(rig: Rig, kind: str) -> None:
    sample = sample_of(rig, kind)
    checks.first(rig, sample)
    rig.good(sample.make(1))
    key = checks.keyed(sample, 1)
    for _ in range(2):
        assert rig.archive(kind, key).error is None
        assert {(one.key, one.live) for one in rig.there(kind)} == {(key, kind not in CLOSED)}
    rig.links.clear()
    census = rig.census()
    assert rig.archive(kind, key).error is None  # of what was never linked, there is nothing to archive
    assert rig.census() == census


@pytest.mark.parametrize("kind", CLOSED[:2])
def test_what_comes_back_to_the_store_lives_again(rig: Rig, kind: str) -> None:
    sample = sample_of(rig, kind)
    rig.good(sample.make(1))
    rig.archive(kind, checks.keyed(sample, 1))
    rig.good(sample.make(1))
    there = rig.only(kind)
    checks.seen_as(there, sample, 1, sample.before(1))
    assert there.live


def test_deleted_there_and_then_gone_from_the_store(rig: Rig) -> None:
    rig.good(sale(1))
    rig.remove("order", rig.only("order").id)
    assert rig.archive("order", "1").error is None and rig.there("order") == []


def test_an_order_whose_buyer_people_deleted_arrives(rig: Rig) -> None:
    rig.good(sale(1))
    rig.remove("customer", rig.only("customer").id)
    later = replace(sale(2), buyer=sale(1).buyer)
    [outcome] = rig.good(later)
    assert {one.key for one in rig.there("order")} == {"1", "2"} and len(rig.there("customer")) <= 1
    assert outcome.gone or "RECREATED" in [flag.code for flag in outcome.flags]
    rig.good(replace(sale(3), buyer=sale(1).buyer))
    assert len(rig.there("order")) == 3 and len(rig.there("customer")) <= 1


def test_every_option_on_doubles_nothing(rig: Rig) -> None:
    """A registration, their cart, its order, what happens to that: each once, however often it is told."""
    rig.open_all()
    registered = replace(person(1), has_ordered=False)
    first = replace(sale(1), cart_id="c1")
    bought = replace(cart(1), buyer=buyer(1), order_id="1", lines=())
    later = shipped(refunded(first, "5.00"))
    story: tuple[Record, ...] = (
        registered, replace(cart(1), buyer=registered), first, person(1, has_ordered=True), bought, later, message(1),
    )  # fmt: skip
    for record in story:
        rig.good(record)
    census = rig.census()
    for record in story[2:]:
        rig.good(record)
    rig.links.clear()
    for record in (person(1, has_ordered=True), later, message(1)):
        rig.good(record, attempt=2)
    assert rig.census() == census
    assert len(rig.there("order")) == len(rig.there("customer")) == 1 and rig.totals() == {"GBP": later.net}


@pytest.mark.parametrize("kind", SAMPLES)
def test_what_is_made_is_handed_back(rig: Rig, kind: str) -> None:
    sample = sample_of(rig, kind)
    checks.first(rig, sample)
    record = sample.make(1)
    [outcome] = rig.good(record)
    asked = {(record.kind, record.id), *rig.target.refers_to(record)}
    below = {("variant", variant.id) for variant in record.variants} if kind == "product" else set()
    assert set(outcome.made) <= asked | below


@pytest.mark.parametrize("kind", EDITED)
def test_a_digest_tells_an_edit_and_nothing_else(rig: Rig, kind: str) -> None:
    sample = sample_of(rig, kind)
    before = rig.target.digest(sample.make(1))
    rig.open()
    assert rig.target.digest(sample.make(1)) == before != rig.target.digest(sample.edit(sample.make(1)))
    rig.good(sample.make(1))
    assert rig.target.digest(sample.make(1)) == before


@pytest.mark.parametrize("kind", SAMPLES)
def test_what_is_kept_of_a_write_is_plain_and_holds_no_secret(rig: Rig, kind: str) -> None:
    sample = sample_of(rig, kind)
    checks.first(rig, sample)
    first, second = rig.good(sample.make(1), sample.make(2)) if kind != "message" else rig.good(message(1)) * 2
    assert first.sent
    for outcome in (first, second):
        text = json.dumps([outcome.sent, outcome.received])
        assert not any(secret in text for secret in rig.secrets())
    if kind == "customer":
        assert "jane1@" in json.dumps(first.sent) and "jane2@" not in json.dumps(first.sent)


def test_prepare_twice_makes_nothing_twice(rig: Rig) -> None:
    first = rig.target.prepare()
    census = rig.census()
    again = rig.target.prepare()
    assert (again.created, again.missing) == ((), ()) and again.facts == first.facts and rig.census() == census


def test_check_makes_one_call_and_no_record(rig: Rig) -> None:
    census = rig.census()
    rig.place.forget_calls()
    rig.target.check()
    assert rig.calls() == rig.target.calls == 1 and rig.census() == census


def test_users_can_own_what_is_made(rig: Rig) -> None:
    users = rig.target.users()
    assert users and len({user.id for user in users}) == len(users) and all(user.name for user in users)
    for user in users[:2]:
        rig.start()
        owners = dict.fromkeys(("account", "lead", "opportunity"), user.id)
        rig.good(person(1), owners=owners)
        rig.good(cart(2), owners=owners)
        assert (rig.owner("customer"), rig.owner("cart")) == (user.id, user.id)
        rig.good(replace(person(1), first_name="Janet"), owners={"account": "nobody"})  # chosen once, when it is made
        assert rig.owner("customer") == user.id
