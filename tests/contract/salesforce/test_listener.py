"""The stream of changes: who did what, what is passed over, how it goes on after trouble."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from types import SimpleNamespace

import pytest
import requests

from app.config import Settings
from app.connectors.base import Notice, Ref
from app.connectors.salesforce.listener import SalesforceListener
from app.errors import Misconfigured, Reauthorize, Retryable
from tests.contract.salesforce.org import Org
from tests.contract.salesforce.records import customer, product

CHANGES = "/data/ChangeEvents"
Listen = Callable[..., Iterator[Notice]]


@pytest.fixture
def listen(org: Org) -> Iterator[Listen]:
    """Opens listeners on the org."""
    listeners: list[SalesforceListener] = []

    def start(cursor: str = "", **settings: str) -> Iterator[Notice]:
        port = requests.get(f"{org.url}/_sandbox/pubsub", timeout=10).json()["port"]
        endpoint = {"salesforce_login_url": org.url, "salesforce_pubsub": f"http://127.0.0.1:{port}"}
        listener = SalesforceListener(Settings(**{**endpoint, **settings}), org.account)
        listeners.append(listener)
        return chain.from_iterable(listener.listen(cursor))

    yield start
    for listener in listeners:
        listener.close()


def beginning(org: Org, listen: Listen, topic: str = CHANGES) -> str:
    """The cursor of now, which the first keep-alive tells."""
    org.control("org", pubsub_keepalive_seconds=0.2)
    notice = next(listen(salesforce_cdc_topic=topic))
    assert notice.refs == () and notice.event_id == ""
    return notice.cursor


def news(notices: Iterator[Notice]) -> Iterator[Notice]:
    return (notice for notice in notices if notice.event_id)


def test_what_people_change_is_told(org: Org, listen: Listen) -> None:
    cursor = beginning(org, listen)
    contact = org.make("Contact", LastName="Doe", Email="jane@example.com")
    org.api("PATCH", f"/sobjects/Contact/{contact}", {"Phone": "1", "FirstName": "Jane"})
    org.api("DELETE", f"/sobjects/Contact/{contact}")
    notices = news(listen(cursor))
    made, edited, deleted = (next(notices) for _ in range(3))
    assert [one.scope for one in (made, edited, deleted)] == [
        "ContactChangeEvent CREATE", "ContactChangeEvent UPDATE", "ContactChangeEvent DELETE",
    ]  # fmt: skip
    assert {one.refs for one in (made, edited, deleted)} == {(Ref("Contact", contact),)}
    told = json.loads(edited.body)
    assert "Phone" in told["changedFields"] and "Name.FirstName" in told["changedFields"]
    assert "jane" not in made.body.lower()
    # after the second comes the third
    assert next(news(listen(edited.cursor))).event_id == deleted.event_id


def test_our_own_changes_are_passed_over(org: Org, listen: Listen) -> None:
    cursor = beginning(org, listen)
    org.write(customer())
    account = org.make("Account", Name="Acme")
    passed = []
    for notice in listen(cursor):
        passed.append(notice)
        if notice.refs:
            break
    assert passed[-1].refs == (Ref("Account", account),) and len(passed) > 2
    assert [one.event_id for one in passed[:-1]] == [""] * (len(passed) - 1)


def test_a_price_is_its_products(org: Org, listen: Listen) -> None:
    org.write(product(7, 70))
    cursor = beginning(org, listen)
    entry = org.row("PricebookEntry")
    org.api("PATCH", f"/sobjects/PricebookEntry/{entry['Id']}", {"UnitPrice": 11})
    [notice] = [next(news(listen(cursor)))]
    assert notice.refs == (Ref("Product2", org.row("Product2")["Id"]),)


def test_what_nobody_follows_is_no_ref(org: Org, listen: Listen) -> None:
    cursor = beginning(org, listen)
    org.make("Case", Subject="Help")
    lead = org.make("Lead", LastName="Doe", Company="Acme")
    assert next(news(listen(cursor))).refs == (Ref("Lead", lead),)


def test_gaps_and_overflows(org: Org, listen: Listen) -> None:
    cursor = beginning(org, listen)
    contact = org.make("Contact", LastName="Doe")
    org.control("events/gap", entity="Contact", ids=[contact])
    org.control("events/overflow", entity="Product2")
    notices = news(listen(cursor))
    _, gap, overflow = (next(notices) for _ in range(3))
    assert gap.refs == (Ref("Contact", contact),) and gap.scope == "ContactChangeEvent GAP_UPDATE"
    assert overflow.refs == () and overflow.resync == ("Product2",)


@pytest.mark.parametrize(
    ("topic", "kinds"),
    [(CHANGES, {"Contact", "Account", "Lead", "Product2", "Order"}), ("/data/ContactChangeEvent", {"Contact"})],
)
def test_an_expired_cursor_asks_to_look_through(org: Org, listen: Listen, topic: str, kinds: set[str]) -> None:
    cursor = beginning(org, listen, topic)
    org.make("Contact", LastName="Doe")
    org.control("events/expire")
    contact = org.make("Contact", LastName="Roe")
    notices = news(listen(cursor, salesforce_cdc_topic=topic))
    lost, after = next(notices), next(notices)
    assert set(lost.resync) == kinds and json.loads(lost.cursor) == {}
    assert after.refs == (Ref("Contact", contact),)


def test_a_break_is_for_the_caller_to_wait(org: Org, listen: Listen) -> None:
    cursor = beginning(org, listen)
    contact = org.make("Contact", LastName="Doe")
    notices = news(listen(cursor))
    seen = next(notices)
    org.control("events/break")
    with pytest.raises(Retryable):
        next(notices)
    org.api("PATCH", f"/sobjects/Contact/{contact}", {"Phone": "1"})
    assert next(news(listen(seen.cursor))).scope == "ContactChangeEvent UPDATE"


def test_a_refused_session_is_renewed_once(org: Org, listen: Listen) -> None:
    cursor = beginning(org, listen)
    contact = org.make("Contact", LastName="Doe")
    org.control("session/expire")
    notices = news(listen(cursor))
    assert next(notices).refs == (Ref("Contact", contact),) and org.renewals == 1
    org.account = replace(org.account, access_token="wrong", renew=lambda refused: refused)
    with pytest.raises(Reauthorize):
        next(listen(cursor))


def test_a_topic_that_is_not_there(org: Org, listen: Listen) -> None:
    with pytest.raises(Misconfigured, match="Nothing__ChangeEvent"):
        next(listen(salesforce_cdc_topic="/data/Nothing__ChangeEvent"))


def test_a_platform_event_hints_at_an_order(org: Org, listen: Listen) -> None:
    fields = {"OrderId__c": "Text", "Status__c": "Text", "Tracking_Number__c": "Text"}
    org.control("events/platform", name="BC_Order_Status__e", fields=fields)
    cursor = beginning(org, listen)
    topics = {"salesforce_event_topic": "/event/BC_Order_Status__e"}
    both = json.loads(cursor) | {topics["salesforce_event_topic"]: json.loads(cursor)[CHANGES]}
    org.make("BC_Order_Status__e", OrderId__c="801xx000003DGWi", Status__c="Shipped")
    org.make("BC_Order_Status__e", OrderId__c="what?", Status__c="Shipped")
    notices = news(listen(json.dumps(both), **topics))
    first, second = next(notices), next(notices)
    assert first.scope == "BC_Order_Status__e" and first.refs == (Ref("Order", "801xx000003DGWiAAO"),)
    assert json.loads(first.body)["status"] == "Shipped" and second.refs == ()
    assert set(json.loads(second.cursor)) == {CHANGES, topics["salesforce_event_topic"]}


def test_more_events_than_one_credit(org: Org, listen: Listen) -> None:
    cursor = beginning(org, listen)
    records = [{"attributes": {"type": "Contact"}, "LastName": f"N{n}"} for n in range(150)]
    for _ in range(3):
        org.api("POST", "/composite/sobjects", {"records": records})
    notices = news(listen(cursor))
    seen = [next(notices).event_id for _ in range(450)]
    assert len(set(seen)) == 450


def test_what_was_not_told_yet_is_asked_for_again(org: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second event of an answer cannot be read for now: the first was not told either."""
    listener = SalesforceListener(Settings(), org.account)
    stream = SimpleNamespace(cancel=lambda: None)  # only ever closed
    monkeypatch.setattr(listener, "_positions", {CHANGES: "01"})
    monkeypatch.setattr(listener, "_streams", {CHANGES: stream})

    def notice(topic: str, event: str) -> Notice:
        if event == "03":
            raise Retryable("The schema did not come.")
        listener._positions[topic] = event
        return Notice(event, "changed")

    monkeypatch.setattr(listener, "_notice", notice)
    with pytest.raises(Retryable):
        next(listener._read(CHANGES, SimpleNamespace(events=["02", "03"])))
    assert listener._positions == {CHANGES: "01"}
    listener.close()
