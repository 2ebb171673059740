"""Whom people of a CRM knew before us: only linked at first, for what they typed is compared and not written over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from app.connectors.base import Key, Known, Ref, Theirs
from app.domain import Customer, Record
from app.domain.fields import fields, with_fields
from tests.contract.rig import Rig
from tests.contract.salesforce.rig import SalesforceRig
from tests.contract.samples import SAMPLES, company, goods, person, sale

MAIL = "jane1@example.com"
KEY = ("customer", "1")
OPTIONS = {"customer": "customer_edits", "product": "product_edits", "company": "customer_edits"}
KEYS = {"customer": KEY, "product": ("variant", "1"), "company": ("company", "1")}


def rows_there(rig: Rig) -> Mapping[str, tuple[str, dict[str, Any]]]:
    """What people made of a kind: the object, its fields; each is like our sample and says something else, too."""
    email = [{"email_address": "office1@acme.example", "primary_address": True}]
    found: dict[str, Mapping[str, tuple[str, dict[str, Any]]]] = {
        "salesforce": {
            "product": ("Product2", {"Name": "Their own name", "ProductCode": "SKU-1"}),
            "company": ("Account", {"Name": "Acme 1", "Phone": "0800 ACME"}),
        },
        "sugarcrm": {
            "product": (
                "ProductTemplates",
                {"name": "Their own name", "mft_part_num": "SKU-1", "discount_price": "77", "list_price": "80",
                 "cost_price": "1", "pricing_formula": "Fixed"},
            ),
            "company": ("Accounts", {"name": "Acme 1", "phone_office": "0800 ACME", "email": email}),
        },
        "sap-sales-cloud": {
            "product": (
                "Product",
                {"ProductID": "SKU-1", "Description": "Their own name", "Language": "EN", "BaseUOM": "EA"},
            ),
            "company": (
                "CorporateAccount",
                {"Name": "Acme 1", "Phone": "0800 ACME", "Email": "office1@acme.example", "RoleCode": "CRM000"},
            ),
        },
    }  # fmt: skip
    return found[rig.vendor]


def meet(rig: Rig, kind: str) -> Ref:
    """Somebody there has entered what our sample is, and something of their own."""
    if kind == "customer":
        where = next(theirs for theirs, ours in rig.target.inward.items() if ours == "customer")
        made = rig.person(MAIL, last_name="Direct")
        rig.edit("customer", made)
        return Ref(where, made)
    name, values = rows_there(rig)[kind]
    if isinstance(rig, SalesforceRig):  # there its maker tells whose it is
        return Ref(name, str(rig.by_hand("POST", f"/sobjects/{name}", values)["id"]))
    answer: Any = rig.place.make(name, **values)  # type: ignore[attr-defined]  # every account has it, of its own type
    return Ref(name, str(answer["ObjectID"] if isinstance(answer, dict) else answer))


def told(rig: Rig, ref: Ref) -> dict[str, str]:
    """The record in our names."""
    theirs = rig.target.read_many(ref.kind, [ref.id])[ref.id]
    assert isinstance(theirs, Theirs)
    return dict(theirs.fields)


def typed(rig: Rig, kind: str, ref: Ref) -> dict[str, Any]:
    """What people typed, as it is there now."""
    if kind == "customer":
        return {name: text for name, text in told(rig, ref).items() if name in ("first_name", "last_name", "phone")}
    [row] = [row for row in rig.place.rows(ref.kind) if ref.id in (row.get("Id"), row.get("id"), row.get("ObjectID"))]
    return {name: row[name] for name in rows_there(rig)[kind][1] if name != "email"}


def merged(rig: Rig, record: Record, key: Key, there: Ref) -> Record:
    """As the engine merges under the rule that the CRM wins: what is empty there is filled."""
    theirs = told(rig, there)
    shown = rig.target.shown(record)[key]
    return with_fields(record, {key: {name: text for name, text in theirs.items() if text and name in shown}})


@pytest.mark.parametrize("kind", KEYS)
def test_a_first_meeting_links_and_leaves_everything_as_it_is(rig: Rig, kind: str) -> None:
    rig.open(**{OPTIONS[kind]: True})
    there, record, key = meet(rig, kind), SAMPLES[kind].make(1), KEYS[kind]
    before = typed(rig, kind, there)
    [outcome] = rig.good(record)
    assert (outcome.matched, rig.links[key].ref) == (frozenset({key}), there)
    assert typed(rig, kind, there) == before
    rig.links.clear()
    rig.open(**{OPTIONS[kind]: False})
    rig.good(record, attempt=2)
    assert rig.links[key].ref == there and len(rig.there(kind)) == 1


@pytest.mark.parametrize("kind", KEYS)
def test_the_second_write_merges(rig: Rig, kind: str) -> None:
    rig.open(**{OPTIONS[kind]: True})
    there, record, key = meet(rig, kind), SAMPLES[kind].make(1), KEYS[kind]
    before = typed(rig, kind, there)
    rig.good(record)
    both = merged(rig, record, key, there)
    assert fields(both)[key] != fields(record)[key], "nothing of theirs is to be kept"
    [outcome] = rig.good(both, attempt=2)
    after = typed(rig, kind, there)
    assert outcome.matched == frozenset()
    assert told(rig, there) == dict(rig.target.shown(both)[key])
    if kind == "customer":
        assert after == {**before, "first_name": "Jane 1"}  # theirs was empty


@pytest.mark.parametrize("kind", KEYS)
def test_where_no_edits_come_back_the_stores_word_counts_at_once(rig: Rig, kind: str) -> None:
    rig.open(**{OPTIONS[kind]: False})
    there, record, key = meet(rig, kind), SAMPLES[kind].make(1), KEYS[kind]
    [outcome] = rig.good(record)
    assert (outcome.matched, rig.links[key].ref) == (frozenset(), there)
    assert told(rig, there) == dict(rig.target.shown(record)[key])


@pytest.mark.parametrize("kind", KEYS)
def test_what_we_made_without_an_answer_is_compared_before_it_is_written_over(rig: Rig, kind: str) -> None:
    """An attempt that died made it, and people may have been there since."""
    rig.open(**{OPTIONS[kind]: True})
    sample = SAMPLES[kind]
    rig.good(sample.make(1))
    shows = rig.only(kind).shows
    rig.links.clear()
    [outcome] = rig.good(sample.edit(sample.make(1)), attempt=2)
    assert KEYS[kind] in outcome.matched
    # SAP's products bear a SKU and no key: whose one is nobody knows.
    assert outcome.ours == (frozenset() if (rig.vendor, kind) == ("sap-sales-cloud", "product") else outcome.matched)
    assert rig.only(kind).shows == shows
    [outcome] = rig.good(sample.edit(sample.make(1)), attempt=3)
    assert outcome.matched == frozenset() and rig.only(kind).shows == sample.after


@pytest.mark.parametrize("kind", KEYS)
def test_what_people_changed_in_what_we_made_without_an_answer_is_theirs(rig: Rig, kind: str) -> None:
    rig.open(**{OPTIONS[kind]: True})
    sample = SAMPLES[kind]
    rig.good(sample.make(1))
    there = rig.links[KEYS[kind]].ref
    changed = rig.edit(kind, there.id)
    rig.links.clear()
    [outcome] = rig.good(sample.edit(sample.make(1)), attempt=2)
    assert KEYS[kind] in outcome.matched - outcome.ours
    assert changed.items() <= told(rig, there).items()


@pytest.mark.parametrize("kind", KEYS)
def test_what_we_only_claimed_stays_peoples_own(rig: Rig, kind: str) -> None:
    """The answer to our claim was lost: the record bears our key, and all that stands in it people have typed."""
    rig.open(**{OPTIONS[kind]: True})
    there, record = meet(rig, kind), SAMPLES[kind].make(1)
    before = typed(rig, kind, there)
    rig.good(record)
    rig.links.clear()
    [outcome] = rig.good(record, attempt=2)
    assert KEYS[kind] in outcome.matched - outcome.ours and typed(rig, kind, there) == before


def test_an_order_leaves_its_buyer_alone(rig: Rig) -> None:
    there = meet(rig, "customer")
    before = told(rig, there)
    [outcome] = rig.good(sale(1))
    assert (outcome.matched, told(rig, there)) == (frozenset({KEY}), before)  # as yet nobody has compared the two
    assert rig.links[KEY].ref == there


def test_many_meetings_of_one_batch(rig: Rig) -> None:
    theirs = {number: rig.person(f"jane{number}@example.com", last_name=f"Direct {number}") for number in range(1, 26)}
    rig.place.forget_calls()
    outcomes = rig.good(*(person(number) for number in range(1, 31)))
    calls = rig.calls()
    assert [bool(one.matched) for one in outcomes] == [True] * 25 + [False] * 5
    assert {number: rig.links[("customer", str(number))].ref.id for number in theirs} == theirs
    assert calls <= 30 // 3
    kind = rig.links[KEY].ref.kind
    found = rig.target.read_many(kind, list(theirs.values()))
    assert [one.fields["last_name"] for one in found.values() if isinstance(one, Theirs)] == [
        f"Direct {number}" for number in theirs
    ]


def test_a_throttled_first_meeting_is_none_the_less_one(rig: Rig) -> None:
    there = meet(rig, "customer")
    before = told(rig, there)
    rig.fail_at(2, **rig.throttled)
    [failed] = rig.attempted(person(1))
    if KEY not in rig.links:  # else the engine compares before it tries again
        [outcome] = rig.good(person(1), attempt=2)
        assert outcome.matched == {KEY}
    assert failed.error is not None and told(rig, there) == before


# ---- people of companies


def corporate(rig: Rig) -> tuple[Ref, Ref]:
    """A company of people there, and somebody who works for it."""
    account = meet(rig, "company")
    email = [{"email_address": MAIL, "primary_address": True}]
    match rig.vendor:
        case "salesforce":
            who: dict[str, Any] = {"LastName": "Direct", "Email": MAIL, "AccountId": account.id}
        case "sugarcrm":
            who = {"last_name": "Direct", "email": email, "account_id": account.id}
        case _:
            [row] = [row for row in rig.place.rows(account.kind) if row["ObjectID"] == account.id]
            who = {"LastName": "Direct", "Email": MAIL, "AccountID": row["AccountID"]}
    kind = "Contacts" if rig.vendor == "sugarcrm" else "Contact"
    answer: Any = rig.place.make(kind, **who)  # type: ignore[attr-defined]  # every account has it, of its own type
    return account, Ref(kind, str(answer["ObjectID"] if isinstance(answer, dict) else answer))


def test_the_account_of_somebody_who_works_there_is_nobodys_to_compare(rig: Rig) -> None:
    account, contact = corporate(rig)
    before = told(rig, account)
    ours = replace(person(1), company="Doe Ltd")
    for _ in range(2):
        rig.good(ours)
        assert rig.links[KEY].ref == contact and told(rig, account) == before
        place = rig.links.get(("account", "1"), Known(account, ("adopted",)))
        assert (place.ref, place.is_adopted) == (account, True)
    read = told(rig, contact)
    assert not {"company", "street_1", "city", "postal_code", "country_code"} & set(read)


def test_who_buys_for_a_company_shares_its_account(rig: Rig) -> None:
    rig.good(company(1))
    account = rig.links[("company", "1")].ref
    before = told(rig, account)
    member: Customer = replace(person(1), company_id="1", company="Doe Ltd")
    rig.good(member)
    rig.good(replace(member, phone="0700"))
    assert told(rig, account) == before
    place = rig.links.get(("account", "1"), Known(account, ("adopted",)))
    assert (place.ref, place.is_adopted) == (account, True)
    assert not {"company", "street_1"} & set(told(rig, rig.links[KEY].ref))


def test_a_variant_is_met_by_its_sku_alone(rig: Rig) -> None:
    """The others of the product are ours from the beginning."""
    rig.open(product_edits=True)
    there = meet(rig, "product")
    one = goods(1).variants[0]
    product = replace(goods(1), variants=(one, replace(one, id="2", sku="SKU-2", name="Ours")))
    [outcome] = rig.good(product)
    assert outcome.matched == {("variant", "1")} and told(rig, there)["name"] == "Their own name"
    assert told(rig, rig.links[("variant", "2")].ref)["name"] == "Ours"
