"""What people there change, merge and delete, as the engine is told of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.connectors.base import Changes, Ref, Theirs
from app.connectors.sap_sales_cloud.notice import read
from app.domain import Address, Company, Customer, Order, Record, Shipment
from app.errors import Rejected
from tests.contract.salesforce.records import HOME, customer, order, product
from tests.contract.sap_sales_cloud.tenant import Tenant

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
US = Address("Jane", "Doe", "", "1 Main St", "Apt 4", "Springfield", "Illinois", "62701", "United States", "US", "555")


def theirs(tenant: Tenant, kind: str, object_id: str) -> Theirs:
    found = tenant.sap.read_many(kind, [object_id])[object_id]
    assert isinstance(found, Theirs)
    return found


def drain(tenant: Tenant, kind: str, cursor: str) -> tuple[list[str], Changes]:
    """All changes since a cursor; the ids, and the last page."""
    seen: list[str] = []
    page = tenant.sap.changes(kind, cursor)
    seen += [one.ref.id for one in page.seen]
    while page.more:
        page = tenant.sap.changes(kind, page.cursor)
        seen += [one.ref.id for one in page.seen]
    return seen, page


RECORDS: list[Record] = [
    customer(billing=US, company="Doe & Co", phone="0777"),
    customer(email="x@example.com", first_name="", last_name="", billing=Address()),
    customer(first_name="A\x01nn", company="Doe\x1f Ltd", billing=replace(HOME, city="Lon\x7fdon\x02")),
    customer(first_name="A" * 60, billing=replace(HOME, city="C" * 60, country_code="QX")),
    Company("5", "The Very Long Company Name of Acme and Sons and Daughters, Limited", "a@acme.example", "1", US),
    product(7, 70, 71, price="12.5"),
    order(shipments=(Shipment("1", AT, "1Z9", carrier="UPS"),)),
]


@pytest.mark.parametrize("extended", [False, True])
@pytest.mark.parametrize("number", range(len(RECORDS)))
def test_what_is_shown_is_what_is_read_back(bare: Tenant, number: int, extended: bool) -> None:
    if extended:
        names = {"Product": ("BCPrice", "BCStock"), "CustomerOrder": ("BCStatus", "BCTrackingNumber", "BCCarrier")}
        for entity, made in names.items():
            for name in made:
                bare.control("fields", entity=entity, name=name)
    bare.connect()
    record = RECORDS[number]
    [outcome] = bare.write(record)
    assert outcome.error is None
    shown = bare.sap.shown(record)
    assert shown or (isinstance(record, Order) and not extended)  # a status has no place in a plain tenant
    assert ("lead", record.id) not in bare.links  # nobody here is a mere lead
    for key, fields in shown.items():
        if key[0] == "lead":
            continue
        there = theirs(bare, bare.links[key].ref.kind, bare.links[key].ref.id)
        assert there.fields == fields and there.is_echo
        assert bare.sap.inward[there.ref.kind] == key[0]
        if key[0] in ("customer", "company", "order"):
            assert there.store_id == record.id
        if extended and key[0] == "variant":
            assert fields["price"] == "12.50"


def test_a_contact_shows_the_person_alone(tenant: Tenant) -> None:
    tenant.write(Company("5", "Acme", address=HOME))
    person = customer(company_id="5")
    tenant.write(person)
    key = ("customer", person.id)
    shown = tenant.sap.shown(person)[key]
    there = theirs(tenant, "Contact", tenant.links[key].ref.id)
    assert there.fields == shown == {
        "first_name": "Jane", "last_name": "Doe", "email": "jane@example.com", "phone": "0123",
    }  # fmt: skip


def test_changes_are_told_from_now_on(tenant: Tenant) -> None:
    tenant.write(customer(), customer(43, "other@example.com"))
    jane = tenant.row("IndividualCustomer", Email="jane@example.com")["ObjectID"]
    start = tenant.sap.changes("IndividualCustomer", "")
    assert start.seen == () and not start.more
    tenant.edit("IndividualCustomer", jane, Phone="999", CountryCode="US", StateCode="IL")
    seen, page = drain(tenant, "IndividualCustomer", start.cursor)
    assert jane in seen  # those of the overlap may be told as well
    told = next(one for one in tenant.sap.changes("IndividualCustomer", start.cursor).seen if one.ref.id == jane)
    assert not told.is_echo
    there = theirs(tenant, "IndividualCustomer", jane)
    assert not there.is_echo and there.modified_at == told.modified_at
    assert (there.fields["phone"], there.fields["country_code"], there.fields["state"]) == ("999", "US", "Illinois")
    tenant.write(customer(first_name="Janet"))
    assert jane in drain(tenant, "IndividualCustomer", page.cursor)[0]
    assert theirs(tenant, "IndividualCustomer", jane).is_echo


def test_pages_lose_nothing_while_rows_change(tenant: Tenant) -> None:
    cursor = json.dumps({"since": "2020-01-01T00:00:00+00:00", "top": 200})
    for start in range(0, 450, 50):
        tenant.write(*(customer(n, f"c{n}@example.com") for n in range(start, start + 50)))
    first = tenant.sap.changes("IndividualCustomer", cursor)
    assert first.more and len(first.seen) == 200
    moved = first.seen[0].ref.id
    tenant.edit("IndividualCustomer", moved, Phone="1")
    rest, _ = drain(tenant, "IndividualCustomer", first.cursor)
    everyone = {row["ObjectID"] for row in tenant.rows("IndividualCustomer")}
    assert {one.ref.id for one in first.seen} | set(rest) == everyone and moved in rest


def test_read_many_takes_few_calls(tenant: Tenant) -> None:
    tenant.write(*(customer(n, f"c{n}@example.com") for n in range(100)))
    ids = [row["ObjectID"] for row in tenant.rows("IndividualCustomer")]
    tenant.calls()
    found = tenant.sap.read_many("IndividualCustomer", [*ids, "0" * 32])
    assert len(tenant.calls()) == 1
    assert found["0" * 32] is None and all(isinstance(found[one], Theirs) for one in ids)


def test_an_obsolete_person_is_gone(tenant: Tenant) -> None:
    tenant.write(customer())
    there = tenant.row("IndividualCustomer")["ObjectID"]
    tenant.edit("IndividualCustomer", there, LifeCycleStatusCode="4")
    assert tenant.sap.read_many("IndividualCustomer", [there]) == {there: None}


@pytest.mark.parametrize("entity", ["IndividualCustomer", "CorporateAccount"])
def test_a_merged_record_names_the_winner(tenant: Tenant, entity: str) -> None:
    record: Customer | Company = (
        customer() if entity == "IndividualCustomer" else Company("5", "Acme", "a@acme.example")
    )
    tenant.write(record)
    loser = tenant.row(entity)
    name = {"LastName": "Doe"} if entity == "IndividualCustomer" else {"Name": "Acme"}
    winner = tenant.make(entity, Email=loser["Email"].upper(), RoleCode="CRM000", Phone="7", **name)
    tenant.control("merge", entity=entity, winner=winner["ObjectID"], loser=loser["ObjectID"])
    there = theirs(tenant, entity, loser["ObjectID"])
    assert there.merged_into == Ref(entity, winner["ObjectID"]) and there.fields["phone"] == "7"


def test_edits_of_products_and_orders_are_read(bare: Tenant) -> None:
    for name in ("BCStatus", "BCTrackingNumber", "BCCarrier"):
        bare.control("fields", entity="CustomerOrder", name=name)
    bare.connect()
    bare.write(product(7))
    bare.write(order())
    item, there = bare.row("Product", ProductID="SKU-70")["ObjectID"], bare.row("CustomerOrder")["ObjectID"]
    bare.edit("Product", item, Description="Better")
    bare.edit("CustomerOrder", there, BCStatus_KUT="Shipped", BCTrackingNumber_KUT="9")
    assert theirs(bare, "Product", item).fields == {"name": "Better"}
    found = theirs(bare, "CustomerOrder", there)
    assert found.fields == {"status": "Shipped", "tracking_number": "9", "carrier": ""} and found.store_id == "1001"


def test_users_are_those_who_can_own(tenant: Tenant) -> None:
    found = {user.name: user for user in tenant.sap.users()}
    assert found["Mike Summers"].id == "8000000001" and "@" in found["Mike Summers"].email
    assert not {"Lena Locked", "Egon Expired", "sandbox"} & set(found)


@pytest.mark.parametrize(
    ("event", "refs", "event_id"),
    [
        (
            {
                "event-type": "Account.Root.Updated", "event-id": "e1", "event-time": "2026-03-01T00:00:00Z",
                "data": {"root-entity-id": "00163E", "entity-id": "00163F"},
            },
            (Ref("CorporateAccount", "00163E"),), "e1",
        ),
        (
            {
                "specversion": "1.0", "id": "e2", "type": "sap.c4c.CustomerOrder.Item.Updated",
                "source": "tenant", "data": {"entity-id": "00163E"},
            },
            (Ref("CustomerOrder", "00163E"),), "e2",
        ),
        ({"event-type": "Visit.Root.Created", "event-id": "e3", "data": {"root-entity-id": "1"}}, (), "e3"),
    ],
)  # fmt: skip
def test_a_notice_is_read_in_both_forms(event: dict[str, object], refs: tuple[Ref, ...], event_id: str) -> None:
    notice = read("", json.dumps(event).encode())
    assert (notice.refs, notice.event_id) == (refs, event_id)
    assert notice.scope == event.get("event-type", event.get("type")) and json.loads(notice.body) == event


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"data": 1}', b"\xff", b"null"])
def test_what_is_no_notice_is_refused(body: bytes) -> None:
    with pytest.raises(Rejected):
        read("", body)


def test_after_pages_what_becomes_visible_late_is_looked_for(tenant: Tenant) -> None:
    _, page = drain(tenant, "IndividualCustomer", "")
    tenant.write(*(customer(n, f"c{n}@example.com") for n in range(30)))
    whole = drain(tenant, "IndividualCustomer", page.cursor)[1]
    paged = drain(tenant, "IndividualCustomer", json.dumps({**json.loads(page.cursor), "top": 4}))[1]
    first, second = (datetime.fromisoformat(json.loads(one.cursor)["since"]) for one in (whole, paged))
    assert abs(first - second) < timedelta(seconds=30) and datetime.now(UTC) - second > timedelta(seconds=90)


def test_a_second_that_fills_a_page_is_read_whole(tenant: Tenant) -> None:
    tenant.write(*(customer(n, f"c{n}@example.com") for n in range(30)))
    cursor = json.dumps({"since": "2020-01-01T00:00:00+00:00", "top": 4})
    everyone = {row["ObjectID"] for row in tenant.rows("IndividualCustomer")}
    assert set(drain(tenant, "IndividualCustomer", cursor)[0]) == everyone


def test_whom_an_order_claims_by_the_way_is_to_be_looked_at(tenant: Tenant) -> None:
    there = tenant.make("IndividualCustomer", LastName="Doe", Email="jane@example.com", RoleCode="CRM000")["ObjectID"]
    [outcome] = tenant.write(order(1, buyer=replace(customer(), complete=False)))
    assert outcome.error is None and outcome.made[("customer", "42")].ref.id == there
    assert outcome.touched == (Ref("IndividualCustomer", there),)
    outcomes = tenant.write(order(2, buyer=replace(customer(), complete=False)), customer(phone="1"))
    assert [outcome.touched for outcome in outcomes] == [(), ()]
