"""What people there change comes back: records in our names, changes, merges, deletions, hooks."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from app.connectors.base import Ref, Theirs
from app.connectors.sugarcrm.notice import read
from app.domain import Record
from app.domain.fields import fields
from app.errors import Rejected
from tests.contract.sugarcrm.conftest import MakeInstance
from tests.contract.sugarcrm.instance import Instance
from tests.contract.sugarcrm.records import HOME, buyer, company, customer, order, product, registered, shipment


def one(sugar: Instance, module: str, record_id: str) -> Theirs:
    found = sugar.crm.read_many(module, [record_id])[record_id]
    assert isinstance(found, Theirs)
    return found


def agreed(sugar: Instance, key: tuple[str, str], module: str) -> Theirs:
    """The record at a link's place."""
    return one(sugar, module, sugar.links[key].ref.id)


def test_what_is_shown_is_what_is_read(special: MakeInstance) -> None:
    sugar = special(fields=True)
    long = replace(HOME, street_2="Floor 2", city="L" * 150, country="")
    records: list[Record] = [
        customer(billing=long, first_name="", company=" Doe Ltd "), customer(43, "roe@example.com"), company(5),
        product(7, 70), order(1, shipments=(shipment(),)),
    ]  # fmt: skip
    modules = {"customer": "Contacts", "account": "Accounts", "company": "Accounts", "variant": "ProductTemplates",
               "order": "Opportunities"}  # fmt: skip
    for record in records:
        sugar.good(record)
        shown = sugar.crm.shown(record)
        assert shown
        for key, values in shown.items():
            assert agreed(sugar, key, modules[key[0]]).fields == values, key
            assert set(values) <= set(fields(record)[key])


def test_a_lead_is_read_as_it_is_shown(special: MakeInstance) -> None:
    sugar = special(options=("registrations_as_leads",))
    who = registered(company="Doe Ltd")
    sugar.good(who)
    assert agreed(sugar, ("lead", "42"), "Leads").fields == sugar.crm.shown(who)[("lead", "42")]


def test_records_are_read_in_our_names(sugar: Instance) -> None:
    sugar.good(customer())
    contact, account = sugar.row("Contacts")["id"], sugar.row("Accounts")["id"]
    mine = one(sugar, "Contacts", contact)
    assert mine.is_echo and mine.store_id == "42" and mine.ref == Ref("Contacts", contact)
    sugar.control("clock", advance_seconds=60)
    sugar.api("PUT", f"/Contacts/{contact}", {"first_name": "Janet", "phone_work": ""}, user="sally")
    sugar.api("PUT", f"/Accounts/{account}", {"billing_address_country": "Germany"}, user="sally")
    sugar.calls()
    found = sugar.crm.read_many("Contacts", [contact, "not-there"])
    assert sugar.calls() == ["POST Contacts/filter"] and found["not-there"] is None
    theirs = found[contact]
    assert isinstance(theirs, Theirs) and not theirs.is_echo and theirs.modified_at > mine.modified_at
    assert theirs.fields == {"first_name": "Janet", "last_name": "Doe", "email": "jane@example.com", "phone": ""}
    assert one(sugar, "Accounts", account).fields["country_code"] == "DE"
    sugar.api("PUT", f"/Accounts/{account}", {"billing_address_country": "Atlantis"}, user="sally")
    assert "country_code" not in one(sugar, "Accounts", account).fields


def test_contacts_that_are_moved_with_their_company_are_to_be_looked_at(sugar: Instance) -> None:
    sugar.good(customer())
    contact = sugar.row("Contacts")["id"]
    sugar.control("clock", advance_seconds=60)
    sugar.api("PUT", f"/Contacts/{contact}", {"phone_work": "999"}, user="sally")
    [outcome] = sugar.good(company(5, 42))
    assert one(sugar, "Contacts", contact).is_echo  # so nobody is told of what sally did
    assert outcome.touched == (Ref("Contacts", contact),)
    [outcome] = sugar.good(company(5, 42))
    assert outcome.touched == ()


def test_what_an_order_claims_by_the_way_is_to_be_looked_at(sugar: Instance) -> None:
    there = sugar.make("Contacts", last_name="Doe", email=[{"email_address": "jane@example.com"}])
    [outcome] = sugar.good(order(1, buyer=buyer()))
    assert outcome.made[("customer", "42")].ref.id == there and outcome.touched == (Ref("Contacts", there),)
    outcomes = sugar.good(order(2, buyer=buyer()), customer(), order(1, buyer=buyer(), status="Shipped"))
    assert [outcome.touched for outcome in outcomes] == [(), (), ()]


def test_deleted_and_merged_records_are_none(sugar: Instance) -> None:
    sugar.good(customer(), customer(43, "roe@example.com", first_name="Rick", last_name="Roe"))
    jane, rick = (sugar.links[("customer", our_id)].ref.id for our_id in ("42", "43"))
    winner = sugar.make("Contacts", last_name="Doe")
    sugar.control("merge", module="Contacts", winner=winner, losers=[jane])
    sugar.api("DELETE", f"/Contacts/{rick}")
    assert sugar.crm.read_many("Contacts", [jane, rick]) == {jane: None, rick: None}
    # the next order of theirs finds the winner, who has the loser's address
    sugar.gone.add(("customer", "42"))
    [outcome] = sugar.good(order(1, buyer=buyer()))
    assert outcome.made[("customer", "42")].ref.id == winner and len(sugar.rows("Contacts")) == 1
    [linked] = sugar.api("GET", f"/Opportunities/{sugar.row('Opportunities')['id']}/link/contacts")["records"]
    assert linked["id"] == winner


def test_instances_that_know_no_deleted_argument(special: MakeInstance) -> None:
    sugar = special(deleted_argument=False)
    sugar.good(customer())
    contact = sugar.row("Contacts")["id"]
    sugar.api("DELETE", f"/Contacts/{contact}")
    assert sugar.crm.read_many("Contacts", [contact]) == {contact: None}


def test_changes_since_the_cursor(sugar: Instance) -> None:
    start = sugar.crm.changes("Contacts", "")
    assert start.seen == () and not start.more
    sugar.good(customer())
    contact = sugar.row("Contacts")["id"]
    page = sugar.crm.changes("Contacts", start.cursor)
    assert [(seen.ref, seen.is_echo) for seen in page.seen] == [(Ref("Contacts", contact), True)]
    page = sugar.crm.changes("Contacts", page.cursor)
    assert len(page.seen) == 1  # its second may not be over yet
    sugar.control("clock", advance_seconds=5)
    page = sugar.crm.changes("Contacts", page.cursor)
    assert sugar.crm.changes("Contacts", page.cursor).seen == ()  # told already
    sugar.control("clock", advance_seconds=60)
    sugar.api("PUT", f"/Contacts/{contact}", {"phone_mobile": "1"}, user="sally")
    page = sugar.crm.changes("Contacts", page.cursor)
    assert [(seen.ref.id, seen.is_echo) for seen in page.seen] == [(contact, False)]
    sugar.control("clock", advance_seconds=60)
    sugar.api("DELETE", f"/Contacts/{contact}")
    page = sugar.crm.changes("Contacts", page.cursor)
    assert [seen.ref.id for seen in page.seen] == [contact]


def test_lists_that_take_no_deleted_argument(sugar: Instance) -> None:
    cursor = sugar.crm.changes("Contacts", "").cursor
    sugar.good(customer())
    sugar.control("fail", status=422, match="Contacts/filter", body={"error": "invalid_parameter"})
    assert len(sugar.crm.changes("Contacts", cursor).seen) == 1


@pytest.mark.parametrize("apart", [0, 1])
def test_changes_come_in_pages_none_missed(sugar: Instance, monkeypatch: pytest.MonkeyPatch, apart: int) -> None:
    monkeypatch.setattr("app.connectors.sugarcrm.reading.PAGE", 3)
    cursor = sugar.crm.changes("Accounts", "").cursor
    made = set()
    for number in range(10):
        made.add(sugar.make("Accounts", name=f"Account {number}"))
        sugar.control("clock", advance_seconds=apart)
    seen: list[str] = []
    more = True
    while more:
        page = sugar.crm.changes("Accounts", cursor)
        seen += [change.ref.id for change in page.seen]
        cursor, more = page.cursor, page.more
    assert set(seen) == made and len(seen) == 10


def test_a_change_within_the_overlap_is_told(sugar: Instance) -> None:
    cursor = sugar.crm.changes("Accounts", "").cursor
    first = sugar.make("Accounts", name="First")
    sugar.control("clock", advance_seconds=5)
    cursor = sugar.crm.changes("Accounts", cursor).cursor
    second = sugar.make("Accounts", name="Second")
    assert [seen.ref.id for seen in sugar.crm.changes("Accounts", cursor).seen] == [second] != [first]


@pytest.mark.parametrize("size", [3, 500])
def test_what_becomes_visible_late_is_told(sugar: Instance, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    """In pages or at once; what was told before is not told again for it."""
    monkeypatch.setattr("app.connectors.sugarcrm.reading.PAGE", size)
    cursor = sugar.crm.changes("Accounts", "").cursor
    for number in range(10):
        sugar.control("clock", advance_seconds=1)
        sugar.make("Accounts", name=f"Account {number}")
    more = True
    while more:
        page = sugar.crm.changes("Accounts", cursor)
        cursor, more = page.cursor, page.more
    sugar.control("clock", advance_seconds=-5)
    late, seen, more = sugar.make("Accounts", name="Late"), list[str](), True
    while more:
        page = sugar.crm.changes("Accounts", cursor)
        cursor, more = page.cursor, page.more
        seen += [one.ref.id for one in page.seen]
    assert late in seen


def test_two_changes_within_a_second_are_both_told(sugar: Instance) -> None:
    cursor = sugar.crm.changes("Accounts", "").cursor
    account = sugar.make("Accounts", name="First")
    page = sugar.crm.changes("Accounts", cursor)
    sugar.api("PUT", f"/Accounts/{account}", {"name": "Second"})
    assert [seen.ref.id for seen in sugar.crm.changes("Accounts", page.cursor).seen] == [account]


@contextmanager
def receiver() -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """Our endpoint, as a hook finds it."""
    got: list[tuple[str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/webhooks/sugarcrm/secret", got
    server.shutdown()


def test_hooks_tell_of_changes(sugar: Instance) -> None:
    sugar.good(customer())
    contact = sugar.row("Contacts")["id"]
    with receiver() as (address, got):
        assert sugar.crm.subscribe(address) == ""
        sugar.api("PUT", f"/Contacts/{contact}", {"phone_work": "9"}, user="sally")
        sugar.api("DELETE", f"/Contacts/{contact}")
        sugar.control("cron")
    notices = [read(path.partition("/secret/")[2], body) for path, body in got]
    assert {notice.scope for notice in notices} == {"Contacts after_save", "Contacts after_delete"}
    assert {notice.refs for notice in notices} == {(Ref("Contacts", contact),)}
    assert len({notice.event_id for notice in notices}) == len(notices) == 2


def test_hooks_are_made_once_and_replaced(sugar: Instance) -> None:
    old, new = "https://app.example/webhooks/sugarcrm/old", "https://app.example/webhooks/sugarcrm/new"
    other = sugar.other("s2")
    assert other.crm.subscribe("https://app.example/webhooks/sugarcrm/others") == ""
    for address in (old, old, new):
        assert sugar.crm.subscribe(address) == ""
    urls = [row["url"] for row in sugar.rows("WebLogicHooks")]
    assert len(urls) == len(set(urls)) == 20 and sum(url.startswith(f"{new}/") for url in urls) == 10
    assert f"{new}/Contacts/after_save" in urls
    sugar.crm.unsubscribe(new)
    sugar.crm.unsubscribe(new)
    assert len(sugar.rows("WebLogicHooks")) == 10


def test_notices_of_nobody_are_refused() -> None:
    good = json.dumps({"bean": "Contact", "data": {"id": "c1"}, "dataChanges": []}).encode()
    assert read("/Contacts/after_save/", good).refs == (Ref("Contacts", "c1"),)
    assert read("Contacts/after_save", good).event_id != read("Accounts/after_save", good).event_id
    for path, body in (
        ("Contacts", good), ("Contacts/after_login", good), ("../x/after_save", good), ("Contacts/after_save", b"no"),
        ("Contacts/after_save", b"[]"), ("Contacts/after_save", b'{"data": []}'),
    ):  # fmt: skip
        with pytest.raises(Rejected):
            read(path, body)


def test_date_times_of_another_zone(sugar: Instance) -> None:
    start = sugar.crm.changes("Contacts", "")
    sugar.good(customer())
    before = one(sugar, "Contacts", sugar.row("Contacts")["id"]).modified_at
    sugar.api("PUT", "/me/preferences", {"timezone": "America/New_York"})
    after = one(sugar, "Contacts", sugar.row("Contacts")["id"]).modified_at
    assert abs(after - before) < timedelta(seconds=2)
    sugar.control("clock", advance_seconds=5)
    page = sugar.crm.changes("Contacts", start.cursor)
    assert len(page.seen) == 1 and sugar.crm.changes("Contacts", page.cursor).seen == ()
